"""Flatten and Linear."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from explorer.layers import Flatten, Linear
from explorer.layers.layer import ShapeError
from tests.layers.contract import numbers, run


def test_flatten__runs_channel_by_channel_and_row_by_row() -> None:
    x = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
    np.testing.assert_array_equal(run(Flatten(), x), np.arange(24))
    assert Flatten().output_shape((16, 7, 7)) == (784,)
    assert Flatten().output_shape((784,)) == (784,)


def test_flatten__says_the_product() -> None:
    assert Flatten().sentences((16, 14, 14)) == ("16 × 14 × 14 = 3,136",)
    assert Flatten().sentences((784,)) == ()


def test_linear__is_a_weighted_sum_of_all_inputs() -> None:
    x = numbers(12)
    layer = dataclasses.replace(Linear(out_features=5).fit((12,)), bias_values=np.arange(5, dtype=np.float32))
    assert layer.weight is not None
    expected = layer.weight.astype(np.float64) @ x + np.arange(5)
    np.testing.assert_allclose(run(layer, x), expected, atol=1e-5)
    np.testing.assert_allclose(
        run(dataclasses.replace(layer, bias=False), x), expected - np.arange(5), atol=1e-5
    )


def test_linear__counts_its_parameters() -> None:
    assert Linear(out_features=10).parameter_count((784,)) == 7850
    assert Linear(out_features=10, bias=False).parameter_count((784,)) == 7840
    assert Linear(out_features=10).multiply_adds((784,)) == 7840


def test_linear__behind_maps_offers_flatten() -> None:
    layer = Linear(name="scores")
    with pytest.raises(ShapeError) as caught:
        layer.output_shape((16, 7, 8))
    assert str(caught.value) == (
        "Linear takes a row of numbers, but its input is 16 maps of 8×7: put Flatten before it."
    )
    assert caught.value.fix is not None
    flatten, again = caught.value.fix.layers
    assert isinstance(flatten, Flatten)
    assert again is layer
    assert again.output_shape(flatten.output_shape((16, 7, 8))) == (10,)


def test_linear__keeps_its_weights_when_inputs_go_and_come() -> None:
    layer = Linear(out_features=4).fit((12,))
    assert layer.weight is not None
    smaller = layer.fit((5,))
    assert smaller.weight is not None
    np.testing.assert_array_equal(smaller.weight, layer.weight[:, :5])
    assert layer.fit((12,)) is layer


def test_linear__keeps_its_weights_when_outputs_go_and_come() -> None:
    layer = Linear(out_features=4).fit((12,))
    fewer = dataclasses.replace(layer, out_features=2)
    back = dataclasses.replace(fewer, out_features=4).fit((12,))
    assert back.weight is layer.weight


def test_linear__needs_weights() -> None:
    with pytest.raises(ValueError, match="scores has no weights yet"):
        Linear(name="scores").forward(numbers(1, 12))
