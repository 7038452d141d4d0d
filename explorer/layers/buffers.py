"""Memory for layer outputs, used again once nobody looks at it.

Fresh memory of a large picture costs more than the arithmetic: the system has to clear every page of it. So outputs
are *leased*. When the last view of one is gone, its memory comes back and waits for an output of the same size.

A buffer remembers what each of its channels holds, as one token per channel. An edit that changes one filter then
computes one channel and copies only those that differ from what the buffer held before.
"""

from __future__ import annotations

import weakref
from collections import deque
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from explorer.layers.fields import Array

Content = tuple[object, ...]
"""What each channel holds: equal objects, equal numbers."""

_FREE_BYTES = 512 << 20
_FREE_OF_A_SIZE = 12


@dataclass(eq=False)
class _Memory:
    raw: Array
    content: Content = ()


class _Owner:
    """What an array's memory belongs to. Views of the array keep it alive, and its end tells that all are gone."""

    def __init__(self, memory: _Memory) -> None:
        self.__array_interface__: dict[str, Any] = memory.raw.__array_interface__


@dataclass(frozen=True, eq=False)
class Lease:
    """An array to write to, and what its channels hold already."""

    array: Array
    held: Content
    _memory: _Memory = field(repr=False)

    def filled(self, content: Content) -> None:
        """The array is complete and will not be written to again."""
        self._memory.content = content
        self.array.flags.writeable = False


class BufferPool:
    """Buffers that nobody uses at the moment. Safe to use from one thread, while arrays end on any.

    ``free_bytes`` bounds what waits here.
    """

    def __init__(self) -> None:
        self.free_bytes = _FREE_BYTES
        self._free: deque[_Memory] = deque()

    def lease(self, shape: tuple[int, ...], like: Content = ()) -> Lease:
        """An uninitialised array, by preference one whose channels hold what ``like`` says."""
        memory = self._best(shape, like) or _Memory(np.empty(shape, np.float32))
        held, memory.content = memory.content, ()  # half written, it holds nothing for certain
        owner = _Owner(memory)
        weakref.finalize(owner, self._free.append, memory).atexit = False
        return Lease(np.asarray(owner), held, memory)

    def clear(self) -> None:
        """Give everything back to the system."""
        self._free.clear()

    def _best(self, shape: tuple[int, ...], like: Content) -> _Memory | None:
        waiting = []
        while self._free:  # other threads may append meanwhile
            waiting.append(self._free.popleft())
        fitting = [memory for memory in waiting if memory.raw.shape == shape]
        best = max(fitting, key=lambda memory: _equal(memory.content, like), default=None)
        kept, used = [], 0
        counts: dict[tuple[int, ...], int] = {}
        for memory in reversed(waiting):  # the newest are the likeliest to be wanted
            size = memory.raw.shape
            if (
                memory is best
                or counts.get(size, 0) >= _FREE_OF_A_SIZE
                or used + memory.raw.nbytes > self.free_bytes
            ):
                continue
            counts[size] = counts.get(size, 0) + 1
            used += memory.raw.nbytes
            kept.append(memory)
        self._free.extendleft(kept)
        return best


def _equal(first: Content, second: Content) -> int:
    return sum(a is b for a, b in zip(first, second, strict=False))
