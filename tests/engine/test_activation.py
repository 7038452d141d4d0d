"""Activations against their formulas in float64, and at the ends of the number range."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from tests import reference
from tests.engine.checks import Floats, assert_close, assert_refused, assert_same_bits, normal

Function = Callable[..., Any]

FORMULAS: dict[str, tuple[Callable[[ModuleType], Function], Function, dict[str, Any]]] = {
    "relu": (lambda engine: engine.relu, reference.relu, {}),
    "leaky_relu": (lambda engine: engine.leaky_relu, reference.leaky_relu, {}),
    "leaky_relu 0.3": (lambda engine: engine.leaky_relu, reference.leaky_relu, {"negative_slope": 0.3}),
    "leaky_relu 0": (lambda engine: engine.leaky_relu, reference.leaky_relu, {"negative_slope": 0}),
    "leaky_relu 2": (lambda engine: engine.leaky_relu, reference.leaky_relu, {"negative_slope": 2.0}),
    "elu": (lambda engine: engine.elu, reference.elu, {}),
    "elu 0.4": (lambda engine: engine.elu, reference.elu, {"alpha": 0.4}),
    "sigmoid": (lambda engine: engine.sigmoid, reference.sigmoid, {}),
    "tanh": (lambda engine: engine.tanh, reference.tanh, {}),
    "softplus": (lambda engine: engine.softplus, reference.softplus, {}),
    "silu": (lambda engine: engine.silu, reference.silu, {}),
    "gelu": (lambda engine: engine.gelu, reference.gelu, {}),
    "gelu tanh": (lambda engine: engine.gelu, reference.gelu, {"approximate": "tanh"}),
}

formulas = pytest.mark.parametrize("name", list(FORMULAS))


def both(engine: ModuleType, name: str) -> tuple[Function, Function, dict[str, Any]]:
    """The engine's function, the slow one, and what both are called with."""
    pick, slow, options = FORMULAS[name]
    return pick(engine), slow, options


@formulas
def test_activation__agrees_with_its_formula(engine: ModuleType, name: str) -> None:
    function, slow, options = both(engine, name)
    x = np.concatenate([normal(1000) * 3, np.linspace(-30, 30, 601, dtype=np.float32)])
    assert_close(function(x, **options), slow(x, **options))


@formulas
@pytest.mark.parametrize(
    "shape", [(1,), (7,), (3, 5), (2, 3, 4), (1, 1, 1, 1), (2, 3, 5, 7), (2, 1, 2, 3, 4)]
)
def test_activation__takes_any_number_of_dimensions(
    engine: ModuleType, name: str, shape: tuple[int, ...]
) -> None:
    function, slow, options = both(engine, name)
    x = normal(*shape)
    assert_close(function(x, **options), slow(x, **options))


def sweep() -> Floats:
    """float32 numbers of every size and sign, dense where functions bend, with zeros."""
    tiny = np.logspace(-44, 1, 2000)
    dense = [np.linspace(-limit, limit, 60_001) for limit in (1, 12, 87)]
    return np.concatenate([*dense, tiny, -tiny, [0.0, -0.0]]).astype(np.float32)


@formulas
def test_activation__each_result_is_as_exact_as_float32(engine: ModuleType, name: str) -> None:
    function, slow, options = both(engine, name)
    x = sweep()
    exact = exact_log1p_exp(x) if name == "softplus" else slow(x, **options)
    # far out on its negative side gelu is no longer relatively exact
    limit = 2e-7 if name.startswith("gelu") else 1e-43
    np.testing.assert_allclose(function(x, **options), exact, rtol=2e-6, atol=limit)


def exact_log1p_exp(x: Floats) -> npt.NDArray[np.float64]:
    """log(1 + exp(x)), of which the obvious form forgets the small ones."""
    wide = x.astype(np.float64)
    return np.asarray(np.maximum(wide, 0) + np.log1p(np.exp(-np.abs(wide))))


@pytest.mark.parametrize("name", ["relu", "leaky_relu", "elu", "tanh", "silu", "gelu", "gelu tanh"])
def test_activation__zero_stays_zero_with_its_sign(engine: ModuleType, name: str) -> None:
    function, _, options = both(engine, name)
    assert_same_bits(function(np.array([0.0, -0.0], np.float32), **options), np.array([0, -0.0], np.float32))


@formulas
@pytest.mark.parametrize("size", [*range(1, 20), 47, 48, 49, 63, 64, 65, 32767, 32768, 32769])
def test_activation__the_place_of_a_number_does_not_matter(engine: ModuleType, name: str, size: int) -> None:
    function, _, options = both(engine, name)
    x = normal(size) * 3
    backwards = function(np.ascontiguousarray(x[::-1]), **options)
    assert_same_bits(function(x, **options), np.ascontiguousarray(backwards[::-1]))


@formulas
def test_activation__small_values_keep_their_relative_accuracy(engine: ModuleType, name: str) -> None:
    function, slow, options = both(engine, name)
    x = np.array([1e-3, -1e-3, 1e-4, -1e-4, 1e-6, -1e-6], np.float32)
    np.testing.assert_allclose(function(x, **options), slow(x, **options), rtol=1e-4)


@formulas
def test_activation__large_values_stay_finite(engine: ModuleType, name: str) -> None:
    function, slow, options = both(engine, name)
    x = np.array([-1e30, -1e4, -1000, -100, -88.8, 88.8, 100, 1000, 1e4, 1e30], np.float32)
    np.testing.assert_allclose(function(x, **options), slow(x, **options), rtol=1e-5, atol=1e-5)


@formulas
def test_activation__nan_stays_nan_and_spoils_nothing_else(engine: ModuleType, name: str) -> None:
    function, slow, options = both(engine, name)
    x = normal(1, 2, 6, 7)
    x[0, 0, 2, 3] = x[0, 1, 5, 6] = np.nan
    assert_close(function(x, **options), slow(x, **options))


