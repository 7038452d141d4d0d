"""Batch normalisation with fixed statistics."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.layers import BatchNorm2d
from explorer.layers.fields import FieldError
from tests.layers.contract import numbers, run


def test_forward__moves_and_scales_each_channel() -> None:
    mean, var, weight, bias = (
        numbers(3, seed=1),
        np.abs(numbers(3, seed=2)),
        numbers(3, seed=3),
        numbers(3, seed=4),
    )
    layer = BatchNorm2d(running_mean=mean, running_var=var, weight=weight, bias_values=bias, eps=0.001)
    x = numbers(3, 4, 5)
    scale, offset = (weight / np.sqrt(var + 0.001))[:, None, None], bias[:, None, None]
    np.testing.assert_allclose(run(layer, x), (x - mean[:, None, None]) * scale + offset, atol=1e-5)


def test_fit__new_channels_are_left_as_they_are() -> None:
    layer = BatchNorm2d(running_mean=np.ones(2, np.float32), weight=np.full(2, 3, np.float32), eps=0.0)
    x = numbers(4, 3, 3)
    y = run(layer, x)
    np.testing.assert_allclose(y[:2], (x[:2] - 1) * 3, atol=1e-6)
    np.testing.assert_allclose(y[2:], x[2:], atol=1e-6)


def test_fit__channels_that_went_come_back() -> None:
    layer = BatchNorm2d(running_mean=np.arange(4, dtype=np.float32)).fit((4, 3, 3))
    assert layer.fit((2, 3, 3)).running_mean is not None
    assert layer.fit((4, 9, 9)) is layer


def test_construction__a_negative_variance_is_refused() -> None:
    with pytest.raises(FieldError, match=r"at least 0, has -0\.5") as caught:
        BatchNorm2d(running_var=np.array([1, -0.5], np.float32))
    assert caught.value.field == "running_var"


def test_forward__needs_statistics() -> None:
    with pytest.raises(ValueError, match="norm has no statistics yet"):
        BatchNorm2d(name="norm").forward(numbers(1, 3, 4, 5))
