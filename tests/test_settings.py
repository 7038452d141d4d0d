"""What is remembered: validated, and defaults where it cannot be understood."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from explorer import settings
from explorer.settings import Settings


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "settings" / "settings.json"
    monkeypatch.setattr(settings, "path", lambda: file)
    return file


def write(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)


def test_nothing_there__defaults(own_folder: Path) -> None:
    assert settings.load() == Settings()
    assert not own_folder.exists()


def test_round_trip() -> None:
    chosen = Settings(theme="light", colormap="grey", memory_limit=2048, hints_done=("paint", "drop"))
    settings.save(chosen)
    assert settings.load() == chosen


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"garbage", b"\xff\xfe\x00", b"[]", b"null", b"3", b"[" * 100_000, bytes(range(256))],
)
def test_garbage__is_set_aside_and_defaults_are_used(own_folder: Path, content: bytes) -> None:
    write(own_folder, content)
    assert settings.load() == Settings()
    assert own_folder.with_suffix(".bak").read_bytes() == content
    assert not own_folder.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"theme": "pink"},
        {"theme": None},
        {"theme": ["dark"]},
        {"theme": {"a": 1}},
        {"colormap": 5},
        {"colormap": ["grey"]},
        {"memory_limit": -1},
        {"memory_limit": "64"},
        {"memory_limit": True},
        {"memory_limit": 1e400},
        {"memory_limit": 10**30},
        {"hints_done": "paint"},
        {"hints_done": [["paint"]]},
        {"hints_done": [{}]},
        {"hints_done": None},
    ],
    ids=str,
)
def test_wrong_value__falls_back_and_the_others_stay(own_folder: Path, wrong: dict[str, object]) -> None:
    good: dict[str, object] = {
        "theme": "light",
        "colormap": "grey",
        "memory_limit": 64,
        "hints_done": ["paint"],
    }
    write(own_folder, json.dumps(good | wrong).encode())
    loaded = settings.load()
    for name, value in (
        ("theme", "light"),
        ("colormap", "grey"),
        ("memory_limit", 64),
        ("hints_done", ("paint",)),
    ):
        expected = vars(Settings())[name] if name in wrong else value
        assert vars(loaded)[name] == expected


def test_future_keys__are_ignored(own_folder: Path) -> None:
    write(own_folder, b'{"theme": "light", "from_the_future": {"a": [1]}}')
    assert settings.load() == Settings(theme="light")


def test_unwritable_folder__is_no_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    monkeypatch.setattr(settings, "path", lambda: blocked / "settings.json")
    settings.save(Settings(theme="light"))
    assert settings.load() == Settings()


def test_save__leaves_no_temporary_file(own_folder: Path) -> None:
    settings.save(Settings())
    assert [one.name for one in own_folder.parent.iterdir()] == ["settings.json"]
