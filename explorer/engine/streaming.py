"""Large outputs, written past the cache.

A processor that writes into a cache line reads it first, for it may keep a part of it. Where outputs do not stay in
its own cache anyway that doubles the traffic, and writing may take longer than computing. Lines that are written as a
whole can go past the cache instead; the layer behind calls for them in time, wherever they are by then
(:mod:`explorer.engine.gathering`). Where rows begin with a line, each vector of results fills one, or if vectors are
shorter, some of them together. Where they do not, a line gets the end of one vector and the beginning of the next, so
the last vector of a row is always kept back::

      results             |  v0   |  v1   |  v2   |
      lines of the cache    |  .  |  v0 v1  |  v1 v2  |  v2 . |

Only the first and the last line of a row are written the ordinary way, for they may be shared with other rows.
"""

from __future__ import annotations

from dataclasses import dataclass

from explorer.engine.arguments import Array
from explorer.jit.addresses import address_of
from explorer.jit.compiler import VECTOR, inline
from explorer.jit.vector import BYTES, Emitter, Value, vector_code

STREAMED = 2 << 20
"""Bytes of output that do not stay in the caches of single processors anyway."""

LARGE = 8 << 20
"""Bytes of output that are also worth the shifting."""

KEPT, STRAIGHT, SHIFTED = 0, 1, 2
"""How results are written: into the cache, or past it, where rows begin with a line or where they do not."""

LINE = 16
"""Numbers of a cache line."""

_CAN_SHIFT = VECTOR == LINE
_LEAST_ROW = 3 * LINE  # of shorter ones hardly a line is whole


def way_to_write(out: Array, columns: int, at_least: int = 0) -> int:
    """One of the three for an output whose rows have so many numbers.

    Fewer bytes than ``at_least`` go into the cache, as do fewer than ``STREAMED``.
    """
    if out.nbytes < max(at_least, STREAMED):
        return KEPT
    if columns % LINE == 0 and address_of(out) % (4 * LINE) == 0:
        return STRAIGHT
    return SHIFTED if out.nbytes >= LARGE and can_shift(columns) else KEPT


def can_shift(columns: int) -> bool:
    """Whether shifting is quick here, and most lines of such rows would be whole."""
    return _CAN_SHIFT and columns >= _LEAST_ROW


def put(e: Emitter, value: Value, place: Value, streamed: Value, left: Value | None = None) -> None:
    """Write a whole vector past the cache if ``streamed``, else the first ``left`` of its numbers, or all of them.

    What is streamed lies at a multiple of its length.
    """

    def keep() -> None:
        if left is None:
            e.store(value, place)
        else:
            e.store_first(value, place, left)

    e.either(e.equal(streamed, 1), lambda: e.stream(value, place), keep)


@dataclass(frozen=True)
class Row:
    """A row of ``count`` numbers that begins at ``place``, written vector by vector.

    What is kept back lies at ``kept``, where it outlives a piece of a row.
    """

    e: Emitter
    place: Value
    count: Value
    kept: Value

    def put(self, way: int, value: Value, index: Value) -> None:
        """The numbers from ``index`` on, a multiple of whole vectors. STRAIGHT is only for rows of whole vectors."""
        e = self.e
        place, left = e.plus(self.place, e.times(index, 4)), e.minus(self.count, index)
        if way == KEPT:
            e.store_first(value, place, left)
        elif way == STRAIGHT:
            e.stream(value, place)
        else:
            beyond = self._beyond()
            line, target = e.shifted(e.load(self.kept), value, beyond), e.minus(place, e.times(beyond, 4))
            end = e.plus(left, beyond)
            start = e.select(e.equal(index, 0), beyond, e.word(0))
            e.either(
                e.both(e.below(0, index), e.below(VECTOR - 1, end)),
                lambda: e.stream(line, target),
                lambda: e.store_lanes(line, target, e.lanes(start, end)),
            )
            e.store(value, self.kept)

    def end(self) -> None:
        """What is left of a SHIFTED row when all of it has been put."""
        e, beyond = self.e, self._beyond()
        done = e.times(e.quotient(e.plus(self.count, VECTOR - 1), VECTOR), VECTOR)
        target = e.plus(self.place, e.times(e.minus(done, beyond), 4))
        rest = e.minus(e.plus(self.count, beyond), done)
        e.store_first(e.shifted(e.load(self.kept), e.zero(), beyond), target, rest)

    def _beyond(self) -> Value:
        """How many numbers the row begins behind the begin of a line."""
        e = self.e
        return e.quotient(e.minus(self.place, e.times(e.quotient(self.place, BYTES), BYTES)), 4)


@vector_code
def _copy(
    e: Emitter, source: Value, target: Value, kept: Value, first: Value, end: Value, count: Value
) -> None:
    """Numbers ``first`` to below ``end`` of a row of ``count`` numbers that begins at ``target``."""
    row = Row(e, target, count, kept)
    with e.loop(first, end, VECTOR) as i:
        row.put(SHIFTED, e.load(e.plus(source, e.times(e.minus(i, first), 4))), i)
    with e.when(e.equal(end, count)):
        row.end()


@inline
def stream_piece(
    source: int,
    width: int,
    target: int,
    distance: int,
    rows: int,
    kept: int,
    first: int,
    end: int,
    count: int,
) -> None:
    """Copy a piece of ``rows`` rows past the cache: numbers ``first`` to below ``end`` of ``count`` that there are.

    Pieces follow one another from 0 on, in whole vectors. They lie ``width`` numbers apart in scratch memory, the
    rows ``distance`` bytes; ``kept`` has room for a vector of each row.
    """
    for row in range(rows):
        _copy(source + 4 * row * width, target + row * distance, kept + row * BYTES, first, end, count)
