"""However a convolution is cut into tiles, each output is the same sum."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest

from explorer import engine, jit
from explorer.engine import plain, tall, tiles
from explorer.engine.gathering import Axis, Gathering
from explorer.engine.microkernel import Block, blocks
from explorer.engine.shape import Shape
from explorer.engine.streaming import LINE
from explorer.jit.compiler import VECTOR

Shapes = dict[str, tuple[int, ...]]

WIDE: Shapes = {"x": (1, 40, 9, 1500), "weight": (11, 40, 3, 5)}
DEEP: Shapes = {"x": (1, 200, 12, 14), "weight": (64, 200, 3, 3)}
TALL: Shapes = {"x": (2, 3, 300, 37), "weight": (5, 3, 4, 2)}
SMALL: Shapes = {"x": (1, 8, 6, 5), "weight": (9, 8, 3, 3)}
SHAPES = pytest.mark.parametrize("shapes", [WIDE, DEEP, TALL, SMALL], ids=["wide", "deep", "tall", "small"])
SLIDES = pytest.mark.parametrize(
    "slide",
    [
        {},
        {"stride": (2, 3)},
        {"dilation": (1, 2), "padding": (1, 2, 3, 0)},
        {"stride": (4, 1), "padding": "same"},
    ],
    ids=str,
)


def made(shape: tuple[int, ...], seed: int) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def planner(shapes: Shapes) -> tiles._Planner:
    images, in_channels, height, width = shapes["x"]
    out_channels, per_group, *kernel_size = shapes["weight"]
    rows, columns = height - kernel_size[0] + 1, width - kernel_size[1] + 1
    shape = Shape(
        images,
        in_channels,
        height,
        width,
        out_channels,
        rows,
        columns,
        (kernel_size[0], kernel_size[1]),
        stride=(1, 1),
        dilation=(1, 1),
        padding=(0, 0, 0, 0),
        groups=in_channels // per_group,
    )
    return tiles._Planner(shape, tuple(range(out_channels)), tiles.Precision.ANY, workers=2)


def test_plan__cuts_where_a_tile_would_leave_the_cache() -> None:
    for shapes in (WIDE, DEEP, TALL):
        plan = planner(shapes).plan()
        assert plan.items > 4
        assert plan.scratch_floats < 200_000
    assert planner(SMALL).plan().items == 1


def test_plan__refuses_what_no_offset_reaches() -> None:
    far = Shape(1, 1, 1, 3, 1, 1, 3, (1, 2), (1, 1), (1, 2**29 + 8), (0, 0, 2**29 + 8, 0), groups=1)
    with pytest.raises(ValueError, match=str(2**29 + 9)):
        tiles.plan_tiles(far, None, tiles.Precision.ANY, workers=2)


@pytest.mark.parametrize("parts", [1, 2, 5])
@SHAPES
def test_plan__deals_out_every_filter_once(shapes: Shapes, parts: int) -> None:
    starts, triples = planner(shapes)._runs(parts)
    filters = [o for first, count, _ in triples.reshape(-1, 3) for o in range(first, first + count)]
    assert filters == list(range(shapes["weight"][0]))
    assert len(starts) == parts + 1
    assert starts[-1] == len(triples) // 3


@pytest.mark.parametrize("parts", [1, 2, 3])
def test_plan__says_how_many_blocks_follow_one_another_alike(parts: int) -> None:
    channels = (*range(23), *range(30, 60), 62)
    cut = replace(planner({"x": (1, 6, 30, 40), "weight": (64, 6, 3, 3)}), channels=channels)
    starts, triples = cut._runs(parts)
    blocks = triples.reshape(-1, 3).tolist()
    most = 0
    for start, stop in itertools.pairwise(starts.tolist()):
        for index in range(start, stop):
            first, filters, turns = blocks[index]
            most = max(most, turns)
            assert index + turns <= stop
            expected = [[first + turn * filters, filters] for turn in range(turns)]
            assert [block[:2] for block in blocks[index : index + turns]] == expected
            following = blocks[index + turns][:2] if index + turns < stop else None
            assert following != [first + turns * filters, filters]
    assert most > 1


@pytest.mark.parametrize("weight", [(40, 3, 3, 3), (40, 9, 3, 3), (40, 24, 1, 1), (43, 1, 3, 3)], ids=str)
@pytest.mark.parametrize("columns", [130, 61])
@pytest.mark.parametrize("outside", [0, 1 << 40])
def test_blocks__of_one_call_are_the_same_as_one_by_one(
    monkeypatch: pytest.MonkeyPatch, weight: tuple[int, ...], columns: int, outside: int
) -> None:
    monkeypatch.setattr(tiles, "FEW_REGISTERS", False)
    monkeypatch.setattr(tiles, "_FASTEST", outside)
    tiles.plan_tiles.cache_clear()
    x, weights = made((2, 43 if weight[1] == 1 else weight[1], 9, columns), 0), made(weight, 1)
    bias, groups = made(weight[:1], 2), 43 if weight[1] == 1 else 1
    expected = plain.conv2d(x, weights, bias, groups=groups)
    for algorithm in ("auto", "direct"):
        ours = engine.conv2d(x, weights, bias, groups=groups, algorithm=algorithm)
        assert np.abs(ours - expected).max() <= 1e-5 * np.abs(expected).max()
    some = np.full_like(ours, 7)
    channels = [0, 1, 2, *range(9, 33)]
    engine.conv2d(x, weights, bias, groups=groups, algorithm="direct", out=some, channels=channels)
    np.testing.assert_array_equal(some[:, channels], ours[:, channels])
    assert (np.delete(some, channels, axis=1) == 7).all()
    some[:] = 7  # strips of one filter
    engine.conv2d(x, weights, bias, groups=groups, algorithm="direct", out=some, channels=[20])
    np.testing.assert_array_equal(some[:, 20], ours[:, 20])
    assert (np.delete(some, 20, axis=1) == 7).all()
    tiles.plan_tiles.cache_clear()


def test_plan__sums_some_channels_at_a_time_where_all_would_not_fit() -> None:
    deep = planner({"x": (1, 2000, 9, 70), "weight": (3, 2000, 3, 3)})
    assert deep.chunk < 2000
    assert deep.plan().scratch_floats < 200_000


@SHAPES
@SLIDES
def test_convolution__does_not_depend_on_the_cut(shapes: Shapes, slide: dict[str, object]) -> None:
    x, weight = made(shapes["x"], 0), made(shapes["weight"], 1)
    expected = plain.conv2d(x, weight, **slide)  # type: ignore[arg-type]
    largest = np.abs(expected).max()
    for algorithm in ("auto", "direct"):
        ours = engine.conv2d(x, weight, algorithm=algorithm, **slide)  # type: ignore[arg-type]
        assert np.abs(ours - expected).max() <= 1e-5 * largest
        some = np.full_like(ours, 7)
        engine.conv2d(x, weight, algorithm=algorithm, out=some, channels=[1, 4], **slide)  # type: ignore[arg-type]
        tolerance = 0 if algorithm == "direct" else 1e-5 * largest
        np.testing.assert_allclose(some[:, [1, 4]], ours[:, [1, 4]], rtol=0, atol=tolerance)
        assert (some[:, [0, 2, 3]] == 7).all()


@pytest.mark.parametrize("filters", [1, 2, 9])
@pytest.mark.parametrize("rows", [5, 8, 9, 17, 130])
@pytest.mark.parametrize(
    "slide",
    [{}, {"stride": 2}, {"stride": (3, 1)}, {"dilation": 2}, {"stride": 2, "dilation": (3, 1)}],
    ids=str,
)
def test_convolution__of_few_filters_is_the_same_on_any_number_of_threads(
    filters: int, rows: int, slide: dict[str, object], all_threads_afterwards: None
) -> None:
    x, weight = made((2, 7, rows + 8, 300), 0), made((filters, 7, 5, 3), 1)
    expected = plain.conv2d(x, weight, **slide)  # type: ignore[arg-type]
    results = []
    for threads in (1, 2, 5):
        jit.set_threads(threads)
        results.append(engine.conv2d(x, weight, **slide))  # type: ignore[arg-type]
        np.testing.assert_array_equal(results[-1], results[0])
    assert np.abs(results[0] - expected).max() <= 1e-5 * np.abs(expected).max()


def test_columns__cover_every_tap_once() -> None:
    for kernel, stride, dilation in ((3, 1, 1), (7, 1, 1), (5, 2, 1), (3, 1, 2), (11, 4, 1), (4, 3, 2)):
        axis = Axis.of(kernel, stride, dilation)
        gathering = Gathering((99, 99), (stride, 1), (0, 0, 0, 0), axis, Axis.of(2, 1, 1), 8, 40, 3)
        apart = dilation // math.gcd(dilation, stride)
        table = tall.columns(gathering.offsets, axis, (kernel, 2), apart)
        row = 4 * apart * gathering.pitch
        found = [
            (first + k * step, offset + k * row)
            for offset, first, step, taps in table.tolist()
            for k in range(taps)
        ]
        assert sorted(found) == [(4 * tap, offset) for tap, offset in enumerate(gathering.offsets.tolist())]


def test_flat_channels__leave_exactly_nothing_under_zero_sum_kernels_of_many_taps() -> None:
    weight = np.zeros((4, 6, 3, 3), np.float32)
    weight[:] = [[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]]
    x = np.broadcast_to(
        np.array([0.1, 0.3, 1 / 3, 0.7, 0.9, 123.456], np.float32)[:, None, None], (6, 30, 40)
    )[None]
    assert (engine.conv2d(x, weight, algorithm="direct") == 0).all()


@pytest.mark.parametrize("doubles", [False, True])
@pytest.mark.parametrize("columns", [1, 15, 16, 17, 49, 64, 510])
@pytest.mark.parametrize("filters", [1, 3, 8, 20, 64])
def test_best_block__is_one_that_there_is_code_for(filters: int, columns: int, doubles: bool) -> None:
    block = tiles.best_block(filters, 9, columns, doubles)
    assert block in blocks(doubles)
    assert 1 <= block.filters <= filters
    for vectors in range(1, block.vectors):  # what is left at the end of a row
        assert Block(block.filters, block.rows, vectors, doubles) in blocks(doubles)
    for fewer in range(1, block.filters):  # of filters that are not neighbours
        assert Block(fewer, block.rows, block.vectors, doubles) in blocks(doubles)


@pytest.mark.parametrize("filters", [1, 2, 8, 64])
def test_best_block__fills_lines_where_that_is_wanted(filters: int) -> None:
    block = tiles.best_block(filters, 9, 512, doubles=False, in_lines=True)
    assert block in blocks(doubles=False)
    assert block.vectors * VECTOR % LINE == 0


@SLIDES
def test_chunks__of_channels_add_up(slide: dict[str, object]) -> None:
    x, weight = made((1, 700, 9, 70), 0), made((3, 700, 3, 3), 1)
    expected = plain.conv2d(x, weight, **slide)  # type: ignore[arg-type]
    ours = engine.conv2d(x, weight, algorithm="direct", **slide)  # type: ignore[arg-type]
    assert np.abs(ours - expected).max() <= 1e-5 * np.abs(expected).max()


@pytest.mark.parametrize("rows", [*range(1, 32)])
def test_tall__columns_are_cut_into_even_pieces(rows: int) -> None:
    axis = Axis.of(rows, 1, 1)
    offsets = np.arange(rows, dtype=np.int32)
    lengths = tall.columns(offsets, axis, (rows, 1), 1)[:, 3]
    assert lengths.sum() == rows
    assert lengths.max() <= 5
    assert lengths.max() - lengths.min() <= 1
