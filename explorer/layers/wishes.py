"""Edits of a sliding layer that give the output size somebody wishes for."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

from explorer.engine import windows
from explorer.layers import fields
from explorer.layers.fields import Size, SizeKind
from explorer.layers.layer import Fix, Shape, ShapeError
from explorer.layers.pooling import AvgPool2d, MaxPool2d
from explorer.layers.sliding import SlidingLayer

_MOST = 4

_Changes = dict[str, Any]
_Sides = tuple[int, int]
"""Padding (before, after) along one axis."""


def wishes(layer: SlidingLayer, input_shape: Shape, wanted: tuple[int, int]) -> tuple[Fix, ...]:
    """At most four edits that make exactly ``wanted`` rows and columns of the input, the simplest first.

    Empty where the layer does so already, or no edit of one or two parameters does.
    """
    if len(input_shape) != 3 or min(wanted) < 1 or _gives(layer, input_shape, wanted):
        return ()
    sensible: list[Fix] = []
    odd: list[Fix] = []
    seen = [layer.config()]
    for changes in _Search(layer, input_shape, wanted).candidates():
        try:
            changed = dataclasses.replace(layer, **changes)
        except fields.FieldError:
            continue
        if changed.config() not in seen and _gives(changed, input_shape, wanted):
            seen.append(changed.config())
            fix = Fix(_label(layer, changes), (changed,))
            (odd if _is_odd(changed, input_shape) else sensible).append(fix)
    return tuple((sensible or odd)[:_MOST])


def _gives(layer: SlidingLayer, input_shape: Shape, wanted: tuple[int, int]) -> bool:
    try:
        return layer.output_shape(input_shape)[1:] == wanted
    except ShapeError:
        return False


def _is_odd(layer: SlidingLayer, input_shape: Shape) -> bool:
    """Whether whole windows lie in the padding: offered only where nothing else is found."""
    window, padding = layer.sliding_window, layer.resolved_padding(input_shape)
    spans = [windows.span(window.kernel_size[side], window.dilation[side]) for side in (0, 0, 1, 1)]
    return any(amount >= span for amount, span in zip(padding, spans, strict=True))


@dataclasses.dataclass(frozen=True)
class _Search:
    """Looks for sizes along each axis by itself, and takes the same number for both where one serves both."""

    layer: SlidingLayer
    input_shape: Shape
    wanted: tuple[int, int]

    def candidates(self) -> Iterator[_Changes]:
        """Changes that may give what is wanted, the simplest first."""
        layer, present = self.layer, self.layer.sliding_window.stride
        if isinstance(layer, MaxPool2d | AvgPool2d):
            yield {"ceil_mode": not layer.ceil_mode}
        yield from self._paddings(present)
        strides = self._best(lambda axis, stride: self._fits(axis, stride=stride), present, 64)
        if strides is not None:
            yield {"stride": strides}
        yield from self._strides_with_padding(present)
        largest = _largest(layer, "kernel_size")
        kernel = self._best(
            lambda axis, size: self._fits(axis, kernel=size), layer.kernel_size, min(largest, 512)
        )
        if kernel is not None:
            yield {"kernel_size": kernel}
        yield from self._without_padding()

    def _paddings(self, strides: Size) -> Iterator[_Changes]:
        """Symmetric padding, "same", then padding that differs from side to side; ``strides`` stay."""
        if (symmetric := self._symmetric(strides)) is not None:
            yield {"padding": symmetric}
        yield {"padding": "same"}
        split = [_halved(min(totals)) if (totals := self._totals(a, strides[a])) else None for a in (0, 1)]
        if split[0] is not None and split[1] is not None:
            yield {"padding": (*split[0], *split[1])}

    def _symmetric(self, strides: Size) -> Size | None:
        first, second = ({t // 2 for t in self._totals(a, strides[a]) if t % 2 == 0} for a in (0, 1))
        if not first or not second:
            return None
        common = first & second
        return (min(common), min(common)) if common else (min(first), min(second))

    def _strides_with_padding(self, present: Size) -> Iterator[_Changes]:
        """Another stride with as little padding as possible, one stride for both axes if there is one."""
        options = [
            {stride: totals for stride in range(1, 65) if (totals := self._totals(axis, stride))}
            for axis in (0, 1)
        ]
        best = []
        common = [s for s in options[0] if s in options[1] and (s, s) != present]
        if common:
            stride = min(common, key=lambda stride: min(options[0][stride]) + min(options[1][stride]))
            best.append((stride, stride))
        if options[0] and options[1]:
            rows, columns = (_least_padding(axis) for axis in options)
            best.append((rows, columns))
        for strides in best:
            if strides != present:
                for changes in self._paddings(strides):
                    yield {"stride": strides, **changes}

    def _without_padding(self) -> Iterator[_Changes]:
        """Stride and kernel size with no padding, the kernel as near as possible to what it is."""
        window, found = self.layer.sliding_window, []
        for axis in (0, 1):
            size, wanted, present = self.input_shape[1 + axis], self.wanted[axis], window.kernel_size[axis]
            options = [
                (abs(kernel - present), stride, kernel)
                for stride in range(1, 65)
                for kernel in self._kernels(axis, size - wanted * stride, size - (wanted - 1) * stride)
                if self._outputs(axis, kernel, stride, (0, 0)) == wanted
            ]
            if not options:
                return
            found.append(min(options))
        (_, *rows), (_, *columns) = found
        yield {"kernel_size": (rows[1], columns[1]), "stride": (rows[0], columns[0]), "padding": (0, 0)}

    def _kernels(self, axis: int, smallest: int, largest: int) -> range:
        """Kernel sizes that span about so many pixels."""
        dilation = self.layer.sliding_window.dilation[axis]
        most = min(largest // dilation + 1, _largest(self.layer, "kernel_size"))
        return range(max(smallest // dilation, 1), most + 1)

    def _totals(self, axis: int, stride: int) -> list[int]:
        """Rows or columns of padding, both sides together, that give what is wanted."""
        window, size, wanted = self.layer.sliding_window, self.input_shape[1 + axis], self.wanted[axis]
        span = windows.span(window.kernel_size[axis], window.dilation[axis])
        exact = (wanted - 1) * stride + span - size  # where nothing is rounded
        return [
            total
            for total in range(max(exact - stride, 0), max(exact + stride, 0))
            if self._outputs(axis, window.kernel_size[axis], stride, _halved(total)) == wanted
        ]

    def _best(self, fits: Callable[[int, int], bool], present: Size, largest: int) -> Size | None:
        """Numbers for the two axes: as they are where they fit, else one for both, else the nearest for each."""
        options = [[n for n in range(1, largest + 1) if fits(axis, n)] for axis in (0, 1)]
        if not options[0] or not options[1]:
            return None
        common = [n for n in options[0] if n in options[1]]
        if common:
            nearest = min(common, key=lambda n: abs(n - present[0]))
            return nearest, nearest
        rows, columns = (min(options[a], key=lambda n: abs(n - present[a])) for a in (0, 1))
        return rows, columns

    def _fits(self, axis: int, *, stride: int | None = None, kernel: int | None = None) -> bool:
        """Whether another stride or kernel size alone gives what is wanted along an axis."""
        layer, window = self.layer, self.layer.sliding_window
        follows = isinstance(layer, MaxPool2d | AvgPool2d) and layer.stride is None
        kernel_size = kernel or window.kernel_size[axis]
        if stride is None:
            stride = kernel_size if follows else window.stride[axis]
        size = self.input_shape[1 + axis]
        same = layer.padding == "same"
        if same:
            sides = windows.same_padding(size, kernel_size, stride, window.dilation[axis])
        else:
            padding = layer.resolved_padding(self.input_shape)
            sides = (padding[2 * axis], padding[2 * axis + 1])
        return self._outputs(axis, kernel_size, stride, sides, same=same) == self.wanted[axis]

    def _outputs(self, axis: int, kernel: int, stride: int, sides: _Sides, *, same: bool = False) -> int:
        size, dilation = self.input_shape[1 + axis], self.layer.sliding_window.dilation[axis]
        if sum(sides) + size < windows.span(kernel, dilation):
            return 0
        rounds_up = isinstance(self.layer, MaxPool2d | AvgPool2d) and self.layer.ceil_mode and not same
        return windows.output_size(size, kernel, stride, *sides, dilation, rounds_up)


def _halved(total: int) -> _Sides:
    return total // 2, total - total // 2


def _least_padding(totals: dict[int, list[int]]) -> int:
    """The stride that needs the least padding."""
    return min(totals, key=lambda stride: min(totals[stride]))


def _largest(layer: SlidingLayer, field: str) -> int:
    kind = fields.kinds(type(layer))[field]
    return kind.maximum if isinstance(kind, SizeKind) else 1


def _label(layer: SlidingLayer, changes: _Changes) -> str:
    """``Stride 2, padding 1``."""
    parts = []
    for field, value in changes.items():
        if field == "ceil_mode":
            parts.append("round up" if value else "round down")
        elif field == "padding":
            parts.append("same" if value == "same" else f"padding {_size(value)}")
        else:
            parts.append(f"{fields.kinds(type(layer))[field].label.lower()} {_size(value)}")
    text = ", ".join(parts)
    return text if text.startswith("same") else text[0].upper() + text[1:]


def _size(value: tuple[int, ...]) -> str:
    if len(value) == 2:
        return str(value[0]) if value[0] == value[1] else f"{value[0]}×{value[1]}"
    return f"({', '.join(str(number) for number in value)})"
