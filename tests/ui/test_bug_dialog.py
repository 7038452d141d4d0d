"""Errors nobody expected: one dialog, wherever they come from, and the program goes on."""

from __future__ import annotations

import gc
import sys
import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QRunnable, QThread, QThreadPool, QTimer
from PySide6.QtGui import QGuiApplication, QPaintEvent
from PySide6.QtWidgets import QApplication, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from explorer.document import edits
from explorer.ui.bug_dialog import BugDialog, BugReporter
from explorer.ui.main_window import MainWindow
from tests.gui import destroy_deferred
from tests.live.given import Failing, small_document
from tests.ui.driving import settled


@pytest.fixture
def reporter(qapp: QApplication) -> Iterator[BugReporter]:
    """A reporter that is this process's hook."""
    parent = QWidget()
    result = BugReporter(parent)
    result.install()
    yield result
    result.uninstall()
    parent.deleteLater()
    destroy_deferred()


def details(reporter: BugReporter) -> str:
    assert reporter.dialog is not None
    return reporter.dialog._details.toPlainText()


def fail() -> None:
    raise RuntimeError("broken here")


def test_slot__opens_one_dialog_that_blocks_nothing(qtbot: QtBot, reporter: BugReporter) -> None:
    QTimer.singleShot(0, fail)
    qtbot.waitUntil(lambda: reporter.dialog is not None)
    assert reporter.dialog is not None
    assert reporter.dialog.isVisible()
    assert not reporter.dialog.isModal()
    assert "broken here" in details(reporter)
    assert "Python" in details(reporter)


def test_same_place__is_shown_once(qtbot: QtBot, reporter: BugReporter) -> None:
    for _ in range(5):
        QTimer.singleShot(0, fail)
    qtbot.wait(20)
    assert details(reporter).count("Traceback") == 1


def test_another_place__is_added_to_the_open_dialog(qtbot: QtBot, reporter: BugReporter) -> None:
    QTimer.singleShot(0, fail)
    QTimer.singleShot(0, lambda: 1 // 0)
    qtbot.wait(20)
    assert details(reporter).count("Traceback") == 2
    shown = [one for one in QApplication.topLevelWidgets() if isinstance(one, BugDialog) and one.isVisible()]
    assert len(shown) == 1


class Broken(QWidget):
    """Raises for every frame."""

    painted = 0

    def paintEvent(self, event: QPaintEvent) -> None:
        self.painted += 1
        raise RuntimeError("cannot paint")


def test_paint_event__is_shown_once_however_often_it_fails(qtbot: QtBot, reporter: BugReporter) -> None:
    widget = Broken()
    widget.show()
    for _ in range(20):
        widget.update()
        qtbot.wait(1)
    assert widget.painted > 1
    assert details(reporter).count("Traceback") == 1
    widget.deleteLater()


class Thread(QThread):
    def run(self) -> None:
        fail()


class Job(QRunnable):
    def run(self) -> None:
        fail()


def test_qthread__is_shown_on_the_gui_thread(qtbot: QtBot, reporter: BugReporter) -> None:
    thread = Thread()
    thread.start()
    qtbot.waitUntil(lambda: reporter.dialog is not None)
    assert reporter.dialog is not None
    assert reporter.dialog.thread() is QApplication.instance().thread()  # type: ignore[union-attr]
    thread.wait()
    thread.deleteLater()


def test_runnable__is_shown(qtbot: QtBot, reporter: BugReporter) -> None:
    pool = QThreadPool()
    pool.start(Job())
    qtbot.waitUntil(lambda: reporter.dialog is not None)
    pool.waitForDone()
    pool.deleteLater()


def test_python_thread__is_shown(qtbot: QtBot, reporter: BugReporter) -> None:
    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: reporter.dialog is not None)


class BadEnd:
    """Raises where nobody can catch it."""

    def __del__(self) -> None:
        fail()


def test_unraisable__is_shown(qtbot: QtBot, reporter: BugReporter) -> None:
    BadEnd()
    gc.collect(0)
    qtbot.waitUntil(lambda: reporter.dialog is not None)


def test_copy__takes_the_details(qtbot: QtBot, reporter: BugReporter) -> None:
    QTimer.singleShot(0, fail)
    qtbot.waitUntil(lambda: reporter.dialog is not None)
    assert reporter.dialog is not None
    button = next(one for one in reporter.dialog.findChildren(QPushButton) if one.text() == "Copy details")
    button.click()
    assert "broken here" in QGuiApplication.clipboard().text()


def test_uninstall__gives_the_hooks_back(qapp: QApplication) -> None:
    before = sys.excepthook, threading.excepthook, sys.unraisablehook
    parent = QWidget()
    reporter = BugReporter(parent)
    reporter.install()
    assert sys.excepthook != before[0]
    reporter.uninstall()
    assert (sys.excepthook, threading.excepthook, sys.unraisablehook) == before
    parent.deleteLater()


def test_compute_thread__is_shown_and_the_window_works_on(qtbot: QtBot, window: MainWindow) -> None:
    broken = edits.set_network(
        window.session.document, small_document(Failing(error=KeyError("broken"))).network
    )
    window.session.edit(broken, "Broken")
    qtbot.waitUntil(lambda: window.bugs.dialog is not None)
    assert window.bugs.dialog is not None
    window.session.undo_stack.undo()
    settled(qtbot, window)
    qtbot.wait(300)
    assert not window.stage.map_view.stale
    window.bugs.dialog.close()


def test_compute_thread__after_a_bug_the_maps_are_not_dim_for_ever(qtbot: QtBot, window: MainWindow) -> None:
    broken = edits.set_network(
        window.session.document, small_document(Failing(error=KeyError("broken"))).network
    )
    window.session.edit(broken, "Broken")
    qtbot.waitUntil(lambda: window.bugs.dialog is not None)
    qtbot.wait(300)
    assert not window.status._busy.isVisible()
    assert window.bugs.dialog is not None
    window.bugs.dialog.close()
