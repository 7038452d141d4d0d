"""Where compiled kernels are kept: a folder that can be written, or none at all."""

from __future__ import annotations

import importlib.metadata
import os
import tempfile
from pathlib import Path
from typing import Any

import platformdirs
import pytest

from explorer.jit import cache

VARIABLE = "NUMBA_CACHE_DIR"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's cache folder and a temporary folder of their own, and no wish about the cache."""
    monkeypatch.setenv(VARIABLE, "to be put back")
    monkeypatch.delenv(VARIABLE)
    monkeypatch.setattr(platformdirs, "user_cache_dir", lambda name: str(tmp_path / "home" / name))
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    return tmp_path


def block(folder: Path) -> None:
    """Nothing can be made in a folder that is a file, whoever asks."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.write_text("in the way")


def kernels_in(parent: Path) -> set[str]:
    """The names of the folders with kernels."""
    return {path.name for path in parent.glob("kernels-*")}


def test_choose_folder__is_in_the_user_s_cache(home: Path) -> None:
    folder = cache.choose_folder()
    assert folder is not None
    assert folder.parent == home / "home" / "feature-map-explorer"
    assert folder.is_dir()
    assert os.environ[VARIABLE] == str(folder)
    assert cache.folder() == folder


def test_choose_folder__its_name_follows_the_sources(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = cache.choose_folder()
    monkeypatch.delenv(VARIABLE)
    assert cache.choose_folder() == first
    monkeypatch.delenv(VARIABLE)
    monkeypatch.setattr(cache, "_source_hash", lambda: "another")
    assert cache.choose_folder() != first


def test_choose_folder__takes_the_one_that_was_asked_for(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, str(home / "mine"))
    assert cache.choose_folder() == home / "mine"
    assert os.environ[VARIABLE] == str(home / "mine")
    assert not (home / "home").exists()


def test_choose_folder__not_the_one_that_was_asked_for_where_it_cannot_be_written(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    block(home / "mine")
    monkeypatch.setenv(VARIABLE, str(home / "mine"))
    folder = cache.choose_folder()
    assert folder is not None
    assert folder.parent == home / "home" / "feature-map-explorer"


def test_choose_folder__is_temporary_where_the_user_s_cache_cannot_be_written(home: Path) -> None:
    block(home / "home" / "feature-map-explorer")
    folder = cache.choose_folder()
    assert folder is not None
    assert folder.parent.parent == home / "tmp"
    assert os.environ[VARIABLE] == str(folder)


def test_choose_folder__there_may_be_no_home(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def without_home(name: str) -> str:
        raise RuntimeError("could not determine the home directory")

    monkeypatch.setattr(platformdirs, "user_cache_dir", without_home)
    folder = cache.choose_folder()
    assert folder is not None
    assert folder.parent.parent == home / "tmp"


def test_choose_folder__makes_no_folder_called_tilde(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(home)
    monkeypatch.setattr(platformdirs, "user_cache_dir", lambda name: f"~/.cache/{name}")
    folder = cache.choose_folder()
    assert folder is not None
    assert folder.parent.parent == home / "tmp"
    assert not (home / "~").exists()


def test_choose_folder__is_none_where_nothing_can_be_written(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nowhere() -> str:
        raise FileNotFoundError("no usable temporary directory")

    block(home / "home" / "feature-map-explorer")
    monkeypatch.setattr(tempfile, "gettempdir", nowhere)
    monkeypatch.setenv(VARIABLE, "/dev/null/kernels")
    assert cache.choose_folder() is None
    assert cache.folder() is None
    assert VARIABLE not in os.environ


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="no owners here")
def test_choose_folder__trusts_no_folder_of_another_user(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    owner = os.getuid()
    (home / "home" / "feature-map-explorer").mkdir(parents=True)
    monkeypatch.setattr(os, "getuid", lambda: owner + 1)
    assert cache.choose_folder() is None
    monkeypatch.setattr(os, "getuid", lambda: owner)
    assert cache.choose_folder() is not None


@pytest.mark.skipif(os.name == "nt", reason="no modes here")
def test_choose_folder__only_its_user_may_look_into_it(home: Path) -> None:
    folder = cache.choose_folder()
    assert folder is not None
    assert folder.stat().st_mode & 0o077 == 0
    assert folder.parent.stat().st_mode & 0o077 == 0


def test_prune__keeps_the_one_in_use_and_the_two_used_last(home: Path) -> None:
    parent = home / "home" / "feature-map-explorer"
    for age in range(5):
        old = parent / f"kernels-{age}"
        old.mkdir(parents=True)
        (old / "kernel.nbi").write_bytes(b"x")
        os.utime(old, (1000 - age, 1000 - age))
    (parent / "other").mkdir()
    folder = cache.choose_folder()
    assert folder is not None
    assert kernels_in(parent) == {folder.name, "kernels-0", "kernels-1"}
    assert (parent / "other").is_dir()


def test_prune__the_one_in_use_stays_however_old(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = cache.choose_folder()
    assert folder is not None
    os.utime(folder, (1, 1))
    for age in range(5):
        (folder.parent / f"kernels-{age}").mkdir()
        os.utime(folder.parent / f"kernels-{age}", (1000 - age, 1000 - age))
    monkeypatch.delenv(VARIABLE)
    assert cache.choose_folder() == folder
    assert folder.is_dir()


def test_clear__throws_away_kernels_only(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = home / "mine"
    monkeypatch.setenv(VARIABLE, str(folder))
    (folder / "engine_1").mkdir(parents=True)
    for name in ("a.nbi", "a.1.nbc", "notes.txt"):
        (folder / "engine_1" / name).write_bytes(b"x")
    cache.clear()
    assert [path.name for path in (folder / "engine_1").iterdir()] == ["notes.txt"]


def test_clear__of_nothing_is_no_fault(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.clear()
    monkeypatch.setenv(VARIABLE, str(home / "never made"))
    cache.clear()


def test_clear__a_file_that_cannot_go_stays(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, str(home))
    (home / "a.nbi").write_bytes(b"x")

    def locked(self: Path, *args: Any) -> None:
        raise PermissionError(13, "in use")

    monkeypatch.setattr(Path, "unlink", locked)
    cache.clear()
    assert (home / "a.nbi").exists()


def test_complete__until_it_is_cleared_and_for_one_numba_only(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cache.choose_folder() is not None
    assert not cache.is_complete()
    cache.set_complete()
    assert cache.is_complete()
    with monkeypatch.context() as patch:
        patch.setattr(importlib.metadata, "version", lambda name: "9.9")
        assert not cache.is_complete()
    cache.clear()
    assert not cache.is_complete()


def test_clear__leaves_a_shared_folder_alone(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = cache.choose_folder()
    assert folder is not None
    (folder / "kernel.nbi").touch()
    with monkeypatch.context() as patch:
        patch.setattr(cache, "shared", True)
        cache.clear()
        assert (folder / "kernel.nbi").exists()
    cache.clear()
    assert not (folder / "kernel.nbi").exists()


def test_complete__is_nothing_without_numba(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def version(name: str) -> str:
        raise importlib.metadata.PackageNotFoundError(name)

    assert cache.choose_folder() is not None
    monkeypatch.setattr(importlib.metadata, "version", version)
    cache.set_complete()
    assert not cache.is_complete()


def test_complete__is_nothing_without_a_folder(home: Path) -> None:
    cache.set_complete()
    assert not cache.is_complete()
