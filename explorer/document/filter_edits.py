"""Edits of a convolution's filters: put them in another order, add, copy, delete, paint, name.

What stands behind a layer reads its maps by number. When they change places, everything behind is changed with them,
so that it computes what it computed before. A copy, or a new filter, is given no weight there until somebody draws it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np

from explorer.document import edits
from explorer.document.document import Document
from explorer.document.following import Rearrangement, Sources, followed
from explorer.layers import initializers, stored
from explorer.layers.convolution import Conv2d
from explorer.layers.fields import Array
from explorer.layers.layer import Shape, ShapeError
from explorer.layers.network import Network

_ALIKE = 0.999  # cosine of filters that look the same
_TRIES = 8  # a 1×1 kernel always looks like another


def arranged(document: Document, index: int, sources: Sources) -> Document:
    """Layer ``index`` with these of its filters, in this order; None stands for a new one from the initialiser.

    Names and biases go along. ValueError where the layer cannot have so many.
    """
    layer = _convolution(document, index)
    if list(sources) == list(range(layer.out_channels)):
        return document
    _check(layer, sources)
    shape = _input_shape(document, index)
    new = _rearranged(layer, _assumed(layer) if shape is None else shape, sources)
    change = Rearrangement.of(layer.out_channels, sources)
    layers = list(document.network.layers)
    if shape is not None and layer.enabled:
        layers = followed(layers, document.network.plan(document.input_shape).shapes, index, change)
    layers[index] = new
    return edits.set_network(document, Network(tuple(layers)))


def moved(document: Document, index: int, filters: Sequence[int], target: int) -> Document:
    """Some filters in front of what is filter ``target`` now; the number of filters puts them at the end."""
    count = _convolution(document, index).out_channels
    taken = sorted(set(filters))
    before = [filter for filter in range(target) if filter not in taken]
    behind = [filter for filter in range(target, count) if filter not in taken]
    return arranged(document, index, [*before, *taken, *behind])


def added(document: Document, index: int, target: int | None = None, count: int = 1) -> Document:
    """New filters in front of filter ``target``; None puts them at the end."""
    sources: list[int | None] = list(range(_convolution(document, index).out_channels))
    place = len(sources) if target is None else target
    sources[place:place] = [None] * count
    return arranged(document, index, sources)


def duplicated(document: Document, index: int, filters: Sequence[int]) -> Document:
    """A copy of each of these filters behind it."""
    chosen = set(filters)
    count = _convolution(document, index).out_channels
    return arranged(document, index, [f for f in range(count) for _ in range(2 if f in chosen else 1)])


def removed(document: Document, index: int, filters: Sequence[int]) -> Document:
    """Without these filters; ValueError where none would be left."""
    chosen = set(filters)
    count = _convolution(document, index).out_channels
    return arranged(document, index, [filter for filter in range(count) if filter not in chosen])


def sorted_by_norm(document: Document, index: int) -> Document:
    """Filters in the order of their L2 norms, the largest first."""
    weight = running_weights(document, index).astype(np.float64)
    norms = np.sqrt(np.square(weight).sum(axis=(1, 2, 3)))
    return arranged(document, index, np.argsort(-norms, kind="stable").tolist())


def with_weights(
    document: Document, index: int, running: Array, names: Mapping[int, str] | None = None
) -> Document:
    """Other running weights (out_channels, in_channels / groups, rows, columns), and names for some filters.

    What the layer stores beyond them stays.
    """
    layer = _convolution(document, index)
    expected = running_weights(document, index).shape
    if running.shape != expected:
        raise ValueError(f"{layer.name} runs with weights of shape {expected}, not {running.shape}.")
    layer = layer.with_weight(running)
    for filter, name in (names or {}).items():
        layer = layer.with_filter_name(filter, name)
    return edits.replace_layer(document, index, layer)


def renamed_filter(document: Document, index: int, filter: int, name: str) -> Document:
    """One filter under another name; empty takes its name away."""
    return edits.replace_layer(document, index, _convolution(document, index).with_filter_name(filter, name))


def with_bias(document: Document, index: int, filter: int, value: float) -> Document:
    """One filter with another bias; the layer then adds biases if it did not."""
    layer = _convolution(document, index)
    running = stored.taken_vector(layer.bias_values, layer.out_channels, 0.0).copy()
    running[filter] = value
    layer = dataclasses.replace(layer.with_bias_values(running), bias=True)
    return edits.replace_layer(document, index, layer)


def running_weights(document: Document, index: int) -> Array:
    """The weights that layer ``index`` runs with."""
    layer = _convolution(document, index)
    weight = layer.fit(_input_shape(document, index) or _assumed(layer)).weight
    assert weight is not None
    return weight


def _convolution(document: Document, index: int) -> Conv2d:
    layer = document.network.layers[index]
    if not isinstance(layer, Conv2d):
        raise ValueError(f"{layer.name} is no convolution: it has no filters.")
    return layer


def _input_shape(document: Document, index: int) -> Shape | None:
    """What the layer is given; None where that is not reached or does not fit."""
    shape = document.network.plan(document.input_shape).input(index)
    if shape is None:
        return None
    try:
        document.network.layers[index].output_shape(shape)
    except ShapeError:
        return None
    return shape


def _assumed(layer: Conv2d) -> Shape:
    """An input that suits the weights a layer has."""
    channels = 1 if layer.weight is None else layer.weight.shape[1]
    return channels * layer.groups, *layer.kernel_size


def _check(layer: Conv2d, sources: Sources) -> None:
    if not sources:
        raise ValueError("A convolution needs at least one filter: delete the layer instead.")
    for source in sources:
        if source is not None and not 0 <= source < layer.out_channels:
            raise ValueError(
                f"{layer.name} has no filter {source}: its filters are 0 to {layer.out_channels - 1}."
            )
    if len(sources) % layer.groups:
        raise ValueError(
            f"{layer.name} has {layer.groups} groups, and {len(sources)} filters cannot be shared out evenly among "
            f"them: change its groups first."
        )


def _rearranged(layer: Conv2d, input_shape: Shape, sources: Sources) -> Conv2d:
    """The layer by itself. Filters that it stores beyond those it runs with stay behind them."""
    count = layer.out_channels
    names = [layer.filter_name(filter) for filter in range(max(count, len(layer.filter_names)))]
    new_names = ["" if source is None else names[source] for source in sources] + names[count:]
    while new_names and not new_names[-1]:
        new_names.pop()
    return dataclasses.replace(
        layer,
        out_channels=len(sources),
        weight=_weights(layer, input_shape, sources),
        bias_values=Rearrangement.of(count, sources).vector(layer.bias_values, 0.0),
        filter_names=tuple(new_names),
    )


def _weights(layer: Conv2d, input_shape: Shape, sources: Sources) -> Array:
    running = layer.fit(input_shape).weight
    assert running is not None
    weight = layer.weight
    if weight is None or not _knows(layer, weight, running, sources):
        weight = layer.with_weight(running).weight
        assert weight is not None
    known = list(weight)
    fresh = iter(_fresh(layer, running, weight, sum(source is None for source in sources)))
    head = [next(fresh) if source is None else known[source] for source in sources]
    return np.stack([*head, *known[layer.out_channels :]])


def _knows(layer: Conv2d, weight: Array, running: Array, sources: Sources) -> bool:
    """Whether the stored weights alone say what each of these filters is, wherever it stands."""
    channels = weight.shape[1] >= running.shape[1] or (weight.shape[1] == 1 and layer.groups == 1)
    return channels and all(source is not None and source < len(weight) for source in sources)


def _fresh(layer: Conv2d, running: Array, weight: Array, count: int) -> list[Array]:
    """New filters of the stored size, drawn so that they look like none that is there."""
    there = [*running]
    result: list[Array] = []
    number = len(weight)
    for _ in range(count):
        for _ in range(_TRIES):
            drawn = _drawn(layer, number, running.shape[1:])
            number += 1
            if not _looks_like_one(drawn, there):
                break
        there.append(drawn)
        row = _drawn(layer, number - 1, (weight.shape[1], *running.shape[2:])).copy()
        row[: len(drawn)] = drawn
        room = np.zeros((1, *weight.shape[1:]), np.float32)
        result.append(stored.taken(row[np.newaxis], room.shape, room)[0])
    return result


def _drawn(layer: Conv2d, number: int, shape: tuple[int, ...]) -> Array:
    """Filter ``number`` of the initialiser."""
    drawn: Array = initializers.initial(layer.initializer, layer.seed, (number + 1, *shape))[number]
    return drawn


def _looks_like_one(drawn: Array, there: list[Array]) -> bool:
    """Whether a filter is another one, but for its size."""
    others = np.stack(there).reshape(len(there), -1).astype(np.float64)
    ours = drawn.ravel().astype(np.float64)
    sizes = np.sqrt(np.square(others).sum(axis=1)) * np.sqrt(np.square(ours).sum())
    return bool((others @ ours > _ALIKE * sizes).any())
