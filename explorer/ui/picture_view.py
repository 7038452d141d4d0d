"""One large picture or map: zoom, pan, the window box, the dot, and numbers in the pixels when near enough."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.imaging.colormaps import Colormap
from explorer.imaging.rendering import Scale
from explorer.layers.explanation import Box, number
from explorer.ui import imagery, overlay, theme

_GRID_ZOOM = 8.0
_NUMBER_ZOOM = 32.0
_LARGEST_ZOOM = 128.0
_WHEEL_STEP = 1.25


@dataclass(frozen=True, eq=False)
class Coloured:
    """A map's levels with the way to colour them. ``content`` is the same object as long as the numbers are."""

    levels: tuple[npt.NDArray[np.float32], ...]
    scale: Scale
    colormap: Colormap
    content: object = None

    def looks_like(self, other: Content | None) -> bool:
        """Whether both are known to be the same picture."""
        return (
            isinstance(other, Coloured)
            and self.content is not None
            and self.content is other.content
            and self.scale == other.scale
            and self.colormap is other.colormap
        )


Content = Coloured | tuple[npt.NDArray[np.uint8], ...]


class PictureView(QWidget):
    """Shows a map or an RGB picture, fitted until the user zooms.

    Signals
    -------
    hovered(row, column), left()
        The pixel under the mouse.
    picked(row, column)
        A pixel was clicked, or walked to with the arrow keys.
    zoomed()
        The picture is shown larger or smaller.
    """

    hovered = Signal(int, int)
    left = Signal()
    picked = Signal(int, int)
    zoomed = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(120, 90)
        self._content: Content | None = None
        self._message = ""
        self._numbers: npt.NDArray[np.float32] | None = None
        self._box: Box | None = None
        self._dot: tuple[int, int] | None = None
        self._zoom = 0.0  # widget pixels per picture pixel; 0 is fitted
        self._centre = QPointF(0.5, 0.5)  # shown in the middle, as a share of the picture
        self._pressed: QPointF | None = None
        self._dragged = False
        self._cache: tuple[object, QImage] | None = None
        self.stale = False

    def sizeHint(self) -> QSize:
        return QSize(320, 240)

    def show_content(
        self,
        content: Content | None,
        message: str = "",
        numbers: npt.NDArray[np.float32] | None = None,
    ) -> None:
        """Show another map or picture (or the sentence why there is none). Zoom and place stay.

        ``numbers`` (channels, rows, columns) are written into the pixels of a picture that stands for them.
        """
        same = content is not None and (
            content.looks_like(self._content) if isinstance(content, Coloured) else content is self._content
        )
        self._content, self._message, self._numbers = content, message, numbers
        if not same:
            self.update()

    def mark(self, box: Box | None, dot: tuple[int, int] | None) -> None:
        """Outline pixels (a window) and mark one (the dot)."""
        if (box, dot) != (self._box, self._dot):
            self._box, self._dot = box, dot
            self.update()

    def set_stale(self, stale: bool) -> None:
        """Dim the picture while it shows an older state."""
        if stale != self.stale:
            self.stale = stale
            self.update()

    def fit(self) -> None:
        """The whole picture."""
        self._zoom = 0.0
        self._centre = QPointF(0.5, 0.5)
        self.zoomed.emit()
        self.update()

    def set_zoom(self, zoom: float) -> None:
        """Widget pixels per picture pixel, around the middle."""
        self._zoom = min(max(zoom, 0.01), _LARGEST_ZOOM)
        self.zoomed.emit()
        self.update()

    def zoom_by(self, factor: float) -> None:
        """Zoom around the middle."""
        self.set_zoom(self.zoom * factor)

    @property
    def zoom(self) -> float:
        """Widget pixels per picture pixel, now."""
        return self._zoom or self._fitted()

    @property
    def picture_size(self) -> tuple[int, int]:
        """Rows and columns; (0, 0) where nothing is shown."""
        levels = self._levels()
        return (levels[0].shape[0], levels[0].shape[1]) if levels else (0, 0)

    def pixel_at(self, position: QPointF) -> tuple[int, int] | None:
        """The pixel (row, column) under a point of the widget."""
        rows, columns = self.picture_size
        area = self._area()
        if rows == 0 or not area.contains(position):
            return None
        row = int((position.y() - area.y()) / self.zoom)
        column = int((position.x() - area.x()) / self.zoom)
        return min(row, rows - 1), min(column, columns - 1)

    def _levels(self) -> tuple[npt.NDArray[np.generic], ...]:
        if self._content is None:
            return ()
        return self._content.levels if isinstance(self._content, Coloured) else self._content

    def _fitted(self) -> float:
        rows, columns = self.picture_size
        if rows == 0:
            return 1.0
        return min(self.width() / columns, self.height() / rows)

    def _area(self) -> QRectF:
        """Where the whole picture lies, in widget pixels; parts may be outside."""
        rows, columns = self.picture_size
        width, height = columns * self.zoom, rows * self.zoom
        x = (
            (self.width() - width) / 2
            if width <= self.width()
            else self.width() / 2 - self._centre.x() * width
        )
        y = (
            (self.height() - height) / 2
            if height <= self.height()
            else self.height() / 2 - self._centre.y() * height
        )
        return QRectF(x, y, width, height)

    # painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        colours = theme.of(self)
        painter.fillRect(self.rect(), QColor(colours.stage))
        if self._content is None or self.picture_size == (0, 0):
            painter.setPen(QColor(colours.second))
            painter.drawText(
                self.rect().adjusted(12, 12, -12, -12),
                int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap),
                self._message,
            )
            self._paint_focus(painter)
            return
        area = self._area()
        top, bottom, left, right = self._visible(area)
        if bottom <= top or right <= left:
            return
        zoom = self.zoom
        target = QRectF(
            area.x() + left * zoom, area.y() + top * zoom, (right - left) * zoom, (bottom - top) * zoom
        )
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, zoom < 2)
        if self.stale:
            painter.setOpacity(0.45)
        painter.drawImage(target, self._image(top, bottom, left, right))
        painter.setOpacity(1.0)
        if zoom > _GRID_ZOOM:
            self._paint_grid(painter, area, (top, bottom, left, right))
        lines = 1 if self._numbers is None else len(self._numbers)
        if zoom > _NUMBER_ZOOM * (1 + lines) / 2 and (
            isinstance(self._content, Coloured) or self._numbers is not None
        ):
            self._paint_numbers(painter, area, (top, bottom, left, right))
        painter.setClipRect(self.rect())
        self._paint_marks(painter, area)
        self._paint_focus(painter)

    def _visible(self, area: QRectF) -> tuple[int, int, int, int]:
        rows, columns = self.picture_size
        zoom = self.zoom
        top = max(0, int(-area.y() / zoom))
        left = max(0, int(-area.x() / zoom))
        bottom = min(rows, int((self.height() - area.y()) / zoom) + 1)
        right = min(columns, int((self.width() - area.x()) / zoom) + 1)
        return top, bottom, left, right

    def _image(self, top: int, bottom: int, left: int, right: int) -> QImage:
        """The visible part, from the smallest level that has a pixel for every one of the screen's."""
        content = self._content
        levels = self._levels()
        whole = (top, bottom, left, right) == (0, levels[0].shape[0], 0, levels[0].shape[1])
        level = 0
        scale = self.zoom * self.devicePixelRatioF()
        while whole and level + 1 < len(levels) and scale * 2 ** (level + 1) <= 1.0:
            level += 1
        pixels = levels[level]
        part = pixels if whole else pixels[top:bottom, left:right]
        colouring = (content.scale, content.colormap.key) if isinstance(content, Coloured) else None
        key = (pixels, None if whole else (top, bottom, left, right), colouring)
        if self._cache is not None and _same_key(self._cache[0], key):
            return self._cache[1]
        if isinstance(content, Coloured):
            image = imagery.map_image(np.ascontiguousarray(part, np.float32), content.scale, content.colormap)
        else:
            image = imagery.rgb_image(np.asarray(part, np.uint8))
        self._cache = (key, image)
        return image

    def _paint_grid(self, painter: QPainter, area: QRectF, part: tuple[int, int, int, int]) -> None:
        top, bottom, left, right = part
        painter.setPen(QPen(QColor(128, 128, 128, 70), 1))
        zoom = self.zoom
        for row in range(top, bottom + 1):
            y = area.y() + row * zoom
            painter.drawLine(QPointF(area.x() + left * zoom, y), QPointF(area.x() + right * zoom, y))
        for column in range(left, right + 1):
            x = area.x() + column * zoom
            painter.drawLine(QPointF(x, area.y() + top * zoom), QPointF(x, area.y() + bottom * zoom))

    def _paint_numbers(self, painter: QPainter, area: QRectF, part: tuple[int, int, int, int]) -> None:
        pixels = self._levels()[0]
        top, bottom, left, right = part
        image = self._image(top, bottom, left, right)
        zoom = self.zoom
        painter.setFont(theme.font(self, min(0.85 + (zoom - _NUMBER_ZOOM) / 64, 1.6)))
        for row in range(top, bottom):
            for column in range(left, right):
                if self._numbers is not None:
                    shown = "\n".join(number(float(value)) for value in self._numbers[:, row, column])
                else:
                    shown = number(float(pixels[row, column]))
                x, y = min(column - left, image.width() - 1), min(row - top, image.height() - 1)
                painter.setPen(overlay.text_on(image.pixelColor(x, y)))
                cell = QRectF(area.x() + column * zoom, area.y() + row * zoom, zoom, zoom)
                painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, shown)

    def _paint_marks(self, painter: QPainter, area: QRectF) -> None:
        zoom = self.zoom
        if self._box is not None:
            box = self._box
            rect = QRectF(
                area.x() + box.left * zoom, area.y() + box.top * zoom, box.width * zoom, box.height * zoom
            )
            if min(rect.width(), rect.height()) < 7:  # a box of three pixels must still be seen
                centre = rect.center()
                rect = QRectF(centre.x() - 4, centre.y() - 4, 8, 8)
            rows, columns = self.picture_size
            inside = (
                box.top >= 0
                and box.left >= 0
                and box.top + box.height <= rows
                and box.left + box.width <= columns
            )
            overlay.outline(painter, rect, dashed=not inside)
        if self._dot is not None:
            row, column = self._dot
            cell = QRectF(area.x() + column * zoom, area.y() + row * zoom, zoom, zoom)
            if zoom >= 7:
                overlay.outline(painter, cell)
            else:
                overlay.cross(painter, cell.center(), 7)

    def _paint_focus(self, painter: QPainter) -> None:
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(theme.of(self).accent), 2))
            painter.drawRect(self.rect().adjusted(1, 1, -1, -1))

    # mouse and keys

    def wheelEvent(self, event: QWheelEvent) -> None:
        steps = event.angleDelta().y() / 120
        if steps and self._content is not None:
            self._zoom_at(event.position(), _WHEEL_STEP**steps)
        event.accept()

    def _zoom_at(self, position: QPointF, factor: float) -> None:
        before = self._area()
        share = QPointF(
            (position.x() - before.x()) / max(before.width(), 1e-9),
            (position.y() - before.y()) / max(before.height(), 1e-9),
        )
        zoom = min(max(self.zoom * factor, self._fitted()), _LARGEST_ZOOM)
        self._zoom = 0.0 if zoom <= self._fitted() * 1.0001 else zoom
        self.zoomed.emit()
        rows, columns = self.picture_size
        width, height = columns * self.zoom, rows * self.zoom
        self._move_centre(
            QPointF(
                share.x() - (position.x() - self.width() / 2) / max(width, 1e-9),
                share.y() - (position.y() - self.height() / 2) / max(height, 1e-9),
            )
        )

    def _move_centre(self, centre: QPointF) -> None:
        self._centre = QPointF(min(max(centre.x(), 0.0), 1.0), min(max(centre.y(), 0.0), 1.0))
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            self._pressed, self._dragged = event.position(), False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed is not None:
            moved = event.position() - self._pressed
            if self._dragged or moved.manhattanLength() > 4:
                self._dragged = True
                area = self._area()
                self._move_centre(
                    QPointF(
                        self._centre.x() - moved.x() / max(area.width(), 1e-9),
                        self._centre.y() - moved.y() / max(area.height(), 1e-9),
                    )
                )
                self._pressed = event.position()
            return
        pixel = self.pixel_at(event.position())
        if pixel is None:
            self.left.emit()
        else:
            self.hovered.emit(*pixel)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        pressed, self._pressed = self._pressed, None
        if pressed is not None and not self._dragged and event.button() == Qt.MouseButton.LeftButton:
            pixel = self.pixel_at(event.position())
            if pixel is not None:
                self.picked.emit(*pixel)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.fit()

    def leaveEvent(self, event: object) -> None:
        self.left.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {
            Qt.Key.Key_Left: (0, -1),
            Qt.Key.Key_Right: (0, 1),
            Qt.Key.Key_Up: (-1, 0),
            Qt.Key.Key_Down: (1, 0),
        }
        step = steps.get(Qt.Key(event.key()))
        rows, columns = self.picture_size
        if step is None or rows == 0:
            super().keyPressEvent(event)
            return
        size = 10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
        row, column = self._dot or (rows // 2, columns // 2)
        row = min(max(row + step[0] * size, 0), rows - 1)
        column = min(max(column + step[1] * size, 0), columns - 1)
        self.picked.emit(row, column)


def _same_key(first: object, second: tuple[object, ...]) -> bool:
    """Equal, with the arrays compared by identity."""
    return isinstance(first, tuple) and first[0] is second[0] and first[1:] == second[1:]
