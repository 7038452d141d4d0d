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
from dataclasses import dataclass, fields, replace
from functools import lru_cache, partial

from explorer.engine.block_call import Call
from explorer.engine.streaming import LINE
from explorer.jit.compiler import FEW_REGISTERS, REGISTERS, VECTOR, inline, operation
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
        """Whether the registers hold it beside the inputs of a row and weights, of which one can be read in place.

        Of one filter, each input is used only once.
        """
        if self.rows > 1 and self.vectors > 1:
            return False  # LLVM reorders these until they do not
        inputs = self.wide if self.filters > 1 else 1
        return self.filters * self.rows * self.wide + inputs + 1 <= REGISTERS

    @property
    def cycles(self) -> float:
        """For one tap: its multiply-adds, its loads across two cache lines, or the latency of a multiply-add.

        The numbers were measured; a block that is small does not hide what belongs to the loop. Short vectors lie
        across lines less often, and then a weight's load counts as much as one of input.
        """
        inputs = self.rows * self.wide
        if VECTOR < LINE:
            return max(self.filters * inputs / 2 + 0.4, (self.filters + 1.25 * inputs) / 2 + 1, 4.2)
        return max(self.filters * inputs / 2 + 1.8, 1.25 * inputs + 1.8, self.filters / 4 + 4.7)

    @property
    def number(self) -> int:
        """Which case of the switch."""
        return _number(self.filters, self.rows, self.vectors, int(self.doubles))


def _number(filters: int, rows: int, vectors: int, doubles: int) -> int:
    return ((doubles * 16 + rows) * 16 + filters) * 16 + vectors


block_number = inline(_number)
"""``Block.number`` for operations."""


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


@operation
def multiply(item: int, worker: int, arguments: int) -> None:
    """Compute one block, or several; ``arguments`` is the address of the words of a :class:`Call`.

    Other operations call it by its address, so the blocks are compiled once for all of them.
    """
    _multiply(arguments)


@vector_code
def _multiply(e: Emitter, words: Value) -> None:
    e.keep_small()
    call = Call(*(e.load_word(words, 8 * index) for index in range(len(fields(Call)))))
    every = (*blocks(doubles=False), *blocks(doubles=True))
    e.choose(call.number, [(block.number, partial(_write, e, call, block)) for block in every])


def _write(e: Emitter, call: Call, block: Block) -> None:
    zeros = e.zeros_in_memory(block.filters)
    with e.loop(0, call.turns) as turn:
        here = replace(
            call,
            x=e.plus(call.x, e.times(call.x_turn, turn)),
            weight=e.plus(call.weight, e.times(call.weight_turn, turn)),
            bias=e.plus(call.bias, e.times(call.bias_turn, turn)),
            y=e.plus(call.y, e.times(call.y_turn, turn)),
        )
        _write_turn(e, here, block, zeros)


def _write_turn(e: Emitter, call: Call, block: Block, zeros: Value) -> None:
    """All chains of a block: the first starts from the bias and is stored, later ones start from 0 and are added."""
    sums = {place: e.variable(e.zero(block.doubles)) for place in _places(block)}
    starts_anew = e.equal(call.added, 0)
    with e.loop(0, call.taps, CHAIN) as first:
        is_first = e.both(e.equal(first, 0), starts_anew)
        start = e.select(is_first, call.bias, zeros)
        starts = [e.splat(_weight(e, block, start, 4 * f)) for f in range(block.filters)]
        for place, total in sums.items():
            total.set(starts[place[0]])
        _add_taps(e, call, block, sums, first, e.smaller(e.plus(first, CHAIN), call.taps))
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


def _add_taps(
    e: Emitter, call: Call, block: Block, sums: dict[Place, Variable], first: Value, end: Value
) -> None:
    """All of a chain. In small blocks what belongs to the loop counts, so two are then done in one turn."""
    begin = first
    if FEW_REGISTERS:
        begin = e.plus(first, e.times(e.quotient(e.minus(end, first), 2), 2))
        with e.loop(first, begin, 2) as tap:
            _add_tap(e, call, block, sums, tap)
            _add_tap(e, call, block, sums, e.plus(tap, 1))
    with e.loop(begin, end) as tap:
        _add_tap(e, call, block, sums, tap)


def _add_tap(e: Emitter, call: Call, block: Block, sums: dict[Place, Variable], tap: Value) -> None:
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


def _results(e: Emitter, call: Call, block: Block, sums: dict[Place, Variable]) -> Iterator[Result]:
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
