"""The stage: picture * kernel = map.

Left the input of the selected layer, right the selected map, and between them what turns one into the other. The dot
is one output value; the window box is what it looks at.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from html import escape

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QStackedWidget, QWidget

from explorer.imaging.rendering import clipped_share
from explorer.layers.convolution import Conv2d
from explorer.layers.explanation import Box, number, one_line, window_box
from explorer.layers.forward import shape_of
from explorer.layers.layer import ElementwiseLayer, Layer
from explorer.layers.linear import Linear
from explorer.layers.pooling import AvgPool2d, MaxPool2d
from explorer.live.analysis import LayerView
from explorer.live.compute import Frame
from explorer.live.session import Session
from explorer.ui import theme
from explorer.ui.display import Display
from explorer.ui.kernel_panel import KernelPanel
from explorer.ui.middle import CurvePanel, PoolingPanel, WeightsPanel, WordsPanel
from explorer.ui.side import Side

_SIGN_WIDTH = 26
_MARGIN = 14  # above and below, together
_WIDE = 1000  # pixels of the stage above which the middle may be wide


class Stage(QWidget):
    """Shows one layer at work.

    Signals
    -------
    line_changed(text)
        How the value at the dot came to be.
    hovered(text)
        Position and value under the mouse; empty when it leaves.
    probed()
        The mouse went over a map.
    """

    line_changed = Signal(str)
    hovered = Signal(str)
    probed = Signal()

    def __init__(self, session: Session, display: Display, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._display = display
        self._frame: Frame | None = None
        self._dot_share = (0.5, 0.5)
        self._pointed: Callable[[], str] | None = None
        self._presenting = False
        self.kernel = KernelPanel(session, display)
        self.input = Side("Input of the selected layer", "Input numbers")
        self.map = Side("Selected feature map", "Output numbers")
        self.input_view, self.map_view = self.input.picture, self.map.picture
        self._pooling, self._curve = PoolingPanel(), CurvePanel()
        self._weights, self._words = WeightsPanel(), WordsPanel()
        self._build()
        self._connect()

    def _build(self) -> None:
        self._middle = QStackedWidget()
        for panel in (self.kernel, self._pooling, self._curve, self._weights, self._words):
            self._middle.addWidget(panel)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, _MARGIN // 2, 12, _MARGIN // 2)
        layout.setSpacing(0)
        layout.addWidget(self.input, 1)
        self._times, self._equals = self._sign(), self._sign()
        layout.addWidget(self._times)
        layout.addWidget(self._middle)
        layout.addWidget(self._equals)
        layout.addWidget(self.map, 1)

    def _sign(self) -> QLabel:
        sign = QLabel()
        sign.setProperty("role", "second")
        sign.setFont(theme.font(self, 1.9))
        sign.setAlignment(Qt.AlignmentFlag.AlignCenter)
        sign.setMinimumWidth(_SIGN_WIDTH)
        return sign

    def _connect(self) -> None:
        self.map_view.hovered.connect(self._hover_map)
        self.map_view.picked.connect(self._hover_map)
        self.map_view.left.connect(self._leave)
        self.input_view.hovered.connect(self._hover_input)
        self.input_view.left.connect(self._leave)
        self.map.bars.picked.connect(self._session.select_channel)
        self.kernel.channel_changed.connect(self.refresh)
        self._display.changed.connect(self.refresh)

    def set_wide(self, presenting: bool) -> None:
        """More room for the kernel, for a projector."""
        self._presenting = presenting
        self._fit_middle()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_middle()

    def _fit_middle(self) -> None:
        usual = self.width() // 3 if self._presenting else 264 if self.width() >= _WIDE else 224
        self._middle.setFixedWidth(max(usual, self.kernel.minimumSizeHint().width()))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.refresh()

    def ideal_height(self, width: int) -> int:
        """The height at which the pictures have no empty stripes above and below."""
        rows, columns = self.map_view.picture_size
        if rows == 0:
            rows, columns = 3, 4
        views = (width - self._middle.width() - 2 * _SIGN_WIDTH - 24) / 2
        picture = min(max(views * rows / columns, 226), max(views * 0.75, 226))
        return round(picture) + self.map.chrome + _MARGIN

    # what is shown

    def show_frame(self, frame: Frame) -> None:
        """Show the maps of a pass."""
        before, self._frame = self._frame, frame
        if not frame.shows_like(before):
            self.refresh()

    def show_document(self) -> None:
        """Follow an edit at once, before its maps are there: the kernel is the user's hand."""
        if isinstance(self._layer(), Conv2d):
            self.kernel.show_kernel()

    def set_stale(self, stale: bool) -> None:
        """Dim the maps while they show an older state; what is painted stays bright."""
        self.map_view.set_stale(stale)

    def refresh(self) -> None:
        """Show the present frame for the present selection."""
        frame, layer = self._frame, self._layer()
        if frame is None:
            return
        if layer is None:
            self._show_without_layers(frame)
            return
        self._show_middle(frame, layer)
        self._show_input(frame, layer)
        self._show_map(frame, layer)
        self._mark(frame, layer)
        if self._pointed is not None:  # what lies under the mouse may be another number now
            self.hovered.emit(self._pointed())

    def _layer(self) -> Layer | None:
        index = self._session.layer
        return self._session.document.network.layers[index] if index >= 0 else None

    def _index(self) -> int:
        """The selected layer's place in the frame; -1 where the frame does not reach it."""
        frame, layer = self._frame, self._layer()
        if frame is None or layer is None or layer.name not in frame.result.network.names:
            return -1
        index = frame.result.network.names.index(layer.name)
        return index if index < len(frame.result.outputs) else -1

    def _show_without_layers(self, frame: Frame) -> None:
        self._show_picture(frame)
        self._middle.setCurrentWidget(self._words)
        self._words.show_words(
            "No layers", "Add a layer to see maps", "The Add button at the left, or Insert"
        )
        self.map.show_message("", "Maps appear here", self._display.colormap)
        self.input_view.mark(None, None)
        self.line_changed.emit("")

    def _show_picture(self, frame: Frame) -> None:
        rows, columns = frame.picture[0].shape[:2]
        title = f"<b>Picture</b> {columns} × {rows}"
        self.input.show_picture(title, frame.picture, frame.result.input[0], self._display.colormap)

    def _show_input(self, frame: Frame, layer: Layer) -> None:
        index, colormap = self._index(), self._display.colormap
        position = index if index >= 0 else self._session.layer
        if position == 0:
            self._show_picture(frame)
            return
        names = frame.result.network.names
        name = names[position - 1] if position <= len(names) else ""
        if position - 1 >= len(frame.result.outputs):
            self.input.show_message(f"<b>{escape(name)}</b>", f"Waiting for {name}", colormap)
            return
        view = frame.input_view(position)
        if view is None:
            values = frame.result.outputs[position - 1][0]
            if values.ndim == 1:
                self.input.show_numbers(f"<b>{escape(name)}</b> {len(values):,} numbers", values, colormap)
            return
        channel = min(self._input_channel(layer), len(view.maps) - 1)
        rows, columns = view.maps[channel].levels[0].shape
        of = f", #{channel} of {len(view.maps)}" if len(view.maps) > 1 else ""
        scale = self._display.scale(name, view, channel)
        self.input.show_map(
            f"<b>{escape(name)}</b> {columns} × {rows}{of}", view.maps[channel], scale, colormap
        )

    def _input_channel(self, layer: Layer) -> int:
        if not isinstance(layer, Conv2d) or not layer.enabled:
            return self._session.channel
        per_group = layer.out_channels // layer.groups or 1
        view = self._frame.input_view(self._session.layer) if self._frame else None
        group_size = len(view.maps) // layer.groups if view else 1
        return self.kernel.filter_index // per_group * group_size + self.kernel.channel

    def _show_map(self, frame: Frame, layer: Layer) -> None:
        index, colormap = self._index(), self._display.colormap
        view = frame.views[index] if index >= 0 else None
        if index >= 0 and frame.result.outputs[index].ndim == 2:
            values = frame.result.outputs[index][0]
            self.map.show_numbers(f"<b>{escape(layer.name)}</b> {len(values):,} numbers", values, colormap)
            self.map.bars.select(min(self._session.channel, len(values) - 1))
            return
        if view is None:
            if index < 0:
                self.map.show_message(f"<b>{escape(layer.name)}</b>", self._why_empty(frame), colormap)
            return
        channel = min(self._session.channel, len(view.maps) - 1)
        shown = view.maps[channel]
        rows, columns = shown.levels[0].shape
        named = frame.result.network.channel_name(index, channel)
        which = f"“{escape(named)}”" if named else f"#{channel}"
        scale = self._display.scale(layer.name, view, channel)
        share = clipped_share(shown.levels[min(1, len(shown.levels) - 1)], scale)
        clipped = f"{share:.1%} clipped" if share >= 0.0005 else ""
        title = f"<b>Map</b> {which}, {columns} × {rows}"
        self.map.show_map(title, shown, scale, colormap, shown.badge or clipped)
        count = len(view.maps)
        self.map.title.setToolTip(
            f"PyTorch (1, {count}, {rows}, {columns}), Keras (None, {rows}, {columns}, {count})"
        )

    def _why_empty(self, frame: Frame) -> str:
        error = frame.plan.error
        if error is None:
            return ""
        if error.index == self._session.layer:
            return error.message
        return f"Waiting for {error.layer_name}, which does not fit its input"

    def _show_middle(self, frame: Frame, layer: Layer) -> None:
        index = self._index()
        is_product = isinstance(layer, Conv2d) and layer.enabled
        self._times.setText("∗" if is_product else "→")
        self._equals.setText("=" if is_product else "→")
        if not layer.enabled:
            self._middle.setCurrentWidget(self._words)
            self._words.show_words(
                layer.name, "Bypassed", "Its input goes on unchanged; the eye on its card brings it back"
            )
        elif isinstance(layer, Conv2d):
            self._middle.setCurrentWidget(self.kernel)
            self.kernel.show_kernel()
        elif index < 0:
            self._middle.setCurrentWidget(self._words)
            self._words.show_words(layer.name, layer.summary)
        else:
            self._show_function(frame, layer, index)

    def _show_function(self, frame: Frame, layer: Layer, index: int) -> None:
        colormap, x = self._display.colormap, frame.result.input_of(index)
        view = frame.input_view(index)
        fitted = frame.result.layers[index]
        if isinstance(layer, MaxPool2d | AvgPool2d) and view is not None:
            channel = min(self._session.channel, len(view.maps) - 1)
            dot = self._dot()
            box = window_box(layer, shape_of(x), *dot) if dot else None
            if box is not None:
                self._middle.setCurrentWidget(self._pooling)
                name = frame.result.network.names[index - 1] if index else ""
                reach = self._display.scale(name, view, channel).magnitude
                self._pooling.show_window(layer, x[0, channel], box, reach, colormap)
            return
        if isinstance(layer, ElementwiseLayer):
            self._middle.setCurrentWidget(self._curve)
            channel = min(self._session.channel, x.shape[1] - 1)
            if x.ndim == 4:
                dot = self._dot()
                value = float(x[0, channel, dot[0], dot[1]]) if dot else 0.0
                levels = view.maps[channel].levels if view is not None else (x[0, channel],)
                self._curve.show_curve(layer, levels[min(1, len(levels) - 1)], value)
            else:
                self._curve.show_curve(layer, x, float(x[0, channel]))
            return
        if isinstance(fitted, Linear) and x.ndim == 2:
            self._middle.setCurrentWidget(self._weights)
            self._weights.show_weights(
                fitted, x[0], min(self._session.channel, fitted.out_features - 1), colormap
            )
            return
        self._middle.setCurrentWidget(self._words)
        sentences = "\n".join(layer.sentences(shape_of(x)))
        self._words.show_words(layer.type_name, layer.summary, sentences)

    # the dot

    def _dot(self) -> tuple[int, int] | None:
        """The marked output (row, column) of the selected layer."""
        index = self._index()
        if self._frame is None or index < 0 or self._frame.result.outputs[index].ndim != 4:
            return None
        rows, columns = self._frame.result.outputs[index].shape[2:]
        return (
            min(int(self._dot_share[0] * rows), rows - 1),
            min(int(self._dot_share[1] * columns), columns - 1),
        )

    def park_dot(self, row_share: float, column_share: float) -> None:
        """Put the dot at a share of the map's height and width."""
        self._dot_share = (row_share, column_share)
        self.refresh()

    def _mark(self, frame: Frame, layer: Layer) -> None:
        index, dot = self._index(), self._dot()
        box: Box | None = None
        if dot is not None:
            box = window_box(frame.result.layers[index], shape_of(frame.result.input_of(index)), *dot)
        self.input_view.mark(box, None)
        self.map_view.mark(None, dot)
        if index < 0:
            self.line_changed.emit("")
            return
        output = frame.result.outputs[index]
        channel = min(self._session.channel, output.shape[1] - 1)
        row, column = dot if dot is not None else (channel, 0)
        self.line_changed.emit(one_line(frame.result, index, channel, row, column))

    def _hover_map(self, row: int, column: int) -> None:
        rows, columns = self.map_view.picture_size
        if rows == 0:
            return
        self._dot_share = ((row + 0.5) / rows, (column + 0.5) / columns)
        self.probed.emit()
        frame, layer, index = self._frame, self._layer(), self._index()
        if frame is None or layer is None or index < 0:
            return
        self._point(partial(self._map_value, row, column))
        if layer.enabled and not isinstance(layer, Conv2d):
            self._show_middle(frame, layer)
        self._mark(frame, layer)

    def _hover_input(self, row: int, column: int) -> None:
        self._point(partial(self._input_value, row, column))

    def _point(self, describe: Callable[[], str]) -> None:
        self._pointed = describe
        self.hovered.emit(describe())

    def _map_value(self, row: int, column: int) -> str:
        frame, layer, index = self._frame, self._layer(), self._index()
        if frame is None or layer is None or index < 0:
            return ""
        output = frame.result.outputs[index]
        if output.ndim != 4 or row >= output.shape[2] or column >= output.shape[3]:
            return ""
        channel = min(self._session.channel, output.shape[1] - 1)
        return f"{layer.name}  x {column}  y {row}   {number(float(output[0, channel, row, column]))}"

    def _input_value(self, row: int, column: int) -> str:
        frame, index = self._frame, self._session.layer
        if frame is None:
            return ""
        view: LayerView | None = (
            frame.input_view(index) if 0 <= index <= len(frame.result.outputs) else frame.inputs
        )
        if view is None or row >= view.source.shape[2] or column >= view.source.shape[3]:
            return ""
        values = view.source[0, :, row, column]
        if index > 0:
            layer = self._layer()
            channel = min(self._input_channel(layer), len(values) - 1) if layer else 0
            values = values[channel : channel + 1]
        shown = "  ".join(number(float(value)) for value in values[:4])
        return f"{'input' if index else 'picture'}  x {column}  y {row}   {shown}"

    def _leave(self) -> None:
        self._pointed = None
        self.hovered.emit("")
