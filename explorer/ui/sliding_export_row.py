"""The button that writes an animation to files, and how far the writing is."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QMenu, QProgressBar, QPushButton, QWidget

from explorer.export.exporters import ExportReport
from explorer.export.names import safe_name
from explorer.ui.sliding_export import SlidingExport, words
from explorer.ui.sliding_painter import FramePainter
from explorer.ui.sliding_view import SlidingView


class SlidingExportRow(QWidget):
    """Asks for a target and writes what the view shows, at its size.

    Signals
    -------
    message(sentence)
        What became of an export.
    """

    message = Signal(str)

    def __init__(self, view: SlidingView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.export = SlidingExport(self)
        self.milliseconds = 250
        self.loop = True
        self._view = view
        self._folder = Path.home()
        self._possible = False
        self.button = QPushButton("Export…")
        self.button.setAccessibleName("Export the animation")
        self.button.setToolTip("Write the animation to a file, as it is shown and as fast")
        menu = QMenu(self.button)
        self.as_gif = menu.addAction("Animated GIF…")
        self.as_pictures = menu.addAction("PNG frames into a folder…")
        self.button.setMenu(menu)
        self.progress = QProgressBar()
        self.progress.setAccessibleName("Frames written")
        self.progress.setFixedWidth(120)
        self.progress.setMaximumHeight(18)
        self.cancel = QPushButton("Cancel")
        self.cancel.setAccessibleName("Cancel the export")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        for widget in (self.progress, self.cancel, self.button):
            layout.addWidget(widget)
        self._show_running(False)
        self.as_gif.triggered.connect(self._write_gif)
        self.as_pictures.triggered.connect(self._write_pictures)
        self.cancel.clicked.connect(self.export.cancel)
        self.export.progressed.connect(self.progress.setValue)
        self.export.ended.connect(self._ended)

    def set_possible(self, possible: bool) -> None:
        """Whether there is something to write."""
        self._possible = possible
        self._show_running(self.export.is_running)

    def _write_gif(self) -> None:
        painter = self._view.frame_painter()
        if painter is None or self.export.is_running:
            return
        start = str(self._folder / f"{_name(painter)}.gif")
        name, _ = QFileDialog.getSaveFileName(self, "Export the animation", start, "*.gif")
        if not name:
            return
        target = Path(name)
        if target.suffix.lower() != ".gif":
            target = target.with_name(target.name + ".gif")
        order = self._begin(painter, target.parent)
        self.export.start_gif(painter, self._size(), order, target, self.milliseconds, loop=self.loop)

    def _write_pictures(self) -> None:
        painter = self._view.frame_painter()
        if painter is None or self.export.is_running:
            return
        folder = QFileDialog.getExistingDirectory(self, "Export frames into folder", str(self._folder))
        if not folder:
            return
        order = self._begin(painter, Path(folder))
        self.export.start_pictures(painter, self._size(), order, Path(folder), _name(painter))

    def _begin(self, painter: FramePainter, folder: Path) -> list[int]:
        """The places whose frames are written."""
        self._folder = folder
        order = [int(index) for index in painter.scene.key_frames]
        self.progress.setRange(0, len(order))
        self.progress.setValue(0)
        self._show_running(True)
        return order

    def _size(self) -> QSize:
        size = self._view.size()
        return size if size.width() >= self._view.minimumSizeHint().width() else self._view.sizeHint()

    def _ended(self, report: ExportReport) -> None:
        self._show_running(False)
        self.message.emit(words(report))

    def _show_running(self, running: bool) -> None:
        self.button.setEnabled(self._possible and not running)
        self.button.setVisible(not running)
        self.progress.setVisible(running)
        self.cancel.setVisible(running)


def _name(painter: FramePainter) -> str:
    return safe_name(f"{painter.scene.layer.name or 'layer'}-window")
