"""What importing the engine costs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import explorer

PROGRAM = """
import sys
import numpy as np
from explorer import engine, jit
assert "numba" not in sys.modules, "numba was imported too early"
jit.status.state = jit.Status.PREPARING
engine.conv2d(np.ones((1, 1, 3, 3)), np.ones((1, 1, 3, 3)))
assert "numba" not in sys.modules, "the plain path needs no numba"
"""


def test_engine__imports_numba_only_when_a_compiled_function_runs() -> None:
    root = Path(explorer.__file__).parents[1]
    result = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=root, capture_output=True, text=True, timeout=60, check=False
    )
    assert result.returncode == 0, result.stderr
