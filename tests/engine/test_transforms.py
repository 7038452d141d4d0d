"""Kernels, taken apart before use, against the same in plain NumPy, in memory whose neighbours may not be touched."""

from __future__ import annotations

import sys

import numpy as np
import numpy.typing as npt
import pytest

from explorer.engine import aligned, pixels, winograd
from explorer.engine.points_block import ROWS
from explorer.engine.toom_cook import matrices
from explorer.engine.transformed import odd_size, transformed
from explorer.engine.winograd_rows_kernels import transform_weights
from explorer.engine.winograd_rows_plan import Scheme, _scheme
from explorer.jit.compiler import VECTOR
from tests.engine.checks import Floats, normal
from tests.engine.fences import Fence, fenced


def weights(*shape: int) -> Floats:
    """Some kernels."""
    numbers = normal(*shape)
    return numbers if sys.platform == "win32" else fenced(numbers, at_the_end=True)


@pytest.fixture(autouse=True)
def fences(monkeypatch: pytest.MonkeyPatch) -> None:
    if sys.platform != "win32":
        monkeypatch.setattr(aligned, "empty", lambda shape: Fence(shape, at_the_end=True).array)


def points_of(scheme: Scheme, kernels: Floats) -> list[npt.NDArray[np.float64]]:
    """For each piece its points (points of the piece, filters, channels, columns)."""
    found = []
    for piece in scheme.pieces:
        rows = np.stack([kernels[:, :, row] if row >= 0 else 0 * kernels[:, :, 0] for row in piece.rows])
        matrix = np.array(matrices(ROWS, len(piece.rows)).weights, np.float64)
        found.append(np.tensordot(matrix, rows.astype(np.float64), 1))
    return found


@pytest.mark.parametrize("at_once", [0, 3, 4])
@pytest.mark.parametrize("groups", [1, 3])
@pytest.mark.parametrize("columns", [1, 3, VECTOR, VECTOR + 1, 2 * VECTOR + 5])
@pytest.mark.parametrize(
    ("rows", "stride", "dilation"),
    [(2, 1, 1), (3, 1, 2), (3, 2, 1), (4, 1, 1), (5, 1, 1), (7, 1, 1), (11, 4, 1), (5, 2, 1), (9, 2, 3)],
)
def test_rows__are_points_and_sums(
    rows: int, stride: int, dilation: int, columns: int, groups: int, at_once: int
) -> None:
    scheme = _scheme(rows, stride, dilation)
    assert scheme is not None
    own, channels = 6, 2
    kernels = weights(groups * own, channels, rows, columns)
    found = transform_weights(scheme, groups, at_once, kernels)
    filters, taps = groups * own, channels * columns * len(scheme.pieces)
    if at_once:
        blocks = -(-own // at_once)
        size = groups * blocks * at_once * taps * scheme.points
        placed = found[:size].reshape(groups, blocks, taps, scheme.points, at_once)
        placed = placed.transpose(3, 0, 1, 4, 2).reshape(scheme.points, groups, blocks * at_once, taps)
        assert not placed[:, :, own:].any()
        placed = placed[:, :, :own].reshape(scheme.points, filters, taps)
    else:
        size = scheme.points * odd_size(filters * taps)
        placed = found[:size].reshape(scheme.points, -1)[:, : filters * taps]
    placed = placed.reshape(scheme.points, filters, len(scheme.pieces), channels, columns)
    for index, wanted in enumerate(points_of(scheme, kernels)):
        np.testing.assert_allclose(placed[: len(wanted), :, index], wanted, rtol=0, atol=2e-6)
    sums = found[size:].reshape(groups, channels, own).swapaxes(1, 2).reshape(filters, channels)
    np.testing.assert_allclose(sums, kernels.sum(axis=(2, 3), dtype=np.float64), atol=1e-5)


@pytest.mark.parametrize("channels", [1, 3, VECTOR, 2 * VECTOR + 1])
def test_patches__are_points_and_sums(channels: int) -> None:
    kernels = weights(5, channels, 3, 3)
    found = winograd._transform_weights(kernels)
    matrix = np.array(matrices(4, 3).weights, np.float64)
    wanted = np.einsum("ik,fckl,jl->ijfc", matrix, kernels.astype(np.float64), matrix).reshape(36, -1)
    size = 36 * odd_size(5 * channels)
    np.testing.assert_allclose(found[:size].reshape(36, -1)[:, : 5 * channels], wanted, rtol=0, atol=2e-6)
    sums = kernels.sum(axis=(2, 3), dtype=np.float64).T
    np.testing.assert_allclose(found[size:].reshape(channels, 5), sums, atol=1e-5)


@pytest.mark.parametrize("groups", [1, 2])
@pytest.mark.parametrize("filters", [1, VECTOR, VECTOR + 3])
@pytest.mark.parametrize("columns", [1, 3, VECTOR + 1])
def test_pixels__have_filters_side_by_side(filters: int, columns: int, groups: int) -> None:
    kernels = weights(groups * filters, 2, 3, columns)
    found = pixels._packed(groups, kernels)
    vectors = -(-filters // VECTOR)
    assert found.shape == (groups, vectors, 6 * columns, VECTOR)
    by_filter = found.swapaxes(2, 3).reshape(groups, vectors * VECTOR, -1)
    assert not by_filter[:, filters:].any()
    assert np.array_equal(by_filter[:, :filters].reshape(kernels.shape), kernels)


@pytest.mark.parametrize("number", [np.inf, -np.inf, np.nan, 1e20, -1e20])
def test_transformed__leaves_huge_weights_to_others(number: float) -> None:
    kernels = weights(2, 1, 3, 3)
    assert transformed(kernels, "itself", np.copy) is not None
    kernels[1, 0, 2, 2] = number
    assert transformed(kernels, "itself", np.copy) is None
