"""A grid of numbers in the colours of the maps: kernels, pooling windows, small pictures."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.imaging.colormaps import Colormap
from explorer.layers.fields import Array
from explorer.layers.numbers import number
from explorer.ui import overlay, theme

_NUMBERS_FROM = 28  # pixels of a cell
_LARGEST_CELL = 96
_GAP = 2


class CellGrid(QWidget):
    """Numbers in square cells around the middle of the widget."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.values: Array = np.zeros((1, 1), np.float32)
        self.colormap: Colormap | None = None
        self.reach = 1.0
        self.marked: frozenset[tuple[int, int]] = frozenset()
        self.outside: frozenset[tuple[int, int]] = frozenset()
        self.largest_cell = _LARGEST_CELL

    def sizeHint(self) -> QSize:
        return QSize(244, 244)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, 120)

    def show_values(self, values: Array, colormap: Colormap, reach: float | None = None) -> None:
        """Show other numbers (rows, columns). ``reach`` is the value of the strongest colour."""
        reach = reach if reach is not None else (_finite_reach(values) or 1.0)
        same = colormap is self.colormap and reach == self.reach and np.array_equal(values, self.values)
        self.values, self.colormap, self.reach = values, colormap, reach
        if not same:
            self.update()

    def mark(self, cells: frozenset[tuple[int, int]]) -> None:
        """Frame these cells (row, column)."""
        if cells != self.marked:
            self.marked = cells
            self.update()

    def leave_out(self, cells: frozenset[tuple[int, int]]) -> None:
        """Hatch these cells (row, column): they lie outside the picture."""
        if cells != self.outside:
            self.outside = cells
            self.update()

    @property
    def cell(self) -> float:
        """The side of a cell in pixels."""
        rows, columns = self.values.shape
        side = min((self.width() - 4) / columns, (self.height() - 4) / rows, self.largest_cell)
        return float(max(2, math.floor(side)))

    def grid_rect(self) -> QRectF:
        """Where the cells lie."""
        rows, columns = self.values.shape
        cell = self.cell
        width, height = columns * cell, rows * cell
        return QRectF(round((self.width() - width) / 2), round((self.height() - height) / 2), width, height)

    def cell_rect(self, row: int, column: int) -> QRectF:
        """Where one cell lies."""
        area, cell = self.grid_rect(), self.cell
        gap = _GAP if cell > 16 else 0.0
        return QRectF(area.x() + column * cell, area.y() + row * cell, cell, cell).adjusted(
            gap / 2, gap / 2, -gap / 2, -gap / 2
        )

    def cell_at(self, position: QPointF) -> tuple[int, int] | None:
        """The cell (row, column) under a point."""
        area = self.grid_rect()
        if not area.contains(position):
            return None
        rows, columns = self.values.shape
        row = int((position.y() - area.y()) / self.cell)
        column = int((position.x() - area.x()) / self.cell)
        return min(row, rows - 1), min(column, columns - 1)

    def colour(self, value: float) -> QColor:
        """The colour of a value."""
        if self.colormap is None or not math.isfinite(value):
            return QColor(255, 0, 255)
        share = min(max(value / self.reach, -1.0), 1.0)
        index = round(128 + 127 * share) if self.colormap.signed else round(127.5 + 127.5 * share)
        entry = self.colormap.table()[index]
        return QColor(int(entry[0]), int(entry[1]), int(entry[2]))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.paint_cells(painter)

    def paint_cells(self, painter: QPainter) -> None:
        """Every cell with its number, where there is room for one."""
        rows, columns = self.values.shape
        painter.setFont(self._number_font())
        for row in range(rows):
            for column in range(columns):
                self._paint_cell(painter, row, column)
        for row, column in self.marked:
            overlay.frame(painter, self.cell_rect(row, column))

    def _paint_cell(self, painter: QPainter, row: int, column: int) -> None:
        colours, cell = theme.of(self), self.cell
        rect, value = self.cell_rect(row, column), float(self.values[row, column])
        is_outside = (row, column) in self.outside
        colour = QColor(colours.stage) if is_outside else self.colour(value)
        radius = 4 if cell > 20 else 0
        painter.setPen(QPen(QColor(colours.field_border), 1) if cell > 16 else Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawRoundedRect(rect, radius, radius)
        if is_outside:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QBrush(QColor(colours.line), Qt.BrushStyle.BDiagPattern))
            painter.drawRoundedRect(rect, radius, radius)
        if cell >= _NUMBERS_FROM:
            painter.setPen(QColor(colours.second) if is_outside else overlay.text_on(colour))
            painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, self._text(value))

    def _text(self, value: float) -> str:
        return number(float(f"{value:.3g}"))

    def _number_font(self) -> QFont:
        cell = self.cell
        if cell < _NUMBERS_FROM:
            return theme.font(self)
        longest = max((self._text(float(value)) for value in self.values.flat), key=len)
        scale = 2.4 if cell >= 110 else 1.5 if cell >= 64 else 1.15 if cell >= 44 else 0.92
        chosen = theme.font(self, scale)
        while scale > 0.6 and QFontMetricsF(chosen).horizontalAdvance(longest) > cell - 6:
            scale -= 0.1
            chosen = theme.font(self, scale)
        return chosen


def _finite_reach(values: Array) -> float:
    finite = np.abs(values[np.isfinite(values)])
    return float(finite.max()) if finite.size else 0.0


def snapped(reach: float) -> float:
    """The next of ..., 0.5, 1, 2, 5, 10, ... that is not smaller: so that colours mean the same from day to day."""
    if not math.isfinite(reach) or reach <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(reach))
    for step in (1.0, 2.0, 5.0, 10.0):
        if reach <= step * power * 1.0000001:
            return step * power
    return 10.0 * power
