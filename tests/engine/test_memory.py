"""Compiled functions work on addresses: nothing outside an output is written, nothing outside an input is read."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import explorer
from explorer.engine import plain
from tests.engine.checks import Floats, assert_close, normal
from tests.engine.fences import POISON

ROOT = Path(explorer.__file__).parents[1]
GUARD = 64
"""Numbers on each side of an output that must stay as they are."""

FREED = """
import numpy as np
from explorer import engine, jit
x = np.ones((1, 8, 200, 300), np.float32)
for algorithm in ("auto", "direct"):
    assert (engine.conv2d(x, np.ones((9, 8, 3, 3), np.float32), algorithm=algorithm) == 72).all()
assert (engine.max_pool2d(x, 3) == 1).all()
assert (engine.avg_pool2d(x, 3) == 1).all()
assert (engine.relu(x) == 1).all()
assert jit.status.state is not jit.Status.FAILED, jit.status.reason
"""

Call = Callable[..., Any]

CALLS: dict[str, Call] = {
    "conv2d 3x3": lambda engine, x, **to: engine.conv2d(x, normal(5, 3, 3, 3), padding=1, **to),
    "conv2d 3x3 direct": lambda engine, x, **to: engine.conv2d(
        x, normal(8, 3, 3, 3), padding=1, algorithm="direct", **to
    ),
    "conv2d stride": lambda engine, x, **to: engine.conv2d(
        x, normal(4, 3, 3, 3), stride=2, padding=(0, 1, 2, 1), **to
    ),
    "conv2d 1x1": lambda engine, x, **to: engine.conv2d(x, normal(9, 3, 1, 1), **to),
    "conv2d depthwise": lambda engine, x, **to: engine.conv2d(
        x, normal(3, 1, 3, 3), groups=3, padding="same", **to
    ),
    "conv2d dilated": lambda engine, x, **to: engine.conv2d(
        x, normal(2, 3, 2, 2), dilation=3, padding="same", **to
    ),
    "max_pool2d": lambda engine, x, **to: engine.max_pool2d(x, 3, stride=1, padding=1, **to),
    "max_pool2d ceil": lambda engine, x, **to: engine.max_pool2d(x, 2, padding=1, ceil_mode=True, **to),
    "max_pool2d dilated": lambda engine, x, **to: engine.max_pool2d(x, 2, dilation=2, padding="same", **to),
    "avg_pool2d": lambda engine, x, **to: engine.avg_pool2d(x, 3, stride=2, padding=1, **to),
    "avg_pool2d ceil": lambda engine, x, **to: engine.avg_pool2d(x, 2, padding=1, ceil_mode=True, **to),
    "relu": lambda engine, x, **to: engine.relu(x, **to),
    "leaky_relu": lambda engine, x, **to: engine.leaky_relu(x, **to),
    "elu": lambda engine, x, **to: engine.elu(x, **to),
    "sigmoid": lambda engine, x, **to: engine.sigmoid(x, **to),
    "tanh": lambda engine, x, **to: engine.tanh(x, **to),
    "softplus": lambda engine, x, **to: engine.softplus(x, **to),
    "silu": lambda engine, x, **to: engine.silu(x, **to),
    "gelu": lambda engine, x, **to: engine.gelu(x, **to),
    "gelu tanh": lambda engine, x, **to: engine.gelu(x, "tanh", **to),
}

calls = pytest.mark.parametrize("call", list(CALLS.values()), ids=list(CALLS))


def poisoned(shape: tuple[int, ...], offset: int) -> tuple[Any, Floats]:
    """A buffer full of poison, and an output in its midst."""
    size = int(np.prod(shape))
    buffer = np.full(size + 2 * GUARD + offset, POISON, np.uint32)
    start = GUARD + offset
    return buffer, buffer[start : start + size].view(np.float32).reshape(shape)


def surrounded(array: Floats, value: float, shift: int = 0) -> Floats:
    """A copy of the array within a buffer of ``value``, moved by some bytes off its natural place."""
    raw = np.empty(4 * (array.size + 2 * GUARD) + shift, np.uint8)
    numbers: Floats = raw[shift : shift + 4 * (array.size + 2 * GUARD)].view(np.float32)
    numbers[...] = value
    inside = numbers[GUARD : GUARD + array.size].reshape(array.shape)
    inside[...] = array
    return inside


@calls
@pytest.mark.parametrize("offset", [0, 1, 3, 8])
def test_out__is_filled_and_nothing_around_it_is_touched(engine: ModuleType, call: Call, offset: int) -> None:
    for width in (1, 2, 7, 8, 15, 16, 17, 31, 33, 64):
        x = normal(2, 3, 5, width)
        expected = call(plain, x)
        buffer, out = poisoned(expected.shape, offset)
        call(engine, x, out=out)
        start = GUARD + offset
        assert (buffer[:start] == POISON).all(), width
        assert (buffer[start + out.size :] == POISON).all(), width
        assert (out.view(np.uint32) != POISON).all(), width
        assert_close(out, expected)


@calls
def test_channels__nothing_but_their_maps_is_touched(engine: ModuleType, call: Call) -> None:
    for width in (1, 7, 16, 33):
        x = normal(2, 3, 5, width)
        expected = call(plain, x)
        buffer, out = poisoned(expected.shape, 1)
        call(engine, x, out=out, channels=[1])
        assert_close(out[:, 1], expected[:, 1])
        out[:, 1].view(np.uint32)[...] = POISON
        assert (buffer == POISON).all(), width


@calls
@pytest.mark.parametrize("surroundings", [np.nan, 1e30])
def test_input__what_lies_around_it_has_no_influence(
    engine: ModuleType, call: Call, surroundings: float
) -> None:
    for width in (1, 7, 16, 33):
        x = normal(2, 3, 5, width)
        assert_close(call(engine, surrounded(x, surroundings)), call(plain, x))


@calls
def test_input__at_an_odd_address_is_as_good(engine: ModuleType, call: Call) -> None:
    x = normal(2, 3, 5, 33)
    for shift in (1, 2, 3):
        assert_close(call(engine, surrounded(x, np.nan, shift)), call(plain, x))


def test_weights__what_lies_around_them_has_no_influence(engine: ModuleType) -> None:
    x, weight, bias = normal(1, 8, 30, 30), normal(9, 8, 3, 3, seed=1), normal(9, seed=2)
    for algorithm in ("auto", "direct"):
        for shift in (0, 1):
            near = [surrounded(array, np.nan, shift) for array in (x, weight, bias)]
            expected = engine.conv2d(x, weight, bias, algorithm=algorithm)
            np.testing.assert_array_equal(engine.conv2d(*near, algorithm=algorithm), expected)


def test_outputs__of_two_calls_are_two_arrays(engine: ModuleType) -> None:
    x, weight = normal(1, 3, 9, 9), normal(4, 3, 3, 3)
    functions: tuple[Call, ...] = (
        lambda: engine.conv2d(x, weight),
        lambda: engine.max_pool2d(x, 2),
        lambda: engine.max_pool2d(x, 1),
        lambda: engine.avg_pool2d(x, 2),
        lambda: engine.relu(x),
        lambda: engine.softmax(x),
    )
    for function in functions:
        first, second = function(), function()
        assert not np.may_share_memory(first, second)
        assert not np.may_share_memory(first, x)
        assert first.flags.writeable
        assert first.flags.c_contiguous


def test_memory__that_was_given_back_is_not_read() -> None:
    """Python's own checks fill what is freed."""
    command = [sys.executable, "-X", "faulthandler", "-c", FREED]
    environment = os.environ | {"PYTHONMALLOC": "debug", "MALLOC_PERTURB_": "165", "PYTHONPATH": str(ROOT)}
    result = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert result.returncode == 0, result.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="pages are protected with mprotect")
@pytest.mark.parametrize("name", ["compiled", "plain"])
def test_arrays__beside_forbidden_memory_are_safe(name: str) -> None:
    command = [sys.executable, "-X", "faulthandler", "-m", "tests.engine.guard_pages", name]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert result.returncode == 0, result.stderr
