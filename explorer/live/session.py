"""The one mutable object: the current document, its undo stack, and what is selected."""

from __future__ import annotations

import itertools
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from explorer.document.document import Document
from explorer.layers.layer import ChannelwiseLayer

_MERGE_ID = 1
_MAXIMUM_BYTES = 1 << 30
_MAXIMUM_STEPS = 1000

_gestures = itertools.count(1)


def new_gesture() -> int:
    """A number for one press-to-release (or focus-to-leave); edits that carry it are one undo step."""
    return next(_gestures)


class EditCommand(QUndoCommand):
    """One step: the document before and after. Undo restores the same objects."""

    def __init__(
        self, session: Session, before: Document, after: Document, text: str, gesture: int | None
    ) -> None:
        super().__init__(text)
        self._session = session
        self.before = before
        self.after = after
        self.gesture = gesture
        self.done = False  # a command that is put back on the stack must not act again
        self.cancelled = False

    def id(self) -> int:
        return _MERGE_ID

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, EditCommand) or self.gesture is None or other.gesture != self.gesture:
            return False
        self.after = other.after
        return True

    def redo(self) -> None:
        if not self.done:
            if self._session.gesture != self.gesture:  # not an edit: done again
                self._session.gesture = None
            self._session._show(self.after)
        self.done = False

    def undo(self) -> None:
        self._session.gesture = None  # what the hand was doing is over
        self._session._show(self.before, undone=True)
        # only now: the stack does not undo a command that is obsolete already, it drops it
        self.setObsolete(self.cancelled)


