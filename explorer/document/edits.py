"""Every edit of a document, as a function from one document to the next."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from explorer.document.document import Document
from explorer.imaging.image import Image
from explorer.imaging.preprocess import Preprocess, white_of
from explorer.layers.convolution import Conv2d
from explorer.layers.fields import Array
from explorer.layers.layer import Layer
from explorer.layers.network import Network


def set_image(document: Document, image: Image) -> Document:
    """Another picture, at its own size; grey or RGB and the range stay as chosen."""
    return replace(document, image=image, preprocess=replace(document.preprocess, size=None, full_size=False))


def set_pixels(document: Document, values: Array) -> Document:
    """The picture painted by hand: ``values`` (C, H, W) as the network sees them, before mean and std.

    White goes on to mean white: after "0–1" and "0–255" are exchanged the picture looks the same. Numbers that meant
    only themselves still do.
    """
    image = document.image
    pixels = np.array(values.transpose(1, 2, 0), np.float32, order="C")
    pixels.flags.writeable = False
    white = white_of(image, document.preprocess)
    painted = Image(pixels, image.edited_source, white=white, raw=white is None)
    return replace(document, image=painted)


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


def set_kernel(document: Document, index: int, filter_index: int, kernel: Array, name: str) -> Document:
    """One filter of a convolution becomes ``kernel`` (C, rows, columns), which may be of another size.

    The other filters keep their weights, centred in the new size. Dilation becomes 1, for the kernel is a piece of
    what the window looks at. ValueError where the layer is no convolution that fits its input.
    """
    layer = document.network.layers[index]
    shape = document.network.plan(document.input_shape).input(index)
    if not isinstance(layer, Conv2d) or shape is None or len(shape) != 3:
        raise ValueError("Choose a convolution that fits its input.")
    rows, columns = kernel.shape[1:]
    running = layer.fit(shape).weight
    assert running is not None
    own = layer.with_weight(running)  # what the initialiser drew is kept as well
    resized = replace(own, kernel_size=(rows, columns), dilation=(1, 1))
    weight = resized.fit(shape).weight
    assert weight is not None
    if len(kernel) != weight.shape[1]:
        raise ValueError(f"The kernel has {len(kernel)} channels, and the filter {weight.shape[1]}.")
    weight = weight.copy()
    weight[filter_index] = kernel
    return replace_layer(document, index, resized.with_weight(weight).with_filter_name(filter_index, name))


def _with_layers(document: Document, layers: tuple[Layer, ...]) -> Document:
    return replace(document, network=Network(layers))
