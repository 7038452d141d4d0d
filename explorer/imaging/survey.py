"""The compiled twin of what a map's view is made of: its range, its scale and its smaller versions, in one look.

A look at a hundred maps takes NumPy longer than the layer that made them. Here the threads of the engine share them.
Ranges and scales are those of NumPy to the bit, smaller versions those of OpenCV but for rounding: it drops shares
below 1e-3, and sums of four may overflow there.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from explorer.imaging.rendering import ENOUGH, LARGEST, SAMPLES, SHARE, SMALLEST, Scale
from explorer.jit import runner
from explorer.jit.addresses import address_of
from explorer.jit.compiler import VECTOR, floats, inline, integer, integers, operation
from explorer.jit.scratch import scratch
from explorer.jit.vector import BYTES, Emitter, Value, vector_code

Floats = NDArray[np.float32]


def _up(count: int) -> int:
    """To whole vectors."""
    return (count + VECTOR - 1) // VECTOR * VECTOR


_padded = inline(_up)
"""The same for operations."""

_KEPT = 2 * SAMPLES  # magnitudes that a sample has at most
_ABOVE = _up(_KEPT - math.ceil(SHARE * (_KEPT - 1)))  # of these that are above the percentile
_FIGURES = 4  # of each map
_BAND = 1 << 15  # numbers that are looked at together


class Findings(NamedTuple):
    """What is known of a map of finite numbers."""

    low: float
    high: float
    scale: Scale
    halves: tuple[Floats, ...]


@vector_code
def _extent(e: Emitter, x: Value, count: Value, ends: Value, spoiled: Value) -> None:
    """A vector of smallest numbers and one of largest, to ``ends``; 1 to ``spoiled`` where one is not finite."""
    first = e.splat(e.load_number(x))
    low, high, sizes = e.variable(first), e.variable(first), e.variable(e.nothing_large())

    def take(value: Value) -> None:
        low.set(e.where_below(value, low.get(), value, low.get()))
        high.set(e.where_below(high.get(), value, value, high.get()))
        sizes.set(e.larger_size(sizes.get(), value))

    whole = e.times(e.quotient(count, VECTOR), VECTOR)
    with e.loop(0, whole, VECTOR) as i:
        take(e.load(e.plus(x, e.times(i, 4))))
    take(e.load_first(e.plus(x, e.times(whole, 4)), e.minus(count, whole), first))
    e.store(low.get(), ends)
    e.store(high.get(), ends, BYTES)
    with e.when(e.any_exceeds(sizes.get(), LARGEST)):
        e.store_word(e.word(1), spoiled)


@vector_code
def _halve_row(e: Emitter, above: Value, below: Value, target: Value, count: Value) -> None:
    """``count`` means of four: two neighbours in one row and the two below. Large numbers do not overflow."""
    quarter = e.constant(0.25)

    def mean(upper: list[Value], lower: list[Value]) -> Value:
        pairs = zip(upper, lower, strict=True)
        sums = [e.add(e.multiply(a, quarter), e.multiply(b, quarter)) for a, b in pairs]
        return e.add(e.every(sums, 0, 2), e.every(sums, 1, 2))

    def at(row: Value, i: Value, v: int) -> Value:
        return e.plus(row, e.plus(e.times(i, 8), v * BYTES))

    whole = e.times(e.quotient(count, VECTOR), VECTOR)
    with e.loop(0, whole, VECTOR) as i:
        upper, lower = ([e.load(at(row, i, v)) for v in (0, 1)] for row in (above, below))
        e.store(mean(upper, lower), e.plus(target, e.times(i, 4)))
    left = e.minus(count, whole)
    room = [e.minus(e.times(left, 2), v * VECTOR) for v in (0, 1)]
    upper, lower = (
        [e.load_first(at(row, whole, v), room[v], e.zero()) for v in (0, 1)] for row in (above, below)
    )
    e.store_first(mean(upper, lower), e.plus(target, e.times(whole, 4)), left)


@vector_code
def _join_rows(
    e: Emitter,
    first: Value,
    second: Value,
    third: Value,
    shares: Value,
    step: Value,
    line: Value,
    count: Value,
) -> None:
    """Three rows as one of ``count`` numbers, and zeros behind it; their ``shares`` lie ``step`` bytes apart."""
    weights = [e.splat(e.load_number(e.plus(shares, e.times(step, k)))) for k in range(3)]
    with e.loop(0, count, VECTOR) as i:
        total, left = e.zero(), e.minus(count, i)
        for row, weight in zip((first, second, third), weights, strict=True):
            total = e.fma(e.load_first(e.plus(row, e.times(i, 4)), left, e.zero()), weight, total)
        e.store(total, e.plus(line, e.times(i, 4)))
    for v in range(3):
        e.store(e.zero(), e.plus(line, e.times(count, 4)), v * BYTES)


@vector_code
def _join_columns(e: Emitter, line: Value, shares: Value, step: Value, target: Value, count: Value) -> None:
    """``count`` times three neighbours as one, the first two numbers further each time."""
    with e.loop(0, count, VECTOR) as i:
        here, weights = e.plus(line, e.times(i, 8)), e.plus(shares, e.times(i, 4))
        pairs = [e.load(here, v * BYTES) for v in (0, 1)]
        next_pairs = [e.load(here, v * BYTES + 8) for v in (0, 1)]
        total = e.zero()
        for k, numbers in enumerate((e.every(pairs, 0, 2), e.every(pairs, 1, 2), e.every(next_pairs, 0, 2))):
            total = e.fma(numbers, e.load(e.plus(weights, e.times(step, k))), total)
        e.store_first(total, e.plus(target, e.times(i, 4)), e.minus(count, i))


@inline
def _halve(source: int, rows: int, columns: int, target: int) -> None:
    for y in range(rows // 2):
        above = source + 8 * y * columns
        _halve_row(above, above + 4 * columns, target + 4 * y * (columns // 2), columns // 2)


@inline
def _halve_odd(
    source: int, rows: int, columns: int, target: int, row_shares: int, column_shares: int, line: int
) -> None:
    """Where a side is odd, each mean is of three neighbours in that direction, see ``_shares``."""
    row_step, column_step = 4 * _padded(rows // 2), 4 * _padded(columns // 2)
    for y in range(rows // 2):
        first = source + 8 * y * columns
        second, third = first + 4 * columns, source + 4 * min(2 * y + 2, rows - 1) * columns
        _join_rows(first, second, third, row_shares + 4 * y, row_step, line, columns)
        _join_columns(line, column_shares, column_step, target + 4 * y * (columns // 2), columns // 2)


@inline
def _counts(magnitude: float) -> int:
    """1 where it is not as good as zero; all are finite."""
    return 1 if magnitude >= np.float32(SMALLEST) else 0


@inline
def _stride(count: int, width: int) -> int:
    """From one sample to the next, so that every column is visited."""
    stride = max(1, count // SAMPLES)
    while stride > 1 and math.gcd(stride, width) > 1:
        stride += 1
    return stride


@inline
def _sift(heap: Floats, count: int) -> None:
    """Let the first number of a heap sink until none below it is smaller."""
    place = 0
    while 2 * place + 1 < count:
        child = 2 * place + 1
        if child + 1 < count and heap[child + 1] < heap[child]:
            child += 1
        if heap[place] <= heap[child]:
            return
        heap[place], heap[child] = heap[child], heap[place]
        place = child


@inline
def _magnitude(pixels: int, size: int, width: int, memory: int) -> Any:
    """The percentile of :func:`explorer.imaging.rendering.finite_scale`; 1 where no number counts."""
    values, kept = floats(pixels, 0, size), floats(memory, 0, _KEPT)
    count = 0
    for i in range(0, size, _stride(size, width)):
        magnitude = abs(values[i])
        kept[count] = magnitude
        count += _counts(magnitude)
    if count < min(ENOUGH, size):  # a map of mostly zeros
        every = 0
        for i in range(size):
            every += _counts(abs(values[i]))
        stride = _stride(every, width)
        count, left = 0, 0
        for i in range(size):
            magnitude = abs(values[i])
            if _counts(magnitude):
                if left == 0:
                    kept[count] = magnitude
                    count, left = count + 1, stride
                left -= 1
    if count == 0:
        return np.float32(1)
    # the smallest of the few that are above it: they are kept in a heap
    above = count - math.ceil(SHARE * (count - 1))
    heap = floats(memory, _KEPT, _ABOVE)
    heap[:above] = np.float32(-1)
    for i in range(count):
        if kept[i] > heap[0]:
            heap[0] = kept[i]
            _sift(heap, above)
    return heap[0]


@operation
def _survey(item: int, worker: int, arguments: int) -> None:
    height, width, levels = integer(arguments, 1), integer(arguments, 2), integer(arguments, 5)
    size = height * width
    pixels = integer(arguments, 0) + 4 * size * integer(integer(arguments, 3), item)
    figures = floats(integer(arguments, 4), _FIGURES * item, _FIGURES)
    half, shares = integer(integer(arguments, 6), item), integers(integer(arguments, 7), 2 * levels)
    memory = integer(arguments, 8) + 4 * worker * integer(arguments, 9)
    # the same memory serves for ends and samples, and for this word and the heap: one after the other
    spoiled = memory + 4 * _KEPT
    integers(spoiled, 1)[0] = 0
    ends = floats(memory, 0, 2 * VECTOR)
    low, high = np.float32(np.inf), np.float32(-np.inf)
    is_halved = levels > 0 and height % 2 == width % 2 == 0
    band = max(2, _BAND // width // 2 * 2)
    for start in range(0, height, band):  # for numbers are to be fetched once
        rows = min(band, height - start)
        above = pixels + 4 * start * width
        _extent(above, rows * width, memory, spoiled)
        for i in range(VECTOR):
            low, high = min(low, ends[i]), max(high, ends[VECTOR + i])
        if is_halved:
            _halve(above, rows, width, half + 4 * (start // 2) * (width // 2))
    figures[0], figures[1], figures[2] = 1 - integers(spoiled, 1)[0], low, high
    if figures[0] == 0:
        return
    source, rows, columns = pixels, height, width
    for level in range(levels):
        if rows % 2 == 1 or columns % 2 == 1:
            line = memory + 4 * (_KEPT + _ABOVE)
            _halve_odd(source, rows, columns, half, shares[2 * level], shares[2 * level + 1], line)
        elif level > 0:
            _halve(source, rows, columns, half)
        source, rows, columns = half, rows // 2, columns // 2
        half += 4 * rows * columns
    figures[3] = _magnitude(pixels, size, width, memory)


def survey(maps: Floats, channels: Sequence[int], levels: int) -> list[Findings | None]:
    """Look at ``channels`` of maps (C, H, W), which lie side by side; None for a map with a number that is not finite.

    ``halves`` are as many as ``levels``: (H // 2, W // 2), (H // 4, W // 4) and so on.
    """
    assert maps.dtype == np.float32
    assert maps.flags.c_contiguous
    sizes = [maps.shape[1:]]
    for _ in range(levels):
        sizes.append((sizes[-1][0] // 2, sizes[-1][1] // 2))
    counts = [rows * columns for rows, columns in sizes[1:]]
    # one for each map, for it may outlive the others
    blocks = [np.empty(sum(counts), np.float32) for _ in channels]
    shares = [_shares(side) for size in sizes[:-1] for side in size]
    wanted, figures = np.array(channels, np.int64), np.empty((len(channels), _FIGURES), np.float32)
    memory = scratch(_KEPT + _ABOVE + maps.shape[2] + 4 * VECTOR, len(channels))
    arguments = (
        *(maps, *maps.shape[1:], wanted, figures, levels),
        *(np.array([address_of(array) for array in arrays], np.int64) for arrays in (blocks, shares)),
        *(memory.address, memory.size),
    )
    runner.run(_survey, len(channels), arguments, None, memory.workers)
    starts = np.cumsum([0, *counts]).tolist()
    found: list[Findings | None] = []
    for block, (is_finite, low, high, magnitude) in zip(blocks, figures.tolist(), strict=True):
        parts = zip(sizes[1:], starts, starts[1:], strict=False)
        halves = tuple(block[start:end].reshape(size) for size, start, end in parts)
        scale = Scale(-magnitude, magnitude, negatives=low < 0) if is_finite else None
        found.append(None if scale is None else Findings(low, high, scale, halves))
    return found


@lru_cache(maxsize=64)
def _shares(side: int) -> Floats:
    """(3, side // 2): how much numbers 2 i, 2 i + 1 and 2 i + 2 of a side give to number i of its half.

    n numbers are spread evenly over m. Where n = 2 m + 1, number i of the half reaches from (2 + 1 / m) i to
    (2 + 1 / m) (i + 1).
    """
    half = side // 2
    i = np.arange(half)
    shares = np.zeros((3, _up(half)), np.float32)
    if side % 2:
        shares[:, :half] = np.stack([half - i, np.full(half, half), i + 1]) / side
    else:
        shares[:2, :half] = 0.5
    return shares
