"""The largest value of a pooling window and its mean, explained."""

from __future__ import annotations

import dataclasses

import numpy as np

from explorer.layers.explained import Made
from explorer.layers.numbers import counted, number
from explorer.layers.terms import Terms


def largest(terms: Terms) -> Made:
    """The first of the largest values, and which others are as large."""
    if not terms.values.size:
        words = "The window lies in the padding only, which is minus infinity."
        return Made("maximum", dataclasses.replace(terms, products=np.zeros(0)), words, rest=-np.inf)
    with np.errstate(invalid="ignore"):
        value = float(terms.values.max())  # NaN where there is one
    winners = np.isnan(terms.values) if value != value else terms.values == value
    first, ties = int(np.argmax(winners)), int(np.count_nonzero(winners)) - 1
    products = np.zeros(terms.values.size)
    products[first] = value
    terms = dataclasses.replace(terms, products=products, winners=winners)
    source = terms.place(first)[0]
    where = f", in row {source.row}, column {source.column}" if source else ""
    tied = f"; {counted(ties, 'other')} {'is' if ties == 1 else 'are'} as large" if ties else ""
    left_out = f"; {counted(terms.left_out, 'place')} outside the input cannot win" if terms.left_out else ""
    words = f"The largest of {counted(terms.values.size, 'value')} is {number(value)}{where}{tied}{left_out}."
    return Made("maximum", terms, words, order=terms.values, ties=ties)


def averaged(terms: Terms) -> Made:
    """The mean of all values, each divided by their number."""
    count = terms.values.size
    terms = dataclasses.replace(
        terms, weights=np.full(count, 1 / count), products=terms.values.astype(np.float64) / count
    )
    zeros = ""
    if terms.padding:
        zeros = f", {counted(terms.padding, 'of them a zero', 'of them zeros')} of the padding"
    left_out = f"; {counted(terms.left_out, 'place')} outside the input not counted" if terms.left_out else ""
    with np.errstate(all="ignore"):
        total = number(float(terms.values.sum(dtype=np.float64)))
    words = (
        f"The mean of {counted(count, 'value')} that add up to {total}: {total} / {count:,}{zeros}{left_out}."
    )
    return Made("mean", terms, words, divisor=float(count))
