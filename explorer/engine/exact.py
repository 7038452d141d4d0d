"""Compiled convolution in float64, for kernels with few taps on the path whose bits never vary.

One work item is a band of rows of one output map. A row starts as its bias; each tap of the kernel then adds its
weight times a row of the input, in one fixed order (channel, kernel row, kernel column), so that the bits do not
depend on threads, on bands or on which maps were asked for.

The row is summed in float64 and rounded once. A product of two float32 numbers is exact in float64, so a flat part of
a picture under a kernel of small whole numbers that sum to zero gives exactly 0, where float32 would leave a pattern of
rounding errors that a display with automatic range blows up.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from explorer.engine.arguments import Convolution
from explorer.engine.padded import padded
from explorer.jit import runner
from explorer.jit.compiler import floats, inline, integer, integers, operation

_BAND = 32  # output rows per work item: short enough to share out and to cancel


@inline
def _add_row(row: Any, source: Any, weights: Any, stride: int, dilation: int) -> None:
    """row[i] += sum over k of weights[k] * source[i * stride + k * dilation], in float64"""
    width = row.size
    taps = weights.size
    k = 0
    if stride == 1:
        while k + 3 <= taps:  # three taps at a time: the row is loaded and stored a third as often
            a = source[k * dilation : k * dilation + width]
            b = source[(k + 1) * dilation : (k + 1) * dilation + width]
            c = source[(k + 2) * dilation : (k + 2) * dilation + width]
            w0, w1, w2 = np.float64(weights[k]), np.float64(weights[k + 1]), np.float64(weights[k + 2])
            for i in range(width):
                row[i] = row[i] + w0 * a[i] + w1 * b[i] + w2 * c[i]
            k += 3
        while k < taps:
            a = source[k * dilation : k * dilation + width]
            w0 = np.float64(weights[k])
            for i in range(width):
                row[i] = row[i] + w0 * a[i]
            k += 1
    else:
        while k < taps:
            a = source[k * dilation : k * dilation + (width - 1) * stride + 1 : stride]
            w0 = np.float64(weights[k])
            for i in range(width):
                row[i] = row[i] + w0 * a[i]
            k += 1


@operation
def _convolve(item: int, worker: int, arguments: int) -> None:
    in_channels = integer(arguments, 4)
    height = integer(arguments, 5)
    width = integer(arguments, 6)
    out_channels = integer(arguments, 7)
    out_height = integer(arguments, 8)
    out_width = integer(arguments, 9)
    kernel_height = integer(arguments, 10)
    kernel_width = integer(arguments, 11)
    stride_y = integer(arguments, 12)
    stride_x = integer(arguments, 13)
    dilation_y = integer(arguments, 14)
    dilation_x = integer(arguments, 15)
    per_group = integer(arguments, 16)
    wanted = integer(arguments, 18)
    band_rows = integer(arguments, 19)
    bands = (out_height + band_rows - 1) // band_rows

    channels = integers(integer(arguments, 17), wanted)
    o = channels[item % wanted]  # neighbours in the queue read the same rows of the input
    band = (item // wanted) % bands
    image = item // (wanted * bands)
    first_channel = o // (out_channels // (in_channels // per_group)) * per_group

    taps = per_group * kernel_height * kernel_width
    weight = floats(integer(arguments, 1), o * taps, taps)
    bias = floats(integer(arguments, 2), o, 1)[0]
    row = np.empty(out_width, np.float64)
    for y in range(band * band_rows, min(out_height, (band + 1) * band_rows)):
        row[:] = bias
        for c in range(per_group):
            for ky in range(kernel_height):
                line = (image * in_channels + first_channel + c) * height + y * stride_y + ky * dilation_y
                source = floats(integer(arguments, 0), line * width, width)
                first = (c * kernel_height + ky) * kernel_width
                _add_row(row, source, weight[first : first + kernel_width], stride_x, dilation_x)
        out = floats(
            integer(arguments, 3), ((image * out_channels + o) * out_height + y) * out_width, out_width
        )
        for i in range(out_width):
            out[i] = row[i]


def conv2d(call: Convolution) -> None:
    """Fill ``call.out``."""
    x = padded(call.x, call.padding, 0.0)
    images, in_channels, height, width = x.shape
    out_channels, out_height, out_width = call.out.shape[1:]
    band = _band_rows(call)
    items = images * len(call.channels) * -(-out_height // band)
    runner.run(
        _convolve,
        items,
        (
            x,
            call.weight,
            call.bias,
            call.out,
            in_channels,
            height,
            width,
            out_channels,
            out_height,
            out_width,
            *call.kernel_size,
            *call.stride,
            *call.dilation,
            call.weight.shape[1],
            call.channels,
            len(call.channels),
            band,
        ),
        call.cancel,
    )


def _band_rows(call: Convolution) -> int:
    """Rows per work item, so that one item stays near a millisecond and a cancel is quick."""
    per_row = int(call.out.shape[3] * call.weight[0].size)
    return max(1, min(_BAND, 4_000_000 // per_row))
