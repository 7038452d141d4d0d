"""Where the tiles of a sheet lie: arithmetic only."""

from __future__ import annotations

from dataclasses import dataclass

GAP = 8
SMALLEST = 112  # narrower tiles cannot be read: scroll instead
LARGEST = 420


@dataclass(frozen=True)
class Tiling:
    """Equal tiles in rows. ``caption`` is the height of the text below each picture, ``left`` where rows begin."""

    count: int
    columns: int
    width: int
    height: int
    caption: int
    left: int = GAP

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return -(-self.count // self.columns)

    @property
    def total_height(self) -> int:
        """Height of all rows with their gaps."""
        return self.rows * self.pitch_y + GAP

    @property
    def pitch_x(self) -> int:
        """From one tile to the next, sideways."""
        return self.width + GAP

    @property
    def pitch_y(self) -> int:
        """From one tile to the next, downwards."""
        return self.height + self.caption + GAP

    def rect(self, index: int) -> tuple[int, int, int, int]:
        """(x, y, width, height) of the picture of tile ``index``."""
        row, column = divmod(index, self.columns)
        return self.left + column * self.pitch_x, GAP + row * self.pitch_y, self.width, self.height

    def index_at(self, x: float, y: float) -> int | None:
        """The tile under a point, caption included."""
        column, row = int((x - self.left) // self.pitch_x), int((y - GAP) // self.pitch_y)
        index = row * self.columns + column
        inside = 0 <= column < self.columns and row >= 0 and (x - self.left) % self.pitch_x < self.width
        return index if inside and index < self.count else None

    def in_caption(self, index: int, y: float) -> bool:
        """Whether a point of a tile lies in its caption."""
        return self.height < y - self.rect(index)[1] < self.height + self.caption

    def slot_at(self, x: float, y: float) -> tuple[int, int, int]:
        """The place between tiles that is nearest to a point.

        Returns before which tile it lies (``count``: behind the last), and the (x, y) of the top of the gap there.
        The place behind the last tile of a row is the same as that before the first of the next, but is seen
        elsewhere.
        """
        row = min(max(int((y - GAP) // self.pitch_y), 0), max(self.rows - 1, 0))
        in_row = min(self.columns, self.count - row * self.columns)
        column = min(max(int((x - self.left + GAP / 2) / self.pitch_x + 0.5), 0), max(in_row, 0))
        gap = self.left + column * self.pitch_x - GAP
        return row * self.columns + column, gap, GAP + row * self.pitch_y

    def visible(self, top: int, height: int) -> range:
        """The tiles of which something lies between ``top`` and ``top + height``."""
        first = max(0, (top - GAP) // self.pitch_y)
        last = max(0, -(-(top + height) // self.pitch_y))
        return range(first * self.columns, min(self.count, last * self.columns))


def tiling(count: int, aspect: float, width: int, height: int, caption: int, wanted: int = 0) -> Tiling:
    """Tiles as large as fit without scrolling; where they would get too small, small ones that scroll.

    ``aspect`` is a picture's width through its height; ``wanted`` a fixed tile width, 0 for the best. Where the
    tiles do not fill the width they stand in its middle.
    """
    aspect = min(max(aspect, 0.25), 6.0)
    if wanted:
        columns = max(1, (width - GAP) // (wanted + GAP))
        return _centred(Tiling(count, columns, wanted, _height(wanted, aspect), caption), width)
    best = None
    for columns in range(1, max(count, 1) + 1):
        rows = -(-count // columns)
        widest = (width - GAP) // columns - GAP
        tallest = (height - GAP) // rows - GAP - caption if rows else height
        tile = min(widest, int(tallest * aspect), LARGEST)
        if best is None or tile > best[0]:
            best = (tile, columns)
        if widest < SMALLEST:
            break
    if best is None or best[0] < SMALLEST:
        columns = max(1, (width - GAP) // (SMALLEST + 24 + GAP))
        tile = max(SMALLEST, (width - GAP) // columns - GAP)
        return _centred(Tiling(count, columns, tile, _height(tile, aspect), caption), width)
    return _centred(Tiling(count, best[1], best[0], _height(best[0], aspect), caption), width)


def _centred(layout: Tiling, width: int) -> Tiling:
    """With the same room at both sides; a whole row decides, so that a few tiles more do not move the others."""
    left = max(GAP, (width - layout.columns * layout.pitch_x + GAP) // 2)
    return Tiling(layout.count, layout.columns, layout.width, layout.height, layout.caption, left)


def _height(width: int, aspect: float) -> int:
    return max(24, round(width / aspect))
