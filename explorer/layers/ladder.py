"""One filter of a convolution as the sum that it is: the partial map of each input channel, and the counts in words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from explorer import engine
from explorer.jit import CancelFlag
from explorer.layers.convolution import Conv2d
from explorer.layers.fields import Array
from explorer.layers.layer import Shape
from explorer.layers.numbers import counted


def partial_maps(
    layer: Conv2d,
    x: Array,
    filter_index: int,
    *,
    channels: Sequence[int] | None = None,
    cancel: CancelFlag | None = None,
) -> Array:
    """What each input channel adds to one map of a fitted convolution, as (channels, rows, columns).

    ``x`` is the layer's input (1, C, H, W). Without the bias; with it they add up to the map. ``channels`` are numbers
    of input channels, all that the filter reads where left out: with groups, those of its group (see
    :func:`read_channels`). On the path whose bits never vary.

    Raises
    ------
    Cancelled
        If the flag went up.
    """
    if layer.weight is None:
        raise ValueError(f"{layer.name} has no weights yet: fit it to its input first.")
    read = read_channels(layer, x.shape[1], filter_index)
    wanted = list(read if channels is None else channels)
    if any(channel not in read for channel in wanted):
        raise ValueError(f"Filter {filter_index} reads channels {read.start} to {read.stop - 1} only.")
    kernels = layer.weight[filter_index, [channel - read.start for channel in wanted]]
    if not wanted:
        return np.zeros((0, *layer.output_size(x.shape[1:])), np.float32)
    # each channel by itself: a depthwise convolution
    maps: Array = engine.conv2d(
        x[:, read.start : read.stop] if channels is None else x[:, wanted],
        kernels[:, np.newaxis],
        stride=layer.stride,
        padding=layer.padding,
        dilation=layer.dilation,
        groups=len(wanted),
        algorithm="direct",
        cancel=cancel,
    )[0]
    return maps


def read_channels(layer: Conv2d, in_channels: int, filter_index: int) -> range:
    """The input channels that a filter reads: all of them, or those of its group."""
    if not 0 <= filter_index < layer.out_channels:
        raise IndexError(f"There is no filter {filter_index} among {layer.out_channels}.")
    size = in_channels // layer.groups
    first = filter_index // (layer.out_channels // layer.groups) * size
    return range(first, first + size)


def counts(layer: Conv2d, input_shape: Shape) -> str:
    """How many channels, filters, weights and maps there are, and how many maps there are not."""
    _, each, rows, columns = layer.weight_shape(input_shape)
    channels, filters = input_shape[0], layer.out_channels
    text = (
        f"{counted(channels, 'channel')} in, {counted(filters, 'filter')} of {each} × {rows} × {columns} weights, "
        f"{counted(filters, 'map')} out: "
    )
    if each == 1:
        reads = "the only channel" if channels == 1 else "one channel"
        return f"{text}each filter reads {reads} and makes one map"
    total = f"(not {each} × {filters} = {each * filters:,} maps)"
    if layer.groups > 1:
        return (
            f"{text}each filter reads the {each} channels of its group and adds up {each} partial maps into one "
            f"{total}"
        )
    return f"{text}each filter adds up its {each} partial maps into one {total}"
