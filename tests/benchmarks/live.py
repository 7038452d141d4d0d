"""How fast the real window is: ``python -m tests.benchmarks.live``.

Moves a brush over the kernel 60 times a second and takes the time until the selected map and the sheet of maps on the
screen belong to that move or a later one, also in a 31 x 31 kernel and in a layer of 64 channels; the time of one
step of the slider of filters and of one undo, likewise; how late a timer of one millisecond comes on
the GUI thread while passes follow each other without a pause; how soon a long pass ends when it is cancelled; and the
time a start takes, with and without compiled kernels from an earlier one. On DISPLAY where there is one, else without
a screen.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from importlib.metadata import version
from pathlib import Path

import numpy as np

if not os.environ.get("DISPLAY") and sys.platform == "linux":
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEvent, QEventLoop, QPointF, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QMouseEvent
from PySide6.QtWidgets import QApplication

from explorer.document import edits
from explorer.document.document import Document
from explorer.document.start import start_document
from explorer.imaging.image import Image
from explorer.imaging.samples import load_sample
from explorer.layers import Conv2d, Layer, ReLU
from explorer.layers.layer import replace_field
from explorer.layers.network import Network
from explorer.live.garbage import GarbageCollection
from explorer.live.session import new_gesture
from explorer.settings import Settings
from explorer.ui import theme
from explorer.ui.main_window import MainWindow
from tests.benchmarks.waits import Cancelling, Lateness, lateness_of_passes
from tests.benchmarks.watch import PaintWatch

_ROOT = Path(__file__).parent.parent.parent
_INTERVAL = 16  # milliseconds between two moves, as of a mouse at 60 Hz
_STROKES = 20
_LONGEST = 32  # cells of a stroke
_SLIDER = (*range(1, 129, 3), *range(128, 0, -3))  # numbers of filters, up and down again
_BRUSH = 1.5  # a value that no weight has yet, so that every move changes one
_STARTS = 3
_REACH = 1000  # milliseconds from the first maps to the first stroke: nobody's hand is faster
_PATIENCE = 120_000  # milliseconds
_LEFT = Qt.MouseButton.LeftButton
_NONE = Qt.MouseButton.NoButton


Row = tuple[str, str, Sequence[float]]
"""What was measured, on which input, and how many milliseconds each time."""


class Bench:
    """Drives one window with one document."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self._session = window.session
        self._watch = PaintWatch(window)
        self._watch.painted.connect(self._painted)
        self._asked: list[tuple[Document, float]] = []
        self.milliseconds: list[float] = []

    def strokes(self) -> Iterator[int]:
        """Paint every cell of the kernel in turn, again and again; after each stroke the caller may do more."""
        grid = self._window.stage.kernel.grid
        rows, columns = grid.values.shape
        snake = [
            (row, column if row % 2 == 0 else columns - 1 - column)
            for row, column in np.ndindex(rows, columns)
        ]
        cells = [grid.cell_rect(*cell).center() for cell in snake[:_LONGEST]]
        self._window.stage.kernel.set_brush(_BRUSH)
        for stroke in range(_STROKES):
            self._mouse(QEvent.Type.MouseButtonPress, cells[0], _LEFT, _LEFT)
            pause(_INTERVAL)  # no mouse moves at once
            for cell in cells[1:]:
                self._ask(partial(self._mouse, QEvent.Type.MouseMove, cell, _NONE, _LEFT))
                pause(_INTERVAL)
            self._mouse(QEvent.Type.MouseButtonRelease, cells[-1], _LEFT, _NONE)
            self.rest()
            yield stroke

    def slide(self) -> None:
        """Drag the slider of the first layer's filters."""
        gesture = new_gesture()
        for filters in _SLIDER:
            layer = self._session.document.network.layers[0]
            changed = edits.replace_layer(
                self._session.document, 0, replace_field(layer, "out_channels", filters)
            )
            self._ask(partial(self._session.edit, changed, "Filters", gesture))
            pause(_INTERVAL)
        self._session.finish_gesture()
        self.rest()

    def undo(self) -> None:
        """What Ctrl+Z does; the key itself would need a window manager."""
        self._ask(self._session.undo_stack.undo)
        self.rest()

    def rest(self) -> None:
        """Wait until the settled maps are there and every question is answered."""
        wait(lambda: self._window.settled_frame is not None and not self._asked)

    def _ask(self, act: Callable[[], None]) -> None:
        before, began = self._session.document, time.perf_counter()
        act()
        assert self._session.document is not before, "the move changed nothing"
        self._asked.append((self._session.document, began))

    def _painted(self, document: Document, now: float) -> None:
        positions = [index for index, (asked, _) in enumerate(self._asked) if asked is document]
        if positions:
            answered, self._asked = self._asked[: positions[0] + 1], self._asked[positions[0] + 1 :]
            self.milliseconds += [(now - began) * 1000 for _, began in answered]

    def _mouse(
        self, kind: QEvent.Type, place: QPointF, button: Qt.MouseButton, buttons: Qt.MouseButton
    ) -> None:
        grid = self._window.stage.kernel.grid
        event = QMouseEvent(
            kind, place, grid.mapToGlobal(place), button, buttons, Qt.KeyboardModifier.NoModifier
        )
        QApplication.sendEvent(grid, event)


