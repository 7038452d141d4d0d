"""What the user made is never cut: weights that are out of sight come back."""

from __future__ import annotations

import dataclasses

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.layers import Conv2d, stored
from explorer.layers.fields import Array
from explorer.layers.initializers import initial
from tests.engine.checks import assert_same_bits
from tests.layers.contract import numbers

many = settings(max_examples=200, deadline=None, derandomize=True, database=None)
SHAPES = st.tuples(st.integers(1, 4), st.integers(1, 4), st.integers(1, 6), st.integers(1, 6))


def running(layer: Conv2d, channels: int = 3) -> Array:
    """The weights a layer runs with."""
    weight = layer.fit((channels, 40, 40)).weight
    assert weight is not None
    return weight


def painted(channels: int = 3, size: int = 5, filters: int = 6) -> Conv2d:
    """A layer whose every weight was drawn."""
    return Conv2d(out_channels=filters, kernel_size=(size, size)).with_weight(
        numbers(filters, channels, size, size)
    )


def sized(layer: Conv2d, size: int) -> Conv2d:
    """The layer with another kernel size."""
    return dataclasses.replace(layer, kernel_size=(size, size))


def test_filters__go_and_come_back() -> None:
    layer = painted()
    fewer = dataclasses.replace(layer, out_channels=2)
    assert_same_bits(running(fewer), running(layer)[:2])
    assert running(dataclasses.replace(fewer, out_channels=6)) is layer.weight


def test_filters__that_are_new_come_from_the_initializer() -> None:
    more = dataclasses.replace(painted(), out_channels=9, initializer="he_normal", seed=4)
    weight = running(more)
    assert_same_bits(weight[:6], running(painted()))
    assert_same_bits(weight[6:], initial("he_normal", 4, (9, 3, 5, 5))[6:])


def test_kernel__from_5_to_3_to_5() -> None:
    layer = painted()
    small = sized(layer, 3)
    assert_same_bits(running(small), running(layer)[:, :, 1:4, 1:4].copy())
    assert running(sized(small, 5)) is layer.weight


def test_kernel__that_grows_is_centred_with_zeros_around() -> None:
    weight = running(sized(painted(size=3), 5))
    assert_same_bits(weight[:, :, 1:4, 1:4].copy(), running(painted(size=3)))
    ring = weight.copy()
    ring[:, :, 1:4, 1:4] = 0
    assert not ring.any()


def test_channels__from_colour_to_grey_and_back() -> None:
    layer = painted()
    assert_same_bits(running(layer, channels=1), running(layer)[:, :1].copy())
    assert running(layer, channels=3) is layer.weight


def test_channels__painted_in_grey_are_the_same_in_every_colour() -> None:
    grey = painted(channels=1)
    weight = running(grey, channels=3)
    for channel in range(3):
        assert_same_bits(weight[:, channel : channel + 1].copy(), running(grey, channels=1))


def test_painting__at_a_smaller_size_is_written_back() -> None:
    layer = painted()
    small = sized(layer, 3)
    stroke = running(small) + 1
    back = running(sized(small.with_weight(stroke), 5))
    assert_same_bits(back[:, :, 1:4, 1:4].copy(), stroke)
    expected = running(layer).copy()
    expected[:, :, 1:4, 1:4] = stroke
    assert_same_bits(back, expected)


def test_painting__in_grey_leaves_the_other_channels_alone() -> None:
    layer = painted()
    back = layer.with_weight(running(layer, channels=1) * 2)
    expected = running(layer).copy()
    expected[:, :1] *= 2
    assert_same_bits(running(back), expected)


def test_painting__with_more_filters_in_grey_leaves_new_channels_as_they_would_start() -> None:
    layer = dataclasses.replace(painted(), out_channels=8)
    back = layer.with_weight(running(layer, channels=1) * 2)
    weight = running(back, channels=3)
    assert_same_bits(weight[:6, 1:].copy(), running(painted())[:, 1:].copy())
    assert_same_bits(weight[6:, 1:].copy(), initial("glorot_uniform", 0, (8, 3, 5, 5))[6:, 1:].copy())


def test_bias__goes_and_comes_back() -> None:
    layer = painted().with_bias_values(np.arange(6, dtype=np.float32))
    fewer = dataclasses.replace(layer, out_channels=2).with_bias_values(np.array([8, 9], np.float32))
    back = dataclasses.replace(fewer, out_channels=7).fit((3, 40, 40)).bias_values
    assert back is not None
    assert back.tolist() == [8, 9, 2, 3, 4, 5, 0]


# Any store, any window on it


@many
@given(SHAPES, SHAPES)
def test_taken__leaves_the_store_alone_and_gives_the_shape(
    have: tuple[int, ...], need: tuple[int, ...]
) -> None:
    store, fresh = numbers(*have), numbers(*need, seed=1)
    result = stored.taken(store, need, fresh)
    assert result.shape == need
    assert not result.flags.writeable
    assert_same_bits(store, numbers(*have))


@many
@given(SHAPES, SHAPES)
def test_written__gives_back_what_was_painted(have: tuple[int, ...], need: tuple[int, ...]) -> None:
    stroke = numbers(*need, seed=1)
    store = stored.written(numbers(*have), stroke)
    assert_same_bits(stored.taken(store, need, np.zeros(need, np.float32)), stroke)


@many
@given(SHAPES, SHAPES)
def test_written__unchanged_weights_change_nothing_that_was_stored(
    have: tuple[int, ...], need: tuple[int, ...]
) -> None:
    store = numbers(*have)
    window = stored.taken(store, need, numbers(*need, seed=1))
    again = stored.taken(stored.written(store, window), have, np.zeros(have, np.float32))
    assert_same_bits(again, store)


@many
@given(SHAPES, SHAPES)
def test_written__touches_nothing_outside_the_stroke(have: tuple[int, ...], need: tuple[int, ...]) -> None:
    store = numbers(*have)
    stroke = np.full(need, np.nan, np.float32)
    again = stored.taken(stored.written(store, stroke), have, store)
    kept = ~np.isnan(again)
    np.testing.assert_array_equal(again[kept], store[kept])
    lost = np.prod([min(pair) for pair in zip(have, need, strict=True)])
    assert np.count_nonzero(~kept) == lost


@many
@given(st.lists(st.integers(1, 8), min_size=1, max_size=4), st.integers(1, 8))
def test_written_vector__keeps_the_rest(values: list[int], size: int) -> None:
    store = np.array(values, np.float32)
    stroke = numbers(size)
    result = stored.written_vector(store, stroke)
    assert result[:size].tolist() == stroke.tolist()
    assert result[size:].tolist() == store[size:].tolist()
    assert not result.flags.writeable
