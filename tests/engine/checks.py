"""What the tests of the engine share: numbers to compute with, and what it means to be right or refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

TOLERANCE = 1e-5
"""Largest error allowed, as a part of the largest output."""

Floats = npt.NDArray[np.float32]


def normal(*shape: int, seed: int = 0) -> Floats:
    """Normally distributed numbers, the same at each call."""
    return np.random.default_rng(seed).standard_normal(shape, dtype=np.float32)


def ramp(*shape: int) -> Floats:
    """0, 1, 2, ... in reading order."""
    return np.arange(np.prod(shape), dtype=np.float32).reshape(shape)


def picture(rows: Any) -> Floats:
    """Rows of numbers as one picture of one channel, (1, 1, H, W)."""
    return np.array(rows, np.float32)[np.newaxis, np.newaxis]


def filters(*kernels: Any) -> Floats:
    """Kernels of one channel as weights, (M, 1, Kh, Kw)."""
    return np.array(kernels, np.float32)[:, np.newaxis]


def assert_close(actual: Any, expected: npt.NDArray[Any], tolerance: float = TOLERANCE) -> None:
    """The same shape, float32, NaN and infinity in the same places, the rest within the tolerance."""
    assert isinstance(actual, np.ndarray)
    assert actual.dtype == np.float32
    assert actual.shape == expected.shape
    finite = np.isfinite(expected)
    np.testing.assert_array_equal(actual[~finite], expected[~finite])
    scale = max(float(np.abs(expected[finite]).max(initial=0.0)), 1.0)
    np.testing.assert_allclose(actual[finite], expected[finite], rtol=0, atol=tolerance * scale)


def assert_same_bits(actual: Floats, expected: Floats) -> None:
    """Not one bit differs, so NaN equals NaN and 0 is not -0."""
    assert actual.shape == expected.shape
    np.testing.assert_array_equal(actual.view(np.uint32), expected.view(np.uint32))


def assert_refused(call: Callable[[], object], *numbers: object) -> None:
    """The call raises ValueError with one sentence that names the numbers."""
    with pytest.raises(ValueError) as caught:
        call()
    message = str(caught.value)
    assert message
    assert "\n" not in message
    assert not re.search(r"[.!?]\s+\S", message), f"more than one sentence: {message}"
    for number in numbers:
        assert re.search(rf"(?<![\w.]){re.escape(str(number))}(?!\w)", message), (
            f"{number} is not in: {message}"
        )
