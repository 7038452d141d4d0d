"""Every edit of a document, as a function from one document to the next."""

from __future__ import annotations

from dataclasses import replace

from explorer.document.document import Document
from explorer.imaging.image import Image
from explorer.imaging.preprocess import Preprocess
from explorer.layers.layer import Layer
from explorer.layers.network import Network


def set_image(document: Document, image: Image) -> Document:
    """Another picture, at its own size; grey or RGB and the range stay as chosen."""
    return replace(document, image=image, preprocess=replace(document.preprocess, size=None, full_size=False))


def set_preprocess(document: Document, preprocess: Preprocess) -> Document:
    """The same picture, entering the network in another way."""
    return replace(document, preprocess=preprocess)


def set_network(document: Document, network: Network) -> Document:
    """Another network on the same picture."""
    return replace(document, network=network)


def insert_layer(document: Document, index: int, layer: Layer) -> Document:
    """A new layer before layer ``index``."""
    layers = document.network.layers
    return _with_layers(document, (*layers[:index], layer, *layers[index:]))


def remove_layer(document: Document, index: int) -> Document:
    """Without layer ``index``."""
    layers = document.network.layers
    return _with_layers(document, (*layers[:index], *layers[index + 1 :]))


def move_layer(document: Document, source: int, target: int) -> Document:
    """Layer ``source`` at place ``target`` of the result."""
    layers = list(document.network.layers)
    layers.insert(target, layers.pop(source))
    return _with_layers(document, tuple(layers))


def duplicate_layer(document: Document, index: int, target: int | None = None) -> Document:
    """A copy of layer ``index`` before layer ``target`` (None: behind the original), under a name of its own."""
    layer = document.network.layers[index]
    copy = replace(layer, name=document.network.free_name(layer.name))
    return insert_layer(document, index + 1 if target is None else target, copy)


def replace_layer(document: Document, index: int, layer: Layer) -> Document:
    """Another layer at place ``index``."""
    return replace_by(document, index, (layer,))


def replace_by(document: Document, index: int, new: tuple[Layer, ...]) -> Document:
    """Several layers at place ``index``."""
    layers = document.network.layers
    return _with_layers(document, (*layers[:index], *new, *layers[index + 1 :]))


def _with_layers(document: Document, layers: tuple[Layer, ...]) -> Document:
    return replace(document, network=Network(layers))
