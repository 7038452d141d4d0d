"""What sees what: the pixels behind an output, the outputs behind a pixel, and the same place in two layers.

Rows and columns are followed apart and exactly, as sets, for a box alone would claim what strides, dilations and
pixels left over skip. A row of numbers behind Flatten counts as rows in one column: number i is (i, 0).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from explorer.layers.forward import ForwardPass, shape_of
from explorer.layers.layer import Layer, Shape, Window
from explorer.layers.linear import Flatten
from explorer.layers.sliding import SlidingLayer

_Places = npt.NDArray[np.intp]
_Point = tuple[float, float]


@dataclass(frozen=True)
class Box:
    """Pixels of a layer's input, padding included: it may begin before 0 and end behind the last one."""

    top: int
    left: int
    height: int
    width: int


def window_box(layer: Layer, input_shape: Shape, row: int, column: int) -> Box | None:
    """What output (row, column) of a layer looks at in its input; None where it looks at everything."""
    if not layer.enabled:
        return Box(row, column, 1, 1)
    slides = _slides(layer, input_shape)
    if slides is None or len(input_shape) != 3:
        return None
    rows, columns = slides
    return Box(rows.first(row), columns.first(column), rows.span, columns.span)


def receptive_field(result: ForwardPass, index: int, row: int, column: int) -> Box | None:
    """The pixels of the network's input that output (row, column) of layer ``index`` depends on.

    Each edge of the box lies on a pixel that matters, or outside the picture, where padding is. None where it sees
    padding alone. Index -1 is the input itself.
    """
    return fields_below(result, index, row, column)[0] if index >= 0 else Box(row, column, 1, 1)


def fields_below(result: ForwardPass, index: int, row: int, column: int) -> tuple[Box | None, ...]:
    """For each layer up to ``index``, what output (row, column) of ``index`` sees in that layer's input.

    None where that is nothing but padding of a later layer. IndexError for a layer that is not computed.
    """
    seen = _Seen(_Side.at(row), _Side.at(column))
    boxes = []
    for position in range(index, -1, -1):
        seen = seen.below(
            result.layers[position],
            shape_of(result.input_of(position)),
            shape_of(result.outputs[position]),
        )
        boxes.append(seen.box)
    return tuple(reversed(boxes))


def dependents(result: ForwardPass, row: int, column: int) -> tuple[Box | None, ...]:
    """For each layer, the smallest box of outputs that depend on pixel (row, column) of the network's input.

    None where none does. Boxes lie inside the map.
    """
    rows, columns = np.array([row]), np.array([column])
    boxes = []
    for index, layer in enumerate(result.layers):
        before, after = shape_of(result.input_of(index)), shape_of(result.outputs[index])
        rows, columns = _above(layer, before, after, rows, columns)
        empty = not rows.size or not columns.size
        boxes.append(None if empty else _Seen(_Side.of(rows), _Side.of(columns)).box)
    return tuple(boxes)


def map_point(
    result: ForwardPass, from_index: int, to_index: int, row: float, column: float
) -> tuple[float, float]:
    """The same place in another layer's output: from a window to its middle, or back. Index -1 is the input.

    Not clipped: it may lie outside the map. Behind or before a layer that takes everything it is the middle of all.
    """
    point: _Point | None = (row, column)
    for index in range(from_index, to_index, -1):
        point = _middle_below(result, index, point) if point else None
    for index in range(from_index + 1, to_index + 1):
        point = _middle_above(result, index, point) if point else None
    if point is None:
        rows, columns = _size(shape_of(result.input_of(to_index + 1)))
        return (rows - 1) / 2, (columns - 1) / 2
    return point


# One layer


