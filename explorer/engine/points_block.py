"""A register block for sums of few taps: all points of :mod:`explorer.engine.winograd_rows` at once.

The block of :mod:`explorer.engine.microkernel` computes point by point, stores what it has, and the points are read
again to become rows of output. With few taps that takes as long as the products. Here the points of one vector of
columns stay in registers until they are four rows::

                       points
                   +--------+--------+ ... +--------+
      filter 0     | acc00  | acc01  |     | acc05  |  --A'-->  y0 ... y3      for every tap t:
         ...       |        |        |     |        |                              xk = the vector of point k
      filter 3     | acc30  | acc31  |     | acc35  |  --A'-->  y0 ... y3          acc[f][k] += w[t][k][f] * xk
                   +--------+--------+ ... +--------+

A weight serves one multiply-add only, which reads it in place where the processor can. So weights lie in the order in
which they are wanted: tap by tap, point by point, filter by filter.
"""

from __future__ import annotations

import itertools
from functools import partial

from explorer.engine.streaming import KEPT, SHIFTED, STRAIGHT, Row
from explorer.engine.toom_cook import matrices, multiplied
from explorer.jit.compiler import FEW_REGISTERS, REGISTERS, VECTOR
from explorer.jit.vector import BYTES, Emitter, Value, vector_code

PAYS = not FEW_REGISTERS
"""Whether the registers hold enough filters: of two, each product needs a load of its own."""
ROWS = 4
"""Of output that are computed together."""
TAPS = (2, 3, 4, 5)
"""Kernel rows that are done together, at most."""
_MOST_FILTERS = 4  # of a larger block, layers of 4, 8, 16, ... filters would leave a part unused


def filters_at_once(size: int) -> int:
    """That the registers hold, beside a vector of input and a weight, for ``size`` kernel rows."""
    return min(_MOST_FILTERS, (REGISTERS - 3) // (ROWS + size - 1))


@vector_code
def multiply_points(
    e: Emitter,
    x: Value,
    step: Value,
    offsets: Value,
    full: Value,
    taps: Value,
    weights: Value,
    size: Value,
    filters: Value,
    bias: Value,
    y: Value,
    y_filter: Value,
    y_row: Value,
    rows: Value,
    columns: Value,
    way: Value,
    kept: Value,
) -> None:
    """Up to four rows of ``columns`` outputs, for as many filters as are done at once, or the first of them.

    Point k of a tap lies at x + offset + k * step. The first ``full`` of the taps have all points, the others lack the
    last. Rows of output are ``y_row``, filters ``y_filter`` bytes apart; they are written in one of the ways
    of :mod:`explorer.engine.streaming`, which may use ``kept``.
    """

    def put(lines: list[Row], values: list[Value], known: int, i: Value) -> None:
        for r, value in enumerate(values):
            with e.when(e.below(r, rows)):
                lines[r].put(known, value, i)

    def write(own: int) -> None:
        at_once, points = filters_at_once(own), ROWS + own - 1
        places = [(f, k) for f in range(at_once) for k in range(points)]
        starts = [e.splat(e.load_number(bias, 4 * f)) for f in range(at_once)]
        sums = {place: e.variable(e.zero()) for place in places}
        lines = [
            [_row(e, y, y_filter, y_row, columns, kept, f, r) for r in range(ROWS)] for f in range(at_once)
        ]
        with e.loop(0, columns, VECTOR) as i:
            for total in sums.values():
                total.set(e.zero())
            here = e.plus(x, e.times(i, 4))
            for first, last, own_points in ((e.word(0), full, points), (full, taps, points - 1)):
                with e.loop(first, last) as tap:
                    source = e.plus(here, e.load_offset(e.plus(offsets, e.times(tap, 4))))
                    weight = e.plus(weights, e.times(tap, 4 * points * at_once))
                    for k in range(own_points):
                        value = e.load(e.plus(source, e.times(step, k)))
                        for f in range(at_once):
                            number = e.splat(e.load_number(weight, 4 * (k * at_once + f)))
                            sums[f, k].set(e.fma(number, value, sums[f, k].get()))
            for f in range(at_once):
                with e.when(e.below(f, filters)):
                    products = [sums[f, k].get() for k in range(points)]
                    sums_of_points = multiplied(e, matrices(ROWS, own).sums, products)
                    values = [e.add(value, starts[f]) for value in sums_of_points]
                    ways = [
                        (known, partial(put, lines[f], values, known, i))
                        for known in (KEPT, STRAIGHT, SHIFTED)
                    ]
                    e.choose(way, ways)
        with e.when(e.equal(way, SHIFTED)):
            for f, r in itertools.product(range(at_once), range(ROWS)):
                with e.when(e.both(e.below(f, filters), e.below(r, rows))):
                    lines[f][r].end()

    e.choose(size, [(own, partial(write, own)) for own in TAPS])


def _row(
    e: Emitter, y: Value, y_filter: Value, y_row: Value, columns: Value, kept: Value, f: int, r: int
) -> Row:
    place = e.plus(y, e.plus(e.times(y_filter, f), e.times(y_row, r)))
    return Row(e, place, columns, e.plus(kept, (f * ROWS + r) * BYTES))
