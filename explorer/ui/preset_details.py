"""The chosen preset large: its weights, what it is for, its parameters, and the two ways to leave."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from explorer.imaging.colormaps import Colormap
from explorer.layers.fields import Array
from explorer.ui import theme
from explorer.ui.cell_grid import CellGrid
from explorer.ui.controls import restyle, second_label
from explorer.ui.parameter_fields import ParameterFields
from explorer.ui.preset_pictures import layout, mosaic
from explorer.ui.presets import Preset, strongest

MOST_TILES = 24  # more would be too small to be told apart
_PICTURE = (80, 176)  # pixels of height
_BELOW_PICTURE = 256  # what four parameters and their words take: nothing moves from preset to preset


class PresetDetails(QWidget):
    """Shows one preset, or a line that says how to begin.

    Signals
    -------
    changed(values)
        A parameter was set: all of them by name.
    applied()
        The button was pressed.
    cancelled()
        The other one was.
    """

    changed = Signal(object)
    applied = Signal()
    cancelled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.grid = CellGrid("Weights of the chosen kernel")
        self.grid.largest_cell = 52
        self.tiles = BankTiles("Kernels of the chosen bank")
        self._hint = second_label("")
        self._hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._hint.setWordWrap(True)
        self._picture = QStackedWidget()
        for page in (self.grid, self.tiles, self._hint):
            self._picture.addWidget(page)
        self._name = QLabel()
        self._name.setTextFormat(Qt.TextFormat.PlainText)
        self._why = second_label("")
        self._why.setTextFormat(Qt.TextFormat.PlainText)
        self._why.setWordWrap(True)
        self._why.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self._why.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._effect = second_label("")
        self._effect.setWordWrap(True)
        self.fields = ParameterFields()
        self.fields.changed.connect(self.changed)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self._picture)
        column.addSpacing(4)
        for widget in (self._name, self._why, self._effect):
            column.addWidget(widget)
        column.addSpacing(4)
        column.addWidget(self.fields)
        column.addStretch(1)
        column.addLayout(self._make_buttons())

    def show_hint(self, hint: str) -> None:
        """Nothing is chosen: say what can be done."""
        self._hint.setText(hint)
        self._picture.setCurrentWidget(self._hint)
        self._name.clear()
        self._why.clear()
        self._effect.hide()
        self.fields.show_parameters((), {})
        self.apply.setEnabled(False)

    def show_preset(self, preset: Preset, values: dict[str, float], effect: str) -> None:
        """Another preset, with the values of its parameters. ``effect`` says what it changes."""
        self._name.setFont(theme.font(self, 1.15, bold=True))
        self._name.setText(preset.name)
        self._why.setText(preset.why)
        self.show_effect(effect)
        self.fields.show_parameters(preset.parameters, values)
        for before, control in pairwise([*self.fields.controls, self.cancel, self.apply]):
            QWidget.setTabOrder(before, control)  # what is made late would come last in the window

    def show_weights(self, weights: Array, colormap: Colormap) -> None:
        """Its weights: (rows, columns), or (out, in / groups, rows, columns)."""
        if weights.ndim == 2:
            self.grid.show_values(weights, colormap)
            self._picture.setCurrentWidget(self.grid)
        else:
            self.tiles.show_kernels(strongest(weights[:MOST_TILES]), colormap)
            self._picture.setCurrentWidget(self.tiles)
        self.apply.setEnabled(True)

    def show_effect(self, effect: str) -> None:
        """What it changes; empty where that goes without saying."""
        self._say(effect, "second")

    def show_problem(self, sentence: str) -> None:
        """Its weights cannot be made."""
        self._say(sentence, "error")
        self.apply.setEnabled(False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        least, most = _PICTURE
        scale = self.fontMetrics().height() / 15
        self._picture.setFixedHeight(min(max(self.height() - round(_BELOW_PICTURE * scale), least), most))

    def _say(self, sentence: str, role: str) -> None:
        self._effect.setText(sentence)
        restyle(self._effect, "role", role)
        self._effect.setVisible(bool(sentence))

    def _make_buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(1)
        self.apply = QPushButton("Apply")
        self.apply.setProperty("role", "primary")
        self.apply.setToolTip("Keep it (Return)")
        self.cancel = QPushButton("Cancel")
        self.cancel.setToolTip("Back to what was there (Esc)")
        for button, signal in ((self.cancel, self.cancelled), (self.apply, self.applied)):
            button.setAccessibleName(button.text())
            button.setAutoDefault(True)  # Return presses the one that has the focus
            button.clicked.connect(signal)
            row.addWidget(button)
        return row


class BankTiles(QWidget):
    """The kernels of a bank side by side, as large as there is room."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.kernels: Array = np.zeros((0, 1, 1), np.float32)
        self._colormap: Colormap | None = None

    def sizeHint(self) -> QSize:
        return QSize(220, 160)

    def show_kernels(self, kernels: Array, colormap: Colormap) -> None:
        """Show these (n, rows, columns)."""
        self.kernels, self._colormap = kernels, colormap
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._colormap is None or not len(self.kernels):
            return
        grid = layout(len(self.kernels), self.width(), self.height())
        side = min(72.0, self.width() / grid[1], self.height() / grid[0])
        size = QSize(int(side * grid[1]), int(side * grid[0]))
        picture = mosaic(self.kernels, size, self.devicePixelRatioF(), self._colormap, grid, between=4)
        place = QPointF((self.width() - size.width()) // 2, (self.height() - size.height()) // 2)
        painter = QPainter(self)
        painter.drawPixmap(place, picture)
        painter.end()
