"""Which kernel is under the brush, and every edit of it: one place that turns numbers into documents."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QObject, Signal

from explorer.document import edits
from explorer.document.document import Document
from explorer.layers import initializers, kernel_arithmetic
from explorer.layers.convolution import Conv2d
from explorer.layers.fields import Array, Size
from explorer.live.session import Session, new_gesture

_EDITED = " (edited)"


class SelectedKernel(QObject):
    """Filter f and input channel c (or all channels at once) of the selected convolution.

    ``also`` are the filters that the sheet of maps has selected; arithmetic and channels apply to all of them.

    Signals
    -------
    message(sentence)
        Something cannot be done.
    channel_changed()
        Another input channel is shown, or all.
    overtaken()
        The document changed, and not by what is tried out here.
    """

    message = Signal(str)
    channel_changed = Signal()
    overtaken = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._fitted: Conv2d | None = None
        self._fit_key: tuple[object, ...] = ()
        self._preview: int | None = None
        self._trying = False
        self.channel = 0
        self.all_channels = False
        self.also: tuple[int, ...] = ()
        session.document_changed.connect(self._follow)

    # what is selected

    def fitted(self) -> Conv2d | None:
        """The selected convolution with the weights it runs with; None where there is none that fits."""
        document, index = self._session.document, self._session.layer
        layer = document.network.layers[index] if index >= 0 else None
        if not isinstance(layer, Conv2d):
            return None
        shape = document.network.plan(document.input_shape).input(index)
        if shape is None or len(shape) != 3 or shape[0] % layer.groups or shape[0] < layer.groups:
            return None
        if not self._fit_key or self._fit_key[0] is not layer or self._fit_key[1] != shape[0]:
            self._fitted, self._fit_key = layer.fit(shape), (layer, shape[0])
        return self._fitted

    @property
    def filter_index(self) -> int:
        """The selected filter, which is the selected map."""
        layer = self.fitted()
        return min(self._session.channel, layer.out_channels - 1) if layer else 0

    @property
    def filters(self) -> tuple[int, ...]:
        """The filters that arithmetic applies to: those selected on the sheet, or the one on the stage."""
        layer, current = self.fitted(), self.filter_index
        chosen = tuple(index for index in self.also if layer is not None and index < layer.out_channels)
        return chosen if current in chosen else (current,)

    def weights(self) -> Array | None:
        """The selected filter (channels, rows, columns)."""
        layer = self.fitted()
        return None if layer is None or layer.weight is None else layer.weight[self.filter_index]

    def values(self) -> Array | None:
        """The kernel on the grid (rows, columns): of one channel, or the mean of all."""
        weights = self.weights()
        if weights is None:
            return None
        mean: Array = weights.mean(axis=0)
        return mean if self.all_channels else weights[min(self.channel, len(weights) - 1)]

    def set_channel(self, channel: int) -> None:
        """Show the kernel for another input channel; behind the last one comes the first."""
        weights = self.weights()
        if weights is not None:
            self.channel = channel % len(weights)
            self.channel_changed.emit()

    def set_all_channels(self, everything: bool) -> None:
        """Edit one input channel, or all at once."""
        self.all_channels = everything
        self.channel_changed.emit()

    # edits

    def paint(self, values: Array, text: str, gesture: int | None) -> None:
        """Other numbers on the grid."""
        fitted, shown = self.fitted(), self.values()
        if fitted is None or fitted.weight is None or shown is None or values.shape != shown.shape:
            return
        weight = fitted.weight.copy()
        if self.all_channels:  # what was not painted stays as different from channel to channel as it is
            painted = values != shown
            weight[self.filter_index][:, painted] = values[painted]
        else:
            weight[self.filter_index, self.channel] = values
        self._replace(self._renamed(self._layer().with_weight(weight), (self.filter_index,)), text, gesture)

    def set_kernel(self, values: Array, name: str, text: str) -> None:
        """Numbers of any size in place of the kernel, in the shown channel or in all; the layer's size follows."""
        size = values.shape[0], values.shape[1]
        fitted = self._resized(size)
        if fitted is None or fitted.weight is None:
            return
        weight = fitted.weight.copy()
        weight[self.filter_index, slice(None) if self.all_channels else self.channel] = values
        layer = replace(self._layer(), kernel_size=size).with_weight(weight, whole=True)
        if name:
            layer = layer.with_filter_name(self.filter_index, name)
        else:
            layer = self._renamed(layer, (self.filter_index,))
        self._replace(layer, text)

    def change(self, arithmetic: Callable[[Array], Array], text: str) -> None:
        """Arithmetic on the shown kernel (or all channels) of every chosen filter; a refusal changes nothing.

        Where it makes columns of rows it applies to the whole layer, which has one kernel size.
        """
        fitted = self.fitted()
        if fitted is None or fitted.weight is None:
            return
        try:
            part = slice(None) if self.all_channels else self.channel
            results = {index: arithmetic(fitted.weight[index, part]) for index in self.filters}
            size = next(iter(results.values())).shape[-2:]
            if size != fitted.kernel_size:
                resized = replace(self._layer(), kernel_size=(int(size[0]), int(size[1])))
                layer = resized.with_weight(arithmetic(fitted.weight))
                changed: tuple[int, ...] = tuple(range(fitted.out_channels))
            else:
                weight = fitted.weight.copy()
                for index, result in results.items():
                    weight[index, part] = result
                if np.array_equal(weight, fitted.weight):
                    return
                layer, changed = self._layer().with_weight(weight), tuple(results)
        except ValueError as error:
            self.message.emit(str(error))
            return
        self._replace(self._renamed(layer, changed), text)

    def copy_to_all_channels(self, *, grey: bool) -> None:
        """The shown kernel in every input channel; ``grey`` divides it by their number."""
        fitted = self.fitted()
        if fitted is None or fitted.weight is None:
            return
        weight = fitted.weight.copy()
        for index in self.filters:
            part = weight[index]
            kernel = part.mean(axis=0) if self.all_channels else part[self.channel].copy()
            weight[index] = kernel / len(part) if grey else kernel
        text = "Same kernel in all channels, as for grey" if grey else "Same kernel in all channels"
        self._replace(self._renamed(self._layer().with_weight(weight), self.filters), text)

    def randomize(self) -> None:
        """Other random weights for the chosen filters, by the layer's initialiser."""
        fitted = self.fitted()
        if fitted is None or fitted.weight is None:
            return
        weight, layer = fitted.weight.copy(), self._layer()
        channels = slice(None) if self.all_channels else self.channel
        for index in self.filters:
            seed = int(np.random.default_rng().integers(2**31))
            weight[index, channels] = initializers.initial(fitted.initializer, seed, weight.shape)[
                0, channels
            ]
            layer = layer.with_filter_name(index, "random")
        self._replace(layer.with_weight(weight), "Random kernel")

    def set_size(self, size: Size) -> None:
        """Another kernel size; what was drawn stays in the middle."""
        layer = self.fitted()
        if layer is not None and layer.kernel_size != size:
            self._replace(replace(self._layer(), kernel_size=size), "Kernel size")

    def set_bias(self, value: float) -> None:
        """Another bias for the selected filter."""
        fitted = self.fitted()
        if fitted is not None and fitted.bias_values is not None:
            bias = fitted.bias_values.copy()
            bias[self.filter_index] = value
            self._replace(self._layer().with_bias_values(bias), "Bias")

    def map_range(self, low: float, high: float) -> tuple[float, float]:
        """What the selected map can reach for inputs within ``low`` to ``high``."""
        fitted, weights = self.fitted(), self.weights()
        if fitted is None or weights is None:
            return 0.0, 0.0
        bias = 0.0
        if fitted.bias and fitted.bias_values is not None:
            bias = float(fitted.bias_values[self.filter_index])
        return kernel_arithmetic.map_range(weights, bias, min(low, 0.0), max(high, 0.0))

    # trying out

    def preview(self, values: Array, names: Mapping[int, str], text: str) -> None:
        """Show what (rows, columns) for the kernel or (out, in, rows, columns) for the layer would do.

        The document really changes, so every layer follows; :meth:`end_preview` keeps that or takes it back.
        """
        fitted = self.fitted()
        if fitted is None or fitted.weight is None:
            return
        if self._preview is None:
            self._preview = new_gesture()
        weight = fitted.weight.copy()
        if values.ndim == 4:
            weight[:] = values
        else:
            weight[self.filter_index, slice(None) if self.all_channels else self.channel] = values
        layer = self._layer().with_weight(weight, whole=True)
        for index, name in names.items():
            layer = layer.with_filter_name(index, name)
        self._trying = True
        self._replace(layer, text, self._preview)
        self._trying = False
        self._session.finish_gesture()  # nothing is under the hand: scales may follow

    def end_preview(self, *, keep: bool) -> None:
        """The choice was made, or given up."""
        gesture, self._preview = self._preview, None
        if gesture is not None and not keep:
            self._trying = True
            self._session.cancel(gesture)
            self._trying = False

    def _follow(self) -> None:
        """After another edit a preview cannot be taken back on its own: it is a step like others from now on."""
        if not self._trying:
            self._preview = None
            self.overtaken.emit()

    # inside

    def _layer(self) -> Conv2d:
        layer = self._session.document.network.layers[self._session.layer]
        assert isinstance(layer, Conv2d)
        return layer

    def _resized(self, size: Size) -> Conv2d | None:
        """The selected convolution as it would run with another kernel size."""
        document, index = self._session.document, self._session.layer
        if self.fitted() is None:
            return None
        shape = document.network.plan(document.input_shape).input(index)
        return None if shape is None else replace(self._layer(), kernel_size=size).fit(shape)

    def _renamed(self, layer: Conv2d, filters: tuple[int, ...]) -> Conv2d:
        """A filter with a name says that it is no longer what it was called after."""
        for index in filters:
            name = layer.filter_name(index)
            if name and not name.endswith(_EDITED) and name != "random":
                layer = layer.with_filter_name(index, name + _EDITED)
        return layer

    def _replace(self, layer: Conv2d, text: str, gesture: int | None = None) -> None:
        session = self._session
        after: Document = edits.replace_layer(session.document, session.layer, layer)
        session.edit(after, text, gesture)
