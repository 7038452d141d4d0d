"""Filters in another order: which old filter stands where, and which of them are selected then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

Sources = tuple[int | None, ...]


@dataclass(frozen=True)
class Rearrangement:
    """For each new place the old filter that goes there (None: a new one), and what is selected afterwards."""

    sources: Sources
    chosen: tuple[int, ...]
    current: int

    def undone(self, count: int, chosen: tuple[int, ...], current: int) -> Rearrangement:
        """The way back to ``count`` filters of which these were selected."""
        places = {source: place for place, source in reversed(list(enumerate(self.sources)))}
        return Rearrangement(tuple(places.get(old) for old in range(count)), chosen, current)

    def after(self, earlier: Rearrangement) -> Rearrangement:
        """Both, one after the other."""
        sources = (None if source is None else earlier.sources[source] for source in self.sources)
        return Rearrangement(tuple(sources), self.chosen, self.current)


def moved(count: int, chosen: Sequence[int], slot: int, current: int) -> Rearrangement:
    """The chosen ones in front of what is filter ``slot`` now."""
    taken = set(chosen)
    before = [one for one in range(slot) if one not in taken]
    order = [*before, *chosen, *(one for one in range(slot, count) if one not in taken)]
    return _following(order, chosen, current)


def nudged(count: int, chosen: Sequence[int], step: int, current: int) -> Rearrangement:
    """Each of the chosen ones a place further to the left (-1) or to the right (1), as far as there is room."""
    order, taken = list(range(count)), set(chosen)
    for place in chosen if step < 0 else reversed(chosen):
        target = place + step
        if 0 <= target < count and order[target] not in taken:
            order[place], order[target] = order[target], order[place]
    return _following(order, chosen, current)


def sorted_as(order: Sequence[int], chosen: Sequence[int], current: int) -> Rearrangement:
    """Any other order."""
    return _following(list(order), chosen, current)


def duplicated(count: int, chosen: Sequence[int], current: int, slot: int | None = None) -> Rearrangement:
    """Copies in front of filter ``slot`` (None: each behind its own); the copies are selected."""
    taken = set(chosen)
    if slot is None:
        order = [one for one in range(count) for _ in range(2 if one in taken else 1)]
        copies = tuple(one + number + 1 for number, one in enumerate(chosen))
    else:
        order = [*range(slot), *chosen, *range(slot, count)]
        copies = tuple(range(slot, slot + len(chosen)))
    return Rearrangement(tuple(order), copies, copies[list(chosen).index(current)])


def removed(count: int, chosen: Sequence[int], current: int) -> Rearrangement:
    """Without the chosen ones; what takes the place of the current one is selected."""
    taken = set(chosen)
    left = tuple(one for one in range(count) if one not in taken)
    place = min(sum(one < current for one in left), max(len(left) - 1, 0))
    return Rearrangement(left, (place,), place)


def added(count: int) -> Rearrangement:
    """A new one at the end, which is selected."""
    return Rearrangement((*range(count), None), (count,), count)


def _following(order: list[int], chosen: Sequence[int], current: int) -> Rearrangement:
    """The same filters stay selected."""
    places = {source: place for place, source in enumerate(order)}
    return Rearrangement(tuple(order), tuple(sorted(places[one] for one in chosen)), places[current])
