"""The matrices of fast convolution, in exact fractions."""

from __future__ import annotations

from fractions import Fraction

import pytest

from explorer.engine.toom_cook import Matrix, matrices

SIZES = [(4, 2), (4, 3), (4, 4), (4, 5), (2, 7), (6, 3), (1, 2)]


def times(matrix: Matrix, column: list[Fraction]) -> list[Fraction]:
    return [sum((a * b for a, b in zip(row, column, strict=True)), Fraction(0)) for row in matrix]


@pytest.mark.parametrize(("outputs", "taps"), SIZES)
def test_matrices__make_sliding_sums_of_fewer_products(outputs: int, taps: int) -> None:
    ways = matrices(outputs, taps)
    weights = [Fraction(3 * i + 1, i + 2) for i in range(taps)]
    numbers = [Fraction(i * i - 5, i + 1) for i in range(outputs + taps - 1)]
    points = [a * b for a, b in zip(times(ways.weights, weights), times(ways.numbers, numbers), strict=True)]
    assert len(points) == outputs + taps - 1
    expected = [sum(weights[k] * numbers[i + k] for k in range(taps)) for i in range(outputs)]
    assert times(ways.sums, points) == expected


@pytest.mark.parametrize(("outputs", "taps"), SIZES)
def test_matrices__are_exact_in_float32_but_for_the_weights(outputs: int, taps: int) -> None:
    ways = matrices(outputs, taps)
    for matrix in (ways.numbers, ways.sums):
        for number in (number for row in matrix for number in row):
            assert number.denominator in (1, 2, 4, 8, 16, 32, 64)
            assert abs(number) < 100
