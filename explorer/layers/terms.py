"""The numbers that one output is made of, each with the place it comes from."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from explorer.engine import windows
from explorer.layers.convolution import Conv2d
from explorer.layers.fields import Array
from explorer.layers.forward import shape_of
from explorer.layers.layer import Shape
from explorer.layers.linear import Linear
from explorer.layers.pooling import AvgPool2d, MaxPool2d
from explorer.layers.receptive import Box, window_box

_BLOCK = 1024  # numbers of which only the largest is looked at first
_NO_PADDING = (0, 0, 0, 0)
ALL_SHOWN = 27  # as many terms as three 3x3 kernels have

Numbers = npt.NDArray[np.floating]
KernelPlace = tuple[int, int, int]
"""(channel, row, column) in a filter's weights."""


@dataclass(frozen=True)
class Source:
    """A place in a layer's input. Number i of a row of numbers is channel 0, row i, column 0."""

    channel: int
    row: int
    column: int


@dataclass(frozen=True)
class Term:
    """One number that takes part in an output.

    ``product`` is what it adds to the output. ``weight`` is what it is multiplied with, in a softmax
    exp(value - largest), and None where there is nothing to multiply. ``source`` is None in the padding. ``wins``
    marks what equals a maximum.
    """

    value: float
    weight: float | None
    product: float
    source: Source | None
    kernel: KernelPlace | None = None
    wins: bool = False


@dataclass(frozen=True, eq=False)
class Terms:
    """All terms of one output as arrays, for there may be a million; :meth:`term` makes one of them.

    ``products`` are float64. ``padding`` of the terms are zeros outside the input; ``left_out`` counts the places of
    the window that lie there and do not take part.
    """

    values: Numbers
    weights: Numbers | None
    products: npt.NDArray[np.float64]
    place: Callable[[int], tuple[Source | None, KernelPlace | None]]
    winners: npt.NDArray[np.bool_] | None = None
    padding: int = 0
    left_out: int = 0

    def term(self, index: int) -> Term:
        """Term number ``index``."""
        source, kernel = self.place(index)
        return Term(
            float(self.values[index]),
            None if self.weights is None else float(self.weights[index]),
            float(self.products[index]),
            source,
            kernel,
            self.winners is not None and bool(self.winners[index]),
        )

    def shown(self, most: int, by: Numbers | None = None) -> tuple[list[int], float]:
        """Which terms to show, and what the others add up to.

        All in order where there are few, else the ``most`` that are largest in ``by`` (the products without their
        sign), the largest first.
        """
        count = self.values.size
        if count <= ALL_SHOWN:
            return list(range(count)), 0.0
        chosen = largest(np.abs(self.products) if by is None else by, most)
        with np.errstate(all="ignore"):
            others = self.products.copy()
            others[chosen] = 0
            return chosen, float(others.sum())


def largest(numbers: Numbers, most: int) -> list[int]:
    """Where the largest numbers are, the largest first, NaN before all; without sorting what may be a million."""
    if numbers.size > _BLOCK * most:
        # the largest numbers lie in the blocks that have the largest maxima
        blocks = np.maximum.reduceat(numbers, np.arange(0, numbers.size, _BLOCK))
        starts = np.sort(np.argpartition(blocks, -most)[-most:]) * _BLOCK
        places = np.concatenate([np.arange(s, min(s + _BLOCK, numbers.size)) for s in starts])
    else:
        places = np.arange(numbers.size)
    ranked = np.where(np.isnan(numbers[places]), np.inf, numbers[places])
    order: list[int] = places[np.argsort(-ranked, kind="stable")[:most]].tolist()
    return order


def convolution_terms(layer: Conv2d, x: Array, channel: int, row: int, column: int) -> list[Term]:
    """Every product behind one value of a fitted convolution: channel by channel, row by row; padding is 0."""
    terms = of_convolution(layer, x, channel, row, column)
    return [terms.term(index) for index in range(terms.values.size)]


def of_convolution(layer: Conv2d, x: Array, channel: int, row: int, column: int) -> Terms:
    """The products behind one value of a fitted convolution."""
    box = window_box(layer, shape_of(x), row, column)
    if layer.weight is None or box is None:
        return Terms(np.zeros(0), np.zeros(0), np.zeros(0), lambda _: (None, None))
    kernel = layer.weight[channel]
    first = channel // (layer.out_channels // layer.groups) * kernel.shape[0]
    taps = _Taps(box, (kernel.shape[1], kernel.shape[2]), layer.dilation, shape_of(x))
    values = taps.pick(x[0, first : first + kernel.shape[0]])

    def place(index: int) -> tuple[Source | None, KernelPlace]:
        below, tap = divmod(index, kernel.shape[1] * kernel.shape[2])
        return taps.source(first + below, tap), (below, *divmod(tap, kernel.shape[2]))

    terms = weighted(kernel.ravel(), values.ravel(), place)
    outside = int(np.count_nonzero(~taps.within(_NO_PADDING)))
    return dataclasses.replace(terms, padding=outside * kernel.shape[0])


