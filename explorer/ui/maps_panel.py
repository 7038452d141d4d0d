"""The maps below the stage: a line of choices, and the sheet (or, for vectors, the bars)."""

from __future__ import annotations

import weakref
from functools import partial

import numpy as np
from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from explorer.layers.activation import Sigmoid, Tanh
from explorer.layers.convolution import Conv2d
from explorer.layers.fields import Array
from explorer.layers.forward import ForwardPass
from explorer.layers.layer import Layer
from explorer.layers.numbers import number
from explorer.live.analysis import LayerView, NetworkScale
from explorer.live.compute import Frame
from explorer.live.session import Session
from explorer.ui.bars import Bars
from explorer.ui.display import Display
from explorer.ui.filter_tiles import FilterTiles
from explorer.ui.maps_header import MapsHeader
from explorer.ui.maps_sheet import MapsSheet
from explorer.ui.statistics_popover import StatisticsPopover
from explorer.ui.tile import Tile
from explorer.ui.tile_order import Listing

_STATISTICS, _NETWORK = "map statistics", "network scale"
_AT_ONCE = 0.01  # seconds that a side job takes at most, so that an edit need not wait for it
_NO_MAPS = "Statistics are of maps: select a layer that has some."
_STATE_DELAY = 150  # milliseconds; the words beside the title need not follow every stroke


