"""The figures of the selected map and of its layer, and the range of its colours."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from explorer.imaging.colormaps import Colormap
from explorer.imaging.rendering import Scale
from explorer.imaging.statistics import MapStatistics, combined
from explorer.layers.numbers import number
from explorer.ui import theme
from explorer.ui.controls import elastic_label, flat_button, second_label
from explorer.ui.histogram import Histogram, moved
from explorer.ui.number_field import NumberField
from explorer.ui.popover import Popover
from explorer.ui.tile import Tile

_SIZE, _LEAST_HEIGHT = QSize(388, 400), 340
_FIGURES = ("Minimum", "Maximum", "Mean", "Standard deviation", "Zeros", "Not finite")
_LARGEST = 1e30


class StatisticsPopover(Popover):
    """Stands under the button that opens it.

    Signals
    -------
    scale_chosen(scale)
        The colours of the shown map are to have these ends; None gives them back.
    copy_requested()
        The figures of all maps are wanted as text.
    """

    scale_chosen = Signal(object)
    copy_requested = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName("Statistics")
        self._scale: Scale | None = None
        self._colormap: Colormap | None = None
        self._axis = (0.0, 1.0)
        self._title = elastic_label()
        close = flat_button("x", "Close (Esc)", self)
        close.clicked.connect(self.close)
        head = QHBoxLayout()
        head.addWidget(self._title, 1)
        head.addWidget(close)
        self._why = QLabel()
        self._why.setProperty("role", "note")
        self._why.setWordWrap(True)
        self.histogram = Histogram()
        self.histogram.dragged.connect(self.scale_chosen)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 10, 12, 12)
        layout.setSpacing(8)
        layout.addLayout(head)
        layout.addWidget(self._why)
        layout.addWidget(self.histogram, 1)
        layout.addLayout(self._make_range())
        layout.addLayout(self._make_figures())
        copy = QPushButton("Copy all maps as TSV")
        copy.setAccessibleName("Copy the figures of all maps as text with tabs")
        copy.setToolTip("One line for each map of the layer, with tabs: paste it into a table")
        copy.clicked.connect(self.copy_requested)
        layout.addWidget(copy, 0, Qt.AlignmentFlag.AlignLeft)

    def _make_range(self) -> QHBoxLayout:
        self.low = NumberField("Lower end of the colours", "Where the colours begin", _LARGEST)
        self.high = NumberField("Upper end of the colours", "Where the colours end", _LARGEST)
        self.low.entered.connect(self._type_low)
        self.high.entered.connect(self._type_high)
        self.reset = QPushButton("Reset")
        self.reset.setAccessibleName("Reset the ends of the colours")
        self.reset.setToolTip("Back to the scale that was found")
        self.reset.clicked.connect(self._reset)
        self._state = second_label("")
        row = QHBoxLayout()
        row.setSpacing(6)
        for part in (QLabel("Colours from"), self.low, QLabel("to"), self.high):
            row.addWidget(part)
        row.addWidget(self._state)
        row.addStretch(1)
        row.addWidget(self.reset)
        return row

    def _make_figures(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setVerticalSpacing(2)
        grid.setHorizontalSpacing(16)
        grid.setColumnStretch(0, 1)
        right = Qt.AlignmentFlag.AlignRight
        for column, text in enumerate(("", "This map", "All maps")):
            grid.addWidget(second_label(text), 0, column, right if column else Qt.AlignmentFlag.AlignLeft)
        self._cells: list[tuple[QLabel, QLabel]] = []
        for row, name in enumerate(_FIGURES, 1):
            cells = QLabel(), QLabel()
            grid.addWidget(second_label(name), row, 0)
            for column, cell in enumerate(cells, 1):
                cell.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
                cell.setMinimumWidth(72)
                cell.setAlignment(right)
                grid.addWidget(cell, row, column)
            self._cells.append(cells)
        return grid

    # what is shown

    def open_for(self, anchor: QWidget) -> None:
        """Open below a button."""
        self.setFont(theme.font(self))
        self.place(anchor, _SIZE, _LEAST_HEIGHT)
        self.show()
        self.histogram.setFocus()

    def show_map(
        self, layer: str, tile: Tile, whole: MapStatistics | None, colormap: Colormap, *, by_hand: bool
    ) -> None:
        """Show one map; ``whole`` are the figures of all maps of its layer, None where they are still counted."""
        figures, pixels = tile.view.statistics, tile.view.levels[0]
        self._scale, self._colormap = tile.scale, colormap
        rows, columns = pixels.shape
        self._title.setText(f"<b>{escape(tile.name)}</b> of {escape(layer)}, {columns} × {rows}")
        self._why.setText(tile.why)
        self._why.setVisible(bool(tile.why))
        low, high = tile.view.minimum, tile.view.maximum
        self._axis = min(low, tile.scale.low), max(high, tile.scale.high)
        self.histogram.show_values(pixels, low, high, tile.scale, colormap)
        ends = tile.scale.limits(colormap.signed)
        for field, value in zip((self.low, self.high), ends, strict=True):
            field.show_value(float(f"{value:.4g}"))
        self._state.setText("fixed by hand" if by_hand else f"{tile.clipped:.1%} clipped")
        self.reset.setEnabled(by_hand)
        for row, texts in enumerate(zip(_texts(figures), _texts(whole), strict=True)):
            for cell, text in zip(self._cells[row], texts, strict=True):
                cell.setText(text)

    def _type_low(self, value: float) -> None:
        self._type(-1, value)

    def _type_high(self, value: float) -> None:
        self._type(1, value)

    def _type(self, handle: int, value: float) -> None:
        if self._scale is not None and self._colormap is not None:
            signed = self._colormap.signed
            wanted = abs(value) * handle if signed else value
            self.scale_chosen.emit(moved(self._scale, handle, wanted, self._axis, signed=signed))

    def _reset(self) -> None:
        self.scale_chosen.emit(None)

    def copy_table(self, tiles: Sequence[Tile]) -> None:
        """Put the figures of maps on the clipboard, the last line those of all."""
        lines = ["map\tname\tminimum\tmaximum\tmean\tstd\tzeros\tnot_finite"]
        for index, tile in enumerate(tiles):
            lines.append(f"{index}\t{tile.name}\t{_row(tile.view.statistics)}")
        lines.append(f"all\t\t{_row(combined(tile.view.statistics for tile in tiles))}")
        QGuiApplication.clipboard().setText("\n".join(lines))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        elif event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            super().keyPressEvent(event)


def _texts(figures: MapStatistics | None) -> tuple[str, ...]:
    if figures is None:
        return ("…",) * len(_FIGURES)
    numbers = (figures.minimum, figures.maximum, figures.mean, figures.std)
    shown = ("–" if math.isnan(value) else number(value) for value in numbers)
    return (*shown, f"{figures.zeros:.1%}", f"{figures.non_finite:,}")


def _row(figures: MapStatistics) -> str:
    numbers = (figures.minimum, figures.maximum, figures.mean, figures.std, figures.zeros)
    return "\t".join((*(f"{value:.7g}" for value in numbers), str(figures.non_finite)))
