"""A layer as the line that makes it in PyTorch; what PyTorch cannot say exactly ends in a comment.

Uneven padding is written as a layer of its own before the convolution, as both stand in ``nn.Sequential``.
"""

from __future__ import annotations

from collections.abc import Callable

from explorer.interop.code import call, commented, short, side_padding, symmetric, unless
from explorer.layers import (
    ELU,
    GELU,
    AvgPool2d,
    BatchNorm2d,
    Conv2d,
    Flatten,
    GlobalAvgPool2d,
    GlobalMaxPool2d,
    Layer,
    LeakyReLU,
    Linear,
    MaxPool2d,
    ReLU,
    Sigmoid,
    SiLU,
    Softmax,
    Softplus,
    Tanh,
)
from explorer.layers.layer import Shape
from explorer.layers.sliding import SlidingLayer


def pytorch_line(layer: Layer, input_shape: Shape | None) -> str:
    """The layer in PyTorch; an input of unknown shape gives the lazy form."""
    writer = _WRITERS.get(type(layer))
    return f"# {layer.type_name} has no equivalent" if writer is None else writer(layer, input_shape)


def _channels(input_shape: Shape | None) -> int | None:
    return input_shape[0] if input_shape is not None and len(input_shape) == 3 else None


def _for_this_size(layer: SlidingLayer) -> str:
    """What to say where "same" was written as numbers."""
    depends = layer.padding == "same" and layer.sliding_window.stride != (1, 1)
    return "padding='same' for this input size" if depends else ""


def _conv2d(layer: Layer, input_shape: Shape | None) -> str:
    assert isinstance(layer, Conv2d)
    sides, comment, before = side_padding(layer, input_shape), _for_this_size(layer), ""
    padding: object = None
    if layer.padding == "same" and layer.stride == (1, 1):
        padding = "same"
    elif layer.padding == "valid":
        padding = "valid"
    elif sides is None:
        comment = "padding='same' with a stride has no equivalent"
    elif symmetric(sides):
        padding = unless(short((sides[0], sides[2])), 0)
    else:
        top, bottom, left, right = sides
        before = f"nn.ZeroPad2d({(left, right, top, bottom)}), "
    channels = _channels(input_shape)
    line = call(
        "nn.LazyConv2d" if channels is None else "nn.Conv2d",
        *([] if channels is None else [channels]),
        layer.out_channels,
        kernel_size=short(layer.kernel_size),
        stride=unless(short(layer.stride), 1),
        padding=padding,
        dilation=unless(short(layer.dilation), 1),
        groups=unless(layer.groups, 1),
        bias=unless(layer.bias, True),
    )
    return commented(before + line, comment)


def _pooling(layer: Layer, input_shape: Shape | None) -> str:
    assert isinstance(layer, MaxPool2d | AvgPool2d)
    sides, comment = side_padding(layer, input_shape), _for_this_size(layer)
    same = layer.padding == "same"
    padding: object = None
    if sides is None:
        comment = "padding='same' has no equivalent"
    elif not symmetric(sides):
        comment = f"padding {sides} (top, bottom, left, right) has no equivalent"
    elif 2 * sides[0] > layer.kernel_size[0] or 2 * sides[2] > layer.kernel_size[1]:
        comment = f"padding {short((sides[0], sides[2]))} has no equivalent: at most half the window"
    else:
        padding = unless(short((sides[0], sides[2])), 0)
    average = isinstance(layer, AvgPool2d)
    uncounted = isinstance(layer, AvgPool2d) and (same or not layer.count_include_pad) and padding is not None
    line = call(
        "nn.AvgPool2d" if average else "nn.MaxPool2d",
        short(layer.kernel_size),
        stride=None if layer.stride is None else unless(short(layer.stride), short(layer.kernel_size)),
        padding=padding,
        dilation=unless(short(layer.dilation), 1) if isinstance(layer, MaxPool2d) else None,
        ceil_mode=unless(layer.rounds_up, False),
        count_include_pad=False if uncounted else None,
    )
    return commented(line, comment)


def _linear(layer: Layer, input_shape: Shape | None) -> str:
    assert isinstance(layer, Linear)
    known = input_shape is not None and len(input_shape) == 1
    return call(
        "nn.Linear" if known else "nn.LazyLinear",
        *(input_shape if known and input_shape is not None else ()),
        layer.out_features,
        bias=unless(layer.bias, True),
    )


def _batch_norm(layer: Layer, input_shape: Shape | None) -> str:
    assert isinstance(layer, BatchNorm2d)
    size = "1d" if input_shape is not None and len(input_shape) == 1 else "2d"
    return call(
        f"nn.{'Lazy' if input_shape is None else ''}BatchNorm{size}",
        *(() if input_shape is None else input_shape[:1]),
        eps=unless(layer.eps, 1e-5),
    )


def _activation(layer: Layer, input_shape: Shape | None) -> str:
    name = f"nn.{layer.type_name}"
    if isinstance(layer, LeakyReLU):
        return call(name, negative_slope=unless(layer.negative_slope, 0.01))
    if isinstance(layer, ELU):
        return call(name, alpha=unless(layer.alpha, 1.0))
    if isinstance(layer, GELU):
        return call(name, approximate=unless(layer.approximate, "none"))
    return call(name, dim=1) if isinstance(layer, Softmax) else call(name)


def _global(layer: Layer, input_shape: Shape | None) -> str:
    return "nn.AdaptiveAvgPool2d(1)" if isinstance(layer, GlobalAvgPool2d) else "nn.AdaptiveMaxPool2d(1)"


def _flatten(layer: Layer, input_shape: Shape | None) -> str:
    return "nn.Flatten()"


_WRITERS: dict[type[Layer], Callable[[Layer, Shape | None], str]] = {
    Conv2d: _conv2d,
    MaxPool2d: _pooling,
    AvgPool2d: _pooling,
    GlobalAvgPool2d: _global,
    GlobalMaxPool2d: _global,
    BatchNorm2d: _batch_norm,
    Flatten: _flatten,
    Linear: _linear,
    **dict.fromkeys((ReLU, LeakyReLU, Sigmoid, Tanh, Softmax, ELU, SiLU, GELU, Softplus), _activation),
}
