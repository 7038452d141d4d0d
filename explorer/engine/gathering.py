"""The input of a tile, copied into scratch memory with the padding around it and sorted by stride phases::

      picture with padding           stride 1               stride 2: one plane for each phase
      +------------------+         +-----------+             a b a b a b      a a a   b b b
      |   +--------+     |         | rows that |             c d c d c d  ->  a a a   b b b
      |   | tile's | ... |  --->   | the tile  |             a b a b a b      c c c   d d d
      |   | input  |     |         | looks at  |             c d c d c d      c c c   d d d
      +------------------+         +-----------+

With a stride, rows and columns are sorted by their remainder, the phase, so that neighbouring outputs read
neighbouring inputs.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np
import numpy.typing as npt

from explorer.jit.compiler import (
    LOCAL_WORDS,
    VECTOR,
    call_at,
    floats,
    inline,
    integer,
    integers,
    local_words,
    operation,
)
from explorer.jit.vector import BYTES, Emitter, Value, vector_code

SORTED = 4
"""The largest stride whose phases are sorted by vector instructions."""

LARGEST = 1e9
"""Beyond, what sums up in another order than that of the definition might overflow, or hide small numbers nearby."""

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Axis:
    """The taps along one side: for each its phase's place among the used phases, and its step within the plane."""

    phases: tuple[int, ...]
    slots: tuple[int, ...]
    steps: tuple[int, ...]

    @classmethod
    def of(cls, kernel: int, stride: int, dilation: int) -> Axis:
        """Of a window along one side."""
        remainders = [k * dilation % stride for k in range(kernel)]
        phases = tuple(sorted(set(remainders)))
        slots = tuple(phases.index(remainder) for remainder in remainders)
        return cls(phases, slots, tuple(k * dilation // stride for k in range(kernel)))

    @property
    def reach(self) -> int:
        """How far beyond an output's own place the taps reach."""
        return self.steps[-1]


@dataclass(frozen=True)
class Gathering:
    """What tiles of up to ``rows`` times ``columns`` outputs need of ``channels`` channels, and where it is put.

    What lies ``ahead`` bytes beyond what is gathered will be needed next, and is called for; 0 if nothing does.
    """

    size: tuple[int, int]
    stride: tuple[int, int]
    padding: tuple[int, int, int, int]
    y: Axis
    x: Axis
    rows: int
    columns: int
    channels: int
    ahead: int = 0

    @property
    def pitch(self) -> int:
        """Numbers from one row of a plane to the next."""
        return self.columns + self.x.reach

    @property
    def plane(self) -> int:
        """Numbers from one plane to the next: an odd number of vectors, lest all channels share one cache set."""
        needed = (self.rows + self.y.reach) * self.pitch + VECTOR - 1
        return (-(-needed // VECTOR) | 1) * VECTOR

    @property
    def floats(self) -> int:
        """All memory it needs: all planes, and some vectors beyond, which may be read."""
        return self.channels * len(self.y.phases) * len(self.x.phases) * self.plane + 4 * VECTOR

    @property
    def offsets(self) -> npt.NDArray[np.int32]:
        """Bytes from an output's place to each tap: channel by channel, row by row."""
        c = np.arange(self.channels)[:, None, None]
        slot_y, slot_x = np.array(self.y.slots)[:, None], np.array(self.x.slots)
        step_y, step_x = np.array(self.y.steps)[:, None], np.array(self.x.steps)
        index = (c * len(self.y.phases) + slot_y) * len(self.x.phases) + slot_x
        numbers: Integers = index * self.plane + step_y * self.pitch + step_x
        return (4 * numbers.ravel()).astype(np.int32)

    @cached_property
    def words(self) -> Integers:
        """What :func:`gather` reads."""
        return np.array(
            [
                *self.size,
                *self.stride,
                self.padding[0],
                self.padding[2],
                self.pitch,
                self.plane,
                len(self.y.phases),
                self._phases[0].ctypes.data,
                len(self.x.phases),
                self._phases[1].ctypes.data,
                sum(1 << phase for phase in self.x.phases if phase < SORTED),
                int(any(self.padding)),
                0,  # the number that lies in the padding
                self.ahead,
            ],
            np.int64,
        )

    @cached_property
    def _phases(self) -> tuple[Integers, Integers]:
        return np.array(self.y.phases, np.int64), np.array(self.x.phases, np.int64)


@vector_code
def _gather_rows(
    e: Emitter,
    source: Value,
    source_row: Value,
    width: Value,
    x: Value,
    target: Value,
    target_row: Value,
    rows: Value,
    plane: Value,
    count: Value,
    stride: Value,
    used: Value,
    outside: Value,
    shift: Value,
    spoiled: Value,
    ahead: Value,
) -> None:
    """Numbers x, x + 1, ... of rows of the picture, and the one outside it, sorted by stride phases, minus a shift.

    Phase p gets ``count`` numbers of each row. The phases whose bit is set in ``used`` go to planes one after another,
    the others nowhere. Where a number is not finite or larger than ``LARGEST``, 1 is written to ``spoiled``. What
    lies ``ahead`` bytes further will be needed soon.
    """
    value, beyond_edge = e.splat(e.load_number(shift)), e.splat(e.load_number(outside))
    sizes = e.variable(e.nothing_large())

    def sort(step: int) -> None:
        places, next_place = [], target
        for phase in range(step):
            is_used = e.equal(e.bit(used, phase), 1)
            places.append((is_used, next_place))
            next_place = e.select(is_used, e.plus(next_place, plane), next_place)

        def write(row: Value, i: Value, vectors: list[Value], put: Callable[[Value, Value], None]) -> None:
            for vector in vectors:
                sizes.set(e.larger_size(sizes.get(), vector))
            here = e.plus(e.times(target_row, row), e.times(i, 4))
            for numbers, (is_used, place) in zip(e.sorted_by_phase(vectors), places, strict=True):
                with e.when(is_used) if step > 1 else nullcontext():
                    put(e.subtract(numbers, value), e.plus(place, here))

        # whole vectors within the picture, then what lies across its edges; the last vector begins earlier where it
        # would end beyond the row
        length = step * VECTOR
        left_out, room = e.larger(e.minus(e.word(0), x), 0), e.larger(e.minus(width, x), 0)
        latest = e.larger(e.minus(count, VECTOR), 0)
        last = e.times(e.quotient(e.minus(count, 1), VECTOR), VECTOR)
        start = e.smaller(e.times(e.quotient(e.plus(left_out, length - 1), length), VECTOR), last)
        stop = e.larger(e.smaller(e.times(e.quotient(room, length), VECTOR), last), start)
        fits = e.both(e.below(VECTOR - 1, count), e.below(e.times(count, step), e.plus(room, 1)))
        fits = e.both(fits, e.below(left_out, e.plus(e.times(latest, step), 1)))
        stop = e.select(fits, count, stop)
        with e.loop(0, rows) as row, e.loop(start, stop, VECTOR) as index:
            i = e.smaller(index, latest)
            here = e.plus(e.plus(source, e.times(source_row, row)), e.times(e.plus(x, e.times(i, step)), 4))
            for v in range(step):
                e.prefetch(e.plus(e.plus(here, ahead), v * BYTES))
            write(row, i, [e.load(here, v * BYTES) for v in range(step)], e.store)
        with e.loop(0, 2) as edge:
            is_left = e.equal(edge, 0)
            before, beyond = e.select(is_left, e.word(0), stop), e.select(is_left, start, count)
            with e.loop(before, beyond, VECTOR) as index:
                i = e.smaller(index, latest)
                first = e.plus(x, e.times(i, step))
                inside = [
                    e.lanes(e.minus(e.word(-v * VECTOR), first), e.minus(e.minus(width, first), v * VECTOR))
                    for v in range(step)
                ]
                put = partial(e.store_first, count=e.minus(count, i))
                with e.loop(0, rows) as row:
                    here = e.plus(e.plus(source, e.times(source_row, row)), e.times(first, 4))
                    vectors = [
                        e.load_lanes(e.plus(here, v * BYTES), lanes, beyond_edge)
                        for v, lanes in enumerate(inside)
                    ]
                    write(row, i, vectors, put)

    e.choose(stride, [(step, partial(sort, step)) for step in range(1, SORTED + 1)])
    with e.when(e.any_exceeds(sizes.get(), LARGEST)):
        e.store_word(e.word(1), spoiled)


@vector_code
def _fill(e: Emitter, target: Value, count: Value, outside: Value, shift: Value) -> None:
    """target[i] = outside - shift, in whole vectors."""
    value = e.subtract(e.splat(e.load_number(outside)), e.splat(e.load_number(shift)))
    with e.loop(0, count, VECTOR) as i:
        e.store(value, e.plus(target, e.times(i, 4)))


@inline
def _gather_apart(
    row: int, width: int, x: int, stride: int, target: int, count: int, outside: int, shift: int, spoiled: int
) -> None:
    """Every ``stride``-th number from column x on, one by one: a large stride needs few of them."""
    _fill(target, count, outside, shift)
    first = min(count, max(0, (stride - 1 - x) // stride))
    last = max(first, min(count, (width - x + stride - 1) // stride))
    numbers, places = floats(row, 0, width), floats(target, 0, count)
    value = floats(shift, 0, 1)[0]
    for i in range(first, last):
        number = numbers[np.uint64(x + i * stride)]
        places[i] = number - value
        if not abs(number) <= LARGEST:
            integers(spoiled, 1)[0] = 1


@inline
def gather(
    address: int,
    words: int,
    picture: int,
    channel: int,
    count: int,
    y0: int,
    x0: int,
    rows: int,
    columns: int,
    memory: int,
    shift: int,
    spoiled: int,
) -> None:
    """Put ``rows`` times ``columns`` of every phase, from output (y0, x0) on, of ``count`` channels into ``memory``.

    ``address`` is that of :func:`gather_planes`, ``words`` are those of a :class:`Gathering`, the rest addresses and
    counts; ``shift`` holds what is subtracted from each channel. ``spoiled`` is the address of a word that becomes 1
    where a number is not finite or larger than ``LARGEST``; rows and columns beyond what is needed may be looked at.
    """
    request = local_words()
    numbers = integers(request, LOCAL_WORDS)
    numbers[0], numbers[1], numbers[2], numbers[3] = words, picture, channel, count
    numbers[4], numbers[5], numbers[6], numbers[7] = y0, x0, rows, columns
    numbers[8], numbers[9], numbers[10] = memory, shift, spoiled
    call_at(address, 0, 0, request)


@operation
def gather_planes(item: int, worker: int, arguments: int) -> None:
    """What :func:`gather` asks for. It is called by its address, so it is compiled once for all ways to convolve."""
    words, picture = integer(arguments, 0), integer(arguments, 1)
    channel, count = integer(arguments, 2), integer(arguments, 3)
    y0, x0, rows, columns = (
        integer(arguments, 4),
        integer(arguments, 5),
        integer(arguments, 6),
        integer(arguments, 7),
    )
    memory, shift, spoiled = integer(arguments, 8), integer(arguments, 9), integer(arguments, 10)
    height, width = integer(words, 0), integer(words, 1)
    stride_y, stride_x = integer(words, 2), integer(words, 3)
    top, left = integer(words, 4), integer(words, 5)
    pitch, plane = integer(words, 6), integer(words, 7)
    phases_y, phases_x = (
        integers(integer(words, 9), integer(words, 8)),
        integers(integer(words, 11), integer(words, 10)),
    )
    used, ahead = integer(words, 12), integer(words, 15)
    x = x0 * stride_x - left
    first_plane = memory
    for c in range(channel, channel + count):
        # without padding nothing that counts lies outside the picture, and the shift disturbs its neighbours least
        outside = words + 8 * 14 if integer(words, 13) != 0 else shift + 4 * c
        for phase_y in phases_y:
            y = y0 * stride_y + phase_y - top
            first = min(rows, max(0, (stride_y - 1 - y) // stride_y))  # within the picture
            last = max(first, min(rows, (height - y + stride_y - 1) // stride_y))
            row = picture + 4 * (c * height + y + first * stride_y) * width
            # rows are filled in whole vectors, over what comes next and is written later
            for r in range(first):
                for index in range(len(phases_x)):
                    _fill(first_plane + 4 * (index * plane + r * pitch), columns, outside, shift + 4 * c)
            if stride_x <= SORTED:
                _gather_rows(
                    row,
                    4 * stride_y * width,
                    width,
                    x,
                    first_plane + 4 * first * pitch,
                    4 * pitch,
                    last - first,
                    4 * plane,
                    columns,
                    stride_x,
                    used,
                    outside,
                    shift + 4 * c,
                    spoiled,
                    ahead,
                )
            else:
                for r in range(first, last):
                    for index in range(len(phases_x)):
                        place = first_plane + 4 * (index * plane + r * pitch)
                        start = x + phases_x[index]
                        _gather_apart(
                            row, width, start, stride_x, place, columns, outside, shift + 4 * c, spoiled
                        )
                    row += 4 * stride_y * width
            for r in range(last, rows):
                for index in range(len(phases_x)):
                    _fill(first_plane + 4 * (index * plane + r * pitch), columns, outside, shift + 4 * c)
            first_plane += 4 * plane * len(phases_x)
