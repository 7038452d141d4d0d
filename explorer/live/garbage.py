"""Python's cyclic garbage collector, on the GUI thread only.

A collection on another thread may destroy Qt objects there, which crashes; a full one in the middle of a stroke would
stall the brush.
"""

from __future__ import annotations

import gc
import time

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtGui import QGuiApplication

_INTERVAL = 1000
_IDLE_SECONDS = 2.0
_INPUT = (
    QEvent.Type.MouseMove,
    QEvent.Type.MouseButtonPress,
    QEvent.Type.KeyPress,
    QEvent.Type.Wheel,
    QEvent.Type.TabletMove,
)


class GarbageCollection(QObject):
    """Collects young objects every second and all of them once nobody has touched the window for a while."""

    def __init__(self, app: QGuiApplication) -> None:
        super().__init__(app)
        gc.disable()
        gc.freeze()  # what start-up made stays; later collections need not walk it
        self._last_input = time.monotonic()
        self._full_due = True
        self._settled = False
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._collect)
        self._timer.start(_INTERVAL)
        app.installEventFilter(self)

    def stop(self) -> None:
        """Give the collector back to Python."""
        self._timer.stop()
        gc.unfreeze()
        gc.enable()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _INPUT:
            self._last_input = time.monotonic()
            self._full_due = True
        return False

    def _collect(self) -> None:
        if self._full_due and time.monotonic() - self._last_input > _IDLE_SECONDS:
            gc.collect()
            if not self._settled:  # the engine came after start-up
                gc.freeze()
            self._full_due, self._settled = False, True
        else:
            gc.collect(1)
