"""What a kernel does to waves, edges, dots and lines, in a beginner's words and by its numbers."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from explorer.layers.numbers import number

_NOTHING = 1e-5  # of the sum of magnitudes: float32 weights such as 1/9 do not add up exactly
_LITTLE = 0.08  # of the sum of magnitudes: what is left of flat areas beside the changes
_SEEN = 0.01  # of the largest value: what is less is not seen
_FINE = 0.35  # cycles per pixel from which detail is fine
_FINEST = 0.45

_LEAVE_NOTHING = "leave nothing"
_QUIET = (_LEAVE_NOTHING, "stay sharp", "stay as they are")

_Numbers = npt.NDArray[np.float32] | npt.NDArray[np.float64]


def frequency_words(kernel: _Numbers, response: _Numbers) -> str:
    """What becomes of flat areas and of detail. ``response``: magnitudes, zero frequency in the middle."""
    weights = np.asarray(kernel, np.float64)
    total, size = float(weights.sum()), float(np.abs(weights).sum())
    if not math.isfinite(size):
        return "A weight is not a finite number"
    if size == 0:
        return "All weights are 0: nothing passes"
    if np.count_nonzero(weights) == 1:
        return "Everything passes as it is" if _is(total, 1) else f"Everything passes, × {_short(total)}"
    if abs(total) <= _NOTHING * size:
        return f"Flat areas give 0; strongest on {_strongest(np.asarray(response, np.float64))}"
    if abs(total) <= _LITTLE * size:
        return f"Flat areas nearly vanish (× {_short(total)}): it shows changes"
    flat = "Flat areas stay as they are" if _is(total, 1) else f"Flat areas come out × {_short(total)}"
    fine = float(response[_radius(response.shape) >= _FINE].mean()) / abs(total)
    if fine > 1.5:
        return f"{flat}, fine detail grows: it sharpens"
    if float(response.max()) > 1.2 * abs(total):
        return f"{flat}; strongest on {_strongest(np.asarray(response, np.float64))}"
    if fine < 0.6:
        return f"{flat}, fine detail fades: it blurs"
    return f"{flat}, fine detail passes much alike"


def impulse_words(kernel: _Numbers) -> str:
    """What a single bright pixel becomes: always the kernel itself, turned."""
    if not np.any(kernel):
        return "A dot leaves nothing behind"
    if np.array_equal(kernel, kernel[::-1, ::-1]):
        return "A bright pixel draws the kernel itself"
    return "A bright pixel draws the kernel, turned by 180°"


def edge_words(across: _Numbers, down: _Numbers, kernel: _Numbers) -> str:
    """What edges become: the map across an upright edge, and down across a level one."""
    return _both(across, down, kernel, "edges", _edge)


def line_words(across: _Numbers, down: _Numbers, kernel: _Numbers) -> str:
    """What thin lines become: the map across an upright line, and down across a level one."""
    return _both(across, down, kernel, "lines", _line)


def _both(
    across: _Numbers,
    down: _Numbers,
    kernel: _Numbers,
    things: str,
    words: Callable[[_Numbers, float], str],
) -> str:
    """One sentence for two directions: what both become, else what the one becomes that changes more."""
    tolerance = _NOTHING * max(float(np.abs(kernel).sum()), 1e-30)
    upright, level = words(across, tolerance), words(down, tolerance)
    if upright == level:
        return f"{things.capitalize()} {upright}"
    if level in _QUIET or (upright not in _QUIET and float(np.ptp(across)) >= float(np.ptp(down))):
        first, second, others = f"Upright {things} {upright}", level, "level ones"
    else:
        first, second, others = f"Level {things} {level}", upright, "upright ones"
    return f"{first}; {others} {second}" if second in _QUIET else f"{first}; {others} differ"


def _edge(after: _Numbers, tolerance: float) -> str:
    low, high = float(after.min()), float(after.max())
    if max(abs(low), abs(high)) <= tolerance:
        return _LEAVE_NOTHING
    start, end = float(after[0]), float(after[-1])
    above, below = high - max(start, end), min(start, end) - low
    if max(abs(start), abs(end)) <= tolerance:
        if above > tolerance and below > tolerance:
            return f"become two stripes, {_short(high)} beside {_short(low)}"
        return f"answer with {_short(high if above > tolerance else low)}"
    if max(above, below) > _SEEN * max(abs(end - start), tolerance):
        return f"swing between {_short(low)} and {_short(high)}, then settle at {_short(end)}"
    ends = "" if _is(start, 0) and _is(end, 1) else f", from {_short(start)} to {_short(end)}"
    width = _between(after, start, end)
    if width == 0:
        return f"stay sharp{ends}"
    return f"become a ramp over {width + 1} pixels{ends}"


def _line(after: _Numbers, tolerance: float) -> str:
    low, high = float(after.min()), float(after.max())
    if max(abs(low), abs(high)) <= tolerance:
        return _LEAVE_NOTHING
    if low < -tolerance and high > tolerance:
        at = float(after[len(after) // 2])
        if abs(at) <= tolerance:
            return f"give {_short(high)} and {_short(low)}, one on each side"
        return f"give {_short(at)}, with {_short(low if at > 0 else high)} beside them"
    strongest = high if high > -low else low
    touched = int(np.count_nonzero(np.abs(after) > _SEEN * abs(strongest)))
    if touched == 1:
        return "stay as they are" if _is(strongest, 1) else f"stay thin, at {_short(strongest)}"
    return f"spread over {touched} pixels, at most {_short(strongest)}"


def _strongest(response: npt.NDArray[np.float64]) -> str:
    """The waves that pass best, by their distance and direction."""
    rows, columns = response.shape
    y, x = np.indices(response.shape)
    fy, fx = (y - rows // 2) / rows, (x - columns // 2) / columns
    radius = np.hypot(fy, fx)
    peak = response.max()
    at = int(np.argmin(np.where(response >= 0.999 * peak, radius, np.inf)))
    down, across, length = abs(float(fy.flat[at])), abs(float(fx.flat[at])), float(radius.flat[at])
    if length >= _FINEST and min(down, across) > 0.2:
        return "the finest detail"
    apart = f"{number(float(f'{1 / length:.2g}'))} pixels apart"
    around = response[np.abs(radius - length) <= 0.5 / min(rows, columns)]
    if float(around.min()) > 0.6 * peak:
        return f"detail {apart}"
    if across >= 2 * down:
        return f"upright stripes {apart}"
    if down >= 2 * across:
        return f"level stripes {apart}"
    return f"slanting stripes {apart}"


def _radius(shape: tuple[int, ...]) -> npt.NDArray[np.float64]:
    """Cycles per pixel at every place of a frequency response."""
    y, x = np.indices(shape)
    radius: npt.NDArray[np.float64] = np.hypot((y - shape[0] // 2) / shape[0], (x - shape[1] // 2) / shape[1])
    return radius


def _between(profile: _Numbers, start: float, end: float) -> int:
    """How many pixels are neither like the start nor like the end."""
    share = (profile - start) / (end - start) if end != start else np.zeros_like(profile)
    return int(np.count_nonzero((share > _SEEN) & (share < 1 - _SEEN)))


def _is(value: float, wanted: float) -> bool:
    return abs(value - wanted) <= 1e-5


def _short(value: float) -> str:
    return number(float(f"{value:.3g}") + 0.0)