class MapsPanel(QWidget):
    """All maps of the selected layer.

    Signals
    -------
    export_requested()
        The export button was pressed.
    selection_changed()
        Other channels are selected.
    message(sentence)
        Why something was not done.
    side_wanted(kind, work)
        ``work`` is to be done on the compute thread, and ``side_done`` called afterwards.
    """

    export_requested = Signal()
    selection_changed = Signal()
    message = Signal(str)
    side_wanted = Signal(str, object)

    def __init__(self, session: Session, display: Display, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._display = display
        self._frame: Frame | None = None
        self._view: LayerView | None = None
        self._shown = ""
        self._search: tuple[Frame, NetworkScale] | None = None
        self._searched: weakref.ref[ForwardPass] | None = None
        self._copies = False  # the figures, as soon as they are known
        self.sheet = MapsSheet()
        self.filters = FilterTiles(session, self.sheet, self)
        self.bars = Bars("Numbers of the selected layer")
        self.header = MapsHeader(display)
        self.colour_menu, self.scale_menu = self.header.colour_menu, self.header.scale_menu
        self.statistics = StatisticsPopover(self)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.sheet)
        self._stack.addWidget(self.bars)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 0, 4, 0)
        layout.setSpacing(0)
        layout.addWidget(self.header)
        layout.addWidget(self._stack, 1)
        self._state = QTimer(self)
        self._state.setSingleShot(True)
        self._state.setInterval(_STATE_DELAY)
        self._state.timeout.connect(self._show_state)
        self._connect()
        self._allow()

    def _connect(self) -> None:
        session, sheet, header, filters = self._session, self.sheet, self.header, self.filters
        sheet.picked.connect(session.select_channel)
        sheet.selection_changed.connect(self._show_count)
        sheet.selection_changed.connect(self.selection_changed)
        sheet.find_requested.connect(header.open_find)
        filters.rearranged.connect(self.refresh)
        filters.rearranged.connect(self.selection_changed)
        filters.moved.connect(self._display.rearrange)
        filters.message.connect(self.message)
        filters.export_requested.connect(self.export_requested)
        header.listing_changed.connect(self._list)
        header.size_chosen.connect(sheet.set_tile_width)
        header.find_left.connect(self._leave_find)
        header.statistics_requested.connect(self.show_statistics)
        header.export_requested.connect(self.export_requested)
        header.add_requested.connect(filters.add)
        self.statistics.scale_chosen.connect(self._set_by_hand)
        self.statistics.copy_requested.connect(self.copy_statistics)
        session.document_changed.connect(self._allow)
        session.selection_changed.connect(self._allow)
        self.bars.picked.connect(session.select_channel)
        self._display.changed.connect(self.refresh)

    @property
    def selection(self) -> tuple[int, ...]:
        """The selected channels of the selected layer, in order; the one on the stage is among them."""
        if self._stack.currentWidget() is self.bars:
            return (self._session.channel,)
        return self.filters.selection

    def show_frame(self, frame: Frame) -> None:
        """Show the maps of a pass."""
        before, self._frame = self._frame, frame
        if not frame.shows_like(before):
            self.refresh()
        else:
            self._ask()

    def set_stale(self, stale: bool) -> None:
        """Dim the maps while they show an older state."""
        self.sheet.set_stale(stale)

    def refresh(self) -> None:
        """Show the present frame for the present selection."""
        frame, index = self._frame, self._session.layer
        if frame is None:
            return
        layers = self._session.document.network.layers
        name = layers[index].name if index >= 0 else ""
        names = frame.result.network.names
        position = names.index(name) if name in names else -1
        reached = 0 <= position < len(frame.result.outputs)
        self._view = view = frame.views[position] if reached else None
        if reached and frame.result.outputs[position].ndim == 2:
            values = frame.result.outputs[position][0]
            self._stack.setCurrentWidget(self.bars)
            self.bars.show_values(values, self._display.colormap)
            self.bars.select(min(self._session.channel, len(values) - 1))
        else:
            self._stack.setCurrentWidget(self.sheet)
            self.sheet.frozen = self._display.frozen
            if view is not None:
                self._show_maps(frame, view, position)
            elif not reached:
                self.sheet.show_tiles((), self._display.colormap, self._why_empty(frame))
        self._show_count()
        self._state.start()
        self._ask()
        self._fill_statistics()

    def _show_maps(self, frame: Frame, view: LayerView, position: int) -> None:
        layer, name = frame.result.layers[position], frame.result.network.names[position]
        kernels, norms = _weights(layer, self.sheet.listing)
        ends = _ends(layer)
        places = self.filters.places(frame.document, len(view.maps))
        tiles = []
        for channel, (shown, place) in enumerate(zip(view.maps, places, strict=True)):
            label = frame.result.network.channel_name(position, channel) or f"#{channel}"
            scale = shown.scale if place is None else self._display.scale(name, view, channel, place)
            kernel = kernels[channel] if kernels is not None else None
            norm = norms[channel] if norms is not None else 0.0
            tiles.append(Tile(shown, scale, label, kernel, ends, norm))
        if name != self._shown:
            self._shown = name
            self.sheet.frozen = False
            self.sheet.select_only(min(self._session.channel, len(tiles) - 1))
        self.sheet.set_striped(self._display.shows_clipped)
        self.filters.show(tuple(tiles), frame.document, self._display.colormap)

    # words

    def _show_count(self) -> None:
        if self._stack.currentWidget() is self.bars:
            count = self.bars.count
            self.header.title.setText(f"<b>Numbers</b> {count:,} of {count:,}")
            return
        count, shown, several = self.sheet.count, len(self.sheet.shown), len(self.sheet.selection)
        words = f"<b>Maps</b> {shown:,} of {count:,}" if count else "<b>Maps</b>"
        words += " shown" if shown < count else ""
        self.header.title.setText(f"{words}, {several} selected" if count and several > 1 else words)

    def _show_state(self) -> None:
        """What the colours of the sheet mean, in a few words."""
        tiles = self.sheet.tiles if self._stack.currentWidget() is self.sheet else ()
        if not tiles:
            self.header.state.setText("")
            return
        parts = []
        if (listing := self.sheet.listing).order != "index":
            parts.append(listing.ordering.label.lower())
        if listing.hides_dead and any(tile.is_dead for tile in tiles):
            parts.append("dead ones hidden")
        scales = {tile.scale for tile in tiles}
        if len(scales) == 1:
            low, high = scales.pop().limits(self._display.colormap.signed)
            parts.append(f"colours {number(float(f'{low:.2g}'))} … {number(float(f'{high:.2g}'))}")
        else:
            parts.append("own scale each")
        share = sum(tile.clipped for tile in tiles) / len(tiles)
        if share >= 0.0005:
            parts.append(f"{share:.1%} clipped")
        if self._display.any_by_hand(self._shown):
            parts.append("range set by hand")
        if self._display.locked:
            parts.append("locked")
        self.header.state.setText(", ".join(parts))

    def _why_empty(self, frame: Frame) -> str:
        if not self._session.document.network.layers:
            return "No layers yet: add one with the button at the left, or press Insert."
        error = frame.plan.error
        if error is None:
            return ""
        if error.index == self._session.layer:
            return error.message
        return f"{error.layer_name} does not fit its input, so nothing arrives here."

    def _allow(self) -> None:
        """What the selected layer allows."""
        self.filters.show_layer()
        why_not = self.filters.why_not()
        self.header.add.setEnabled(not why_not)
        self.header.add.setToolTip(why_not or "Add filter")

    # order and search

    def _list(self, listing: Listing) -> None:
        self.sheet.set_listing(listing)
        self.refresh()

    def find_maps(self) -> None:
        """Let the user search for maps."""
        self.header.open_find()

    def _leave_find(self, accepted: bool) -> None:
        shown = self.sheet.shown
        self.sheet.setFocus()
        if accepted and shown and self.sheet.current not in shown:
            self.sheet.select_only(shown[0])
            self.sheet.picked.emit(shown[0])

    # what takes longer is found out on the compute thread, in settled frames

    def _ask(self) -> None:
        frame, view = self._frame, self._view
        if frame is None or not frame.result.settled:
            return
        wants = self.sheet.listing.ordering.measured or self.statistics.isVisible() or self._copies
        if self._copies and view is not None and view.measured:
            self.copy_statistics()
        if wants and view is not None and not view.measured:
            self.side_wanted.emit(_STATISTICS, partial(_measure, frame, view))
        if self._display.scaling == "network" and not self._display.locked and frame.result.complete:
            if self._searched is None or self._searched() is not frame.result:
                self._searched = weakref.ref(frame.result)
                self._search = (frame, NetworkScale(frame.result.outputs, frame.views))
                self.side_wanted.emit(_NETWORK, partial(_widen, *self._search))
        else:
            self._search = self._searched = None

    def side_done(self, kind: str, result: object) -> None:
        """Take what a side job gave back."""
        if kind == _STATISTICS and result is self._view and self._view is not None:
            if self._view.measured:
                self.refresh()
            else:
                self._ask()
        elif isinstance(result, NetworkScale) and self._search is not None and result is self._search[1]:
            if self._search[1].search(0.0):
                self._search = None  # or it would keep the maps of its pass
                self._display.set_network_scale(result.scale)
            else:
                self.side_wanted.emit(_NETWORK, partial(_widen, *self._search))

    # statistics

    def show_statistics(self) -> None:
        """Open the figures of the selected map, with the range of its colours."""
        if self._stack.currentWidget() is self.bars or not self.sheet.count:
            self.message.emit(_NO_MAPS)
            return
        self.statistics.open_for(self.header.statistics)
        self._ask()
        self._fill_statistics()

    def _fill_statistics(self) -> None:
        view, tiles = self._view, self.sheet.tiles
        if not self.statistics.isVisible() or view is None or not tiles:
            return
        tile = tiles[min(self.sheet.current, len(tiles) - 1)]
        by_hand = self._display.by_hand(self._shown, self.sheet.current) is not None
        layer = view.statistics() if view.measured else None
        self.statistics.show_map(self._shown, tile, layer, self._display.colormap, by_hand=by_hand)

    def _set_by_hand(self, scale: object) -> None:
        self._display.set_by_hand(self._shown, self.sheet.current, scale)  # type: ignore[arg-type]

    def copy_statistics(self) -> None:
        """The figures of all maps, as text with tabs."""
        view = self._view
        if self._stack.currentWidget() is self.bars or view is None or not self.sheet.count:
            self._copies = False
            self.message.emit(_NO_MAPS)
            return
        waited, self._copies = self._copies, not view.measured
        if not self._copies:
            self.statistics.copy_table(self.sheet.tiles)
            self.message.emit(f"Copied the figures of {self.sheet.count:,} maps.")
        elif not waited:
            self.message.emit("The figures are being counted: they will be copied when they are there.")
            self._ask()

    # the commands of the menu bar

    def add_filter(self) -> None:
        """A new filter at the end."""
        self.filters.add()

    def duplicate_filters(self) -> None:
        """A copy of each selected filter behind it."""
        self.filters.duplicate()

    def delete_filters(self) -> None:
        """Without the selected filters."""
        self.filters.delete()

    def rename_filter(self) -> None:
        """Type a name over the current tile's."""
        self.filters.rename()

    def edit_bias(self) -> None:
        """Ask for the bias of the selected filters."""
        self.filters.edit_bias()

    def sort_filters(self) -> None:
        """All filters by the size of their weights."""
        self.filters.sort_by_norm()

    def select_all(self) -> None:
        """Every map."""
        self.filters.select_all()

    def toggle_lock(self) -> None:
        """Lock or free the scales."""
        self.header.lock.toggle()

    def choose_colour(self, key: str) -> None:
        """Show maps in another colour map."""
        self._display.set_colormap(key)


def _weights(layer: Layer, listing: Listing) -> tuple[Array | None, list[float] | None]:
    """A small kernel for each map, and where they are asked for, the norms of the filters."""
    if not (isinstance(layer, Conv2d) and layer.enabled and layer.weight is not None):
        return None, None
    norms = None
    if listing.order == "weights":
        flat = layer.weight.reshape(len(layer.weight), -1).astype(np.float64)
        norms = [float(norm) for norm in np.linalg.norm(flat, axis=1)]
    return layer.weight.mean(axis=1), norms


def _ends(layer: Layer) -> tuple[float, float] | None:
    """The values where a layer's function is flat."""
    if not layer.enabled:
        return None
    return (0.0, 1.0) if isinstance(layer, Sigmoid) else (-1.0, 1.0) if isinstance(layer, Tanh) else None


def _measure(frame: Frame, view: LayerView) -> LayerView:
    """Some of the statistics; the frame keeps the maps in memory meanwhile."""
    view.measure(_AT_ONCE)
    return view


def _widen(frame: Frame, search: NetworkScale) -> NetworkScale:
    search.search(_AT_ONCE)
    return search
