"""The values of a map as a histogram over its colours, with two handles for the ends of the scale."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.imaging.colormaps import Colormap
from explorer.imaging.rendering import Scale
from explorer.imaging.statistics import histogram
from explorer.layers.numbers import number
from explorer.ui import imagery, theme

_BINS = 128
_SIDE = 10  # left and right of the axis, for the handles
_RAMP = 8
_GRIP = 6
_NEAR = 12  # pixels in which a handle is taken
_NUDGE = 1 / 64  # of the axis, for one press of an arrow key
_NARROWEST = 1e-4  # of the axis, between the handles


class Histogram(QWidget):
    """Under a signed colour map, zero stays in the middle: both handles move together.

    Signals
    -------
    dragged(scale)
        A handle was moved.
    """

    dragged = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Histogram with the ends of the colours")
        self.setAccessibleDescription(
            "Left and right arrow keys move the upper end, with Shift the lower end"
        )
        self.setToolTip("Heights are square roots of counts, so that rare values are seen; drag the handles")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._heights: npt.NDArray[np.float64] = np.zeros(_BINS)
        self._axis = (-1.0, 1.0)
        self._scale = Scale(-1.0, 1.0)
        self._colormap: Colormap | None = None
        self._held = 0  # -1 the lower handle, 1 the upper

    def sizeHint(self) -> QSize:
        return QSize(320, 130)

    def show_values(
        self, values: npt.NDArray[np.float32], low: float, high: float, scale: Scale, colormap: Colormap
    ) -> None:
        """Show a map with finite values from low to high."""
        self._colormap, self._scale = colormap, scale
        if not self._held:  # an axis that moved under the hand could not be dragged along
            ends = scale.limits(colormap.signed)
            low, high = min(low, 0.0 if not scale.negatives else ends[0]), max(high, ends[1])
            room = (high - low) * 0.04
            self._axis = low - (room if scale.negatives else 0.0), high + room
        counts = histogram(values, *self._axis, _BINS)
        self._heights = np.sqrt(counts / max(1, counts.max()))
        self.update()

    # where things are

    def _ends(self) -> tuple[float, float]:
        """The values at the two handles; the lower one is not there where it has nothing to say."""
        assert self._colormap is not None
        low, high = self._scale.limits(self._colormap.signed)
        return (0.0 if self._colormap.signed and not self._scale.negatives else low), high

    def _x(self, value: float) -> float:
        low, high = self._axis
        return _SIDE + (value - low) / (high - low) * (self.width() - 2 * _SIDE)

    def _value(self, x: float) -> float:
        low, high = self._axis
        share = (x - _SIDE) / max(1, self.width() - 2 * _SIDE)
        return low + min(max(share, 0.0), 1.0) * (high - low)

    def _handle_at(self, x: float) -> int:
        if self._colormap is None:
            return 0
        low, high = (abs(x - self._x(end)) for end in self._ends())
        if self._has_lower and low < min(high, _NEAR):
            return -1
        return 1 if high < _NEAR else 0

    @property
    def _has_lower(self) -> bool:
        return self._colormap is not None and not (self._colormap.signed and not self._scale.negatives)

    # moving an end

    def _move(self, handle: int, value: float) -> None:
        scale = moved(
            self._scale, handle, value, self._axis, signed=bool(self._colormap and self._colormap.signed)
        )
        if scale != self._scale:
            self._scale = scale
            self.update()
            self.dragged.emit(scale)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._held = self._handle_at(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        x = event.position().x()
        if self._held:
            self._move(self._held, self._value(x))
        elif self._handle_at(x):
            self.setCursor(Qt.CursorShape.SizeHorCursor)
        else:
            self.unsetCursor()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._held = 0

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        step = steps.get(Qt.Key(event.key()))
        if step is None or self._colormap is None:
            super().keyPressEvent(event)
            return
        lower = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier) and self._has_lower
        low, high = self._ends()
        nudge = step * _NUDGE * (self._axis[1] - self._axis[0])
        self._move(-1 if lower else 1, (low if lower else high) + nudge)

    # painting

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._colormap is None:
            return
        painter = QPainter(self)
        colours = theme.of(self)
        painter.setFont(theme.font(self, 0.92))
        line = painter.fontMetrics().height() + 2
        bottom = self.height() - line - _RAMP - 4
        self._paint_bars(painter, colours, bottom)
        self._paint_ramp(painter, colours, bottom)
        self._paint_handles(painter, colours, bottom)
        painter.setPen(QColor(colours.second))
        texts = QRectF(_SIDE, self.height() - line, self.width() - 2 * _SIDE, line)
        painter.drawText(texts, Qt.AlignmentFlag.AlignLeft, number(float(f"{self._axis[0]:.2g}")))
        painter.drawText(texts, Qt.AlignmentFlag.AlignRight, number(float(f"{self._axis[1]:.2g}")))
        if self._axis[0] < 0 < self._axis[1]:
            centre = QRectF(self._x(0.0) - 20, texts.y(), 40, line)
            painter.drawText(centre, Qt.AlignmentFlag.AlignHCenter, "0")
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QColor(colours.accent))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def _paint_bars(self, painter: QPainter, colours: theme.Theme, bottom: int) -> None:
        wide = (self.width() - 2 * _SIDE) / _BINS
        fill = QColor(colours.second)
        for place, height in enumerate(self._heights.tolist()):
            if height:
                tall = max(1.0, height * (bottom - 8))
                painter.fillRect(QRectF(_SIDE + place * wide, bottom - tall, max(1.0, wide), tall), fill)

    def _paint_ramp(self, painter: QPainter, colours: theme.Theme, bottom: int) -> None:
        assert self._colormap is not None
        wide = self.width() - 2 * _SIDE
        ramp = np.linspace(*self._axis, max(2, wide), dtype=np.float32)[None, :]
        image = imagery.map_image(ramp, self._scale, self._colormap)
        painter.drawImage(QRectF(_SIDE, bottom + 2, wide, _RAMP), image)
        painter.setPen(QColor(colours.field_border))
        painter.drawRect(QRectF(_SIDE - 1, bottom + 1, wide + 1, _RAMP + 1))

    def _paint_handles(self, painter: QPainter, colours: theme.Theme, bottom: int) -> None:
        low, high = self._ends()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(QColor(colours.text))
        painter.setPen(QColor(colours.text))
        for value in (low, high) if self._has_lower else (high,):
            x = self._x(value)
            painter.drawLine(QPointF(x, 2), QPointF(x, bottom + _RAMP + 2))
            grip = [QPointF(x - _GRIP, 0), QPointF(x + _GRIP, 0), QPointF(x, _GRIP + 3)]
            painter.drawPolygon(QPolygonF(grip))


def moved(scale: Scale, handle: int, value: float, axis: tuple[float, float], *, signed: bool) -> Scale:
    """A scale with its lower (-1) or upper (1) end at another value; a signed one stays the same on both sides."""
    least = max((axis[1] - axis[0]) * _NARROWEST, 1e-30)
    if signed:
        reach = max(value * handle, least)
        return Scale(-reach, reach, scale.negatives)
    low, high = scale.limits(signed=False)
    if handle < 0:
        low = min(value, high - least)
    else:
        high = max(value, low + least)
    return Scale(low, high)
