"""A layer as the line that makes it in PyTorch and in Keras, to copy."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from explorer.interop import lines
from explorer.layers.layer import Layer, Shape
from explorer.ui.controls import elastic_label, flat_button, second_label

_DIALECTS = (("PyTorch", lines.pytorch_line), ("Keras", lines.keras_line))


class CodeLines(QWidget):
    """A line per dialect with a button that copies it.

    Signals
    -------
    copied(dialect)
        A line is on the clipboard now.
    """

    copied = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(6)
        grid.setVerticalSpacing(0)
        grid.setColumnStretch(0, 1)
        self.labels: list[QLabel] = []
        for row, (dialect, _) in enumerate(_DIALECTS):
            label = elastic_label()
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
            label.setContentsMargins(0, 0, 0, 4)
            label.setAccessibleName(f"{dialect} line")
            button = flat_button("copy", f"Copy the {dialect} line", self)
            button.clicked.connect(lambda _=False, row=row: self._copy(row))
            grid.addWidget(second_label(dialect), 2 * row, 0)
            grid.addWidget(button, 2 * row, 1)
            grid.addWidget(label, 2 * row + 1, 0, 1, 2)
            self.labels.append(label)

    def show_layer(self, layer: Layer, before: Shape | None) -> None:
        """Show the lines of a layer that takes in ``before``."""
        for label, (_, line) in zip(self.labels, _DIALECTS, strict=True):
            label.setText(line(layer, before))
            label.setToolTip(label.text())

    def _copy(self, row: int) -> None:
        QGuiApplication.clipboard().setText(self.labels[row].text())
        self.copied.emit(_DIALECTS[row][0])
