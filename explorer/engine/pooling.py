"""Compiled pooling: an item is a number of output rows. How a row is computed is in :mod:`.pooling_rows`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from explorer.engine.arguments import Average, Window
from explorer.engine.pooling_joins import Largest, Sum
from explorer.engine.pooling_rows import (
    PHASES,
    TILED,
    fill,
    unrolled,
    write_line,
    write_two_lines,
    write_windows,
)
from explorer.engine.streaming import STRAIGHT, way_to_write
from explorer.jit import runner
from explorer.jit.compiler import VECTOR, integer, operation
from explorer.jit.scratch import scratch

_ITEM = 1 << 17
"""Input numbers of a work item: some 20 us."""

_LEAST = 1 << 13
"""Below, starting a thread takes longer than the work."""

_GROUP = 8
"""Rows whose lines are written before the first is read: a processor waits for what it has only just written."""

_CACHE = 24 << 10
"""Bytes that those lines may take of the fastest cache."""

_STREAMED = 4 << 20
"""Bytes of output from which on it is written past the cache: later than a convolution's, whose threads are busy."""

_ITEMS = 16
"""So many where the work is enough for them, so that all threads end together."""


@operation
def _pool(item: int, worker: int, arguments: int) -> None:
    x, out, plan = integer(arguments, 0), integer(arguments, 1), integer(arguments, 2)
    channels, wanted, channel_count = integer(arguments, 3), integer(arguments, 4), integer(arguments, 5)
    band, total = integer(arguments, 6), integer(arguments, 7)
    memory = integer(arguments, 8) + worker * integer(arguments, 9)
    streamed = integer(arguments, 10)
    scales, row_scales, mean = integer(arguments, 11), integer(arguments, 12), integer(arguments, 13)
    height, width = integer(plan, 0), integer(plan, 1)
    out_height, out_width = integer(plan, 2), integer(plan, 3)
    taps_y, stride_y, dilation_y, top = integer(plan, 4), integer(plan, 5), integer(plan, 6), integer(plan, 7)
    stride, apart, full = integer(plan, 8), integer(plan, 9), integer(plan, 10)
    group, size, origin, phase = integer(plan, 11), integer(plan, 12), integer(plan, 13), integer(plan, 14)
    count, taps = integer(plan, 15), plan + 8 * 16
    shared = apart == 1 and taps_y > 1 and stride_y == dilation_y

    fill(mean, memory, group * size)
    row, last = item * band, min(total, (item + 1) * band)
    while row < last:
        y, plane = row % out_height, row // out_height
        together = min(group, out_height - y, last - row)
        channel = integer(channels, plane % wanted)
        plane = plane // wanted * channel_count + channel
        source = x + 4 * width * plane * height
        target = out + 4 * out_width * (plane * out_height + y)
        row += together
        # the lines of all these rows first, and then their windows
        k = 0
        while k < together:
            first = (y + k) * stride_y - top  # rows in the padding are left out
            offset = integer(row_scales, y + k) if mean else 0
            begin = 0 if first >= 0 else (dilation_y - 1 - first) // dilation_y
            end = min(taps_y, (height - first + dilation_y - 1) // dilation_y)
            rows = source + 4 * width * (first + begin * dilation_y)
            line = memory + 4 * k * size + origin
            below = first + taps_y * dilation_y
            if shared and begin == 0 and below < height and k + 1 < together:
                write_two_lines(mean, rows, 4 * width * dilation_y, taps_y, width, line, line + 4 * size)
                k += 2
                continue
            if begin < end:
                write_line(
                    mean,
                    apart,
                    rows,
                    4 * width * dilation_y,
                    end - begin,
                    width,
                    full,
                    line,
                    phase,
                    target + 4 * k * out_width,
                    out_width,
                    scales + offset,
                    streamed,
                )
            elif apart > 0:
                fill(mean, memory + 4 * k * size, size)
            else:
                fill(mean, target + 4 * k * out_width, out_width)
            k += 1
        if apart > 0:
            for k in range(together):
                offset = integer(row_scales, y + k) if mean else 0
                write_windows(
                    mean,
                    stride,
                    apart,
                    memory + 4 * k * size + origin,
                    taps,
                    count,
                    target + 4 * k * out_width,
                    out_width,
                    scales + offset,
                    streamed,
                )


def max_pool2d(call: Window) -> None:
    """Fill ``call.out``; padding is minus infinity."""
    plan = _plan_of(call, Largest.size)
    _launch(call, plan, (None, None, 0))


def avg_pool2d(call: Average) -> None:
    """Fill ``call.out``; padding adds 0 to the sum."""
    plan = _plan_of(call, Sum.size)
    table, offsets = _scales(call.row_counts.tobytes(), call.column_counts.tobytes(), plan.side_by_side)
    _launch(call, plan, (table, offsets, 1))


@lru_cache(maxsize=64)
def _scales(
    row_counts: bytes, column_counts: bytes, short: bool
) -> tuple[npt.NDArray[np.floating], npt.NDArray[np.int64]]:
    """1 / count for each output of a row, and in which row of that table, in bytes, an output row finds its own.

    Most rows count the same number of pixels, so the table is short. For short sums it is 4 / count, in float32.
    """
    rows, columns = np.frombuffer(row_counts, np.int64), np.frombuffer(column_counts, np.int64)
    different, places = np.unique(rows, return_inverse=True)
    table = np.zeros((different.size, _up(columns.size)), np.float32 if short else np.float64)
    table[:, : columns.size] = (4.0 if short else 1.0) / (different[:, np.newaxis] * columns)
    return table, places.astype(np.int64) * table.strides[0]


def _plan_of(call: Window, size: int) -> _Plan:
    return _plan(
        (call.x.shape[2], call.x.shape[3]),
        (call.out.shape[2], call.out.shape[3]),
        call.kernel_size,
        call.stride,
        (call.padding[0], call.padding[2]),
        call.dilation,
        size,
    )


def _launch(call: Window, plan: _Plan, mean: tuple[runner.Argument, ...]) -> None:
    images, channels, height, width = call.x.shape
    out_height = call.out.shape[2]
    wanted = len(call.channels)
    total = images * wanted * out_height
    work = images * wanted * height * width
    items = max(1, min(work // _LEAST, max(_ITEMS, work // _ITEM), total))
    band = -(-total // items)
    items = -(-total // band) if band else 0
    memory = scratch(plan.floats, items)
    x = np.ascontiguousarray(call.x)
    arguments = (
        x,
        call.out,
        plan.words,
        call.channels,
        wanted,
        channels,
        band,
        total,
        memory.address,
        4 * memory.size,
        int(way_to_write(call.out, call.out.shape[3], _STREAMED) == STRAIGHT),
    )
    runner.run(_pool, items, (*arguments, *mean), call.cancel, memory.workers)


@dataclass(frozen=True, eq=False)
class _Plan:
    """What does not change from call to call: the words that the operations read, and the scratch memory needed."""

    words: npt.NDArray[np.int64]
    floats: int
    side_by_side: bool


@lru_cache(maxsize=256)
def _plan(
    size: tuple[int, int],
    outputs: tuple[int, int],
    kernel_size: tuple[int, int],
    strides: tuple[int, int],
    before: tuple[int, int],
    dilation: tuple[int, int],
    number: int,
) -> _Plan:
    """Where a line, whose numbers have ``number`` bytes, holds what; ``before`` is the padding at the top and left."""
    width, out_width, left = size[1], outputs[1], before[1]
    stride = strides[1] if out_width > 1 else 1
    phases = stride if stride <= PHASES else 1
    # taps that meet the picture in no window are left out
    reach = (out_width - 1) * stride
    first = max(0, -(-(left - reach) // dilation[1]))
    last = min(kernel_size[1] - 1, (width - 1 + left) // dilation[1])
    starts = np.arange(first, last + 1, dtype=np.int64) * dilation[1] - left
    if not len(starts):
        starts = np.array([-phases * _up(reach + 1)])  # nothing but margin
    indices = starts // phases
    margin = _up(max(0, -int(indices.min(initial=0))))
    behind = _up(out_width) if stride == phases else reach + 1
    pitch = margin + max(_up(-(-width // phases)), int(indices.max(initial=0)) + behind)
    pitch = _up(pitch)
    taps = (starts % phases * pitch + indices) * number
    wide = unrolled(phases) * VECTOR
    full = width // (wide * phases)
    side_by_side = left == 0 and dilation[1] == 1 and stride == kernel_size[1] == TILED
    if number == Sum.size:
        side_by_side = side_by_side and kernel_size[0] <= TILED  # more are not summed in float32
    if side_by_side:
        full = min(full, out_width // wide)
    vertical = kernel_size[0], strides[0] if outputs[0] > 1 else 1, dilation[0], before[0]
    line = 0 if side_by_side else phases * pitch * number // 4
    group = max(1, min(_GROUP, _CACHE // max(4 * line, 1)))
    words = [
        *size,
        *outputs,
        *vertical,
        stride,
        -stride if side_by_side else phases,
        full,
        group,
        line,
        margin * number,
        pitch * number,
        len(taps),
        *taps.tolist(),
    ]
    return _Plan(np.array(words, np.int64), group * line, side_by_side)


def _up(count: int) -> int:
    """The next multiple of a vector."""
    return -(-count // VECTOR) * VECTOR
