"""Arrays that begin on a cache line: a vector in them is never torn between two.

Memory of large arrays that nobody uses any more is kept for the next ones. From the system it would come in pages
that have to be cleared at first touch, which takes longer than most layers do.
"""

from __future__ import annotations

import contextlib
import math
from collections import deque
from typing import Any

import numpy as np
import numpy.typing as npt

from explorer.jit.addresses import address_of

_LINE = 64  # bytes
_LARGE = 1 << 20  # bytes; smaller ones malloc keeps by itself
_KEPT = 48 << 20  # bytes in all
_WASTE = 1.25  # memory so many times as large as wanted will do


def empty(shape: tuple[int, ...]) -> npt.NDArray[np.float32]:
    """float32 memory whose content is not defined."""
    size = 4 * math.prod(shape)
    if size < _LARGE:
        return _aligned(np.empty(size + _LINE, np.uint8), size).reshape(shape)
    return np.asarray(_Block(_pool.take(size), size)).reshape(shape)


def _aligned(raw: npt.NDArray[np.uint8], size: int) -> npt.NDArray[np.float32]:
    start = -address_of(raw) % _LINE
    return raw[start : start + size].view(np.float32)


def kept_bytes() -> int:
    """How much waits for the next arrays."""
    return _pool.bytes


def forget() -> None:
    """Give what waits back to the system."""
    _pool.clear()


class _Pool:
    """Memory that was given back. Threads and collections may interrupt each other anywhere, so nothing is shared."""

    def __init__(self) -> None:
        self._free: deque[npt.NDArray[np.uint8]] = deque()

    def take(self, size: int) -> npt.NDArray[np.uint8]:
        """At least ``size`` bytes on a cache line, the smallest that fit."""
        waiting = self._take_all()
        fitting = [raw for raw in waiting if size + _LINE <= len(raw) <= _WASTE * size]
        best = min(fitting, key=len, default=None)
        self._free.extendleft(raw for raw in reversed(waiting) if raw is not best)
        return np.empty(size + _LINE, np.uint8) if best is None else best

    def give(self, raw: npt.NDArray[np.uint8]) -> None:
        """Keep it, and forget the oldest where that is too much."""
        if len(raw) > _KEPT:
            return
        self._free.append(raw)
        if self.bytes > _KEPT:
            waiting = self._take_all()
            while sum(map(len, waiting)) > _KEPT:
                waiting.pop(0)
            self._free.extendleft(reversed(waiting))

    def clear(self) -> None:
        """Forget all."""
        self._free.clear()

    @property
    def bytes(self) -> int:
        """That are kept."""
        return sum(map(len, tuple(self._free)))

    def _take_all(self) -> list[npt.NDArray[np.uint8]]:
        taken = []
        with contextlib.suppress(IndexError):
            while True:
                taken.append(self._free.popleft())
        return taken


_pool = _Pool()


class _Block:
    """What all views of one array hold on to; when the last is gone, its memory goes back."""

    def __init__(self, raw: npt.NDArray[np.uint8], size: int) -> None:
        self._raw, self._give = raw, _pool.give
        numbers = _aligned(raw, size)
        self.__array_interface__: dict[str, Any] = numbers.__array_interface__

    def __del__(self) -> None:
        self._give(self._raw)
