"""Getting the engine ready behind the first maps."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from explorer import engine
from explorer.jit import JitUnavailableError, Status, status
from explorer.live.engine import EnginePreparation
from tests.gui import destroy_deferred


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
