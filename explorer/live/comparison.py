"""An earlier state beside the present one: A is pinned, B is what the window shows now.

Layers are matched by their names and maps by their channels. What a layer shows in one of four ways is an ordinary
:class:`~explorer.live.analysis.LayerView`, worked out map by map and only where a map changed.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property

import numpy as np

from explorer.errors import ExplorerError
from explorer.imaging.rendering import Scale
from explorer.layers.fields import Array
from explorer.layers.forward import ForwardPass
from explorer.layers.network import in_words
from explorer.live.analysis import LayerView, MapView, map_view
from explorer.live.compute import Frame

UNCHANGED = "same"
"""The badge of a map in which A and B are equal."""


class Mode(StrEnum):
    """What of the two states is shown."""

    PINNED = "A"
    NOW = "B"
    HALVES = "A | B"
    DIFFERENCE = "B − A"


class PinError(ExplorerError):
    """A state cannot be kept for comparing."""


class NotComparableError(ExplorerError):
    """A layer of B has no counterpart in A that could be shown that way."""


@dataclass(frozen=True, eq=False)
class Pin:
    """A state that is kept. Its arrays are read-only, and nobody writes to their memory while they are held."""

    frame: Frame

    @property
    def result(self) -> ForwardPass:
        """What came out of every layer."""
        return self.frame.result

    @cached_property
    def memory(self) -> int:
        """The bytes of its maps, as far as B does not share them."""
        return bytes_of(self.result)

    def index(self, name: str) -> int:
        """Where the layer of this name stands; -1 where there is none."""
        names = self.result.network.names
        return names.index(name) if name in names else -1


def pinned(frame: Frame, memory_limit: int | None = None) -> Pin:
    """Keep a state.

    Raises
    ------
    PinError
        If not all of its maps are there, or if they and as many others need more than ``memory_limit`` bytes.
    """
    if not (frame.result.complete and frame.result.settled):
        raise PinError("The maps are still being computed: pin them when they are there.")
    pin = Pin(frame)
    if memory_limit is not None and 2 * pin.memory > memory_limit:
        raise PinError(
            f"Pinning would keep {in_words(pin.memory)} of maps beside as many new ones, above the limit of "
            f"{in_words(memory_limit)}: use a smaller picture or fewer filters, or raise the limit."
        )
    return pin


def bytes_of(result: ForwardPass) -> int:
    """The memory of a pass; what a layer only passes on counts once."""
    arrays = (result.input, *result.outputs)
    return sum({array.__array_interface__["data"][0]: array.nbytes for array in arrays}.values())


def counterpart(frame: Frame, pin: Pin, index: int, mode: Mode) -> int:
    """Where layer ``index`` of B stands in A.

    Raises
    ------
    NotComparableError
        If A has no such layer, or one whose output cannot be shown in this mode. The message says why.
    """
    name = frame.result.network.names[index]
    own = pin.index(name)
    if own < 0:
        raise NotComparableError(f"{name} is not in A")
    if own >= len(pin.result.outputs):
        raise NotComparableError(f"A does not get as far as {name}")
    if mode is Mode.NOW or (mode is Mode.PINNED and _stands_alike(frame, pin, index)):
        return own
    before, now = pin.result.outputs[own], frame.result.outputs[index]
    same_size = before.shape == now.shape if before.ndim == 2 else before.shape[2:] == now.shape[2:]
    if before.ndim != now.ndim or not same_size:
        raise NotComparableError(f"shapes differ: {_size(before)} in A against {_size(now)} in B")
    if mode is Mode.PINNED:
        raise NotComparableError(f"{name} stands elsewhere in A")
    if before.ndim == 2 and mode is Mode.HALVES:
        raise NotComparableError("numbers have no halves")
    return own


def _stands_alike(frame: Frame, pin: Pin, index: int) -> bool:
    """Whether the layers up to this one have the same names, so that A's pass can be shown in place of B's."""
    return frame.result.network.names[: index + 1] == pin.result.network.names[: index + 1]


def _size(output: Array) -> str:
    if output.ndim == 2:
        return f"{output.shape[1]:,} numbers"
    return f"{output.shape[3]} × {output.shape[2]}"


def same_numbers(frame: Frame, index: int, pin: Pin, own: int, channel: int) -> bool:
    """Whether a map of B is known to hold what it does in A, without looking at the numbers."""
    return key_of(frame.result, index, channel) is key_of(pin.result, own, channel)


def key_of(result: ForwardPass, index: int, channel: int) -> object:
    """The same object for the same numbers of one channel of a layer."""
    contents, output = result.contents[index], result.outputs[index]
    return contents[channel] if channel < len(contents) and output.ndim == 4 else output


@dataclass(frozen=True, eq=False)
class Wish:
    """What shall be shown: layer ``index`` of a frame, and ``share`` of the width for A where both are shown."""

    frame: Frame
    mode: Mode
    index: int
    share: float = 0.5

    @property
    def layer(self) -> str:
        """The layer's name."""
        return self.frame.result.network.names[self.index]

    def is_for(self, other: Wish | None) -> bool:
        """Whether both ask for the same."""
        return (
            other is not None
            and self.frame is other.frame
            and (self.mode, self.index, self.share) == (other.mode, other.index, other.share)
        )


