"""Both pictures of a sliding window: the input with the window on it, and the map that fills up behind it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QImage, QPainter, QPainterPath, QPen, QRegion

from explorer.layers.fields import Array
from explorer.layers.numbers import number
from explorer.layers.sliding_steps import OUTSIDE, Step
from explorer.ui import imagery, overlay
from explorer.ui.sliding_scene import Look, SlidingScene
from explorer.ui.sliding_text import cell_text
from explorer.ui.theme import Theme

NUMBERS_FROM = 22.0  # units of a pixel that has room for its number
_GRID_FROM = 7.0
_FILL_FROM = 15.0
_WHOLE_FROM = 4.0  # units from which a pixel is as large as the next one
_LEAST_MAP = 0.34  # of the room that the map takes at least
_LEAST_BOX = 9.0
_VEIL = QColor(8, 10, 14, 105)


@dataclass(frozen=True)
class Place:
    """Where pixels lie: the corner of pixel (row, column) ``origin`` and the side of each."""

    corner: QPointF
    origin: tuple[int, int]
    zoom: float

    def rect(self, row: float, column: float, rows: float = 1, columns: float = 1) -> QRectF:
        """Where a rectangle of pixels lies."""
        return QRectF(
            self.corner.x() + (column - self.origin[1]) * self.zoom,
            self.corner.y() + (row - self.origin[0]) * self.zoom,
            columns * self.zoom,
            rows * self.zoom,
        )

    def pixel(self, position: QPointF) -> tuple[int, int]:
        """The pixel (row, column) under a point."""
        return (
            math.floor((position.y() - self.corner.y()) / self.zoom) + self.origin[0],
            math.floor((position.x() - self.corner.x()) / self.zoom) + self.origin[1],
        )


def fitted(area: QRectF, origin: tuple[int, int], size: tuple[int, int], largest: float = 96.0) -> Place:
    """The place of ``size`` rows and columns in the middle of an area."""
    zoom = min(area.width() / size[1], area.height() / size[0], largest)
    if zoom >= _WHOLE_FROM:
        zoom = math.floor(zoom)
    left = area.x() + (area.width() - size[1] * zoom) / 2
    top = area.y() + (area.height() - size[0] * zoom) / 2
    return Place(QPointF(round(left), round(top)), origin, zoom)


@dataclass
class Sheet:
    """A piece of a map in its colours, and at the size of the screen where that is smaller."""

    pixels: Array
    look: Look
    rows: slice
    columns: slice
    _image: QImage | None = None
    _scaled: dict[tuple[int, int], QImage] = field(default_factory=dict)

    @property
    def image(self) -> QImage:
        """One pixel for each number."""
        if self._image is None:
            if self.look.picture is not None:
                self._image = imagery.rgb_image(self.look.picture[self.rows, self.columns])
            else:
                values = np.ascontiguousarray(self.pixels[self.rows, self.columns], np.float32)
                self._image = imagery.map_image(values, self.look.scale, self.look.colormap)
        return self._image

    def draw(self, painter: QPainter, target: QRectF) -> None:
        """Draw it; a picture larger than its room is made smaller once, and well."""
        ratio = painter.device().devicePixelRatio()
        size = QSize(round(target.width() * ratio), round(target.height() * ratio))
        if size.width() >= self.image.width():
            painter.drawImage(target, self.image)
            return
        key = (size.width(), size.height())
        if key not in self._scaled:
            smooth = Qt.TransformationMode.SmoothTransformation
            self._scaled = {key: self.image.scaled(size, Qt.AspectRatioMode.IgnoreAspectRatio, smooth)}
        imagery.draw_exactly(painter, target.x(), target.y(), self._scaled[key], ratio)


class Pictures:
    """Draws both sides of a scene. Kept as long as the scene: the colours are made once."""

    def __init__(self, scene: SlidingScene, colours: Theme, font: QFont) -> None:
        self._scene, self._colours, self._font = scene, colours, font
        top, bottom, left, right = scene.seen
        self._input = Sheet(
            scene.x[0, scene.shown_channel], scene.input_look, slice(top, bottom), slice(left, right)
        )
        rows, columns = scene.part.rows, scene.part.columns
        self._output = Sheet(
            scene.output[0, scene.channel],
            scene.output_look,
            slice(rows.start, rows.stop),
            slice(columns.start, columns.stop),
        )

    def input_place(self, area: QRectF) -> Place:
        """Where the input lies in its area, padding included."""
        part = self._scene.part
        return fitted(area, (part.top, part.left), (part.bottom - part.top, part.right - part.left))

    def output_place(self, area: QRectF, beside: Place) -> Place:
        """Where the map lies: its pixels are as large as those of the input, unless it would be tiny."""
        part = self._scene.part
        size = len(part.rows), len(part.columns)
        full = fitted(area, (part.rows.start, part.columns.start), size)
        least = max(_LEAST_MAP * full.zoom, 1e-6)
        return fitted(
            area, full.origin, size, max(beside.zoom, math.floor(least) if least >= _WHOLE_FROM else least)
        )

    # the input

    def paint_input(self, painter: QPainter, place: Place, shown: Step) -> None:
        """The input, its padding, and the window at one place."""
        top, bottom, left, right = self._scene.seen
        self._paint_padding(painter, place)
        self._input.draw(painter, place.rect(top, left, bottom - top, right - left))
        if place.zoom >= _GRID_FROM:
            _paint_grid(painter, place, (top, bottom, left, right))
        self._paint_veil(painter, place, shown)
        if place.zoom >= NUMBERS_FROM:
            self._paint_numbers(painter, place, shown)
        self._paint_window(painter, place, shown)

    def _paint_padding(self, painter: QPainter, place: Place) -> None:
        """What is added around the input, as far as it is seen."""
        scene = self._scene
        part, (_, rows, columns) = scene.part, scene.input_shape
        above, below, before, behind = scene.layer.resolved_padding(scene.input_shape)
        top, bottom = max(part.top, -above), min(part.bottom, rows + below)
        left, right = max(part.left, -before), min(part.right, columns + behind)
        if (top, bottom, left, right) == scene.seen:
            return
        seen = place.rect(top, left, bottom - top, right - left)
        painter.fillRect(seen, QColor(self._colours.card))
        hatch = QColor(self._colours.second)
        hatch.setAlpha(95)
        painter.fillRect(seen, QBrush(hatch, Qt.BrushStyle.BDiagPattern))
        painter.save()
        painter.setClipRect(seen.adjusted(-1, -1, 2, 2), Qt.ClipOperation.IntersectClip)
        whole = place.rect(-above, -before, rows + above + below, columns + before + behind)
        overlay.outline(painter, whole, dashed=True)
        painter.restore()
        if place.zoom >= _FILL_FROM:
            self._paint_fill(painter, place, (top, bottom, left, right))

    def _paint_fill(self, painter: QPainter, place: Place, ends: tuple[int, int, int, int]) -> None:
        """What stands in the padding."""
        _, rows, columns = self._scene.input_shape
        top, bottom, left, right = ends
        font = self._small(place.zoom)
        painter.setFont(font)
        painter.setPen(QColor(self._colours.text))
        behind = QFontMetricsF(font).boundingRect(self._scene.fill).adjusted(-2, 1, 2, -1)
        for row in range(top, bottom):
            for column in range(left, right):
                if not (0 <= row < rows and 0 <= column < columns):
                    cell = place.rect(row, column)
                    behind.moveCenter(cell.center())
                    painter.fillRect(behind, QColor(self._colours.card))
                    painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, self._scene.fill)

    def _paint_veil(self, painter: QPainter, place: Place, shown: Step) -> None:
        """Everything but the taps is darker: what is bright is what is read."""
        if place.zoom < _WHOLE_FROM:
            return
        top, bottom, left, right = self._scene.seen
        area = place.rect(top, left, bottom - top, right - left)
        dark = QPainterPath()
        dark.addRect(area)
        for box in _taps(shown) if _is_dilated(shown) else [_window(shown)]:
            dark.addRect(place.rect(*box).intersected(area))
        painter.fillPath(dark, _VEIL)

    def _paint_numbers(self, painter: QPainter, place: Place, shown: Step) -> None:
        """The numbers under the window; all of them where there are few."""
        painter.setFont(self._small(place.zoom))
        top, bottom, left, right = self._scene.seen
        pixels, image = self._scene.x[0, self._scene.shown_channel], self._input.image
        magnitude = self._scene.input_look.scale.magnitude
        taps = {(row, column) for row in shown.rows for column in shown.columns}
        for row in range(top, bottom):
            for column in range(left, right):
                colour = image.pixelColor(column - left, row - top)
                is_tap = (row, column) in taps
                if not is_tap:
                    colour = _veiled(colour)
                ink = overlay.text_on(colour)
                ink.setAlpha(255 if is_tap else 130)
                painter.setPen(ink)
                text = cell_text(float(pixels[row, column]), magnitude)
                painter.drawText(place.rect(row, column), Qt.AlignmentFlag.AlignCenter, text)

    def _paint_window(self, painter: QPainter, place: Place, shown: Step) -> None:
        if _is_dilated(shown) and place.zoom >= _WHOLE_FROM:
            painter.save()
            painter.setBrush(Qt.BrushStyle.NoBrush)
            for box in _taps(shown):
                cell = place.rect(*box).adjusted(0.5, 0.5, -1.5, -1.5)
                painter.setPen(QPen(QColor(0, 0, 0, 220), 3))
                painter.drawRect(cell)
                painter.setPen(QPen(QColor(255, 255, 255), 1))
                painter.drawRect(cell)
            painter.restore()
        rect = self.window_rect(place, shown)
        overhangs = bool((shown.places == OUTSIDE).any())
        overlay.outline(painter, rect.adjusted(-1, -1, 1, 1), dashed=overhangs)
        if not overhangs:
            overlay.outline(painter, rect)

    def window_rect(self, place: Place, shown: Step) -> QRectF:
        """Where the window is drawn; never too small to be seen."""
        rect = place.rect(*_window(shown))
        if min(rect.width(), rect.height()) >= _LEAST_BOX - 2:
            return rect
        width, height = max(rect.width(), _LEAST_BOX), max(rect.height(), _LEAST_BOX)
        centre = rect.center()
        return QRectF(round(centre.x() - width / 2), round(centre.y() - height / 2), width, height)

    # the map

    def paint_output(self, painter: QPainter, place: Place, shown: Step) -> None:
        """The map as far as the window has come, and the cell that it made."""
        part = self._scene.part
        whole = place.rect(part.rows.start, part.columns.start, len(part.rows), len(part.columns))
        painter.fillRect(whole, QColor(self._colours.card))
        hatch = QColor(self._colours.second)
        hatch.setAlpha(70)
        painter.fillRect(whole, QBrush(hatch, Qt.BrushStyle.BDiagPattern))
        done, column = shown.row - part.rows.start, shown.column - part.columns.start
        painter.save()
        above = place.rect(part.rows.start, part.columns.start, done, len(part.columns))
        line = place.rect(shown.row, part.columns.start, 1, column + 1)
        filled = QRegion(above.toRect()).united(QRegion(line.toAlignedRect()))
        painter.setClipRegion(filled, Qt.ClipOperation.IntersectClip)
        self._output.draw(painter, whole)
        painter.restore()
        if place.zoom >= _GRID_FROM:
            ends = (part.rows.start, part.rows.stop, part.columns.start, part.columns.stop)
            _paint_grid(painter, place, ends)
        painter.setPen(QPen(QColor(self._colours.field_border), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(whole.adjusted(-0.5, -0.5, 0.5, 0.5))
        if place.zoom >= NUMBERS_FROM:
            self._paint_made(painter, place, shown)
        cell = self.cell_rect(place, shown)
        overlay.frame(painter, cell)
        if place.zoom < NUMBERS_FROM:
            self._tag(painter, cell, whole, number(shown.value))

    def cell_rect(self, place: Place, shown: Step) -> QRectF:
        """Where the new cell is drawn; never too small to be seen."""
        rect = place.rect(shown.row, shown.column)
        if rect.width() >= 5:
            return rect
        centre = rect.center()
        return QRectF(round(centre.x() - 3), round(centre.y() - 3), 6, 6)

    def _paint_made(self, painter: QPainter, place: Place, shown: Step) -> None:
        painter.setFont(self._small(place.zoom))
        part, image = self._scene.part, self._output.image
        values, magnitude = (
            self._scene.output[0, self._scene.channel],
            self._scene.output_look.scale.magnitude,
        )
        for row in range(part.rows.start, shown.row + 1):
            for column in part.columns:
                if row == shown.row and column > shown.column:
                    break
                colour = image.pixelColor(column - part.columns.start, row - part.rows.start)
                painter.setPen(overlay.text_on(colour))
                text = cell_text(float(values[row, column]), magnitude)
                painter.drawText(place.rect(row, column), Qt.AlignmentFlag.AlignCenter, text)

    def _tag(self, painter: QPainter, cell: QRectF, whole: QRectF, text: str) -> None:
        """The new number beside its cell."""
        font = QFont(self._font)
        font.setBold(True)
        painter.setFont(font)
        metrics = QFontMetricsF(font)
        width, height = metrics.horizontalAdvance(text) + 10, metrics.height() + 4
        x = cell.right() + 6 if cell.right() + 6 + width <= whole.right() else cell.left() - width - 6
        y = min(max(cell.center().y() - height / 2, whole.top()), max(whole.top(), whole.bottom() - height))
        if x < whole.left() and whole.width() < 2 * width:
            x, y = cell.center().x() - width / 2, cell.top() - height - 6
        label = QRectF(round(x), round(y), width, height)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(0, 0, 0, 205))
        painter.drawRoundedRect(label, 4, 4)
        painter.setPen(QColor(255, 255, 255))
        painter.drawText(label, Qt.AlignmentFlag.AlignCenter, text)
        painter.restore()

    def _small(self, zoom: float) -> QFont:
        font = QFont(self._font)
        font.setPixelSize(int(min(max(zoom * 0.36, 8.0), 22.0)))
        return font


def _is_dilated(shown: Step) -> bool:
    return any(len(taps) > 1 and taps[1] - taps[0] > 1 for taps in (shown.rows, shown.columns))


def _window(shown: Step) -> tuple[int, int, int, int]:
    """Top, left, rows and columns that the window spans."""
    rows, columns = shown.rows, shown.columns
    return rows[0], columns[0], rows[-1] - rows[0] + 1, columns[-1] - columns[0] + 1


def _taps(shown: Step) -> list[tuple[int, int, int, int]]:
    return [(row, column, 1, 1) for row in shown.rows for column in shown.columns]


def _veiled(colour: QColor) -> QColor:
    share = _VEIL.alphaF()
    mixed = [a * (1 - share) + b * share for a, b in zip(_rgb(colour), _rgb(_VEIL), strict=True)]
    return QColor(*(round(part) for part in mixed))


def _rgb(colour: QColor) -> tuple[int, int, int]:
    return colour.red(), colour.green(), colour.blue()


def _paint_grid(painter: QPainter, place: Place, ends: tuple[int, int, int, int]) -> None:
    top, bottom, left, right = ends
    painter.setPen(QPen(QColor(128, 128, 128, 75), 1))
    for row in range(top, bottom + 1):
        line = place.rect(row, left, 0, right - left)
        painter.drawLine(line.topLeft(), line.topRight())
    for column in range(left, right + 1):
        line = place.rect(top, column, bottom - top, 0)
        painter.drawLine(line.topLeft(), line.bottomLeft())
