"""A cache that is damaged, full or absent costs time, never the result."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from explorer.jit import JitUnavailableError, cache, compiler
from tests.jit.processes import CONVOLVE, run


def kernels(folder: Path, suffix: str) -> list[Path]:
    """The cached files of one kind."""
    return sorted(folder.rglob(f"*.{suffix}"))


@pytest.mark.parametrize("keep", [0.0, 0.5], ids=["empty", "half"])
def test_cache__a_damaged_one_heals(tmp_path: Path, keep: float) -> None:
    folder = tmp_path / "kernels"
    assert run(CONVOLVE, NUMBA_CACHE_DIR=str(folder)) == ["LAZY "]
    for suffix in ("nbi", "nbc"):
        files = kernels(folder, suffix)
        assert len(files) >= 2  # the convolution and the runner
        for file in files:
            data = file.read_bytes()
            file.write_bytes(data[: int(keep * len(data))])
        damaged = {file: file.stat().st_size for file in files}
        *log, state = run(CONVOLVE, NUMBA_CACHE_DIR=str(folder))
        assert state == "LAZY "
        assert any(line.startswith("The cache of compiled kernels is thrown away") for line in log)
        assert all(file.stat().st_size > size for file, size in damaged.items() if file.exists())
        assert len(kernels(folder, "nbi")) >= 2
        assert run(CONVOLVE, NUMBA_CACHE_DIR=str(folder)) == ["LAZY "]


def test_cache__missing_code_is_compiled_again(tmp_path: Path) -> None:
    folder = tmp_path / "kernels"
    run(CONVOLVE, NUMBA_CACHE_DIR=str(folder))
    for file in kernels(folder, "nbc"):
        file.unlink()
    assert run(CONVOLVE, NUMBA_CACHE_DIR=str(folder)) == ["LAZY "]


NOWHERE = """
import os, pwd, tempfile
def unknown(*args):
    raise KeyError("no such user")
pwd.getpwuid = unknown
tempfile.gettempdir = lambda: "/dev/null"
"""


@pytest.mark.skipif(sys.platform != "linux", reason="takes the user's home away")
def test_cache__without_home_and_without_any_writable_folder(tmp_path: Path) -> None:
    code = NOWHERE + CONVOLVE + "\nfrom explorer.jit import cache\nprint(cache.folder())"
    lines = run(code, drop=("HOME", "XDG_CACHE_HOME"), NUMBA_CACHE_DIR="/dev/null/kernels")
    assert lines == ["LAZY ", "None"]


FULL_DISK = """
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # files can be made, but nothing written
"""


@pytest.mark.skipif(sys.platform != "linux", reason="sets a limit on files")
def test_cache__on_a_full_disk_kernels_are_compiled_without_it(tmp_path: Path) -> None:
    *log, state = run(FULL_DISK + CONVOLVE, NUMBA_CACHE_DIR=str(tmp_path / "kernels"))
    assert state == "LAZY "
    assert any(line.startswith("Kernels are compiled without a cache") for line in log)


@pytest.mark.parametrize("error", [EOFError, OSError, ValueError, RuntimeError])
def test_healed__clears_the_cache_and_tries_once_more(
    monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    done: list[str] = []
    monkeypatch.setattr(cache, "clear", lambda: done.append("cleared"))

    def compile_it() -> str:
        done.append("compiled")
        if len(done) == 1:
            raise error("damaged")
        return "kernel"

    assert compiler.healed(compile_it) == "kernel"
    assert done == ["compiled", "cleared", "compiled"]


def test_healed__says_why_it_gave_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "clear", lambda: None)

    def compile_it() -> str:
        raise NotImplementedError("this machine")

    with pytest.raises(JitUnavailableError, match="Numba cannot compile here: this machine"):
        compiler.healed(compile_it)


def test_healed__does_not_touch_a_cache_that_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "clear", lambda: pytest.fail("cleared"))
    assert compiler.healed(lambda: 3) == 3


def test_operation__is_compiled_once_and_has_an_address() -> None:
    from explorer.engine import convolution

    assert convolution._convolve.compiled is convolution._convolve.compiled
    assert convolution._convolve.address > 0


def test_prepare__compiles_every_kernel() -> None:
    from explorer import engine
    from explorer.jit.compiler import _operations

    engine.prepare()
    assert {one.name for one in _operations} >= {"_convolve", "_winograd"}
    assert all("compiled" in vars(one) for one in _operations if one.prepared)
