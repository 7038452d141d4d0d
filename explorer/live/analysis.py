"""What drawing needs to know of a layer's maps, worked out on the compute thread and only where a map changed."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import numpy.typing as npt

from explorer.imaging.opencv import cv2
from explorer.imaging.rendering import Scale, clipped_share, finite_scale
from explorer.imaging.statistics import MapStatistics, combined, statistics
from explorer.jit import JitUnavailableError, status
from explorer.layers.fields import Array
from explorer.layers.layer import Channels

if TYPE_CHECKING:
    from explorer.imaging.survey import Findings

_Pixels = TypeVar("_Pixels", npt.NDArray[np.float32], npt.NDArray[np.uint8])

_SMALLEST_LEVEL = 64  # pixels of the longer side below which no smaller level is made
_THUMBNAIL = 96
_SAMPLES = 64  # rows and columns that are looked at, for a share that is good to a per cent


class Content:
    """Stands for the numbers of a map, and remembers what was found out about them."""

    __slots__ = ("clipped", "near_ends", "statistics")

    def __init__(self) -> None:
        self.statistics: MapStatistics | None = None
        self.clipped: dict[Scale, float] = {}
        self.near_ends: dict[tuple[float, float], float] = {}


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
    content: Content = field(default_factory=Content)

    @property
    def statistics(self) -> MapStatistics:
        """All figures, found out when they are first asked for."""
        known = self.content.statistics
        if known is None:
            known = self.content.statistics = statistics(self.levels[0])
        return known

    def clipped(self, scale: Scale) -> float:
        """The share 0..1 of values beyond the ends of a scale; of large maps, from a sample of it."""
        known = self.content.clipped.get(scale)
        if known is None:
            pixels = self.levels[0]
            rows, columns = (max(1, side // _SAMPLES) for side in pixels.shape)
            known = self.content.clipped[scale] = clipped_share(pixels[::rows, ::columns], scale)
        return known

    def share_near(self, low: float, high: float) -> float:
        """The share 0..1 of values within 1 % of either end of low..high: where a function is flat."""
        known = self.content.near_ends.get((low, high))
        if known is None:
            margin = np.float32((high - low) / 100)
            pixels = self.levels[0]
            near = np.count_nonzero(pixels <= np.float32(low) + margin)
            near += np.count_nonzero(pixels >= np.float32(high) - margin)
            known = self.content.near_ends[low, high] = near / pixels.size
        return known


@dataclass(frozen=True, eq=False)
class LayerView:
    """All maps of one layer's output. ``source`` is the output they were made from."""

    source: Array
    maps: tuple[MapView, ...]

    def layer_scale(self) -> Scale:
        """The widest scale of all maps."""
        return self._widest

    @cached_property
    def _widest(self) -> Scale:
        return max((view.scale for view in self.maps), key=lambda scale: scale.magnitude)

    @property
    def measured(self) -> bool:
        """Whether the statistics of all maps are known."""
        return all(view.content.statistics is not None for view in self.maps)

    def statistics(self) -> MapStatistics:
        """The figures of all maps together."""
        return combined(view.statistics for view in self.maps)

    def measure(self, seconds: float) -> bool:
        """Find out statistics for so long; True where those of all maps are known then."""
        end = time.perf_counter() + seconds
        for view in self.maps:
            if view.content.statistics is None:
                if time.perf_counter() > end:
                    return False
                view.content.statistics = statistics(view.levels[0])
        return True


@dataclass(frozen=True, eq=False)
class Thumbnail:
    """A small version of one map for a card."""

    pixels: Array
    scale: Scale


