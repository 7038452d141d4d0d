"""Pictures made by a formula: each shows one thing that kernels do."""

from __future__ import annotations

from collections.abc import Callable
from math import cos, pi, sin
from typing import Any

import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]
_SIDE = 256


def step_edges() -> Grey:
    """Eight fields, each half black and half white, divided at multiples of 45 degrees."""
    side, gap = 96, 8
    rows, columns = np.mgrid[0:side, 0:side] - (side - 1) / 2
    picture = np.full((2 * side + 3 * gap, 4 * side + 5 * gap), 128, np.uint8)
    for field in range(8):
        angle = field * pi / 4
        distance = columns * round(cos(angle), 12) + rows * round(sin(angle), 12)
        top, left = (gap + (field // 4) * (side + gap), gap + (field % 4) * (side + gap))
        picture[top : top + side, left : left + side] = _ink(distance)
    return picture


def checkerboard() -> Grey:
    """Squares of 16 pixels, black at the top left."""
    rows, columns = np.mgrid[0:_SIDE, 0:_SIDE] // 16
    return _grey((rows + columns) % 2 * 255)


def zone_plate() -> Grey:
    """Rings that get finer towards the border, where each is two pixels wide."""
    rows, columns = np.mgrid[0:_SIDE, 0:_SIDE] - _SIDE // 2
    phase = pi * (rows**2 + columns**2) / (2 * _SIDE)
    return _grey(127.5 + 127.5 * np.cos(phase))


def impulse() -> Grey:
    """One white pixel in the middle of 31 x 31 black ones."""
    picture = np.zeros((31, 31), np.uint8)
    picture[15, 15] = 255
    return picture


def gradient() -> Grey:
    """From black on the left to white on the right, one level a column."""
    return np.tile(np.arange(256, dtype=np.uint8), (128, 1))


def noise() -> Grey:
    """Every pixel drawn evenly from 0 to 255, the same at each start."""
    return np.random.default_rng(0).integers(0, 256, (_SIDE, _SIDE), dtype=np.uint8)


def shapes() -> Grey:
    """A disc, a square, a triangle and a ring, light on dark."""
    rows, columns = np.mgrid[0:_SIDE, 0:_SIDE].astype(np.float64)
    disc = 44 - np.hypot(rows - 68, columns - 68)
    square = 40 - np.maximum(np.abs(rows - 68), np.abs(columns - 188))
    triangle = np.minimum(226 - rows, (rows - 148 - 2 * np.abs(columns - 68)) / np.sqrt(5))
    ring = 10 - np.abs(np.hypot(rows - 188, columns - 188) - 34)
    levels = ((disc, 255), (square, 200), (triangle, 150), (ring, 230))
    light = sum(np.clip(distance + 0.5, 0, 1) * (level - 32) for distance, level in levels)
    return _grey(32 + np.asarray(light))


def digit() -> Grey:
    """A five as if written by hand: 28 x 28, white on black, drawn along a smooth stroke."""
    strokes = (
        ((19.5, 6.0), (16.5, 6.8), (14.0, 6.9), (11.2, 6.6)),
        ((11.2, 6.6), (10.7, 9.0), (10.3, 11.0), (9.7, 13.2)),
        ((9.7, 13.2), (16.0, 10.3), (20.6, 13.2), (19.2, 17.4)),
        ((19.2, 17.4), (18.0, 21.4), (12.2, 22.6), (8.2, 20.6)),
    )
    points = np.concatenate([_bezier(stroke) for stroke in strokes])
    rows, columns = np.mgrid[0:28, 0:28]
    away = np.hypot(columns[..., np.newaxis] - points[:, 0], rows[..., np.newaxis] - points[:, 1]).min(axis=2)
    return _grey(255 * np.clip(1.9 - away, 0, 1))


def diagonals() -> NDArray[np.float32]:
    """An x of 5 x 5: 1 on both diagonals, -1 elsewhere."""
    return _signs(np.eye(5, dtype=bool) | np.eye(5, dtype=bool)[::-1])


def plus() -> NDArray[np.float32]:
    """A plus sign of 5 x 5: 1 on the middle row and column, -1 elsewhere."""
    middle = np.arange(5) == 2
    return _signs(middle[:, np.newaxis] | middle)


def minus() -> NDArray[np.float32]:
    """A minus sign of 5 x 5: 1 on the middle row, -1 elsewhere."""
    return _signs(np.repeat(np.arange(5)[:, np.newaxis] == 2, 5, axis=1))


def nine_pixels() -> NDArray[np.float32]:
    """Nine neighbouring pixels of a photograph, 0 to 255."""
    return np.array([[88, 126, 145], [86, 125, 142], [85, 124, 141]], np.float32)


def half_bright() -> NDArray[np.float32]:
    """5 x 6: the right half is 255."""
    return _right_half(5, 255)


def half_one() -> NDArray[np.float32]:
    """6 x 6: the right half is 1."""
    return _right_half(6, 1)


PATTERNS: dict[str, Callable[[], NDArray[Any]]] = {
    "step-edges": step_edges,
    "checkerboard": checkerboard,
    "zone-plate": zone_plate,
    "impulse": impulse,
    "gradient": gradient,
    "noise": noise,
    "shapes": shapes,
    "digit": digit,
    "x": diagonals,
    "plus": plus,
    "minus": minus,
    "nine-pixels": nine_pixels,
    "half-bright": half_bright,
    "half-one": half_one,
}


def _grey(levels: NDArray[Any]) -> Grey:
    return np.asarray(np.rint(levels), np.uint8)


def _ink(distance: NDArray[np.float64]) -> Grey:
    """White where ``distance`` (in pixels) is positive, with smooth edges."""
    return _grey(255 * np.clip(distance + 0.5, 0, 1))


def _signs(mask: NDArray[np.bool_]) -> NDArray[np.float32]:
    return np.where(mask, np.float32(1), np.float32(-1))


def _right_half(rows: int, value: float) -> NDArray[np.float32]:
    picture = np.zeros((rows, 6), np.float32)
    picture[:, 3:] = value
    return picture


def _bezier(points: tuple[tuple[float, float], ...]) -> NDArray[np.float64]:
    """200 points (x, y) along a cubic Bézier curve."""
    t = np.linspace(0, 1, 200)[:, np.newaxis]
    a, b, c, d = np.array(points)
    return np.asarray((1 - t) ** 3 * a + 3 * t * (1 - t) ** 2 * b + 3 * t**2 * (1 - t) * c + t**3 * d)
