"""The collector runs on the GUI thread only, and in full only when nobody is at work."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, QPointF
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from explorer.live import garbage
from explorer.live.garbage import GarbageCollection
from tests.gui import destroy_deferred, mouse


@pytest.fixture
def collected(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[int, int]]]:
    """(generation, thread) of every collection."""
    seen: list[tuple[int, int]] = []

    def note(phase: str, info: dict[str, int]) -> None:
        if phase == "stop":
            seen.append((info["generation"], threading.get_ident()))

    monkeypatch.setattr(garbage, "_INTERVAL", 5)
    gc.callbacks.append(note)
    yield seen
    gc.callbacks.remove(note)


@pytest.fixture
def collection(qapp: QApplication, collected: list[tuple[int, int]]) -> Iterator[GarbageCollection]:
    result = GarbageCollection(qapp)
    collected.clear()
    yield result
    result.stop()
    qapp.removeEventFilter(result)
    result.deleteLater()
    destroy_deferred()
    gc.disable()


def test_collection__takes_over_from_python(collection: GarbageCollection) -> None:
    assert not gc.isenabled()
    collection.stop()
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0


def test_collection__young_ones_on_the_gui_thread(
    qtbot: QtBot, collection: GarbageCollection, collected: list[tuple[int, int]]
) -> None:
    qtbot.waitUntil(lambda: len(collected) >= 3)
    assert {thread for _, thread in collected} == {threading.get_ident()}
    assert {generation for generation, _ in collected} == {1}


def test_collection__all_once_nobody_is_at_work(
    qtbot: QtBot,
    collection: GarbageCollection,
    collected: list[tuple[int, int]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(garbage, "_IDLE_SECONDS", -1.0)
    qtbot.waitUntil(lambda: len(collected) >= 5)
    assert [generation for generation, _ in collected].count(2) == 1
    widget = QWidget()
    mouse(widget, QEvent.Type.MouseMove, QPointF(1, 1))
    qtbot.waitUntil(lambda: [generation for generation, _ in collected].count(2) == 2)
    widget.deleteLater()


def test_collection__the_first_in_full_leaves_less_to_walk(
    qtbot: QtBot, collection: GarbageCollection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(garbage, "_IDLE_SECONDS", -1.0)
    later = [[index] for index in range(2000)]  # what arrives after start-up
    before = gc.get_freeze_count()
    qtbot.waitUntil(lambda: gc.get_freeze_count() >= before + len(later))


def test_collection__worker_threads_make_garbage_but_collect_none(
    qtbot: QtBot, collection: GarbageCollection, collected: list[tuple[int, int]]
) -> None:
    def litter() -> None:
        for _ in range(5000):
            circle: list[object] = []
            circle.append(circle)

    worker = threading.Thread(target=litter)
    worker.start()
    worker.join()
    assert {thread for _, thread in collected} <= {threading.get_ident()}
