"""Edits of several layers at once, each one undo step."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from explorer.document.document import Document
from explorer.document.edits import set_network
from explorer.layers.layer import Layer
from explorer.layers.network import Network


def insert_layers(document: Document, index: int, new: Sequence[Layer]) -> Document:
    """New layers before layer ``index``, under names that are free."""
    layers, named = document.network.layers, document.network
    for layer in new:  # one by one, for each takes a name that the next must not have
        if layer.name in named.names:
            layer = replace(layer, name=named.free_name(layer.name))
        named = Network((*named.layers, layer))
    return _with_layers(document, (*layers[:index], *named.layers[len(layers) :], *layers[index:]))


def copy_layers(document: Document, chosen: Collection[int], target: int) -> Document:
    """Copies of the ``chosen`` layers before layer ``target``."""
    return insert_layers(document, target, [document.network.layers[index] for index in sorted(chosen)])


def remove_layers(document: Document, chosen: Collection[int]) -> Document:
    """Without the ``chosen`` layers."""
    kept = [layer for index, layer in enumerate(document.network.layers) if index not in chosen]
    return _with_layers(document, kept)


def gather_layers(document: Document, chosen: Collection[int], target: int) -> Document:
    """The ``chosen`` layers together, before what is layer ``target`` now."""
    layers = document.network.layers
    moved = [layers[index] for index in sorted(chosen)]
    above = [layer for index, layer in enumerate(layers[:target]) if index not in chosen]
    below = [layer for index, layer in enumerate(layers) if index >= target and index not in chosen]
    return _with_layers(document, [*above, *moved, *below])


def shift_layers(document: Document, chosen: Collection[int], step: int) -> Document:
    """The ``chosen`` layers one place up (``step`` -1) or down (1), as far as there is room.

    The same document where none can move.
    """
    layers = list(document.network.layers)
    places = set(chosen)
    for index in sorted(places, reverse=step > 0):
        target = index + step
        if 0 <= target < len(layers) and target not in places:
            layers[index], layers[target] = layers[target], layers[index]
            places = places - {index} | {target}
    same = all(ours is theirs for ours, theirs in zip(layers, document.network.layers, strict=True))
    return document if same else _with_layers(document, layers)


def _with_layers(document: Document, layers: Sequence[Layer]) -> Document:
    return set_network(document, Network(tuple(layers)))
