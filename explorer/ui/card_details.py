"""What an open card says about its layer: how the size comes about, what it costs, and its lines of code."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from explorer.layers.layer import Layer, Shape
from explorer.ui import card_words
from explorer.ui.card_picture import milliseconds
from explorer.ui.code_lines import CodeLines
from explorer.ui.controls import elastic_label


class CardDetails(QWidget):
    """Shown below the form of an open card.

    Signals
    -------
    more_toggled(shown), code_toggled(shown)
        The rarer parameters, or the lines of code, were asked for or put away.
    copied(dialect)
        A line of code is on the clipboard now.
    """

    more_toggled = Signal(bool)
    code_toggled = Signal(bool)
    copied = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._layer: Layer | None = None
        self._before: Shape | None = None
        self._counted = ""
        self.more = _toggle("More", "Show the parameters that are needed less often, and wish for a size")
        self.more.toggled.connect(self.more_toggled)
        self.code = _toggle("Code", "Show the line that makes this layer in PyTorch and in Keras")
        self.code.toggled.connect(self.code_toggled)
        buttons = QHBoxLayout()
        buttons.setSpacing(4)
        buttons.addWidget(self.more)
        buttons.addWidget(self.code)
        buttons.addStretch(1)
        self.sentence = QLabel()
        self.sentence.setWordWrap(True)
        self.sentence.setProperty("role", "second")
        self.sentence.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.figures = elastic_label()
        self.figures.setProperty("role", "second")
        self._lines = CodeLines()
        self._lines.copied.connect(self.copied)
        self._lines.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(5)
        layout.addLayout(buttons)
        layout.addWidget(self._lines)
        layout.addWidget(self.sentence)
        layout.addWidget(self.figures)

    def show_layer(self, layer: Layer, before: Shape | None, after: Shape | None) -> None:
        """Follow the document; without an output nothing is said about sizes."""
        self._layer, self._before = layer, before
        text, self._counted = "", ""
        if before is not None and after is not None and layer.enabled:
            text = "\n".join(card_words.sentences(layer, before))
            words = card_words.parameters(layer, before), card_words.memory(layer, before, after)
            self._counted = " · ".join(words)
        self.sentence.setText(text)
        self.sentence.setVisible(bool(text))
        self.figures.setVisible(bool(self._counted))
        self.show_time(None, 0.0)
        self._show_lines()

    def show_time(self, seconds: float | None, total: float) -> None:
        """What the layer takes of a pass; None where that is not known."""
        if seconds is None:
            self.figures.setText(self._counted)
        else:
            self.figures.setText(f"{self._counted} · {milliseconds(seconds)}")
        took = f"\n{milliseconds(seconds)} of {milliseconds(total)}" if seconds is not None else ""
        self.figures.setToolTip(f"{self._counted}: output, weights and a padded copy of the input{took}")

    def show_code(self, shown: bool) -> None:
        """Show or hide the lines of code."""
        self.code.blockSignals(True)
        self.code.setChecked(shown)
        self.code.blockSignals(False)
        self._lines.setVisible(shown)
        self._show_lines()

    def _show_lines(self) -> None:
        if self._layer is not None and self.code.isChecked():
            self._lines.show_layer(self._layer, self._before)


def _toggle(text: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setText(text)
    button.setCheckable(True)
    button.setProperty("role", "field")
    button.setAccessibleName("More parameters" if text == "More" else "Lines of code")
    button.setToolTip(tip)
    return button
