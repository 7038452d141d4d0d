"""A window on which pictures and networks may be dropped anywhere."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QMainWindow, QWidget

from explorer.ui.drop import DropFrame, Refused, understand


class DropWindow(QMainWindow):
    """Shows what a drop would do while something is dragged over it.

    Signals
    -------
    dropped(data)
        Something was dropped; the QMimeData lives as long as the signal does.
    """

    dropped = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._drop_frame = DropFrame(self)
        self.setAcceptDrops(True)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        understood = understand(event.mimeData())
        if isinstance(understood, Refused):
            self._drop_frame.appear(understood.reason, refused=True)
        else:
            self._drop_frame.appear("Drop to open")
        event.acceptProposedAction()  # also for refusals, so that the sentence stays while the mouse is over us

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        if isinstance(understand(event.mimeData()), Refused):
            event.ignore()
        else:
            event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._drop_frame.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        self._drop_frame.hide()
        self.dropped.emit(event.mimeData())
        event.setDropAction(Qt.DropAction.CopyAction)  # a move would let the other program delete the file
        event.accept()
