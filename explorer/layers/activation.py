"""Activation layers: a function of each number by itself, and Softmax."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from explorer import engine
from explorer.jit import CancelFlag
from explorer.layers.fields import Array, choice_field, float_field
from explorer.layers.layer import Channels, ElementwiseLayer, Layer, Shape, Window

_Channels = list[int] | None


@dataclass(frozen=True, eq=False, kw_only=True)
class ReLU(ElementwiseLayer):
    """max(0, x), element by element."""

    type_name: ClassVar[str] = "ReLU"
    base_name: ClassVar[str] = "relu"
    group: ClassVar[str] = "Activation"
    summary: ClassVar[str] = "max(0, x): what is negative becomes 0"
    dialects: ClassVar[str] = "PyTorch nn.ReLU, Keras activation='relu', Chainer F.relu"

    def function(self, x: Array, out: Array | None, channels: _Channels, cancel: CancelFlag | None) -> Array:
        return engine.relu(x, out=out, channels=channels, cancel=cancel)


@dataclass(frozen=True, eq=False, kw_only=True)
class LeakyReLU(ElementwiseLayer):
    """max(x, negative_slope * x), element by element."""

    type_name: ClassVar[str] = "LeakyReLU"
    base_name: ClassVar[str] = "leaky_relu"
    group: ClassVar[str] = "Activation"
    summary: ClassVar[str] = "What is negative is made small, not 0"
    dialects: ClassVar[str] = "PyTorch nn.LeakyReLU, Keras LeakyReLU (its slope is 0.3 by default)"

    negative_slope: float = float_field(
        0.01,
        "Slope below 0",
        "negative_slope: what negative values are multiplied with (Chainer: slope; older Keras: alpha)",
        minimum=0.0,
        maximum=1.0,
    )

    def function(self, x: Array, out: Array | None, channels: _Channels, cancel: CancelFlag | None) -> Array:
        return engine.leaky_relu(x, self.negative_slope, out=out, channels=channels, cancel=cancel)


@dataclass(frozen=True, eq=False, kw_only=True)
class Sigmoid(ElementwiseLayer):
    """1 / (1 + exp(-x)), element by element."""

    type_name: ClassVar[str] = "Sigmoid"
    base_name: ClassVar[str] = "sigmoid"
    group: ClassVar[str] = "Activation"
    summary: ClassVar[str] = "1 / (1 + exp(-x)): everything between 0 and 1"
    dialects: ClassVar[str] = "PyTorch nn.Sigmoid, Keras activation='sigmoid', Chainer F.sigmoid"

    def function(self, x: Array, out: Array | None, channels: _Channels, cancel: CancelFlag | None) -> Array:
        return engine.sigmoid(x, out=out, channels=channels, cancel=cancel)


@dataclass(frozen=True, eq=False, kw_only=True)
class Tanh(ElementwiseLayer):
    """tanh(x), element by element."""

    type_name: ClassVar[str] = "Tanh"
    base_name: ClassVar[str] = "tanh"
    group: ClassVar[str] = "Activation"
    summary: ClassVar[str] = "tanh(x): everything between -1 and 1"
    dialects: ClassVar[str] = "PyTorch nn.Tanh, Keras activation='tanh', Chainer F.tanh"

    def function(self, x: Array, out: Array | None, channels: _Channels, cancel: CancelFlag | None) -> Array:
        return engine.tanh(x, out=out, channels=channels, cancel=cancel)


@dataclass(frozen=True, eq=False, kw_only=True)
class ELU(ElementwiseLayer):
    """x above 0, alpha * (exp(x) - 1) below."""

    type_name: ClassVar[str] = "ELU"
    base_name: ClassVar[str] = "elu"
    group: ClassVar[str] = "More activations"
    summary: ClassVar[str] = "x above 0, alpha * (exp(x) - 1) below"
    dialects: ClassVar[str] = "PyTorch nn.ELU, Keras activation='elu', Chainer F.elu"

    alpha: float = float_field(
        1.0, "Alpha", "alpha: minus this is the smallest output", minimum=0.0, maximum=10.0
    )

    def function(self, x: Array, out: Array | None, channels: _Channels, cancel: CancelFlag | None) -> Array:
        return engine.elu(x, self.alpha, out=out, channels=channels, cancel=cancel)


@dataclass(frozen=True, eq=False, kw_only=True)
class SiLU(ElementwiseLayer):
    """x * sigmoid(x)."""

    type_name: ClassVar[str] = "SiLU"
    base_name: ClassVar[str] = "silu"
    group: ClassVar[str] = "More activations"
    summary: ClassVar[str] = "x * sigmoid(x), also called Swish"
    dialects: ClassVar[str] = "PyTorch nn.SiLU, Keras activation='silu'"

    def function(self, x: Array, out: Array | None, channels: _Channels, cancel: CancelFlag | None) -> Array:
        return engine.silu(x, out=out, channels=channels, cancel=cancel)


@dataclass(frozen=True, eq=False, kw_only=True)
class GELU(ElementwiseLayer):
    """x * Phi(x)."""

    type_name: ClassVar[str] = "GELU"
    base_name: ClassVar[str] = "gelu"
    group: ClassVar[str] = "More activations"
    summary: ClassVar[str] = "x times the share of a normal distribution below x"
    dialects: ClassVar[str] = "PyTorch nn.GELU, Keras activation='gelu'"

    approximate: str = choice_field(
        "none",
        "Approximate",
        "approximate: the exact function, or its form by tanh",
        options=("none", "tanh"),
    )

    def function(self, x: Array, out: Array | None, channels: _Channels, cancel: CancelFlag | None) -> Array:
        return engine.gelu(x, self.approximate, out=out, channels=channels, cancel=cancel)


@dataclass(frozen=True, eq=False, kw_only=True)
class Softplus(ElementwiseLayer):
    """log(1 + exp(x))."""

    type_name: ClassVar[str] = "Softplus"
    base_name: ClassVar[str] = "softplus"
    group: ClassVar[str] = "More activations"
    summary: ClassVar[str] = "log(1 + exp(x)): a smooth ReLU"
    dialects: ClassVar[str] = "PyTorch nn.Softplus, Keras activation='softplus', Chainer F.softplus"

    def function(self, x: Array, out: Array | None, channels: _Channels, cancel: CancelFlag | None) -> Array:
        return engine.softplus(x, out=out, channels=channels, cancel=cancel)


@dataclass(frozen=True, eq=False, kw_only=True)
class Softmax(Layer):
    """exp(x) / sum of exp(x) over the channels."""

    type_name: ClassVar[str] = "Softmax"
    base_name: ClassVar[str] = "softmax"
    takes_out: ClassVar[bool] = False
    group: ClassVar[str] = "Activation"
    summary: ClassVar[str] = "Shares that sum to 1 over the channels"
    dialects: ClassVar[str] = "PyTorch nn.Softmax(dim=1), Keras activation='softmax', Chainer F.softmax"

    def output_shape(self, input_shape: Shape) -> Shape:
        return input_shape

    def forward(
        self,
        x: Array,
        *,
        out: Array | None = None,
        channels: Channels = None,
        cancel: CancelFlag | None = None,
        exact: bool = True,
    ) -> Array:
        return engine.softmax(x, axis=1)

    def window(self, input_shape: Shape) -> Window | None:
        return Window((1, 1), (1, 1)) if len(input_shape) == 3 else None
