"""How the terms of a number lie beside each other: a kernel's cells by channel, a pooling window's as they stand."""

from __future__ import annotations

from dataclasses import dataclass

from explorer.layers.explanation import Explanation
from explorer.layers.forward import ForwardPass, shape_of
from explorer.layers.pooling import AvgPool2d, MaxPool2d
from explorer.layers.receptive import window_box

_LARGEST = 27  # terms, beyond which they are listed


@dataclass(frozen=True)
class Block:
    """A grid of terms; ``cells`` are (number of the term, row, column), a window's border may lack some."""

    channel: int
    rows: int
    columns: int
    cells: tuple[tuple[int, int, int], ...]


def blocks(result: ForwardPass, index: int, made: Explanation) -> tuple[Block, ...]:
    """The grids that the terms of layer ``index`` lie in; none where they lie in no grid, or are too many."""
    if made.rest_count or not 0 < len(made.terms) <= _LARGEST:
        return ()
    if all(term.kernel is not None for term in made.terms):
        return _by_kernel(made)
    if made.kind in ("maximum", "mean"):
        window = _window(result, index, made)
        return (window,) if window is not None and len(window.cells) == len(made.terms) else ()
    return ()


def _by_kernel(made: Explanation) -> tuple[Block, ...]:
    places = [term.kernel for term in made.terms if term.kernel is not None]
    rows, columns = max(row for _, row, _ in places) + 1, max(column for *_, column in places) + 1
    first = made.subtotals[0][0] if made.subtotals else 0  # of the group that the filter reads
    return tuple(
        Block(
            first + channel,
            rows,
            columns,
            tuple((i, row, column) for i, (c, row, column) in enumerate(places) if c == channel),
        )
        for channel in sorted({channel for channel, *_ in places})
    )


def _window(result: ForwardPass, index: int, made: Explanation) -> Block | None:
    layer, shape = result.layers[index], shape_of(result.input_of(index))
    if not isinstance(layer, MaxPool2d | AvgPool2d):
        return _map(made)
    box = window_box(layer, shape, made.place.row, made.place.column)
    if box is None:
        return None
    dilation = layer.dilation if isinstance(layer, MaxPool2d) else (1, 1)
    top, bottom, left, right = layer.resolved_padding(shape)
    left_over = iter(range(len(made.terms)))
    cells: list[tuple[int, int, int]] = []
    counts_padding = any(term.source is None for term in made.terms)
    for i in range(layer.kernel_size[0]):
        for j in range(layer.kernel_size[1]):
            row, column = box.top + i * dilation[0], box.left + j * dilation[1]
            inside = 0 <= row < shape[1] and 0 <= column < shape[2]
            padded = -top <= row < shape[1] + bottom and -left <= column < shape[2] + right
            if inside or (counts_padding and padded):
                term = next(left_over, None)
                if term is None:
                    return None
                cells.append((term, i, j))
    return Block(made.place.channel, *layer.kernel_size, tuple(cells))


def _map(made: Explanation) -> Block | None:
    """A whole map that is small."""
    sources = [term.source for term in made.terms]
    if any(source is None for source in sources):
        return None
    places = [(source.row, source.column) for source in sources if source is not None]
    rows, columns = max(row for row, _ in places) + 1, max(column for _, column in places) + 1
    return Block(made.place.channel, rows, columns, tuple((i, *place) for i, place in enumerate(places)))
