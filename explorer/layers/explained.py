"""An output value with everything that it is made of, and that as text to copy."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import Literal

from explorer.layers.terms import Numbers, Source, Term, Terms

Kind = Literal["sum", "maximum", "mean", "function", "softmax", "normalised", "same"]

_HEADINGS = (
    "term", "channel", "row", "column", "kernel channel", "kernel row", "kernel column", "value", "weight", "product",
)  # fmt: skip


@dataclass(frozen=True)
class Explanation:
    """Where one value of a layer's output comes from.

    The products of ``terms``, ``rest`` and ``bias`` add up to ``value``, in float64 and up to the rounding of the
    layer. ``terms`` are all there are, in order, or the largest, with ``rest_count`` others that add up to ``rest``.
    ``subtotals`` are the sums per input channel (of a linear layer: per map before Flatten). ``divisor`` is the
    number of values of a mean, or the sum of exponentials of a softmax. ``ties`` counts the values that equal a
    maximum beside the first. ``formula`` is the left side of the equation where it is no plain sum.
    """

    layer_name: str
    kind: Kind
    place: Source
    value: float
    terms: tuple[Term, ...]
    rest_count: int = 0
    rest: float = 0.0
    bias: float = 0.0
    subtotals: tuple[tuple[int, float], ...] = ()
    divisor: float = 1.0
    ties: int = 0
    formula: str = ""
    words: str = ""

    def text(self) -> str:
        """The equation to copy, ``88*1 + 126*0 + 145*1 = 233``, in ASCII and with seven digits."""
        return f"{self.formula or self._left_side()} = {plain(self.value)}"

    def _left_side(self) -> str:
        if self.kind == "maximum":
            listed = [plain(term.value) for term in self.terms] or ["padding only"]
            more = [f"{self.rest_count:,} more"] if self.rest_count else []
            return f"max({', '.join(listed + more)})"
        if self.kind == "mean":
            total = " + ".join(_factor(term.value) for term in self.terms)
            return f"({total}{self._more(self.rest * self.divisor)}) / {self.divisor:.0f}"
        if self.kind != "sum":
            return " + ".join(plain(term.product) for term in self.terms)
        total = " + ".join(f"{_factor(term.value)}*{_factor(term.weight or 0.0)}" for term in self.terms)
        bias = f" + {_factor(self.bias)} (bias)" if self.bias else ""
        return f"{total or '0'}{self._more(self.rest)}{bias}"

    def _more(self, rest: float) -> str:
        return f" + {_factor(rest)} ({self.rest_count:,} more)" if self.rest_count else ""

    def csv(self) -> str:
        """A table of the shown terms with their places, then the rest, the bias and the value; rows count from 0."""
        lines = io.StringIO()
        writer = csv.writer(lines, lineterminator="\n")
        writer.writerow(_HEADINGS)
        for number, term in enumerate(self.terms):
            source = (
                (term.source.channel, term.source.row, term.source.column) if term.source else ("", "", "")
            )
            kernel = term.kernel or ("", "", "")
            name = number if term.source else f"{number} (padding)"
            weight = "" if term.weight is None else term.weight
            writer.writerow((name, *source, *kernel, term.value, weight, term.product))
        blank = ("",) * (len(_HEADINGS) - 2)
        if self.rest_count:
            writer.writerow((f"{self.rest_count} more", *blank, self.rest))
        if self.kind in ("sum", "normalised"):
            writer.writerow(("bias", *blank, self.bias))
        writer.writerow(("value", *blank, self.value))
        return lines.getvalue()


def plain(value: float) -> str:
    """A number in ASCII: whole where it is whole, else with seven digits, as many as float32 has."""
    if value == value and abs(value) < 1e15 and value == int(value):
        return str(int(value))
    return f"{value:.7g}"


def _factor(value: float) -> str:
    """A number that may stand behind an operator."""
    return f"({plain(value)})" if value < 0 else plain(value)


@dataclass(frozen=True, eq=False)
class Made:
    """What a value is made of, before the terms to show are chosen."""

    kind: Kind
    terms: Terms
    words: str
    order: Numbers | None = None  # which terms to show first; None for those with the largest products
    always: int | None = None  # a term to show whatever its size
    bias: float = 0.0
    rest: float = 0.0
    subtotals: tuple[tuple[int, float], ...] = ()
    divisor: float = 1.0
    ties: int = 0
    formula: str = ""
