"""Convolution number by number gives the bits of the way by blocks of pixels, wherever it is taken."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from explorer import engine, jit
from explorer.engine import pixels, plain
from explorer.engine.shape import convolution_shape
from explorer.jit.compiler import VECTOR
from tests.engine.checks import Floats, assert_same_bits, normal

pytestmark = [
    pytest.mark.usefixtures("all_threads_afterwards"),
    pytest.mark.skipif(VECTOR < 16, reason="not for short vectors"),
]


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[bool]]:
    """Lets every stride through, and notes each time whether the result counted."""
    answers: list[bool] = []
    way = pixels.conv2d

    def noted(*arguments: Any) -> bool:
        answers.append(way(*arguments))
        return answers[-1]

    monkeypatch.setattr(pixels, "_SORT", 1e6)
    monkeypatch.setattr(pixels, "_LEAST_ROWS", 0)
    monkeypatch.setattr(pixels, "_LEAST_OUTPUTS", 0)
    monkeypatch.setattr(pixels, "conv2d", noted)
    pixels.suits.cache_clear()
    yield answers
    pixels.suits.cache_clear()


def by_blocks(x: Floats, weight: Floats, bias: Floats | None = None, **options: Any) -> Floats:
    """The same, asked for channel by channel, which only the other way does."""
    y = np.empty_like(engine.conv2d(x, weight, bias, **options))
    for channel in range(len(weight)):
        engine.conv2d(x, weight, bias, out=y, channels=[channel], **options)
    return y


@pytest.mark.parametrize("filters", [1, 7, 16, 33])
@pytest.mark.parametrize(
    "slide",
    [
        {"stride": 2},
        {"stride": 2, "padding": 1},
        {"stride": (1, 3), "padding": (0, 3, 2, 0)},
        {"stride": (3, 1), "padding": "same", "dilation": (2, 1)},
        {"stride": (4, 5), "padding": 5, "dilation": (1, 3)},
        {"stride": 7, "padding": 3},
    ],
    ids=str,
)
def test_pixels__have_the_bits_of_blocks(taken: list[bool], filters: int, slide: dict[str, Any]) -> None:
    x, weight, bias = normal(2, 15, 23, 90), normal(3 * filters, 5, 3, 3), normal(3 * filters)
    options = {"groups": 3, "algorithm": "direct", **slide}
    ours = engine.conv2d(x, weight, bias, **options)
    assert taken == [True]
    expected = plain.conv2d(x, weight, bias, groups=3, **slide)
    assert np.abs(ours - expected).max() <= 1e-5 * np.abs(expected).max()
    assert_same_bits(ours, by_blocks(x, weight, bias, **options))


@pytest.mark.parametrize("columns", [*range(4, 23), 31, 33, 47, 62])
def test_pixels__of_any_width_on_any_threads(taken: list[bool], columns: int) -> None:
    x, weight = normal(1, 9, 12, 2 * columns + 1), normal(17, 9, 3, 3)
    results = []
    for threads in (1, 2, 5):
        jit.set_threads(threads)
        results.append(engine.conv2d(x, weight, stride=2, algorithm="direct"))
        assert_same_bits(results[-1], results[0])
    assert results[0].shape[3] == columns
    assert taken == [True] * 3
    assert_same_bits(results[0], by_blocks(x, weight, stride=2, algorithm="direct"))


@pytest.mark.parametrize("filters", [20, 40])
@pytest.mark.parametrize(("channels", "kernel"), [(60, 3), (300, 2), (3, 16)])
def test_pixels__sum_many_taps_in_the_same_chains(
    taken: list[bool], monkeypatch: pytest.MonkeyPatch, channels: int, kernel: int, filters: int
) -> None:
    monkeypatch.setattr(pixels, "_ITEMS", 1)  # then an item has several vectors of filters
    jit.set_threads(1)
    x, weight = normal(1, channels, 20, 70), normal(filters, channels, kernel, kernel)
    slide: dict[str, Any] = {"stride": kernel, "padding": 1, "algorithm": "direct"}
    ours = engine.conv2d(x, weight, **slide)
    assert taken == [True]
    assert_same_bits(ours, by_blocks(x, weight, **slide))


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e38])
def test_pixels__leave_weights_that_are_huge_to_the_others(taken: list[bool], value: float) -> None:
    x, weight = normal(1, 9, 12, 30), normal(16, 9, 3, 3)
    weight[3, 2, 1, 0] = value
    with np.errstate(all="ignore"):
        ours = engine.conv2d(x, weight, stride=2, algorithm="direct")
    assert taken == [False]
    assert_same_bits(
        np.delete(ours, 3, axis=1), np.delete(by_blocks(x, weight, stride=2, algorithm="direct"), 3, 1)
    )


def test_pixels__leave_nearly_flat_pictures_to_the_others(taken: list[bool]) -> None:
    weight = np.rint(8 * normal(16, 9, 3, 3))
    weight[:, 0, 0, 0] -= weight.sum(axis=(1, 2, 3))
    assert not engine.conv2d(np.full((1, 9, 12, 30), 0.1), weight, stride=2, algorithm="direct").any()
    assert not taken


def test_pixels__are_for_strides_and_whole_vectors_of_filters() -> None:
    def suits(filters: int, stride: int, channels: int = 8) -> bool:
        x, weight = (1, channels, 400, 400), (filters, channels, 3, 3)
        return pixels.suits(convolution_shape(x, weight, (stride, stride), (0, 0, 0, 0), (1, 1), 1))

    assert suits(VECTOR, 2)
    assert suits(4 * VECTOR, 3, channels=32)
    assert not suits(4 * VECTOR, 3, channels=1)
    assert not suits(VECTOR, 1)
    assert not suits(VECTOR + 1, 2)
    assert suits(VECTOR, 2, channels=64)


def test_pixels__leave_what_threads_could_not_share() -> None:
    one_row = convolution_shape((1, 1, 1, 1_000_000), (16, 1, 1, 2001), (2, 2), (0, 0, 0, 0), (1, 1), 1)
    few_rows = convolution_shape((1, 8, 8, 400), (16, 8, 3, 3), (2, 2), (0, 0, 0, 0), (1, 1), 1)
    assert not pixels.suits(one_row)
    assert not pixels.suits(few_rows)


def test_pixels__put_weights_into_order_again_only_where_that_pays(
    taken: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pixels, "_LEAST_OUTPUTS", 100)
    weight = normal(64, 9, 2, 2)
    few, many = normal(1, 9, 18, 18), normal(1, 9, 20, 20)
    for x in (few, many):
        engine.conv2d(x, weight, stride=2, algorithm="direct")
    weight.flags.writeable = False
    engine.conv2d(few, weight, stride=2, algorithm="direct")
    assert taken == [False, True, True]
