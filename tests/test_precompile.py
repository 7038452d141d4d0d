"""Compiling in other processes: it fills the cache, it can be ended, and nothing depends on it."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from explorer import precompile
from explorer.jit import cache
from explorer.precompile import Helpers
from tests.jit.processes import ROOT, run

TOGETHER = """
from explorer import engine
from explorer.imaging import colouring, survey
from explorer.engine import compiled_kernels
from explorer.jit import cache, compiler
from explorer.precompile import Helpers
helpers = Helpers()
helpers.start()
helpers.wait()
found = set(cache.folder().rglob("*.nbc"))
wanted = [operation for operation in compiler._operations if operation.prepared]
print(len(found) - len(wanted), {process.returncode for process in helpers._running})
print([*cache.folder().glob("claim-*")])
engine.prepare()
print(set(cache.folder().rglob("*.nbc")) == found)
cache.set_complete()
again = Helpers()
again.start()
print(again._running)
"""


@pytest.mark.skipif(precompile._processors() == 1, reason="no processor for them")
@pytest.mark.parametrize("way", ["straight", "symlink"])
def test_helpers__leave_nothing_to_compile(tmp_path: Path, way: str) -> None:
    found_at = ROOT
    if way == "symlink":
        found_at = tmp_path / "link"
        try:
            found_at.symlink_to(ROOT, target_is_directory=True)
        except OSError:
            pytest.skip("no symbolic links here")
    code = f"import sys\nsys.path.insert(0, {str(found_at)!r})\n" + TOGETHER
    assert run(code, NUMBA_CACHE_DIR=str(tmp_path / "kernels")) == ["0 {0}", "[]", "True", "[]"]


def test_longest__are_kernels() -> None:
    code = """
from explorer import engine
from explorer.engine import compiled_kernels
from explorer.imaging import colouring, survey
from explorer.jit import compiler
from explorer.precompile import _LONGEST
print({*_LONGEST} - {operation.name for operation in compiler._operations})
"""
    assert run(code) == ["set()"]


@pytest.fixture
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(precompile, "_processors", lambda: 2)
    return tmp_path


def test_helpers__end_when_they_are_told_to(empty_cache: Path) -> None:
    helpers = Helpers()
    helpers.start()
    assert len(helpers._running) == 2
    began = time.monotonic()
    helpers.stop()
    helpers.wait()
    assert all(process.returncode for process in helpers._running)
    assert not [*empty_cache.glob("claim-*")]
    assert time.monotonic() - began < precompile._PATIENCE / 2


def test_helpers__do_not_start_after_the_end(empty_cache: Path) -> None:
    helpers = Helpers()
    helpers.stop()
    helpers.start()
    assert not helpers._running


@pytest.mark.parametrize("program", ["", "/nowhere/python"], ids=["none", "missing"])
def test_helpers__are_not_needed(empty_cache: Path, monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    monkeypatch.setattr(sys, "executable", program)
    helpers = Helpers()
    helpers.start()
    helpers.wait()
    assert not helpers._running


def test_helpers__need_something_to_do_a_processor_each_and_a_cache(
    empty_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    helpers = Helpers()
    with monkeypatch.context() as patch:
        patch.setattr(cache, "is_complete", lambda: True)
        helpers.start()
    with monkeypatch.context() as patch:
        patch.setattr(precompile, "_processors", lambda: 1)
        helpers.start()
    with monkeypatch.context() as patch:
        patch.setenv("FEATURE_MAP_EXPLORER_HELPER", "1")
        helpers.start()
    with monkeypatch.context() as patch:
        patch.setattr(sys, "frozen", True, raising=False)
        helpers.start()
    monkeypatch.delenv("NUMBA_CACHE_DIR")
    helpers.start()
    assert not helpers._running


def test_helpers__leave_what_is_not_theirs_alone(empty_cache: Path) -> None:
    letter = empty_cache / "claim-2024.pdf"
    letter.touch()
    helpers = Helpers()
    helpers.start()
    helpers.stop()
    helpers.wait()
    assert letter.exists()


def test_helpers__share_the_work_whatever_an_earlier_start_has_left(empty_cache: Path) -> None:
    (empty_cache / "claim-explorer-another kernel").touch()
    helpers = Helpers()
    helpers.start()
    helpers.stop()
    assert [precompile._claim("a kernel") for _ in range(2)] == [True, False]
    assert precompile._claim("another kernel")
    helpers.wait()


def test_helpers__that_take_too_long_are_ended(empty_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(precompile, "_PATIENCE", 0.01)
    helpers = Helpers()
    helpers.start()
    helpers.wait()
    for process in helpers._running:
        process.wait()
        assert process.returncode
