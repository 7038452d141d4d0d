"""How one output value came to be: the window it looked through and the terms it was made of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from explorer.engine import windows
from explorer.layers.activation import Softmax
from explorer.layers.convolution import Conv2d
from explorer.layers.fields import Array
from explorer.layers.forward import ForwardPass, shape_of
from explorer.layers.layer import ElementwiseLayer, Layer, Shape
from explorer.layers.linear import Linear
from explorer.layers.normalization import BatchNorm2d
from explorer.layers.pooling import AvgPool2d, GlobalAvgPool2d, GlobalMaxPool2d, MaxPool2d
from explorer.layers.sliding import SlidingLayer

_SHOWN_TERMS = 9

Numbers = npt.NDArray[np.floating]


@dataclass(frozen=True)
class Box:
    """Pixels of a layer's input, padding included: it may begin before 0 and end behind the last one."""

    top: int
    left: int
    height: int
    width: int


@dataclass(frozen=True)
class Term:
    """One product of a weighted sum."""

    weight: float
    value: float

    @property
    def product(self) -> float:
        """weight * value, in float64."""
        return self.weight * self.value


def window_box(layer: Layer, input_shape: Shape, row: int, column: int) -> Box | None:
    """What output (row, column) of a layer looks at in its input; None where it looks at everything."""
    if not layer.enabled:
        return Box(row, column, 1, 1)
    window = layer.window(input_shape)
    if window is None or len(input_shape) != 3:
        return None
    padding = layer.resolved_padding(input_shape) if isinstance(layer, SlidingLayer) else (0, 0, 0, 0)
    sizes = [window.dilation[a] * (window.kernel_size[a] - 1) + 1 for a in (0, 1)]
    return Box(
        row * window.stride[0] - padding[0], column * window.stride[1] - padding[2], sizes[0], sizes[1]
    )


def convolution_terms(layer: Conv2d, x: Array, channel: int, row: int, column: int) -> list[Term]:
    """Every product behind one value of a fitted convolution: channel by channel, row by row; padding is 0."""
    weights, values = _factors(layer, x, channel, row, column)
    return [Term(float(w), float(v)) for w, v in zip(weights, values, strict=True)]


def _factors(layer: Conv2d, x: Array, channel: int, row: int, column: int) -> tuple[Numbers, Numbers]:
    """The weights and the values that they are multiplied with."""
    box = window_box(layer, shape_of(x), row, column)
    if layer.weight is None or box is None:
        return np.zeros(0), np.zeros(0)
    kernel = layer.weight[channel]
    first = channel // (layer.out_channels // layer.groups) * kernel.shape[0]
    rows = box.top + np.arange(kernel.shape[1]) * layer.dilation[0]
    columns = box.left + np.arange(kernel.shape[2]) * layer.dilation[1]
    patch = _patch(x[0, first : first + kernel.shape[0]], rows, columns)
    return kernel.ravel(), patch.ravel()


