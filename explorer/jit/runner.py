"""The only place that launches threads for arithmetic.

Two parallel launches at once abort the process under one of numba's threading layers, so launches wait for a lock.
The GUI thread never takes it: what it computes itself goes through :func:`run_here`.
"""

from __future__ import annotations

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
    if items == 1:  # waking threads would cost more than the work
        operation.compiled.ctypes(0, 0, block.ctypes.data)
        return
    counter = np.zeros(1, np.int64)
    function = operation.address
    with _launch_lock:
        _launch(
            function,
            block.ctypes.data,
            items,
            min(threads.count, MAXIMUM_THREADS, items),
            counter.ctypes.data,
            flag.address,
        )
    if flag.is_set:
        raise Cancelled


def run_here(operation: Operation, arguments: Sequence[Argument]) -> None:
    """Run item 0 of an operation on the calling thread, without the lock and without Python's."""
    block = _pack(arguments)
    operation.compiled.ctypes(0, 0, block.ctypes.data)


def _pack(arguments: Sequence[Argument]) -> npt.NDArray[np.int64]:
    block = np.empty(len(arguments), np.int64)
    reals = block.view(np.float64)
    for index, argument in enumerate(arguments):
        if isinstance(argument, np.ndarray):
            block[index] = argument.__array_interface__["data"][0]
        elif isinstance(argument, float):
            reals[index] = argument
        else:
            block[index] = argument or 0
    return block
