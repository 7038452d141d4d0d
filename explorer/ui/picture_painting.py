"""The pixels of one large picture: which level is drawn, in which colours, with grid and numbers when near enough."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from explorer.imaging.colormaps import Colormap
from explorer.imaging.rendering import Scale
from explorer.ui import imagery
from explorer.ui.cell_numbers import CellNumbers
from explorer.ui.picture_marks import Place

GRID_ZOOM = 8.0
NUMBER_ZOOM = 32.0


@dataclass(frozen=True, eq=False)
class Coloured:
    """A map's levels with the way to colour them. ``content`` is the same object as long as the numbers are."""

    levels: tuple[npt.NDArray[np.float32], ...]
    scale: Scale
    colormap: Colormap
    content: object = None

    def looks_like(self, other: Content | None) -> bool:
        """Whether both are known to be the same picture."""
        return (
            isinstance(other, Coloured)
            and self.content is not None
            and self.content is other.content
            and self.scale == other.scale
            and self.colormap is other.colormap
        )


Content = Coloured | tuple[npt.NDArray[np.uint8], ...]
Part = tuple[int, int, int, int]
"""The pixels that are seen: top, bottom, left, right."""


class PicturePainter:
    """Draws a map or an RGB picture, and keeps the coloured image as long as it looks the same."""

    def __init__(self) -> None:
        self.content: Content | None = None
        self.numbers: npt.NDArray[np.float32] | None = None
        self._numbers = CellNumbers()
        self._cache: tuple[tuple[object, ...], QImage] | None = None

    @property
    def levels(self) -> tuple[npt.NDArray[np.generic], ...]:
        """The picture, its half, its quarter and so on."""
        if self.content is None:
            return ()
        return self.content.levels if isinstance(self.content, Coloured) else self.content

    @property
    def size(self) -> tuple[int, int]:
        """Rows and columns; (0, 0) where nothing is shown."""
        levels = self.levels
        return (levels[0].shape[0], levels[0].shape[1]) if levels else (0, 0)

    def paint(self, painter: QPainter, place: Place, part: Part, ratio: float, opacity: float) -> None:
        """Draw the part that is seen, on a screen with ``ratio`` pixels to a unit."""
        top, bottom, left, right = part
        area, zoom = place.area, place.zoom
        target = QRectF(
            area.x() + left * zoom, area.y() + top * zoom, (right - left) * zoom, (bottom - top) * zoom
        )
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, zoom < 2)
        painter.setOpacity(opacity)
        painter.drawImage(target, self._image(part, zoom * ratio))
        painter.setOpacity(1.0)
        if zoom > GRID_ZOOM:
            paint_grid(painter, place, part)

    def shows_numbers(self, zoom: float) -> bool:
        """Whether there is room for a number in each pixel."""
        lines = 1 if self.numbers is None else len(self.numbers)
        known = isinstance(self.content, Coloured) or self.numbers is not None
        return known and zoom > NUMBER_ZOOM * (1 + lines) / 2

    def paint_numbers(self, painter: QPainter, place: Place, part: Part, ratio: float) -> None:
        """Write each pixel's value into it."""
        top, bottom, left, right = part
        image = self._image(part, place.zoom * ratio)
        values = self.levels[0] if self.numbers is None else self.numbers
        self._numbers.write(painter, place, part, values[..., top:bottom, left:right], image)

    def _image(self, part: Part, scale: float) -> QImage:
        """The visible part, from the smallest level that has a pixel for every one of the screen's."""
        content, levels = self.content, self.levels
        top, bottom, left, right = part
        whole = part == (0, levels[0].shape[0], 0, levels[0].shape[1])
        level = 0
        while whole and level + 1 < len(levels) and scale * 2 ** (level + 1) <= 1.0:
            level += 1
        pixels = levels[level]
        colouring = (content.scale, content.colormap.key) if isinstance(content, Coloured) else None
        key = (pixels, None if whole else part, colouring)
        if self._cache is not None and _same_key(self._cache[0], key):
            return self._cache[1]
        shown = pixels if whole else pixels[top:bottom, left:right]
        if isinstance(content, Coloured):
            image = imagery.map_image(
                np.ascontiguousarray(shown, np.float32), content.scale, content.colormap
            )
        else:
            image = imagery.rgb_image(np.asarray(shown, np.uint8))
        self._cache = (key, image)
        return image


def paint_grid(painter: QPainter, place: Place, part: Part) -> None:
    """Draw a line between the pixels."""
    top, bottom, left, right = part
    area, zoom = place.area, place.zoom
    painter.setPen(QPen(QColor(128, 128, 128, 70), 1))
    for row in range(top, bottom + 1):
        y = area.y() + row * zoom
        painter.drawLine(QPointF(area.x() + left * zoom, y), QPointF(area.x() + right * zoom, y))
    for column in range(left, right + 1):
        x = area.x() + column * zoom
        painter.drawLine(QPointF(x, area.y() + top * zoom), QPointF(x, area.y() + bottom * zoom))


def _same_key(first: tuple[object, ...], second: tuple[object, ...]) -> bool:
    """Equal, with the arrays compared by identity."""
    return first[0] is second[0] and first[1:] == second[1:]
