"""What is pointed at on the stage: the dot that follows the mouse or is pinned, and all that is marked with it.

Nothing is computed here but the one number that is explained: everything is read off the maps that are there.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from explorer.layers.convolution import Conv2d
from explorer.layers.explanation import Term, one_line
from explorer.layers.receptive import Box, receptive_field
from explorer.live.compute import Frame
from explorer.live.session import Session
from explorer.ui import imagery
from explorer.ui.input_side import InputSide
from explorer.ui.kernel_panel import KernelPanel
from explorer.ui.picture_inset import Inset
from explorer.ui.picture_view import PictureView
from explorer.ui.probe import PICTURE, Probe, Step
from explorer.ui.seen_by import Boxes, dependents_of, seen_by
from explorer.ui.stage_scene import Scene
from explorer.ui.throttle import Throttle

_LIT = 3  # cells of the kernel that are lit
_INSET_FROM = 160  # pixels of the longer side of the inset's image


class Probing(QObject):
    """Follows the mouse over maps, pictures, tiles and bars.

    Signals
    -------
    line_changed(text)
        How the number came to be, in one line.
    probe_changed(probe)
        Another number, or the same one is no longer pointed at; None where there is none.
    field_changed(box)
        What the number sees of the network's input; None where nothing is pointed at.
    dependents_changed(boxes)
        For each layer the outputs that depend on the input pixel under the mouse; empty where there is none.
    crosshair_changed(place)
        The (row, column) of the selected layer's maps that is pointed at, or None.
    said(text)
        Place and value under the mouse.
    """

    line_changed = Signal(str)
    probe_changed = Signal(object)
    field_changed = Signal(object)
    dependents_changed = Signal(object)
    crosshair_changed = Signal(object)
    said = Signal(str)

    def __init__(
        self,
        session: Session,
        scene: Scene,
        input_side: InputSide,
        map_view: PictureView,
        kernel: KernelPanel,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._scene = session, scene
        self._input, self._map, self._kernel = input_side, map_view, kernel
        self._describe: Callable[[], str] | None = None
        self._inside = False
        self._channel: int | None = None  # of a tile or a bar that is not the selected one
        self._pixel: tuple[int, int, int] | None = None  # (layer, row, column) of that layer's input
        self._on_picture: Step | None = None  # a pixel of the picture that is looked at like an output
        self._wanted: Step | None = None  # a place in a layer that may still have to be computed
        self._field: Box | None = None
        self._boxes: Boxes = ()
        self._probe: Probe | None = None
        self._image: tuple[object, QImage] = (None, QImage())
        self._throttle = Throttle(self)
        self.pinned = False

    # over the maps

    def point(self, row: int, column: int, channel: int | None = None) -> None:
        """The mouse is over a value of the selected layer's map, or of another of its maps."""
        self._throttle.call(partial(self._point, row, column, channel))

    def _point(self, row: int, column: int, channel: int | None) -> None:
        self._pixel, self._inside = None, True
        if not self.pinned:
            self._channel = channel
            self._scene.put_dot(row, column)
        self._say(partial(self._scene.map_value, row, column, channel))
        self.refresh()

    def point_at_number(self, index: int) -> None:
        """The mouse is over a number of a layer that gives a row of them."""
        self._throttle.call(partial(self._point_at_number, index))

    def _point_at_number(self, index: int) -> None:
        self._pixel, self._inside = None, True
        if not self.pinned:
            self._channel = index
        self.refresh()

    def pin(self, row: int, column: int) -> None:
        """Keep the dot here; or let it go where it is pinned here already."""
        if self.pinned and self._on_picture is None and (row, column) == self._scene.dot():
            self.unpin()
            return
        self.walk(row, column)

    def walk(self, row: int, column: int) -> None:
        """Move the dot by key: it stays where it is put."""
        self._throttle.drop()
        self.pinned, self._on_picture, self._channel = True, None, None
        self._scene.put_dot(row, column)
        self._say(partial(self._scene.map_value, row, column, None))
        self.refresh()

    def unpin(self) -> bool:
        """Let the dot follow the mouse again; False where it did so anyway."""
        if not self.pinned:
            return False
        self.pinned, self._on_picture = False, None
        self.refresh()
        return True

    def leave(self) -> None:
        """The mouse is over nothing. The last number stays, and is shown as such."""
        self._throttle.drop()
        self._inside, self._pixel, self._describe = False, None, None
        self.said.emit("")
        channel = self._channel
        self.refresh()
        self._channel = None if not self.pinned else channel

    def go_to(self, step: Step) -> None:
        """Select a layer and park the dot on one of its outputs, or look at a pixel of the picture."""
        self._throttle.drop()
        self.pinned, self._channel, self._pixel, self._describe = True, None, None, None
        self.said.emit("")
        self._on_picture = step if step.index == PICTURE else None
        self._wanted = step
        self._session.select_layer(max(step.index, 0))
        if step.index != PICTURE:
            self._session.select_channel(step.row if step.is_number else step.channel)
        self.refresh()

    def _reach_wanted(self) -> None:
        """Put the dot where it was asked for, once that layer is computed."""
        step = self._wanted
        if step is None:
            return
        if step.index == PICTURE:
            self._scene.put_on_picture(step.row, step.column)
        elif self._scene.index() != step.index:
            self._wanted = step if self._session.layer == step.index else None
            return
        elif not step.is_number:
            self._scene.put_dot(step.row, step.column)
        self._wanted = None

    # over the input

    def point_at_input(self, row: int, column: int) -> None:
        """The mouse is over a pixel of the selected layer's input."""
        self._throttle.call(partial(self._point_at_input, max(self._scene.place(), 0), row, column))

    def point_at_picture(self, row: int, column: int) -> None:
        """The mouse is over a pixel of the network's input, shown somewhere else."""
        self._throttle.call(partial(self._point_at_input, 0, row, column))

    def _point_at_input(self, index: int, row: int, column: int) -> None:
        self._inside, self._pixel = False, (index, row, column)
        self._say(partial(self._input_words, index, row, column))
        self.refresh()

    def _input_words(self, index: int, row: int, column: int) -> str:
        text, frame = self._scene.input_value(row, column, index), self._scene.frame
        if frame is None or not text:
            return text
        seen = seen_by(frame.result, self._dependents(frame), index)
        return f"{text}   {seen}" if seen else text

    def _dependents(self, frame: Frame) -> Boxes:
        pixel = self._pixel
        if pixel is None and self._on_picture is not None and self._session.layer <= 0:
            pixel = 0, self._on_picture.row, self._on_picture.column
        if pixel is None:
            return ()
        index, row, column = pixel
        if index > len(frame.result.outputs):
            return ()
        x = frame.result.input_of(index)
        if x.ndim != 4 or row >= x.shape[2] or column >= x.shape[3]:
            return ()
        return dependents_of(frame.result, index, row, column)

    def _say(self, describe: Callable[[], str]) -> None:
        self._describe = describe
        self.said.emit(describe())

    # one of the terms

    def point_at_term(self, term: Term | None) -> None:
        """Mark one of the numbers that the probed one is made of; None for none."""
        source = term.source if term else None
        shown = self._scene.input_channel()
        is_shown = source is not None and (self._session.layer == 0 or source.channel == shown)
        self._input.mark_pixel((source.row, source.column) if source and is_shown else None)
        self._light((term,) if term is not None else self._largest())

    # what follows

    def show_later_layers(self) -> None:
        """The layers behind the selected one have been computed, too."""
        if self._boxes:
            self.refresh()

    def refresh(self) -> None:
        """Mark everything anew for the present frame and selection."""
        frame, index = self._scene.frame, self._scene.index()
        if frame is None:
            return
        self._reach_wanted()
        boxes = self._dependents(frame)
        if boxes != self._boxes:
            self._boxes = boxes
            self.dependents_changed.emit(boxes)
        dot = self._scene.dot()
        box = boxes[index] if 0 <= index < len(boxes) else None
        self._map.mark(box, dot, pinned=self.pinned and self._on_picture is None)
        self._input.mark(self._scene.window_at(dot))
        self._input.mark_pixel(self._ringed())
        probe = self._probe = self._make_probe(frame, index, dot)
        self.probe_changed.emit(probe)
        self.line_changed.emit(self._line(probe))
        self.crosshair_changed.emit(dot if self._inside or self.pinned else None)
        self._show_field(frame, probe, boxes)
        self._light(self._largest())
        if self._describe is not None:  # what lies under the mouse may be another number now
            self.said.emit(self._describe())

    @property
    def probe(self) -> Probe | None:
        """The number that is looked at."""
        return self._probe

    def _ringed(self) -> tuple[int, int] | None:
        """The pixel of the stage's input that is looked at."""
        if self._pixel is not None:
            index, row, column = self._pixel
            return (row, column) if index == max(self._scene.place(), 0) else None
        at = self._on_picture
        return (at.row, at.column) if at is not None and self._session.layer <= 0 else None

    def _make_probe(self, frame: Frame, index: int, dot: tuple[int, int] | None) -> Probe | None:
        live = self._inside or self.pinned
        if self._on_picture is not None and self._session.layer <= 0:
            step, shape = self._on_picture, frame.result.input.shape
            if step.channel < shape[1] and step.row < shape[2] and step.column < shape[3]:
                return Probe(frame.result, step, live, self.pinned)
        if index < 0:
            return None
        output = frame.result.outputs[index]
        chosen = self._session.channel if self._channel is None else self._channel
        channel = min(chosen, output.shape[1] - 1)
        row, column = dot if dot is not None else (channel, 0)
        step = Step(index, channel if output.ndim == 4 else 0, row, column, output.ndim == 2)
        return Probe(frame.result, step, live, self.pinned)

    @staticmethod
    def _line(probe: Probe | None) -> str:
        if probe is None:
            return ""
        step = probe.step
        if step.index == PICTURE:
            return f"A number of the {probe.place_words}: it is what it is"
        return one_line(probe.result, step.index, step.channel, step.row, step.column)

    def _show_field(self, frame: Frame, probe: Probe | None, boxes: Boxes) -> None:
        """On the picture: what the number sees; or, from the input's side, what its pixel is made of."""
        field, deep = None, False
        if self._pixel is not None:
            index, row, column = self._pixel
            if boxes and index > 0:
                field, deep = receptive_field(frame.result, index - 1, row, column), True
        elif probe is not None and probe.live and probe.step.index != PICTURE:
            step = probe.step
            field, deep = receptive_field(frame.result, step.index, step.row, step.column), step.index > 0
        self._input.picture.show_inset(self._inset(frame, field) if deep else None)
        if field != self._field:
            self._field = field
            self.field_changed.emit(field)

    def _inset(self, frame: Frame, box: Box | None) -> Inset:
        rows, columns = frame.picture[0].shape[:2]
        if self._image[0] is not frame.picture:
            levels = [level for level in frame.picture if max(level.shape[:2]) >= _INSET_FROM]
            self._image = frame.picture, imagery.rgb_image(levels[-1] if levels else frame.picture[0])
        image = self._image[1]
        return Inset(image, image.cacheKey(), (rows, columns), box)

    def _largest(self) -> tuple[Term, ...]:
        """The products that count most, while a number is pointed at."""
        probe = self._probe
        if probe is None or not probe.live or probe.explanation is None:
            return ()
        shown = self._kernel.selected
        of_shown = [
            term
            for term in probe.explanation.terms
            if term.kernel is not None
            and term.product
            and (shown.all_channels or term.kernel[0] == shown.channel)
        ]
        return tuple(sorted(of_shown, key=lambda term: -abs(term.product))[:_LIT])

    def _light(self, terms: tuple[Term, ...]) -> None:
        """Frame these cells of the kernel on the stage, where it is the one that they belong to."""
        probe, shown = self._probe, self._kernel.selected
        layer = self._scene.layer()
        fits = (
            probe is not None
            and isinstance(layer, Conv2d)
            and probe.step.index == self._scene.index()
            and probe.step.channel == shown.filter_index
        )
        cells = frozenset(
            term.kernel[1:]
            for term in terms
            if term.kernel is not None and (shown.all_channels or term.kernel[0] == shown.channel)
        )
        self._kernel.grid.mark(cells if fits else frozenset())
