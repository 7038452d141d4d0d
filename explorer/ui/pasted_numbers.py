"""Numbers on the clipboard as a picture."""

from __future__ import annotations

import re

from explorer.document.grid_text import GridTextError, parse_grid
from explorer.errors import PictureError
from explorer.imaging.image import Image

LARGEST_SIDE = 512
_NUMBER = re.compile(r"[-+−]?\s*(\d|\.\d)")


def is_numbers(text: str) -> bool:
    """Whether text begins as a table of numbers does, so that a mistake in it is worth a sentence."""
    return _NUMBER.match(text.strip().removeprefix("np.array").lstrip("([{ \t\n")) is not None


def picture_of_numbers(text: str) -> Image:
    """A grey picture of numbers that mean only themselves; PictureError that names the row and the column."""
    try:
        values = parse_grid(text, largest=LARGEST_SIDE)
    except GridTextError as error:
        raise PictureError(str(error)) from None
    return Image.from_array(values, "clipboard", raw=True)
