"""Memory for layer outputs, used again once nobody looks at it.

Fresh memory of a large picture costs more than the arithmetic: the system has to clear every page of it. So outputs
are *leased*. When the last view of one is gone, its memory comes back and waits for an output of the same size.

A buffer remembers what each of its channels holds, as one token per channel. An edit that changes one filter then
computes one channel and copies only those that differ from what the buffer held before.

Spare buffers are made ready while there is nothing else to do, so that the first edit after a rest need not wait for
memory either.
"""

from __future__ import annotations

import operator
import weakref
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from explorer.engine import aligned
from explorer.layers.fields import Array


@dataclass(frozen=True, eq=False)
class Token:
    """What a channel holds: the same token and the same channel, the same numbers.

    ``exact`` says that they were computed on the path whose bits never vary.
    """

    exact: bool = True


Content = tuple[Token, ...]
"""What each channel holds."""

_FREE_BYTES = 512 << 20
_FREE_OF_A_SIZE = 12
_SPARES = 2  # one that is being written while the screen still shows an older one
_PAGE = 1024  # numbers in the smallest page that systems have
_LARGE = 128 << 20  # bytes of memory that take so long to hand out that somebody may give up
_BLOCK = 1 << 18  # numbers that are copied before looking whether somebody waits: about a millisecond


@dataclass(eq=False)
class _Memory:
    raw: Array
    content: Content = ()
    touched: int = 0  # so many numbers have been written to at least once

    def touch(self, interrupted: Callable[[], bool]) -> None:
        """Write to every page that was never written to, in small steps."""
        flat = self.raw.reshape(-1)
        while self.touched < flat.size and not interrupted():
            flat[self.touched : self.touched + _BLOCK : _PAGE] = 0
            self.touched += _BLOCK

    def take_over(self, array: Array, content: Content, interrupted: Callable[[], bool]) -> None:
        """Hold what an array (1, C, ...) does, channel by channel, in small steps."""
        if self.touched < self.raw.size:  # touching what is left would overwrite it
            return
        held = list(self.content) or [Token() for _ in content]
        for channel, token in enumerate(content):
            if held[channel] is token:
                continue
            source, target = array[0, channel].reshape(-1), self.raw[0, channel].reshape(-1)
            held[channel] = Token()  # half written, it holds nothing that anybody knows
            for start in range(0, source.size, _BLOCK):
                if interrupted():
                    break
                target[start : start + _BLOCK] = source[start : start + _BLOCK]
            else:
                held[channel] = token
        self.content = tuple(held)


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
        self._memory.touched = self.array.size
        self.array.flags.writeable = False


class BufferPool:
    """Buffers that nobody uses at the moment. Safe to use from one thread, while arrays end on any.

    ``free_bytes`` bounds what waits here.
    """

    def __init__(self) -> None:
        self.free_bytes = _FREE_BYTES
        self._free: deque[_Memory] = deque()

    def lease(
        self, shape: tuple[int, ...], like: Content = (), interrupted: Callable[[], bool] = lambda: False
    ) -> Lease:
        """An uninitialised array, by preference one whose channels hold what ``like`` says.

        ``interrupted`` says that nobody wants it any more.
        """
        memory = self._best(shape, like) or _Memory(aligned.empty(shape))
        if memory.raw.nbytes > _LARGE:  # here in small steps, and not by a kernel in large ones
            memory.touch(interrupted)
        held, memory.content = memory.content, ()  # half written, it holds nothing for certain
        owner = _Owner(memory)
        weakref.finalize(owner, self._free.append, memory).atexit = False
        return Lease(np.asarray(owner), held, memory)

    def make_spares(self, outputs: Sequence[tuple[Array, Content]], interrupted: Callable[[], bool]) -> None:
        """Let two buffers wait for each of these outputs and hold what it holds, as far as ``free_bytes`` allows.

        Buffers of other shapes go back to the system: nothing has that shape any more. Ends soon after ``interrupted``
        says so; what has been done by then is not lost.
        """
        wanted = [output for output in outputs if len(output[0]) == 1 for _ in range(_SPARES)]
        shapes = {array.shape for array, _ in wanted}
        waiting = [memory for memory in self._take_all() if memory.raw.shape in shapes]
        spares: list[_Memory | None] = []
        for array, content in wanted:  # those that hold some of it, before another output takes them
            spares.append(_most_like(content, [memory for memory in waiting if _fits(memory, array)]))
            waiting = [memory for memory in waiting if memory is not spares[-1]]
        used = sum(memory.raw.nbytes for memory in [*waiting, *spares] if memory is not None)
        for index, (array, _) in enumerate(wanted):
            if spares[index] is None:
                spares[index] = next((memory for memory in waiting if _fits(memory, array)), None)
                waiting = [memory for memory in waiting if memory is not spares[index]]
            if spares[index] is None and used + array.nbytes <= self.free_bytes:
                spares[index] = _Memory(aligned.empty(array.shape))
                used += array.nbytes
        self._free.extendleft(reversed(waiting))
        self._free.extend(memory for memory in spares if memory is not None)
        self.touch(interrupted)
        for memory, (array, content) in zip(spares, wanted, strict=True):
            if memory is not None:
                memory.take_over(array, content, interrupted)

    def touch(self, interrupted: Callable[[], bool]) -> None:
        """Have the system hand out the memory of every waiting buffer."""
        for memory in tuple(self._free):
            memory.touch(interrupted)

    def clear(self) -> None:
        """Give everything back to the system."""
        self._free.clear()
        aligned.forget()

    def _take_all(self) -> list[_Memory]:
        waiting = []
        while self._free:  # other threads may append meanwhile
            waiting.append(self._free.popleft())
        return waiting

    def _best(self, shape: tuple[int, ...], like: Content) -> _Memory | None:
        waiting = self._take_all()
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


def _fits(memory: _Memory, array: Array) -> bool:
    return memory.raw.shape == array.shape


def _most_like(content: Content, memories: Sequence[_Memory]) -> _Memory | None:
    """The one that holds most of it; None where none holds any."""
    best = max(memories, key=lambda memory: _equal(memory.content, content), default=None)
    return best if best is not None and _equal(best.content, content) else None


def _equal(first: Content, second: Content) -> int:
    return sum(map(operator.is_, first, second))
