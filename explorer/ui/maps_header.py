"""The line above the sheet of maps: what is shown, how it is coloured, and a search."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QMenu, QToolButton, QWidget

from explorer.imaging.colormaps import COLORMAPS
from explorer.ui.controls import elastic_label, flat_button, second_label
from explorer.ui.display import SCALINGS, Display
from explorer.ui.tile_order import ORDERS, Listing

_TILE_SIZES = (("Best", 0), ("Small", 112), ("Medium", 176), ("Large", 288))
_WIDE = 860  # pixels above which there is room for the names of the choices
_FIND_WIDTH = 150


class MapsHeader(QWidget):
    """Title and state at the left, choices at the right.

    Signals
    -------
    listing_changed(listing)
        Another order, or other tiles are wanted.
    size_chosen(width)
        Tiles are to be so wide; 0 is the best.
    find_left(accepted)
        The search ended: with Return or the down key, or by Escape.
    statistics_requested(), export_requested(), add_requested()
        A button was pressed.
    """

    listing_changed = Signal(object)
    size_chosen = Signal(int)
    find_left = Signal(bool)
    statistics_requested = Signal()
    export_requested = Signal()
    add_requested = Signal()

    def __init__(self, display: Display, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._display = display
        self._listing = Listing()
        self.title = QLabel()
        self.state = elastic_label()
        self.state.setProperty("role", "second")
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 4, 8, 4)
        row.setSpacing(4)
        row.addWidget(self.title)
        row.addSpacing(8)
        row.addWidget(self.state, 1)
        self._names: list[QLabel] = []
        self._add_find(row)
        self._add_order(row)
        self._add_colour(row)
        self._add_scale(row)
        self._add_size(row)
        self._add_buttons(row)
        display.changed.connect(self.refresh)

    # what it is made of

    def _name(self, row: QHBoxLayout, text: str) -> None:
        row.addSpacing(2)
        label = second_label(text)
        self._names.append(label)
        row.addWidget(label)

    def _add_find(self, row: QHBoxLayout) -> None:
        self.find_field = QLineEdit()
        self.find_field.setProperty("role", "search")
        self.find_field.setAccessibleName("Find maps")
        self.find_field.setPlaceholderText("Name, 3 or 4-9")
        self.find_field.setToolTip(
            "Part of a name, a number, or a range such as 4-9; several separated by commas"
        )
        self.find_field.setFixedWidth(_FIND_WIDTH)
        self.find_field.setClearButtonEnabled(True)
        self.find_field.setMaxLength(80)
        self.find_field.textChanged.connect(self._search)
        self.find_field.installEventFilter(self)
        self.find_field.hide()
        row.addWidget(self.find_field)
        button = flat_button("search", "Find maps by number or name (/ or Ctrl+F)", self)
        button.clicked.connect(self._toggle_find)
        row.addWidget(button)

    def _add_order(self, row: QHBoxLayout) -> None:
        self.order_menu = QMenu("Order of maps", self)
        self.order_menu.setToolTipsVisible(True)
        group = QActionGroup(self)
        for order in ORDERS:
            action = self.order_menu.addAction(order.label)
            action.setToolTip(order.tip)
            action.setCheckable(True)
            action.setChecked(order.key == "index")
            action.setData(order.key)
            group.addAction(action)
        self.order_menu.addSeparator()
        self.hide_dead = self.order_menu.addAction("Hide dead maps")
        self.hide_dead.setToolTip("Maps of which every value is 0")
        self.hide_dead.setCheckable(True)
        self.order_menu.triggered.connect(self._order)
        self._order_button = flat_button(
            "arrow-down-wide-narrow", "Order of maps, and which are hidden", self
        )
        self._order_button.setMenu(self.order_menu)
        self._order_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        row.addWidget(self._order_button)

    def _add_colour(self, row: QHBoxLayout) -> None:
        self._name(row, "Colour")
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

    def _add_scale(self, row: QHBoxLayout) -> None:
        self._name(row, "Scale")
        self._scale = _menu_button("Scale of maps", "Whether each map has its own scale or all have one")
        self.scale_menu = QMenu("Scale", self)
        self.scale_menu.setToolTipsVisible(True)
        group = QActionGroup(self)
        for scaling in SCALINGS:
            action = self.scale_menu.addAction(scaling.label)
            action.setToolTip(scaling.tip)
            action.setCheckable(True)
            action.setData(scaling.key)
            group.addAction(action)
        self.scale_menu.addSeparator()
        self._clipped = self.scale_menu.addAction("Show clipped values")
        self._clipped.setToolTip("Stripes over values that are beyond the ends of their scale")
        self._clipped.setCheckable(True)
        self.scale_menu.triggered.connect(self._choose_scale)
        self._scale.setMenu(self.scale_menu)
        row.addWidget(self._scale)
        self.lock = flat_button("lock-open", "Lock the scales: keep colours while you edit", self)
        self.lock.setCheckable(True)
        self.lock.toggled.connect(self._display.set_locked)
        row.addWidget(self.lock)
        self.refresh()

    def _add_size(self, row: QHBoxLayout) -> None:
        self._name(row, "Tiles")
        self._size = _menu_button("Size of tiles", "How large the maps are")
        self._size.setText("Best")
        self.size_menu = QMenu("Tiles", self)
        for text, width in _TILE_SIZES:
            self.size_menu.addAction(text).setData(width)
        self.size_menu.triggered.connect(self._choose_size)
        self._size.setMenu(self.size_menu)
        row.addWidget(self._size)

    def _add_buttons(self, row: QHBoxLayout) -> None:
        self.statistics = flat_button("sliders-horizontal", "Statistics and range of colours", self)
        self.statistics.clicked.connect(self.statistics_requested)
        export = flat_button("download", "Export maps (Ctrl+E)", self)
        export.clicked.connect(self.export_requested)
        self.add = flat_button("plus", "Add filter", self)
        self.add.clicked.connect(self.add_requested)
        for button in (self.statistics, export, self.add):
            row.addWidget(button)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        for label in self._names:
            label.setVisible(self.width() >= _WIDE)

    # what is chosen

    def refresh(self) -> None:
        """Show how maps are coloured now."""
        display = self._display
        self.lock.set_icon("lock" if display.locked else "lock-open")
        self.lock.setChecked(display.locked)
        self._clipped.setChecked(display.shows_clipped)
        for action in self.scale_menu.actions():
            if action.data() == display.scaling:
                action.setChecked(True)
                self._scale.setText(action.text())
        for action in self.colour_menu.actions():
            if action.data() == display.colormap.key:
                action.setChecked(True)
                self._colour.setText(action.text())

    def _choose_colour(self, action: QAction) -> None:
        self._display.set_colormap(str(action.data()))

    def _choose_scale(self, action: QAction) -> None:
        if action is self._clipped:
            self._display.set_shows_clipped(action.isChecked())
        else:
            self._display.set_scaling(str(action.data()))

    def _choose_size(self, action: QAction) -> None:
        self._size.setText(action.text())
        self.size_chosen.emit(int(action.data()))

    # order and search

    def _order(self, action: QAction) -> None:
        if action is self.hide_dead:
            self._list(replace(self._listing, hides_dead=action.isChecked()))
        else:
            self._list(replace(self._listing, order=str(action.data())))

    def _search(self, text: str) -> None:
        self._list(replace(self._listing, text=text.strip()))

    def _list(self, listing: Listing) -> None:
        if listing != self._listing:
            self._listing = listing
            self.listing_changed.emit(listing)

    def open_find(self) -> None:
        """Let the user type what to look for."""
        self.find_field.show()
        self.find_field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.find_field.selectAll()

    def close_find(self) -> None:
        """Show all maps again."""
        self.find_field.clear()
        self.find_field.hide()

    def _toggle_find(self) -> None:
        if self.find_field.isVisible():
            self.close_find()
        else:
            self.open_find()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if (
            watched is self.find_field
            and isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
        ):
            if event.key() == Qt.Key.Key_Escape:
                self.close_find()
                self.find_left.emit(False)
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Down):
                self.find_left.emit(True)
                return True
        return super().eventFilter(watched, event)


def _menu_button(name: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setAccessibleName(name)
    button.setToolTip(tip)
    button.setProperty("role", "field")
    button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    return button
