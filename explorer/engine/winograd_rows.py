"""Winograd's convolution along the columns of the picture: four output rows by fewer products.

Where F(4x4, 3x3) (:mod:`explorer.engine.winograd`) works on patches, this works on rows. Of the rows that four
neighbouring output rows look at, sums are formed once, for all filters; the taps of a kernel that lie above one
another become as many weights. Each of these sums is then convolved along the row, channel by channel, and the
results are combined to four rows of output::

      input rows          sums, one row          products: an ordinary           four rows of output
      of four output      for each point         convolution along the row,
      rows                                       on the register block
      d0 ... d5   --B'-->  v0 ... v5   ---------->  m0 ... m5        --A'-->     y0 ... y3

Where there are few taps, the products stay in registers (:mod:`explorer.engine.points_block`).

Nothing happens within a row, so any kernel width, horizontal stride and dilation will do. Vertically, a stride sorts
the kernel's rows by phase, and the phases' products are added up like channels, where a phase may have one row, and so
one product, less than another. With a dilation, the four output rows lie as far apart. Kernels with more than five
rows are cut into pieces of four, and since pieces are as far apart as groups of output rows, the sums of one group's
second piece are those of the next group's first.

Taps of 3 rows need 6 products for four outputs where the definition needs 12; 4 rows 7 instead of 16; 5 rows 8 instead
of 20. The error is some 1e-6 of the largest output. What is said of values that are not finite or huge in
:mod:`explorer.engine.winograd` holds here too.

Sources: as :mod:`explorer.engine.toom_cook`.
"""

from __future__ import annotations

from functools import partial

from explorer.engine import block_call as word
from explorer.engine.arguments import Array
from explorer.engine.gathering import gather
from explorer.engine.levels import take_levels
from explorer.engine.microkernel import block_number
from explorer.engine.points_block import PAYS as POINTS_PAY
from explorer.engine.points_block import ROWS, TAPS, multiply_points
from explorer.engine.shape import Shape
from explorer.engine.streaming import KEPT, LINE, STRAIGHT, put
from explorer.engine.toom_cook import matrices, multiplied
from explorer.engine.transformed import is_constant, run, transformed
from explorer.engine.winograd_rows_kernels import transform_weights
from explorer.engine.winograd_rows_plan import plan, scheme_of, suits
from explorer.jit import CancelFlag
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
from explorer.jit.threads import threads
from explorer.jit.vector import Emitter, Value, vector_code

__all__ = ["conv2d", "suits"]

_LEAST_PRODUCTS = 2_000_000  # of the definition, where kernels have to be transformed each time


@vector_code
def _transform_input(
    e: Emitter, x: Value, row: Value, target: Value, step: Value, count: Value, taps: Value
) -> None:
    """B' d, for ``count`` columns: point k at target + k * step, from rows of numbers ``row`` bytes apart."""

    def write(size: int) -> None:
        matrix = matrices(ROWS, size).numbers
        with e.loop(0, count, VECTOR) as i:
            at = e.plus(x, e.times(i, 4))
            rows = [e.load(e.plus(at, e.times(row, k))) for k in range(len(matrix))]
            place = e.plus(target, e.times(i, 4))
            for k, value in enumerate(multiplied(e, matrix, rows)):
                e.store(value, e.plus(place, e.times(step, k)))

    e.choose(taps, [(size, partial(write, size)) for size in (1, *TAPS)])


@vector_code
def _transform_output(
    e: Emitter,
    products: Value,
    step: Value,
    bias: Value,
    y: Value,
    y_row: Value,
    rows: Value,
    count: Value,
    streamed: Value,
    taps: Value,
) -> None:
    """A' m + bias of one filter, ``count`` columns of up to four rows, from points ``step`` bytes apart."""

    def write(size: int) -> None:
        matrix = matrices(ROWS, size).sums
        start = e.splat(e.load_number(bias))
        with e.loop(0, count, VECTOR) as i:
            at = e.plus(products, e.times(i, 4))
            points = [e.load(e.plus(at, e.times(step, k))) for k in range(len(matrix[0]))]
            place, left = e.plus(y, e.times(i, 4)), e.minus(count, i)
            for k, value in enumerate(multiplied(e, matrix, points)):
                with e.when(e.below(k, rows)):
                    put(e, e.add(value, start), e.plus(place, e.times(y_row, k)), streamed, left)

    e.choose(taps, [(size, partial(write, size)) for size in TAPS])


