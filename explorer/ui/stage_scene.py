"""What the stage looks at: the selected layer in the newest frame, the dot, and what lies under the mouse."""

from __future__ import annotations

import math

from explorer.layers.convolution import Conv2d
from explorer.layers.forward import shape_of
from explorer.layers.layer import Layer
from explorer.layers.numbers import number
from explorer.layers.receptive import Box, map_point, window_box
from explorer.live.analysis import LayerView
from explorer.live.compute import Frame
from explorer.live.session import Session
from explorer.ui.selected_kernel import SelectedKernel

TEMPLATE = "template"  # the name of a filter that was taken from a picture


class Scene:
    """The selection in the document, and its place in the frame, which may be older."""

    def __init__(self, session: Session, selected: SelectedKernel) -> None:
        self.frame: Frame | None = None
        self._session = session
        self._selected = selected
        self._place = (0.5, 0.5)  # of the dot, as a share of the network's input: the same for every layer
        self._parked: tuple[float, float] | None = None  # as a share of a map that is still to come

    def layer(self) -> Layer | None:
        """The selected layer of the document."""
        index = self._session.layer
        return self._session.document.network.layers[index] if index >= 0 else None

    def place(self) -> int:
        """Where the selected layer stands in the frame, reached or not; -1 where it is not in it."""
        frame, layer = self.frame, self.layer()
        if frame is None or layer is None or layer.name not in frame.result.network.names:
            return -1
        return frame.result.network.names.index(layer.name)

    def index(self) -> int:
        """The selected layer's place in the frame; -1 where the frame does not reach it."""
        return -1 if self.frame is None else self.index_in(self.frame)

    def index_in(self, frame: Frame) -> int:
        """The selected layer's place in any frame: where A and B are compared the stage may show an older one."""
        layer, names = self.layer(), frame.result.network.names
        place = names.index(layer.name) if layer is not None and layer.name in names else -1
        return place if place < len(frame.result.outputs) else -1

    def input_channel(self) -> int:
        """The channel of the input that the kernel on the stage reads, or that becomes the selected map."""
        layer = self.layer()
        if not isinstance(layer, Conv2d) or not layer.enabled:
            return self._session.channel
        return self.group_channels(layer).start + self._selected.channel

    def group_channels(self, layer: Conv2d) -> range:
        """The input channels that the selected filter reads."""
        per_group = layer.out_channels // layer.groups or 1
        place = self.place()
        view = self.frame.input_view(place) if self.frame is not None and place >= 0 else None
        size = len(view.maps) // layer.groups if view else 1
        first = self._selected.filter_index // per_group * size
        return range(first, first + size)

    def shows_template(self, layer: Layer) -> bool:
        """Whether the selected filter was taken from a picture and not painted over since."""
        return (
            isinstance(layer, Conv2d)
            and layer.enabled
            and layer.filter_name(self._session.channel) == TEMPLATE
        )

    # the dot

    def dot(self) -> tuple[int, int] | None:
        """The marked output (row, column) of the selected layer; the same place in every layer."""
        frame, index = self.frame, self.index()
        if frame is None or index < 0 or frame.result.outputs[index].ndim != 4:
            return None
        rows, columns = frame.result.outputs[index].shape[2:]
        if self._parked is not None:
            row, column = int(self._parked[0] * rows), int(self._parked[1] * columns)
        else:
            size = frame.result.input.shape[2:]
            place = [share * side - 0.5 for share, side in zip(self._place, size, strict=True)]
            point = map_point(frame.result, -1, index, place[0], place[1])
            row, column = math.floor(point[0] + 0.5), math.floor(point[1] + 0.5)
        return min(max(row, 0), rows - 1), min(max(column, 0), columns - 1)

    def put_dot(self, row: int, column: int) -> None:
        """Move the dot to an output of the selected layer. Its place in the picture is kept where it is there."""
        frame, index = self.frame, self.index()
        if frame is None or index < 0 or ((row, column) == self.dot() and self._parked is None):
            return
        self._parked = None
        point = map_point(frame.result, index, -1, row, column)
        self._put(point)

    def put_on_picture(self, row: int, column: int) -> None:
        """Move the dot to what lies at a pixel of the network's input."""
        self._parked = None
        self._put((row, column))

    def _put(self, point: tuple[float, float]) -> None:
        if self.frame is not None:
            rows, columns = self.frame.result.input.shape[2:]
            self._place = (point[0] + 0.5) / rows, (point[1] + 0.5) / columns

    def park_dot(self, row_share: float, column_share: float) -> None:
        """Put the dot at a share of the map's height and width, of a map that may still have to be computed."""
        self._parked = (row_share, column_share)

    def settle_dot(self) -> None:
        """Remember where a parked dot is, once its map is there."""
        dot, frame = self.dot(), self.frame
        if self._parked is None or dot is None or frame is None:
            return
        if frame.document.network is self._session.document.network:
            self.put_dot(*dot)

    def window_at(self, output: tuple[int, int] | None) -> Box | None:
        """What an output (row, column) of the selected layer looks at."""
        index = self.index()
        if self.frame is None or index < 0 or output is None:
            return None
        result = self.frame.result
        return window_box(result.layers[index], shape_of(result.input_of(index)), *output)

    # what lies under the mouse

    def map_value(self, row: int, column: int, channel: int | None = None) -> str:
        """A value of the selected map, or of another channel of its layer, with its place."""
        frame, layer, index = self.frame, self.layer(), self.index()
        if frame is None or layer is None or index < 0:
            return ""
        output = frame.result.outputs[index]
        if output.ndim != 4 or row >= output.shape[2] or column >= output.shape[3]:
            return ""
        channel = min(self._session.channel if channel is None else channel, output.shape[1] - 1)
        return f"{layer.name}  x {column}  y {row}   {number(float(output[0, channel, row, column]))}"

    def input_value(self, row: int, column: int, index: int | None = None) -> str:
        """A value of the input of the selected layer, or of layer ``index``, with its place."""
        frame, index = self.frame, self._session.layer if index is None else index
        if frame is None:
            return ""
        view: LayerView | None = (
            frame.input_view(index) if 0 <= index <= len(frame.result.outputs) else frame.inputs
        )
        if view is None or row >= view.source.shape[2] or column >= view.source.shape[3]:
            return ""
        values = view.source[0, :, row, column]
        if index > 0:
            channel = min(self.input_channel(), len(values) - 1)
            values = values[channel : channel + 1]
        shown = "  ".join(number(float(value)) for value in values[:4])
        return f"{'input' if index else 'picture'}  x {column}  y {row}   {shown}"
