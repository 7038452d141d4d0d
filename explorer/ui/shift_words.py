"""What the shift test says in words."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

from explorer.layers.numbers import number
from explorer.layers.shift import LayerShift, in_words

_ALONG = 1e-4  # below which a map that is moved back is the same but for rounding


@dataclass(frozen=True)
class ShiftFound:
    """What came out of one test. ``problem`` says why it ends early, or why there is none."""

    dy: int
    dx: int
    shifts: tuple[LayerShift, ...]
    problem: str = ""


def nudge_words(dy: int, dx: int) -> str:
    """``1 right, 0 down``."""
    across = f"{abs(dx)} {'left' if dx < 0 else 'right'}"
    return f"{across}, {abs(dy)} {'up' if dy < 0 else 'down'}"


def percent(change: float) -> str:
    """A share as a percentage in two digits or more."""
    if not math.isfinite(change):
        return number(change)
    hundred = 100 * change
    if hundred >= 9.95:
        return f"{hundred:,.0f} %"
    return "0 %" if hundred == 0 else "< 0.1 %" if hundred < 0.1 else f"{hundred:.1f} %"


def moves_along(shift: LayerShift) -> bool:
    """Whether the layer's maps are the old ones, moved as the picture was."""
    return shift.moved is not None and shift.moved < _ALONG


def along_words(shift: LayerShift) -> str:
    """Whether the change is a move only."""
    if shift.moved is None:
        return ""
    return "only moves along" if moves_along(shift) else f"moved back: {percent(shift.moved)}"


def sentence(found: ShiftFound) -> str:
    """What the layers make of the nudge, pooling first."""
    if found.problem and not found.shifts:
        return found.problem
    if not (found.dy or found.dx):
        return "Nudge the picture with the arrows: how much does each layer's output change?"
    said = _pooling(found.shifts) or in_words(found.shifts, found.dy, found.dx)
    return f"{said} {found.problem}".strip()


def _pooling(shifts: tuple[LayerShift, ...]) -> str:
    """The first pooling layer against the layer before it."""
    for before, after in pairwise(shifts):
        if not after.is_pooling or not before.change or not math.isfinite(before.change + after.change):
            continue
        if moves_along(after):
            return f"{after.name} only moves along, too: the nudge is a whole number of its strides."
        less = 1 - after.change / before.change
        amount = f"{abs(100 * less):.0f} %"
        if less >= 0.005:
            return (
                f"{after.name} changes {amount} less than {before.name}: small shifts get lost in its window."
            )
        if less <= -0.005:
            return f"{after.name} changes {amount} more than {before.name}: this nudge is not lost in its window."
        return f"{after.name} changes as much as {before.name}."
    return ""
