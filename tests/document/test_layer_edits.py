"""Edits of several layers keep the layers themselves, and give copies names of their own."""

from __future__ import annotations

import pytest

from explorer.document import layer_edits
from explorer.document.document import Document
from explorer.layers import Conv2d, MaxPool2d, ReLU, Sigmoid
from tests.document.given import small_document


def four() -> Document:
    """Layers a, b, c and d."""
    return small_document(Conv2d(name="a"), ReLU(name="b"), MaxPool2d(name="c"), Sigmoid(name="d"))


def names(document: Document) -> str:
    return " ".join(document.network.names)


def test_insert_layers__what_is_there_keeps_its_name() -> None:
    after = layer_edits.insert_layers(four(), 0, [ReLU(name="b"), ReLU(name="b"), ReLU()])
    assert names(after) == "b_1 b_2 relu a b c d"


def test_copy_layers__are_the_same_weights_under_new_names() -> None:
    before = small_document(Conv2d(name="a").fit((1, 9, 9)), ReLU(name="b"))
    after = layer_edits.copy_layers(before, {1, 0}, 2)
    assert names(after) == "a b a_1 b_1"
    assert vars(after.network.layers[2])["weight"] is vars(before.network.layers[0])["weight"]


@pytest.mark.parametrize(
    ("chosen", "left"), [({0}, "b c d"), ({1, 3}, "a c"), ({0, 1, 2, 3}, ""), ((), "a b c d")]
)
def test_remove_layers(chosen: set[int], left: str) -> None:
    assert names(layer_edits.remove_layers(four(), chosen)) == left


@pytest.mark.parametrize(
    ("chosen", "target", "order"),
    [
        ({0, 2}, 4, "b d a c"),
        ({1, 3}, 0, "b d a c"),
        ({0, 3}, 2, "b a d c"),
        ({0}, 2, "b a c d"),
        ({1, 2}, 2, "a b c d"),
    ],
)
def test_gather_layers(chosen: set[int], target: int, order: str) -> None:
    before = four()
    after = layer_edits.gather_layers(before, chosen, target)
    assert names(after) == order
    assert set(after.network.layers) == set(before.network.layers)


@pytest.mark.parametrize(
    ("chosen", "step", "order"),
    [
        ({1, 2}, -1, "b c a d"),
        ({1, 2}, 1, "a d b c"),
        ({0, 2}, -1, "a c b d"),
        ({1, 3}, 1, "a c b d"),
        ({0, 1}, 1, "c a b d"),
    ],
)
def test_shift_layers(chosen: set[int], step: int, order: str) -> None:
    assert names(layer_edits.shift_layers(four(), chosen, step)) == order


@pytest.mark.parametrize(("chosen", "step"), [({0}, -1), ({0, 1}, -1), ({3}, 1), ({0, 1, 2, 3}, 1), ((), 1)])
def test_shift_layers__at_the_end_is_no_edit(chosen: set[int], step: int) -> None:
    before = four()
    assert layer_edits.shift_layers(before, chosen, step) is before
