"""What stands behind a convolution follows when its maps change places, so that it computes what it did before."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from explorer.layers import initializers, stored
from explorer.layers.activation import Softmax
from explorer.layers.convolution import Conv2d
from explorer.layers.fields import Array
from explorer.layers.layer import ChannelwiseLayer, Layer, Shape
from explorer.layers.linear import Flatten, Linear
from explorer.layers.normalization import BatchNorm2d
from explorer.layers.pooling import GlobalAvgPool2d, GlobalMaxPool2d

Sources = Sequence[int | None]
"""Which old one stands at each new place; None for a new one."""

_MOST_WEIGHTS = 2**28  # of a layer that nobody drew: more than that does not run


@dataclasses.dataclass(frozen=True, eq=False)
class Rearrangement:
    """What ``count`` channels become: ``order`` holds the old number at each new place, -1 for a new one."""

    count: int
    order: npt.NDArray[np.int64]

    @classmethod
    def of(cls, count: int, sources: Sources) -> Rearrangement:
        """The rearrangement of ``count`` channels into ``sources``."""
        return cls(count, np.array([-1 if source is None else source for source in sources], np.int64))

    @property
    def firsts(self) -> npt.NDArray[np.bool_]:
        """Which places hold an old channel that stands at no earlier place."""
        result = np.zeros(len(self.order), bool)
        result[np.unique(self.order, return_index=True)[1]] = True
        result &= self.order >= 0
        return result

    @property
    def is_permutation(self) -> bool:
        """Whether every channel is still there, once."""
        return len(self.order) == self.count and bool(self.firsts.all())

    def flattened(self, block: int) -> Rearrangement:
        """The same of the numbers that channels of ``block`` pixels become behind Flatten."""
        order = self.order[:, np.newaxis] * block + np.arange(block)
        order[self.order < 0] = -1
        return Rearrangement(self.count * block, order.ravel())

    def vector(self, values: Array | None, default: float) -> Array | None:
        """One number per channel; what is stored beyond the channels stays behind them."""
        if values is None:
            return None
        known = stored.written_vector(values, stored.taken_vector(values, self.count, default))
        head = np.where(self.order < 0, np.float32(default), known[self.order])
        return np.concatenate([head, known[self.count :]])

    def inputs(self, weight: Array) -> Array:
        """Weights (out, in, ...) that read the channels: second copies and new ones are not read."""
        head = weight[:, self.order]
        head[:, ~self.firsts] = 0
        return np.concatenate([head, weight[:, self.count :]], axis=1)


def followed(
    layers: Sequence[Layer], shapes: Sequence[Shape], index: int, change: Rearrangement
) -> list[Layer]:
    """The layers, those behind convolution ``index`` changed up to the first that reads all its maps.

    ``shapes[i]`` is the input of layer i before the change, as far as they are known. A convolution in groups stays
    as it is: which maps its groups read depends on their number.
    """
    result = list(layers)
    for place in range(index + 1, min(len(layers), len(shapes))):
        layer, shape = layers[place], shapes[place]
        if isinstance(layer, BatchNorm2d):
            result[place] = _normalization(layer, change)
        elif isinstance(layer, Conv2d) and len(shape) == 3:
            result[place] = _convolution(layer, shape, change)
        elif isinstance(layer, Flatten) and layer.enabled:
            change = change.flattened(math.prod(shape[1:]))
        elif isinstance(layer, Linear) and layer.enabled and len(shape) == 1:
            result[place] = _linear(layer, shape, change)
        if layer.enabled and not _keeps_channels(layer):
            break
    return result


def _keeps_channels(layer: Layer) -> bool:
    kinds = ChannelwiseLayer | GlobalAvgPool2d | GlobalMaxPool2d | Softmax | Flatten
    return isinstance(layer, kinds)


def _normalization(layer: BatchNorm2d, change: Rearrangement) -> BatchNorm2d:
    return dataclasses.replace(
        layer,
        running_mean=change.vector(layer.running_mean, 0.0),
        running_var=change.vector(layer.running_var, 1.0),
        weight=change.vector(layer.weight, 1.0),
        bias_values=change.vector(layer.bias_values, 0.0),
    )


def _convolution(layer: Conv2d, shape: Shape, change: Rearrangement) -> Conv2d:
    if layer.groups > 1 or _is_untouched(layer, shape):
        return layer
    weight = layer.weight
    alike = weight is not None and weight.shape[1] == 1 and len(weight) >= layer.out_channels
    if alike and change.is_permutation:  # one kernel for all channels reads them in any order
        return layer
    running = layer.fit(shape).weight
    assert running is not None
    known = layer.with_weight(running).weight
    assert known is not None
    return dataclasses.replace(layer, weight=change.inputs(known))


def _linear(layer: Linear, shape: Shape, change: Rearrangement) -> Linear:
    if _is_untouched(layer, shape):
        return layer
    running = layer.fit(shape).weight
    assert running is not None

    def initial(size: tuple[int, ...]) -> Array:
        return initializers.initial(layer.initializer, layer.seed, size)

    known = stored.written(layer.weight, running, initial)
    return dataclasses.replace(layer, weight=change.inputs(known))


def _is_untouched(layer: Conv2d | Linear, shape: Shape) -> bool:
    """Whether there is nothing of the user's to keep: it does not run, and nobody drew it."""
    if layer.weight is not None:
        return False
    return not layer.enabled or layer.parameter_count(shape) > _MOST_WEIGHTS
