"""Memory between two pages that may not be touched: whoever reads or writes beyond it ends the process.

An array lies flush with the page behind it or with the one before it. What is left of its own pages on the other side
is filled with poison, which must still be there afterwards.
"""

from __future__ import annotations

import ctypes
import mmap
import os

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

POISON = 0x7FC0DEAD
"""The bits of a NaN that no arithmetic makes."""

_NOTHING, _READ = 0, 1


class Fence:
    """A float32 array, full of poison, between two forbidden pages."""

    def __init__(self, shape: tuple[int, ...], at_the_end: bool) -> None:
        size = int(np.prod(shape))
        page = mmap.PAGESIZE
        self._bytes = -(-max(4 * size, 1) // page) * page
        memory = mmap.mmap(-1, self._bytes + 2 * page)
        before = ctypes.addressof(ctypes.c_char.from_buffer(memory))
        self._start = before + page
        self._numbers = np.frombuffer(memory, np.uint32, self._bytes // 4, page)
        self._numbers[...] = POISON
        first = self._bytes // 4 - size if at_the_end else 0
        self._own = slice(first, first + size)
        self.array: Floats = self._numbers[self._own].view(np.float32).reshape(shape)
        for start in (before, self._start + self._bytes):
            _protect(start, page, _NOTHING)

    @property
    def is_intact(self) -> bool:
        """Whether nothing was written beside the array."""
        beside = self._numbers[: self._own.start], self._numbers[self._own.stop :]
        return all(bool((part == POISON).all()) for part in beside)

    @property
    def untouched(self) -> npt.NDArray[np.bool_]:
        """Where in the array nothing was written."""
        return np.equal(self.array.view(np.uint32), POISON)

    def lock(self) -> None:
        """From now on nothing may be written to the array."""
        _protect(self._start, self._bytes, _READ)
        self.array.flags.writeable = False


def fenced(array: npt.NDArray[np.float32], at_the_end: bool) -> Floats:
    """A copy of the array between two forbidden pages."""
    fence = Fence(array.shape, at_the_end)
    fence.array[...] = array
    return fence.array


def locked(array: npt.NDArray[np.float32], at_the_end: bool) -> Floats:
    """The same, and nobody may write to the copy."""
    fence = Fence(array.shape, at_the_end)
    fence.array[...] = array
    fence.lock()
    return fence.array


def _protect(start: int, size: int, access: int) -> None:
    protect = ctypes.CDLL(None, use_errno=True).mprotect
    protect.argtypes = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int
    if protect(start, size, access):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
