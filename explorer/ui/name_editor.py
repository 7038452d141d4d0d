"""The field that lies over a name while it is typed."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget


class NameEditor(QLineEdit):
    """Return and leaving it take the name, Escape does not.

    Signals
    -------
    closed(name)
        It is done with; the name is empty where nothing was chosen.
    """

    closed = Signal(str)

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__(name, parent)
        self._done = False
        self.setAccessibleName("Layer name")
        self.setMaxLength(60)
        self.selectAll()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._close("")
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._close(self.text().strip())
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._close(self.text().strip())

    def _close(self, name: str) -> None:
        if not self._done:  # hiding it takes the focus once more
            self._done = True
            self.closed.emit(name)
