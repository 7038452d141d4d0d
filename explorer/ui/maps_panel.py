"""The maps below the stage: a line of choices, and the sheet (or, for vectors, the bars)."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from explorer.imaging.colormaps import COLORMAPS
from explorer.layers.convolution import Conv2d
from explorer.live.compute import Frame
from explorer.live.session import Session
from explorer.ui.bars import Bars
from explorer.ui.controls import flat_button, second_label
from explorer.ui.display import Display
from explorer.ui.maps_sheet import MapsSheet, Tile

_TILE_SIZES = (("Best", 0), ("Small", 112), ("Medium", 176), ("Large", 288))


class MapsPanel(QWidget):
    """All maps of the selected layer.

    Signals
    -------
    export_requested()
        The export button was pressed.
    """

    export_requested = Signal()

    def __init__(self, session: Session, display: Display, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._display = display
        self._frame: Frame | None = None
        self.sheet = MapsSheet()
        self.bars = Bars("Numbers of the selected layer")
        self._stack = QStackedWidget()
        self._stack.addWidget(self.sheet)
        self._stack.addWidget(self.bars)
        self._title = QLabel()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 0, 4, 0)
        layout.setSpacing(0)
        layout.addLayout(self._make_header())
        layout.addWidget(self._stack, 1)
        self.sheet.picked.connect(session.select_channel)
        self.bars.picked.connect(session.select_channel)
        display.changed.connect(self.refresh)

    def show_frame(self, frame: Frame) -> None:
        """Show the maps of a pass."""
        before, self._frame = self._frame, frame
        if not frame.shows_like(before):
            self.refresh()

    def set_stale(self, stale: bool) -> None:
        """Dim the maps while they show an older state."""
        self.sheet.set_stale(stale)

    def refresh(self) -> None:
        """Show the present frame for the present selection."""
        frame, index = self._frame, self._session.layer
        if frame is None:
            return
        self._lock.set_icon("lock" if self._display.locked else "lock-open")
        layers = self._session.document.network.layers
        name = layers[index].name if index >= 0 else ""
        names = frame.result.network.names
        position = names.index(name) if name in names else -1
        reached = 0 <= position < len(frame.result.outputs)
        if reached and frame.result.outputs[position].ndim == 2:
            values = frame.result.outputs[position][0]
            self._stack.setCurrentWidget(self.bars)
            self.bars.show_values(values, self._display.colormap)
            self.bars.select(min(self._session.channel, len(values) - 1))
            self._title.setText(f"<b>Numbers</b> {len(values):,} of {len(values):,}")
            return
        self._stack.setCurrentWidget(self.sheet)
        view = frame.views[position] if reached else None
        if view is None:
            if not reached:
                self._title.setText("<b>Maps</b>")
                self.sheet.show_tiles((), self._display.colormap, self._why_empty(frame))
            return
        layer = frame.result.layers[position]
        kernels = None
        if isinstance(layer, Conv2d) and layer.enabled and layer.weight is not None:
            kernels = layer.weight.mean(axis=1)
        tiles = []
        for channel, shown in enumerate(view.maps):
            label = frame.result.network.channel_name(position, channel) or f"#{channel}"
            kernel = kernels[channel] if kernels is not None else None
            tiles.append(Tile(shown, self._display.scale(name, view, channel), label, kernel))
        self._title.setText(f"<b>Maps</b> {len(tiles)} of {len(tiles)}")
        self.sheet.show_tiles(tuple(tiles), self._display.colormap)
        self.sheet.select(min(self._session.channel, len(tiles) - 1))

    def _why_empty(self, frame: Frame) -> str:
        if not self._session.document.network.layers:
            return "No layers yet: add one with the button at the left, or press Insert."
        error = frame.plan.error
        if error is None:
            return ""
        if error.index == self._session.layer:
            return error.message
        return f"{error.layer_name} does not fit its input, so nothing arrives here."

    def _make_header(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(8, 4, 8, 4)
        row.setSpacing(4)
        row.addWidget(self._title)
        row.addStretch(1)
        row.addWidget(second_label("Colour"))
        self._colour = _menu_button("Colour of maps", "How values become colours")
        self.colour_menu = QMenu("Colour", self)
        group = QActionGroup(self)
        for colormap in COLORMAPS:
            action = self.colour_menu.addAction(colormap.title)
            action.setToolTip(colormap.description)
            action.setCheckable(True)
            action.setData(colormap.key)
            action.setChecked(colormap is self._display.colormap)
            group.addAction(action)
        self.colour_menu.setToolTipsVisible(True)
        self.colour_menu.triggered.connect(self._choose_colour)
        self._colour.setMenu(self.colour_menu)
        self._colour.setText(self._display.colormap.title)
        row.addWidget(self._colour)
        row.addSpacing(6)
        row.addWidget(second_label("Scale"))
        self._scale = _menu_button("Scale of maps", "Whether each map has its own scale or all have one")
        self.scale_menu = QMenu("Scale", self)
        scales = QActionGroup(self)
        for text, per_layer in (("Per map", False), ("Per layer", True)):
            action = self.scale_menu.addAction(text)
            action.setCheckable(True)
            action.setData(per_layer)
            action.setChecked(per_layer == self._display.per_layer)
            scales.addAction(action)
        self.scale_menu.triggered.connect(self._choose_scale)
        self._scale.setMenu(self.scale_menu)
        self._scale.setText("Per map")
        row.addWidget(self._scale)
        self._lock = flat_button("lock-open", "Lock the scales: keep colours while you edit", self)
        self._lock.setCheckable(True)
        self._lock.toggled.connect(self._display.set_locked)
        row.addWidget(self._lock)
        row.addSpacing(6)
        row.addWidget(second_label("Tiles"))
        self._size = _menu_button("Size of tiles", "How large the maps are")
        self._size.setText("Best")
        self.size_menu = QMenu("Tiles", self)
        for text, width in _TILE_SIZES:
            self.size_menu.addAction(text).setData(width)
        self.size_menu.triggered.connect(self._choose_size)
        self._size.setMenu(self.size_menu)
        row.addWidget(self._size)
        export = flat_button("download", "Export maps (Ctrl+E)", self)
        export.clicked.connect(self.export_requested)
        row.addWidget(export)
        return row

    def toggle_lock(self) -> None:
        """Lock or free the scales."""
        self._lock.toggle()

    def choose_colour(self, key: str) -> None:
        """Show maps in another colour map."""
        for action in self.colour_menu.actions():
            if action.data() == key:
                action.setChecked(True)
                self._colour.setText(action.text())
        self._display.set_colormap(key)

    def _choose_colour(self, action: QAction) -> None:
        self.choose_colour(str(action.data()))

    def _choose_scale(self, action: QAction) -> None:
        self._display.set_per_layer(bool(action.data()))
        self._scale.setText(action.text())

    def _choose_size(self, action: QAction) -> None:
        self.sheet.set_tile_width(int(action.data()))
        self._size.setText(action.text())


def _menu_button(name: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setAccessibleName(name)
    button.setToolTip(tip)
    button.setProperty("role", "field")
    button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    return button
