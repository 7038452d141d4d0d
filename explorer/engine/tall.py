"""A block of many output rows of one filter, for convolutions that have few filters to a picture or a group.

With one filter there is nothing to share a loaded vector with but the neighbouring output rows: an input row that is
the second under one window is the first under the next. So the taps of a kernel that lie above one another, a
*column*, are done together, and each vector that is loaded feeds as many output rows as the column has taps::

      input row        output rows of the block        a column of three taps, w0 above w1 above w2
          0            w0 -> 0
          1            w1 -> 0   w0 -> 1
          2            w2 -> 0   w1 -> 1   w0 -> 2
          3                      w2 -> 1   w1 -> 2   w0 -> 3
         ...

With a dilation, the rows of a block are not neighbours, but as far from each other as the taps.

Taps are therefore not added in the order of :mod:`explorer.engine.microkernel`.
"""

from __future__ import annotations

from functools import partial

import numpy as np
import numpy.typing as npt

from explorer.engine.gathering import Axis
from explorer.engine.microkernel import write_results
from explorer.jit.compiler import FEW_REGISTERS
from explorer.jit.vector import BYTES, Emitter, Value, Variable, vector_code

ROWS = 4 if FEW_REGISTERS else 8
VECTORS = 2
_MOST_TAPS = 5  # of a column; a longer one is cut
_CHAIN = 128  # columns that are summed before they are added to the output
_WORDS = 4  # int32 numbers of a column


def columns(
    offsets: npt.NDArray[np.int32], y: Axis, kernel_size: tuple[int, int], apart: int
) -> npt.NDArray[np.int32]:
    """The columns of all taps: (offset of the first tap's input, of its weight, from weight to weight, taps).

    All but the last in bytes; ``offsets`` are those of the taps, channel by channel, row by row. The rows of a block
    are ``apart`` rows from each other.
    """
    rows, width = kernel_size
    found = []
    for ky in _cut(y, apart):
        step = (ky[1] - ky[0]) * width if len(ky) > 1 else 0
        for kx in range(width):
            found.append((ky[0] * width + kx, 4 * step, len(ky)))
    taps, steps, lengths = np.array(found).T
    first = (np.arange(len(offsets) // (rows * width))[:, np.newaxis] * rows * width + taps).ravel()
    channels = len(first) // len(taps)
    table = [offsets[first], 4 * first, np.tile(steps, channels), np.tile(lengths, channels)]
    return np.ascontiguousarray(np.stack(table, axis=1).astype(np.int32))


def _cut(y: Axis, apart: int) -> list[list[int]]:
    """Kernel rows whose inputs lie above one another, as far apart as the rows of a block, in even pieces."""
    runs: list[list[int]] = []
    for slot in range(len(y.phases)):
        for k in (k for k in range(len(y.slots)) if y.slots[k] == slot):
            last = runs[-1] if runs else []
            follows = last and y.slots[last[-1]] == slot and y.steps[k] == y.steps[last[-1]] + apart
            even = len(last) < 2 or k - last[-1] == last[-1] - last[-2]
            if follows and even:
                last.append(k)
            else:
                runs.append([k])
    pieces = (np.array_split(run, -(-len(run) // _MOST_TAPS)) for run in runs)
    return [piece.tolist() for run in pieces for piece in run]


@vector_code
def multiply_tall(
    e: Emitter,
    x: Value,
    x_row: Value,
    table: Value,
    count: Value,
    weight: Value,
    bias: Value,
    y: Value,
    y_row: Value,
    last: Value,
    streamed: Value,
    vectors: Value,
) -> None:
    """Compute ``ROWS`` rows times ``vectors`` vectors: bias + sum over ``count`` columns.

    Of the last vector of each row ``last`` numbers are written. ``streamed`` writes past the cache; rows must then
    begin at whole vectors and be whole.
    """

    def write(wide: int) -> None:
        start = e.splat(e.load_number(bias))
        sums = [[e.variable(start) for _ in range(wide)] for _ in range(ROWS)]
        with e.loop(0, count, _CHAIN) as first:
            is_first = e.equal(first, 0)
            for total in (total for row in sums for total in row):
                total.set(e.select(is_first, start, e.zero()))
            with e.loop(first, e.smaller(e.plus(first, _CHAIN), count)) as column:
                _add_column(e, sums, x, x_row, weight, e.plus(table, e.times(column, 4 * _WORDS)))
            results = [
                (e.plus(y, e.plus(e.times(y_row, r), v * BYTES)), total.get(), v == wide - 1)
                for r, row in enumerate(sums)
                for v, total in enumerate(row)
            ]
            is_only = e.below(count, _CHAIN + 1)
            way = e.select(e.both(is_only, e.equal(streamed, 1)), e.word(3), e.word(1))
            write_results(e, e.select(is_first, way, e.word(0)), last, e.word(0), results)

    e.choose(vectors, [(wide, partial(write, wide)) for wide in range(1, VECTORS + 1)])


def _add_column(
    e: Emitter, sums: list[list[Variable]], x: Value, x_row: Value, weight: Value, at: Value
) -> None:
    source, first, step = (e.load_offset(at, 4 * word) for word in range(3))
    top, weights = e.plus(x, source), e.plus(weight, first)

    def add(taps: int) -> None:
        splats = [e.splat(e.load_number(e.plus(weights, e.times(step, k)))) for k in range(taps)]
        for j in range(ROWS + taps - 1):
            row = e.plus(top, e.times(x_row, j))
            for v in range(len(sums[0])):
                value = e.load(row, v * BYTES)
                for k in range(taps):
                    if 0 <= j - k < ROWS:
                        total = sums[j - k][v]
                        total.set(e.fma(splats[k], value, total.get()))

    e.choose(e.load_offset(at, 12), [(taps, partial(add, taps)) for taps in range(1, _MOST_TAPS + 1)])
