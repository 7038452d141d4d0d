"""A layer as the line that makes it in Keras; what Keras cannot say exactly ends in a comment.

Padding in numbers is written as a layer of its own before, as both stand in ``keras.Sequential``.
"""

from __future__ import annotations

from collections.abc import Callable

from explorer.interop.code import ANY, call, commented, is_same, short, symmetric, unless
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


def keras_line(layer: Layer, input_shape: Shape | None) -> str:
    """The layer in Keras, whose data have their channels last."""
    writer = _WRITERS.get(type(layer))
    return f"# {layer.type_name} has no equivalent" if writer is None else writer(layer, input_shape)


def _padding(layer: SlidingLayer, same: bool) -> str | None:
    return "same" if same else "valid" if layer.padding == "valid" else None


def _conv2d(layer: Layer, input_shape: Shape | None) -> str:
    assert isinstance(layer, Conv2d)
    same = is_same(layer)
    strided = layer.stride != (1, 1) and layer.dilation != (1, 1)
    line = call(
        "layers.Conv2D",
        layer.out_channels,
        short(layer.kernel_size),
        strides=unless(short(layer.stride), 1),
        padding=_padding(layer, same),
        dilation_rate=unless(short(layer.dilation), 1),
        groups=unless(layer.groups, 1),
        use_bias=unless(layer.bias, True),
        kernel_initializer=unless(layer.initializer, "glorot_uniform"),
    )
    return commented(
        _zeros(layer, same) + line, "Keras takes no stride beside a dilation_rate" if strided else ""
    )


def _zeros(layer: SlidingLayer, same: bool) -> str:
    """The layer of zeros before one that is not padded by "same"."""
    sides = layer.resolved_padding(ANY)
    if same or not any(sides):
        return ""
    top, bottom, left, right = sides
    pairs = short((top, left)) if symmetric(sides) else ((top, bottom), (left, right))
    return f"layers.ZeroPadding2D({pairs}), "


def _pooling(layer: Layer, input_shape: Shape | None) -> str:
    assert isinstance(layer, MaxPool2d | AvgPool2d)
    average = isinstance(layer, AvgPool2d)
    counted = isinstance(layer, AvgPool2d) and layer.count_include_pad
    sides = layer.resolved_padding(ANY)
    # Keras's "same" never counts what it adds, so numbers that are counted take a layer of their own.
    same = layer.padding == "same" or (is_same(layer) and not counted)
    zeros, comments = "", []
    if not same and any(sides):
        if counted:
            zeros = _zeros(layer, same)
        else:
            shown = short((sides[0], sides[2])) if symmetric(sides) else sides
            comments.append(f"padding {shown} has no equivalent")
    if isinstance(layer, MaxPool2d) and layer.dilation != (1, 1):
        comments.append(f"dilation {short(layer.dilation)} has no equivalent")
    if layer.rounds_up:
        comments.append("ceil_mode has no equivalent")
    line = call(
        "layers.AveragePooling2D" if average else "layers.MaxPooling2D",
        short(layer.kernel_size),
        strides=None if layer.stride is None else unless(short(layer.stride), short(layer.kernel_size)),
        padding=_padding(layer, same),
    )
    return commented(zeros + line, *comments)


def _linear(layer: Layer, input_shape: Shape | None) -> str:
    assert isinstance(layer, Linear)
    return call(
        "layers.Dense",
        layer.out_features,
        use_bias=unless(layer.bias, True),
        kernel_initializer=unless(layer.initializer, "glorot_uniform"),
    )


def _activation(layer: Layer, input_shape: Shape | None) -> str:
    if isinstance(layer, LeakyReLU):
        return call("layers.LeakyReLU", negative_slope=layer.negative_slope)
    if isinstance(layer, ELU):
        return call("layers.ELU", alpha=unless(layer.alpha, 1.0))
    if isinstance(layer, ReLU | Softmax):
        return f"layers.{layer.type_name}()"
    tanh = isinstance(layer, GELU) and layer.approximate == "tanh"
    return commented(
        call("layers.Activation", repr(layer.base_name)),
        "approximate='tanh' has no equivalent" if tanh else "",
    )


def _batch_norm(layer: Layer, input_shape: Shape | None) -> str:
    assert isinstance(layer, BatchNorm2d)
    return call("layers.BatchNormalization", epsilon=layer.eps)


def _global(layer: Layer, input_shape: Shape | None) -> str:
    kind = "Average" if isinstance(layer, GlobalAvgPool2d) else "Max"
    return f"layers.Global{kind}Pooling2D(keepdims=True)"


def _flatten(layer: Layer, input_shape: Shape | None) -> str:
    one_order = input_shape is not None and (
        len(input_shape) == 1 or 1 in (input_shape[0], input_shape[1] * input_shape[2])
    )
    return commented("layers.Flatten()", "" if one_order else "in Keras's order, channels last")


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
