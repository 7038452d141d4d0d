"""Compiled convolution.

One work item is a *tile*: a band of output rows times a stretch of columns, for some filters of one group. Its input
is gathered (:mod:`explorer.engine.gathering`) into scratch memory small enough to stay in the second-level cache.
Where a tap lies relative to an output is then one number in the table of offsets, whatever the kernel, the stride, the
dilation and the channels, and the register block of :mod:`explorer.engine.microkernel` does the rest. Where fewer
products will do, :mod:`explorer.engine.winograd` and :mod:`explorer.engine.winograd_rows` go before.

A tile whose input would be too large for the cache is done some input channels at a time. With a stride the input may
also be read where it lies (:mod:`explorer.engine.pixels`).

Source: Georganas et al., "Anatomy of High-Performance Deep Learning Convolutions on SIMD Architectures" (2018).
"""

from __future__ import annotations

from array import array
from functools import lru_cache
from types import ModuleType

import numpy as np

from explorer.engine import block_call as word
from explorer.engine import pixels, winograd, winograd_rows
from explorer.engine.arguments import Array, Convolution
from explorer.engine.gathering import gather, gather_planes
from explorer.engine.levels import levels_and_biases
from explorer.engine.microkernel import block_number, multiply
from explorer.engine.scattering import scatter
from explorer.engine.shape import Shape
from explorer.engine.streaming import KEPT, LINE, SHIFTED, STRAIGHT, stream_piece, way_to_write
from explorer.engine.tall import ROWS, VECTORS, multiply_tall
from explorer.engine.tiles import Precision, plan_tiles
from explorer.jit import runner
from explorer.jit.addresses import address_of
from explorer.jit.compiler import (
    LOCAL_WORDS,
    MAXIMUM_THREADS,
    VECTOR,
    call_at,
    flushing_operation,
    inline,
    integer,
    integers,
    local_words,
)
from explorer.jit.scratch import scratch
from explorer.jit.threads import threads
from explorer.jit.vector import BYTES

_FEW_TAPS = 32  # up to here float64 costs little, and a flat picture gives exactly 0 under a zero-sum kernel

_unread = np.zeros(1, np.int64)  # whether numbers are finite makes no difference here
_unread_address = address_of(_unread)


@inline
def _up(columns: int) -> int:
    """Up to whole vectors."""
    return (columns + VECTOR - 1) // VECTOR * VECTOR


