"""How many threads a launch uses. Free of numba, so that a setting can be applied before any kernel is needed."""

from __future__ import annotations

import os


class Threads:
    """The process-wide number of threads."""

    def __init__(self) -> None:
        self.count = os.cpu_count() or 1


threads = Threads()


def set_threads(count: int) -> None:
    """Use this many threads from now on, but at most one for each processor, or what the environment says."""
    if count < 1:
        raise ValueError(f"At least 1 thread is needed, {count} were asked for.")
    threads.count = count
