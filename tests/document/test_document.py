"""The document: frozen, compared by identity, and it knows what enters the network."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from explorer.document.document import Document
from explorer.imaging.image import Image
from explorer.imaging.preprocess import Preprocess, to_input
from explorer.layers.network import Network


def document(image: Image, **preprocess: object) -> Document:
    """A document without layers."""
    return Document(image, Preprocess(**preprocess), Network())  # type: ignore[arg-type]


COLOUR = Image.from_array(np.zeros((6, 8, 3), np.uint8), "clipboard")
GREY = Image.from_array(np.zeros((6, 8), np.uint8), "clipboard")


@pytest.mark.parametrize(
    ("image", "preprocess", "shape"),
    [
        (COLOUR, {}, (3, 6, 8)),
        (GREY, {}, (1, 6, 8)),
        (GREY, {"mode": "rgb"}, (3, 6, 8)),
        (COLOUR, {"mode": "grey", "size": (3, 5)}, (1, 3, 5)),
    ],
)
def test_input_shape__is_known_before_the_input_is_computed(
    image: Image, preprocess: dict[str, object], shape: tuple[int, ...]
) -> None:
    it = document(image, **preprocess)
    assert it.input_shape == shape
    assert to_input(it.image, it.preprocess).shape == (1, *shape)


def test_document__is_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        document(GREY).image = COLOUR  # type: ignore[misc]


def test_document__is_compared_by_identity() -> None:
    one = document(GREY)
    assert one == one
    assert one != dataclasses.replace(one)
