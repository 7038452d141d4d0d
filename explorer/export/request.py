"""What is to be exported and how it looks: a snapshot of what the user sees."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.imaging.colormaps import colormap
from explorer.imaging.rendering import Scale, finite_scale, layer_scale, to_grey, to_rgb
from explorer.layers.fields import Array
from explorer.layers.forward import ForwardPass

SCALES = ("map", "layer")


@dataclass(frozen=True)
class Rendering:
    """How numbers become colours.

    ``scale`` is "map", each map by itself, or "layer", all maps of the layer alike; ``locked``, one scale
    per channel of the layer, overrules it.
    ``grey_bits`` 8 or 16 writes plain grey instead of the colour map: the lowest value is black and the highest
    white, which puts zero in the middle. Where the scale was made for maps without negatives, zero is black.
    """

    colormap: str = "signed"
    scale: str = "map"
    locked: tuple[Scale, ...] | None = None
    grey_bits: int | None = None

    def __post_init__(self) -> None:
        colormap(self.colormap)
        if self.scale not in SCALES:
            raise ValueError(f"The scale must be one of {', '.join(SCALES)}, not {self.scale!r}.")
        if self.grey_bits not in (None, 8, 16):
            raise ValueError(f"A grey picture has 8 or 16 bits, not {self.grey_bits}.")

    def picture(self, values: Array, scale: Scale) -> NDArray[Any]:
        """A map (H, W) as RGB (H, W, 3) of 8 bits, the pixels the window shows, or as grey (H, W)."""
        if self.grey_bits is None:
            return to_rgb(values, scale, colormap(self.colormap))
        low, high = scale.limits(signed=False)
        return to_grey(values, Scale(low, high, scale.negatives), self.grey_bits)


@dataclass(frozen=True, eq=False)
class ExportRequest:
    """Some channels of one layer's output in a settled pass. ``channels`` are written in this order."""

    forward_pass: ForwardPass
    layer_index: int
    channels: tuple[int, ...]
    rendering: Rendering = Rendering()

    def __post_init__(self) -> None:
        if not self.forward_pass.settled:
            raise ValueError("Only a settled pass can be exported; wait until it is.")
        if not 0 <= self.layer_index < len(self.forward_pass.outputs):
            raise ValueError(f"There is no output of layer {self.layer_index} in this pass.")
        count = self.output.shape[0]
        if not self.channels or not all(0 <= channel < count for channel in self.channels):
            raise ValueError(f"The channels must be at least one of 0 to {count - 1}.")

    @classmethod
    def whole_layer(
        cls, forward_pass: ForwardPass, layer_index: int, rendering: Rendering | None = None
    ) -> ExportRequest:
        """Every channel of a layer."""
        count = forward_pass.outputs[layer_index].shape[1]
        return cls(forward_pass, layer_index, tuple(range(count)), rendering or Rendering())

    @property
    def output(self) -> Array:
        """All of the layer's numbers, (C, H, W) or (F,)."""
        output: Array = self.forward_pass.outputs[self.layer_index][0]
        return output

    @property
    def is_vector(self) -> bool:
        """Whether the layer gives a row of numbers, which has no picture."""
        return self.output.ndim == 1

    @property
    def layer_name(self) -> str:
        """The layer's name."""
        return self.forward_pass.network.layers[self.layer_index].name

    def channel_name(self, channel: int) -> str:
        """What the user called the filter, else its number."""
        named = self.forward_pass.network.channel_name(self.layer_index, channel)
        return named or str(channel)

    def values(self) -> Array:
        """The chosen channels' numbers, (C, H, W) or (F,), C-contiguous float32."""
        if self.channels == tuple(range(len(self.output))):
            return np.ascontiguousarray(self.output, np.float32)
        return np.ascontiguousarray(self.output[list(self.channels)], np.float32)

    def scale(self, channel: int) -> Scale:
        """The values at the two ends of the colours of one map."""
        if self.rendering.locked is not None:
            return self.rendering.locked[channel]
        return self._layer_scale if self.rendering.scale == "layer" else finite_scale(self.output[channel])

    def picture(self, channel: int) -> NDArray[Any]:
        """One map as pixels."""
        return self.rendering.picture(self.output[channel], self.scale(channel))

    @cached_property
    def _layer_scale(self) -> Scale:
        return layer_scale(self.output)
