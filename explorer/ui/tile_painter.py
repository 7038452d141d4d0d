"""How one tile of the sheet is drawn: its picture, its kernel, its caption.

A tile whose map, scale, size and part are the same as before is not coloured again.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QRegion
from PySide6.QtWidgets import QWidget

from explorer.imaging.colormaps import COLORMAPS, Colormap
from explorer.imaging.rendering import Scale
from explorer.layers.fields import Array
from explorer.layers.numbers import number
from explorer.ui import imagery, overlay, picture_painting, theme, tile_pixels
from explorer.ui.cell_numbers import CellNumbers
from explorer.ui.picture_marks import Place
from explorer.ui.tile import Tile
from explorer.ui.tile_window import TilePlace, placed

__all__ = ["Mark", "Tile", "TilePainter"]

_KERNEL = 22
_KERNEL_ROOM = _KERNEL + 6
_NARROWEST_WITH_KERNEL = 90
_BETWEEN = 8  # name and range
_SLACK = 1.5  # what letters reach beyond their measured width
_USUAL_LIMITS = "−8.88 … 8.88"
_USUAL_NAME = "vertical lines"  # a longer one is cut before the ranges of all tiles go
_SHORTEST_NAME = 24.0
_STALE, _LIFTED = 0.45, 0.35
_CROSS = 5.0  # half of it; larger cells are outlined instead
_CROSS_ROOM = 3


@dataclass(frozen=True)
class Mark:
    """How a tile stands out. ``leads``: the current one of several; ``lifted``: it is being dragged."""

    selected: bool = False
    leads: bool = False
    focused: bool = False
    stale: bool = False
    lifted: bool = False


class TilePainter:
    """Draws tiles of one size in the font and the colours of a widget.

    ``caption_height`` is that of the line below each picture. ``window`` is the part of each map that is looked at,
    in map pixels; None is all of it. ``striped``: clipped values are marked. ``cell`` (row, column) has a cross.
    """

    def __init__(self, widget: QWidget) -> None:
        self._widget = widget
        self.colormap: Colormap = COLORMAPS[0]
        self.window: QRectF | None = None
        self.striped = False
        self.cell: tuple[int, int] | None = None
        self._limits_fit = True
        self.images: dict[int, tuple[tuple[object, ...], QImage]] = {}
        self._kernels: dict[int, tuple[Array, tuple[object, ...], QImage]] = {}
        self._captions: dict[int, tuple[tuple[object, ...], tuple[str, str]]] = {}
        self._numbers = CellNumbers()
        self._use(theme.font(widget, 0.92))

    def prepare(self) -> None:
        """Follow the application's font."""
        font = theme.font(self._widget, 0.92)
        if font != self.font:
            self._use(font)

    def _use(self, font: QFont) -> None:
        self.font, self._metrics = font, QFontMetricsF(font)
        self.caption_height = round(self._metrics.height()) + 10
        self._captions.clear()

    def measure(self, tiles: tuple[Tile, ...], width: int) -> bool:
        """Whether captions of tiles that wide have room for the range: all of a sheet, or none."""
        metrics = self._metrics
        names = max((metrics.horizontalAdvance(name) for name in {tile.name for tile in tiles}), default=0.0)
        names = min(names, metrics.horizontalAdvance(_USUAL_NAME))
        kernel = _KERNEL_ROOM if any(tile.kernel is not None for tile in tiles) else 0
        needed = names + metrics.horizontalAdvance(_USUAL_LIMITS) + kernel + _BETWEEN + _SLACK
        self._limits_fit = needed <= width
        return self._limits_fit

    def keep(self, near: Container[int]) -> None:
        """Forget the pictures of other tiles."""
        for known in (self.images.keys(), self._kernels.keys(), self._captions.keys()):
            for index in [index for index in known if index not in near]:
                self._forget(index)

    def _forget(self, index: int) -> None:
        self.images.pop(index, None)
        self._kernels.pop(index, None)
        self._captions.pop(index, None)

    def paint(
        self,
        painter: QPainter,
        index: int,
        tile: Tile,
        rect: QRect,
        mark: Mark,
        region: QRegion | None = None,
    ) -> None:
        """Draw tile ``index`` with its picture at ``rect``, or what of it lies in a region."""
        if region is None or region.intersects(rect):
            within = rect if region is None else region.intersected(rect).boundingRect()
            self._paint_picture(painter, index, tile, rect, mark, within)
        painter.setOpacity(_LIFTED if mark.lifted else 1.0)
        if mark.selected:
            overlay.frame(painter, QRectF(rect))
        colours = theme.of(self._widget)
        for grown, colour in ((3, colours.text), (4, colours.text)) if mark.leads else ():
            self._ring(painter, rect, grown, colour)
        if mark.focused:
            self._ring(painter, rect, 4, colours.accent)
        caption = self.caption_rect(rect)
        if region is None or region.intersects(caption.adjusted(-1, -1, 1, 1)):
            self._paint_caption(painter, index, tile, caption)
        painter.setOpacity(1.0)

    @staticmethod
    def _ring(painter: QPainter, rect: QRect, grown: int, colour: str) -> None:
        """One pixel wide, outside the picture."""
        painter.setPen(QColor(colour))
        painter.drawRect(rect.adjusted(-grown, -grown, grown - 1, grown - 1))

    # the picture

    def place(self, tile: Tile, rect: QRect) -> TilePlace:
        """What of its map a tile shows."""
        rows, columns = tile.view.levels[0].shape
        return placed(self.window, rows, columns, rect.width(), rect.height())

    def cross_rect(self, tile: Tile, rect: QRect, cell: tuple[int, int] | None) -> QRect:
        """What the mark of a cell covers; empty where the cell is not seen."""
        rows, columns = tile.view.levels[0].shape
        if cell is None or not (cell[0] < rows and cell[1] < columns):
            return QRect()
        place = self.place(tile, rect).cell(*cell).translated(QPointF(rect.topLeft()))
        grown = max(0.0, _CROSS - min(place.width(), place.height()) / 2) + _CROSS_ROOM
        return place.adjusted(-grown, -grown, grown, grown).toAlignedRect() & rect

    def _paint_picture(
        self, painter: QPainter, index: int, tile: Tile, rect: QRect, mark: Mark, within: QRect
    ) -> None:
        image = self.image(index, tile, rect)
        painter.setOpacity(_LIFTED if mark.lifted else _STALE if mark.stale else 1.0)
        imagery.draw_exactly(painter, rect.x(), rect.y(), image, self._widget.devicePixelRatioF())
        place = self.place(tile, rect)
        marked = not self.cross_rect(tile, rect, self.cell).isEmpty()
        if place.zoom_x <= picture_painting.GRID_ZOOM and not marked:
            return
        painter.save()
        painter.setClipRect(rect, Qt.ClipOperation.IntersectClip)
        if place.is_square and place.zoom_x > picture_painting.GRID_ZOOM:
            self._paint_cells(painter, tile, place, rect, within)
        if marked and self.cell is not None:
            cell = place.cell(*self.cell).translated(QPointF(rect.topLeft()))
            if min(cell.width(), cell.height()) > 2 * _CROSS:
                overlay.outline(painter, cell)
            else:
                overlay.cross(painter, cell.center(), _CROSS)
        painter.restore()

    def _paint_cells(
        self, painter: QPainter, tile: Tile, place: TilePlace, rect: QRect, within: QRect
    ) -> None:
        """The grid between pixels, and their numbers where there is room."""
        pixels, zoom = tile.view.levels[0], place.zoom_x
        rows, columns = pixels.shape
        top, bottom, left, right = seen = place.part(rows, columns)
        area = place.cell(0, 0).translated(QPointF(rect.topLeft()))
        spread = Place(QRectF(area.x(), area.y(), columns * zoom, rows * zoom), zoom, (rows, columns))
        picture_painting.paint_grid(painter, spread, seen)
        if zoom <= picture_painting.NUMBER_ZOOM or bottom <= top or right <= left:
            return
        values = pixels[top:bottom, left:right]
        painter.setFont(self._number_font(zoom))
        colours = imagery.map_image(np.ascontiguousarray(values), tile.scale, self.colormap)
        self._numbers.write(painter, spread, seen, values, colours, QRectF(within))

    def _number_font(self, zoom: float) -> QFont:
        grown = (zoom - picture_painting.NUMBER_ZOOM) / 80
        return theme.font(self._widget, min(round(0.8 + grown, 1), 1.5))  # in steps: a new font costs time

    def image(self, index: int, tile: Tile, rect: QRect) -> QImage:
        """The tile's picture at the size it is drawn in."""
        ratio = self._widget.devicePixelRatioF()
        width, height = round(rect.width() * ratio), round(rect.height() * ratio)
        place = self.place(tile, rect)
        whole = place.is_whole(*tile.view.levels[0].shape)
        place = place.scaled(ratio)
        outside = QColor(theme.of(self._widget).stage).rgb()
        key = (tile.view.content, tile.scale, self.colormap, place, self.striped, outside)
        known = self.images.get(index)
        if known is not None and known[0][0] is key[0] and known[0][1:] == key[1:]:
            return known[1]
        levels = tile.view.levels
        if whole:
            image = tile_pixels.whole(levels, width, height, tile.scale, self.colormap, striped=self.striped)
        else:
            image = tile_pixels.part(levels, place, tile.scale, self.colormap, outside, striped=self.striped)
        self.images[index] = (key, image)
        return image

    # the caption

    def caption_rect(self, rect: QRect) -> QRect:
        """Where the line below a picture is."""
        return QRect(rect.left(), rect.bottom() + 6, rect.width(), self.caption_height - 5)

    def name_rect(self, tile: Tile, rect: QRect) -> QRect:
        """Where the name of a tile with its picture at ``rect`` is."""
        line = self.caption_rect(rect)
        return line.adjusted(_KERNEL_ROOM, 0, 0, 0) if self._has_kernel(tile, rect.width()) else line

    @staticmethod
    def _has_kernel(tile: Tile, width: int) -> bool:
        return tile.kernel is not None and width >= _NARROWEST_WITH_KERNEL

    def _paint_caption(self, painter: QPainter, index: int, tile: Tile, line: QRect) -> None:
        colours = theme.of(self._widget)
        if self._has_kernel(tile, line.width()):
            self._paint_kernel(painter, index, tile, line)
            line = line.adjusted(_KERNEL_ROOM, 0, 0, 0)
        painter.setFont(self.font)
        key = (tile.view.content, tile.scale, tile.name, tile.ends, line.width(), self._limits_fit)
        known = self._captions.get(index)
        if known is None or known[0] != key:
            known = self._captions[index] = (key, self.caption(tile, line.width()))
        name, limits = known[1]
        centred = int(Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine | Qt.TextFlag.TextDontClip)
        painter.setPen(QColor(colours.text))
        painter.drawText(line, centred | int(Qt.AlignmentFlag.AlignLeft), name)
        if limits:
            painter.setPen(QColor(colours.note if tile.badge else colours.second))
            painter.drawText(line, centred | int(Qt.AlignmentFlag.AlignRight), limits)

    def caption(self, tile: Tile, width: int) -> tuple[str, str]:
        """(name, range or badge) as they fit beside each other; the name is what tells tiles apart."""
        metrics = self._metrics
        room = width - _SLACK
        badge = tile.badge
        limits = badge or f"{number(tile.view.minimum)} … {number(tile.view.maximum)}"
        wide = metrics.horizontalAdvance(limits)
        left = room - wide - _BETWEEN
        whole = metrics.horizontalAdvance(tile.name)
        if not (badge or self._limits_fit) or left < min(whole, _SHORTEST_NAME * (1 if badge else 2)):
            limits, left = "", room
        return metrics.elidedText(tile.name, Qt.TextElideMode.ElideRight, max(0.0, left)), limits

    def _paint_kernel(self, painter: QPainter, index: int, tile: Tile, line: QRect) -> None:
        assert tile.kernel is not None
        side = min(_KERNEL, line.height())
        shape = tile.kernel.shape
        width = max(6, min(side, round(side * shape[1] / shape[0])))
        height = max(6, min(side, round(side * shape[0] / shape[1])))
        place = QRect(line.left(), line.top() + (line.height() - height) // 2, width, height)
        ratio = self._widget.devicePixelRatioF()
        small = self._kernel_image(index, tile.kernel, round(width * ratio), round(height * ratio))
        imagery.draw_exactly(painter, place.x(), place.y(), small, ratio)
        painter.setPen(QColor(theme.of(self._widget).line))
        painter.drawRect(place.adjusted(-1, -1, 0, 0))

    def _kernel_image(self, index: int, kernel: Array, width: int, height: int) -> QImage:
        known, key = self._kernels.get(index), (self.colormap, width, height)
        if known is not None and known[1] == key and np.array_equal(known[0], kernel):
            return known[2]
        own = np.array(kernel, np.float32)
        reach = float(np.abs(own).max()) or 1.0
        image = imagery.map_image(own, Scale(-reach, reach), self.colormap).scaled(width, height)
        self._kernels[index] = (own, key, image)
        return image
