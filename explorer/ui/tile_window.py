"""Which part of its map a tile shows: arithmetic only, the same for every tile of a sheet."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF

SQUARE_ZOOM = 8.0


@dataclass(frozen=True)
class TilePlace:
    """A tile of ``width`` x ``height`` that begins at the map's point (``left``, ``top``).

    ``zoom_x`` and ``zoom_y`` are tile pixels to a map pixel; they are equal but where a whole map is made to fit.
    """

    width: float
    height: float
    left: float
    top: float
    zoom_x: float
    zoom_y: float

    @property
    def is_square(self) -> bool:
        """Whether map pixels are as wide as they are high."""
        return abs(self.zoom_x - self.zoom_y) <= 1e-6 * self.zoom_x

    def is_whole(self, rows: int, columns: int) -> bool:
        """Whether it shows a map of this size from edge to edge."""
        ends = self.left, self.top, self.width / self.zoom_x - columns, self.height / self.zoom_y - rows
        return all(abs(end) < 1e-6 for end in ends)

    def map_point(self, x: float, y: float) -> QPointF:
        """The place in the map under a point of the tile."""
        return QPointF(self.left + x / self.zoom_x, self.top + y / self.zoom_y)

    def cell(self, row: int, column: int) -> QRectF:
        """Where a map pixel lies in the tile."""
        x, y = (column - self.left) * self.zoom_x, (row - self.top) * self.zoom_y
        return QRectF(x, y, self.zoom_x, self.zoom_y)

    def part(self, rows: int, columns: int) -> tuple[int, int, int, int]:
        """The map pixels of which something is seen: top, bottom, left, right."""
        top, bottom = _seen(self.top, self.height / self.zoom_y, rows)
        left, right = _seen(self.left, self.width / self.zoom_x, columns)
        return top, bottom, left, right

    def scaled(self, ratio: float) -> TilePlace:
        """In the pixels of a screen that has ``ratio`` of them to a unit."""
        width, height = round(self.width * ratio), round(self.height * ratio)
        return TilePlace(width, height, self.left, self.top, self.zoom_x * ratio, self.zoom_y * ratio)


def placed(window: QRectF | None, rows: int, columns: int, width: int, height: int) -> TilePlace:
    """A tile of a map (rows, columns) that shows at least the ``window``, in its middle; None is the whole map."""
    if window is None or window.width() <= 0 or window.height() <= 0:
        if min(width / columns, height / rows) <= SQUARE_ZOOM:
            return TilePlace(width, height, 0.0, 0.0, width / columns, height / rows)
        window = QRectF(0, 0, columns, rows)  # pixels that large are seen one by one, and are square
    zoom = min(width / window.width(), height / window.height())
    centre = window.center()
    return TilePlace(width, height, centre.x() - width / 2 / zoom, centre.y() - height / 2 / zoom, zoom, zoom)


def _seen(start: float, length: float, count: int) -> tuple[int, int]:
    first = min(max(math.floor(start), 0), count)
    return first, min(max(math.ceil(start + length), first), count)
