"""The kernel on the stage: the grid under the brush, and what is beside it."""

from __future__ import annotations

from dataclasses import replace
from html import escape

import numpy as np
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction, QIcon, QPixmap
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QLabel,
    QMenu,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from explorer.document import edits
from explorer.imaging.rendering import Scale
from explorer.layers import initializers
from explorer.layers.convolution import Conv2d
from explorer.layers.fields import Array
from explorer.layers.filters import FILTERS, NamedFilter
from explorer.live.session import Session
from explorer.ui import imagery
from explorer.ui.cell_grid import snapped
from explorer.ui.controls import TITLE_HEIGHT, CountBox, flat_button, second_label
from explorer.ui.display import Display
from explorer.ui.kernel_grid import KernelGrid
from explorer.ui.number_field import NumberField

_SWATCHES = (-2.0, -1.0, 0.0, 1.0, 2.0)
_LARGEST_KERNEL = 31
_EDITED = " (edited)"


class KernelPanel(QWidget):
    """Edits one kernel of the selected convolution: filter f, input channel c (or all channels at once).

    Signals
    -------
    message(sentence)
        Something typed was refused.
    channel_changed()
        Another input channel is shown.
    painted()
        A stroke was finished.
    enlarge_requested()
        The grid should be shown large.
    shown()
        Another kernel, or another state of it, is on the grid.
    """

    message = Signal(str)
    channel_changed = Signal()
    painted = Signal()
    enlarge_requested = Signal()
    shown = Signal()

    def __init__(self, session: Session, display: Display, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._display = display
        self._fitted: Conv2d | None = None
        self._fit_key: tuple[object, ...] = ()
        self._shown_key: tuple[object, ...] = ()
        self.channel = 0
        self.all_channels = False
        self.grid = KernelGrid()
        self._connect_grid(self.grid)
        self._title = QLabel("Kernel")
        self._title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._channel_row = self._make_channel_row()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(self._make_title_row())
        layout.addWidget(self._channel_row)
        layout.addWidget(self.grid, 1)
        layout.addLayout(self._make_swatches())
        layout.addLayout(self._make_tools())
        self.set_brush(1.0)

    # what is shown

    def show_kernel(self) -> None:
        """Show the kernel of the session's selected layer and channel."""
        layer = self._fit()
        if layer is None or layer.weight is None:
            return
        session, colormap = self._session, self._display.colormap
        key = (layer, session.channel, session.gesture, self.channel, self.all_channels, colormap)
        if key == self._shown_key:
            return
        channels = layer.weight.shape[1]
        self.channel = min(self.channel, channels - 1)
        filter_index = self.filter_index
        values = self._shown_kernel(layer)
        reach = snapped(float(np.abs(values).max()))
        if self._session.gesture is not None and values.shape == self.grid.values.shape:
            reach = max(reach, self.grid.reach)  # colours only ever grow during a stroke
        self.grid.show_values(values, self._display.colormap, reach)
        name = layer.filter_name(filter_index)
        self._title.setText(f"<b>Kernel</b> {f'“{escape(name)}”' if name else f'#{filter_index}'}")
        self._title.setToolTip(
            f"Filter {filter_index} of {layer.out_channels}: one {layer.kernel_size[0]}×{layer.kernel_size[1]} kernel "
            f"for each of its {channels} input channels, added up into one map"
        )
        self._channel_row.setVisible(channels > 1)
        self._channel_label.setText(
            f"mean of all {channels} channels"
            if self.all_channels
            else f"channel #{self.channel} of {channels}"
        )
        self._all.setChecked(self.all_channels)
        self._size.show_value(layer.kernel_size[1])
        if layer.bias_values is not None:
            self._bias.show_value(float(layer.bias_values[filter_index]))
        self._bias.setEnabled(layer.bias)
        self._shown_key = (*key[:3], self.channel, *key[4:])
        self.shown.emit()

    @property
    def filter_index(self) -> int:
        """The selected filter, which is the selected map."""
        layer = self._fit()
        return min(self._session.channel, layer.out_channels - 1) if layer else 0

    def _fit(self) -> Conv2d | None:
        """The selected convolution with the weights it runs with."""
        document, index = self._session.document, self._session.layer
        plan_input = document.network.plan(document.input_shape).input(index) if index >= 0 else None
        layer = document.network.layers[index] if index >= 0 else None
        if not isinstance(layer, Conv2d) or plan_input is None or len(plan_input) != 3:
            return None
        if plan_input[0] % layer.groups or plan_input[0] < layer.groups:
            return None
        key = (layer, plan_input[0])
        if not self._fit_key or self._fit_key[0] is not layer or self._fit_key[1] != plan_input[0]:
            self._fitted, self._fit_key = layer.fit(plan_input), key
        return self._fitted

    # edits

    def _connect_grid(self, grid: KernelGrid) -> None:
        grid.edited.connect(self._edit)
        grid.finished.connect(self._finish)
        grid.cancelled.connect(self._session.cancel)
        grid.picked.connect(self.set_brush)
        grid.refused.connect(self.message)

    def adopt(self, grid: KernelGrid) -> None:
        """Let a second, larger grid edit the same kernel."""
        self._connect_grid(grid)
        grid.brush = self.grid.brush

    def _finish(self) -> None:
        self._session.finish_gesture()
        self.painted.emit()

    def _edit(self, values: Array, text: str, gesture: int | None) -> None:
        fitted = self._fit()
        if fitted is None or fitted.weight is None:
            return
        weight = fitted.weight.copy()
        if self.all_channels:  # what was not painted stays as different from channel to channel as it is
            painted = values != self._shown_kernel(fitted)
            weight[self.filter_index][:, painted] = values[painted]
        else:
            weight[self.filter_index, self.channel] = values
        self._replace(self._renamed(self._layer().with_weight(weight)), text, gesture)

    def _shown_kernel(self, fitted: Conv2d) -> Array:
        assert fitted.weight is not None
        kernels: Array = fitted.weight[self.filter_index]
        mean: Array = kernels.mean(axis=0)
        return mean if self.all_channels else kernels[self.channel]

    def _renamed(self, layer: Conv2d) -> Conv2d:
        """A filter with a name says that it is no longer what it was called after."""
        name = layer.filter_name(self.filter_index)
        if not name or name.endswith(_EDITED) or name == "random":
            return layer
        return layer.with_filter_name(self.filter_index, name + _EDITED)

    def _layer(self) -> Conv2d:
        layer = self._session.document.network.layers[self._session.layer]
        assert isinstance(layer, Conv2d)
        return layer

    def _replace(self, layer: Conv2d, text: str, gesture: int | None = None) -> None:
        index = self._session.layer
        self._session.edit(edits.replace_layer(self._session.document, index, layer), text, gesture)

    def apply_filter(self, chosen: NamedFilter) -> None:
        """Make the selected filter a named one, in the shown channel or in all."""
        fitted = self._fit()
        if fitted is None or fitted.weight is None:
            return
        weight = fitted.weight.copy()
        channels = slice(None) if self.all_channels else self.channel
        weight[self.filter_index, channels] = chosen(fitted.kernel_size)
        layer = self._layer().with_weight(weight).with_filter_name(self.filter_index, chosen.name)
        self._replace(layer, f"Kernel “{chosen.name}”")

    def randomize(self) -> None:
        """Other random weights for the selected filter, by the layer's initialiser."""
        fitted = self._fit()
        if fitted is None or fitted.weight is None:
            return
        seed = int(np.random.default_rng().integers(2**31))
        fresh = initializers.initial(fitted.initializer, seed, fitted.weight.shape)
        weight = fitted.weight.copy()
        channels = slice(None) if self.all_channels else self.channel
        weight[self.filter_index, channels] = fresh[0, channels]
        layer = self._layer().with_weight(weight).with_filter_name(self.filter_index, "random")
        self._replace(layer, "Random kernel")

    def _set_size(self, size: int) -> None:
        layer = self._fit()
        if layer is not None and layer.kernel_size != (size, size):
            self._replace(replace(self._layer(), kernel_size=(size, size)), "Kernel size")

    def _set_bias(self, value: float) -> None:
        fitted = self._fit()
        if fitted is None or fitted.bias_values is None:
            return
        bias = fitted.bias_values.copy()
        bias[self.filter_index] = value
        self._replace(self._layer().with_bias_values(bias), "Bias")

    # the brush

    def set_brush(self, value: float) -> None:
        """Paint with this value from now on."""
        self.grid.brush = value
        self.grid.picking = False
        self._pick.setChecked(False)
        self.shown.emit()
        self._value.show_value(value)
        for button, swatch in self._swatches.items():
            button.setChecked(swatch == value)

    def flip_brush(self) -> None:
        """Paint with the other sign."""
        self.set_brush(-self.grid.brush + 0.0)

    def _swatch_clicked(self, button: QToolButton) -> None:
        self.set_brush(self._swatches[button])

    def _set_picking(self, picking: bool) -> None:
        self.grid.picking = picking

    # building

    def _make_title_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(2)
        row.addWidget(self._title, 1)
        shuffle = flat_button("shuffle", "Other random weights for this filter (Ctrl+R)", self)
        shuffle.clicked.connect(self.randomize)
        row.addWidget(shuffle)
        enlarge = flat_button("maximize", "Show the kernel large (K)", self)
        enlarge.clicked.connect(self.enlarge_requested)
        row.addWidget(enlarge)
        for button in (shuffle, enlarge):
            button.setFixedSize(TITLE_HEIGHT, TITLE_HEIGHT)
        return row

    def _make_channel_row(self) -> QWidget:
        row = QWidget()
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        back = flat_button("chevron-left", "Previous input channel", self)
        back.clicked.connect(self._previous_channel)
        on = flat_button("chevron-right", "Next input channel", self)
        on.clicked.connect(self._next_channel)
        self._channel_label = second_label("")
        self._all = QToolButton()
        self._all.setText("All")
        self._all.setCheckable(True)
        self._all.setProperty("role", "field")
        self._all.setAccessibleName("Edit all input channels at once")
        self._all.setToolTip("Paint the same weights into every input channel at once")
        self._all.toggled.connect(self._set_all)
        layout.addWidget(back)
        layout.addWidget(self._channel_label, 1, Qt.AlignmentFlag.AlignCenter)
        layout.addWidget(on)
        layout.addWidget(self._all)
        return row

    def _previous_channel(self) -> None:
        self.set_channel(self.channel - 1)

    def _next_channel(self) -> None:
        self.set_channel(self.channel + 1)

    def set_channel(self, channel: int) -> None:
        """Show the kernel for another input channel."""
        fitted = self._fit()
        if fitted is None or fitted.weight is None:
            return
        self.channel = channel % fitted.weight.shape[1]
        self.show_kernel()
        self.channel_changed.emit()

    def _set_all(self, everything: bool) -> None:
        self.all_channels = everything
        self.show_kernel()

    def _make_swatches(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(2)
        self._swatches: dict[QToolButton, float] = {}
        group = QButtonGroup(self)
        group.setExclusive(False)
        for value in _SWATCHES:
            button = QToolButton()
            button.setText(f"{value:+g}".replace("-", "−") if value else "0")
            button.setCheckable(True)
            button.setProperty("role", "field")
            button.setAccessibleName(f"Brush value {value:g}")
            button.setToolTip(f"Paint with {value:g}; X flips the sign")
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            group.addButton(button)
            self._swatches[button] = value
            row.addWidget(button)
        group.buttonClicked.connect(self._swatch_clicked)
        self._value = NumberField("Brush value", "The value that the brush paints: 0.5, 1/9, sqrt(2)")
        self._value.setMaximumWidth(54)
        self._value.entered.connect(self.set_brush)
        self._value.refused.connect(self.message)
        row.addWidget(self._value)
        self._pick = flat_button("pipette", "Pick up a value from the kernel (or press with Alt)", self)
        self._pick.setCheckable(True)
        self._pick.toggled.connect(self._set_picking)
        row.addWidget(self._pick)
        return row

    def _make_tools(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(4)
        self._presets = QToolButton()
        self._presets.setText("Presets")
        self._presets.setProperty("role", "field")
        self._presets.setAccessibleName("Kernel presets")
        self._presets.setToolTip("Kernels with a name: edges, blur, sharpen, ...")
        self._presets.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.presets_menu = QMenu("Presets", self)
        self.presets_menu.setToolTipsVisible(True)
        self.presets_menu.aboutToShow.connect(self._fill_presets)
        self._presets.setMenu(self.presets_menu)
        row.addWidget(self._presets)
        row.addWidget(second_label("size"))
        self._size = CountBox(1, _LARGEST_KERNEL)
        self._size.setAccessibleName("Kernel size")
        self._size.setToolTip("Rows and columns of the kernel; what was drawn stays in its middle")
        self._size.valueChanged.connect(self._set_size)
        row.addWidget(self._size)
        row.addWidget(second_label("bias"))
        self._bias = NumberField("Bias of this filter", "One number that is added to the whole map")
        self._bias.setMaximumWidth(54)
        self._bias.entered.connect(self._set_bias)
        self._bias.refused.connect(self.message)
        row.addWidget(self._bias, 1)
        return row

    def _fill_presets(self) -> None:
        self.presets_menu.clear()
        fitted = self._fit()
        size = fitted.kernel_size if fitted else (3, 3)
        for chosen in FILTERS:
            action = self.presets_menu.addAction(
                self._thumbnail(chosen(size)), f"{chosen.name}\t{chosen.why}"
            )
            action.setData(chosen.name)
            action.triggered.connect(self._preset_chosen)

    def _preset_chosen(self) -> None:
        action = self.sender()
        name = action.data() if isinstance(action, QAction) else ""
        for chosen in FILTERS:
            if chosen.name == name:
                self.apply_filter(chosen)

    def _thumbnail(self, values: Array) -> QIcon:
        reach = float(np.abs(values).max()) or 1.0
        image = imagery.map_image(values, Scale(-reach, reach), self._display.colormap)
        return QIcon(QPixmap.fromImage(image.scaled(QSize(20, 20))))

    def sizeHint(self) -> QSize:
        return QSize(250, 340)
