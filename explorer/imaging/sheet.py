"""A contact sheet: many pictures with captions on as few pages as possible."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Bytes = NDArray[np.uint8]
Colour = tuple[int, int, int]
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

PAGE_LIMIT = 32_767  # pixels a side that painters and viewers can handle

_BACKGROUND: Colour = (27, 29, 33)
_TEXT: Colour = (232, 234, 237)
_SMALLEST_TILE = 96
_LARGEST_ENLARGEMENT = 1_024  # a map of one column is not blown up beyond this height
_GAP = 12
_FONT_SIZE = 14
_CAPTION_HEIGHT = 24
_PAGE_SHAPE = 4 / 3

# The bundled font holds ASCII and little more.
_PLAIN = str.maketrans(
    {"×": "x", "−": "-", "–": "-", "—": "-", "→": "->", "←": "<-", "↑": "^", "↓": "v", "·": ".", "ß": "ss"}
)


def contact_sheet(
    pictures: Sequence[Bytes],
    captions: Sequence[str],
    *,
    columns: int | None = None,
    background: Colour = _BACKGROUND,
    text_colour: Colour = _TEXT,
    limit: int = PAGE_LIMIT,
) -> list[Bytes]:
    """Pages (H, W, 3) with the pictures (h, w, 3) in reading order, each above its caption.

    Pictures narrower than 96 pixels are enlarged by a whole factor. A caption that is too long ends in an
    ellipsis. No side of a page is longer than ``limit``: what does not fit goes on the next page.

    Raises
    ------
    ValueError
        If there is no picture, one is no RGB picture, captions are missing, or a picture exceeds a page.
    """
    _check(pictures, captions, columns)
    tiles = [_enlarged(picture) for picture in pictures]
    grid = _grid(tiles, columns, limit)
    pages = []
    for start in range(0, len(tiles), grid.columns * grid.rows):
        chosen = slice(start, start + grid.columns * grid.rows)
        pages.append(_page(tiles[chosen], captions[chosen], grid, background, text_colour))
    return pages


@dataclass(frozen=True)
class _Grid:
    """The size of a cell without its gaps, and how many fit on a page."""

    width: int
    height: int
    columns: int
    rows: int


def _check(pictures: Sequence[Bytes], captions: Sequence[str], columns: int | None) -> None:
    if not pictures:
        raise ValueError("There is no map to put on the sheet; choose at least one.")
    if len(pictures) != len(captions):
        raise ValueError(f"Each picture needs a caption: {len(pictures)} pictures, {len(captions)} captions.")
    if columns is not None and columns < 1:
        raise ValueError(f"A sheet needs at least 1 column, {columns} were asked for.")
    for picture in pictures:
        if picture.ndim != 3 or picture.shape[2] != 3 or picture.dtype != np.uint8 or picture.size == 0:
            raise ValueError(
                f"A sheet takes RGB pictures of 8 bits, not {picture.dtype} of shape {picture.shape}."
            )


def _enlarged(picture: Bytes) -> Bytes:
    height, width = picture.shape[:2]
    factor = min(math.ceil(_SMALLEST_TILE / width), max(1, _LARGEST_ENLARGEMENT // height))
    return picture.repeat(factor, axis=0).repeat(factor, axis=1) if factor > 1 else picture


def _grid(tiles: Sequence[Bytes], columns: int | None, limit: int) -> _Grid:
    width = max(_SMALLEST_TILE, max(tile.shape[1] for tile in tiles))
    height = max(tile.shape[0] for tile in tiles) + _CAPTION_HEIGHT
    most_columns, most_rows = (limit - _GAP) // (width + _GAP), (limit - _GAP) // (height + _GAP)
    if most_columns < 1 or most_rows < 1:
        raise ValueError(
            f"A tile of {width} x {height} pixels does not fit on a page of {limit}; export the maps one by one."
        )
    wanted = columns or round(math.sqrt(len(tiles) * (height + _GAP) / (width + _GAP) * _PAGE_SHAPE))
    used = min(max(1, wanted), most_columns, len(tiles))
    return _Grid(width, height, used, most_rows)


def _page(
    tiles: Sequence[Bytes], captions: Sequence[str], grid: _Grid, background: Colour, text_colour: Colour
) -> Bytes:
    rows = math.ceil(len(tiles) / grid.columns)
    size = (_GAP + grid.columns * (grid.width + _GAP), _GAP + rows * (grid.height + _GAP))
    page = Image.new("RGB", size, background)
    draw = ImageDraw.Draw(page)
    for index, (tile, caption) in enumerate(zip(tiles, captions, strict=True)):
        row, column = divmod(index, grid.columns)
        left, top = _GAP + column * (grid.width + _GAP), _GAP + row * (grid.height + _GAP)
        bottom = top + grid.height - _CAPTION_HEIGHT
        page.paste(Image.fromarray(np.ascontiguousarray(tile)), (left, bottom - tile.shape[0]))
        text = _shortened(_drawable(caption), grid.width)
        draw.text((left, bottom + _CAPTION_HEIGHT / 2), text, fill=text_colour, font=_font(), anchor="lm")
    return np.array(page)


@cache
def _font() -> Font:
    return ImageFont.load_default(_FONT_SIZE)


def _drawable(caption: str) -> str:
    """The caption on one line, in letters that the bundled font has."""
    decomposed = unicodedata.normalize("NFKD", " ".join(caption.split()).translate(_PLAIN))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def _shortened(text: str, width: int) -> str:
    """The text, or as much of its beginning as fits in front of an ellipsis."""
    font = _font()
    if font.getlength(text) <= width:
        return text
    fits, too_long = 0, len(text)
    while too_long - fits > 1:
        middle = (fits + too_long) // 2
        if font.getlength(text[:middle].rstrip() + "…") <= width:
            fits = middle
        else:
            too_long = middle
    return text[:fits].rstrip() + "…"
