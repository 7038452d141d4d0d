"""Dragging tiles: when a press becomes a drag, where it would land, and scrolling near the edges."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QPoint, QPointF, QRect, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QAbstractScrollArea

from explorer.ui import theme
from explorer.ui.tiling import GAP, Tiling

_THRESHOLD = 6
_LINE = 4
_EDGE = 32  # pixels at the top and the bottom in which a drag scrolls
_FASTEST = 18  # pixels in a tick
_TICK = 16  # milliseconds
_GHOST = 88  # the longer side of what hangs on the mouse
_BESIDE = QPoint(14, 12)


class TileDrag(QObject):
    """One press on a tile of a scroll area, and what becomes of it.

    Signals
    -------
    dropped(slot, copy)
        The tiles were let go before tile ``slot``.
    """

    dropped = Signal(int, bool)

    def __init__(self, area: QAbstractScrollArea, arrangement: Callable[[], Tiling]) -> None:
        super().__init__(area)
        self._area = area
        self._arrangement = arrangement
        self._pressed: QPointF | None = None
        self._mouse = QPointF()
        self._ghost: QImage | None = None
        self._shown: tuple[QRect, ...] = ()
        self._copy = False
        self.tiles: tuple[int, ...] = ()
        self._scroll = QTimer(self)
        self._scroll.setInterval(_TICK)
        self._scroll.timeout.connect(self._scroll_on)

    @property
    def active(self) -> bool:
        """Whether tiles hang on the mouse."""
        return bool(self.tiles)

    @property
    def start(self) -> QPointF:
        """Where the button went down."""
        return self._pressed or QPointF()

    def press(self, position: QPointF) -> None:
        """The button went down on a tile."""
        self._pressed = position

    def begins(self, position: QPointF) -> bool:
        """Whether the mouse has moved far enough from the press for a drag, which has not begun yet."""
        pressed = self._pressed
        return pressed is not None and not self.active and (position - pressed).manhattanLength() > _THRESHOLD

    def begin(self, tiles: tuple[int, ...], picture: QImage) -> None:
        """These tiles hang on the mouse now; ``picture`` is of one of them."""
        self.tiles = tiles
        mode = Qt.TransformationMode.SmoothTransformation
        self._ghost = picture.scaled(_GHOST, _GHOST, Qt.AspectRatioMode.KeepAspectRatio, mode)
        self._area.viewport().update()

    def move(self, position: QPointF, *, copy: bool) -> None:
        """The mouse moved, or a key was pressed meanwhile."""
        if not self.active:
            return
        self._mouse, self._copy = position, copy
        shape = Qt.CursorShape.DragCopyCursor if copy else Qt.CursorShape.ClosedHandCursor
        self._area.viewport().setCursor(shape)
        self._repaint()
        if self._speed():
            self._scroll.start()
        else:
            self._scroll.stop()

    def set_copy(self, copy: bool) -> None:
        """Ctrl was pressed or let go."""
        self.move(self._mouse, copy=copy)

    def release(self, *, copy: bool) -> bool:
        """The button was let go; returns whether it ended a drag."""
        was_active, self._copy = self.active, copy
        slot = self._slot() if was_active else None
        self.cancel()
        if slot is not None:
            self.dropped.emit(slot[0], copy)
        return was_active

    def cancel(self) -> None:
        """As if it had not been."""
        self._pressed = None
        if self.active:
            self.tiles, self._ghost, self._shown = (), None, ()
            self._scroll.stop()
            self._area.viewport().unsetCursor()
            self._area.viewport().update()

    def paint(self, painter: QPainter) -> None:
        """Draw the line where the tiles would land, and what hangs on the mouse."""
        if not self.active:
            return
        colours = theme.of(self._area)
        line = self._line()
        if not line.isEmpty():
            painter.save()
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colours.accent))
            painter.drawRoundedRect(QRectF(line), _LINE / 2, _LINE / 2)
            painter.restore()
        self._paint_ghost(painter, colours)

    def _paint_ghost(self, painter: QPainter, colours: theme.Theme) -> None:
        assert self._ghost is not None
        place = QRect(self._mouse.toPoint() + _BESIDE, self._ghost.size())
        painter.setOpacity(0.9)
        for behind in range(min(len(self.tiles), 3) - 1, 0, -1):
            sheet = place.translated(4 * behind, 4 * behind)
            painter.fillRect(sheet, QColor(colours.card))
            painter.setPen(QColor(colours.field_border))
            painter.drawRect(sheet.adjusted(0, 0, -1, -1))
        painter.drawImage(place.topLeft(), self._ghost)
        painter.setPen(QColor(colours.accent))
        painter.drawRect(place.adjusted(0, 0, -1, -1))
        painter.setOpacity(1.0)
        words = ("+" if self._copy else "") + (str(len(self.tiles)) if len(self.tiles) > 1 else "")
        if words:
            badge = QRect(place.left() - 6, place.top() - 8, 12 + 8 * len(words), 18)
            painter.setBrush(QColor(colours.accent))
            painter.drawRoundedRect(badge, 4, 4)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setFont(theme.font(self._area, 0.92, bold=True))
            painter.setPen(QColor(colours.on_accent))
            painter.drawText(badge, int(Qt.AlignmentFlag.AlignCenter), words)

    def _slot(self) -> tuple[int, int, int] | None:
        """Where it would land, as of :meth:`Tiling.slot_at`; None where nothing would change."""
        top = self._area.verticalScrollBar().value()
        slot, x, y = self._arrangement().slot_at(self._mouse.x(), self._mouse.y() + top)
        together = self.tiles[-1] - self.tiles[0] == len(self.tiles) - 1
        stays = together and self.tiles[0] <= slot <= self.tiles[-1] + 1
        return None if stays and not self._copy else (slot, x, y - top)

    def _line(self) -> QRect:
        slot = self._slot()
        if slot is None:
            return QRect()
        layout = self._arrangement()
        return QRect(slot[1] + (GAP - _LINE) // 2, slot[2], _LINE, layout.height + layout.caption)

    def _repaint(self) -> None:
        """Only where something was and is."""
        assert self._ghost is not None
        ghost = QRect(self._mouse.toPoint() + _BESIDE, self._ghost.size()).adjusted(-10, -10, 24, 12)
        now = ghost, self._line()
        for rect in self._shown + now:
            self._area.viewport().update(rect)
        self._shown = now

    def _speed(self) -> int:
        """Pixels to scroll in a tick."""
        y, height = self._mouse.y(), self._area.viewport().height()
        into = max(0.0, _EDGE - y) - max(0.0, y - (height - _EDGE))
        return -round(max(-1.0, min(1.0, into / _EDGE)) * _FASTEST)

    def _scroll_on(self) -> None:
        bar = self._area.verticalScrollBar()
        bar.setValue(bar.value() + self._speed())
        self._repaint()
