"""What each input channel adds to one map: computed in portions that hold no brush up, kept in little memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from explorer.imaging.opencv import cv2
from explorer.layers.convolution import Conv2d
from explorer.layers.fields import Array
from explorer.layers.forward import shape_of
from explorer.layers.ladder import partial_maps, read_channels

THUMBNAIL = (66, 96)  # rows and columns that small versions have at most
_MOST_BYTES = 24 << 20  # of all partial maps of a filter together
_MOST_PRODUCTS = 30_000_000  # of one portion: some ten milliseconds


@dataclass(frozen=True, eq=False)
class PartialSum:
    """One filter of a fitted convolution on its input (1, C, H, W)."""

    layer: Conv2d
    x: Array
    filter_index: int

    @property
    def channels(self) -> range:
        """The input channels that it reads."""
        return read_channels(self.layer, self.x.shape[1], self.filter_index)

    @property
    def kernels(self) -> Array:
        """(channels, rows, columns)."""
        assert self.layer.weight is not None
        kernels: Array = self.layer.weight[self.filter_index]
        return kernels

    @property
    def bias(self) -> float:
        """Added to the sum."""
        values = self.layer.bias_values
        return float(values[self.filter_index]) if self.layer.bias and values is not None else 0.0

    @property
    def size(self) -> tuple[int, int]:
        """Rows and columns of the map."""
        rows, columns = self.layer.output_size(shape_of(self.x))
        return rows, columns

    @property
    def reduction(self) -> int:
        """How many rows and columns become one, so that the maps of all channels fit into a little memory."""
        rows, columns = self.size
        factor = 1
        while len(self.channels) * (rows // factor) * (columns // factor) * 4 > _MOST_BYTES:
            factor += 1
        return factor

    @property
    def reduced_size(self) -> tuple[int, int]:
        """Rows and columns of what is kept."""
        rows, columns = self.size
        return max(1, rows // self.reduction), max(1, columns // self.reduction)

    @property
    def portion(self) -> int:
        """How many channels are computed at a time."""
        rows, columns = self.size
        each = rows * columns * self.layer.kernel_size[0] * self.layer.kernel_size[1]
        return max(1, _MOST_PRODUCTS // max(each, 1))

    def is_like(self, other: PartialSum | None) -> bool:
        """Whether the partial maps are the same."""
        return (
            other is not None
            and self.x is other.x
            and self.filter_index == other.filter_index
            and self.layer.same_parameters(other.layer)
            and np.array_equal(self.kernels, other.kernels)
            and self.bias == other.bias
        )

    def compute(self, first: int) -> Part:
        """The maps of one portion, from number ``first`` of the channels that the filter reads."""
        channels = self.channels[first : first + self.portion]
        maps = partial_maps(self.layer, self.x, self.filter_index, channels=channels)
        rows, columns = self.size
        small = max(1, -(-rows // THUMBNAIL[0]), -(-columns // THUMBNAIL[1]))
        kept = [_reduced(one, *self.reduced_size) for one in maps]
        thumbs = [_reduced(one, max(1, rows // small), max(1, columns // small)) for one in maps]
        with np.errstate(all="ignore"):
            amounts = [float(np.abs(one).mean(dtype=np.float64)) for one in maps]
        return Part(self, first, np.stack(kept), np.stack(thumbs), tuple(amounts))


@dataclass(frozen=True, eq=False)
class Part:
    """A portion of the partial maps (channels, rows, columns), small versions of them, and their mean magnitudes."""

    of: PartialSum
    first: int
    maps: Array
    thumbnails: Array
    amounts: tuple[float, ...]


def _reduced(pixels: Array, rows: int, columns: int) -> Array:
    """Smaller by taking means, so that sums of maps stay sums."""
    if pixels.shape == (rows, columns):
        return pixels
    result: Any = cv2.resize(np.ascontiguousarray(pixels), (columns, rows), interpolation=cv2.INTER_AREA)
    return np.asarray(result, np.float32)
