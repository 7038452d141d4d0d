"""A look at many maps at once finds what a look at each finds."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from explorer import jit
from explorer.imaging.rendering import ENOUGH, SAMPLES, finite_scale
from explorer.imaging.survey import survey
from explorer.jit.threads import threads as threads_in_use
from tests.engine.fences import locked

Floats = NDArray[np.float32]
TINY = float(np.finfo(np.float32).tiny)


def noise(*shape: int) -> Floats:
    return np.random.default_rng(5).standard_normal(shape, dtype=np.float32)


def few(share: float, *shape: int) -> Floats:
    """Maps of mostly zeros."""
    maps = noise(*shape)
    maps[np.random.default_rng(6).random(shape) > share] = 0
    return maps


def half_of(pixels: Floats) -> Floats:
    """What each pixel of the half covers, in float64."""
    rows, columns = (covered(side) for side in pixels.shape)
    half: Floats = (rows @ pixels.astype(np.float64) @ columns.T).astype(np.float32)
    return half


def covered(side: int) -> NDArray[np.float64]:
    """(side // 2, side): the share of each number in each mean of ``side / (side // 2)`` neighbours."""
    size = side / (side // 2)
    starts, pixels = size * np.arange(side // 2)[:, np.newaxis], np.arange(side)
    overlap = np.minimum(pixels + 1, starts + size) - np.maximum(pixels, starts)
    shares: NDArray[np.float64] = np.maximum(0, overlap) / size
    return shares


@pytest.fixture
def threads(request: pytest.FixtureRequest) -> Iterator[None]:
    """So many for this test."""
    before = threads_in_use.count
    jit.set_threads(request.param)
    yield
    jit.set_threads(before)


MAPS: dict[str, Floats] = {
    "one number": noise(3, 1, 1),
    "a row": noise(2, 1, 4001),
    "a column": noise(2, 5001, 1),
    "less than a vector": noise(4, 3, 5),
    "all are looked at": noise(3, 97, 101),
    "a sample": noise(3, 380, 512),
    "a width the stride has to avoid": noise(2, 128, 256 * 3),
    "hardly fewer than two to a sample": noise(1, 1, 2 * SAMPLES - 1),
    "few numbers": few(0.1, 3, 380, 512),
    "very few numbers": few(1e-4, 3, 380, 512),
    "few of a large map": few(0.2, 1, 1080, 1920),
    "hardly enough": few(1.04 * ENOUGH / len(range(0, 256 * 256, 5)), 4, 256, 256),
    "hardly too few": few(0.96 * ENOUGH / len(range(0, 256 * 256, 5)), 4, 256, 256),
    "nothing": np.zeros((2, 20, 30), np.float32),
    "one value": np.full((2, 300, 200), -2.5, np.float32),
    "denormals": np.full((1, 30, 20), TINY / 2, np.float32),
    "huge": noise(2, 64, 64) * np.float32(8e37),
    "without negatives": np.abs(noise(2, 90, 90)),
    "equal magnitudes": np.sign(noise(2, 190, 256)),
}


@pytest.mark.parametrize("threads", [1, 3], indirect=True)
@pytest.mark.parametrize("name", MAPS)
@pytest.mark.usefixtures("threads")
def test_survey__finds_range_and_scale(name: str) -> None:
    maps = MAPS[name]
    for pixels, found in zip(maps, survey(maps, range(len(maps)), 0), strict=True):
        assert found is not None
        assert (found.low, found.high) == (pixels.min(), pixels.max())
        assert found.scale == finite_scale(pixels)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("size", [(1, 1), (40, 50), (300, 400)])
def test_survey__says_where_a_number_is_not_finite(value: float, size: tuple[int, int]) -> None:
    maps = noise(3, *size)
    maps[1, -1, -1] = value
    assert [one is None for one in survey(maps, range(3), 1)] == [False, True, False]


@pytest.mark.parametrize(
    "size",
    [
        (4, 4),
        (2, 64),
        (36, 100),
        (380, 512),
        (2, 5000),
        (3, 3),
        (5, 70),
        (70, 33),
        (189, 255),
        (378, 510),
        (2, 401),
    ],
)
def test_survey__halves(size: tuple[int, int]) -> None:
    maps = noise(3, *size)
    levels = int(np.log2(min(size)))
    found = survey(maps, [2, 0], levels)
    for one, wanted in zip(found, maps[[2, 0]], strict=True):
        assert one is not None
        assert len(one.halves) == levels
        for half in one.halves:
            wanted = half_of(wanted)
            np.testing.assert_allclose(half, wanted, rtol=0, atol=2e-6)


def test_survey__means_of_large_numbers_are_finite() -> None:
    (found,) = survey(np.full((1, 16, 16), 3e38, np.float32), [0], 1)
    assert found is not None
    np.testing.assert_array_equal(found.halves[0], np.float32(3e38))


def test_survey__maps_do_not_keep_each_other_alive() -> None:
    first, second = survey(noise(2, 64, 64), [0, 1], 2)
    assert first is not None
    assert second is not None
    assert not np.shares_memory(first.halves[0].base, second.halves[0].base)


@pytest.mark.skipif(sys.platform == "win32", reason="pages are protected with mprotect")
@pytest.mark.parametrize("at_the_end", [True, False])
@pytest.mark.parametrize("size", [(1, 1), (3, 5), (8, 16), (33, 64), (64, 33), (130, 131)])
def test_survey__looks_at_nothing_beside_the_maps(size: tuple[int, int], at_the_end: bool) -> None:
    maps = noise(2, *size)
    placed = locked(maps, at_the_end=at_the_end)
    assert [one and one[:3] for one in survey(placed, [0, 1], 0)] == [
        one and one[:3] for one in survey(maps, [0, 1], 0)
    ]
    if min(size) > 1:
        survey(placed, [1, 0], 1)
