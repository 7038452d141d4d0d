"""Compiling the kernels in other processes: a first start is ready sooner, and its window stays quick meanwhile.

Numba compiles in Python, which keeps one processor busy, and Python's lock, which the window needs. So a few processes
compile everything into the cache. Each takes the next kernel that no other has claimed; a claim is a file in the folder
of the cache, which only one process can be the first to make. What goes wrong with them costs only time: whoever needs
a kernel that is not in the cache compiles it.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
from pathlib import Path

import explorer
from explorer.jit import cache

_MOST = 4  # processes; more would wait for the longest kernel
_PATIENCE = 120  # seconds
_CLAIM = "claim-"


class Helpers:
    """The processes, where there is something to compile for them and a processor for each."""

    def __init__(self) -> None:
        self._running: list[subprocess.Popen[bytes]] = []
        self._stopped = False
        self._lock = threading.Lock()

    def start(self) -> None:
        """Begin, unless kernels are cached already."""
        processors = min(_MOST, os.cpu_count() or 1)
        if processors == 1 or not sys.executable or getattr(sys, "frozen", False) or not cache.is_empty():
            return
        with self._lock, contextlib.suppress(OSError):
            _forget_claims()
            while len(self._running) < processors and not self._stopped:
                self._running.append(_launch())

    def wait(self) -> None:
        """Return when they have ended."""
        for process in self._running:
            try:
                process.wait(_PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
        if self._running:
            _forget_claims()

    def stop(self) -> None:
        """End them; those who wait go on. From any thread."""
        with self._lock:
            self._stopped = True
            for process in self._running:
                process.kill()


def _launch() -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", __name__],
        cwd=Path(explorer.__file__).parents[1],  # so that it is this package that is found
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )


def _claim(name: str) -> bool:
    """Whether nobody else has claimed this kernel."""
    folder = cache.folder()
    try:
        (folder or Path()).joinpath(_CLAIM + name).touch(exist_ok=False)
    except OSError:
        return False
    return True


def _forget_claims() -> None:
    folder = cache.folder()
    for claim in folder.glob(_CLAIM + "*") if folder else ():
        with contextlib.suppress(OSError):
            claim.unlink()


def main() -> None:
    """Compile what nobody else does."""
    from explorer import engine
    from explorer.imaging import colouring  # noqa: F401 - declares its kernel

    if cache.folder() is not None:
        engine.prepare(_claim)


if __name__ == "__main__":
    main()
