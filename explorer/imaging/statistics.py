"""What a map's numbers are like, in figures and in one word."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


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


def statistics(array: NDArray[Any]) -> MapStatistics:
    """The figures of a map of any shape, summed in float64; the deviation is the population's."""
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


def badge(statistics: MapStatistics) -> str | None:
    """One word for a map that deserves a second look: "NaN", "overflow", "constant 0", "constant", or None."""
    if statistics.nans:
        return "NaN"
    if statistics.non_finite:
        return "overflow"
    if statistics.size < 2 or statistics.minimum != statistics.maximum:
        return None  # a single number is no constant map
    return "constant 0" if statistics.minimum == 0.0 else "constant"


def _mean_and_deviation(finite: NDArray[np.float64], minimum: float, maximum: float) -> tuple[float, float]:
    if minimum == maximum:
        return minimum, 0.0  # exact, where rounding would leave a speck
    unit = max(-minimum, maximum)  # float64 maps near its largest number must not overflow either
    scaled = finite / unit
    return float(scaled.mean() * unit), float(scaled.std() * unit)
