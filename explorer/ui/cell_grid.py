"""A grid of numbers in the colours of the maps: kernels, pooling windows, small pictures."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.imaging.colormaps import Colormap
from explorer.layers.fields import Array
from explorer.layers.numbers import number
from explorer.ui import imagery, overlay, theme

_NUMBERS_FROM = 28  # pixels of a cell
_LARGEST_CELL = 96
_PLAIN_CELL = 16  # pixels up to which a cell is nothing but its colour
_GAP = 2
_FRAME = 3  # pixels that lines around a cell reach beyond it
_NOT_FINITE = 0xFFFF00FF
_NO_PEN = Qt.PenStyle.NoPen


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
        self._scaled: tuple[Array | None, float, float] = (None, 0.0, 0.0)

    def sizeHint(self) -> QSize:
        return QSize(244, 244)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, 120)

    def show_values(self, values: Array, colormap: Colormap, reach: float | None = None) -> None:
        """Show other numbers (rows, columns). ``reach`` is the value of the strongest colour."""
        reach = reach if reach is not None else (_finite_reach(values) or 1.0)
        if colormap is not self.colormap:
            self.colormap = colormap
            self.update()
        self.replace_values(values, reach)

    def replace_values(self, values: Array, reach: float) -> None:
        """Other numbers in the same colours; what looks the same is not painted again."""
        before, look = self.values, (self.values.shape, self.reach, self._number_scale())
        self.values, self.reach = values, reach
        if look != (values.shape, reach, self._number_scale()):
            self.update()
            return
        changed = np.argwhere((values != before) & ~(np.isnan(values) & np.isnan(before)))
        if len(changed):
            self.update_cells(changed.tolist())

    def update_cells(self, cells: Sequence[Sequence[int]], beyond: float = 0.0) -> None:
        """Paint again what lies around these cells (row, column), and so many pixels beyond."""
        first, last = ([chosen(places) for places in zip(*cells, strict=True)] for chosen in (min, max))
        area = self.cell_rect(*first).united(self.cell_rect(*last))
        beyond += _FRAME
        self.update(area.adjusted(-beyond, -beyond, beyond, beyond).toAlignedRect())

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
        gap = _GAP if cell > _PLAIN_CELL else 0.0
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
        return QColor.fromRgb(int(self._colours(np.array([[value]], np.float32))[0, 0]))

    def _colours(self, values: Array) -> npt.NDArray[np.uint32]:
        """The colours of values, as 0xffrrggbb."""
        result = np.full(values.shape, _NOT_FINITE, np.uint32)
        if self.colormap is not None:
            is_known = np.isfinite(values)
            share = np.clip(values[is_known].astype(np.float64) / self.reach, -1, 1)
            middle, side = (128, 127) if self.colormap.signed else (127.5, 127.5)
            steps = np.rint(middle + side * share).astype(np.intp)
            red, green, blue = self.colormap.table()[steps].astype(np.uint32).T
            result[is_known] = 0xFF000000 | red << 16 | green << 8 | blue
        return result

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.paint_cells(painter, event.rect())

    def paint_cells(self, painter: QPainter, region: QRect) -> None:
        """The cells within ``region``, with their numbers where there is room."""
        rows, columns = self.values.shape
        area, cell = self.grid_rect(), self.cell
        painter.setFont(theme.font(self, self._number_scale() or 1.0))
        if cell <= _PLAIN_CELL and not self.outside:
            painter.drawImage(area, imagery.packed_image(self._colours(self.values)))
        else:
            top, bottom = ((edge - area.y()) / cell for edge in (region.top(), region.bottom() + 1))
            left, right = ((edge - area.x()) / cell for edge in (region.left(), region.right() + 1))
            first = max(0, math.floor(top)), max(0, math.floor(left))
            self._paint_block(painter, first, (min(rows, math.ceil(bottom)), min(columns, math.ceil(right))))
        for row, column in self.marked:
            overlay.frame(painter, self.cell_rect(row, column))

    def _paint_block(self, painter: QPainter, first: tuple[int, int], end: tuple[int, int]) -> None:
        """Rows and columns ``first`` to ``end``, cell by cell."""
        theme_colours, tones = theme.of(self), self._colours(self.values)
        cell, corner = self.cell, self.cell_rect(0, 0)
        radius = 4 if cell > 20 else 0
        border = QPen(QColor(theme_colours.field_border), 1) if cell > _PLAIN_CELL else QPen(_NO_PEN)
        hatch = QBrush(QColor(theme_colours.line), Qt.BrushStyle.BDiagPattern)
        for row, column in itertools.product(range(first[0], end[0]), range(first[1], end[1])):
            rect = corner.translated(column * cell, row * cell)
            is_outside = (row, column) in self.outside
            colour = QColor(theme_colours.stage) if is_outside else QColor.fromRgb(int(tones[row, column]))
            painter.setPen(border)
            painter.setBrush(colour)
            painter.drawRoundedRect(rect, radius, radius)
            if is_outside:
                painter.setPen(_NO_PEN)
                painter.setBrush(hatch)
                painter.drawRoundedRect(rect, radius, radius)
            if cell >= _NUMBERS_FROM:
                painter.setPen(QColor(theme_colours.second) if is_outside else overlay.text_on(colour))
                painter.drawText(
                    rect, Qt.AlignmentFlag.AlignCenter, self._text(float(self.values[row, column]))
                )

    def _text(self, value: float) -> str:
        return number(float(f"{value:.3g}"))

    def _number_scale(self) -> float:
        """How large the numbers are written, all as the longest allows; 0 where there is no room for any."""
        cell = self.cell
        if cell < _NUMBERS_FROM:
            return 0.0
        if self._scaled[0] is not self.values or self._scaled[1] != cell:
            longest = max((self._text(float(value)) for value in np.unique(self.values)), key=len)
            scale = 2.4 if cell >= 110 else 1.5 if cell >= 64 else 1.15 if cell >= 44 else 0.92
            while scale > 0.6 and self._width(longest, scale) > cell - 6:
                scale -= 0.1
            self._scaled = self.values, cell, scale
        return self._scaled[2]

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.ApplicationFontChange):
            self._scaled = None, 0.0, 0.0
        super().changeEvent(event)

    def _width(self, text: str, scale: float) -> float:
        return QFontMetricsF(theme.font(self, scale)).horizontalAdvance(text)


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
