"""The two transforms of Winograd's F(4x4, 3x3), for as many tiles at once as a vector holds numbers.

Both apply one small matrix to the columns and then to the rows of each tile; the matrices belong to the points 0, 1,
-1, 2, -2 and infinity, and are written out as the fewest additions and multiplications.

Source: Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks" (2016).
"""

from __future__ import annotations

from collections.abc import Sequence

from explorer.jit.compiler import VECTOR
from explorer.jit.vector import BYTES, Emitter, Value, vector_code

LARGEST = 1e15
"""Beyond, products of transformed numbers might overflow where those of the definition would not."""


@vector_code
def transform_input(
    e: Emitter, x: Value, offsets: Value, target: Value, step: Value, count: Value, spoiled: Value
) -> None:
    """B' d B of one channel: 36 vectors, number k at target + k * step.

    Pixel k of each 6x6 patch d is found at x + offsets[k]. Where one of the first ``count`` tiles holds what is
    not finite or too large, 1 is written to ``spoiled``.
    """
    patch = [[e.load(e.plus(x, e.load_offset(offsets, 4 * (6 * i + j)))) for j in range(6)] for i in range(6)]
    sound = e.no_doubt()
    for i in range(6):
        for j in range(6):
            sound = e.both(sound, e.within(patch[i][j], LARGEST))
    columns = [_input_step(e, [patch[i][j] for i in range(6)]) for j in range(6)]
    for i in range(6):
        for j, value in enumerate(_input_step(e, [columns[j][i] for j in range(6)])):
            e.store(value, e.plus(target, e.times(step, 6 * i + j)))
    e.either(e.all_hold(sound, count), lambda: None, lambda: e.store_word(e.word(1), spoiled))


@vector_code
def transform_output(
    e: Emitter,
    products: Value,
    step: Value,
    bias: Value,
    y: Value,
    y_row: Value,
    rows: Value,
    columns: Value,
    streamed: Value,
) -> None:
    """A' m A + bias of one filter: up to 4 rows of up to 4 * VECTOR numbers, from 36 vectors ``step`` bytes apart."""
    m = [[e.load(e.plus(products, e.times(step, 6 * i + j))) for j in range(6)] for i in range(6)]
    lines = [_output_step(e, [m[i][j] for i in range(6)]) for j in range(6)]
    start = e.splat(e.load_number(bias))
    results = []
    for a in range(4):
        sums = _output_step(e, [lines[j][a] for j in range(6)])
        results.append(e.woven([e.add(value, start) for value in sums]))

    def whole() -> None:
        for a, vectors in enumerate(results):
            for v, vector in enumerate(vectors):
                e.stream(vector, e.plus(y, e.plus(e.times(y_row, a), v * BYTES)))

    def cut() -> None:
        for a, vectors in enumerate(results):
            with e.when(e.below(e.word(a), rows)):
                for v, vector in enumerate(vectors):
                    place = e.plus(y, e.plus(e.times(y_row, a), v * BYTES))
                    e.store_first(vector, place, e.minus(columns, v * VECTOR))

    e.either(e.equal(streamed, 1), whole, cut)


def _input_step(e: Emitter, d: Sequence[Value]) -> list[Value]:
    """B' times six vectors: (4, 0, -5, 0, 1, 0), (0, -4, -4, 1, 1, 0), (0, 4, -4, -1, 1, 0), (0, -2, -1, 2, 1, 0),
    (0, 2, -1, -2, 1, 0), (0, 4, 0, -5, 0, 1)."""
    two, minus_two = e.constant(2.0), e.constant(-2.0)
    four, minus_four = e.constant(4.0), e.constant(-4.0)
    even, odd = e.fma(minus_four, d[2], d[4]), e.fma(minus_four, d[1], d[3])
    near, far = e.subtract(d[4], d[2]), e.subtract(d[3], d[1])
    return [
        e.fma(four, e.subtract(d[0], d[2]), near),
        e.add(even, odd),
        e.subtract(even, odd),
        e.fma(two, far, near),
        e.fma(minus_two, far, near),
        e.fma(minus_four, far, e.subtract(d[5], d[3])),
    ]


def _output_step(e: Emitter, m: Sequence[Value]) -> list[Value]:
    """A' times six vectors: (1, 1, 1, 1, 1, 0), (0, 1, -1, 2, -2, 0), (0, 1, 1, 4, 4, 0), (0, 1, -1, 8, -8, 1)."""
    plus, minus = e.add(m[1], m[2]), e.subtract(m[1], m[2])
    far_plus, far_minus = e.add(m[3], m[4]), e.subtract(m[3], m[4])
    return [
        e.add(e.add(m[0], plus), far_plus),
        e.fma(e.constant(2.0), far_minus, minus),
        e.fma(e.constant(4.0), far_plus, plus),
        e.add(e.fma(e.constant(8.0), far_minus, minus), m[5]),
    ]
