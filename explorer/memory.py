"""How much memory a network may use unless the user says otherwise."""

from __future__ import annotations

import time
from functools import lru_cache

import psutil


def default_limit() -> int:
    """A quarter of the memory that is free now, in bytes. A second counts as now: every move of a brush asks."""
    return _available(int(time.monotonic())) // 4


@lru_cache(maxsize=1)
def _available(second: int) -> int:
    return int(psutil.virtual_memory().available)
