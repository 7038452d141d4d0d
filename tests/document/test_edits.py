"""Every edit makes a new document and shares what it did not change."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from explorer.document import edits
from explorer.document.document import Document
from explorer.imaging.image import Image
from explorer.imaging.preprocess import Preprocess, to_input
from explorer.layers import LAYER_TYPES, Conv2d, Layer, MaxPool2d, ReLU, Sigmoid
from explorer.layers.network import Network


def picture(height: int = 6, width: int = 8, channels: int = 3) -> Image:
    """A flat picture."""
    return Image.from_array(np.zeros((height, width, channels), np.uint8), "clipboard")


def document() -> Document:
    """A picture and three layers."""
    return Document(picture(), Preprocess(), Network((Conv2d(), ReLU(), MaxPool2d())))


def test_set_image__keeps_network_and_colours_and_takes_the_picture_s_own_size() -> None:
    before = edits.set_preprocess(
        document(), Preprocess(size=(3, 4), full_size=True, mode="grey", range="0..255")
    )
    image = picture(9, 9)
    after = edits.set_image(before, image)
    assert after.image is image
    assert after.network is before.network
    assert (after.preprocess.size, after.preprocess.full_size) == (None, False)
    assert (after.preprocess.mode, after.preprocess.range) == ("grey", "0..255")
    assert before.image is not image


def test_set_preprocess__changes_nothing_else() -> None:
    before, preprocess = document(), Preprocess(mode="grey")
    after = edits.set_preprocess(before, preprocess)
    assert after.preprocess is preprocess
    assert after.image is before.image
    assert after.network is before.network


def test_set_network__changes_nothing_else() -> None:
    before, network = document(), Network()
    after = edits.set_network(before, network)
    assert after.network is network
    assert after.image is before.image
    assert after.preprocess is before.preprocess


@pytest.mark.parametrize("index", [0, 1, 2, 3])
def test_insert_layer__goes_before_its_index(index: int) -> None:
    before = document()
    after = edits.insert_layer(before, index, Sigmoid(name="new"))
    assert after.network.names[index] == "new"
    kept = (*after.network.layers[:index], *after.network.layers[index + 1 :])
    assert kept == before.network.layers


@pytest.mark.parametrize("index", [0, 1, 2])
def test_remove_layer__leaves_the_others(index: int) -> None:
    before = document()
    after = edits.remove_layer(before, index)
    layers = before.network.layers
    assert after.network.layers == layers[:index] + layers[index + 1 :]


@pytest.mark.parametrize("source", [0, 1, 2])
@pytest.mark.parametrize("target", [0, 1, 2])
def test_move_layer__ends_at_its_target_and_comes_back(source: int, target: int) -> None:
    before = document()
    after = edits.move_layer(before, source, target)
    assert after.network.layers[target] is before.network.layers[source]
    assert set(after.network.layers) == set(before.network.layers)
    assert edits.move_layer(after, target, source).network.layers == before.network.layers


def test_duplicate_layer__shares_the_weights_under_another_name() -> None:
    painted = Conv2d(name="edges").fit((3, 6, 8))
    before = edits.replace_layer(document(), 0, painted)
    after = edits.duplicate_layer(before, 0)
    first, second = after.network.layers[:2]
    assert first is painted
    assert isinstance(second, Conv2d)
    assert second.name == "edges_1"
    assert second.weight is painted.weight
    assert second.computes_like(first)


def test_replace_layer__leaves_the_others() -> None:
    before = document()
    bypassed = dataclasses.replace(before.network.layers[1], enabled=False)
    after = edits.replace_layer(before, 1, bypassed)
    assert after.network.layers == (before.network.layers[0], bypassed, before.network.layers[2])


def test_replace_by__may_put_several_layers_in_place_of_one() -> None:
    before = document()
    after = edits.replace_by(before, 1, (Sigmoid(), before.network.layers[1]))
    assert after.network.names == ("conv2d", "sigmoid", "relu", "max_pool2d")
    assert edits.replace_by(before, 1, ()).network.names == ("conv2d", "max_pool2d")


def test_set_pixels__is_what_the_network_sees() -> None:
    values = np.arange(48, dtype=np.float32).reshape(1, 6, 8)
    for range_, white in (("0..1", 1.0), ("0..255", 255.0)):
        before = edits.set_preprocess(document(), Preprocess(mode="grey", range=range_))
        after = edits.set_pixels(before, values)
        np.testing.assert_array_equal(to_input(after.image, after.preprocess)[0], values)
        assert after.image.white == white
        assert after.network is before.network
        assert after.preprocess is before.preprocess


def test_set_pixels__numbers_that_mean_themselves_still_do_when_they_become_small() -> None:
    before = dataclasses.replace(
        document(), image=Image.from_array(np.full((2, 2), 88, np.float32), "numbers")
    )
    after = edits.set_pixels(before, np.full((1, 2, 2), 0.5, np.float32))
    wide = edits.set_preprocess(after, Preprocess(range="0..255"))
    assert float(to_input(wide.image, wide.preprocess).max()) == 0.5


def test_set_kernel__others_keep_theirs_in_the_middle_and_get_them_back() -> None:
    before = document()
    layer = before.network.layers[0]
    assert isinstance(layer, Conv2d)
    drawn = layer.fit((3, 6, 8)).weight
    assert drawn is not None
    kernel = np.ones((3, 5, 6), np.float32)
    after = edits.set_kernel(before, 0, 2, kernel, "piece")
    wide = after.network.layers[0]
    assert isinstance(wide, Conv2d)
    assert wide.weight is not None
    assert wide.kernel_size == (5, 6)
    assert wide.filter_name(2) == "piece"
    np.testing.assert_array_equal(wide.weight[2], kernel)
    np.testing.assert_array_equal(wide.weight[0, :, 1:4, 1:4], drawn[0])
    assert not wide.weight[0, :, 0].any()
    narrow = dataclasses.replace(wide, kernel_size=(3, 3)).fit((3, 6, 8)).weight
    assert narrow is not None
    np.testing.assert_array_equal(narrow[[0, 1, *range(3, 8)]], drawn[[0, 1, *range(3, 8)]])


def test_set_kernel__a_dilated_layer_becomes_a_dense_one() -> None:
    before = edits.replace_layer(document(), 0, Conv2d(dilation=(2, 2)))
    after = edits.set_kernel(before, 0, 0, np.ones((3, 2, 2), np.float32), "piece").network.layers[0]
    assert isinstance(after, Conv2d)
    assert after.dilation == (1, 1)


@pytest.mark.parametrize(("index", "channels"), [(0, 1), (1, 3)])
def test_set_kernel__what_does_not_fit_is_refused(index: int, channels: int) -> None:
    with pytest.raises(ValueError, match=r"channels|convolution"):
        edits.set_kernel(document(), index, 0, np.ones((channels, 3, 3), np.float32), "piece")


class Editing(RuleBasedStateMachine):
    """Random edits beside a list of type names; every earlier document stays what it was."""

    def __init__(self) -> None:
        super().__init__()
        self.document = Document(picture(), Preprocess(), Network())
        self.model: list[str] = []
        self.history: list[tuple[Document, list[str]]] = []

    def step(self, after: Document) -> None:
        self.history.append((self.document, list(self.model)))
        self.document = after

    @rule(layer_type=st.sampled_from(LAYER_TYPES), place=st.integers(0, 99))
    def insert(self, layer_type: type[Layer], place: int) -> None:
        index = place % (len(self.model) + 1)
        self.step(edits.insert_layer(self.document, index, layer_type()))
        self.model.insert(index, layer_type.type_name)

    @precondition(lambda self: self.model)
    @rule(place=st.integers(0, 99))
    def remove(self, place: int) -> None:
        index = place % len(self.model)
        self.step(edits.remove_layer(self.document, index))
        del self.model[index]

    @precondition(lambda self: self.model)
    @rule(old=st.integers(0, 99), new=st.integers(0, 99))
    def move(self, old: int, new: int) -> None:
        count = len(self.model)
        self.step(edits.move_layer(self.document, old % count, new % count))
        self.model.insert(new % count, self.model.pop(old % count))

    @precondition(lambda self: self.model)
    @rule(place=st.integers(0, 99))
    def duplicate(self, place: int) -> None:
        index = place % len(self.model)
        self.step(edits.duplicate_layer(self.document, index))
        self.model.insert(index, self.model[index])

    @precondition(lambda self: self.model)
    @rule(place=st.integers(0, 99))
    def bypass(self, place: int) -> None:
        index = place % len(self.model)
        layer = self.document.network.layers[index]
        self.step(
            edits.replace_layer(self.document, index, dataclasses.replace(layer, enabled=not layer.enabled))
        )

    @invariant()
    def the_document_equals_the_model(self) -> None:
        layers = self.document.network.layers
        assert [layer.type_name for layer in layers] == self.model
        assert len(set(self.document.network.names)) == len(self.model)

    def teardown(self) -> None:
        for old, model in self.history:
            assert [layer.type_name for layer in old.network.layers] == model


TestEditing = Editing.TestCase
TestEditing.settings = settings(
    max_examples=20, stateful_step_count=50, deadline=None, derandomize=True, database=None
)