def pause(milliseconds: int) -> None:
    """Let the event loop run. ``QTest.qWait`` would keep Python's lock in its sleep."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def wait(condition: Callable[[], object]) -> None:
    """Run the event loop until something is so."""
    deadline = time.monotonic() + _PATIENCE / 1000
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        pause(5)


def full_hd() -> Document:
    """The start network on a photograph of 1080 x 1920 in colour, at full size."""
    tile = load_sample("coffee").pixels
    times = (-(-1080 // tile.shape[0]), -(-1920 // tile.shape[1]), 1)
    pixels = np.ascontiguousarray(np.tile(tile, times)[:1080, :1920])
    start = start_document()
    preprocess = replace(start.preprocess, full_size=True)
    return replace(edits.set_image(start, Image.from_array(pixels, "full-hd")), preprocess=preprocess)


def with_network(*layers: Layer) -> Document:
    """The start picture under other layers."""
    return edits.set_network(start_document(), Network(layers))


@contextmanager
def opened(document: Document, layer: int = 0) -> Iterator[MainWindow]:
    """A window that has computed everything."""
    window = MainWindow(document, Settings(hints_done=("paint", "probe", "drop")))
    window.show()
    window.start()
    window.session.select_layer(layer)
    try:
        wait(window.preparation.isFinished)
        wait(lambda: window.settled_frame is not None and not window.settled_frame.plain)
        pause(_REACH)
        yield window
    finally:
        window.session.mark_saved(None)  # nothing to ask about
        window.close()


def measure(name: str, document: Document) -> list[Row]:
    """Rows of the table for one document."""
    with opened(document) as window:
        return _measured(window, name)


def studio() -> list[Row]:
    """Rows of the table for large kernels, many channels and the slider of filters."""
    rows: list[Row] = []
    large = with_network(Conv2d(out_channels=8, kernel_size=(31, 31)), ReLU())
    deep = with_network(Conv2d(out_channels=64), ReLU(), Conv2d(out_channels=64), ReLU())
    for name, document, layer in (("31 x 31 kernel", large, 0), ("64 channels", deep, 2)):
        with opened(document, layer) as window:
            bench = Bench(window)
            for stroke in bench.strokes():
                if stroke == 0:
                    bench.milliseconds.clear()
            shape = " x ".join(map(str, document.input_shape))
            rows.append((f"brush move to painted maps, {name}", shape, bench.milliseconds))
    with opened(with_network(Conv2d(out_channels=1), ReLU())) as window:
        bench = Bench(window)
        bench.slide()
        bench.milliseconds.clear()
        bench.slide()
        rows.append(("slider of filters 1 to 128 and back", "1 x 380 x 512", bench.milliseconds))
    return rows


def _measured(window: MainWindow, name: str) -> list[Row]:
    shape = " x ".join(map(str, window.session.document.input_shape))
    moves, undos = Bench(window), Bench(window)
    for stroke in moves.strokes():
        undos.undo()
        if stroke == 0:  # the first was to warm up
            moves.milliseconds.clear()
            undos.milliseconds.clear()
    lateness = Lateness.of_window(window)
    lateness.run()
    window.session.finish_gesture()
    moves.rest()
    return [
        (f"brush move to painted maps, {name}", shape, moves.milliseconds),
        (f"undo to painted maps, {name}", shape, undos.milliseconds),
        (f"1 ms timer late by, {name}", shape, lateness.milliseconds),
        (f"… of passes alone, {name}", shape, lateness_of_passes(lateness.document)),
    ]


def cancels(name: str, document: Document) -> list[Row]:
    """Rows of the table for cancelling."""
    cancelling = Cancelling(document)
    cancelling.run()
    return [
        (
            f"cancel to end of pass, {name}",
            " x ".join(map(str, document.input_shape)),
            cancelling.milliseconds,
        )
    ]


def starts() -> list[Row]:
    """Rows of the table for starting the program."""
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"NUMBA_CACHE_DIR": folder, "XDG_CONFIG_HOME": folder}
        cold = [_start(environment)]
        warm = [_start(environment) for _ in range(_STARTS)]
    for name, times in (("cold", cold), ("warm", warm)):
        for step, text in (("shown", "window shown"), ("maps", "first maps"), ("compiled", "engine ready")):
            rows.append((f"start to {text}, {name}", "", [time[step] * 1000 for time in times]))
    return rows


def _start(environment: dict[str, str]) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.startup", str(time.time())],
        cwd=_ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        timeout=_PATIENCE / 1000,
        check=True,
    )
    times: dict[str, float] = json.loads(done.stdout)
    return times


def main() -> None:
    """Print the table."""
    began = starts()
    app = QApplication(sys.argv[:1])
    theme.apply(app, theme.DARK)
    collection = GarbageCollection(app)  # as the program does
    print(
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
        f"PySide6 {version('PySide6-Essentials')}, numba {version('numba')}, NumPy {version('numpy')}, "
        f"screen: {QGuiApplication.platformName()}"
    )
    rows = measure("start picture", start_document()) + measure("Full HD", full_hd())
    rows += studio() + cancels("Full HD", full_hd()) + began
    collection.stop()
    print(f"\n{'milliseconds':46} {'input':>15} {'median':>8} {'95 %':>8} {'99 %':>8} {'runs':>5}")
    for name, shape, values in rows:
        median, high, highest = np.percentile(values, [50, 95, 99])
        print(f"{name:46} {shape:>15} {median:8.1f} {high:8.1f} {highest:8.1f} {len(values):5}")


if __name__ == "__main__":
    main()
