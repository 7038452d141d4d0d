"""The program on a real X server, with a real mouse, a real keyboard and a real drag from another process."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from tests.end_to_end.conftest import Start
from tests.end_to_end.desktop import Desktop, Pixels, until
from tests.end_to_end.program import Program

pytestmark = pytest.mark.xserver

_NAME = "Übung 猫 №1.png"
_GREEN = (40, 180, 60)


def share(pixels: Pixels, stronger: int, weaker: int) -> float:
    """How many of the pixels are clearly stronger in one channel than in another."""
    wide = pixels.astype(np.int16)
    return float(np.mean(wide[:, :, stronger] - wide[:, :, weaker] > 40))


def has_maps(pixels: Pixels) -> bool:
    """Whether there are warm pixels (positive) and cool ones (negative)."""
    return share(pixels, 0, 2) > 0.01 and share(pixels, 2, 0) > 0.01


def is_green(pixels: Pixels) -> bool:
    """Whether most of what is seen has the colour of the dropped picture."""
    return bool(np.mean(np.abs(pixels.astype(np.int16) - _GREEN).max(axis=2) < 12) > 0.5)


def paint(program: Program) -> None:
    """One stroke with the mouse over the top row of the kernel."""
    screen = program.screen
    program.point("weight 0 0")
    screen.press()
    program.point("weight 0 1")
    program.point("weight 0 2")
    screen.release()


def test_window__shows_maps_without_a_click(start: Start) -> None:
    program = start()
    until(lambda: has_maps(program.look("map")), "the selected map")
    until(lambda: has_maps(program.look("sheet")), "the other maps")
    grey = program.look("input").astype(np.int16)
    assert np.mean(np.ptp(grey, axis=2) <= 2) > 0.9, "the start picture has no colours"
    assert grey.std() > 20, "the start picture is not flat"


def test_painting__changes_the_maps_and_undo_brings_the_same_pixels_back(start: Start) -> None:
    program = start()
    program.rest()
    before = {part: program.look(part) for part in ("map", "sheet")}
    title = program.title
    assert has_maps(before["map"])
    paint(program)
    until(lambda: "*" in program.title, "the title to say that there are changes")
    until(lambda: program.changed("map", before["map"]) > 0.5, "the map to follow")
    program.rest()
    program.screen.key("ctrl+z")
    until(lambda: program.title == title, "the title to say that nothing is changed")
    program.rest()
    for part, pixels in before.items():
        np.testing.assert_array_equal(program.look(part), pixels)


def test_typing__puts_a_number_into_the_kernel(start: Start) -> None:
    program = start()
    program.rest()
    before = program.look("map")
    program.screen.key("F6")  # to the layer's card
    program.screen.key("F6")  # to its kernel
    program.screen.xdotool("type", "5")
    program.screen.key("Return")
    until(lambda: program.changed("map", before) > 0.5, "the map to follow")
    assert "*" in program.title


def test_shortcuts__open_with_f1_and_close_with_escape(start: Start) -> None:
    program = start()
    screen = program.screen
    screen.key("F1")
    until(lambda: bool(screen.windows("Keyboard shortcuts")), "the list of shortcuts")
    screen.key("Escape")
    until(lambda: not screen.windows("Keyboard shortcuts"), "the list to close")
    screen.key("ctrl+q")
    assert program.exit_code() == 0


def test_closing__asks_about_unsaved_changes(start: Start) -> None:
    program = start()
    screen = program.screen
    program.rest()
    paint(program)
    until(lambda: "*" in program.title, "the title to say that there are changes")
    screen.key("ctrl+q")
    until(lambda: bool(screen.windows("Unsaved changes")), "the question")
    screen.key("Escape")
    until(lambda: not screen.windows("Unsaved changes"), "the question to go away")
    assert "*" in program.title, "cancelling keeps the window and the changes"
    screen.key("ctrl+q")
    until(lambda: bool(screen.windows("Unsaved changes")), "the question again")
    screen.key("Tab")  # from Save to Discard
    screen.key("space")
    assert program.exit_code() == 0


def test_sigterm__closes_the_program_cleanly(start: Start) -> None:
    program = start()
    program.rest()
    assert program.terminate() == 0


def test_sigterm__asks_nothing(start: Start) -> None:
    program = start()
    program.rest()
    paint(program)
    until(lambda: "*" in program.title, "the title to say that there are changes")
    assert program.terminate() == 0


@pytest.fixture
def source(screen: Desktop, tmp_path: Path) -> Iterator[str]:
    """The window of another program, from which a green picture can be dragged."""
    picture = tmp_path / _NAME
    PIL.Image.new("RGB", (320, 240), _GREEN).save(picture)
    script = Path(__file__).with_name("drag_source.py")
    process = subprocess.Popen([sys.executable, script, picture], env=screen.environment)
    try:
        until(lambda: bool(screen.windows("Drag source")), "the drag source")
        yield screen.windows("Drag source")[0]
    finally:
        process.kill()
        process.wait(30)


def test_drop__of_a_file_from_another_program_opens_it(start: Start, source: str) -> None:
    program = start()
    screen = program.screen
    x, y = 1550, 500
    screen.place_window(source, x, y)  # beside the program
    program.rest()
    before, target = program.look("input"), program.place("input").middle
    steps = iter(range(1, 1000))
    screen.point(x + 50, y + 50)
    screen.press()

    def drag_on() -> bool:
        share = min(next(steps) / 8, 1.0)
        wobble = next(steps) % 4  # a mouse that stands still sends nothing
        screen.point(round(x + (target[0] - x) * share) + wobble, round(y + (target[1] - y) * share))
        return program.changed("input", before) > 0.5  # more than the mouse pointer

    until(drag_on, "the window to say that it takes the file")
    assert not is_green(program.look("input")), "nothing is opened before the mouse is released"
    screen.release()
    until(lambda: is_green(program.look("input")), "the dropped picture")
    assert "*" not in program.title, "a picture is no change of the network"
