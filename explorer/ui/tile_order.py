"""Which tiles of a sheet are shown, and in which order."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from explorer.ui.tile import Tile

_RANGE = re.compile(r"#?(\d+)\s*(?:-|–|\.\.+|…)\s*#?(\d+)")
_NUMBER = re.compile(r"#?(\d+)")


@dataclass(frozen=True)
class Order:
    """One way to line up tiles: the largest ``value`` first. ``measured`` ones need the statistics of all maps."""

    key: str
    label: str
    tip: str
    value: Callable[[Tile], float]
    measured: bool = False


ORDERS: tuple[Order, ...] = (
    Order("index", "By index", "As the filters stand in the layer", lambda tile: 0.0),
    Order(
        "norm",
        "By norm of values",
        "Maps with the largest values first",
        lambda tile: tile.view.statistics.norm,
        True,
    ),
    Order("weights", "By norm of weights", "Filters with the largest weights first", lambda tile: tile.norm),
    Order(
        "mean", "By mean", "Maps with the highest mean first", lambda tile: tile.view.statistics.mean, True
    ),
    Order(
        "sparsity",
        "By share of zeros",
        "Maps with the most zeros first",
        lambda tile: tile.view.statistics.zeros,
        True,
    ),
)


@dataclass(frozen=True)
class Listing:
    """What the user wants to see of a layer's maps: an order by key, no dead ones, only those that are found."""

    order: str = "index"
    hides_dead: bool = False
    text: str = ""

    @property
    def ordering(self) -> Order:
        """The order itself."""
        return next(order for order in ORDERS if order.key == self.order)

    @property
    def is_plain(self) -> bool:
        """Whether all tiles are shown, by index."""
        return self == Listing()

    def shown(self, tiles: Sequence[Tile]) -> tuple[int, ...]:
        """The tiles to show, by index."""
        wanted = _search(self.text)
        kept = [
            index
            for index, tile in enumerate(tiles)
            if wanted(index, tile.name) and not (self.hides_dead and tile.is_dead)
        ]
        if self.order != "index":
            value = self.ordering.value
            kept.sort(key=lambda index: _falling(value(tiles[index])))
        return tuple(kept)


def _falling(value: float) -> float:
    return math.inf if math.isnan(value) else -value


def _search(text: str) -> Callable[[int, str], bool]:
    """Whether a number or a name is asked for: ``3``, ``4-9``, ``edge up``; several are separated by commas."""
    tests = [_test(part.strip()) for part in text.split(",") if part.strip()]
    return lambda index, name: not tests or any(test(index, name) for test in tests)


def _test(text: str) -> Callable[[int, str], bool]:
    if found := _RANGE.fullmatch(text):
        first, last = sorted(int(end) for end in found.groups())
        return lambda index, name: first <= index <= last
    if found := _NUMBER.fullmatch(text):
        number = int(found[1])
        return lambda index, name: index == number or (name != f"#{index}" and text in name)
    words = text.casefold().split()
    return lambda index, name: all(word in name.casefold() for word in words)
