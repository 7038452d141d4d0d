"""Starting the window."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from PySide6.QtCore import QSize, QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication, QWidget

from explorer import settings
from explorer.document.start import start_document
from explorer.live.garbage import GarbageCollection
from explorer.resources import resource
from explorer.ui import theme
from explorer.ui.main_window import MainWindow

_LOOK_FOR_SIGNALS = 250  # milliseconds; Python runs its signal handlers only between its own instructions
_TITLE_BAR = 32  # pixels that the desktop adds to a window


def fit(window: QWidget) -> None:
    """Make a window no larger than its screen, which may be that of a small laptop or of a projector."""
    window.resize(window.size().boundedTo(window.screen().availableSize() - QSize(0, _TITLE_BAR)))


def run(path: Path | None) -> int:
    """Open the window, with a picture or a network if one is named, and return when it is closed."""
    os.environ.setdefault("PYQTGRAPH_QT_LIB", "PySide6")
    app = QApplication(sys.argv[:1])
    app.setApplicationName("feature-map-explorer")
    app.setApplicationDisplayName("Feature-map explorer")
    app.setDesktopFileName("feature-map-explorer")
    app.setWindowIcon(QIcon(str(resource("icons/app.svg"))))
    preferences = settings.load()
    theme.apply(app, theme.chosen(preferences.theme))
    window = MainWindow(start_document(), preferences)
    window.bugs.install()
    app.installEventFilter(window)
    for number in (signal.SIGINT, signal.SIGTERM):
        # Not at once: Python may be called in the middle of a paint event. And not quit(), which would ask questions.
        signal.signal(number, lambda *_: QTimer.singleShot(0, lambda: app.exit(0)))
    heartbeat = QTimer()
    heartbeat.timeout.connect(lambda: None)
    heartbeat.start(_LOOK_FOR_SIGNALS)
    collection = GarbageCollection(app)
    try:
        fit(window)
        window.show()
        window.start()
        if path is not None:
            window.files.open(path)
        return app.exec()
    finally:
        heartbeat.stop()
        collection.stop()
        window.stop()
        window.bugs.uninstall()
