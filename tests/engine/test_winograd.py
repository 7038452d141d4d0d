"""Winograd's way gives the same maps, and steps aside where it would not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from explorer import engine
from explorer.engine import convolution, plain, transformed, winograd
from explorer.engine.shape import Shape
from tests.engine.checks import normal

Array = np.ndarray


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[bool]]:
    """Lets small pictures through too, and notes each time whether the result counted."""
    answers: list[bool] = []
    way = winograd.conv2d

    def noted(*arguments: object) -> bool:
        answers.append(way(*arguments))  # type: ignore[arg-type]
        return answers[-1]

    monkeypatch.setattr(winograd, "_LEAST_PRODUCTS", 0)
    monkeypatch.setattr(winograd, "_LEAST_KERNELS", 0)
    monkeypatch.setattr(winograd, "conv2d", noted)
    convolution._way.cache_clear()
    yield answers
    convolution._way.cache_clear()


@pytest.mark.parametrize("padding", [0, 1, "same", (2, 0, 0, 3)], ids=str)
@pytest.mark.parametrize(
    ("x", "out_channels"),
    [
        ((1, 8, 8, 26), 8),
        ((2, 9, 31, 67), 11),
        ((1, 16, 12, 300), 17),
        ((1, 70, 50, 30), 8),
        ((1, 250, 9, 27), 9),
        ((1, 8, 130, 44), 40),
    ],
    ids=str,
)
def test_winograd__agrees_with_the_definition(
    taken: list[bool], x: tuple[int, ...], out_channels: int, padding: object
) -> None:
    picture, weight, bias = normal(*x), normal(out_channels, x[1], 3, 3), normal(out_channels)
    expected = plain.conv2d(picture, weight, bias, padding=padding)  # type: ignore[arg-type]
    ours = engine.conv2d(picture, weight, bias, padding=padding)  # type: ignore[arg-type]
    assert taken == [True]
    assert np.abs(ours - expected).max() <= 1e-5 * np.abs(expected).max()


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e38, 3e18])
def test_winograd__steps_aside_for_pixels_that_would_spoil_their_neighbours(
    taken: list[bool], value: float
) -> None:
    x, weight = normal(1, 8, 20, 40), normal(8, 8, 3, 3)
    x[0, 3, 19, 39] = value
    with np.errstate(all="ignore"):
        ours, direct = engine.conv2d(x, weight), engine.conv2d(x, weight, algorithm="direct")
    assert taken == [False]
    np.testing.assert_array_equal(ours, direct)


def test_winograd__steps_aside_for_weights_that_are_not_finite(taken: list[bool]) -> None:
    x, weight = normal(1, 8, 20, 40), normal(8, 8, 3, 3)
    weight[2, 1, 0, 0] = np.inf
    with np.errstate(all="ignore"):
        ours = engine.conv2d(x, weight)
    assert taken == [False]
    assert np.isfinite(ours[0, 3]).all()


def test_winograd__is_left_for_a_choice_of_filters(taken: list[bool]) -> None:
    x, weight = normal(1, 8, 20, 40), normal(9, 8, 3, 3)
    out = np.full((1, 9, 18, 38), 7, np.float32)
    engine.conv2d(x, weight, out=out, channels=[2, 5])
    assert taken == []
    direct = engine.conv2d(x, weight, algorithm="direct")
    np.testing.assert_allclose(out[:, [2, 5]], direct[:, [2, 5]], rtol=0, atol=1e-5 * np.abs(direct).max())
    assert (out[:, [0, 1, 3, 4, 6, 7, 8]] == 7).all()


def test_winograd__sees_weights_that_change(taken: list[bool]) -> None:
    x, weight = normal(1, 8, 20, 40), normal(8, 8, 3, 3)
    before = engine.conv2d(x, weight)
    weight *= 2
    np.testing.assert_allclose(engine.conv2d(x, weight), 2 * before, atol=1e-4)
    view = weight[:]
    view.flags.writeable = False  # its base may still be written to
    before = engine.conv2d(x, view)
    weight *= 2
    np.testing.assert_allclose(engine.conv2d(x, view), 2 * before, atol=1e-4)
    assert taken == [True] * 4


def test_winograd__sees_weights_that_were_locked_for_a_while(taken: list[bool]) -> None:
    x, weight = normal(1, 8, 20, 40), normal(8, 8, 3, 3)
    weight.flags.writeable = False
    before = engine.conv2d(x, weight)
    weight.flags.writeable = True
    weight *= 2
    np.testing.assert_allclose(engine.conv2d(x, weight), 2 * before, atol=1e-4)
    weight.flags.writeable = False
    np.testing.assert_allclose(engine.conv2d(x, weight), 2 * before, atol=1e-4)


def test_winograd__sees_a_change_of_what_a_locked_view_belongs_to(taken: list[bool]) -> None:
    x, owner = normal(1, 8, 20, 40), normal(8, 8, 3, 3)
    owner.flags.writeable = False
    view = owner[:]
    before = engine.conv2d(x, view)
    owner.flags.writeable = True
    owner *= 2
    np.testing.assert_allclose(engine.conv2d(x, view), 2 * before, atol=1e-4)
    foreign = bytearray(owner.tobytes())
    locked = np.frombuffer(foreign, np.float32).reshape(8, 8, 3, 3)[:]
    locked.flags.writeable = False
    before = engine.conv2d(x, locked)
    foreign[:] = (2 * owner).tobytes()
    np.testing.assert_allclose(engine.conv2d(x, locked), 2 * before, atol=1e-4)


@pytest.mark.parametrize("size", [1e13, 1e15, 3e16, 9e17])
def test_winograd__never_overflows_where_the_definition_does_not(taken: list[bool], size: float) -> None:
    x, weight = (np.copysign(np.float32(size), normal(*shape)) for shape in ((1, 32, 40, 60), (16, 32, 3, 3)))
    assert np.isfinite(engine.conv2d(x, weight, algorithm="direct")).all()
    assert np.isfinite(engine.conv2d(x, weight)).all()


def test_winograd__forgets_weights_that_are_gone(taken: list[bool]) -> None:
    known = len(transformed._known)
    weight = normal(8, 8, 3, 3)
    weight.flags.writeable = False
    engine.conv2d(normal(1, 8, 20, 40), weight)
    assert len(transformed._known) == known + 1
    del weight
    assert len(transformed._known) == known


def test_suits__only_what_it_was_made_for() -> None:
    good = Shape(1, 32, 100, 100, 64, 98, 98, (3, 3), (1, 1), (1, 1), (0, 0, 0, 0), 1)
    assert winograd.suits(good)
    others: list[dict[str, object]] = [
        {"kernel_size": (3, 5)},
        {"stride": (1, 2)},
        {"dilation": (2, 2)},
        {"groups": 2},
        {"in_channels": 4},
        {"out_width": 20},
        {"out_height": 2},
    ]
    for other in others:
        assert not winograd.suits(replace(good, **other))  # type: ignore[arg-type]
