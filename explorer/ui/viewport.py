"""Which part of a picture a widget shows: zoom, place, and the padding around it. Arithmetic only.

Places in the picture count from the edge of its first pixel: pixel i reaches from i to i + 1.
"""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, QSizeF

Sides = tuple[int, int, int, int]

_LARGEST_ZOOM = 128.0
_LEAST_MARGIN = 4.0  # widget pixels of padding below which no room is made for it
_NO_MARGINS = (0, 0, 0, 0)


class Viewport:
    """A picture of ``size`` (rows, columns) in a ``room`` of widget pixels, fitted until somebody zooms.

    ``padding`` (top, bottom, left, right) in picture pixels is shown where it is large enough to be seen.
    """

    def __init__(self) -> None:
        self.room = QSizeF(1, 1)
        self.size = (0, 0)
        self.padding: Sides = _NO_MARGINS
        self._zoom = 0.0  # 0 is fitted
        self._centre = QPointF(0.5, 0.5)  # shown in the middle, as a share of the picture

    @property
    def zoom(self) -> float:
        """Widget pixels per picture pixel, now."""
        return self._zoom or self.fitted

    @property
    def fitted(self) -> float:
        """The zoom at which the whole picture is seen."""
        rows, columns = self.size
        if rows == 0:
            return 1.0
        top, bottom, left, right = margins = self._margins()
        if margins == _NO_MARGINS:
            return min(self.room.width() / columns, self.room.height() / rows)
        # two pixels for the frame around the padding
        width, height = self.room.width() - 4, self.room.height() - 4
        return min(width / (columns + left + right), height / (rows + top + bottom))

    def area(self) -> QRectF:
        """Where the whole picture lies, in widget pixels; parts may be outside."""
        rows, columns = self.size
        zoom = self.zoom
        top, bottom, left, right = self._margins()
        x = _begin(self.room.width(), columns * zoom, left * zoom, right * zoom, self._centre.x())
        y = _begin(self.room.height(), rows * zoom, top * zoom, bottom * zoom, self._centre.y())
        return QRectF(x, y, columns * zoom, rows * zoom)

    def point_at(self, position: QPointF) -> QPointF:
        """The place in the picture below a point of the widget; it may lie outside."""
        area, zoom = self.area(), self.zoom
        return QPointF((position.x() - area.x()) / zoom, (position.y() - area.y()) / zoom)

    def pixel_near(self, position: QPointF) -> tuple[int, int]:
        """The pixel (row, column) there, which may not exist."""
        point = self.point_at(position)
        return math.floor(point.y()), math.floor(point.x())

    def _margins(self) -> Sides:
        """Padding that is large enough to be seen when the picture is fitted."""
        rows, columns = self.size
        if not any(self.padding):
            return _NO_MARGINS
        top, bottom, left, right = self.padding
        zoom = min(self.room.width() / (columns + left + right), self.room.height() / (rows + top + bottom))
        return self.padding if max(self.padding) * zoom >= _LEAST_MARGIN else _NO_MARGINS

    # what the user does

    def fit(self) -> None:
        """The whole picture."""
        self._zoom, self._centre = 0.0, QPointF(0.5, 0.5)

    def set_zoom(self, zoom: float) -> None:
        """Around the middle."""
        self._zoom = min(max(zoom, 0.01), _LARGEST_ZOOM)

    def zoom_at(self, position: QPointF, factor: float) -> None:
        """Zoom around a point of the widget, not further out than the whole picture."""
        fixed, fitted = self.point_at(position), self.fitted
        zoom = min(max(self.zoom * factor, fitted), _LARGEST_ZOOM)
        self._zoom = 0.0 if zoom <= fitted * 1.0001 else zoom
        zoom = self.zoom
        self._show_in_the_middle(
            QPointF(
                fixed.x() - (position.x() - self.room.width() / 2) / zoom,
                fixed.y() - (position.y() - self.room.height() / 2) / zoom,
            )
        )

    def pan(self, moved: QPointF) -> None:
        """The picture follows the hand by so many widget pixels."""
        rows, columns = self.size
        middle = QPointF(self._centre.x() * columns, self._centre.y() * rows)
        self._show_in_the_middle(middle - moved / self.zoom)

    def _show_in_the_middle(self, point: QPointF) -> None:
        rows, columns = self.size
        x, y = point.x() / max(columns, 1), point.y() / max(rows, 1)
        self._centre = QPointF(min(max(x, 0.0), 1.0), min(max(y, 0.0), 1.0))

    # a part of the picture

    def window(self) -> QRectF | None:
        """What is seen, in picture pixels, and beyond the picture where there is room; None where it is fitted."""
        if not self._zoom or self.size == (0, 0):
            return None
        first = self.point_at(QPointF(0, 0))
        return QRectF(first.x(), first.y(), self.room.width() / self.zoom, self.room.height() / self.zoom)

    def show_window(self, window: QRectF | None) -> None:
        """Show at least this part, in the middle; None is the whole picture."""
        if window is None or window.isEmpty() or self.size == (0, 0):
            self.fit()
            return
        zoom = min(self.room.width() / window.width(), self.room.height() / window.height())
        fitted = self.fitted
        self._zoom = min(zoom, _LARGEST_ZOOM) if zoom > fitted * 1.0001 else fitted
        self._show_in_the_middle(window.center())


def _begin(room: float, length: float, before: float, after: float, centre: float) -> float:
    """Where a picture begins along one side: in the middle with its margins, or wherever it was moved to."""
    if before + length + after <= room + 1e-6:
        return (room - before - length - after) / 2 + before
    return room / 2 - centre * length