@dataclass(frozen=True, eq=False)
class Shown:
    """The answer to a wish: a frame for stage and sheet, or B's own with a note that says why.

    ``before`` are A's maps, where there are any.
    """

    wish: Wish
    frame: Frame
    note: str = ""
    before: tuple[MapView, ...] = ()


@dataclass(frozen=True, eq=False)
class _Known:
    """A map that was worked out, and from what."""

    keys: tuple[object, object]
    share: float
    view: MapView

    def is_from(self, keys: tuple[object, object], share: float) -> bool:
        return self.keys[0] is keys[0] and self.keys[1] is keys[1] and self.share == share


class Comparer:
    """Works out what is shown of A and B, and remembers each map. Only one thread may use it."""

    def __init__(self, pin: Pin) -> None:
        self.pin = pin
        self._own: dict[tuple[int, int], MapView] = {}
        self._known: dict[tuple[str, Mode, int], _Known] = {}
        self._zeros: dict[tuple[int, ...], MapView] = {}
        self._until = math.inf

    def show(self, wish: Wish, seconds: float = math.inf) -> Shown | None:
        """The frame that was wished for; None where the time did not suffice: ask again, what is done is kept."""
        self._until = time.perf_counter() + seconds
        try:
            own = counterpart(wish.frame, self.pin, wish.index, wish.mode)
            if wish.frame.result.outputs[wish.index].ndim == 2:
                return Shown(wish, self._with_numbers(wish, own))
            view = self.compared(wish, own)
            return Shown(wish, self._with_view(wish, own, view), self._note(wish, own), self._maps_of_a(own))
        except NotComparableError as why:
            return Shown(wish, wish.frame, str(why))
        except MemoryError:
            return Shown(wish, wish.frame, "not enough memory to compare these maps")
        except _TimeIsUp:
            return None

    def compared(self, wish: Wish, own: int) -> LayerView:
        """The maps of B's layer, or of A's layer ``own``, in the way that was wished for."""
        now, before = wish.frame.views[wish.index], self._maps_of_a(own)
        if wish.mode is Mode.PINNED:
            output = self.pin.result.outputs[own]
            return beside(LayerView(output, before), now.maps if now is not None else ())
        if now is None:
            raise NotComparableError("the maps are not there yet")
        if wish.mode is Mode.NOW:
            return beside(now, before)
        maps = [
            self._map(wish, own, before[channel] if channel < len(before) else None, view, channel)
            for channel, view in enumerate(now.maps)
        ]
        if wish.mode is Mode.DIFFERENCE:
            maps = _with_scales_where_nothing_changed(maps, now.maps)
        return LayerView(now.source, tuple(maps))

    def _map(self, wish: Wish, own: int, before: MapView | None, now: MapView, channel: int) -> MapView:
        if before is None:
            badge = "not in A"
            return replace(self._zero(now) if wish.mode is Mode.DIFFERENCE else now, badge=badge)
        if same_numbers(wish.frame, wish.index, self.pin, own, channel) or now.content is before.content:
            return self._zero(now) if wish.mode is Mode.DIFFERENCE else before
        keys = key_of(self.pin.result, own, channel), key_of(wish.frame.result, wish.index, channel)
        share = wish.share if wish.mode is Mode.HALVES else 0.0
        place = (wish.layer, wish.mode, channel)
        known = self._known.get(place)
        if known is None or not known.is_from(keys, share):
            self._check_time()
            made = halves(before, now, share) if wish.mode is Mode.HALVES else difference(before, now)
            known = self._known[place] = _Known(keys, share, made)
        return known.view

    def _maps_of_a(self, index: int) -> tuple[MapView, ...]:
        return tuple(self._map_of_a(index, c) for c in range(self.pin.result.outputs[index].shape[1]))

    def _map_of_a(self, index: int, channel: int) -> MapView:
        known = self._own.get((index, channel))
        if known is None:
            self._check_time()
            view = self.pin.frame.views[index]
            known = view.maps[channel] if view else map_view(self.pin.result.outputs[index][0, channel])
            self._own[index, channel] = known
        return known

    def _zero(self, like: MapView) -> MapView:
        shape = like.levels[0].shape
        if shape not in self._zeros:
            made = map_view(np.zeros(shape, np.float32))
            self._zeros[shape] = replace(made, badge=UNCHANGED)
        return self._zeros[shape]

    def _check_time(self) -> None:
        if time.perf_counter() > self._until:
            raise _TimeIsUp

    def _with_view(self, wish: Wish, own: int, view: LayerView) -> Frame:
        """A frame with these maps; a request of its own tells it from others."""
        if wish.mode is not Mode.PINNED:
            return _with(wish.frame, wish.index, view)
        shown = _with(self.pin.frame, own, view)
        if own and self.pin.result.outputs[own - 1].ndim == 4:
            shown = _with(
                shown, own - 1, LayerView(self.pin.result.outputs[own - 1], self._maps_of_a(own - 1))
            )
        return shown

    def _with_numbers(self, wish: Wish, own: int) -> Frame:
        if wish.mode is Mode.PINNED:
            return replace(self.pin.frame, request=replace(self.pin.frame.request))
        if wish.mode is Mode.NOW:
            return wish.frame
        before, result = self.pin.result.outputs[own], wish.frame.result
        with np.errstate(all="ignore"):
            difference = result.outputs[wish.index] - before
        difference.flags.writeable = False
        outputs = (*result.outputs[: wish.index], difference, *result.outputs[wish.index + 1 :])
        request = replace(wish.frame.request)
        return replace(wish.frame, request=request, result=replace(result, outputs=outputs))

    def _note(self, wish: Wish, own: int) -> str:
        before, now = self.pin.result.outputs[own].shape[1], wish.frame.result.outputs[wish.index].shape[1]
        return "" if before == now else f"{before:,} maps in A, {now:,} in B"


