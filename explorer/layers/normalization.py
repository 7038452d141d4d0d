"""Batch normalisation with fixed statistics, as a trained network uses it."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from explorer import engine
from explorer.jit import CancelFlag
from explorer.layers.fields import Array, FieldError, float_field, weight_field
from explorer.layers.layer import Channels, ChannelwiseLayer, Layer, Shape, chosen
from explorer.layers.stored import taken_vector


@dataclass(frozen=True, eq=False, kw_only=True)
class BatchNorm2d(ChannelwiseLayer):
    """(x - running_mean) / sqrt(running_var + eps) * weight + bias_values, per channel."""

    type_name: ClassVar[str] = "BatchNorm2d"
    base_name: ClassVar[str] = "batch_norm2d"
    group: ClassVar[str] = "Normalization"
    summary: ClassVar[str] = "Moves and scales each channel by fixed statistics"
    dialects: ClassVar[str] = (
        "PyTorch nn.BatchNorm2d in eval mode, Keras BatchNormalization (its eps is 0.001)"
    )

    eps: float = float_field(
        1e-5,
        "Epsilon",
        "eps: added to the variance so that nothing is divided by 0 (Keras: epsilon)",
        minimum=0.0,
        maximum=1.0,
    )
    running_mean: Array | None = weight_field("Mean", "running_mean: one number per channel", dimensions=1)
    running_var: Array | None = weight_field("Variance", "running_var: one number per channel", dimensions=1)
    weight: Array | None = weight_field("Scale", "weight (gamma): one number per channel", dimensions=1)
    bias_values: Array | None = weight_field("Shift", "bias (beta): one number per channel", dimensions=1)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.running_var is not None and (self.running_var < 0).any():
            raise FieldError("running_var", f"must be at least 0, has {self.running_var.min():g}")

    def output_shape(self, input_shape: Shape) -> Shape:
        return input_shape

    def fit(self, input_shape: Shape) -> Self:
        channels = input_shape[0]
        vectors: dict[str, Any] = {
            "running_mean": taken_vector(self.running_mean, channels, 0.0),
            "running_var": taken_vector(self.running_var, channels, 1.0),
            "weight": taken_vector(self.weight, channels, 1.0),
            "bias_values": taken_vector(self.bias_values, channels, 0.0),
        }
        ours = vars(self)
        if all(vector is ours[name] for name, vector in vectors.items()):
            return self
        return dataclasses.replace(self, **vectors)

    def forward(
        self,
        x: Array,
        *,
        out: Array | None = None,
        channels: Channels = None,
        cancel: CancelFlag | None = None,
        exact: bool = True,
    ) -> Array:
        if self.running_mean is None or self.running_var is None:
            raise ValueError(f"{self.name} has no statistics yet: fit it to its input first.")
        return engine.batch_norm(
            x,
            self.running_mean,
            self.running_var,
            self.weight,
            self.bias_values,
            self.eps,
            out=out,
            channels=chosen(channels),
            cancel=cancel,
        )

    def changed_channels(self, previous: Layer, changed_inputs: Channels) -> Channels:
        return changed_inputs if self.computes_like(previous) else None

    def parameter_count(self, input_shape: Shape) -> int:
        return 2 * input_shape[0]

    def parameter_formula(self, input_shape: Shape) -> str:
        return f"2·{input_shape[0]:,}"
