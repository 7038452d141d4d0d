"""What drawing needs to know of a layer's maps, worked out on the compute thread and only where a map changed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from explorer.imaging.opencv import cv2
from explorer.imaging.rendering import Scale, finite_scale
from explorer.layers.fields import Array
from explorer.layers.layer import Channels

_Pixels = TypeVar("_Pixels", npt.NDArray[np.float32], npt.NDArray[np.uint8])

_SMALLEST_LEVEL = 64  # pixels of the longer side below which no smaller level is made
_THUMBNAIL = 96


@dataclass(frozen=True, eq=False)
class MapView:
    """One map: itself and its halves, quarters, ..., its colour scale, its range, and what is wrong with it.

    ``content`` is the same object as long as the numbers are the same, wherever they lie.
    """

    levels: tuple[Array, ...]
    scale: Scale
    minimum: float
    maximum: float
    badge: str
    content: object = field(default_factory=object)


@dataclass(frozen=True, eq=False)
class LayerView:
    """All maps of one layer's output. ``source`` is the output they were made from."""

    source: Array
    maps: tuple[MapView, ...]

    def layer_scale(self) -> Scale:
        """The widest scale of all maps."""
        return max((view.scale for view in self.maps), key=lambda scale: scale.magnitude)


@dataclass(frozen=True, eq=False)
class Thumbnail:
    """A small version of one map for a card."""

    pixels: Array
    scale: Scale


def layer_view(output: Array, previous: LayerView | None, changed: Channels) -> LayerView:
    """The maps of an output (1, C, H, W); those that did not change are taken over from ``previous``."""
    if previous is not None and previous.source is output:
        return previous
    keep = previous is not None and changed is not None and len(previous.maps) == output.shape[1]
    maps = []
    for channel in range(output.shape[1]):
        if keep and previous is not None and changed is not None and channel not in changed:
            # the map is equal but lies in the new output now
            old = previous.maps[channel]
            maps.append(replace(old, levels=(output[0, channel], *old.levels[1:])))
        else:
            maps.append(map_view(output[0, channel]))
    return LayerView(output, tuple(maps))


def map_view(pixels: Array) -> MapView:
    """Everything about one map (H, W)."""
    with np.errstate(all="ignore"):
        low, high = float(pixels.min()), float(pixels.max())
    badge = ""
    if not (np.isfinite(low) and np.isfinite(high)):
        finite = pixels[np.isfinite(pixels)]
        badge = "NaN" if np.isnan(pixels).any() else "overflow"
        low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    elif low == high and pixels.size > 1:
        badge = f"constant {low:.3g}"
    return MapView(pyramid(pixels), finite_scale(pixels), low, high, badge)


def pyramid(pixels: _Pixels) -> tuple[_Pixels, ...]:
    """The picture, its half, its quarter and so on; each pixel is the mean of four."""
    levels = [pixels]
    while max(levels[-1].shape[:2]) > 2 * _SMALLEST_LEVEL and min(levels[-1].shape[:2]) >= 2:
        height, width = levels[-1].shape[:2]
        half: Any = cv2.resize(levels[-1], (width // 2, height // 2), interpolation=cv2.INTER_AREA)
        levels.append(half)
    return tuple(levels)


def thumbnail(output: Array, channel: int) -> Thumbnail:
    """A small version of one map of an output, (1, C, H, W) or (1, F)."""
    if output.ndim == 2:
        step = max(1, output.shape[1] // _THUMBNAIL)
        pixels = np.ascontiguousarray(output[:, ::step])
        return Thumbnail(pixels, finite_scale(pixels))
    pixels = output[0, min(channel, output.shape[1] - 1)]
    step = max(1, max(pixels.shape) // _THUMBNAIL)
    small = np.ascontiguousarray(pixels[::step, ::step])
    return Thumbnail(small, finite_scale(small))
