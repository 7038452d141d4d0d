"""One large picture or map: zoom, pan, marks, and a rectangle taken out of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from explorer.layers.explanation import Box
from explorer.ui import picture_marks, theme
from explorer.ui.framing import Framing
from explorer.ui.picture_inset import Inset
from explorer.ui.picture_marks import Marks, Place, Spot, Windows
from explorer.ui.picture_painting import NUMBER_ZOOM, Coloured, Content, Part, PicturePainter
from explorer.ui.viewport import Viewport

__all__ = ["Coloured", "Content", "PictureView"]

_WHEEL_STEP = 1.25


class PictureView(QWidget):
    """Shows a map or an RGB picture, fitted until the user zooms.

    Signals
    -------
    hovered(row, column), left()
        The pixel under the mouse.
    picked(row, column)
        A pixel was clicked, or walked to with the arrow keys.
    clicked(row, column), walked(row, column)
        One of both.
    zoomed()
        The picture is shown larger or smaller.
    moved()
        Another part of it is shown: the user zoomed or panned.
    escaped()
        Esc was pressed while the dot was pinned.
    taken(box)
        A rectangle of pixels was dragged.
    """

    hovered = Signal(int, int)
    left = Signal()
    picked = Signal(int, int)
    clicked = Signal(int, int)
    walked = Signal(int, int)
    zoomed = Signal()
    moved = Signal()
    escaped = Signal()
    taken = Signal(object)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(120, 90)
        self._painter = PicturePainter()
        self._message = ""
        self.marks = Marks()
        self._viewport = Viewport()
        self._pressed: QPointF | None = None
        self._dragged = False
        self._framing = Framing()
        self._takes = False
        self.may_take = False
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
        before = self._painter.content
        same = content is not None and (
            content.looks_like(before) if isinstance(content, Coloured) else content is before
        )
        self._painter.content, self._painter.numbers = content, numbers
        self._message = message
        if not same:
            self.update()

    # marks

    def mark(self, box: Box | None, dot: tuple[int, int] | None, *, pinned: bool = False) -> None:
        """Outline pixels (a window) and mark one (the dot)."""
        self._show_marks(replace(self.marks, box=box, dot=dot, pinned=pinned))

    def mark_pixel(self, pixel: tuple[int, int] | None) -> None:
        """Ring one pixel: the number that a term is made of."""
        self._show_marks(replace(self.marks, pixel=pixel))

    def show_inset(self, inset: Inset | None) -> None:
        """A small picture in a corner with pixels framed on it."""
        self._show_marks(replace(self.marks, inset=inset))

    def mark_spots(self, spots: tuple[Spot, ...]) -> None:
        """Mark places with a word each: the largest value, or the windows that such values come from."""
        self._show_marks(replace(self.marks, spots=spots))

    def show_windows(self, windows: Windows | None) -> None:
        """Show how a layer's windows lie on this picture."""
        self._show_marks(replace(self.marks, windows=windows))

    def _show_marks(self, marks: Marks) -> None:
        if marks != self.marks:
            self.marks = marks
            self.update()

    def set_taking(self, takes: bool) -> None:
        """Whether a drag takes a rectangle, and not only one with Ctrl held. Otherwise it pans."""
        self._takes = takes
        self.setCursor(Qt.CursorShape.CrossCursor if takes else Qt.CursorShape.ArrowCursor)

    def set_stale(self, stale: bool) -> None:
        """Dim the picture while it shows an older state."""
        if stale != self.stale:
            self.stale = stale
            self.update()

    # zoom and place

    def _port(self) -> Viewport:
        """The part that is shown, for the present size and picture."""
        port, windows = self._viewport, self.marks.windows
        port.room, port.size = QSizeF(self.size()), self.picture_size
        port.padding = windows.padding if windows and windows.size == port.size else (0, 0, 0, 0)
        return port

    def _was_moved(self) -> None:
        self.zoomed.emit()
        self.moved.emit()
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.picture_size[0]:
            self.zoomed.emit()

    def fit(self) -> None:
        """The whole picture."""
        self._port().fit()
        self._was_moved()

    def set_zoom(self, zoom: float) -> None:
        """Widget pixels per picture pixel, around the middle."""
        self._port().set_zoom(zoom)
        self._was_moved()

    def zoom_by(self, factor: float) -> None:
        """Zoom around the middle."""
        self.set_zoom(self.zoom * factor)

    @property
    def window_shown(self) -> QRectF | None:
        """What is seen, in picture pixels from the edge of the first; None where the picture is fitted."""
        return self._port().window()

    def show_window(self, window: QRectF | None) -> None:
        """Show at least this part of the picture, or all of it. Not told as a move of the user's."""
        port = self._port()
        before = port.area()
        port.show_window(window)
        if port.area() != before:
            self.zoomed.emit()
            self.update()

    @property
    def zoom(self) -> float:
        """Widget pixels per picture pixel, now."""
        return self._port().zoom

    @property
    def picture_size(self) -> tuple[int, int]:
        """Rows and columns; (0, 0) where nothing is shown."""
        return self._painter.size

    def pixel_at(self, position: QPointF) -> tuple[int, int] | None:
        """The pixel (row, column) under a point of the widget."""
        rows, columns = self.picture_size
        if rows == 0 or not self._area().contains(position):
            return None
        row, column = self._port().pixel_near(position)
        return min(max(row, 0), rows - 1), min(max(column, 0), columns - 1)

    def _area(self) -> QRectF:
        return self._port().area()

    def _place(self) -> Place:
        return Place(self._area(), self.zoom, self.picture_size, QRectF(self.rect()))

    # painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        colours = theme.of(self)
        painter.fillRect(self.rect(), QColor(colours.stage))
        if self.picture_size == (0, 0):
            painter.setPen(QColor(colours.second))
            painter.drawText(
                self.rect().adjusted(12, 12, -12, -12),
                int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap),
                self._message,
            )
            self._paint_focus(painter)
            return
        place = self._place()
        part = self._visible(place.area)
        if part[1] > part[0] and part[3] > part[2]:
            ratio = self.devicePixelRatioF()
            self._painter.paint(painter, place, part, ratio, 0.45 if self.stale else 1.0)
            if self._painter.shows_numbers(place.zoom):
                painter.setFont(theme.font(self, min(0.85 + (place.zoom - NUMBER_ZOOM) / 64, 1.6)))
                self._painter.paint_numbers(painter, place, part, ratio)
        picture_marks.paint(painter, place, self.marks, theme.font(self, 0.85))
        self._paint_focus(painter)

    def _visible(self, area: QRectF) -> Part:
        rows, columns = self.picture_size
        zoom = self.zoom
        top = max(0, int(-area.y() / zoom))
        left = max(0, int(-area.x() / zoom))
        bottom = min(rows, int((self.height() - area.y()) / zoom) + 1)
        right = min(columns, int((self.width() - area.x()) / zoom) + 1)
        return top, bottom, left, right

    def _paint_focus(self, painter: QPainter) -> None:
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(theme.of(self).accent), 2))
            painter.drawRect(self.rect().adjusted(1, 1, -1, -1))

    # mouse and keys

    def wheelEvent(self, event: QWheelEvent) -> None:
        steps = event.angleDelta().y() / 120
        if steps and self._painter.content is not None:
            self._port().zoom_at(event.position(), _WHEEL_STEP**steps)
            self._was_moved()
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        controlled = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if event.button() == Qt.MouseButton.LeftButton and self.may_take and (self._takes or controlled):
            pixel = self.pixel_at(event.position())
            if pixel is not None:
                self._framing.begin(pixel, self.picture_size)
                self._show_frame()
        elif event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            self._pressed, self._dragged = event.position(), False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._framing.active:
            self._framing.reach(self._port().pixel_near(event.position()))
            self._show_frame()
            return
        if self._pressed is not None:
            moved = event.position() - self._pressed
            if self._dragged or moved.manhattanLength() > 4:
                self._dragged = True
                self._port().pan(moved)
                self.moved.emit()
                self.update()
                self._pressed = event.position()
            return
        pixel = self.pixel_at(event.position())
        if pixel is None:
            self.left.emit()
        else:
            self.hovered.emit(*pixel)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._framing.active and event.button() == Qt.MouseButton.LeftButton:
            box = self._framing.end()
            self._show_frame()
            if box is not None:
                self.taken.emit(box)
            return
        pressed, self._pressed = self._pressed, None
        if pressed is not None and not self._dragged and event.button() == Qt.MouseButton.LeftButton:
            pixel = self.pixel_at(event.position())
            if pixel is not None:
                self.picked.emit(*pixel)
                self.clicked.emit(*pixel)

    def _show_frame(self) -> None:
        self._show_marks(replace(self.marks, framed=self._framing.box, framed_label=self._framing.label))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if not self._takes:
            self.fit()

    def leaveEvent(self, event: QEvent) -> None:
        self.left.emit()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            windows = self.marks.windows
            sentence = windows.sentence_at(*self._port().pixel_near(QPointF(event.pos()))) if windows else ""
            if sentence and self.picture_size != (0, 0):
                QToolTip.showText(event.globalPos(), sentence, self)
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._framing.active:
            self._framing.cancel()
            self._show_frame()
            return
        if event.key() == Qt.Key.Key_Escape and self.marks.pinned:
            self.escaped.emit()
            return
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
        row, column = self.marks.dot or (rows // 2, columns // 2)
        row = min(max(row + step[0] * size, 0), rows - 1)
        column = min(max(column + step[1] * size, 0), columns - 1)
        self.picked.emit(row, column)
        self.walked.emit(row, column)
