"""Hands for the window: waiting for maps, painting cells, finding controls."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF
from PySide6.QtGui import QAction, QImage
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from explorer.layers import Conv2d, Layer
from explorer.live.compute import Frame, LiveCompute, Request
from explorer.ui import imagery
from explorer.ui.cell_grid import CellGrid
from explorer.ui.dialogs import plain
from explorer.ui.main_window import MainWindow

_Widget = TypeVar("_Widget", bound=QWidget)


class Recorder:
    """Passes requests on and remembers the newest."""

    def __init__(self, compute: LiveCompute) -> None:
        self._pass_on = compute.request
        self.newest: Request | None = None

    def __call__(self, request: Request) -> None:
        self.newest = request
        self._pass_on(request)


def newest_request(window: MainWindow) -> Request | None:
    """What the window asked for last."""
    recorder = window.compute.request
    assert isinstance(recorder, Recorder)
    return recorder.newest


def settled(qtbot: QtBot, window: MainWindow) -> Frame:
    """The settled frame of the present document, once it is there."""

    def there() -> bool:
        frame = window.settled_frame
        return frame is not None and frame.request is newest_request(window)

    qtbot.waitUntil(there, timeout=20_000)
    frame = window.settled_frame
    assert frame is not None
    return frame


def shown(qtbot: QtBot, window: MainWindow) -> Frame:
    """A frame of the present document, settled or not."""

    def there() -> bool:
        return window.frame is not None and window.frame.document is window.session.document

    qtbot.waitUntil(there, timeout=20_000)
    assert window.frame is not None
    return window.frame


def layer(window: MainWindow, index: int | None = None) -> Layer:
    """A layer of the document; the selected one by default."""
    place = window.session.layer if index is None else index
    return window.session.document.network.layers[place]


def kernel(window: MainWindow, filter_index: int | None = None, channel: int = 0) -> npt.NDArray[np.float32]:
    """The kernel in the document, as the selected convolution runs with it."""
    index = window.session.layer
    convolution = layer(window)
    assert isinstance(convolution, Conv2d)
    shape = window.session.document.network.plan(window.session.document.input_shape).input(index)
    assert shape is not None
    weight = convolution.fit(shape).weight
    assert weight is not None
    values: npt.NDArray[np.float32] = weight[
        window.session.channel if filter_index is None else filter_index, channel
    ]
    return values


def cell(grid: CellGrid, row: int, column: int) -> QPointF:
    """The middle of a cell."""
    return grid.cell_rect(row, column).center()


def action(window: MainWindow, words: str) -> QAction:
    """A command of the menu bar by its words."""
    found = [one for one in window.findChildren(QAction) if plain(one) == words]
    assert found, words
    return found[0]


def child(parent: QWidget, kind: type[_Widget], name: str) -> _Widget:
    """The control with this accessible name."""
    found = [one for one in parent.findChildren(kind) if one.accessibleName() == name]
    assert found, f"{name!r} is not among {[one.accessibleName() for one in parent.findChildren(kind)]}"
    return found[0]


def sentences(window: MainWindow) -> list[str]:
    """What the message bar says."""
    return [message.sentence for message in window.messages.messages]


def pixels(widget: QWidget) -> npt.NDArray[np.uint8]:
    """What a widget paints, (H, W, 3)."""
    image: QImage = widget.grab().toImage()
    return imagery.array(image)[:, :, :3]


def said(qtbot: QtBot, window: MainWindow, words: str) -> str:
    """Wait for a message with these words."""

    def found() -> str:
        return next((one for one in sentences(window) if words.lower() in one.lower()), "")

    qtbot.waitUntil(lambda: bool(found()), timeout=10_000)
    return found()


def refusing(calls: list[str]) -> Callable[..., object]:
    """Stands in for a dialog that must not open."""

    def refuse(*arguments: object, **options: object) -> object:
        calls.append("asked")
        raise AssertionError("A dialog was opened.")

    return refuse
