"""Which maps are shown, in which order, and what is said about each of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from explorer.imaging.rendering import Scale
from explorer.layers.fields import Array
from explorer.live.analysis import map_view
from explorer.ui.tile import Tile
from explorer.ui.tile_order import ORDERS, Listing


def tile(values: Array | list[list[float]], name: str = "map", **given: object) -> Tile:
    """One map."""
    view = map_view(np.array(values, np.float32))
    return replace(Tile(view, view.scale, name), **given)  # type: ignore[arg-type]


TILES = (
    tile([[0.0, 0.0], [0.0, 3.0]], "edge right"),
    tile([[0.0, 0.0], [0.0, 0.0]], "edge up"),
    tile([[-9.0, 1.0], [2.0, 2.0]], "blur"),
    tile([[np.nan, np.nan], [np.nan, np.nan]], "#3"),
)


@pytest.mark.parametrize(
    ("key", "expected"),
    [("index", (0, 1, 2, 3)), ("norm", (2, 0, 1, 3)), ("mean", (0, 1, 2, 3)), ("sparsity", (1, 0, 2, 3))],
)
def test_order__the_largest_first_and_nothing_finite_last(key: str, expected: tuple[int, ...]) -> None:
    assert Listing(key).shown(TILES) == expected


def test_order__by_norm_of_weights() -> None:
    tiles = tuple(replace(one, norm=norm) for one, norm in zip(TILES, (1.0, 4.0, 2.0, 4.0), strict=True))
    assert Listing("weights").shown(tiles) == (1, 3, 2, 0)


def test_orders__have_a_tip_each() -> None:
    assert len({order.key for order in ORDERS}) == len(ORDERS)
    assert all(order.label and order.tip for order in ORDERS)


def test_hiding__dead_maps_only() -> None:
    assert Listing(hides_dead=True).shown(TILES) == (0, 2, 3)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", (0, 1, 2, 3)),
        ("edge", (0, 1)),
        ("UP edge", (1,)),
        ("2", (2,)),
        ("#3", (3,)),
        ("1-2", (1, 2)),
        ("2 – 1", (1, 2)),
        ("up, 3,", (1, 3)),
        ("nowhere", ()),
        ("*", ()),
        ("[", ()),
        ("-", ()),
    ],
)
def test_search__by_number_range_or_words(text: str, expected: tuple[int, ...]) -> None:
    assert Listing(text=text).shown(TILES) == expected


def test_search__a_number_in_a_name_is_found() -> None:
    tiles = (tile([[1.0]], "#0"), tile([[1.0]], "gabor 45"), tile([[1.0]], "#45"))
    assert Listing(text="45").shown(tiles) == (1, 2)
    assert Listing(text="0").shown(tiles) == (0,)


@pytest.mark.parametrize(
    ("shown", "badge", "word"),
    [
        (tile([[0.0, 0.0]]), "dead", "every value is 0"),
        (tile([[2.5, 2.5]]), "constant 2.5", "every value is 2.5"),
        (tile([[np.nan, 1.0]]), "NaN", "1 of 2"),
        (tile([[np.inf, 1.0, -np.inf]]), "overflow", "2 of 3"),
        (tile([[0.0, 0.001, 0.9999, 1.0]], ends=(0.0, 1.0)), "saturated", "end of the function"),
        (tile([[0.0, 0.5, 1.0, 1.0]], ends=(0.0, 1.0)), "", ""),
        (tile([[-1.0, 0.999, 1.0]], ends=(-1.0, 1.0)), "saturated", "100.0%"),
        (tile([[1.0, 2.0, 3.0, 0.1]], scale=Scale(-0.5, 0.5)), "saturated", "75%"),
        (tile([[1.0, 2.0, 3.0, 0.1]]), "", ""),
    ],
)
def test_badge__has_a_sentence(shown: Tile, badge: str, word: str) -> None:
    assert shown.badge == badge
    assert word in shown.why
    assert bool(shown.why) == bool(badge)
    assert shown.why in shown.describe(4)
    assert "channel 4" in shown.describe(4)


def test_describe__has_the_figures() -> None:
    lines = tile([[-1.0, 0.0], [0.0, 3.0]]).describe(0).split("\n")
    assert "from −1 to 3" in lines
    assert "mean 0.5, standard deviation 1.5" in lines
    assert "zeros 50.0%, clipped 0.0%" in lines


def test_looks_like__goes_by_content_scale_and_name() -> None:
    one = TILES[0]
    assert one.looks_like(replace(one, norm=7.0))
    assert not one.looks_like(replace(one, name="other"))
    assert not one.looks_like(replace(one, scale=Scale(-9, 9)))
    assert not one.looks_like(replace(one, ends=(0.0, 1.0)))
    assert not one.looks_like(tile([[0.0, 0.0], [0.0, 3.0]], "edge right"))
