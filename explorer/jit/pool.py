"""Threads for work items, which wait for them without Python.

A launch puts what there is to do into a block of words that lives as long as the process, and its own thread begins to
work. The others take items whenever they get there: nobody waits for a thread that has not begun, so a launch that is
done before another thread has woken takes no longer than the work. (OpenMP's threads meet at the end of each launch,
and where one of them had slept they met after 0.3 ms for work of 0.03.)

::

    launch    items 0 1 2 3 4 5 6 7 are published, an equal share for each thread

                thread 0   0 1 2 3 |     | 4 5 6 7   thread 1
                           own ->    <- others'

    threads   take from the front of their own share, then from the back of others', until nothing is left;
              then turn for a moment, waiting for the next launch, and sleep
    launch    helps, then waits until as many are done as there were

Shares keep a part of a picture in the cache of one processor, from layer to layer. A share is one word: its first item,
its end, and how many threads may take part. Who changes it to one item less has that item.

A layer follows the one before within microseconds, so threads do not sleep at once; while they turn they let go of the
processor for whoever wants it. Who begins to work wakes two others, and these two each, for waking takes longer than
many an item. Threads sleep in a lock of Python's, which can be used without Python.
"""

from __future__ import annotations

import atexit
import ctypes
import logging
import os
import sys
import threading

from explorer.jit.atomic import add, call_c, change, read, write
from explorer.jit.compiler import MAXIMUM_THREADS, call_at, inline, operation
from explorer.jit.flushing import flush_subnormals, restore

logger = logging.getLogger(__name__)

_TURNS = 1500  # before a thread sleeps, some 0.3 ms
_JOIN = 5.0  # seconds

# Where the words of the block lie, in bytes; what one thread writes while others read is on cache lines of its own.
# The number of the last launch, and how many of its items are done:
_LAUNCH, _DONE = 0, 128
# What belongs to that launch; items and threads are counts, the last is whether subnormals count as 0:
_FUNCTION, _ARGUMENTS, _ITEMS, _COUNT, _CANCEL, _FLUSHES = range(256, 304, 8)
# Whether threads should end; addresses of what the system offers, and of the loop over items:
_STOPPED, _ACQUIRE, _RELEASE, _YIELD, _WORK = range(384, 424, 8)
_GET_PROCESSOR, _GET_PROCESSORS, _SET_PROCESSORS = range(424, 448, 8)
# Threads, and how far they are apart; the first is the one that launches:
_THREADS, _THREAD = 512, 128
# Of each: its share; whether it sleeps; a lock that is always held, which it sleeps in; its number in the system; on
# which processors it may run, bit by bit, and on which wake up, or 0:
_SHARE, _ASLEEP, _LOCK, _ID, _PROCESSORS, _ELSEWHERE = 0, 64, 72, 80, 88, 96

_BITS = 26  # of a share, for its first item and for its end; what is left of a word is for the threads
_MOST_ITEMS, _MOST_THREADS = (1 << _BITS) - 1, (1 << 63 - 2 * _BITS) - 1

_new_lock = ctypes.PYFUNCTYPE(ctypes.c_void_p)(("PyThread_allocate_lock", ctypes.pythonapi))
_acquire = ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int)(
    ("PyThread_acquire_lock", ctypes.pythonapi)
)
_release = ctypes.PYFUNCTYPE(None, ctypes.c_void_p)(("PyThread_release_lock", ctypes.pythonapi))


@inline
def _thread(block: int, index: int) -> int:
    return block + _THREADS + _THREAD * index


@inline
def _take(share: int, index: int, is_own: bool) -> int:
    """An item of a share, which thread ``index`` has now; -1 where there is none for it."""
    while True:
        word: int = read(share)
        first, end = word & _MOST_ITEMS, word >> _BITS & _MOST_ITEMS
        if first >= end or index >= word >> 2 * _BITS:
            return -1
        if change(share, word, word + 1 if is_own else word - (1 << _BITS)):
            return first if is_own else end - 1


@inline
def _take_any(block: int, index: int, threads: int) -> int:
    """An item of anybody's share; -1 where there is none."""
    item: int = _take(_thread(block, index) + _SHARE, index, True)
    other = 1
    while item < 0 and other < threads:
        item = _take(_thread(block, (index + other) % threads) + _SHARE, index, False)
        other += 1
    return item


