"""What the kernel under the brush does, live: its frequency response, and its answers to an edge, a dot and a line."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from explorer.imaging.colormaps import Colormap
from explorer.layers.fields import Array
from explorer.layers.response import Answer, answers, frequency_response
from explorer.ui.response_pictures import AnswerGraphic, Cut, FrequencyGraphic
from explorer.ui.response_words import edge_words, frequency_words, impulse_words, line_words

_NARROW = 1000  # pixels of the page

_Cut = npt.NDArray[np.float64]
_Words = Callable[[_Cut, _Cut, Array], str]


class ResponsePage(QWidget):
    """Four small graphics side by side. While it is hidden it only remembers the newest kernel."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Response of the kernel")
        self._kernel: Array | None = None
        self._colormap: Colormap | None = None
        self._due = False
        self.frequency = FrequencyGraphic()
        self.edges = AnswerGraphic("Edges", "The corner of a bright area (1) in the dark (0): two edges.")
        self.dot = AnswerGraphic("Dot", "One bright pixel (1) in the dark (0).")
        self.lines = AnswerGraphic("Lines", "Two bright lines (1), one pixel wide, in the dark (0).")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        self._words = QLabel()
        self._words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._words.setProperty("role", "second")
        self._words.hide()
        layout.addWidget(self._words, 1)
        layout.addWidget(self.frequency, 3)
        for graphic in (self.edges, self.dot, self.lines):
            layout.addWidget(graphic, 4)

    def show_words(self, words: str) -> None:
        """A sentence where there is no kernel; empty brings the graphics back."""
        self._words.setText(words)
        self._words.setVisible(bool(words))
        for graphic in (self.frequency, self.edges, self.dot, self.lines):
            graphic.setVisible(not words)

    def show_kernel(self, values: Array, colormap: Colormap) -> None:
        """Show another kernel (rows, columns); the maps are in the colours of ``colormap``."""
        same = (
            colormap is self._colormap and self._kernel is not None and np.array_equal(values, self._kernel)
        )
        if same:
            return
        self._kernel, self._colormap, self._due = np.array(values, np.float32), colormap, True
        if self.isVisible():
            self._compute()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        for graphic in (self.frequency, self.edges, self.dot, self.lines):
            graphic.narrow = event.size().width() < _NARROW

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._compute()

    def _compute(self) -> None:
        if not self._due or self._kernel is None or self._colormap is None:
            return
        self._due = False
        kernel = self._kernel
        response = frequency_response(kernel)
        self.frequency.show_response(np.asarray(response, np.float64), frequency_words(kernel, response))
        edges, dot, lines = answers(kernel)
        self._show(self.edges, edges, edge_words)
        self._show(self.lines, lines, line_words)
        self._show(self.dot, dot, _dot_words)

    def _show(self, graphic: AnswerGraphic, answer: Answer, words: _Words) -> None:
        """Cut where one edge, or one line, is far from the other; through the middle of the dot."""
        assert self._kernel is not None
        assert self._colormap is not None
        before, after = np.asarray(answer.before, np.float64), np.asarray(answer.after, np.float64)
        at = len(before) // 2 if graphic is self.dot else len(before) - 1
        across, down = (Cut(before, after, at, across=across) for across in (True, False))
        cut = down if down.change > across.change * 1.001 else across
        graphic.show_answer(before, after, cut, self._colormap, words(across.after, down.after, self._kernel))


def _dot_words(across: _Cut, down: _Cut, kernel: Array) -> str:
    return impulse_words(kernel)
