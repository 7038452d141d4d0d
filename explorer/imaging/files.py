"""Reading a file's bytes without ever waiting for a pipe, a device or an endless stream."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

from explorer.errors import PictureError

MAX_BYTES = 512 * 2**20


def read_bytes(path: Path, label: str) -> bytes:
    """All bytes of an ordinary file; PictureError, starting with ``label``, for anything else."""
    try:
        _check(path.stat(), label)  # before opening: opening a device can already do something
        with open(path, "rb", opener=_open_without_waiting) as file:
            _check(os.fstat(file.fileno()), label)  # it may have been replaced meanwhile
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise PictureError(f"{label} does not exist; check its name and its folder.") from None
    except PermissionError:
        raise PictureError(f"{label} may not be read; ask for read permission on the file.") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise PictureError(f"{label} cannot be opened: {reason}.") from None
    except MemoryError:
        raise PictureError(f"There is not enough memory to read {label}.") from None
    if not data:
        raise PictureError(f"{label} is empty; choose another file.")
    _check_size(len(data), label)
    return data


def _check(status: os.stat_result, label: str) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise PictureError(f"{label} is a folder; choose a picture in it.")
    if not stat.S_ISREG(status.st_mode):
        raise PictureError(f"{label} is a device or a pipe; choose an ordinary file.")
    _check_size(status.st_size, label)


def _check_size(size: int, label: str) -> None:
    if size > MAX_BYTES:
        raise PictureError(f"{label} is larger than {MAX_BYTES // 2**20} MB; save it smaller and open that.")


def _open_without_waiting(name: str, flags: int) -> int:
    if sys.platform != "win32":
        flags |= os.O_NONBLOCK  # opening a pipe nobody writes to would wait for ever
    return os.open(name, flags)