@inline
def _wake(block: int, index: int) -> None:
    thread = _thread(block, index)
    if read(thread + _ASLEEP) and change(thread + _ASLEEP, 1, 0):
        if index > 0:  # who launches is not ours
            _send_elsewhere(block, thread)
        call_c(read(block + _RELEASE), read(thread + _LOCK), 0, 0)


@inline
def _send_elsewhere(block: int, thread: int) -> None:
    """Let a thread wake up on any processor but this one, where this is known; it then may go where it likes.

    Linux looks for a processor that sleeps, but in a virtual machine it does not trust those that do, and with only
    two it soon gives up looking: the thread would wait for its waker's processor, beside one that has nothing to do.
    Processors that are added while the process runs are then unknown to the thread.
    """
    if read(block + _GET_PROCESSOR) == 0 or read(thread + _ID) == 0:
        return
    here = call_c(read(block + _GET_PROCESSOR), 0, 0, 0)
    # into 64 bits; it fails where there are more processors
    known = call_c(read(block + _GET_PROCESSORS), read(thread + _ID), 8, thread + _PROCESSORS)
    others = read(thread + _PROCESSORS) & ~(1 << here)
    if known >= 0 and others != 0:
        write(thread + _ELSEWHERE, others)
        call_c(read(block + _SET_PROCESSORS), read(thread + _ID), 8, thread + _ELSEWHERE)


@inline
def _sleep(block: int, index: int) -> None:
    """Until somebody wakes this thread, which has said that it is asleep."""
    thread = _thread(block, index)
    call_c(read(block + _ACQUIRE), read(thread + _LOCK), 1, 0)
    if read(thread + _ELSEWHERE) != 0:
        write(thread + _ELSEWHERE, 0)
        call_c(read(block + _SET_PROCESSORS), 0, 8, thread + _PROCESSORS)


@operation
def work(item: int, worker: int, arguments: int) -> None:
    """Do items as thread ``worker`` until none is left.

    A launch is not over while one is not done, so what belongs to it is there.
    """
    block, index = arguments, worker
    has_begun, is_flushing, before = False, 0, 0
    while True:
        item = _take_any(block, index, read(block + _COUNT))
        if is_flushing != 0 and (item < 0 or read(block + _FLUSHES) == 0):
            restore(before)
            is_flushing = 0
        if item < 0:
            return
        if is_flushing == 0 and read(block + _FLUSHES) != 0:
            before = flush_subnormals()
            is_flushing = 1
        if not has_begun:
            has_begun = True
            for other in range(2 * index + 1, min(2 * index + 3, read(block + _COUNT))):
                _wake(block, other)
        items = read(block + _ITEMS)
        if read(read(block + _CANCEL)) == 0:
            call_at(read(block + _FUNCTION), item, index, read(block + _ARGUMENTS))
        if add(block + _DONE, 1) == items - 1:
            _wake(block, 0)


@operation
def serve(item: int, worker: int, arguments: int) -> None:
    """Work for launches until the block says stop, as thread ``worker``."""
    block, asleep, known, turns = arguments, _thread(arguments, worker) + _ASLEEP, 0, 0
    while read(block + _STOPPED) == 0:
        launch = read(block + _LAUNCH)
        if launch != known:
            known, turns = launch, 0
            call_at(read(block + _WORK), 0, worker, block)
        elif turns < _TURNS:
            call_c(read(block + _YIELD), 0, 0, 0)
            turns += 1
        else:
            write(asleep, 1)
            is_wanted = read(block + _LAUNCH) != known or read(block + _STOPPED) != 0
            if not (is_wanted and change(asleep, 1, 0)):  # where it was changed before, a wake is on its way
                _sleep(block, worker)
                write(asleep, 0)  # also where the end has woken it
            turns = 0


@operation
def launch(item: int, worker: int, arguments: int) -> None:
    """Have ``item`` items done by ``worker`` threads, of which this is one; the block says what an item is."""
    items, threads, block = item, worker, arguments
    write(block + _ITEMS, items)
    write(block + _COUNT, threads)
    write(block + _DONE, 0)
    for index in range(threads):
        first, end = items * index // threads, items * (index + 1) // threads
        write(_thread(block, index) + _SHARE, (threads << _BITS | end) << _BITS | first)
    add(block + _LAUNCH, 1)
    call_at(read(block + _WORK), 0, 0, block)
    asleep, turns = _thread(block, 0) + _ASLEEP, 0
    while read(block + _DONE) < items:
        if turns < _TURNS:
            call_c(read(block + _YIELD), 0, 0, 0)
            turns += 1
        else:
            write(asleep, 1)
            if not (read(block + _DONE) == items and change(asleep, 1, 0)):
                _sleep(block, 0)  # a thread that was late may wake this one too early
            turns = 0


