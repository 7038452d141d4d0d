"""What tests with Qt share: the collector on the GUI thread only, nothing left behind, and hands that drive a mouse."""

from __future__ import annotations

import gc
import sys
import threading
from collections.abc import Callable, Iterator, Sequence

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPoint, QPointF, Qt, QThread
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget

from explorer.jit import Status, status

LEFT, RIGHT, MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton, Qt.MouseButton.MiddleButton
NO_KEYS = Qt.KeyboardModifier.NoModifier
NO_BUTTON = Qt.MouseButton.NoButton
_PHASE = Qt.ScrollPhase.NoScrollPhase


@pytest.fixture(autouse=True)
def gui_rules(
    request: pytest.FixtureRequest, qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """As in the program: no collection on another thread. Afterwards no window and no thread may be left.

    Except for the engine's, which end with the process.
    """
    monkeypatch.setattr(status, "state", Status.READY)
    threads = set(threading.enumerate())
    gc.disable()
    gc.freeze()  # what is there already need not be walked after this test
    yield
    destroy_deferred()
    request.node.funcargs.clear()  # pytest would hold windows that are closed
    gc.collect()
    left = [widget for widget in QApplication.topLevelWidgets() if widget.parent() is None]
    names = [f"{type(widget).__name__} {widget.windowTitle()!r}" for widget in left]
    for widget in left:
        widget.deleteLater()
    destroy_deferred()
    gc.enable()
    assert not names, f"windows are left: {names}"
    running = [thread for thread in threading.enumerate() if thread not in threads and thread.is_alive()]
    running = [thread for thread in running if not isinstance(thread, threading._DummyThread)]
    running = [thread for thread in running if not thread.name.startswith("engine-")]
    assert not running, f"threads are left: {running}"


def destroy_deferred() -> None:
    """Let objects that asked for it be destroyed now."""
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    QCoreApplication.processEvents()


def running_threads(root: QObject) -> list[QThread]:
    """Threads below an object that still run."""
    return [thread for thread in root.findChildren(QThread) if thread.isRunning()]


def mouse(
    widget: QWidget,
    kind: QEvent.Type,
    position: QPointF,
    button: Qt.MouseButton = LEFT,
    buttons: Qt.MouseButton | None = None,
    keys: Qt.KeyboardModifier = NO_KEYS,
) -> bool:
    """Send one mouse event; True where it was accepted."""
    held = button if buttons is None else buttons
    event = QMouseEvent(kind, position, QPointF(widget.mapToGlobal(position)), button, held, keys)
    QApplication.sendEvent(widget, event)
    return event.isAccepted()


def press(
    widget: QWidget, position: QPointF, button: Qt.MouseButton = LEFT, keys: Qt.KeyboardModifier = NO_KEYS
) -> None:
    """Press a button and hold it."""
    mouse(widget, QEvent.Type.MouseButtonPress, position, button, keys=keys)


def move(
    widget: QWidget, position: QPointF, buttons: Qt.MouseButton = LEFT, keys: Qt.KeyboardModifier = NO_KEYS
) -> None:
    """Move, with buttons held."""
    mouse(widget, QEvent.Type.MouseMove, position, NO_BUTTON, buttons, keys)


def release(widget: QWidget, position: QPointF, button: Qt.MouseButton = LEFT) -> None:
    """Let the button go."""
    mouse(widget, QEvent.Type.MouseButtonRelease, position, button, NO_BUTTON)


def click(
    widget: QWidget, position: QPointF, button: Qt.MouseButton = LEFT, keys: Qt.KeyboardModifier = NO_KEYS
) -> None:
    """Press and let go."""
    press(widget, position, button, keys)
    release(widget, position, button)


def double_click(widget: QWidget, position: QPointF) -> None:
    """Click, and press again soon: as Qt sends it."""
    click(widget, position)
    mouse(widget, QEvent.Type.MouseButtonDblClick, position)
    release(widget, position)


def drag(widget: QWidget, points: Sequence[QPointF], button: Qt.MouseButton = LEFT) -> None:
    """Press at the first point, move over the others, let go at the last."""
    press(widget, points[0], button)
    for point in points[1:]:
        move(widget, point, button)
    release(widget, points[-1], button)


def wheel(widget: QWidget, position: QPointF, delta: int = 120) -> bool:
    """Turn the wheel; True where the widget took it."""
    event = QWheelEvent(
        position,
        QPointF(widget.mapToGlobal(position)),
        QPoint(),
        QPoint(0, delta),
        NO_BUTTON,
        NO_KEYS,
        _PHASE,
        False,
    )
    event.ignore()
    QApplication.sendEvent(widget, event)
    return event.isAccepted()


def drifts(action: Callable[[], object], times: int = 400) -> dict[str, int]:
    """By how much the reference counts of None and True change while ``action`` runs many times.

    Falling ones end in an abort of the interpreter.
    """
    action()
    before = sys.getrefcount(None), sys.getrefcount(True)
    for _ in range(times):
        action()
    after = sys.getrefcount(None), sys.getrefcount(True)
    return {"None": after[0] - before[0], "True": after[1] - before[1]}
