"""One place in the picture, shown in every view: what is zoomed or moved in one of them moves the others.

The region is kept in pixels of the network's input, counted from the edge of the first one. A layer's map lies on it
as its strides and offsets say, so that the same region is the same part of the picture everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from PySide6.QtCore import QObject, QPointF, QRectF, SignalInstance

from explorer.layers.forward import ForwardPass
from explorer.layers.receptive import map_point
from explorer.ui.picture_view import PictureView
from explorer.ui.stage_scene import Scene

_INPUT = -1


class Sheet(Protocol):
    """Tiles that all show one part of their maps."""

    zoom_requested: SignalInstance
    pan_requested: SignalInstance

    def set_window(self, window: QRectF | None) -> None: ...


@dataclass(frozen=True)
class Placement:
    """How a map lies on the network's input: pixel edge x of the map is at ``offset + step * x``."""

    step: tuple[float, float]
    offset: tuple[float, float]

    def to_input(self, rect: QRectF) -> QRectF:
        """From map pixels to input pixels."""
        return QRectF(
            self.offset[1] + self.step[1] * rect.x(),
            self.offset[0] + self.step[0] * rect.y(),
            self.step[1] * rect.width(),
            self.step[0] * rect.height(),
        )

    def from_input(self, rect: QRectF) -> QRectF:
        """From input pixels to map pixels."""
        return QRectF(
            (rect.x() - self.offset[1]) / self.step[1],
            (rect.y() - self.offset[0]) / self.step[0],
            rect.width() / self.step[1],
            rect.height() / self.step[0],
        )


def placement(result: ForwardPass, index: int) -> Placement | None:
    """How the map of a layer lies on the input (index -1); None where it is no map, or one value sees everything."""
    if index != _INPUT and (index >= len(result.outputs) or result.outputs[index].ndim != 4):
        return None
    first = map_point(result, index, _INPUT, 0.0, 0.0)
    second = map_point(result, index, _INPUT, 1.0, 1.0)
    step = second[0] - first[0], second[1] - first[1]
    if min(step) <= 0:
        return None
    # middles of pixels become edges
    return Placement(step, (first[0] + 0.5 - step[0] / 2, first[1] + 0.5 - step[1] / 2))


class LinkedViews(QObject):
    """Keeps the two sides of the stage and the tiles of the sheet at the same place."""

    def __init__(
        self, scene: Scene, input_view: PictureView, map_view: PictureView, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._scene = scene
        self._input, self._map = input_view, map_view
        self._sheet: Sheet | None = None
        self._linked = True
        self._region: QRectF | None = None
        self._alone: QRectF | None = None  # what the sheet shows in map pixels while nothing is linked
        self._size: tuple[int, ...] = ()
        input_view.moved.connect(self._input_moved)
        map_view.moved.connect(self._map_moved)

    def attach(self, sheet: Sheet) -> None:
        """Link the tiles, too."""
        self._sheet = sheet
        sheet.zoom_requested.connect(self._zoom_sheet)
        sheet.pan_requested.connect(self._pan_sheet)
        self.follow()

    @property
    def linked(self) -> bool:
        """Whether moving one view moves the others."""
        return self._linked

    @linked.setter
    def linked(self, linked: bool) -> None:
        if linked == self._linked:
            return
        self._linked = linked
        if linked:
            self._map_moved()  # the map is what is looked at
        else:
            self._alone = self._sheet_window()

    @property
    def region(self) -> QRectF | None:
        """What is seen, in pixels of the network's input; None where everything is."""
        return self._region

    def show_region(self, region: QRectF | None) -> None:
        """Show a part of the network's input in every view."""
        self._region = region
        self.follow()

    def fit(self) -> None:
        """All of everything."""
        self._region = self._alone = None
        for view in (self._input, self._map):
            view.show_window(None)
        if self._sheet is not None:
            self._sheet.set_window(None)

    def follow(self) -> None:
        """Show the same place after another layer was selected, or the layers have changed."""
        frame = self._scene.frame
        if frame is None:
            return
        size = frame.result.input.shape[2:]
        if size != self._size:
            if self._size:
                self.fit()
            self._size = size
        if self._linked:
            self._show(self._input, self._input_index())
            self._show(self._map, self._scene.index())
        self._show_sheet()

    def _input_index(self) -> int:
        """The layer whose output is shown as the input."""
        return max(self._scene.place(), 0) - 1

    def _placement(self, index: int) -> Placement | None:
        frame = self._scene.frame
        return placement(frame.result, index) if frame is not None and index >= _INPUT else None

    def _show(self, view: PictureView, index: int) -> None:
        if self._scene.place() < 0 and view is self._map:
            return
        place = self._placement(index)
        if place is not None:
            view.show_window(place.from_input(self._region) if self._region is not None else None)

    def _input_moved(self) -> None:
        self._view_moved(self._input, self._input_index())
        self._show_others(self._map, self._scene.index())

    def _map_moved(self) -> None:
        self._view_moved(self._map, self._scene.index())
        self._show_others(self._input, self._input_index())

    def _view_moved(self, view: PictureView, index: int) -> None:
        place = self._placement(index)
        if self._linked and place is not None:
            window = view.window_shown
            self._region = place.to_input(window) if window is not None else None

    def _show_others(self, view: PictureView, index: int) -> None:
        if self._linked:
            self._show(view, index)
            self._show_sheet()

    # the sheet

    def _sheet_window(self) -> QRectF | None:
        """The part of the selected layer's maps that tiles show, in map pixels."""
        if not self._linked:
            return self._alone
        place, whole = self._placement(self._scene.index()), self._whole_map()
        if self._region is None or place is None or whole is None:
            return None
        window = place.from_input(self._region).intersected(whole)
        return None if window.isEmpty() or window == whole else window

    def _show_sheet(self) -> None:
        if self._sheet is not None:
            self._sheet.set_window(self._sheet_window())

    def _whole_map(self) -> QRectF | None:
        frame, index = self._scene.frame, self._scene.index()
        if frame is None or index < 0 or frame.result.outputs[index].ndim != 4:
            return None
        rows, columns = frame.result.outputs[index].shape[2:]
        return QRectF(0, 0, columns, rows)

    def _zoom_sheet(self, factor: float, point: QPointF) -> None:
        whole = self._whole_map()
        if whole is None or factor <= 0:
            return
        window = self._sheet_window() or whole
        x, y = point.x(), point.y()
        width, height = window.width() / factor, window.height() / factor
        if width >= whole.width() and height >= whole.height():
            self._set_sheet_window(None)
            return
        left, top = x - (x - window.x()) / factor, y - (y - window.y()) / factor
        if min(width, height) >= 1:
            self._set_sheet_window(_held(QRectF(left, top, width, height), whole))

    def _pan_sheet(self, delta: QPointF) -> None:
        window, whole = self._sheet_window(), self._whole_map()
        if window is not None and whole is not None:
            self._set_sheet_window(_held(window.translated(delta), whole))

    def _set_sheet_window(self, window: QRectF | None) -> None:
        if not self._linked:
            self._alone = window
            self._show_sheet()
            return
        place = self._placement(self._scene.index())
        if place is not None:
            self.show_region(place.to_input(window) if window is not None else None)


def _held(window: QRectF, whole: QRectF) -> QRectF:
    """Moved into the map, as far as it has room there."""
    left = min(max(window.x(), whole.left()), max(whole.right() - window.width(), whole.left()))
    top = min(max(window.y(), whole.top()), max(whole.bottom() - window.height(), whole.top()))
    return QRectF(left, top, min(window.width(), whole.width()), min(window.height(), whole.height()))
