"""The engine's kernels in plain NumPy: the same names, calls and results as in :mod:`explorer.engine.compiled_kernels`.

Like those they take checked calls and fill ``call.out``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

from explorer.engine.arguments import Array, Average, Convolution, Elementwise, Window
from explorer.engine.normalization import Affine
from explorer.engine.padded import needed_padding, padded
from explorer.errors import Cancelled
from explorer.jit import CancelFlag

# NumPy has no erf: the standard library's fills a table, and lines between its entries stay within 1e-6.
_ERF_STEP = 1.0 / 1024
_ERF_TABLE = np.array([math.erf(i * _ERF_STEP) for i in range(6 * 1024 + 2)])


def _taps(call: Window | Convolution) -> Iterator[tuple[int, int, tuple[slice, slice]]]:
    """Each kernel cell with the pixels of the padded input it meets, one per output."""
    rows, columns = call.out.shape[2:]
    window = call.shape if isinstance(call, Convolution) else call
    for ky in range(window.kernel_size[0]):
        for kx in range(window.kernel_size[1]):
            top, left = ky * window.dilation[0], kx * window.dilation[1]
            yield (
                ky,
                kx,
                (
                    slice(top, top + (rows - 1) * window.stride[0] + 1, window.stride[0]),
                    slice(left, left + (columns - 1) * window.stride[1] + 1, window.stride[1]),
                ),
            )
            _stop_if(call.cancel)


def conv2d(call: Convolution) -> None:
    shape = call.shape
    x = padded(call.x, shape.padding, 0.0)
    filters_per_group = shape.out_channels // shape.groups
    with np.errstate(all="ignore"):
        for o in range(shape.out_channels) if call.channels is None else call.channels:
            first = o // filters_per_group * shape.per_group
            total = np.full((x.shape[0], *call.out.shape[2:]), call.bias[o], np.float64)
            if call.base is not None:
                total += call.base[:, o]
            for ky, kx, (rows, columns) in _taps(call):
                for c in range(shape.per_group):
                    total += np.float64(call.weight[o, c, ky, kx]) * x[:, first + c, rows, columns]
            call.out[:, o] = total


def max_pool2d(call: Window) -> None:
    x = _padded_for_windows(call, -np.inf)
    for c in call.channels:
        target = call.out[:, c]
        target[...] = -np.inf
        for _, _, (rows, columns) in _taps(call):
            np.maximum(target, x[:, c, rows, columns], out=target)  # carries NaN


def avg_pool2d(call: Average) -> None:
    x = _padded_for_windows(call, 0.0)
    counts = call.row_counts[:, None] * call.column_counts
    with np.errstate(all="ignore"):
        for c in call.channels:
            total = np.zeros((x.shape[0], *call.out.shape[2:]), np.float64)
            for _, _, (rows, columns) in _taps(call):
                total += x[:, c, rows, columns]
            call.out[:, c] = total / counts


def _padded_for_windows(call: Window, value: float) -> Array:
    size, outputs = (call.x.shape[2], call.x.shape[3]), (call.out.shape[2], call.out.shape[3])
    padding = needed_padding(size, outputs, call.kernel_size, call.stride, call.padding, call.dilation)
    return padded(call.x, padding, value)


def relu(call: Elementwise) -> None:
    _apply(call, lambda v: np.where(v < 0, np.float32(0), v))


def leaky_relu(call: Elementwise, negative_slope: float) -> None:
    _apply(call, lambda v: np.where(v < 0, v * np.float32(negative_slope), v))


def elu(call: Elementwise, alpha: float) -> None:
    _apply(call, lambda v: np.where(v < 0, np.float32(alpha) * np.expm1(np.minimum(v, 0)), v))


def sigmoid(call: Elementwise) -> None:
    _apply(call, lambda v: 1 / (1 + np.exp(-v)))


def tanh(call: Elementwise) -> None:
    _apply(call, np.tanh)


def softplus(call: Elementwise) -> None:
    _apply(call, lambda v: np.where(v > 20, v, np.log1p(np.exp(np.minimum(v, 20)))))


def silu(call: Elementwise) -> None:
    _apply(call, lambda v: v / (1 + np.exp(-v)))


def gelu(call: Elementwise) -> None:
    _apply(call, lambda v: 0.5 * v * (1 + _erf(v.astype(np.float64) * math.sqrt(0.5))))


def gelu_tanh(call: Elementwise) -> None:
    _apply(call, lambda v: 0.5 * v * (1 + np.tanh(math.sqrt(2 / math.pi) * (v + 0.044715 * v * v * v))))


def affine(call: Elementwise, terms: Affine) -> None:
    chosen = slice(None) if call.channels is None else call.channels
    form = (-1, *([1] * (call.x.ndim - 2)))
    mean, scale, bias = (vector[chosen].reshape(form) for vector in (terms.mean, terms.scale, terms.bias))
    _stop_if(call.cancel)
    with np.errstate(all="ignore"):
        call.out[:, chosen] = (call.x[:, chosen] - mean) * scale + bias


def softmax(call: Elementwise, axis: int) -> None:
    if call.x.size == 0:
        return
    with np.errstate(all="ignore"):
        x = call.x.astype(np.float64)
        powers = np.exp(x - x.max(axis=axis, keepdims=True))
        call.out[...] = powers / powers.sum(axis=axis, keepdims=True)


def _apply(call: Elementwise, function: Callable[[Array], npt.NDArray[np.floating]]) -> None:
    _stop_if(call.cancel)
    with np.errstate(all="ignore"):
        if call.channels is None:
            call.out[...] = function(call.x)
        else:
            call.out[:, call.channels] = function(call.x[:, call.channels])


def _erf(v: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    magnitude = np.minimum(np.abs(v), 6.0)
    place = np.nan_to_num(magnitude / _ERF_STEP)
    below = place.astype(np.intp)
    share = place - below
    value = _ERF_TABLE[below] * (1 - share) + _ERF_TABLE[below + 1] * share
    return np.where(np.isnan(v), v, np.copysign(value, v))


def _stop_if(cancel: CancelFlag | None) -> None:
    if cancel is not None and cancel.is_set:
        raise Cancelled
