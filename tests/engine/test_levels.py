"""Channels of nearly one value are convolved as exactly as others."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from explorer import engine
from explorer.engine import levels, plain
from explorer.engine.shape import convolution_shape
from explorer.jit.compiler import FEW_REGISTERS
from tests.engine.checks import TOLERANCE, Floats, assert_same_bits, normal

LAYERS = {
    "F(4x4, 3x3)": ((1, 64, 60, 70), (64, 64, 3, 3), {}),
    "rows": ((1, 32, 60, 70), (16, 32, 5, 5), {}),
    "rows with stride": ((2, 3, 128, 100), (32, 3, 8, 8), {"stride": 2}),
    "rows with dilation and groups": ((1, 24, 60, 70), (16, 12, 3, 3), {"dilation": (2, 3), "groups": 2}),
    "columns apart": ((1, 8, 60, 300), (16, 8, 5, 5), {"stride": (1, 6)}),
    "more taps with dilation and groups": (
        (1, 24, 60, 70),
        (16, 12, 5, 5),
        {"dilation": (2, 3), "groups": 2},
    ),
    "more filters apart": ((1, 8, 60, 300), (64, 8, 5, 5), {"stride": (1, 6)}),
}

# where few registers make Winograd gain nothing, so that "auto" sums what is there
BY_BLOCKS = ("rows with dilation and groups", "columns apart")


def _zero_sum(*shape: int) -> Floats:
    """Kernels of multiples of 1/64 that sum to zero."""
    weight = np.round(normal(*shape) * 64) / 64
    weight[:, :, 0, 0] -= weight.sum(axis=(2, 3))
    return weight.astype(np.float32)


@pytest.mark.parametrize("algorithm", ["auto", "direct"])
@pytest.mark.parametrize("padding", [0, (1, 0, 2, 0)], ids=str)
@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("value", [1.0, -300.0])
def test_nearly_flat_pictures__are_as_exact_as_others(
    layer: str, padding: object, algorithm: str, value: float
) -> None:
    x_shape, weight_shape, slide = LAYERS[layer]
    x, weight, bias = value * (1 + 0.01 * normal(*x_shape)), _zero_sum(*weight_shape), normal(weight_shape[0])
    expected = plain.conv2d(x, weight, bias, padding=padding, **slide)  # type: ignore[arg-type]
    ours = engine.conv2d(x, weight, bias, padding=padding, algorithm=algorithm, **slide)  # type: ignore[arg-type]
    assert np.abs(ours - expected).max() <= TOLERANCE * np.abs(expected).max()


@pytest.mark.parametrize("algorithm", ["auto", "direct"])
@pytest.mark.parametrize("layer", LAYERS)
def test_flat_pictures__leave_the_bias_under_kernels_that_sum_to_zero(layer: str, algorithm: str) -> None:
    x_shape, weight_shape, slide = LAYERS[layer]
    x = np.broadcast_to(normal(*x_shape[:2], 1, 1), x_shape)
    weight, bias = _zero_sum(*weight_shape), normal(weight_shape[0])
    ours = engine.conv2d(x, weight, bias, algorithm=algorithm, **slide)  # type: ignore[arg-type]
    expected = np.ascontiguousarray(np.broadcast_to(bias[:, np.newaxis, np.newaxis], ours.shape))
    if algorithm == "auto" and FEW_REGISTERS and layer in BY_BLOCKS:
        terms = np.abs(x).max() * np.abs(weight).sum(axis=(1, 2, 3)).max()
        np.testing.assert_allclose(ours, expected, rtol=0, atol=1e-6 * terms)
    else:
        assert_same_bits(ours, expected)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e30])
@pytest.mark.parametrize("algorithm", ["auto", "direct"])
def test_a_pixel_unlike_the_others__reaches_only_its_own_outputs(algorithm: str, value: float) -> None:
    x, weight = np.full((1, 8, 40, 50), 3, np.float32), _zero_sum(8, 8, 5, 5)
    for row, column in itertools.product((0, 20, 39), (0, 25, 49)):
        spoiled = x.copy()
        spoiled[0, 2, row, column] = value
        with np.errstate(all="ignore"):
            ours = engine.conv2d(spoiled, weight, algorithm=algorithm)
        near = np.zeros(ours.shape[2:], bool)
        near[max(0, row - 4) : row + 1, max(0, column - 4) : column + 1] = True
        assert not np.abs(ours[0, :, near]).max() < 1e20
        np.testing.assert_allclose(ours[0, :, ~near], 0, atol=1e-3)


@pytest.mark.parametrize("rows", [1, 12])
def test_nearly_flat_pictures__of_fewer_rows_than_the_kernel_keep_their_padding(rows: int) -> None:
    x, weight = (3.7 * (1 + 0.01 * normal(1, 1, rows, 200))), normal(4, 1, 13, 13)
    weight[:, :, 6] -= weight[:, :, 6].mean(axis=-1, keepdims=True)
    expected = plain.conv2d(x, weight, padding=(6, 6, 0, 0))
    ours = engine.conv2d(x, weight, padding=(6, 6, 0, 0), algorithm="direct")
    assert np.abs(ours - expected).max() <= TOLERANCE * np.abs(expected).max()


def test_weights__that_are_infinite_or_too_large_for_a_level_are_as_in_any_picture() -> None:
    weight = np.ones((2, 4, 3, 3), np.float32)
    weight[0, 0, 1, 1] = np.inf
    ours = engine.conv2d(np.full((1, 4, 40, 40), 2, np.float32), weight, algorithm="direct")
    assert np.isposinf(ours[0, 0]).all()
    assert (ours[0, 1] == 72).all()
    large, weight = np.full((1, 4, 40, 40), 1e37, np.float32), np.full((4, 4, 3, 3), 1.5, np.float32)
    ours = engine.conv2d(large, weight, padding=1, algorithm="direct")
    np.testing.assert_allclose(ours[0, :, 0, 0], 2.4e38, rtol=1e-5)


def test_levels__are_not_taken_from_pixels_that_only_zeros_touch() -> None:
    x, weight = normal(1, 4, 240, 240), normal(16, 4, 7, 7)
    x[:, :, ::3, ::3] = 1000
    weight[:, :, ::3, ::3] = 0
    ours, direct = (engine.conv2d(x, weight, stride=3, algorithm=way) for way in ("auto", "direct"))
    assert np.abs(ours - direct).max() <= TOLERANCE * np.abs(direct).max()


def test_samples__are_what_outputs_depend_on() -> None:
    rng = np.random.default_rng(0)
    found = 0
    for _ in range(500):
        size, kernel, stride, dilation = (tuple(rng.integers(1, most, 2).tolist()) for most in (40, 9, 9, 5))
        padding = tuple(rng.integers(0, 12, 4).tolist())
        try:
            shape = convolution_shape((1, 1, *size), (1, 1, *kernel), stride, padding, dilation, 1)
        except ValueError:
            continue
        count, plane, *places = levels.samples_of(shape).tolist()
        assert (count, plane) == (len(places), size[0] * size[1])
        within: list[set[int]] = []
        for a, outputs in enumerate((shape.out_height, shape.out_width)):
            starts = [o * stride[a] - padding[2 * a] for o in range(outputs)]
            span = (kernel[a] - 1) * dilation[a] + 1
            inside = [start for start in starts if start >= 0 and start + span <= size[a]]
            within.append({start + k * dilation[a] for start in inside for k in range(kernel[a])})
        assert {divmod(place, size[1]) for place in places} <= set(itertools.product(*within))
        assert (count > 0) == bool(within[0] and within[1])
        found += count > 0
    assert found > 100


def test_samples__lie_all_over_a_large_picture() -> None:
    shape = convolution_shape((1, 3, 380, 512), (8, 3, 5, 5), (1, 1), (2, 2, 2, 2), (1, 1), 1)
    rows, columns = np.divmod(levels.samples_of(shape)[2:], 512)
    assert np.ptp(rows) > 300
    assert np.ptp(columns) > 400
    assert len(set(columns.tolist())) == len(rows) == 16
