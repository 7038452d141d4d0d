"""Not more often than a screen shows it."""

from __future__ import annotations

from functools import partial

from pytestqt.qtbot import QtBot

from explorer.ui.throttle import Throttle


def test_call__runs_the_first_at_once_and_the_last_later(qtbot: QtBot) -> None:
    throttle, ran = Throttle(), list[int]()
    for number in range(5):
        throttle.call(partial(ran.append, number))
    assert ran == [0]
    qtbot.waitUntil(lambda: ran == [0, 4])


def test_drop__forgets_what_waits_and_runs_the_next_at_once(qtbot: QtBot) -> None:
    throttle, ran = Throttle(), list[int]()
    for number in range(3):
        throttle.call(partial(ran.append, number))
    throttle.drop()
    throttle.call(partial(ran.append, 9))
    assert ran == [0, 9]
