"""From arrays to QImages, in one place: the strides, depths and lifetimes that Qt leaves to its caller."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF
from PySide6.QtGui import QImage, QPainter

from explorer.imaging.colormaps import Colormap
from explorer.imaging.rendering import Scale, to_bgra


def map_image(pixels: npt.NDArray[np.float32], scale: Scale, colormap: Colormap) -> QImage:
    """A map (H, W) in colour."""
    colours = np.ascontiguousarray(to_bgra(pixels, scale, colormap))
    height, width = colours.shape[:2]
    image = QImage(colours.data, width, height, colours.strides[0], QImage.Format.Format_RGB32)
    return image.copy()  # the array goes, the picture stays


def packed_image(colours: npt.NDArray[np.uint32]) -> QImage:
    """A picture (H, W) of colours as 0xffrrggbb."""
    own = np.ascontiguousarray(colours)
    height, width = own.shape
    return QImage(own.data, width, height, own.strides[0], QImage.Format.Format_RGB32).copy()


def rgb_image(pixels: npt.NDArray[np.uint8]) -> QImage:
    """A picture (H, W, 3)."""
    own = np.ascontiguousarray(pixels, np.uint8)
    height, width = own.shape[:2]
    return QImage(own.data, width, height, own.strides[0], QImage.Format.Format_RGB888).copy()


def draw_exactly(painter: QPainter, x: float, y: float, image: QImage, ratio: float) -> None:
    """Draw a picture that has a pixel for each of the screen's, of which there are ``ratio`` to a unit.

    Where Qt scales a picture, its pixels move with the part of the window that is just being repainted.
    """
    painter.save()
    painter.scale(1 / ratio, 1 / ratio)
    painter.drawImage(QPointF(round(x * ratio), round(y * ratio)), image)
    painter.restore()


def array(image: QImage) -> npt.NDArray[np.uint8]:
    """A QImage as (H, W, 4), red, green, blue, alpha."""
    converted = image.convertToFormat(QImage.Format.Format_RGBA8888)
    data: Any = converted.constBits()
    rows = np.frombuffer(data, np.uint8).reshape(converted.height(), converted.bytesPerLine())
    return rows[:, : converted.width() * 4].reshape(converted.height(), converted.width(), 4).copy()
