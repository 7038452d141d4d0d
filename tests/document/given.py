"""Small documents."""

from __future__ import annotations

import numpy as np

from explorer.document.document import Document
from explorer.imaging.image import Image
from explorer.imaging.preprocess import Preprocess
from explorer.layers import Conv2d, Layer, MaxPool2d, ReLU
from explorer.layers.network import Network


def picture(rows: int = 20, columns: int = 24, seed: int = 0) -> Image:
    """Grey noise."""
    values = np.random.default_rng(seed).integers(0, 256, (rows, columns), dtype=np.uint8)
    return Image.from_array(values, f"noise {seed}")


def small_document(*layers: Layer, image: Image | None = None) -> Document:
    """A document with these layers, or with four of the usual ones."""
    usual = (
        Conv2d(out_channels=4, kernel_size=(3, 3)),
        ReLU(),
        MaxPool2d(kernel_size=(2, 2)),
        Conv2d(out_channels=3, kernel_size=(3, 3), seed=1),
    )
    return Document(image or picture(), Preprocess(), Network(layers or usual))