@inline
def _first_row(group: int, apart: int) -> int:
    """Of a group of output rows that lie ``apart``: as many groups are interlocked."""
    return group // apart * apart * ROWS + group % apart


@flushing_operation
def _winograd_rows(item: int, worker: int, arguments: int) -> None:
    memory = integer(arguments, 4) + 4 * worker * integer(arguments, 5)
    cut, spoiled, way = integer(arguments, 6), integer(arguments, 7), integer(arguments, 8)
    streamed = 1 if way == STRAIGHT else 0
    in_channels, per_group, filters = integer(cut, 0), integer(cut, 1), integer(cut, 2)
    out_height, out_width, groups = integer(cut, 3), integer(cut, 4), integer(cut, 5)
    bands, band, stretches, stretch = integer(cut, 6), integer(cut, 7), integer(cut, 8), integer(cut, 9)
    pitch, place, rows_read = integer(cut, 10), integer(cut, 11), integer(cut, 12)
    slots_y, slots_x, more = integer(cut, 13), integer(cut, 14), integer(cut, 15)
    apart, size, taps = integer(cut, 16), integer(cut, 17), integer(cut, 18)
    block_filters, block_vectors, is_long = integer(cut, 19), integer(cut, 20), integer(cut, 21) != 0
    gathering, offsets, starts, zeros = (
        integer(cut, 22),
        integer(cut, 23),
        integers(integer(cut, 24), slots_y),
        integer(cut, 25),
    )
    plane, kernel_step = integer(cut, 26), integer(cut, 27)
    transformed, products, step = (
        memory + 4 * integer(cut, 28),
        memory + 4 * integer(cut, 29),
        4 * integer(cut, 30),
    )
    points = ROWS + size - 1
    block = local_words()
    words = integers(block, LOCAL_WORDS)

    stretch_index = item % stretches
    rest = item // stretches
    band_index = rest % bands
    rest //= bands
    group = rest % groups
    image = rest // groups
    y0, x0 = band_index * band * ROWS, stretch_index * stretch
    columns = min(stretch, out_width - x0)
    used = min(band, (out_height - y0 + ROWS * apart - 1) // (ROWS * apart) * apart)
    first_filter, first_channel = group * filters, image * in_channels + group * per_group

    levels, biases = memory + 4 * integer(cut, 32), memory + 4 * integer(cut, 33)
    at_once, weight_sums, full_taps = integer(cut, 34), integer(cut, 35), integer(cut, 36)
    sizes = integers(integer(cut, 37), slots_y)
    take_levels(
        integer(cut, 31),
        integer(arguments, 0),
        first_channel,
        per_group,
        integer(arguments, 1) + 4 * (weight_sums + first_filter * per_group),
        integer(arguments, 2) + 4 * first_filter,
        filters,
        levels,
        biases,
    )
    for c in range(per_group):
        gather(
            integer(arguments, 10),
            gathering,
            integer(arguments, 0),
            first_channel + c,
            1,
            y0,
            x0,
            rows_read - ROWS * (band - used),
            pitch - stretch + columns,
            memory,
            levels - 4 * first_channel,
            spoiled,
        )
        for slot in range(slots_y * slots_x):
            source = memory + 4 * (slot * plane + starts[slot // slots_x] * pitch)
            target = transformed + 4 * (c * slots_y * slots_x + slot) * place
            for q in range(used + more):
                _transform_input(
                    source + 4 * _first_row(q, apart) * pitch,
                    4 * apart * pitch,
                    target + 4 * q * pitch,
                    step,
                    pitch - stretch + columns,
                    sizes[slot // slots_x],
                )
    if integer(spoiled, 0) != 0:
        return

    y_plane = 4 * out_height * out_width
    out = integer(arguments, 3) + (image * groups * filters + first_filter) * y_plane
    if POINTS_PAY and at_once > 0:
        padded = (filters + at_once - 1) // at_once * at_once
        weights = integer(arguments, 1) + 4 * group * padded * taps * points
        for line in range(used):
            y = y0 + _first_row(line, apart)
            rows = min(ROWS, (out_height - y + apart - 1) // apart)
            if rows <= 0:  # of interlocked groups the last may be empty
                continue
            for o in range(0, filters, at_once):
                multiply_points(
                    transformed + 4 * line * pitch,
                    step,
                    offsets,
                    full_taps,
                    taps,
                    weights + 4 * o * taps * points,
                    size,
                    min(at_once, filters - o),
                    biases + 4 * o,
                    out + o * y_plane + 4 * (y * out_width + x0),
                    y_plane,
                    4 * apart * out_width,
                    rows,
                    columns,
                    way if VECTOR == LINE else KEPT,
                    memory + 4 * integer(cut, 38),
                )
        return

    width = block_vectors * VECTOR
    product_step = 4 * block_filters * width
    words[word.BIAS], words[word.LAST], words[word.STREAMED], words[word.OFFSETS] = zeros, VECTOR, 0, offsets
    words[word.X_ROW], words[word.Y_ROW], words[word.OLD], words[word.ADDED] = 0, 0, 0, 0
    words[word.WEIGHT_FILTER], words[word.Y_FILTER] = 4 * taps, 4 * width
    words[word.X_TURN], words[word.WEIGHT_TURN], words[word.Y_TURN] = step, 4 * kernel_step, product_step
    words[word.BIAS_TURN] = 0
    common = points if full_taps == taps else points - 1  # that all taps have
    lines, length = (1, (used - 1) * pitch + columns) if is_long else (used, columns)
    for o in range(0, filters, block_filters):
        count = min(block_filters, filters - o)
        for line in range(lines):
            for x in range(0, length, width):
                vectors = min(block_vectors, (length - x + VECTOR - 1) // VECTOR)
                words[word.NUMBER] = block_number(count, 1, vectors, 0)
                words[word.X] = transformed + 4 * (line * pitch + x)
                words[word.WEIGHT] = integer(arguments, 1) + 4 * (first_filter + o) * taps
                words[word.Y] = products
                words[word.TURNS], words[word.TAPS] = common, taps
                call_at(integer(arguments, 9), 0, 0, block)
                if common < points:
                    words[word.TURNS], words[word.TAPS] = 1, full_taps
                    words[word.X] += common * step
                    words[word.WEIGHT] += 4 * common * kernel_step
                    words[word.Y] += common * product_step
                    call_at(integer(arguments, 9), 0, 0, block)
                start, end = x, min(length, x + width)
                while start < end:  # a piece of one line
                    q = start // pitch if is_long else line
                    column = start - q * pitch if is_long else start
                    piece = min(pitch - column, end - start) if is_long else end - start
                    y = y0 + _first_row(q, apart)
                    rows = min(ROWS, (out_height - y + apart - 1) // apart)
                    if column < columns and rows > 0:
                        wide = min(piece, columns - column)
                        for f in range(count):
                            _transform_output(
                                products + 4 * (f * width + start - x),
                                product_step,
                                biases + 4 * (o + f),
                                out + (o + f) * y_plane + 4 * (y * out_width + x0 + column),
                                4 * apart * out_width,
                                rows,
                                wide,
                                streamed if wide % VECTOR == 0 and not is_long else 0,
                                size,
                            )
                    start += piece


def conv2d(
    shape: Shape, x: Array, weight: Array, bias: Array, out: Array, writing: int, cancel: CancelFlag | None
) -> bool:
    """Fill ``out``; False where this is not the way after all, and nothing useful was written.

    So it is where the input is not finite or too large, and for small pictures under kernels that may change and so
    are transformed at each call.
    """
    scheme = scheme_of(shape)
    assert scheme is not None
    if shape.out_channels * shape.products < _LEAST_PRODUCTS and not is_constant(weight):
        return False
    cut = plan(shape, min(threads.count, MAXIMUM_THREADS))
    way = scheme, shape.groups, cut.at_once
    kernels = transformed(weight, way, partial(transform_weights, *way))
    if kernels is None:
        return False
    return run(_winograd_rows, cut, x, kernels, bias, out, writing, cancel)
