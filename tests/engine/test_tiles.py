"""However a convolution is cut into tiles, each output is the same sum."""

from __future__ import annotations

import numpy as np
import pytest

from explorer import engine
from explorer.engine import arguments, plain, tiles
from explorer.engine.arguments import Convolution

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


def planned(shapes: Shapes) -> tiles.Tiles:
    call: Convolution = arguments.convolution(
        made(shapes["x"], 0),
        made(shapes["weight"], 1),
        None,
        stride=1,
        padding=0,
        dilation=1,
        groups=1,
        algorithm="auto",
        out=None,
        channels=None,
        cancel=None,
    )
    return tiles.plan_tiles(call)


def test_plan__cuts_where_a_tile_would_leave_the_cache() -> None:
    assert planned(WIDE).stretches > 1
    assert planned(DEEP).parts > 1
    assert planned(TALL).bands > 1
    assert planned(SMALL).items == 1


@SHAPES
def test_plan__deals_out_every_filter_once(shapes: Shapes) -> None:
    plan = planned(shapes)
    filters = [o for first, count in plan.blocks.reshape(-1, 2) for o in range(first, first + count)]
    assert filters == list(range(shapes["weight"][0]))


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


@pytest.mark.parametrize("columns", [1, 15, 16, 17, 49, 64, 510])
@pytest.mark.parametrize("filters", [1, 3, 8, 20, 64])
def test_best_block__fits_the_registers(filters: int, columns: int) -> None:
    from explorer.engine.microkernel import fits

    vectors, rows = tiles.best_block(filters, columns)
    assert fits(rows, vectors)
    assert 1 <= rows <= filters
