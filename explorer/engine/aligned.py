"""Arrays that begin on a cache line: a vector in them is never torn between two."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

_LINE = 64  # bytes


def empty(shape: tuple[int, ...]) -> npt.NDArray[np.float32]:
    """float32 memory whose content is not defined."""
    size = math.prod(shape)
    raw = np.empty(4 * size + _LINE, np.uint8)
    start = -raw.ctypes.data % _LINE
    return raw[start : start + 4 * size].view(np.float32).reshape(shape)
