"""The flag that ends running kernels early."""

from __future__ import annotations

import ctypes


class CancelFlag:
    """A word in memory that workers look at before each work item."""

    def __init__(self) -> None:
        self._word = ctypes.c_int64(0)
        self.address = ctypes.addressof(self._word)
        """Where the word lies; valid as long as the flag lives."""

    def set(self) -> None:
        """Ask everything that runs with this flag to stop."""
        self._word.value = 1

    @property
    def is_set(self) -> bool:
        """Whether somebody asked to stop."""
        return self._word.value != 0
