"""The io thread: reading and writing files, one after the other, with the answer on the GUI thread."""

from __future__ import annotations

import queue
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, QThread, Signal, Slot


@dataclass(frozen=True, eq=False)
class _Job:
    work: Callable[[], Any]
    done: Callable[[Any], None]
    failed: Callable[[Exception], None]


class IoTasks(QObject):
    """Runs work that touches disks. ``done`` and ``failed`` are called on the GUI thread."""

    _finished = Signal(object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._thread = _IoThread(self._jobs, self._finished.emit, self)
        self._finished.connect(self._answer)
        self._thread.start()

    def run(
        self, work: Callable[[], Any], done: Callable[[Any], None], failed: Callable[[Exception], None]
    ) -> None:
        """Do ``work`` on the io thread, then call ``done`` with its result or ``failed`` with its exception."""
        self._jobs.put(_Job(work, done, failed))

    def stop(self) -> bool:
        """Finish what is queued and end the thread; False where it did not within 3 seconds."""
        self._jobs.put(None)
        return self._thread.wait(3000)

    @Slot(object, object)
    def _answer(self, job: _Job, outcome: Any) -> None:
        if isinstance(outcome, Exception):
            job.failed(outcome)
        else:
            job.done(outcome)


class _IoThread(QThread):
    def __init__(
        self,
        jobs: queue.SimpleQueue[_Job | None],
        answer: Callable[[_Job, Any], None],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._answer = answer

    def run(self) -> None:
        while (job := self._jobs.get()) is not None:
            try:
                outcome: Any = job.work()
            except Exception as error:
                outcome = error
            self._answer(job, outcome)
