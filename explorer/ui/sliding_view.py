"""The stage while a window slides: shows one frame, and takes the mouse and the keys that move the window."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.ui import theme
from explorer.ui.sliding_painter import FramePainter
from explorer.ui.sliding_scene import SlidingScene

STEPS = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}


class SlidingView(QWidget):
    """Draws a scene at one place of its order.

    Signals
    -------
    picked(index)
        The window shall go there: a cell of the map, or a pixel of the input, was pressed or dragged over.
    key_pressed(event)
        A key; accepted where it moved the window.
    """

    picked = Signal(int)
    key_pressed = Signal(QKeyEvent)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Sliding window")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAutoFillBackground(True)
        self._scene: SlidingScene | None = None
        self._painter: FramePainter | None = None
        self._words = ""
        self._index = 0

    def sizeHint(self) -> QSize:
        return QSize(1100, 375)

    def minimumSizeHint(self) -> QSize:
        return QSize(420, 200)

    @property
    def index(self) -> int:
        """The place in the order that is shown."""
        return self._index

    def show_scene(self, scene: SlidingScene, index: int) -> None:
        """Show another scene, or the same one with other numbers."""
        self._scene, self._painter, self._words = scene, None, ""
        self.show_index(index)

    def show_words(self, words: str) -> None:
        """A sentence where there is nothing to slide."""
        self._scene, self._painter, self._words = None, None, words
        self.setAccessibleDescription(words)
        self.update()

    def show_index(self, index: int) -> None:
        """Show another place of the order."""
        self._index = index
        self.update()

    def frame_painter(self) -> FramePainter | None:
        """What draws the frames, in the present colours."""
        if self._painter is None and self._scene is not None:
            self._painter = FramePainter(self._scene, theme.of(self), theme.font(self))
        return self._painter

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._painter = None
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        frames = self.frame_painter()
        colours = theme.of(self)
        if frames is None:
            painter.setFont(theme.font(self, 1.15))
            painter.setPen(QColor(colours.second))
            place = self.rect().adjusted(24, 12, -24, -12)
            middle = int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap)
            painter.drawText(place, middle, self._words)
        else:
            frames.paint(painter, QRectF(self.rect()), self._index)
        if self.hasFocus():
            painter.setPen(QPen(QColor(colours.accent), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1.5, 1.5, -1.5, -1.5), 4, 4)

    # hands

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pick(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._pick(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.accept()  # what lies below must not zoom

    def keyPressEvent(self, event: QKeyEvent) -> None:
        event.ignore()
        self.key_pressed.emit(event)
        if not event.isAccepted():
            super().keyPressEvent(event)

    def _pick(self, event: QMouseEvent) -> None:
        frames = self.frame_painter()
        index = frames.index_at(QRectF(self.rect()), event.position()) if frames is not None else None
        if index is not None:
            self.picked.emit(index)
