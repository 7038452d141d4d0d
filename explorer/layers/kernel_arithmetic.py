"""What can be done to a kernel as a whole: normalise, turn, scale, resize.

Every function takes (..., rows, columns) and gives a new float32 array. Sums are made in float64, over all numbers
it is given: a whole filter has one sum. What cannot be done is a ValueError of one sentence.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from explorer.layers import stored
from explorer.layers.fields import Array, Size

LARGEST = 1e6
"""The largest magnitude that a kernel's number may have."""

LARGEST_SIZE = 31
"""Rows or columns that a kernel may have at most."""

_Double = npt.NDArray[np.float64]

_NOTHING = 1e-6  # a sum this small beside the sum of magnitudes is what rounding left of 0


@dataclass(frozen=True)
class Normalisation:
    """One way to scale or move a kernel's numbers; ``label`` for menus, ``why`` in one sentence."""

    key: str
    label: str
    why: str
    apply: Callable[[_Double], _Double]


def _sum_1(kernel: _Double) -> _Double:
    total = math.fsum(kernel.flat)
    if abs(total) <= _NOTHING * np.abs(kernel).sum():
        raise ValueError(
            "The numbers add up to 0, and no factor makes that 1: change a number, or choose sum of magnitudes 1."
        )
    return kernel / total


def _sum_0(kernel: _Double) -> _Double:
    return kernel - math.fsum(kernel.flat) / kernel.size


def _divided(kernel: _Double, size: float) -> _Double:
    if size == 0:
        raise ValueError("All numbers are 0, and no factor changes that: draw something first.")
    return kernel / size


NORMALISATIONS: tuple[Normalisation, ...] = (
    Normalisation("sum_1", "Sum 1", "Keeps the brightness of the picture, as a blur should", _sum_1),
    Normalisation("sum_0", "Sum 0", "Makes flat areas 0, as an edge detector should", _sum_0),
    Normalisation(
        "magnitudes_1",
        "Sum of magnitudes 1",
        "Keeps the map within the largest magnitude of the picture",
        lambda kernel: _divided(kernel, math.fsum(np.abs(kernel).flat)),
    ),
    Normalisation(
        "l2_1",
        "L2 norm 1",
        "Makes filters comparable: the squares add up to 1",
        lambda kernel: _divided(kernel, math.sqrt(math.fsum(np.square(kernel).flat))),
    ),
    Normalisation(
        "max_1",
        "Maximum 1",
        "Makes the largest magnitude 1",
        lambda kernel: _divided(kernel, float(np.abs(kernel).max())),
    ),
)


def normalised(kernel: Array, key: str) -> Array:
    """The kernel after one of ``NORMALISATIONS``; ValueError where its numbers do not allow it."""
    for normalisation in NORMALISATIONS:
        if normalisation.key == key:
            return _checked(normalisation.apply(_double(kernel)))
    raise ValueError(f'There is no normalisation "{key}".')


def mirrored(kernel: Array) -> Array:
    """Left and right swapped."""
    return _own(kernel[..., ::-1])


def flipped(kernel: Array) -> Array:
    """Top and bottom swapped."""
    return _own(kernel[..., ::-1, :])


def turned(kernel: Array) -> Array:
    """Turned by 180 degrees: what true convolution slides."""
    return _own(kernel[..., ::-1, ::-1])


def transposed(kernel: Array) -> Array:
    """Rows and columns swapped."""
    return _own(np.swapaxes(kernel, -1, -2))


def rotated(kernel: Array) -> Array:
    """Turned by 90 degrees, clockwise."""
    return _own(np.rot90(kernel, -1, axes=(-2, -1)))


def negated(kernel: Array) -> Array:
    """Every sign changed; 0 stays 0."""
    return _checked(-_double(kernel))


def scaled(kernel: Array, factor: float) -> Array:
    """Every number times ``factor``; ValueError where one would leave the range."""
    if not math.isfinite(factor):
        raise ValueError("A kernel can only be scaled by a finite number.")
    with np.errstate(over="ignore"):
        return _checked(_double(kernel) * factor)


def resized(kernel: Array, size: Size) -> Array:
    """The kernel in the middle of ``size`` rows and columns (1 to 31): zeros around it, or its rim cut off."""
    if not all(1 <= side <= LARGEST_SIZE for side in size):
        raise ValueError(
            f"A kernel has 1 to {LARGEST_SIZE} rows and columns, not {size[0]}×{size[1]}: choose a size in that range."
        )
    stack = kernel.reshape(1, math.prod(kernel.shape[:-2]), *kernel.shape[-2:])
    fitted = stored.taken(stack, (1, stack.shape[1], *size), np.zeros((1, stack.shape[1], *size), np.float32))
    return _own(fitted.reshape(*kernel.shape[:-2], *size))


def map_range(
    weights: Array, bias: float, low: float, high: float, *, padded: bool = False
) -> tuple[float, float]:
    """The smallest and the largest value a map can take where inputs lie within [low, high].

    ``weights`` is a whole filter (C, rows, columns). ``padded`` says that windows also see zeros of the padding;
    where 0 lies outside the range, the answer may then be wider than what can occur.
    """
    if padded:
        low, high = min(low, 0.0), max(high, 0.0)
    numbers = np.asarray(weights, np.float64)
    positive, negative = math.fsum(numbers[numbers > 0]), math.fsum(numbers[numbers < 0])
    return bias + positive * low + negative * high, bias + positive * high + negative * low


def _double(kernel: Array) -> _Double:
    if not np.isfinite(kernel).all():
        raise ValueError("The kernel holds a number that is not finite: replace it first.")
    return kernel.astype(np.float64)


def _checked(kernel: _Double) -> Array:
    largest = float(np.abs(kernel).max(initial=0.0))
    if not largest <= LARGEST:
        raise ValueError(
            "A number would grow beyond 1,000,000, the most that a kernel holds: nothing was changed."
        )
    return (kernel + 0.0).astype(np.float32)  # -0 becomes 0


def _own(kernel: Array) -> Array:
    """A copy of a view, its numbers in order."""
    return np.array(kernel, np.float32, order="C")
