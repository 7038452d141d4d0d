"""Contact sheets: every picture is there, no caption is cut, no page is too large."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import ImageFont

from explorer.imaging.sheet import contact_sheet

Bytes = NDArray[np.uint8]
BACKGROUND = (10, 20, 30)


def flat(height: int, width: int, colour: tuple[int, int, int] = (200, 0, 0)) -> Bytes:
    return np.full((height, width, 3), colour, np.uint8)


def count(page: Bytes, colour: tuple[int, int, int]) -> int:
    return int((page == colour).all(axis=2).sum())


def test_contact_sheet__places_pictures_in_reading_order() -> None:
    colours = [(250, 0, 0), (0, 250, 0), (0, 0, 250)]
    pages = contact_sheet([flat(100, 120, colour) for colour in colours], ["a", "b", "c"], columns=2)
    assert len(pages) == 1
    page = pages[0]
    places = [np.argwhere((page == colour).all(axis=2)) for colour in colours]
    assert [len(place) for place in places] == [12_000] * 3
    tops = [place[:, 0].min() for place in places]
    lefts = [place[:, 1].min() for place in places]
    assert tops[0] == tops[1] < tops[2]
    assert lefts[0] == lefts[2] < lefts[1]


def test_contact_sheet__enlarges_tiny_maps_by_a_whole_factor() -> None:
    picture = flat(2, 5)
    picture[0, 0] = (0, 200, 0)
    page = contact_sheet([picture], ["tiny"])[0]
    assert count(page, (0, 200, 0)) == 20 * 20
    assert count(page, (200, 0, 0)) == 20 * 20 * 9


def test_contact_sheet__does_not_blow_up_a_single_column() -> None:
    page = contact_sheet([flat(5_000, 1)], ["column"])[0]
    assert count(page, (200, 0, 0)) == 5_000
    assert page.shape[1] >= 96


def test_contact_sheet__splits_into_pages_below_the_limit() -> None:
    pictures = [flat(100, 100, (index + 1, 0, 0)) for index in range(23)]
    pages = contact_sheet(pictures, [""] * 23, limit=400, background=BACKGROUND)
    assert len(pages) == 4
    assert all(max(page.shape[:2]) <= 400 for page in pages)
    seen = sum(count(page, (index + 1, 0, 0)) == 10_000 for page in pages for index in range(23))
    assert seen == 23


def test_contact_sheet__pictures_of_different_size_stand_on_their_captions() -> None:
    page = contact_sheet([flat(200, 100), flat(100, 200, (0, 200, 0))], ["high", "wide"], columns=2)[0]
    high, wide = (np.argwhere((page == colour).all(axis=2)) for colour in ((200, 0, 0), (0, 200, 0)))
    assert high[:, 0].max() == wide[:, 0].max()


@pytest.mark.parametrize("caption", ["a very long caption " * 20, "W" * 500, "×→é\n\t中" * 60, ""])
def test_contact_sheet__a_caption_stays_below_its_own_picture(caption: str) -> None:
    white = (255, 255, 255)
    page = contact_sheet(
        [flat(96, 96, (0, 0, 9))] * 2, [caption, ""], columns=2, background=(0, 0, 0), text_colour=white
    )[0]
    ink = np.argwhere((page > 60).all(axis=2))
    assert bool(len(ink)) == bool(caption)
    if caption:
        assert ink[:, 1].max() < 12 + 96
        assert ink[:, 0].max() < page.shape[0] - 1
        assert ink[:, 0].min() >= 12 + 96


def test_contact_sheet__a_long_caption_ends_in_an_ellipsis(monkeypatch: pytest.MonkeyPatch) -> None:
    from PIL import ImageDraw

    drawn: list[str] = []
    monkeypatch.setattr(ImageDraw.ImageDraw, "text", lambda self, place, text, **_: drawn.append(text))
    contact_sheet([flat(96, 96)] * 2, ["edge right", "edge right -3.42 to 3.42 clipped 0.5 %"])
    assert drawn[0] == "edge right"
    assert drawn[1].startswith("edge right")
    assert drawn[1].endswith("…")
    assert ImageFont.load_default(14).getlength(drawn[1]) <= 96


@pytest.mark.parametrize(
    ("pictures", "captions", "columns", "message"),
    [
        ([], [], None, "no map to put on the sheet"),
        ([flat(9, 9)], [], None, "1 pictures, 0 captions"),
        ([flat(9, 9)], ["a"], 0, "at least 1 column, 0 were asked for"),
        ([np.zeros((9, 9), np.uint8)], ["a"], None, "RGB pictures of 8 bits"),
        ([np.zeros((0, 9, 3), np.uint8)], ["a"], None, "RGB pictures of 8 bits"),
        ([flat(9, 900)], ["a"], None, "does not fit on a page of 500"),
    ],
)
def test_contact_sheet__refuses_with_a_sentence(
    pictures: list[Bytes], captions: list[str], columns: int | None, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        contact_sheet(pictures, captions, columns=columns, limit=500)
