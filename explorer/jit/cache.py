"""Where compiled kernels are kept between starts.

Numba reads ``NUMBA_CACHE_DIR`` once, when it is imported, and raises where the folder cannot be written. It also
notices only changes of the file a kernel stands in, not of the files that kernel calls. So the folder lies in the
user's cache folder, its name carries a hash of every kernel source, and it is tested for writing first.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.metadata
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import platformdirs

_VARIABLE = "NUMBA_CACHE_DIR"
_PREFIX = "kernels-"
_MARK = "explorer-complete-"
_KEEP = 3
_ROOMS = ("jit", "engine", "imaging")

shared = False
"""Whether other processes are compiling into the folder too, so that nothing in it may be thrown away."""


def choose_folder() -> Path | None:
    """Set numba's cache folder for this process and return it; None where nothing can be written."""
    chosen = os.environ.get(_VARIABLE)
    if chosen and _is_writable(Path(chosen)):
        return Path(chosen)
    name = _PREFIX + _source_hash()
    for parent in _parents():
        folder = parent / name
        if _is_writable(parent) and _is_writable(folder):
            os.environ[_VARIABLE] = str(folder)
            _prune(parent, keep=folder)
            return folder
    os.environ.pop(_VARIABLE, None)
    return None


def folder() -> Path | None:
    """The folder in use."""
    chosen = os.environ.get(_VARIABLE)
    return Path(chosen) if chosen else None


def is_complete() -> bool:
    """Whether every kernel has been compiled into the folder by this Python and this Numba."""
    mark = _mark()
    return mark is not None and mark.exists()


def set_complete() -> None:
    """Every kernel is there."""
    mark = _mark()
    if mark is not None:
        with contextlib.suppress(OSError):
            mark.touch()


def _mark() -> Path | None:
    chosen = folder()
    try:
        versions = f"{sys.version_info[0]}.{sys.version_info[1]}-{importlib.metadata.version('numba')}"
    except importlib.metadata.PackageNotFoundError:
        return None  # whoever imports it says so
    return chosen / f"{_MARK}{_source_hash()}-{versions}" if chosen is not None else None


def clear() -> None:
    """Throw away what is cached; numba compiles again. Heals a damaged cache."""
    chosen = folder()
    if chosen is not None and not shared:
        for pattern in ("*.nbi", "*.nbc", f"{_MARK}*"):
            for file in chosen.rglob(pattern):
                with contextlib.suppress(OSError):
                    file.unlink()


def _parents() -> Iterator[Path]:
    with contextlib.suppress(RuntimeError, OSError):  # there may be no home folder
        own = Path(platformdirs.user_cache_dir("feature-map-explorer"))
        if own.is_absolute():  # "~/.cache" would lie in the current folder
            yield own
    with contextlib.suppress(OSError):  # there may be no temporary folder either
        # One folder per user, for a shared /tmp may hold somebody else's.
        user = os.getuid() if hasattr(os, "getuid") else "user"
        yield Path(tempfile.gettempdir()) / f"feature-map-explorer-{user}"


def _is_writable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if hasattr(os, "getuid") and folder.stat().st_uid != os.getuid():
            return False  # code is loaded from here: trust only our own folder
        with tempfile.NamedTemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def _source_hash() -> str:
    package = Path(__file__).parent.parent
    digest = hashlib.sha256()
    for room in _ROOMS:
        for source in sorted((package / room).glob("*.py")):
            digest.update(source.name.encode())
            digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


def _prune(parent: Path, keep: Path) -> None:
    with contextlib.suppress(OSError):
        keep.touch()
        folders = sorted(parent.glob(_PREFIX + "*"), key=lambda path: path.stat().st_mtime, reverse=True)
        for old in folders[_KEEP:]:
            shutil.rmtree(old, ignore_errors=True)
