"""Checks what callers pass to the pooling functions, once, before any address is made of it."""

from __future__ import annotations

from functools import lru_cache

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
    kernel = pair(kernel_size, "kernel_size")
    strides = kernel if stride is None else pair(stride, "stride")
    dilations = pair(dilation, "dilation")
    size = (x.shape[2], x.shape[3])
    resolved, outputs = _sizes(size, kernel, strides, padding_argument(padding), dilations, ceil_mode)
    target, wanted = output((x.shape[0], x.shape[1], *outputs), out, channels)
    if out is not None:
        refuse_overlap(target, x, "x")
    return Window(
        x=x,
        kernel_size=kernel,
        stride=strides,
        padding=resolved,
        dilation=dilations,
        out=target,
        channels=np.arange(x.shape[1]) if wanted is None else wanted,
        cancel=cancel,
    )


@lru_cache(maxsize=256)
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
    include = count_include_pad and not is_same(padding)
    counts = [
        window_counts(
            call.x.shape[2 + axis],
            call.out.shape[2 + axis],
            call.kernel_size[axis],
            call.stride[axis],
            call.padding[2 * axis : 2 * axis + 2],
            include,
        )
        for axis in (0, 1)
    ]
    return Average(**vars(call), row_counts=counts[0], column_counts=counts[1])


@lru_cache(maxsize=256)
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
