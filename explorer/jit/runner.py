"""The only place that launches threads for arithmetic.

Two parallel launches at once abort the process under one of numba's threading layers, so launches wait for a lock.
The GUI thread never takes it: what it computes itself goes through :func:`run_here`.
"""

from __future__ import annotations

import ctypes
import struct
import sys
import threading
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from explorer.errors import Cancelled
from explorer.jit.cancel import CancelFlag
from explorer.jit.compiler import MAXIMUM_THREADS, Operation, call, parallel, peek, prange, take_next
from explorer.jit.threads import set_threads, threads

__all__ = ["Argument", "run", "run_here", "set_threads"]

Argument = int | float | npt.NDArray[np.generic] | None

_pointer = ctypes.pythonapi.PyCapsule_GetPointer
_pointer.restype, _pointer.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]


class _ArrayInterface(ctypes.Structure):
    """PyArrayInterface, as NumPy's documentation of the array interface protocol gives it."""

    _fields_ = [
        ("two", ctypes.c_int),
        ("nd", ctypes.c_int),
        ("typekind", ctypes.c_char),
        ("itemsize", ctypes.c_int),
        ("flags", ctypes.c_int),
        ("shape", ctypes.c_void_p),
        ("strides", ctypes.c_void_p),
        ("data", ctypes.c_void_p),
        ("descr", ctypes.c_void_p),
    ]


_DATA = _ArrayInterface.data.offset
_launch_lock = threading.Lock()
_never = CancelFlag()


@parallel
def _launch(function: int, arguments: int, items: int, threads: int, counter: int, cancel: int) -> None:
    for worker in prange(threads):
        while peek(cancel) == 0:
            item = take_next(counter)
            if item >= items:
                break
            call(function, item, worker, arguments)


def run(
    operation: Operation,
    items: int,
    arguments: Sequence[Argument],
    cancel: CancelFlag | None = None,
    workers: int = MAXIMUM_THREADS,
) -> None:
    """Do items 0..items-1 of an operation on all threads and return when all are done.

    ``workers`` are as many as there is scratch memory for: the number of threads may have grown since it was made.

    Raises
    ------
    Cancelled
        If the flag went up; the output is then incomplete.
    """
    flag = cancel or _never
    if flag.is_set:
        raise Cancelled
    block = _pack(arguments)
    address = address_of(block)
    if items == 1:  # waking threads would cost more than the work
        operation.here(0, 0, address)
        return
    counter = ctypes.c_int64(0)
    function = operation.address
    with _launch_lock:
        _launch(
            function,
            address,
            items,
            min(threads.count, workers, items),
            ctypes.addressof(counter),
            flag.address,
        )
    if flag.is_set:
        raise Cancelled


def run_here(operation: Operation, arguments: Sequence[Argument]) -> None:
    """Run item 0 of an operation on the calling thread, without the lock and without Python's."""
    block = _pack(arguments)
    operation.here(0, 0, address_of(block))


def _pack(arguments: Sequence[Argument]) -> npt.NDArray[np.int64]:
    """The argument block; the caller keeps it alive, and the arrays."""
    return np.array([_word(argument) for argument in arguments], np.int64)


def _word(argument: Argument) -> int:
    if isinstance(argument, int):
        return argument
    if isinstance(argument, np.ndarray):
        return address_of(argument)
    return 0 if argument is None else int.from_bytes(struct.pack("=d", argument), sys.byteorder, signed=True)


def address_of(array: npt.NDArray[np.generic]) -> int:
    """Where an array begins. NumPy's interface for C tells it in half the time of that for Python."""
    capsule = array.__array_struct__  # the structure lives as long as this
    structure = _pointer(capsule, None)
    address = ctypes.c_void_p.from_address(structure + _DATA).value
    return address or 0
