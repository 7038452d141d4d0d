"""Compiled convolution.

One work item is a *tile*: a band of output rows times a stretch of columns, for some filters of one group. Its input
is copied once into scratch memory of the thread, with the padding around it, small enough to stay in the second-level
cache::

      picture with padding           stride 1               stride 2: one plane for each phase
      +------------------+         +-----------+             a b a b a b      a a a   b b b
      |   +--------+     |         | rows that |             c d c d c d  ->  a a a   b b b
      |   | tile's | ... |  --->   | the tile  |             a b a b a b      c c c   d d d
      |   | input  |     |         | looks at  |             c d c d c d      c c c   d d d
      +------------------+         +-----------+

With a stride, rows and columns are sorted by their remainder, the phase, so that neighbouring outputs read
neighbouring inputs. Where a tap lies relative to an output is then one number in the table of offsets, whatever the
kernel, the dilation and the channels, and the register block of :mod:`explorer.engine.microkernel` does the rest.

A row that is no multiple of a vector ends with a block that overlaps the one before it: each output is the same sum
in the same order, so computing some of them twice changes no bit.
"""

from __future__ import annotations

import numpy as np

from explorer.engine import exact
from explorer.engine.arguments import Array, Convolution
from explorer.engine.microkernel import multiply_block
from explorer.engine.tiles import Tiles, plan_tiles
from explorer.jit import runner
from explorer.jit.compiler import VECTOR, floats, integer, integers, operation
from explorer.jit.scratch import scratch

_FEW_TAPS = 32  # up to here float64 costs little, and a flat picture gives exactly 0 under a zero-sum kernel


