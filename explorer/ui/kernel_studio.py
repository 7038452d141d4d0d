"""What opens around the kernel: presets with previews, correlation or convolution, text, and the kernel's response."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QObject, QPoint
from PySide6.QtWidgets import QWidget

from explorer.imaging.preprocess import white_of
from explorer.imaging.rendering import finite_scale
from explorer.layers import kernel_arithmetic
from explorer.layers.convolution import Conv2d
from explorer.layers.explanation import convolution_terms
from explorer.layers.fields import Array
from explorer.live.compute import Frame, LiveCompute
from explorer.live.previews import preview_maps
from explorer.ui import imagery
from explorer.ui.display import Display
from explorer.ui.flip_popover import FlipPopover
from explorer.ui.kernel_panel import KernelPanel
from explorer.ui.kernel_text import KernelText
from explorer.ui.presets_popover import PresetsPopover
from explorer.ui.response_page import ResponsePage
from explorer.ui.stage import Stage

_SIDE_JOB = "presets"


class KernelStudio(QObject):
    """Connects the kernel on the stage with its popovers and with the compute thread."""

    def __init__(
        self, stage: Stage, display: Display, compute: LiveCompute, text: KernelText, window: QWidget
    ) -> None:
        super().__init__(window)
        self._stage = stage
        self._panel: KernelPanel = stage.kernel
        self._display = display
        self._compute = compute
        self._frame: Frame | None = None
        self.presets = PresetsPopover(window)
        self.flip = FlipPopover(self._panel.selected, window)
        self.response = ResponsePage()
        self._connect(text)

    def _connect(self, text: KernelText) -> None:
        panel, presets, kernel = self._panel, self.presets, self._panel.selected
        panel.presets_requested.connect(self.open_presets)
        panel.flip_requested.connect(self.open_flip)
        panel.copy_requested.connect(text.copy)
        panel.paste_requested.connect(text.paste)
        panel.shown.connect(self.show_response)
        text.fill(panel.menu)
        presets.previewed.connect(self._preview)
        presets.chosen.connect(self._chosen)
        presets.cancelled.connect(partial(kernel.end_preview, keep=False))
        presets.maps_wanted.connect(self._want_maps)
        kernel.overtaken.connect(presets.close)  # what it offers may no longer fit
        self._compute.side_done.connect(self._maps_ready)

    def show_frame(self, frame: Frame, index: int) -> None:
        """Follow the maps of the selected layer: the range of its inputs, and the pieces for previews."""
        self.show_response()
        self._frame = frame
        view = frame.input_view(index) if 0 <= index <= len(frame.result.outputs) else None
        if view is not None:
            low, high = min(one.minimum for one in view.maps), max(one.maximum for one in view.maps)
            white = white_of(frame.document.image, frame.document.preprocess)
            if index == 0 and white is not None and low >= 0 and high <= white:
                low, high = 0.0, white  # a picture may hold any value up to white
            self._panel.set_input_range(low, high)

    # presets

    def open_presets(self) -> None:
        """Kernels and banks with a name."""
        layer = self._panel.selected.fitted()
        if layer is not None and layer.weight is not None:
            out, channels, rows, columns = layer.weight.shape
            shape = (out, channels, rows, columns)
            present = layer.filter_name(self._panel.selected.filter_index)
            self.presets.open_for(self._panel.presets_button, shape, self._display.colormap, present)

    def _preview(self, values: Array | None) -> None:
        kernel = self._panel.selected
        if values is None:
            kernel.end_preview(keep=False)
        else:
            kernel.preview(values, {}, "Preset")

    def _chosen(self, text: str, values: Array, names: Sequence[str]) -> None:
        kernel = self._panel.selected
        places = range(len(names)) if values.ndim == 4 else (kernel.filter_index,)
        kernel.preview(values, dict(zip(places, names, strict=False)), text)
        kernel.end_preview(keep=True)

    def _want_maps(self, kernels: tuple[tuple[str, Array], ...]) -> None:
        frame, kernel, dot = self._frame, self._panel.selected, self._stage.dot()
        index = self._stage.scene.index_in(frame) if frame is not None else -1
        if frame is None or dot is None or index < 0:
            return
        place = (kernel.filter_index, None if kernel.all_channels else kernel.channel)
        work = partial(preview_maps, frame.result, index, place, dot, dict(kernels))
        self._compute.side(_SIDE_JOB, work)

    def _maps_ready(self, kind: str, maps: object) -> None:
        if kind == _SIDE_JOB and isinstance(maps, dict):
            colormap = self._display.colormap
            self.presets.show_maps(
                {name: imagery.map_image(one, finite_scale(one), colormap) for name, one in maps.items()}
            )

    # correlation or convolution

    def open_flip(self) -> None:
        """The kernel as it is and turned by 180°."""
        button = self._panel.flip_button
        place = button.mapToGlobal(QPoint(button.width() - self.flip.width(), -6))
        self.flip.open_at(place, self._display.colormap, self._panel.grid.reach, self._at_dot())

    def _at_dot(self) -> tuple[float, float] | None:
        """The value at the dot by correlation, and by convolution."""
        frame, dot = self._frame, self._stage.dot()
        index = self._stage.scene.index_in(frame) if frame is not None else -1
        layer = frame.result.layers[index] if frame is not None and index >= 0 else None
        if frame is None or dot is None or not isinstance(layer, Conv2d) or layer.weight is None:
            return None
        kernel, x = self._panel.selected, frame.result.input_of(index)
        turned = layer.weight.copy()
        part = (kernel.filter_index, slice(None) if kernel.all_channels else kernel.channel)
        if kernel.filter_index >= len(turned) or kernel.channel >= turned.shape[1]:
            return None
        turned[part] = kernel_arithmetic.turned(turned[part])
        here, there = (
            sum(term.product for term in convolution_terms(one, x, kernel.filter_index, *dot))
            for one in (layer, replace(layer, weight=turned))
        )
        return here, there

    # response

    def show_response(self) -> None:
        """The response of the kernel under the brush; the page computes it when it is looked at."""
        has_kernel = self._panel.selected.weights() is not None
        self.response.show_words("" if has_kernel else "Select a convolution: other layers have no kernel.")
        self.response.show_kernel(self._panel.grid.values, self._display.colormap)
