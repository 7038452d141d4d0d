"""What makes one number of one number, or shares of several: activations, Softmax, BatchNorm2d, Flatten."""

from __future__ import annotations

import dataclasses

import numpy as np

from explorer.layers import terms as term_arrays
from explorer.layers.explained import Made, plain
from explorer.layers.fields import Array
from explorer.layers.formulas import Show, formula
from explorer.layers.layer import ElementwiseLayer, Layer
from explorer.layers.normalization import BatchNorm2d
from explorer.layers.numbers import counted, number
from explorer.layers.terms import Source, Terms


def at(array: Array, place: Source) -> float:
    """The number at a place; IndexError outside, also below 0."""
    where = (place.channel, place.row, place.column) if array.ndim == 4 else (place.row,)
    if any(not 0 <= at < size for at, size in zip(where, array.shape[1:], strict=True)):
        raise IndexError(f"There is no output {where} among {array.shape[1:]}.")
    return float(array[(0, *where)])


def function(layer: Layer, x: Array, place: Source, value: float) -> Made:
    """An activation: its formula with the number put in."""
    if not isinstance(layer, ElementwiseLayer):
        terms = Terms(np.zeros(0), None, np.zeros(0), lambda _: (None, None))
        return Made("function", terms, f"{layer.type_name} of what came in.", rest=value)
    given = at(x, place)
    copied, product = formula(layer, given, plain)
    terms = term_arrays.of_one(given, None, value if product is None else product, place)
    shown = formula(layer, given, number)[0].replace(" * ", " × ").replace("-", "−").replace("^3", "³")
    return Made("function", terms, f"{shown} = {number(value)}", formula=copied)


def share(x: Array, place: Source) -> Made:
    """A softmax: exp of each channel, and which share of their sum the value is."""
    terms = term_arrays.of_channels(x, place.row, place.column)
    own = place.row if x.ndim == 2 else place.channel
    with np.errstate(all="ignore"):
        values = terms.values.astype(np.float64)
        weights = np.exp(values - values.max())  # without the largest exp would overflow
        divisor = float(weights.sum())
        products = np.zeros(values.size)
        products[own] = weights[own] / divisor
    terms = dataclasses.replace(terms, weights=weights, products=products)
    words = (
        f"exp({number(float(values[own]))}) is {number(100 * float(products[own]))} % of the sum of "
        f"exp over {counted(values.size, 'channel')}."
    )
    return Made("softmax", terms, words, order=weights, always=own, divisor=divisor)


def softmax_formula(made: Made, chosen: list[int]) -> str:
    """``exp(1 - 3) / (exp(1 - 3) + exp(3 - 3))``."""
    values, weights = made.terms.values, made.terms.weights
    if weights is None or made.always is None:
        return ""
    with np.errstate(invalid="ignore"):
        largest = plain(float(values.max()))
    largest = f"({largest})" if largest.startswith("-") else largest
    parts = {i: f"exp({plain(float(values[i]))} - {largest})" for i in chosen}
    hidden = values.size - len(chosen)
    rest = made.divisor - float(weights[chosen].sum())
    more = f" + {plain(max(rest, 0.0))} ({hidden:,} more)" if hidden else ""
    return f"{parts[made.always]} / ({' + '.join(parts[i] for i in chosen)}{more})"


def normalised(layer: BatchNorm2d, x: Array, place: Source) -> Made:
    """A batch normalisation with its channel's four numbers put in."""
    channel = place.channel if x.ndim == 4 else place.row
    mean, variance, scale, bias = (
        float(vector[channel]) if vector is not None else default
        for vector, default in (
            (layer.running_mean, 0.0),
            (layer.running_var, 1.0),
            (layer.weight, 1.0),
            (layer.bias_values, 0.0),
        )
    )
    value = at(x, place)
    with np.errstate(all="ignore"):
        factor = np.float64(scale) / np.sqrt(np.float64(variance) + layer.eps)
        product = float((value - mean) * factor)
    terms = term_arrays.of_one(value, float(factor), product, place)

    def written(show: Show) -> str:
        signed = [f"({show(v)})" if v < 0 else show(v) for v in (mean, scale, bias)]
        return (
            f"({show(value)} - {signed[0]}) / sqrt({show(variance)} + {show(layer.eps)}) "
            f"* {signed[1]} + {signed[2]}"
        )

    shown = written(number).replace("- ", "− ").replace(" * ", " × ").replace("sqrt", "√")
    return Made("normalised", terms, f"{shown} = {number(product + bias)}", bias=bias, formula=written(plain))


def passed_on(layer: Layer, x: Array, place: Source) -> Made:
    """A value that only gets another place, or none."""
    source = passed_on_from(layer, x, place)
    value = at(x, source)
    if not layer.enabled:
        words = "This layer is off: the value is passed on unchanged."
    elif x.ndim == 4:
        words = f"Number {place.row:,} is map {source.channel}, row {source.row}, column {source.column}."
    else:
        words = "The value is passed on unchanged."
    return Made("same", term_arrays.of_one(value, None, value, source), words)


def passed_on_from(layer: Layer, x: Array, place: Source) -> Source:
    """Where Flatten, or a layer that is off, found what it passed on."""
    if not layer.enabled or x.ndim == 2:
        return place
    rows, columns = x.shape[2], x.shape[3]
    channel, inside = divmod(place.row, rows * columns)
    return Source(channel, *divmod(inside, columns))
