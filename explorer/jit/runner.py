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
    operation: Operation, items: int, arguments: Sequence[Argument], cancel: CancelFlag | None = None
) -> None:
    """Do items 0..items-1 of an operation on all threads and return when all are done.

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
            min(threads.count, MAXIMUM_THREADS, items),
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
    """Where an array begins."""
    if array.flags.writeable and array.flags.c_contiguous and array.size:
        return ctypes.addressof(
            ctypes.c_char.from_buffer(array.data)
        )  # five times as fast as asking the array
    address: int = array.__array_interface__["data"][0]
    return address
