"""The heart of convolution: a block of outputs kept in registers while all taps are added.

A processor can start two multiply-adds on whole vectors in every cycle, but a load for each of them is too much. So a
block of filters times rows times vectors of the output is held in registers, and each tap costs only one load for each
vector of input and one for each filter's weight, for all the multiply-adds between them::

                     vectors of one output row
                   +--------+--------+--------+
      filter 0     | acc00  | acc01  | acc02  |      for every tap t (channel, kernel row, kernel column):
      filter 1     | acc10  | acc11  | acc12  |          xv  = the vectors of input at x + offsets[t]
         ...       |        |        |        |          wf  = weight[f][t], spread over a vector
      filter 7     | acc70  | acc71  | acc72  |          acc[f][v] += wf * xv[v]
                   +--------+--------+--------+

Everything that makes one convolution differ from another, kernel size, dilation, channels, is in the table of
offsets. Where there are too few filters to fill the registers, or the row is too short, the block is ``TALL`` output
rows high. LLVM does not find this form by itself: it keeps one row, not a block, in registers. So the block is written
down as vector code here, once for each (filters, rows, vectors), and LLVM only assigns the registers.

Rounding errors grow with the number of products in one chain, so after ``CHAIN`` taps the block is added to the output
in memory and a new chain begins. Which products form a chain never depends on the block, so neither do the bits.

Sources: Van Zee and van de Geijn, "BLIS" (2015) for the block in registers; Georganas et al., "Anatomy of
High-Performance Deep Learning Convolutions on SIMD Architectures" (2018) for direct convolution by offsets.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache, partial

from explorer.jit.compiler import REGISTERS, VECTOR
from explorer.jit.vector import BYTES, Emitter, Value, Variable, vector_code

CHAIN = 512
TALL = 4
_MOST_FILTERS, _MOST_VECTORS = 8, 4


@dataclass(frozen=True)
class Block:
    """How many filters, output rows and vectors of a row are computed at once; in float64 or not."""

    filters: int
    rows: int
    vectors: int
    doubles: bool = False

    @property
    def wide(self) -> int:
        """Registers for one row of one filter."""
        return 2 * self.vectors if self.doubles else self.vectors

    @property
    def fits(self) -> bool:
        """Whether the registers hold it beside the inputs of a row and weights, of which one can be read in place."""
        if self.rows > 1 and self.vectors > 1:
            return False  # LLVM reorders these until they do not
        return self.filters * self.rows * self.wide + self.wide + 1 <= REGISTERS

    @property
    def cycles(self) -> float:
        """For one tap: its multiply-adds, its loads across two cache lines, or the latency of a multiply-add.

        The numbers were measured; a block that is small does not hide what belongs to the loop.
        """
        inputs = self.rows * self.wide
        return max(self.filters * inputs / 2 + 1.8, 1.25 * inputs + 1.8, self.filters / 4 + 4.7)

    @property
    def number(self) -> int:
        """Which case of the switch."""
        return ((int(self.doubles) * 16 + self.rows) * 16 + self.filters) * 16 + self.vectors


@lru_cache
def blocks(doubles: bool) -> tuple[Block, ...]:
    """All that there is code for."""
    rows_of = (1,) if doubles else (1, TALL)
    every = (
        Block(filters, rows, vectors, doubles)
        for rows in rows_of
        for filters in range(1, (_MOST_FILTERS // 2 if doubles else _MOST_FILTERS) + 1)
        for vectors in range(1, (2 if doubles and filters > 1 else _MOST_VECTORS) + 1)
    )
    return tuple(block for block in every if block.fits)


@dataclass(frozen=True)
class _Call:
    """The arguments of the code below: addresses, distances in bytes, counts."""

    x: Value
    x_row: Value
    offsets: Value
    taps: Value
    weight: Value
    weight_filter: Value
    bias: Value
    y: Value
    y_row: Value
    y_filter: Value
    last: Value
    added: Value
    old: Value
    streamed: Value


@vector_code
def multiply_block(
    e: Emitter,
    x: Value,
    x_row: Value,
    offsets: Value,
    taps: Value,
    weight: Value,
    weight_filter: Value,
    bias: Value,
    y: Value,
    y_row: Value,
    y_filter: Value,
    last: Value,
    added: Value,
    old: Value,
    streamed: Value,
    filters: Value,
    rows: Value,
    vectors: Value,
    doubles: Value,
) -> None:
    """Compute one block: bias + sum of weight * x over the taps, or if ``added`` what lies ``old`` bytes off + that.

    ``offsets`` are int32, in bytes. ``x_row``, ``y_row``, ``weight_filter`` and ``y_filter`` lead from one output row,
    or filter, to the next. Of the last vector of each row ``last`` numbers are written, but all of them are read.
    ``streamed`` writes past the cache; rows must then begin at whole vectors and be whole. ``doubles`` sums in
    float64 and rounds once.
    """
    e.keep_small()
    call = _Call(
        x, x_row, offsets, taps, weight, weight_filter, bias, y, y_row, y_filter, last, added, old, streamed
    )
    number = e.plus(e.times(e.plus(e.times(e.plus(e.times(doubles, 16), rows), 16), filters), 16), vectors)
    every = (*blocks(doubles=False), *blocks(doubles=True))
    e.choose(number, [(block.number, partial(_write, e, call, block)) for block in every])


@vector_code
def multiply_matrix(
    e: Emitter,
    x: Value,
    offsets: Value,
    taps: Value,
    weight: Value,
    weight_filter: Value,
    zeros: Value,
    y: Value,
    y_filter: Value,
    added: Value,
    filters: Value,
    vectors: Value,
) -> None:
    """One block of a product of matrices, of whole vectors: ``multiply_block`` without bias and rows."""
    e.keep_small()
    none, whole = e.word(0), e.word(VECTOR)
    call = _Call(
        x, none, offsets, taps, weight, weight_filter, zeros, y, none, y_filter, whole, added, none, none
    )
    number = e.plus(e.times(e.plus(filters, 16), 16), vectors)
    low = [block for block in blocks(doubles=False) if block.rows == 1]
    e.choose(number, [(block.number, partial(_write, e, call, block)) for block in low])


def _write(e: Emitter, call: _Call, block: Block) -> None:
    """All chains of a block: the first starts from the bias and is stored, later ones start from 0 and are added."""
    biases = [e.splat(_weight(e, block, call.bias, 4 * f)) for f in range(block.filters)]
    sums = {place: e.variable(e.zero(block.doubles)) for place in _places(block)}
    starts_anew = e.equal(call.added, 0)
    with e.loop(0, call.taps, CHAIN) as first:
        is_first = e.both(e.equal(first, 0), starts_anew)
        for place, total in sums.items():
            total.set(e.select(is_first, biases[place[0]], e.zero(block.doubles)))
        with e.loop(first, e.smaller(e.plus(first, CHAIN), call.taps)) as tap:
            _add_tap(e, call, block, sums, tap)
        is_only = e.below(call.taps, CHAIN + 1)
        streamed = e.select(is_only, call.streamed, e.word(0))
        way = e.plus(e.times(streamed, 2), e.select(is_first, e.word(1), e.word(0)))
        old = e.select(e.equal(first, 0), call.old, e.word(0))
        write_results(e, way, call.last, old, list(_results(e, call, block, sums)))


Result = tuple[Value, Value, bool]
"""Where a vector of output goes, what it holds, and whether it is the last of its row."""


def write_results(e: Emitter, way: Value, last: Value, old: Value, results: list[Result]) -> None:
    """Put vectors into the output, and of the last of a row ``last`` numbers, in one of four ways.

    0 and 2 add what lies ``old`` bytes further, 1 and 3 do not; 2 and 3 write whole vectors past the cache.
    """

    def write(is_added: bool, is_streamed: bool) -> None:
        for place, value, is_last in results:
            is_cut = is_last and not is_streamed
            if is_added:
                source = e.plus(place, old)
                before = e.load_first(source, last, e.zero()) if is_cut else e.load(source)
                value = e.add(before, value)
            if is_streamed:
                e.stream(value, place)
            elif is_cut:
                e.store_first(value, place, last)
            else:
                e.store(value, place)

    ways = [(True, False), (False, False), (True, True), (False, True)]
    e.choose(way, [(number, partial(write, *way)) for number, way in enumerate(ways)])


Place = tuple[int, int, int]
"""Filter, row, vector of a block; in float64 there are two of these vectors for each of float32."""


def _places(block: Block) -> Iterator[Place]:
    for f in range(block.filters):
        for r in range(block.rows):
            for v in range(block.wide):
                yield f, r, v


def _add_tap(e: Emitter, call: _Call, block: Block, sums: dict[Place, Variable], tap: Value) -> None:
    at = e.times(tap, 4)
    source = e.plus(call.x, e.load_offset(e.plus(call.offsets, at)))
    weights = e.plus(call.weight, at)
    filters = [e.plus(weights, e.times(call.weight_filter, f)) for f in range(block.filters)]
    splats = [e.splat(_weight(e, block, place)) for place in filters]
    load, step = (e.load_half, BYTES // 2) if block.doubles else (e.load, BYTES)
    for r in range(block.rows):
        row = e.plus(source, e.times(call.x_row, r))
        inputs = [load(row, v * step) for v in range(block.wide)]
        for f in range(block.filters):
            for v, value in enumerate(inputs):
                total = sums[f, r, v]
                total.set(e.fma(splats[f], value, total.get()))


def _weight(e: Emitter, block: Block, address: Value, offset: int = 0) -> Value:
    number = e.load_number(address, offset)
    return e.widen(number) if block.doubles else number


def _results(e: Emitter, call: _Call, block: Block, sums: dict[Place, Variable]) -> Iterator[Result]:
    for f in range(block.filters):
        for r in range(block.rows):
            row = e.plus(call.y, e.plus(e.times(call.y_filter, f), e.times(call.y_row, r)))
            for v in range(block.vectors):
                value = _float_vector(e, block, sums, (f, r, v))
                yield e.plus(row, v * BYTES), value, v == block.vectors - 1


def _float_vector(e: Emitter, block: Block, sums: dict[Place, Variable], place: Place) -> Value:
    if not block.doubles:
        return sums[place].get()
    f, r, v = place
    return e.pair(e.narrow(sums[f, r, 2 * v].get()), e.narrow(sums[f, r, 2 * v + 1].get()))
