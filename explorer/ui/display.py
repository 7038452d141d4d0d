"""How maps are shown: colour map and scale. Not part of the document, and not undone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from explorer.imaging.colormaps import COLORMAPS, Colormap, colormap
from explorer.imaging.rendering import Scale
from explorer.live.analysis import LayerView

_OUTGROWN = 2.0  # times a frozen scale


@dataclass(frozen=True)
class Scaling:
    """One way to find a scale."""

    key: str
    label: str
    tip: str


SCALINGS: tuple[Scaling, ...] = (
    Scaling("map", "Per map", "Each map has its own scale: the most is seen, but maps cannot be compared"),
    Scaling("layer", "Per layer", "All maps of a layer have one scale: brighter is more"),
    Scaling("network", "Per network", "All maps of all layers have one scale: layers can be compared"),
)


class Display(QObject):
    """Colour and scale of every map in the window.

    A scale stays while a gesture lasts (``frozen``) or while it is locked: what is brighter then really is more. Where
    a stroke makes a map outgrow its scale by far, the scale grows with it, or there would be one flat colour to see.
    One that was set by hand stays until it is given up.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.colormap: Colormap = COLORMAPS[0]
        self.scaling = "map"
        self.locked = False
        self.frozen = False
        self.shows_clipped = False
        self._network: Scale | None = None
        self._shown: dict[tuple[str, int], Scale] = {}
        self._manual: dict[tuple[str, int], Scale] = {}

    def set_colormap(self, key: str) -> None:
        """Colour maps in another way."""
        self.colormap = colormap(key)
        self.changed.emit()

    def set_scaling(self, key: str) -> None:
        """One scale for each map, for all maps of a layer, or for all maps there are."""
        self.scaling = next(scaling.key for scaling in SCALINGS if scaling.key == key)
        self._shown.clear()
        self.changed.emit()

    def set_network_scale(self, scale: Scale | None) -> None:
        """What was found to be the widest scale of all layers."""
        if scale != self._network:
            self._network = scale
            if self.scaling == "network":
                self.changed.emit()

    def set_locked(self, locked: bool) -> None:
        """Keep the scales as they are, or let them follow the maps again."""
        self.locked = locked
        self.changed.emit()

    def set_shows_clipped(self, shows: bool) -> None:
        """Whether values beyond the ends of a scale are marked."""
        self.shows_clipped = shows
        self.changed.emit()

    def scale(self, layer: str, view: LayerView, channel: int, place: int | None = None) -> Scale:
        """The scale of one map of a layer (by name; the input's name is empty).

        ``place`` is where its filter stands by now, where that is another place than in the maps that are shown.
        """
        key = (layer, channel if place is None else place)
        if key in self._manual:
            return self._manual[key]
        known = self._shown.get(key)
        if known is not None and self.locked:
            return known
        fresh = self._fresh(layer, view, channel)
        if known is not None and self.frozen and fresh.magnitude <= _OUTGROWN * known.magnitude:
            return known
        self._shown[key] = fresh
        return fresh

    def _fresh(self, layer: str, view: LayerView, channel: int) -> Scale:
        if self.scaling == "map":
            return view.maps[channel].scale
        if self.scaling == "network" and layer and self._network is not None:
            return self._network
        return view.layer_scale()

    def forget(self) -> None:
        """Another network: what was kept of the old one's maps means nothing for it."""
        self._shown.clear()
        self._manual.clear()
        self._network = None

    # scales set by hand

    def set_by_hand(self, layer: str, channel: int, scale: Scale | None) -> None:
        """Give one map a scale of its own; None gives it up."""
        if scale is None:
            self._manual.pop((layer, channel), None)
            self._shown.pop((layer, channel), None)
        else:
            self._manual[layer, channel] = scale
        self.changed.emit()

    def by_hand(self, layer: str, channel: int) -> Scale | None:
        """The scale that was set by hand."""
        return self._manual.get((layer, channel))

    def any_by_hand(self, layer: str) -> bool:
        """Whether any map of a layer has a scale that was set by hand."""
        return any(name == layer for name, _ in self._manual)

    def rearrange(self, layer: str, sources: Sequence[int | None]) -> None:
        """Let scales go with their filters: in each new place stands this old one, or None a new one."""
        for kept in (self._shown, self._manual):
            old = {channel: scale for (name, channel), scale in kept.items() if name == layer}
            for channel in old:
                del kept[layer, channel]
            for place, source in enumerate(sources):
                if source in old:
                    kept[layer, place] = old[source]
