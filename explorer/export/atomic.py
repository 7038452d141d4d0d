"""Writing a file so that it is complete or untouched, whatever happens.

The bytes go into a new file beside the target, down to the disk, and take the target's name at the end. A full disk,
a pulled plug or a crash leaves the old file as it was.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
import time
from pathlib import Path

from explorer.errors import ExportError
from explorer.export.names import safe_name, unique_name

__all__ = ["make_folder", "safe_name", "unique_name", "write_bytes"]

_ATTEMPTS = 3
_WAIT = 0.1  # seconds; virus scanners and indexers hold a file that long on Windows


def write_bytes(path: Path, data: bytes | memoryview) -> None:
    """Write a whole file or nothing. An existing file is replaced and keeps its permissions.

    Raises
    ------
    ExportError
        With one sentence for the user; whatever was at ``path`` is unchanged.
    """
    try:
        target = Path(os.path.realpath(path))  # a link stays a link
        mode = _mode_of(target)
        temporary = target.with_name(f".{secrets.token_hex(6)}.tmp")
        try:
            _write(temporary, data, mode)
            _replace(temporary, target)
        finally:
            with contextlib.suppress(OSError):
                temporary.unlink()
    except OSError as error:
        raise ExportError(_sentence(error, path)) from error
    except ValueError as error:  # a null character
        raise ExportError(f"{_label(path)} is not a possible file name; choose another.") from error


def make_folder(path: Path) -> None:
    """Make a folder and those above it, unless they exist; ExportError where that fails."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise ExportError(f"{_label(path)} cannot be a folder: a file is in its place.") from None
    except OSError as error:
        raise ExportError(_sentence(error, path)) from error
    except ValueError as error:
        raise ExportError(f"{_label(path)} is not a possible folder name; choose another.") from error


def _mode_of(target: Path) -> int | None:
    """The permissions of the file to be replaced, None for a new one; ExportError where it is no plain file."""
    try:
        mode = target.stat().st_mode
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(mode):
        raise ExportError(f"{_label(target)} is a folder; choose a file name in it.")
    if not stat.S_ISREG(mode):
        raise ExportError(f"{_label(target)} is a device or a pipe; choose an ordinary file.")
    if not os.access(target, os.W_OK):
        raise ExportError(f"{_label(target)} is write-protected; choose another name.")
    return stat.S_IMODE(mode)


def _write(temporary: Path, data: bytes | memoryview, mode: int | None) -> None:
    with temporary.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    if mode is not None:
        with contextlib.suppress(OSError):
            temporary.chmod(mode)


def _replace(temporary: Path, target: Path) -> None:
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            temporary.replace(target)
        except PermissionError:
            if attempt == _ATTEMPTS:
                raise
            time.sleep(_WAIT)
        else:
            return


def _sentence(error: OSError, path: Path) -> str:
    name, folder = _label(path), path.parent
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
            return (
                f"{name} was not written because the disk is full; free some space or choose another folder."
            )
        case errno.EACCES | errno.EPERM:
            return (
                f"{name} may not be written in {folder}; choose another folder, or close it where it is open."
            )
        case errno.EROFS:
            return f"{name} cannot be written because {folder} is read-only; choose another folder."
        case errno.ENOENT:
            return f"{name} cannot be written because the folder {folder} does not exist; choose another."
        case errno.ENOTDIR:
            return f"{name} cannot be written because {folder} is not a folder; choose another."
        case errno.EISDIR:
            return f"{name} is a folder; choose a file name in it."
        case errno.ENAMETOOLONG:
            return f"The name {name[:40]}… is too long for this disk; choose a shorter one."
        case _:
            return f"{name} was not written: {error.strerror or error}; try again or choose another folder."


def _label(path: Path) -> str:
    text = path.name or str(path)
    return "".join(letter if letter.isprintable() else "?" for letter in text)
