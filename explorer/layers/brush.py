"""What a stroke of the brush does to a kernel: symmetry and a soft edge, without a window.

A stroke remembers the kernel as it was when the brush came down. Each dab says how much of the brush every cell gets
(its coverage) and with which sign; the kernel is made anew from the start and the coverage so far. So it does not
matter how many mouse events a movement was cut into.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from enum import Enum

import numpy as np

from explorer.layers.fields import Array, Size

Cell = tuple[int, int]
"""(row, column)"""


class Symmetry(Enum):
    """Where else a painted cell lands. The value is what menus call it."""

    NONE = "None"
    LEFT_RIGHT = "Left – right"
    UP_DOWN = "Up – down"
    FOUR_FOLD = "Four-fold"
    ANTI = "Anti-symmetric"

    @property
    def why(self) -> str:
        """One line on what it is good for."""
        return {
            Symmetry.NONE: "Paint one cell at a time",
            Symmetry.LEFT_RIGHT: "The left half mirrors the right one: vertical lines",
            Symmetry.UP_DOWN: "The upper half mirrors the lower one: horizontal lines",
            Symmetry.FOUR_FOLD: "Four quarter turns (of a kernel that is not square, two half turns): blobs and rings",
            Symmetry.ANTI: "Left mirrors right with the other sign: edges, whose weights add up to 0",
        }[self]

    def images(self, cell: Cell, size: Size) -> dict[Cell, int]:
        """The cells that a painted one stands for, itself included, each with its sign.

        Under :attr:`ANTI` the middle column mirrors onto itself with the other sign, so it can only be 0.
        """
        row, column = cell
        last_row, last_column = size[0] - 1, size[1] - 1
        across, below = (row, last_column - column), (last_row - row, column)
        if self is Symmetry.LEFT_RIGHT:
            return {cell: 1, across: 1}
        if self is Symmetry.UP_DOWN:
            return {cell: 1, below: 1}
        if self is Symmetry.ANTI:
            return {cell: 1, across: -1} if across != cell else {cell: 0}
        if self is Symmetry.FOUR_FOLD:
            half = (last_row - row, last_column - column)
            if size[0] != size[1]:
                return {cell: 1, half: 1}
            return {cell: 1, (column, last_row - row): 1, half: 1, (last_column - column, row): 1}
        return {cell: 1}


def softness(distance: float, radius: float) -> float:
    """How much of the brush a cell gets, 0 to 1, at a distance (in cells) from its middle.

    ``cos²`` to the radius; a radius of 0 covers the cell under the brush only.
    """
    if distance == 0:
        return 1.0
    return math.cos(math.pi / 2 * distance / radius) ** 2 if distance < radius else 0.0


class Stroke:
    """One stroke over a kernel: from press to release.

    Where the kernel under it is symmetric (or anti-symmetric), so is what the stroke leaves.
    """

    def __init__(
        self, base: Array, value: float, symmetry: Symmetry = Symmetry.NONE, radius: float = 0.0
    ) -> None:
        self._base = base.astype(np.float64)
        self._value = value
        self._symmetry = symmetry
        self._radius = radius
        self._coverage = np.zeros(base.shape)
        self._sign = np.zeros(base.shape)

    def dab(self, cells: Iterable[Cell]) -> Array:
        """The kernel after the brush touched these cells."""
        positive, negative = np.zeros(self._base.shape), np.zeros(self._base.shape)
        for cell in cells:
            for (row, column), share in self._touched(cell).items():
                for (r, c), sign in self._symmetry.images((row, column), self._size).items():
                    if sign >= 0:
                        positive[r, c] = max(positive[r, c], share)
                    if sign <= 0:
                        negative[r, c] = max(negative[r, c], share)
        covered = np.maximum(positive, negative)
        touched = covered > 0
        self._sign[touched] = (positive - negative)[touched] / covered[touched]
        self._coverage = np.maximum(self._coverage, covered)
        # In two terms: covered whole, a cell holds the brush's value and not one that is a rounding error away.
        # What is not covered stays as it is, even if it is infinite.
        kept = np.where(self._coverage < 1, self._base, 0.0)
        kept[self._coverage > 0] *= (1 - self._coverage)[self._coverage > 0]
        values = kept + self._value * self._sign * self._coverage
        result: Array = values.astype(np.float32) + np.float32(0)  # no -0
        return result

    @property
    def _size(self) -> Size:
        return self._base.shape[0], self._base.shape[1]

    def _touched(self, cell: Cell) -> dict[Cell, float]:
        reach = math.ceil(self._radius)
        rows, columns = self._size
        return {
            (row, column): share
            for row in range(max(0, cell[0] - reach), min(rows, cell[0] + reach + 1))
            for column in range(max(0, cell[1] - reach), min(columns, cell[1] + reach + 1))
            if (share := softness(math.hypot(row - cell[0], column - cell[1]), self._radius)) > 0
        }
