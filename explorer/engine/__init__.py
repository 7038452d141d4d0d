"""Convolution, pooling and activations on float32 arrays, with PyTorch's names, defaults and results.

Arrays in, arrays out. Inputs may have any strides, be read-only, and hold any real type (converted to float32).
Convolution and pooling take (N, C, H, W); activations and ``linear`` any number of dimensions from 1.

Sizes (``kernel_size``, ``stride``, ``dilation``) are one number or (vertical, horizontal). ``padding`` is that too, or
``"valid"`` (none), ``"same"`` (Keras's rule: ceil(input / stride) outputs, the odd row or column of padding at the
bottom and right), or (top, bottom, left, right).

Common keyword arguments: ``out`` is a C-contiguous float32 array to write to, apart from the inputs in memory, except
that an activation and ``batch_norm`` may write over x itself; ``channels`` says which output channels to compute into
it (the others stay as they are); ``cancel`` is a flag that ends the work with ``Cancelled``.

A wrong argument raises ValueError with one sentence.
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable
from types import ModuleType

import numpy.typing as npt

from explorer.engine import arguments, normalization, plain_kernels, pooling_arguments
from explorer.engine.arguments import Array, Channels, PaddingArgument, Size
from explorer.engine.plain import global_avg_pool2d, global_max_pool2d, linear
from explorer.jit import CancelFlag, JitUnavailableError, status

__all__ = [
    "add_conv2d",
    "avg_pool2d",
    "batch_norm",
    "conv2d",
    "elu",
    "gelu",
    "global_avg_pool2d",
    "global_max_pool2d",
    "leaky_relu",
    "linear",
    "max_pool2d",
    "prepare",
    "relu",
    "sigmoid",
    "silu",
    "softmax",
    "softplus",
    "tanh",
]


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
    """Slide every filter over the picture: cross-correlation, as in all of deep learning.

    out[n, o, y, x] = bias[o] + sum over c, ky, kx of
    weight[o, c, ky, kx] * padded[n, c, y * stride + ky * dilation, x * stride + kx * dilation]

    Parameters
    ----------
    x
        (N, Cin, H, W)
    weight
        (Cout, Cin / groups, Kh, Kw)
    bias
        (Cout,), or None for zeros.
    algorithm
        "direct" sums products in one fixed order, independent of threads and of ``channels``, up to 32 taps in
        float64 (direct blocking: Georganas et al. 2018; register blocks: Van Zee and van de Geijn 2015); a flat
        picture under a kernel of whole numbers that sum to zero gives exactly 0.
        "auto" sums in float32 and may use a faster method, whose error stays below 1e-5 of the largest output unless
        large products cancel each other, as they may in any sum of such numbers: Winograd's (Lavin and Gray 2016), as
        F(4x4, 3x3) for 3x3 kernels of many channels, as F(4, 2) to F(4, 5) along the columns for most others; not
        where a value is not finite or huge. What it makes of a weight array that is read-only is remembered, so
        such an array must stay as it is.
        On x86 processors numbers below 1.2e-38, which they would be slow with, count as 0.

    Returns
    -------
    (N, Cout, Ho, Wo) with Ho = floor((H + top + bottom - dilation * (Kh - 1) - 1) / stride) + 1
    """
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
    _run(lambda kernels: kernels.conv2d(call))
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
    """base + conv2d(x, weight), in one pass over memory.

    Convolution is linear: where only a few input channels changed, the new output is the old one plus the convolution
    of their differences with their part of the weights.

    Parameters
    ----------
    x
        (N, Cin, H, W)
    weight
        (Cout, Cin, Kh, Kw)
    base
        (N, Cout, Ho, Wo), not the same memory as ``out``.
    """
    call = arguments.addition(
        x, weight, base, stride=stride, padding=padding, dilation=dilation, out=out, cancel=cancel
    )
    _run(lambda kernels: kernels.conv2d(call))
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
    """The largest value in each window, (N, C, H, W) -> (N, C, Ho, Wo).

    ``stride`` is the window where it is None. Padding is minus infinity, so a negative picture stays negative. NaN is
    carried. ``ceil_mode`` keeps a last window that overhangs the picture, PyTorch's rule; Chainer calls it
    ``cover_all``. Under ``"same"`` it has no effect.
    """
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
    _run(lambda kernels: kernels.max_pool2d(call))
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
    """The mean of each window, (N, C, H, W) -> (N, C, Ho, Wo).

    ``count_include_pad`` says whether the zeros of the padding count, as in PyTorch; under ``"same"`` they do not,
    as in Keras. What a last window overhangs under ``ceil_mode`` is never counted.
    """
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
    call = pooling_arguments.average(window, padding, count_include_pad)
    _run(lambda kernels: kernels.avg_pool2d(call))
    return call.out


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
    """(x - running_mean) / sqrt(running_var + eps) * weight + bias, per channel (Ioffe and Szegedy 2015).

    x is (N, C, ...); the four vectors are (C,), and no variance is negative.
    """
    call = arguments.elementwise(x, out, channels, cancel)
    terms = normalization.affine(call, running_mean, running_var, weight, bias, eps)
    _run(lambda kernels: kernels.affine(call, terms))
    return call.out


def relu(
    x: npt.ArrayLike, *, out: Array | None = None, channels: Channels = None, cancel: CancelFlag | None = None
) -> Array:
    """max(0, x); NaN stays."""
    call = arguments.elementwise(x, out, channels, cancel)
    _run(lambda kernels: kernels.relu(call))
    return call.out


def leaky_relu(
    x: npt.ArrayLike,
    negative_slope: float = 0.01,
    *,
    out: Array | None = None,
    channels: Channels = None,
    cancel: CancelFlag | None = None,
) -> Array:
    """x where it is positive, negative_slope * x elsewhere (Maas et al. 2013)."""
    call = arguments.elementwise(x, out, channels, cancel)
    _run(lambda kernels: kernels.leaky_relu(call, negative_slope))
    return call.out


def elu(
    x: npt.ArrayLike,
    alpha: float = 1.0,
    *,
    out: Array | None = None,
    channels: Channels = None,
    cancel: CancelFlag | None = None,
) -> Array:
    """x where it is positive, alpha * (exp(x) - 1) elsewhere (Clevert et al. 2016)."""
    call = arguments.elementwise(x, out, channels, cancel)
    _run(lambda kernels: kernels.elu(call, alpha))
    return call.out


def sigmoid(
    x: npt.ArrayLike, *, out: Array | None = None, channels: Channels = None, cancel: CancelFlag | None = None
) -> Array:
    """1 / (1 + exp(-x))."""
    call = arguments.elementwise(x, out, channels, cancel)
    _run(lambda kernels: kernels.sigmoid(call))
    return call.out


def tanh(
    x: npt.ArrayLike, *, out: Array | None = None, channels: Channels = None, cancel: CancelFlag | None = None
) -> Array:
    """The hyperbolic tangent."""
    call = arguments.elementwise(x, out, channels, cancel)
    _run(lambda kernels: kernels.tanh(call))
    return call.out


def softplus(
    x: npt.ArrayLike, *, out: Array | None = None, channels: Channels = None, cancel: CancelFlag | None = None
) -> Array:
    """log(1 + exp(x)), and x itself above 20, as in PyTorch."""
    call = arguments.elementwise(x, out, channels, cancel)
    _run(lambda kernels: kernels.softplus(call))
    return call.out


def silu(
    x: npt.ArrayLike, *, out: Array | None = None, channels: Channels = None, cancel: CancelFlag | None = None
) -> Array:
    """x * sigmoid(x) (Elfwing et al. 2018); also called Swish."""
    call = arguments.elementwise(x, out, channels, cancel)
    _run(lambda kernels: kernels.silu(call))
    return call.out


def gelu(
    x: npt.ArrayLike,
    approximate: str = "none",
    *,
    out: Array | None = None,
    channels: Channels = None,
    cancel: CancelFlag | None = None,
) -> Array:
    """x * Phi(x), or its approximation by "tanh" (Hendrycks and Gimpel 2016)."""
    call = arguments.elementwise(x, out, channels, cancel)
    by_tanh = arguments.is_tanh(approximate)
    _run(lambda kernels: (kernels.gelu_tanh if by_tanh else kernels.gelu)(call))
    return call.out


def softmax(x: npt.ArrayLike, axis: int = 1) -> Array:
    """exp(x) / sum of exp(x) along an axis, computed without overflow."""
    call = arguments.elementwise(x, None, None, None)
    index = arguments.axis_index(axis, call.x.ndim)
    _run(lambda kernels: kernels.softmax(call, index))
    return call.out


def prepare(is_wanted: Callable[[str], bool] = lambda name: True) -> None:
    """Compile every kernel that is wanted, and what launches them, now, in this thread.

    Names are those of module and function.

    Raises
    ------
    JitUnavailableError
        If numba does not work on this machine.
    """
    _compiled_kernels()
    from explorer.jit import compiler

    compiler.compile_all(is_wanted)


@functools.cache
def _compiled_kernels() -> ModuleType:
    """Imported when first needed, for importing numba takes longer than showing the first maps without it."""
    return importlib.import_module("explorer.engine.compiled_kernels")


def _run(call_kernel: Callable[[ModuleType], None]) -> None:
    """Call a kernel of the compiled module, or of the plain one where there is no compiled one (yet)."""
    if status.usable:
        try:
            call_kernel(_compiled_kernels())
            return
        except JitUnavailableError as error:
            status.fail(error)
    call_kernel(plain_kernels)
