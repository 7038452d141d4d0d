"""What does not depend on threads, on which channels are asked for, or on what happens elsewhere in the picture."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType
from typing import Any

import numba
import numpy as np
import pytest

from explorer import engine as compiled
from explorer import jit
from explorer.errors import Cancelled
from explorer.jit import runner
from explorer.jit import scratch as memory
from explorer.jit.pool import pool
from tests import reference
from tests.engine.checks import assert_close, assert_same_bits, filters, normal, picture

LAPLACIAN_4 = [[0, -1, 0], [-1, 4, -1], [0, -1, 0]]
LAPLACIAN_8 = [[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]]
SOBEL_COLUMNS = [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]
SOBEL_ROWS = [[-1, -2, -1], [0, 0, 0], [1, 2, 1]]
UNEVEN = [[3, -7, 11], [-5, 0, 5], [-11, 17, -13]]
ZERO_SUM = [LAPLACIAN_4, LAPLACIAN_8, SOBEL_COLUMNS, SOBEL_ROWS, UNEVEN]

Call = Callable[..., Any]

CALLS: dict[str, Call] = {
    "conv2d": lambda engine, x, **to: engine.conv2d(
        x, normal(10, 9, 3, 3), padding=1, algorithm="direct", **to
    ),
    "conv2d stride": lambda engine, x, **to: engine.conv2d(
        x, normal(7, 9, 5, 5), stride=2, algorithm="direct", **to
    ),
    "conv2d groups": lambda engine, x, **to: engine.conv2d(
        x, normal(9, 3, 3, 3), groups=3, algorithm="direct", **to
    ),
    "conv2d depthwise": lambda engine, x, **to: engine.conv2d(
        x, normal(9, 1, 3, 3), groups=9, padding="same", algorithm="direct", **to
    ),
    "conv2d 1x1": lambda engine, x, **to: engine.conv2d(x, normal(5, 9, 1, 1), algorithm="direct", **to),
    "max_pool2d": lambda engine, x, **to: engine.max_pool2d(x, 3, stride=2, padding=1, **to),
    "avg_pool2d": lambda engine, x, **to: engine.avg_pool2d(x, 3, stride=2, padding=1, **to),
    "gelu": lambda engine, x, **to: engine.gelu(x, **to),
    "elu": lambda engine, x, **to: engine.elu(x, **to),
}

calls = pytest.mark.parametrize("call", list(CALLS.values()), ids=list(CALLS))


# Threads


@calls
@pytest.mark.usefixtures("all_threads_afterwards")
def test_threads__their_number_does_not_change_a_bit(engine: ModuleType, call: Call) -> None:
    for rows, columns in ((9, 11), (67, 130), (200, 301)):
        x = normal(2, 9, rows, columns)
        jit.set_threads(1)
        alone = call(engine, x)
        for count in (2, 3, 8):
            jit.set_threads(count)
            assert_same_bits(call(engine, x), alone)


@pytest.mark.parametrize("count", [0, -1])
def test_threads__at_least_one_is_needed(count: int) -> None:
    with pytest.raises(ValueError, match=str(count)):
        jit.set_threads(count)


@pytest.mark.usefixtures("all_threads_afterwards")
def test_threads__a_launch_uses_no_more_than_there_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    launched = []
    monkeypatch.setattr(pool, "run", lambda *arguments: launched.append(arguments[3]))
    jit.set_threads(10**9)
    compiled.relu(normal(25 << 15))  # 25 work items
    assert launched == [min(numba.config.NUMBA_NUM_THREADS, 25)]


WEIGHT = normal(32, 32, 3, 3)
WEIGHT.flags.writeable = False

LARGE: dict[str, Callable[[Any], Any]] = {
    "conv2d direct": lambda x: compiled.conv2d(x, WEIGHT, algorithm="direct"),
    "conv2d by Winograd": lambda x: compiled.conv2d(x, WEIGHT),
    "max_pool2d": lambda x: compiled.max_pool2d(x, 3),
    "avg_pool2d": lambda x: compiled.avg_pool2d(x, 3),
}


@pytest.mark.usefixtures("all_threads_afterwards")
@pytest.mark.parametrize("call", LARGE.values(), ids=LARGE)
def test_threads__a_call_that_waits_keeps_the_memory_and_the_threads_it_counted_on(
    call: Callable[[Any], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    x = normal(1, 32, 120, 150)
    call(x)  # the weights are transformed now
    for module in (runner, memory):
        monkeypatch.setattr(module, "MAXIMUM_THREADS", 8)
    make, made, launched = memory._new, [], []

    def noted(workers: int, size: int) -> memory.Scratch:
        scratch = make(workers, size)
        made.append(weakref.ref(scratch._raw))
        return scratch

    class Lock:
        """While it is waited for, others set more threads and need other memory."""

        def __enter__(self) -> None:
            jit.set_threads(8)
            memory._Shared.scratch = make(8, 10)

        def __exit__(self, *error: object) -> None:
            launched.append(made[-1]() is not None)

    monkeypatch.setattr(memory, "_new", noted)
    monkeypatch.setattr(memory._Shared, "scratch", make(0, 0))
    monkeypatch.setattr(pool, "run", lambda *arguments: launched.append(arguments[3]))
    monkeypatch.setattr(pool, "lock", Lock())
    jit.set_threads(2)
    call(x)
    assert launched == [2, True]


@calls
def test_threads__two_callers_at_once_get_what_one_gets(engine: ModuleType, call: Call) -> None:
    pictures = [normal(1, 9, 20 + 5 * seed, 90, seed=seed) for seed in range(6)]
    expected = [call(engine, x) for x in pictures]
    start = threading.Barrier(2)

    def work(order: range) -> list[tuple[int, Any]]:
        start.wait()
        return [(i, call(engine, pictures[i])) for _ in range(5) for i in order]

    with ThreadPoolExecutor(2) as pool:
        jobs = [pool.submit(work, order) for order in (range(6), range(5, -1, -1))]
        for job in jobs:
            for i, y in job.result():
                assert_same_bits(y, expected[i])


def test_threads__different_functions_at_once_do_not_disturb_each_other(engine: ModuleType) -> None:
    x = normal(1, 9, 60, 90)
    expected = {name: call(engine, x) for name, call in CALLS.items()}
    with ThreadPoolExecutor(4) as pool:
        jobs = [(name, pool.submit(call, engine, x)) for _ in range(8) for name, call in CALLS.items()]
        for name, job in jobs:
            assert_same_bits(job.result(), expected[name])


# Channels


@calls
def test_channels__asked_for_alone_have_the_same_bits(engine: ModuleType, call: Call) -> None:
    x = normal(2, 9, 30, 71)
    whole = call(engine, x)
    for channels in ([0], [4], [1, 3], [0, 2, 3, 4]):
        out = np.full_like(whole, np.nan)
        call(engine, x, out=out, channels=channels)
        assert_same_bits(out[:, channels], whole[:, channels])


def test_channels__a_filter_has_the_same_bits_in_any_company(engine: ModuleType) -> None:
    x, weight = normal(1, 9, 30, 71), normal(12, 9, 3, 3)
    whole = engine.conv2d(x, weight, algorithm="direct")
    for first in range(0, 12, 5):
        some = engine.conv2d(x, weight[first : first + 5], algorithm="direct")
        assert_same_bits(some, whole[:, first : first + 5])


# Cancelling


@calls
def test_cancel__a_raised_flag_ends_the_work(engine: ModuleType, call: Call) -> None:
    x = normal(1, 9, 30, 71)
    flag = jit.CancelFlag()
    expected = call(engine, x)
    assert_same_bits(call(engine, x, cancel=flag), expected)
    flag.set()
    with pytest.raises(Cancelled):
        call(engine, x, cancel=flag)
    assert_same_bits(call(engine, x), expected)
    assert_same_bits(call(engine, x, cancel=jit.CancelFlag()), expected)


def test_cancel__from_another_thread_ends_a_long_convolution(engine: ModuleType) -> None:
    x, weight = normal(1, 16, 160, 160), normal(16, 16, 5, 5)
    flag = jit.CancelFlag()

    def work() -> None:
        while True:  # one call may be quicker than the other thread
            engine.conv2d(x, weight, cancel=flag)

    with ThreadPoolExecutor(1) as pool:
        job = pool.submit(work)
        flag.set()
        with pytest.raises(Cancelled):
            job.result(timeout=60)


# What reaches where


@pytest.mark.parametrize(
    "kernel", ZERO_SUM, ids=["Laplacian 4", "Laplacian 8", "Sobel columns", "Sobel rows", "uneven"]
)
@pytest.mark.parametrize("scale", [1, 255, 100], ids=["0..255", "0..1", "hundredths"])
def test_direct__a_flat_picture_under_a_zero_sum_kernel_is_exactly_zero(
    engine: ModuleType, kernel: list[list[int]], scale: int
) -> None:
    values = np.arange(256, dtype=np.float32) / np.float32(scale)
    x = np.ones((256, 1, 5, 21), np.float32) * values[:, np.newaxis, np.newaxis, np.newaxis]
    y = engine.conv2d(x, filters(kernel), algorithm="direct")
    assert not y.any(), f"{np.unique(y[:, 0].nonzero()[0]).size} of 256 grey values, up to {np.abs(y).max()}"


def test_direct__a_flat_picture_of_many_channels_is_exactly_zero_too(engine: ModuleType) -> None:
    x = np.random.default_rng(0).random((1, 16, 1, 1), dtype=np.float32) * np.ones((9, 40), np.float32)
    weight = np.random.default_rng(1).integers(-9, 10, (5, 16, 3, 3)).astype(np.float32)
    weight[:, :, 1, 1] -= weight.sum(axis=(2, 3))
    for options in ({}, {"stride": 2}, {"dilation": 2}, {"stride": (1, 3)}):
        assert not engine.conv2d(x, weight, algorithm="direct", **options).any()


def test_direct__a_flat_picture_under_far_reaching_kernels_is_exactly_zero_too(engine: ModuleType) -> None:
    weight = np.random.default_rng(1).integers(-9, 10, (4, 5, 2, 2)).astype(np.float32)
    weight[:, 0, 0, 0] -= weight.sum(axis=(1, 2, 3))
    for value in (0.1, 1 / 3, 123.456):
        x = np.full((1, 5, 400, 400), value, np.float32)
        assert not engine.conv2d(x, weight, dilation=300, algorithm="direct").any()


def test_auto__a_flat_picture_under_a_zero_sum_kernel_is_nearly_zero(engine: ModuleType) -> None:
    x = np.full((1, 8, 30, 40), 0.7, np.float32)
    weight = np.tile(np.array(LAPLACIAN_8, np.float32), (8, 8, 1, 1))
    np.testing.assert_allclose(engine.conv2d(x, weight), 0, atol=1e-5 * 8 * 8 * 0.7)


@pytest.mark.parametrize("algorithm", ["auto", "direct"])
@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan, 3e38])
def test_conv2d__one_huge_or_broken_pixel_touches_only_its_own_windows(
    engine: ModuleType, algorithm: str, value: float
) -> None:
    x, weight = np.abs(normal(1, 8, 30, 34)), np.abs(normal(9, 8, 3, 3, seed=1)) + np.float32(0.1)
    clean = engine.conv2d(x, weight, padding=1, algorithm=algorithm)
    x[0, 3, 12, 17] = value
    y = engine.conv2d(x, weight, padding=1, algorithm=algorithm)
    touched = np.zeros(y.shape, bool)
    touched[:, :, 11:14, 16:19] = True
    assert_close(y[~touched], clean[~touched].astype(np.float64))
    if value == 3e38:
        assert (y[touched] > 1e37).all()
    else:
        np.testing.assert_array_equal(y[touched], np.full(touched.sum(), value, np.float32))


@pytest.mark.parametrize("algorithm", ["auto", "direct"])
def test_conv2d__one_broken_weight_touches_only_its_own_map(engine: ModuleType, algorithm: str) -> None:
    x, weight = normal(1, 8, 30, 34), normal(9, 8, 3, 3, seed=1)
    weight[4, 2, 1, 1] = np.nan
    y = engine.conv2d(x, weight, padding=1, algorithm=algorithm)
    np.testing.assert_array_equal(np.isnan(y).all(axis=(0, 2, 3)), np.arange(9) == 4)
    np.testing.assert_array_equal(np.isnan(y).any(axis=(0, 2, 3)), np.arange(9) == 4)


def test_conv2d__infinity_times_zero_is_nan_as_in_torch(engine: ModuleType) -> None:
    x = np.ones((1, 1, 5, 5), np.float32)
    x[0, 0, 2, 2] = np.inf
    y = engine.conv2d(x, filters([[0, 0, 0], [0, 1, 0], [0, 0, 0]]))
    expected = np.full((3, 3), np.nan)
    expected[1, 1] = np.inf
    np.testing.assert_array_equal(y[0, 0], expected)


def test_conv2d__infinities_of_both_signs_make_nan(engine: ModuleType) -> None:
    x = picture([[np.inf, 1, 1], [1, 1, 1], [1, 1, -np.inf]])
    assert np.isnan(engine.conv2d(x, filters(np.ones((3, 3))))).all()


def test_nan_and_infinity__are_carried_as_in_torch(engine: ModuleType) -> None:
    x = picture(
        [[np.nan, 1, -np.inf, -np.inf], [2, 3, -np.inf, -np.inf], [np.inf, 1, -1, -2], [0, 4, -3, -4]]
    )
    np.testing.assert_array_equal(engine.max_pool2d(x, 2)[0, 0], [[np.nan, -np.inf], [np.inf, -1]])
    np.testing.assert_array_equal(engine.relu(x), reference.relu(x))
    assert np.isnan(engine.relu(x)[0, 0, 0, 0])
