"""The kernels of :mod:`explorer.engine.winograd_rows`, taken apart into points.

Points are formed of the rows of a piece, for all columns of a kernel side by side. A kernel has few columns, so most of
a vector lies beyond them; what is written there, what follows is written over it. Nothing goes beyond a filter's last
tap. The last point of shorter pieces is not defined, for nobody reads it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np

from explorer.engine import aligned
from explorer.engine.arguments import Array
from explorer.engine.points_block import ROWS, TAPS
from explorer.engine.tiles import Integers
from explorer.engine.toom_cook import matrices, multiplied
from explorer.engine.transformed import sum_of
from explorer.engine.winograd_rows_plan import Scheme, kernel_sizes
from explorer.jit import runner
from explorer.jit.compiler import VECTOR, floats, integer, operation
from explorer.jit.vector import Emitter, Value, vector_code


def transform_weights(scheme: Scheme, groups: int, at_once: int, weight: Array) -> Array:
    """The points of all weights; then, for each group, the sums of its kernels (Cin / groups, Cout / groups).

    A filter has Cin / groups * pieces * Kw taps. The points lie as (points, Cout, taps), each point's at a multiple of
    whole vectors, or where filters are computed ``at_once``, as (blocks of so many, taps, points, filters).
    """
    filters, channels, rows, columns = weight.shape
    layout = _layout(scheme, groups, at_once, filters, channels * columns)
    kernels = aligned.empty((layout.floats + filters * channels,))
    points = aligned.empty((scheme.points * layout.step,)) if at_once else kernels
    if filters // groups % max(at_once, 1):
        kernels[: layout.floats] = 0  # there are blocks with room for more filters
    sizes = channels, rows, columns, filters // groups, layout.floats, layout.step, scheme.points, at_once
    runner.run(_transform, filters, (weight, kernels, points, layout.pieces, len(layout.pieces), *sizes))
    return kernels


@dataclass(frozen=True, eq=False)
class _Layout:
    """How many numbers all points take, and from one to the next; for each piece how many rows it has, and which."""

    floats: int
    step: int
    pieces: Integers


@lru_cache(maxsize=64)
def _layout(scheme: Scheme, groups: int, at_once: int, filters: int, kernel_columns: int) -> _Layout:
    pieces = np.full((len(scheme.pieces), 1 + max(TAPS)), -1)
    for line, piece in zip(pieces, scheme.pieces, strict=True):
        line[0], line[1 : 1 + len(piece.rows)] = len(piece.rows), piece.rows
    return _Layout(*kernel_sizes(scheme, groups, at_once, filters, kernel_columns * len(pieces)), pieces)


@vector_code
def _transform_columns(
    e: Emitter,
    kernel: Value,
    row_bytes: Value,
    piece: Value,
    count: Value,
    target: Value,
    step: Value,
    left: Value,
) -> None:
    """G g for ``count`` columns, a vector at most: point k at target + k * step, with room for ``left`` numbers.

    ``piece`` is the address of its line in the layout.
    """

    def write(size: int) -> None:
        rows = []
        for index in range(size):
            row = e.load_word(piece, 8 * (1 + index))
            there = e.select(e.below(row, 0), e.word(0), count)
            rows.append(e.load_first(e.plus(kernel, e.times(row, row_bytes)), there, e.zero()))
        for k, value in enumerate(multiplied(e, matrices(ROWS, size).weights, rows)):
            e.store_first(value, e.plus(target, e.times(step, k)), left)

    e.choose(e.load_word(piece), [(size, partial(write, size)) for size in (1, *TAPS)])


@operation
def _transform(item: int, worker: int, arguments: int) -> None:
    """All kernels of one filter."""
    pieces, channels, rows, columns = (
        integer(arguments, 4),
        integer(arguments, 5),
        integer(arguments, 6),
        integer(arguments, 7),
    )
    own, all_points, step = integer(arguments, 8), integer(arguments, 9), integer(arguments, 10)
    points, at_once = integer(arguments, 11), integer(arguments, 12)
    kernel_bytes, taps = 4 * rows * columns, channels * columns * pieces
    weights = integer(arguments, 0) + item * channels * kernel_bytes
    target, left = integer(arguments, 2) + 4 * item * taps, taps
    for piece in range(pieces):
        for c in range(channels):
            for x in range(0, columns, VECTOR):
                count = min(VECTOR, columns - x)
                _transform_columns(
                    weights + c * kernel_bytes + 4 * x,
                    4 * columns,
                    integer(arguments, 3) + 8 * piece * (1 + max(TAPS)),
                    count,
                    target,
                    4 * step,
                    left,
                )
                target += 4 * count
                left -= count
    group, place = item // own, item % own
    if at_once > 0:
        blocks = (own + at_once - 1) // at_once
        start = (group * blocks + place // at_once) * at_once * taps * points + place % at_once
        source = floats(integer(arguments, 2), item * taps, (points - 1) * step + taps)
        placed = floats(integer(arguments, 1), start, (taps * points - 1) * at_once + 1)
        for tap in range(taps):
            for k in range(points):
                placed[(tap * points + k) * at_once] = source[k * step + tap]
    sums = floats(
        integer(arguments, 1), all_points + group * own * channels + place, (channels - 1) * own + 1
    )
    for c in range(channels):
        sums[c * own] = sum_of(floats(weights + c * kernel_bytes, 0, rows * columns))
