"""The convolution layer: shapes, weights, painting, and what an edit changes."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

from explorer.layers import Conv2d
from explorer.layers.fields import FieldError
from explorer.layers.layer import ShapeError
from tests import reference
from tests.engine.checks import assert_same_bits
from tests.layers.contract import numbers, run

ARGUMENTS: list[dict[str, Any]] = [
    {},
    {"stride": 2},
    {"stride": (1, 3), "padding": (2, 1)},
    {"padding": "same", "kernel_size": (2, 5)},
    {"padding": "same", "stride": 3},
    {"padding": (0, 1, 2, 0)},
    {"dilation": (2, 3), "padding": 2},
    {"groups": 4},
    {"groups": 2, "bias": False},
]


def fitted(**parameters: Any) -> Conv2d:
    """A convolution of 8 filters on 4 channels, with biases that are not 0."""
    layer = Conv2d(name="edges", **parameters).fit((4, 9, 11))
    return layer.with_bias_values(np.arange(layer.out_channels, dtype=np.float32))


@pytest.mark.parametrize("arguments", ARGUMENTS, ids=str)
def test_forward__is_a_convolution(arguments: dict[str, Any]) -> None:
    layer, x = fitted(**arguments), numbers(1, 4, 9, 11)
    assert layer.weight is not None
    running = {key: value for key, value in arguments.items() if key not in ("bias", "kernel_size")}
    bias = layer.bias_values if layer.bias else None
    expected = reference.conv2d(x, layer.weight, bias, **running)
    assert layer.output_shape((4, 9, 11)) == expected.shape[1:]
    np.testing.assert_allclose(layer.forward(x), expected, atol=1e-5)


def test_defaults__are_those_of_keras() -> None:
    layer = Conv2d()
    assert (layer.stride, layer.padding, layer.dilation, layer.groups) == ((1, 1), (0, 0), (1, 1), 1)
    assert layer.bias
    assert layer.initializer == "glorot_uniform"
    new = layer.fit((3, 5, 5))
    assert new.bias_values is not None
    assert not new.bias_values.any()


def test_forward__needs_weights() -> None:
    with pytest.raises(ValueError, match="edges has no weights yet"):
        Conv2d(name="edges").forward(numbers(1, 1, 5, 5))


def test_bias__switched_off_and_on_is_kept() -> None:
    layer = fitted()
    off = dataclasses.replace(layer, bias=False)
    on = dataclasses.replace(off, bias=True).fit((4, 9, 11))
    assert layer.bias_values is not None
    assert on.bias_values is not None
    assert_same_bits(on.bias_values, layer.bias_values)
    x = numbers(4, 9, 11)
    np.testing.assert_allclose(
        run(on, x) - run(off, x), np.ones((8, 7, 9)) * np.arange(8)[:, None, None], atol=1e-5
    )


@pytest.mark.parametrize(
    ("channels", "filters", "groups", "common"), [(3, 8, 3, 1), (4, 8, 3, 1), (6, 9, 9, 3), (4, 6, 4, 2)]
)
def test_groups__that_do_not_divide_are_an_error_with_a_fix(
    channels: int, filters: int, groups: int, common: int
) -> None:
    layer = Conv2d(out_channels=filters, groups=groups)
    with pytest.raises(ShapeError) as caught:
        layer.output_shape((channels, 9, 9))
    for number in (channels, filters, groups):
        assert str(number) in str(caught.value)
    assert caught.value.fix is not None
    cured = caught.value.fix.layers[0]
    assert isinstance(cured, Conv2d)
    assert cured.groups == common
    assert cured.output_shape((channels, 9, 9)) == (filters, 7, 7)


# Painting


def test_with_weight__changes_nothing_but_the_weights() -> None:
    layer = fitted(stride=2)
    assert layer.weight is not None
    painted = layer.with_weight(layer.weight * 2)
    assert painted.same_parameters(layer)
    assert painted.weight is not None
    assert_same_bits(painted.weight, layer.weight * np.float32(2))


def test_with_weight__does_not_follow_the_brush_s_own_array() -> None:
    layer = fitted()
    assert layer.weight is not None
    brush = layer.weight.copy()
    painted = layer.with_weight(brush)
    brush[:] = 9
    assert painted.weight is not None
    assert_same_bits(painted.weight, layer.weight)


def test_with_bias_values__does_not_follow_the_caller_s_own_array() -> None:
    mine = np.zeros(8, np.float32)
    layer = fitted().with_bias_values(mine)
    mine[:] = 9
    assert layer.bias_values is not None
    assert not layer.bias_values.any()


def test_fit__of_a_painted_layer_that_fits_is_the_layer_itself() -> None:
    layer = fitted()
    assert layer.fit((4, 30, 40)) is layer


# Names of filters


def test_filter_name__is_empty_until_given() -> None:
    layer = Conv2d(out_channels=4).with_filter_name(2, "edge right")
    assert [layer.filter_name(i) for i in range(5)] == ["", "", "edge right", "", ""]


def test_filter_name__stays_when_filters_go_and_come() -> None:
    layer = Conv2d(out_channels=4).with_filter_name(3, "last")
    fewer = dataclasses.replace(layer, out_channels=2)
    assert dataclasses.replace(fewer, out_channels=4).filter_name(3) == "last"


@pytest.mark.parametrize("names", ["edges", ("a" * 61,), (3,), ("a\nb",), ("\ud800",), None])
def test_filter_names__that_no_file_holds_are_refused(names: Any) -> None:
    with pytest.raises(FieldError) as caught:
        Conv2d(filter_names=names)
    assert caught.value.field == "filter_names"


# What an edit changes


def test_changed_channels__of_one_painted_filter() -> None:
    layer = fitted()
    assert layer.weight is not None
    weight = layer.weight.copy()
    weight[5, 3, 2, 2] += 1
    assert layer.with_weight(weight).changed_channels(layer, frozenset()) == frozenset({5})


def test_changed_channels__of_one_bias() -> None:
    layer = fitted()
    assert layer.bias_values is not None
    values = layer.bias_values.copy()
    values[[1, 6]] = -1
    assert layer.with_bias_values(values).changed_channels(layer, frozenset()) == frozenset({1, 6})


def test_changed_channels__a_bias_that_is_off_counts_for_nothing() -> None:
    layer = fitted(bias=False)
    other = layer.with_bias_values(np.full(8, 3, np.float32))
    assert other.changed_channels(layer, frozenset()) == frozenset()


def test_changed_channels__the_sign_of_a_zero_counts() -> None:
    layer = fitted().with_weight(np.zeros((8, 4, 3, 3), np.float32))
    other = layer.with_weight(-np.zeros((8, 4, 3, 3), np.float32))
    assert other.changed_channels(layer, frozenset()) == frozenset(range(8))


def test_changed_channels__a_changed_input_changes_all() -> None:
    layer = fitted()
    assert layer.changed_channels(layer, frozenset({0})) is None
    assert layer.changed_channels(layer, None) is None


def test_changed_channels__the_seed_of_weights_that_are_there_counts_for_nothing() -> None:
    layer = fitted()
    other = dataclasses.replace(layer, seed=5, initializer="he_normal")
    assert other.changed_channels(layer, frozenset()) == frozenset()


def test_counts__of_the_tutorials() -> None:
    assert Conv2d(out_channels=3, kernel_size=(5, 5)).parameter_count((3, 380, 512)) == 228
    assert Conv2d(out_channels=32).parameter_count((3, 32, 32)) == 896
    assert Conv2d(out_channels=32, bias=False, padding="same").multiply_adds((3, 32, 32)) == 864 * 1024
    assert Conv2d(out_channels=8, groups=4).parameter_count((4, 9, 9)) == 8 * 9 + 8
