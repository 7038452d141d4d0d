"""Whether a window can be opened is found out without Qt."""

from __future__ import annotations

import ctypes
import importlib.metadata
import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from explorer import preflight

linux = pytest.mark.skipif(sys.platform != "linux", reason="the display of Linux")
_VARIABLES = ("QT_QPA_PLATFORM", "XDG_SESSION_TYPE", "WAYLAND_DISPLAY", "DISPLAY")


@pytest.fixture
def display(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment without any display."""
    for name in _VARIABLES:
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


@pytest.fixture
def plugins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Plug-ins by name; nothing loads them but the fake loader."""
    for name in ("xcb", "wayland", "offscreen"):
        (tmp_path / f"libq{name}.so").write_bytes(b"")
    monkeypatch.setattr(preflight, "plugin_folder", lambda: tmp_path)


class Loader:
    """Stands in for ctypes.CDLL on a system that lacks some libraries."""

    def __init__(self, *missing: str) -> None:
        self.missing = missing

    def __call__(self, name: str) -> None:
        first = "libxcb-icccm.so.4" if name.endswith("libqxcb.so") else "libwayland-cursor.so.0"
        absent = (
            name if name in self.missing else first if name.startswith("/") and first in self.missing else ""
        )
        if absent:
            raise OSError(f"{absent}: cannot open shared object file: No such file or directory")


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, ()),
        ({"DISPLAY": ":0"}, ("xcb",)),
        ({"DISPLAY": ""}, ()),
        ({"WAYLAND_DISPLAY": "wayland-0", "DISPLAY": ":0"}, ("wayland", "xcb")),
        ({"XDG_SESSION_TYPE": "wayland"}, ("wayland",)),
        ({"XDG_SESSION_TYPE": "x11", "DISPLAY": ":0"}, ("xcb",)),
        ({"QT_QPA_PLATFORM": "offscreen", "DISPLAY": ":0"}, ("offscreen",)),
        ({"QT_QPA_PLATFORM": "wayland;xcb:x=1"}, ("wayland", "xcb")),
    ],
)
def test_platforms__in_qts_order(
    display: pytest.MonkeyPatch, environment: dict[str, str], expected: tuple[str, ...]
) -> None:
    for name, value in environment.items():
        display.setenv(name, value)
    assert preflight.platforms() == expected


@linux
def test_check__no_display(display: pytest.MonkeyPatch) -> None:
    sentence = preflight.check()
    assert sentence is not None
    assert sentence.startswith("There is no display")
    assert "'feature-map-explorer render'" in sentence


@linux
def test_check__offscreen_works_here(display: pytest.MonkeyPatch) -> None:
    display.setenv("QT_QPA_PLATFORM", "offscreen")
    assert preflight.check() is None


@linux
@pytest.mark.usefixtures("plugins")
def test_check__names_every_missing_package(display: pytest.MonkeyPatch) -> None:
    display.setenv("DISPLAY", ":0")
    display.setattr(ctypes, "CDLL", Loader("libxcb-icccm.so.4", "libxcb-keysyms.so.1", "libwayland-egl.so.1"))
    sentence = preflight.check()
    assert sentence is not None
    assert "sudo apt-get install libxcb-icccm4 libxcb-keysyms1'" in sentence
    assert "libxcb-icccm.so.4, libxcb-keysyms.so.1" in sentence


@linux
@pytest.mark.usefixtures("plugins")
def test_check__falls_back_to_x_like_qt(display: pytest.MonkeyPatch) -> None:
    display.setenv("WAYLAND_DISPLAY", "wayland-0")
    display.setattr(ctypes, "CDLL", Loader("libwayland-cursor.so.0"))
    display.setattr(preflight, "_CONNECTS", {})
    assert "libwayland-cursor0" in (preflight.check() or "")
    display.setenv("DISPLAY", ":0")
    assert preflight.check() is None


@linux
@pytest.mark.usefixtures("plugins")
def test_check__a_library_of_no_known_package(display: pytest.MonkeyPatch) -> None:
    display.setenv("QT_QPA_PLATFORM", "offscreen")

    def lacking(name: str) -> None:
        if name.endswith("libqoffscreen.so"):
            raise OSError("libodd.so.3: cannot open shared object file")

    display.setattr(ctypes, "CDLL", lacking)
    assert "needs libodd.so.3, which this system lacks: install it" in (preflight.check() or "")


@linux
@pytest.mark.usefixtures("plugins")
def test_check__a_platform_qt_does_not_have(display: pytest.MonkeyPatch) -> None:
    display.setenv("QT_QPA_PLATFORM", "cocoa")
    assert "use one of offscreen, wayland, xcb" in (preflight.check() or "")


@linux
def test_check__a_display_that_does_not_answer(display: pytest.MonkeyPatch) -> None:
    display.setenv("DISPLAY", ":987")
    display.setattr(preflight, "_missing", lambda plugin: ())
    assert "The display ':987' does not answer" in (preflight.check() or "")


def test_check__without_pyside6(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert "pip install PySide6-Essentials" in (preflight.check() or "")


@pytest.mark.parametrize(
    ("python", "version", "is_broken"),
    [((3, 11, 9), "6.12.0", True), ((3, 12, 1), "6.12.0", False), ((3, 11, 9), "6.11.3", False)],
)
def test_check__the_release_that_crashes_old_pythons(
    display: pytest.MonkeyPatch, python: tuple[int, int, int], version: str, is_broken: bool
) -> None:
    class Version(tuple[int, int, int]):
        major, minor = python[:2]

    display.setenv("QT_QPA_PLATFORM", "offscreen")
    display.setattr(sys, "version_info", Version(python))
    display.setattr(importlib.metadata, "version", lambda name: version)
    assert (preflight.check() or "").startswith("PySide6 6.12.0 crashes on Python 3.11") == is_broken


def test_preflight__does_not_import_qt() -> None:
    code = "import sys; from explorer import preflight; preflight.check(); print('PySide6' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout == "False\n"
