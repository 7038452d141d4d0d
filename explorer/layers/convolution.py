"""The convolution layer."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from explorer import engine
from explorer.jit import CancelFlag
from explorer.layers import fields, initializers, stored
from explorer.layers.fields import (
    Array,
    FieldError,
    Padding,
    Size,
    bool_field,
    choice_field,
    int_field,
    padding_field,
    size_field,
    weight_field,
)
from explorer.layers.layer import Channels, Fix, Layer, Shape, ShapeError, Window, chosen, spatial
from explorer.layers.sliding import SlidingLayer

_FEW = 8  # where one input channel of so many changed, its difference is convolved
_NOT_RUNNING = frozenset(("initializer", "seed"))  # what a fitted layer no longer depends on
_LARGEST_CHANGE = 100.0  # of the new values, up to which rounding errors of the old ones do not matter

_PADDING_HELP = (
    "padding: rows and columns of zeros around the input (Chainer: pad). 'valid' is 0; 'same' gives "
    "ceil(input / stride) rows and columns, as in Keras."
)


@dataclass(frozen=True, eq=False, kw_only=True)
class Conv2d(SlidingLayer):
    """Each filter slides over all input channels and sums into one map."""

    type_name: ClassVar[str] = "Conv2d"
    base_name: ClassVar[str] = "conv2d"
    group: ClassVar[str] = "Convolution"
    summary: ClassVar[str] = "Each filter slides over all input channels and sums into one map"
    dialects: ClassVar[str] = "PyTorch nn.Conv2d, Keras Conv2D, Chainer L.Convolution2D"

    out_channels: int = int_field(
        8,
        "Filters",
        "out_channels: how many filters, and so how many maps (Keras: filters). A filter has one kernel per input "
        "channel.",
        minimum=1,
        maximum=4096,
    )
    kernel_size: Size = size_field(
        (3, 3), "Kernel", "kernel_size: rows and columns of each kernel (Chainer: ksize)", maximum=31
    )
    stride: Size = size_field(
        (1, 1),
        "Stride",
        "stride: pixels from one window to the next (Keras: strides, Chainer: stride)",
        maximum=64,
    )
    padding: Padding = padding_field("Padding", _PADDING_HELP)
    dilation: Size = size_field(
        (1, 1),
        "Dilation",
        "dilation: pixels from one tap to the next (Keras: dilation_rate, Chainer: dilate)",
        maximum=64,
        more=True,
    )
    groups: int = int_field(
        1,
        "Groups",
        "groups: input channels and filters are split into this many separate parts; as many as there are channels is "
        "a depthwise convolution",
        minimum=1,
        maximum=4096,
        more=True,
    )
    bias: bool = bool_field(
        True,
        "Bias",
        "bias: one number added to each map (Keras: use_bias, Chainer: nobias is its opposite)",
        more=True,
    )
    initializer: str = choice_field(
        "glorot_uniform", "Initialiser", initializers.HELP, options=initializers.INITIALIZERS, more=True
    )
    seed: int = int_field(
        0, "Seed", "Which random numbers the initialiser draws", maximum=2**31 - 1, more=True
    )
    weight: Array | None = weight_field(
        "Weights", "(out_channels, in_channels / groups, rows, columns)", dimensions=4
    )
    bias_values: Array | None = weight_field("Bias values", "One number per filter", dimensions=1)
    filter_names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(self.filter_names, list | tuple):
            raise FieldError("filter_names", "must be a list of texts")
        try:
            names = tuple(fields.check_text(name) for name in self.filter_names)
        except ValueError as error:
            raise FieldError("filter_names", f"each {error}") from None
        object.__setattr__(self, "filter_names", names)

    @property
    def sliding_window(self) -> Window:
        return Window(self.kernel_size, self.stride, self.dilation)

    def output_shape(self, input_shape: Shape) -> Shape:
        channels, _, _ = spatial(input_shape, self.name or self.type_name)
        if channels % self.groups or self.out_channels % self.groups:
            common = math.gcd(channels, self.out_channels, self.groups)
            raise ShapeError(
                f"{self.groups} groups must divide the {channels} input channels and the {self.out_channels} filters.",
                Fix(
                    f"{common} group{'s' if common > 1 else ''}", (dataclasses.replace(self, groups=common),)
                ),
            )
        return (self.out_channels, *self.output_size(input_shape))

    def weight_shape(self, input_shape: Shape) -> tuple[int, int, int, int]:
        """(out_channels, in_channels / groups, rows, columns)."""
        return self.out_channels, input_shape[0] // self.groups, *self.kernel_size

    def fit(self, input_shape: Shape) -> Self:
        shape = self.weight_shape(input_shape)
        weight, bias = self.weight, self.bias_values
        if weight is None or weight.shape != shape:
            fresh = self._initial(shape)
            if weight is not None and weight.shape[1] == 1 and self.groups == 1:
                weight = stored.repeated(weight, shape[1])
            weight = fresh if weight is None else stored.taken(weight, shape, fresh)
        bias = stored.taken_vector(bias, self.out_channels, 0.0)
        if weight is self.weight and bias is self.bias_values:
            return self
        return dataclasses.replace(self, weight=weight, bias_values=bias)

    def with_weight(self, running: Array, *, whole: bool = False) -> Self:
        """This layer after its running weights (of the shape :meth:`fit` gives) were edited.

        Channels that do not run now keep what was drawn in them, but for ``whole`` kernels that were exchanged while
        there is one channel: those are meant for all.
        """
        weight = stored.written(self.weight, running, self._initial)
        one = running.shape[1] == 1 < weight.shape[1]
        if whole and one and self.weight is not None and self.groups == 1:
            before = stored.taken(self.weight, running.shape, running)  # a new filter has no old channels
            weight = stored.spread(weight, before, running)
        return dataclasses.replace(self, weight=weight)

    def with_bias_values(self, running: Array) -> Self:
        """This layer after its running biases were edited."""
        return dataclasses.replace(self, bias_values=stored.written_vector(self.bias_values, running))

    def filter_name(self, index: int) -> str:
        """What the user calls a filter; empty where it has no name."""
        return self.filter_names[index] if index < len(self.filter_names) else ""

    def with_filter_name(self, index: int, name: str) -> Self:
        """This layer with one filter renamed."""
        names = list(self.filter_names) + [""] * (index + 1 - len(self.filter_names))
        names[index] = name
        return dataclasses.replace(self, filter_names=tuple(names))

    def _initial(self, shape: tuple[int, ...]) -> Array:
        return initializers.initial(self.initializer, self.seed, shape)

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
        return engine.conv2d(
            x,
            self.weight,
            self.bias_values if self.bias else None,
            stride=self.stride,
            padding=self.padding,
            dilation=self.dilation,
            groups=self.groups,
            algorithm="direct" if exact else "auto",
            out=out,
            channels=chosen(channels),
            cancel=cancel,
        )

    def update(
        self,
        x: Array,
        before: Array,
        changed_inputs: frozenset[int],
        old: Array,
        new: Callable[[], Array],
        cancel: CancelFlag | None,
    ) -> Array | None:
        if self.weight is None or self.groups > 1 or len(changed_inputs) * _FEW > x.shape[1]:
            return None
        chosen_inputs = sorted(changed_inputs)
        now = x[:, chosen_inputs]
        with np.errstate(all="ignore"):
            difference = now - before[:, chosen_inputs]
        largest = _magnitude(difference)
        if not (np.isfinite(largest) and largest <= _LARGEST_CHANGE * _magnitude(now)):
            return None  # what is left of old would be rounding errors, or NaN
        return engine.add_conv2d(
            difference,
            self.weight[:, chosen_inputs],
            old,
            stride=self.stride,
            padding=self.padding,
            dilation=self.dilation,
            out=new(),
            cancel=cancel,
        )

    def changed_channels(self, previous: Layer, changed_inputs: Channels) -> Channels:
        if changed_inputs is None or changed_inputs:
            return None
        if not isinstance(previous, Conv2d) or not self._runs_like(previous):
            return None
        ours, theirs = self.weight, previous.weight
        if ours is None or theirs is None or ours.shape != theirs.shape:
            return None
        differs = np.zeros(len(ours), bool)
        if ours is not theirs:  # bit by bit, for 0 and -0 make different zeros
            differs |= (ours.view(np.int32) != theirs.view(np.int32)).reshape(len(ours), -1).any(axis=1)
        if self.bias and self.bias_values is not None and previous.bias_values is not None:
            differs |= self.bias_values.view(np.int32) != previous.bias_values.view(np.int32)
        return frozenset(np.flatnonzero(differs).tolist())

    def _runs_like(self, other: Conv2d) -> bool:
        """Whether both, fitted, have the same parameters beside their weights."""
        ours, theirs = vars(self), vars(other)
        return all(
            ours[name] == theirs[name]
            for name, kind in fields.kinds(type(self)).items()
            if not isinstance(kind, fields.WeightKind) and name not in _NOT_RUNNING
        )

    def parameter_count(self, input_shape: Shape) -> int:
        return math.prod(self.weight_shape(input_shape)) + (self.out_channels if self.bias else 0)

    def parameter_formula(self, input_shape: Shape) -> str:
        filters, *kernel = self.weight_shape(input_shape)
        weights = "·".join(f"{size:,}" for size in kernel)
        return f"{filters:,}·({weights}+1)" if self.bias else f"{filters:,}·{weights}"

    def multiply_adds(self, input_shape: Shape) -> int:
        rows, columns = self.output_size(input_shape)
        return math.prod(self.weight_shape(input_shape)) * rows * columns


def _magnitude(array: Array) -> float:
    """The largest number without its sign; NaN where there is one."""
    return float(np.maximum(array.max(), -array.min()))
