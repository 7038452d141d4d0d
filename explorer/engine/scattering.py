"""From one long row to the rows of an output.

A row that fills its last vector badly wastes arithmetic: of 19 columns, 32 are computed. Since the rows of a gathered
tile follow one another at a fixed pitch, the tile can be computed as one long row instead, the numbers between two rows
included, and only what belongs to the output is copied to its place.
"""

from __future__ import annotations

from explorer.jit.compiler import VECTOR, inline
from explorer.jit.vector import Emitter, Value, vector_code


@vector_code
def _move(e: Emitter, source: Value, target: Value, old: Value, count: Value, added: Value) -> None:
    """target[i] = source[i], plus what lies ``old`` bytes from there if ``added``, for ``count`` numbers."""
    with e.loop(0, count, VECTOR) as i:
        at, left = e.times(i, 4), e.minus(count, i)
        place, value = e.plus(target, at), e.load_first(e.plus(source, at), left, e.zero())

        def put() -> None:
            e.store_first(value, place, left)

        def add() -> None:
            e.store_first(e.add(e.load_first(e.plus(place, old), left, e.zero()), value), place, left)

        e.either(e.equal(added, 0), put, add)


@inline
def scatter(
    source: int,
    filters: int,
    width: int,
    first: int,
    end: int,
    pitch: int,
    columns: int,
    out: int,
    y_filter: int,
    y_row: int,
    old: int,
    added: int,
) -> None:
    """Put numbers first to end - 1 of a tile that was computed as one long row where they belong.

    Of every ``pitch`` numbers the first ``columns`` are a row, the others were computed for nothing.
    """
    for f in range(filters):
        start = first
        while start < end:
            row = start // pitch
            column = start - row * pitch
            length = min(pitch - column, end - start)
            if column < columns:
                place = out + f * y_filter + row * y_row + 4 * column
                _move(
                    source + 4 * (f * width + start - first), place, old, min(length, columns - column), added
                )
            start += length
