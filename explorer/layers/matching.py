"""How much each window looks like a template, whatever its contrast.

A convolution with a template is large where the input looks like it, and also where there is merely more contrast.
The answer divided by the window's own contrast is the cosine between the two: 1 where they are alike.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from explorer.layers.convolution import Conv2d
from explorer.layers.fields import Array
from explorer.layers.forward import shape_of

_LEAST_CONTRAST = 1e-3  # of the largest, below which rounding errors would look alike

Numbers = npt.NDArray[np.float64]


def likeness(layer: Conv2d, x: Array, output: Array, channel: int) -> Numbers:
    """The cosine (rows, columns) between a template filter and each window of ``x`` (1, C, H, W).

    ``output`` (1, N, rows, columns) is the fitted layer's answer. The filter's kernels must have mean 0. Windows
    with next to no contrast count as -1.
    """
    if layer.weight is None:
        raise ValueError(f"{layer.name} has no weights yet: fit it to its input first.")
    kernel = layer.weight[channel].astype(np.float64)
    first = channel // (layer.out_channels // layer.groups) * len(kernel)
    seen = x[0, first : first + len(kernel)].astype(np.float64)
    seen[~np.isfinite(seen)] = 0  # no answer that sees them is finite, but all other windows can be compared
    norm = float(np.linalg.norm(kernel))
    if len(kernel) > 1 and (kernel == kernel[0]).all():  # a grey template sees the mean of the channels only
        seen, norm = seen.mean(axis=0, keepdims=True), norm * math.sqrt(len(kernel))
    strength = _contrast(layer, seen, shape_of(x))
    bias = float(layer.bias_values[channel]) if layer.bias and layer.bias_values is not None else 0.0
    answer = output[0, channel].astype(np.float64) - bias
    known = strength > _LEAST_CONTRAST * strength.max(initial=0.0)
    result = np.full(answer.shape, -1.0)
    np.divide(answer, strength * norm, out=result, where=known & np.isfinite(answer) & (norm > 0))
    return np.clip(result, -1.0, 1.0)


def _contrast(layer: Conv2d, x: Numbers, input_shape: tuple[int, ...]) -> Numbers:
    """The L2 norm of each window, each channel less its mean in the window."""
    top, bottom, left, right = layer.resolved_padding(input_shape)
    padded = np.pad(x, ((0, 0), (top, bottom), (left, right)))
    sums, squares = (_window_sums(part, layer) for part in (padded, padded * padded))
    count = layer.kernel_size[0] * layer.kernel_size[1]
    variance: Numbers = np.maximum(squares - sums * sums / count, 0).sum(axis=0)
    return np.sqrt(variance)


def _window_sums(x: Numbers, layer: Conv2d) -> Numbers:
    """The sum over each window (C, rows, columns), from the sums over everything above and left of a pixel."""
    table = np.pad(x.cumsum(axis=1).cumsum(axis=2), ((0, 0), (1, 0), (1, 0)))
    (rows, columns), (down, right) = layer.kernel_size, layer.stride
    full: Numbers = (
        table[:, rows:, columns:]
        - table[:, :-rows, columns:]
        - table[:, rows:, :-columns]
        + table[:, :-rows, :-columns]
    )
    return full[:, ::down, ::right]
