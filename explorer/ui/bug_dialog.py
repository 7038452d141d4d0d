"""Errors nobody expected: one hook for every thread, one dialog at a time, the program stays open."""

from __future__ import annotations

import logging
import platform
import sys
import threading
import traceback
from types import TracebackType

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

import explorer

logger = logging.getLogger(__name__)


class BugReporter(QObject):
    """Takes unexpected exceptions from anywhere and shows each kind once, on the GUI thread."""

    _caught = Signal(str, str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._window = parent
        self._seen: set[str] = set()
        self.dialog: BugDialog | None = None
        self._caught.connect(self._show)

    def install(self) -> None:
        """Become the hook of this process."""
        self._before = (sys.excepthook, threading.excepthook, sys.unraisablehook)
        sys.excepthook = self._hook
        threading.excepthook = self._thread_hook
        sys.unraisablehook = self._unraisable_hook

    def uninstall(self) -> None:
        """Give the hooks back."""
        sys.excepthook, threading.excepthook, sys.unraisablehook = self._before

    def report(self, error: BaseException) -> None:
        """Show an exception; callable from any thread."""
        details = "".join(traceback.format_exception(error))
        frames = traceback.extract_tb(error.__traceback__)
        place = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else ""
        self._caught.emit(f"{type(error).__name__} {place}", details)

    def _hook(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if isinstance(error, KeyboardInterrupt):
            QGuiApplication.quit()
            return
        self.report(error)

    def _thread_hook(self, arguments: threading.ExceptHookArgs) -> None:
        if arguments.exc_value is not None:
            self.report(arguments.exc_value)

    def _unraisable_hook(self, arguments: sys.UnraisableHookArgs) -> None:
        if arguments.exc_value is not None:
            self.report(arguments.exc_value)

    def _show(self, kind: str, details: str) -> None:
        logger.error("Unexpected error\n%s", details)
        if kind in self._seen:  # a paint event that fails would fail for every frame
            return
        self._seen.add(kind)
        if self.dialog is not None and self.dialog.isVisible():
            self.dialog.add(details)
            return
        self.dialog = BugDialog(details, self._window)
        self.dialog.show()


class BugDialog(QDialog):
    """Says what happened, with details to copy. It blocks nothing."""

    def __init__(self, details: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Something went wrong")
        self.setModal(False)
        self.resize(640, 360)
        words = QLabel(
            "This is a fault of the program, not yours. Your work is still here: save it, and go on. "
            "Copying the details helps whoever mends it."
        )
        words.setWordWrap(True)
        self._details = QPlainTextEdit(f"{_versions()}\n\n{details}")
        self._details.setReadOnly(True)
        self._details.setAccessibleName("Details")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        copy = QPushButton("Copy details")
        copy.clicked.connect(self._copy)
        buttons.addButton(copy, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(words)
        layout.addWidget(self._details, 1)
        layout.addWidget(buttons)
        self.setAttribute(Qt.WidgetAttribute.WA_QuitOnClose, False)

    def add(self, details: str) -> None:
        """Another fault while the dialog is open."""
        self._details.appendPlainText(f"\n{details}")

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._details.toPlainText())


def _versions() -> str:
    return f"feature-map-explorer {explorer.__version__}, Python {platform.python_version()}, {platform.platform()}"
