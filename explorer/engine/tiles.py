"""How a convolution is cut into tiles and blocks: plain arithmetic, done once for each shape."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import Enum
from functools import cached_property, lru_cache

import numpy as np
import numpy.typing as npt

from explorer.engine import tall, windows
from explorer.engine.gathering import Axis, Gathering
from explorer.engine.microkernel import CHAIN, TALL, Block, blocks
from explorer.engine.shape import Shape
from explorer.engine.streaming import LARGE, LINE, STREAMED, can_shift
from explorer.jit.compiler import FEW_REGISTERS, VECTOR

_SCRATCH = 32 << 10 if FEW_REGISTERS else 128 << 10  # numbers of a tile's input at most
_FASTEST = 32 << 10  # bytes of input that stay in the first-level cache
_SHIFTED_TAPS = 12  # up to here shifting results takes longer than writing them past the cache saves
_WRITING_TAPS = 48  # up to here writing many outputs takes longer than computing them
_ITEMS = 6  # tiles per thread at least, so that all threads end at about the same time
_LARGEST = 24_000_000  # multiply-adds of a tile at most, about 0.2 ms: so that a cancel is quick
_SERIAL = 500_000  # below this many in all, waking threads costs more than the work

_WIDE = 16 * VECTOR  # columns of a tile that are worth reading fewer channels for
_LONG_TAPS = 48  # below, copying one long row to its places costs more than it saves
_HALF_LINE = 1.5  # times as long, where outputs could go past the cache but for half a line
_COPY = 30  # cycles to copy a row of one filter
_LONG = 1.15  # a tile that is one long row takes so many times the cycles of its blocks, as measured
# 1x1 kernels read their input where it lies if it has at most so many bytes, or they so few channels or filters
_IN_PLACE_BYTES, _READ_IN_PLACE = (0, 0) if FEW_REGISTERS else (8 << 20, 24)
_INT_BYTES = 2**31 - 1  # that an offset reaches
_FEW_FILTERS = 3  # up to here a block is better made of the rows of one

Integers = npt.NDArray[np.int64]


class Precision(Enum):
    """How products are summed."""

    ANY = 0
    ORDERED = 1  # in float32, and in one order, whichever filters are wanted
    FLOAT64 = 2  # in the same order in float64

    __hash__ = object.__hash__  # Enum's own takes longer than to look up a plan


@dataclass(frozen=True, eq=False)
class Tiles:
    """A cut: how many work items, how much scratch memory each thread needs, and what the kernel reads.

    ``chunk`` input channels are summed before the next are gathered.
    """

    items: int
    chunk: int
    shifts: bool  # whether it pays to write rows past the cache that do not begin with a line
    scratch_floats: int
    words: Integers
    address: int  # of the words
    zeros: npt.NDArray[np.float32]  # as many as there are channels
    no_shift: int  # the address of the zeros
    kept: tuple[object, ...]  # what the addresses among the words belong to


@dataclass(frozen=True)
class _Planner:
    """Finds the cut of one convolution; ``channels`` are the filters wanted, in ascending order."""

    shape: Shape
    channels: tuple[int, ...]
    precision: Precision
    workers: int

    @property
    def doubles(self) -> bool:
        """Whether sums are made in float64."""
        return self.precision is Precision.FLOAT64

    def gathering(self, rows: int, columns: int, channels: int) -> Gathering:
        """The input of a tile of so many outputs."""
        s = self.shape
        y, x = (Axis.of(s.kernel_size[a], s.stride[a], s.dilation[a]) for a in (0, 1))
        return Gathering((s.height, s.width), s.stride, s.padding, y, x, rows, columns, channels, s.ahead)

    @cached_property
    def chunk(self) -> int:
        """Input channels whose part of a small tile fits into scratch memory.

        It decides which products form a chain, so it depends on nothing but the shape. Sums in float64 are rounded
        once, so they are made in one go: they have few taps.
        """
        if self.doubles:
            return self.shape.per_group
        tile = self.gathering(min(TALL, self.shape.out_height), min(_WIDE, self.shape.out_width), 1)
        chunks = -(-self.shape.per_group // max(1, _SCRATCH // tile.floats))
        return -(-self.shape.per_group // chunks)

    @cached_property
    def filters(self) -> int:
        """Of one group."""
        return max(1, -(-len(self.channels) // self.shape.groups))

    @cached_property
    def is_tall(self) -> bool:
        """Whether blocks are made of many rows of one filter."""
        few = self.filters <= _FEW_FILTERS and self.chunk == self.shape.per_group
        return few and self.precision is Precision.ANY and self.shape.out_height >= tall.ROWS * self.apart

    @cached_property
    def apart(self) -> int:
        """Rows from one row of a tall block to the next."""
        stride, dilation = self.shape.stride[0], self.shape.dilation[0]
        return dilation // math.gcd(stride, dilation)

    @cached_property
    def is_long(self) -> bool:
        """Whether a tile of short rows is computed as one long row: fewer numbers are computed for nothing.

        What is computed has to be copied, row by row.
        """
        s = self.shape
        taps = self.chunk * s.kernel_size[0] * s.kernel_size[1]
        if self.is_tall or self.is_flat or s.out_height < 2 or taps < _LONG_TAPS:
            return False
        if self.chunk < s.per_group and taps > CHAIN and self.precision is not Precision.ANY:
            return False  # chains would be added in another order
        return self._long_cycles < 0.95 * self._short_cycles

    @property
    def cycles(self) -> float:
        """For one tap of one row of all filters, by estimate."""
        if self.is_flat:
            return _long_cycles(self.filters, self.doubles) * self.shape.out_width
        return min(_LONG * self._long_cycles, self._short_cycles) if self.is_long else self._short_cycles

    @cached_property
    def _short_cycles(self) -> float:
        s = self.shape
        block = best_block(self.filters, s.out_height, s.out_width, self.doubles)
        return _split_cycles(block, self.filters, s.out_width)

    @cached_property
    def _long_cycles(self) -> float:
        s = self.shape
        copied = _COPY * self.filters / (self.chunk * s.kernel_size[0] * s.kernel_size[1])
        return _long_cycles(self.filters, self.doubles) * self.gathering(1, s.out_width, 1).pitch + copied

    @cached_property
    def is_flat(self) -> bool:
        """Whether gathered rows follow one another as those of the output do, so that a tile is one row."""
        s = self.shape
        is_joined = s.out_height > 1 and s.out_width % VECTOR > 0 and self.gathering(1, 1, 1).x.reach == 0
        return (
            is_joined
            and not self.is_tall
            and self.gathering(TALL, s.out_width, self.chunk).floats <= _SCRATCH
        )

    @cached_property
    def block(self) -> Block:
        """The registers' share."""
        if self.is_tall:
            return Block(1, 1, tall.VECTORS)
        if self.is_long or self.is_flat:
            return _long_block(self.filters, self.doubles)
        size = self.shape.out_height, self.shape.out_width
        return best_block(self.filters, *size, self.doubles, fills_lines(self.shape))

    def plan(self) -> Tiles:
        """Tiles whose input fits the cache, enough of them for all threads."""
        shape, block = self.shape, self.block
        rows, columns = shape.out_height, shape.out_width
        products = len(self.channels) * shape.products
        wanted = products if products < _SERIAL else min(_LARGEST, products // (self.workers * _ITEMS) + 1)

        width = block.vectors * VECTOR
        least = min(rows, tall.ROWS * self.apart if self.is_tall else TALL)
        stretch = columns
        room = 2 * _SCRATCH if self.is_tall else _SCRATCH
        while (
            stretch > width
            and not (self.is_long or self.is_flat)
            and (
                self.gathering(least, stretch, self.chunk).floats > room
                or (rows <= least and least * stretch * shape.taps * self.filters > wanted)
            )
        ):
            stretch = max(width, -(-stretch // 2 // width) * width)
        per_row = stretch * shape.taps * self.filters
        one = self.gathering(1, stretch, self.chunk)
        fitting = _SCRATCH * (1 + one.y.reach) // one.floats - one.y.reach
        band = self._band(max(least, min(rows, fitting, wanted // per_row)))
        bands, stretches = -(-rows // band), -(-columns // stretch)
        parts = max(1, min(-(-self.filters // block.filters), band * per_row // max(wanted, 1)))
        others = shape.images * shape.groups * stretches * parts
        is_even = bands > 1 and block.rows == 1 and not self.is_tall
        if is_even:  # as many items for each thread
            most = min(rows, bands + self.workers)
            bands = next((b for b in range(bands, most) if b * others % self.workers == 0), bands)
            band = -(-rows // bands)

        gathering = self.gathering(band, stretch, self.chunk)
        if 4 * gathering.floats > _INT_BYTES:
            covered = [windows.span(shape.kernel_size[a], shape.dilation[a]) for a in (0, 1)]
            raise ValueError(
                f"The window covers {covered[0]} rows and {covered[1]} columns, which is more than memory holds: "
                f"reduce kernel_size or dilation."
            )
        # room for the results of a block, and for a vector of each row that it is a piece of
        start = -(-gathering.floats // VECTOR) * VECTOR
        spare = (tall.ROWS if self.is_tall else block.filters) * width
        held_back = (band + tall.ROWS * self.apart if self.is_tall else block.filters) * VECTOR
        starts, runs = self._runs(parts)
        zeros = np.zeros(max(shape.images * shape.in_channels, shape.out_channels), np.float32)
        table = tall.columns(gathering.offsets, gathering.y, shape.kernel_size, self.apart)
        planes = _INT_BYTES // 4 // max(1, shape.height * shape.width) >= self.chunk
        in_place = 4 * shape.height * shape.width * np.arange(self.chunk if planes else 0)
        kept = (gathering.words, gathering.offsets, starts, runs, table, in_place.astype(np.int32))
        words = (
            *(shape.in_channels, shape.per_group, shape.out_channels, rows, columns, shape.groups),
            *(parts, bands, band, stretches, stretch, gathering.pitch, gathering.y.reach, gathering.x.reach),
            *(self.chunk, shape.taps // shape.per_group, block.rows, block.vectors, int(self.doubles)),
            *(array.ctypes.data for array in kept),
            len(table) if self.is_tall else 0,
            int(self._is_in_place and planes),
            int(self.is_long),
            zeros.ctypes.data,
            start,
            int(self.is_flat),
            self.apart,
            int(self._goes_filter_by_filter(gathering)),
            int(is_even),
            start + spare,
        )
        block_of_words = np.array(words, np.int64)
        return Tiles(
            items=others * bands,
            chunk=self.chunk,
            shifts=self.shifts,
            scratch_floats=start + spare + held_back,
            words=block_of_words,
            address=block_of_words.ctypes.data,
            zeros=zeros,
            no_shift=zeros.ctypes.data,
            kept=(gathering, *kept),
        )

    @property
    def shifts(self) -> bool:
        """Whether it pays to write rows past the cache that do not begin with a line."""
        is_worth_it = self.is_tall or (not self.doubles and self.shape.taps > _SHIFTED_TAPS)
        return is_worth_it and can_shift(self.shape.out_width)

    @property
    def _is_in_place(self) -> bool:
        """Whether the input is read where it lies."""
        s = self.shape
        is_small = 4 * s.images * s.in_channels * s.height * s.width <= _IN_PLACE_BYTES
        is_one_row = s.is_pointwise and s.height == 1
        return is_one_row and (is_small or min(s.per_group, self.filters) < _READ_IN_PLACE)

    def _goes_filter_by_filter(self, gathering: Gathering) -> bool:
        """Whether all of a tile is done for some filters before the next: outputs are then read or written in order.

        For this the input should be in the first-level cache, or read twice at most where it lies, or writing takes
        longer than reading. Small blocks read so little at a time that it always pays.
        """
        is_cheap = 4 * gathering.floats <= _FASTEST
        is_cheap |= self._is_in_place and self.filters <= 2 * self.block.filters
        return FEW_REGISTERS or is_cheap or _is_mostly_writing(self.shape, self.shifts)

    def _band(self, about: int) -> int:
        """Rows of a tile: all bands about as high, and none cut so that a block would not fit."""
        rows = self.shape.out_height
        step = tall.ROWS * self.apart if self.is_tall else self.block.rows
        band = min(rows, -(-rows // -(-rows // about) // step) * step)
        while self.is_tall and 0 < rows % band < step:
            band = min(rows, band + step)
        return band

    def _runs(self, parts: int) -> tuple[Integers, Integers]:
        """(first filter, filters, turns) for the blocks; part p of group g has those from starts[g * parts + p] on.

        ``turns`` is how many, this one first, follow one another without a gap and have as many filters.
        """
        most, per_group = self.block.filters, self.shape.out_channels // self.shape.groups
        chosen = np.array(self.channels, np.int64)
        starts = [0]
        triples: list[tuple[int, int, int]] = []
        for group in range(self.shape.groups):
            own = chosen[(chosen >= group * per_group) & (chosen < (group + 1) * per_group)]
            runs = []
            for chain in np.split(own, np.flatnonzero(np.diff(own) != 1) + 1) if len(own) else []:
                for piece in np.array_split(chain, -(-len(chain) // most)):
                    runs.append((int(piece[0]), len(piece)))
            for part in range(parts):
                own_runs = runs[len(runs) * part // parts : len(runs) * (part + 1) // parts]
                of_part: list[tuple[int, int, int]] = []
                turns = 0
                for first, filters in reversed(own_runs):
                    follows = turns > 0 and of_part[-1][:2] == (first + filters, filters)
                    turns = turns + 1 if follows else 1
                    of_part.append((first, filters, turns))
                triples += reversed(of_part)
                starts.append(len(triples))
        return np.array(starts), np.array(triples, np.int64).ravel()


def fills_lines(shape: Shape) -> bool:
    """Whether blocks should be whole cache lines wide, for the output may be written past the cache."""
    return shape.out_width % LINE == 0 and 4 * math.prod(shape.out) >= STREAMED


def is_mostly_writing(shape: Shape) -> bool:
    """Whether there are few taps, and many outputs that cannot be written past the cache."""
    return _is_mostly_writing(shape, can_shift(shape.out_width))


def _is_mostly_writing(shape: Shape, shifts: bool) -> bool:
    is_cut = shape.out_width % VECTOR > 0 and not shifts
    return is_cut and 4 * math.prod(shape.out) >= LARGE and shape.taps <= _WRITING_TAPS


@lru_cache(maxsize=256)
def plan_tiles(shape: Shape, channels: bytes | None, precision: Precision, workers: int) -> Tiles:
    """The cut of a convolution for so many threads, for the filters ``channels`` (int64, ascending; None for all)."""
    if channels is None:
        return _Planner(shape, tuple(range(shape.out_channels)), precision, workers).plan()
    return _Planner(shape, tuple(np.frombuffer(channels, np.int64).tolist()), precision, workers).plan()


@lru_cache(maxsize=1024)
def best_block(filters: int, rows: int, columns: int, doubles: bool, in_lines: bool = False) -> Block:
    """The block that needs the fewest cycles for all outputs of so many filters.

    ``in_lines`` prefers those as wide as cache lines, unless they need much longer.
    """
    best, least = blocks(doubles)[0], float("inf")
    for block in blocks(doubles):
        if block.rows > rows or (block.rows > 1 and columns > VECTOR):
            continue
        even = replace(block, filters=-(-filters // -(-filters // block.filters)))
        cycles = _split_cycles(block, filters, columns)
        if in_lines and block.vectors * VECTOR % LINE:
            cycles *= _HALF_LINE
        if even in blocks(doubles) and cycles < 0.999 * least:
            best, least = even, cycles
    return best


def direct_cycles(shape: Shape) -> float:
    """For one tap of one row of all filters of a group, by estimate."""
    return _Planner(shape, tuple(range(shape.out_channels)), Precision.ANY, 1).cycles


def block_cycles(filters: int, columns: int) -> float:
    """For one tap of one row of all filters, in the best blocks."""
    return _split_cycles(best_block(filters, 1, columns, False), filters, columns)


def _long_block(filters: int, doubles: bool) -> Block:
    return best_block(filters, 1, 16 * VECTOR, doubles)


def _long_cycles(filters: int, doubles: bool) -> float:
    """For one tap of one number of a long row of all filters."""
    return _split_cycles(_long_block(filters, doubles), filters, 16 * VECTOR) / (16 * VECTOR)


def _split_cycles(block: Block, filters: int, columns: int) -> float:
    """For one tap of one row of all filters, in blocks of about as many filters each."""
    cuts = -(-filters // block.filters)
    fewer, more = divmod(filters, cuts)  # ``more`` of the cuts have one filter more than the others
    cycles = more * _row_cycles(replace(block, filters=fewer + 1), columns) if more else 0.0
    return (cycles + (cuts - more) * _row_cycles(replace(block, filters=fewer), columns)) / block.rows


def _row_cycles(block: Block, columns: int) -> float:
    """For one tap of as many filters and rows as the block has, over so many columns."""
    full, left = divmod(columns, block.vectors * VECTOR)
    last = replace(block, vectors=-(-left // VECTOR)).cycles if left else 0.0
    return full * block.cycles + last
