"""Large outputs have the same bits as small ones, wherever their rows begin, and nothing beside them is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

from explorer import engine, jit
from explorer.engine import activation, pooling, streaming, tiles, winograd_rows_plan
from explorer.engine.aligned import empty
from explorer.engine.streaming import KEPT, LINE, SHIFTED, STRAIGHT, way_to_write
from tests.engine.checks import Floats, assert_same_bits, normal

pytestmark = pytest.mark.usefixtures("all_threads_afterwards")
UNTOUCHED = np.float32(1e30)


@contextmanager
def everything_is_large() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("STREAMED", "LARGE"):
            patch.setattr(streaming, name, 0)
        for module in (pooling, activation):
            patch.setattr(module, "_STREAMED", 0)
        patch.setattr(streaming, "_LEAST_ROW", 1)
        patch.setattr(streaming, "_CAN_SHIFT", True)
        patch.setattr(tiles, "_SHIFTED_TAPS", 0)
        tiles.plan_tiles.cache_clear()
        yield
    tiles.plan_tiles.cache_clear()


def at(offset: int, shape: tuple[int, ...]) -> tuple[Floats, Floats]:
    """An array that begins so many numbers behind a cache line, and the memory around it."""
    size = int(np.prod(shape))
    memory = empty((size + 4 * LINE,))
    memory[:] = UNTOUCHED
    start = LINE + offset
    return memory[start : start + size].reshape(shape), memory


WAYS: dict[str, tuple[tuple[int, ...], dict[str, Any]]] = {
    "points in registers": ((8, 3, 3, 3), {"padding": 1}),
    "points in registers, far apart": ((8, 3, 3, 3), {"padding": 2, "dilation": 2}),
    "rows of one filter": ((2, 3, 3, 3), {"padding": 1}),
    "rows of one filter, far apart": ((2, 3, 3, 3), {"padding": 5, "dilation": 2}),
    "blocks": ((19, 3, 1, 1), {}),
    "blocks of doubles": ((19, 3, 3, 3), {"padding": 1, "algorithm": "direct"}),
    "blocks of many taps": ((10, 3, 5, 5), {"padding": 2, "algorithm": "direct"}),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("columns", [*range(1, 20), 31, 33, 47, 49, 100, 163])
def test_streaming__changes_no_bit_and_nothing_else(
    way: str, columns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("_LEAST_PRODUCTS", "_LEAST_TAPS"):
        monkeypatch.setattr(winograd_rows_plan, name, 0)
    monkeypatch.setattr(winograd_rows_plan, "_POINT_CYCLES", 1e6)
    winograd_rows_plan.suits.cache_clear()
    weight, options = WAYS[way]
    x, w, bias = normal(2, weight[1], 13, columns), normal(*weight), normal(weight[0])
    kept = engine.conv2d(x, w, bias, **options)
    for offset, threads in ((0, 1), (1, 2), (7, 3), (15, 2)):
        jit.set_threads(threads)
        out, memory = at(offset, kept.shape)
        with everything_is_large():
            engine.conv2d(x, w, bias, out=out, **options)
        assert_same_bits(out, kept)
        assert (memory != UNTOUCHED).sum() == out.size
    winograd_rows_plan.suits.cache_clear()


OTHERS: dict[str, Callable[..., Floats]] = {
    "largest": lambda x, **options: engine.max_pool2d(x, 3, stride=1, padding=1, **options),
    "largest of 2x2": lambda x, **options: engine.max_pool2d(x, 2, **options),
    "mean": lambda x, **options: engine.avg_pool2d(x, 3, stride=2, padding=1, **options),
    "mean of 2x2": lambda x, **options: engine.avg_pool2d(x, 2, **options),
    "batch norm": lambda x, **options: engine.batch_norm(x, *np.abs(normal(4, 3)), **options),
    "ReLU": engine.relu,
    "sigmoid": engine.sigmoid,
    "leaky ReLU": lambda x, **options: engine.leaky_relu(x, 0.1, **options),
}


@pytest.mark.parametrize("way", OTHERS)
@pytest.mark.parametrize("columns", [16, 31, 32, 64, 160, 224, 720])
@pytest.mark.parametrize("channels", [None, [2, 0]])
def test_streaming__of_pooling_and_activations_changes_no_bit_and_nothing_else(
    way: str, columns: int, channels: list[int] | None
) -> None:
    x, compute = normal(2, 3, 48, columns), OTHERS[way]
    kept = compute(x)
    for offset, threads in ((0, 1), (0, 2), (5, 2)):
        jit.set_threads(threads)
        out, memory = at(offset, kept.shape)
        with everything_is_large():
            is_straight = offset == 0 and kept.shape[3] % LINE == 0
            assert (way_to_write(out, kept.shape[3]) == STRAIGHT) == is_straight
            compute(x, out=out, channels=channels)
        written = np.arange(3) if channels is None else channels
        assert_same_bits(out[:, written], kept[:, written])
        assert (memory != UNTOUCHED).sum() == kept[:, written].size


def test_streaming__may_write_over_what_it_reads() -> None:
    x = empty((1, 2, 8, 160))
    x[:] = normal(*x.shape)
    wanted = engine.relu(x)
    with everything_is_large():
        assert_same_bits(engine.relu(x, out=x), wanted)


def test_way_to_write__depends_on_size_and_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "_CAN_SHIFT", True)
    rows = -(-streaming.STREAMED // (4 * 160))
    assert way_to_write(empty((1, 1, rows - 1, 160)), 160) == KEPT
    assert way_to_write(empty((1, 1, rows, 160)), 160) == STRAIGHT
    assert way_to_write(empty((1, 1, rows, 160)), 160, at_least=2 * streaming.STREAMED) == KEPT
    assert way_to_write(empty((1, 1, rows, 161)), 161) == KEPT
    assert way_to_write(empty((1, 1, rows // 30, 4999)), 4999) == KEPT
    rows = -(-streaming.LARGE // (4 * 160))
    assert way_to_write(empty((1, 1, rows, 161)), 161) == SHIFTED
    assert way_to_write(at(3, (1, 1, rows, 160))[0], 160) == SHIFTED
    assert way_to_write(empty((1, 1, 10 * rows, 17)), 17) == KEPT  # hardly a line is whole
    monkeypatch.setattr(streaming, "_CAN_SHIFT", False)
    assert way_to_write(empty((1, 1, rows, 161)), 161) == KEPT
