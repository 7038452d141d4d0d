"""Getting the compiled engine ready behind the first maps."""

from __future__ import annotations

from PySide6.QtCore import QObject, QThread, Signal

from explorer import engine
from explorer.jit import JitUnavailableError, Status, cache, status
from explorer.precompile import Helpers


class EnginePreparation(QThread):
    """Compiles the kernels, on a thread of its own, and where there is much to compile, in other processes.

    Signals
    -------
    prepared()
        The state is READY, or FAILED with its reason.
    """

    prepared = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._helpers = Helpers()
        if status.state is Status.LAZY:
            status.state = Status.PREPARING

    def stop(self) -> None:
        """End it; a kernel that is being compiled on the thread itself is finished first."""
        self.requestInterruption()
        self._helpers.stop()
        self.wait()

    def run(self) -> None:
        if status.state is Status.PREPARING:
            try:
                self._prepare()
            except JitUnavailableError as error:
                status.fail(error)
            if self.isInterruptionRequested():
                return
        self.prepared.emit()

    def _prepare(self) -> None:
        self._helpers.start()
        from explorer.imaging import colouring, survey  # noqa: F401 - declare their kernels, and import numba

        self._helpers.wait()
        engine.prepare(lambda name: not self.isInterruptionRequested())
        if not self.isInterruptionRequested():
            cache.set_complete()
            status.state = Status.READY
