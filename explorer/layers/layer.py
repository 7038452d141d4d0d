"""The base of every layer type: parameters, shape rule and forward pass in one class."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np

from explorer.jit import CancelFlag
from explorer.layers import fields
from explorer.layers.fields import Array, FieldError

Shape = tuple[int, ...]
"""(channels, rows, columns), or (features,) behind Flatten; without the batch."""

Channels = frozenset[int] | None
"""Which channels; None for all."""


@dataclass(frozen=True)
class Fix:
    """An edit that would cure a fault: these layers in place of the one at fault."""

    label: str
    layers: tuple[Layer, ...]


class ShapeError(ValueError):
    """A layer cannot take this input. ``str(error)`` is one sentence with the numbers."""

    def __init__(self, message: str, fix: Fix | None = None) -> None:
        super().__init__(message)
        self.fix = fix


@dataclass(frozen=True)
class Window:
    """A window that slides, (vertical, horizontal) each."""

    kernel_size: tuple[int, int]
    stride: tuple[int, int]
    dilation: tuple[int, int] = (1, 1)


@dataclass(frozen=True, eq=False, kw_only=True)
class Layer:
    """One layer. Frozen: an edit makes a new one with :func:`dataclasses.replace`.

    A subclass names its ``type_name``, declares its parameters as fields, and answers ``output_shape`` and
    ``forward``. Layers are compared by identity; :meth:`computes_like` compares what they compute.
    """

    type_name: ClassVar[str] = ""
    base_name: ClassVar[str] = ""
    group: ClassVar[str] = ""
    summary: ClassVar[str] = ""
    dialects: ClassVar[str] = ""
    takes_out: ClassVar[bool] = True  # whether forward writes to ``out``

    name: str = ""
    enabled: bool = True

    def __post_init__(self) -> None:
        try:
            fields.check_text(self.name)
        except ValueError as error:
            raise FieldError("name", str(error)) from None
        if not isinstance(self.enabled, bool):
            raise FieldError("enabled", "must be true or false")
        for name, kind in fields.kinds(type(self)).items():
            try:
                value = kind.check(vars(self)[name])
            except ValueError as error:
                raise FieldError(name, str(error)) from None
            object.__setattr__(self, name, value)

    def output_shape(self, input_shape: Shape) -> Shape:
        """The shape behind this layer, or ShapeError."""
        raise NotImplementedError

    def fit(self, input_shape: Shape) -> Self:
        """This layer with the weights it runs with on such an input; itself where it has them already."""
        return self

    def forward(
        self,
        x: Array,
        *,
        out: Array | None = None,
        channels: Channels = None,
        cancel: CancelFlag | None = None,
        exact: bool = True,
    ) -> Array:
        """Compute (1, C, H, W) or (1, F). ``exact`` asks for the path whose bits never vary."""
        raise NotImplementedError

    def changed_channels(self, previous: Layer, changed_inputs: Channels) -> Channels:
        """Which outputs differ from those of ``previous``, whose inputs differed in ``changed_inputs``."""
        return None

    def update(
        self,
        x: Array,
        before: Array,
        changed_inputs: frozenset[int],
        old: Array,
        new: Callable[[], Array],
        cancel: CancelFlag | None,
    ) -> Array | None:
        """Make the output from ``old``, what came of ``before``, of which only some channels differ from x.

        ``new`` gives the array to write to. None where computing it anew is as fast. Rounding errors add up from one
        update to the next.
        """
        return None

    def parameter_count(self, input_shape: Shape) -> int:
        """Weights and biases."""
        return 0

    def parameter_formula(self, input_shape: Shape) -> str:
        """How that count comes about, as ``32·(3·3·3+1)``; empty where there are none."""
        return ""

    def multiply_adds(self, input_shape: Shape) -> int:
        """Multiplications of weights, without the bias."""
        return 0

    def window(self, input_shape: Shape) -> Window | None:
        """The sliding window, if there is one; element by element is a window of 1."""
        return Window((1, 1), (1, 1))

    def sentences(self, input_shape: Shape) -> tuple[str, ...]:
        """How the output size comes about, with the numbers put in."""
        return ()

    def config(self) -> dict[str, Any]:
        """The parameters as JSON, without weights."""
        return {
            name: kind.to_json(vars(self)[name])
            for name, kind in fields.kinds(type(self)).items()
            if not isinstance(kind, fields.WeightKind)
        }

    def computes_like(self, other: Layer) -> bool:
        """Whether both compute the same: equal parameters and the very same weight arrays."""
        if type(self) is not type(other):
            return False
        ours, theirs = vars(self), vars(other)
        for name, kind in fields.kinds(type(self)).items():
            same = (
                ours[name] is theirs[name]
                if isinstance(kind, fields.WeightKind)
                else ours[name] == theirs[name]
            )
            if not same:
                return False
        return self.enabled == other.enabled

    def same_parameters(self, other: Layer) -> bool:
        """Whether both have one type and equal parameters, weights left aside."""
        return type(self) is type(other) and self.config() == other.config()


class ChannelwiseLayer(Layer):
    """A layer whose output channel depends on the input channel of the same number only."""

    def changed_channels(self, previous: Layer, changed_inputs: Channels) -> Channels:
        return changed_inputs if self.same_parameters(previous) else None


class ElementwiseLayer(ChannelwiseLayer):
    """A function of each number by itself."""

    def output_shape(self, input_shape: Shape) -> Shape:
        return input_shape

    def function(
        self, x: Array, out: Array | None, channels: list[int] | None, cancel: CancelFlag | None
    ) -> Array:
        """The function on an array of any shape."""
        raise NotImplementedError

    def forward(
        self,
        x: Array,
        *,
        out: Array | None = None,
        channels: Channels = None,
        cancel: CancelFlag | None = None,
        exact: bool = True,
    ) -> Array:
        return self.function(x, out, chosen(channels), cancel)


def chosen(channels: Channels) -> list[int] | None:
    """Channels as the engine takes them."""
    return None if channels is None else sorted(channels)


def spatial(input_shape: Shape, layer: str) -> tuple[int, int, int]:
    """An input of maps, or a sentence why not."""
    if len(input_shape) != 3:
        raise ShapeError(
            f"{layer} slides over rows and columns, but its input is {input_shape[0]:,} numbers in a row: "
            f"move it before Flatten."
        )
    return input_shape[0], input_shape[1], input_shape[2]


def weights(layer: Layer) -> dict[str, Any]:
    """A layer's weight arrays by the names of their fields."""
    return {
        name: vars(layer)[name]
        for name, kind in fields.kinds(type(layer)).items()
        if isinstance(kind, fields.WeightKind)
    }


def count(shape: Shape) -> int:
    """How many numbers a shape holds."""
    return math.prod(shape)


def freeze(array: Array) -> Array:
    """An array that nobody else holds, made read-only: whoever sees that may remember what was computed from it."""
    result = np.ascontiguousarray(array, np.float32)
    result.flags.writeable = False
    return result


def replace_field(layer: Layer, field: str, value: object) -> Layer:
    """The layer with one parameter changed; FieldError where the value is wrong."""
    values: dict[str, Any] = {field: value}
    return dataclasses.replace(layer, **values)
