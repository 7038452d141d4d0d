"""A vector as labelled bars: what Flatten, Linear and Softmax put out."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QRect, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QWidget

from explorer.imaging.colormaps import Colormap
from explorer.layers.numbers import number
from explorer.ui import overlay, theme


class Bars(QAbstractScrollArea):
    """Bars around a common zero, one per number, with their index and value.

    Signals
    -------
    picked(index)
        A bar was clicked or walked to.
    hovered(index), left()
        The bar under the mouse.
    """

    picked = Signal(int)
    hovered = Signal(int)
    left = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setMouseTracking(True)
        self._values: npt.NDArray[np.float32] = np.zeros(0, np.float32)
        self._labels: tuple[str, ...] = ()
        self._colormap: Colormap | None = None
        self._selected = 0

    def show_values(
        self, values: npt.NDArray[np.float32], colormap: Colormap, labels: tuple[str, ...] = ()
    ) -> None:
        """Show other numbers; without labels they are counted."""
        self._values, self._colormap, self._labels = values, colormap, labels
        self._arrange()

    @property
    def count(self) -> int:
        """How many numbers there are."""
        return len(self._values)

    def select(self, index: int) -> None:
        """Frame one bar."""
        self._selected = index
        self.viewport().update()

    @property
    def _line(self) -> int:
        wanted = QFontMetrics(theme.font(self)).height() + 6
        room = self.viewport().height() // max(1, len(self._values))
        return int(min(max(wanted, room), wanted * 2))

    def _arrange(self) -> None:
        bar = self.verticalScrollBar()
        bar.setRange(0, max(0, len(self._values) * self._line - self.viewport().height()))
        bar.setPageStep(self.viewport().height())
        bar.setSingleStep(self._line)
        self.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._arrange()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        colours = theme.of(self)
        painter.fillRect(self.viewport().rect(), QColor(colours.window))
        if not len(self._values) or self._colormap is None:
            return
        painter.setFont(theme.font(self))
        line, top = self._line, self.verticalScrollBar().value()
        finite = np.nan_to_num(self._values, nan=0.0, posinf=0.0, neginf=0.0)
        reach = float(np.abs(finite).max()) or 1.0
        negatives = bool((finite < 0).any())
        labels_width = self._label_width()
        left, right = 12 + labels_width, self.viewport().width() - 84
        zero = (left + right) // 2 if negatives else left
        span = max(1, right - zero)
        table = self._colormap.table()
        first, last = top // line, min(len(finite), -(-(top + self.viewport().height()) // line))
        for index in range(first, last):
            row = QRect(0, index * line - top, self.viewport().width(), line)
            share = float(finite[index]) / reach
            length = round(span * abs(share))
            entry = (
                table[min(255, max(0, round(127.5 + 127.5 * share)))] if self._colormap.signed else table[200]
            )
            bar = QRect(zero if share >= 0 else zero - length, row.top() + 3, max(1, length), line - 6)
            painter.fillRect(bar, QColor(int(entry[0]), int(entry[1]), int(entry[2])))
            painter.setPen(QColor(colours.field_border))
            painter.drawRect(bar.adjusted(0, 0, -1, -1))
            painter.setPen(QColor(colours.second))
            label = QRect(8, row.top(), labels_width, line)
            painter.drawText(
                label, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight), self._label(index)
            )
            painter.setPen(QColor(colours.text))
            place = QRect(right + 8, row.top(), 72, line)
            text = number(float(self._values[index]))
            painter.drawText(place, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), text)
            if index == self._selected:
                overlay.outline(painter, row.adjusted(3, 1, -4, -2).toRectF())
        painter.setPen(QColor(colours.second))
        painter.drawLine(zero, 0, zero, min(self.viewport().height(), len(finite) * line - top))

    def _label(self, index: int) -> str:
        return self._labels[index] if index < len(self._labels) else str(index)

    def _label_width(self) -> int:
        metrics = QFontMetrics(theme.font(self))
        shown = [*self._labels[:200], str(len(self._values))]
        return min(200, max(metrics.horizontalAdvance(label) for label in shown) + 4)

    def _index_at(self, event: QMouseEvent) -> int:
        return int(event.position().y() + self.verticalScrollBar().value()) // self._line

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self._index_at(event)
        if 0 <= index < len(self._values):
            self._pick(index)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        index = self._index_at(event)
        if 0 <= index < len(self._values):
            self.hovered.emit(index)
        else:
            self.left.emit()

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self.left.emit()
        return super().viewportEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        if step is None or not len(self._values):
            super().keyPressEvent(event)
            return
        self._pick(min(max(self._selected + step, 0), len(self._values) - 1))

    def _pick(self, index: int) -> None:
        self.select(index)
        bar = self.verticalScrollBar()
        top = index * self._line
        bar.setValue(min(max(bar.value(), top + self._line - self.viewport().height()), top))
        self.picked.emit(index)
