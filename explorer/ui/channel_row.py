"""The thumbnails of a filter's kernels: what is in sight is drawn, and nothing else."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QHelpEvent,
    QImage,
    QKeyEvent,
    QLinearGradient,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QToolTip, QWidget

from explorer.imaging.colormaps import Colormap
from explorer.imaging.rendering import Scale
from explorer.layers.fields import Array
from explorer.layers.numbers import number
from explorer.ui import imagery, overlay, theme

_SIDE = 28
_PITCH = _SIDE + 6
_MARGIN = 3  # around the thumbnails, for the frame of the chosen one
_LABEL = 0.78  # of the usual font
_FADE = 22  # pixels at an end beyond which there is more
_STEP = 3  # thumbnails for one notch of the wheel


class ChannelRow(QAbstractScrollArea):
    """What it costs to draw depends on its width, not on the number of channels.

    Signals
    -------
    picked(channel)
        A thumbnail was clicked or walked to.
    """

    picked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Input channels of this filter")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setAutoFillBackground(False)
        self._weights: Array = np.zeros((0, 1, 1), np.float32)
        self._selected = 0
        self._colormap: Colormap | None = None
        self._reach = 1.0
        self._labels: tuple[str, ...] = ()
        self._subject: Hashable = None
        self._by_norm = False
        self._order: npt.NDArray[np.intp] = np.zeros(0, np.intp)
        self._places: npt.NDArray[np.intp] = np.zeros(0, np.intp)
        self._images: dict[int, tuple[Array, tuple[object, ...], QImage]] = {}

    def sizeHint(self) -> QSize:
        label = QFontMetrics(theme.font(self, _LABEL)).height()
        return QSize(200, 2 * _MARGIN + _SIDE + label)

    def minimumSizeHint(self) -> QSize:
        return QSize(60, self.sizeHint().height())

    def show_kernels(
        self,
        weights: Array,
        selected: int,
        colormap: Colormap,
        reach: float,
        labels: tuple[str, ...],
        subject: Hashable,
    ) -> None:
        """Show other kernels; see :meth:`ChannelStrip.show_kernels`."""
        other = len(weights) != len(self._weights) or subject != self._subject
        self._weights, self._colormap, self._reach = weights, colormap, reach
        self._labels, self._subject = labels, subject
        if other:
            self._images.clear()
            self._sort()
        if other or selected != self._selected:
            self._select(selected)
        self.viewport().update()

    def set_by_norm(self, by_norm: bool) -> None:
        """Largest kernels first, or in the order of the channels."""
        self._by_norm = by_norm
        self._sort()
        self._select(self._selected)

    @property
    def order(self) -> tuple[int, ...]:
        """The channels from left to right."""
        return tuple(int(channel) for channel in self._order)

    def place_of(self, channel: int) -> QRect:
        """Where a channel's thumbnail lies in the viewport."""
        x = _MARGIN + int(self._places[channel]) * _PITCH - self.horizontalScrollBar().value()
        return QRect(x, _MARGIN, _SIDE, _SIDE)

    def _sort(self) -> None:
        count = len(self._weights)
        if self._by_norm:
            self._order = np.argsort(-self._norms(), kind="stable")
        else:
            self._order = np.arange(count)
        self._places = np.empty(count, np.intp)
        self._places[self._order] = np.arange(count)
        self._arrange()

    def _norms(self) -> npt.NDArray[np.float64]:
        flat = self._weights.reshape(len(self._weights), -1).astype(np.float64)
        norms: npt.NDArray[np.float64] = np.sqrt(np.einsum("ci,ci->c", flat, flat))
        return norms

    def _arrange(self) -> None:
        bar = self.horizontalScrollBar()
        width = self.viewport().width()
        whole = 2 * _MARGIN + len(self._order) * _PITCH - (_PITCH - _SIDE)
        bar.setRange(0, max(0, whole - width))
        bar.setPageStep(width)
        bar.setSingleStep(_PITCH)
        self.viewport().update()

    def _select(self, channel: int) -> None:
        """Frame a thumbnail and bring it into sight, with its neighbour where there is one."""
        if not len(self._order):
            return
        self._selected = min(max(channel, 0), len(self._order) - 1)
        place, bar = self.place_of(self._selected), self.horizontalScrollBar()
        if place.left() < _PITCH:
            bar.setValue(bar.value() + place.left() - _PITCH)
        elif place.right() > self.viewport().width() - _PITCH:
            bar.setValue(bar.value() + place.right() + _PITCH - self.viewport().width())
        norm = float(np.linalg.norm(self._weights[self._selected].astype(np.float64)))
        self.setAccessibleDescription(
            f"{self._name(self._selected)} of {len(self._order)}, norm {number(float(f'{norm:.3g}'))}"
        )
        self.viewport().update()

    def _name(self, channel: int) -> str:
        return f"Channel {self._label(channel)}"

    def _label(self, channel: int) -> str:
        return self._labels[channel] if channel < len(self._labels) else str(channel)

    # drawing

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._arrange()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self.updateGeometry()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        self.viewport().update()  # the fades at the ends do not scroll

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._colormap is None or not len(self._order):
            return
        painter = QPainter(self.viewport())
        colours = theme.of(self)
        painter.setFont(theme.font(self, _LABEL))
        label_height = painter.fontMetrics().height()
        left = self.horizontalScrollBar().value()
        first = max(0, (left - _MARGIN) // _PITCH)
        last = min(len(self._order), -(-(left + self.viewport().width()) // _PITCH))
        seen = [int(channel) for channel in self._order[first:last]]
        for channel in seen:
            place = self.place_of(channel)
            chosen = channel == self._selected
            self._draw_kernel(painter, channel, place)
            painter.setPen(QColor(colours.text if chosen else colours.second))
            below = QRect(place.left() - 3, place.bottom() + _MARGIN, _SIDE + 6, label_height)
            painter.drawText(below, int(Qt.AlignmentFlag.AlignCenter), self._label(channel))
        self._draw_fades(painter)
        if self._selected in seen:
            self._draw_choice(painter, self.place_of(self._selected))
        for channel in [channel for channel in self._images if channel not in seen]:
            del self._images[channel]

    def _draw_choice(self, painter: QPainter, place: QRect) -> None:
        overlay.frame(painter, QRectF(place))
        if self.hasFocus():
            painter.setPen(QColor(theme.of(self).accent))
            painter.drawRect(place.adjusted(-3, -3, 2, 2))

    def _draw_kernel(self, painter: QPainter, channel: int, place: QRect) -> None:
        image = self._image(channel)
        shape = image.size().scaled(place.size(), Qt.AspectRatioMode.KeepAspectRatio)
        fitted = QRect(0, 0, max(3, shape.width()), max(3, shape.height()))
        fitted.moveCenter(place.center())
        large = max(image.width(), image.height()) > _SIDE
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, large)
        painter.drawImage(fitted, image)
        painter.setPen(QColor(theme.of(self).field_border))
        painter.drawRect(fitted.adjusted(0, 0, -1, -1))

    def _draw_fades(self, painter: QPainter) -> None:
        bar, width = self.horizontalScrollBar(), self.viewport().width()
        solid = QColor(theme.of(self).window)
        clear = QColor(solid)
        clear.setAlpha(0)
        for more, edge, inwards in (
            (bar.value() > bar.minimum(), 0, _FADE),
            (bar.value() < bar.maximum(), width, width - _FADE),
        ):
            if more:
                fade = QLinearGradient(edge, 0, inwards, 0)
                fade.setColorAt(0, solid)
                fade.setColorAt(1, clear)
                area = QRect(min(edge, inwards), 0, _FADE, self.viewport().height())
                painter.fillRect(area, fade)

    def _image(self, channel: int) -> QImage:
        kernel = self._weights[channel]
        key = (self._colormap, self._reach)
        known = self._images.get(channel)
        if known is not None and known[1] == key and np.array_equal(known[0], kernel):
            return known[2]
        assert self._colormap is not None
        own = np.array(kernel, np.float32)
        reach = self._reach if self._reach > 1e-30 else 1.0
        image = imagery.map_image(own, Scale(-reach, reach), self._colormap)
        self._images[channel] = (own, key, image)
        return image

    # hands

    def mousePressEvent(self, event: QMouseEvent) -> None:
        channel = self._channel_at(event.position())
        if channel is not None and event.button() == Qt.MouseButton.LeftButton:
            self._pick(channel)

    def wheelEvent(self, event: QWheelEvent) -> None:
        bar = self.horizontalScrollBar()
        if bar.maximum() == 0:
            event.ignore()
            return
        exact, turned = event.pixelDelta(), event.angleDelta()
        if not exact.isNull():
            distance = exact.x() or exact.y()
        else:
            distance = round((turned.x() or turned.y()) / 120 * _STEP * _PITCH)
        bar.setValue(bar.value() - distance)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        page = max(1, self.viewport().width() // _PITCH - 1)
        count = len(self._order)
        steps = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_PageUp: -page,
            Qt.Key.Key_PageDown: page,
            Qt.Key.Key_Home: -count,
            Qt.Key.Key_End: count,
        }
        step = steps.get(Qt.Key(event.key()))
        if step is None or not count:
            event.ignore()
            return
        place = min(max(int(self._places[self._selected]) + step, 0), count - 1)
        self._pick(int(self._order[place]))

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            channel = self._channel_at(QPointF(event.pos()))
            if channel is None:
                QToolTip.hideText()
            else:
                QToolTip.showText(event.globalPos(), self._describe(channel), self)
            return True
        return super().viewportEvent(event)

    def _describe(self, channel: int) -> str:
        kernel = self._weights[channel].astype(np.float64)
        norm, low, high = float(np.linalg.norm(kernel)), float(kernel.min()), float(kernel.max())
        numbers = [number(float(f"{value:.3g}")) for value in (low, high, norm)]
        name = f"{self._name(channel)} of {len(self._order)}"
        return f"{name}\nweights from {numbers[0]} to {numbers[1]}, norm {numbers[2]}"

    def _pick(self, channel: int) -> None:
        if channel != self._selected:
            self._select(channel)
            self.picked.emit(channel)

    def _channel_at(self, position: QPointF) -> int | None:
        place = (
            int(position.x() + self.horizontalScrollBar().value() - _MARGIN + (_PITCH - _SIDE) / 2) // _PITCH
        )
        return int(self._order[place]) if 0 <= place < len(self._order) else None
