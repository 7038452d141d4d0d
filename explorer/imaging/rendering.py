"""From numbers to colours: the scale of a map, and its picture in colour or grey.

One rule decides what a colour means. A signed colour map always shows zero in its middle, so a map without
negatives uses the positive half only. A colour map without a middle (viridis) spreads over low..high, or over
0..high where the scale was made for maps without negatives. What is not a finite number is magenta.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from explorer.imaging.colormaps import NAN_COLOUR, Colormap
from explorer.jit import JitUnavailableError, status

Numbers = NDArray[Any]
Bytes = NDArray[np.uint8]

SMALLEST = float(np.finfo(np.float32).tiny)
LARGEST = float(np.finfo(np.float32).max)
SHARE = 0.995
"""Of the magnitudes that lie within a scale."""
SAMPLES = 16_384
ENOUGH = 4_096
"""Non-zero samples for a percentile that does not move visibly."""


@dataclass(frozen=True)
class Scale:
    """The values at the two ends of a colour map; ``negatives`` is False where no map it serves is below zero."""

    low: float
    high: float
    negatives: bool = True

    def __post_init__(self) -> None:
        ordered = -LARGEST <= self.low < self.high <= LARGEST  # False for NaN
        if not ordered or self.high - self.low < SMALLEST:
            raise ValueError(
                f"A scale must rise between two numbers within ±3.4e38, it goes from {self.low} to {self.high}."
            )

    @property
    def magnitude(self) -> float:
        """The larger distance of an end from zero."""
        return max(abs(self.low), abs(self.high))

    def limits(self, signed: bool) -> tuple[float, float]:
        """The values at the first and last colour of a signed or an unsigned colour map."""
        if signed:
            return -self.magnitude, self.magnitude
        if not self.negatives and self.low < 0.0 < self.high:
            return 0.0, self.high
        return self.low, self.high


def finite_scale(array: Numbers) -> Scale:
    """Plus and minus the 99.5th percentile of the non-zero finite magnitudes; ±1 where there are none.

    Zeros do not count: a step edge's map is almost all zero. Up to 200 numbers the percentile is the maximum.
    Large maps are sampled at a fixed stride, so the same map always has the same scale.
    """
    values = _float32(array)
    magnitude = _typical_magnitude(values)
    if magnitude is None:
        magnitude = 1.0
    return Scale(-magnitude, magnitude, negatives=bool((values < 0).any()))


def layer_scale(maps: Iterable[Numbers]) -> Scale:
    """One scale for all maps of a layer: the widest of their own, so that none clips more than 0.5 %."""
    magnitudes, negatives = [], False
    for array in maps:
        values = _float32(array)
        magnitude = _typical_magnitude(values)
        if magnitude is not None:
            magnitudes.append(magnitude)
        negatives = negatives or bool((values < 0).any())
    widest = max(magnitudes, default=1.0)
    return Scale(-widest, widest, negatives)


def clipped_share(array: Numbers, scale: Scale) -> float:
    """The share 0..1 of values beyond the ends of the scale, infinities included; 0 for an empty map."""
    values = _float32(array)
    if values.size == 0:
        return 0.0
    outside = np.count_nonzero(values < np.float32(scale.low)) + np.count_nonzero(
        values > np.float32(scale.high)
    )
    return float(outside) / values.size


def clipped(array: Numbers, scale: Scale, colormap: Colormap) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which values of a map lie below the first and above the last colour. Infinities have a colour of their own."""
    values = _float32(array)
    low, high = scale.limits(colormap.signed)
    finite = np.isfinite(values)
    return finite & (values < np.float32(low)), finite & (values > np.float32(high))


def to_rgb(array: Numbers, scale: Scale, colormap: Colormap) -> Bytes:
    """The picture (H, W, 3) of a map (H, W)."""
    values = _map(array)
    pixels = np.empty((*values.shape, 4), np.uint8)
    _colour(values, _ramp(scale, colormap.signed), _pixel_table(colormap, (0, 1, 2)), pixels)
    picture = np.empty((*values.shape, 3), np.uint8)
    for channel in range(3):  # three long copies are faster than many of three bytes
        picture[..., channel] = pixels[..., channel]
    return picture


def to_bgra(array: Numbers, scale: Scale, colormap: Colormap, *, out: Bytes | None = None) -> Bytes:
    """The picture (H, W, 4) of a map (H, W) as blue, green, red, 255.

    This is how ``QImage.Format_RGB32`` lies in memory. ``out`` may be a region of a larger picture.
    """
    values = _map(array)
    shape = (*values.shape, 4)
    picture = np.empty(shape, np.uint8) if out is None else out
    if picture.shape != shape or picture.dtype != np.uint8 or not picture.flags.writeable:
        raise ValueError(
            f"out must be a writeable uint8 array {shape}, it is {picture.dtype} {picture.shape}."
        )
    if picture.size and picture.strides[1:] != (4, 1):
        raise ValueError("The pixels of each row of out must lie side by side.")
    _colour(values, _ramp(scale, colormap.signed), _pixel_table(colormap, (2, 1, 0)), picture)
    return picture