class NetworkScale:
    """The widest scale of all maps of all layers, found out a few maps at a time."""

    def __init__(self, outputs: Sequence[Array], known: Iterable[LayerView | None] = ()) -> None:
        views = {id(view.source): view for view in known if view is not None}
        self._scales: list[Scale] = []
        self._left: list[Array] = []
        for output in {id(output): output for output in outputs if output.ndim == 4}.values():
            view = views.get(id(output))
            if view is not None:
                self._scales += [one.scale for one in view.maps]
            else:
                self._left += list(output[0])

    def search(self, seconds: float) -> bool:
        """Look at maps for so long; True where all are known then."""
        end = time.perf_counter() + seconds
        while self._left and time.perf_counter() < end:
            self._scales.append(finite_scale(self._left.pop()))
        return not self._left

    @property
    def scale(self) -> Scale | None:
        """The widest so far; None where no layer gives maps."""
        if not self._scales:
            return None
        widest = max(scale.magnitude for scale in self._scales)
        return Scale(-widest, widest, any(scale.negatives for scale in self._scales))


def layer_view(output: Array, previous: LayerView | None, changed: Channels) -> LayerView:
    """The maps of an output (1, C, H, W); those that did not change are taken over from ``previous``."""
    if previous is not None and previous.source is output:
        return previous
    channels = range(output.shape[1])
    kept: dict[int, MapView] = {}
    if previous is not None and changed is not None and len(previous.maps) == len(channels):
        for channel in channels:
            if channel not in changed:  # the map is equal but lies in the new output now
                old = previous.maps[channel]
                kept[channel] = replace(old, levels=(output[0, channel], *old.levels[1:]))
    wanted = [channel for channel in channels if channel not in kept]
    kept.update(zip(wanted, _map_views(output[0], wanted), strict=True))
    return LayerView(output, tuple(kept[channel] for channel in channels))


def _map_views(maps: Array, channels: Sequence[int]) -> list[MapView]:
    """What :func:`map_view` says of these maps of (C, H, W)."""
    found = _surveyed(maps, channels) or [None] * len(channels)
    return [
        map_view(maps[channel])
        if one is None
        else MapView(
            (maps[channel], *one.halves),
            one.scale,
            one.low,
            one.high,
            _badge(one.low, one.high, maps[channel].size),
        )
        for channel, one in zip(channels, found, strict=True)
    ]


def _surveyed(maps: Array, channels: Sequence[int]) -> list[Findings | None] | None:
    """The same of all in one go, but for maps with a number that is not finite; None where that is not compiled."""
    if not (
        status.usable and channels and maps.size and maps.dtype == np.float32 and maps.flags.c_contiguous
    ):
        return None
    levels, (height, width) = 0, maps.shape[1:]
    while _has_smaller(height, width):
        levels, height, width = levels + 1, height // 2, width // 2
    try:
        from explorer.imaging.survey import survey

        return survey(maps, channels, levels)
    except (ImportError, JitUnavailableError) as error:
        status.fail(error)
        return None


def map_view(pixels: Array) -> MapView:
    """Everything about one map (H, W)."""
    with np.errstate(all="ignore"):
        low, high = float(pixels.min()), float(pixels.max())
    if np.isfinite(low) and np.isfinite(high):
        badge = _badge(low, high, pixels.size)
    else:
        finite = pixels[np.isfinite(pixels)]
        badge = "NaN" if np.isnan(pixels).any() else "overflow"
        low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    return MapView(pyramid(pixels), finite_scale(pixels), low, high, badge)


def _badge(low: float, high: float, size: int) -> str:
    """What is wrong with a map of finite numbers."""
    if low < high or size < 2:
        return ""
    return "dead" if low == 0.0 else f"constant {low:.3g}"


def pyramid(pixels: _Pixels) -> tuple[_Pixels, ...]:
    """The picture, its half, its quarter and so on; each pixel is the mean of four."""
    levels = [pixels]
    while _has_smaller(*levels[-1].shape[:2]):
        height, width = levels[-1].shape[:2]
        half: Any = cv2.resize(levels[-1], (width // 2, height // 2), interpolation=cv2.INTER_AREA)
        levels.append(half)
    return tuple(levels)


def _has_smaller(height: int, width: int) -> bool:
    return max(height, width) > 2 * _SMALLEST_LEVEL and min(height, width) >= 2


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
