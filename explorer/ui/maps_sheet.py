"""The sheet of all maps of a layer: one scroll area, one picture per visible tile, hit-testing by arithmetic.

What it costs to draw depends on the screen: tiles out of sight are never coloured, and a tile whose map, scale and
size are the same as before is neither coloured nor drawn again.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QHelpEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QToolTip, QWidget

from explorer.imaging.colormaps import Colormap
from explorer.imaging.opencv import cv2
from explorer.imaging.rendering import Scale
from explorer.layers.explanation import number
from explorer.layers.fields import Array
from explorer.live.analysis import MapView
from explorer.ui import imagery, overlay, theme
from explorer.ui.tiling import GAP, Tiling, tiling

_KERNEL = 22
_FRAME = GAP // 2  # what the marks of a tile need around it
_USUAL_LIMITS = "−8.88 … 8.88"  # captions of one sheet show their range all or none


@dataclass(frozen=True, eq=False)
class Tile:
    """One map with its caption. ``kernel`` (rows, columns) is drawn small beside the name."""

    view: MapView
    scale: Scale
    name: str
    kernel: Array | None = None

    def looks_like(self, other: Tile) -> bool:
        """Whether both are known to be drawn alike."""
        if self.view.content is not other.view.content or (self.scale, self.name) != (
            other.scale,
            other.name,
        ):
            return False
        if self.kernel is None or other.kernel is None:
            return self.kernel is other.kernel
        return np.array_equal(self.kernel, other.kernel)


class MapsSheet(QAbstractScrollArea):
    """All maps of the selected layer.

    Signals
    -------
    picked(index)
        A tile was clicked or walked to.
    """

    picked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Feature maps")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMinimumHeight(120)
        self._tiles: tuple[Tile, ...] = ()
        self._selected = 0
        self._colormap: Colormap | None = None
        self._wanted = 0
        self._message = ""
        self._images: dict[int, tuple[tuple[object, ...], QImage]] = {}
        self._kernels: dict[int, tuple[Array, Colormap, QImage]] = {}
        self._layout = tiling(1, 1.0, 100, 100, 20)
        self._limits_fit = True
        self.stale = False

    def sizeHint(self) -> QSize:
        return QSize(600, 300)

    def show_tiles(self, tiles: tuple[Tile, ...], colormap: Colormap, message: str = "") -> None:
        """Show other maps (or the sentence why there are none)."""
        before = self._tiles, self._colormap, self._message, self._layout, self._limits_fit
        self._tiles, self._colormap, self._message = tiles, colormap, message
        for index in [index for index in self._images if index >= len(tiles)]:
            del self._images[index]
            self._kernels.pop(index, None)
        self._arrange()
        old, *rest = before
        if not tiles or rest != [self._colormap, self._message, self._layout, self._limits_fit]:
            self.viewport().update()
            return
        for index in self._layout.visible(self.verticalScrollBar().value(), self.viewport().height()):
            if not tiles[index].looks_like(old[index]):
                self.viewport().update(self._whole_tile(index))

    def select(self, index: int) -> None:
        """Frame a tile and bring it into sight."""
        if index != self._selected:
            self._selected = index
            self._bring_into_sight(index)
            self.viewport().update()

    def set_tile_width(self, width: int) -> None:
        """A fixed width, or 0 for the best."""
        self._wanted = width
        self._arrange()
        self.viewport().update()

    def set_stale(self, stale: bool) -> None:
        """Dim the pictures while they show an older state."""
        if stale != self.stale:
            self.stale = stale
            self.viewport().update()

    @property
    def arrangement(self) -> Tiling:
        """Where the tiles lie."""
        return self._layout

    def tile_rect(self, index: int) -> QRect:
        """Where a tile's picture is in the viewport."""
        x, y, width, height = self._layout.rect(index)
        return QRect(x, y - self.verticalScrollBar().value(), width, height)

    def _whole_tile(self, index: int) -> QRect:
        """With its caption and its frame."""
        return self.tile_rect(index).adjusted(-_FRAME, -_FRAME, _FRAME, self._layout.caption)

    def _arrange(self) -> None:
        metrics = QFontMetrics(theme.font(self, 0.92))
        caption = metrics.height() + 10
        aspect = 1.0
        if self._tiles:
            rows, columns = self._tiles[0].view.levels[0].shape
            aspect = columns / rows
        area = self.viewport().size()
        names = max((metrics.horizontalAdvance(tile.name) for tile in self._tiles), default=0)
        self._layout = tiling(len(self._tiles), aspect, area.width(), area.height(), caption, self._wanted)
        kernel = _KERNEL + 6 if any(tile.kernel is not None for tile in self._tiles) else 0
        self._limits_fit = names + metrics.horizontalAdvance(_USUAL_LIMITS) + kernel + 8 <= self._layout.width
        bar = self.verticalScrollBar()
        bar.setRange(0, max(0, self._layout.total_height - area.height()) if self._tiles else 0)
        bar.setPageStep(area.height())
        bar.setSingleStep(self._layout.pitch_y // 3)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._arrange()
        self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        colours = theme.of(self)
        painter.fillRect(event.rect(), QColor(colours.window))
        if not self._tiles:
            painter.setPen(QColor(colours.second))
            flags = int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap)
            painter.drawText(self.viewport().rect().adjusted(16, 16, -16, -16), flags, self._message)
            return
        top, height = self.verticalScrollBar().value(), self.viewport().height()
        for index in self._layout.visible(top, height):
            if event.region().intersects(self._whole_tile(index)):
                self._paint_tile(painter, index)
        near = self._layout.visible(top - height, 3 * height)
        for index in [index for index in self._images if index not in near]:
            del self._images[index]

    def _paint_tile(self, painter: QPainter, index: int) -> None:
        tile, rect = self._tiles[index], self.tile_rect(index)
        colours = theme.of(self)
        image = self._image(index)
        if self.stale:
            painter.setOpacity(0.45)
        imagery.draw_exactly(painter, rect.x(), rect.y(), image, self.devicePixelRatioF())
        painter.setOpacity(1.0)
        if index == self._selected:
            overlay.frame(painter, QRectF(rect))
            if self.hasFocus():
                painter.setPen(QColor(colours.accent))
                painter.drawRect(rect.adjusted(-4, -4, 3, 3))
        self._paint_caption(painter, tile, index, rect)

    def _paint_caption(self, painter: QPainter, tile: Tile, index: int, rect: QRect) -> None:
        colours = theme.of(self)
        line = QRect(rect.left(), rect.bottom() + 3, rect.width(), self._layout.caption - 4)
        if tile.kernel is not None and rect.width() >= 90:
            small = self._kernel_image(index)
            side = min(_KERNEL, line.height())
            shape = tile.kernel.shape
            width = max(6, min(side, round(side * shape[1] / shape[0])))
            height = max(6, min(side, round(side * shape[0] / shape[1])))
            place = QRect(line.left(), line.top() + (line.height() - height) // 2, width, height)
            ratio = self.devicePixelRatioF()
            small = small.scaled(round(width * ratio), round(height * ratio))
            imagery.draw_exactly(painter, place.x(), place.y(), small, ratio)
            painter.setPen(QColor(colours.line))
            painter.drawRect(place.adjusted(-1, -1, 0, 0))
            line.setLeft(line.left() + side + 6)
        text_font = theme.font(self, 0.92)
        metrics = QFontMetrics(text_font)
        painter.setFont(text_font)
        badge = tile.view.badge
        limits = badge or f"{number(tile.view.minimum)} … {number(tile.view.maximum)}"
        limits_width = min(metrics.horizontalAdvance(limits), line.width())
        name_width = line.width() - limits_width - 8
        name = metrics.elidedText(tile.name, Qt.TextElideMode.ElideRight, max(0, name_width))
        if not self._limits_fit and not badge:  # too narrow for both: the name is what tells tiles apart
            limits, name = "", tile.name
        if metrics.horizontalAdvance(name) > line.width() or name != tile.name:
            name = metrics.elidedText(tile.name, Qt.TextElideMode.ElideRight, line.width())
            limits = ""
        painter.setPen(QColor(colours.text))
        painter.drawText(line, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), name)
        painter.setPen(QColor(colours.note if badge else colours.second))
        painter.drawText(line, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight), limits)

    def _image(self, index: int) -> QImage:
        """The tile's picture at the size it is drawn in."""
        tile = self._tiles[index]
        ratio = self.devicePixelRatioF()
        width, height = round(self._layout.width * ratio), round(self._layout.height * ratio)
        key = (tile.view.content, tile.scale, self._colormap, width, height)
        known = self._images.get(index)
        if known is not None and known[0][0] is key[0] and known[0][1:] == key[1:]:
            return known[1]
        levels = tile.view.levels
        level = 0
        while level + 1 < len(levels) and levels[level + 1].shape[1] >= width:
            level += 1
        pixels = np.ascontiguousarray(levels[level], np.float32)
        method = cv2.INTER_NEAREST
        if pixels.shape[1] >= width:  # up to half the size four neighbours see every pixel, many times faster
            near = pixels.shape[1] <= 2 * width and pixels.shape[0] <= 2 * height
            method = cv2.INTER_LINEAR if near else cv2.INTER_AREA
        sized = np.asarray(
            cv2.resize(pixels, (max(1, width), max(1, height)), interpolation=method), np.float32
        )
        assert self._colormap is not None
        image = imagery.map_image(sized, tile.scale, self._colormap)
        self._images[index] = (key, image)
        return image

    def _kernel_image(self, index: int) -> QImage:
        kernel = self._tiles[index].kernel
        assert kernel is not None
        assert self._colormap is not None
        known = self._kernels.get(index)
        if known is not None and known[1] is self._colormap and np.array_equal(known[0], kernel):
            return known[2]
        own = np.array(kernel, np.float32)
        reach = float(np.abs(own).max()) or 1.0
        image = imagery.map_image(own, Scale(-reach, reach), self._colormap)
        self._kernels[index] = (own, self._colormap, image)
        return image

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self._index_at(event.position())
        if index is not None and event.button() == Qt.MouseButton.LeftButton:
            self._pick(index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        columns = self._layout.columns
        steps = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Up: -columns,
            Qt.Key.Key_Down: columns,
            Qt.Key.Key_PageUp: -columns * 3,
            Qt.Key.Key_PageDown: columns * 3,
            Qt.Key.Key_Home: -len(self._tiles),
            Qt.Key.Key_End: len(self._tiles),
        }
        step = steps.get(Qt.Key(event.key()))
        if step is None or not self._tiles:
            super().keyPressEvent(event)
            return
        self._pick(min(max(self._selected + step, 0), len(self._tiles) - 1))

    def viewportEvent(self, event: object) -> bool:
        if isinstance(event, QHelpEvent):
            index = self._index_at(QPointF(event.pos()))
            if index is None:
                QToolTip.hideText()
            else:
                QToolTip.showText(event.globalPos(), self._describe(index), self)
            return True
        return super().viewportEvent(event)  # type: ignore[arg-type]

    def _describe(self, index: int) -> str:
        tile = self._tiles[index]
        rows, columns = tile.view.levels[0].shape
        lines = [f"{tile.name} (channel {index})", f"{columns} × {rows}"]
        if tile.view.badge:
            lines.append(
                {"NaN": "holds values that are no number", "overflow": "holds infinite values"}.get(
                    tile.view.badge, f"every value is the same: {tile.view.badge}"
                )
            )
        else:
            lines.append(f"from {number(tile.view.minimum)} to {number(tile.view.maximum)}")
        return "\n".join(lines)

    def _pick(self, index: int) -> None:
        self.select(index)
        self.picked.emit(index)

    def _index_at(self, position: QPointF) -> int | None:
        if not self._tiles:
            return None
        return self._layout.index_at(position.x(), position.y() + self.verticalScrollBar().value())

    def _bring_into_sight(self, index: int) -> None:
        bar, rect = self.verticalScrollBar(), self.tile_rect(index)
        below = rect.bottom() + self._layout.caption + GAP - self.viewport().height()
        if rect.top() < GAP:
            bar.setValue(bar.value() + rect.top() - GAP)
        elif below > 0:
            bar.setValue(bar.value() + below)
