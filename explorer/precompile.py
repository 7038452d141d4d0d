"""Compiling the kernels in other processes: a first start is ready sooner, and its window stays quick meanwhile.

Numba compiles in Python, which keeps one processor busy, and Python's lock, which the window needs. So a few processes
compile everything into the cache. Each takes the next kernel that no other has claimed; a claim is a file in the folder
of the cache, which only one process can be the first to make. What goes wrong with them costs only time: whoever needs
a kernel that is not in the cache compiles it.
"""

from __future__ import annotations

import contextlib
import gc
import os
import subprocess
import sys
import threading
import time
from functools import partial
from pathlib import Path

import explorer
from explorer.jit import cache

_MOST = 4  # processes; more would wait for the longest kernel
_PATIENCE = 120  # seconds for all of them
# They go first, so that no process begins a long one while the others have nothing left to do.
_LONGEST = ("_winograd_rows", "_convolve", "multiply", "_survey", "_winograd", "_pool", "gather_planes")
_CLAIM = "claim-explorer-"
_HELPER = "FEATURE_MAP_EXPLORER_HELPER"  # set in their environment: a helper has no helpers
_NICE = 5  # the window goes before
# The package is searched where this process found it, for the cache tells places apart by their names.
_CODE = "import sys; sys.path.insert(0, sys.argv[1]); from explorer import precompile; precompile.main()"


class Helpers:
    """The processes, where there is something to compile for them and a processor for each."""

    def __init__(self) -> None:
        self._running: list[subprocess.Popen[bytes]] = []
        self._stopped = False
        self._lock = threading.Lock()

    def start(self) -> None:
        """Begin, unless the cache is complete, or this is the only processor, or no program to start helpers with."""
        count = min(_MOST, _processors())
        if count == 1 or not _can_start() or cache.folder() is None or cache.is_complete():
            return
        _forget_claims()
        while len(self._running) < count:
            with self._lock:
                if self._stopped:
                    return
                try:
                    self._running.append(_launch())
                except OSError:
                    return

    def wait(self) -> None:
        """Return when they have ended."""
        deadline = time.monotonic() + _PATIENCE
        for process in self._running:
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                _kill(process)
        if self._running:
            _forget_claims()

    def stop(self) -> None:
        """End them; those who wait go on. From any thread."""
        with self._lock:
            self._stopped = True
            for process in self._running:
                _kill(process)


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _can_start() -> bool:
    return bool(sys.executable) and not getattr(sys, "frozen", False) and _HELPER not in os.environ


def _launch() -> subprocess.Popen[bytes]:
    flags = ("CREATE_NO_WINDOW", "BELOW_NORMAL_PRIORITY_CLASS")  # of Windows
    return subprocess.Popen(
        [sys.executable, "-P", "-c", _CODE, str(Path(explorer.__file__).parents[1])],
        env=os.environ | {_HELPER: "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        creationflags=sum(getattr(subprocess, flag, 0) for flag in flags),
    )


def _kill(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(OSError):
        process.kill()
        process.wait()


def _claim(name: str) -> bool:
    """Whether nobody else has claimed this kernel."""
    folder = cache.folder()
    if folder is None:
        return False
    try:
        (folder / f"{_CLAIM}{name}").touch(exist_ok=False)
    except OSError:
        return False
    return True


def _forget_claims() -> None:
    folder = cache.folder()
    with contextlib.suppress(OSError):
        for claim in folder.glob(f"{_CLAIM}*") if folder else ():
            claim.unlink(missing_ok=True)


def main() -> None:
    """Compile what nobody else does, and end."""
    from explorer import engine
    from explorer.imaging import colouring, survey  # noqa: F401 - declare their kernels

    if hasattr(os, "nice"):
        os.nice(_NICE)
    gc.disable()  # nearly all that numba makes is kept until the end
    cache.shared = True
    for longest in _LONGEST:
        engine.prepare(partial(_claim_longest, longest))
    engine.prepare(_claim)
    os._exit(0)  # to take everything down in order takes half a second


def _claim_longest(longest: str, name: str) -> bool:
    return name.endswith(f".{longest}") and _claim(name)
