"""How a convolution by :mod:`explorer.engine.winograd_rows` is cut: plain arithmetic, done once for each shape."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import gcd

import numpy as np
import numpy.typing as npt

from explorer.engine.gathering import Axis, Gathering
from explorer.engine.levels import samples_of
from explorer.engine.points_block import PAYS, ROWS, TAPS, filters_at_once
from explorer.engine.shape import Shape
from explorer.engine.tiles import Integers, best_block, block_cycles, direct_cycles, is_mostly_writing
from explorer.engine.transformed import Plan, odd_size
from explorer.jit.compiler import FEW_REGISTERS, VECTOR

_PIECE = ROWS  # kernel rows of a piece of many

_LEAST_FILTERS = 2
_LEAST_KERNELS = 4  # input times output channels of a group
_LEAST_TAPS = 9
_LEAST_PRODUCTS = 800_000
_LEAST_GAIN = 1.0 if FEW_REGISTERS else 0.86  # the estimate of its own cycles is too high
_FEW_TAPS = 128  # that are summed in one chain in registers, the products of all points at once
_BLOCK_CYCLES = 4  # for each vector of output, to begin and end a block
_INPUT_FLOATS = 32 << 10 if FEW_REGISTERS else 128 << 10  # of the sums of a work item
_LARGEST = 24_000_000  # multiply-adds of a work item at most, of the definition
_VECTOR_CYCLES, _ROW_CYCLES = 5, 50  # to prepare a vector, and a row, of input
_POINT_CYCLES = 20 if FEW_REGISTERS else 4  # to write a vector of products and to read it again
_ITEM_CYCLES = 1_500  # that a work item costs beside its arithmetic


@dataclass(frozen=True)
class Piece:
    """Kernel rows that are done together, -1 where there is none, and where their input lies."""

    slot: int  # of their phase
    shift: int  # in pieces from the first of the phase
    rows: tuple[int, ...]

    @property
    def points(self) -> int:
        """Products for ``ROWS`` outputs of one column."""
        return ROWS + len(self.rows) - 1


@dataclass(frozen=True, eq=False)
class Scheme:
    """How the rows of a kernel are cut: pieces, those of more rows first, and for each phase its first row.

    ``sizes`` are the rows of a piece of each phase, which differ by one at most; ``apart`` is from row to row. There
    is one object for each kernel, stride and dilation, so transformed kernels are found by it quickly.
    """

    pieces: tuple[Piece, ...]
    sizes: tuple[int, ...]
    starts: tuple[int, ...]
    apart: int

    @property
    def size(self) -> int:
        """Kernel rows of the largest pieces."""
        return max(self.sizes)

    @property
    def points(self) -> int:
        """Products of the largest pieces."""
        return ROWS + self.size - 1

    @property
    def full(self) -> int:
        """How many pieces have all points; the others lack the last."""
        return sum(piece.points == self.points for piece in self.pieces)

    @property
    def products(self) -> int:
        """For ``ROWS`` outputs of one column of the kernel."""
        return sum(piece.points for piece in self.pieces)

    @property
    def more(self) -> int:
        """Groups beyond the last whose sums are needed, for later pieces."""
        return self.apart * max(piece.shift for piece in self.pieces)

    @property
    def reach(self) -> int:
        """Rows of a phase that a group of outputs, and so its first piece, looks at beyond its own."""
        return max(
            start + self.apart * (size - 1) for start, size in zip(self.starts, self.sizes, strict=True)
        )


@lru_cache(maxsize=512)
def _scheme(kernel: int, stride: int, dilation: int) -> Scheme | None:
    """The cut with the fewest products; None where it has no fewer than the definition."""
    axis = Axis.of(kernel, stride, dilation)
    phases = [[k for k in range(kernel) if axis.slots[k] == slot] for slot in range(len(axis.phases))]
    sizes = tuple(len(rows) if len(rows) <= max(TAPS) else _PIECE for rows in phases)
    pieces = [
        Piece(slot, start // size, (*rows[start : start + size], *[-1] * (start + size - len(rows))))
        for slot, (rows, size) in enumerate(zip(phases, sizes, strict=True))
        for start in range(0, len(rows), size)
    ]
    pieces.sort(key=lambda piece: -len(piece.rows))
    starts = tuple(axis.steps[rows[0]] for rows in phases)
    scheme = Scheme(tuple(pieces), sizes, starts, dilation // gcd(dilation, stride))
    return scheme if scheme.products < ROWS * kernel else None


def scheme_of(shape: Shape) -> Scheme | None:
    """The cut of a convolution's kernels, None where it saves nothing."""
    return _scheme(shape.kernel_size[0], shape.stride[0], shape.dilation[0])


