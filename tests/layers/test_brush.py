"""Strokes: symmetric painting is symmetric, and a movement may be cut into any number of events."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.layers.brush import Stroke, Symmetry, softness
from explorer.layers.fields import Array

sizes = st.tuples(st.integers(1, 9), st.integers(1, 9))
radii = st.sampled_from([0.0, 1.5, 2.0, 3.7])
values = st.sampled_from([-2.0, 0.5, 1.0, 0.0])


def _symmetric_under(symmetry: Symmetry, kernel: Array) -> bool:
    if symmetry is Symmetry.LEFT_RIGHT:
        return np.array_equal(kernel, kernel[:, ::-1])
    if symmetry is Symmetry.UP_DOWN:
        return np.array_equal(kernel, kernel[::-1])
    if symmetry is Symmetry.ANTI:
        return np.array_equal(kernel, -kernel[:, ::-1])
    if symmetry is Symmetry.FOUR_FOLD and kernel.shape[0] == kernel.shape[1]:
        return np.array_equal(kernel, np.rot90(kernel))
    if symmetry is Symmetry.FOUR_FOLD:
        return np.array_equal(kernel, np.rot90(kernel, 2))
    return True


@st.composite
def paths(draw: st.DrawFn) -> tuple[tuple[int, int], list[tuple[int, int]]]:
    rows, columns = draw(sizes)
    cells = st.tuples(st.integers(0, rows - 1), st.integers(0, columns - 1))
    return (rows, columns), draw(st.lists(cells, min_size=1, max_size=12))


@given(paths(), st.sampled_from(list(Symmetry)), radii, values)
def test_stroke__on_an_empty_kernel_is_as_symmetric_as_asked(
    path: tuple[tuple[int, int], list[tuple[int, int]]], symmetry: Symmetry, radius: float, value: float
) -> None:
    size, cells = path
    stroke = Stroke(np.zeros(size, np.float32), value, symmetry, radius)
    for cell in cells:
        kernel = stroke.dab([cell])
        assert _symmetric_under(symmetry, kernel)


@given(paths(), radii, values, st.integers(0, 12))
def test_stroke__does_not_depend_on_how_the_movement_was_cut(
    path: tuple[tuple[int, int], list[tuple[int, int]]], radius: float, value: float, cut: int
) -> None:
    size, cells = path
    base = np.arange(size[0] * size[1], dtype=np.float32).reshape(size)
    whole = Stroke(base, value, Symmetry.NONE, radius).dab(cells)
    parts = Stroke(base, value, Symmetry.NONE, radius)
    for cell in cells[:cut]:
        parts.dab([cell])
    np.testing.assert_array_equal(parts.dab(cells[cut:]), whole)


def test_stroke__without_softness_sets_exactly_the_value() -> None:
    kernel = Stroke(np.full((3, 3), 7, np.float32), 0.1).dab([(1, 2)])
    expected = np.full((3, 3), 7, np.float32)
    expected[1, 2] = 0.1
    np.testing.assert_array_equal(kernel, expected)


def test_stroke__anti_symmetric_across_the_axis_keeps_the_last_sign() -> None:
    stroke = Stroke(np.zeros((1, 4), np.float32), 1.0, Symmetry.ANTI)
    np.testing.assert_array_equal(stroke.dab([(0, 0), (0, 1)]), [[1, 1, -1, -1]])
    np.testing.assert_array_equal(stroke.dab([(0, 2)]), [[1, -1, 1, -1]])


def test_images__of_a_corner_under_four_fold_are_the_corners() -> None:
    assert set(Symmetry.FOUR_FOLD.images((0, 0), (3, 3))) == {(0, 0), (0, 2), (2, 2), (2, 0)}
    assert set(Symmetry.FOUR_FOLD.images((0, 0), (2, 3))) == {(0, 0), (1, 2)}


def test_images__of_the_middle_column_under_anti_symmetry_can_only_be_zero() -> None:
    assert Symmetry.ANTI.images((0, 1), (3, 3)) == {(0, 1): 0}


@pytest.mark.parametrize("symmetry", list(Symmetry))
def test_symmetry__says_what_it_is_good_for(symmetry: Symmetry) -> None:
    assert symmetry.why


def test_softness__falls_from_one_in_the_middle_to_zero_at_the_radius() -> None:
    falling = [softness(distance, 3.0) for distance in (0.0, 1.0, 2.0, 3.0)]
    assert falling[0] == 1
    assert falling[3] == 0
    assert falling == sorted(falling, reverse=True)


@pytest.mark.parametrize("radius", [0.0, 1.5])
def test_stroke__leaves_infinite_cells_beside_it_as_they_are(radius: float) -> None:
    base = np.array([[np.inf, 1, -np.inf, 1, 1, np.nan]], np.float32)
    kernel = Stroke(base, 5.0, radius=radius).dab([(0, 4)])
    np.testing.assert_array_equal(kernel[0, :3], base[0, :3])
    assert kernel[0, 4] == 5
    np.testing.assert_array_equal(Stroke(base, 5.0).dab([(0, 0), (0, 5)]), [[5, 1, -np.inf, 1, 1, 5]])
