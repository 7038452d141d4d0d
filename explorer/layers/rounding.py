"""Where windows lie on the input, what a size that does not divide leaves over, and what would give another size."""

from __future__ import annotations

from dataclasses import dataclass

from explorer.engine import windows
from explorer.layers.layer import Shape, ShapeError
from explorer.layers.pooling import AvgPool2d, MaxPool2d
from explorer.layers.sliding import SlidingLayer
from explorer.layers.wishes import wishes

__all__ = ["Axis", "alternatives", "axes", "positions", "same_sentence", "short", "unused", "wishes"]


@dataclass(frozen=True)
class Axis:
    """The windows along one side of an input.

    ``size`` pixels with ``before`` and ``after`` pixels of padding, windows of ``span`` pixels every ``stride``:
    ``exact`` is how many there would be without rounding. ``left_over`` pixels at the end of the padded input are in
    no window; ``overhang`` pixels of the last window lie beyond it.
    """

    size: int
    before: int
    after: int
    span: int
    stride: int
    outputs: int
    exact: float
    left_over: int
    overhang: int
    rounds_up: bool
    dilation: int = 1

    @property
    def unused(self) -> int:
        """Pixels at the end of the input, without padding, that no window reads."""
        last = -1
        for tap in range(0, self.span, self.dilation):
            window = min(self.outputs - 1, (self.size - 1 + self.before - tap) // self.stride)
            if window >= 0:
                last = max(last, window * self.stride - self.before + tap)
        return self.size - 1 - last

    @property
    def starts(self) -> tuple[int, ...]:
        """The first pixel of every window; negative in the padding."""
        return tuple(window * self.stride - self.before for window in range(self.outputs))


def axes(layer: SlidingLayer, input_shape: Shape) -> tuple[Axis, Axis]:
    """The windows down the rows and across the columns; ShapeError where the layer cannot take the input."""
    layer.output_shape(input_shape)
    outputs = layer.output_size(input_shape)
    return _axis(layer, input_shape, 0, outputs[0]), _axis(layer, input_shape, 1, outputs[1])


def _axis(layer: SlidingLayer, input_shape: Shape, side: int, outputs: int) -> Axis:
    window, size = layer.sliding_window, input_shape[1 + side]
    before, after = layer.resolved_padding(input_shape)[2 * side : 2 * side + 2]
    span, stride = windows.span(window.kernel_size[side], window.dilation[side]), window.stride[side]
    rest = size + before + after - span - (outputs - 1) * stride
    exact = (size + before + after - span) / stride + 1
    return Axis(
        size=size,
        before=before,
        after=after,
        span=span,
        stride=stride,
        outputs=outputs,
        exact=exact,
        left_over=max(rest, 0),
        overhang=max(-rest, 0),
        rounds_up=layer.rounds_up,
        dilation=window.dilation[side],
    )


def _sides(layer: SlidingLayer, input_shape: Shape) -> tuple[tuple[str, Axis], ...]:
    """The axes under their names; none where the layer cannot take the input, which says so itself."""
    try:
        rows, columns = axes(layer, input_shape)
    except ShapeError:
        return ()
    return ("row", rows), ("column", columns)


def short(layer: SlidingLayer, input_shape: Shape) -> str:
    """``rows 187.5 → 187 (floor)``, for the sides that are rounded."""
    return ", ".join(
        f"{name}s {_exact(axis)} → {axis.outputs} ({_way(axis)})"
        for name, axis in _sides(layer, input_shape)
        if axis.left_over or axis.overhang
    )


def _exact(axis: Axis) -> str:
    return f"{axis.exact:.3f}".rstrip("0").rstrip(".")


def _way(axis: Axis) -> str:
    if axis.rounds_up and axis.left_over:
        return "ceil, less a window outside the picture"
    return "ceil" if axis.rounds_up else "floor"


def alternatives(layer: SlidingLayer, input_shape: Shape) -> str:
    """``46 rows with floor, 47 with ceil``, for the sides of a pooling layer where that differs."""
    if not isinstance(layer, MaxPool2d | AvgPool2d) or layer.padding == "same":
        return ""
    found = []
    for name, axis in _sides(layer, input_shape):
        floor, ceil = (
            windows.output_size(
                axis.size, axis.span, axis.stride, axis.before, axis.after, ceil_mode=rounds_up
            )
            for rounds_up in (False, True)
        )
        if floor != ceil:
            found.append(f"{_counted(floor, name)} with floor, {ceil} with ceil")
    return "; ".join(found)


def same_sentence(layer: SlidingLayer, input_shape: Shape) -> str:
    """``same: 1 row above, 1 below, 1 column left, 1 right``; empty where padding is not "same"."""
    sides = _sides(layer, input_shape)
    if layer.padding != "same" or not sides:
        return ""
    (_, rows), (_, columns) = sides
    if not (rows.before or rows.after or columns.before or columns.after):
        return "same: no padding needed here"
    return (
        f"same: {_counted(rows.before, 'row')} above, {rows.after} below, "
        f"{_counted(columns.before, 'column')} left, {columns.after} right"
    )


def _counted(number: int, name: str) -> str:
    return f"{number} {name}" if number == 1 else f"{number} {name}s"


def unused(layer: SlidingLayer, input_shape: Shape) -> tuple[int, int]:
    """Rows at the bottom and columns at the right of the input, without padding, that no window reads."""
    return _pair(tuple(axis.unused for _, axis in _sides(layer, input_shape)))


def _pair(numbers: tuple[int, ...]) -> tuple[int, int]:
    return (numbers[0], numbers[1]) if numbers else (0, 0)


def positions(layer: SlidingLayer, input_shape: Shape) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The first row and the first column of every window, in pixels of the input; negative in the padding."""
    sides = _sides(layer, input_shape)
    return (sides[0][1].starts, sides[1][1].starts) if sides else ((), ())
