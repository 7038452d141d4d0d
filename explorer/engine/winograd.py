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
value is not finite or very large, nothing here counts and the caller takes another way.

Source: Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks" (2016).
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from explorer.engine import aligned
from explorer.engine.arguments import Array
from explorer.engine.gathering import Axis, Gathering, gather
from explorer.engine.microkernel import multiply_matrix
from explorer.engine.shape import Shape
from explorer.engine.tiles import Integers, best_block
from explorer.engine.winograd_transforms import LARGEST, transform_input, transform_output
from explorer.jit import CancelFlag, runner
from explorer.jit.compiler import MAXIMUM_THREADS, VECTOR, floats, inline, integer, operation
from explorer.jit.scratch import scratch
from explorer.jit.threads import threads

_LEAST_CHANNELS = 8
_LEAST_KERNELS = 256  # input times output channels; below, the transforms cost more than they save
_LEAST_PRODUCTS = 10_000_000  # of the definition
_MOST_CHANNELS = 256  # more would not fit the cache
_LEAST_ROWS, _LEAST_COLUMNS = 6, 24
_INPUT_FLOATS = 160 << 10  # of the transformed input of a work item: 640 KB
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


@inline
def _odd(floats: int) -> int:
    """At least so many, and an odd number of vectors: multiples of it fall into different sets of the cache."""
    return (-(-floats // VECTOR) | 1) * VECTOR


@operation
def _winograd(item: int, worker: int, arguments: int) -> None:
    memory = integer(arguments, 4) + 4 * worker * integer(arguments, 5)
    plan, spoiled = integer(arguments, 6), integer(arguments, 7)
    streamed = integer(arguments, 8)
    channels, filters = integer(plan, 0), integer(plan, 1)
    out_height, out_width = integer(plan, 2), integer(plan, 3)
    bands, band_rows = integer(plan, 4), integer(plan, 5)
    stretches, stretch_columns = integer(plan, 6), integer(plan, 7)
    pitch, place = integer(plan, 8), integer(plan, 9)
    block_filters, block_vectors = integer(plan, 10), integer(plan, 11)
    gathering, patch, column, zeros = (
        integer(plan, 12),
        integer(plan, 13),
        integer(plan, 14),
        integer(plan, 15),
    )

    stretch = item % stretches
    band = (item // stretches) % bands
    image = item // (stretches * bands)
    y0, x0 = band * band_rows, stretch * stretch_columns  # in tiles
    rows = min(band_rows, (out_height + 3) // 4 - y0)
    columns = min(stretch_columns, (out_width + 3) // 4 - x0)
    tiles = rows * columns

    transformed = memory + 4 * integer(plan, 16)
    step, product_step, kernel_step = integer(plan, 17), integer(plan, 18), _odd(filters * channels)
    for c in range(channels):
        gather(
            gathering,
            integer(arguments, 0),
            image * channels + c,
            1,
            y0,
            x0,
            rows + 1,
            columns + 1,
            memory,
            zeros,
        )
        for ty in range(rows):
            for tx in range(0, columns, VECTOR):
                target = transformed + 4 * (c * place + ty * columns + tx)
                transform_input(memory + 4 * (ty * pitch + tx), patch, target, step, columns - tx, spoiled)
    if integer(spoiled, 0) != 0:
        return

    products = transformed + _POINTS * step
    plane = 4 * out_height * out_width
    for o in range(0, filters, block_filters):
        count = min(block_filters, filters - o)
        for k in range(_POINTS):
            for t in range(0, tiles, block_vectors * VECTOR):
                for c in range(0, channels, _CHAIN):
                    multiply_matrix(
                        transformed + k * step + 4 * (c * place + t),
                        column,
                        min(_CHAIN, channels - c),
                        integer(arguments, 1) + 4 * (k * kernel_step + o * channels + c),
                        4 * channels,
                        zeros,
                        products + k * product_step + 4 * t,
                        4 * place,
                        1 if c > 0 else 0,
                        count,
                        min(block_vectors, (tiles - t + VECTOR - 1) // VECTOR),
                    )
        for f in range(count):
            out = integer(arguments, 3) + (image * filters + o + f) * plane
            for ty in range(rows):
                for tx in range(0, columns, VECTOR):
                    y, x = 4 * (y0 + ty), 4 * (x0 + tx)
                    height, width = min(4, out_height - y), min(4 * VECTOR, out_width - x, 4 * (columns - tx))
                    transform_output(
                        products + 4 * (f * place + ty * columns + tx),
                        product_step,
                        integer(arguments, 2) + 4 * (o + f),
                        out + 4 * (y * out_width + x),
                        4 * out_width,
                        height,
                        width,
                        streamed if height == 4 and width == 4 * VECTOR else 0,
                    )


@dataclass(frozen=True, eq=False)
class _Plan:
    items: int
    scratch_floats: int
    words: Integers
    kept: tuple[object, ...]


@lru_cache(maxsize=64)
def _plan(shape: Shape, workers: int) -> _Plan:
    tiles_y, tiles_x = -(-shape.out_height // _TILE), -(-shape.out_width // _TILE)
    most = max(VECTOR, _INPUT_FLOATS // (_POINTS * shape.in_channels))
    most = min(most, max(2 * VECTOR, shape.images * tiles_y * tiles_x // (workers * _ITEMS)))
    stretch, band = min(_cuts(tiles_y, tiles_x, most))[1:]
    stretches, bands = -(-tiles_x // stretch), -(-tiles_y // band)
    band = -(-tiles_y // bands)
    place = _odd(band * stretch + VECTOR - 1)
    block = best_block(shape.out_channels, 1, band * stretch, False)

    axis = Axis.of(_PATCH, _TILE, 1)
    size, padding = (shape.height, shape.width), shape.padding
    gathering = Gathering(size, (_TILE, _TILE), padding, axis, axis, band, stretch, 1)
    step, product_step = _odd(shape.in_channels * place), _odd(block.filters * place)
    start = -(-gathering.scratch_floats // VECTOR) * VECTOR
    column = (4 * place * np.arange(shape.in_channels)).astype(np.int32)
    zeros = np.zeros(max(VECTOR, shape.images * shape.in_channels), np.float32)
    kept = (gathering.words, gathering.offsets, column, zeros)
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
        *(start, 4 * step, 4 * product_step),
    )
    return _Plan(
        items=shape.images * bands * stretches,
        scratch_floats=start + _POINTS * (step + product_step) + VECTOR,
        words=np.array(words, np.int64),
        kept=(gathering, *kept),
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
    shape: Shape, x: Array, weight: Array, bias: Array, out: Array, streamed: int, cancel: CancelFlag | None
) -> bool:
    """Fill ``out``; False where the input is not finite or too large, and nothing useful was written."""
    kernels = _transformed(weight)
    if kernels is None:
        return False
    plan = _plan(shape, min(threads.count, MAXIMUM_THREADS))
    memory = scratch(plan.scratch_floats, plan.items)
    spoiled = np.zeros(1, np.int64)
    arguments = (x, kernels, bias, out, memory.address, memory.size, plan.words, spoiled, streamed)
    runner.run(_winograd, plan.items, arguments, cancel, memory.workers)
    return not spoiled[0]


@operation
def _transform(item: int, worker: int, arguments: int) -> None:
    """G g G' for all kernels of one filter, summed in float64."""
    filters, channels = integer(arguments, 2), integer(arguments, 3)
    size = _odd(filters * channels)
    for c in range(channels):
        g = floats(integer(arguments, 0), 9 * (item * channels + c), 9)
        left, middle, right = _points(g[0], g[3], g[6]), _points(g[1], g[4], g[7]), _points(g[2], g[5], g[8])
        place = floats(integer(arguments, 1), item * channels + c, (_POINTS - 1) * size + 1)
        for i in range(_PATCH):
            row = _points(left[i], middle[i], right[i])
            for j in range(_PATCH):
                place[(_PATCH * i + j) * size] = row[j]


@inline
def _points(a: float, b: float, c: float) -> Any:
    """The polynomial a + b t + c t^2 at 0, 1, -1, 2, -2 and infinity, with the factors of Lavin and Gray."""
    first, second, third = np.float64(a), np.float64(b), np.float64(c)
    even, odd = (first + third) / 6, second / 6
    far_even, far_odd = (first + 4 * third) / 24, second / 12
    return first / 4, -even - odd, odd - even, far_even + far_odd, far_even - far_odd, third


_known: dict[int, tuple[weakref.ref[Array], Array]] = {}


def _transformed(weight: Array) -> Array | None:
    """The transformed kernels, remembered for arrays that nobody can change; None where one is too large."""
    key = id(weight)
    known = _known.get(key)
    if known is not None and known[0]() is weight:
        if not weight.flags.writeable:
            return known[1]
        _known.pop(key, None)  # its owner allowed writing again
    filters, channels = weight.shape[:2]
    kernels = aligned.empty((_POINTS, _odd(filters * channels)))
    runner.run(_transform, filters, (weight, kernels, filters, channels))
    if not np.abs(kernels[:, : filters * channels]).max() < LARGEST:
        return None
    if not weight.flags.writeable and (weight.base is None or not _is_writable(weight.base)):
        _known[key] = (weakref.ref(weight, lambda _: _known.pop(key, None)), kernels)
    return kernels


def _is_writable(base: object) -> bool:
    return not isinstance(base, np.ndarray) or base.flags.writeable
