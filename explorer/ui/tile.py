"""One map with all that is said about it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from explorer.imaging.rendering import Scale
from explorer.layers.fields import Array
from explorer.layers.numbers import number
from explorer.live.analysis import MapView

_SATURATED, _CLIPPED = 0.99, 0.20


@dataclass(frozen=True, eq=False)
class Tile:
    """One map with its caption.

    ``kernel`` (rows, columns) is drawn small beside the name; ``norm`` is that of the filter's weights. ``ends`` are
    the values where the layer's function is flat, as 0 and 1 of a sigmoid.
    """

    view: MapView
    scale: Scale
    name: str
    kernel: Array | None = None
    ends: tuple[float, float] | None = None
    norm: float = 0.0

    def looks_like(self, other: Tile) -> bool:
        """Whether both are known to be drawn alike."""
        if self.view.content is not other.view.content:
            return False
        if (self.scale, self.name, self.ends) != (other.scale, other.name, other.ends):
            return False
        if self.kernel is None or other.kernel is None:
            return self.kernel is other.kernel
        return np.array_equal(self.kernel, other.kernel)

    @property
    def clipped(self) -> float:
        """The share 0..1 of values that are beyond the ends of the scale."""
        return self.view.clipped(self.scale)

    @cached_property
    def badge(self) -> str:
        """One or two words for a map that deserves a second look, else empty."""
        if self.view.badge:
            return self.view.badge
        return "saturated" if self._flat > _SATURATED or self.clipped > _CLIPPED else ""

    @property
    def is_dead(self) -> bool:
        """Whether every value is 0."""
        return self.view.badge == "dead"

    @property
    def _flat(self) -> float:
        return self.view.share_near(*self.ends) if self.ends else 0.0

    @property
    def why(self) -> str:
        """What the badge means, in one sentence; empty where there is none."""
        badge, figures = self.badge, self.view.statistics
        if badge == "NaN":
            return f"{figures.nans:,} of {figures.size:,} values are not a number (NaN); they are magenta."
        if badge == "overflow":
            return (
                f"{figures.non_finite:,} of {figures.size:,} values overflowed to infinity; they are magenta."
            )
        if badge == "dead":
            return "Dead: every value is 0, so nothing of it reaches the next layer."
        if badge == "saturated" and self._flat > _SATURATED:
            return (
                f"Saturated: {self._flat:.1%} of the values are at an end of the function, where it is flat."
            )
        if badge == "saturated":
            return f"Saturated: {self.clipped:.0%} of the values are beyond the ends of the colour scale."
        return f"Constant: every value is {number(self.view.minimum)}." if badge else ""

    def describe(self, channel: int) -> str:
        """Everything that may not fit into the caption."""
        figures = self.view.statistics
        rows, columns = self.view.levels[0].shape
        lines = [f"{self.name} (channel {channel})", f"{columns} × {rows}"]
        if why := self.why:
            lines.append(why)
        if figures.size > figures.non_finite and figures.minimum != figures.maximum:
            lines.append(f"from {number(figures.minimum)} to {number(figures.maximum)}")
            lines.append(f"mean {number(figures.mean)}, standard deviation {number(figures.std)}")
            lines.append(f"zeros {figures.zeros:.1%}, clipped {self.clipped:.1%}")
        return "\n".join(lines)
