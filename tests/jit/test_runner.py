"""The one place that launches threads."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from explorer import jit
from explorer.errors import Cancelled
from explorer.jit import CancelFlag, JitUnavailableError, cache, compiler, runner
from explorer.jit.atomic import add
from explorer.jit.compiler import floats, integer, integers, operation, real
from explorer.jit.pool import pool


@operation
def _count(item: int, worker: int, arguments: int) -> None:
    """Adds 1 to item's own counter."""
    counters = integers(integer(arguments, 0), integer(arguments, 1))
    counters[item] += 1


@operation
def _stop_at(item: int, worker: int, arguments: int) -> None:
    """Counts the item and raises the flag when item ``arguments[2]`` is done."""
    add(integer(arguments, 0), 1)
    if item == integer(arguments, 2):
        add(integer(arguments, 1), 1)


@operation
def _scale(item: int, worker: int, arguments: int) -> None:
    """Multiplies number ``item`` of the array by a float64."""
    numbers = floats(integer(arguments, 0), item, 1)
    numbers[0] = numbers[0] * real(arguments, 1)


def _impossible(item: int, worker: int, arguments: int) -> None:
    """Cannot be compiled: a text is no number."""
    numbers = floats(integer(arguments, 0), item, 1)
    numbers[0] = "text"


@pytest.fixture(autouse=True)
def all_threads_afterwards() -> Iterator[None]:
    """Puts the number of threads back."""
    yield
    jit.set_threads(os.cpu_count() or 1)


@pytest.mark.parametrize("threads", [1, 2, 7])
@pytest.mark.parametrize("items", [0, 1, 2, 3, 1000])
def test_run__does_every_item_once(items: int, threads: int) -> None:
    jit.set_threads(threads)
    counters = np.zeros(items + 1, np.int64)
    runner.run(_count, items, (counters, len(counters)))
    assert counters.tolist() == [1] * items + [0]


def test_run__passes_floats_in_full_precision() -> None:
    numbers = np.ones(5, np.float32)
    runner.run(_scale, 5, (numbers, 0.1))
    np.testing.assert_array_equal(numbers, np.full(5, 0.1, np.float32))


def test_run_here__does_item_0_on_the_calling_thread() -> None:
    numbers = np.ones(3, np.float32)
    runner.run_here(_scale, (numbers, 2.0))
    assert numbers.tolist() == [2, 1, 1]


def test_run_here__does_not_wait_for_a_launch() -> None:
    numbers = np.ones(1, np.float32)
    with pool.lock, ThreadPoolExecutor(1) as other:
        other.submit(runner.run_here, _scale, (numbers, 2.0)).result(timeout=60)
    assert numbers[0] == 2


@pytest.mark.parametrize("items", [1, 5])
def test_cancel__before_the_start_does_nothing(items: int) -> None:
    flag = CancelFlag()
    flag.set()
    counters = np.zeros(items, np.int64)
    with pytest.raises(Cancelled):
        runner.run(_count, items, (counters, items), flag)
    assert not counters.any()


def test_cancel__between_items_leaves_the_rest_undone() -> None:
    jit.set_threads(1)
    flag, done = CancelFlag(), np.zeros(1, np.int64)
    with pytest.raises(Cancelled):
        runner.run(_stop_at, 1000, (done, flag.address, 9), flag)
    assert flag.is_set
    assert done[0] == 10


def test_cancel__one_flag_does_not_stop_another_s_work() -> None:
    raised = CancelFlag()
    raised.set()
    counters = np.zeros(4, np.int64)
    runner.run(_count, 4, (counters, 4), CancelFlag())
    runner.run(_count, 4, (counters, 4))
    assert counters.tolist() == [2] * 4


def test_run__the_lock_is_free_after_a_cancel() -> None:
    flag, done = CancelFlag(), np.zeros(1, np.int64)
    with pytest.raises(Cancelled):
        runner.run(_stop_at, 1000, (done, flag.address, 0), flag)
    assert not pool.lock.locked()


def test_run__what_cannot_be_compiled_raises_and_leaves_the_lock_free(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cache, "clear", lambda: None)  # other tests go on using it
    monkeypatch.setattr(compiler, "_operations", [])  # nobody else should compile this one
    impossible = operation(_impossible)
    for _ in range(2):
        with pytest.raises(JitUnavailableError, match="Numba cannot compile here"):
            runner.run(impossible, 4, (np.zeros(4, np.float32),))
    assert not pool.lock.locked()


def test_run__two_threads_at_once_do_not_disturb_each_other() -> None:
    start = threading.Barrier(2)

    def work(seed: int) -> Any:
        start.wait(timeout=60)
        counters = np.zeros(300 + seed, np.int64)
        for _ in range(50):
            runner.run(_count, len(counters), (counters, len(counters)))
        return counters

    with ThreadPoolExecutor(2) as others:
        for counters in others.map(work, (0, 1)):
            assert (counters == 50).all()


@pytest.mark.parametrize("count", [0, -1])
def test_set_threads__at_least_one_is_needed(count: int) -> None:
    with pytest.raises(ValueError, match=f"At least 1 thread is needed, {count} were asked for"):
        jit.set_threads(count)


def test_set_threads__more_than_there_are_is_no_fault() -> None:
    jit.set_threads(1000)
    counters = np.zeros(3000, np.int64)
    runner.run(_count, 3000, (counters, 3000))
    assert (counters == 1).all()
