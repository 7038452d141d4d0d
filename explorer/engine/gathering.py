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

from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np
import numpy.typing as npt

from explorer.jit.compiler import VECTOR, floats, inline, integer, integers
from explorer.jit.vector import BYTES, Emitter, Value, vector_code

_SORTED = 4  # the largest stride whose phases are sorted by vector instructions


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
    """What tiles of up to ``rows`` times ``columns`` outputs need of ``channels`` channels, and where it is put."""

    size: tuple[int, int]
    stride: tuple[int, int]
    padding: tuple[int, int, int, int]
    y: Axis
    x: Axis
    rows: int
    columns: int
    channels: int

    @property
    def pitch(self) -> int:
        """Numbers from one row of a plane to the next; rows are written in whole vectors, over what comes next."""
        return self.columns + self.x.reach

    @property
    def plane(self) -> int:
        """Numbers from one plane to the next: an odd number of vectors, lest all channels share one cache set."""
        needed = (self.rows + self.y.reach) * self.pitch + VECTOR - 1
        return (-(-needed // VECTOR) | 1) * VECTOR

    @property
    def floats(self) -> int:
        """Numbers of all planes, and a vector or more beyond, which may be read and written."""
        return self.channels * len(self.y.phases) * len(self.x.phases) * self.plane + 4 * VECTOR

    @property
    def scratch_floats(self) -> int:
        """All memory it needs: the planes, then one line for phases that nobody uses."""
        return self.floats + self.pitch + VECTOR

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
                self.floats,
                sum(1 << phase for phase in self.x.phases if phase < _SORTED),
            ],
            np.int64,
        )

    @cached_property
    def _phases(self) -> tuple[Integers, Integers]:
        return np.array(self.y.phases, np.int64), np.array(self.x.phases, np.int64)


@vector_code
def _gather_row(
    e: Emitter,
    row: Value,
    width: Value,
    x: Value,
    target: Value,
    plane: Value,
    count: Value,
    stride: Value,
    used: Value,
    spare: Value,
    shift: Value,
) -> None:
    """Numbers x, x + 1, ... of a row of the picture, sorted by stride phases, minus a shift; zeros outside.

    Phase p gets ``count`` numbers, in whole vectors. The phases whose bit is set in ``used`` go to planes one after
    another, the others to ``spare``.
    """
    value = e.splat(e.load_number(shift))

    def sort(step: int) -> None:
        places, next_place = [], target
        for phase in range(step):
            is_used = e.equal(e.bit(used, phase), 1)
            places.append(e.select(is_used, next_place, spare))
            next_place = e.select(is_used, e.plus(next_place, plane), next_place)

        def write(i: Value, vectors: list[Value]) -> None:
            for phase, place in enumerate(places):
                numbers = e.every(vectors, phase, step) if step > 1 else vectors[0]
                e.store(e.subtract(numbers, value), e.plus(place, e.times(i, 4)))

        with e.loop(0, count, VECTOR) as i:
            first = e.plus(x, e.times(i, step))
            here = e.plus(row, e.times(first, 4))
            room = e.minus(width, first)

            def inside(i: Value = i, here: Value = here) -> None:
                write(i, [e.load(here, v * BYTES) for v in range(step)])

            def at_the_edge(
                i: Value = i, here: Value = here, first: Value = first, room: Value = room
            ) -> None:
                vectors = []
                for v in range(step):
                    low, high = e.minus(e.word(-v * VECTOR), first), e.minus(room, v * VECTOR)
                    vectors.append(e.load_between(e.plus(here, v * BYTES), low, high))
                write(i, vectors)

            is_inside = e.both(e.below(-1, first), e.below(step * VECTOR - 1, room))
            e.either(is_inside, inside, at_the_edge)

    e.choose(stride, [(step, partial(sort, step)) for step in range(1, _SORTED + 1)])


@vector_code
def _fill(e: Emitter, target: Value, count: Value, shift: Value) -> None:
    """target[i] = 0 - shift, in whole vectors."""
    value = e.subtract(e.zero(), e.splat(e.load_number(shift)))
    with e.loop(0, count, VECTOR) as i:
        e.store(value, e.plus(target, e.times(i, 4)))


@inline
def _gather_apart(row: int, width: int, x: int, stride: int, target: int, count: int, shift: int) -> None:
    """Every ``stride``-th number from column x on, one by one: a large stride needs few of them."""
    first = min(count, max(0, (stride - 1 - x) // stride))
    last = max(first, min(count, (width - x + stride - 1) // stride))
    numbers, places = floats(row, 0, width), floats(target, 0, count)
    value = floats(shift, 0, 1)[0]
    for i in range(first, last):
        places[i] = numbers[np.uint64(x + i * stride)] - value


@inline
def gather(
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
) -> None:
    """Put ``rows`` times ``columns`` of every phase, from output (y0, x0) on, of ``count`` channels into ``memory``.

    ``words`` are those of a :class:`Gathering`, the rest addresses and counts; ``shift`` holds what is subtracted from
    each channel.
    """
    height, width = integer(words, 0), integer(words, 1)
    stride_y, stride_x = integer(words, 2), integer(words, 3)
    top, left = integer(words, 4), integer(words, 5)
    pitch, plane = integer(words, 6), integer(words, 7)
    phases_y, phases_x = (
        integers(integer(words, 9), integer(words, 8)),
        integers(integer(words, 11), integer(words, 10)),
    )
    spare, used = memory + 4 * integer(words, 12), integer(words, 13)
    first_plane = memory
    for c in range(channel, channel + count):
        for phase_y in phases_y:
            for r in range(rows):
                place = first_plane + 4 * r * pitch
                y = (y0 + r) * stride_y + phase_y - top
                row = picture + 4 * (c * height + y) * width if 0 <= y < height else 0
                x = x0 * stride_x - left
                if row != 0 and stride_x <= _SORTED:
                    _gather_row(
                        row, width, x, place, 4 * plane, columns, stride_x, used, spare, shift + 4 * c
                    )
                    continue
                for index in range(len(phases_x)):
                    phase_place = place + 4 * index * plane
                    _fill(phase_place, columns, shift + 4 * c)
                    if row != 0:
                        start = x + phases_x[index]
                        _gather_apart(row, width, start, stride_x, phase_place, columns, shift + 4 * c)
            first_plane += 4 * plane * len(phases_x)
