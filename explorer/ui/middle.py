"""What stands between input and map for layers without kernels: the window, the curve, the weights, the words."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from explorer.imaging.colormaps import Colormap
from explorer.layers.explanation import Box
from explorer.layers.fields import Array
from explorer.layers.layer import ElementwiseLayer
from explorer.layers.linear import Linear
from explorer.layers.numbers import number
from explorer.layers.pooling import AvgPool2d, MaxPool2d
from explorer.ui import theme
from explorer.ui.bars import Bars
from explorer.ui.cell_grid import CellGrid
from explorer.ui.controls import TITLE_HEIGHT

_CURVE_POINTS = 201
_PLOT_MARGIN = 0.04  # given, for the usual one depends on a size that is not known yet when a plot is new
_TOP_WEIGHTS = 12
_LARGEST_WINDOW = 16


class _Titled(QWidget):
    """A title, something to look at, and a sentence."""

    def __init__(self, content: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = QLabel()
        self.title.setMinimumHeight(TITLE_HEIGHT)
        self.sentence = QLabel()
        self.sentence.setProperty("role", "second")
        self.sentence.setWordWrap(True)
        self.sentence.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.title)
        layout.addWidget(content, 1)
        layout.addWidget(self.sentence)


class PoolingPanel(_Titled):
    """The window under the dot; max pooling's winner is framed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self.grid = CellGrid("Pooling window")
        super().__init__(self.grid, parent)

    def show_window(
        self, layer: MaxPool2d | AvgPool2d, pixels: Array, box: Box, reach: float, colormap: Colormap
    ) -> None:
        """Show the pixels (H, W) that ``box`` covers."""
        is_maximum = isinstance(layer, MaxPool2d)
        dilation = layer.dilation if isinstance(layer, MaxPool2d) else (1, 1)
        rows = range(box.top, box.top + box.height, dilation[0])[:_LARGEST_WINDOW]
        columns = range(box.left, box.left + box.width, dilation[1])[:_LARGEST_WINDOW]
        outside = -np.inf if is_maximum else 0.0
        values = np.full((len(rows), len(columns)), outside, np.float32)
        beyond = set()
        for i, row in enumerate(rows):
            for j, column in enumerate(columns):
                if 0 <= row < pixels.shape[0] and 0 <= column < pixels.shape[1]:
                    values[i, j] = pixels[row, column]
                else:
                    beyond.add((i, j))
        self.grid.show_values(values, colormap, reach)
        self.grid.leave_out(frozenset(beyond))
        winners: frozenset[tuple[int, int]] = frozenset()
        if is_maximum and not np.isnan(values).any():
            best = values.max()
            winners = frozenset((int(i), int(j)) for i, j in np.argwhere(values == best))
        self.grid.mark(winners)
        name = "Maximum" if is_maximum else "Mean"
        self.title.setText(f"<b>{name}</b> of {layer.kernel_size[0]}×{layer.kernel_size[1]}")
        if is_maximum:
            self.sentence.setText(f"The largest, {number(float(values.max()))}, goes on")
        else:
            self.sentence.setText("Their mean goes on")


class CurvePanel(_Titled):
    """An activation's curve over the histogram of what comes in."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self._holder = QWidget()
        self._holder_layout = QVBoxLayout(self._holder)
        self._holder_layout.setContentsMargins(0, 0, 0, 0)
        self._plot: Any = None
        super().__init__(self._holder, parent)

    def show_curve(self, layer: ElementwiseLayer, pixels: npt.NDArray[np.float32], value: float) -> None:
        """Show the function over the values of a map, with one value marked."""
        if self._plot is None:
            self._make_plot()
        finite = pixels[np.isfinite(pixels)]
        reach = float(np.abs(finite).max()) if finite.size else 1.0
        reach = reach or 1.0
        x = np.linspace(-reach, reach, _CURVE_POINTS, dtype=np.float32)
        y = layer.function(x, None, None, None)
        counts, edges = np.histogram(finite, bins=48, range=(-reach, reach))
        top, bottom = float(max(y.max(), 0.0)), float(min(y.min(), 0.0))
        height = (top - bottom) or 1.0
        heights = np.sqrt(counts / max(1, counts.max())) * height * 0.9 + bottom
        colours = theme.of(self)
        self._plot.setBackground(colours.stage)
        for axis in ("left", "bottom"):
            self._plot.getAxis(axis).setPen(colours.line)
            self._plot.getAxis(axis).setTextPen(colours.second)
        bars = theme.mixed(colours.field_border, colours.stage, 0.5)
        self._histogram.setData(edges, heights, fillLevel=bottom, brush=bars)
        self._curve.setData(x, y)
        self._curve.setPen(colours.note, width=3)
        known = np.isfinite(value)
        marked = layer.function(np.array([value if known else 0.0], np.float32), None, None, None)
        self._dot.setData([value if known else 0.0], marked)
        self._plot.setXRange(-reach, reach, padding=_PLOT_MARGIN)
        self._plot.setYRange(bottom, top, padding=_PLOT_MARGIN)
        self.title.setText(f"<b>{layer.type_name}</b>")
        self.sentence.setText(layer.summary)

    def _make_plot(self) -> None:
        import pyqtgraph as pg  # a third of a second that the first window need not wait for

        plot = pg.PlotWidget()
        plot.setAccessibleName("Activation curve")
        plot.setMenuEnabled(False)
        plot.setMouseEnabled(False, False)
        plot.hideButtons()
        self._histogram = pg.PlotCurveItem([0.0, 1.0], [0.0], stepMode="center", pen=None)
        self._curve = pg.PlotCurveItem(antialias=True)
        self._dot = pg.ScatterPlotItem(size=9, brush="w", pen="k")
        for item in (self._histogram, self._curve, self._dot):
            plot.addItem(item)
        self._plot = plot
        self._holder_layout.addWidget(plot)


class WeightsPanel(_Titled):
    """The weights of one output of a Linear layer that count most."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self.bars = Bars("Largest contributions")
        super().__init__(self.bars, parent)

    def show_weights(self, layer: Linear, inputs: Array, index: int, colormap: Colormap) -> None:
        """Show the inputs (F,) that contribute most to output ``index``."""
        if layer.weight is None:
            return
        products = np.nan_to_num(layer.weight[index] * inputs)
        count = min(_TOP_WEIGHTS, products.size)
        largest = np.argpartition(-np.abs(products), count - 1)[:count]
        order = largest[np.argsort(-np.abs(products[largest]), kind="stable")]
        self.bars.show_values(products[order], colormap, tuple(f"input {i}" for i in order))
        self.title.setText(f"<b>Output {index}</b>")
        self.sentence.setText(f"The {len(order)} largest of {len(products):,} products weight × input")


class WordsPanel(_Titled):
    """A layer that is said in a sentence."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        super().__init__(self.words, parent)

    def show_words(self, title: str, words: str, sentence: str = "") -> None:
        """Show other words."""
        self.words.setFont(theme.font(self, 1.15))
        self.title.setText(f"<b>{title}</b>")
        self.words.setText(words)
        self.sentence.setText(sentence)
