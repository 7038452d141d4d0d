"""The weighted sums of convolution and linear layers, explained."""

from __future__ import annotations

import numpy as np

from explorer.layers import terms as term_arrays
from explorer.layers.convolution import Conv2d
from explorer.layers.explained import Made
from explorer.layers.fields import Array
from explorer.layers.forward import ForwardPass
from explorer.layers.layer import ElementwiseLayer
from explorer.layers.linear import Flatten, Linear
from explorer.layers.normalization import BatchNorm2d
from explorer.layers.numbers import counted, number
from explorer.layers.terms import Source, Terms


def convolved(layer: Conv2d, x: Array, place: Source) -> Made:
    """One value of a convolution: every product of its filter, by input channel."""
    terms = term_arrays.of_convolution(layer, x, place.channel, place.row, place.column)
    bias = _bias(layer, place.channel)
    channels = 0 if layer.weight is None else layer.weight.shape[1]
    first = place.channel // (layer.out_channels // layer.groups) * channels
    name = f" ({layer.filter_name(place.channel)})" if layer.filter_name(place.channel) else ""
    size = f"{layer.kernel_size[0]}×{layer.kernel_size[1]}"
    words = (
        f"Filter {place.channel}{name} adds up {counted(terms.values.size, 'product')}, "
        f"{counted(channels, 'channel')} of {size}"
        f"{f', {terms.padding:,} of them zeros of the padding' if terms.padding else ''}{_and_bias(bias)}."
    )
    subtotals = tuple((first + channel, total) for channel, total in _subtotals(terms, channels))
    return Made("sum", terms, words, bias=bias, subtotals=subtotals)


def summed(layer: Linear, result: ForwardPass, index: int, place: Source) -> Made:
    """One output of a linear layer: every input with its weight, by map where Flatten made it of maps."""
    terms = term_arrays.of_linear(layer, result.input_of(index), place.row)
    bias, maps = _bias(layer, place.row), _maps_before(result, index)
    words = f"Adds up {counted(terms.values.size, 'product')}, one for each number that comes in{_and_bias(bias)}."
    return Made("sum", terms, words, bias=bias, subtotals=_subtotals(terms, maps))


def _subtotals(terms: Terms, channels: int) -> tuple[tuple[int, float], ...]:
    """What each of the channels adds; there may be none."""
    if not channels:
        return ()
    with np.errstate(all="ignore"):
        sums = terms.products.reshape(channels, -1).sum(axis=1)
    return tuple(enumerate(sums.tolist()))


def _maps_before(result: ForwardPass, index: int) -> int:
    """Of how many maps a row of numbers was made by Flatten; 0 where it was not, or their order is lost."""
    for below in range(index - 1, -1, -1):
        layer, x = result.layers[below], result.input_of(below)
        if layer.enabled and isinstance(layer, Flatten) and x.ndim == 4:
            return int(x.shape[1])
        if layer.enabled and not isinstance(layer, Flatten | ElementwiseLayer | BatchNorm2d):
            return 0
    return 0


def _bias(layer: Conv2d | Linear, index: int) -> float:
    return float(layer.bias_values[index]) if layer.bias and layer.bias_values is not None else 0.0


def _and_bias(bias: float) -> str:
    return f", and its bias {number(bias)}" if bias else ""
