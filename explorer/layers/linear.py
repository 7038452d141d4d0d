"""Flatten and Linear: from maps to a row of numbers."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import ClassVar, Self

from explorer import engine
from explorer.jit import CancelFlag
from explorer.layers import initializers, stored
from explorer.layers.fields import Array, bool_field, choice_field, int_field, weight_field
from explorer.layers.layer import Channels, Fix, Layer, Shape, ShapeError, Window, count


@dataclass(frozen=True, eq=False, kw_only=True)
class Flatten(Layer):
    """All maps as one row of numbers: channel by channel, row by row, as in PyTorch."""

    type_name: ClassVar[str] = "Flatten"
    base_name: ClassVar[str] = "flatten"
    takes_out: ClassVar[bool] = False
    group: ClassVar[str] = "Dense"
    summary: ClassVar[str] = "All maps as one row of numbers"
    dialects: ClassVar[str] = "PyTorch nn.Flatten, Keras Flatten (which takes channels last)"

    def output_shape(self, input_shape: Shape) -> Shape:
        return (count(input_shape),)

    def forward(
        self,
        x: Array,
        *,
        out: Array | None = None,
        channels: Channels = None,
        cancel: CancelFlag | None = None,
        exact: bool = True,
    ) -> Array:
        return x.reshape(x.shape[0], -1)

    def window(self, input_shape: Shape) -> Window | None:
        return None

    def sentences(self, input_shape: Shape) -> tuple[str, ...]:
        product = " × ".join(str(size) for size in input_shape)
        return (f"{product} = {count(input_shape):,}",) if len(input_shape) > 1 else ()


@dataclass(frozen=True, eq=False, kw_only=True)
class Linear(Layer):
    """Each output is a weighted sum of all inputs."""

    type_name: ClassVar[str] = "Linear"
    base_name: ClassVar[str] = "linear"
    takes_out: ClassVar[bool] = False
    group: ClassVar[str] = "Dense"
    summary: ClassVar[str] = "Each output is a weighted sum of all inputs (Keras: Dense)"
    dialects: ClassVar[str] = "PyTorch nn.Linear, Keras Dense, Chainer L.Linear"

    out_features: int = int_field(
        10,
        "Outputs",
        "out_features: how many numbers come out (Keras: units, Chainer: out_size)",
        minimum=1,
        maximum=65536,
    )
    bias: bool = bool_field(
        True,
        "Bias",
        "bias: one number added to each output (Keras: use_bias, Chainer: nobias is its opposite)",
        more=True,
    )
    initializer: str = choice_field(
        "glorot_uniform", "Initialiser", initializers.HELP, options=initializers.INITIALIZERS, more=True
    )
    seed: int = int_field(
        0, "Seed", "Which random numbers the initialiser draws", maximum=2**31 - 1, more=True
    )
    weight: Array | None = weight_field("Weights", "(out_features, in_features)", dimensions=2)
    bias_values: Array | None = weight_field("Bias values", "One number per output", dimensions=1)

    def output_shape(self, input_shape: Shape) -> Shape:
        if len(input_shape) != 1:
            raise ShapeError(
                f"Linear takes a row of numbers, but its input is {input_shape[0]} maps of "
                f"{input_shape[2]}×{input_shape[1]}: put Flatten before it.",
                Fix("Add Flatten", (Flatten(), self)),
            )
        return (self.out_features,)

    def fit(self, input_shape: Shape) -> Self:
        shape = (self.out_features, input_shape[0])
        weight = self.weight
        if weight is None or weight.shape != shape:
            fresh = initializers.initial(self.initializer, self.seed, shape)
            weight = fresh if weight is None else stored.taken(weight, shape, fresh)
        bias = stored.taken_vector(self.bias_values, self.out_features, 0.0)
        if weight is self.weight and bias is self.bias_values:
            return self
        return dataclasses.replace(self, weight=weight, bias_values=bias)

    def forward(
        self,
        x: Array,
        *,
        out: Array | None = None,
        channels: Channels = None,
        cancel: CancelFlag | None = None,
        exact: bool = True,
    ) -> Array:
        if self.weight is None:
            raise ValueError(f"{self.name} has no weights yet: fit it to its input first.")
        return engine.linear(x, self.weight, self.bias_values if self.bias else None)

    def parameter_count(self, input_shape: Shape) -> int:
        return self.out_features * (input_shape[0] + self.bias)

    def parameter_formula(self, input_shape: Shape) -> str:
        inputs = f"({input_shape[0]:,}+1)" if self.bias else f"{input_shape[0]:,}"
        return f"{self.out_features:,}·{inputs}"

    def multiply_adds(self, input_shape: Shape) -> int:
        return self.out_features * input_shape[0]

    def window(self, input_shape: Shape) -> Window | None:
        return None

    def sentences(self, input_shape: Shape) -> tuple[str, ...]:
        return (f"{input_shape[0]:,} inputs → {self.out_features:,} outputs",)
