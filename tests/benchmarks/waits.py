"""How long the window is deaf while passes run, and how long a pass runs on after it is cancelled."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QEventLoop, QObject, Qt, QTimer, Slot

from explorer.document import edits
from explorer.document.document import Document
from explorer.layers.convolution import Conv2d
from explorer.layers.network import Network
from explorer.live.compute import Frame, LiveCompute, Request
from explorer.live.session import new_gesture
from explorer.ui.main_window import MainWindow

_TICK = 1  # millisecond
_SECONDS = 4.0  # long enough for collections of all kinds
_CANCELS = 20
_BEFORE = 150  # milliseconds that a pass runs before it is cancelled
_PATIENCE = 20_000


class Lateness(QObject):
    """A timer of one millisecond on the GUI thread, while one stroke goes on without a pause.

    ``milliseconds`` is how much later than that each tick came.
    """

    def __init__(self, document: Document, compute: LiveCompute, edit: Callable[[Document], None]) -> None:
        super().__init__(compute)
        self.document = document
        self._compute = compute
        self._change = edit
        self._value = 0.0
        self._last = 0.0
        self._ended = False
        self.milliseconds: list[float] = []

    @classmethod
    def of_window(cls, window: MainWindow) -> Lateness:
        """Of one that paints every frame."""
        session, gesture = window.session, new_gesture()
        edit = partial(session.edit, text="Paint kernel", gesture=gesture)
        return cls(session.document, window.compute, edit)

    def run(self) -> None:
        """Take the times."""
        timer = QTimer(self)
        timer.setTimerType(Qt.TimerType.PreciseTimer)
        timer.timeout.connect(self._tick)
        self._compute.frame_ready.connect(self._edit)
        self._edit()
        self._last = time.perf_counter()
        timer.start(_TICK)
        _pause(round(_SECONDS * 1000))
        timer.stop()
        self._ended = True

    @Slot()
    def _tick(self) -> None:
        now = time.perf_counter()
        self.milliseconds.append(max(0.0, (now - self._last) * 1000 - _TICK))
        self._last = now

    @Slot(object)
    def _edit(self, frame: Frame | None = None) -> None:
        if self._ended or (
            frame is not None and not (frame.document is self.document and frame.result.complete)
        ):
            return
        layer = self.document.network.layers[0]
        assert isinstance(layer, Conv2d)
        fitted = layer.fit(self.document.input_shape)
        assert fitted.weight is not None
        weight = fitted.weight.copy()
        self._value = 1.0 - self._value
        weight[0, 0, 0, 0] = self._value
        self.document = edits.replace_layer(self.document, 0, layer.with_weight(weight))
        self._change(self.document)


def lateness_of_passes(document: Document) -> list[float]:
    """What :class:`Lateness` finds where nobody paints the frames: passes keep the GUI thread waiting for so long."""
    compute = LiveCompute()

    def request(changed: Document) -> None:
        compute.request(Request(changed, 0, (), 1 << 34, False))

    lateness = Lateness(document, compute, request)
    compute.frame_ready.connect(compute.painted)
    compute.start()
    lateness.run()
    assert compute.stop(), "the passes did not end"
    return lateness.milliseconds


class Cancelling(QObject):
    """A pass of many seconds that is cancelled again and again. ``milliseconds`` is how long each then took to end."""

    def __init__(self, document: Document) -> None:
        super().__init__()
        heavy = Network((Conv2d(out_channels=64, kernel_size=(15, 15)), Conv2d(kernel_size=(15, 15))))
        self._document = edits.set_network(document, heavy)
        self._compute = LiveCompute(self)
        self._compute.busy_changed.connect(self._changed, Qt.ConnectionType.DirectConnection)
        self._ended = 0.0
        self.milliseconds: list[float] = []

    def run(self) -> None:
        """Take the times."""
        self._compute.start()
        for _ in range(_CANCELS):
            self._ended = 0.0
            self._compute.request(Request(replace(self._document), 0, (), 1 << 34, True))
            _pause(_BEFORE)
            assert self._ended == 0.0, "the pass was too short"
            began = time.perf_counter()
            self._compute.cancel()
            _wait(lambda: self._ended)
            self.milliseconds.append((self._ended - began) * 1000)
        self._compute.stop()

    def _changed(self, busy: bool) -> None:
        if not busy:
            self._ended = time.perf_counter()


def _pause(milliseconds: int) -> None:
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def _wait(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + _PATIENCE / 1000
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        _pause(1)
