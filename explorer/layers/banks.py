"""Banks: kernels for all filters of a layer at once.

Where a bank is made of patterns in the plane, each pattern is repeated over the input channels and divided by their
number: it looks at the mean of the channels, which for a colour picture is a plain grey.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from explorer.layers.fields import Array
from explorer.layers.filters import GABOR_SIGMA, LAMBDA, Parameter, completed, named
from explorer.layers.initializers import initial
from explorer.layers.layer import freeze

Shape = tuple[int, int, int, int]  # out, in / groups, rows, columns
Values = Mapping[str, float]


@dataclass(frozen=True)
class Bank:
    """Kernels for every filter of a layer, and one line on what they do."""

    name: str
    why: str
    parameters: tuple[Parameter, ...]
    make: Callable[[Shape, Values], Array]
    names: Callable[[Shape], tuple[str, ...]]

    def __call__(self, shape: Shape, **values: float) -> Array:
        """Weights (out, in / groups, rows, columns) in float32, read-only; ValueError for a value outside."""
        return freeze(self.make(shape, completed(self.parameters, shape[2:], values)))

    def filter_names(self, shape: Shape, **values: float) -> tuple[str, ...]:
        """A name for each filter, "" where it has none; ValueError for a value outside."""
        completed(self.parameters, shape[2:], values)
        return self.names(shape)


def _angles(turn: float, filters: int) -> list[float]:
    return [turn * i / filters for i in range(filters)]


def _named_by_angle(word: str, turn: float, shape: Shape) -> tuple[str, ...]:
    return tuple(f"{word} {round(angle, 1):g}°" for angle in _angles(turn, shape[0]))


def _grey(kernels: list[Array], channels: int) -> Array:
    """The same kernel in each channel, divided by their number."""
    return np.repeat(np.stack(kernels)[:, np.newaxis] / np.float32(channels), channels, axis=1)


def _rotated_edges(shape: Shape, values: Values) -> Array:
    sobel, size = named("sobel"), shape[2:]
    return _grey([sobel(size, angle=angle) for angle in _angles(360, shape[0])], shape[1])


def _gabor_bank(shape: Shape, values: Values) -> Array:
    gabor, size = named("gabor"), shape[2:]
    return _grey([gabor(size, theta=theta, **values) for theta in _angles(180, shape[0])], shape[1])


def _random(initializer: str, shape: Shape, values: Values) -> Array:
    return initial(initializer, round(values["seed"]), shape)


def _unnamed(shape: Shape) -> tuple[str, ...]:
    return ("",) * shape[0]


def _identity_per_channel(shape: Shape, values: Values) -> Array:
    filters, channels, *_ = shape
    result = np.zeros(shape, np.float32)
    every = np.arange(filters)
    result[every, every % channels] = named("identity")(shape[2:])
    return result


def _named_by_channel(shape: Shape) -> tuple[str, ...]:
    filters, channels, *_ = shape
    return tuple("identity" if channels == 1 else f"channel {i % channels}" for i in range(filters))


_SEED = Parameter(
    "seed", "Seed", 0, 0, 9999, 1, "A whole number without a unit: the same one draws the same kernels again."
)


def _random_bank(initializer: str, why: str) -> Bank:
    return Bank(f"random {initializer}", why, (_SEED,), partial(_random, initializer), _unnamed)


BANKS: tuple[Bank, ...] = (
    Bank(
        "rotated edges",
        "Edges in every direction, the filters sharing the full circle; each sees the mean of the channels",
        (),
        _rotated_edges,
        partial(_named_by_angle, "edge", 360),
    ),
    Bank(
        "Gabor bank",
        "Stripes in every direction, the filters sharing the half circle; each sees the mean of the channels",
        (LAMBDA, GABOR_SIGMA),
        _gabor_bank,
        partial(_named_by_angle, "gabor", 180),
    ),
    _random_bank("glorot_uniform", "Random weights as Keras starts its layers (Xavier in PyTorch)"),
    _random_bank("he_normal", "Random weights that suit a ReLU behind them (Kaiming in PyTorch)"),
    _random_bank("lecun_normal", "Random weights as Chainer starts its layers, and as SELU needs them"),
    Bank(
        "identity per channel",
        "Each filter passes one input channel on as it is, the first the first and so on in turn",
        (),
        _identity_per_channel,
        _named_by_channel,
    ),
)
