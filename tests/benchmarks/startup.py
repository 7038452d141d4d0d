"""Starts the real program, prints how long its first steps took as JSON, and closes it.

``python -m tests.benchmarks.startup BEGAN``, where BEGAN is the parent's :func:`time.time` when it started the process.
"""

from __future__ import annotations

import json
import sys
import time
from unittest.mock import patch

from PySide6.QtCore import QTimer
from PySide6.QtGui import QPaintEvent

from explorer import cli
from explorer.document.document import Document
from explorer.ui.main_window import MainWindow
from tests.benchmarks.watch import PaintWatch

BEGAN = float(sys.argv[1])


class TimedWindow(MainWindow):
    """Notes when it is shown, when it has maps, and when every kernel is compiled."""

    def start(self) -> None:
        self._times: dict[str, float] = {}
        self._watch = PaintWatch(self)
        self._watch.painted.connect(self._maps_painted)
        self.preparation.prepared.connect(self._compiled)
        super().start()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        QTimer.singleShot(0, self._shown)

    def _shown(self) -> None:
        self._note("shown")

    def _maps_painted(self, document: Document) -> None:
        self._note("maps")

    def _compiled(self) -> None:
        self._note("compiled")

    def _note(self, step: str) -> None:
        self._times.setdefault(step, time.time() - BEGAN)
        if len(self._times) == 3:
            print(json.dumps(self._times), flush=True)
            self._times["printed"] = 0.0
            self.close()


if __name__ == "__main__":
    with patch("explorer.app.MainWindow", TimedWindow):
        sys.exit(cli.main([]))
