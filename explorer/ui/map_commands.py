"""Taking maps out of the window: export, and the clipboard."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from explorer.export.request import Rendering
from explorer.layers.forward import ForwardPass
from explorer.ui.export_dialog import ExportDialog

if TYPE_CHECKING:
    from explorer.ui.main_window import MainWindow


class MapCommands:
    """What is taken out is what the user sees, from a settled pass."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window

    def _rendering(self) -> Rendering:
        """Colours and scales as the window shows them now."""
        window = self._window
        frame, index = window.frame, window.session.layer
        display = window.display
        view = frame.views[index] if frame is not None and 0 <= index < len(frame.views) else None
        if view is None:
            return Rendering(display.colormap.key, "map" if display.scaling == "map" else "layer")
        name = window.session.document.network.names[index]
        scales = tuple(display.scale(name, view, channel) for channel in range(len(view.maps)))
        return Rendering(display.colormap.key, locked=scales)

    def _settled(self) -> tuple[ForwardPass, int, int] | None:
        """The settled pass with the selected layer and channel; says so where it is still being computed."""
        window = self._window
        frame, index = window.settled_frame, window.session.layer
        if index < 0:
            window.messages.note("Add a layer first: without one there are no maps.")
        elif frame is None:
            window.messages.note("The maps are still being computed: try again in a moment.")
        elif index >= len(frame.result.outputs):
            window.messages.note("This layer has no maps: see the message on its card.")
        else:
            count = frame.result.outputs[index].shape[1]
            return frame.result, index, min(window.session.channel, count - 1)
        return None

    def export(self) -> None:
        """Ask what to export, and where to."""
        ready = self._settled()
        if ready is None:
            return
        result, index, channel = ready
        layer = result.network.layers[index]
        name = result.network.channel_name(index, channel)
        count = result.outputs[index].shape[1]
        selected = tuple(one for one in self._window.maps.selection if one < count) or (channel,)
        dialog = ExportDialog(layer.name, name or f"#{channel}", count, len(selected), self._window)
        if dialog.exec():
            choice = dialog.choice
            rendering = replace(self._rendering(), grey_bits=choice.grey_bits)
            channels = selected if choice.only_selected else ()
            self._window.files.export(choice.exporter, result, index, channel, rendering, channels)

    def copy_map(self) -> None:
        """The selected map to the clipboard, as a picture."""
        if (ready := self._settled()) is not None:
            self._window.files.copy_map(*ready, self._rendering())

    def copy_values(self) -> None:
        """The selected map to the clipboard, as numbers."""
        if (ready := self._settled()) is not None:
            self._window.files.copy_values(*ready)
