"""Convolution that reads the picture in place, number by number: for strides.

With a stride neighbouring outputs read inputs that lie apart. Where windows hardly overlap, to sort them as
:mod:`explorer.engine.gathering` does takes up to as long as to use them. The block of
:mod:`explorer.engine.pixel_block` needs no order, so nothing is copied, except for blocks whose windows reach into the
padding. Products are summed in the order of :mod:`explorer.engine.convolution`, so the results have the same bits.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial

import numpy as np
import numpy.typing as npt

from explorer.engine import aligned, windows
from explorer.engine.arguments import Array
from explorer.engine.gathering import SORTED, Axis, Gathering, gather, gather_planes
from explorer.engine.microkernel import CHAIN
from explorer.engine.pixel_block import PAIRED, TOGETHER, TURNED, multiply_pixels
from explorer.engine.shape import Shape
from explorer.engine.streaming import STRAIGHT
from explorer.engine.tiles import direct_cycles
from explorer.engine.transformed import Plan, is_constant, transformed
from explorer.jit import CancelFlag, runner
from explorer.jit.compiler import MAXIMUM_THREADS, VECTOR, flushing_operation, integer, integers, operation
from explorer.jit.scratch import scratch
from explorer.jit.threads import threads
from explorer.jit.vector import BYTES, Emitter, Value, vector_code

_LEAST_VECTOR = 16  # numbers: shorter ones serve too few filters for each number read
_SCRATCH = 128 << 10  # numbers that a block on the edge may need
_PART = 640 << 10  # bytes of weights that a work item reads again and again
_LARGEST = 24_000_000  # multiply-adds of a work item at most, so that a cancel is quick
_ITEMS = 6  # for each thread at least
_LEAST_ROWS = 12  # of outputs of a vector of filters: items are not cut within rows
_LEAST_OUTPUTS = 256  # of a filter, to pay for putting weights into order each time
_INT_BYTES = 2**31 - 1  # that an offset reaches

# Cycles, as measured:
_TURN = 18  # for each vector of output, to turn a block on its side and write it
_SORT, _SORT_APART = 9, 100  # to gather a vector; with a large stride, number by number
_BLOCK = 1.9  # for each cycle that :mod:`explorer.engine.tiles` estimates
_EDGE = 80  # to gather a row for a block on the edge


@lru_cache(maxsize=512)
def suits(shape: Shape) -> bool:
    """Whether this is faster than to sort the input."""
    planner = _Planner(shape)
    return planner.is_possible and planner.pays


@dataclass(frozen=True)
class _Planner:
    """Finds the cut of one convolution."""

    shape: Shape

    @cached_property
    def filters(self) -> int:
        """Of one group of channels."""
        return self.shape.out_channels // self.shape.groups

    @cached_property
    def vectors(self) -> int:
        """Of filters of one group."""
        return -(-self.filters // VECTOR)

    @cached_property
    def spans(self) -> tuple[int, int]:
        """Rows and columns that a window covers."""
        kernel, dilation = self.shape.kernel_size, self.shape.dilation
        return windows.span(kernel[0], dilation[0]), windows.span(kernel[1], dilation[1])

    @cached_property
    def edge(self) -> Gathering:
        """The input of a block on the edge, as it lies, with padding."""
        s, (rows, columns) = self.shape, self.spans
        reach = (VECTOR - 1) * s.stride[1] + columns - 1
        y, x = Axis((0,), (0,), (rows - 1,)), Axis((0,), (0,), (reach,))
        ahead = 4 * s.stride[0] * s.width  # the same of the next row of output
        return Gathering((s.height, s.width), (1, 1), s.padding, y, x, 1, 1, s.per_group, ahead)

    @property
    def is_possible(self) -> bool:
        """Whether there is code for it, and room."""
        s = self.shape
        return (
            VECTOR >= _LEAST_VECTOR
            and s.out_width >= TOGETHER
            and 4 * s.per_group * s.height * s.width <= _INT_BYTES
            and self.edge.floats <= _SCRATCH
        )

    @property
    def pays(self) -> bool:
        """Whether it takes fewer cycles, by estimate, for ``VECTOR`` outputs of all filters of a group."""
        s = self.shape
        if max(s.stride) == 1:
            return False
        rows = s.images * s.groups * s.out_height * self.vectors
        if rows < _LEAST_ROWS or s.out_width * s.taps * VECTOR > _LARGEST:
            return False
        done = s.out_width // VECTOR * VECTOR + -(-(s.out_width % VECTOR) // TOGETHER) * TOGETHER
        edges = min(1.0, VECTOR / s.out_width * ((s.padding[2] > 0) + (s.padding[3] > 0)))
        own = self.vectors * VECTOR * (s.taps + _TURN) * done / s.out_width
        own += edges * s.per_group * self.spans[0] * _EDGE
        y, x = (Axis.of(s.kernel_size[a], s.stride[a], s.dilation[a]) for a in (0, 1))
        is_sorted = s.stride[1] <= SORTED  # and read whole, whatever phases are used
        sort = s.stride[1] * _SORT if is_sorted else len(x.phases) * _SORT_APART
        sort *= s.per_group * len(y.phases)
        return own < s.taps * direct_cycles(s) * VECTOR / s.out_width * _BLOCK + sort

    def plan(self, workers: int, chunk: int) -> Plan:
        """Everything that the kernel reads."""
        s, edge = self.shape, self.edge
        wanted = min(_LARGEST, s.out_channels * s.products // (workers * _ITEMS) + 1)
        per_row = s.out_width * s.taps * VECTOR  # multiply-adds of a vector of filters
        share = min(self.vectors, max(1, min(_PART // (4 * s.taps * VECTOR), wanted // per_row)))
        parts = -(-self.vectors // share)
        share = -(-self.vectors // parts)
        band = max(1, min(s.out_height, wanted // (per_row * share)))
        bands = -(-s.out_height // band)
        band = -(-s.out_height // bands)
        kept = (
            edge.words,
            self._offsets(s.height * s.width, s.width),
            self._offsets(edge.plane, edge.pitch),
            np.array([*self._chains(chunk)], np.int64),
        )
        words = (
            *(
                s.in_channels,
                s.per_group,
                self.filters,
                s.out_height,
                s.out_width,
                s.groups,
                s.height,
                s.width,
            ),
            *(*s.stride, s.padding[0], s.padding[2], *self.spans, bands, band, parts, share),
            *(self.vectors, s.taps, len(kept[3])),
            *(array.ctypes.data for array in kept),
        )
        items = s.images * s.groups * bands * parts
        return Plan(items, TURNED + edge.floats, np.array(words, np.int64), (edge, *kept))

    def _offsets(self, plane: int, pitch: int) -> npt.NDArray[np.int32]:
        """Bytes from a pixel's first tap to each: channel by channel, row by row."""
        (rows, columns), (down, right) = self.shape.kernel_size, self.shape.dilation
        c, ky = np.arange(self.shape.per_group)[:, None, None], np.arange(rows)[:, None]
        numbers = c * plane + ky * down * pitch + np.arange(columns) * right
        return (4 * numbers.ravel()).astype(np.int32)

    def _chains(self, chunk: int) -> Iterator[tuple[int, int]]:
        """First tap and number of taps of what is summed in one chain."""
        kernel = self.shape.taps // self.shape.per_group
        for channel in range(0, self.shape.per_group, chunk):
            end = min(self.shape.per_group, channel + chunk) * kernel
            for tap in range(channel * kernel, end, CHAIN):
                yield tap, min(CHAIN, end - tap)


