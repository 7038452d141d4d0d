"""What this machine offers to the program, as a text for a bug report. Works without a display and without Qt."""

from __future__ import annotations

import importlib
import importlib.metadata
import os
import platform
import sys
from collections.abc import Iterator

import platformdirs

from explorer import __version__, preflight

_APP = "feature-map-explorer"
_PACKAGES = (
    "PySide6-Essentials",
    "PySide6",
    "pyqtgraph",
    "numpy",
    "opencv-python",
    "opencv-python-headless",
    "numba",
    "llvmlite",
    "pillow",
    "tifffile",
    "psutil",
    "platformdirs",
    "pillow-heif",
)
_OPTIONAL = ("PySide6", "opencv-python-headless", "pillow-heif")  # shown only where they are installed
_DISPLAY_VARIABLES = (
    "QT_QPA_PLATFORM",
    "XDG_SESSION_TYPE",
    "WAYLAND_DISPLAY",
    "DISPLAY",
    "QT_SCALE_FACTOR",
    "QT_QPA_PLATFORM_PLUGIN_PATH",
)


def report() -> str:
    """Everything, in sections of ``name: value`` lines."""
    sections = (
        ("System", _system()),
        ("Packages", _packages()),
        ("Window", _window()),
        ("Kernels", _kernels()),
        ("Folders", _folders()),
    )
    return "\n\n".join(
        "\n".join([title, *(f"  {name}: {value}" for name, value in lines)]) for title, lines in sections
    )


Lines = Iterator[tuple[str, str]]


def _system() -> Lines:
    yield _APP, __version__
    yield "Python", f"{platform.python_version()} ({platform.python_implementation()}, {sys.executable})"
    yield "system", f"{platform.platform()}, {platform.machine()}"
    yield "processors", str(os.cpu_count())
    try:
        import psutil
    except ImportError:
        return
    memory = psutil.virtual_memory()
    yield "memory", f"{memory.available / 2**30:.1f} GB free of {memory.total / 2**30:.1f} GB"


def _packages() -> Lines:
    for name in _PACKAGES:
        try:
            yield name, importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            if name not in _OPTIONAL:
                yield name, "not installed"


def _window() -> Lines:
    yield "Qt", _qt()
    for name in _DISPLAY_VARIABLES:
        value = os.environ.get(name)
        yield name, "not set" if value is None else repr(value)
    if sys.platform == "linux" and preflight.qt_version() is not None:
        yield from _plugins()
    yield "result", preflight.check() or "a window can be opened"


def _plugins() -> Lines:
    yield "plug-in folder", str(preflight.plugin_folder() or "the system's own Qt")
    for name in preflight.platforms():
        problem = preflight.plugin_problem(name)
        if problem is None:
            yield f"plug-in {name}", "loads"
        elif problem.missing:
            packages = " ".join(preflight.packages_of(problem.missing)) or "unknown"
            yield f"plug-in {name}", f"lacks {', '.join(problem.missing)} (packages: {packages})"
        else:
            yield f"plug-in {name}", problem.sentence


def _qt() -> str:
    try:
        core = importlib.import_module("PySide6.QtCore")
    except ImportError as error:
        return f"cannot be loaded: {error}"
    return str(core.qVersion())


def _kernels() -> Lines:
    try:
        from explorer.jit import cache

        folder = cache.folder()
        yield "cache", str(folder or "no folder can be written, kernels are compiled at each start")
        count = sum(1 for _ in folder.rglob("*.nbi")) if folder else 0
        yield "cached", f"{count} kernels" if count else "nothing yet, the first start compiles"
        yield from _trial()
    except Exception as error:  # a doctor must not fall ill: whatever is broken is the finding
        yield "error", f"{type(error).__name__}: {error}"


def _trial() -> Lines:
    """Run a small convolution."""
    import numpy as np

    from explorer import engine
    from explorer.jit import status

    engine.conv2d(np.ones((1, 3, 64, 64), np.float32), np.ones((8, 3, 3, 3), np.float32))
    if not status.usable:
        yield "numba", f"does not work, NumPy stands in: {status.reason}"
        return
    from explorer.jit.compiler import MAXIMUM_THREADS
    from explorer.jit.threads import threads

    yield "threads", f"{min(threads.count, MAXIMUM_THREADS)} of {MAXIMUM_THREADS}"


def _folders() -> Lines:
    yield "settings", platformdirs.user_config_dir(_APP)
    yield "cache", platformdirs.user_cache_dir(_APP)