@inline
def _tall(
    tile: int,
    pitch: int,
    table: int,
    count: int,
    weight: int,
    bias: int,
    out: int,
    out_width: int,
    rows: int,
    columns: int,
    apart: int,
    way: int,
    spare: int,
    kept: int,
) -> None:
    """One filter of a tile that has ``ROWS`` rows at least of each kind: those that lie ``apart`` are done together."""
    width = VECTORS * VECTOR
    for x in range(0, columns, width):
        vectors = min(VECTORS, (columns - x + VECTOR - 1) // VECTOR)
        last = min(VECTOR, columns - x - (vectors - 1) * VECTOR)
        streamed = 1 if way == STRAIGHT and last == VECTOR else 0
        slot = kept
        for kind in range(apart):
            own = (rows - kind + apart - 1) // apart
            for start in range(0, own, ROWS):
                y = kind + apart * min(start, own - ROWS)  # the last may repeat rows of the one before
                multiply_tall(
                    tile + 4 * (y * pitch + x),
                    4 * apart * pitch,
                    table,
                    count,
                    weight,
                    bias,
                    spare if way == SHIFTED else out + 4 * (y * out_width + x),
                    4 * width if way == SHIFTED else 4 * apart * out_width,
                    last,
                    streamed,
                    vectors,
                )
                if way == SHIFTED:
                    end, line = min(columns, x + width), out + 4 * y * out_width
                    stream_piece(spare, width, line, 4 * apart * out_width, ROWS, slot, x, end, columns)
                    slot += ROWS * BYTES


@flushing_operation
def _convolve(item: int, worker: int, arguments: int) -> None:
    memory = integer(arguments, 4) + 4 * worker * integer(arguments, 5)
    plan = integer(arguments, 6)
    in_channels, per_group, out_channels = integer(plan, 0), integer(plan, 1), integer(plan, 2)
    out_height, out_width, groups = integer(plan, 3), integer(plan, 4), integer(plan, 5)
    parts, bands, band_rows = integer(plan, 6), integer(plan, 7), integer(plan, 8)
    stretches, stretch_columns = integer(plan, 9), integer(plan, 10)
    pitch, reach_y, reach_x = integer(plan, 11), integer(plan, 12), integer(plan, 13)
    chunk, kernel = integer(plan, 14), integer(plan, 15)
    block_rows, block_vectors, doubles = integer(plan, 16), integer(plan, 17), integer(plan, 18)
    tall_columns = integer(plan, 25) if integer(arguments, 9) == 0 else 0
    is_long, zeros = integer(plan, 27) != 0, integer(plan, 28)
    kept = memory + 4 * integer(plan, 34)
    spare, apart = memory + 4 * integer(plan, 29), integer(plan, 31)

    block = local_words()
    words = integers(block, LOCAL_WORDS)

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
    if integer(plan, 33) != 0:  # all bands about as high
        y0 = band * out_height // bands
        rows = (band + 1) * out_height // bands - y0
    starts = integers(integer(plan, 21), groups * parts + 1)
    runs = integers(integer(plan, 22), 3 * starts[groups * parts])
    first_run, last_run = starts[group * parts + part], starts[group * parts + part + 1]

    weight_filter, y_filter = 4 * per_group * kernel, 4 * out_height * out_width
    biases = integer(arguments, 2) + 4 * image * integer(arguments, 8)
    outputs = integer(arguments, 3) + 4 * ((image * out_channels * out_height + y0) * out_width + x0)
    for channel in range(0, per_group, chunk):
        count = min(chunk, per_group - channel)
        added, old = (1, 0) if channel > 0 else (integer(arguments, 9), integer(arguments, 12))
        first = image * in_channels + group * per_group + channel
        if integer(plan, 26) != 0 and integer(arguments, 11) == 0 and x0 + _up(columns) <= out_width:
            tile = integer(arguments, 0) + 4 * (first * out_width + x0)  # as it lies
            offsets = integer(plan, 24)
        else:
            tile, offsets = memory, integer(plan, 20)
            gather(
                integer(arguments, 15),
                integer(plan, 19),
                integer(arguments, 0),
                first,
                count,
                y0,
                x0,
                rows + reach_y,
                columns + reach_x,
                memory,
                integer(arguments, 7),
                integer(arguments, 14),
            )
        weights = integer(arguments, 1) + 4 * channel * kernel
        way = integer(arguments, 10) if per_group <= chunk else KEPT
        if tall_columns > 0 and rows >= ROWS * apart:
            for run in range(first_run, last_run):
                for o in range(runs[3 * run], runs[3 * run] + runs[3 * run + 1]):
                    _tall(
                        tile,
                        pitch,
                        integer(plan, 23),
                        tall_columns,
                        weights + o * weight_filter,
                        biases + 4 * o,
                        outputs + o * y_filter,
                        out_width,
                        rows,
                        columns,
                        apart,
                        way,
                        spare,
                        kept,
                    )
            continue
        words[word.OFFSETS], words[word.TAPS], words[word.X_ROW] = offsets, count * kernel, 4 * pitch
        words[word.WEIGHT_FILTER], words[word.Y_ROW], words[word.OLD] = weight_filter, 4 * out_width, old
        # a tile of short rows is computed as one long row, into spare memory
        length, lines = columns, rows
        if is_long or integer(plan, 30) != 0:
            length, lines = (rows - 1) * pitch + columns, 1
        is_uneven = way == SHIFTED and block_rows == 1 and not is_long
        is_shifted = is_uneven and added == 0
        words[word.Y_FILTER] = 4 * block_vectors * VECTOR if is_long or is_shifted else y_filter
        words[word.ADDED] = 0 if is_long else added
        # filters inside, while their input is in the fastest cache; or outside, and outputs one after the other
        width = block_vectors * VECTOR
        pieces, own_runs = (length + width - 1) // width, last_run - first_run
        is_outside = integer(plan, 32) != 0 or is_uneven
        # one call does several blocks: those of a row, or of all filters, or if there is one for these, of all rows
        is_strip = own_runs == 1 and block_rows == 1 and not is_outside and not is_long
        words[word.X_TURN], words[word.Y_TURN], words[word.WEIGHT_TURN], words[word.BIAS_TURN] = 0, 0, 0, 0
        if is_outside:
            words[word.X_TURN], words[word.Y_TURN] = 4 * width, 4 * width
        elif is_strip:
            words[word.X_TURN], words[word.Y_TURN] = 4 * pitch, 4 * out_width
        for outer in range(own_runs if is_outside else pieces):
            y = 0
            while y < lines:
                height = block_rows if y + block_rows <= lines else 1
                inner = 0
                while inner < (pieces if is_outside else own_runs):
                    x = width * (inner if is_outside else outer)
                    run = first_run + (outer if is_outside else inner)
                    o, filters, turns = runs[3 * run], runs[3 * run + 1], runs[3 * run + 2]
                    if is_long or is_shifted:  # copied after each
                        turns = 1
                    elif is_outside:
                        turns = max(1, length // width - inner)
                    elif is_strip:
                        turns = lines
                    else:
                        words[word.WEIGHT_TURN], words[word.BIAS_TURN] = filters * weight_filter, 4 * filters
                        words[word.Y_TURN] = filters * y_filter
                    words[word.TURNS] = turns
                    inner += turns
                    target = outputs + o * y_filter
                    vectors = min(block_vectors, (length - x + VECTOR - 1) // VECTOR)
                    last = min(VECTOR, length - x - (vectors - 1) * VECTOR)
                    words[word.LAST] = VECTOR if is_long else last
                    is_lines = last == VECTOR and vectors * VECTOR % LINE == 0
                    words[word.STREAMED] = 1 if way == STRAIGHT and is_lines and not is_long else 0
                    words[word.X] = tile + 4 * (y * pitch + x)
                    words[word.WEIGHT] = weights + o * weight_filter
                    words[word.BIAS] = zeros if is_long and added != 0 else biases + 4 * o
                    place = target + 4 * (y * out_width + x)
                    words[word.Y] = spare if is_long or is_shifted else place
                    words[word.NUMBER] = block_number(filters, height, vectors, doubles)
                    call_at(integer(arguments, 13), 0, 0, block)
                    if is_shifted:
                        end, line = min(length, x + width), target + 4 * y * out_width
                        stream_piece(spare, width, line, y_filter, filters, kept, x, end, length)
                    if is_long:
                        scatter(
                            spare,
                            filters,
                            width,
                            x,
                            min(length, x + vectors * VECTOR),
                            pitch,
                            columns,
                            target,
                            y_filter,
                            4 * out_width,
                            old,
                            added,
                        )
                y += lines if is_strip else height


def conv2d(call: Convolution) -> None:
    """Fill ``call.out``."""
    x = call.x if call.x.flags.c_contiguous else np.ascontiguousarray(call.x)
    shape, exact, base = call.shape, call.exact, call.base
    columns = shape.height * shape.width if shape.is_pointwise else shape.out_width
    writing = way_to_write(call.out, columns)
    is_whole = base is None and call.channels is None
    if is_whole and not exact:
        way = _way(shape)
        if way is not None and way.conv2d(shape, x, call.weight, call.bias, call.out, writing, call.cancel):
            return
    precision = Precision.ANY
    if exact:
        precision = Precision.FLOAT64 if shape.taps <= _FEW_TAPS else Precision.ORDERED
    tiles = plan_tiles(
        shape.as_one_row if shape.is_pointwise else shape,
        None if call.channels is None else call.channels.tobytes(),
        precision,
        min(threads.count, MAXIMUM_THREADS),
    )
    if writing == SHIFTED and not tiles.shifts:
        writing = KEPT
    bias, bias_step = call.bias, 0
    levels: Array | None = None
    if precision is Precision.ORDERED:
        found = levels_and_biases(shape, x, call.weight, bias)
        if found is not None:
            levels, bias = found
            bias_step = shape.out_channels
    if (
        is_whole
        and levels is None
        and precision is not Precision.FLOAT64
        and writing != SHIFTED  # that takes whole rows of a filter, one after the other
        and pixels.suits(shape)
        and pixels.conv2d(shape, tiles.chunk, x, call.weight, bias, call.out, writing, call.cancel)
    ):
        return
    memory = scratch(tiles.scratch_floats, tiles.items)
    out = address_of(call.out)
    words = (
        address_of(x),
        address_of(call.weight),
        address_of(bias),
        out,
        memory.address,
        memory.size,
        tiles.address,
        tiles.no_shift if levels is None else address_of(levels),
        bias_step,
        0 if base is None else 1,
        writing,
        0 if levels is None else 1,
        0 if base is None else address_of(base) - out,
        multiply.address,
        _unread_address,
        gather_planes.address,
    )
    runner.run(_convolve, tiles.items, array("q", words), call.cancel, memory.workers)


@lru_cache(maxsize=512)
def _way(shape: Shape) -> ModuleType | None:
    """One of Winograd's, where it suits."""
    return next((way for way in (winograd, winograd_rows) if way.suits(shape)), None)
