"""What a nudge of the picture does to each layer: does its map move along, or change?"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from explorer.engine import windows
from explorer.errors import Cancelled
from explorer.jit import CancelFlag
from explorer.layers.fields import Array
from explorer.layers.forward import ForwardPass, forward, shape_of
from explorer.layers.layer import Layer, Shape, Window
from explorer.layers.network import Network
from explorer.layers.numbers import counted, number
from explorer.layers.pooling import AvgPool2d, MaxPool2d
from explorer.layers.sliding import SlidingLayer

_PIECE = 1 << 20  # numbers of a vector that are compared at once


@dataclass(frozen=True)
class LayerShift:
    """How much one layer's output changed.

    ``change`` is ||new - old|| / ||old||. ``moved`` is the same after the map is moved back by as many cells as the
    picture was pixels divided by the layer's ``jump`` (vertical, horizontal), over the outputs that see nothing but
    the picture that is in both; None where that is no whole number of cells, or there is no such output.
    """

    name: str
    change: float
    moved: float | None
    jump: tuple[int, int] | None
    is_pooling: bool = False


def nudged(x: Array, dy: int, dx: int) -> Array:
    """A picture (1, C, H, W) moved down by dy and right by dx pixels; what comes in repeats the border."""
    rows = np.clip(np.arange(x.shape[2]) - dy, 0, x.shape[2] - 1)
    columns = np.clip(np.arange(x.shape[3]) - dx, 0, x.shape[3] - 1)
    result = np.ascontiguousarray(x[:, :, rows[:, None], columns])
    result.flags.writeable = False
    return result


def shift_test(
    network: Network,
    x: Array,
    dy: int,
    dx: int,
    *,
    previous: ForwardPass | None = None,
    memory_limit: int | None = None,
    cancel: CancelFlag | None = None,
) -> tuple[LayerShift, ...]:
    """Run a network on a picture (1, C, H, W) and on the same nudged by (dy, dx) pixels, and compare layer by layer.

    Both passes are exact. Of ``previous``, a pass on the same picture, what is there is taken over. Stops where the
    network does.

    Raises
    ------
    Cancelled
        If the flag went up.
    MemoryError
        If there is no room for a second pass.
    """
    old = forward(network, x, previous, memory_limit=memory_limit, cancel=cancel)
    new = forward(network, nudged(x, dy, dx), memory_limit=memory_limit, cancel=cancel)
    view: _View | None = _View((_Axis(), _Axis()))
    found = []
    for index, layer in enumerate(old.layers):
        if view is not None:
            view = view.behind(layer, shape_of(old.input_of(index)))
        before, after = old.outputs[index], new.outputs[index]
        same = _same_values(before, after, view, (dy, dx), x.shape[2:]) if view is not None else None
        found.append(
            LayerShift(
                layer.name,
                _relative(before, after, cancel),
                _relative(*same, cancel) if same is not None else None,
                view.jump if view is not None else None,
                layer.enabled and isinstance(layer, MaxPool2d | AvgPool2d),
            )
        )
    return tuple(found)


def in_words(shifts: tuple[LayerShift, ...], dy: int, dx: int) -> str:
    """One sentence on what moved along with the picture and what changed."""
    nudge = f"Nudged by {_way(dy, 'down', 'up')}{' and ' if dy and dx else ''}{_way(dx, 'right', 'left')}"
    if not (dy or dx) or not shifts:
        return "Nothing was nudged."
    followed = [shift for shift in shifts if shift.moved is not None and shift.moved < 1e-4]
    pooling = next((i for i, shift in enumerate(shifts) if shift.is_pooling), None)
    parts = []
    if followed:
        last = followed[-1]
        parts.append(
            f"the maps as far as {last.name} only move along ({_percent(last.change)} where they stand)"
        )
    if pooling is not None and pooling:
        before, after = shifts[pooling - 1], shifts[pooling]
        parts.append(
            f"{after.name} turns a change of {_percent(before.change)} into {_percent(after.change)}"
        )
    end = shifts[-1]
    parts.append(f"{end.name} at the end changes by {_percent(end.change)}")
    return f"{nudge}: {', '.join(parts)}."


def _way(amount: int, ahead: str, back: str) -> str:
    return f"{counted(abs(amount), 'pixel')} {ahead if amount > 0 else back}" if amount else ""


def _percent(change: float) -> str:
    return f"{number(float(f'{100 * change:.2g}'))} %" if math.isfinite(change) else number(change)


# What an output sees


@dataclass(frozen=True)
class _Axis:
    """Output i sees input pixels from ``first + i * jump`` to ``first + i * jump + field``, the end excluded."""

    first: int = 0
    jump: int = 1
    field: int = 1

    def behind(self, window: Window, axis: int, padding: int) -> _Axis:
        """The same behind one more window."""
        field, jump = windows.grow(
            self.field, self.jump, window.kernel_size[axis], window.stride[axis], window.dilation[axis]
        )
        return _Axis(self.first - padding * self.jump, jump, field)

    def inside(self, outputs: int, low: int, high: int) -> range:
        """Which outputs see nothing but pixels from low to high, the end excluded."""
        start = max(-((self.first - low) // self.jump), 0)
        stop = min((high - self.field - self.first) // self.jump + 1, outputs)
        return range(start, max(stop, start))


@dataclass(frozen=True)
class _View:
    """What the outputs of a layer see, down the rows and across the columns."""

    axes: tuple[_Axis, _Axis]

    @property
    def jump(self) -> tuple[int, int]:
        return self.axes[0].jump, self.axes[1].jump

    def behind(self, layer: Layer, input_shape: Shape) -> _View | None:
        """The view behind one more layer; None behind one that takes everything."""
        if not layer.enabled:
            return self
        window = layer.window(input_shape)
        if window is None or len(input_shape) != 3:
            return None
        padding = layer.resolved_padding(input_shape) if isinstance(layer, SlidingLayer) else (0, 0, 0, 0)
        rows, columns = (self.axes[axis].behind(window, axis, padding[2 * axis]) for axis in (0, 1))
        return _View((rows, columns))


# Differences


def _same_values(
    before: Array, after: Array, view: _View, nudge: tuple[int, int], size: tuple[int, ...]
) -> tuple[Array, Array] | None:
    """What is the same where maps only move along; None where nothing can be compared so."""
    if before.shape != after.shape or any(
        amount % axis.jump for amount, axis in zip(nudge, view.axes, strict=True)
    ):
        return None
    here, there = [], []
    for side, (amount, axis) in enumerate(zip(nudge, view.axes, strict=True)):
        cells = amount // axis.jump
        outputs = before.shape[2 + side]
        # new output i saw what old output i - cells did, where neither looks over a border
        new = axis.inside(outputs, max(amount, 0), size[side] + min(amount, 0))
        start, stop = max(new.start, cells), min(new.stop, outputs + cells)
        if start >= stop:
            return None
        here.append(slice(start, stop))
        there.append(slice(start - cells, stop - cells))
    return before[:, :, there[0], there[1]], after[:, :, here[0], here[1]]


def _relative(old: Array, new: Array, cancel: CancelFlag | None) -> float:
    """||new - old|| / ||old|| in float64, a piece at a time to spare memory; 0 where both are 0."""
    difference = norm = 0.0
    step = 1 if old.ndim == 4 else _PIECE
    with np.errstate(all="ignore"):
        for first in range(0, old.shape[1], step):
            if cancel is not None and cancel.is_set:
                raise Cancelled
            a, b = (one[:, first : first + step].astype(np.float64) for one in (old, new))
            norm += float(np.vdot(a, a))
            difference += float(np.vdot(b - a, b - a))
    if difference == 0:
        return 0.0
    return math.sqrt(difference / norm) if norm else math.inf