@formulas
def test_activation__plus_infinity_is_the_limit(engine: ModuleType, name: str) -> None:
    function, slow, options = both(engine, name)
    x = np.array([np.inf, 1.0], np.float32)
    assert_close(function(x, **options), slow(x, **options))


def test_activation__minus_infinity_is_the_limit(engine: ModuleType) -> None:
    x = np.array([-np.inf], np.float32)
    assert engine.relu(x).tolist() == [0]
    assert engine.leaky_relu(x).tolist() == [-np.inf]
    assert engine.elu(x).tolist() == [-1]
    assert engine.sigmoid(x).tolist() == [0]
    assert engine.tanh(x).tolist() == [-1]
    assert engine.softplus(x).tolist() == [0]


@formulas
def test_activation__the_input_is_not_changed(engine: ModuleType, name: str) -> None:
    function, _, options = both(engine, name)
    x = normal(2, 3, 4)
    function(x, **options)
    np.testing.assert_array_equal(x, normal(2, 3, 4))


@formulas
def test_activation__integers_and_truth_values_are_numbers(engine: ModuleType, name: str) -> None:
    function, slow, options = both(engine, name)
    for x in (np.arange(-5, 6), np.arange(0, 250, 25).astype(np.uint8), np.array([True, False])):
        assert_close(function(x, **options), slow(x, **options))


def test_activation__defaults_are_those_of_pytorch(engine: ModuleType) -> None:
    x = normal(50)
    np.testing.assert_array_equal(engine.leaky_relu(x), engine.leaky_relu(x, negative_slope=0.01))
    np.testing.assert_array_equal(engine.elu(x), engine.elu(x, alpha=1.0))
    np.testing.assert_array_equal(engine.gelu(x), engine.gelu(x, approximate="none"))
    matrix = normal(5, 6)
    np.testing.assert_array_equal(engine.softmax(matrix), engine.softmax(matrix, axis=1))


def test_relu__negative_becomes_zero_and_positive_stays_as_it_is(engine: ModuleType) -> None:
    x = np.array([[-3, -0.5, 0, 0.5, 3e38]], np.float32)
    np.testing.assert_array_equal(engine.relu(x), np.array([[0, 0, 0, 0.5, 3e38]], np.float32))


def test_gelu__the_two_forms_differ_a_little(engine: ModuleType) -> None:
    x = np.array([2.5, -2.5], np.float32)
    exact, approximate = engine.gelu(x), engine.gelu(x, approximate="tanh")
    assert 1e-5 < np.abs(exact - approximate).max() < 1e-3
    np.testing.assert_allclose(exact, [2.4844758, -0.0155242], atol=1e-6)


def test_gelu__an_unknown_form_is_refused(engine: ModuleType) -> None:
    assert_refused(lambda: engine.gelu(normal(3), approximate="sine"), "sine")


def test_activation__a_number_without_dimensions_is_refused(engine: ModuleType) -> None:
    for function in (engine.relu, engine.sigmoid, engine.gelu):
        assert_refused(lambda function=function: function(np.float32(1)), 0)  # type: ignore[misc]


def test_activation__larger_than_one_work_item(engine: ModuleType) -> None:
    x = normal(1, 3, 300, 401)
    assert_close(engine.silu(x), reference.silu(x))
    flat = normal(200_001)
    assert_close(engine.tanh(flat), reference.tanh(flat))


@pytest.mark.parametrize(
    ("shape", "axis"),
    [
        ((5,), 0),
        ((3, 4), 0),
        ((3, 4), 1),
        ((3, 4), -1),
        ((2, 3, 4, 5), 0),
        ((2, 3, 4, 5), 1),
        ((2, 3, 4, 5), 2),
        ((2, 3, 4, 5), -1),
        ((2, 1, 4, 5), 1),
    ],
)
def test_softmax__agrees_with_its_formula_along_each_axis(
    engine: ModuleType, shape: tuple[int, ...], axis: int
) -> None:
    x = normal(*shape) * 4
    y = engine.softmax(x, axis=axis)
    assert_close(y, reference.softmax(x, axis))
    np.testing.assert_allclose(y.sum(axis=axis, dtype=np.float64), 1, atol=1e-5)


def test_softmax__large_numbers_do_not_overflow(engine: ModuleType) -> None:
    y = engine.softmax(np.array([[1e4, 1e4, -1e4], [3e38, -3e38, 0]], np.float32))
    np.testing.assert_allclose(y, np.array([[0.5, 0.5, 0], [1, 0, 0]]), atol=1e-7)


def test_softmax__nan_spoils_only_its_own_row(engine: ModuleType) -> None:
    y = engine.softmax(np.array([[1, np.nan, 2], [1, 1, 1]], np.float32))
    assert np.isnan(y[0]).all()
    np.testing.assert_allclose(y[1], 1 / 3, rtol=1e-6)


def test_softmax__an_axis_that_does_not_exist_is_refused(engine: ModuleType) -> None:
    assert_refused(lambda: engine.softmax(normal(4)), 1)
    assert_refused(lambda: engine.softmax(normal(2, 3), axis=2), 2)
    assert_refused(lambda: engine.softmax(normal(2, 3), axis=-3), -3)
    assert_refused(lambda: engine.softmax(normal(2, 3), axis=2**70), 2**70)


@pytest.mark.parametrize("axis", [True, np.True_, 1.0, None, "1", np.array(1)])
def test_softmax__an_axis_that_is_no_whole_number_is_refused(engine: ModuleType, axis: Any) -> None:
    assert_refused(lambda: engine.softmax(normal(2, 3), axis=axis), "axis")
