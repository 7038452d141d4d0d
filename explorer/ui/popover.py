"""A card in a window of its own beside what it belongs to; a press elsewhere closes it."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import (
    QGuiApplication,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QRegion,
    QResizeEvent,
)
from PySide6.QtWidgets import QFrame, QStyle, QStyleOption, QWidget

_MARGIN = 8
_GAP = 4
_RADIUS = 8
_LINE_HEIGHT = 17  # pixels of the text for which sizes are given


class Popover(QFrame):
    """Stands under its anchor where there is room, and always within the window and the screen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        self.setProperty("role", "card")
        self._anchor = QRect()

    def place(self, anchor: QWidget, size: QSize, least_height: int) -> None:
        """Take this size, grown with the text; lower, down to the least height, where the anchor stays in sight."""
        self._anchor = QRect(anchor.mapToGlobal(QPoint(0, 0)), anchor.size())
        window = anchor.window()
        room = QRect(window.mapToGlobal(QPoint(0, 0)), window.size())
        screen = anchor.screen().availableGeometry()
        room = room & screen if room.intersects(screen) else screen
        room.adjust(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN)
        scale = max(1.0, self.fontMetrics().height() / _LINE_HEIGHT)
        below = room.bottom() - self._anchor.bottom() - _GAP
        width = min(round(size.width() * scale), room.width())
        height = min(round(size.height() * scale), max(below, round(least_height * scale)), room.height())
        left = self._anchor.right() - width + 1  # to the left: what it changes is read at the right
        top = min(self._anchor.bottom() + 1 + _GAP, room.bottom() - height + 1)
        self.setGeometry(max(left, room.left()), max(top, room.top()), width, height)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        on_anchor = self._anchor.contains(event.globalPosition().toPoint())
        self.setAttribute(Qt.WidgetAttribute.WA_NoMouseReplay, on_anchor)  # or the button opens it again
        super().mousePressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        option = QStyleOption()
        option.initFrom(self)
        painter = QPainter(self)  # a translucent window has to paint the background of its style sheet itself
        self.style().drawPrimitive(QStyle.PrimitiveElement.PE_Widget, option, painter, self)
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if QGuiApplication.platformName() == "xcb":  # corners are black where nothing composes windows
            path = QPainterPath()
            path.addRoundedRect(self.rect(), _RADIUS, _RADIUS)
            self.setMask(QRegion(path.toFillPolygon().toPolygon()))
