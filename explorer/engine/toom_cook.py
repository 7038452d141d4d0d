"""The matrices of fast convolution: ``outputs`` numbers of a sliding sum over ``taps`` weights, by fewer products.

A polynomial of degree n - 1 is known by its values at n points. The coefficients of a product of two polynomials are
the sums of a convolution, so they can be found by multiplying values, point by point: n = outputs + taps - 1 products
where the definition needs outputs * taps. Read backwards, the same matrices serve the sliding sums of a layer::

    sums = A' ((G weights) * (B' numbers))

The points are infinity and, as many as needed, 0, 1, -1, 2, -2, 1/2, -1/2; they keep the numbers of the matrices, and
with them rounding errors, small. Fewer taps need the first of the points only, and A' is the same but for the others:
products of fewer taps can be added to those of more.

Sources: Winograd, "Arithmetic Complexity of Computations" (1980); Lavin and Gray, "Fast Algorithms for Convolutional
Neural Networks" (2016).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import prod

from explorer.jit.vector import Emitter, Value

Row = tuple[Fraction, ...]
Matrix = tuple[Row, ...]

_POINTS = tuple(Fraction(*point) for point in ((0, 1), (1, 1), (-1, 1), (2, 1), (-2, 1), (1, 2), (-1, 2)))


@dataclass(frozen=True)
class Matrices:
    """B', G and A'."""

    numbers: Matrix  # (points, points)
    weights: Matrix  # (points, taps)
    sums: Matrix  # (outputs, points)


@lru_cache
def matrices(outputs: int, taps: int) -> Matrices:
    """For ``outputs`` neighbouring sums over ``taps`` weights each; together at most 8 points."""
    finite = _POINTS[: outputs + taps - 2]
    zero, one = Fraction(0), Fraction(1)
    numbers = [_polynomial(finite)]
    weights: list[Row] = [(*(zero for _ in range(taps - 1)), one)]
    for point in finite:
        others = [other for other in finite if other != point]
        scale = prod((point - other for other in others), start=one)
        numbers.append((*_polynomial(others), zero))
        weights.append(tuple(point**i / scale for i in range(taps)))
    sums = [(one if i == outputs - 1 else zero, *(point**i for point in finite)) for i in range(outputs)]
    return Matrices(tuple(numbers), tuple(weights), tuple(sums))


def _polynomial(roots: Sequence[Fraction]) -> Row:
    """Coefficients of (t - root) (t - root) ..., the constant one first."""
    coefficients = [Fraction(1)]
    for root in roots:
        shifted = [Fraction(0), *coefficients]
        for i, coefficient in enumerate(coefficients):
            shifted[i] -= root * coefficient
        coefficients = shifted
    return tuple(coefficients)


def multiplied(e: Emitter, matrix: Matrix, vectors: Sequence[Value]) -> list[Value]:
    """Write a matrix times a column of vectors.

    Rows that belong to the points t and -t differ in signs only: their even and odd parts are computed once, and
    added and subtracted. So are columns.
    """
    rows: list[Value] = [None] * len(matrix)
    columns = list(zip(*matrix, strict=True))
    if (pair := _mirrored(columns)) is not None:
        i, j = pair
        even, odd = _halves(columns[i], columns[j])
        rest = [k for k in range(len(columns)) if k not in pair]
        fewer = tuple(zip(*(columns[k] for k in rest), even, odd, strict=True))
        both = [e.add(vectors[i], vectors[j]), e.subtract(vectors[i], vectors[j])]
        return multiplied(e, fewer, [*(vectors[k] for k in rest), *both])
    left = set(range(len(matrix)))
    while (pair := _mirrored([matrix[k] if k in left else () for k in range(len(matrix))])) is not None:
        even, odd = (_sum(e, half, vectors) for half in _halves(matrix[pair[0]], matrix[pair[1]]))
        rows[pair[0]], rows[pair[1]] = e.add(even, odd), e.subtract(even, odd)
        left -= set(pair)
    for k in left:
        rows[k] = _sum(e, matrix[k], vectors)
    return rows


def _mirrored(rows: Sequence[Row]) -> tuple[int, int] | None:
    """Two rows of the same numbers, some with another sign."""
    for i, row in enumerate(rows):
        for j in range(i + 1, len(rows)):
            if row and [abs(x) for x in row] == [abs(x) for x in rows[j]] and sum(map(bool, row)) > 2:
                return i, j
    return None


def _halves(a: Row, b: Row) -> tuple[Row, Row]:
    return (
        tuple((x + y) / 2 for x, y in zip(a, b, strict=True)),
        tuple((x - y) / 2 for x, y in zip(a, b, strict=True)),
    )


def _sum(e: Emitter, row: Row, vectors: Sequence[Value]) -> Value:
    """One row times the vectors, numbers of size 1 first: they need no multiplication."""
    terms = sorted(
        ((number, vector) for number, vector in zip(row, vectors, strict=True) if number),
        key=lambda term: abs(term[0]) != 1,
    )
    total = None
    for number, vector in terms:
        if total is None:
            total = vector if number == 1 else e.multiply(e.constant(float(number)), vector)
        elif abs(number) == 1:
            total = e.add(total, vector) if number == 1 else e.subtract(total, vector)
        else:
            total = e.fma(e.constant(float(number)), vector, total)
    return e.zero() if total is None else total
