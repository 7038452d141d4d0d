"""The io thread: one job after the other, answers on the GUI thread."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial

import pytest
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from explorer.live.tasks import IoTasks
from tests.gui import destroy_deferred


@pytest.fixture
def tasks(qapp: QApplication) -> Iterator[IoTasks]:
    result = IoTasks()
    yield result
    assert result.stop()
    result.deleteLater()
    destroy_deferred()


def never(result: object) -> None:
    raise AssertionError(result)


def test_run__works_elsewhere_and_answers_here(qtbot: QtBot, tasks: IoTasks) -> None:
    answers: list[tuple[int, int]] = []

    def done(worker: int) -> None:
        answers.append((worker, threading.get_ident()))

    tasks.run(threading.get_ident, done, never)
    qtbot.waitUntil(lambda: bool(answers))
    worker, here = answers[0]
    assert here == threading.get_ident()
    assert worker != here


def test_run__keeps_the_order(qtbot: QtBot, tasks: IoTasks) -> None:
    answers: list[object] = []
    for number in range(50):
        tasks.run(partial(abs, number), answers.append, never)
    qtbot.waitUntil(lambda: len(answers) == 50)
    assert answers == list(range(50))


def test_run__an_exception_goes_to_failed_and_the_next_job_runs(qtbot: QtBot, tasks: IoTasks) -> None:
    error = OSError("gone")
    failures: list[Exception] = []
    answers: list[object] = []

    def fail() -> None:
        raise error

    tasks.run(fail, never, failures.append)
    tasks.run(lambda: 1, answers.append, never)
    qtbot.waitUntil(lambda: answers == [1])
    assert failures == [error]


def test_stop__finishes_what_is_queued(qtbot: QtBot, qapp: QApplication) -> None:
    tasks = IoTasks()
    begun, answers = threading.Event(), list[object]()
    tasks.run(lambda: begun.wait(5), answers.append, never)
    tasks.run(lambda: "written", answers.append, never)
    begun.set()
    assert tasks.stop()
    QCoreApplication.processEvents()
    assert answers == [True, "written"]
    tasks.deleteLater()
    destroy_deferred()


def test_stop__twice_is_harmless(tasks: IoTasks) -> None:
    assert tasks.stop()
    assert tasks.stop()
