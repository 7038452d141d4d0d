"""A sheet of equal tiles: one scroll area, one picture per visible tile, hit-testing by arithmetic.

What it costs to draw depends on the screen: tiles out of sight are never coloured, and only what changed is painted.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QPainter, QPaintEvent, QRegion, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QWidget

from explorer.imaging.colormaps import Colormap
from explorer.ui import theme, tile_selection
from explorer.ui.tile import Tile
from explorer.ui.tile_order import Listing
from explorer.ui.tile_painter import Mark, TilePainter
from explorer.ui.tile_selection import TileSelection
from explorer.ui.tiling import GAP, Tiling, tiling

_FRAME = GAP // 2  # what the marks of a tile need around it
_NOTHING_FOUND = "No map is found: change what is searched for (Ctrl+F), or show dead maps again."


class TileSheet(QAbstractScrollArea):
    """Shows tiles, some of them selected.

    A tile is known by its index, wherever it stands. While ``frozen``, tiles stay where they are.

    Signals
    -------
    selection_changed()
        Other tiles are selected.
    """

    selection_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Feature maps")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMinimumHeight(120)
        self._tiles: tuple[Tile, ...] = ()
        self._listing = Listing()
        self._shown: tuple[int, ...] = ()
        self._places: dict[int, int] = {}
        self.frozen = False
        self._selection = TileSelection()
        self._wanted = 0
        self._message = ""
        self._layout = tiling(1, 1.0, 100, 100, 20)
        self._limits_fit = True
        self._painter = TilePainter(self)
        self.stale = False

    def sizeHint(self) -> QSize:
        return QSize(600, 300)

    # what it shows

    def show_tiles(self, tiles: tuple[Tile, ...], colormap: Colormap, message: str = "") -> None:
        """Show other maps (or the sentence why there are none)."""
        old = self._tiles
        before = self._painter.colormap, self._message, self._shown, self._layout, self._limits_fit
        self._tiles, self._painter.colormap, self._message = tiles, colormap, message
        self._line_up(len(tiles) == len(old))
        self._arrange()
        if tiles:
            self._set_selection(self._selection.within(len(tiles)))
        after = colormap, message, self._shown, self._layout, self._limits_fit
        if not tiles or before != after:
            self.viewport().update()
            return
        for index in self._in_sight():
            if not tiles[index].looks_like(old[index]):
                self.viewport().update(self._whole_tile(index))

    # which tiles are shown, and in which order

    @property
    def listing(self) -> Listing:
        """What the user wants to see."""
        return self._listing

    @property
    def tiles(self) -> tuple[Tile, ...]:
        """All of them, by index."""
        return self._tiles

    @property
    def count(self) -> int:
        """How many tiles there are, hidden ones included."""
        return len(self._tiles)

    @property
    def shown(self) -> tuple[int, ...]:
        """The tiles that are not hidden, as they stand."""
        return self._shown

    def set_listing(self, listing: Listing) -> None:
        """Show other tiles, or in another order."""
        self._listing = listing
        before = self._shown
        self._line_up(stays=False)
        if self._shown != before:
            self._arrange()
            self._bring_into_sight(self.current)
        self.viewport().update()

    def _line_up(self, stays: bool) -> None:
        """Decide again, unless tiles that are the same ones have to stay."""
        waits = self._listing.ordering.measured and not all(
            tile.view.content.statistics is not None for tile in self._tiles
        )
        if stays and (self.frozen or waits):
            return
        listing = replace(self._listing, order="index") if waits else self._listing
        shown = listing.shown(self._tiles) if not listing.is_plain else tuple(range(len(self._tiles)))
        if shown != self._shown:
            self._shown = shown
            self._places = {index: place for place, index in enumerate(shown)}

    def _in_sight(self, above: int = 0, below: int = 0) -> list[int]:
        """The tiles of which something is seen, with so many pixels more."""
        top, height = self.verticalScrollBar().value(), self.viewport().height()
        return [self._shown[place] for place in self._layout.visible(top - above, height + above + below)]

    # what of them is seen

    def set_window(self, window: QRectF | None) -> None:
        """Show the same part of each map, in map pixels; None is all of it."""
        if window != self._painter.window:
            self._painter.window = QRectF(window) if window is not None else None
            self._update_pictures()

    def set_striped(self, striped: bool) -> None:
        """Whether values beyond the ends of the scale are marked."""
        if striped != self._painter.striped:
            self._painter.striped = striped
            self._update_pictures()

    def set_crosshair(self, cell: tuple[int, int] | None) -> None:
        """Mark the same (row, column) in each map."""
        before, self._painter.cell = self._painter.cell, cell
        if cell == before:
            return
        region = QRegion()
        for index in self._in_sight():
            tile, rect = self._tiles[index], self.tile_rect(index)
            region += self._painter.cross_rect(tile, rect, before)
            region += self._painter.cross_rect(tile, rect, cell)
        self.viewport().update(region)

    def _update_pictures(self) -> None:
        region = QRegion()
        for index in self._in_sight():
            region += self.tile_rect(index)
        self.viewport().update(region)

    def cell_at(self, position: QPointF) -> tuple[int, int, int] | None:
        """(index, row, column) of the map pixel under a point of the viewport."""
        index = self._index_at(position)
        if index is None or not self.tile_rect(index).contains(position.toPoint()):
            return None
        point = self._map_point(index, position)
        row, column = math.floor(point.y()), math.floor(point.x())
        rows, columns = self._tiles[index].view.levels[0].shape
        return (index, row, column) if 0 <= row < rows and 0 <= column < columns else None

    def _map_point(self, index: int, position: QPointF) -> QPointF:
        """The place in the map behind a point of the viewport."""
        rect = self.tile_rect(index)
        place = self._painter.place(self._tiles[index], rect)
        return place.map_point(position.x() - rect.x(), position.y() - rect.y())

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
        """Where a tile's picture is in the viewport; empty where it is hidden."""
        if index not in self._places:
            return QRect(0, -1, 0, 0)
        x, y, width, height = self._layout.rect(self._places[index])
        return QRect(x, y - self.verticalScrollBar().value(), width, height)

    def _whole_tile(self, index: int) -> QRect:
        """With its caption and its frame."""
        return self.tile_rect(index).adjusted(-_FRAME, -_FRAME, _FRAME, self._layout.caption)

    def _arrange(self) -> None:
        aspect = 1.0
        if self._tiles:
            rows, columns = self._tiles[0].view.levels[0].shape
            aspect = columns / rows
        self._painter.prepare()
        area = self.viewport().size()
        caption = self._painter.caption_height
        self._layout = tiling(len(self._shown), aspect, area.width(), area.height(), caption, self._wanted)
        self._limits_fit = self._painter.measure(self._tiles, self._layout.width)
        self._painter.keep(range(len(self._tiles)))
        bar = self.verticalScrollBar()
        bar.setRange(0, max(0, self._layout.total_height - area.height()) if self._shown else 0)
        bar.setPageStep(area.height())
        bar.setSingleStep(self._layout.pitch_y // 3)

    # which tiles are selected

    @property
    def selection(self) -> tuple[int, ...]:
        """The selected tiles, in order; the current one is always among them."""
        return self._selection.chosen

    @property
    def current(self) -> int:
        """The current tile."""
        return self._selection.current

    def select(self, index: int) -> None:
        """Make a tile the current one and bring it into sight; where it is not among the selected, alone."""
        if index != self.current:
            self._set_selection(self._selection.at(index))
            self._bring_into_sight(index)

    def select_only(self, index: int) -> None:
        """One tile, whatever was selected."""
        self._set_selection(self._selection.alone(index))

    def select_several(self, chosen: tuple[int, ...], current: int) -> None:
        """These tiles; the current one comes into sight."""
        self._set_selection(tile_selection.of(chosen, current).within(len(self._tiles)))
        self._bring_into_sight(self.current)

    def select_all(self) -> None:
        """Every tile that is not hidden."""
        if self._shown:
            self._set_selection(tile_selection.of(self._shown, self._nearest_shown()))

    def _nearest_shown(self) -> int:
        """The current tile, or where it is hidden, the next one that is not."""
        if self.current in self._places:
            return self.current
        return min(self._shown, key=lambda index: (abs(index - self.current), index))

    def _set_selection(self, selection: TileSelection) -> None:
        before, self._selection = self._selection, selection
        changed = set(before.chosen) ^ set(selection.chosen)
        if changed or before.current != selection.current:
            self._update_tiles({*changed, before.current, selection.current})
        if changed:
            self.selection_changed.emit()

    def _update_tiles(self, indices: Iterable[int]) -> None:
        seen = self._in_sight()
        for index in indices:
            if index in seen:
                self.viewport().update(self._whole_tile(index))

    # drawing

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._arrange()
        self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        colours = theme.of(self)
        painter.fillRect(event.rect(), QColor(colours.window))
        if not self._shown:
            painter.setPen(QColor(colours.second))
            flags = int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap)
            message = self._message if not self._tiles else _NOTHING_FOUND
            painter.drawText(self.viewport().rect().adjusted(16, 16, -16, -16), flags, message)
            return
        region = event.region()
        for index in self._in_sight():
            if region.intersects(self._whole_tile(index)):
                self._paint_tile(painter, index, region)
        self._paint_over(painter)
        height = self.viewport().height()
        self._painter.keep(set(self._in_sight(height, height)))

    def _paint_tile(self, painter: QPainter, index: int, region: QRegion) -> None:
        current = index == self.current
        mark = Mark(
            selected=index in self.selection,
            leads=current and len(self.selection) > 1,
            focused=current and self.hasFocus(),
            stale=self.stale,
            lifted=index in self._lifted(),
        )
        self._painter.paint(painter, index, self._tiles[index], self.tile_rect(index), mark, region)

    def _lifted(self) -> tuple[int, ...]:
        """The tiles that are being dragged."""
        return ()

    def _paint_over(self, painter: QPainter) -> None:
        """Draw what lies over the tiles."""

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._update_tiles((self.current,))

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._update_tiles((self.current,))

    def _index_at(self, position: QPointF) -> int | None:
        if not self._shown:
            return None
        place = self._layout.index_at(position.x(), position.y() + self.verticalScrollBar().value())
        return None if place is None else self._shown[place]

    def _bring_into_sight(self, index: int) -> None:
        if index not in self._places:
            return
        bar, rect = self.verticalScrollBar(), self.tile_rect(index)
        below = rect.bottom() + self._layout.caption + GAP - self.viewport().height()
        if rect.top() < GAP:
            bar.setValue(bar.value() + rect.top() - GAP)
        elif below > 0:
            bar.setValue(bar.value() + below)