def _patch(x: Array, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """x at rows and columns, 0 outside."""
    inside = ((rows >= 0) & (rows < x.shape[1]))[:, None] & ((columns >= 0) & (columns < x.shape[2]))
    picked = x[:, np.clip(rows, 0, x.shape[1] - 1)[:, None], np.clip(columns, 0, x.shape[2] - 1)]
    return np.where(inside, picked, 0.0)


def one_line(result: ForwardPass, index: int, channel: int, row: int, column: int) -> str:
    """One value of a layer's output as the sum, the choice or the function it is."""
    if index >= len(result.outputs):
        return ""
    layer, x, y = result.layers[index], result.input_of(index), result.outputs[index]
    if y.ndim == 2:
        value = float(y[0, min(row, y.shape[1] - 1)])
    else:
        value = float(y[0, channel, row, column])
    return f"This {'dot' if y.ndim == 4 else 'number'}: {_made_of(layer, x, channel, row, column)} = {number(value)}"


def _made_of(layer: Layer, x: Array, channel: int, row: int, column: int) -> str:
    if not layer.enabled:
        return "passed on unchanged"
    if isinstance(layer, Conv2d):
        return _sum(*_factors(layer, x, channel, row, column), _bias(layer, channel))
    if isinstance(layer, Linear) and layer.weight is not None:
        return _sum(layer.weight[row], x[0], _bias(layer, row))
    if isinstance(layer, MaxPool2d | AvgPool2d):
        return _pooled(layer, x, channel, row, column)
    if isinstance(layer, GlobalAvgPool2d | GlobalMaxPool2d):
        name = "mean" if isinstance(layer, GlobalAvgPool2d) else "maximum"
        return f"{name} of all {x.shape[2] * x.shape[3]:,} values of the map"
    if isinstance(layer, Softmax):
        shown = float(x[0, row]) if x.ndim == 2 else float(x[0, channel, row, column])
        return f"exp({number(shown)}) / sum of exp over {x.shape[1]} channels"
    if isinstance(layer, BatchNorm2d) and layer.running_mean is not None and x.ndim == 4:
        return (
            f"{number(float(x[0, channel, row, column]))} moved and scaled by channel {channel}'s statistics"
        )
    if isinstance(layer, ElementwiseLayer):
        shown = float(x[0, row]) if x.ndim == 2 else float(x[0, channel, row, column])
        return f"{layer.type_name}({number(shown)})"
    return "passed on, one after the other"


def _bias(layer: Conv2d | Linear, index: int) -> float:
    return float(layer.bias_values[index]) if layer.bias and layer.bias_values is not None else 0.0


def _sum(weights: Numbers, values: Numbers, bias: float) -> str:
    """The products as a sum; of many, the largest, and what the rest adds up to."""
    with np.errstate(all="ignore"):
        products = weights.astype(np.float64) * values
    shown = np.arange(products.size)
    if products.size > _SHOWN_TERMS:
        shown = np.flatnonzero(products != 0)
    hidden = shown.size - _SHOWN_TERMS + 1 if shown.size > _SHOWN_TERMS else 0
    rest = 0.0
    if hidden:  # a partition, not a sort: there may be a million terms, and somebody waits
        order = np.argpartition(np.abs(products[shown]), hidden)
        rest = float(products[shown[order[:hidden]]].sum())
        shown = np.sort(shown[order[hidden:]])
    text = " + ".join(f"{number(float(weights[i]))}×{number(float(values[i]))}" for i in shown) or "0"
    if hidden:
        text += f" + {hidden:,} more that sum to {number(rest)}"
    return text + (f" + bias {number(bias)}" if bias else "")


def _pooled(layer: MaxPool2d | AvgPool2d, x: Array, channel: int, row: int, column: int) -> str:
    box = window_box(layer, shape_of(x), row, column)
    if box is None:
        return ""
    dilation = layer.dilation if isinstance(layer, MaxPool2d) else (1, 1)
    top, bottom, left, right = _counted_padding(layer, shape_of(x))
    values = [
        float(x[0, channel, r, c]) if 0 <= r < x.shape[2] and 0 <= c < x.shape[3] else 0.0
        for r in range(box.top, box.top + box.height, dilation[0])
        for c in range(box.left, box.left + box.width, dilation[1])
        if -top <= r < x.shape[2] + bottom and -left <= c < x.shape[3] + right
    ]
    name = "maximum" if isinstance(layer, MaxPool2d) else "mean"
    if not values:
        return f"{name} of padding only"
    shown = ", ".join(number(value) for value in values[:_SHOWN_TERMS])
    more = f" and {len(values) - _SHOWN_TERMS} more" if len(values) > _SHOWN_TERMS else ""
    return f"{name} of {shown}{more}"


def _counted_padding(layer: MaxPool2d | AvgPool2d, input_shape: Shape) -> windows.Padding:
    """The padding whose zeros count in a mean."""
    if isinstance(layer, AvgPool2d) and layer.count_include_pad and layer.padding != "same":
        return layer.resolved_padding(input_shape)
    return 0, 0, 0, 0


def number(value: float) -> str:
    """A number in as few characters as say it: three significant digits, minus as −."""
    if value != value:
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "∞" if value > 0 else "−∞"
    if value == int(value) and abs(value) < 10_000:
        text = str(int(value))
    elif abs(value) >= 9999.5 or abs(value) < 0.001:
        text = f"{value:.1e}".replace("e+0", "e").replace("e-0", "e-").replace("e+", "e")
    elif abs(value) >= 999.5:  # .3g would write 1.23e+03
        text = f"{value:.0f}"
    else:
        text = f"{value:.3g}"
    return text.replace("-", "−")
