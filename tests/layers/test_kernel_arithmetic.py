"""Kernels normalised, turned, scaled, resized: against their definitions, and what is refused."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from explorer.layers import Conv2d
from explorer.layers import kernel_arithmetic as arithmetic
from explorer.layers.fields import Array
from tests.layers.contract import numbers

many = settings(max_examples=150, deadline=None, derandomize=True, database=None)
KEYS = [normalisation.key for normalisation in arithmetic.NORMALISATIONS]
SIDES = st.integers(1, 7)
KERNELS = st.tuples(SIDES, SIDES).flatmap(
    lambda size: arrays(np.float32, size, elements=st.floats(-1000, 1000, width=32))
)


def kernel(*rows: list[float]) -> Array:
    """A kernel row by row."""
    return np.array(rows, np.float32)


SOBEL = kernel([-1, 0, 1], [-2, 0, 2], [-1, 0, 1])


def test_normalised__offers_five_ways_with_words() -> None:
    assert KEYS == ["sum_1", "sum_0", "magnitudes_1", "l2_1", "max_1"]
    assert all(way.label and way.why for way in arithmetic.NORMALISATIONS)


@many
@given(KERNELS, st.sampled_from(KEYS))
def test_normalised__reaches_its_goal_or_says_why_not(values: Array, key: str) -> None:
    try:
        result = arithmetic.normalised(values, key).astype(np.float64)
    except ValueError:
        total, magnitudes = abs(math.fsum(values.flat)), math.fsum(np.abs(values).flat)
        assert magnitudes == 0 or (key == "sum_1" and total <= 1e-2 * magnitudes)
        return
    measured = {
        "sum_1": math.fsum(result.flat),
        "sum_0": math.fsum(result.flat),
        "magnitudes_1": np.abs(result).sum(),
        "l2_1": math.sqrt(np.square(result).sum()),
        "max_1": np.abs(result).max(),
    }[key]
    rounding = 1e-6 * max(1.0, float(np.abs(result).sum()))
    assert measured == pytest.approx(0.0 if key == "sum_0" else 1.0, abs=rounding)


@pytest.mark.parametrize("values", [SOBEL, SOBEL * np.float32(0.1), kernel([0.1, 0.2, -0.3]), kernel([0, 0])])
def test_normalised__a_sum_of_0_cannot_become_1(values: Array) -> None:
    with pytest.raises(ValueError, match="add up to 0"):
        arithmetic.normalised(values, "sum_1")


@pytest.mark.parametrize("key", ["magnitudes_1", "l2_1", "max_1"])
def test_normalised__zeros_stay_zeros_and_say_so(key: str) -> None:
    with pytest.raises(ValueError, match="All numbers are 0"):
        arithmetic.normalised(np.zeros((3, 3), np.float32), key)


def test_normalised__takes_a_whole_filter_as_one() -> None:
    box = arithmetic.normalised(np.ones((3, 3, 3), np.float32), "sum_1")
    assert box == pytest.approx(np.full((3, 3, 3), 1 / 27))


def test_normalised__sums_in_float64() -> None:
    values = np.full((31, 31), 0.1, np.float32)
    values[0, 0] = 1e6
    assert math.fsum(arithmetic.normalised(values, "sum_1").flat) == pytest.approx(1, abs=1e-7)
    tiny = arithmetic.normalised(kernel([1e-44, 1e-44]), "l2_1")
    assert tiny == pytest.approx(kernel([math.sqrt(0.5)] * 2))


def test_normalised__unknown_key_is_refused() -> None:
    with pytest.raises(ValueError, match="softmax"):
        arithmetic.normalised(SOBEL, "softmax")


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_arithmetic__refuses_what_is_not_finite(bad: float) -> None:
    values = SOBEL.copy()
    values[1, 1] = bad
    calls: list[Callable[[], object]] = [
        *(lambda key=key: arithmetic.normalised(values, key) for key in KEYS),
        lambda: arithmetic.negated(values),
        lambda: arithmetic.scaled(values, 2),
        lambda: arithmetic.scaled(SOBEL, bad),
    ]
    for call in calls:
        with pytest.raises(ValueError, match="finite"):
            call()


def test_scaled__ends_at_a_million() -> None:
    assert arithmetic.scaled(SOBEL, 500_000).max() == 1_000_000
    for factor in (500_001.0, -1e300, 1.7e308):
        with pytest.raises(ValueError, match="1,000,000"):
            arithmetic.scaled(SOBEL, factor)


def test_negated_and_scaled__make_no_negative_zero() -> None:
    for result in (arithmetic.negated(SOBEL), arithmetic.scaled(SOBEL, -1), arithmetic.scaled(SOBEL, -0.0)):
        assert not np.signbit(result[result == 0]).any()
    assert (arithmetic.negated(SOBEL) == -SOBEL).all()


def test_turns__of_numbers_that_tell_places_apart() -> None:
    values = kernel([1, 2, 3], [4, 5, 6])
    assert arithmetic.mirrored(values).tolist() == [[3, 2, 1], [6, 5, 4]]
    assert arithmetic.flipped(values).tolist() == [[4, 5, 6], [1, 2, 3]]
    assert arithmetic.turned(values).tolist() == [[6, 5, 4], [3, 2, 1]]
    assert arithmetic.transposed(values).tolist() == [[1, 4], [2, 5], [3, 6]]
    assert arithmetic.rotated(values).tolist() == [[4, 1], [5, 2], [6, 3]]


TURNS: dict[Callable[[Array], Array], int] = {
    arithmetic.mirrored: 2,
    arithmetic.flipped: 2,
    arithmetic.turned: 2,
    arithmetic.transposed: 2,
    arithmetic.rotated: 4,
    arithmetic.negated: 2,
}


@pytest.mark.parametrize("turn", TURNS)
def test_turns__come_back_to_where_they_began(turn: Callable[[Array], Array]) -> None:
    values = numbers(2, 3, 4, 5)
    result = values
    for _ in range(TURNS[turn]):
        result = turn(result)
    assert (result == values).all()


@pytest.mark.parametrize(
    "turn",
    [*TURNS, lambda values: arithmetic.scaled(values, 1), lambda values: arithmetic.resized(values, (3, 3))],
)
def test_arithmetic__makes_new_arrays_of_its_own(turn: Callable[[Array], Array]) -> None:
    values = numbers(2, 3, 3)
    before = values.copy()
    result = turn(values)
    assert result.dtype == np.float32
    assert result.flags.c_contiguous
    assert result.flags.writeable
    assert not np.shares_memory(result, values)
    assert (values == before).all()


def test_turned__is_what_true_convolution_slides() -> None:
    x = numbers(9, 9)
    true = np.array(
        [
            [sum(x[i + 2 - a, j + 2 - b] * SOBEL[a, b] for a in range(3) for b in range(3)) for j in range(7)]
            for i in range(7)
        ]
    )
    layer = Conv2d(out_channels=1, weight=arithmetic.turned(SOBEL)[np.newaxis, np.newaxis], bias=False)
    assert layer.fit((1, 9, 9)).forward(x[np.newaxis, np.newaxis])[0, 0] == pytest.approx(true, abs=1e-5)


@pytest.mark.parametrize("size", [(1, 1), (5, 5), (3, 5), (2, 4), (31, 31), (4, 1)])
def test_resized__keeps_the_same_numbers_as_a_layer_of_that_size(size: tuple[int, int]) -> None:
    values = numbers(2, 3, 3, 3)
    layer = Conv2d(out_channels=2, kernel_size=size, weight=values)
    assert (arithmetic.resized(values, size) == layer.fit((3, 40, 40)).weight).all()


def test_resized__larger_and_back_loses_nothing() -> None:
    values = numbers(3, 4)
    for size in ((7, 9), (4, 5), (31, 31)):
        assert (arithmetic.resized(arithmetic.resized(values, size), (3, 4)) == values).all()


@pytest.mark.parametrize("size", [(0, 3), (3, 32), (-1, 1)])
def test_resized__goes_from_1_to_31(size: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="1 to 31"):
        arithmetic.resized(SOBEL, size)


@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (-1.0, 1.0), (0.0, 255.0), (0.25, 0.5)])
@pytest.mark.parametrize("padding", [0, 1])
def test_map_range__is_reached_and_never_left(low: float, high: float, padding: int) -> None:
    weight, bias = numbers(1, 3, 3, 3, seed=4), 0.5
    least, most = arithmetic.map_range(weight[0], bias, low, high, padded=padding > 0)
    layer = Conv2d(
        out_channels=1, weight=weight, bias_values=np.array([bias], np.float32), padding=(padding, padding)
    ).fit((3, 3, 3))
    x = np.random.default_rng(1).uniform(low, high, (1, 3, 3, 3)).astype(np.float32)
    for inputs in (x, np.where(weight > 0, high, low), np.where(weight > 0, low, high)):
        values = layer.forward(np.asarray(inputs, np.float32))
        assert values.min() >= least - 1e-4 * abs(least)
        assert values.max() <= most + 1e-4 * abs(most)
    if padding == 0:
        assert values.min() == pytest.approx(least, rel=1e-5)
        best = layer.forward(np.where(weight > 0, high, low).astype(np.float32))
        assert best.max() == pytest.approx(most, rel=1e-5)


def test_map_range__of_a_sobel_on_bytes() -> None:
    assert arithmetic.map_range(SOBEL[np.newaxis], 0.0, 0, 255) == (-1020, 1020)
    assert arithmetic.map_range(np.ones((1, 3, 3), np.float32), 1.0, 2, 3) == (19, 28)
    assert arithmetic.map_range(np.ones((1, 3, 3), np.float32), 1.0, 2, 3, padded=True) == (1, 28)
