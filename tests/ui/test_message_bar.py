"""The message bar: sentences, collapsed when they repeat, never more than three."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from explorer.ui import message_bar
from explorer.ui.message_bar import MessageBar
from tests.gui import destroy_deferred


@pytest.fixture
def bar(qapp: QApplication) -> Iterator[MessageBar]:
    result = MessageBar()
    yield result
    result.deleteLater()
    destroy_deferred()


def test_empty__takes_no_room(bar: MessageBar) -> None:
    assert bar.isHidden()


def test_error__stays_until_it_is_closed(bar: MessageBar) -> None:
    bar.error("It did not work.")
    assert bar.isVisible()
    bar.messages[0].close_button.click()
    assert bar.isHidden()
    assert not bar.messages


def test_identical__collapse_and_are_counted(bar: MessageBar) -> None:
    for _ in range(4):
        bar.error("It did not work.")
    assert len(bar.messages) == 1
    assert bar.messages[0].label.text() == "It did not work. (×4)"


def test_more_than_three__the_oldest_goes(bar: MessageBar) -> None:
    for number in range(5):
        bar.error(f"Number {number}.")
    assert [one.sentence for one in bar.messages] == ["Number 2.", "Number 3.", "Number 4."]


def test_note__goes_by_itself(qtbot: QtBot, bar: MessageBar, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(message_bar, "_NOTE_MILLISECONDS", 5)
    bar.note("Saved.")
    qtbot.waitUntil(lambda: not bar.messages)
    assert bar.isHidden()


def test_note__closed_before_its_time_is_no_fault(
    qtbot: QtBot, bar: MessageBar, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(message_bar, "_NOTE_MILLISECONDS", 5)
    bar.note("Saved.")
    bar.clear()
    destroy_deferred()
    qtbot.wait(20)


def test_error__that_repeats_a_note_does_not_go_by_itself(
    qtbot: QtBot, bar: MessageBar, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(message_bar, "_NOTE_MILLISECONDS", 5)
    bar.note("The same.")
    bar.error("The same.")
    qtbot.wait(20)
    assert [one.sentence for one in bar.messages] == ["The same."]


def test_action__runs_once_and_closes(bar: MessageBar) -> None:
    called: list[bool] = []
    bar.error("Damaged.", "Open the readable part", lambda: called.append(True))
    button = next(one for one in bar.findChildren(QPushButton) if one.text())
    button.click()
    assert called == [True]
    assert not bar.messages


def test_words__are_shown_as_they_are(bar: MessageBar) -> None:
    bar.error("The file <b>x</b>.png is empty.")
    assert "<b>" in bar.messages[0].label.text()
    assert bar.messages[0].accessibleName() == "The file <b>x</b>.png is empty."
