"""Named kernels: what they do to a picture, at every size."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from explorer.layers.filters import FILTERS, NamedFilter, named
from tests.engine.checks import filters, picture
from tests.reference import conv2d

every_filter = pytest.mark.parametrize("named_filter", FILTERS, ids=[f.name for f in FILTERS])
SUM_IS_ZERO = {"empty",
    "edge right", "edge left", "edge down", "edge up", "outline", "laplacian", "vertical line", "horizontal line"
}  # fmt: skip
SUM_IS_ONE = {"sharpen", "blur", "gaussian", "identity", "emboss"}


def answer(name: str, rows: Sequence[Sequence[float]]) -> float:
    """What a 3×3 filter makes of nine pixels."""
    return float(conv2d(picture(rows), filters(named(name)((3, 3))))[0, 0, 0, 0])


def test_filters__have_names_of_their_own() -> None:
    assert len({one.name for one in FILTERS}) == len(FILTERS)
    assert {one.name for one in FILTERS} == SUM_IS_ZERO | SUM_IS_ONE
    assert all(one.why for one in FILTERS)


@every_filter
@pytest.mark.parametrize("size", [(1, 1), (1, 3), (2, 2), (3, 3), (4, 5), (31, 31)], ids=str)
def test_filters__come_in_every_size(named_filter: NamedFilter, size: tuple[int, int]) -> None:
    kernel = named_filter(size)
    assert kernel.shape == size
    assert kernel.dtype == np.float32
    assert not kernel.flags.writeable
    assert np.isfinite(kernel).all()
    assert kernel.any() or size < (3, 3) or named_filter.name == "empty"


@every_filter
def test_filters__sum_to_what_they_do_to_a_flat_picture(named_filter: NamedFilter) -> None:
    for size in ((3, 3), (5, 5), (7, 9)):
        total = float(named_filter(size).sum())
        assert total == pytest.approx(1 if named_filter.name in SUM_IS_ONE else 0, abs=1e-6)


@every_filter
def test_filters__grow_around_their_middle(named_filter: NamedFilter) -> None:
    if named_filter.name not in ("blur", "gaussian"):
        large = named_filter((7, 5))
        np.testing.assert_array_equal(large[2:5, 1:4], named_filter((3, 3)))
        assert np.count_nonzero(large) == np.count_nonzero(named_filter((3, 3)))


@pytest.mark.parametrize(
    ("name", "bright", "dark"),
    [
        ("edge right", [[0, 0, 1]] * 3, [[1, 0, 0]] * 3),
        ("edge left", [[1, 0, 0]] * 3, [[0, 0, 1]] * 3),
        ("edge down", [[0, 0, 0], [0, 0, 0], [1, 1, 1]], [[1, 1, 1], [0, 0, 0], [0, 0, 0]]),
        ("edge up", [[1, 1, 1], [0, 0, 0], [0, 0, 0]], [[0, 0, 0], [0, 0, 0], [1, 1, 1]]),
    ],
)
def test_edges__answer_to_their_side(name: str, bright: list[list[float]], dark: list[list[float]]) -> None:
    assert answer(name, bright) == 4
    assert answer(name, dark) == -4


def test_lines__answer_to_their_direction() -> None:
    upright, lying = [[0, 1, 0]] * 3, [[0, 0, 0], [1, 1, 1], [0, 0, 0]]
    assert answer("vertical line", upright) == 6
    assert answer("vertical line", lying) == 0
    assert answer("horizontal line", lying) == 6
    assert answer("horizontal line", upright) == 0


def test_identity__is_the_picture() -> None:
    assert answer("identity", [[1, 2, 3], [4, 5, 6], [7, 8, 9]]) == 5


def test_blur__is_the_mean() -> None:
    assert answer("blur", [[1, 2, 3], [4, 5, 6], [7, 8, 9]]) == pytest.approx(5)


def test_gaussian__is_symmetric_and_weighs_the_middle_most() -> None:
    kernel = named("gaussian")((5, 5))
    np.testing.assert_array_equal(kernel, kernel[::-1, ::-1])
    np.testing.assert_array_equal(kernel, kernel.T)
    assert kernel.argmax() == 12


def test_named__an_unknown_name_is_refused() -> None:
    with pytest.raises(ValueError, match="There is no filter called 'sobel'"):
        named("sobel")
