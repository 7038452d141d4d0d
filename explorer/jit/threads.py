"""How many threads a launch uses. Free of numba, so that a setting can be applied before any kernel is needed."""

from __future__ import annotations

import os


class Threads:
    """The process-wide number of threads."""

    def __init__(self) -> None:
        self.count = os.cpu_count() or 1


threads = Threads()


def set_threads(count: int) -> None:
    """Use this many threads from now on, but at most as many as numba starts with."""
    if count < 1:
        raise ValueError(f"At least 1 thread is needed, {count} were asked for.")
    threads.count = count


_SPINS = 10_000  # some 0.3 ms


def wait_without_spinning() -> None:
    """Let workers sleep soon after a launch.

    By default OpenMP's threads turn in circles for many milliseconds, waiting for the next launch. On few cores that
    is time the window needs to paint. But waking a sleeping thread takes 50 us where a turning one starts at once, and
    the layers of a pass follow one another quickly. So they turn for a moment, where the library (GNU's) can be told
    how long, and not at all elsewhere. It reads this once, when numba loads it.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    os.environ.setdefault("GOMP_SPINCOUNT", str(_SPINS))
