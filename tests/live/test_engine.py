"""Getting the engine ready behind the first maps."""

from __future__ import annotations

import threading

import pytest
from pytestqt.qtbot import QtBot

from explorer import engine
from explorer.jit import JitUnavailableError, Status, status
from explorer.live.engine import EnginePreparation
from explorer.precompile import Helpers
from tests.gui import destroy_deferred


@pytest.fixture(autouse=True)
def no_helpers(monkeypatch: pytest.MonkeyPatch) -> None:
    """The cache may be empty."""
    monkeypatch.setattr(Helpers, "start", lambda helpers: None)


def finish(preparation: EnginePreparation) -> None:
    preparation.wait()
    preparation.deleteLater()
    destroy_deferred()


def test_preparation__serves_plain_maps_until_it_is_ready(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(status, "state", Status.LAZY)
    monkeypatch.setattr(engine, "prepare", lambda: None)
    preparation = EnginePreparation()
    states = [status.state]
    with qtbot.waitSignal(preparation.prepared):
        preparation.start()
    states.append(status.state)
    assert states == [Status.PREPARING, Status.READY]
    finish(preparation)


def test_preparation__failure_leaves_the_plain_path(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(status, "state", Status.LAZY)
    monkeypatch.setattr(status, "reason", "")

    def refuse() -> None:
        raise JitUnavailableError("no compiler here")

    monkeypatch.setattr(engine, "prepare", refuse)
    preparation = EnginePreparation()
    with qtbot.waitSignal(preparation.prepared):
        preparation.start()
    assert status.state is Status.FAILED
    assert status.reason == "no compiler here"
    finish(preparation)


@pytest.mark.parametrize("state", [Status.READY, Status.FAILED])
def test_preparation__does_nothing_a_second_time(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, state: Status
) -> None:
    monkeypatch.setattr(status, "state", state)
    called: list[bool] = []
    monkeypatch.setattr(engine, "prepare", lambda: called.append(True))
    preparation = EnginePreparation()
    with qtbot.waitSignal(preparation.prepared):
        preparation.start()
    assert status.state is state
    assert not called
    finish(preparation)


def test_preparation__ends_with_its_helpers(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(status, "state", Status.LAZY)
    monkeypatch.setattr(engine, "prepare", lambda: pytest.fail("compiled"))
    told = threading.Event()
    waiting = threading.Event()

    def wait(helpers: Helpers) -> None:
        waiting.set()
        assert told.wait(10)

    monkeypatch.setattr(Helpers, "wait", wait)
    monkeypatch.setattr(Helpers, "stop", lambda helpers: told.set())
    preparation = EnginePreparation()
    with qtbot.assertNotEmitted(preparation.prepared):
        preparation.start()
        assert waiting.wait(10)
        preparation.stop()
    assert preparation.isFinished()
    finish(preparation)
