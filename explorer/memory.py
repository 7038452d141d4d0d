"""How much memory a network may use unless the user says otherwise."""

from __future__ import annotations

import psutil


def default_limit() -> int:
    """A quarter of the memory that is free now, in bytes."""
    return int(psutil.virtual_memory().available) // 4
