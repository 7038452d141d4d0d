"""Painting a kernel: a pencil, not a form.

Left paints the brush value; a press on a cell that already holds it erases for that whole stroke, as right always
does. Shift and a vertical drag change one weight continuously. Escape during a stroke takes it back. Keys: arrows
walk, plus and minus nudge, * negates, Delete clears, Space paints, digits type, [ and ] make the brush softer.

Where symmetry is on, ghost cells show where else a dab will land.
"""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from explorer.imaging.colormaps import Colormap
from explorer.layers.brush import Stroke, Symmetry
from explorer.layers.fields import Array
from explorer.live.session import new_gesture
from explorer.ui import overlay, theme
from explorer.ui.cell_editor import CellEditor
from explorer.ui.cell_grid import CellGrid

LARGEST = 1e6
_WHEEL_PAUSE = 400  # milliseconds that end a series of wheel steps
_SCRUB_PER_PIXEL = 0.02
_NUDGE = 0.1
SOFT_FROM = 7  # rows or columns; in smaller kernels a soft edge would be the whole kernel
RADII = (0.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0)
_CLIPBOARD = (QKeySequence.StandardKey.Copy, QKeySequence.StandardKey.Paste)
_OWN_KEYS = (Qt.Key.Key_Delete, Qt.Key.Key_Escape, Qt.Key.Key_Space, Qt.Key.Key_Up, Qt.Key.Key_Down)


