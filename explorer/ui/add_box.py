"""The field that takes the line people read in tutorials, or the name of a layer."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QStringListModel, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCompleter, QLabel, QLineEdit, QListView, QVBoxLayout, QWidget

from explorer.layers import LAYER_TYPES
from explorer.layers.layer import Layer
from explorer.ui import layer_text
from explorer.ui.controls import is_for_the_window, restyle
from explorer.ui.layer_text import NoLayersError

_EXAMPLE = "Conv2D(32, (3, 3), padding='same')"
_TIP = (
    "Type or paste a line of PyTorch, Keras or Chainer, or part of a layer's name. Return adds it at the end, "
    "Shift+Return behind the selected layer."
)


def found(words: str) -> tuple[type[Layer], ...]:
    """The layer types in whose names every word occurs; those whose name begins so come first."""
    wanted = words.lower().split()
    if not wanted:
        return ()
    matches = [
        layer_type
        for layer_type in LAYER_TYPES
        if all(word in f"{layer_type.type_name} {layer_type.dialects}".lower() for word in wanted)
    ]
    return tuple(sorted(matches, key=lambda one: not one.type_name.lower().startswith(wanted[0])))


class AddBox(QWidget):
    """A line edit; what could not be read, or was left out, stands below it in a sentence.

    Signals
    -------
    added(layers, behind_selected)
        These layers are wanted.
    """

    added = Signal(object, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = _LineEdit()
        self.field.setPlaceholderText(_EXAMPLE)
        self.field.setAccessibleName("Layer as a line of code, or its name")
        self.field.setToolTip(_TIP)
        self.field.setProperty("role", "search")
        self.field.submitted.connect(self._submit)
        self.field.textEdited.connect(self._edited)
        self.answer = QLabel()
        self.answer.setWordWrap(True)
        self.answer.setTextFormat(Qt.TextFormat.PlainText)
        self.answer.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.field)
        layout.addWidget(self.answer)
        self._types: tuple[type[Layer], ...] = ()
        self._names = QStringListModel(self)
        self._completer = QCompleter(self._names, self)
        self._completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self._completer.setWidget(self.field)
        self._list = QListView()
        self._list.setAccessibleName("Layers with this name")
        self._list.setProperty("role", "popup")
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._completer.setPopup(self._list)
        self._list.clicked.connect(self._picked)

    def say(self, sentence: str, role: str = "note") -> None:
        """Show a sentence below the field; an empty one shows nothing."""
        self.answer.setText(sentence)
        self.answer.setVisible(bool(sentence))
        restyle(self.answer, "role", role)

    def _edited(self, text: str) -> None:
        several = len(text.strip().splitlines())
        self.say(f"Return adds the layers of these {several} lines." if several > 1 else "", "second")
        self._types = () if layer_text.is_call(text) or layer_text.is_file(text) else found(text)
        if not self._types:
            self._list.hide()
            return
        self._names.setStringList([f"{one.type_name} – {one.summary}" for one in self._types])
        self._list.setMinimumWidth(min(560, self._list.sizeHintForColumn(0) + 28))
        self._completer.complete()
        self._list.setCurrentIndex(self._names.index(0, 0))

    def _submit(self, behind_selected: bool) -> None:
        text = self.field.text().strip()
        if not text:
            return
        if not (layer_text.is_call(text) or layer_text.is_file(text)):
            row = self._list.currentIndex().row() if self._types else -1
            self._add_type(row, behind_selected)
            return
        try:
            read = layer_text.layers_of(text)
        except NoLayersError as error:
            self.say(str(error), "error")
            return
        self.field.clear()
        self.say(" ".join(read.notes))
        self.added.emit(read.layers, behind_selected)

    def _add_type(self, row: int, behind_selected: bool) -> None:
        self._list.hide()
        if not self._types:
            words = self.field.text().strip()
            self.say(
                f"No layer is called “{words}”: try conv, pool, relu, or a line such as {_EXAMPLE}.", "error"
            )
            return
        layer_type = self._types[max(row, 0)]
        self._types = ()
        self.field.clear()
        self.say("")
        self.added.emit((layer_type(),), behind_selected)

    def _picked(self, index: QModelIndex) -> None:
        if self._types:
            self._add_type(index.row(), False)


class _LineEdit(QLineEdit):
    """Says with which keys Return was pressed, and leaves undo to the document while it is empty.

    Signals
    -------
    submitted(with_shift)
        Return was pressed.
    """

    submitted = Signal(bool)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.submitted.emit(bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        elif event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
            self.textEdited.emit("")
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and is_for_the_window(event) and not self.text():
            event.ignore()
            return False
        return super().event(event)
