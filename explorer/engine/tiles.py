"""How a convolution is cut into tiles and blocks: plain arithmetic."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from explorer.engine.arguments import Convolution
from explorer.engine.microkernel import MOST_ROWS, MOST_VECTORS, fits
from explorer.jit.compiler import MAXIMUM_THREADS, VECTOR
from explorer.jit.threads import threads

_SCRATCH = 320 << 10  # bytes of a tile's input: most of a second-level cache
_ITEMS = 6  # tiles per thread at least, so that all threads end at about the same time
_LARGEST = 24_000_000  # multiply-adds of a tile at most, about 0.2 ms: so that a cancel is quick
_SERIAL = 400_000  # below this many in all, waking threads costs more than the work

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Tiles:
    """A cut. ``blocks`` are (first filter, filters) pairs; part p of group g has those from
    ``block_starts[g * parts + p]`` on."""

    items: int
    parts: int
    bands: int
    band_rows: int
    stretches: int
    stretch_columns: int
    plane_rows: int
    pitch: int
    phases_y: Integers
    phases_x: Integers
    vectors: int
    offsets: npt.NDArray[np.int32]
    scratch_floats: int
    block_starts: Integers
    blocks: Integers


def plan_tiles(call: Convolution) -> Tiles:
    """Tiles whose input fits the cache, enough of them for all threads."""
    per_group = call.weight.shape[1]
    rows, columns = call.out.shape[2:]
    workers = min(threads.count, MAXIMUM_THREADS)
    filters = max(1, len(call.channels) // call.groups)
    vectors, block_rows = best_block(filters, columns)
    axis_y = _Axis.of(call.kernel_size[0], call.stride[0], call.dilation[0])
    axis_x = _Axis.of(call.kernel_size[1], call.stride[1], call.dilation[1])
    depth = 4 * per_group * len(axis_y.phases) * len(axis_x.phases)  # bytes per pixel of a plane

    taps = call.weight[0].size
    products = len(call.channels) * taps * rows * columns * call.x.shape[0]
    wanted = products if products < _SERIAL else min(_LARGEST, products // (workers * _ITEMS) + 1)

    stretch = columns
    least_rows = min(rows, 4)
    block = VECTOR * vectors
    while depth * (least_rows + axis_y.reach) * (stretch + axis_x.reach) > _SCRATCH and stretch > block:
        stretch = max(block, -(-stretch // 2 // block) * block)
    fitting = _SCRATCH // (depth * (stretch + axis_x.reach)) - axis_y.reach
    by_work = wanted // max(1, stretch * taps * filters)
    band = max(1, min(rows, max(fitting, least_rows if fitting > 0 else 1), max(by_work, least_rows)))
    bands = -(-rows // band)
    band = -(-rows // bands)
    work = band * stretch * taps * filters
    most_parts = -(-filters // block_rows)
    parts = max(1, min(most_parts, work // max(wanted, 1)))

    plane_rows, pitch = band + axis_y.reach, stretch + axis_x.reach
    starts, blocks = _blocks(call, block_rows, parts)
    stretches = -(-columns // stretch)
    floats = (
        depth // 4 * plane_rows * pitch + 2 * 32 * VECTOR
    )  # what a last vector reads over, and spare rows
    return Tiles(
        items=call.x.shape[0] * call.groups * bands * stretches * parts,
        parts=parts,
        bands=bands,
        band_rows=band,
        stretches=stretches,
        stretch_columns=stretch,
        plane_rows=plane_rows,
        pitch=pitch,
        phases_y=np.array(axis_y.phases),
        phases_x=np.array(axis_x.phases),
        vectors=vectors,
        offsets=_offsets(per_group, axis_y, axis_x, plane_rows, pitch),
        scratch_floats=floats,
        block_starts=starts,
        blocks=blocks,
    )


@dataclass(frozen=True)
class _Axis:
    """The taps along one side: for each its phase's place among the used phases, and its step within the plane."""

    phases: tuple[int, ...]
    slots: tuple[int, ...]
    steps: tuple[int, ...]

    @classmethod
    def of(cls, kernel: int, stride: int, dilation: int) -> _Axis:
        remainders = [k * dilation % stride for k in range(kernel)]
        phases = tuple(sorted(set(remainders)))
        slots = tuple(phases.index(remainder) for remainder in remainders)
        return cls(phases, slots, tuple(k * dilation // stride for k in range(kernel)))

    @property
    def reach(self) -> int:
        """How far beyond an output's own place the taps reach."""
        return self.steps[-1]


def _offsets(per_group: int, y: _Axis, x: _Axis, plane_rows: int, pitch: int) -> npt.NDArray[np.int32]:
    """Bytes from an output's place in the scratch to each tap: channel by channel, row by row."""
    c = np.arange(per_group)[:, None, None]
    slot_y, slot_x = np.array(y.slots)[:, None], np.array(x.slots)
    step_y, step_x = np.array(y.steps)[:, None], np.array(x.steps)
    plane = (c * len(y.phases) + slot_y) * len(x.phases) + slot_x
    floats: Integers = plane * plane_rows * pitch + step_y * pitch + step_x
    return (4 * floats.ravel()).astype(np.int32)


def _blocks(call: Convolution, most: int, parts: int) -> tuple[Integers, Integers]:
    """The wanted filters of each group in runs of at most ``most``, dealt out to the parts."""
    per_group = call.weight.shape[0] // call.groups
    starts, blocks = [0], []
    for group in range(call.groups):
        chosen = call.channels[
            (call.channels >= group * per_group) & (call.channels < (group + 1) * per_group)
        ]
        runs = []
        for run in np.split(chosen, np.flatnonzero(np.diff(chosen) != 1) + 1) if len(chosen) else []:
            for piece in np.array_split(run, -(-len(run) // most)):
                runs.append((int(piece[0]), len(piece)))
        for part in range(parts):
            blocks += runs[len(runs) * part // parts : len(runs) * (part + 1) // parts]
            starts.append(len(blocks))
    return np.array(starts), np.array(blocks, np.int64).ravel()


@lru_cache(maxsize=256)
def best_block(filters: int, columns: int) -> tuple[int, int]:
    """(vectors, rows) of the register block that needs the fewest cycles for one output row of all filters.

    A block of m rows and v vectors takes per tap at least m * v / 2 cycles for its multiply-adds, (m + v) / 2 for its
    loads, and 4 for the latency of a multiply-add.
    """
    best = (float("inf"), 1, 1)
    for vectors in range(1, MOST_VECTORS + 1):
        rows = max(m for m in range(1, MOST_ROWS + 1) if fits(m, vectors))
        blocks = -(-filters // rows)
        rows = -(-filters // blocks)
        full, left = divmod(columns, vectors * VECTOR)
        cycles = full * _cycles(rows, vectors) + (_cycles(rows, -(-left // VECTOR)) if left else 0.0)
        best = min(best, (cycles * blocks, vectors, rows))
    return best[1], best[2]


def _cycles(rows: int, vectors: int) -> float:
    return max(rows * vectors / 2, (rows + vectors) / 2, 4.0)
