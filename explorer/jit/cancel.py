"""The flag that ends running kernels early."""

from __future__ import annotations

import numpy as np


class CancelFlag:
    """A word in memory that workers look at before each work item."""

    def __init__(self) -> None:
        self._word = np.zeros(1, np.int64)

    def set(self) -> None:
        """Ask everything that runs with this flag to stop."""
        self._word[0] = 1

    @property
    def is_set(self) -> bool:
        """Whether somebody asked to stop."""
        return bool(self._word[0])

    @property
    def address(self) -> int:
        """Where the word lies; valid as long as the flag lives."""
        return int(self._word.ctypes.data)
