"""Pooling layers: shapes, rounding, and errors with a remedy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from explorer.layers import AvgPool2d, GlobalAvgPool2d, GlobalMaxPool2d, Layer, MaxPool2d
from explorer.layers.layer import ShapeError
from tests import reference
from tests.layers.contract import numbers, run

both = pytest.mark.parametrize("layer_type", [MaxPool2d, AvgPool2d])

ARGUMENTS: list[dict[str, Any]] = [
    {"kernel_size": 2},
    {"kernel_size": (2, 3), "stride": 1},
    {"kernel_size": 3, "stride": 2, "padding": 1},
    {"kernel_size": 3, "stride": 2, "padding": 1, "ceil_mode": True},
    {"kernel_size": 2, "stride": 3, "ceil_mode": True},
    {"kernel_size": 3, "stride": 2, "padding": "same"},
    {"kernel_size": 4, "stride": 2, "padding": (0, 2, 1, 3)},
]


@both
@pytest.mark.parametrize("arguments", ARGUMENTS, ids=str)
def test_forward__pools(layer_type: type[MaxPool2d | AvgPool2d], arguments: dict[str, Any]) -> None:
    layer, x = layer_type(**arguments), numbers(1, 3, 8, 11)
    slow = reference.max_pool2d if layer_type is MaxPool2d else reference.avg_pool2d
    expected = slow(x, **arguments)
    assert layer.output_shape((3, 8, 11)) == expected.shape[1:]
    np.testing.assert_allclose(layer.forward(x), expected, atol=1e-6)


def test_forward__dilation_and_counted_padding_arrive() -> None:
    x = numbers(1, 3, 8, 11)
    wide = MaxPool2d(kernel_size=(2, 2), dilation=(3, 2), stride=(1, 1))
    np.testing.assert_array_equal(wide.forward(x), reference.max_pool2d(x, 2, stride=1, dilation=(3, 2)))
    bare = AvgPool2d(kernel_size=(3, 3), padding=(1, 1), count_include_pad=False)
    expected = reference.avg_pool2d(x, 3, padding=1, count_include_pad=False)
    np.testing.assert_allclose(bare.forward(x), expected, atol=1e-6)


def test_stride__left_out_is_the_window() -> None:
    layer = MaxPool2d(kernel_size=(2, 3))
    assert layer.stride is None
    assert layer.sliding_window.stride == (2, 3)
    assert layer.output_shape((1, 4, 6)) == (1, 2, 2)


@both
def test_ceil_mode__keeps_the_overhanging_window(layer_type: type[MaxPool2d | AvgPool2d]) -> None:
    assert layer_type().output_shape((5, 93, 126)) == (5, 46, 63)
    assert layer_type(ceil_mode=True).output_shape((5, 93, 126)) == (5, 47, 63)


@both
def test_ceil_mode__has_no_effect_under_same(layer_type: type[MaxPool2d | AvgPool2d]) -> None:
    rounded = layer_type(padding="same", ceil_mode=True)
    assert rounded.output_shape((1, 7, 8)) == layer_type(padding="same").output_shape((1, 7, 8)) == (1, 4, 4)
    assert not rounded.rounds_up


def test_global__one_number_per_map() -> None:
    x = numbers(3, 4, 5)
    np.testing.assert_allclose(run(GlobalAvgPool2d(), x)[:, 0, 0], x.mean(axis=(1, 2)), atol=1e-6)
    np.testing.assert_array_equal(run(GlobalMaxPool2d(), x)[:, 0, 0], x.max(axis=(1, 2)))


@both
@pytest.mark.parametrize(
    ("arguments", "shape", "numbers_named"),
    [
        ({"kernel_size": 5}, (1, 3, 3), ("5×5", "3×3")),
        ({"kernel_size": 2}, (1, 1, 1), ("2×2", "1×1")),
        ({"kernel_size": (1, 9)}, (1, 3, 3), ("1×9", "3×3")),
        ({"padding": 2}, (1, 9, 9), ("2", "2×2")),
        ({"padding": 2}, (1, 1, 1), ("2", "2×2")),
        ({"kernel_size": (5, 2), "padding": (3, 2)}, (1, 9, 9), ("Padding 2", "5×2")),
    ],
)
def test_output_shape__an_error_names_the_numbers_and_its_fix_cures(
    layer_type: type[Layer], arguments: dict[str, Any], shape: tuple[int, ...], numbers_named: tuple[str, ...]
) -> None:
    with pytest.raises(ShapeError) as caught:
        layer_type(**arguments).output_shape(shape)
    assert all(number in str(caught.value) for number in numbers_named)
    assert caught.value.fix is not None
    cured = caught.value.fix.layers[0]
    assert run(cured, numbers(*shape)).shape == cured.output_shape(shape)


def test_output_shape__a_dilated_window_that_is_too_large_is_cured() -> None:
    for kernel in (2, 3, 5, 9):
        for size in (1, 2, 4, 20):
            layer = MaxPool2d(kernel_size=(kernel, kernel), dilation=(12, 12))
            with pytest.raises(ShapeError) as caught:
                layer.output_shape((1, min(size, 12), size))
            assert caught.value.fix is not None
            assert caught.value.fix.layers[0].output_shape((1, min(size, 12), size))


@both
def test_output_shape__a_row_of_numbers_is_refused(layer_type: type[Layer]) -> None:
    with pytest.raises(ShapeError, match=r"pool_1 slides .* 1,234 numbers in a row: move it before Flatten"):
        layer_type(name="pool_1").output_shape((1234,))