@lru_cache(maxsize=512)
def suits(shape: Shape) -> bool:
    """Whether this is the faster way for all filters, finite values taken for granted."""
    scheme = scheme_of(shape)
    filters = shape.out_channels // shape.groups
    if (
        scheme is None
        or filters < _LEAST_FILTERS
        or filters * shape.per_group < _LEAST_KERNELS
        or shape.taps < _LEAST_TAPS
        or shape.out_channels * shape.products < _LEAST_PRODUCTS
        or shape.out_height < ROWS * scheme.apart
        or is_mostly_writing(shape)
    ):
        return False
    planner = _Planner(shape, scheme, 1)
    tap = direct_cycles(shape) * VECTOR / shape.out_width / filters
    directly = shape.taps * tap + planner.gathered(shape.out_width) + _BLOCK_CYCLES
    return planner.tile is not None and planner.tile.cycles * _LEAST_GAIN < directly


@dataclass(frozen=True, eq=False)
class RowsPlan(Plan):
    """And how many filters are computed at once, points and all; 0 where one point follows the other."""

    at_once: int


@lru_cache(maxsize=64)
def plan(shape: Shape, workers: int) -> RowsPlan:
    """The cut for so many threads of a convolution that suits."""
    scheme = scheme_of(shape)
    assert scheme is not None
    return _Planner(shape, scheme, workers).plan()


