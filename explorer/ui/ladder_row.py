"""The partial maps of a filter side by side, each with its number, its kernel, its share, and mute and solo."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QHelpEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QToolTip, QWidget

from explorer.imaging.colormaps import COLORMAPS, Colormap
from explorer.imaging.rendering import Scale
from explorer.layers.fields import Array
from explorer.ui import imagery, overlay, theme
from explorer.ui.ladder_choice import Choice

_TITLE, _FOOT, _GAP = 16, 26, 20
_BUTTON = QSize(26, 24)
_LEFT_OUT = 0.3
_KERNEL = 22


@dataclass(frozen=True, eq=False)
class Rungs:
    """Small partial maps (channels, rows, columns) as far as they are known, kernels, shares 0..1 and names."""

    maps: Array
    known: int
    kernels: Array
    shares: tuple[float, ...]
    names: tuple[str, ...]
    scale: Scale
    reach: float

    def describe(self, channel: int, choice: Choice) -> str:
        """What a screen reader says."""
        share = f", {self.shares[channel]:.0%} of all magnitudes" if channel < len(self.shares) else ""
        state = "" if choice.has(channel) else ", left out"
        solo = ", solo" if channel in choice.solo else ""
        return f"Channel {self.names[channel]} of {len(self.kernels)}{share}{state}{solo}"


class LadderRow(QAbstractScrollArea):
    """What it costs to draw depends on its width only.

    Signals
    -------
    mute_requested(channel), solo_requested(channel)
        The button, or M and S on the keyboard.
    picked(channel)
        A map was clicked or walked to.
    """

    mute_requested = Signal(int)
    solo_requested = Signal(int)
    picked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Partial maps of this filter")
        self.viewport().setAutoFillBackground(False)
        self._rungs: Rungs | None = None
        self._choice = Choice.all(0)
        self._running = False
        self._colormap: Colormap = COLORMAPS[0]
        self.current = 0
        self._images: dict[int, QImage] = {}
        self._kernels: dict[int, QImage] = {}
        self._sums: Array | None = None

    def show_rungs(self, rungs: Rungs | None, choice: Choice, colormap: Colormap, *, running: bool) -> None:
        """Show other maps; ``running``: each as the sum of all up to it."""
        if rungs is not self._rungs or colormap is not self._colormap:
            self._kernels.clear()
        self._rungs, self._choice, self._colormap, self._running = rungs, choice, colormap, running
        self._images.clear()
        self._sums = None
        self.current = min(self.current, max(0, self._count - 1))
        self._arrange()
        self._say()
        self.viewport().update()

    @property
    def _count(self) -> int:
        return len(self._rungs.kernels) if self._rungs is not None else 0

    def _side(self) -> QSize:
        """Of a map."""
        height = max(24, self.viewport().height() - _TITLE - _FOOT - 4)
        if self._rungs is None or not self._rungs.maps.size:
            return QSize(height, height)
        rows, columns = self._rungs.maps.shape[1:]
        width = round(height * columns / rows)
        return QSize(min(max(width, 76), 130), height)

    @property
    def _pitch(self) -> int:
        return self._side().width() + _GAP

    def _arrange(self) -> None:
        bar = self.horizontalScrollBar()
        bar.setRange(0, max(0, self._count * self._pitch - _GAP + 4 - self.viewport().width()))
        bar.setPageStep(self.viewport().width())
        bar.setSingleStep(self._pitch)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._images.clear()
        self._arrange()

    def place_of(self, channel: int) -> QRect:
        """Where a channel's map lies in the viewport."""
        side = self._side()
        x = channel * self._pitch + 2 - self.horizontalScrollBar().value()
        return QRect(x, _TITLE + 2, side.width(), side.height())

    def button_of(self, channel: int, *, solo: bool) -> QRect:
        """Where its mute or its solo button lies."""
        place = self.place_of(channel)
        x = place.right() + 1 - _BUTTON.width() * (1 if solo else 2) - (0 if solo else 2)
        return QRect(x, place.bottom() + 3, _BUTTON.width(), _BUTTON.height())

    # drawing

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        rungs = self._rungs
        if rungs is None:
            return
        left, pitch = self.horizontalScrollBar().value(), self._pitch
        first, last = left // pitch, min(self._count, (left + self.viewport().width()) // pitch + 1)
        for channel in range(first, last):
            self._paint_rung(painter, rungs, channel)
        if self.hasFocus() and self._count:
            painter.setPen(QPen(QColor(theme.of(self).accent), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.place_of(self.current).adjusted(-2, -_TITLE, 1, _FOOT + 1))

    def _paint_rung(self, painter: QPainter, rungs: Rungs, channel: int) -> None:
        colours, place = theme.of(self), self.place_of(channel)
        heard = self._choice.has(channel)
        painter.setFont(theme.font(self, 0.85))
        painter.setPen(QColor(colours.text if heard else colours.second))
        title = QRect(place.left(), place.top() - _TITLE, place.width(), _TITLE)
        middle = int(Qt.AlignmentFlag.AlignVCenter)
        painter.drawText(title, middle | int(Qt.AlignmentFlag.AlignLeft), rungs.names[channel])
        if channel < len(rungs.shares):
            painter.setPen(QColor(colours.second))
            share = f"{rungs.shares[channel]:.0%}"
            painter.drawText(title, middle | int(Qt.AlignmentFlag.AlignRight), share)
        painter.setOpacity(1.0 if heard else _LEFT_OUT)
        if channel < rungs.known:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, True)
            painter.drawImage(place, self._image(rungs, channel))
        else:
            painter.fillRect(place, QColor(colours.stage))
        kernel = QRect(place.left(), place.bottom() + 3, _KERNEL, _KERNEL)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        painter.drawImage(kernel, self._kernel(rungs, channel))
        painter.setPen(QColor(colours.line))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(kernel.adjusted(-1, -1, 0, 0))
        painter.setOpacity(1.0)
        if channel == self.current:
            overlay.outline(painter, QRectF(place).adjusted(0, 0, -1, -1))
        self._paint_button(painter, self.button_of(channel, solo=False), "M", channel in self._choice.muted)
        self._paint_button(painter, self.button_of(channel, solo=True), "S", channel in self._choice.solo)
        if channel + 1 < self._count:
            painter.setFont(theme.font(self, 1.1))
            painter.setPen(QColor(colours.second))
            sign = QRect(place.right() + 1, place.top(), _GAP, place.height())
            painter.drawText(sign, Qt.AlignmentFlag.AlignCenter, "→" if self._running else "+")

    def _paint_button(self, painter: QPainter, place: QRect, text: str, on: bool) -> None:
        colours = theme.of(self)
        painter.setPen(QColor(colours.field_border))
        painter.setBrush(QColor(colours.accent if on else colours.card))
        painter.drawRoundedRect(QRectF(place).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        painter.setPen(QColor(colours.on_accent if on else colours.text))
        painter.setFont(theme.font(self, 0.82))
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)

    def _image(self, rungs: Rungs, channel: int) -> QImage:
        known = self._images.get(channel)
        if known is None:
            pixels = self._running_sums(rungs)[channel] if self._running else rungs.maps[channel]
            known = imagery.map_image(np.ascontiguousarray(pixels), rungs.scale, self._colormap)
            self._images[channel] = known
        return known

    def _running_sums(self, rungs: Rungs) -> Array:
        if self._sums is None:
            heard = np.array([self._choice.has(channel) for channel in range(rungs.known)], bool)
            maps = np.where(heard[:, None, None], rungs.maps[: rungs.known], np.float32(0))
            with np.errstate(all="ignore"):  # infinities of both signs
                self._sums = np.cumsum(maps, axis=0, dtype=np.float32)
        return self._sums

    def _kernel(self, rungs: Rungs, channel: int) -> QImage:
        known = self._kernels.get(channel)
        if known is None:
            scale = Scale(-rungs.reach, rungs.reach)
            known = imagery.map_image(np.ascontiguousarray(rungs.kernels[channel]), scale, self._colormap)
            self._kernels[channel] = known
        return known

    # mouse and keys

    def _channel_at(self, position: QPointF) -> int | None:
        at = int(position.x() + self.horizontalScrollBar().value()) // self._pitch
        return at if 0 <= at < self._count else None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        channel = self._channel_at(event.position())
        if channel is None or event.button() != Qt.MouseButton.LeftButton:
            return
        point = event.position().toPoint()
        self._pick(channel)
        if self.button_of(channel, solo=False).contains(point):
            self.mute_requested.emit(channel)
        elif self.button_of(channel, solo=True).contains(point):
            self.solo_requested.emit(channel)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Home: -self._count,
            Qt.Key.Key_End: self._count,
        }
        key = Qt.Key(event.key())
        if not self._count:
            event.ignore()
        elif key in steps:
            self._pick(min(max(self.current + steps[key], 0), self._count - 1))
        elif key == Qt.Key.Key_M:
            self.mute_requested.emit(self.current)
        elif key == Qt.Key.Key_S:
            self.solo_requested.emit(self.current)
        else:
            event.ignore()

    def event(self, event: QEvent) -> bool:
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.ShortcutOverride
            and event.key() in (Qt.Key.Key_M, Qt.Key.Key_S)
            and event.modifiers() == Qt.KeyboardModifier.NoModifier
        ):
            event.accept()
            return True
        return super().event(event)

    def _pick(self, channel: int) -> None:
        bar, place = self.horizontalScrollBar(), self.place_of(channel)
        if place.left() < 0:
            bar.setValue(bar.value() + place.left() - 2)
        elif place.right() > self.viewport().width():
            bar.setValue(bar.value() + place.right() + 4 - self.viewport().width())
        if channel != self.current:
            self.current = channel
            self._say()
            self.picked.emit(channel)
        self.viewport().update()

    def _say(self) -> None:
        words = self._rungs.describe(self.current, self._choice) if self._rungs and self._count else ""
        self.setAccessibleDescription(f"{words}. M mutes, S solos." if words else "")

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            channel = self._channel_at(QPointF(event.pos()))
            if channel is None or self._rungs is None:
                QToolTip.hideText()
                return True
            text = self._rungs.describe(channel, self._choice)
            if self.button_of(channel, solo=False).contains(event.pos()):
                text = "Leave this channel out of the sum (M)"
            elif self.button_of(channel, solo=True).contains(event.pos()):
                text = "This channel alone (S)"
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().viewportEvent(event)
