"""What the sheet's tiles let one do with the filters of a convolution: each is one step of undo."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from PySide6.QtCore import QObject, QPoint, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from explorer.document import filter_edits
from explorer.document.document import Document
from explorer.imaging.colormaps import Colormap
from explorer.layers.convolution import Conv2d
from explorer.layers.fields import check_text
from explorer.live.session import Session, new_gesture
from explorer.ui import filter_order
from explorer.ui.filter_order import Rearrangement
from explorer.ui.maps_sheet import MapsSheet
from explorer.ui.tile import Tile
from explorer.ui.tile_editor import BiasPopup

_ALT, _CTRL = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ControlModifier
_SHIFT = Qt.KeyboardModifier.ShiftModifier
_HELP = "Shift and Ctrl select several filters, Alt with an arrow moves them, F2 renames, Delete removes"
_LONGEST_NAME = 180  # pixels of it in the popup


@dataclass(frozen=True, eq=False)
class _Step:
    """One rearrangement, and the way back. The documents are held by the undo stack only."""

    before: weakref.ref[Document]
    layer: str
    there: Rearrangement
    back: Rearrangement


class FilterTiles(QObject):
    """Edits filters through the session, and keeps the same ones selected.

    Signals
    -------
    message(sentence)
        Why something was not done.
    rearranged()
        The tiles stand in another order, of which the maps have not been computed yet.
    export_requested()
        The selected maps are to be exported.
    moved(layer, sources)
        In each place of a layer stands this old filter now; None is a new one.
    """

    message = Signal(str)
    rearranged = Signal()
    export_requested = Signal()
    moved = Signal(str, object)

    def __init__(self, session: Session, sheet: MapsSheet, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._sheet = sheet
        self._steps: weakref.WeakKeyDictionary[Document, _Step] = weakref.WeakKeyDictionary()
        self._awaited: Rearrangement | None = None
        self._ways: list[tuple[weakref.ref[Document], Rearrangement]] = []
        self._layer = ""
        self._bias_gesture: int | None = None
        self._make_menu()
        sheet.picked.connect(self._picked)
        sheet.dropped.connect(self._drop)
        sheet.renamed.connect(self._rename)
        sheet.rename_requested.connect(self.rename)
        sheet.menu_requested.connect(self._open_menu)
        sheet.drag_refused.connect(self._refuse_drag)
        session.document_changed.connect(self._follow)

    def _make_menu(self) -> None:
        self.menu = QMenu("Filters", self._sheet)
        self.menu.setToolTipsVisible(True)
        add = self.menu.addAction
        self._rename_action = add("Re&name\tF2", self.rename)
        self._bias_action = add("&Bias…", self.edit_bias)
        self.menu.addSeparator()
        duplicate = add("&Duplicate\tCtrl+Shift+D", self.duplicate)
        delete = add("De&lete\tDel", self.delete)
        front = add("Move to &front", self.move_to_front)
        sort = add("&Sort all by norm", self.sort_by_norm)
        self.menu.addSeparator()
        self._all_action = add("Select &all\tCtrl+A", self.select_all)
        self._export_action = add("&Export these…", self.export_requested.emit)
        self._edits: tuple[QAction, ...] = (
            self._rename_action,
            self._bias_action,
            duplicate,
            delete,
            front,
            sort,
        )

    # where it may be done

    def why_not(self) -> str:
        """Why the filters cannot be changed; empty where they can."""
        session = self._session
        if session.layer < 0:
            return "Add a convolution first: only its tiles are filters."
        layer = session.document.network.layers[session.layer]
        if not isinstance(layer, Conv2d):
            return f"{layer.name} has no filters: select a convolution to change them."
        return "" if layer.enabled else f"{layer.name} is switched off: switch it on to change its filters."

    def _convolution(self) -> Conv2d | None:
        """The layer whose filters are changed; where there is none it is said why."""
        if why_not := self.why_not():
            self.message.emit(why_not)
            return None
        layer = self._session.document.network.layers[self._session.layer]
        assert isinstance(layer, Conv2d)
        return layer

    def show_layer(self) -> None:
        """Allow what the selected layer allows."""
        editable = not self.why_not()
        self._sheet.draggable = editable
        keys: dict[int, Callable[[], None]] = {
            Qt.Key.Key_Delete.value: self.delete,
            (_ALT | Qt.Key.Key_Left).toCombined(): partial(self.move, -1),
            (_ALT | Qt.Key.Key_Right).toCombined(): partial(self.move, 1),
            (_CTRL | _SHIFT | Qt.Key.Key_D).toCombined(): self.duplicate,
        }
        if editable:  # elsewhere it renames the layer
            keys[Qt.Key.Key_F2.value] = self.rename
        self._sheet.keys = keys
        self._sheet.setAccessibleDescription(_HELP if editable else "")

    @property
    def selection(self) -> tuple[int, ...]:
        """The selected channels of the selected layer."""
        if (awaited := self._waits()) is None:
            return self._sheet.selection
        channel = self._session.channel
        return awaited.chosen if channel in awaited.chosen else (channel,)

    def _chosen(self, count: int) -> tuple[int, ...]:
        """The selected filters, of so many."""
        chosen = tuple(one for one in self.selection if one < count)
        return chosen or (count - 1,)

    # what is done

    def move(self, step: int) -> None:
        """The selected filters one place to the left (-1) or to the right (1)."""
        if (layer := self._convolution()) is not None:
            count = layer.out_channels
            chosen = self._chosen(count)
            self._apply(filter_order.nudged(count, chosen, step, self._within(chosen)), "Move")

    def move_to_front(self) -> None:
        """The selected filters before all others."""
        self._drop(0, False)

    def duplicate(self) -> None:
        """A copy of each selected filter behind it."""
        if (layer := self._convolution()) is not None:
            chosen = self._chosen(layer.out_channels)
            plan = filter_order.duplicated(layer.out_channels, chosen, self._within(chosen))
            self._apply(plan, "Duplicate")

    def delete(self) -> None:
        """Without the selected filters; one has to stay."""
        if (layer := self._convolution()) is not None:
            chosen = self._chosen(layer.out_channels)
            plan = filter_order.removed(layer.out_channels, chosen, self._within(chosen))
            self._apply(plan, "Delete", len(chosen))

    def add(self) -> None:
        """A new filter at the end."""
        if (layer := self._convolution()) is not None:
            self._apply(filter_order.added(layer.out_channels), "Add")

    def sort_by_norm(self) -> None:
        """All filters by the size of their weights, the largest first."""
        if (layer := self._convolution()) is None:
            return
        weight = filter_edits.running_weights(self._session.document, self._session.layer)
        norms = np.linalg.norm(weight.reshape(len(weight), -1).astype(np.float64), axis=1)
        order = [int(place) for place in np.argsort(-norms, kind="stable")]
        chosen = self._chosen(layer.out_channels)
        if order == sorted(order):
            self.message.emit("The filters are in the order of their norms already.")
        else:
            plan = filter_order.sorted_as(order, chosen, self._within(chosen))
            self._apply(plan, "Sort", text="Sort filters by norm")

    def _drop(self, slot: int, copy: bool) -> None:
        if (layer := self._convolution()) is None:
            return
        count = layer.out_channels
        chosen = self._chosen(count)
        current = self._within(chosen)
        if copy:
            self._apply(filter_order.duplicated(count, chosen, current, slot), "Duplicate")
        else:
            self._apply(filter_order.moved(count, chosen, slot, current), "Move")

    def _refuse_drag(self) -> None:
        self.message.emit(
            "Show all maps by index to drag filters: they stand in another order now, or some are hidden."
        )

    def _within(self, chosen: tuple[int, ...]) -> int:
        current = self._session.channel
        return current if current in chosen else chosen[0]

    def _apply(self, plan: Rearrangement, verb: str, number: int | None = None, text: str = "") -> None:
        """One step of undo."""
        session, before = self._session, self._session.document
        try:
            after = filter_edits.arranged(before, session.layer, plan.sources)
        except ValueError as error:
            self.message.emit(str(error))
            return
        if after is before:
            return
        layer = before.network.layers[session.layer]
        assert isinstance(layer, Conv2d)
        back = plan.undone(layer.out_channels, self.selection, session.channel)
        self._steps[after] = _Step(weakref.ref(before), layer.name, plan, back)
        session.edit(after, text or f"{verb} {_filters(number or len(plan.chosen))}")

    # names and biases

    def rename(self) -> None:
        """Type a name over the current tile's."""
        layer, current = self._convolution(), self._session.channel
        if layer is None:
            return
        if current >= min(self._sheet.count, layer.out_channels):
            self.message.emit("Its map is not there yet: try again in a moment.")
            return
        if current not in self._sheet.shown:
            self.message.emit("Its map is hidden: show all maps to rename it.")
            return
        self._sheet.edit_name(current, layer.filter_name(current))

    def _rename(self, index: int, name: str) -> None:
        session = self._session
        layer = self._convolution()
        if layer is None or index >= layer.out_channels:
            return
        try:
            check_text(name)
        except ValueError as error:
            self.message.emit(f"A name {error}.")
            return
        session.edit(
            filter_edits.renamed_filter(session.document, session.layer, index, name), "Rename filter"
        )

    def edit_bias(self) -> None:
        """Ask for the bias of the selected filters, below the current tile."""
        layer = self._convolution()
        if layer is None:
            return
        chosen = self._chosen(layer.out_channels)
        current = self._within(chosen)
        values = layer.bias_values
        known = layer.bias and values is not None and current < len(values)
        name = layer.filter_name(current) or f"#{current}"
        name = self._sheet.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, _LONGEST_NAME)
        words = f"Bias of {name}" if len(chosen) == 1 else f"Bias of {len(chosen)} filters"
        popup = BiasPopup(words, float(values[current]) if known and values is not None else 0.0, self._sheet)
        self._bias_gesture = new_gesture()
        popup.entered.connect(partial(self._set_bias, chosen))
        popup.closed.connect(self._session.finish_gesture)
        place = self._sheet.tile_rect(min(current, max(self._sheet.count - 1, 0)))
        popup.open_at(self._sheet.viewport().mapToGlobal(QPoint(place.left(), place.bottom() + 4)))

    def _set_bias(self, chosen: tuple[int, ...], value: float) -> None:
        document, index = self._session.document, self._session.layer
        if self.why_not():
            return
        for one in chosen:
            document = filter_edits.with_bias(document, index, one, value)
        words = "Bias of filter" if len(chosen) == 1 else f"Bias of {_filters(len(chosen))}"
        self._session.edit(document, words, self._bias_gesture)

    def _open_menu(self, place: QPoint) -> None:
        why_not = self.why_not()
        for action in self._edits:
            action.setEnabled(not why_not)
            action.setToolTip(why_not)
        count = len(self.selection)
        self._export_action.setText("&Export these…" if count > 1 else "&Export this…")
        self._all_action.setEnabled(count < self._sheet.count)
        self.menu.popup(place)

    # what the sheet shows until the maps are there

    def select_all(self) -> None:
        """Every tile that is not hidden."""
        self._sheet.select_all()
        self._picked(self._sheet.current)
        self._session.select_channel(self._sheet.current)

    def _picked(self, index: int) -> None:
        """What the user selects counts."""
        if self._awaited is not None:
            self._awaited = replace(self._awaited, chosen=self._sheet.selection, current=index)

    def _follow(self, before: Document, after: Document) -> None:
        """After an edit, and when it is undone or done again: the same filters are selected."""
        step = self._steps.get(after)
        if step is not None and step.before() is before:
            plan = step.there
        else:
            step = self._steps.get(before)
            if step is None or step.before() is not after:
                return
            plan = step.back
        self.moved.emit(step.layer, plan.sources)
        session = self._session
        if session.layer < 0 or after.network.names[session.layer] != step.layer:
            return
        layer = before.network.layers[before.network.names.index(step.layer)]
        count = layer.out_channels if isinstance(layer, Conv2d) else 0
        earlier = self._ways if self._waits() is not None else []
        # ways to another number of filters ended where that number was changed elsewhere
        self._ways = [(document, plan.after(way)) for document, way in earlier if len(way.sources) == count]
        self._ways.append((weakref.ref(before), plan))
        self._awaited, self._layer = plan, step.layer
        session.select_channel(plan.current)
        self.rearranged.emit()

    def _waits(self) -> Rearrangement | None:
        """How the selected layer's filters were rearranged, where its maps are not shown yet."""
        session = self._session
        if session.layer < 0 or session.document.network.names[session.layer] != self._layer:
            return None
        return self._awaited

    def _way(self, shown: Document) -> Rearrangement | None:
        """How what is shown became what is there now."""
        if self._waits() is None or shown is self._session.document:
            return None
        return next((way for document, way in self._ways if document() is shown), None)

    def places(self, shown: Document, count: int) -> Sequence[int | None]:
        """Where the filters of the maps of a document stand by now; None where they are gone."""
        way = self._way(shown)
        if way is None:
            return range(count)
        places = {source: place for place, source in reversed(list(enumerate(way.sources)))}
        return [places.get(channel) for channel in range(count)]

    def show(self, tiles: tuple[Tile, ...], shown: Document, colormap: Colormap) -> None:
        """Show the tiles of a document, in the order in which the filters stand by now."""
        way = self._way(shown)
        if way is not None and None not in way.sources:
            tiles = tuple(tiles[source] for source in way.sources if source is not None)
        self._sheet.show_tiles(tiles, colormap)
        awaited = self._waits()
        if awaited is None:
            self._sheet.select(min(self._session.channel, len(tiles) - 1))
        elif len(tiles) == len(awaited.sources):
            self._sheet.select_several(self.selection, self._session.channel)
        if way is None:
            self._awaited, self._ways = None, []


def _filters(count: int) -> str:
    return "filter" if count == 1 else f"{count} filters"
