"""The threads: that they work, sleep, wake and end, and that nobody waits for one that has not begun."""

from __future__ import annotations

import ctypes
import logging
import os
import threading
import time
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pytest

from explorer.jit.atomic import add, read
from explorer.jit.cancel import CancelFlag
from explorer.jit.compiler import MAXIMUM_THREADS, integer, operation
from explorer.jit.pool import Pool
from tests.jit.processes import run

Counters = npt.NDArray[np.int64]

_LONG = 0.02  # seconds; threads sleep by then

several_threads = pytest.mark.skipif(MAXIMUM_THREADS < 2, reason="there is one processor")


@operation
def _count(item: int, worker: int, arguments: int) -> None:
    """Adds 1 to the item's own counter."""
    add(integer(arguments, 0) + 8 * item, 1)


@operation
def _meet(item: int, worker: int, arguments: int) -> None:
    """Waits, but not for ever, until another thread has come too; adds 1 to the second counter if it has."""
    counters = integer(arguments, 0)
    add(counters, 1)
    for _ in range(1_000_000_000):
        if read(counters) >= 2:
            add(counters + 8, 1)
            return


@pytest.fixture
def pool() -> Iterator[Pool]:
    """One of its own."""
    pool = Pool()
    yield pool
    pool.stop()


def launch(pool: Pool, counters: Counters, kind: object = _count, threads: int = MAXIMUM_THREADS) -> None:
    """As many items as there are counters."""
    arguments = np.array([counters.ctypes.data], np.int64)
    cancel = CancelFlag()
    pool.run(kind.address, arguments.ctypes.data, len(counters), threads, cancel.address)  # type: ignore[attr-defined]


@several_threads
def test_threads__work_at_the_same_time_also_after_they_have_slept(pool: Pool) -> None:
    for _ in range(5):
        counters = np.zeros(2, np.int64)
        launch(pool, counters, _meet, 2)
        assert counters.tolist() == [2, 2]
        time.sleep(_LONG)


@pytest.mark.parametrize("pause", [0.0, 0.0002, 0.0004, 0.002])
def test_launches__in_any_rhythm_do_every_item_once(pool: Pool, pause: float) -> None:
    for items in list(range(40)) * 5:
        counters = np.zeros(items, np.int64)
        launch(pool, counters)
        assert counters.tolist() == [1] * items
        time.sleep(pause)


@several_threads
def test_launch__does_not_wait_for_a_thread_that_has_not_begun(
    pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threading.Thread, "start", lambda thread: None)  # its own end will not wait for them
    counters = np.zeros(50, np.int64)
    launch(pool, counters)
    assert counters.tolist() == [1] * 50


@several_threads
def test_threads__that_cannot_be_started_are_done_without(
    pool: Pool, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    counters = np.zeros(50, np.int64)
    with caplog.at_level(logging.WARNING):
        launch(pool, counters)
        launch(pool, counters)
    assert counters.tolist() == [2] * 50
    assert [record.message for record in caplog.records] == [
        "The engine works with fewer threads, 1: can't start new thread"
    ]


@several_threads
@pytest.mark.parametrize("pause", [0.0, _LONG], ids=["turning", "asleep"])
def test_stop__ends_the_threads(pause: float) -> None:
    pool = Pool()
    launch(pool, np.zeros(9, np.int64))
    time.sleep(pause)
    assert all(thread.is_alive() for thread in pool._threads)
    pool.stop()
    assert not any(thread.is_alive() for thread in pool._threads)
    counters = np.zeros(9, np.int64)
    launch(pool, counters)
    assert counters.tolist() == [1] * 9


@several_threads
@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="only Linux tells")
def test_threads__go_where_they_like_after_they_were_sent_elsewhere(pool: Pool) -> None:
    launch(pool, np.zeros(9, np.int64))
    here = {min(os.sched_getaffinity(0))}
    for wanted in (os.sched_getaffinity(0), here):
        for thread in pool._threads:
            os.sched_setaffinity(thread.native_id or 0, wanted)
        for _ in range(5):
            time.sleep(_LONG)
            launch(pool, np.zeros(2, np.int64), _meet, 2)
        time.sleep(_LONG)
        assert all(os.sched_getaffinity(thread.native_id or 0) == wanted for thread in pool._threads)
    assert os.sched_getaffinity(0) != here or MAXIMUM_THREADS == 1


MANY = """
import time
import numpy as np
from explorer import jit
from explorer.jit import runner
from explorer.jit.atomic import add
from explorer.jit.compiler import MAXIMUM_THREADS, integer, operation
assert MAXIMUM_THREADS == 7, MAXIMUM_THREADS

@operation
def note(item, worker, arguments):
    add(integer(arguments, 0) + 8 * worker, 1)
    for _ in range(3000):
        add(integer(arguments, 0) + 8 * 7, 1)

def launch(threads):
    jit.set_threads(threads)
    counters = np.zeros(8, np.int64)
    runner.run(note, 70, (counters,))
    assert counters[:threads].sum() == 70 and counters[7] == 210_000, counters
    time.sleep(0.001)
    return counters

total = sum(launch(threads) for threads in [*range(1, 8)] * 20)
deadline = time.monotonic() + 60
while not (total[:7] > 0).all() and time.monotonic() < deadline:
    total += launch(7)
print((total[:7] > 0).all())
"""


def test_threads__wake_one_another_and_no_more_than_are_wanted() -> None:
    assert run(MANY, NUMBA_NUM_THREADS="7") == ["True"]


EXIT = """
import numpy as np
from explorer import engine
engine.conv2d(np.ones((1, 4, 120, 120), np.float32), np.ones((8, 4, 3, 3), np.float32))
"""


def test_exit__right_after_a_launch_is_clean() -> None:
    for _ in range(3):
        assert run(EXIT) == []


@several_threads
def test_threads__that_ctrl_c_has_started_keep_their_number(
    pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = threading.Thread.start

    def interrupted(thread: threading.Thread) -> None:
        start(thread)
        monkeypatch.setattr(threading.Thread, "start", start)
        raise KeyboardInterrupt

    monkeypatch.setattr(threading.Thread, "start", interrupted)
    with pytest.raises(KeyboardInterrupt):
        launch(pool, np.zeros(9, np.int64))
    launch(pool, np.zeros(9, np.int64))
    names = [thread.name for thread in pool._threads]
    assert names == [f"engine-{index}" for index in range(1, MAXIMUM_THREADS)]


def test_launch__of_more_items_than_a_word_can_count_is_refused(pool: Pool) -> None:
    with pytest.raises(ValueError, match="67108863 items at most"):
        pool.run(0, 0, 1 << 26, 1, 0)


FORK = """
import os
import numpy as np
from explorer import engine
from explorer.jit.pool import pool
x, weight = np.ones((1, 4, 120, 120), np.float32), np.ones((8, 4, 3, 3), np.float32)
expected = engine.conv2d(x, weight)
with pool.lock:  # as where another thread launches
    child = os.fork()
if child == 0:
    os._exit(0 if all(np.array_equal(engine.conv2d(x, weight), expected) for _ in range(20)) else 1)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), np.array_equal(engine.conv2d(x, weight), expected))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no such thing here")
def test_fork__gives_a_process_that_has_threads_of_its_own() -> None:
    assert run(FORK, PYTHONWARNINGS="ignore") == ["0 True"]


def test_block__has_room_for_every_thread() -> None:
    pool = Pool()
    end = ctypes.addressof(pool._memory) + ctypes.sizeof(pool._memory)
    assert pool._block % 128 == 0
    assert pool._block + 512 + 128 * MAXIMUM_THREADS <= end
