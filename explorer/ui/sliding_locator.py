"""The whole input, small, with the part that is looked at: where in the picture the window slides."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.ui import overlay, theme
from explorer.ui.sliding_pictures import Place, Sheet, fitted
from explorer.ui.sliding_scene import SlidingScene
from explorer.ui.sliding_view import STEPS

_LARGEST = 8.0  # units of a pixel
_LEAST_BOX = 8.0


class Locator(QWidget):
    """Shows where the part of a scene lies; a press or an arrow key moves it.

    Signals
    -------
    moved(row, column)
        The part shall lie around this output.
    """

    moved = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Part of the picture")
        self.setToolTip("Press or drag, or use the arrow keys, to look at another part of the picture")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self._scene: SlidingScene | None = None
        self._sheet: Sheet | None = None

    def sizeHint(self) -> QSize:
        return QSize(164, 120)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, 80)

    def show_scene(self, scene: SlidingScene) -> None:
        """Show the part of another scene."""
        _, rows, columns = scene.input_shape
        self._scene = scene
        pixels = scene.x[0, scene.shown_channel]
        self._sheet = Sheet(pixels, scene.input_look, slice(0, rows), slice(0, columns))
        self.update()

    def _place(self, scene: SlidingScene) -> Place:
        _, rows, columns = scene.input_shape
        area = QRectF(self.rect()).adjusted(3, 3, -3, -3)
        return fitted(area, (0, 0), (rows, columns), _LARGEST)

    def paintEvent(self, event: QPaintEvent) -> None:
        scene, sheet = self._scene, self._sheet
        if scene is None or sheet is None:
            return
        painter = QPainter(self)
        _, rows, columns = scene.input_shape
        place = self._place(scene)
        whole = place.rect(0, 0, rows, columns)
        sheet.draw(painter, whole)
        colours = theme.of(self)
        painter.setPen(QPen(QColor(colours.accent if self.hasFocus() else colours.field_border), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(whole.adjusted(-1, -1, 0, 0))
        top, bottom, left, right = scene.seen
        box = place.rect(top, left, bottom - top, right - left)
        if min(box.width(), box.height()) < _LEAST_BOX:
            grown = max(0.0, (_LEAST_BOX - min(box.width(), box.height())) / 2)
            box.adjust(-grown, -grown, grown, grown)
        overlay.outline(painter, box)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._go(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._go(event.position())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        scene = self._scene
        if scene is None or event.key() not in STEPS:
            super().keyPressEvent(event)
            return
        down, right = STEPS[Qt.Key(event.key())]
        part = scene.part
        row = (part.rows.start + part.rows.stop) // 2 + down * max(1, len(part.rows) // 2)
        column = (part.columns.start + part.columns.stop) // 2 + right * max(1, len(part.columns) // 2)
        self._move(scene, row, column)

    def _go(self, position: QPointF) -> None:
        if self._scene is None:
            return
        row, column = self._place(self._scene).pixel(position)
        stride = self._scene.layer.sliding_window.stride
        self._move(self._scene, row // stride[0], column // stride[1])

    def _move(self, scene: SlidingScene, row: int, column: int) -> None:
        rows, columns = scene.output.shape[2:]
        self.moved.emit(min(max(row, 0), rows - 1), min(max(column, 0), columns - 1))
