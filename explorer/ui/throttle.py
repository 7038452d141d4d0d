"""At most so many calls a second: the first at once, of those that come too early only the last."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

_INTERVAL = 16  # milliseconds: 60 Hz


class Throttle(QObject):
    """Runs what it is given, not more often than a screen shows it."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting: Callable[[], None] | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_INTERVAL)
        self._timer.timeout.connect(self._run)

    def call(self, run: Callable[[], None]) -> None:
        """Run this now, or in place of what still waits."""
        self._waiting = run
        if not self._timer.isActive():
            self._run()

    def drop(self) -> None:
        """Forget what waits; the next call runs at once."""
        self._waiting = None
        self._timer.stop()

    def _run(self) -> None:
        run, self._waiting = self._waiting, None
        if run is not None:
            self._timer.start()
            run()
