"""An explanation in one line: the largest numbers of it."""

from __future__ import annotations

import numpy as np

from explorer.layers.explained import Explanation
from explorer.layers.numbers import counted, number
from explorer.layers.terms import Source, largest

_IN_A_LINE = 9  # terms


def in_a_line(made: Explanation) -> str:
    """The left side of the equation in as few numbers as say it."""
    if made.kind == "sum":
        return _sum_in_a_line(made)
    if made.kind in ("maximum", "mean"):
        return _window_in_a_line(made)
    if made.kind == "softmax":
        own = next(term for term in made.terms if term.product or term.source == made.place)
        channels = len(made.terms) + made.rest_count
        return f"exp({number(own.value)}) / sum of exp over {counted(channels, 'channel')}"
    if made.kind == "same":
        return _passed_on(made.terms[0].source, made.place)
    return made.words.rpartition(" = ")[0] or made.words


def _sum_in_a_line(made: Explanation) -> str:
    """The products as a sum; of many, the largest, and what the rest adds up to."""
    shown, hidden, rest = list(made.terms), made.rest_count, made.rest
    if len(shown) + hidden > _IN_A_LINE:
        if shown and shown[-1].product == 0:  # the largest come first: what is hidden is 0, too
            hidden = 0
        shown = [term for term in shown if term.product != 0]
    if len(shown) > _IN_A_LINE:
        keep = largest(np.abs([term.product for term in shown]), _IN_A_LINE - 1)
        hidden, rest = len(shown) - len(keep), sum(t.product for i, t in enumerate(shown) if i not in keep)
        shown = [shown[i] for i in sorted(keep)]
    text = " + ".join(f"{number(term.value)}×{number(term.weight or 0.0)}" for term in shown) or "0"
    if hidden:
        text += f" + {hidden:,} more that sum to {number(rest)}"
    return text + (f" + bias {number(made.bias)}" if made.bias else "")


def _window_in_a_line(made: Explanation) -> str:
    count = len(made.terms) + made.rest_count
    if not count:
        return f"{made.kind} of padding only"
    if made.rest_count:
        return f"{made.kind} of {count:,} values"
    shown = ", ".join(number(term.value) for term in made.terms[:_IN_A_LINE])
    more = f" and {count - _IN_A_LINE:,} more" if count > _IN_A_LINE else ""
    return f"{made.kind} of {shown}{more}"


def _passed_on(source: Source | None, place: Source) -> str:
    if source is None or source == place:
        return "passed on unchanged"
    return f"map {source.channel}, row {source.row}, column {source.column}"
