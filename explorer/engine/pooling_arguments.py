"""Checks what callers pass to the pooling functions, once, before any address is made of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from types import NoneType

import numpy as np
import numpy.typing as npt

from explorer.engine.arguments import (
    Array,
    Average,
    Channels,
    PaddingArgument,
    Size,
    Window,
    is_same,
    output,
    padding_argument,
    pair,
    picture,
    refuse_overlap,
    truth,
)
from explorer.engine.shape import output_shape, padding_of
from explorer.engine.windows import Padding
from explorer.jit import CancelFlag


def pooling(
    x: npt.ArrayLike,
    kernel_size: Size,
    *,
    stride: Size | None,
    padding: PaddingArgument,
    dilation: Size,
    ceil_mode: bool,
    out: Array | None,
    channels: Channels,
    cancel: CancelFlag | None,
) -> Window:
    """The checked arguments of a pooling function."""
    x = picture(x)
    size = (x.shape[2], x.shape[3])
    are_plain = type(kernel_size) is type(padding) is type(dilation) is int and type(stride) in _PLAIN
    rounds_up = truth(ceil_mode, "ceil_mode")
    slide = (_known_slide if are_plain else _slide)(size, kernel_size, stride, padding, dilation, rounds_up)
    target, wanted = output((x.shape[0], x.shape[1], *slide.outputs), out, channels)
    if out is not None:
        refuse_overlap(target, x, "x")
    return Window(
        x,
        slide.kernel_size,
        slide.stride,
        slide.padding,
        slide.dilation,
        target,
        np.arange(x.shape[1]) if wanted is None else wanted,
        cancel,
    )


@dataclass(frozen=True)
class _Slide:
    kernel_size: tuple[int, int]
    stride: tuple[int, int]
    padding: Padding
    dilation: tuple[int, int]
    outputs: tuple[int, int]


def _slide(
    size: tuple[int, int],
    kernel_size: Size,
    stride: Size | None,
    padding: PaddingArgument,
    dilation: Size,
    ceil_mode: bool,
) -> _Slide:
    """The checked arguments, and how many rows and columns come out."""
    kernel = pair(kernel_size, "kernel_size")
    strides = kernel if stride is None else pair(stride, "stride")
    dilations = pair(dilation, "dilation")
    resolved, outputs = _sizes(size, kernel, strides, padding_argument(padding), dilations, ceil_mode)
    return _Slide(kernel, strides, resolved, dilations, outputs)


_known_slide = lru_cache(maxsize=256)(_slide)
_PLAIN = (int, NoneType)  # numbers and nothing else: True equals 1, but is refused


def _sizes(
    size: tuple[int, int],
    kernel: tuple[int, int],
    strides: tuple[int, int],
    padding: Padding | str,
    dilations: tuple[int, int],
    ceil_mode: bool,
) -> tuple[Padding, tuple[int, int]]:
    """Padding as numbers, and how many rows and columns come out."""
    resolved = padding_of(padding, size, kernel, strides, dilations)
    if isinstance(padding, str):  # "same" fixes the output size
        return resolved, output_shape(size, kernel, strides, resolved, dilations)
    for amount, window in zip(resolved, (kernel[0], kernel[0], kernel[1], kernel[1]), strict=True):
        if amount >= window:
            raise ValueError(
                f"Pooling padding must be smaller than its window, is {amount} with a window of {window}."
            )
    return resolved, output_shape(size, kernel, strides, resolved, dilations, ceil_mode)


def average(call: Window, padding: PaddingArgument, count_include_pad: bool) -> Average:
    """A pooling call with the number of pixels that each window counts."""
    include = truth(count_include_pad, "count_include_pad") and not is_same(padding)
    counts = _counts(
        call.x.shape[2:], call.out.shape[2:], call.kernel_size, call.stride, call.padding, include
    )
    return Average(
        call.x,
        call.kernel_size,
        call.stride,
        call.padding,
        call.dilation,
        call.out,
        call.channels,
        call.cancel,
        *counts,
    )


@lru_cache(maxsize=256)
def _counts(
    size: tuple[int, ...],
    outputs: tuple[int, ...],
    kernel_size: tuple[int, int],
    stride: tuple[int, int],
    padding: Padding,
    include_padding: bool,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """For rows and for columns."""
    rows, columns = (
        window_counts(
            size[a],
            outputs[a],
            kernel_size[a],
            stride[a],
            padding[2 * a : 2 * a + 2],
            include_padding,
        )
        for a in (0, 1)
    )
    return rows, columns


def window_counts(
    size: int, outputs: int, kernel: int, stride: int, padding: tuple[int, ...], include_padding: bool
) -> npt.NDArray[np.int64]:
    """How many positions along one side each window counts; what overhangs the padded picture never does."""
    before, after = padding
    start = np.arange(outputs) * stride - before
    end = start + kernel
    low, high = (-before, size + after) if include_padding else (0, size)
    counts = np.minimum(end, high) - np.maximum(start, low)
    counts.flags.writeable = False
    return counts