@operation
def flushed(item: int, worker: int, arguments: int) -> None:
    """Do item 0 of the operation whose address is ``item``, which flushes subnormals, on this thread."""
    before = flush_subnormals()
    call_at(item, 0, 0, arguments)
    restore(before)


class Pool:
    """The threads and their block. They are started when first needed and end with the process."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Without threads; also for a forked process, which has none of its parent's."""
        self._threads: list[threading.Thread] = []
        self._locks: list[int] = []
        self._can_grow = True
        self.lock = threading.Lock()
        """Of who launches."""
        self._memory = ctypes.create_string_buffer(_THREADS + _THREAD * (MAXIMUM_THREADS + 1))
        self._block = -(-ctypes.addressof(self._memory) // _THREAD) * _THREAD
        count = (ctypes.sizeof(self._memory) - _THREAD) // 8
        self._words = (ctypes.c_int64 * count).from_address(self._block)
        self._set(_ACQUIRE, _address(_acquire))
        self._set(_RELEASE, _address(_release))
        if sys.platform == "win32":
            self._set(_YIELD, _address(ctypes.WinDLL("kernel32").SwitchToThread))
        else:
            self._set(_YIELD, _address(ctypes.CDLL(None).sched_yield))
        if sys.platform == "linux":
            libc = ctypes.CDLL(None)
            self._set(_GET_PROCESSOR, _address(libc.sched_getcpu))
            self._set(_GET_PROCESSORS, _address(libc.sched_getaffinity))
            self._set(_SET_PROCESSORS, _address(libc.sched_setaffinity))
        self._add_lock()

    def run(
        self, function: int, arguments: int, items: int, threads: int, cancel: int, flushes: bool = False
    ) -> None:
        """Do all items on at most so many threads; one launch at a time."""
        self._set(_WORK, work.address)
        if items > _MOST_ITEMS:
            raise ValueError(f"One launch has {_MOST_ITEMS} items at most, not {items}.")
        threads = min(threads, _MOST_THREADS, MAXIMUM_THREADS)
        threads = min(threads, self._grow(threads))
        self._set(_FUNCTION, function)
        self._set(_ARGUMENTS, arguments)
        self._set(_CANCEL, cancel)
        self._set(_FLUSHES, int(flushes))
        launch.here(items, threads, self._block)

    def stop(self) -> None:
        """End the threads, before what they run is taken away."""
        self._set(_STOPPED, 1)
        for lock in self._locks[1:]:
            _release(lock)
        for thread in self._threads:
            if thread.ident is not None:  # it has been started
                thread.join(_JOIN)

    def _grow(self, threads: int) -> int:
        """How many threads there are, this one included, after starting what is missing."""
        while self._can_grow and len(self._threads) + 1 < threads:
            index = len(self._threads) + 1
            words = (0, index, self._block)
            thread = threading.Thread(target=serve.here, args=words, name=f"engine-{index}", daemon=True)
            try:
                self._add_lock()
                self._threads.append(thread)  # first: where Ctrl+C comes next, it may be running already
                thread.start()
            except (RuntimeError, MemoryError) as error:
                logger.warning("The engine works with fewer threads, %d: %s", index, error)
                self._can_grow = False
            else:
                self._set(_THREADS + _THREAD * index + _ID, thread.native_id or 0)
        return len(self._threads) + 1

    def _add_lock(self) -> None:
        """Of the next thread."""
        lock = _new_lock()
        if lock is None:
            raise MemoryError("The system has no lock left.")
        _acquire(lock, 1)
        self._set(_THREADS + _THREAD * len(self._locks) + _LOCK, lock)
        self._locks.append(lock)

    def _set(self, place: int, value: int) -> None:
        self._words[place // 8] = value


def _address(function: object) -> int:
    return ctypes.cast(function, ctypes.c_void_p).value or 0  # type: ignore[arg-type]


pool = Pool()
atexit.register(pool.stop)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=pool.begin)
