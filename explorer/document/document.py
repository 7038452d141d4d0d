"""What the user made: the picture, how it enters the network, and the network."""

from __future__ import annotations

from dataclasses import dataclass

from explorer.imaging.image import Image
from explorer.imaging.preprocess import Preprocess, input_shape
from explorer.layers.layer import Shape
from explorer.layers.network import Network


@dataclass(frozen=True, eq=False)
class Document:
    """Frozen and compared by identity: an edit makes a new one that shares what it did not change."""

    image: Image
    preprocess: Preprocess
    network: Network

    @property
    def input_shape(self) -> Shape:
        """(channels, rows, columns) of what enters the network."""
        return input_shape(self.image, self.preprocess)[1:]
