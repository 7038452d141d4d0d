"""The program as a process: it starts, and ends cleanly however it is ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from explorer import app

ROOT = Path(__file__).parents[2]
_STARTED = """
import sys
from PySide6.QtCore import QTimer
from explorer.ui import main_window
start = main_window.MainWindow.start
def started(self):
    start(self)
    QTimer.singleShot(0, lambda: print("started", flush=True))
main_window.MainWindow.start = started
from explorer.cli import main
sys.exit(main(sys.argv[1:]))
"""


def run(tmp_path: Path, numbers: tuple[int, ...], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Start the window, send signals once it is there, and wait for the end."""
    environment = {
        **os.environ,
        "QT_QPA_PLATFORM": "offscreen",
        "XDG_CONFIG_HOME": str(tmp_path),
        "PYTHONPATH": str(ROOT),
    }
    process = subprocess.Popen(
        [sys.executable, "-X", "faulthandler", "-c", _STARTED, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=environment,
    )
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "started"
    for number in numbers:
        process.send_signal(number)
        time.sleep(0.05)
    output, errors = process.communicate(timeout=60)
    return subprocess.CompletedProcess(process.args, process.returncode, output, errors)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
@pytest.mark.parametrize(
    "numbers", [(signal.SIGTERM,), (signal.SIGINT,), (signal.SIGINT, signal.SIGINT)], ids=str
)
def test_signal__ends_with_0_and_no_word(tmp_path: Path, numbers: tuple[int, ...]) -> None:
    ended = run(tmp_path, numbers)
    assert ended.returncode == 0, ended.stderr
    assert "Destroyed while" not in ended.stderr
    assert "Traceback" not in ended.stderr
    assert "Fatal" not in ended.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
def test_settings__that_are_garbage_do_not_stop_the_start(tmp_path: Path) -> None:
    folder = tmp_path / "feature-map-explorer"
    folder.mkdir()
    (folder / "settings.json").write_bytes(b"\xff{")
    ended = run(tmp_path, (signal.SIGTERM,))
    assert ended.returncode == 0, ended.stderr
    assert (folder / "settings.bak").exists()


def test_fit__a_window_is_no_larger_than_its_screen(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    room = window.screen().availableSize()
    window.resize(room + QSize(300, 300))
    app.fit(window)
    assert window.width() == room.width()
    assert window.height() < room.height()
    window.resize(300, 200)
    app.fit(window)
    assert window.size() == QSize(300, 200)
