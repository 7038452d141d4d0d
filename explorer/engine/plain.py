"""The engine's functions in plain NumPy, with the same arguments, errors and results.

They compute the first maps while the kernels compile, and stand in, with a badge in the window, where numba cannot
run. Docstrings are in :mod:`explorer.engine`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from explorer.engine import arguments, normalization, plain_kernels, pooling_arguments
from explorer.engine.arguments import Array, Channels, Elementwise, PaddingArgument, Size
from explorer.jit import CancelFlag


def conv2d(
    x: npt.ArrayLike,
    weight: npt.ArrayLike,
    bias: npt.ArrayLike | None = None,
    *,
    stride: Size = 1,
    padding: PaddingArgument = 0,
    dilation: Size = 1,
    groups: int = 1,
    algorithm: str = "auto",
    out: Array | None = None,
    channels: Channels = None,
    cancel: CancelFlag | None = None,
) -> Array:
    call = arguments.convolution(
        x,
        weight,
        bias,
        stride=stride,
        padding=padding,
        dilation=dilation,
        groups=groups,
        algorithm=algorithm,
        out=out,
        channels=channels,
        cancel=cancel,
    )
    plain_kernels.conv2d(call)
    return call.out


def add_conv2d(
    x: npt.ArrayLike,
    weight: npt.ArrayLike,
    base: npt.ArrayLike,
    *,
    stride: Size = 1,
    padding: PaddingArgument = 0,
    dilation: Size = 1,
    out: Array | None = None,
    cancel: CancelFlag | None = None,
) -> Array:
    call = arguments.addition(
        x, weight, base, stride=stride, padding=padding, dilation=dilation, out=out, cancel=cancel
    )
    plain_kernels.conv2d(call)
    return call.out


def max_pool2d(
    x: npt.ArrayLike,
    kernel_size: Size,
    *,
    stride: Size | None = None,
    padding: PaddingArgument = 0,
    dilation: Size = 1,
    ceil_mode: bool = False,
    out: Array | None = None,
    channels: Channels = None,
    cancel: CancelFlag | None = None,
) -> Array:
    call = pooling_arguments.pooling(
        x,
        kernel_size,
        stride=stride,
        padding=padding,
        dilation=dilation,
        ceil_mode=ceil_mode,
        out=out,
        channels=channels,
        cancel=cancel,
    )
    plain_kernels.max_pool2d(call)
    return call.out


def avg_pool2d(
    x: npt.ArrayLike,
    kernel_size: Size,
    *,
    stride: Size | None = None,
    padding: PaddingArgument = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    out: Array | None = None,
    channels: Channels = None,
    cancel: CancelFlag | None = None,
) -> Array:
    window = pooling_arguments.pooling(
        x,
        kernel_size,
        stride=stride,
        padding=padding,
        dilation=1,
        ceil_mode=ceil_mode,
        out=out,
        channels=channels,
        cancel=cancel,
    )
    plain_kernels.avg_pool2d(pooling_arguments.average(window, padding, count_include_pad))
    return window.out


def global_avg_pool2d(x: npt.ArrayLike) -> Array:
    pixels = arguments.picture(x)
    with np.errstate(all="ignore"):
        mean: Array = pixels.mean(axis=(2, 3), keepdims=True, dtype=np.float64).astype(np.float32)
        return mean


def global_max_pool2d(x: npt.ArrayLike) -> Array:
    largest: Array = arguments.picture(x).max(axis=(2, 3), keepdims=True)
    return largest


def linear(x: npt.ArrayLike, weight: npt.ArrayLike, bias: npt.ArrayLike | None = None) -> Array:
    features = arguments.tensor(x)
    matrix = arguments.tensor(weight, "weight", 2)
    if features.shape[-1] != matrix.shape[1]:
        raise ValueError(f"weight is for {matrix.shape[1]} features, but x has {features.shape[-1]}.")
    with np.errstate(all="ignore"):
        result: Array = features @ matrix.T
        if bias is None:
            return result
        offset = arguments.tensor(bias, "bias", 1)
        if offset.shape[0] != matrix.shape[0]:
            raise ValueError(
                f"bias must have one number per output, {matrix.shape[0]}, has {offset.shape[0]}."
            )
        result += offset
        return result


def batch_norm(
    x: npt.ArrayLike,
    running_mean: npt.ArrayLike,
    running_var: npt.ArrayLike,
    weight: npt.ArrayLike | None = None,
    bias: npt.ArrayLike | None = None,
    eps: float = 1e-5,
    *,
    out: Array | None = None,
    channels: Channels = None,
    cancel: CancelFlag | None = None,
) -> Array:
    call = arguments.elementwise(x, out, channels, cancel)
    terms = normalization.affine(call, running_mean, running_var, weight, bias, eps)
    plain_kernels.affine(call, terms)
    return call.out


def relu(
    x: npt.ArrayLike, *, out: Array | None = None, channels: Channels = None, cancel: CancelFlag | None = None
) -> Array:
    return _elementwise(plain_kernels.relu, x, out, channels, cancel)


def leaky_relu(
    x: npt.ArrayLike,
    negative_slope: float = 0.01,
    *,
    out: Array | None = None,
    channels: Channels = None,
    cancel: CancelFlag | None = None,
) -> Array:
    return _elementwise(lambda call: plain_kernels.leaky_relu(call, negative_slope), x, out, channels, cancel)


def elu(
    x: npt.ArrayLike,
    alpha: float = 1.0,
    *,
    out: Array | None = None,
    channels: Channels = None,
    cancel: CancelFlag | None = None,
) -> Array:
    return _elementwise(lambda call: plain_kernels.elu(call, alpha), x, out, channels, cancel)


def sigmoid(
    x: npt.ArrayLike, *, out: Array | None = None, channels: Channels = None, cancel: CancelFlag | None = None
) -> Array:
    return _elementwise(plain_kernels.sigmoid, x, out, channels, cancel)


def tanh(
    x: npt.ArrayLike, *, out: Array | None = None, channels: Channels = None, cancel: CancelFlag | None = None
) -> Array:
    return _elementwise(plain_kernels.tanh, x, out, channels, cancel)


def softplus(
    x: npt.ArrayLike, *, out: Array | None = None, channels: Channels = None, cancel: CancelFlag | None = None
) -> Array:
    return _elementwise(plain_kernels.softplus, x, out, channels, cancel)


def silu(
    x: npt.ArrayLike, *, out: Array | None = None, channels: Channels = None, cancel: CancelFlag | None = None
) -> Array:
    return _elementwise(plain_kernels.silu, x, out, channels, cancel)


def gelu(
    x: npt.ArrayLike,
    approximate: str = "none",
    *,
    out: Array | None = None,
    channels: Channels = None,
    cancel: CancelFlag | None = None,
) -> Array:
    return _elementwise(
        plain_kernels.gelu_tanh if arguments.is_tanh(approximate) else plain_kernels.gelu,
        x,
        out,
        channels,
        cancel,
    )


def softmax(x: npt.ArrayLike, axis: int = 1) -> Array:
    call = arguments.elementwise(x, None, None, None)
    plain_kernels.softmax(call, arguments.axis_index(axis, call.x.ndim))
    return call.out


def _elementwise(
    run: Callable[[Elementwise], None],
    x: npt.ArrayLike,
    out: Array | None,
    channels: Channels,
    cancel: CancelFlag | None,
) -> Array:
    call = arguments.elementwise(x, out, channels, cancel)
    run(call)
    return call.out
