"""Numbers too small for full precision: 0 in kernels that say so, and nowhere else."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from explorer import engine
from explorer.jit import flushing, runner
from explorer.jit.compiler import Operation, floats, flushing_operation, integer, operation

SMALL = np.float32(1e-39)

pytestmark = pytest.mark.skipif(not flushing._IS_X86, reason="others are as quick with them")


def _halve(item: int, worker: int, arguments: int) -> None:
    numbers = floats(integer(arguments, 0), item, 1)
    numbers[0] = numbers[0] * np.float32(0.5)


_exact, _quick = operation(_halve), flushing_operation(_halve)


def halved(kind: Operation, items: int) -> npt.NDArray[np.float32]:
    """What becomes of so many small numbers."""
    numbers = np.full(items, SMALL)
    runner.run(kind, items, (numbers,))
    return numbers


@pytest.mark.parametrize("items", [1, 2, 3000])
def test_flushing__ends_with_the_kernel_on_every_thread(items: int) -> None:
    for _ in range(20):
        assert not halved(_quick, items).any()
        assert (halved(_exact, items) == SMALL / 2).all()
    assert SMALL * np.float32(0.5) != 0


@pytest.mark.parametrize("algorithm", ["auto", "direct"])
@pytest.mark.parametrize("size", [9, 90])
def test_conv2d__takes_subnormals_for_0(algorithm: str, size: int) -> None:
    x = SMALL * np.random.default_rng(0).standard_normal((1, 16, size, size), np.float32)
    weight = np.ones((16, 16, 3, 3), np.float32)
    assert not engine.conv2d(x, weight, padding=1, algorithm=algorithm).any()
    x[0, 0, 4, 4] = 1
    result = engine.conv2d(x, weight, padding=1, algorithm=algorithm)
    np.testing.assert_allclose(result[0, 0, 3:6, 3:6], np.ones((3, 3)), rtol=1e-6)
