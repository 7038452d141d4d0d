"""How one output value came to be: what it looked at, what it made of it, and that in a sentence.

Everything is read off the arrays of a pass that is there; nothing is computed anew but this one value, in float64.
"""

from __future__ import annotations

import dataclasses

from explorer.layers import terms as term_arrays
from explorer.layers.activation import Softmax
from explorer.layers.convolution import Conv2d
from explorer.layers.explain_functions import (
    at,
    function,
    normalised,
    passed_on,
    passed_on_from,
    share,
    softmax_formula,
)
from explorer.layers.explain_line import in_a_line
from explorer.layers.explain_sums import convolved, summed
from explorer.layers.explain_windows import averaged, largest
from explorer.layers.explained import Explanation, Made
from explorer.layers.forward import ForwardPass
from explorer.layers.linear import Flatten, Linear
from explorer.layers.normalization import BatchNorm2d
from explorer.layers.numbers import number
from explorer.layers.pooling import AvgPool2d, GlobalAvgPool2d, GlobalMaxPool2d, MaxPool2d
from explorer.layers.receptive import Box, window_box
from explorer.layers.terms import Source, Term, convolution_terms

__all__ = [
    "Box",
    "Explanation",
    "Source",
    "Term",
    "convolution_terms",
    "explain",
    "number",
    "one_line",
    "origin",
    "window_box",
]

_SHOWN = 9  # terms, where there are many


def explain(
    result: ForwardPass, index: int, channel: int, row: int, column: int, *, most: int = _SHOWN
) -> Explanation:
    """Where output (channel, row, column) of layer ``index`` comes from; number i of a row of numbers is row i.

    Of more than 27 terms the ``most`` largest are shown. IndexError for what the pass does not hold.
    """
    if index < 0:
        raise IndexError("The network's input is what it is.")
    y = result.outputs[index]
    place = Source(channel, row, column) if y.ndim == 4 else Source(0, row, 0)
    value = at(y, place)
    made = _made(result, index, place, value)
    chosen, rest = made.terms.shown(most, made.order)
    if made.always is not None and made.always not in chosen:
        chosen.append(made.always)
    if made.kind == "softmax":
        made = dataclasses.replace(made, formula=softmax_formula(made, chosen))
    return Explanation(
        result.layers[index].name,
        made.kind,
        place,
        value,
        tuple(made.terms.term(i) for i in chosen),
        rest_count=made.terms.values.size - len(chosen),
        rest=rest + made.rest,
        bias=made.bias,
        subtotals=made.subtotals,
        divisor=made.divisor,
        ties=made.ties,
        formula=made.formula,
        words=made.words,
    )


def origin(result: ForwardPass, index: int, source: Source) -> tuple[int, Source]:
    """Where a number that layer ``index`` took in was made: past Flatten and layers that are off.

    The layer it is an output of, -1 for the network's input, and its place there.
    """
    index -= 1
    while index >= 0 and (isinstance(result.layers[index], Flatten) or not result.layers[index].enabled):
        source = passed_on_from(result.layers[index], result.input_of(index), source)
        index -= 1
    return index, source


def one_line(result: ForwardPass, index: int, channel: int, row: int, column: int) -> str:
    """One value of a layer's output as the sum, the choice or the function it is; empty where there is none yet."""
    if index >= len(result.outputs):
        return ""
    y = result.outputs[index]
    if y.ndim == 2:
        row = min(row, y.shape[1] - 1)
    made = explain(result, index, channel, row, column)
    return f"This {'dot' if y.ndim == 4 else 'number'}: {in_a_line(made)} = {number(made.value)}"


def _made(result: ForwardPass, index: int, place: Source, value: float) -> Made:
    layer, x = result.layers[index], result.input_of(index)
    if isinstance(layer, Flatten) or not layer.enabled:
        return passed_on(layer, x, place)
    if isinstance(layer, Conv2d):
        return convolved(layer, x, place)
    if isinstance(layer, Linear):
        return summed(layer, result, index, place)
    if isinstance(layer, MaxPool2d | AvgPool2d):
        terms = term_arrays.of_window(layer, x, place.channel, place.row, place.column)
        return largest(terms) if isinstance(layer, MaxPool2d) else averaged(terms)
    if isinstance(layer, GlobalAvgPool2d | GlobalMaxPool2d):
        terms = term_arrays.of_map(x, place.channel)
        return largest(terms) if isinstance(layer, GlobalMaxPool2d) else averaged(terms)
    if isinstance(layer, Softmax):
        return share(x, place)
    if isinstance(layer, BatchNorm2d):
        return normalised(layer, x, place)
    return function(layer, x, place, value)
