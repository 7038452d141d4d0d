"""However a convolution is cut into tiles, each output is the same sum."""

from __future__ import annotations

import numpy as np
import pytest

from explorer import engine
from explorer.engine import plain, tiles
from explorer.engine.microkernel import Block, blocks

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
    shape = tiles.Shape(
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
    return tiles._Planner(shape, tuple(range(out_channels)), doubles=False, workers=2)


def test_plan__cuts_where_a_tile_would_leave_the_cache() -> None:
    for shapes in (WIDE, DEEP, TALL):
        plan = planner(shapes).plan()
        assert plan.items > 4
        assert plan.scratch_floats < 100_000
    assert planner(SMALL).plan().items == 1


@pytest.mark.parametrize("parts", [1, 2, 5])
@SHAPES
def test_plan__deals_out_every_filter_once(shapes: Shapes, parts: int) -> None:
    starts, pairs = planner(shapes)._runs(parts)
    filters = [o for first, count in pairs.reshape(-1, 2) for o in range(first, first + count)]
    assert filters == list(range(shapes["weight"][0]))
    assert len(starts) == parts + 1
    assert starts[-1] == len(pairs) // 2


def test_plan__sums_some_channels_at_a_time_where_all_would_not_fit() -> None:
    deep = planner({"x": (1, 2000, 9, 70), "weight": (3, 2000, 3, 3)})
    assert deep.chunk < 2000
    assert deep.plan().scratch_floats < 100_000


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
        np.testing.assert_array_equal(some[:, [1, 4]], ours[:, [1, 4]])
        assert (some[:, [0, 2, 3]] == 7).all()


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


@SLIDES
def test_chunks__of_channels_add_up(slide: dict[str, object]) -> None:
    x, weight = made((1, 700, 9, 70), 0), made((3, 700, 3, 3), 1)
    expected = plain.conv2d(x, weight, **slide)  # type: ignore[arg-type]
    ours = engine.conv2d(x, weight, algorithm="direct", **slide)  # type: ignore[arg-type]
    assert np.abs(ours - expected).max() <= 1e-5 * np.abs(expected).max()
