"""Where the numbers of an array lie in memory."""

from __future__ import annotations

import ctypes

import numpy as np
import numpy.typing as npt

_size_at = ctypes.c_size_t.from_address
_DATA = object.__basicsize__  # behind what every Python object has: the first field of an array


def _quickly(numbers: npt.NDArray[np.generic]) -> int:
    return _size_at(id(numbers) + _DATA).value


def _officially(numbers: npt.NDArray[np.generic]) -> int:
    return numbers.ctypes.data


_samples = [np.zeros(size) for size in (1, 3, 1000)]
_is_sure = all(_quickly(sample) == _officially(sample) for sample in _samples)
address_of = _quickly if _is_sure else _officially
"""Where an array begins. NumPy's own way to tell takes ten times as long as the header of its C interface."""
