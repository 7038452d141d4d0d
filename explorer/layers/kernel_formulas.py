"""The formulas behind the named kernels, in float64.

A fixed pattern of 3×3 sits in the middle of a larger kernel, and is cut where the kernel is smaller. Every other
kernel samples its formula at the distance of each cell from the middle of the kernel, in cells; x grows to the right
and y downwards. Angles are in degrees: 0 points right, 90 points down.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from explorer.layers.fields import Size

Kernel = npt.NDArray[np.float64]
Offsets = tuple[Kernel, Kernel]  # x and y of every cell

_NOTHING = 1e-9  # what is left of a sum that cancels, beside the numbers that it was made of


def direction(angle: float) -> tuple[float, float]:
    """Cosine and sine, rounded so that multiples of 45 degrees are exact: no weight of 1e-17 where 0 belongs."""
    radians = math.radians(angle)
    return round(math.cos(radians), 12), round(math.sin(radians), 12)


def fitted(pattern: Sequence[float], length: int) -> Kernel:
    """A row of numbers in the middle of a longer one, or its middle."""
    shared = min(len(pattern), length)
    source, target = (len(pattern) - shared) // 2, (length - shared) // 2
    result = np.zeros(length)
    result[target : target + shared] = pattern[source : source + shared]
    return result


def offsets(size: Size, middle: tuple[float, float] | None = None) -> Offsets:
    """How far each cell lies to the right of the middle, and below it."""
    row, column = middle or ((size[0] - 1) / 2, (size[1] - 1) / 2)
    x, y = np.meshgrid(np.arange(size[1]) - column, np.arange(size[0]) - row)
    return x, y


def empty(size: Size) -> Kernel:
    """All 0."""
    return np.zeros(size)


def identity(size: Size) -> Kernel:
    """1 in the middle."""
    return np.outer(fitted([1], size[0]), fitted([1], size[1]))


def box(size: Size) -> Kernel:
    """The mean of the window; sum 1."""
    return np.full(size, 1 / math.prod(size))


# ---------------------------------------------------------------------------------------- edges, lines, corners


def _difference(length: int) -> Kernel:
    """Right minus left. Cut to two cells it would answer to brightness itself, so those have their own form."""
    return np.array([-1.0, 1.0]) if length == 2 else fitted([-1, 0, 1], length)


def _gradient(smoothing: Sequence[float], size: Size, angle: float) -> Kernel:
    """cos·Gx + sin·Gy: the slope in any direction from the slopes in two (Freeman and Adelson 1991)."""
    cosine, sine = direction(angle)
    across = np.outer(fitted(smoothing, size[0]), _difference(size[1]))
    down = np.outer(_difference(size[0]), fitted(smoothing, size[1]))
    result: Kernel = cosine * across + sine * down
    return result


def sobel(size: Size, angle: float) -> Kernel:
    """Sobel and Feldman 1968: 1 2 1 along the edge, -1 0 1 across it."""
    return _gradient([1, 2, 1], size, angle)


def scharr(size: Size, angle: float) -> Kernel:
    """Scharr 2000: 3 10 3 along the edge, whose answer changes least when the picture is turned."""
    return _gradient([3, 10, 3], size, angle)


def prewitt(size: Size, angle: float) -> Kernel:
    """Prewitt 1970: 1 1 1 along the edge."""
    return _gradient([1, 1, 1], size, angle)


def emboss(size: Size, angle: float) -> Kernel:
    """The picture plus its slope; x + y at 45 degrees and x at 0, so that weights are whole numbers there; sum 1."""
    steepest = max(abs(part) for part in direction(angle))
    return identity(size) + _gradient([1, 1, 1], size, angle) / steepest


def _balanced(neighbours: Sequence[float], corners: float, size: Size, total: float) -> Kernel:
    """Neighbours above and beside the middle, and a middle that brings the sum to ``total`` even where some are cut."""
    middle = np.outer(fitted([0, 1, 0], size[0]), fitted([0, 1, 0], size[1]))
    upright, lying = fitted(neighbours, size[0]), fitted(neighbours, size[1])
    around = np.outer(upright, fitted([0, 1, 0], size[1])) + np.outer(fitted([0, 1, 0], size[0]), lying)
    around += corners * np.outer(fitted([1, 0, 1], size[0]), fitted([1, 0, 1], size[1]))
    result: Kernel = around + (total - around.sum()) * middle
    return result


def laplacian(size: Size) -> Kernel:
    """The middle less its 4 neighbours: the negative of the discrete Laplacian; sum 0."""
    return _balanced([-1, 0, -1], 0, size, 0)


def outline(size: Size) -> Kernel:
    """The middle less all 8 neighbours; sum 0."""
    return _balanced([-1, 0, -1], -1, size, 0)


def sharpen(size: Size) -> Kernel:
    """The picture plus its Laplacian; sum 1."""
    return _balanced([-1, 0, -1], 0, size, 1)


def _ridge(length: int) -> Kernel:
    return np.array([-1.0, 1.0]) if length == 2 else fitted([-1, 2, -1], length)


def vertical_line(size: Size) -> Kernel:
    """-1 2 -1 in three rows; sum 0 unless the kernel has one column, which has no sides to compare with."""
    return np.outer(fitted([1, 1, 1], size[0]), _ridge(size[1]))


def horizontal_line(size: Size) -> Kernel:
    """-1 2 -1 in three columns; sum 0 unless the kernel has one row."""
    return np.outer(_ridge(size[0]), fitted([1, 1, 1], size[1]))


def line(size: Size, angle: float) -> Kernel:
    """2 on a line through the whole kernel, -1 at a distance of one cell, 0 from two on; sum 0 where it has sides."""

    def profile(at: Offsets) -> tuple[Kernel, Kernel]:
        distance = _distance(at, angle)
        return np.interp(distance, [0, 1, 2], [2, -1, 0]), np.clip(2 - distance, 0, 1)

    result = _without_mean(size, profile)
    return result if result.any() else profile(offsets(size))[0]


def _distance(at: Offsets, angle: float) -> Kernel:
    """How far each cell lies from the line through the middle."""
    cosine, sine = direction(angle)
    return np.abs(at[1] * cosine - at[0] * sine)


def corner(size: Size, angle: float) -> Kernel:
    """A bright quarter that opens towards the angle, dark elsewhere; sum 0, largest weight 1."""
    cosine, sine = direction(angle)

    def quarter(at: Offsets) -> tuple[Kernel, Kernel]:
        along, aside = at[0] * cosine + at[1] * sine, np.abs(at[1] * cosine - at[0] * sine)
        inside = (along - aside) / math.sqrt(2)
        return np.clip(2 * inside + 1, 0, 1), np.ones(size)

    return _peak_of_one(_without_mean(size, quarter))


# ---------------------------------------------------------------------------------------- blurs, bells and waves


def _bell(at: Offsets, sigma: float) -> Kernel:
    result: Kernel = np.exp(-(at[0] ** 2 + at[1] ** 2) / (2 * sigma**2))
    return result


def _gaussian_at(at: Offsets, sigma: float) -> Kernel:
    bell = _bell(at, sigma)
    # a bell so narrow that no cell sees it cannot be: the middle is at most 0.71 cells from one
    result: Kernel = bell / bell.sum()
    return result


def gaussian(size: Size, sigma: float) -> Kernel:
    """exp(-r² / 2σ²), sum 1."""
    return _gaussian_at(offsets(size), sigma)


def unsharp(size: Size, amount: float, sigma: float) -> Kernel:
    """(1 + amount) · picture - amount · blurred picture, both about the same cell; sum 1."""
    whole = identity(size)
    row, column = divmod(int(whole.argmax()), size[1])
    blurred = _gaussian_at(offsets(size, (row, column)), sigma)
    result: Kernel = (1 + amount) * whole - amount * blurred
    return result


def motion_blur(size: Size, angle: float) -> Kernel:
    """The mean along a line one cell thick; sum 1."""
    covered = np.clip(1 - _distance(offsets(size), angle), 0, 1)
    result: Kernel = covered / covered.sum()
    return result


def laplacian_of_gaussian(size: Size, sigma: float) -> Kernel:
    """(1 - r² / 2σ²) · exp(-r² / 2σ²), Marr and Hildreth 1980 with a bright middle; sum 0, largest weight 1."""

    def hat(at: Offsets) -> tuple[Kernel, Kernel]:
        bell = _bell(at, sigma)
        return (1 - (at[0] ** 2 + at[1] ** 2) / (2 * sigma**2)) * bell, bell

    return _peak_of_one(_without_mean(size, hat))


def difference_of_gaussians(size: Size, sigma: float, ratio: float) -> Kernel:
    """Gaussian(σ) - Gaussian(ratio · σ), which at 1.6 is close to LoG (Marr and Hildreth 1980); sum 0, peak 1."""

    def difference(at: Offsets) -> tuple[Kernel, Kernel]:
        narrow = _gaussian_at(at, sigma)
        return narrow - _gaussian_at(at, ratio * sigma), narrow

    return _peak_of_one(_without_mean(size, difference))


def gabor(size: Size, theta: float, lambda_: float, sigma: float, phase: float) -> Kernel:
    """exp(-r² / 2σ²) · cos(2π x' / λ + phase), x' = x cos θ + y sin θ: Gabor 1946, in two dimensions Daugman 1985.

    The bell is round. What it takes to make the sum 0 is taken off as a multiple of the bell; largest weight 1.
    """
    cosine, sine = direction(theta)

    def wave(at: Offsets) -> tuple[Kernel, Kernel]:
        bell = _bell(at, sigma)
        along = at[0] * cosine + at[1] * sine
        return np.cos(2 * math.pi * along / lambda_ + math.radians(phase)) * bell, bell

    return _peak_of_one(_without_mean(size, wave))


def _without_mean(size: Size, formula: Callable[[Offsets], tuple[Kernel, Kernel]]) -> Kernel:
    """What the formula gives, less a multiple of its envelope so that the sum is 0.

    Two cells lie equally far from the point between them, so nothing may be left: then the formula is sampled around
    the second one. A single cell has nothing to differ from and is 0.
    """
    for middle in (None, (size[0] // 2, size[1] // 2)):
        values, envelope = formula(offsets(size, middle))
        result: Kernel = values - envelope * (values.sum() / envelope.sum())
        if np.abs(result).max() > _NOTHING * np.abs(envelope).max():
            return result
    return np.zeros(size)


def _peak_of_one(kernel: Kernel) -> Kernel:
    reach = float(np.abs(kernel).max())
    return kernel / reach if reach else kernel
