"""Where tiles lie."""

from __future__ import annotations

import pytest

from explorer.ui.tiling import SMALLEST, tiling


@pytest.mark.parametrize("count", [1, 2, 3, 8, 17, 64, 512, 4096])
@pytest.mark.parametrize("area", [(1160, 420), (800, 240), (300, 150), (130, 100), (5, 5)])
@pytest.mark.parametrize("aspect", [1.0, 4 / 3, 0.01, 1000.0])
def test_tiles__lie_side_by_side_and_are_found_again(
    count: int, area: tuple[int, int], aspect: float
) -> None:
    layout = tiling(count, aspect, *area, caption=22)
    taken: set[tuple[int, int]] = set()
    for index in range(min(count, 600)):
        x, y, width, height = layout.rect(index)
        assert width > 0
        assert height > 0
        assert (x, y) not in taken
        taken.add((x, y))
        assert layout.index_at(x, y) == index
        assert layout.index_at(x + width - 1, y + height - 1) == index
        assert y + height + layout.caption <= layout.total_height
    assert layout.rows * layout.columns >= count


@pytest.mark.parametrize(
    ("count", "area"), [(8, (1160, 420)), (8, (816, 240)), (4, (1160, 420)), (1, (600, 300))]
)
def test_few_tiles__fit_without_scrolling(count: int, area: tuple[int, int]) -> None:
    layout = tiling(count, 4 / 3, *area, caption=22)
    assert layout.total_height <= area[1] + 8
    assert layout.width >= SMALLEST
    x, _, width, _ = layout.rect(layout.columns - 1)
    assert x + width <= area[0]


def test_many_tiles__are_not_too_small_and_scroll() -> None:
    layout = tiling(512, 4 / 3, 1160, 420, caption=22)
    assert layout.width >= SMALLEST
    assert layout.total_height > 420


def test_points_beside_tiles__are_none() -> None:
    layout = tiling(3, 1.0, 400, 200, 20)
    for point in ((0.0, 0.0), (-5.0, 10.0), (10.0, -5.0), (1e6, 10.0), (10.0, 1e6)):
        assert layout.index_at(*point) is None


@pytest.mark.parametrize("top", [0, 1, 50, 140, 1000, 9000])
def test_visible__are_exactly_those_in_sight(top: int) -> None:
    layout = tiling(512, 4 / 3, 1160, 420, caption=22)
    shown = set(layout.visible(top, 420))
    for index in range(512):
        _, y, _, height = layout.rect(index)
        if y + height + layout.caption > top and y < top + 420:
            assert index in shown
    assert len(shown) <= layout.columns * (420 // layout.pitch_y + 3)


def test_wanted_width__is_kept() -> None:
    layout = tiling(20, 2.0, 1000, 300, 20, wanted=288)
    assert (layout.width, layout.height) == (288, 144)
    assert tiling(20, 2.0, 100, 300, 20, wanted=288).columns == 1


@pytest.mark.parametrize("count", [1, 3, 8, 9, 17, 512])
@pytest.mark.parametrize("wanted", [0, 112, 288])
def test_rows__stand_in_the_middle(count: int, wanted: int) -> None:
    layout = tiling(count, 4 / 3, 1160, 420, 22, wanted)
    right = 1160 - (layout.left + layout.columns * layout.pitch_x - 8)
    assert layout.left >= 8
    assert abs(layout.left - right) <= 1 or right < 8
    more = tiling(count + layout.columns, 4 / 3, 1160, 420, 22, 112)
    assert more.left == tiling(count, 4 / 3, 1160, 420, 22, 112).left


def test_slots__are_the_nearest_gaps() -> None:
    layout = tiling(8, 4 / 3, 1160, 420, 22)
    x, y, width, height = layout.rect(5)
    assert layout.slot_at(x + 2, y + 5) == (5, x - 8, y)
    assert layout.slot_at(x + width - 2, y + height + 10) == (6, x + width, y)
    x, y, width, _ = layout.rect(3)
    assert layout.slot_at(x + width + 50, y) == (4, x + width, y)
    assert layout.slot_at(-50, 1e6) == (4, layout.left - 8, layout.rect(4)[1])
    assert tiling(9, 4 / 3, 1160, 420, 22).slot_at(1e6, 1e6)[0] == 9
    assert tiling(1, 1.0, 100, 100, 20).slot_at(0, 0)[0] == 0
