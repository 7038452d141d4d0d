"""The pixels of one tile: a map, or the part of it that is looked at, at the size it is drawn in."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QImage

from explorer.imaging.colormaps import Colormap
from explorer.imaging.opencv import cv2
from explorer.imaging.rendering import Scale, clipped, to_bgra
from explorer.layers.fields import Array
from explorer.ui import imagery
from explorer.ui.tile_window import TilePlace

_LARGEST_SIDE = 32_000  # what OpenCV can sample from
_STRIPE = 3  # pixels of the stripes over clipped values
_BRIGHT = 128  # green of an end colour above which stripes are black


def whole(
    levels: tuple[Array, ...], width: int, height: int, scale: Scale, colormap: Colormap, *, striped: bool
) -> QImage:
    """The whole map, from the smallest level that has a pixel for each of the screen's."""
    level = 0
    while level + 1 < len(levels) and levels[level + 1].shape[1] >= width:
        level += 1
    pixels = np.ascontiguousarray(levels[level], np.float32)
    method = cv2.INTER_NEAREST
    if pixels.shape[1] >= width:  # up to half the size four neighbours see every pixel, many times faster
        near = pixels.shape[1] <= 2 * width and pixels.shape[0] <= 2 * height
        method = cv2.INTER_LINEAR if near else cv2.INTER_AREA
    sized = np.asarray(cv2.resize(pixels, (max(1, width), max(1, height)), interpolation=method), np.float32)
    image = imagery.map_image(sized, scale, colormap)
    return _striped(image, sized, scale, colormap) if striped else image


def part(
    levels: tuple[Array, ...],
    place: TilePlace,
    scale: Scale,
    colormap: Colormap,
    outside: int,
    *,
    striped: bool,
) -> QImage:
    """What a tile shows at ``place``, in screen pixels. ``outside`` is the colour (0xAARRGGBB) beyond the map."""
    rows, columns = levels[0].shape
    width, height = int(place.width), int(place.height)
    top, bottom, left, right = place.part(rows, columns)
    if bottom <= top or right <= left:
        image = QImage(width, height, QImage.Format.Format_RGB32)
        image.fill(outside)
        return image
    if place.zoom_x < 1 and max(rows, columns) <= _LARGEST_SIDE:
        sized = _sampled(levels, place)
        colours = to_bgra(sized, scale, colormap)
        if striped:
            _stripe(colours, sized, scale, colormap)
        picture = colours.view(np.uint32)[..., 0]
    else:
        seen = levels[0][top:bottom, left:right]
        colours = to_bgra(seen, scale, colormap)
        x, y = _indices(place.left, place.zoom_x, width), _indices(place.top, place.zoom_y, height)
        along, down = np.clip(x - left, 0, right - left - 1), np.clip(y - top, 0, bottom - top - 1)
        picture = colours.view(np.uint32)[..., 0].take(along, axis=1).take(down, axis=0)
        if striped:
            sized = seen.take(along, axis=1).take(down, axis=0)
            _stripe(picture.view(np.uint8).reshape(height, width, 4), sized, scale, colormap)
    _blank(picture, place, rows, columns, outside)
    return QImage(picture.data, width, height, picture.strides[0], QImage.Format.Format_RGB32).copy()


@lru_cache(maxsize=8)
def _indices(start: float, zoom: float, count: int) -> npt.NDArray[np.intp]:
    """The map row or column in the middle of each pixel of the screen."""
    indices: npt.NDArray[np.intp] = np.floor(start + (np.arange(count) + 0.5) / zoom).astype(np.intp)
    return indices


def _sampled(levels: tuple[Array, ...], place: TilePlace) -> Array:
    """Smaller than the map: between four neighbours of the smallest level that is fine enough."""
    level = 0
    while level + 1 < len(levels) and place.zoom_x * 2 ** (level + 1) <= 1.0:
        level += 1
    pixels = np.ascontiguousarray(levels[level], np.float32)
    across = pixels.shape[1] / levels[0].shape[1]
    down = pixels.shape[0] / levels[0].shape[0]
    step_x, step_y = across / place.zoom_x, down / place.zoom_y
    matrix = np.array(
        [
            [step_x, 0, place.left * across + step_x / 2 - 0.5],
            [0, step_y, place.top * down + step_y / 2 - 0.5],
        ]
    )
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    size = int(place.width), int(place.height)
    return np.asarray(
        cv2.warpAffine(pixels, matrix, size, flags=flags, borderMode=cv2.BORDER_REPLICATE), np.float32
    )


def _blank(picture: npt.NDArray[np.uint32], place: TilePlace, rows: int, columns: int, outside: int) -> None:
    """Nothing is beyond the map."""
    height, width = picture.shape
    cell = place.cell(0, 0)
    first_x, first_y = round(cell.x()), round(cell.y())
    last_x, last_y = round(cell.x() + columns * place.zoom_x), round(cell.y() + rows * place.zoom_y)
    if first_x > 0:
        picture[:, :first_x] = outside
    if last_x < width:
        picture[:, max(last_x, 0) :] = outside
    if first_y > 0:
        picture[:first_y] = outside
    if last_y < height:
        picture[max(last_y, 0) :] = outside


def _striped(image: QImage, values: Array, scale: Scale, colormap: Colormap) -> QImage:
    picture = imagery.array(image)[..., [2, 1, 0, 3]].copy()
    _stripe(picture, values, scale, colormap)
    height, width = picture.shape[:2]
    return QImage(picture.data, width, height, picture.strides[0], QImage.Format.Format_RGB32).copy()


def _stripe(picture: npt.NDArray[np.uint8], values: Array, scale: Scale, colormap: Colormap) -> None:
    """Draw stripes over what is beyond the ends of the scale; their other half keeps the end's colour."""
    below, above = clipped(values, scale, colormap)
    if not (below.any() or above.any()):
        return
    rows, columns = values.shape
    stripes = (np.arange(rows)[:, None] + np.arange(columns)) // _STRIPE % 2 == 0
    table = colormap.table()
    for beyond, end in ((below, table[1]), (above, table[-1])):
        picture[beyond & stripes, :3] = 0 if end[1] > _BRIGHT else 255
