"""The line under the maps: how the value at the dot came to be, and what to try next."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QWidget

from explorer.ui.controls import flat_button

HINTS = {
    "paint": "Paint these nine numbers: drag across the kernel",
    "probe": "Move over the map to see where each value comes from",
    "drop": "Drop a picture of your own anywhere on the window",
}


class SumLine(QFrame):
    """One line of arithmetic at the left, one hint at the right.

    Signals
    -------
    hint_dismissed(key)
        The user has seen enough of a hint.
    """

    hint_dismissed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "bar")
        self._text = ""
        self.label = QLabel()
        self.label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.label.setAccessibleName("How the marked value came to be")
        self._hint = QLabel()
        self._hint.setProperty("role", "note")
        self._close = flat_button("x", "Do not show this hint again", self)
        self._close.clicked.connect(self._dismiss)
        self.hint = ""
        layout = QHBoxLayout(self)
        layout.setContentsMargins(14, 3, 8, 3)
        layout.addWidget(self.label, 1)
        layout.addWidget(self._hint)
        layout.addWidget(self._close)
        self.show_hint("")

    def show_text(self, text: str) -> None:
        """Show another sum; what does not fit is cut at the end and whole in the tooltip."""
        self._text = text
        self._elide()

    def show_hint(self, key: str) -> None:
        """Suggest something to try; an empty key suggests nothing."""
        self.hint = key
        self._hint.setText(HINTS.get(key, ""))
        self._hint.setVisible(bool(key))
        self._close.setVisible(bool(key))

    def _dismiss(self) -> None:
        self.hint_dismissed.emit(self.hint)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        metrics = QFontMetrics(self.label.font())
        shown = self._text
        # the result at the end says most, so the middle goes
        if metrics.horizontalAdvance(shown) > self.label.width() > 50:
            shown = metrics.elidedText(shown, Qt.TextElideMode.ElideMiddle, self.label.width() - 4)
        self.label.setText(shown)
        self.label.setToolTip(self._text)
