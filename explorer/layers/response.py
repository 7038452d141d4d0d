"""What a kernel does, seen in two ways: which waves it lets through, and its answer to a few simple pictures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from explorer.layers.fields import Array

FREQUENCIES = 64
"""Rows and columns of a frequency response."""

_Double = npt.NDArray[np.float64]
_Mask = npt.NDArray[np.bool_]

_STEP = (
    "A dark area meets a bright one: a blur makes a slope of the edge, an edge detector makes a line of it"
)
_IMPULSE = "One bright pixel comes out as the kernel itself, turned by 180 degrees"
_LINE = "One bright line across and one down: a kernel answers to those it is made for"

_NOTHING = 1e-12  # beside the sum of magnitudes: what rounding left of 0
_SMALLEST = 15  # rows and columns of a simple picture


@dataclass(frozen=True, eq=False)
class Answer:
    """A simple picture and what the kernel makes of it, both (n, n), n odd and the middle pixel at n // 2.

    The picture goes on beyond its edges, so that nothing comes of a border.
    """

    title: str
    why: str
    before: Array
    after: Array


def frequency_response(kernel: Array) -> Array:
    """The magnitude (64, 64) of the DFT of a kernel (rows, columns, up to 64 each) with zeros around it.

    Frequency 0 is at [32, 32]; one index further is 1/64 cycle per pixel more, so that the axes go from -1/2 up to,
    but without, 1/2.
    """
    if max(kernel.shape) > FREQUENCIES:
        raise ValueError(
            f"The frequency response is made of kernels up to {FREQUENCIES}×{FREQUENCIES}: choose a smaller one."
        )
    weights = kernel.astype(np.float64)
    spectrum = np.fft.fft2(weights, (FREQUENCIES, FREQUENCIES))
    return _cleaned(np.abs(np.fft.fftshift(spectrum)), weights)


def answers(kernel: Array) -> tuple[Answer, Answer, Answer]:
    """What a kernel (rows, columns) makes of a step, an impulse and a line, by cross-correlation.

    Edges and lines run across and down, so that a kernel shows which of them it sees.
    """
    weights = kernel.astype(np.float64)
    size = max(_SMALLEST, 2 * max(kernel.shape) + 1)
    pixel = np.arange(size) - size // 2
    # What each tap sees along each axis, beside the middle pixel. All the pictures are made of products of two such
    # profiles, so that two small products of matrices are the whole correlation.
    down, across = (pixel[:, np.newaxis] + np.arange(n) - (n - 1) // 2 for n in kernel.shape)

    def seen(rows: _Mask, columns: _Mask) -> _Double:
        result: _Double = rows.astype(np.float64) @ weights @ columns.astype(np.float64).T
        return result

    def answer(title: str, why: str, before: _Mask, after: _Double) -> Answer:
        return Answer(title, why, before.astype(np.float32), _cleaned(after, weights))

    y, x = pixel[:, np.newaxis], pixel[np.newaxis]
    impulse = seen(down == 0, across == 0)
    lines = (
        seen(down == 0, np.ones_like(across, bool)) + seen(np.ones_like(down, bool), across == 0) - impulse
    )
    return (
        answer("Step", _STEP, (y >= 0) & (x >= 0), seen(down >= 0, across >= 0)),
        answer("Impulse", _IMPULSE, (y == 0) & (x == 0), impulse),
        answer("Line", _LINE, (y == 0) | (x == 0), lines),
    )


def _cleaned(values: _Double, weights: _Double) -> Array:
    return np.where(np.abs(values) <= _NOTHING * np.abs(weights).sum(), 0, values).astype(np.float32)
