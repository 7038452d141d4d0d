"""Kernels as text and as files: what is copied here is pasted into a notebook, and the other way round."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from explorer.document.grid_text import STYLES, GridTextError, grid_bytes, grid_text, parse_grid, read_grid
from explorer.errors import ExplorerError
from explorer.export.atomic import write_bytes
from explorer.layers.fields import Array
from explorer.live.tasks import IoTasks
from explorer.ui.message_bar import MessageBar
from explorer.ui.selected_kernel import SelectedKernel

_FILTER = "Kernels (*.csv *.npy);;All files (*)"


class KernelText(QObject):
    """Copy, paste, load and save the kernel under the brush."""

    def __init__(self, kernel: SelectedKernel, messages: MessageBar, tasks: IoTasks, window: QWidget) -> None:
        super().__init__(window)
        self._kernel = kernel
        self._messages = messages
        self._tasks = tasks
        self._window = window
        self._folder = Path.home()

    def fill(self, menu: QMenu) -> None:
        """Add the commands to a menu."""
        copy = menu.addMenu("Copy as text")
        for key, label in STYLES:
            copy.addAction(label, partial(self.copy, key))
        menu.addAction("Paste from text", self.paste)
        menu.addAction("Load kernel…", self.load)
        menu.addAction("Save kernel…", self.save)

    def copy(self, style: str = "tsv") -> None:
        """The kernel to the clipboard."""
        values = self._kernel.values()
        if values is not None:
            QGuiApplication.clipboard().setText(grid_text(values, style))
            self._messages.note(f"Copied the kernel, {values.shape[0]} × {values.shape[1]} numbers.")

    def paste(self) -> None:
        """The kernel from the clipboard; what is no grid of numbers changes nothing and is said."""
        try:
            self._take("Paste kernel", parse_grid(QGuiApplication.clipboard().text()))
        except GridTextError as error:
            self._messages.error(str(error))

    def load(self) -> None:
        """The kernel from a file."""
        name, _ = QFileDialog.getOpenFileName(self._window, "Load kernel", str(self._folder), _FILTER)
        if name:
            path = Path(name)
            self._folder = path.parent
            self._tasks.run(partial(read_grid, path), partial(self._take, f"Load {path.name}"), self._failed)

    def save(self) -> None:
        """The kernel to a file."""
        values = self._kernel.values()
        if values is None:
            return
        start = str(self._folder / "kernel.csv")
        name, _ = QFileDialog.getSaveFileName(self._window, "Save kernel", start, _FILTER)
        if not name:
            return
        path = Path(name)
        path = path if path.suffix.lower() in (".csv", ".npy") else path.with_name(path.name + ".csv")
        self._folder = path.parent
        data = grid_bytes(np.array(values), path.suffix.lower())
        self._tasks.run(partial(write_bytes, path, data), partial(self._saved, path), self._failed)

    def _take(self, text: str, values: Array) -> None:
        if self._kernel.values() is None:
            self._messages.note("Select a convolution first: other layers have no kernel.")
        else:
            self._kernel.set_kernel(values, "", text)

    def _saved(self, path: Path, _: object) -> None:
        self._messages.note(f"Saved {path.name}.")

    def _failed(self, error: Exception) -> None:
        if not isinstance(error, GridTextError | ExplorerError):
            raise error
        self._messages.error(str(error))
