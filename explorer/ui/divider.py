"""The line on the map where A ends and B begins, to be dragged."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QRegion
from PySide6.QtWidgets import QWidget

from explorer.ui import theme
from explorer.ui.picture_view import PictureView

_WIDTH = 15  # pixels that take the mouse
_TAG, _TAG_TOP = 18, 6  # the letters beside the line
_WHOLE = _WIDTH + 2 * _TAG


class Divider(QWidget):
    """Lies over a picture at a share of its width. The arrow keys move it, too.

    Signals
    -------
    share_changed(share)
        The user moved it.
    """

    share_changed = Signal(float)

    def __init__(self, view: PictureView) -> None:
        super().__init__(view)
        self._view = view
        self._share = 0.5
        self.setAccessibleName("Where A ends and B begins")
        self.setToolTip("A is at the left, B at the right: drag the line")
        self.setCursor(Qt.CursorShape.SplitHCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        view.zoomed.connect(self._place)
        view.installEventFilter(self)
        self.hide()

    def show_share(self, share: float | None) -> None:
        """Show the line there; None where only one state is shown."""
        if share is not None:
            self._share = share
        self.setVisible(share is not None)
        self._place()

    def picture_rect(self) -> QRect:
        """Where the picture lies in the view; parts may be outside."""
        rows, columns = self._view.picture_size
        zoom, window = self._view.zoom, self._view.window_shown
        width, height = round(columns * zoom), round(rows * zoom)
        if window is None:
            return QRect(
                (self._view.width() - width) // 2, (self._view.height() - height) // 2, width, height
            )
        return QRect(round(-window.x() * zoom), round(-window.y() * zoom), width, height)

    def _place(self) -> None:
        area = self.picture_rect()
        x = area.x() + round(self._share * area.width())
        top, bottom = max(area.top(), 0), min(area.bottom() + 1, self._view.height())
        place = QRect(x - _WHOLE // 2, top, _WHOLE, max(bottom - top, 0))
        if place != self.geometry():
            self.setGeometry(place)
            region = QRegion(_TAG, 0, _WIDTH, self.height())
            for tag in self._tags():
                region += QRegion(tag)
            self.setMask(region)  # beside the line the mouse is the picture's

    @staticmethod
    def _tags() -> tuple[QRect, QRect]:
        return (
            QRect(_WHOLE // 2 - 3 - _TAG, _TAG_TOP, _TAG, _TAG),
            QRect(_WHOLE // 2 + 4, _TAG_TOP, _TAG, _TAG),
        )

    def _move_to(self, x: float) -> None:
        area = self.picture_rect()
        share = min(max((x - area.x()) / max(area.width(), 1), 0.0), 1.0)
        if share != self._share:
            self._share = share
            self._place()
            self.share_changed.emit(share)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Paint) and self.isVisible():
            self._place()
        return False

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._move_to(self.mapToParent(QPoint(round(event.position().x()), 0)).x())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
        else:
            area = self.picture_rect()
            large = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self._move_to(area.x() + (self._share + step * (0.1 if large else 0.01)) * area.width())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = _WHOLE // 2
        painter.fillRect(middle - 1, 0, 3, self.height(), QColor(0, 0, 0))
        painter.fillRect(middle, 0, 1, self.height(), QColor(255, 255, 255))
        ring = theme.of(self).accent if self.hasFocus() else "#000000"
        painter.setPen(QPen(QColor(ring), 2 if self.hasFocus() else 1))
        painter.setBrush(QColor(255, 255, 255))
        grip = QRect(middle - 4, self.height() // 2 - 12, 9, 24)
        painter.drawRoundedRect(grip, 4, 4)
        painter.setPen(QColor(0, 0, 0))
        for x in (middle - 1, middle + 1):
            painter.drawLine(x, grip.center().y() - 4, x, grip.center().y() + 4)
        painter.setFont(theme.font(self, 0.92, bold=True))
        for tag, letter in zip(self._tags(), "AB", strict=True):
            painter.fillRect(tag, QColor(0, 0, 0, 170))
            painter.setPen(QColor(255, 255, 255))
            painter.drawText(tag, int(Qt.AlignmentFlag.AlignCenter), letter)
