"""Fully connected layers against slow loops."""

from __future__ import annotations

from types import ModuleType

import numpy as np
import pytest

from tests import reference
from tests.engine.checks import assert_close, assert_refused, normal, ramp


@pytest.mark.parametrize("shape", [(5,), (3, 5), (2, 3, 5), (1, 2, 3, 5)])
@pytest.mark.parametrize("outputs", [1, 4, 17])
def test_linear__agrees_with_slow_loops(engine: ModuleType, shape: tuple[int, ...], outputs: int) -> None:
    x, weight, bias = normal(*shape), normal(outputs, 5, seed=1), normal(outputs, seed=2)
    assert_close(engine.linear(x, weight, bias), reference.linear(x, weight, bias))
    assert_close(engine.linear(x, weight), reference.linear(x, weight))


def test_linear__a_worked_example(engine: ModuleType) -> None:
    weight, bias = np.array([[1, 2, 3], [0, 0, -1]], np.float32), np.array([0.5, 0], np.float32)
    y = engine.linear(np.array([[1, 10, 100]], np.float32), weight, bias)
    np.testing.assert_array_equal(y, [[321.5, -100]])


def test_linear__thousands_of_inputs_stay_accurate(engine: ModuleType) -> None:
    x, weight = normal(1, 20_000) + 1, normal(3, 20_000, seed=1) + 1
    assert_close(engine.linear(x, weight), reference.linear(x, weight))


def test_linear__takes_transposed_and_read_only_arrays(engine: ModuleType) -> None:
    x, weight = normal(5, 3).T, normal(5, 4, seed=1)[::-1].T
    weight.flags.writeable = False
    assert_close(engine.linear(x, weight), reference.linear(x, weight))


def test_linear__bytes_are_numbers(engine: ModuleType) -> None:
    x, weight = ramp(2, 4).astype(np.uint8), ramp(3, 4).astype(np.int32)
    assert_close(engine.linear(x, weight), reference.linear(x, weight), tolerance=0)


def test_linear__one_nan_spoils_only_its_own_picture(engine: ModuleType) -> None:
    x, weight = normal(3, 5), normal(4, 5, seed=1)
    x[1, 2] = np.nan
    np.testing.assert_array_equal(np.isnan(engine.linear(x, weight)).all(axis=1), [False, True, False])
    assert not np.isnan(engine.linear(x, weight)[[0, 2]]).any()


def test_linear__sizes_that_do_not_match_are_refused(engine: ModuleType) -> None:
    x = normal(2, 5)
    assert_refused(lambda: engine.linear(x, normal(3, 4)), 5, 4)
    assert_refused(lambda: engine.linear(x, normal(3, 5), normal(2)), 3, 2)
    assert_refused(lambda: engine.linear(x, normal(5)), 1)
    assert_refused(lambda: engine.linear(x, normal(3, 5, 1)), 3)
    assert_refused(lambda: engine.linear(x, normal(3, 5), normal(3, 1)), 2)
    assert_refused(lambda: engine.linear(np.float32(1), normal(3, 5)), 0)
