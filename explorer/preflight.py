"""Whether a window can be opened here, found out before Qt is asked.

Where Qt finds no display or misses a system library it aborts the process, which Python cannot catch, and often
blames the wrong library. So the platform plug-in that Qt would choose is loaded here first, by itself.
"""

from __future__ import annotations

import ctypes
import importlib.metadata
import importlib.util
import os
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

_HEADLESS = "'feature-map-explorer render' works without a window"
_BROKEN = "6.12.0"  # drops references to None and True until Python < 3.12 aborts (PYSIDE-3474)

PACKAGES = {
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libX11.so.6": "libx11-6",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxcb.so.1": "libxcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
    "libwayland-egl.so.1": "libwayland-egl1",
}
"""The Debian and Ubuntu package of each library that a plug-in or Qt itself needs."""


@dataclass(frozen=True)
class Problem:
    """Why a plug-in cannot be used: libraries that are missing, or a sentence."""

    missing: tuple[str, ...] = ()
    sentence: str = ""


def check() -> str | None:
    """One sentence that says why no window can be opened and what to do, or None."""
    sentence = _binding_problem()
    if sentence is not None or sys.platform != "linux":
        return sentence
    wanted = platforms()
    if not wanted:
        return f"There is no display: start the program on a desktop; {_HEADLESS}."
    problems = []
    for platform in wanted:  # Qt takes the first that works
        problem = plugin_problem(platform)
        if problem is None:
            return None
        problems.append(problem)
    return _sentence(wanted[0], problems[0])


def platforms() -> tuple[str, ...]:
    """The platform plug-ins Qt would try on Linux, in its order."""
    chosen = os.environ.get("QT_QPA_PLATFORM")
    if chosen:
        return tuple(name.partition(":")[0] for name in chosen.split(";") if name)
    is_wayland = os.environ.get("WAYLAND_DISPLAY") or os.environ.get("XDG_SESSION_TYPE") == "wayland"
    has_x = os.environ.get("DISPLAY")
    return (("wayland",) if is_wayland else ()) + (("xcb",) if has_x else ())


def plugin_problem(platform: str) -> Problem | None:
    """Why a platform plug-in cannot be used, or None."""
    folder = plugin_folder()
    if folder is not None:
        files = sorted(folder.glob("libq*.so"))
        known = [file.stem.removeprefix("libq") for file in files]
        if platform not in known:
            choices = ", ".join(known)
            return Problem(
                sentence=f"QT_QPA_PLATFORM is {platform!r}, which Qt does not know: use one of {choices}."
            )
        missing = _missing(files[known.index(platform)])
        if missing:
            return Problem(missing)
    connects = _CONNECTS.get(platform)
    if connects is not None and not connects():
        display = os.environ.get("WAYLAND_DISPLAY" if platform == "wayland" else "DISPLAY", "")
        return Problem(sentence=f"The display {display!r} does not answer: check the variable; {_HEADLESS}.")
    return None


def plugin_folder() -> Path | None:
    """Where PySide6 keeps its platform plug-ins; None where it uses the system's Qt."""
    spec = importlib.util.find_spec("PySide6")
    for location in (spec.submodule_search_locations or ()) if spec else ():
        folder = Path(location) / "Qt" / "plugins" / "platforms"
        if folder.is_dir():
            return folder
    return None


def qt_version() -> str | None:
    """The version of PySide6, or None where it is not installed."""
    for name in ("PySide6-Essentials", "PySide6"):
        try:
            return importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return None


def _binding_problem() -> str | None:
    if importlib.util.find_spec("PySide6") is None:
        return f"The window needs PySide6: run 'pip install PySide6-Essentials'; {_HEADLESS}."
    if qt_version() == _BROKEN and sys.version_info < (3, 12):
        return (
            f"PySide6 {_BROKEN} crashes on Python {sys.version_info.major}.{sys.version_info.minor}: "
            f"run 'pip install \"PySide6-Essentials<{_BROKEN}\"'."
        )
    return None


def _missing(plugin: Path) -> tuple[str, ...]:
    """The libraries for want of which a plug-in does not load, as far as can be told."""
    first = _load_error(str(plugin))
    if first is None:
        return ()
    # The loader names one library at a time; the others are asked for by name, so that one command installs all.
    uses_x = plugin.stem == "libqxcb"
    uses_wayland = plugin.stem.startswith("libqwayland")
    names = [
        name
        for name in PACKAGES
        if (uses_wayland or "wayland" not in name)
        and (uses_x or not name.startswith(("libxcb-", "libxkbcommon-x11", "libX11-xcb")))
        and _load_error(name) is not None
    ]
    return tuple(dict.fromkeys((first, *names)))


def _load_error(library: str) -> str | None:
    """What the loader misses when it loads a library: a file name or its own words."""
    try:
        ctypes.CDLL(library)
    except OSError as error:
        return str(error).partition(":")[0]
    return None


def _sentence(platform: str, problem: Problem) -> str:
    if problem.sentence:
        return problem.sentence
    packages = packages_of(problem.missing)
    libraries = ", ".join(problem.missing)
    remedy = f"run 'sudo apt-get install {' '.join(packages)}'" if packages else "install it"
    return f"Qt's {platform} plug-in needs {libraries}, which this system lacks: {remedy}; {_HEADLESS}."


def packages_of(libraries: Iterable[str]) -> tuple[str, ...]:
    """The Debian and Ubuntu packages that hold these libraries, as far as known."""
    return tuple(dict.fromkeys(PACKAGES[library] for library in libraries if library in PACKAGES))


def _x_answers() -> bool:
    """Whether an X server lets us in; True where that cannot be asked."""
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return True
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connect.argtypes = [ctypes.c_char_p, ctypes.c_void_p]
    xcb.xcb_connection_has_error.argtypes = xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(None, None)
    refused = bool(xcb.xcb_connection_has_error(connection))
    xcb.xcb_disconnect(connection)
    return not refused


def _wayland_answers() -> bool:
    """Whether a Wayland compositor lets us in; True where that cannot be asked."""
    try:
        wayland = ctypes.CDLL("libwayland-client.so.0")
    except OSError:
        return True
    wayland.wl_display_connect.restype = ctypes.c_void_p
    wayland.wl_display_connect.argtypes = [ctypes.c_char_p]
    wayland.wl_display_disconnect.argtypes = [ctypes.c_void_p]
    display = wayland.wl_display_connect(None)
    if not display:
        return False
    wayland.wl_display_disconnect(display)
    return True


_CONNECTS: dict[str, Callable[[], bool]] = {"xcb": _x_answers, "wayland": _wayland_answers}
