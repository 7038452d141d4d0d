"""A desktop for tests: Xvfb with a window manager, driven by xdotool, seen through the server's frame buffer."""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]

WIDTH, HEIGHT = 1920, 1080
TOOLS = ("Xvfb", "openbox", "xdotool")
_POLL = 0.05
_PATIENCE = 60.0


def until(condition: Callable[[], bool], what: str, every: float = _POLL) -> None:
    """Wait for something another process does."""
    deadline = time.monotonic() + _PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(every)


@dataclass(frozen=True)
class Area:
    """A part of a window or of the screen, in pixels."""

    x: int
    y: int
    width: int
    height: int

    @property
    def middle(self) -> tuple[int, int]:
        """The pixel (x, y) in the middle."""
        return self.x + self.width // 2, self.y + self.height // 2

    def moved(self, x: int, y: int) -> Area:
        """The same area seen from another corner."""
        return Area(self.x + x, self.y + y, self.width, self.height)


@dataclass(frozen=True)
class Desktop:
    """A screen, a mouse and a keyboard."""

    display: str
    buffer: Path

    @property
    def environment(self) -> dict[str, str]:
        """What a program needs to show itself here and nowhere else."""
        drop = ("WAYLAND_DISPLAY", "XDG_SESSION_TYPE", "XAUTHORITY")
        kept = {name: value for name, value in os.environ.items() if name not in drop}
        return kept | {"DISPLAY": self.display, "QT_QPA_PLATFORM": "xcb", "QT_SCALE_FACTOR": "1"}

    def xdotool(self, *words: str | int) -> str:
        """Run xdotool and return what it prints; empty where it found nothing."""
        command = ["xdotool", *map(str, words)]
        done = subprocess.run(
            command, env=self.environment, capture_output=True, text=True, timeout=_PATIENCE, check=False
        )
        return done.stdout.strip()

    def key(self, keys: str) -> None:
        """Press and release keys, such as ``"ctrl+z"``, in the window that has the focus."""
        self.xdotool("key", "--clearmodifiers", keys)

    def point(self, x: int, y: int) -> None:
        """Move the mouse."""
        self.xdotool("mousemove", x, y)

    def press(self) -> None:
        """Press the left button where the mouse is."""
        self.xdotool("mousedown", 1)

    def release(self) -> None:
        """Release the left button."""
        self.xdotool("mouseup", 1)

    def place_window(self, window: str, x: int, y: int) -> None:
        """Move a window's content to a point of the screen and wait until it is there."""
        self.xdotool("windowmove", window, x, y)

        def is_there() -> bool:
            # Of a window in a frame, getwindowgeometry tells a wrong place; where the mouse goes is right.
            place = self.xdotool("mousemove", "--window", window, 0, 0, "getmouselocation", "--shell")
            return place.splitlines()[:2] == [f"X={x}", f"Y={y}"]

        until(is_there, f"the window to move to {x}, {y}")

    def windows(self, title: str) -> list[str]:
        """The visible windows whose title contains this."""
        return self.xdotool("search", "--onlyvisible", "--name", title).split()

    def screen(self) -> Pixels:
        """The whole screen, (rows, columns, RGB)."""
        data = self.buffer.read_bytes()  # an X window dump: a big-endian header, colours, pixels
        header = np.frombuffer(data, ">u4", 25)
        start = int(header[0] + header[19] * 12)
        rows = np.frombuffer(data, np.uint8, HEIGHT * int(header[12]), start).reshape(HEIGHT, -1)
        return rows[:, : WIDTH * 4].reshape(HEIGHT, WIDTH, 4)[:, :, 2::-1]

    def look(self, area: Area) -> Pixels:
        """A part of the screen, (rows, columns, RGB)."""
        return self.screen()[area.y : area.y + area.height, area.x : area.x + area.width]


@contextlib.contextmanager
def desktop(folder: Path) -> Iterator[Desktop]:
    """A desktop on a display number that nobody uses; its processes end with it."""
    reader, writer = os.pipe()
    arguments = ["-screen", "0", f"{WIDTH}x{HEIGHT}x24", "-fbdir", str(folder), "-nolisten", "tcp"]
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(writer), *arguments], stdout=log, stderr=log, pass_fds=(writer,)
        )
        os.close(writer)
        with open(reader, encoding="ascii") as numbers:  # noqa: PTH123 - a pipe has no path
            number = numbers.readline().strip()
        assert number, f"Xvfb did not start: {(folder / 'server.log').read_text()}"
        made = Desktop(f":{number}", folder / "Xvfb_screen0")
        environment = made.environment | {"XDG_CONFIG_HOME": str(folder)}
        manager = subprocess.Popen(["openbox", "--sm-disable"], env=environment, stdout=log, stderr=log)
        try:
            until(lambda: made.xdotool("get_desktop") == "0", "the window manager")
            yield made
        finally:
            for process in (manager, server):
                process.terminate()
                process.wait(_PATIENCE)
