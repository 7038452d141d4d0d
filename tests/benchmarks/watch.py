"""When a window has painted the maps of a document, seen from outside the window."""

from __future__ import annotations

import time

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, Signal

from explorer.document.document import Document
from explorer.ui.main_window import MainWindow

_DONE = QEvent.Type(QEvent.registerEventType())


class PaintWatch(QObject):
    """Watches the map on the stage and the sheet below it.

    Signals
    -------
    painted(document, seconds)
        Both show the maps of this document; ``seconds`` is :func:`time.perf_counter` when the last was on the screen.
    """

    painted = Signal(object, float)

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._views: tuple[QObject, QObject] = (window.stage.map_view, window.maps.sheet.viewport())
        self._shown: dict[QObject, Document] = {}
        self._posted = False
        for view in self._views:
            view.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        frame = self._window.frame
        if (
            event.type() == QEvent.Type.Paint
            and frame is not None
            and frame.views[self._window.session.layer]
        ):
            self._shown[watched] = frame.document
            if not self._posted:  # delivered when Qt has painted and flushed everything
                self._posted = True
                QCoreApplication.postEvent(self, QEvent(_DONE), Qt.EventPriority.HighEventPriority.value)
        return False

    def event(self, event: QEvent) -> bool:
        if event.type() != _DONE:
            return super().event(event)
        self._posted = False
        documents = [self._shown.get(view) for view in self._views]
        if documents[0] is not None and documents[0] is documents[1]:
            self.painted.emit(documents[0], time.perf_counter())
        return True
