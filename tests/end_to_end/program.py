"""The program as a process of its own, seen from outside."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import psutil

from tests.end_to_end.desktop import HEIGHT, WIDTH, Area, Desktop, Pixels, until

ROOT = Path(__file__).parent.parent.parent
TITLE = "Untitled network"
_CORNER = (8, 40)  # of the window on the screen
_RESTING = 0.25  # seconds without work after which nothing more is expected
_WORK = 0.03


class Program:
    """``python -m explorer`` on a desktop, with settings of its own."""

    def __init__(
        self, screen: Desktop, layout: dict[str, Area], folder: Path, arguments: tuple[str, ...]
    ) -> None:
        self.screen = screen
        self._layout = layout
        self._stderr = folder / "stderr.txt"
        with self._stderr.open("wb") as stderr:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "explorer", *arguments],
                cwd=ROOT,
                env=screen.environment | {"XDG_CONFIG_HOME": str(folder / "settings")},
                stdout=stderr,
                stderr=stderr,
            )
        self._usage = psutil.Process(self._process.pid)
        until(lambda: self._ended or bool(screen.windows(TITLE)), "the window")
        assert not self._ended, self.complaints
        self._window = screen.windows(TITLE)[0]
        screen.place_window(self._window, *_CORNER)
        screen.point(WIDTH - 1, HEIGHT - 1)

    @property
    def complaints(self) -> str:
        """Everything it printed."""
        return self._stderr.read_text(encoding="utf-8")

    @property
    def title(self) -> str:
        """What the title bar says."""
        return self.screen.xdotool("getwindowname", self._window)

    def place(self, part: str) -> Area:
        """Where a part of the window is on the screen."""
        return self._layout[part].moved(*_CORNER)

    def look(self, part: str) -> Pixels:
        """What a part of the window looks like now."""
        return self.screen.look(self.place(part))

    def rest(self) -> None:
        """Wait until it has nothing more to do and nothing more to show."""
        seen: list[tuple[float, bytes]] = []

        def resting() -> bool:
            times = self._usage.cpu_times()
            seen.append((times.user + times.system, self.screen.screen().tobytes()))
            if len(seen) < 2:
                return False
            (earlier, before), (now, after) = seen[-2:]
            return now - earlier < _WORK and before == after

        until(resting, "the program to come to rest", every=_RESTING)

    def changed(self, part: str, before: Pixels) -> float:
        """How much of a part of the window looks different now, from 0 to 1."""
        return float(np.mean((self.look(part) != before).any(axis=2)))

    def point(self, part: str) -> None:
        """Move the mouse to the middle of a part."""
        self.screen.point(*self.place(part).middle)

    def terminate(self) -> int:
        """Ask it to end, as a desktop does when the user logs out, and return its exit code."""
        self._process.terminate()
        return self.exit_code()

    def exit_code(self) -> int:
        """Wait for its end."""
        return self._process.wait(30)

    def kill(self) -> None:
        """End it, whatever it does."""
        if not self._ended:
            self._process.kill()
            self._process.wait(30)

    @property
    def _ended(self) -> bool:
        return self._process.poll() is not None
