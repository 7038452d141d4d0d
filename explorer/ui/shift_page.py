"""The shift test: the picture nudged by a few pixels, and how much of that each layer notices."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from explorer.errors import Cancelled
from explorer.jit import CancelFlag
from explorer.layers.forward import ForwardPass
from explorer.layers.pooling import AvgPool2d, MaxPool2d
from explorer.layers.shift import LayerShift, shift_test
from explorer.live.compute import Frame
from explorer.ui import theme
from explorer.ui.controls import elastic_label, flat_button
from explorer.ui.shift_rows import ShiftList, ShiftModel
from explorer.ui.shift_words import ShiftFound, nudge_words, sentence

_FARTHEST = 32  # pixels
_PAD = 92
_STEPS = {
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
}


class ShiftPage(QWidget):
    """Nudges a copy of the network's input; the document is never touched.

    While it is hidden it only remembers the newest frame, and nothing is computed while the picture stands still.

    Signals
    -------
    wanted(work)
        ``work()`` is to be called on the compute thread, and :meth:`show_result` with what it returns.
    """

    wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Shift test")
        self.shift = (0, 0)
        self._frame: Frame | None = None
        self._tested: tuple[Frame, tuple[int, int]] | None = None
        self._cancel = CancelFlag()
        self.place = QLabel()
        self.pad = ArrowPad()
        self.place.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.reset_button = flat_button("rotate-ccw", "Put the picture back in its place (Home)")
        self.sentence = elastic_label()
        self.sentence.setAccessibleName("What the shift test shows")
        self.model = ShiftModel(self)
        self.rows = ShiftList(self.model)
        self._build()
        self.pad.nudged.connect(self.nudge)
        self.pad.reset.connect(self.reset)
        self.reset_button.clicked.connect(self.reset)
        self._show(ShiftFound(0, 0, ()))

    def _build(self) -> None:
        foot = QHBoxLayout()
        foot.setSpacing(2)
        foot.addWidget(self.place, 1)
        foot.addWidget(self.reset_button)
        left = QVBoxLayout()
        left.setSpacing(2)
        left.addWidget(self.pad, 1, Qt.AlignmentFlag.AlignHCenter)
        left.addLayout(foot)
        right = QVBoxLayout()
        right.setSpacing(4)
        right.addWidget(self.sentence)
        right.addWidget(self.rows, 1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 2, 0, 2)
        layout.setSpacing(16)
        layout.addLayout(left)
        layout.addLayout(right, 1)
        self._fit()

    def _fit(self) -> None:
        """Room for the farthest nudge, so that nothing moves."""
        farthest = nudge_words(_FARTHEST, _FARTHEST)
        self.place.setMinimumWidth(QFontMetrics(theme.font(self)).horizontalAdvance(farthest) + 4)

    # what the user does

    def nudge(self, dy: int, dx: int) -> None:
        """Move the picture by so many pixels more."""
        down, right = self.shift[0] + dy, self.shift[1] + dx
        self._go_to(
            min(max(down, -_FARTHEST), _FARTHEST),
            min(max(right, -_FARTHEST), _FARTHEST),
        )

    def reset(self) -> None:
        """The picture in its own place."""
        self._go_to(0, 0)

    def _go_to(self, dy: int, dx: int) -> None:
        if (dy, dx) != self.shift:
            self.shift = (dy, dx)
            self._test()

    # what is shown

    def show_frame(self, frame: Frame) -> None:
        """Follow the network; only settled, complete passes are tested."""
        if frame.result.settled and frame.result.complete and frame is not self._frame:
            self._frame = frame
            self._test()

    def cancel(self) -> None:
        """Stop a running test: its answer would be about an older state."""
        self._cancel.set()

    def show_result(self, result: object) -> None:
        """What came out of a test; None where it was cancelled."""
        if isinstance(result, ShiftFound) and (result.dy, result.dx) == self.shift:
            self._show(result)
        elif result is None:
            self._tested = None

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._fit()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._test()

    def _test(self) -> None:
        """Have the present nudge tested, unless it has been."""
        self.place.setText(nudge_words(*self.shift))
        self.reset_button.setEnabled(self.shift != (0, 0))
        frame = self._frame
        if frame is None or not self.isVisible():
            return
        if self._tested is not None and self._tested[0] is frame and self._tested[1] == self.shift:
            return
        self.cancel()
        self._tested = (frame, self.shift)
        problem = _problem(frame.result)
        if self.shift == (0, 0) or (problem and not frame.result.outputs):
            self._show(ShiftFound(0, 0, _still(frame.result), problem))
            return
        self._cancel = CancelFlag()
        limit = frame.request.memory_limit
        self.wanted.emit(partial(_find, frame.result, self.shift, limit, problem, self._cancel))

    def _show(self, found: ShiftFound) -> None:
        self.place.setText(nudge_words(*self.shift))
        self.reset_button.setEnabled(self.shift != (0, 0))
        self.sentence.setText(sentence(found))
        self.model.show(found.shifts)


def _problem(result: ForwardPass) -> str:
    if not result.network.layers:
        return "No layers yet: add one to see what a nudge of the picture does to it."
    if result.error is None:
        return ""
    name = result.error.layer_name
    return f"{name} does not fit its input, so the test ends before it."


def _still(result: ForwardPass) -> tuple[LayerShift, ...]:
    """What the test would find without a nudge."""
    return tuple(
        LayerShift(layer.name, 0.0, None, None, layer.enabled and isinstance(layer, MaxPool2d | AvgPool2d))
        for layer in result.layers
    )


def _find(
    result: ForwardPass, shift: tuple[int, int], memory_limit: int, problem: str, cancel: CancelFlag
) -> ShiftFound | None:
    dy, dx = shift
    try:
        shifts = shift_test(
            result.network, result.input, dy, dx, previous=result, memory_limit=memory_limit, cancel=cancel
        )
    except Cancelled:
        return None
    except MemoryError:
        return ShiftFound(dy, dx, (), "There is not enough memory for a second pass: use a smaller picture.")
    return ShiftFound(dy, dx, shifts, problem)


class ArrowPad(QWidget):
    """Four arrows around a reset; with the focus, the arrow keys do the same.

    Signals
    -------
    nudged(dy, dx)
        One step down and right.
    reset()
        Home or Backspace was pressed.
    """

    nudged = Signal(int, int)
    reset = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Nudge the picture with the arrow keys")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(QSize(_PAD, _PAD))
        self.setMaximumSize(QSize(_PAD + 28, _PAD + 28))
        layout = QGridLayout(self)
        layout.setContentsMargins(6, 6, 6, 6)
        layout.setSpacing(2)
        arrows = (
            ("chevron-up", "Nudge up", 0, 1, (-1, 0)),
            ("chevron-left", "Nudge left", 1, 0, (0, -1)),
            ("chevron-right", "Nudge right", 1, 2, (0, 1)),
            ("chevron-down", "Nudge down", 2, 1, (1, 0)),
        )
        self.buttons: dict[tuple[int, int], QToolButton] = {}
        for icon, name, row, column, step in arrows:
            button = flat_button(icon, f"{name} by one pixel (arrow key)", self)
            button.setAccessibleName(f"{name} by one pixel")
            button.setAutoRepeat(True)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the pad has it, so that the arrow keys stay here
            button.clicked.connect(partial(self._press, step))
            layout.addWidget(button, row, column)
            self.buttons[step] = button

    def _press(self, step: tuple[int, int]) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self.nudged.emit(*step)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = _STEPS.get(Qt.Key(event.key()))
        if step is not None:
            self.nudged.emit(*step)
        elif event.key() in (Qt.Key.Key_Home, Qt.Key.Key_Backspace):
            self.reset.emit()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours = theme.of(self)
        painter.setPen(QColor(colours.accent if self.hasFocus() else colours.field_border))
        painter.setBrush(QColor(colours.card))
        painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), 8, 8)
        side = 8
        middle = QRect(0, 0, side, side)
        middle.moveCenter(self.rect().center())
        painter.setPen(QColor(colours.second))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(middle)
