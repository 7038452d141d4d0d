"""Figures of a map stay honest for whatever a layer can produce, without a warning."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from explorer.imaging.statistics import MapStatistics, badge, combined, histogram, statistics


def test_statistics__of_ordinary_numbers() -> None:
    values = np.random.default_rng(0).standard_normal((37, 41)).astype(np.float32)
    values[:5] = 0.0
    found = statistics(values)
    assert (found.minimum, found.maximum) == (values.min(), values.max())
    assert found.mean == pytest.approx(values.mean(dtype=np.float64), rel=1e-9)
    assert found.std == pytest.approx(values.std(dtype=np.float64), rel=1e-9)
    assert found.zeros == pytest.approx(5 / 37)
    assert (found.size, found.nans, found.non_finite) == (37 * 41, 0, 0)
    assert badge(found) is None


def test_statistics__leaves_non_finite_values_out_and_counts_them() -> None:
    found = statistics(np.array([[np.nan, 1.0, np.inf], [-np.inf, 3.0, 0.0]], np.float32))
    assert (found.minimum, found.maximum, found.nans, found.non_finite) == (0.0, 3.0, 1, 3)
    assert found.mean == pytest.approx(4 / 3)
    assert found.zeros == pytest.approx(1 / 6)


@pytest.mark.parametrize("large", [1e38, 3.4e38, np.float64(1e308)])
def test_statistics__large_numbers_do_not_overflow(large: float) -> None:
    found = statistics(np.array([[large, -large], [large, -large]]))
    assert found.mean == 0.0
    assert found.std == pytest.approx(large)


def test_statistics__of_denormal_numbers() -> None:
    found = statistics(np.array([[1e-45, 3e-45]], np.float32))
    assert 0.0 < found.minimum < found.mean < found.maximum


def test_statistics__a_constant_has_no_deviation() -> None:
    found = statistics(np.full((50, 70), 0.1, np.float32))
    assert found.mean == found.minimum == found.maximum
    assert found.std == 0.0


@pytest.mark.parametrize("values", [np.empty((0, 7)), np.full((2, 2), np.nan)], ids=["empty", "nan"])
def test_statistics__without_a_finite_value_the_figures_are_nan(values: NDArray[np.float64]) -> None:
    found = statistics(values)
    assert all(math.isnan(figure) for figure in (found.minimum, found.maximum, found.mean, found.std))
    assert found.zeros == 0.0


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ([[0.0, -0.0]], "dead"),
        ([[2.5, 2.5]], "constant"),
        ([[0.0, np.nan]], "NaN"),
        ([[np.inf, np.nan]], "NaN"),
        ([[0.0, np.inf]], "overflow"),
        ([[-np.inf, 1.0]], "overflow"),
        ([[0.0]], None),
        ([[0.0, 1.0]], None),
        ([[]], None),
    ],
)
def test_badge__names_what_deserves_a_second_look(values: list[list[float]], word: str | None) -> None:
    found = statistics(np.array(values, np.float32))
    assert isinstance(found, MapStatistics)
    assert badge(found) == word


@pytest.mark.parametrize("offset", [0.0, 1e3, 1e6, -1e-35])
@pytest.mark.parametrize("shape", [(380, 512), (3, 7), (2, 1)])
def test_statistics__of_float32_are_those_of_float64(offset: float, shape: tuple[int, int]) -> None:
    values = np.random.default_rng(1).standard_normal(shape, dtype=np.float32) + np.float32(offset)
    found, exact = statistics(values), statistics(values.astype(np.float64))
    assert (found.minimum, found.maximum, found.zeros) == (exact.minimum, exact.maximum, exact.zeros)
    assert found.mean == pytest.approx(exact.mean, rel=1e-6, abs=1e-9)
    assert found.std == pytest.approx(exact.std, rel=1e-6)


def test_statistics__of_a_strided_map() -> None:
    values = np.arange(200, dtype=np.float32).reshape(10, 20)[::2, ::3]
    assert statistics(values) == statistics(values.copy())


def test_norm__is_that_of_all_values() -> None:
    values = np.random.default_rng(2).standard_normal((37, 41), dtype=np.float32) + 3
    assert statistics(values).norm == pytest.approx(float(np.linalg.norm(values.astype(np.float64))))
    assert statistics(np.full((2, 2), np.nan, np.float32)).norm == 0.0


def test_combined__is_as_of_one_array() -> None:
    rng = np.random.default_rng(3)
    maps = (rng.standard_normal((5, 20, 30)) * np.arange(1, 6)[:, None, None]).astype(np.float32)
    maps[1, :5] = 0.0
    maps[2, 3] = [np.nan] * 10 + [np.inf] * 10 + [7.0] * 10
    maps[4] = np.nan
    found, exact = combined(statistics(one) for one in maps), statistics(maps)
    assert (found.size, found.nans, found.non_finite) == (exact.size, exact.nans, exact.non_finite)
    for name in ("minimum", "maximum", "mean", "std", "zeros"):
        assert vars(found)[name] == pytest.approx(vars(exact)[name], rel=1e-9)


def test_combined__of_nothing_finite() -> None:
    assert math.isnan(combined([]).mean)
    assert math.isnan(combined([statistics(np.full((2, 2), np.inf, np.float32))]).maximum)


def test_histogram__counts_what_lies_within() -> None:
    values = np.array([[-1.0, -0.5, 0.0, 0.4, 1.0, 1.1, np.nan, np.inf, -np.inf]], np.float32)
    assert histogram(values, -1.0, 1.0, 4).tolist() == [1, 1, 2, 1]
    assert histogram(values, 5.0, 6.0, 3).tolist() == [0, 0, 0]
