"""The printed table: a line per shape, and what a group of lines comes to."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

PEERS = ("torch", "ch.last", "ort", "cv2")
NOT_NCHW = "ch.last"
OURS = ("auto", "direct")
_LABEL = 34
_METHODS = 22


@dataclass
class Row:
    """What was measured for one shape; times in seconds, errors relative to the largest output."""

    label: str
    flops: float  # 0 where bytes say more
    bytes: float
    is_large: bool = False
    times: dict[str, float] = field(default_factory=dict)
    methods: dict[str, str] = field(default_factory=dict)
    errors: dict[str, float] = field(default_factory=dict)
    peak: float = 0.0  # flops per second, measured between the others

    def ratio(self, ours: str, nchw_only: bool) -> float | None:
        """The best peer's time divided by ours."""
        peers = [name for name in PEERS if name in self.times and not (nchw_only and name == NOT_NCHW)]
        if not peers or ours not in self.times:
            return None
        return min(self.times[name] for name in peers) / self.times[ours]

    def rate(self, ours: str) -> float | None:
        """Operations per second, or bytes where there are no operations to count."""
        return (self.flops or self.bytes) / self.times[ours] if ours in self.times else None

    def share_of_peak(self, ours: str) -> float | None:
        """Of the multiply-adds that the processor could have done meanwhile; Winograd may pass 100 %."""
        rate = self.rate(ours)
        return 100 * rate / self.peak if rate is not None and self.peak else None


def print_head(unit: str) -> None:
    """Two lines: groups of columns, and columns."""
    width = _LABEL + 1 + _METHODS
    peers, ours = 9 * len(PEERS), 9 * len(OURS)
    print(
        f"{'':{width}}{'ours, ms':>{ours}}{'peers, ms':>{peers}}{'auto, ratio to':>15}{'':15}"
        f"{'direct, ratio to':>17}{'':15}{'error':>18}"
    )
    names = "".join(f"{name:>9}" for name in (*OURS, *PEERS))
    rates = f"{'best':>8}{'NCHW':>7}{unit:>9}{'peak':>6}"
    print(f"{'':{_LABEL}} {'method':<{_METHODS}}{names}{rates}  {rates}{'auto':>9}{'direct':>9}")


def print_row(row: Row) -> None:
    """One line; what was not measured stays empty."""
    methods = " / ".join(row.methods[name] for name in OURS if name in row.methods)
    cells = [f"{row.label:<{_LABEL}} {methods:<{_METHODS}}"]
    cells += [_cell(row.times.get(name), 9, lambda t: f"{1e3 * t:.3f}") for name in (*OURS, *PEERS)]
    for gap, name in zip(("", "  "), OURS, strict=True):
        cells.append(gap)
        cells.append(_cell(row.ratio(name, nchw_only=False), 8, lambda r: f"{r:.2f}"))
        cells.append(_cell(row.ratio(name, nchw_only=True), 7, lambda r: f"{r:.2f}"))
        cells.append(_cell(row.rate(name), 9, lambda rate: f"{rate / 1e9:.1f}"))
        cells.append(_cell(row.share_of_peak(name), 6, lambda share: f"{share:.0f}%"))
    cells += [_cell(row.errors.get(name), 9, lambda error: f"{error:.1e}") for name in OURS]
    print("".join(cells), flush=True)


def _cell(value: float | None, width: int, form: Callable[[float], str]) -> str:
    return f"{'' if value is None else form(value):>{width}}"


def print_summary(name: str, rows: Sequence[Row]) -> None:
    """Minimum, geometric mean and share at or above 1, for both algorithms and both sets of peers."""
    for ours in OURS:
        for nchw_only in (False, True):
            ratios = [ratio for row in rows if (ratio := row.ratio(ours, nchw_only)) is not None]
            if ratios:
                against = "NCHW peers" if nchw_only else "all peers"
                print(f"{name:<20}{ours:<8}against {against:<12}{_describe(ratios)}")
        errors = [row.errors[ours] for row in rows if ours in row.errors]
        if errors:
            print(f"{name:<20}{ours:<8}largest error       {max(errors):.1e}")
    shares = [share for row in rows if row.is_large and (share := row.share_of_peak("direct")) is not None]
    if shares:
        low, middle, high = min(shares), statistics.median(shares), max(shares)
        print(
            f"{name:<20}direct  large: {low:.0f} to {high:.0f} % of the multiply-add peak, median {middle:.0f} %"
            f" ({len(shares)} rows)"
        )


def _describe(ratios: Sequence[float]) -> str:
    mean = math.exp(statistics.fmean(math.log(ratio) for ratio in ratios))
    winning = 100 * sum(ratio >= 1 for ratio in ratios) / len(ratios)
    return f"minimum {min(ratios):5.2f}   geometric mean {mean:5.2f}   at or above 1 {winning:4.0f} % of {len(ratios)}"
