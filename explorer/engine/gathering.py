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

_UNROLLED = (2, 3, 4)  # the strides that vector instructions split


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
        """Numbers from one row of a plane to the next; what is split into phases is written in whole vectors."""
        needed = self.columns + self.x.reach
        return needed if self.stride[1] == 1 else -(-needed // VECTOR) * VECTOR

    @property
    def plane(self) -> int:
        """Numbers from one plane to the next: an odd number of vectors, lest all channels share one cache set."""
        return (-(-(self.rows + self.y.reach) * self.pitch // VECTOR) | 1) * VECTOR

    @property
    def floats(self) -> int:
        """Numbers of all planes, and a vector or more beyond, which may be read and written."""
        return self.channels * len(self.y.phases) * len(self.x.phases) * self.plane + 4 * VECTOR

    @property
    def scratch_floats(self) -> int:
        """All memory it needs: the planes, then one line of the picture."""
        stride = self.stride[1] if self.stride[1] in _UNROLLED else 0
        return self.floats + (self.pitch + 2 * VECTOR) * stride + VECTOR

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
            ],
            np.int64,
        )

    @cached_property
    def _phases(self) -> tuple[Integers, Integers]:
        return np.array(self.y.phases, np.int64), np.array(self.x.phases, np.int64)


@vector_code
def _copy(e: Emitter, source: Value, target: Value, count: Value, shift: Value) -> None:
    """target[i] = source[i] - shift for ``count`` numbers; whole vectors are written, so up to a vector beyond."""
    value = e.splat(e.load_number(shift))
    whole = e.minus(count, VECTOR - 1)
    at = e.variable(e.word(0))
    with e.loop(0, whole, VECTOR) as i:
        at.set(e.plus(i, VECTOR))
        bytes_ = e.times(i, 4)
        e.store(e.subtract(e.load(e.plus(source, bytes_)), value), e.plus(target, bytes_))
    done = at.get()
    bytes_ = e.times(done, 4)
    rest = e.load_first(e.plus(source, bytes_), e.minus(count, done), value)
    e.store(e.subtract(rest, value), e.plus(target, bytes_))


@vector_code
def _fill(e: Emitter, target: Value, count: Value, shift: Value) -> None:
    """target[i] = 0 - shift, in whole vectors."""
    value = e.subtract(e.zero(), e.splat(e.load_number(shift)))
    with e.loop(0, count, VECTOR) as i:
        e.store(value, e.plus(target, e.times(i, 4)))


@vector_code
def _split(e: Emitter, line: Value, target: Value, count: Value, stride: Value) -> None:
    """target[i] = line[i * stride] for strides 2 to 4, in whole vectors."""

    def write(step: int) -> None:
        with e.loop(0, count, VECTOR) as i:
            vectors = _vectors(e, line, i, step)
            e.store(e.every(vectors, 0, step), e.plus(target, e.times(i, 4)))

    e.choose(stride, [(step, partial(write, step)) for step in _UNROLLED])


@vector_code
def _split_all(e: Emitter, line: Value, target: Value, plane: Value, count: Value, stride: Value) -> None:
    """The same for all phases: target[phase * plane + i] = line[i * stride + phase]."""

    def write(step: int) -> None:
        with e.loop(0, count, VECTOR) as i:
            vectors = _vectors(e, line, i, step)
            for phase in range(step):
                place = e.plus(e.plus(target, e.times(plane, phase)), e.times(i, 4))
                e.store(e.every(vectors, phase, step), place)

    e.choose(stride, [(step, partial(write, step)) for step in _UNROLLED])


def _vectors(e: Emitter, line: Value, index: Value, step: int) -> list[Value]:
    here = e.plus(line, e.times(index, 4 * step))
    return [e.load(here, v * BYTES) for v in range(step)]


@inline
def _gather_line(row: int, width: int, x: int, target: int, count: int, shift: int) -> None:
    """``count`` numbers of a row of the picture from column x on, minus a shift, zeros outside; row 0 is none."""
    if row == 0:
        _fill(target, count, shift)
        return
    first = min(count, max(0, -x))
    last = max(first, min(count, width - x))
    _fill(target, first, shift)
    _copy(row + 4 * (x + first), target + 4 * first, last - first, shift)
    _fill(target + 4 * last, count - last, shift)


@inline
def _gather_apart(row: int, width: int, x: int, stride: int, target: int, count: int, shift: int) -> None:
    """Every ``stride``-th number from column x on, one by one: a large stride needs few of them."""
    _fill(target, count, shift)
    if row == 0:
        return
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
    line = memory + 4 * integer(words, 12)
    count_x = len(phases_x)
    is_split = 1 < stride_x <= _UNROLLED[2]
    wanted = (columns - 1) * stride_x + phases_x[count_x - 1] + 1 if is_split else columns
    first_plane = memory
    for c in range(channel, channel + count):
        for phase_y in phases_y:
            for r in range(rows):
                place = first_plane + 4 * r * pitch
                y = (y0 + r) * stride_y + phase_y - top
                row = picture + 4 * (c * height + y) * width if 0 <= y < height else 0
                if is_split or stride_x == 1:
                    target = line if is_split else place
                    _gather_line(row, width, x0 * stride_x - left, target, wanted, shift + 4 * c)
                for index in range(count_x):
                    if stride_x == 1 or (count_x == stride_x and is_split):
                        break
                    phase_place = place + 4 * index * plane
                    if is_split:
                        _split(line + 4 * phases_x[index], phase_place, columns, stride_x)
                    else:
                        x = x0 * stride_x + phases_x[index] - left
                        _gather_apart(row, width, x, stride_x, phase_place, columns, shift + 4 * c)
                if count_x == stride_x and is_split:
                    _split_all(line, place, 4 * plane, columns, stride_x)
            first_plane += 4 * plane * count_x
