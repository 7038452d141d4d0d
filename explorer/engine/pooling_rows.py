"""One row of a pooling's output, in vector instructions.

A window of Kh x Kw is joined (by the largest number, or by a sum) in two steps. First its Kh rows are joined, column by
column, straight from the picture; the result is a *line* as wide as the picture. Then each output joins Kw numbers of
that line, ``stride`` apart from those of its neighbour.

Vectors want neighbours, so a line is taken apart while it is written: with a stride of 3, columns 0 3 6 ... go to a
first *phase*, columns 1 4 7 ... to a second and 2 5 8 ... to a third. All outputs read a tap of their window from one
phase, one number further each, whatever the stride. Each phase has a margin before and behind it, filled once with
what changes nothing (minus infinity, or 0): that is the padding.

Where windows lie side by side, as 2x2 with a stride of 2, no line is needed: a window's columns are taken apart in
registers, joined and written.

Averages are summed in float64, in which the sum of float32 numbers is as good as exact, multiplied by 1 / count, and
rounded once; those of 2x2 in float32.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass

from explorer.engine.pooling_joins import Join, Largest, Pack, ShortSum, Sum
from explorer.engine.streaming import LINE, put
from explorer.jit.compiler import VECTOR
from explorer.jit.vector import BYTES, Emitter, Value, Variable, vector_code

PHASES = 4
"""Largest stride for which a line is taken apart; beyond, it is read number by number."""


TILED = 2
"""The stride of windows that may lie side by side; beyond, they go through a line too."""

_AHEAD = 16 << 10
"""Bytes from what is read to what is called for, to be there in time: no processor follows many rows by itself."""

WIDE = 4
"""How many vectors are computed side by side, so that few instructions wait for the one before."""


def unrolled(stride: int) -> int:
    """How many vectors of outputs that is, where each needs ``stride`` vectors of the picture."""
    return max(1, WIDE // stride)


@dataclass(frozen=True)
class Row:
    """What is known about a row when the program runs: addresses, distances in bytes, counts."""

    stride: Value
    """From one window to the next."""
    apart: Value
    """How many phases the line has; minus the stride where windows lie side by side and there is no line."""
    source: Value
    """The first row under the windows."""
    pitch: Value
    """From there to the next."""
    rows: Value
    """How many there are, at least 1."""
    width: Value
    """Of the picture."""
    full: Value
    """Blocks of vectors that lie wholly in the picture."""
    line: Value
    """Column 0 in the first phase."""
    phase: Value
    """From there to the next phase."""
    taps: Value
    """A table: where in the line, from column 0, the first window finds each of its numbers."""
    count: Value
    """How many those are, at least 1."""
    out: Value
    out_width: Value
    scales: Value
    """What each output is multiplied by, and some more numbers up to a whole vector."""
    streamed: Value
    """Whether outputs are written past the cache; they then are whole vectors that begin on lines."""


def _rows_joined(
    e: Emitter, by: Join, row: Row, column: Value, load: Callable[[Value], list[Pack]]
) -> list[Pack]:
    """What ``load`` loads at a column of the first row, joined with the same of the rows below."""
    start = e.plus(row.source, e.times(column, 4))
    totals = [[e.variable(vector) for vector in pack] for pack in load(start)]
    with e.loop(1, row.rows) as k:
        _join(by, totals, load(e.plus(start, e.times(k, row.pitch))))
    return [[total.get() for total in pack] for pack in totals]


def _join(by: Join, totals: list[list[Variable]], packs: list[Pack]) -> None:
    for variables, pack in zip(totals, packs, strict=True):
        for variable, vector in zip(variables, pack, strict=True):
            variable.set(by.join(vector, variable.get()))


def _inside(e: Emitter, by: Join, vectors: int) -> Callable[[Value], list[Pack]]:
    """Loads so many vectors of the picture."""

    def load(address: Value) -> list[Pack]:
        for line in range(0, vectors * BYTES, 4 * LINE):
            e.prefetch(e.plus(address, _AHEAD + line))
        return [by.load(address, v * BYTES) for v in range(vectors)]

    return load


def _at_the_end(e: Emitter, by: Join, vectors: int, left: Value) -> Callable[[Value], list[Pack]]:
    """Loads so many vectors of the picture, of which only ``left`` numbers are there."""
    return lambda address: [
        by.load_first(e.plus(address, v * BYTES), e.minus(left, v * VECTOR)) for v in range(vectors)
    ]


def _apart(by: Join, packs: list[Pack], stride: int) -> list[list[Pack]]:
    """The phases of each ``stride`` packs."""
    groups = [packs[i : i + stride] for i in range(0, len(packs), stride)]
    if stride == 1:
        return groups
    return [[by.every(group, phase) for phase in range(stride)] for group in groups]


def _line(e: Emitter, by: Join, row: Row, stride: int) -> None:
    """Write the joined rows, taken apart into ``stride`` phases."""

    def block(index: Value, load: Callable[[Value], list[Pack]]) -> None:
        packs = _rows_joined(e, by, row, e.times(index, stride), load)
        for group, phases in enumerate(_apart(by, packs, stride)):
            place = e.plus(row.line, e.times(e.plus(index, group * VECTOR), by.size))
            for pack in phases:
                for half, vector in enumerate(pack):
                    e.store(vector, place, half * BYTES)
                place = e.plus(place, row.phase)

    wide = unrolled(stride)
    with e.loop(0, row.full) as number:
        block(e.times(number, wide * VECTOR), _inside(e, by, wide * stride))
    with e.loop(
        e.times(row.full, wide * VECTOR), e.quotient(e.plus(row.width, stride - 1), stride), VECTOR
    ) as index:
        left = e.minus(row.width, e.times(index, stride))
        block(index, _at_the_end(e, by, stride, left))


def _two_lines(e: Emitter, by: Join, row: Row, next_line: Value) -> None:
    """Write two lines whose windows are one row apart; the rows that both have are joined once."""

    def block(column: Value, load: Callable[[Value], list[Pack]]) -> None:
        start = e.plus(row.source, e.times(column, 4))
        first = load(start)
        second = e.plus(start, row.pitch)
        totals = [[e.variable(vector) for vector in pack] for pack in load(second)]
        with e.loop(1, e.minus(row.rows, 1)) as k:
            _join(by, totals, load(e.plus(second, e.times(k, row.pitch))))
        last = load(e.plus(start, e.times(row.rows, row.pitch)))
        for line, others in ((row.line, first), (next_line, last)):
            for v, (total, other) in enumerate(zip(totals, others, strict=True)):
                place = e.plus(line, e.times(e.plus(column, v * VECTOR), by.size))
                for half, vector in enumerate(other):
                    e.store(by.join(vector, total[half].get()), place, half * BYTES)

    wide = 2
    full = e.quotient(row.width, wide * VECTOR)
    with e.loop(0, full) as number:
        block(e.times(number, wide * VECTOR), _inside(e, by, wide))
    with e.loop(e.times(full, wide * VECTOR), row.width, VECTOR) as column:
        block(column, _at_the_end(e, by, 1, e.minus(row.width, column)))


def _tiled(e: Emitter, by: Join, row: Row, stride: int) -> None:
    """Windows that lie side by side, the first at the first column."""

    def block(o: Value, load: Callable[[Value], list[Pack]]) -> list[Value]:
        packs = []
        for phases in _apart(by, _rows_joined(e, by, row, e.times(o, stride), load), stride):
            packs.append(functools.reduce(lambda a, b: list(map(by.join, a, b)), phases))
        return _finished(e, by, row, o, packs)

    wide = unrolled(stride)
    with e.loop(0, row.full) as number:
        o = e.times(number, wide * VECTOR)
        for v, vector in enumerate(block(o, _inside(e, by, wide * stride))):
            put(e, vector, e.plus(row.out, e.plus(e.times(o, 4), v * BYTES)), row.streamed)
    with e.loop(e.times(row.full, wide * VECTOR), row.out_width, VECTOR) as o:
        left = e.minus(row.width, e.times(o, stride))
        (vector,) = block(o, _at_the_end(e, by, stride, left))
        put(e, vector, e.plus(row.out, e.times(o, 4)), row.streamed, e.minus(row.out_width, o))


def _finished(e: Emitter, by: Join, row: Row, o: Value, packs: list[Pack]) -> list[Value]:
    """The outputs ``o`` and following."""
    scales = e.plus(row.scales, e.times(o, by.size))
    return [by.finish(pack, e.plus(scales, v * VECTOR * by.size)) for v, pack in enumerate(packs)]


def _windows(e: Emitter, by: Join, row: Row) -> None:
    """Join the taps of each window, from a line that is taken apart."""

    def block(o: Value, wide: int) -> list[Value]:
        start = e.plus(row.line, e.times(o, by.size))

        def load(tap: Value) -> list[Pack]:
            place = e.plus(start, e.load_word(row.taps, e.times(tap, 8)))
            return [by.load_line(place, v * VECTOR * by.size) for v in range(wide)]

        totals = [[e.variable(vector) for vector in pack] for pack in load(e.word(0))]
        with e.loop(1, row.count) as tap:
            _join(by, totals, load(tap))
        return _finished(e, by, row, o, [[total.get() for total in pack] for pack in totals])

    full = e.quotient(row.out_width, WIDE * VECTOR)
    with e.loop(0, full) as number:
        o = e.times(number, WIDE * VECTOR)
        for v, vector in enumerate(block(o, WIDE)):
            put(e, vector, e.plus(row.out, e.plus(e.times(o, 4), v * BYTES)), row.streamed)
    with e.loop(e.times(full, WIDE * VECTOR), row.out_width, VECTOR) as o:
        (vector,) = block(o, 1)
        put(e, vector, e.plus(row.out, e.times(o, 4)), row.streamed, e.minus(row.out_width, o))


def _windows_one_by_one(e: Emitter, by: Join, row: Row) -> None:
    """Join the taps of each window, from a line that is not taken apart."""
    with e.loop(0, row.out_width) as o:
        start = e.plus(row.line, e.times(e.times(o, row.stride), by.size))
        total = e.variable(by.load_one(e.plus(start, e.load_word(row.taps))))
        with e.loop(1, row.count) as tap:
            number = by.load_one(e.plus(start, e.load_word(row.taps, e.times(tap, 8))))
            total.set(by.join(number, total.get()))
        result = by.finish_one(total.get(), e.plus(row.scales, e.times(o, by.size)))
        e.store(result, e.plus(row.out, e.times(o, 4)))


def _lines(e: Emitter, by: Join, tiled: Join, row: Row) -> None:
    def line(stride: int) -> Callable[[], None]:
        return lambda: _line(e, by, row, stride)

    cases = [(stride, line(stride)) for stride in range(1, PHASES + 1)]
    cases.append((-TILED, lambda: _tiled(e, tiled, row, TILED)))
    e.choose(row.apart, cases)


def _any_windows(e: Emitter, by: Join, row: Row) -> None:
    whole = e.equal(row.stride, row.apart)
    e.either(whole, lambda: _windows(e, by, row), lambda: _windows_one_by_one(e, by, row))


def _for_both(e: Emitter, mean: Value, write: Callable[[Join], None]) -> None:
    """The code of average pooling, and that of max pooling."""
    e.either(e.equal(mean, 0), lambda: write(Largest(e)), lambda: write(Sum(e)))


@vector_code
def write_line(
    e: Emitter,
    mean: Value,
    apart: Value,
    source: Value,
    pitch: Value,
    rows: Value,
    width: Value,
    full: Value,
    line: Value,
    phase: Value,
    out: Value,
    out_width: Value,
    scales: Value,
    streamed: Value,
) -> None:
    """The joined rows under a row of windows, or their outputs where they lie side by side. See ``Row``."""
    none = e.word(0)
    outputs = out, out_width, scales, streamed
    row = Row(apart, apart, source, pitch, rows, width, full, line, phase, none, none, *outputs)
    e.keep_small()
    e.either(
        e.equal(mean, 0),
        lambda: _lines(e, Largest(e), Largest(e), row),
        lambda: _lines(e, Sum(e), ShortSum(e), row),
    )


@vector_code
def write_two_lines(
    e: Emitter,
    mean: Value,
    source: Value,
    pitch: Value,
    rows: Value,
    width: Value,
    line: Value,
    next_line: Value,
) -> None:
    """The joined rows under two rows of windows, the second one row further down."""
    none = e.word(0)
    row = Row(none, none, source, pitch, rows, width, none, line, *[none] * 7)
    _for_both(e, mean, lambda by: _two_lines(e, by, row, next_line))


@vector_code
def write_windows(
    e: Emitter,
    mean: Value,
    stride: Value,
    apart: Value,
    line: Value,
    taps: Value,
    count: Value,
    out: Value,
    out_width: Value,
    scales: Value,
    streamed: Value,
) -> None:
    """The outputs, from a line."""
    none = e.word(0)
    outputs = out, out_width, scales, streamed
    row = Row(stride, apart, none, none, none, none, none, line, none, taps, count, *outputs)
    _for_both(e, mean, lambda by: _any_windows(e, by, row))


@vector_code
def fill(e: Emitter, mean: Value, address: Value, count: Value) -> None:
    """Write what changes nothing: 0 for a mean, else minus infinity."""
    value = e.select(e.equal(mean, 0), e.constant(float("-inf")), e.zero())
    with e.loop(0, count, VECTOR) as i:
        e.store_first(value, e.plus(address, e.times(i, 4)), e.minus(count, i))
