"""How fast the sheet of maps is drawn: ``python -m tests.benchmarks.viewer``.

Opens the real window over 8, 64 and 512 maps of 380 x 512 and takes the time from a change until the sheet is on the
screen: panning and zooming all maps together, moving the cross that all of them share, scrolling, and new values in
every map. Each at three zooms: whole maps, two screen pixels to a map pixel, and forty with the numbers in the cells.
On DISPLAY where there is one, else without a screen.
"""

from __future__ import annotations

import os
import platform
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib.metadata import version
from itertools import count

import numpy as np

if not os.environ.get("DISPLAY") and sys.platform == "linux":
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop, QObject, QPointF, QRectF, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from explorer.layers import Conv2d
from explorer.live.analysis import Content, LayerView
from explorer.live.compute import Frame
from explorer.live.garbage import GarbageCollection
from explorer.ui import theme
from explorer.ui.main_window import MainWindow
from tests.benchmarks.live import opened, pause, with_network

_COUNTS = (8, 64, 512)
_ZOOMS = (("fit", 0.0), ("2x", 2.0), ("40x", 40.0))
_FRAMES = 120
_WARM_UP = 5
_PAUSE = 3  # milliseconds between two frames, in which the window does what else there is to do
_STEP = 7.3  # screen pixels of one move of the hand
_MIDDLE = QPointF(250.0, 190.0)
_DONE = QEvent.Type(QEvent.registerEventType())

Act = Callable[[int], None]


class Stopwatch(QObject):
    """Times from a change until Qt has painted the sheet and sent it to the screen."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._viewport = window.maps.sheet.viewport()
        self._viewport.installEventFilter(self)
        self._loop = QEventLoop()
        self._done = False

    def time(self, act: Callable[[], None]) -> float | None:
        """Milliseconds; None where nothing was painted."""
        self._done = False
        began = time.perf_counter()
        act()
        for _ in range(3):  # the first round may only ask for a repaint
            self._loop.processEvents(QEventLoop.ProcessEventsFlag.AllEvents)
            if self._done:
                return (time.perf_counter() - began) * 1000
        return None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            QCoreApplication.postEvent(self, QEvent(_DONE), Qt.EventPriority.HighEventPriority.value)
        return False

    def event(self, event: QEvent) -> bool:
        if event.type() == _DONE:
            self._done = True
            return True
        return super().event(event)


def window_of(window: MainWindow, zoom: float) -> QRectF | None:
    """The part of each map that is seen at so many screen pixels to one of the map's; 0 is all of it."""
    if not zoom:
        return None
    layout = window.maps.sheet.arrangement
    part = QRectF(0, 0, layout.width / zoom, layout.height / zoom)
    part.moveCenter(_MIDDLE)
    return part


def actions(window: MainWindow, zoom: float) -> Iterator[tuple[str, Act]]:
    """What a hand does at one zoom, step by step."""
    sheet = window.maps.sheet
    part = window_of(window, zoom)

    def pan(step: int) -> None:
        assert part is not None
        away = _STEP / zoom * (step % 20 - 10)
        sheet.set_window(part.translated(away, away / 3))

    def magnify(step: int) -> None:
        wide = QRectF(part) if part is not None else QRectF(0, 0, 512, 380)
        factor = 1.02 ** -(step % 20 + 1)
        inner = QRectF(0, 0, wide.width() * factor, wide.height() * factor)
        inner.moveCenter(wide.center())
        sheet.set_window(inner)

    def cross(step: int) -> None:
        sheet.set_crosshair((190 + step % 7, 250 + step % 9))

    def scroll(step: int) -> None:
        bar = sheet.verticalScrollBar()
        bar.setValue((step + 1) * 41 % max(1, bar.maximum()))

    if part is not None:
        yield "pan", pan
    yield "zoom", magnify
    yield "cross", cross
    if sheet.verticalScrollBar().maximum() > 40:
        yield "scroll", scroll
    yield "new values", new_values(window)


def new_values(window: MainWindow) -> Act:
    """Show maps that are not known to be those shown before, as after a stroke that changes all filters."""
    frame = window.frame
    assert frame is not None
    frames: tuple[Frame, Frame] = (_as_new(frame), _as_new(frame))
    return lambda step: window.maps.show_frame(frames[step % 2])


def _as_new(frame: Frame) -> Frame:
    views: list[LayerView | None] = []
    for view in frame.views:
        maps = () if view is None else (replace(one, content=Content()) for one in view.maps)
        views.append(None if view is None else LayerView(view.source, tuple(maps)))
    return replace(frame, views=tuple(views))


def measure(window: MainWindow, zoom: float) -> Iterator[tuple[str, list[float]]]:
    """Milliseconds of frames, for each action."""
    watch = Stopwatch(window)
    sheet = window.maps.sheet
    for name, act in actions(window, zoom):
        sheet.set_window(window_of(window, zoom))
        sheet.set_crosshair(None)
        sheet.verticalScrollBar().setValue(0)
        pause(200)
        times = []
        for step in count():
            spent = watch.time(lambda act=act, step=step: act(step))  # type: ignore[misc]
            if spent is not None and step >= _WARM_UP:
                times.append(spent)
            if step == _FRAMES + _WARM_UP:
                break
            pause(_PAUSE)
        yield name, times


def main() -> None:
    """Print the table."""
    app = QApplication(sys.argv[:1])
    theme.apply(app, theme.DARK)
    collection = GarbageCollection(app)  # as the program does
    print(
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
        f"PySide6 {version('PySide6-Essentials')}, numba {version('numba')}, NumPy {version('numpy')}, "
        f"screen: {QGuiApplication.platformName()}"
    )
    print(
        f"\n{'milliseconds per frame':24} {'zoom':>5} {'on screen':>10} {'median':>8} {'95 %':>8} {'frames':>7}"
    )
    counts = [int(argument) for argument in sys.argv[1:]] or _COUNTS
    for maps in counts:
        with opened(with_network(Conv2d(out_channels=maps, padding="same"))) as window:
            sheet = window.maps.sheet
            seen = len(sheet.arrangement.visible(0, sheet.viewport().height()))
            for name, zoom in _ZOOMS:
                for action, times in measure(window, zoom):
                    label = f"{maps} maps, {action}"
                    if not times:
                        print(f"{label:24} {name:>5} {seen:10}        nothing was painted")
                        continue
                    median, high = np.percentile(times, [50, 95])
                    print(
                        f"{label:24} {name:>5} {seen:10} {median:8.1f} {high:8.1f} {len(times):7}", flush=True
                    )
    collection.stop()


if __name__ == "__main__":
    main()
