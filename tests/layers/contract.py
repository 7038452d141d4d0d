"""What the layer tests share: other values and wrong values for every kind of field, and short ways to run."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from explorer.layers import LAYER_TYPES, Layer, Linear, fields
from explorer.layers.fields import Array, Kind
from explorer.layers.layer import Shape, ShapeError

MAPS: Shape = (4, 9, 11)
VECTOR: Shape = (12,)
INPUTS = [
    (layer_type, shape)
    for layer_type in LAYER_TYPES
    for shape in (MAPS, VECTOR)
    if not (shape == MAPS and layer_type is Linear)
]


def numbers(*shape: int, seed: int = 0) -> Array:
    """Normally distributed numbers, read-only, the same at each call."""
    result = np.random.default_rng(seed).standard_normal(shape, dtype=np.float32)
    result.flags.writeable = False
    return result


def takes(layer: Layer, shape: Shape) -> bool:
    """Whether a layer takes such an input."""
    try:
        layer.output_shape(shape)
    except ShapeError:
        return False
    return True


def run(layer: Layer, x: Array) -> Array:
    """A layer fitted to x, on x (without the batch)."""
    y: Array = layer.fit(x.shape).forward(x[np.newaxis])[0]
    return y


def other_value(kind: Kind, value: Any) -> Any:
    """A valid value of a field that is not ``value``."""
    if isinstance(kind, fields.BoolKind):
        return not value
    if isinstance(kind, fields.IntKind):
        return value + 1
    if isinstance(kind, fields.FloatKind):
        return (kind.minimum + value) / 2
    if isinstance(kind, fields.ChoiceKind):
        return next(option for option in kind.options if option != value)
    if isinstance(kind, fields.SizeKind):
        return (3, 2)
    if isinstance(kind, fields.PaddingKind):
        return (1, 0, 1, 1)
    if isinstance(kind, fields.WeightKind):
        return np.abs(numbers(*[2] * kind.dimensions))
    raise AssertionError(f"no other value for {kind}")


def wrong_values(kind: Kind) -> list[Any]:
    """Values that a field of this kind must refuse."""
    never = [math.nan, math.inf, -math.inf, b"1", object(), {}, ["a", "b"]]
    if isinstance(kind, fields.BoolKind):
        return [*never, 0, 1, "true", None]
    if isinstance(kind, fields.IntKind):
        return [*never, True, 1.0, "1", None, kind.minimum - 1, kind.maximum + 1, 10**5000, [1]]
    if isinstance(kind, fields.FloatKind):
        return [*never, True, "1", None, kind.minimum - 1, kind.maximum + 1, 10**400, -(10**400), [1.0]]
    if isinstance(kind, fields.ChoiceKind):
        return [*never, "", "no such", 1, None, True]
    if isinstance(kind, fields.SizeKind):
        sizes = [True, 1.0, "3", 0, -1, kind.maximum + 1, (), (3,), (3, 3, 3), (3, 0), (3, True), (3, 3.0)]
        return [*never, *sizes, *([] if kind.absent else [None])]
    if isinstance(kind, fields.PaddingKind):
        return [*never, None, True, 0.5, "full", "SAME", -1, 1025, (), (1,), (1, 2, 3), (0, -1), (1, True)]
    if isinstance(kind, fields.WeightKind):
        full = np.ones([2] * kind.dimensions)
        shapes = [full[..., np.newaxis], full[..., :0], 1.0, [[1.0], [1.0, 2.0]]]
        return [*never, *shapes, full * math.nan, full * math.inf, full * 1e39, full > 0, full.astype(str)]
    raise AssertionError(f"no wrong values for {kind}")
