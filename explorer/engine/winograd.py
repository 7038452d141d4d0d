"""Winograd's convolution F(4x4, 3x3): 36 products where 144 would be needed.

A 6x6 patch of input and a 3x3 kernel are each turned into 36 numbers. Multiplied one by one, summed over the
channels, and turned back, they are a tile of 4x4 outputs::

      input patch 6x6  --B'dB-->  36 numbers  \\
                                               x, summed over channels  --A'mA-->  4x4 outputs
      kernel 3x3       --GgG'-->  36 numbers  /

The sums over channels are 36 matrix products, filters times channels by channels times tiles, and run on the register
block of direct convolution. One work item is a band of rows of tiles times a stretch of tiles side by side, as many
as leave the transformed input in the second-level cache::

      gathered input            transformed, (36, channels, tiles)      products, (36, some filters, tiles)

The error is some 1e-6 of the largest output, and one infinite pixel would spoil all outputs of its tiles. So where a
value is not finite or very large, which gathering notices, nothing here counts and the caller takes another way.

Source: Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks" (2016).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import numpy as np

from explorer.engine import aligned
from explorer.engine import block_call as word
from explorer.engine.arguments import Array
from explorer.engine.gathering import Axis, Gathering, gather
from explorer.engine.levels import samples_of, take_levels
from explorer.engine.microkernel import block_number
from explorer.engine.shape import Shape
from explorer.engine.streaming import STRAIGHT
from explorer.engine.tiles import best_block
from explorer.engine.transformed import Plan, odd_size, run, sum_of, transformed
from explorer.engine.winograd_transforms import transform_input, transform_kernels, transform_output
from explorer.jit import CancelFlag, runner
from explorer.jit.compiler import (
    FEW_REGISTERS,
    LOCAL_WORDS,
    MAXIMUM_THREADS,
    VECTOR,
    call_at,
    floats,
    flushing_operation,
    integer,
    integers,
    local_words,
    operation,
)
from explorer.jit.threads import threads

_LEAST_CHANNELS = 8
_LEAST_KERNELS = 256  # input times output channels; below, the transforms cost more than they save
_LEAST_PRODUCTS = 10_000_000  # of the definition
_MOST_CHANNELS = 256  # of more, too few tiles would fit the cache
_LEAST_ROWS, _LEAST_COLUMNS = 6, 24
_INPUT_FLOATS = 40 << 10 if FEW_REGISTERS else 160 << 10  # of the transformed input of a work item ...
_LEAST_TILES = 16  # ... unless these need more: blocks should be full, and kernels read seldom
_CACHE_FLOATS = 176 << 10  # of that and the transformed kernels, where it leaves room for enough tiles
_ENOUGH_TILES = 64
_PRODUCT_TILES = 96  # whose products are kept before they are turned back, if one line does not have more
_ITEMS = 6  # per thread at least
_CHAIN = 32  # channels summed in one go: short, for the way back enlarges rounding errors
_TILE, _PATCH, _POINTS = 4, 6, 36


def suits(shape: Shape) -> bool:
    """Whether this is the faster way for all filters, finite values taken for granted."""
    return (
        shape.kernel_size == (3, 3)
        and _LEAST_CHANNELS <= shape.in_channels <= _MOST_CHANNELS
        and shape.out_channels >= _LEAST_CHANNELS
        and shape.in_channels * shape.out_channels >= _LEAST_KERNELS
        and shape.stride == shape.dilation == (1, 1)
        and shape.groups == 1
        and shape.out_channels * shape.products >= _LEAST_PRODUCTS
        and shape.out_height >= _LEAST_ROWS
        and shape.out_width >= _LEAST_COLUMNS
    )


@flushing_operation
def _winograd(item: int, worker: int, arguments: int) -> None:
    memory = integer(arguments, 4) + 4 * worker * integer(arguments, 5)
    plan, spoiled = integer(arguments, 6), integer(arguments, 7)
    streamed = 1 if integer(arguments, 8) == STRAIGHT else 0
    channels, filters = integer(plan, 0), integer(plan, 1)
    out_height, out_width = integer(plan, 2), integer(plan, 3)
    bands = integer(plan, 4)
    stretches, stretch_columns = integer(plan, 6), integer(plan, 7)
    pitch, place = integer(plan, 8), integer(plan, 9)
    block_filters, block_vectors = integer(plan, 10), integer(plan, 11)
    gathering, column, zeros, patch = (
        integer(plan, 12),
        integer(plan, 13),
        integer(plan, 14),
        integer(plan, 15),
    )

    stretch = item % stretches
    band = (item // stretches) % bands
    image = item // (stretches * bands)
    tiles_y = (out_height + 3) // 4
    y0, x0 = band * tiles_y // bands, stretch * stretch_columns  # in tiles
    rows = (band + 1) * tiles_y // bands - y0
    columns = min(stretch_columns, (out_width + 3) // 4 - x0)

    transformed = memory + 4 * integer(plan, 16)
    step, product_step, kernel_step = integer(plan, 17), integer(plan, 18), integer(plan, 21)
    levels, biases = memory + 4 * integer(plan, 23), memory + 4 * integer(plan, 24)
    take_levels(
        integer(plan, 22),
        integer(arguments, 0),
        image * channels,
        channels,
        integer(arguments, 1) + 4 * _POINTS * kernel_step,
        integer(arguments, 2),
        filters,
        levels,
        biases,
    )
    for c in range(channels):
        gather(
            integer(arguments, 10),
            gathering,
            integer(arguments, 0),
            image * channels + c,
            1,
            y0,
            x0,
            rows + 1,
            columns + 1,
            memory,
            levels - 4 * image * channels,
            spoiled,
        )
        for ty in range(rows):
            for tx in range(0, columns, VECTOR):
                target = transformed + 4 * (c * place + ty * columns + tx)
                transform_input(memory + 4 * (ty * pitch + tx), patch, 4 * pitch, target, step)
    if integer(spoiled, 0) != 0:
        return

    products = transformed + _POINTS * step
    block = local_words()
    words = integers(block, LOCAL_WORDS)
    words[word.BIAS], words[word.LAST], words[word.STREAMED], words[word.OFFSETS] = zeros, VECTOR, 0, column
    words[word.X_ROW], words[word.Y_ROW], words[word.OLD], words[word.BIAS_TURN] = 0, 0, 0, 0
    words[word.TURNS], words[word.X_TURN], words[word.WEIGHT_TURN], words[word.Y_TURN] = (
        _POINTS,
        step,
        4 * kernel_step,
        product_step,
    )
    line_place = integer(plan, 20)
    words[word.WEIGHT_FILTER], words[word.Y_FILTER] = 4 * channels, 4 * line_place
    plane = 4 * out_height * out_width
    lines = integer(plan, 19)
    for o in range(0, filters, block_filters):
        count = min(block_filters, filters - o)
        for line in range(0, rows, lines):
            first, end = line * columns, min(rows, line + lines) * columns
            for t in range(first, end, block_vectors * VECTOR):
                words[word.NUMBER] = block_number(
                    count, 1, min(block_vectors, (end - t + VECTOR - 1) // VECTOR), 0
                )
                words[word.Y] = products + 4 * (t - first)
                for c in range(0, channels, _CHAIN):
                    words[word.X] = transformed + 4 * (c * place + t)
                    words[word.TAPS] = min(_CHAIN, channels - c)
                    words[word.WEIGHT] = integer(arguments, 1) + 4 * (o * channels + c)
                    words[word.ADDED] = 1 if c > 0 else 0
                    call_at(integer(arguments, 9), 0, 0, block)
            for f in range(count):
                out = integer(arguments, 3) + (image * filters + o + f) * plane
                for ty in range(line, min(rows, line + lines)):
                    for tx in range(0, columns, VECTOR):
                        y, x = 4 * (y0 + ty), 4 * (x0 + tx)
                        height = min(4, out_height - y)
                        width = min(4 * VECTOR, out_width - x, 4 * (columns - tx))
                        transform_output(
                            products + 4 * (f * line_place + (ty - line) * columns + tx),
                            product_step,
                            biases + 4 * (o + f),
                            out + 4 * (y * out_width + x),
                            4 * out_width,
                            height,
                            width,
                            streamed if height == 4 and width == 4 * VECTOR else 0,
                        )


@lru_cache(maxsize=64)
def _plan(shape: Shape, workers: int) -> Plan:
    tiles_y, tiles_x = -(-shape.out_height // _TILE), -(-shape.out_width // _TILE)
    per_tile = _POINTS * shape.in_channels
    beside_kernels = (_CACHE_FLOATS - per_tile * shape.out_channels) // per_tile
    most = max(_LEAST_TILES, min(_INPUT_FLOATS // per_tile, max(beside_kernels, _ENOUGH_TILES)))
    most = min(most, max(2 * VECTOR, shape.images * tiles_y * tiles_x // (workers * _ITEMS)))
    stretch, band = min(_cuts(tiles_y, tiles_x, most))[1:]
    stretches, bands = -(-tiles_x // stretch), -(-tiles_y // band)
    most = min(tiles_y, bands + workers)  # as many items for each thread
    bands = next((b for b in range(bands, most) if b * shape.images * stretches % workers == 0), bands)
    band = -(-tiles_y // bands)
    place = odd_size(band * stretch + VECTOR - 1)
    lines = max(1, min(band, _PRODUCT_TILES // stretch))
    block = best_block(shape.out_channels, 1, lines * stretch, False)

    axis = Axis.of(_PATCH, _TILE, 1)
    size, padding = (shape.height, shape.width), shape.padding
    gathering = Gathering(size, (_TILE, _TILE), padding, axis, axis, band, stretch, 1, shape.ahead)
    line_place = odd_size(lines * stretch + VECTOR - 1)
    step, product_step = odd_size(shape.in_channels * place), odd_size(block.filters * line_place)
    start = -(-gathering.floats // VECTOR) * VECTOR
    column = (4 * place * np.arange(shape.in_channels)).astype(np.int32)
    zeros = np.zeros(VECTOR, np.float32)
    samples = samples_of(shape)
    kept = (gathering.words, column, zeros)
    levels = start + _POINTS * (step + product_step) + VECTOR
    words = (
        *(
            shape.in_channels,
            shape.out_channels,
            shape.out_height,
            shape.out_width,
            bands,
            band,
            stretches,
            stretch,
        ),
        *(gathering.pitch, place, block.filters, block.vectors),
        *(array.ctypes.data for array in kept),
        4 * gathering.plane,
        *(
            start,
            4 * step,
            4 * product_step,
            lines,
            line_place,
            odd_size(shape.out_channels * shape.in_channels),
        ),
        *(samples.ctypes.data, levels, levels + shape.in_channels),
    )
    return Plan(
        items=shape.images * bands * stretches,
        scratch_floats=levels + shape.in_channels + shape.out_channels,
        words=np.array(words, np.int64),
        kept=(gathering, samples, *kept),
    )


def _cuts(tiles_y: int, tiles_x: int, most: int) -> Iterator[tuple[float, int, int]]:
    """(cost, columns, rows) of possible work items of at most ``most`` tiles.

    The cost is that of the transforms, per tile: unused numbers in vectors, and rows of input read twice.
    """
    for stretch in {tiles_x, *range(VECTOR, tiles_x, VECTOR)}:
        if stretch <= max(most, VECTOR):
            band = max(1, min(tiles_y, most // stretch))
            vectors = tiles_x // stretch * -(-stretch // VECTOR) + -(-(tiles_x % stretch) // VECTOR)
            yield vectors * VECTOR / tiles_x * (1 + 1 / (2 * band)) * (1 + 1 / (2 * stretch)), stretch, band


def conv2d(
    shape: Shape, x: Array, weight: Array, bias: Array, out: Array, writing: int, cancel: CancelFlag | None
) -> bool:
    """Fill ``out``; False where the input is not finite or too large, and nothing useful was written."""
    kernels = transformed(weight, "F(4x4, 3x3)", _transform_weights)
    if kernels is None:
        return False
    plan = _plan(shape, min(threads.count, MAXIMUM_THREADS))
    return run(_winograd, plan, x, kernels, bias, out, writing, cancel)


def _transform_weights(weight: Array) -> Array:
    """36 times (Cout * Cin), each point's at a multiple of whole vectors; then the sums of the kernels (Cin, Cout)."""
    filters, channels = weight.shape[:2]
    step = odd_size(filters * channels)
    kernels = aligned.empty((_POINTS * step + channels * filters,))
    runner.run(_transform, filters, (weight, kernels, channels, filters, step))
    return kernels


@operation
def _transform(item: int, worker: int, arguments: int) -> None:
    """All kernels of one filter."""
    channels, filters, step = integer(arguments, 2), integer(arguments, 3), integer(arguments, 4)
    kernels = integer(arguments, 0) + 36 * item * channels
    for c in range(0, channels, VECTOR):
        place = integer(arguments, 1) + 4 * (item * channels + c)
        transform_kernels(kernels + 36 * c, place, 4 * step, channels - c)
    sums = floats(integer(arguments, 1), _POINTS * step, channels * filters)
    for c in range(channels):
        sums[c * filters + item] = sum_of(floats(kernels, 9 * c, 9))
