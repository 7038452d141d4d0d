"""Memory for what a work item needs while it runs: one stretch per thread, kept from call to call."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from explorer.jit.compiler import MAXIMUM_THREADS
from explorer.jit.threads import threads

_ALIGNMENT = 64
_KEPT = 16 << 20  # bytes; larger ones are given back


class _Kept:
    memory: npt.NDArray[np.float32] = np.empty((0, 0), np.float32)


def scratch(size: int, items: int) -> npt.NDArray[np.float32]:
    """(workers, at least ``size``) numbers, each row on a cache line of its own.

    Launches follow one another, so all of them may share one; a single item runs outside the lock and gets its own.
    """
    workers = min(threads.count, MAXIMUM_THREADS) if items > 1 else 1
    kept = _Kept.memory
    if items > 1 and kept.shape[0] >= workers and kept.shape[1] >= size:
        return kept
    memory = _aligned(workers, -(-size // 16) * 16)
    if items > 1 and memory.nbytes <= _KEPT:
        _Kept.memory = memory
    return memory


def _aligned(workers: int, size: int) -> npt.NDArray[np.float32]:
    raw = np.empty(workers * size + _ALIGNMENT // 4, np.float32)
    start = -raw.ctypes.data % _ALIGNMENT // 4
    return raw[start : start + workers * size].reshape(workers, size)
