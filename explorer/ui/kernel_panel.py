"""The kernel on the stage: the grid under the brush, and what is beside it."""

from __future__ import annotations

from html import escape

import numpy as np
from PySide6.QtCore import QSize, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from explorer.layers.brush import Symmetry
from explorer.layers.convolution import Conv2d
from explorer.layers.fields import Array
from explorer.layers.numbers import number
from explorer.live.session import Session
from explorer.ui.brush_bar import BrushBar
from explorer.ui.cell_grid import snapped
from explorer.ui.channel_strip import ChannelStrip
from explorer.ui.controls import TITLE_HEIGHT, CountBox, elastic_label, flat_button, second_label
from explorer.ui.display import Display
from explorer.ui.kernel_grid import KernelGrid
from explorer.ui.kernel_menu import KernelMenu
from explorer.ui.number_field import NumberField
from explorer.ui.selected_kernel import SelectedKernel

_LARGEST_KERNEL = 31


class KernelPanel(QWidget):
    """Shows one kernel of the selected convolution and lets the user draw it.

    Signals
    -------
    message(sentence)
        Something was refused.
    channel_changed()
        Another input channel is shown.
    painted()
        A stroke was finished.
    enlarge_requested(), presets_requested(), flip_requested()
        The grid should be shown large; kernels with a name; correlation or convolution.
    copy_requested(), paste_requested()
        The usual keys were pressed on the grid.
    shown()
        Another kernel, or another state of it, is on the grid.
    """

    message = Signal(str)
    channel_changed = Signal()
    painted = Signal()
    enlarge_requested = Signal()
    presets_requested = Signal()
    flip_requested = Signal()
    copy_requested = Signal()
    paste_requested = Signal()
    shown = Signal()

    def __init__(self, session: Session, display: Display, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._display = display
        self._shown_key: tuple[object, ...] = ()
        self._input_range = (0.0, 1.0)
        self.selected = SelectedKernel(session, self)
        self.selected.message.connect(self.message)
        self.selected.channel_changed.connect(self._channel_changed)
        self.grid = KernelGrid()
        self.grids = [self.grid]
        self._connect_grid(self.grid)
        self._title = elastic_label("Kernel")
        self._channel_row = self._make_channel_row()
        self.bar = self._make_bar()
        self._bars = [self.bar]
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3)
        layout.addLayout(self._make_title_row())
        layout.addWidget(self._channel_row)
        layout.addWidget(self.grid, 1)
        layout.addWidget(self.bar)
        layout.addLayout(self._make_tools())
        layout.addLayout(self._make_facts())
        self.set_brush(1.0)

    # what is shown

    def show_kernel(self) -> None:
        """Show the kernel of the session's selected layer and channel."""
        selected, session = self.selected, self._session
        layer, weights = selected.fitted(), selected.weights()
        if layer is None or weights is None:
            return
        selected.channel = min(selected.channel, len(weights) - 1)
        colormap = self._display.colormap
        key = (
            layer,
            session.channel,
            session.gesture,
            selected.channel,
            selected.all_channels,
            colormap,
            self._input_range,
        )
        if key == self._shown_key:
            return
        values = selected.values()
        assert values is not None
        reach = snapped(float(np.abs(values).max()))
        if session.gesture is not None and values.shape == self.grid.values.shape:
            reach = max(reach, self.grid.reach)  # colours only ever grow during a stroke
        self.grid.show_values(values, colormap, reach)
        self._show_title(layer, weights)
        several = len(weights) > 1
        self._channel_row.setVisible(several)
        if several:
            labels = self._labels(len(weights))
            subject = (layer.name, selected.filter_index)
            self._strip.show_kernels(
                weights, selected.channel, colormap, reach, labels=labels, subject=subject
            )
        self._all.setChecked(selected.all_channels)
        rows, columns = layer.kernel_size
        self._size.setPrefix("" if rows == columns else f"{rows}×")
        self._size.show_value(columns)
        if layer.bias_values is not None:
            self._bias.show_value(float(layer.bias_values[selected.filter_index]))
        self._bias.setEnabled(layer.bias)
        self._show_facts(values)
        self._show_brush()
        self._shown_key = key
        self.shown.emit()

    def set_input_range(self, low: float, high: float) -> None:
        """The values that come in, from which the range of the map follows."""
        if (low, high) != self._input_range:
            self._input_range = (low, high)
            self.show_kernel()

    def _show_title(self, layer: Conv2d, weights: Array) -> None:
        index = self.selected.filter_index
        name = layer.filter_name(index)
        words = f"“{escape(name)}”" if name else f"#{index}"
        if len(weights) > 1:
            words += f" {self._channel_name(len(weights))}"
        self._title.setText(f"<b>Kernel</b> {words}")
        self._title.setToolTip(
            f"Filter {index} of {layer.out_channels}: one {layer.kernel_size[0]}×{layer.kernel_size[1]} kernel "
            f"for each of its {len(weights)} input channels, added up into one map"
        )

    def _channel_name(self, count: int) -> str:
        if self.selected.all_channels:
            return "all channels"
        names = self._labels(count)
        return names[self.selected.channel] if names else f"channel #{self.selected.channel}"

    def _labels(self, count: int) -> tuple[str, ...]:
        """What the input channels of a colour picture are called."""
        return ("R", "G", "B") if self._session.layer == 0 and count == 3 else ()

    def _show_facts(self, values: Array) -> None:
        low, high = self.selected.map_range(*self._input_range)
        total, magnitudes = float(values.sum(dtype=np.float64)), float(np.abs(values).sum(dtype=np.float64))
        shown = [number(_rounded(value)) for value in (total, magnitudes, low, high)]
        reach = f"±{shown[3]}" if low == -high else f"{shown[2]} … {shown[3]}"
        most, least = f"Σ {shown[0]}  Σ|w| {shown[1]}  map {reach}", f"Σ {shown[0]}  map {reach}"
        fits = self._facts.fontMetrics().horizontalAdvance(most) <= self._facts.width()
        self._facts.setText(most if fits else least)
        inputs = " to ".join(number(value) for value in self._input_range)
        self._facts.setToolTip(
            f"Sum of the weights on the grid: {shown[0]}. Sum of their magnitudes: {shown[1]}.\n"
            f"Inputs from {inputs} give map values from {shown[2]} to {shown[3]}, all channels together."
        )

    # edits

    def _connect_grid(self, grid: KernelGrid) -> None:
        grid.edited.connect(self.selected.paint)
        grid.finished.connect(self._finish)
        grid.cancelled.connect(self._session.cancel)
        grid.picked.connect(self.set_brush)
        grid.refused.connect(self.message)
        grid.radius_changed.connect(self.set_radius)
        grid.copy_requested.connect(self.copy_requested)
        grid.paste_requested.connect(self.paste_requested)

    def adopt(self, grid: KernelGrid, bar: BrushBar) -> None:
        """Let a second, larger grid edit the same kernel, with a line for its brush."""
        self.grids.append(grid)
        self._bars.append(bar)
        self._connect_grid(grid)
        self._connect_bar(bar)
        self.set_brush(self.grid.brush)

    def _finish(self) -> None:
        self._session.finish_gesture()
        self.painted.emit()

    def _back_to_grid(self) -> None:
        """Return ends typing: the next keys are for the kernel."""
        grid = next(grid for grid in reversed(self.grids) if grid.isVisible() or grid is self.grid)
        QTimer.singleShot(0, grid, grid.setFocus)  # when the field has read what was typed

    def _set_size(self, size: int) -> None:
        self.selected.set_size((size, size))

    # the brush

    def set_brush(self, value: float) -> None:
        """Paint with this value from now on."""
        for grid in self.grids:
            grid.brush = value
        for bar in self._bars:
            bar.stop_picking()
        self._show_brush()
        self.shown.emit()

    def set_symmetry(self, symmetry: Symmetry) -> None:
        """Let every dab land elsewhere too."""
        for grid in self.grids:
            grid.symmetry = symmetry
            grid.update()
        self._show_brush()

    def set_radius(self, radius: float) -> None:
        """A soft brush that reaches so many cells; 0 is a hard one."""
        for grid in self.grids:
            grid.radius = radius
            grid.update()
        self._show_brush()

    def flip_brush(self) -> None:
        """Paint with the other sign."""
        self.set_brush(-self.grid.brush + 0.0)

    def _show_brush(self) -> None:
        grid = self.grid
        for bar in self._bars:
            bar.show_brush(grid.brush, grid.symmetry, grid.radius, max(grid.values.shape))

    def _set_picking(self, picking: bool) -> None:
        for grid in self.grids:
            grid.picking = picking

    # building

    def _make_title_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(2)
        row.addWidget(self._title, 1)
        shuffle = flat_button("shuffle", "Other random weights for this filter (Ctrl+R)", self)
        shuffle.clicked.connect(self.selected.randomize)
        flip = flat_button("rotate-ccw", "Correlation or convolution? Show the kernel turned by 180°", self)
        flip.clicked.connect(self.flip_requested)
        enlarge = flat_button("maximize", "Show the kernel large (K)", self)
        enlarge.clicked.connect(self.enlarge_requested)
        self.flip_button = flip
        for button in (shuffle, flip, enlarge):
            button.setFixedSize(TITLE_HEIGHT, TITLE_HEIGHT)
            row.addWidget(button)
        return row

    def _make_channel_row(self) -> QWidget:
        row = QWidget()
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        self._strip = ChannelStrip()
        self._strip.picked.connect(self.set_channel)
        self._all = QToolButton()
        self._all.setText("All")
        self._all.setCheckable(True)
        self._all.setProperty("role", "field")
        self._all.setAccessibleName("Edit all input channels at once")
        self._all.setToolTip("Paint the same weights into every input channel at once")
        self._all.toggled.connect(self.selected.set_all_channels)
        layout.addWidget(self._strip, 1)
        layout.addWidget(self._all)
        return row

    def set_channel(self, channel: int) -> None:
        """Show the kernel for another input channel."""
        self.selected.set_channel(channel)

    @property
    def channel(self) -> int:
        """The input channel that is shown."""
        return self.selected.channel

    @property
    def filter_index(self) -> int:
        """The selected filter, which is the selected map."""
        return self.selected.filter_index

    def _channel_changed(self) -> None:
        self.show_kernel()
        self.channel_changed.emit()

    def _make_bar(self) -> BrushBar:
        bar = BrushBar()
        self._connect_bar(bar)
        return bar

    def _connect_bar(self, bar: BrushBar) -> None:
        bar.value_chosen.connect(self.set_brush)
        bar.symmetry_chosen.connect(self.set_symmetry)
        bar.radius_chosen.connect(self.set_radius)
        bar.picking_changed.connect(self._set_picking)
        bar.refused.connect(self.message)
        bar.typed.connect(self._back_to_grid)

    def _make_tools(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(4)
        self.presets_button = _field_button("Presets", "Kernel presets")
        self.presets_button.setToolTip(
            "Kernels with a name, and banks for all filters: edges, blur, Gabor, …"
        )
        self.presets_button.clicked.connect(self.presets_requested)
        row.addWidget(self.presets_button, 1)
        self.menu = KernelMenu(self.selected, self)
        change = _field_button("Change", "Change the kernel")
        change.setToolTip("Normalise, flip, rotate, scale; copy and paste as text; load and save")
        change.setMenu(self.menu)
        change.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        row.addWidget(change, 1)
        row.addWidget(second_label("size"))
        self._size = CountBox(1, _LARGEST_KERNEL)
        self._size.setAccessibleName("Kernel size")
        self._size.setToolTip("Rows and columns of the kernel; what was drawn stays in its middle")
        self._size.valueChanged.connect(self._set_size)
        self._size.setSingleStep(2)  # even kernels have no middle; they can be typed
        self._size.lineEdit().returnPressed.connect(self._back_to_grid)
        row.addWidget(self._size)
        return row

    def _make_facts(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(4)
        self._facts = elastic_label()
        self._facts.setProperty("role", "second")
        row.addWidget(self._facts, 1)
        row.addWidget(second_label("bias"))
        self._bias = NumberField("Bias of this filter", "One number that is added to the whole map")
        self._bias.setMaximumWidth(54)
        self._bias.entered.connect(self.selected.set_bias)
        self._bias.refused.connect(self.message)
        self._bias.returnPressed.connect(self._back_to_grid)
        row.addWidget(self._bias)
        return row

    def sizeHint(self) -> QSize:
        return QSize(250, 340)


def _field_button(text: str, name: str) -> QToolButton:
    button = QToolButton()
    button.setText(text)
    button.setProperty("role", "field")
    button.setAccessibleName(name)
    button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    return button


def _rounded(value: float) -> float:
    """Without the noise of adding floats: 0.1 + 0.2 - 0.3 is shown as 0."""
    return round(value, 6) + 0.0
