"""Fixtures of the tests of ui: the application in its clothes, and a window that computes."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from explorer.document.document import Document
from explorer.document.start import start_document
from explorer.settings import Settings
from explorer.ui import theme
from explorer.ui.main_window import MainWindow
from tests.gui import destroy_deferred, gui_rules, running_threads
from tests.ui.driving import Recorder, settled

__all__ = ["gui_rules"]

WindowMaker = Callable[..., MainWindow]


@pytest.fixture(autouse=True)
def dressed(qapp: QApplication) -> Iterator[None]:
    """The dark theme, and the system's font afterwards."""
    font = qapp.font()
    if qapp.palette() != theme.palette(theme.DARK) or not qapp.styleSheet():
        theme.apply(qapp, theme.DARK)
    yield
    if qapp.font() != font:
        qapp.setFont(font)


@pytest.fixture
def questions(monkeypatch: pytest.MonkeyPatch) -> list[QMessageBox.StandardButton]:
    """Answers to the question about unsaved changes, first to last; an unexpected question fails."""
    answers: list[QMessageBox.StandardButton] = []

    def answer(*arguments: object) -> QMessageBox.StandardButton:
        return answers.pop(0)

    monkeypatch.setattr(QMessageBox, "question", answer)
    return answers


@pytest.fixture
def make_window(
    qtbot: QtBot, questions: list[QMessageBox.StandardButton]
) -> Iterator[Callable[..., MainWindow]]:
    """Makes windows that are closed afterwards with every thread ended."""
    made: list[MainWindow] = []

    def make(document: Document | None = None, size: tuple[int, int] = (1440, 900)) -> MainWindow:
        window = MainWindow(document or start_document(), Settings(theme="dark"))
        made.append(window)
        window.compute.request = Recorder(window.compute)  # type: ignore[method-assign]
        window.resize(*size)
        window.show()
        with qtbot.waitSignal(window.preparation.prepared):
            window.start()
        settled(qtbot, window)
        return window

    yield make
    for window in made:
        window.session.mark_saved(None)
        window.close()
        window.stop()
        assert not running_threads(window)
        if window.bugs.dialog is not None:
            window.bugs.dialog.deleteLater()
        window.deleteLater()
    destroy_deferred()


@pytest.fixture
def window(make_window: Callable[..., MainWindow]) -> MainWindow:
    """The start example with its settled maps."""
    return make_window()
