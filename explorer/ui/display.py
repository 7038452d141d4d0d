"""How maps are shown: colour map and scale. Not part of the document, and not undone."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from explorer.imaging.colormaps import COLORMAPS, Colormap, colormap
from explorer.imaging.rendering import Scale
from explorer.live.analysis import LayerView

SCALES = ("map", "layer")


class Display(QObject):
    """Colour and scale of every map in the window.

    A scale stays while a gesture lasts (``frozen``) or while it is locked: what is brighter then really is more.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.colormap: Colormap = COLORMAPS[0]
        self.per_layer = False
        self.locked = False
        self.frozen = False
        self._shown: dict[tuple[str, int], Scale] = {}

    def set_colormap(self, key: str) -> None:
        """Colour maps in another way."""
        self.colormap = colormap(key)
        self.changed.emit()

    def set_per_layer(self, per_layer: bool) -> None:
        """One scale for all maps of a layer, or one for each map."""
        self.per_layer = per_layer
        self._shown.clear()
        self.changed.emit()

    def set_locked(self, locked: bool) -> None:
        """Keep the scales as they are, or let them follow the maps again."""
        self.locked = locked
        self.changed.emit()

    def scale(self, layer: str, view: LayerView, channel: int) -> Scale:
        """The scale of one map of a layer (by name; the input's name is empty)."""
        known = self._shown.get((layer, channel))
        if known is not None and (self.frozen or self.locked):
            return known
        scale = view.layer_scale() if self.per_layer else view.maps[channel].scale
        self._shown[layer, channel] = scale
        return scale