@lru_cache(maxsize=64)
def _plan(shape: Shape, workers: int, chunk: int) -> Plan:
    return _Planner(shape).plan(workers, chunk)


@flushing_operation
def _convolve_pixels(item: int, worker: int, arguments: int) -> None:
    turned = integer(arguments, 4) + 4 * worker * integer(arguments, 5)
    memory = turned + 4 * TURNED
    plan = integer(arguments, 6)
    in_channels, per_group, filters = integer(plan, 0), integer(plan, 1), integer(plan, 2)
    out_height, out_width, groups = integer(plan, 3), integer(plan, 4), integer(plan, 5)
    height, width, stride_y, stride_x = integer(plan, 6), integer(plan, 7), integer(plan, 8), integer(plan, 9)
    top, left, span_y, span_x = integer(plan, 10), integer(plan, 11), integer(plan, 12), integer(plan, 13)
    bands, band, parts, share = integer(plan, 14), integer(plan, 15), integer(plan, 16), integer(plan, 17)
    vectors, taps, chains = integer(plan, 18), integer(plan, 19), integer(plan, 20)
    chain = integers(integer(plan, 24), 2 * chains)
    streamed = 1 if integer(arguments, 10) == STRAIGHT and chains == 1 else 0

    # which rows, which vectors of filters
    first_vector = item % parts * share
    last_vector = min(vectors, first_vector + share)
    rest = item // parts
    y0 = rest % bands * band
    rest //= bands
    group, image = rest % groups, rest // groups
    channel = image * in_channels + group * per_group
    picture = integer(arguments, 0) + 4 * channel * height * width
    y_filter = 4 * out_height * out_width
    out = integer(arguments, 3) + (image * groups + group) * filters * y_filter
    for y in range(y0, min(out_height, y0 + band)):
        row, x = y * stride_y - top, 0
        while x < out_width:
            # a last block begins earlier where it would end beyond the row
            most = PAIRED if last_vector - first_vector > 1 and streamed == 0 else VECTOR
            pixels = min(most, (out_width - x + TOGETHER - 1) // TOGETHER * TOGETHER)
            pixels = min(pixels, out_width // TOGETHER * TOGETHER)
            x = min(x, out_width - pixels)
            column = x * stride_x - left
            columns = (pixels - 1) * stride_x + span_x
            source, offsets = picture + 4 * (row * width + column), integer(plan, 22)
            next_row = 4 * stride_y * width
            if row < 0 or row + span_y > height or column < 0 or column + columns > width:
                source, offsets, next_row = memory, integer(plan, 23), 0
                gather(
                    integer(arguments, 7),
                    integer(plan, 21),
                    integer(arguments, 0),
                    channel,
                    per_group,
                    y * stride_y,
                    x * stride_x,
                    span_y,
                    columns,
                    memory,
                    integer(arguments, 8),
                    integer(arguments, 9),
                )
            v = first_vector
            while v < last_vector:
                together = 2 if last_vector - v > 1 and pixels <= PAIRED else 1
                weights = integer(arguments, 1) + 4 * VECTOR * taps * (group * vectors + v)
                for index in range(chains):
                    first = chain[2 * index]
                    multiply_pixels(
                        source,
                        4 * stride_x,
                        offsets + 4 * first,
                        chain[2 * index + 1],
                        weights + 4 * VECTOR * first,
                        4 * VECTOR * taps,
                        integer(arguments, 2) + 4 * (group * filters + v * VECTOR),
                        out + v * VECTOR * y_filter + 4 * (y * out_width + x),
                        y_filter,
                        filters - v * VECTOR,
                        pixels,
                        together,
                        index,
                        streamed,
                        turned,
                        next_row if v == first_vector else 0,
                    )
                v += together
            x += pixels


def conv2d(
    shape: Shape,
    chunk: int,
    x: Array,
    weight: Array,
    bias: Array,
    out: Array,
    writing: int,
    cancel: CancelFlag | None,
) -> bool:
    """Fill ``out``; False where this is not the way after all.

    So it is where weights are huge or not finite, and for few outputs of weights that may change and so are put into
    order at each call. ``chunk`` channels are summed before the next.
    """
    if shape.images * shape.out_height * shape.out_width < _LEAST_OUTPUTS and not is_constant(weight):
        return False
    cut = _plan(shape, min(threads.count, MAXIMUM_THREADS), chunk)
    kernels = transformed(weight, (_packed, shape.groups), partial(_packed, shape.groups))
    if kernels is None:
        return False
    memory = scratch(cut.scratch_floats, cut.items)
    unread = np.zeros(1, np.int64)
    no_shift = np.zeros(shape.images * shape.in_channels, np.float32)
    arguments = (
        *(x, kernels, bias, out, memory.address, memory.size, cut.words),
        *(gather_planes.address, no_shift, unread, writing),
    )
    runner.run(_convolve_pixels, cut.items, arguments, cancel, memory.workers)
    return True


def _packed(groups: int, weight: Array) -> Array:
    """Weights as (groups, vectors of filters, taps, filters of a vector); those that no filter has are 0."""
    filters, taps = len(weight) // groups, weight[0].size
    vectors = -(-filters // VECTOR)
    kernels = aligned.empty((groups, vectors, taps, VECTOR))
    runner.run(_pack, groups * vectors, (weight, kernels, filters, vectors, taps))
    return kernels


@vector_code
def _by_tap(e: Emitter, weights: Value, filters: Value, taps: Value, target: Value) -> None:
    """The first ``filters`` of a vector of filters, tap by tap."""
    with e.loop(0, taps, VECTOR) as tap:
        left = e.minus(taps, tap)
        rows = []
        for f in range(VECTOR):
            there = e.select(e.below(f, filters), left, e.word(0))
            place = e.plus(weights, e.times(e.plus(e.times(taps, f), tap), 4))
            rows.append(e.load_first(place, there, e.zero()))
        for index, row in enumerate(e.transposed(rows)):
            with e.when(e.below(index, left)):
                e.store(row, e.plus(target, e.times(e.plus(tap, index), BYTES)))


@operation
def _pack(item: int, worker: int, arguments: int) -> None:
    """One vector of filters."""
    filters, vectors, taps = integer(arguments, 2), integer(arguments, 3), integer(arguments, 4)
    group, first = item // vectors, item % vectors * VECTOR
    weights = integer(arguments, 0) + 4 * (group * filters + first) * taps
    _by_tap(weights, filters - first, taps, integer(arguments, 1) + item * taps * BYTES)


# nobody waits for what only tests run
_convolve_pixels.prepared = _pack.prepared = VECTOR >= _LEAST_VECTOR