class Session(QObject):
    """Holds the document. Only the GUI thread touches it.

    Signals
    -------
    document_changed(before, after)
        Once for every edit, undo and redo.
    selection_changed()
        Another layer or another channel is selected.
    gesture_finished()
        The hand left the mouse: what was computed quickly may now be settled.
    saved_changed()
        The path, or whether there are unsaved changes, may have changed.
    """

    document_changed = Signal(object, object)
    selection_changed = Signal()
    gesture_finished = Signal()
    saved_changed = Signal()

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.undo_stack = QUndoStack(self)
        self.undo_stack.setUndoLimit(_MAXIMUM_STEPS)
        self.path: Path | None = None
        self.gesture: int | None = None
        self._quiet = False
        self._announcing = False
        self._saved_network = document.network
        self._layer = 0
        self._channels: dict[str, int] = {}

    @property
    def modified(self) -> bool:
        """Whether the network differs from the saved one. Undoing to it makes it saved again."""
        return self.document.network is not self._saved_network

    def mark_saved(self, path: Path | None) -> None:
        """The network of this moment is what the file at ``path`` holds."""
        self.path = path
        self._saved_network = self.document.network
        self.saved_changed.emit()

    def edit(self, document: Document, text: str, gesture: int | None = None) -> None:
        """Make ``document`` the current one, as one undo step (or as part of one, within a gesture).

        While another document is being shown nothing is done: what a field that closes because of it still wants to
        set belongs to the document before, and the undo stack is in the middle of a step.
        """
        if self._announcing:
            return
        self.gesture = gesture
        steps = self.undo_stack.count()
        self.undo_stack.push(EditCommand(self, self.document, document, text, gesture))
        if self.undo_stack.count() != steps or gesture is None:  # not within a stroke: it is one step
            self._forget_oldest()

    def cancel(self, gesture: int) -> None:
        """Take back everything a gesture did, as if it had not been."""
        index = self.undo_stack.index()
        command = self.undo_stack.command(index - 1) if index else None
        if isinstance(command, EditCommand) and command.gesture == gesture and not self._announcing:
            command.cancelled = True
            self.undo_stack.undo()
        self.finish_gesture()

    def go_to(self, steps: int) -> None:
        """Undo or redo to so many steps from the oldest; what lies between is not shown."""
        before = self.document
        self._quiet = True
        try:
            self.undo_stack.setIndex(steps)
        finally:
            self._quiet = False
        if self.document is not before:
            self._announce(before)

    def finish_gesture(self) -> None:
        """The mouse was released, or the pause after the last wheel step is over."""
        self.gesture = None
        self.gesture_finished.emit()

    @property
    def layer(self) -> int:
        """The selected layer; -1 where there is none."""
        return min(self._layer, len(self.document.network.layers) - 1)

    @property
    def channel(self) -> int:
        """The selected channel of the selected layer."""
        return self.channel_of(self._layer_name())

    def channel_of(self, layer_name: str) -> int:
        """The channel last selected in a layer."""
        return self._channels.get(layer_name, 0)

    def select_layer(self, index: int) -> None:
        """Show another layer on the stage and on the sheet."""
        index = max(0, min(index, len(self.document.network.layers) - 1))
        if index != self._layer:
            self._carry_channel(self.layer, index)
            self._layer = index
            self.selection_changed.emit()

    def select_channel(self, channel: int) -> None:
        """Show another map on the stage."""
        if channel != self.channel and channel >= 0:
            self._channels[self._layer_name()] = channel
            self.selection_changed.emit()

    def _carry_channel(self, old: int, new: int) -> None:
        """Behind layers that work on each map by itself, the same map stays selected."""
        layers, names = self.document.network.layers, self.document.network.names
        between = layers[min(old, new) + 1 : max(old, new) + 1]
        if old >= 0 and all(isinstance(layer, ChannelwiseLayer) or not layer.enabled for layer in between):
            self._channels[names[new]] = self.channel_of(names[old])

    def _layer_name(self) -> str:
        return self.document.network.names[self.layer] if self.layer >= 0 else ""

    def _show(self, document: Document, *, undone: bool = False) -> None:
        before, self.document = self.document, document
        self._follow_selection(before, document)
        if undone:
            self._select_what_came_back(before, document)
        if not self._quiet:
            self._announce(before)

    def _announce(self, before: Document) -> None:
        self._announcing = True
        try:
            self.document_changed.emit(before, self.document)
        finally:
            self._announcing = False
        self.saved_changed.emit()

    def _select_what_came_back(self, before: Document, after: Document) -> None:
        """After undoing a deletion, the layer that is there again."""
        old, new = before.network, after.network
        added = [index for index, name in enumerate(new.names) if name not in old.names]
        if len(added) == 1 and len(new.layers) == len(old.layers) + 1:
            self._layer = added[0]

    def _follow_selection(self, before: Document, after: Document) -> None:
        """Keep the layer selected that was, wherever it stands now."""
        old, new = before.network, after.network
        if old is new or not 0 <= self._layer < len(old.layers):
            return
        name = old.names[self._layer]
        if name in new.names:
            self._layer = new.names.index(name)
        elif len(new.layers) == len(old.layers):  # renamed
            self._channels[new.names[self._layer]] = self._channels.get(name, 0)
        self._layer = max(0, min(self._layer, len(new.layers) - 1))

    def _forget_oldest(self) -> None:
        """Bound the stack by the memory that only its documents hold."""
        commands = [self.undo_stack.command(i) for i in range(self.undo_stack.count())]
        edits = [command for command in commands if isinstance(command, EditCommand)]
        kept, used, seen = len(edits), 0, _array_ids(self.document)
        for command in reversed(edits):
            used += _new_bytes(command.before, seen)
            if used > _MAXIMUM_BYTES and kept < len(edits):  # the newest can always be undone
                break
            kept -= 1
        if kept == 0:
            return
        remaining = [(edit.before, edit.after, edit.text(), edit.gesture) for edit in edits[kept:]]
        self.undo_stack.clear()
        for before, after, text, gesture in remaining:
            command = EditCommand(self, before, after, text, gesture)
            command.done = True
            self.undo_stack.push(command)


def _arrays(document: Document) -> list[tuple[int, int]]:
    """(identity, bytes) of every large array a document holds."""
    arrays = [document.image.pixels]
    for layer in document.network.layers:
        values = vars(layer)
        arrays += [values[name] for name in ("weight", "bias_values") if values.get(name) is not None]
    return [(id(array), array.nbytes) for array in arrays]


def _array_ids(document: Document) -> set[int]:
    return {identity for identity, _ in _arrays(document)}


def _new_bytes(document: Document, seen: set[int]) -> int:
    total = 0
    for identity, size in _arrays(document):
        if identity not in seen:
            seen.add(identity)
            total += size
    return total
