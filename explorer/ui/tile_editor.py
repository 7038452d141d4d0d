"""What is typed on a tile: its name, in its caption, and its bias, in a small window below it."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, Qt, Signal
from PySide6.QtGui import QCloseEvent, QFocusEvent, QHideEvent, QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QWidget

from explorer.layers.fields import MAXIMUM_TEXT
from explorer.ui.number_field import NumberField

_NARROWEST = 132


class NameEditor(QLineEdit):
    """Lies over a name until it is finished with Return or by leaving it; Escape keeps the old name.

    Signals
    -------
    renamed(name)
        Another name was typed.
    closed()
        It is gone.
    """

    renamed = Signal(str)
    closed = Signal()

    def __init__(self, name: str, placeholder: str, place: QRect, parent: QWidget) -> None:
        super().__init__(name, parent)
        self._before = name
        self._open = True
        self.setAccessibleName("Filter name")
        self.setPlaceholderText(placeholder)
        self.setMaxLength(MAXIMUM_TEXT)
        width = min(max(place.width() + 8, _NARROWEST), parent.width())
        height = max(self.sizeHint().height(), place.height())
        left = max(0, min(place.left() - 4, parent.width() - width))
        self.setGeometry(left, place.center().y() - height // 2, width, height)
        self.selectAll()
        self.show()
        self.setFocus()

    def finish(self, *, commit: bool) -> None:
        """Close, and tell the name where it is to count."""
        if not self._open:
            return
        self._open = False
        name = self.text().strip()
        sheet = self.parentWidget()
        if sheet is not None and self.hasFocus():  # or it would go to whatever comes next
            sheet.setFocus()
        self.hide()
        self.deleteLater()
        if commit and name != self._before:
            self.renamed.emit(name)
        self.closed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.finish(commit=False)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.finish(commit=True)
        else:
            super().keyPressEvent(event)
            event.accept()  # arrows at the end of the text would walk over the tiles

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:  # its own menu
            self.finish(commit=True)


class BiasPopup(QFrame):
    """A field for one number, closed by Return, Escape, or a click elsewhere.

    Signals
    -------
    entered(value)
        A number was typed, or nudged with the arrow keys.
    closed()
        It is gone.
    """

    entered = Signal(float)
    closed = Signal()

    def __init__(self, words: str, value: float, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setProperty("role", "card")
        self.setAccessibleName("Bias")
        self.field = NumberField("Bias", "One number added to every value of the map; arrow keys nudge it")
        self.field.show_value(value)
        self.field.entered.connect(self.entered)
        self.field.returnPressed.connect(self._close_if_read, Qt.ConnectionType.QueuedConnection)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 12, 8)
        row.addWidget(QLabel(words))
        row.addWidget(self.field)

    def open_at(self, corner: QPoint) -> None:
        """Show it with its top left at a point of the screen, or as near as the screen allows."""
        self.adjustSize()
        screen = self.screen().availableGeometry()
        left = max(screen.left(), min(corner.x(), screen.right() - self.width()))
        top = max(screen.top(), min(corner.y(), screen.bottom() - self.height()))
        self.move(left, top)
        self.show()
        self.field.setFocus()
        self.field.selectAll()

    def _close_if_read(self) -> None:
        if not self.field.isModified():
            self.close()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.closed.emit()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.field.clearFocus()  # what is typed counts
        super().closeEvent(event)
