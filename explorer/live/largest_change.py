"""What changed most between two states: one number of one map, with its place."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from explorer.layers.fields import Array
from explorer.layers.numbers import number
from explorer.live.comparison import Mode, NotComparableError, Pin, counterpart, key_of
from explorer.live.compute import Frame


@dataclass(frozen=True)
class Change:
    """One output value in A and in B. ``row`` and ``column`` are 0 in a vector (``is_map`` False)."""

    layer: str
    channel: int
    name: str
    row: int
    column: int
    before: float
    after: float
    is_map: bool = True

    @property
    def size(self) -> float:
        """How far apart the two are; infinite where only one is a number."""
        if self.before == self.after or (math.isnan(self.before) and math.isnan(self.after)):
            return 0.0
        apart = abs(self.after - self.before)
        return apart if apart == apart else math.inf

    @property
    def place(self) -> str:
        """``conv2d “edge right” at x 120, y 88``."""
        if not self.is_map:
            return f"{self.layer} number {self.channel}"
        which = f"“{self.name}”" if self.name else f"#{self.channel}"
        return f"{self.layer} {which} at x {self.column}, y {self.row}"

    @property
    def values(self) -> str:
        """``0.41 → −2.3``."""
        before, after = number(self.before), number(self.after)
        return f"{before} → {after}" if before != after else f"{self.before:.7g} → {self.after:.7g}"


@dataclass(frozen=True)
class Changes:
    """The largest change of all maps that have a counterpart, and the layers that have none."""

    largest: Change | None
    unmatched: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """What changed most, in one line."""
        if self.largest is not None:
            return f"largest change: {self.largest.place}: {self.largest.values}"
        return "no map that both have differs" if self.unmatched else "nothing differs"


class ChangeSearch:
    """Looks for the largest change, and remembers what it found in each map. Only one thread may use it."""

    def __init__(self, pin: Pin) -> None:
        self._pin = pin
        self._known: dict[tuple[str, int], tuple[object, object, Change | None]] = {}

    def find(self, frame: Frame, seconds: float = math.inf) -> Changes | None:
        """The largest change of all layers that B reaches.

        None where the time did not suffice: ask again, what is done is kept.
        """
        until = time.perf_counter() + seconds
        largest: Change | None = None
        unmatched = [f"{name} is not in B" for name in self._removed(frame)]
        for index, output in enumerate(frame.result.outputs):
            try:
                own = counterpart(frame, self._pin, index, Mode.DIFFERENCE)
            except NotComparableError as why:
                unmatched.append(_named(frame.result.network.names[index], str(why)))
                continue
            before = self._pin.result.outputs[own]
            for channel in range(min(before.shape[1], output.shape[1]) if output.ndim == 4 else 1):
                if time.perf_counter() > until and not self._is_known(frame, index, own, channel):
                    return None
                change = self._change(frame, index, own, channel)
                if change is not None and (largest is None or change.size > largest.size):
                    largest = change
        return Changes(largest, tuple(unmatched))

    def _removed(self, frame: Frame) -> Iterator[str]:
        return (name for name in self._pin.result.network.names if name not in frame.result.network.names)

    def _is_known(self, frame: Frame, index: int, own: int, channel: int) -> bool:
        before, now = key_of(self._pin.result, own, channel), key_of(frame.result, index, channel)
        known = self._known.get((frame.result.network.names[index], channel))
        return before is now or (known is not None and known[0] is before and known[1] is now)

    def _change(self, frame: Frame, index: int, own: int, channel: int) -> Change | None:
        before, now = key_of(self._pin.result, own, channel), key_of(frame.result, index, channel)
        if before is now:
            return None
        place = (frame.result.network.names[index], channel)
        known = self._known.get(place)
        if known is None or known[0] is not before or known[1] is not now:
            made = _largest(frame, index, self._pin.result.outputs[own], channel)
            known = self._known[place] = (before, now, made)
        return known[2]


def largest_change(frame: Frame, pin: Pin) -> Changes:
    """The largest difference between the states, in any map of any layer."""
    found = ChangeSearch(pin).find(frame)
    assert found is not None
    return found


def _named(name: str, why: str) -> str:
    return why if why.startswith(name) else f"{name}: {why}"


def _largest(frame: Frame, index: int, before: Array, channel: int) -> Change | None:
    """The place of one map, or of a vector, that changed most."""
    now = frame.result.outputs[index]
    old, new = (before[0, channel], now[0, channel]) if now.ndim == 4 else (before, now)
    row, column = _place(old, new)
    network = frame.result.network
    change = Change(
        network.names[index],
        channel if now.ndim == 4 else column,
        network.channel_name(index, channel) if now.ndim == 4 else "",
        row,
        column if now.ndim == 4 else 0,
        float(old[row, column]),
        float(new[row, column]),
        now.ndim == 4,
    )
    return change if change.size > 0 else None


def _place(old: Array, new: Array) -> tuple[int, int]:
    with np.errstate(all="ignore"):
        apart = np.subtract(new, old)
        np.abs(apart, out=apart)
        if not math.isfinite(float(apart.max())):
            same = (old == new) | (np.isnan(old) & np.isnan(new))
            apart = np.where(same, np.float32(0), np.nan_to_num(apart, nan=np.inf, posinf=np.inf))
    row, column = divmod(int(apart.argmax()), apart.shape[1])
    return row, column
