"""The colour tables: what the default map promises to every pair of eyes."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.imaging.colormaps import COLORMAPS, NAN_COLOUR, Colormap, colormap
from explorer.imaging.signed_map import signed_table
from explorer.resources import resource
from tests.colour_science import VISION, ciede2000, lab, seen_by

ZERO = 128

# Pairs of CIELAB colours and their difference, from table 1 of Sharma, Wu and Dalal 2005.
SHARMA = [
    ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
    ((50.0, 0.0, 0.0), (50.0, -1.0, 2.0), 2.3669),
    ((50.0, 2.49, -0.001), (50.0, -2.49, 0.0009), 7.1792),
    ((50.0, -0.001, 2.49), (50.0, 0.0009, -2.49), 4.8045),
    ((50.0, 2.5, 0.0), (73.0, 25.0, -18.0), 27.1492),
    ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
    ((2.0776, 0.0795, -1.135), (0.9033, -0.0636, -0.5514), 0.9082),
]


@pytest.mark.parametrize(("first", "second", "published"), SHARMA)
def test_ciede2000__agrees_with_the_published_pairs(
    first: tuple[float, ...], second: tuple[float, ...], published: float
) -> None:
    assert float(ciede2000(np.array(first), np.array(second))) == pytest.approx(published, abs=5e-5)


@pytest.mark.parametrize("chosen", COLORMAPS, ids=lambda chosen: chosen.key)
def test_table__is_read_only_and_read_once(chosen: Colormap) -> None:
    table = chosen.table()
    assert table.shape == (256, 3)
    assert table.dtype == np.uint8
    assert not table.flags.writeable
    assert chosen.table() is table
    assert not (table == NAN_COLOUR).all(axis=1).any()


@pytest.mark.parametrize("chosen", COLORMAPS, ids=lambda chosen: chosen.key)
def test_table__names_its_licence(chosen: Colormap) -> None:
    head = resource(f"colormaps/{chosen.key}.csv").read_text(encoding="utf-8")[:300]
    assert any(licence in head for licence in ("MIT", "CC BY 4.0", "CC0"))
    assert f"`{chosen.key}.csv`" in resource("colormaps/LICENSES.md").read_text(encoding="utf-8")


def test_colormap__unknown_key_is_refused_with_the_choices() -> None:
    assert colormap("signed").signed
    with pytest.raises(ValueError, match=r"no colour map 'jet'; choose one of signed, "):
        colormap("jet")


@pytest.mark.parametrize("key", ["cet-d4", "cet-d1", "grey"])
def test_signed_tables__have_a_neutral_middle(key: str) -> None:
    middle = lab(colormap(key).table())[ZERO]
    assert np.hypot(middle[1], middle[2]) < 5


def test_signed__table_is_what_its_definition_builds() -> None:
    np.testing.assert_array_equal(colormap("signed").table(), signed_table())


def test_signed__zero_is_near_black_and_the_ends_are_pale() -> None:
    table = colormap("signed").table()
    assert tuple(table[ZERO]) == (14, 16, 19)
    lightness = lab(table)[:, 0]
    assert min(lightness[1], lightness[255]) > 85
    assert table[255, 0] > table[255, 2]  # warm
    assert table[1, 2] > table[1, 0]  # cool


def test_signed__lightness_rises_strictly_from_zero_and_equally_on_both_sides() -> None:
    lightness = lab(colormap("signed").table())[:, 0]
    positive, negative = lightness[ZERO:], lightness[ZERO:0:-1]
    assert (np.diff(positive) > 0).all()
    assert (np.diff(negative) > 0).all()
    np.testing.assert_allclose(positive, negative, atol=0.5)  # what rounding to 8 bits leaves


# The least over the four kinds of vision is 31.5, 40.8, 48.6, 48.1 and 33.7, in this order.
@pytest.mark.parametrize(("step", "least"), [(16, 28), (32, 38), (64, 45), (95, 45), (127, 30)])
@pytest.mark.parametrize("vision", VISION)
def test_signed__plus_and_minus_differ_for_every_vision(vision: str, step: int, least: float) -> None:
    seen = seen_by(vision, colormap("signed").table())
    assert float(ciede2000(seen[ZERO + step], seen[ZERO - step])) >= least


@pytest.mark.parametrize("vision", VISION)
def test_safe__plus_and_minus_differ_for_every_vision(vision: str) -> None:
    seen = seen_by(vision, colormap("cet-d4").table())
    for step, least in ((32, 18), (64, 30), (127, 40)):
        assert float(ciede2000(seen[ZERO + step], seen[ZERO - step])) >= least
