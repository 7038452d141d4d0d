"""A window's way over its input, one position after another: what it reads there, and what comes of it.

The arithmetic of an animation, without any drawing. All of it reads arrays that a forward pass left behind; nothing is
computed again but the terms of the one value that is shown.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from explorer.layers import rounding
from explorer.layers.convolution import Conv2d
from explorer.layers.fields import Array
from explorer.layers.layer import Shape
from explorer.layers.numbers import number
from explorer.layers.pooling import AvgPool2d, MaxPool2d
from explorer.layers.rounding import Axis

KEY_FRAMES = 800  # all windows of a 28 × 28 picture
_SLACK = 4 / 3  # a side that is so much longer than a neighbourhood is shown whole
_LEAST_WINDOWS = 4  # along a side of a neighbourhood
_LISTED_TAPS = 4

INPUT, PADDING, OUTSIDE = (
    0,
    1,
    2,
)  # where a tap lies: OUTSIDE is beyond the padding, where ceil_mode overhangs

Doubles = npt.NDArray[np.float64]
Places = npt.NDArray[np.int8]
Slides: TypeAlias = Conv2d | MaxPool2d | AvgPool2d


@dataclass(frozen=True)
class Part:
    """Outputs that are walked, and the pixels of the input that are shown with them.

    ``rows`` and ``columns`` are of the output; ``top`` to ``bottom`` and ``left`` to ``right`` of the input, the last
    ones excluded, padding and overhang included: they may begin before 0.
    """

    rows: range
    columns: range
    top: int
    bottom: int
    left: int
    right: int
    is_whole: bool


def part(
    layer: Slides, input_shape: Shape, centre: tuple[int, int], size: tuple[int, int] | None = None
) -> Part:
    """The windows around an output (row, column) within about ``size`` pixels of the input; None for all."""
    axes = rounding.axes(layer, input_shape)
    sides = [_side(axis, centre[i], None if size is None else size[i]) for i, axis in enumerate(axes)]
    (rows, top, bottom), (columns, left, right) = sides
    is_whole = (len(rows), len(columns)) == (axes[0].outputs, axes[1].outputs)
    return Part(rows, columns, top, bottom, left, right, is_whole)


def _side(axis: Axis, centre: int, size: int | None) -> tuple[range, int, int]:
    count = axis.outputs
    padded = axis.size + axis.before + axis.after
    if size is not None and padded > size * _SLACK:
        count = min(count, max(_LEAST_WINDOWS, (size - axis.span) // axis.stride + 1))
    first = min(max(centre - count // 2, 0), axis.outputs - count)
    start = first * axis.stride - axis.before
    stop = (first + count - 1) * axis.stride - axis.before + axis.span
    if first + count == axis.outputs:
        stop = max(stop, axis.size + axis.after)
    return range(first, first + count), start, stop


@dataclass(frozen=True)
class Walk:
    """Outputs row by row, each with its place in that order."""

    rows: range
    columns: range

    def __len__(self) -> int:
        return len(self.rows) * len(self.columns)

    def place(self, index: int) -> tuple[int, int]:
        """The output (row, column) at a place in the order."""
        row, column = divmod(index, len(self.columns))
        return self.rows[row], self.columns[column]

    def index(self, row: int, column: int) -> int:
        """The place in the order of an output, or of the nearest one that is walked."""
        inner_row = min(max(row - self.rows.start, 0), len(self.rows) - 1)
        inner_column = min(max(column - self.columns.start, 0), len(self.columns) - 1)
        return inner_row * len(self.columns) + inner_column

    def stride(self, most: int = KEY_FRAMES) -> int:
        """Every how many-th row and column is looked at, for at most ``most`` looks in all."""
        step = max(1, math.isqrt(len(self) // most))
        while len(_every(len(self.rows), step)) * len(_every(len(self.columns), step)) > most:
            step += 1
        return step

    def key_frames(self, most: int = KEY_FRAMES) -> npt.NDArray[np.int64]:
        """Places in the order, the first and the last one among them, evenly spread: the frames of an animation."""
        step = self.stride(most)
        rows, columns = _every(len(self.rows), step), _every(len(self.columns), step)
        return (rows[:, None] * len(self.columns) + columns).ravel()


def _every(count: int, step: int) -> npt.NDArray[np.int64]:
    chosen = np.arange(0, count, step)
    return chosen if chosen[-1] == count - 1 else np.append(chosen, count - 1)


@dataclass(frozen=True, eq=False)
class Step:
    """The window at one place.

    ``row`` and ``column`` are of the output, ``rows`` and ``columns`` those of the taps in pixels of the input.
    ``patch`` is what the taps read in the channel that is shown, padding filled in; ``places`` says where each lies.
    ``value`` is what the forward pass stored.
    """

    row: int
    column: int
    rows: tuple[int, ...]
    columns: tuple[int, ...]
    patch: Array
    places: Places
    value: float


@dataclass(frozen=True, eq=False)
class SumStep(Step):
    """A convolution: ``subtotal`` adds up the products of one channel, ``others`` those of ``other_channels`` more."""

    weights: Array
    products: Doubles
    subtotal: float
    others: float
    other_channels: int
    bias: float | None


@dataclass(frozen=True, eq=False)
class MaximumStep(Step):
    """Max pooling: the taps that hold the largest value."""

    winners: npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class MeanStep(Step):
    """Average pooling: ``total / count``; ``padding_counts`` where zeros of the padding are among them."""

    total: float
    count: int
    padding_counts: bool


def step(
    layer: Slides, x: Array, output: Array, channel: int, input_channel: int, row: int, column: int
) -> Step:
    """The window of a fitted layer that makes output (row, column) of map ``channel``.

    ``x`` is (1, C, H, W), ``output`` (1, C', H', W'). Of a convolution's input, ``input_channel`` is shown, or the
    nearest one that the filter reads.
    """
    axes = rounding.axes(layer, (x.shape[1], x.shape[2], x.shape[3]))
    rows, columns = _taps(axes[0], row), _taps(axes[1], column)
    places = np.maximum(_places(axes[0], rows)[:, None], _places(axes[1], columns)[None, :])
    value = float(output[0, channel, row, column])
    if isinstance(layer, Conv2d):
        first = _first_channel(layer, channel)
        patches = _read(x[0, first : first + _depth(layer)], rows, columns, places, 0.0)
        shown = shown_channel(layer, channel, input_channel) - first
        at = Step(row, column, rows, columns, patches[shown], places, value)
        return _sum_step(layer, patches, channel, shown, at)
    fill = -np.inf if isinstance(layer, MaxPool2d) else 0.0
    patch = _read(x[0, channel : channel + 1], rows, columns, places, fill)[0]
    if isinstance(layer, MaxPool2d):
        return MaximumStep(row, column, rows, columns, patch, places, value, _winners(patch, places))
    counts = layer.count_include_pad and layer.padding != "same"
    counted = (places == INPUT) | (places == PADDING) if counts else places == INPUT
    with np.errstate(all="ignore"):
        total = float(patch[places == INPUT].astype(np.float64).sum())
    has_padding = bool((places == PADDING).any())
    return MeanStep(
        row, column, rows, columns, patch, places, value, total, int(counted.sum()), counts and has_padding
    )


def _sum_step(layer: Conv2d, patches: Array, channel: int, shown: int, at: Step) -> SumStep:
    assert layer.weight is not None
    kernel = layer.weight[channel]
    with np.errstate(all="ignore"):
        products = kernel.astype(np.float64) * patches
        sums = products.sum(axis=(1, 2))
        others = float(np.delete(sums, shown).sum())
    return SumStep(
        **vars(at),
        weights=kernel[shown],
        products=products[shown],
        subtotal=float(sums[shown]),
        others=others,
        other_channels=len(kernel) - 1,
        bias=float(layer.bias_values[channel]) if layer.bias and layer.bias_values is not None else None,
    )


def shown_channel(layer: Slides, channel: int, input_channel: int) -> int:
    """The channel of the input that :func:`step` shows."""
    if not isinstance(layer, Conv2d):
        return channel
    first = _first_channel(layer, channel)
    return min(max(input_channel, first), first + _depth(layer) - 1)


def _first_channel(layer: Conv2d, channel: int) -> int:
    """The first input channel that a filter reads."""
    return channel // (layer.out_channels // layer.groups) * _depth(layer)


def _depth(layer: Conv2d) -> int:
    return layer.weight.shape[1] if layer.weight is not None else 1


def _taps(axis: Axis, output: int) -> tuple[int, ...]:
    start = output * axis.stride - axis.before
    return tuple(range(start, start + axis.span, axis.dilation))


def _places(axis: Axis, taps: tuple[int, ...]) -> Places:
    at = np.asarray(taps)
    inside, padded = (at >= 0) & (at < axis.size), (at >= -axis.before) & (at < axis.size + axis.after)
    return np.where(inside, INPUT, np.where(padded, PADDING, OUTSIDE)).astype(np.int8)


def _read(
    x: Array, rows: tuple[int, ...], columns: tuple[int, ...], places: Places, fill: float
) -> npt.NDArray[np.float32]:
    """The pixels (C, rows, columns) of x (C, H, W), ``fill`` outside."""
    at_rows = np.clip(rows, 0, x.shape[1] - 1)[:, None]
    at_columns = np.clip(columns, 0, x.shape[2] - 1)[None, :]
    return np.where(places == INPUT, x[:, at_rows, at_columns], np.float32(fill))


def _winners(patch: Array, places: Places) -> npt.NDArray[np.bool_]:
    """The largest ones; NaN, where there is one, wins."""
    if np.isnan(patch).any():
        return np.isnan(patch)
    largest: npt.NDArray[np.bool_] = (patch == patch.max()) & (places == INPUT)
    return largest


def sentence(walked: Part, index: int, shown: Step) -> str:
    """``window 57 of 121: rows 10–14, columns 20–24 → row 5, column 10 = 3.2``."""
    count = len(walked.rows) * len(walked.columns)
    of = f"{count:,}" if walked.is_whole else f"the {count:,} shown"
    return (
        f"window {index + 1:,} of {of}: {_named('row', shown.rows)}, {_named('column', shown.columns)} "
        f"→ row {shown.row}, column {shown.column} = {number(shown.value)}"
    )


def _named(name: str, taps: tuple[int, ...]) -> str:
    texts = [str(tap).replace("-", "−") for tap in taps]
    if len(taps) == 1:
        return f"{name} {texts[0]}"
    gap = taps[1] - taps[0]
    if gap > 1 and len(taps) <= _LISTED_TAPS:
        return f"{name}s {', '.join(texts)}"
    text = f"{name}s {texts[0]} to {texts[-1]}" if taps[0] < 0 else f"{name}s {texts[0]}–{texts[-1]}"
    return text if gap == 1 else f"{text}, every {_ordinal(gap)}"


def _ordinal(count: int) -> str:
    if count % 100 in (11, 12, 13):
        return f"{count}th"
    return f"{count}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(count % 10, 'th') }"


def summary(layer: Slides, input_shape: Shape) -> str:
    """``3 × 3 window, stride 2, padding 1: 255 × 189 positions``, with what is rounded; columns come first."""
    window, padding = layer.sliding_window, layer.resolved_padding(input_shape)
    parts = [f"{_across(window.kernel_size)} window", f"stride {_across(window.stride, short=True)}"]
    if window.dilation != (1, 1):
        parts.append(f"dilation {_across(window.dilation, short=True)}")
    if any(padding):
        same = len(set(padding)) == 1
        names = ("top", "bottom", "left", "right")
        sides = ", ".join(f"{size} {name}" for size, name in zip(padding, names, strict=True))
        parts.append(f"padding {padding[0]}" if same else f"padding {sides}")
    rows, columns = rounding.axes(layer, input_shape)
    text = f"{', '.join(parts)}: {columns.outputs} × {rows.outputs} positions"
    rounded = rounding.short(layer, input_shape)
    return f"{text}; {rounded}" if rounded else text


def _across(pair: tuple[int, int], *, short: bool = False) -> str:
    return str(pair[0]) if short and pair[0] == pair[1] else f"{pair[1]} × {pair[0]}"