class _TimeIsUp(Exception):  # noqa: N818 - not an error
    """Somebody else wants the thread."""


def _with(frame: Frame, index: int, view: LayerView) -> Frame:
    views = (*frame.views[:index], view, *frame.views[index + 1 :])
    return replace(frame, request=replace(frame.request), views=views)


def halves(before: MapView, now: MapView, share: float) -> MapView:
    """A's map left of ``share`` of the width, B's right of it, on the wider of their scales."""
    levels = []
    for first, second in zip(before.levels, now.levels, strict=True):
        level = np.array(second)
        edge = round(share * level.shape[1])
        level[:, :edge] = first[:, :edge]
        level.flags.writeable = False
        levels.append(level)
    with np.errstate(all="ignore"):
        low, high = float(levels[0].min()), float(levels[0].max())
    scale = joint(before, now)
    if not (math.isfinite(low) and math.isfinite(high)):
        return replace(map_view(levels[0]), scale=scale)
    badge = before.badge if before.badge == now.badge else ""
    return MapView(tuple(levels), scale, low, high, badge)


def difference(before: MapView, now: MapView) -> MapView:
    """B less A. What is infinite in both does not differ."""
    first, second = before.levels[0], now.levels[0]
    with np.errstate(all="ignore"):
        pixels = second - first
    view = map_view(pixels)
    if view.badge == "NaN":
        pixels[first == second] = 0
        view = map_view(pixels)
    pixels.flags.writeable = False
    return replace(view, badge=UNCHANGED) if view.badge == "dead" else view


def joint(before: MapView, now: MapView) -> Scale:
    """The wider scale of two maps; that of a map which is 0 everywhere says nothing."""
    first, second = before.scale, now.scale
    if before.minimum == before.maximum == 0:
        return second
    if now.minimum == now.maximum == 0:
        return first
    wider = max(first, second, key=lambda scale: scale.magnitude)
    return replace(wider, negatives=first.negatives or second.negatives)


def beside(view: LayerView, others: Sequence[MapView]) -> LayerView:
    """A layer's maps, each on the scale that it has together with its counterpart."""
    shown = []
    for channel, one in enumerate(view.maps):
        scale = joint(one, others[channel]) if channel < len(others) else one.scale
        shown.append(one if scale == one.scale else replace(one, scale=scale))
    return LayerView(view.source, tuple(shown))


def _with_scales_where_nothing_changed(maps: list[MapView], now: Sequence[MapView]) -> list[MapView]:
    """A map without a difference takes the widest scale of the others, else the one that B has there."""
    changed = [view.scale for view in maps if view.minimum != 0 or view.maximum != 0]
    widest = max(changed, key=lambda scale: scale.magnitude, default=None)
    shown = []
    for view, own in zip(maps, now, strict=True):
        if view.minimum == view.maximum == 0:
            magnitude = (widest or own.scale).magnitude
            view = replace(view, scale=Scale(-magnitude, magnitude))
        shown.append(view)
    return shown


def compared(frame: Frame, pin: Pin, mode: Mode, index: int, share: float = 0.5) -> LayerView:
    """The maps of layer ``index`` in one of the four ways; NotComparableError where there is no counterpart."""
    return Comparer(pin).compared(Wish(frame, mode, index, share), counterpart(frame, pin, index, mode))
