"""What other kernels would give on the user's own picture: a piece of it around the dot, computed as a side job."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from explorer import engine
from explorer.layers.convolution import Conv2d
from explorer.layers.explanation import window_box
from explorer.layers.fields import Array
from explorer.layers.forward import ForwardPass, shape_of

_ROWS, _COLUMNS = 72, 96


def preview_maps(
    result: ForwardPass,
    index: int,
    place: tuple[int, int | None],
    dot: tuple[int, int],
    kernels: Mapping[str, Array],
) -> dict[str, Array]:
    """The map (rows, columns) that each kernel, by its name, would give around output ``dot`` of layer ``index``.

    ``place`` is the filter and its input channel whose kernel (rows, columns) is exchanged; None stands for all its
    channels. The stride is left out: a piece is small enough. Nothing where the layer has changed since and has no
    such kernel.
    """
    layer, x = result.layers[index], result.input_of(index)
    if not isinstance(layer, Conv2d) or layer.weight is None or not kernels:
        return {}
    filter_index, channel = place
    channels = layer.weight.shape[1]
    if filter_index >= len(layer.weight) or (channel or 0) >= channels:
        return {}
    if any(kernel.shape != layer.kernel_size for kernel in kernels.values()):
        return {}
    first = filter_index // (layer.out_channels // layer.groups) * channels
    weight = np.repeat(layer.weight[filter_index : filter_index + 1], len(kernels), axis=0)
    for number, kernel in enumerate(kernels.values()):
        weight[number, slice(None) if channel is None else channel] = kernel
    box = window_box(layer, shape_of(x), *dot)
    row, column = (box.top, box.left) if box is not None else (0, 0)
    rows = _part(row + layer.kernel_size[0] // 2, _ROWS, x.shape[2])
    columns = _part(column + layer.kernel_size[1] // 2, _COLUMNS, x.shape[3])
    piece = np.ascontiguousarray(x[:, first : first + channels, rows, columns])
    maps = engine.conv2d(piece, weight, padding="same", dilation=layer.dilation, algorithm="direct")
    return dict(zip(kernels, maps[0], strict=True))


def _part(middle: int, length: int, whole: int) -> slice:
    start = min(max(0, middle - length // 2), max(0, whole - length))
    return slice(start, min(whole, start + length))
