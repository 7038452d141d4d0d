"""Every test of the engine runs twice: with compiled functions and with their stand-ins in plain NumPy."""

from __future__ import annotations

import os
from collections.abc import Iterator
from types import ModuleType

import numpy as np
import pytest

from explorer import engine as compiled
from explorer import jit
from explorer.engine import plain


@pytest.fixture(scope="session", params=["compiled", "plain"])
def engine(request: pytest.FixtureRequest) -> ModuleType:
    """The engine's public functions."""
    if request.param == "plain":
        return plain
    compiled.relu(np.zeros((1, 1, 1, 1), np.float32))
    assert jit.status.state is not jit.Status.FAILED, jit.status.reason
    return compiled


@pytest.fixture(autouse=True)
def kernels_compile() -> Iterator[None]:
    """Where a kernel cannot be compiled, the plain path serves in silence: that must not pass for the compiled one."""
    yield
    assert jit.status.state is not jit.Status.FAILED, jit.status.reason


@pytest.fixture
def all_threads_afterwards() -> Iterator[None]:
    """Puts the number of threads back."""
    yield
    jit.set_threads(os.cpu_count() or 1)
