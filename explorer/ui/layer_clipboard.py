"""Layers on the clipboard, so that they go from window to window and into any editor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication

from explorer.layers.layer import Layer, weights
from explorer.live.tasks import IoTasks
from explorer.ui import layer_text
from explorer.ui.layer_text import NoLayersError, Pasted

_MANY = 20_000  # weights that take too long to write while somebody waits
_LONG = 1 << 21  # characters that take too long to read


class LayerClipboard(QObject):
    """Copies and pastes. What is large is written and read on the io thread, where there is one.

    Signals
    -------
    message(sentence)
        What went wrong, or what was left out.
    """

    message = Signal(str)

    def __init__(self, tasks: IoTasks | None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._text: str | None = ""  # of the layers below; None while it is being written
        self._layers: tuple[Layer, ...] = ()

    def copy(self, layers: Sequence[Layer], places: Sequence[int]) -> None:
        """Put layers on the clipboard, with their weights."""
        self._layers, self._text = tuple(layers), None
        arrays = [array for layer in layers for array in weights(layer).values() if array is not None]
        work = partial(layer_text.text_of, tuple(layers), tuple(places))
        if self._tasks is not None and sum(array.size for array in arrays) > _MANY:
            self._tasks.run(work, partial(self._written, self._layers), self._failed)
        else:
            self._written(self._layers, work())

    def _written(self, layers: tuple[Layer, ...], text: str) -> None:
        if layers is self._layers:  # nothing else was copied meanwhile
            self._text = text
            QGuiApplication.clipboard().setText(text)

    def _failed(self, error: Exception) -> None:
        self._text = ""
        self.message.emit(str(error) or "The layers could not be copied.")

    def paste(self, take: Callable[[Pasted], None]) -> bool:
        """Give ``take`` the layers on the clipboard, now or soon; False where it holds nothing like layers."""
        if self._text is None:
            take(Pasted(self._layers))
            return True
        text = QGuiApplication.clipboard().text()
        if not text:
            return False
        if text == self._text:  # our own: with all that was ever drawn
            take(Pasted(self._layers))
            return True
        if not (layer_text.is_file(text) or layer_text.is_call(text)):
            return False
        work = partial(layer_text.layers_of, text)
        if self._tasks is not None and len(text) > _LONG:
            self._tasks.run(work, take, self._refused)
            return True
        try:
            take(work())
        except NoLayersError as error:
            self._refused(error)
        return True

    def _refused(self, error: Exception) -> None:
        self.message.emit(str(error))
