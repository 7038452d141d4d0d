"""Menus and actions: every command with its words, keys and place."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

from explorer.document.examples import EXAMPLES
from explorer.imaging.samples import SAMPLES
from explorer.layers import LAYER_TYPES
from explorer.layers.layer import Layer
from explorer.ui.controls import add_heading

Keys = str | QKeySequence.StandardKey | None

_KIND_TITLES = {"photo": "Photographs", "pattern": "Patterns", "grid": "Small grids"}


class Commands:
    """Creates actions and remembers them, for the shortcut list and the palette."""

    def __init__(self, owner: QWidget) -> None:
        self._owner = owner
        self.all: list[QAction] = []

    def add(
        self, menu: QMenu, text: str, run: Callable[[], object], keys: Keys = None, tip: str = ""
    ) -> QAction:
        """A command in a menu."""
        action = QAction(text, self._owner)
        if keys is not None:
            action.setShortcut(QKeySequence(keys))
        if tip:
            action.setToolTip(tip)
            action.setStatusTip(tip)
        action.triggered.connect(lambda _checked=False: run())
        self.adopt(menu, action)
        return action

    def adopt(self, menu: QMenu, action: QAction) -> None:
        """An action made elsewhere, such as undo."""
        menu.addAction(action)
        self._owner.addAction(action)
        self.all.append(action)


def fill_samples(menu: QMenu, open_sample: Callable[[str], None]) -> None:
    """The samples by kind."""
    menu.setToolTipsVisible(True)
    for kind, title in _KIND_TITLES.items():
        add_heading(menu, title)
        for sample in SAMPLES:
            if sample.kind == kind:
                action = menu.addAction(f"{sample.title}\t{sample.description}")
                action.setData(sample.key)
    menu.triggered.connect(lambda action: open_sample(str(action.data())))


def fill_examples(menu: QMenu, open_example: Callable[[str], None]) -> None:
    """The examples, each with what it shows."""
    menu.setToolTipsVisible(True)
    for example in EXAMPLES:
        action = menu.addAction(example.title)
        action.setToolTip(example.description)
        action.setData(example.key)
    menu.triggered.connect(lambda action: open_example(str(action.data())))


def fill_add_menu(menu: QMenu, add_layer: Callable[[type[Layer]], None]) -> None:
    """Every layer type by group; what is rarer lies in a submenu."""
    menu.setToolTipsVisible(True)
    places: dict[str, QMenu] = {}
    types: dict[str, type[Layer]] = {}
    for layer_type in LAYER_TYPES:
        group = layer_type.group
        if group not in places:
            if group.startswith("More"):
                places[group] = menu.addMenu(group)
                places[group].setToolTipsVisible(True)
            else:
                add_heading(menu, group)
                places[group] = menu
        action = places[group].addAction(f"{layer_type.type_name}\t{layer_type.summary}")
        action.setToolTip(layer_type.dialects)
        action.setData(layer_type.type_name)
        types[layer_type.type_name] = layer_type
    menu.triggered.connect(lambda action: add_layer(types[str(action.data())]))


def menu(bar: QMenuBar, title: str) -> QMenu:
    """A menu of the bar."""
    result = bar.addMenu(title)
    result.setToolTipsVisible(True)
    return result
