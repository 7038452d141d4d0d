"""A file is complete or untouched, and the sentence says why."""

from __future__ import annotations

import errno
import os
import stat
import sys
from pathlib import Path

import pytest

from explorer.errors import ExportError
from explorer.export import atomic
from explorer.export.atomic import make_folder, write_bytes
from tests.export.given import names_in

posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions and devices")
unprivileged = pytest.mark.skipif(
    sys.platform == "win32" or os.geteuid() == 0, reason="the superuser may write everywhere"
)


def test_write_bytes__replaces_a_file_and_leaves_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "map.png"
    target.write_bytes(b"old")
    write_bytes(target, b"new")
    assert target.read_bytes() == b"new"
    assert names_in(tmp_path) == ["map.png"]


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_write_bytes__full_disk_keeps_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    target = tmp_path / "map.png"
    target.write_bytes(b"old")
    monkeypatch.setattr(os, call, full)
    with pytest.raises(ExportError, match=r"map\.png was not written because the disk is full"):
        write_bytes(target, b"new")
    assert target.read_bytes() == b"old"
    assert names_in(tmp_path) == ["map.png"]


def test_write_bytes__tries_three_times_while_the_file_is_open_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempts: list[int] = []
    replace = os.replace

    def locked_twice(source: Path, target: Path) -> None:
        attempts.append(1)
        if len(attempts) < 3:
            raise PermissionError(errno.EACCES, "in use")
        replace(source, target)

    monkeypatch.setattr(os, "replace", locked_twice)
    monkeypatch.setattr(atomic, "_WAIT", 0.0)
    write_bytes(tmp_path / "map.png", b"new")
    assert (tmp_path / "map.png").read_bytes() == b"new"
    assert len(attempts) == 3


def test_write_bytes__interrupt_leaves_no_stub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_bytes(tmp_path / "map.png", b"new")
    assert names_in(tmp_path) == []


@posix
def test_write_bytes__refuses_a_device() -> None:
    with pytest.raises(ExportError, match="full is a device or a pipe"):
        write_bytes(Path("/dev/full"), b"new")
    assert stat.S_ISCHR(Path("/dev/full").stat().st_mode)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", "is a folder"),
        ("missing/map.png", "does not exist"),
        ("file/map.png", "is not a folder"),
        ("x" * 300 + ".png", "too long"),
        ("a\0b.png", "not a possible file name"),
    ],
)
def test_write_bytes__says_what_is_wrong_with_the_target(tmp_path: Path, name: str, words: str) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ExportError, match=words):
        write_bytes(tmp_path / name, b"new")
    assert names_in(tmp_path) == ["file"]


@unprivileged
def test_write_bytes__read_only_folder(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(ExportError, match="may not be written"):
            write_bytes(tmp_path / "map.png", b"new")
    finally:
        tmp_path.chmod(0o700)


def test_write_bytes__read_only_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def read_only(*_: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(os, "replace", read_only)
    with pytest.raises(ExportError, match="is read-only"):
        write_bytes(tmp_path / "map.png", b"new")


@posix
def test_write_bytes__keeps_links_and_permissions(tmp_path: Path) -> None:
    target, link = tmp_path / "map.png", tmp_path / "link.png"
    target.write_bytes(b"old")
    target.chmod(0o640)
    link.symlink_to(target)
    write_bytes(link, b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"
    assert stat.S_IMODE(target.stat().st_mode) == 0o640


def test_make_folder__a_file_in_its_place(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    make_folder(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").is_dir()
    for path in ("file", "file/inner"):
        with pytest.raises(ExportError, match="a file is in its place"):
            make_folder(tmp_path / path)
