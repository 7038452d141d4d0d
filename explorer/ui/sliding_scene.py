"""What an animation of a sliding window shows: the layer, its numbers, the part of them that is walked, and the words.

Nothing here draws, and nothing changes: another layer, another pass or another part make another scene.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from explorer.imaging.colormaps import Colormap
from explorer.imaging.rendering import Scale
from explorer.layers import sliding_steps
from explorer.layers.convolution import Conv2d
from explorer.layers.fields import Array
from explorer.layers.layer import Layer, Shape
from explorer.layers.pooling import AvgPool2d, MaxPool2d
from explorer.layers.sliding_steps import Part, Slides, Step, Walk

MOST_CELLS = 7  # rows or columns of a window whose numbers are written out

_COLOURS = ("red", "green", "blue")


@dataclass(frozen=True, eq=False)
class Look:
    """How one side is coloured: on a scale, or as a ``picture`` (H, W, 3) in its own colours.

    ``name`` is what the side is called: the layer that it comes from.
    """

    scale: Scale
    colormap: Colormap
    picture: npt.NDArray[np.uint8] | None = None
    name: str = ""


@dataclass(frozen=True, eq=False)
class SlidingScene:
    """One fitted layer at work on ``x`` (1, C, H, W), which gave ``output`` (1, C', H', W')."""

    layer: Slides
    x: Array
    output: Array
    channel: int
    input_channel: int
    part: Part
    input_look: Look
    output_look: Look

    @property
    def input_shape(self) -> Shape:
        """(C, H, W)."""
        return self.x.shape[1:]

    @cached_property
    def walk(self) -> Walk:
        """The outputs in order."""
        return Walk(self.part.rows, self.part.columns)

    @cached_property
    def key_frames(self) -> npt.NDArray[np.int64]:
        """The places in that order that are seen while it plays."""
        return self.walk.key_frames()

    def after(self, index: int) -> int:
        """The key frame behind a place; the last place where there is none."""
        at = int(np.searchsorted(self.key_frames, index, side="right"))
        return int(self.key_frames[min(at, len(self.key_frames) - 1)])

    def step(self, index: int) -> Step:
        """The window at a place of the order."""
        row, column = self.walk.place(index)
        return sliding_steps.step(
            self.layer, self.x, self.output, self.channel, self.input_channel, row, column
        )

    def sentence(self, shown: Step) -> str:
        """Where the window stands and what comes of it."""
        return sliding_steps.sentence(self.part, self.walk.index(shown.row, shown.column), shown)

    @cached_property
    def summary(self) -> str:
        """The layer in numbers, and how often it is looked at."""
        text = sliding_steps.summary(self.layer, self.input_shape)
        stride = self.walk.stride()
        return f"{text}; playing shows every {stride}th row and column" if stride > 1 else text

    @property
    def writes_terms(self) -> bool:
        """Whether the window is small enough for its numbers."""
        return max(self.layer.kernel_size) <= MOST_CELLS

    @cached_property
    def reach(self) -> float:
        """The value of the strongest colour among the terms; the same for all places, so that colours mean the same."""
        magnitude = self.input_look.scale.magnitude
        if self.input_look.picture is not None:
            with np.errstate(all="ignore"):
                top, bottom, left, right = self.seen
                largest = float(np.abs(self.x[0, self.shown_channel, top:bottom, left:right]).max())
            magnitude = largest if np.isfinite(largest) and largest > 0 else 1.0
        if isinstance(self.layer, Conv2d) and self.layer.weight is not None:
            magnitude *= float(np.abs(self.layer.weight[self.channel]).max())
        return magnitude if np.isfinite(magnitude) and magnitude > 0 else 1.0

    @cached_property
    def is_whole_numbers(self) -> bool:
        """Whether all terms are whole numbers, as in a lesson's grid: they need no room for decimals."""
        top, bottom, left, right = self.seen
        return _are_whole(self.x[0, self.shown_channel, top:bottom, left:right]) and (
            not isinstance(self.layer, Conv2d)
            or self.layer.weight is None
            or _are_whole(self.layer.weight[self.channel])
        )

    @cached_property
    def shown_channel(self) -> int:
        """The channel of the input whose numbers are shown."""
        return sliding_steps.shown_channel(self.layer, self.channel, self.input_channel)

    @property
    def seen(self) -> tuple[int, int, int, int]:
        """The pixels of the input that are shown: top, bottom, left, right, without padding."""
        _, rows, columns = self.input_shape
        part = self.part
        return max(part.top, 0), min(part.bottom, rows), max(part.left, 0), min(part.right, columns)

    @property
    def fill(self) -> str:
        """What stands in the padding."""
        return "−∞" if isinstance(self.layer, MaxPool2d) else "0"

    # titles

    @cached_property
    def input_title(self) -> str:
        """What is shown at the left."""
        channels, rows, columns = self.input_shape
        number = "" if self.input_look.picture is not None or channels == 1 else f" #{self.shown_channel}"
        name = f"{self.input_look.name or 'Input'}{number}"
        if self.part.is_whole:
            return f"{name}, {columns} × {rows}"
        top, bottom, left, right = self.seen
        return f"{name}, columns {left}–{right - 1}, rows {top}–{bottom - 1}"

    @cached_property
    def output_title(self) -> str:
        """What is shown at the right."""
        number = f" #{self.channel}" if self.output.shape[1] > 1 else ""
        name = f"{self.output_look.name or 'Map'}{number}"
        rows, columns = self.part.rows, self.part.columns
        if self.part.is_whole:
            return f"{name}, {len(columns)} × {len(rows)}"
        return f"{name}, columns {columns[0]}–{columns[-1]}, rows {rows[0]}–{rows[-1]}"

    @cached_property
    def middle_title(self) -> str:
        """What the window does."""
        if isinstance(self.layer, MaxPool2d):
            return "Largest in the window"
        if isinstance(self.layer, AvgPool2d):
            return "Mean of the window"
        channels = self.input_shape[0]
        if channels == 1:
            return "Window × weights"
        picture = self.input_look.picture is not None and channels == len(_COLOURS)
        which = _COLOURS[self.shown_channel] if picture else f"channel {self.shown_channel}"
        return f"Window × weights, {which}"


def _are_whole(values: Array) -> bool:
    with np.errstate(all="ignore"):
        return bool((np.abs(values) < 1000).all() and (values == np.rint(values)).all())


@dataclass(frozen=True, eq=False)
class Given:
    """What there may be to show: a fitted layer, its x and its output in one pass, and how both look."""

    layer: Layer
    x: Array
    output: Array
    channel: int
    input_channel: int
    looks: tuple[Look, Look]


def scene_of(
    given: Given, centre: tuple[int, int] | None, size: tuple[int, int] | None
) -> SlidingScene | str:
    """The scene around an output, or the sentence that says why there is none.

    ``size`` are the rows and columns of the input that are shown, None for all.
    """
    layer, x, output = given.layer, given.x, given.output
    name = layer.name or layer.type_name
    if not isinstance(layer, Conv2d | MaxPool2d | AvgPool2d):
        return f"{name} has no window that slides: select a convolution or a pooling layer."
    if not layer.enabled:
        return f"{name} is bypassed: its input goes on unchanged, and no window slides."
    if x.ndim != 4 or output.ndim != 4:
        return "A row of numbers has no window that slides: select a layer that reads maps."
    at = centre if centre is not None else (output.shape[2] // 2, output.shape[3] // 2)
    shown = sliding_steps.part(layer, (x.shape[1], x.shape[2], x.shape[3]), at, size)
    channel = min(given.channel, output.shape[1] - 1)
    return SlidingScene(layer, x, output, channel, given.input_channel, shown, *given.looks)
