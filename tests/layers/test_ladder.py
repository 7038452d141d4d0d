"""What each input channel adds to one map."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from explorer.errors import Cancelled
from explorer.jit import CancelFlag
from explorer.layers import Conv2d
from explorer.layers.ladder import counts, partial_maps, read_channels
from tests.layers.contract import numbers, takes

many = settings(max_examples=100, deadline=None, derandomize=True, database=None)
PAIRS = st.tuples(st.integers(1, 4), st.integers(1, 4))


@st.composite
def convolutions(draw: st.DrawFn) -> Conv2d:
    """A convolution of 4 channels with biases."""
    groups = draw(st.sampled_from([1, 1, 2, 4]))
    padding: Any = draw(st.one_of(st.just("same"), st.tuples(*[st.integers(0, 3)] * 4)))
    layer = Conv2d(
        out_channels=groups * draw(st.integers(1, 3)),
        kernel_size=draw(PAIRS),
        stride=draw(PAIRS),
        padding=padding,
        dilation=draw(PAIRS),
        groups=groups,
        bias=draw(st.booleans()),
        seed=draw(st.integers(0, 9)),
    )
    return layer.with_bias_values(numbers(layer.out_channels))


@many
@given(convolutions(), st.integers(3, 12), st.integers(3, 12))
def test_partial_maps__add_up_to_each_map(layer: Conv2d, rows: int, columns: int) -> None:
    shape = (4, rows, columns)
    assume(takes(layer, shape))
    x = numbers(1, *shape)
    running = layer.fit(shape)
    y = running.forward(x)[0]
    for index, one_map in enumerate(y):
        parts = partial_maps(running, x, index)
        assert parts.shape == (4 // layer.groups, *one_map.shape)
        bias = running.bias_values[index] if layer.bias and running.bias_values is not None else 0.0
        total = parts.astype(np.float64).sum(axis=0) + bias
        np.testing.assert_allclose(total, one_map, rtol=0, atol=1e-5 * np.abs(y).max())


def test_partial_maps__are_what_a_channel_gives_alone() -> None:
    x, layer = numbers(1, 4, 9, 8), Conv2d(out_channels=6, groups=2, bias=False).fit((4, 9, 8))
    parts = partial_maps(layer, x, 4)
    assert list(read_channels(layer, 4, 4)) == [2, 3]
    for part, channel in zip(parts, (2, 3), strict=True):
        alone = np.zeros_like(x)
        alone[:, channel] = x[:, channel]
        np.testing.assert_allclose(part, layer.forward(alone)[0, 4], atol=1e-6)


def test_partial_maps__of_some_channels() -> None:
    x, layer = numbers(1, 5, 9, 8), Conv2d(out_channels=2, padding="same").fit((5, 9, 8))
    every = partial_maps(layer, x, 1)
    np.testing.assert_array_equal(partial_maps(layer, x, 1, channels=[3, 0]), every[[3, 0]])
    assert partial_maps(layer, x, 1, channels=[]).shape == (0, 9, 8)
    with pytest.raises(ValueError, match="Filter 1 reads channels 0 to 4 only"):
        partial_maps(layer, x, 1, channels=[5])


def test_partial_maps__three_planes_of_the_tutorial() -> None:
    layer = Conv2d(
        out_channels=1, weight=np.ones((1, 3, 3, 3), np.float32), bias_values=np.array([0.5], np.float32)
    )
    x = np.ones((1, 3, 4, 4), np.float32) * np.array([1, 2, 3], np.float32)[:, np.newaxis, np.newaxis]
    parts = partial_maps(layer.fit((3, 4, 4)), x, 0)
    assert [np.unique(part).tolist() for part in parts] == [[9], [18], [27]]


def test_partial_maps__end_when_nobody_waits() -> None:
    flag = CancelFlag()
    flag.set()
    with pytest.raises(Cancelled):
        partial_maps(Conv2d().fit((3, 40, 40)), numbers(1, 3, 40, 40), 0, cancel=flag)


def test_partial_maps__of_what_is_not_there() -> None:
    with pytest.raises(ValueError, match="no weights yet"):
        partial_maps(Conv2d(), numbers(1, 3, 9, 9), 0)
    with pytest.raises(IndexError):
        partial_maps(Conv2d().fit((3, 9, 9)), numbers(1, 3, 9, 9), 8)


@pytest.mark.parametrize(
    ("parameters", "channels", "text"),
    [
        (
            {"out_channels": 64},
            32,
            "32 channels in, 64 filters of 32 × 3 × 3 weights, 64 maps out: "
            "each filter adds up its 32 partial maps into one (not 32 × 64 = 2,048 maps)",
        ),
        (
            {"out_channels": 32},
            3,
            "3 channels in, 32 filters of 3 × 3 × 3 weights, 32 maps out: "
            "each filter adds up its 3 partial maps into one (not 3 × 32 = 96 maps)",
        ),
        (
            {"out_channels": 1, "kernel_size": (5, 4)},
            1,
            "1 channel in, 1 filter of 1 × 5 × 4 weights, 1 map out: "
            "each filter reads the only channel and makes one map",
        ),
        (
            {"out_channels": 8, "groups": 4},
            4,
            "4 channels in, 8 filters of 1 × 3 × 3 weights, 8 maps out: "
            "each filter reads one channel and makes one map",
        ),
        (
            {"out_channels": 8, "groups": 2},
            6,
            "6 channels in, 8 filters of 3 × 3 × 3 weights, 8 maps out: "
            "each filter reads the 3 channels of its group and adds up 3 partial maps into one "
            "(not 3 × 8 = 24 maps)",
        ),
    ],
)
def test_counts__say_how_many_maps_there_are(parameters: dict[str, Any], channels: int, text: str) -> None:
    layer = dataclasses.replace(Conv2d(), **parameters)
    assert counts(layer, (channels, 20, 20)) == text
