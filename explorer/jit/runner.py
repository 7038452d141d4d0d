"""The only place that launches threads for arithmetic.

Threads work for one launch at a time, so launches wait for a lock. The GUI thread never takes it: what it computes
itself goes through :func:`run_here`.
"""

from __future__ import annotations

import struct
import sys
from array import array
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from explorer.errors import Cancelled
from explorer.jit.addresses import address_of
from explorer.jit.cancel import CancelFlag
from explorer.jit.compiler import MAXIMUM_THREADS, Operation
from explorer.jit.pool import flushed, pool
from explorer.jit.threads import set_threads, threads

__all__ = ["Argument", "run", "run_here", "set_threads"]

Argument = int | float | npt.NDArray[np.generic] | None

_never = CancelFlag()


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
        if operation.flushes:
            flushed.here(operation.address, 0, address)
        else:
            operation.here(0, 0, address)
        return
    function = operation.address
    with pool.lock:
        count = min(threads.count, workers, items)
        pool.run(function, address, items, count, flag.address, operation.flushes)
    if flag.is_set:
        raise Cancelled


def run_here(operation: Operation, arguments: Sequence[Argument]) -> None:
    """Run item 0 of an operation on the calling thread, without the lock and without Python's."""
    block = _pack(arguments)
    operation.here(0, 0, block.buffer_info()[0])


def _pack(arguments: Sequence[Argument]) -> array[int]:
    """The argument block; the caller keeps it alive, and the arrays. An array of words is one already."""
    if isinstance(arguments, array):
        return arguments
    words = [
        a if type(a) is int else address_of(a) if isinstance(a, np.ndarray) else _word(a) for a in arguments
    ]
    return array("q", words)


def _word(number: float | None) -> int:
    """A float64 number as 64 bits."""
    if isinstance(number, float):
        return int.from_bytes(struct.pack("=d", number), sys.byteorder, signed=True)
    return number or 0
