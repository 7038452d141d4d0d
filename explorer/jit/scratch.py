"""Memory for what a work item needs while it runs: one stretch per thread, kept from call to call."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from explorer.jit.compiler import MAXIMUM_THREADS
from explorer.jit.threads import threads

_ALIGNMENT = 64
_KEPT = 16 << 20  # bytes; larger ones are given back


@dataclass(frozen=True, eq=False)
class Scratch:
    """float32 memory, alive with this object: worker w has ``size`` numbers from ``address + 4 * w * size`` on."""

    workers: int
    size: int
    address: int
    _raw: npt.NDArray[np.float32]


def _new(workers: int, size: int) -> Scratch:
    size = -(-size // 16) * 16
    raw = np.empty(workers * size + _ALIGNMENT // 4, np.float32)
    begin: int = raw.ctypes.data
    return Scratch(workers, size, begin + -begin % _ALIGNMENT, raw)


class _Kept(threading.local):
    """A single item runs outside the launch lock, on any thread, so each thread has its own."""

    scratch: Scratch = _new(1, 0)


class _Shared:
    """Launches follow one another, so all of them may share one."""

    scratch: Scratch = _new(0, 0)


_kept = _Kept()


def scratch(size: int, items: int) -> Scratch:
    """At least ``size`` numbers for each worker, on cache lines of its own."""
    workers = min(threads.count, MAXIMUM_THREADS) if items > 1 else 1
    known = _Shared.scratch if items > 1 else _kept.scratch
    if known.workers >= workers and known.size >= size:
        return known
    fresh = _new(workers, size)
    if fresh.workers * fresh.size * 4 <= _KEPT:
        if items > 1:
            _Shared.scratch = fresh
        else:
            _kept.scratch = fresh
    return fresh
