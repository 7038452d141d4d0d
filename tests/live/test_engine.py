"""Getting the engine ready behind the first maps."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from pytestqt.qtbot import QtBot

from explorer import engine
from explorer.jit import JitUnavailableError, Status, cache, status
from explorer.live.engine import EnginePreparation
from explorer.precompile import Helpers
from tests.gui import destroy_deferred


@pytest.fixture(autouse=True)
def completed(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether the cache was called complete. Helpers do not start, wherever it is."""
    calls: list[bool] = []
    monkeypatch.setattr(Helpers, "start", lambda helpers: None)
    monkeypatch.setattr(cache, "set_complete", lambda: calls.append(True))
    return calls


def finish(preparation: EnginePreparation) -> None:
    preparation.wait()
    preparation.deleteLater()
    destroy_deferred()


def test_preparation__serves_plain_maps_until_it_is_ready(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, completed: list[bool]
) -> None:
    monkeypatch.setattr(status, "state", Status.LAZY)
    monkeypatch.setattr(engine, "prepare", lambda is_wanted: None)
    preparation = EnginePreparation()
    states = [status.state]
    with qtbot.waitSignal(preparation.prepared):
        preparation.start()
    states.append(status.state)
    assert states == [Status.PREPARING, Status.READY]
    assert completed
    finish(preparation)


def test_preparation__failure_leaves_the_plain_path(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, completed: list[bool]
) -> None:
    monkeypatch.setattr(status, "state", Status.LAZY)
    monkeypatch.setattr(status, "reason", "")

    def refuse(is_wanted: Callable[[str], bool]) -> None:
        raise JitUnavailableError("no compiler here")

    monkeypatch.setattr(engine, "prepare", refuse)
    preparation = EnginePreparation()
    with qtbot.waitSignal(preparation.prepared):
        preparation.start()
    assert status.state is Status.FAILED
    assert status.reason == "no compiler here"
    assert not completed
    finish(preparation)


@pytest.mark.parametrize("state", [Status.READY, Status.FAILED])
def test_preparation__does_nothing_a_second_time(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, state: Status
) -> None:
    monkeypatch.setattr(status, "state", state)
    called: list[bool] = []
    monkeypatch.setattr(engine, "prepare", lambda is_wanted: called.append(True))
    preparation = EnginePreparation()
    with qtbot.waitSignal(preparation.prepared):
        preparation.start()
    assert status.state is state
    assert not called
    finish(preparation)


def test_preparation__ends_with_its_helpers(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, completed: list[bool]
) -> None:
    monkeypatch.setattr(status, "state", Status.LAZY)
    told, waiting = threading.Event(), threading.Event()
    wanted: list[bool] = []

    def wait(helpers: Helpers) -> None:
        waiting.set()
        assert told.wait(10)

    monkeypatch.setattr(engine, "prepare", lambda is_wanted: wanted.append(is_wanted("a kernel")))
    monkeypatch.setattr(Helpers, "wait", wait)
    monkeypatch.setattr(Helpers, "stop", lambda helpers: told.set())
    preparation = EnginePreparation()
    with qtbot.assertNotEmitted(preparation.prepared):
        preparation.start()
        assert waiting.wait(10)
        preparation.stop()
    assert wanted == [False]
    assert not completed
    finish(preparation)
