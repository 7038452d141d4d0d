"""Winograd's way along the columns gives the same maps, and steps aside where it would not."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from explorer import engine, jit
from explorer.engine import convolution, plain, winograd_rows, winograd_rows_plan
from explorer.engine.shape import convolution_shape
from explorer.jit.compiler import FEW_REGISTERS
from tests.engine.checks import assert_same_bits, normal

pytestmark = pytest.mark.usefixtures("all_threads_afterwards")


@pytest.fixture(params=[1e6, -1e6], ids=["points together", "points apart"])
def taken(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[bool]]:
    """Lets small pictures through too, and notes each time whether the result counted."""
    answers: list[bool] = []
    monkeypatch.setattr(winograd_rows_plan, "_POINT_CYCLES", request.param)
    way = winograd_rows.conv2d

    def noted(*arguments: object) -> bool:
        answers.append(way(*arguments))  # type: ignore[arg-type]
        return answers[-1]

    for name in ("_LEAST_PRODUCTS", "_LEAST_KERNELS", "_LEAST_TAPS", "_LEAST_GAIN"):
        monkeypatch.setattr(winograd_rows_plan, name, 0)
    monkeypatch.setattr(winograd_rows, "_LEAST_PRODUCTS", 0)
    monkeypatch.setattr(winograd_rows, "conv2d", noted)
    _forget()
    yield answers
    _forget()


def _forget() -> None:
    convolution._way.cache_clear()
    winograd_rows_plan.suits.cache_clear()
    winograd_rows_plan.plan.cache_clear()


@pytest.mark.parametrize("rows", range(2, 13))
@pytest.mark.parametrize(
    "slide",
    [
        {"padding": 2},
        {"padding": "same", "dilation": (3, 2)},
        {"stride": (2, 3), "padding": (0, 3, 1, 0)},
        {"stride": (3, 1), "dilation": (2, 1)},
        {"stride": (4, 5), "padding": 5, "dilation": (1, 3)},
    ],
    ids=str,
)
def test_rows__agree_with_the_definition(taken: list[bool], rows: int, slide: dict[str, object]) -> None:
    picture, weight, bias = normal(2, 6, 61, 70), normal(10, 3, rows, 3), normal(10)
    expected = plain.conv2d(picture, weight, bias, groups=2, **slide)  # type: ignore[arg-type]
    ours = engine.conv2d(picture, weight, bias, groups=2, **slide)  # type: ignore[arg-type]
    stride, dilation = (slide.get(name, (1, 1)) for name in ("stride", "dilation"))
    scheme = winograd_rows_plan._scheme(rows, stride[0], dilation[0])  # type: ignore[index]
    is_long_enough = scheme is not None and expected.shape[2] >= 4 * scheme.apart
    assert taken == ([True] if is_long_enough else [])
    assert np.abs(ours - expected).max() <= 1e-5 * np.abs(expected).max()


@pytest.mark.parametrize("width", [1, 15, 16, 17, 19, 33, 64, 100, 257])
@pytest.mark.parametrize("channels", [1, 2, 24, 90])
def test_rows__of_any_width_and_depth(taken: list[bool], width: int, channels: int) -> None:
    picture, weight = normal(1, channels, 14, width), normal(9, channels, 3, 3)
    expected = plain.conv2d(picture, weight, padding=1)
    results = []
    for threads in (1, 2, 5):
        jit.set_threads(threads)
        results.append(engine.conv2d(picture, weight, padding=1))
        assert_same_bits(results[-1], results[0])
    assert np.abs(results[0] - expected).max() <= 1e-5 * np.abs(expected).max()


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e38, 3e18])
@pytest.mark.parametrize("stride", [1, 5])
def test_rows__step_aside_for_pixels_that_would_spoil_their_neighbours(
    taken: list[bool], value: float, stride: int
) -> None:
    x, weight = normal(1, 4, 21, 41), normal(8, 4, 4, 4)
    x[0, 3, 20, 40] = value
    with np.errstate(all="ignore"):
        ours = engine.conv2d(x, weight, stride=(1, stride), padding=2)
        direct = engine.conv2d(x, weight, stride=(1, stride), padding=2, algorithm="direct")
    assert taken == [False]
    largest = np.abs(direct[np.isfinite(direct) & (np.abs(direct) < 1e10)]).max()
    np.testing.assert_allclose(ours, direct, rtol=1e-5, atol=1e-5 * largest)


@pytest.mark.parametrize(
    ("x_shape", "weight_shape", "stride"),
    [
        ((1, 16, 67, 201), (32, 16, 4, 3), 2),
        ((1, 5, 90, 33), (8, 5, 7, 3), 3),
        ((1, 3, 41, 70), (9, 3, 5, 2), 4),
    ],
)
def test_rows__are_the_same_on_any_threads_whatever_lies_where_no_window_looks(
    taken: list[bool], x_shape: tuple[int, ...], weight_shape: tuple[int, ...], stride: int
) -> None:
    x, weight = normal(*x_shape), normal(*weight_shape)
    seen = (x_shape[2] - weight_shape[2]) // stride * stride + weight_shape[2]
    x[:, :, seen:] = np.nan
    results = []
    for threads in (1, 2, 3, 5):
        jit.set_threads(threads)
        results.append(engine.conv2d(x, weight, stride=stride))
        assert np.isfinite(results[-1]).all()
        assert_same_bits(results[-1], results[0])


def test_rows__step_aside_for_weights_that_are_not_finite(taken: list[bool]) -> None:
    x, weight = normal(1, 8, 20, 40), normal(8, 8, 2, 3)
    weight[2, 1, 0, 0] = np.nan
    ours = engine.conv2d(x, weight)
    assert taken == [False]
    assert np.isfinite(ours[0, 3]).all()


@pytest.mark.parametrize("size", [1e13, 1e15, 3e16, 9e17])
def test_rows__never_overflow_where_the_definition_does_not(taken: list[bool], size: float) -> None:
    x, weight = (np.copysign(np.float32(size), normal(*shape)) for shape in ((1, 32, 40, 60), (16, 32, 5, 3)))
    assert np.isfinite(engine.conv2d(x, weight, algorithm="direct")).all()
    assert np.isfinite(engine.conv2d(x, weight)).all()


def test_rows__see_weights_that_change(taken: list[bool]) -> None:
    x, weight = normal(1, 8, 20, 40), normal(8, 8, 5, 3)
    before = engine.conv2d(x, weight)
    weight *= 2
    np.testing.assert_allclose(engine.conv2d(x, weight), 2 * before, atol=1e-4)
    assert taken == [True] * 2


def test_rows__transform_kernels_of_small_pictures_only_where_they_can_be_remembered(
    taken: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(winograd_rows, "_LEAST_PRODUCTS", 2_000_000)
    x, weight = normal(1, 8, 28, 28), normal(16, 8, 3, 3)
    engine.conv2d(x, weight, padding=1)
    assert taken == [False]
    weight.flags.writeable = False
    engine.conv2d(x, weight, padding=1)
    assert taken == [False, True]


@pytest.mark.parametrize(
    ("kernel", "stride", "dilation", "products", "apart"),
    [
        (1, 1, 1, None, 1),
        (2, 1, 1, 5, 1),
        (3, 1, 1, 6, 1),
        (3, 1, 2, 6, 2),
        (3, 2, 1, 9, 1),
        (3, 3, 1, None, 1),
        (5, 1, 1, 8, 1),
        (7, 1, 1, 14, 1),
        (5, 3, 1, 14, 1),
        (7, 2, 1, 13, 1),
        (11, 2, 1, 22, 1),
        (11, 4, 1, 23, 1),
        (4, 2, 2, None, 1),
    ],
)
def test_scheme__needs_the_fewest_products(
    kernel: int, stride: int, dilation: int, products: int | None, apart: int
) -> None:
    scheme = winograd_rows_plan._scheme(kernel, stride, dilation)
    if products is None:
        assert scheme is None or scheme.products < 4 * kernel
    else:
        assert scheme is not None
        assert (scheme.products, scheme.apart) == (products, apart)
        rows = sorted(row for piece in scheme.pieces for row in piece.rows if row >= 0)
        assert rows == list(range(kernel))


def test_suits__layers_of_well_known_networks_and_not_what_has_nothing_to_save() -> None:
    def suits(x: tuple[int, ...], weight: tuple[int, ...], stride: int = 1, groups: int = 1) -> bool:
        padding = (weight[2] // 2,) * 4
        shape = convolution_shape(x, weight, (stride, stride), padding, (1, 1), groups)
        return winograd_rows_plan.suits(shape)

    assert suits((1, 32, 95, 128), (32, 32, 7, 7))
    assert suits((1, 16, 199, 108), (32, 16, 5, 5))
    assert suits((1, 3, 380, 512), (32, 3, 5, 5)) == (not FEW_REGISTERS)
    assert suits((1, 3, 227, 227), (16, 3, 11, 11), stride=4)
    assert not suits((1, 32, 95, 128), (64, 32, 1, 1))
    assert not suits((1, 3, 380, 512), (32, 3, 3, 3), stride=3)
    assert not suits((1, 32, 380, 512), (32, 1, 3, 3), groups=32)
    assert not suits((1, 3, 9, 9), (8, 3, 5, 5))