@dataclass(frozen=True)
class _Slide:
    """A window that slides along one side: tap t of output o lies on ``o * stride - padding + t * dilation``."""

    kernel: int
    stride: int
    dilation: int
    padding: int

    @property
    def span(self) -> int:
        return self.dilation * (self.kernel - 1) + 1

    @property
    def _taps(self) -> _Places:
        return np.arange(self.kernel) * self.dilation - self.padding

    def first(self, output: int) -> int:
        """Where the window of an output begins."""
        return output * self.stride - self.padding

    def seen_by(self, outputs: _Places) -> _Places:
        """All taps, also those in the padding."""
        return np.unique(outputs[:, None] * self.stride + self._taps)

    def outputs_on(self, inputs: _Places, size: int) -> _Places:
        """Which of ``size`` outputs have a tap there."""
        if self == _SAME_PLACE:
            return inputs
        starts = inputs[:, None] - self._taps
        outputs = np.unique(starts[starts % self.stride == 0] // self.stride)
        return outputs[(outputs >= 0) & (outputs < size)]

    def middle(self, output: float) -> float:
        """The middle of an output's window."""
        return output * self.stride - self.padding + (self.span - 1) / 2

    def output_at(self, middle: float) -> float:
        """The output whose window has this middle; a fraction between two."""
        return (middle + self.padding - (self.span - 1) / 2) / self.stride


_SAME_PLACE = _Slide(1, 1, 1, 0)


def _slides(layer: Layer, input_shape: Shape) -> tuple[_Slide, _Slide] | None:
    """The windows down the rows and across the columns; None for a layer that takes everything, or reorders."""
    if not layer.enabled:
        return _SAME_PLACE, _SAME_PLACE
    window = layer.window(input_shape)
    if window is None:
        return None
    padding = layer.resolved_padding(input_shape) if isinstance(layer, SlidingLayer) else (0, 0, 0, 0)
    return _slide(window, 0, padding[0]), _slide(window, 1, padding[2])


def _slide(window: Window, axis: int, padding: int) -> _Slide:
    return _Slide(window.kernel_size[axis], window.stride[axis], window.dilation[axis], padding)


def _size(shape: Shape) -> tuple[int, int]:
    """Rows and columns; a row of numbers stands in one column."""
    return (shape[1], shape[2]) if len(shape) == 3 else (shape[0], 1)


def _reorders(layer: Layer, input_shape: Shape) -> bool:
    return isinstance(layer, Flatten) and layer.enabled and len(input_shape) == 3


# Down


@dataclass(frozen=True, eq=False)
class _Side:
    """Rows or columns that are seen: exactly which, and from where to where with the padding."""

    inside: _Places
    low: int
    high: int

    @classmethod
    def at(cls, place: int) -> _Side:
        return cls(np.array([place]), place, place + 1)

    @classmethod
    def of(cls, places: _Places) -> _Side:
        return cls(places, int(places.min()), int(places.max()) + 1)

    @classmethod
    def whole(cls, size: int) -> _Side:
        return cls(np.arange(size), 0, size)

    def below(self, slide: _Slide, size: int, outputs: int) -> _Side:
        """What these of ``outputs`` outputs see of ``size`` inputs.

        Padding of a layer above is drawn on outside the picture, so that a field keeps its size at the border; but
        not where pixels are left over in between, which nothing sees.
        """
        if slide == _SAME_PLACE:
            return self
        taps = slide.seen_by(self.inside)
        low, high = int(taps[0]), int(taps[-1]) + 1
        if low <= 0:
            low += min(self.low, 0) * slide.stride
        if high >= size:
            high += max(self.high - outputs, 0) * slide.stride
        return _Side(taps[(taps >= 0) & (taps < size)], low, high)


@dataclass(frozen=True, eq=False)
class _Seen:
    """Rows and columns; None where nothing of the layer is seen."""

    rows: _Side | None
    columns: _Side | None

    @property
    def box(self) -> Box | None:
        if self.rows is None or self.columns is None:
            return None
        rows, columns = self.rows, self.columns
        return Box(rows.low, columns.low, rows.high - rows.low, columns.high - columns.low)

    def below(self, layer: Layer, before: Shape, after: Shape) -> _Seen:
        """What this of a layer's output sees of its input."""
        rows, columns = self.rows, self.columns
        if rows is None or columns is None or not rows.inside.size or not columns.inside.size:
            return _Seen(None, None)
        (height, width), (outputs, across) = _size(before), _size(after)
        if _reorders(layer, before):
            if rows.inside.size == 1:
                row, column = divmod(int(rows.inside[0]) % (height * width), width)
                return _Seen(_Side.at(row), _Side.at(column))
            return _Seen(_Side.whole(height), _Side.whole(width))  # behind Flatten it is one number or all
        slides = _slides(layer, before)
        if slides is None:
            return _Seen(_Side.whole(height), _Side.whole(width))
        return _Seen(rows.below(slides[0], height, outputs), columns.below(slides[1], width, across))


# Up


def _above(
    layer: Layer, before: Shape, after: Shape, rows: _Places, columns: _Places
) -> tuple[_Places, _Places]:
    """Rows and columns of a layer's output that depend on these of its input, in any channel."""
    (height, width), (outputs, across) = _size(before), _size(after)
    if not rows.size or not columns.size:
        return rows[:0], columns[:0]
    if _reorders(layer, before):
        first, last = rows.min() * width + columns.min(), rows.max() * width + columns.max()
        return np.array([first, last + (before[0] - 1) * height * width]), np.array([0])
    slides = _slides(layer, before)
    if slides is None:
        return np.arange(outputs), np.arange(across)
    return slides[0].outputs_on(rows, outputs), slides[1].outputs_on(columns, across)


# Points


def _middle_below(result: ForwardPass, index: int, point: _Point) -> _Point | None:
    layer, before = result.layers[index], shape_of(result.input_of(index))
    if _reorders(layer, before):
        height, width = _size(before)
        row, column = divmod(round(point[0]) % (height * width), width)
        return float(row), float(column)
    slides = _slides(layer, before)
    return None if slides is None else (slides[0].middle(point[0]), slides[1].middle(point[1]))


def _middle_above(result: ForwardPass, index: int, point: _Point) -> _Point | None:
    layer, before = result.layers[index], shape_of(result.input_of(index))
    if _reorders(layer, before):  # in the first of the maps
        height, width = _size(before)
        row, column = min(max(round(point[0]), 0), height - 1), min(max(round(point[1]), 0), width - 1)
        return float(row * width + column), 0.0
    slides = _slides(layer, before)
    return None if slides is None else (slides[0].output_at(point[0]), slides[1].output_at(point[1]))
