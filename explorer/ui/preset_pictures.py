"""Small pictures of kernels and maps for lists, made once for the screen they are shown on."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPainterPath, QPixmap

from explorer.imaging.colormaps import Colormap
from explorer.imaging.rendering import Scale
from explorer.layers.fields import Array
from explorer.ui import imagery

_RADIUS = 4.0


def kernel_pixmap(kernel: Array, size: QSize, ratio: float, colormap: Colormap) -> QPixmap:
    """A kernel (rows, columns) in the middle of a transparent ``size``; ``ratio`` pixels of the screen to a unit."""
    return mosaic(kernel[np.newaxis], size, ratio, colormap, (1, 1))


def mosaic(
    kernels: Array,
    size: QSize,
    ratio: float,
    colormap: Colormap,
    grid: tuple[int, int],
    *,
    between: int = 2,
) -> QPixmap:
    """The first kernels of (n, rows, columns) in a grid of (rows, columns), all on one scale."""
    result = _blank(size, ratio)
    shown = kernels[: grid[0] * grid[1]]
    reach = float(np.abs(shown).max(initial=0.0)) or 1.0
    width = (size.width() - between * (grid[1] - 1)) / grid[1]
    height = (size.height() - between * (grid[0] - 1)) / grid[0]
    painter = QPainter(result)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for place, kernel in enumerate(shown):
        row, column = divmod(place, grid[1])
        box = QRectF(column * (width + between), row * (height + between), width, height)
        _paint_kernel(painter, box, kernel, Scale(-reach, reach), colormap, ratio)
    painter.end()
    return result


def layout(count: int, width: float, height: float) -> tuple[int, int]:
    """The (rows, columns) in which ``count`` squares become largest."""
    best, largest = (1, 1), 0.0
    for columns in range(1, max(count, 1) + 1):
        rows = math.ceil(max(count, 1) / columns)
        side = min(width / columns, height / rows)
        if side > largest:
            best, largest = (rows, columns), side
    return best


def map_pixmap(image: QImage, size: QSize, ratio: float) -> QPixmap:
    """The middle of a picture, filling ``size``, with round corners."""
    result = _blank(size, ratio)
    scaled = image.scaled(
        result.size(),
        Qt.AspectRatioMode.KeepAspectRatioByExpanding,
        Qt.TransformationMode.SmoothTransformation,
    )
    painter = QPainter(result)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    area = QRectF(0, 0, size.width(), size.height())
    painter.setClipPath(_round(area, _RADIUS))
    offset = QPointF((result.width() - scaled.width()) // 2, (result.height() - scaled.height()) // 2)
    painter.scale(1 / ratio, 1 / ratio)
    painter.drawImage(offset, scaled)
    painter.end()
    return result


def _paint_kernel(
    painter: QPainter, box: QRectF, kernel: Array, scale: Scale, colormap: Colormap, ratio: float
) -> None:
    rows, columns = kernel.shape
    side = min(box.width() / columns, box.height() / rows) * ratio
    whole = max(1, math.floor(side))
    cell = whole if whole >= 0.85 * side else side  # cells of one size, unless that leaves much room unused
    width, height = columns * cell / ratio, rows * cell / ratio
    area = QRectF(box.center().x() - width / 2, box.center().y() - height / 2, width, height)
    area.moveTo(round(area.x() * ratio) / ratio, round(area.y() * ratio) / ratio)  # cells on whole pixels
    painter.save()
    painter.setClipPath(_round(area, min(_RADIUS, width / 5)))
    painter.drawImage(area, imagery.map_image(kernel, scale, colormap))
    painter.restore()


def _blank(size: QSize, ratio: float) -> QPixmap:
    result = QPixmap(round(size.width() * ratio), round(size.height() * ratio))
    result.setDevicePixelRatio(ratio)
    result.fill(Qt.GlobalColor.transparent)
    return result


def _round(area: QRectF, radius: float) -> QPainterPath:
    path = QPainterPath()
    path.addRoundedRect(area, radius, radius)
    return path
