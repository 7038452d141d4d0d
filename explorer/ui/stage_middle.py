"""The middle of the stage: the kernel, or what a layer without one does."""

from __future__ import annotations

from PySide6.QtWidgets import QStackedWidget, QWidget

from explorer.layers.convolution import Conv2d
from explorer.layers.explanation import window_box
from explorer.layers.forward import shape_of
from explorer.layers.layer import ElementwiseLayer, Layer
from explorer.layers.linear import Linear
from explorer.layers.pooling import AvgPool2d, MaxPool2d
from explorer.live.compute import Frame
from explorer.live.session import Session
from explorer.ui.display import Display
from explorer.ui.kernel_panel import KernelPanel
from explorer.ui.middle import CurvePanel, PoolingPanel, WeightsPanel, WordsPanel
from explorer.ui.stage_scene import Scene


class Middle(QStackedWidget):
    """Shows what turns the input into the map."""

    def __init__(
        self,
        session: Session,
        display: Display,
        kernel: KernelPanel,
        scene: Scene,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._display, self._scene = session, display, scene
        self.kernel = kernel
        self.pooling, self.curve = PoolingPanel(), CurvePanel()
        self.weights, self.words = WeightsPanel(), WordsPanel()
        for panel in (kernel, self.pooling, self.curve, self.weights, self.words):
            self.addWidget(panel)

    def show_words(self, title: str, words: str, sentence: str = "") -> None:
        """Show a sentence."""
        self.setCurrentWidget(self.words)
        self.words.show_words(title, words, sentence)

    def show_layer(self, frame: Frame, layer: Layer) -> None:
        """Show what the selected layer does."""
        index = self._scene.index()
        if not layer.enabled:
            self.show_words(
                layer.name, "Bypassed", "Its input goes on unchanged; the eye on its card brings it back"
            )
        elif isinstance(layer, Conv2d):
            self.setCurrentWidget(self.kernel)
            self.kernel.show_kernel()
        elif index < 0:
            self.show_words(layer.name, layer.summary)
        else:
            self._show_function(frame, layer, index)

    def _show_function(self, frame: Frame, layer: Layer, index: int) -> None:
        colormap, x = self._display.colormap, frame.result.input_of(index)
        fitted = frame.result.layers[index]
        if isinstance(layer, MaxPool2d | AvgPool2d) and frame.input_view(index) is not None:
            self._show_pooling(frame, layer, index)
        elif isinstance(layer, ElementwiseLayer):
            self._show_curve(frame, layer, index)
        elif isinstance(fitted, Linear) and x.ndim == 2:
            self.setCurrentWidget(self.weights)
            self.weights.show_weights(
                fitted, x[0], min(self._session.channel, fitted.out_features - 1), colormap
            )
        else:
            self.show_words(layer.type_name, layer.summary, "\n".join(layer.sentences(shape_of(x))))

    def _show_pooling(self, frame: Frame, layer: MaxPool2d | AvgPool2d, index: int) -> None:
        view, x = frame.input_view(index), frame.result.input_of(index)
        dot = self._scene.dot()
        box = window_box(layer, shape_of(x), *dot) if dot else None
        if view is None or box is None:
            return
        self.setCurrentWidget(self.pooling)
        channel = min(self._session.channel, len(view.maps) - 1)
        name = frame.result.network.names[index - 1] if index else ""
        reach = self._display.scale(name, view, channel).magnitude
        self.pooling.show_window(layer, x[0, channel], box, reach, self._display.colormap)

    def _show_curve(self, frame: Frame, layer: ElementwiseLayer, index: int) -> None:
        view, x = frame.input_view(index), frame.result.input_of(index)
        self.setCurrentWidget(self.curve)
        channel = min(self._session.channel, x.shape[1] - 1)
        if x.ndim == 4:
            dot = self._scene.dot()
            value = float(x[0, channel, dot[0], dot[1]]) if dot else 0.0
            levels = view.maps[channel].levels if view is not None else (x[0, channel],)
            self.curve.show_curve(layer, levels[min(1, len(levels) - 1)], value)
        else:
            self.curve.show_curve(layer, x, float(x[0, channel]))
