"""Where numba cannot work the plain path serves, with the same numbers, and says so."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from explorer import engine
from explorer.jit import JitUnavailableError, Status, compiler, status
from explorer.jit.status import StatusHolder
from tests.engine.checks import normal
from tests.jit.processes import CONVOLVE, run


@pytest.fixture
def fresh_status(monkeypatch: pytest.MonkeyPatch) -> StatusHolder:
    """The state at the start, put back afterwards."""
    monkeypatch.setattr(status, "state", Status.LAZY)
    monkeypatch.setattr(status, "reason", "")
    return status


def break_numba(folder: Path, package: str, raising: str) -> None:
    """A package that raises when it is imported."""
    (folder / package).mkdir()
    (folder / package / "__init__.py").write_text(raising)


@pytest.mark.parametrize(
    ("package", "raising", "reason"),
    [
        ("numba", "raise ImportError('Numba needs NumPy 2.2 or less')", "Numba needs NumPy 2.2 or less"),
        ("llvmlite", "raise OSError('Could not find/load shared object file')", "Could not find/load"),
        ("numba", "raise SystemError('initialization failed')", "initialization failed"),
        ("numba", "from numba import nothing", "Numba cannot be imported: "),
    ],
    ids=["numpy too new", "library missing", "broken build", "half installed"],
)
def test_import__that_fails_leaves_the_plain_path(
    tmp_path: Path, package: str, raising: str, reason: str
) -> None:
    break_numba(tmp_path, package, raising)
    *log, state = run(CONVOLVE, path=tmp_path)
    assert state.startswith("FAILED ")
    assert reason in state
    assert len(log) == 1
    assert log[0].startswith("Compiled kernels are not available, using NumPy instead: ")


def test_import__switched_off_by_the_user(tmp_path: Path) -> None:
    *_, state = run(CONVOLVE, NUMBA_DISABLE_JIT="1")
    assert state == "FAILED Numba is switched off by NUMBA_DISABLE_JIT."


def test_import__settings_work_without_numba(tmp_path: Path) -> None:
    break_numba(tmp_path, "numba", "raise ImportError('gone')")
    assert run(
        "from explorer import jit; jit.set_threads(2); print(jit.status.state.name)", path=tmp_path
    ) == ["LAZY"]


def test_prepare__that_fails_is_one_kind_of_error(tmp_path: Path) -> None:
    break_numba(tmp_path, "numba", "raise OSError('gone')")
    code = """
from explorer import engine, jit
try:
    engine.prepare()
except jit.JitUnavailableError as error:
    print(error)
"""
    (line,) = run(code, path=tmp_path)
    assert "Numba cannot be imported" in line
    assert line.endswith("gone")


def test_compiling__that_fails_leaves_the_plain_path_with_the_same_numbers(
    fresh_status: StatusHolder, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    x, weight = normal(1, 3, 30, 40), normal(4, 3, 3, 3)
    expected = engine.conv2d(x, weight, padding=1), engine.max_pool2d(x, 2), engine.gelu(x), engine.softmax(x)

    def broken(self: compiler.Operation) -> Any:
        raise JitUnavailableError("Numba cannot compile here: no such instruction\nand much more")

    for name in ("compiled", "address", "here"):
        monkeypatch.setattr(compiler.Operation, name, property(broken))
    with caplog.at_level(logging.INFO):
        actual = (
            engine.conv2d(x, weight, padding=1),
            engine.max_pool2d(x, 2),
            engine.gelu(x),
            engine.softmax(x),
        )
    for ours, theirs in zip(actual, expected, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-5 * max(1, np.abs(theirs).max()))
    assert fresh_status.state is Status.FAILED
    assert fresh_status.reason == "Numba cannot compile here: no such instruction"
    assert [record.message for record in caplog.records] == [
        "Compiled kernels are not available, using NumPy instead: Numba cannot compile here: no such instruction"
    ]


def test_failed__no_kernel_is_tried_again(
    fresh_status: StatusHolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh_status.fail(OSError("gone"))
    monkeypatch.setattr(compiler.Operation, "compiled", property(lambda self: pytest.fail("tried again")))
    assert engine.relu(np.array([[-1, 2]], np.float32)).tolist() == [[0, 2]]


def test_preparing__the_plain_path_serves(
    fresh_status: StatusHolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh_status.state = Status.PREPARING
    with monkeypatch.context() as patch:
        patch.setattr(
            compiler.Operation, "compiled", property(lambda self: pytest.fail("compiled too early"))
        )
        assert engine.relu(np.array([[-1, 2]], np.float32)).tolist() == [[0, 2]]
    fresh_status.state = Status.READY
    assert engine.relu(np.array([[-1, 2]], np.float32)).tolist() == [[0, 2]]
    assert fresh_status.state is Status.READY


@pytest.mark.parametrize(
    ("state", "usable"),
    [(Status.LAZY, True), (Status.PREPARING, False), (Status.READY, True), (Status.FAILED, False)],
)
def test_usable__only_when_a_kernel_may_be_called(state: Status, usable: bool) -> None:
    holder = StatusHolder()
    holder.state = state
    assert holder.usable is usable


def test_fail__an_error_without_words_is_named_by_its_type() -> None:
    holder = StatusHolder()
    holder.fail(MemoryError())
    assert holder.reason == "MemoryError"


@pytest.mark.parametrize(
    "module", ["explorer.engine", "explorer.jit", "explorer.layers", "explorer.document.document"]
)
def test_import__of_everything_below_the_window_does_without_numba(module: str) -> None:
    code = f"import sys, {module}; print(sorted({{'numba', 'llvmlite', 'PySide6'}} & sys.modules.keys()))"
    assert run(code) == ["[]"]


def test_import__the_cache_folder_is_chosen_before_numba_is() -> None:
    code = "import os, sys, explorer.engine; print('NUMBA_CACHE_DIR' in os.environ, 'numba' in sys.modules)"
    assert run(code, drop=("NUMBA_CACHE_DIR",)) == ["True False"]
