"""Which tiles of a sheet are selected, and what the keys make of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QKeyCombination, Qt

_ALT, _CTRL = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ControlModifier
_SHIFT = Qt.KeyboardModifier.ShiftModifier
_PAGE = 3  # rows


@dataclass(frozen=True)
class TileSelection:
    """Several tiles, one of them the current one, which is always among them.

    ``chosen`` is sorted; ``anchor`` is where a range with Shift begins.
    """

    chosen: tuple[int, ...] = (0,)
    current: int = 0
    anchor: int = 0

    def alone(self, index: int) -> TileSelection:
        """Only one tile."""
        return TileSelection((index,), index, index)

    def at(self, index: int) -> TileSelection:
        """Another current tile: within the selected ones they stay so, elsewhere it is the only one."""
        return replace(self, current=index, anchor=index) if index in self.chosen else self.alone(index)

    def added(self, index: int) -> TileSelection:
        """One tile more, which becomes the current one."""
        return TileSelection(_sorted({*self.chosen, index}), index, index)

    def toggled(self, index: int) -> TileSelection:
        """With one tile more or less; the last one stays."""
        if index not in self.chosen:
            return self.added(index)
        left = tuple(one for one in self.chosen if one != index)
        if not left:
            return self
        current = self.current if self.current != index else min(left, key=lambda one: abs(one - index))
        return TileSelection(left, current, current)

    def extended(self, index: int, *, keep: bool = False) -> TileSelection:
        """From the anchor to a tile; ``keep`` also those selected before."""
        first, last = sorted((self.anchor, index))
        chosen = set(range(first, last + 1)) | (set(self.chosen) if keep else set())
        return TileSelection(_sorted(chosen), index, self.anchor)

    def all(self, count: int) -> TileSelection:
        """Every tile."""
        return replace(self, chosen=tuple(range(count))) if count else self

    def within(self, count: int) -> TileSelection:
        """What of it is there where there are only so many tiles."""
        if self.chosen[-1] < count and self.anchor < count:
            return self
        last = max(count - 1, 0)
        current = min(self.current, last)
        return TileSelection(
            _sorted({current, *(one for one in self.chosen if one < count)}), current, min(self.anchor, last)
        )


def of(chosen: tuple[int, ...], current: int) -> TileSelection:
    """These tiles, and the current one."""
    return TileSelection(_sorted({*chosen, current}), current, current)


def placed(selection: TileSelection, places: Mapping[int, int], nearest: int) -> TileSelection:
    """By the places where tiles stand, without hidden ones; ``nearest`` is what stands in for a hidden current one."""
    chosen = {places[one] for one in (*selection.chosen, nearest) if one in places}
    current = places[nearest]
    anchor = places.get(selection.anchor, current) if nearest == selection.current else current
    return TileSelection(_sorted(chosen), current, anchor)


def known(selection: TileSelection, shown: Sequence[int]) -> TileSelection:
    """The way back: from places to the tiles that stand there."""
    chosen = _sorted({shown[place] for place in selection.chosen})
    return TileSelection(chosen, shown[selection.current], shown[selection.anchor])


def by_key(selection: TileSelection, keys: QKeyCombination, count: int, columns: int) -> TileSelection | None:
    """What a key selects of ``count`` tiles in rows of ``columns``; None where it selects nothing."""
    key, modifiers = keys.key(), keys.keyboardModifiers()
    steps = {
        Qt.Key.Key_Left: -1,
        Qt.Key.Key_Right: 1,
        Qt.Key.Key_Up: -columns,
        Qt.Key.Key_Down: columns,
        Qt.Key.Key_PageUp: -columns * _PAGE,
        Qt.Key.Key_PageDown: columns * _PAGE,
        Qt.Key.Key_Home: -count,
        Qt.Key.Key_End: count,
    }
    if key == Qt.Key.Key_A and modifiers == _CTRL:
        return selection.all(count)
    if key == Qt.Key.Key_Escape and len(selection.chosen) > 1:
        return selection.alone(selection.current)
    if key == Qt.Key.Key_Space and modifiers == _CTRL:
        return selection.toggled(selection.current)
    if key not in steps or modifiers & _ALT:
        return None
    index = min(max(selection.current + steps[key], 0), count - 1)
    if modifiers & _SHIFT:
        return selection.extended(index, keep=bool(modifiers & _CTRL))
    return selection.added(index) if modifiers & _CTRL else selection.alone(index)


def _sorted(chosen: set[int]) -> tuple[int, ...]:
    return tuple(sorted(chosen))
