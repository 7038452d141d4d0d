"""The only place that launches threads for arithmetic.

Two parallel launches at once abort the process under one of numba's threading layers, so launches wait for a lock.
The GUI thread never takes it: what it computes itself goes through :func:`run_here`.
"""

from __future__ import annotations

import ctypes
import struct
import sys
import threading
from array import array
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from explorer.errors import Cancelled
from explorer.jit.cancel import CancelFlag
from explorer.jit.compiler import MAXIMUM_THREADS, Operation, call_at, parallel, peek, prange, take_next
from explorer.jit.threads import set_threads, threads

__all__ = ["Argument", "run", "run_here", "set_threads"]

Argument = int | float | npt.NDArray[np.generic] | None

_size_at = ctypes.c_size_t.from_address
_DATA = (
    object.__basicsize__
)  # an array's first field behind what every Python object has: where its numbers begin


def _address_quickly(numbers: npt.NDArray[np.generic]) -> int:
    return _size_at(id(numbers) + _DATA).value


def _address_officially(numbers: npt.NDArray[np.generic]) -> int:
    return numbers.ctypes.data


_samples = [np.zeros(size) for size in (1, 3, 1000)]
address_of = (
    _address_quickly
    if all(_address_quickly(sample) == _address_officially(sample) for sample in _samples)
    else _address_officially
)
"""Where an array begins. NumPy's own way to tell takes ten times as long as the header of its C interface."""

_launch_lock = threading.Lock()
_never = CancelFlag()


@parallel
def _launch(function: int, arguments: int, items: int, threads: int, counter: int, cancel: int) -> None:
    for worker in prange(threads):
        while peek(cancel) == 0:
            item = take_next(counter)
            if item >= items:
                break
            call_at(function, item, worker, arguments)


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
    address, _ = block.buffer_info()
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
    operation.here(0, 0, block.buffer_info()[0])


def _pack(arguments: Sequence[Argument]) -> array[int]:
    """The argument block; the caller keeps it alive, and the arrays."""
    return array("q", [a if type(a) is int else _word(a) for a in arguments])


def _word(argument: Argument) -> int:
    if isinstance(argument, np.ndarray):
        return address_of(argument)
    if isinstance(argument, float):
        return int.from_bytes(struct.pack("=d", argument), sys.byteorder, signed=True)
    return argument or 0