@operation
def _convolve(item: int, worker: int, arguments: int) -> None:
    per_group, height, width = integer(arguments, 4), integer(arguments, 5), integer(arguments, 6)
    out_channels, out_height, out_width = integer(arguments, 7), integer(arguments, 8), integer(arguments, 9)
    stride_y, stride_x = integer(arguments, 10), integer(arguments, 11)
    top, left = integer(arguments, 12), integer(arguments, 13)
    groups, parts = integer(arguments, 14), integer(arguments, 15)
    bands, band_rows = integer(arguments, 16), integer(arguments, 17)
    stretches, stretch_columns = integer(arguments, 18), integer(arguments, 19)
    plane_rows, pitch = integer(arguments, 20), integer(arguments, 21)
    phases_y = integers(integer(arguments, 22), integer(arguments, 23))
    phases_x = integers(integer(arguments, 24), integer(arguments, 25))
    taps, vectors = integer(arguments, 26), integer(arguments, 27)
    offsets = integer(arguments, 28)
    size = integer(arguments, 30)
    memory = floats(integer(arguments, 29), worker * size, size)

    # which tile
    part = item % parts
    rest = item // parts
    stretch = rest % stretches
    rest //= stretches
    band = rest % bands
    rest //= bands
    group = rest % groups
    image = rest // groups
    y0, x0 = band * band_rows, stretch * stretch_columns
    rows, columns = min(band_rows, out_height - y0), min(stretch_columns, out_width - x0)

    # gather its input
    plane = plane_rows * pitch
    reach_y, reach_x = rows + plane_rows - band_rows, columns + pitch - stretch_columns
    place = 0
    for c in range(per_group):
        channel = image * groups * per_group + group * per_group + c
        shift = floats(integer(arguments, 31), channel, 1)[0]
        padding = np.float32(0) - shift
        for phase_y in phases_y:
            for phase_x in phases_x:
                for r in range(reach_y):
                    line = memory[place + r * pitch : place + r * pitch + reach_x]
                    y = (y0 + r) * stride_y + phase_y - top
                    if y < 0 or y >= height:
                        line[:] = padding
                        continue
                    x = x0 * stride_x + phase_x - left  # of the line's first number
                    first = min(reach_x, max(0, (-x + stride_x - 1) // stride_x))
                    last = max(first, min(reach_x, (width - x + stride_x - 1) // stride_x))
                    for j in range(first):
                        line[j] = padding
                    source = floats(integer(arguments, 0), (channel * height + y) * width, width)
                    if stride_x == 1:
                        inside = line[first:last]
                        read = source[x + first : x + last]
                        for j in range(last - first):
                            inside[j] = read[j] - shift
                    else:
                        for j in range(first, last):
                            line[j] = source[np.uint64(x + j * stride_x)] - shift
                    for j in range(last, reach_x):
                        line[j] = padding
                place += plane

    # multiply
    block = VECTOR * vectors
    starts = integers(integer(arguments, 32), groups * parts + 1)
    blocks = integers(integer(arguments, 33), 2 * starts[groups * parts])
    base, spare = integer(arguments, 29) + 4 * worker * size, 4 * (size - 32 * VECTOR)
    for index in range(starts[group * parts + part], starts[group * parts + part + 1]):
        o, count = blocks[2 * index], blocks[2 * index + 1]
        weight = integer(arguments, 1) + 4 * o * taps
        bias = integer(arguments, 2) + 4 * (image * out_channels + o)
        out = integer(arguments, 3) + 4 * (((image * out_channels + o) * out_height + y0) * out_width + x0)
        step = 4 * out_height * out_width
        for y in range(rows):
            x_row, y_row = base + 4 * y * pitch, out + 4 * y * out_width
            x = 0
            while x + block <= columns:
                multiply_block(
                    x_row + 4 * x, offsets, taps, weight, 4 * taps, bias, y_row + 4 * x, step, count, vectors
                )
                x += block
            if x == columns:
                continue
            left_over = (columns - x + VECTOR - 1) // VECTOR
            x = columns - left_over * VECTOR
            if x >= 0:
                multiply_block(
                    x_row + 4 * x,
                    offsets,
                    taps,
                    weight,
                    4 * taps,
                    bias,
                    y_row + 4 * x,
                    step,
                    count,
                    left_over,
                )
                continue
            wide = left_over * VECTOR  # a row narrower than its vectors goes through spare memory
            multiply_block(
                x_row, offsets, taps, weight, 4 * taps, bias, base + spare, 4 * wide, count, left_over
            )
            for m in range(count):
                floats(y_row + m * step, 0, columns)[:] = floats(base + spare, m * wide, columns)


def conv2d(call: Convolution) -> None:
    """Fill ``call.out``."""
    taps = call.weight[0].size
    if call.exact and taps <= _FEW_TAPS:
        exact.conv2d(call)
        return
    x = np.ascontiguousarray(call.x)
    shift, bias = _without_flat_channels(x, call) if call.exact else _unchanged(x, call)
    tiles = plan_tiles(call)
    if (
        4 * tiles.scratch_floats > np.iinfo(np.int32).max
    ):  # offsets would not reach: too many channels for a tile
        exact.conv2d(call)
        return
    memory = scratch(tiles.scratch_floats, tiles.items)
    runner.run(_convolve, tiles.items, _arguments(call, x, tiles, memory, shift, bias), call.cancel)


def _arguments(
    call: Convolution, x: Array, tiles: Tiles, memory: Array, shift: Array, bias: Array
) -> tuple[runner.Argument, ...]:
    return (
        x,
        call.weight,
        bias,
        call.out,
        call.weight.shape[1],
        *x.shape[2:],
        *call.out.shape[1:],
        *call.stride,
        call.padding[0],
        call.padding[2],
        call.groups,
        tiles.parts,
        tiles.bands,
        tiles.band_rows,
        tiles.stretches,
        tiles.stretch_columns,
        tiles.plane_rows,
        tiles.pitch,
        tiles.phases_y,
        len(tiles.phases_y),
        tiles.phases_x,
        len(tiles.phases_x),
        call.weight[0].size,
        tiles.vectors,
        tiles.offsets,
        memory,
        memory.shape[1],
        shift,
        tiles.block_starts,
        tiles.blocks,
    )


def _unchanged(x: Array, call: Convolution) -> tuple[Array, Array]:
    bias = np.broadcast_to(call.bias, (x.shape[0], len(call.bias)))
    return np.zeros(x.shape[:2], np.float32), np.ascontiguousarray(bias)


def _without_flat_channels(x: Array, call: Convolution) -> tuple[Array, Array]:
    """What to subtract from each channel, and the biases (images, filters) that make up for it.

    A channel of one value everywhere would leave rounding errors under a kernel that sums to zero. It is taken out,
    and its exact contribution, value times sum of weights, goes into the bias.
    """
    shift, bias = _unchanged(x, call)
    per_group, filters = call.weight.shape[1], call.weight.shape[0] // call.groups
    sums = call.weight.sum(axis=(2, 3), dtype=np.float64)
    total = bias.astype(np.float64)
    for image, channel in np.ndindex(x.shape[:2]):
        value = x[image, channel, 0, 0]
        if (
            value != 0
            and np.isfinite(value)
            and x[image, channel, 0, -1] == value
            and (x[image, channel] == value).all()
        ):
            shift[image, channel] = value
            group = channel // per_group
            total[image, group * filters : (group + 1) * filters] += (
                np.float64(value) * sums[group * filters : (group + 1) * filters, channel % per_group]
            )
    return shift, total.astype(np.float32) if shift.any() else bias