def to_grey(array: Numbers, scale: Scale, bits: int = 8) -> NDArray[np.uint8] | NDArray[np.uint16]:
    """A map (H, W) as grey of 8 or 16 bits: low is 0, high is the maximum.

    A symmetric scale therefore shows zero as mid-grey. NaN becomes 0.
    """
    if bits not in (8, 16):
        raise ValueError(f"A grey picture has 8 or 16 bits, {bits} were asked for.")
    values = _map(array)
    last = 2**bits - 1
    span = last * scale.magnitude / (scale.high - scale.low)
    offset = -scale.low / scale.magnitude * span
    steps = _steps(values, _Ramp(scale.magnitude, span, offset, 0, last))
    np.nan_to_num(steps, copy=False, nan=0.0)
    return steps.astype(np.uint8) if bits == 8 else steps.astype(np.uint16)


class _Ramp(NamedTuple):
    """A value v stands in row ``v / unit * gain + offset``, rounded and held within first..last."""

    unit: float
    gain: float
    offset: float
    first: int
    last: int


def _ramp(scale: Scale, signed: bool) -> _Ramp:
    if signed:
        return _Ramp(max(scale.magnitude, SMALLEST), 127.0, 128.0, 1, 255)
    low, high = scale.limits(signed)
    unit = max(abs(low), abs(high), SMALLEST)
    return _Ramp(unit, 255.0 * unit / (high - low), -255.0 * low / (high - low), 0, 255)


def _colour(values: NDArray[np.float32], ramp: _Ramp, table: Bytes, picture: Bytes) -> None:
    """Fill the picture (H, W, 4) from the table (257, 4), whose last row is the colour of NaN and infinities."""
    if values.size == 0:
        return
    if status.usable:
        try:
            from explorer.imaging import colouring

            colouring.colour(values, ramp, table, picture)
        except (ImportError, JitUnavailableError) as error:
            status.fail(error)
        else:
            return
    steps = _steps(values, ramp)
    steps[~np.isfinite(values)] = len(table) - 1
    picture.view(np.uint32)[..., 0] = table.view(np.uint32)[:, 0][steps.astype(np.intp)]


def _steps(values: NDArray[np.float32], ramp: _Ramp) -> NDArray[np.float32]:
    """The row of each value as a whole number; NaN stays NaN.

    Halves go to the even row, which mirrors plus and minus because the middle row is even.
    """
    with np.errstate(over="ignore"):
        steps = values / np.float32(ramp.unit)
        steps *= np.float32(ramp.gain)
    steps += np.float32(ramp.offset)
    np.rint(steps, out=steps)
    return np.clip(steps, ramp.first, ramp.last, out=steps)


@lru_cache
def _pixel_table(colormap: Colormap, order: tuple[int, int, int]) -> Bytes:
    """The colours (257, 4), opaque, with that of NaN and infinities last."""
    colours = np.vstack([colormap.table(), np.array([NAN_COLOUR], np.uint8)])[:, order]
    table = np.full((len(colours), 4), 255, np.uint8)
    table[:, :3] = colours
    table.flags.writeable = False
    return table


def _float32(array: Numbers) -> NDArray[np.float32]:
    with np.errstate(over="ignore", invalid="ignore"):
        return np.asarray(array, dtype=np.float32)


def _map(array: Numbers) -> NDArray[np.float32]:
    if np.ndim(array) != 2:
        raise ValueError(f"A map has rows and columns, this array has {np.ndim(array)} dimensions.")
    return _float32(array)


def _typical_magnitude(values: NDArray[np.float32]) -> float | None:
    """The percentile behind ``finite_scale``, or None where every value is zero, denormal or not finite."""
    flat = values.reshape(-1)
    sample = _countable(_every(flat, SAMPLES, values.shape))
    if sample.size < min(ENOUGH, flat.size):
        sample = _every(_countable(flat), SAMPLES, values.shape)
    if sample.size == 0:
        return None
    rank = math.ceil(SHARE * (sample.size - 1))
    return float(np.partition(sample, rank)[rank])


def _countable(values: NDArray[np.float32]) -> NDArray[np.float32]:
    magnitudes = np.abs(values)
    return magnitudes.compress((magnitudes >= SMALLEST) & (magnitudes <= LARGEST))


def _every(flat: NDArray[np.float32], count: int, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """About ``count`` of the values, at a stride that visits every column."""
    stride = max(1, flat.size // count)
    width = shape[-1] if shape else 1
    while stride > 1 and math.gcd(stride, width) > 1:
        stride += 1
    return flat[::stride]
