"""A field for one number, written as people write weights."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from explorer.layers.numbers import number
from explorer.ui import theme
from explorer.ui.controls import is_for_the_window
from explorer.ui.numbers import parse_number


class NumberField(QLineEdit):
    """Takes numbers, fractions and roots; anything else marks the field and is said in its tooltip.

    Signals
    -------
    entered(value)
        A valid number was typed, or nudged with the arrow keys.
    refused(sentence)
        What was typed is no number; the value stays.
    """

    entered = Signal(float)
    refused = Signal(str)

    def __init__(self, name: str, tip: str, largest: float = 1e6, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self._tip = tip
        self._problem = ""
        self._largest = largest
        self.setToolTip(tip)
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setMaximumWidth(72)
        self._value = 0.0
        self.show_value(0.0)
        self.editingFinished.connect(self._read)

    @property
    def value(self) -> float:
        """The number that counts."""
        return self._value

    def show_value(self, value: float) -> None:
        """Show a number that comes from elsewhere; what is being typed is left alone."""
        self._value = value
        if not (self.hasFocus() and self.isModified()):
            self._write()

    def _write(self) -> None:
        text = number(float(f"{self._value:.6g}")) if abs(self._value) < 1e4 else f"{self._value:.6g}"
        if text == self.text() and not self.isModified() and not self._problem:
            return
        self.setText(text)
        self.setModified(False)
        self._mark("")

    def _read(self) -> None:
        if not self.isModified():
            return
        try:
            value = parse_number(self.text(), self._largest)
        except ValueError as error:
            self._mark(str(error))
            self.refused.emit(str(error))
            return
        self._value = value
        self._write()
        self.entered.emit(value)

    def _mark(self, problem: str) -> None:
        self._problem = problem
        self.setStyleSheet(f"border: 2px solid {theme.of(self).error};" if problem else "")
        self.setToolTip(problem or self._tip)

    def event(self, event: QEvent) -> bool:
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and is_for_the_window(event)
            and not self.isModified()
        ):
            event.ignore()
            return False
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}.get(Qt.Key(event.key()))
        if step is not None:
            self._value = float(f"{self._value + step * 0.1:.6g}")
            self._write()
            self.entered.emit(self._value)
        elif event.key() == Qt.Key.Key_Escape and self.isModified():
            self._write()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if self.isModified():  # refused: show again what counts
            self._write()
