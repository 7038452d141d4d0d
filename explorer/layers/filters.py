"""Kernels with a name."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from explorer.layers.fields import Array, Size
from explorer.layers.layer import freeze


@dataclass(frozen=True)
class NamedFilter:
    """A kernel of a given size, and one line on what it does."""

    name: str
    why: str
    make: Callable[[Size], Array]

    def __call__(self, size: Size) -> Array:
        """The kernel (rows, columns) in float32, read-only."""
        return freeze(self.make(size).astype(np.float32))


def _place(rows: list[list[float]]) -> Callable[[Size], Array]:
    """A fixed pattern in the middle of a kernel; cut where the kernel is smaller."""
    pattern = np.array(rows, np.float32)

    def make(size: Size) -> Array:
        result = np.zeros(size, np.float32)
        source, target = [], []
        for have, need in zip(pattern.shape, size, strict=True):
            shared = min(have, need)
            source.append(slice((have - shared) // 2, (have - shared) // 2 + shared))
            target.append(slice((need - shared) // 2, (need - shared) // 2 + shared))
        result[tuple(target)] = pattern[tuple(source)]
        return result

    return make


def _box(size: Size) -> Array:
    return np.full(size, 1 / math.prod(size), np.float32)


def _gaussian(size: Size) -> Array:
    """Standard deviation a sixth of the kernel's extent, plus a third; sum 1."""
    sides = []
    for length in size:
        position = np.arange(length) - (length - 1) / 2
        deviation = length / 6 + 1 / 3
        sides.append(np.exp(-(position**2) / (2 * deviation**2)))
    kernel = np.outer(sides[0], sides[1])
    result: Array = (kernel / kernel.sum()).astype(np.float32)
    return result


_EDGE_RIGHT = [[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]]
_EDGE_DOWN = [list(column) for column in zip(*_EDGE_RIGHT, strict=True)]


def _negative(rows: list[list[float]]) -> list[list[float]]:
    return [[-value + 0.0 for value in row] for row in rows]


FILTERS: tuple[NamedFilter, ...] = (
    NamedFilter("edge right", "Bright on the right, dark on the left (Sobel)", _place(_EDGE_RIGHT)),
    NamedFilter("edge left", "Bright on the left, dark on the right (Sobel)", _place(_negative(_EDGE_RIGHT))),
    NamedFilter("edge down", "Bright below, dark above (Sobel)", _place(_EDGE_DOWN)),
    NamedFilter("edge up", "Bright above, dark below (Sobel)", _place(_negative(_EDGE_DOWN))),
    NamedFilter(
        "outline",
        "What differs from all its neighbours (Laplacian with 8 neighbours)",
        _place([[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]]),
    ),
    NamedFilter(
        "laplacian",
        "What differs from its 4 neighbours",
        _place([[0, -1, 0], [-1, 4, -1], [0, -1, 0]]),
    ),
    NamedFilter(
        "sharpen", "The picture with its edges made stronger", _place([[0, -1, 0], [-1, 5, -1], [0, -1, 0]])
    ),
    NamedFilter("blur", "The mean of the window (box)", _box),
    NamedFilter("gaussian", "A soft mean that weighs the middle most", _gaussian),
    NamedFilter("identity", "The picture as it is", _place([[1]])),
    NamedFilter("empty", "All weights 0, to draw from scratch", _place([[0]])),
    NamedFilter("emboss", "A relief lit from the upper left", _place([[-2, -1, 0], [-1, 1, 1], [0, 1, 2]])),
    NamedFilter(
        "vertical line", "A bright line from top to bottom", _place([[-1, 2, -1], [-1, 2, -1], [-1, 2, -1]])
    ),
    NamedFilter(
        "horizontal line", "A bright line from left to right", _place([[-1, -1, -1], [2, 2, 2], [-1, -1, -1]])
    ),
)


def named(name: str) -> NamedFilter:
    """The filter of that name, or ValueError."""
    for candidate in FILTERS:
        if candidate.name == name:
            return candidate
    raise ValueError(f"There is no filter called {name!r}.")
