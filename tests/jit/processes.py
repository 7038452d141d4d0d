"""Running a few lines in a fresh interpreter, where numba has not been imported yet."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent

CONVOLVE = """
import logging, sys
import numpy as np
logging.basicConfig(level=logging.INFO, stream=sys.stdout, format="%(message)s")
from explorer import engine, jit
x = np.arange(2 * 290 * 370, dtype=np.float32).reshape(1, 2, 290, 370) % 17
y = engine.conv2d(x, np.full((2, 2, 3, 3), 0.5, np.float32), padding=1)
windows = np.lib.stride_tricks.sliding_window_view(np.pad(x.sum(axis=1)[0], 1), (3, 3)).sum(axis=(2, 3))
assert np.abs(y[0] - windows / 2).max() < 1e-3, "wrong numbers"
print(jit.status.state.name, jit.status.reason)
"""
"""Convolves on the threads, checks the result, and prints the state of the compiler in the last line."""


def run(code: str, *, drop: tuple[str, ...] = (), path: Path | None = None, **variables: str) -> list[str]:
    """What the lines print. ``drop`` names environment variables to leave out; ``path`` is searched first."""
    environment = {key: value for key, value in os.environ.items() if key not in drop}
    paths = [str(path), str(ROOT)] if path else [str(ROOT)]
    environment |= {"PYTHONPATH": os.pathsep.join(paths), "PYTHONFAULTHANDLER": "1"} | variables
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment,
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
    )
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout.splitlines()
