"""The random tests once more, a few each: code for registers narrower than this processor's."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

import explorer

ROOT = Path(explorer.__file__).parents[1]

AVX2 = ["avx2", "avx", "fma", "sse4.2", "sse4.1", "ssse3", "sse3", "sse2", "popcnt", "bmi", "bmi2", "f16c"]
WAYS = {
    "AVX2": (
        8,
        {
            "NUMBA_CPU_NAME": "haswell",
            "NUMBA_CPU_FEATURES": ",".join(f"+{name}" for name in AVX2),
        },
    ),
    "SSE2": (4, {"NUMBA_CPU_NAME": "x86-64", "NUMBA_CPU_FEATURES": "+sse2"}),
}
START = """
import sys
import pytest
from explorer.jit.compiler import VECTOR
assert {lanes} == VECTOR, VECTOR
sys.exit(pytest.main(sys.argv[1:]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="the random tests protect pages with mprotect")
@pytest.mark.parametrize(("lanes", "variables"), WAYS.values(), ids=WAYS)
def test_random_tests__pass_with_other_code_too(lanes: int, variables: dict[str, str]) -> None:
    if platform.machine() not in ("x86_64", "AMD64"):
        pytest.skip("code for x86 does not run here")
    command = [sys.executable, "-X", "faulthandler", "-c", START.format(lanes=lanes)]
    command += [
        "tests/engine/test_fuzzing.py",
        "tests/engine/test_streaming.py",
        "tests/engine/test_transforms.py",
        "tests/imaging/test_survey.py",
    ]
    command += ["-q", "-x", "-p", "no:cacheprovider", "-k", "not large"]
    environment = os.environ | variables | {"NUMBA_NUM_THREADS": "3", "FUZZING_EXAMPLES": "15"}
    environment["PYTHONPATH"] = str(ROOT)
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
