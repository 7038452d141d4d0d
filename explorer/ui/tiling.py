"""Where the tiles of a sheet lie: arithmetic only."""

from __future__ import annotations

from dataclasses import dataclass

GAP = 8
SMALLEST = 112  # narrower tiles cannot be read: scroll instead
LARGEST = 420


@dataclass(frozen=True)
class Tiling:
    """Equal tiles in rows. ``caption`` is the height of the text below each picture."""

    count: int
    columns: int
    width: int
    height: int
    caption: int

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
        return GAP + column * self.pitch_x, GAP + row * self.pitch_y, self.width, self.height

    def index_at(self, x: float, y: float) -> int | None:
        """The tile under a point, caption included."""
        column, row = int((x - GAP) // self.pitch_x), int((y - GAP) // self.pitch_y)
        index = row * self.columns + column
        inside = 0 <= column < self.columns and row >= 0 and (x - GAP) % self.pitch_x < self.width
        return index if inside and index < self.count else None

    def visible(self, top: int, height: int) -> range:
        """The tiles of which something lies between ``top`` and ``top + height``."""
        first = max(0, (top - GAP) // self.pitch_y)
        last = max(0, -(-(top + height) // self.pitch_y))
        return range(first * self.columns, min(self.count, last * self.columns))


def tiling(count: int, aspect: float, width: int, height: int, caption: int, wanted: int = 0) -> Tiling:
    """Tiles as large as fit without scrolling; where they would get too small, small ones that scroll.

    ``aspect`` is a picture's width through its height; ``wanted`` a fixed tile width, 0 for the best.
    """
    aspect = min(max(aspect, 0.25), 6.0)
    if wanted:
        columns = max(1, (width - GAP) // (wanted + GAP))
        return Tiling(count, columns, wanted, _height(wanted, aspect), caption)
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
        return Tiling(count, columns, tile, _height(tile, aspect), caption)
    return Tiling(count, best[1], best[0], _height(best[0], aspect), caption)


def _height(width: int, aspect: float) -> int:
    return max(24, round(width / aspect))
