"""Getting the compiled engine ready behind the first maps."""

from __future__ import annotations

from PySide6.QtCore import QObject, QThread, Signal

from explorer import engine
from explorer.jit import JitUnavailableError, Status, status


class EnginePreparation(QThread):
    """Compiles every kernel on a thread of its own.

    Signals
    -------
    prepared()
        The state is READY, or FAILED with its reason.
    """

    prepared = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        if status.state is Status.LAZY:
            status.state = Status.PREPARING

    def run(self) -> None:
        if status.state is Status.PREPARING:
            try:
                from explorer.imaging import colouring  # noqa: F401 - declares its kernel

                engine.prepare()
                status.state = Status.READY
            except JitUnavailableError as error:
                status.fail(error)
        self.prepared.emit()
