"""Fair timing of several competitors in one process, on a machine that others may be using too."""

from __future__ import annotations

import ctypes
import platform
import time
from collections.abc import Callable, Sequence

_GAP = 0.002  # seconds
_QUIET = 0.0003  # seconds of processor time within a gap in which no thread is spinning
_QUIET_GAPS = 2  # in succession, for a spinning thread may have to wait for its turn
_MOST_GAPS = 60
_VISIT = 0.002  # seconds of timed calls at a time
_MOST_CALLS = 20
_TRIES = 3

_M_TRIM_THRESHOLD, _M_MMAP_MAX = -1, -4  # from malloc.h


def interleaved(
    calls: Sequence[Callable[[], object]], repeats: int, middle: Callable[[list[float]], float]
) -> list[float]:
    """Seconds that one call of each takes, ``middle`` of what was measured: the median, or on a busy machine min.

    Each round visits all competitors, a different one first each time. A visit waits until the one before has come
    to rest, calls for some 2 ms to wake the threads, the processors and the caches, and then times as many calls.
    """
    counts = []
    for call in calls:
        call()  # compiles, and chooses an implementation
        about = min(_time(call) for _ in range(_TRIES))  # one alone may be interrupted
        counts.append(max(1, min(_MOST_CALLS, round(_VISIT / max(about, 1e-6)))))
    samples: list[list[float]] = [[] for _ in calls]
    for first in range(repeats):
        for place in range(len(calls)):
            index = (first + place) % len(calls)
            _settle()
            for _ in range(counts[index]):
                calls[index]()
            samples[index].append(middle([_time(calls[index]) for _ in range(counts[index])]))
    return [middle(times) for times in samples]


def _settle() -> None:
    """Sleep until no thread of this process runs: most libraries' threads spin after a call, some for 30 ms."""
    quiet = 0
    for _ in range(_MOST_GAPS):
        before = time.process_time()
        time.sleep(_GAP)
        quiet = quiet + 1 if time.process_time() - before < _QUIET else 0
        if quiet == _QUIET_GAPS:
            return


def _time(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()  # what it returns is freed within the time, as where a user drops it
    return time.perf_counter() - start


def keep_freed_memory() -> bool:
    """Let malloc keep freed memory instead of returning it to the system; whether that is possible here.

    Libraries that cannot write to a given array then write to memory that is there already, as if they could.
    """
    if platform.libc_ver()[0] != "glibc":
        return False
    mallopt = ctypes.CDLL(None).mallopt
    return bool(mallopt(_M_MMAP_MAX, 0)) and bool(mallopt(_M_TRIM_THRESHOLD, 2**31 - 1))
