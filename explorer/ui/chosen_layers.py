"""What is done with several layers at once: which are chosen, and copying, pasting, moving and deleting them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal

from explorer.document import layer_edits
from explorer.document.document import Document
from explorer.layers.layer import Layer
from explorer.live.session import Session
from explorer.live.tasks import IoTasks
from explorer.ui.layer_clipboard import LayerClipboard
from explorer.ui.layer_text import Pasted


class ChosenLayers(QObject):
    """The session has one selected layer; more can be *chosen* beside it.

    Signals
    -------
    chosen_changed()
        Other layers are chosen.
    message(sentence)
        Something to tell the user.
    """

    chosen_changed = Signal()
    message = Signal(str)

    def __init__(self, session: Session, tasks: IoTasks | None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._chosen: set[str] = set()
        self._clipboard = LayerClipboard(tasks, self)
        self._clipboard.message.connect(self.message)

    @property
    def _layers(self) -> tuple[Layer, ...]:
        return self._session.document.network.layers

    # which

    @property
    def indices(self) -> tuple[int, ...]:
        """The selected layer and those that are chosen beside it, in order."""
        selected, names = self._session.layer, self._session.document.network.names
        return tuple(index for index, name in enumerate(names) if index == selected or name in self._chosen)

    def is_chosen(self, name: str) -> bool:
        """Whether a layer was chosen beside the selected one."""
        return name in self._chosen

    def choose(self, names: set[str]) -> None:
        """Let these, and the selected one, be chosen."""
        if names != self._chosen:
            self._chosen = names
            self.chosen_changed.emit()

    def toggle(self, index: int) -> None:
        """Choose a layer beside the selected one, or no longer."""
        if index != self._session.layer:
            self.choose(self._chosen ^ {self._layers[index].name})

    def choose_up_to(self, index: int) -> None:
        """Choose all layers from the selected one to this."""
        low, high = sorted((index, max(self._session.layer, 0)))
        self.choose(set(self._session.document.network.names[low : high + 1]))

    # what

    def copy(self) -> None:
        """Put the layers on the clipboard, with their weights."""
        indices = self.indices
        if indices:
            self._clipboard.copy([self._layers[index] for index in indices], indices)
            self.message.emit(f"Copied {self._called(indices)}.")

    def cut(self) -> None:
        """Put the layers on the clipboard and take them out."""
        if self.indices:
            self.copy()
            self.remove(self.indices, "Cut")

    def paste(self) -> bool:
        """Put the layers of the clipboard behind the last chosen; False where it holds nothing like layers."""
        return self._clipboard.paste(self._paste)

    def _paste(self, pasted: Pasted) -> None:
        self.insert(pasted.layers, max(self.indices, default=-1) + 1, "Paste")
        if pasted.notes:
            self.message.emit(" ".join(pasted.notes))

    def duplicate(self) -> None:
        """Copies of the layers behind the last of them."""
        if self.indices:
            self.insert_copies(self.indices, self.indices[-1] + 1)

    def insert_copies(self, indices: Sequence[int], place: int) -> None:
        """Copies of some layers before layer ``place``."""
        self.insert([self._layers[index] for index in indices], place, "Duplicate")

    def insert(self, layers: Sequence[Layer], place: int, verb: str) -> None:
        """New layers before layer ``place``; the first is selected, and with it all are chosen."""
        what = layers[0].name or layers[0].type_name if len(layers) == 1 else f"{len(layers)} layers"
        document = layer_edits.insert_layers(self._session.document, place, layers)
        self._session.edit(document, f"{verb} {what}")
        names = document.network.names[place : place + len(layers)]
        self._session.select_layer(place)
        self.choose(set(names) if len(names) > 1 else set())

    def remove(self, indices: Sequence[int], verb: str = "Delete") -> None:
        """Take layers out; undo brings them back."""
        if indices:
            document = layer_edits.remove_layers(self._session.document, indices)
            text = f"{verb} {self._called(indices)}"
            self.choose(set())
            self._session.edit(document, text)

    def shift(self, step: int) -> None:
        """The layers one place up (-1) or down (1)."""
        self._moved(layer_edits.shift_layers(self._session.document, self.indices, step), self.indices)

    def gather(self, indices: Sequence[int], target: int) -> None:
        """These layers together, before what is layer ``target`` now."""
        self._moved(layer_edits.gather_layers(self._session.document, indices, target), indices)

    def _moved(self, document: Document, indices: Sequence[int]) -> None:
        if document is not self._session.document:
            chosen = set(self._chosen)
            self._session.edit(document, f"Move {self._called(indices)}")
            self.choose(chosen)

    def _called(self, indices: Sequence[int]) -> str:
        return self._layers[indices[0]].name if len(indices) == 1 else f"{len(indices)} layers"
