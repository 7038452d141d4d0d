"""Compiled pooling, one output row at a time.

The rows of a window are joined first, along the whole width of the picture, where the compiler vectorises; only that
one line is then read with the stride. Averages are summed in float64 and rounded once.
"""

from __future__ import annotations

import numpy as np

from explorer.engine.arguments import Average, Window
from explorer.engine.padded import needed_padding, padded
from explorer.jit import runner
from explorer.jit.compiler import Operation, floats, inline, integer, integers, operation

_BAND = 64


@inline
def _larger(a: float, b: float) -> float:
    """The larger number; NaN wins, as in torch."""
    return a if a > b or a != a else b


@operation
def _maximum(item: int, worker: int, arguments: int) -> None:
    channel_count = integer(arguments, 2)
    height = integer(arguments, 3)
    width = integer(arguments, 4)
    out_height = integer(arguments, 5)
    out_width = integer(arguments, 6)
    kernel_height = integer(arguments, 7)
    kernel_width = integer(arguments, 8)
    stride_y = integer(arguments, 9)
    stride_x = integer(arguments, 10)
    dilation_y = integer(arguments, 11)
    dilation_x = integer(arguments, 12)
    wanted = integer(arguments, 14)
    band_rows = integer(arguments, 15)
    bands = (out_height + band_rows - 1) // band_rows

    band = item % bands
    channel = integers(integer(arguments, 13), wanted)[(item // bands) % wanted]
    plane = (item // (bands * wanted)) * channel_count + channel
    line = np.empty(width, np.float32)
    for y in range(band * band_rows, min(out_height, (band + 1) * band_rows)):
        first = plane * height + y * stride_y
        line[:] = floats(integer(arguments, 0), first * width, width)
        for ky in range(1, kernel_height):
            source = floats(integer(arguments, 0), (first + ky * dilation_y) * width, width)
            for i in range(width):
                line[i] = _larger(source[i], line[i])
        row = floats(integer(arguments, 1), (plane * out_height + y) * out_width, out_width)
        row[:] = line[: (out_width - 1) * stride_x + 1 : stride_x]
        for kx in range(1, kernel_width):
            a = line[kx * dilation_x : kx * dilation_x + (out_width - 1) * stride_x + 1 : stride_x]
            for i in range(out_width):
                row[i] = _larger(a[i], row[i])


@operation
def _mean(item: int, worker: int, arguments: int) -> None:
    channel_count = integer(arguments, 2)
    height = integer(arguments, 3)
    width = integer(arguments, 4)
    out_height = integer(arguments, 5)
    out_width = integer(arguments, 6)
    kernel_height = integer(arguments, 7)
    kernel_width = integer(arguments, 8)
    stride_y = integer(arguments, 9)
    stride_x = integer(arguments, 10)
    wanted = integer(arguments, 14)
    band_rows = integer(arguments, 15)
    bands = (out_height + band_rows - 1) // band_rows

    band = item % bands
    channel = integers(integer(arguments, 13), wanted)[(item // bands) % wanted]
    plane = (item // (bands * wanted)) * channel_count + channel
    row_counts = integers(integer(arguments, 16), out_height)
    column_counts = integers(integer(arguments, 17), out_width)
    line = np.empty(width, np.float64)
    total = np.empty(out_width, np.float64)
    for y in range(band * band_rows, min(out_height, (band + 1) * band_rows)):
        line[:] = 0.0
        for ky in range(kernel_height):
            source = floats(integer(arguments, 0), (plane * height + y * stride_y + ky) * width, width)
            for i in range(width):
                line[i] += source[i]
        total[:] = 0.0
        for kx in range(kernel_width):
            a = line[kx : kx + (out_width - 1) * stride_x + 1 : stride_x]
            for i in range(out_width):
                total[i] += a[i]
        row = floats(integer(arguments, 1), (plane * out_height + y) * out_width, out_width)
        for i in range(out_width):
            row[i] = total[i] / (row_counts[y] * column_counts[i])


def max_pool2d(call: Window) -> None:
    """Fill ``call.out``; padding is minus infinity."""
    runner.run(*_launch(_maximum, call, float("-inf")), call.cancel)


def avg_pool2d(call: Average) -> None:
    """Fill ``call.out``; padding adds 0 to the sum."""
    operation_, items, arguments = _launch(_mean, call, 0.0)
    runner.run(operation_, items, (*arguments, call.row_counts, call.column_counts), call.cancel)


def _launch(
    kernel: Operation, call: Window, value: float
) -> tuple[Operation, int, tuple[runner.Argument, ...]]:
    size = (call.x.shape[2], call.x.shape[3])
    outputs = (call.out.shape[2], call.out.shape[3])
    padding = needed_padding(size, outputs, call.kernel_size, call.stride, call.padding, call.dilation)
    x = padded(call.x, padding, value)
    images, channels, height, width = x.shape
    band = max(1, min(_BAND, 2_000_000 // (outputs[1] * call.kernel_size[0] * call.kernel_size[1])))
    arguments = (
        x,
        call.out,
        channels,
        height,
        width,
        *outputs,
        *call.kernel_size,
        *call.stride,
        *call.dilation,
        call.channels,
        len(call.channels),
        band,
    )
    return kernel, images * len(call.channels) * -(-outputs[0] // band), arguments