def kernel_sizes(scheme: Scheme, groups: int, at_once: int, filters: int, taps: int) -> tuple[int, int]:
    """How many numbers the points of all kernels take, and from one point to the next unless they are ``at_once``."""
    step = odd_size(filters * taps)
    blocks = groups * -(-filters // groups // at_once) if at_once else 0
    return scheme.points * (blocks * at_once * taps if at_once else step), step


def _some(most: int) -> Iterator[int]:
    """1, 2, 3, ... up to ``most``, with larger and larger steps."""
    number = 1
    while number <= most:
        yield number
        number += max(1, number // 4)


@dataclass(frozen=True, order=True)
class _Tile:
    """A work item: columns and groups of rows of output, and cycles for each vector of output, by estimate."""

    cycles: float
    columns: int
    groups: int
    is_long: bool  # computed as one long row
    at_once: int  # filters whose points are in registers together; 0 where one point follows the other


@dataclass(frozen=True)
class _Planner:
    """Finds the cut of one convolution."""

    shape: Shape
    scheme: Scheme
    workers: int

    @cached_property
    def axes(self) -> tuple[Axis, Axis]:
        """Vertical and horizontal."""
        s = self.shape
        y, x = (Axis.of(s.kernel_size[a], s.stride[a], s.dilation[a]) for a in (0, 1))
        return y, x

    @cached_property
    def filters(self) -> int:
        """Of one group of channels."""
        return self.shape.out_channels // self.shape.groups

    @cached_property
    def kernel_columns(self) -> int:
        """Of all kernels of one filter."""
        return self.shape.per_group * self.shape.kernel_size[1]

    @cached_property
    def planes(self) -> int:
        """Of the gathered input."""
        y, x = self.axes
        return self.shape.per_group * len(y.phases) * len(x.phases)

    @cached_property
    def groups(self) -> int:
        """Of output rows."""
        apart = self.scheme.apart
        return -(-self.shape.out_height // (ROWS * apart)) * apart

    @cached_property
    def tile(self) -> _Tile | None:
        """The fastest work item; None where not even a small one fits the cache."""
        return min(self._tiles(), default=None)

    def _tiles(self) -> Iterator[_Tile]:
        apart, more = self.scheme.apart, self.scheme.more
        for count in _some(-(-self.shape.out_width // (2 * VECTOR))):
            columns = -(-self.shape.out_width // count)
            if count > 1:
                columns = -(-columns // VECTOR) * VECTOR
            pitch = columns + self.axes[1].reach
            fitting = _INPUT_FLOATS // (self.scheme.points * self.planes * pitch) - more
            allowed = _LARGEST // (ROWS * columns * self.shape.taps * self.filters) + apart
            most = min(fitting, allowed, self.groups) // apart * apart
            if most > 0:
                least = -(-self.groups // most)
                for bands in {least, least + 1, least + 2, 2 * least}:
                    band = -(-self.groups // bands // apart) * apart
                    if PAYS and len(self.scheme.pieces) * self.kernel_columns <= _FEW_TAPS:
                        yield self._tile(columns, band, False, filters_at_once(self.scheme.size))
                    yield from (self._tile(columns, band, is_long, 0) for is_long in (False, True))

    def _tile(self, columns: int, band: int, is_long: bool, at_once: int) -> _Tile:
        shape, scheme, reach = self.shape, self.scheme, self.axes[1].reach
        stretches, bands = -(-shape.out_width // columns), -(-self.groups // band)
        items = shape.images * shape.groups * bands * stretches
        balance = -(-items // self.workers) * self.workers / items * (1 + 0.15 * self.workers / items)

        points = scheme.points
        if at_once:
            taps = len(scheme.pieces) + scheme.products * (at_once + 1) / 2
            block = self.kernel_columns * taps + at_once * (points + 6) + 8
            useful = self.filters * columns / VECTOR
            products, transforms = -(-self.filters // at_once) * -(-columns // VECTOR) / useful * block, 0
        else:
            tap = self.tap(band * (columns + reach), band) if is_long else self.tap(columns, 1)
            products, transforms = self.kernel_columns * scheme.products * tap, _POINT_CYCLES * points + 8
        read = (band + scheme.more + 0.4) / band * (columns + reach) / columns
        summed = (
            (scheme.points * _VECTOR_CYCLES + _ROW_CYCLES * VECTOR / columns) * self.planes / self.filters
        )
        inputs = (summed + ROWS * self.gathered(columns)) * read
        vectors = ROWS * band * columns / VECTOR * self.filters
        cycles = (products + transforms + inputs) / ROWS + _ITEM_CYCLES / vectors
        return _Tile(cycles * balance * (1 + 0.02 * is_long), columns, band, is_long, at_once)

    def tap(self, columns: int, rows: int) -> float:
        """Cycles of one tap for each vector of output, where so many rows are computed as one."""
        own = columns / rows - self.axes[1].reach * (rows > 1)
        return block_cycles(self.filters, columns) / rows * VECTOR / own / self.filters

    def gathered(self, columns: int) -> float:
        """Cycles for each vector of output to prepare its input."""
        return (_VECTOR_CYCLES + _ROW_CYCLES * VECTOR / columns) * self.planes / self.filters

    def plan(self) -> RowsPlan:
        """Everything that the kernel reads."""
        shape, scheme, tile = self.shape, self.scheme, self.tile
        assert tile is not None
        band, bands = tile.groups, -(-self.groups // tile.groups)
        stretches = -(-shape.out_width // tile.columns)
        y, x = self.axes
        rows_read = ROWS * (band + scheme.more) + scheme.reach
        size, rows = (shape.height, shape.width), rows_read - y.reach
        gathering = Gathering(size, shape.stride, shape.padding, y, x, rows, tile.columns, 1, shape.ahead)
        pitch = gathering.pitch
        block = best_block(self.filters, 1, band * pitch if tile.is_long else tile.columns, False)
        place = odd_size((band + scheme.more) * pitch + VECTOR)
        step = odd_size(self.planes * place + VECTOR)
        start = -(-gathering.floats // VECTOR) * VECTOR
        products = start + scheme.points * step
        offsets = self._offsets(place, pitch)
        starts, sizes = np.array(scheme.starts, np.int64), np.array(scheme.sizes, np.int64)
        zeros = np.zeros(VECTOR, np.float32)
        samples = samples_of(shape)
        kept = (gathering.words, offsets, starts, zeros)
        levels = products + scheme.points * block.filters * block.vectors * VECTOR + 5 * VECTOR
        held_back = -(-(levels + shape.per_group + self.filters) // VECTOR) * VECTOR
        kernel_floats, kernel_step = kernel_sizes(
            scheme, shape.groups, tile.at_once, shape.out_channels, len(offsets)
        )
        words = (
            *(
                shape.in_channels,
                shape.per_group,
                self.filters,
                shape.out_height,
                shape.out_width,
                shape.groups,
            ),
            *(bands, band, stretches, tile.columns, pitch, place, rows_read, len(y.phases), len(x.phases)),
            *(scheme.more, scheme.apart, scheme.size, len(offsets)),
            *(block.filters, block.vectors, int(tile.is_long)),
            *(array.ctypes.data for array in kept),
            *(gathering.plane, kernel_step, start, products, step),
            *(samples.ctypes.data, levels, levels + shape.per_group),
            *(tile.at_once, kernel_floats),
            *(len(offsets) // len(scheme.pieces) * scheme.full, sizes.ctypes.data, held_back),
        )
        return RowsPlan(
            at_once=tile.at_once,
            items=shape.images * shape.groups * bands * stretches,
            scratch_floats=held_back + tile.at_once * ROWS * VECTOR,
            words=np.array(words, np.int64),
            kept=(gathering, samples, sizes, *kept),
        )

    def _offsets(self, place: int, pitch: int) -> npt.NDArray[np.int32]:
        """Bytes from an output's place to each tap: piece by piece, channel by channel, column by column."""
        x, scheme = self.axes[1], self.scheme
        slots = np.array([piece.slot for piece in scheme.pieces])[:, np.newaxis, np.newaxis]
        shifts = np.array([piece.shift for piece in scheme.pieces])[:, np.newaxis, np.newaxis]
        c = np.arange(self.shape.per_group)[:, np.newaxis]
        plane = (c * len(scheme.starts) + slots) * len(x.phases) + np.array(x.slots)
        numbers: Integers = plane * place + shifts * scheme.apart * pitch + np.array(x.steps)
        return (4 * numbers.ravel()).astype(np.int32)
