"""What a map's numbers are like, in figures and in one word."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.imaging.opencv import cv2

_CANCELS = 1e-4  # a deviation smaller than this share of the mean is lost in the difference of two squares
_LONGEST = 1e30  # squares of larger numbers overflow in sums of many


@dataclass(frozen=True)
class MapStatistics:
    """Figures of one map. All but the counts are over its finite values, and NaN where it has none."""

    size: int
    minimum: float
    maximum: float
    mean: float
    std: float
    zeros: float  # share 0..1 of all values that are exactly zero
    nans: int
    non_finite: int  # NaN and infinities

    @property
    def norm(self) -> float:
        """The root of the sum of the finite values' squares."""
        count = self.size - self.non_finite
        return math.sqrt(count) * math.hypot(self.mean, self.std) if count else 0.0


def statistics(array: NDArray[Any]) -> MapStatistics:
    """The figures of a map of any shape, summed in float64; the deviation is the population's."""
    if array.dtype == np.float32 and array.size:
        fast = _of_float32(np.ascontiguousarray(array).reshape(1, -1))
        if fast is not None:
            return fast
    values = np.asarray(array, dtype=np.float64).reshape(-1)
    zeros = 1.0 - np.count_nonzero(values) / values.size if values.size else 0.0
    is_finite = np.isfinite(values)
    finite = values if is_finite.all() else values[is_finite]
    nans = int(np.count_nonzero(np.isnan(values))) if finite.size < values.size else 0
    if finite.size == 0:
        return MapStatistics(values.size, math.nan, math.nan, math.nan, math.nan, zeros, nans, values.size)
    minimum, maximum = float(finite.min()), float(finite.max())
    mean, std = _mean_and_deviation(finite, minimum, maximum)
    return MapStatistics(values.size, minimum, maximum, mean, std, zeros, nans, values.size - finite.size)


def _of_float32(values: NDArray[np.float32]) -> MapStatistics | None:
    """The same of usual numbers (1, N), ten times faster; None where that would not be exact."""
    minimum, maximum = float(values.min()), float(values.max())
    if not (-_LONGEST < minimum < maximum < _LONGEST) or max(-minimum, maximum) < 1 / _LONGEST:
        return None  # NaN and infinities are among those
    means, deviations = cv2.meanStdDev(values)
    mean, std = float(means[0, 0]), float(deviations[0, 0])
    if std < _CANCELS * abs(mean):
        return None
    zeros = 1.0 - int(cv2.countNonZero(values)) / values.size
    return MapStatistics(values.size, minimum, maximum, mean, std, zeros, 0, 0)


def combined(maps: Iterable[MapStatistics]) -> MapStatistics:
    """The figures of several maps as if they were one."""
    known = list(maps)
    size, bad = sum(one.size for one in known), sum(one.non_finite for one in known)
    nans = sum(one.nans for one in known)
    zeros = sum(one.zeros * one.size for one in known) / size if size else 0.0
    finite = [one for one in known if one.size > one.non_finite]
    if not finite:
        return MapStatistics(size, math.nan, math.nan, math.nan, math.nan, zeros, nans, bad)
    counts = [one.size - one.non_finite for one in finite]
    total = sum(counts)
    mean = math.fsum(one.mean * (count / total) for one, count in zip(finite, counts, strict=True))
    spread = math.hypot(
        *(
            math.hypot(one.std, one.mean - mean) * math.sqrt(count / total)
            for one, count in zip(finite, counts, strict=True)
        )
    )
    low, high = min(one.minimum for one in finite), max(one.maximum for one in finite)
    return MapStatistics(size, low, high, mean, spread, zeros, nans, bad)


def histogram(array: NDArray[Any], low: float, high: float, bins: int) -> NDArray[np.int64]:
    """How many finite values lie in each of so many equal parts of low..high, both ends included."""
    values = np.asarray(array, np.float64).reshape(-1)
    inside = values[(values >= low) & (values <= high)]  # False for NaN
    places = ((inside - low) / (high - low) * bins).astype(np.intp)
    return np.bincount(np.minimum(places, bins - 1), minlength=bins).astype(np.int64)


def badge(statistics: MapStatistics) -> str | None:
    """One word for a map that deserves a second look: "NaN", "overflow", "dead", "constant", or None."""
    if statistics.nans:
        return "NaN"
    if statistics.non_finite:
        return "overflow"
    if statistics.size < 2 or statistics.minimum != statistics.maximum:
        return None  # a single number is no constant map
    return "dead" if statistics.minimum == 0.0 else "constant"


def _mean_and_deviation(finite: NDArray[np.float64], minimum: float, maximum: float) -> tuple[float, float]:
    if minimum == maximum:
        return minimum, 0.0  # exact, where rounding would leave a speck
    unit = max(-minimum, maximum)  # float64 maps near its largest number must not overflow either
    scaled = finite / unit
    return float(scaled.mean() * unit), float(scaled.std() * unit)