class KernelGrid(CellGrid):
    """A kernel under the brush.

    Signals
    -------
    edited(values, text, gesture)
        The kernel changed; ``gesture`` is one number per stroke.
    finished(), cancelled(gesture)
        The stroke is over, or taken back.
    picked(value)
        A value was picked up for the brush.
    refused(sentence)
        What was typed is no number.
    radius_changed(radius)
        The brush became softer or harder.
    copy_requested(), paste_requested()
        The usual keys were pressed while the grid had the focus.
    """

    edited = Signal(object, str, int)
    finished = Signal()
    cancelled = Signal(int)
    picked = Signal(float)
    refused = Signal(str)
    radius_changed = Signal(float)
    copy_requested = Signal()
    paste_requested = Signal()

    def __init__(self, name: str = "Kernel", parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setToolTip(
            "Drag to paint the brush value; press on a cell that holds it to erase\n"
            "Right button erases; Shift and drag up or down changes one weight\n"
            "Double click or type to enter a number; X flips the brush\n"
            "The small ring marks the anchor: the pixel that the result is written to"
        )
        self.brush = 1.0
        self.step = _NUDGE  # of the wheel and of plus and minus
        self.has_anchor = True
        self.symmetry = Symmetry.NONE
        self.radius = 0.0
        self.picking = False
        self.hint = False
        self._gesture: int | None = None
        self._scrubbing: tuple[int, int, float, float] | None = None
        self._stroke: Stroke | None = None
        self._erases = False
        self._last_position = QPointF()
        self._cursor = (0, 0)
        self._hovered: tuple[int, int] | None = None
        self._editor: CellEditor | None = None
        self._wheel_total = 0
        self._last_gesture: int | None = None
        self._wheel_end = QTimer(self)
        self._wheel_end.setSingleShot(True)
        self._wheel_end.setInterval(_WHEEL_PAUSE)
        self._wheel_end.timeout.connect(self._end_stroke)

    # the mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._wheel_end.isActive():
            self._wheel_end.stop()
            self._end_stroke()
        cell = self.cell_at(event.position())
        if cell is None or self._gesture is not None:
            return
        self._last_gesture = None
        self._close_editor(commit=True)
        self._set_cursor(cell)
        value = float(self.values[cell])
        modifiers = event.modifiers()
        if self.picking or modifiers & Qt.KeyboardModifier.AltModifier:
            self.picked.emit(value)
            return
        self._gesture = new_gesture()
        self._last_position = event.position()
        if modifiers & Qt.KeyboardModifier.ShiftModifier:
            self._scrubbing = (*cell, value, event.position().y())
            return
        self._erases = event.button() == Qt.MouseButton.RightButton or value == self.brush
        self._stroke = self._new_stroke()
        self._paint([cell])

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self.cell_at(event.position()))
        if self._gesture is None or not event.buttons():
            return
        if self._scrubbing is not None:
            row, column, value, start = self._scrubbing
            step = _SCRUB_PER_PIXEL * max(1.0, abs(value))
            self._set((row, column), value + (start - event.position().y()) * step, "Change weight")
            return
        cells = self._between(self._last_position, event.position())
        self._last_position = event.position()
        self._paint(cells)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if not event.buttons():
            self._end_stroke()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        cell = self.cell_at(event.position())
        if cell is None:
            return
        self.double_clicked(cell)

    def double_clicked(self, cell: tuple[int, int]) -> None:
        """Type into a cell. The single click that came before is taken back."""
        if self._last_gesture is not None:
            self.cancelled.emit(self._last_gesture)
            self._last_gesture = None
        self._set_cursor(cell)
        self._open_editor("")

    def leaveEvent(self, event: QEvent) -> None:
        self._hover(None)

    def _hover(self, cell: tuple[int, int] | None) -> None:
        """The brush is over another cell."""
        for changed in (cell, self._hovered) if cell != self._hovered else ():
            if changed is not None:
                self._update_brush(self._inside(changed))
        self._hovered = cell

    def wheelEvent(self, event: QWheelEvent) -> None:
        cell = self.cell_at(event.position())
        if not self.hasFocus() or cell is None:
            event.ignore()  # scrolling past must not change a number
            return
        self._wheel_total += event.angleDelta().y()
        steps, self._wheel_total = int(self._wheel_total / 120), int(np.fmod(self._wheel_total, 120))
        if steps:
            if self._gesture is None:
                self._gesture = new_gesture()
            self._set(cell, float(self.values[cell]) + steps * self.step, "Change weight")
            self._wheel_end.start()
        event.accept()

    def _between(self, start: QPointF, end: QPointF) -> list[tuple[int, int]]:
        """Every cell on the way from one mouse event to the next."""
        length = max(abs(end.x() - start.x()), abs(end.y() - start.y()))
        points = max(1, int(length / max(1.0, self.cell / 4)))
        cells: dict[tuple[int, int], None] = {}
        for step in range(1, points + 1):
            cell = self.cell_at(start + (end - start) * (step / points))
            if cell is not None:
                cells[cell] = None
        return list(cells)

    # edits

    @property
    def soft_radius(self) -> float:
        """The radius in cells that counts: small kernels have no room for a soft brush."""
        return self.radius if max(self.values.shape) >= SOFT_FROM else 0.0

    def _new_stroke(self) -> Stroke:
        return Stroke(self.values, 0.0 if self._erases else self.brush, self.symmetry, self.soft_radius)

    def _paint(self, cells: list[tuple[int, int]]) -> None:
        if self._stroke is not None and cells:
            self._change(self._stroke.dab(cells), "Erase kernel" if self._erases else "Paint kernel")

    def _set(self, cell: tuple[int, int], value: float, text: str) -> None:
        values = self.values.copy()
        rounded = float(f"{min(max(value, -LARGEST), LARGEST):.6g}")
        for image, sign in self.symmetry.images(cell, (values.shape[0], values.shape[1])).items():
            values[image] = sign * rounded + 0.0
        self._change(values, text)

    def _change(self, values: Array, text: str) -> None:
        if np.array_equal(values, self.values, equal_nan=True):
            return
        self.replace_values(values, max(self.reach, float(np.abs(values).max())))
        gesture = self._gesture if self._gesture is not None else new_gesture()
        self.edited.emit(values, text, gesture)

    def _end_stroke(self) -> None:
        if self._gesture is None:
            return
        self._last_gesture, self._gesture = self._gesture, None
        self._scrubbing = self._stroke = None
        self.finished.emit()

    def show_values(self, values: Array, colormap: Colormap, reach: float | None = None) -> None:
        if values.shape != self.values.shape:
            self.let_go()
        super().show_values(values, colormap, reach)
        self._cursor = self._inside(self._cursor)

    def let_go(self, but: int | None = None) -> None:
        """What is shown is another thing now: a stroke, or typing, is over, unless it is gesture ``but``."""
        if but is None or but != self._gesture:
            self._wheel_end.stop()
            self._close_editor(commit=False)
            self._end_stroke()

    def _single(self, cell: tuple[int, int], value: float, text: str) -> None:
        """One edit by key: a gesture of its own."""
        self._gesture = new_gesture()
        self._set(cell, value, text)
        self._end_stroke()

    def _dab(self) -> None:
        """The brush once, by key."""
        self._gesture, self._erases = new_gesture(), False
        self._stroke = self._new_stroke()
        self._paint([self._cursor])
        self._end_stroke()

    def soften(self, step: int) -> None:
        """A softer (1) or a harder (-1) brush."""
        place = min(range(len(RADII)), key=lambda i: abs(RADII[i] - self.radius))
        radius = RADII[min(max(place + step, 0), len(RADII) - 1)]
        if radius != self.radius:
            self.radius = radius
            self.radius_changed.emit(radius)
            self.update()

    # keys

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            clipboard = any(event.matches(key) for key in _CLIPBOARD)
            if clipboard or (event.key() in _OWN_KEYS and not event.modifiers()):
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key == Qt.Key.Key_Escape and self._gesture is not None:
            gesture, self._gesture = self._gesture, None
            self._scrubbing = self._stroke = None
            self.cancelled.emit(gesture)
            return
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_requested.emit()
            return
        if event.matches(QKeySequence.StandardKey.Paste):
            self.paste_requested.emit()
            return
        steps = {
            Qt.Key.Key_Left: (0, -1),
            Qt.Key.Key_Right: (0, 1),
            Qt.Key.Key_Up: (-1, 0),
            Qt.Key.Key_Down: (1, 0),
        }
        value = float(self.values[self._cursor])
        if key in steps:
            self._walk(*steps[key])
        elif event.text() in ("+", "="):
            self._single(self._cursor, value + self.step, "Change weight")
        elif event.text() in ("-", "_"):
            self._single(self._cursor, value - self.step, "Change weight")
        elif event.text() == "*":
            self._single(self._cursor, -value, "Negate weight")
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self._single(self._cursor, 0.0, "Clear weight")
        elif key == Qt.Key.Key_Space:
            self._dab()
        elif event.text() in ("[", "]"):
            self.soften(1 if event.text() == "]" else -1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open_editor("")
        elif event.text() and event.text() in "0123456789.(":
            self._open_editor(event.text())
        else:
            super().keyPressEvent(event)

    def _walk(self, down: int, right: int) -> None:
        self._set_cursor(self._inside((self._cursor[0] + down, self._cursor[1] + right)))

    def _set_cursor(self, cell: tuple[int, int]) -> None:
        """Where keys act."""
        self.update_cells((self._cursor, cell))
        self._cursor = cell

    # typing

    def _open_editor(self, text: str) -> None:
        self._close_editor(commit=True)
        cell = self._cursor
        name = f"Weight in row {cell[0] + 1}, column {cell[1] + 1}"
        editor = CellEditor(self, self.cell_rect(*cell), name, LARGEST)
        editor.entered.connect(self._typed)
        editor.refused.connect(self.refused)
        editor.closed.connect(self._editor_closed)
        self._editor = editor
        editor.begin(text or f"{float(self.values[cell]):.6g}", selected=not text)

    def _close_editor(self, *, commit: bool) -> None:
        if self._editor is not None and not (commit and self._editor.commit()):
            self._editor.cancel()

    def _typed(self, value: float) -> None:
        self._single(self._cursor, value, "Type weight")

    def _editor_closed(self, step: int) -> None:
        self._editor = None
        self.setFocus()
        rows, columns = self.values.shape
        place = self._cursor[0] * columns + self._cursor[1] + step
        self._set_cursor(divmod(place % (rows * columns), columns))

    # painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.paint_cells(painter, event.rect())
        colours = theme.of(self)
        if self.has_anchor and self.cell >= 36:
            middle = (self.values.shape[0] - 1) // 2, (self.values.shape[1] - 1) // 2
            anchor = self.cell_rect(*middle)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(overlay.text_on(self.colour(float(self.values[middle]))), 1))
            side = 6 if self.cell >= 40 else 4  # small enough to leave the number alone
            painter.drawEllipse(QRectF(anchor.left() + side - 2, anchor.top() + side - 2, side, side))
        if self._hovered is not None:
            self._paint_brush(painter, self._inside(self._hovered))
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(colours.accent), 2))
            painter.drawRoundedRect(self.cell_rect(*self._cursor), 4, 4)
        if self.hint:
            painter.setPen(QPen(QColor(colours.accent), 2, Qt.PenStyle.DotLine))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(self.grid_rect().adjusted(-1, -1, 1, 1), 6, 6)

    def _update_brush(self, cell: tuple[int, int]) -> None:
        """Paint again what the brush over a cell changes."""
        size = self.values.shape[0], self.values.shape[1]
        self.update_cells([*self.symmetry.images(cell, size), cell], self.soft_radius * self.cell)

    def _paint_brush(self, painter: QPainter, cell: tuple[int, int]) -> None:
        """Where a dab would land: the cell, its images, and how far a soft brush reaches."""
        size = self.values.shape[0], self.values.shape[1]
        for (row, column), sign in self.symmetry.images(cell, size).items():
            if (row, column) != cell:
                ghost = self.colour(self.brush * sign)
                ghost.setAlpha(110)
                painter.fillRect(self.cell_rect(row, column), ghost)
                overlay.outline(painter, self.cell_rect(row, column), dashed=True)
        overlay.outline(painter, self.cell_rect(*cell))
        if self.soft_radius:
            reach = self.soft_radius * self.cell
            overlay.ring(painter, self.cell_rect(*cell).center(), reach)

    def _inside(self, cell: tuple[int, int]) -> tuple[int, int]:
        rows, columns = self.values.shape
        return min(max(cell[0], 0), rows - 1), min(max(cell[1], 0), columns - 1)
