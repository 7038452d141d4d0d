"""What the stage does with its input: shows it, lets a small picture be painted, and takes a piece as a kernel."""

from __future__ import annotations

from dataclasses import replace
from html import escape

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Signal

from explorer.document import edits
from explorer.imaging.preprocess import to_input, white_of, working_size
from explorer.layers import template
from explorer.layers.convolution import Conv2d
from explorer.layers.explanation import Box
from explorer.layers.fields import Array
from explorer.layers.forward import shape_of
from explorer.layers.layer import Layer
from explorer.layers.sliding import SlidingLayer
from explorer.live.compute import Frame
from explorer.live.session import Session
from explorer.ui.display import Display
from explorer.ui.input_side import LARGEST_NUMBERS, InputSide
from explorer.ui.picture_marks import windows_of
from explorer.ui.stage_scene import TEMPLATE, Scene

_COLOURS = ("red", "green", "blue")


class StageInput(QObject):
    """Fills the left side of the stage, and makes edits of what is done there.

    Signals
    -------
    message(sentence)
        Something cannot be done, or did more than was asked for.
    """

    message = Signal(str)

    def __init__(
        self, session: Session, display: Display, scene: Scene, side: InputSide, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._display, self._scene, self.side = session, display, scene, side
        self._pixels_of: tuple[object, object] = (None, None)
        self._pixels: npt.NDArray[np.float32] = np.zeros((1, 1, 1), np.float32)
        side.taken.connect(self.take)
        side.numbers.edited.connect(self._paint)
        side.numbers.finished.connect(session.finish_gesture)
        side.numbers.cancelled.connect(session.cancel)
        side.numbers.refused.connect(self.message)

    # what is shown

    def show(self, frame: Frame) -> None:
        """Show what goes into the selected layer."""
        layer, index = self._scene.layer(), self._scene.index()
        self._offer(layer)
        position = index if index >= 0 else self._session.layer
        if layer is None or position <= 0:
            self._show_picture(frame)
        else:
            self._show_map(frame, position)
        self._show_windows(frame)

    def show_document(self) -> None:
        """Follow an edit of a small picture at once, before its maps are there."""
        if self._scene.frame is not None and self._session.layer <= 0 and self._as_numbers():
            self._show_pixels()

    def _offer(self, layer: Layer | None) -> None:
        is_first = self._session.layer <= 0
        channels = self._session.document.input_shape[0] if is_first else 0
        self.side.offer(
            taking=isinstance(layer, Conv2d) and layer.enabled,
            positions=isinstance(layer, SlidingLayer) and layer.enabled,
            numbers=is_first and self._is_small(),
            channels=channels,
        )

    def _is_small(self) -> bool:
        """Whether the picture enters at its own size, and that has room for its numbers."""
        image, preprocess = self._session.document.image, self._session.document.preprocess
        size = working_size(image, preprocess)
        return size == image.pixels.shape[:2] and max(size) <= LARGEST_NUMBERS

    def _as_numbers(self) -> bool:
        return self._is_small() and self.side.as_numbers.isChecked()

    def _show_picture(self, frame: Frame) -> None:
        if self._as_numbers():
            self._show_pixels()
            return
        rows, columns = frame.picture[0].shape[:2]
        title = f"<b>Picture</b> {columns} × {rows}"
        self.side.show_picture(title, frame.picture, frame.result.input[0], self._display.colormap)

    def _show_pixels(self) -> None:
        document, pixels = self._session.document, self._own_pixels()
        channel = min(self._scene.input_channel(), len(pixels) - 1)
        rows, columns = pixels.shape[1:]
        which = f", {_COLOURS[channel]}" if len(pixels) == 3 else ""
        self.side.show_pixels(
            f"<b>Picture</b> {columns} × {rows}{which}",
            pixels[channel],
            white_of(document.image, document.preprocess),
            document.image.edited_source,
            self._display.colormap,
        )

    def _own_pixels(self) -> npt.NDArray[np.float32]:
        """(C, H, W) as the network sees them, before mean and std."""
        document = self._session.document
        key = (document.image, document.preprocess)
        if self._pixels_of != key:
            plain = replace(document.preprocess, mean=(), std=())
            self._pixels_of, self._pixels = key, to_input(document.image, plain)[0]
        return self._pixels

    def _show_map(self, frame: Frame, position: int) -> None:
        names, colormap = frame.result.network.names, self._display.colormap
        name = names[position - 1] if position <= len(names) else ""
        if position - 1 >= len(frame.result.outputs):
            self.side.show_message(f"<b>{escape(name)}</b>", f"Waiting for {name}", colormap)
            return
        view = frame.input_view(position)
        if view is None:
            values = frame.result.outputs[position - 1][0]
            if values.ndim == 1:
                self.side.show_numbers(f"<b>{escape(name)}</b> {len(values):,} numbers", values, colormap)
            return
        channel = min(self._scene.input_channel(), len(view.maps) - 1)
        rows, columns = view.maps[channel].levels[0].shape
        of = f", #{channel} of {len(view.maps)}" if len(view.maps) > 1 else ""
        scale = self._display.scale(name, view, channel)
        self.side.show_map(
            f"<b>{escape(name)}</b> {columns} × {rows}{of}", view.maps[channel], scale, colormap
        )

    def _show_windows(self, frame: Frame) -> None:
        index, windows = self._scene.index(), None
        if index >= 0:
            shape = shape_of(frame.result.input_of(index))
            with_positions = self.side.show_positions.isChecked()
            windows = windows_of(frame.result.layers[index], shape, with_positions=with_positions)
        self.side.show_windows(windows)

    # painting a small picture

    def _paint(self, values: Array, text: str, gesture: int) -> None:
        pixels = self._own_pixels().copy()
        if not self._as_numbers() or values.shape != pixels.shape[1:]:
            return  # of a picture that is not on the stage any more
        pixels[min(self._scene.input_channel(), len(pixels) - 1)] = values
        self._session.edit(edits.set_pixels(self._session.document, pixels), text, gesture)

    # a piece of the picture as a kernel

    def take(self, box: Box) -> None:
        """The chosen filter becomes these pixels of the layer's input: it answers to what looks like them."""
        frame, layer, place = self._scene.frame, self._scene.layer(), self._scene.place()
        reached = frame is not None and 0 <= place <= len(frame.result.outputs)
        if frame is None or not reached or not isinstance(layer, Conv2d) or not layer.enabled:
            self.message.emit("Select a convolution: a piece of its input becomes the kernel of its filter.")
            return
        x = frame.result.input_of(place)
        if x.ndim != 4:
            return
        channels = self._scene.group_channels(layer)
        patch = x[
            0,
            channels.start : channels.stop,
            box.top : box.top + box.height,
            box.left : box.left + box.width,
        ]
        index, document = self._session.layer, self._session.document
        chosen = min(self._session.channel, layer.out_channels - 1)
        try:
            kernel = template.template(patch, grey=self.side.wants_grey and len(patch) == 3)
            taken = edits.set_kernel(document, index, chosen, kernel, TEMPLATE)
        except ValueError as error:
            self.message.emit(str(error))
            return
        self._session.edit(taken, "Kernel from the picture")
        self.side.take.setChecked(False)
        size = (box.height, box.width)
        if layer.kernel_size != size and layer.out_channels > 1:
            self.message.emit(
                f"The kernels of {layer.name} have {box.width} × {box.height} cells now; "
                "the other filters keep theirs in the middle."
            )

    def take_window(self) -> None:
        """The same by key: the window under the dot."""
        box = self._scene.window_at(self._scene.dot())
        layer, place = self._scene.layer(), self._scene.place()
        if box is None or self._scene.frame is None or not isinstance(layer, Conv2d):
            self.message.emit("Select a convolution: a piece of its input becomes the kernel of its filter.")
            return
        rows, columns = self._scene.frame.result.input_of(place).shape[2:]
        top, left = max(box.top, 0), max(box.left, 0)
        bottom, right = min(box.top + box.height, rows), min(box.left + box.width, columns)
        height, width = min(bottom - top, layer.kernel_size[0]), min(right - left, layer.kernel_size[1])
        if height > 0 and width > 0:
            self.take(Box(top, left, height, width))
