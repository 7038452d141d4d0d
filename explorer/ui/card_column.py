"""The column of cards while one is dragged: the line where it would land, and what the hand holds."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QGraphicsDropShadowEffect, QLabel, QWidget

from explorer.ui import theme

_INSET = 26  # pixels of the line that are seen beside what the hand holds


class CardColumn(QWidget):
    """Holds the cards. Above them lies the line, and above it, less wide, the picture of the dragged card."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._held = QLabel(self)
        self._held.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        shadow = QGraphicsDropShadowEffect(self._held)
        shadow.setBlurRadius(16)
        shadow.setOffset(0, 4)
        shadow.setColor(QColor(0, 0, 0, 160))
        self._held.setGraphicsEffect(shadow)
        self._held.hide()
        self._line = _Line(self)
        self._line.hide()

    @property
    def is_holding(self) -> bool:
        """Whether the hand holds a card."""
        return not self._held.isHidden()

    def lift(self, portrait: QPixmap, words: str) -> None:
        """Take a picture of a card into the hand; words such as "3 layers" stand on it."""
        if words:
            _write(portrait, words, theme.of(self))
        ratio = portrait.devicePixelRatio()
        width = round((self.width() - 2 * _INSET) * ratio)
        small = portrait.scaledToWidth(max(1, width), Qt.TransformationMode.SmoothTransformation)
        small.setDevicePixelRatio(ratio)
        self._held.setPixmap(small)
        self._held.resize(small.deviceIndependentSize().toSize())
        self._held.show()
        self._held.raise_()

    def hold_at(self, y: int, line: int) -> None:
        """The hand is at ``y``; what it holds would land at ``line`` (-1: where it was)."""
        self._held.move(_INSET, y - self._held.height() // 2)
        self._line.setVisible(line >= 0)
        self._line.setGeometry(0, max(0, min(line, self.height() - 4)), self.width(), 4)
        self._line.raise_()
        self._held.raise_()

    def let_go(self) -> None:
        """The hand is empty."""
        self._held.hide()
        self._line.hide()

    def layout_now(self) -> None:
        """Let every card have its height."""
        layout = self.layout()
        if layout is not None:
            layout.activate()


class _Line(QWidget):
    """Where a dragged card would land."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.of(self).accent))
        painter.drawRoundedRect(QRectF(self.rect()), 2, 2)


def _write(portrait: QPixmap, words: str, colours: theme.Theme) -> None:
    """A badge at the right of the picture."""
    painter = QPainter(portrait)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    size = portrait.deviceIndependentSize()
    width = painter.fontMetrics().horizontalAdvance(words) + 16
    badge = QRectF(size.width() - width - 8, size.height() / 2 - 11, width, 22)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colours.accent))
    painter.drawRoundedRect(badge, 11, 11)
    painter.setPen(QColor(colours.on_accent))
    painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, words)
    painter.end()
