"""A small picture as numbers under the brush: the grid that kernels are painted in, and a few brush values."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QObject, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from explorer.imaging.colormaps import Colormap
from explorer.layers.numbers import number
from explorer.ui import picture_marks, theme
from explorer.ui.cell_grid import snapped
from explorer.ui.framing import Framing
from explorer.ui.kernel_grid import KernelGrid
from explorer.ui.number_field import NumberField
from explorer.ui.picture_marks import Marks, Place

_LARGEST_CELL = 96
_LEAST_MARGIN = 4.0  # widget pixels of padding below which no room is made for it


class PixelGrid(KernelGrid):
    """Pixels in greys, as the picture looks; negative numbers, and pictures made of them, in the colours of maps."""

    def __init__(self) -> None:
        super().__init__("Numbers of the picture")
        self.signed = False
        self.has_anchor = False
        self.setToolTip(
            "Drag to paint the brush value; press on a pixel that holds it to erase\n"
            "Right button erases; Shift and drag up or down changes one pixel\n"
            "Double click or type to enter a number"
        )

    def colour(self, value: float) -> QColor:
        """Black for zero, white for the largest."""
        if self.signed or not math.isfinite(value) or value < 0:
            return super().colour(value)
        level = round(255 * min(value / self.reach, 1.0))
        return QColor(level, level, level)


class _Overlay(QWidget):
    """The marks of the stage over the cells."""

    def __init__(self, grid: KernelGrid) -> None:
        super().__init__(grid)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._grid = grid
        self.marks = Marks()

    def show_marks(self, marks: Marks) -> None:
        if marks != self.marks:
            self.marks = marks
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        grid = self._grid
        size = grid.values.shape[0], grid.values.shape[1]
        place = Place(grid.grid_rect(), grid.cell, size, QRectF(self.rect()))
        picture_marks.paint(painter, place, self.marks, theme.font(self, 0.85))


class PictureNumbers(QWidget):
    """A grid of a picture's numbers with a row of brush values.

    Signals
    -------
    edited(values, text, gesture), finished(), cancelled(gesture), refused(sentence)
        As of the grid.
    hovered(row, column), left()
        The pixel under the mouse.
    taken(box)
        A rectangle of pixels was dragged.
    """

    edited = Signal(object, str, int)
    finished = Signal()
    cancelled = Signal(int)
    refused = Signal(str)
    hovered = Signal(int, int)
    left = Signal()
    taken = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.grid = PixelGrid()
        self._overlay = _Overlay(self.grid)
        self._framing = Framing()
        self._takes = False
        self.may_take = False
        self._shown: tuple[str, float | None] = ("", None)
        self._reach = 1.0
        self.grid.installEventFilter(self)
        self.grid.edited.connect(self._edited)
        self.grid.finished.connect(self.finished)
        self.grid.cancelled.connect(self.cancelled)
        self.grid.refused.connect(self.refused)
        self.grid.picked.connect(self.set_brush)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.grid, 1)
        layout.addLayout(self._make_swatches())

    def _make_swatches(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(2)
        self._swatches: dict[QToolButton, float] = {}
        group = QButtonGroup(self)
        group.setExclusive(False)
        for _ in range(3):
            button = QToolButton()
            button.setCheckable(True)
            button.setProperty("role", "field")
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            group.addButton(button)
            self._swatches[button] = 0.0
            row.addWidget(button)
        group.buttonClicked.connect(self._swatch_clicked)
        self._value = NumberField("Brush value for the picture", "The value that the brush paints")
        self._value.setMaximumWidth(60)
        self._value.entered.connect(self.set_brush)
        self._value.refused.connect(self.refused)
        row.addWidget(self._value)
        return row

    # what is shown

    def show_pixels(
        self, values: npt.NDArray[np.float32], white: float | None, name: str, colormap: Colormap
    ) -> None:
        """Show a picture's numbers (rows, columns). Brush values are chosen anew where ``name`` is another.

        ``white`` is the number that stands for white; None where the numbers mean only themselves.
        """
        if (name, white) != self._shown:
            self._shown = name, white
            self._choose_brushes(values, white)
        finite = np.abs(values[np.isfinite(values)])
        reach = max(self._reach, float(finite.max(initial=0.0)))
        if values.shape != self.grid.values.shape:
            self._overlay.update()
        self.grid.show_values(values, colormap, reach)
        self._make_room()

    def _choose_brushes(self, values: npt.NDArray[np.float32], white: float | None) -> None:
        finite = values[np.isfinite(values)]
        low, high = float(finite.min(initial=0.0)), float(np.abs(finite).max(initial=0.0))
        self._reach = white or (255.0 if 2 < high <= 255 else snapped(high))
        self.grid.step = 1.0 if self._reach > 10 else 0.1
        half = 128.0 if self._reach == 255 else self._reach / 2
        self.grid.signed = low < 0
        choices = (-self._reach, 0.0, self._reach) if low < 0 else (0.0, half, self._reach)
        for button, value in zip(list(self._swatches), choices, strict=True):
            self._swatches[button] = value
            button.setText(number(value))
            button.setAccessibleName(f"Paint the picture with {value:g}")
            button.setToolTip(f"Paint with {value:g}")
        self.set_brush(self._reach)

    def set_brush(self, value: float) -> None:
        """Paint with this value from now on."""
        self.grid.brush = value
        self._value.show_value(value)
        for button, swatch in self._swatches.items():
            button.setChecked(swatch == value)

    def _swatch_clicked(self, button: QToolButton) -> None:
        self.set_brush(self._swatches[button])

    def _edited(self, values: npt.NDArray[np.float32], text: str, gesture: int) -> None:
        self.edited.emit(values, text.replace("kernel", "picture").replace("weight", "pixel"), gesture)

    def show_marks(self, marks: Marks) -> None:
        """Show the marks of the picture, but for what is being taken here."""
        self._overlay.show_marks(marks)
        self._make_room()

    def _make_room(self) -> None:
        """Cells small enough that the padding around them is seen."""
        windows, grid = self._overlay.marks.windows, self.grid
        largest = float(_LARGEST_CELL)
        if windows is not None and windows.size == grid.values.shape and any(windows.padding):
            top, bottom, left, right = windows.padding
            rows, columns = windows.size
            across = (grid.width() - 8) / (columns + 2 * max(left, right))
            down = (grid.height() - 8) / (rows + 2 * max(top, bottom))
            if max(windows.padding) * min(across, down) >= _LEAST_MARGIN:
                largest = min(largest, across, down)
        largest = math.floor(largest)
        if largest != grid.largest_cell:
            grid.largest_cell = largest
            grid.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._make_room()

    # the mouse over the cells

    def set_taking(self, takes: bool) -> None:
        """Whether a drag takes a rectangle. Otherwise it paints, unless Ctrl is held."""
        self._takes = takes

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._overlay.setGeometry(self.grid.rect())
            self._make_room()
        elif event.type() == QEvent.Type.Leave:
            self.left.emit()
        elif isinstance(event, QMouseEvent):
            return self._mouse(event)
        elif isinstance(event, QKeyEvent) and self._framing.active and event.key() == Qt.Key.Key_Escape:
            self._framing.cancel()
            self._show_frame()
            return True
        return super().eventFilter(watched, event)

    def _mouse(self, event: QMouseEvent) -> bool:
        """Take a rectangle, or let the grid have the event."""
        kind, cell = event.type(), self.grid.cell_at(event.position())
        if kind in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick):
            controlled = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
            if not (self.may_take and (self._takes or controlled)) or cell is None:
                return False
            self._framing.begin(cell, (self.grid.values.shape[0], self.grid.values.shape[1]))
        elif not self._framing.active:
            if kind == QEvent.Type.MouseMove and cell is not None:
                self.hovered.emit(*cell)
            elif kind == QEvent.Type.MouseMove:
                self.left.emit()
            return False
        elif kind == QEvent.Type.MouseMove:
            area, side = self.grid.grid_rect(), self.grid.cell
            down, right = event.position().y() - area.y(), event.position().x() - area.x()
            self._framing.reach((math.floor(down / side), math.floor(right / side)))
        elif kind == QEvent.Type.MouseButtonRelease:
            box = self._framing.end()
            self._show_frame()
            if box is not None:
                self.taken.emit(box)
            return True
        self._show_frame()
        return True

    def _show_frame(self) -> None:
        marks = self._overlay.marks
        framing = self._framing
        self._overlay.show_marks(replace(marks, framed=framing.box, framed_label=framing.label))
