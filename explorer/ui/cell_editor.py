"""Typing a number into a cell of a grid."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from explorer.ui import theme
from explorer.ui.numbers import parse_number

_WIDTH, _HEIGHT = 64.0, 28.0


class CellEditor(QLineEdit):
    """A field over a cell. Return and Tab go on, Shift+Tab goes back, Escape and leaving it close it.

    Signals
    -------
    entered(value)
        A number was typed; the editor is about to close.
    refused(sentence)
        What was typed is no number.
    closed(step)
        The editor is gone; ``step`` says how many cells on to go.
    """

    entered = Signal(float)
    refused = Signal(str)
    closed = Signal(int)

    def __init__(self, parent: QWidget, place: QRectF, name: str, largest: float) -> None:
        super().__init__(parent)
        self._largest = largest
        self._open = True
        self.setAccessibleName(name)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        width = max(place.width(), _WIDTH)
        field = QRectF(place.center().x() - width / 2, place.center().y() - _HEIGHT / 2, width, _HEIGHT)
        self.setGeometry(field.toRect())

    def begin(self, text: str, *, selected: bool) -> None:
        """Start with a text; a selected one is replaced by what is typed."""
        self.setText(text)
        if selected:
            self.selectAll()
        self.show()
        self.setFocus()

    def commit(self, step: int = 0) -> bool:
        """Take the number and close; False where it is none and the editor stays."""
        try:
            value = parse_number(self.text(), self._largest)
        except ValueError as error:
            self.refused.emit(str(error))
            self.setStyleSheet(f"border: 2px solid {theme.of(self).error};")
            self.setToolTip(str(error))
            self.selectAll()
            return False
        self._close()
        self.entered.emit(value)
        self.closed.emit(step)
        return True

    def cancel(self) -> None:
        """Close and leave the cell as it is."""
        self._close()
        self.closed.emit(0)

    def _close(self) -> None:
        self._open = False
        self.hide()
        self.deleteLater()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            key = Qt.Key(event.key())
            if key in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):  # before Qt moves the focus with it
                self.commit(-1 if key == Qt.Key.Key_Backtab else 1)
                return True
        done = super().event(event)
        if event.type() == QEvent.Type.FocusOut and self._open and not self.commit():
            self.cancel()
        return done

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.cancel()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.commit(1)
        else:
            super().keyPressEvent(event)
