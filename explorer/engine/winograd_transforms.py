"""The transforms of Winograd's F(4x4, 3x3), for as many tiles or kernels at once as a vector holds numbers.

All apply one small matrix (:mod:`explorer.engine.toom_cook`) to the columns and then to the rows of each tile.
"""

from __future__ import annotations

from explorer.engine.toom_cook import matrices, multiplied
from explorer.jit.compiler import VECTOR
from explorer.jit.vector import BYTES, Emitter, Value, vector_code

_MATRICES = matrices(4, 3)


@vector_code
def transform_kernels(e: Emitter, kernels: Value, target: Value, step: Value, left: Value) -> None:
    """G g G' of the first ``left`` of neighbouring kernels: 36 vectors, number k at target + k * step.

    Further lanes repeat the last kernel, so that nothing beyond it is read.
    """
    e.keep_small()
    places = [e.plus(kernels, e.times(e.smaller(e.minus(left, 1), lane), 36)) for lane in range(VECTOR)]
    g = [[e.load_lane_by_lane(places, 4 * (3 * i + j)) for j in range(3)] for i in range(3)]
    columns = [multiplied(e, _MATRICES.weights, [g[i][j] for i in range(3)]) for j in range(3)]
    for i in range(6):
        for j, value in enumerate(multiplied(e, _MATRICES.weights, [columns[j][i] for j in range(3)])):
            e.store_first(value, e.plus(target, e.times(step, 6 * i + j)), left)


@vector_code
def transform_input(e: Emitter, x: Value, plane: Value, pitch: Value, target: Value, step: Value) -> None:
    """B' d B of one channel: 36 vectors, number k at target + k * step.

    The 6x6 patches d lie sorted by their phases of stride 4, in planes and rows as many bytes apart.
    """
    e.keep_small()
    rows = [e.plus(e.plus(x, e.times(plane, 4 * (i % 4))), pitch if i > 3 else 0) for i in range(6)]
    places = [(e.times(plane, j % 4), 4 * (j // 4)) for j in range(6)]
    columns = [
        multiplied(e, _MATRICES.numbers, [e.load(e.plus(row, at), more) for row in rows])
        for at, more in places
    ]
    for i in range(6):
        for j, value in enumerate(multiplied(e, _MATRICES.numbers, [columns[j][i] for j in range(6)])):
            e.store(value, e.plus(target, e.times(step, 6 * i + j)))


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
    lines = [multiplied(e, _MATRICES.sums, [m[i][j] for i in range(6)]) for j in range(6)]
    start = e.splat(e.load_number(bias))
    results = []
    for a in range(4):
        sums = multiplied(e, _MATRICES.sums, [lines[j][a] for j in range(6)])
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
