"""The line under the maps: how the value at the dot came to be."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QWidget


class SumLine(QFrame):
    """One line of arithmetic."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "bar")
        self._text = ""
        self.label = QLabel()
        self.label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.label.setAccessibleName("How the marked value came to be")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(14, 3, 8, 3)
        layout.addWidget(self.label, 1)

    def show_text(self, text: str) -> None:
        """Show another sum; what does not fit is cut at the end and whole in the tooltip."""
        self._text = text
        self._elide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        metrics, room = QFontMetrics(self.label.font()), self.label.width()
        shown = self._text
        if metrics.horizontalAdvance(shown) > room > 50:
            shown = _without_middle(shown, metrics, room - 4)
        self.label.setText(shown)
        self.label.setToolTip(self._text)


def _without_middle(text: str, metrics: QFontMetrics, room: int) -> str:
    """The text without some terms of its middle, for the result at the end says most."""
    terms = text.split(" + ")
    for kept in range(len(terms) - 1, 1, -1):
        front = (kept + 1) // 2
        shorter = " + ".join([*terms[:front], "…", *terms[len(terms) - (kept - front) :]])
        if metrics.horizontalAdvance(shorter) <= room:
            return shorter
    return metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, room)