def of_linear(layer: Linear, x: Array, index: int) -> Terms:
    """The products behind one output of a fitted linear layer."""
    weight = np.zeros((index + 1, 0)) if layer.weight is None else layer.weight
    return weighted(weight[index], x[0], lambda i: (Source(0, i, 0), None))


def of_map(x: Array, channel: int) -> Terms:
    """All values of a map; their products are still to be given."""
    columns = x.shape[3]
    values = x[0, channel].ravel()
    return Terms(values, None, np.zeros(0), lambda i: (Source(channel, *divmod(i, columns)), None))


def of_window(layer: MaxPool2d | AvgPool2d, x: Array, channel: int, row: int, column: int) -> Terms:
    """The values that a pooling window takes, zeros that count among them; products are still to be given."""
    shape, box = shape_of(x), window_box(layer, shape_of(x), row, column)
    if box is None:
        return Terms(np.zeros(0), None, np.zeros(0), lambda _: (None, None))
    dilation = layer.dilation if isinstance(layer, MaxPool2d) else (1, 1)
    taps = _Taps(box, layer.kernel_size, dilation, shape)
    taking_part = taps.within(_counted_padding(layer, shape))
    counted, inside = np.flatnonzero(taking_part), taps.within(_NO_PADDING)
    values = taps.pick(x[0, channel : channel + 1]).ravel()[counted]
    return Terms(
        values,
        None,
        np.zeros(0),
        lambda i: (taps.source(channel, int(counted[i])), None),
        padding=int(np.count_nonzero(taking_part & ~inside)),
        left_out=int(np.count_nonzero(~taking_part)),
    )


def of_channels(x: Array, row: int, column: int) -> Terms:
    """The values of all channels at one place; their products are still to be given."""
    if x.ndim == 2:
        return Terms(x[0], None, np.zeros(0), lambda i: (Source(0, i, 0), None))
    return Terms(x[0, :, row, column], None, np.zeros(0), lambda i: (Source(i, row, column), None))


def of_one(value: float, weight: float | None, product: float, source: Source) -> Terms:
    """One number alone."""
    weights = None if weight is None else np.array([weight])
    return Terms(np.array([value]), weights, np.array([product]), lambda _: (source, None))


def weighted(
    weights: Numbers, values: Numbers, place: Callable[[int], tuple[Source | None, KernelPlace | None]]
) -> Terms:
    """Terms that are multiplied with their weights, in float64."""
    with np.errstate(all="ignore"):
        products = np.multiply(weights, values, dtype=np.float64)
    return Terms(values, weights, products, place)


def _counted_padding(layer: MaxPool2d | AvgPool2d, input_shape: Shape) -> windows.Padding:
    """The padding whose zeros count in a mean."""
    if isinstance(layer, AvgPool2d) and layer.count_include_pad and layer.padding != "same":
        return layer.resolved_padding(input_shape)
    return _NO_PADDING


class _Taps:
    """The rows and columns that a window reads, numbered row by row."""

    def __init__(
        self, box: Box, size: tuple[int, int], dilation: tuple[int, int], input_shape: Shape
    ) -> None:
        self._rows = box.top + np.arange(size[0]) * dilation[0]
        self._columns = box.left + np.arange(size[1]) * dilation[1]
        self._height, self._width = input_shape[1], input_shape[2]

    def within(self, padding: windows.Padding) -> npt.NDArray[np.bool_]:
        """Which lie in the input or so much padding around it."""
        top, bottom, left, right = padding
        rows = (self._rows >= -top) & (self._rows < self._height + bottom)
        columns = (self._columns >= -left) & (self._columns < self._width + right)
        return rows[:, None] & columns

    def pick(self, x: Array) -> Numbers:
        """The values there (channels, rows, columns), 0 outside."""
        rows = np.clip(self._rows, 0, self._height - 1)[:, None]
        picked = x[:, rows, np.clip(self._columns, 0, self._width - 1)]
        return np.where(self.within(_NO_PADDING), picked, np.float32(0))

    def source(self, channel: int, tap: int) -> Source | None:
        """The place of a tap; None in the padding."""
        row, column = divmod(tap, self._columns.size)
        r, c = int(self._rows[row]), int(self._columns[column])
        return Source(channel, r, c) if 0 <= r < self._height and 0 <= c < self._width else None
