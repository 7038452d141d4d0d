"""``out`` and ``channels``: where results are written, and which of them."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from tests.engine.checks import Floats, assert_refused, normal

X = normal(1, 4, 6, 7)
WEIGHT = normal(2, 4, 3, 3, seed=1)

Function = Callable[..., Any]


def out_users(engine: ModuleType) -> list[tuple[Function, tuple[int, ...]]]:
    """Every function that writes where it is told to, and the shape it wants to write."""
    return [
        (lambda **options: engine.conv2d(X, WEIGHT, **options), (1, 2, 4, 5)),
        (lambda **options: engine.max_pool2d(X, 2, **options), (1, 4, 3, 3)),
        (lambda **options: engine.avg_pool2d(X, 2, **options), (1, 4, 3, 3)),
        (lambda **options: engine.relu(X, **options), X.shape),
        (lambda **options: engine.gelu(X, **options), X.shape),
    ]


@pytest.fixture(params=range(5), ids=["conv2d", "max_pool2d", "avg_pool2d", "relu", "gelu"])
def out_user(engine: ModuleType, request: pytest.FixtureRequest) -> tuple[Function, tuple[int, ...]]:
    index: int = request.param
    return out_users(engine)[index]


def read_only(array: Floats) -> Floats:
    array.flags.writeable = False
    return array


@pytest.mark.parametrize(
    "unusable",
    [
        lambda shape: np.zeros(shape[1:], np.float32),
        lambda shape: np.zeros((2, *shape[1:]), np.float32),
        lambda shape: np.zeros((*shape[:3], shape[3] + 1), np.float32),
        lambda shape: np.zeros(int(np.prod(shape)), np.float32),
        lambda shape: np.zeros(shape, np.float64),
        lambda shape: np.zeros(shape, np.int32),
        lambda shape: np.zeros(shape, ">f4"),
        lambda shape: np.zeros(shape, np.float32, order="F"),
        lambda shape: np.zeros((*shape[:3], 2 * shape[3]), np.float32)[..., ::2],
        lambda shape: np.zeros(shape, np.float32)[..., ::-1],
        lambda shape: read_only(np.zeros(shape, np.float32)),
        lambda shape: np.zeros(shape, np.float32).tolist(),
        lambda shape: "out",
    ],
    ids=[
        "fewer dimensions",
        "more pictures",
        "wider",
        "flat",
        "float64",
        "int32",
        "other byte order",
        "Fortran order",
        "every second column",
        "mirrored",
        "read-only",
        "a list",
        "a word",
    ],
)
def test_out__that_cannot_be_written_to_is_refused(
    out_user: tuple[Function, tuple[int, ...]], unusable: Function
) -> None:
    function, shape = out_user
    assert_refused(lambda: function(out=unusable(shape)), "out")


def test_out__of_a_wrong_shape_is_named(out_user: tuple[Function, tuple[int, ...]]) -> None:
    function, shape = out_user
    assert_refused(lambda: function(out=np.zeros((9, 8, 7, 6), np.float32)), "(9, 8, 7, 6)", str(shape))


def test_out__is_what_is_returned(out_user: tuple[Function, tuple[int, ...]]) -> None:
    function, shape = out_user
    out = np.full(shape, np.nan, np.float32)
    assert function(out=out) is out
    np.testing.assert_array_equal(out, function())


def test_out__that_is_the_input_is_refused_where_windows_slide(engine: ModuleType) -> None:
    x = normal(1, 1, 6, 7)
    assert_refused(lambda: engine.conv2d(x, normal(1, 1, 3, 3), padding=1, out=x))
    assert_refused(lambda: engine.max_pool2d(x, 3, stride=1, padding=1, out=x))
    assert_refused(lambda: engine.avg_pool2d(x, 3, stride=1, padding=1, out=x))


def elementwise(engine: ModuleType) -> list[Function]:
    """Functions that compute each number from one number."""
    vector = np.ones(4, np.float32)
    return [
        engine.relu,
        engine.leaky_relu,
        engine.elu,
        engine.sigmoid,
        engine.tanh,
        engine.softplus,
        engine.silu,
        engine.gelu,
        lambda x, **to: engine.gelu(x, "tanh", **to),
        lambda x, **to: engine.batch_norm(x, vector, vector, **to),
    ]


def test_out__that_covers_the_input_in_part_is_refused(engine: ModuleType) -> None:
    memory = normal(1, 4, 6, 16)
    before = memory.copy()
    flat = memory.ravel()
    overlapping = [
        (flat[:-4].reshape(1, 4, 5, 19), flat[4:].reshape(1, 4, 5, 19)),
        (memory[..., ::-1], memory),
        (memory[..., ::2], flat[:192].reshape(1, 4, 6, 8)),
    ]
    for function in elementwise(engine):
        for x, out in overlapping:
            assert_refused(lambda f=function, x=x, out=out: f(x, out=out), "out", "x")  # type: ignore[misc]
    np.testing.assert_array_equal(memory, before)


def test_out__may_be_the_input_of_an_elementwise_function(engine: ModuleType) -> None:
    for function in elementwise(engine):
        expected, x = function(X), X.copy()
        assert function(x, out=x) is x
        np.testing.assert_array_equal(x, expected)
        x = X.copy()
        function(x[:], out=x, channels=[1, 2])
        np.testing.assert_array_equal(x[:, 1:3], expected[:, 1:3])
        np.testing.assert_array_equal(x[:, ::3], X[:, ::3])


def test_out__that_shares_memory_with_the_weights_is_refused(engine: ModuleType) -> None:
    weight, memory = normal(1, 1, 3, 3), np.zeros(16, np.float32)
    assert_refused(lambda: engine.conv2d(normal(1, 1, 5, 5), weight, out=weight), "weight")
    bias, out = memory[15:], memory[7:].reshape(1, 1, 3, 3)
    assert_refused(lambda: engine.conv2d(normal(1, 1, 5, 5), weight, bias, out=out), "bias")
    every_second = memory[::2][:4].reshape(1, 1, 2, 2)
    out = memory[:16].reshape(1, 1, 4, 4)
    assert_refused(lambda: engine.conv2d(normal(1, 1, 5, 5), every_second, out=out), "weight")


def test_channels__without_out_are_refused(out_user: tuple[Function, tuple[int, ...]]) -> None:
    function, _ = out_user
    assert_refused(lambda: function(channels=[0]), "out")


@pytest.mark.parametrize("wrong", [-1, 99, 0.5, float("nan"), True, "0", None])
def test_channels__that_do_not_exist_are_refused(
    out_user: tuple[Function, tuple[int, ...]], wrong: Any
) -> None:
    function, shape = out_user
    out = np.full(shape, 7, np.float32)
    assert_refused(lambda: function(channels=[0, wrong], out=out), "channels")
    assert_refused(lambda: function(channels=[shape[1]], out=out), shape[1])
    assert (out == 7).all()


@pytest.mark.parametrize("wrong", [3, 1.5, True, np.array(1), np.eye(2, dtype=int), "ab"])
def test_channels__that_are_no_list_of_whole_numbers_are_refused(
    out_user: tuple[Function, tuple[int, ...]], wrong: Any
) -> None:
    function, shape = out_user
    out = np.full(shape, 7, np.float32)
    assert_refused(lambda: function(channels=wrong, out=out), "channels")
    assert (out == 7).all()


def test_channels__only_those_are_written(out_user: tuple[Function, tuple[int, ...]]) -> None:
    function, shape = out_user
    whole = function()
    for channels in ([0], [shape[1] - 1], (1, 0), range(shape[1]), np.array([1]), [1, 1], []):
        out = np.full(shape, np.nan, np.float32)
        function(channels=channels, out=out)
        chosen = np.isin(np.arange(shape[1]), channels)
        np.testing.assert_array_equal(out[:, chosen], whole[:, chosen])
        assert np.isnan(out[:, ~chosen]).all()


def test_channels__need_an_axis_of_channels(engine: ModuleType) -> None:
    x = normal(5)
    assert_refused(lambda: engine.relu(x, out=np.empty_like(x), channels=[0]), "channels")
