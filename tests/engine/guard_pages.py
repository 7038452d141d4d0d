"""Run every engine function on arrays that end, or begin, at memory which may not be touched.

Started as a process of its own by test_memory.py: a read or a write out of bounds ends it with SIGSEGV.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import ModuleType

import numpy as np

from explorer import engine as compiled
from explorer.engine import plain
from tests.engine.checks import Floats, assert_close, normal
from tests.engine.fences import fenced

FUNCTIONS = {"compiled": compiled, "plain": plain}

Place = Callable[[Floats], Floats]


def run_all(functions: ModuleType, place: Place, width: int) -> None:
    """Each function once, with its inputs and its output placed."""
    x = normal(2, 3, 7, width)
    placed = place(x)

    def check(function: Callable[..., Floats]) -> None:
        expected = function(x)
        out = place(np.full_like(expected, np.nan))
        assert_close(function(placed, out=out), expected)

    kernels: list[tuple[tuple[int, ...], dict[str, object]]] = [
        ((5, 3, 3, 3), {}),
        ((5, 3, 3, 3), {"padding": 1}),
        ((5, 3, 3, 3), {"padding": 1, "stride": 2}),
        ((4, 3, 1, 1), {}),
        ((4, 3, 1, 1), {"stride": 3}),
        ((3, 1, 3, 3), {"padding": "same", "groups": 3}),
        ((6, 1, 2, 2), {"padding": "same", "groups": 3, "dilation": 2}),
        ((2, 3, 3, 2), {"padding": (0, 2, 1, 0), "dilation": (2, 1)}),
    ]
    for shape, options in kernels:
        weight, bias = normal(*shape, seed=1), normal(shape[0], seed=2)
        if width < 3 and not options.get("padding"):
            continue
        placed_weight, placed_bias = place(weight), place(bias)

        def convolve(
            x: Floats, weight: Floats = placed_weight, bias: Floats = placed_bias, **given: object
        ) -> Floats:
            result: Floats = functions.conv2d(x, weight, bias, **{**options, **given})  # noqa: B023
            return result

        check(convolve)
        check(lambda x, **given: convolve(x, algorithm="direct", **given))
    for kernel_size, stride in ((1, 1), (2, 2), (3, 1), (3, 2), (2, 3)):
        window = {
            "kernel_size": kernel_size,
            "stride": stride,
            "padding": kernel_size // 2,
            "ceil_mode": True,
        }
        check(lambda x, **given: functions.max_pool2d(x, **window, **given))  # noqa: B023
        check(lambda x, **given: functions.avg_pool2d(x, **window, **given))  # noqa: B023
    check(lambda x, **given: functions.max_pool2d(x, 2, padding="same", dilation=3, **given))
    elementwise = (
        functions.relu,
        functions.leaky_relu,
        functions.elu,
        functions.sigmoid,
        functions.tanh,
        functions.softplus,
        functions.silu,
        functions.gelu,
    )
    for function in elementwise:
        check(function)
    assert_close(functions.softmax(placed), functions.softmax(x))
    assert_close(functions.global_avg_pool2d(placed), functions.global_avg_pool2d(x))
    assert_close(functions.global_max_pool2d(placed), functions.global_max_pool2d(x))
    weight, vector = normal(5, width), np.ones(3, np.float32)
    assert_close(functions.linear(placed, place(weight)), functions.linear(x, weight))
    statistics = [place(vector)] * 4
    assert_close(functions.batch_norm(placed, *statistics), functions.batch_norm(x, *[vector] * 4))


def main(name: str) -> None:
    """Both sides of the fence, with rows that fill vectors and rows that do not."""
    for width in (1, 4, 15, 16, 17, 33):
        run_all(FUNCTIONS[name], lambda array: fenced(array, at_the_end=True), width)
        run_all(FUNCTIONS[name], lambda array: fenced(array, at_the_end=False), width)


if __name__ == "__main__":
    main(sys.argv[1])
