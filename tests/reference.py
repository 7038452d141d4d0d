"""The engine once more, slow and obvious: what every fast function is compared with.

Everything is computed in float64, one window after the other, as one would by hand. Nothing here is shared with
``explorer``, and no output size is taken from a formula: windows are slid along the picture and counted.
Pictures are (N, C, H, W); names and defaults are those of ``torch.nn.functional``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
ArrayLike = npt.NDArray[Any]
Size = int | Sequence[int]
Sides = tuple[int, int, int, int]


# Sliding windows


def window_starts(
    size: int, kernel: int, stride: int, before: int, after: int, dilation: int = 1, ceil_mode: bool = False
) -> list[int]:
    """The first cell of every window along one axis; cell 0 is the first of the picture, padding lies outside it.

    With ``ceil_mode`` a last window may hang over the end by less than one stride, unless it would start in the
    padding after the picture.
    """
    reach = dilation * (kernel - 1) + 1
    end = size + after
    starts = []
    start = -before
    while start + reach <= end:
        starts.append(start)
        start += stride
    if ceil_mode:
        overhang = start + reach - end
        if overhang < stride:
            starts.append(start)
        if starts and starts[-1] >= size:
            starts.pop()
    return starts


def output_size(
    size: int, kernel: int, stride: int, before: int, after: int, dilation: int = 1, ceil_mode: bool = False
) -> int:
    """How many windows there are along one axis."""
    return len(window_starts(size, kernel, stride, before, after, dilation, ceil_mode))


def same_padding(size: int, kernel: int, stride: int, dilation: int = 1) -> tuple[int, int]:
    """The least padding with which windows start at every ``stride``-th cell; an odd cell goes after the picture."""
    wanted = len(range(0, size, stride))
    total = 0
    while len(window_starts(size, kernel, stride, 0, total, dilation)) < wanted:
        total += 1
    return total // 2, total - total // 2


def receptive_field(windows: Sequence[tuple[int, int, int]]) -> tuple[int, int]:
    """How many input cells one output sees, and how far apart those of two neighbouring outputs begin.

    ``windows`` holds (kernel, stride, dilation) of each layer, the first layer first.
    """
    seen = []
    for output in (0, 1):
        cells = {output}
        for kernel, stride, dilation in reversed(windows):
            cells = {cell * stride + tap * dilation for cell in cells for tap in range(kernel)}
        seen.append(cells)
    first, second = seen
    return max(first) - min(first) + 1, min(second) - min(first)


def pair(size: Size) -> tuple[int, int]:
    """(vertical, horizontal) of a size that may be one number for both."""
    vertical, horizontal = (size, size) if isinstance(size, int) else size
    return vertical, horizontal


def sides(padding: Size | str, shape: Sequence[int], kernel: Size, stride: Size, dilation: Size = 1) -> Sides:
    """(top, bottom, left, right) of a padding in any of its forms."""
    if padding == "valid":
        return 0, 0, 0, 0
    if padding == "same":
        vertical, horizontal = zip(pair(kernel), pair(stride), pair(dilation), strict=True)
        return *same_padding(shape[2], *vertical), *same_padding(shape[3], *horizontal)
    assert not isinstance(padding, str)
    if not isinstance(padding, int) and len(padding) == 4:
        top, bottom, left, right = padding
        return top, bottom, left, right
    vertical_sides, horizontal_sides = pair(padding)
    return vertical_sides, vertical_sides, horizontal_sides, horizontal_sides


class Windows:
    """Every position of a window over a picture."""

    def __init__(
        self,
        shape: Sequence[int],
        kernel: Size,
        stride: Size,
        padding: Size | str,
        dilation: Size = 1,
        ceil_mode: bool = False,
    ) -> None:
        self.kernel, self.stride, self.dilation = pair(kernel), pair(stride), pair(dilation)
        self.sides = sides(padding, shape, kernel, stride, dilation)
        ceil_mode = ceil_mode and padding != "same"
        top, bottom, left, right = self.sides
        (rows, columns), (down, across), (row_gap, column_gap) = self.kernel, self.stride, self.dilation
        self.rows = window_starts(shape[2], rows, down, top, bottom, row_gap, ceil_mode)
        self.columns = window_starts(shape[3], columns, across, left, right, column_gap, ceil_mode)

    def pad(self, x: ArrayLike, value: float) -> Array:
        """The pictures with a rim of ``value``."""
        top, bottom, left, right = self.sides
        rim = ((0, 0), (0, 0), (top, bottom), (left, right))
        return np.pad(x.astype(np.float64), rim, constant_values=value)

    def patches(self, padded: Array) -> Iterator[tuple[int, int, Array]]:
        """(row, column, the cells under the window) for each output pixel.

        A window that hangs over the padded picture has only the cells that exist.
        """
        top, _, left, _ = self.sides
        for row, first_row in enumerate(self.rows):
            for column, first_column in enumerate(self.columns):
                down = [first_row + top + tap * self.dilation[0] for tap in range(self.kernel[0])]
                across = [first_column + left + tap * self.dilation[1] for tap in range(self.kernel[1])]
                down = [cell for cell in down if cell < padded.shape[2]]
                across = [cell for cell in across if cell < padded.shape[3]]
                yield row, column, padded[:, :, down][:, :, :, across]

    def empty_output(self, x: ArrayLike, channels: int) -> Array:
        """The output, filled with NaN so that a forgotten pixel shows."""
        return np.full((x.shape[0], channels, len(self.rows), len(self.columns)), np.nan)


def conv2d(
    x: ArrayLike,
    weight: ArrayLike,
    bias: ArrayLike | None = None,
    *,
    stride: Size = 1,
    padding: Size | str = 0,
    dilation: Size = 1,
    groups: int = 1,
) -> Array:
    """Slide each filter over the picture, multiply cell by cell and add up; the filter is not flipped."""
    out_channels, in_channels, *kernel = weight.shape
    windows = Windows(x.shape, kernel, stride, padding, dilation)
    y = windows.empty_output(x, out_channels)
    filters_per_group = out_channels // groups
    for row, column, patch in windows.patches(windows.pad(x, 0.0)):
        for m in range(out_channels):
            first = (m // filters_per_group) * in_channels
            seen = patch[:, first : first + in_channels]
            products = seen * weight[m].astype(np.float64)
            y[:, m, row, column] = products.sum(axis=(1, 2, 3)) + (0.0 if bias is None else float(bias[m]))
    return y


def max_pool2d(
    x: ArrayLike,
    kernel_size: Size,
    *,
    stride: Size | None = None,
    padding: Size | str = 0,
    dilation: Size = 1,
    ceil_mode: bool = False,
) -> Array:
    """The largest value under each window; padding is minus infinity, NaN wins."""
    windows = Windows(x.shape, kernel_size, stride or kernel_size, padding, dilation, ceil_mode)
    y = windows.empty_output(x, x.shape[1])
    for row, column, patch in windows.patches(windows.pad(x, -np.inf)):
        y[:, :, row, column] = patch.max(axis=(2, 3))
    return y


def avg_pool2d(
    x: ArrayLike,
    kernel_size: Size,
    *,
    stride: Size | None = None,
    padding: Size | str = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Array:
    """The sum under each window divided by its counted cells: those of the picture, or those of the padding too.

    Cells beyond the padded picture are never counted, and under "same" padding is never counted.
    """
    windows = Windows(x.shape, kernel_size, stride or kernel_size, padding, ceil_mode=ceil_mode)
    counts_padding = count_include_pad and padding != "same"
    counted = windows.pad(np.ones_like(x), 1.0 if counts_padding else 0.0)
    y = windows.empty_output(x, x.shape[1])
    sums, counts = windows.patches(windows.pad(x, 0.0)), windows.patches(counted)
    for (row, column, patch), (_, _, ones) in zip(sums, counts, strict=True):
        y[:, :, row, column] = patch.sum(axis=(2, 3)) / ones.sum(axis=(2, 3))
    return y


def global_avg_pool2d(x: ArrayLike) -> Array:
    """The mean of each map, (N, C, 1, 1)."""
    return np.asarray(x.astype(np.float64).mean(axis=(2, 3), keepdims=True))


def global_max_pool2d(x: ArrayLike) -> Array:
    """The largest value of each map, (N, C, 1, 1)."""
    return np.asarray(x.astype(np.float64).max(axis=(2, 3), keepdims=True))


def linear(x: ArrayLike, weight: ArrayLike, bias: ArrayLike | None = None) -> Array:
    """Each output is one row of ``weight`` times the input, plus its bias; only the last axis takes part."""
    y = np.empty((*x.shape[:-1], weight.shape[0]))
    for index in np.ndindex(*x.shape[:-1]):
        for m, row in enumerate(weight):
            total = 0.0 if bias is None else float(bias[m])
            for value, factor in zip(x[index], row, strict=True):
                total += float(value) * float(factor)
            y[(*index, m)] = total
    return y


def batch_norm(
    x: ArrayLike,
    running_mean: ArrayLike,
    running_var: ArrayLike,
    weight: ArrayLike,
    bias: ArrayLike,
    eps: float = 1e-5,
) -> Array:
    """Each channel minus its mean, divided by its deviation, times its weight, plus its bias."""
    y = np.empty(x.shape)
    for c in range(x.shape[1]):
        deviation = math.sqrt(float(running_var[c]) + eps)
        centred = x[:, c].astype(np.float64) - float(running_mean[c])
        y[:, c] = centred / deviation * float(weight[c]) + float(bias[c])
    return y


# Activations. Out-of-range intermediate values are meant: 1 / (1 + inf) is the 0 that is wanted.


def relu(x: ArrayLike) -> Array:
    """X where it is positive, else 0; NaN stays."""
    return np.where(x < 0, 0.0, x.astype(np.float64))


def leaky_relu(x: ArrayLike, negative_slope: float = 0.01) -> Array:
    """X where it is positive, else ``negative_slope * x``."""
    x = x.astype(np.float64)
    return np.where(x > 0, x, negative_slope * np.minimum(x, 0.0))


def elu(x: ArrayLike, alpha: float = 1.0) -> Array:
    """X where it is positive, else ``alpha * (exp(x) - 1)``."""
    x = x.astype(np.float64)
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0.0)))


def sigmoid(x: ArrayLike) -> Array:
    """1 / (1 + exp(-x))."""
    with np.errstate(over="ignore"):
        return np.asarray(1.0 / (1.0 + np.exp(-x.astype(np.float64))))


def tanh(x: ArrayLike) -> Array:
    """The hyperbolic tangent."""
    return np.asarray(np.tanh(x.astype(np.float64)))


def softplus(x: ArrayLike) -> Array:
    """log(1 + exp(x))."""
    with np.errstate(invalid="ignore"):  # NaN is meant to come through in silence
        return np.asarray(np.logaddexp(0.0, x.astype(np.float64)))


def silu(x: ArrayLike) -> Array:
    """X * sigmoid(x)."""
    return x.astype(np.float64) * sigmoid(x)


def gelu(x: ArrayLike, approximate: str = "none") -> Array:
    """X times the share of the normal distribution below x, or the usual formula with tanh for it."""
    x = x.astype(np.float64)
    if approximate == "tanh":
        share = 0.5 * (1.0 + np.tanh(math.sqrt(2.0 / math.pi) * (x + 0.044715 * x**3)))
    else:
        share = np.array([0.5 * math.erfc(-value / math.sqrt(2.0)) for value in x.flat]).reshape(x.shape)
    return np.asarray(x * share)


def softmax(x: ArrayLike, axis: int = 1) -> Array:
    """exp(x) divided by its sum along ``axis``; taking the largest away first changes nothing but the overflow."""
    x = x.astype(np.float64)
    raised = np.exp(x - x.max(axis=axis, keepdims=True))
    return np.asarray(raised / raised.sum(axis=axis, keepdims=True))
