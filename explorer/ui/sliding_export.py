"""Writing an animation: frames are painted in slices between events, and encoded on a thread of their own."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, QSize, QThread, QTimer, Signal, Slot

from explorer.export.animation import LARGEST_SIDE, Pixels, refusal, write_gif, write_pictures
from explorer.export.exporters import ExportReport
from explorer.jit import CancelFlag
from explorer.ui import imagery
from explorer.ui.sliding_painter import FramePainter

_SLICE = 0.025  # seconds of painting between two looks at events
_REST = 4  # milliseconds, while the frames that wait are enough
_WAITING = 4  # frames
_SAMPLE = 10  # frames whose colours are chosen from
_PATIENCE = 0.2  # seconds between two looks at the flag

Write = Callable[[Iterator[Pixels], Sequence[Pixels], CancelFlag, Callable[[int], None]], ExportReport]


class _Writer(QThread):
    """Encodes and writes what comes through a queue."""

    progressed = Signal(int)

    def __init__(self, write: Write, sample: Sequence[Pixels], parent: QObject) -> None:
        super().__init__(parent)
        self.cancel = CancelFlag()
        self.frames: queue.Queue[Pixels] = queue.Queue(_WAITING)
        self.report = ExportReport()
        self._write, self._sample = write, sample

    def run(self) -> None:
        try:
            self.report = self._write(self._arriving(), self._sample, self.cancel, self.progressed.emit)
        except MemoryError:
            sentence = "There is not enough memory for this animation: make the window smaller."
            self.report = ExportReport(failures=(sentence,))

    def _arriving(self) -> Iterator[Pixels]:
        while not self.cancel.is_set:
            try:
                yield self.frames.get(timeout=_PATIENCE)
            except queue.Empty:
                continue


class SlidingExport(QObject):
    """One export at a time.

    Signals
    -------
    progressed(done)
        So many frames are written.
    ended(report)
        All is written, refused or stopped: an ExportReport.
    """

    progressed = Signal(int)
    ended = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._writer: _Writer | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._paint_slice)
        self._clear()

    @property
    def is_running(self) -> bool:
        """Whether an export goes on."""
        return self._painter is not None

    def start_gif(
        self,
        painter: FramePainter,
        size: QSize,
        order: Sequence[int],
        target: Path,
        milliseconds: int,
        *,
        loop: bool,
    ) -> None:
        """Write the frames of these places as an animated GIF."""

        def write(
            frames: Iterator[Pixels],
            sample: Sequence[Pixels],
            cancel: CancelFlag,
            progress: Callable[[int], None],
        ) -> ExportReport:
            return write_gif(
                target,
                frames,
                sample,
                count=len(order),
                milliseconds=milliseconds,
                loop=loop,
                cancel=cancel,
                progress=progress,
            )

        every = np.linspace(0, len(order) - 1, min(_SAMPLE, len(order))).round().astype(int)
        self._start(painter, size, order, write, [order[at] for at in every])

    def start_pictures(
        self, painter: FramePainter, size: QSize, order: Sequence[int], folder: Path, name: str
    ) -> None:
        """Write the frames of these places as numbered PNG pictures."""

        def write(
            frames: Iterator[Pixels],
            sample: Sequence[Pixels],
            cancel: CancelFlag,
            progress: Callable[[int], None],
        ) -> ExportReport:
            return write_pictures(
                folder, frames, name=name, count=len(order), cancel=cancel, progress=progress
            )

        self._start(painter, size, order, write, [])

    def cancel(self) -> None:
        """Stop; what is not complete is not kept."""
        if self._writer is not None:
            self._writer.cancel.set()
        elif self.is_running:
            self._end(ExportReport(notes=("Stopped: nothing was written.",)))

    def stop(self) -> bool:
        """Stop and wait for the thread; False where it did not end within 3 seconds."""
        self.cancel()
        self._timer.stop()
        return self._writer is None or self._writer.wait(3000)

    def _clear(self) -> None:
        self._painter: FramePainter | None = None
        self._size = QSize()
        self._todo: list[int] = []  # last first
        self._first: list[int] = []  # those of the sample that are not painted yet, last first
        self._sample: list[Pixels] = []
        self._write: Write | None = None

    def _start(
        self, painter: FramePainter, size: QSize, order: Sequence[int], write: Write, first: list[int]
    ) -> None:
        if self.is_running:
            return
        held = size.boundedTo(QSize(LARGEST_SIDE, LARGEST_SIDE))
        self._painter, self._size, self._write = painter, held, write
        self._todo, self._first = list(order)[::-1], first[::-1]
        refused = refusal(len(order), held.height(), held.width())
        if refused:
            self._end(ExportReport(failures=(refused,)))
        else:
            self._timer.start(0)

    def _paint_slice(self) -> None:
        """Paint until others must have their turn, or enough frames wait."""
        until = time.perf_counter() + _SLICE
        while self._painter is not None and time.perf_counter() < until:
            if self._first:
                self._sample.append(self._frame(self._painter, self._first.pop()))
            elif self._writer is None:
                self._begin_writing()
            elif not self._todo or self._writer.cancel.is_set:
                return
            elif self._writer.frames.full():
                self._timer.start(_REST)
                return
            else:
                self._writer.frames.put_nowait(self._frame(self._painter, self._todo.pop()))
        if self._painter is not None:
            self._timer.start(0)

    def _frame(self, painter: FramePainter, index: int) -> Pixels:
        pixels: Pixels = imagery.array(painter.image(self._size, index))[:, :, :3]
        return pixels

    def _begin_writing(self) -> None:
        assert self._write is not None
        writer = _Writer(self._write, self._sample, self)
        self._writer, self._sample = writer, []
        writer.progressed.connect(self.progressed)
        writer.finished.connect(self._written)
        writer.start()

    @Slot()
    def _written(self) -> None:
        writer = self._writer
        if writer is None:
            return
        self._writer = None
        writer.deleteLater()
        self._end(writer.report)

    def _end(self, report: ExportReport) -> None:
        self._timer.stop()
        self._clear()
        self.ended.emit(report)


def words(report: ExportReport) -> str:
    """What to tell of an export, in a sentence."""
    if report.failures:
        return report.failures[0]
    if report.notes:
        return report.notes[0]
    if len(report.written) == 1:
        return f"Exported {report.written[0]}."
    return f"Exported {len(report.written)} pictures into {report.written[0].parent}."
