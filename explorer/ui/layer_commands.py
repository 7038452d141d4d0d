"""What the menus do with layers: adding, renaming and switching them off."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtWidgets import QMenu

from explorer.document import edits
from explorer.layers.layer import Layer
from explorer.live.session import Session
from explorer.ui.stack_panel import StackPanel


class LayerCommands:
    """Edits the layers of a session, at the place that the stack shows."""

    def __init__(self, session: Session, stack: StackPanel, insert_menu: QMenu) -> None:
        self._session = session
        self._stack = stack
        self._insert_menu = insert_menu

    def add(self, layer_type: type[Layer]) -> None:
        """Add a layer at the end and select it."""
        self._insert(layer_type, len(self._session.document.network.layers))

    def insert(self, layer_type: type[Layer]) -> None:
        """Add a layer behind the selected one and select it."""
        self._insert(layer_type, self._session.layer + 1)

    def _insert(self, layer_type: type[Layer], index: int) -> None:
        session = self._session
        channel, text = session.channel, f"Add {layer_type.type_name}"
        session.edit(edits.insert_layer(session.document, index, layer_type()), text)
        session.select_layer(index)
        session.select_channel(channel)

    def bypass(self) -> None:
        """Switch the selected layer off, or on again."""
        session, index = self._session, self._session.layer
        if index >= 0:
            layer = session.document.network.layers[index]
            text = f"Switch {layer.name} {'off' if layer.enabled else 'on'}"
            changed = replace(layer, enabled=not layer.enabled)
            session.edit(edits.replace_layer(session.document, index, changed), text)

    def rename(self) -> None:
        """Type another name for the selected layer."""
        index = self._session.layer
        if index >= 0:
            self._stack.cards[index].rename()

    def pop_insert_menu(self) -> None:
        """Show what can be inserted, beside the selected layer."""
        stack, index = self._stack, self._session.layer
        anchor = stack.cards[index] if index >= 0 else stack.add_button
        self._insert_menu.popup(anchor.mapToGlobal(anchor.rect().topRight()))
