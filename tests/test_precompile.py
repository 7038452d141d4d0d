"""Compiling in other processes: it fills the cache, it can be ended, and nothing depends on it."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from explorer import precompile
from explorer.jit import cache
from explorer.precompile import Helpers
from tests.jit.processes import run

TOGETHER = """
from explorer import engine
from explorer.imaging import colouring
from explorer.jit import cache, compiler
from explorer.precompile import Helpers
from explorer.engine import compiled_kernels
assert cache.is_empty()
helpers = Helpers()
helpers.start()
helpers.wait()
found = set(cache.folder().rglob("*.nbc"))
print(len(found) - len(compiler._operations), {process.returncode for process in helpers._running})
print([*cache.folder().glob("claim-*")])
engine.prepare()
print(set(cache.folder().rglob("*.nbc")) == found)
again = Helpers()
again.start()
print(again._running)
"""


def test_helpers__leave_nothing_to_compile(tmp_path: Path) -> None:
    # beside the operations there is what launches them
    assert run(TOGETHER, NUMBA_CACHE_DIR=str(tmp_path / "kernels")) == ["1 {0}", "[]", "True", "[]"]


@pytest.fixture
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
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


def test_helpers__need_a_processor_each_and_a_cache(
    empty_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (empty_cache / "kernel.nbi").touch()
    helpers = Helpers()
    helpers.start()
    (empty_cache / "kernel.nbi").unlink()
    assert cache.is_empty()
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    helpers.start()
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    monkeypatch.delenv("NUMBA_CACHE_DIR")
    assert not cache.is_empty()
    helpers.start()
    assert not helpers._running


def test_helpers__share_the_work_whatever_an_earlier_start_has_left(empty_cache: Path) -> None:
    (empty_cache / "claim-explorer.jit.runner").touch()
    helpers = Helpers()
    helpers.start()
    helpers.stop()
    assert [precompile._claim("a kernel") for _ in range(2)] == [True, False]
    assert precompile._claim("explorer.jit.runner")
    helpers.wait()


def test_helpers__that_take_too_long_are_ended(empty_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(precompile, "_PATIENCE", 0.01)
    helpers = Helpers()
    helpers.start()
    helpers.wait()
    for process in helpers._running:
        process.wait()
        assert process.returncode
