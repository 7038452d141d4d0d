"""The colour maps on offer and their tables.

The tables are text files beside the program, so that exports and the headless command colour maps without Qt.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from explorer.resources import resource

NAN_COLOUR = (255, 0, 255)  # in none of the maps, so "not a number" cannot be taken for a value


@dataclass(frozen=True)
class Colormap:
    """A table of 256 colours. A signed one shows zero in row 128 and mirrors plus and minus around it."""

    key: str
    title: str
    description: str
    signed: bool

    def table(self) -> NDArray[np.uint8]:
        """The colours as a read-only (256, 3) RGB array."""
        return _table(self.key)


COLORMAPS: tuple[Colormap, ...] = (
    Colormap("signed", "Signed", "Zero is dark, positive glows warm, negative cool", signed=True),
    Colormap(
        "cet-d4", "Safe", "Blue to red through dark grey; the ends differ for colour-blind eyes", signed=True
    ),
    Colormap("cet-d1", "Print", "Blue to red through white; saves ink on paper", signed=True),
    Colormap("grey", "Grey", "Zero is mid-grey, positive lighter, negative darker", signed=True),
    Colormap(
        "viridis", "Viridis", "From the smallest to the largest value; zero is not marked", signed=False
    ),
)


def colormap(key: str) -> Colormap:
    """The colour map with this key; ValueError for an unknown one."""
    for candidate in COLORMAPS:
        if candidate.key == key:
            return candidate
    known = ", ".join(candidate.key for candidate in COLORMAPS)
    raise ValueError(f"There is no colour map {key!r}; choose one of {known}.")


@cache
def _table(key: str) -> NDArray[np.uint8]:
    path = resource(f"colormaps/{key}.csv")
    table = np.loadtxt(path, delimiter=",", comments="#", dtype=np.int64).astype(np.uint8)
    if table.shape != (256, 3):
        raise ValueError(f"{path.name} must hold 256 rows of r,g,b; reinstall the program.")
    table.flags.writeable = False
    return table
