"""The desktop, where the parts of the window lie, and the program as a process."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.end_to_end.desktop import TOOLS, Area, Desktop, desktop
from tests.end_to_end.program import ROOT, Program
from tests.required import missing

Start = Callable[..., Program]


@pytest.fixture(scope="session")
def screen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desktop]:
    """A real X server with a window manager."""
    absent = [tool for tool in TOOLS if shutil.which(tool) is None]
    if absent:
        missing(f"a real X server needs {', '.join(absent)}: install xvfb, openbox and xdotool")
    with desktop(tmp_path_factory.mktemp("desktop")) as made:
        yield made


@pytest.fixture(scope="session")
def layout(screen: Desktop, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Area]:
    """Where the parts of the window lie. Compiles the kernels, too, if nobody has."""
    settings = tmp_path_factory.mktemp("settings")
    done = subprocess.run(
        [sys.executable, "-m", "tests.end_to_end.layout"],
        cwd=ROOT,
        env=screen.environment | {"XDG_CONFIG_HOME": str(settings)},
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return {name: Area(*place) for name, place in json.loads(done.stdout).items()}


@pytest.fixture
def start(screen: Desktop, layout: dict[str, Area], tmp_path: Path) -> Iterator[Start]:
    """Starts the program; it is ended with the test, and must have had nothing to complain about."""
    programs: list[Program] = []

    def started(*arguments: str) -> Program:
        programs.append(Program(screen, layout, tmp_path, arguments))
        return programs[-1]

    yield started
    for program in programs:
        program.kill()
        assert program.complaints == ""
