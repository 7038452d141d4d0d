"""Filters change places, come and go: what was drawn stays, and what stands behind computes what it did."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.document import filter_edits as edits
from explorer.document.document import Document
from explorer.imaging.image import Image
from explorer.imaging.preprocess import Preprocess
from explorer.layers import (
    AvgPool2d,
    BatchNorm2d,
    Conv2d,
    Flatten,
    GlobalAvgPool2d,
    Layer,
    Linear,
    MaxPool2d,
    ReLU,
    Softmax,
    Tanh,
)
from explorer.layers.fields import Array
from explorer.layers.forward import forward
from explorer.layers.network import Network
from tests.layers.contract import numbers

many = settings(max_examples=80, deadline=None, derandomize=True, database=None)
X = numbers(1, 3, 12, 14, seed=9)
SOURCES = st.lists(st.one_of(st.none(), st.integers(0, 3)), min_size=1, max_size=7)


def document(*layers: Layer) -> Document:
    """A network on a picture of 12 rows and 14 columns."""
    image = Image.from_array(np.zeros((12, 14, 3), np.uint8), "clipboard")
    return Document(image, Preprocess(), Network(layers))


def convolution(filters: int = 4, channels: int = 3, seed: int = 0, size: int = 3) -> Conv2d:
    """A layer whose every number was drawn."""
    return Conv2d(
        out_channels=filters,
        kernel_size=(size, size),
        weight=numbers(filters, channels, size, size, seed=seed),
        bias_values=numbers(filters, seed=seed + 1),
        filter_names=tuple(f"f{n}" for n in range(filters)),
    )


def conv(document: Document, index: int = 0) -> Conv2d:
    """Layer ``index``, a convolution."""
    layer = document.network.layers[index]
    assert isinstance(layer, Conv2d)
    return layer


def drawn(layer: Conv2d) -> Array:
    """What a layer stores."""
    assert layer.weight is not None
    return layer.weight


def outputs(document: Document) -> tuple[Array, ...]:
    """What comes out of every layer."""
    result = forward(document.network, X)
    assert result.error is None
    return result.outputs


def assert_near(actual: Array, expected: Array) -> None:
    """Equal but for the order in which float32 numbers were added."""
    np.testing.assert_allclose(actual, expected, rtol=0, atol=1e-5 * max(1.0, float(np.abs(expected).max())))


def statistics(channels: int) -> BatchNorm2d:
    """Different statistics for every channel."""
    return BatchNorm2d(
        running_mean=numbers(channels, seed=3),
        running_var=np.abs(numbers(channels, seed=4)) + 1,
        weight=numbers(channels, seed=5),
        bias_values=numbers(channels, seed=6),
    )


CHAINS: dict[str, tuple[Layer, ...]] = {
    "drawn": (ReLU(), convolution(5, 4, seed=7)),
    "seeded": (ReLU(), MaxPool2d(), Conv2d(out_channels=5)),
    "for one channel": (Conv2d(out_channels=5, weight=numbers(5, 1, 3, 3, seed=8)),),
    "few of them drawn": (Tanh(), Conv2d(out_channels=5, weight=numbers(2, 2, 5, 5, seed=8))),
    "more stored than runs": (AvgPool2d(), Conv2d(out_channels=2, weight=numbers(5, 9, 5, 5, seed=8))),
    "normalised": (statistics(4), ReLU(), Conv2d(out_channels=2)),
    "dense": (statistics(4), MaxPool2d(), Flatten(), Tanh(), Linear(out_features=3)),
    "dense, drawn": (Flatten(), ReLU(), Linear(out_features=3, weight=numbers(3, 4 * 10 * 12 + 7))),
    "normalised behind Flatten": (Flatten(), statistics(480), Linear(out_features=3)),
    "means": (GlobalAvgPool2d(), Flatten(), Linear(out_features=3)),
    "bypassed between": (
        dataclasses.replace(Flatten(), enabled=False),
        dataclasses.replace(convolution(6, 4), enabled=False),
        dataclasses.replace(statistics(4), enabled=False),
        Conv2d(out_channels=2),
    ),
}
chains = pytest.mark.parametrize("chain", CHAINS)


@chains
@given(sources=SOURCES)
@settings(max_examples=15, deadline=None, derandomize=True, database=None)
def test_arranged__what_is_behind_computes_what_it_did(chain: str, sources: list[int | None]) -> None:
    everything = [*range(4), *sources]
    before = document(convolution(), *CHAINS[chain], ReLU())
    after = edits.arranged(before, 0, np.random.default_rng(len(sources)).permutation(everything).tolist())
    then, now = outputs(before), outputs(after)
    assert_near(now[-1], then[-1])
    assert_near(now[-2], then[-2])


@chains
def test_removed__takes_its_share_away_and_nothing_else(chain: str) -> None:
    before = document(convolution(), *CHAINS[chain])
    silent = drawn(conv(before)).copy()
    reader = next(
        place
        for place, layer in enumerate(before.network.layers)
        if place and layer.enabled and isinstance(layer, Conv2d | Linear)
    )
    fitted = forward(before.network, X).layers[reader]
    assert isinstance(fitted, Conv2d | Linear)
    assert fitted.weight is not None
    weight = fitted.weight.copy()
    share = weight.shape[1] // 4
    weight[:, 2 * share : 3 * share] = 0  # as if filter 2 were not read
    layers = list(before.network.layers)
    layers[reader] = dataclasses.replace(fitted, weight=weight)
    expected = outputs(document(*layers))[-1]
    after = edits.removed(before, 0, [2])
    assert_near(outputs(after)[-1], expected)
    assert (drawn(conv(after)) == silent[[0, 1, 3]]).all()


@many
@given(SOURCES)
def test_arranged__filters_names_and_biases_go_along(sources: list[int | None]) -> None:
    before = document(convolution(), ReLU())
    maps, new_maps = outputs(before)[0][0], outputs(edits.arranged(before, 0, sources))[0][0]
    layer = conv(edits.arranged(before, 0, sources))
    assert layer.out_channels == len(sources)
    assert layer.bias_values is not None
    for place, source in enumerate(sources):
        if source is None:
            assert layer.filter_name(place) == ""
            assert layer.bias_values[place] == 0
            assert drawn(layer)[place].any()
        else:
            assert layer.filter_name(place) == f"f{source}"
            assert_near(new_maps[place], maps[source])


@many
@given(st.permutations(range(4)))
def test_arranged__there_and_back_is_where_it_began(order: list[int]) -> None:
    before = document(convolution(), statistics(4), convolution(5, 4), ReLU())
    back = edits.arranged(edits.arranged(before, 0, order), 0, np.argsort(order).tolist())
    assert [layer.config() for layer in back.network.layers] == [
        layer.config() for layer in before.network.layers
    ]
    for ours, theirs in zip(outputs(back), outputs(before), strict=True):
        assert (ours == theirs).all()


def test_arranged__the_same_order_is_the_same_document() -> None:
    before = document(convolution(), ReLU())
    assert edits.arranged(before, 0, range(4)) is before
    assert edits.moved(before, 0, [1], 2) is before
    assert edits.removed(before, 0, []) is before


def test_arranged__keeps_what_is_stored_beyond_what_runs() -> None:
    weight, bias = numbers(6, 5, 5, 5), numbers(6, seed=1)
    layer = Conv2d(
        out_channels=4, weight=weight, bias_values=bias, filter_names=("a", "b", "", "", "hidden", "last")
    )
    after = conv(edits.arranged(document(layer, ReLU()), 0, [2, 0]))
    assert (drawn(after) == weight[[2, 0, 4, 5]]).all()
    assert after.bias_values is not None
    assert (after.bias_values == bias[[2, 0, 4, 5]]).all()
    assert after.filter_names == ("", "a", "hidden", "last")
    grown = dataclasses.replace(after, out_channels=4, kernel_size=(5, 5)).fit((5, 12, 14))
    assert (drawn(grown) == weight[[2, 0, 4, 5]]).all()


def test_arranged__a_filter_drawn_for_one_channel_stays_one() -> None:
    layer = Conv2d(out_channels=3, weight=numbers(3, 1, 3, 3))
    after = conv(edits.moved(document(layer), 0, [0], 3))
    assert (drawn(after) == numbers(3, 1, 3, 3)[[1, 2, 0]]).all()


def test_arranged__filters_that_nobody_drew_keep_their_numbers() -> None:
    before = document(Conv2d(out_channels=4))
    after = edits.moved(before, 0, [3], 0)
    assert (edits.running_weights(after, 0) == edits.running_weights(before, 0)[[3, 0, 1, 2]]).all()


def test_arranged__the_reader_keeps_what_it_stores_for_hidden_filters() -> None:
    weight = numbers(2, 6, 3, 3, seed=2)
    before = document(
        dataclasses.replace(convolution(6), out_channels=4), Conv2d(out_channels=2, weight=weight)
    )
    after = edits.removed(before, 0, [1])
    assert (drawn(conv(after, 1)) == weight[:, [0, 2, 3, 4, 5]]).all()
    grown = conv(edits.duplicated(before, 0, [0]), 1)
    assert (drawn(grown)[:, [0, 2, 3, 4, 5, 6]] == weight).all()
    assert not drawn(grown)[:, 1].any()


def test_arranged__a_bypassed_layer_leaves_what_follows_alone() -> None:
    behind = convolution(2, 3)
    before = document(dataclasses.replace(convolution(), enabled=False), behind)
    after = edits.removed(before, 0, [1])
    assert conv(after, 1).weight is behind.weight
    assert conv(after).out_channels == 3


def test_arranged__groups_behind_are_left_alone() -> None:
    depthwise = Conv2d(out_channels=4, groups=4, weight=numbers(4, 1, 3, 3))
    after = edits.moved(document(convolution(), depthwise, convolution(2, 4)), 0, [0], 4)
    assert conv(after, 1).weight is depthwise.weight
    assert (drawn(conv(after, 2)) == numbers(2, 4, 3, 3)).all()


def test_arranged__a_layer_that_is_not_reached_is_arranged_by_itself() -> None:
    before = document(Conv2d(kernel_size=(31, 31)), convolution(4, 8), Conv2d())
    after = conv(edits.arranged(before, 1, [3, None, 0]), 1)
    assert (drawn(after)[[0, 2]] == numbers(4, 8, 3, 3)[[3, 0]]).all()
    assert after.out_channels == 3
    assert conv(edits.added(before, 2), 2).out_channels == 9


def test_arranged__refuses_what_cannot_be() -> None:
    with pytest.raises(ValueError, match="at least one filter"):
        edits.removed(document(convolution()), 0, range(4))
    for source in (4, -1):
        with pytest.raises(ValueError, match=f"no filter {source}"):
            edits.arranged(document(convolution()), 0, [0, source])
    with pytest.raises(ValueError, match="3 groups"):
        edits.removed(document(Conv2d(out_channels=3, groups=3)), 0, [0])
    with pytest.raises(ValueError, match="no convolution"):
        edits.added(document(ReLU()), 0)
    with pytest.raises(ValueError, match="at most 4096"):
        edits.added(document(Conv2d(out_channels=4096, kernel_size=(1, 1))), 0)


def test_added__filters_are_new_and_look_like_none_that_is_there() -> None:
    before = document(Conv2d(out_channels=3))
    after = edits.added(edits.removed(edits.added(before, 0, 0, 2), 0, [4]), 0, count=3)
    weight = edits.running_weights(after, 0).reshape(7, -1)
    cosines = np.corrcoef(weight)
    assert np.abs(cosines - np.eye(7)).max() < 0.95
    assert (
        edits.running_weights(edits.added(before, 0), 0) == edits.running_weights(edits.added(before, 0), 0)
    ).all()


@pytest.mark.parametrize("layer", [Conv2d(kernel_size=(1, 1)), Conv2d(initializer="zeros")])
def test_added__where_all_filters_look_alike(layer: Conv2d) -> None:
    image = Image.from_array(np.zeros((12, 14), np.uint8), "clipboard")
    before = Document(image, Preprocess(mode="grey"), Network((layer,)))
    assert edits.running_weights(edits.added(before, 0, count=2), 0).shape[0] == 10


def test_added__to_a_larger_store_comes_from_the_initialiser_in_every_channel() -> None:
    layer = Conv2d(out_channels=2, weight=numbers(2, 5, 5, 5))
    weight = drawn(conv(edits.added(document(layer), 0)))
    assert weight.shape == (3, 5, 5, 5)
    assert weight[2, :, 1:4, 1:4].all()
    assert not weight[2, :, 0].any()
    assert (weight[:2] == numbers(2, 5, 5, 5)).all()


def names(document: Document) -> list[str]:
    """What the filters of the first layer are called."""
    layer = conv(document)
    return [layer.filter_name(filter) for filter in range(layer.out_channels)]


def test_moved_added_duplicated__put_filters_where_they_belong() -> None:
    before = document(convolution())
    assert names(edits.moved(before, 0, [3], 0)) == ["f3", "f0", "f1", "f2"]
    assert names(edits.moved(before, 0, [2, 0], 4)) == ["f1", "f3", "f0", "f2"]
    assert names(edits.moved(before, 0, [0, 3], 2)) == ["f1", "f0", "f3", "f2"]
    assert names(edits.added(before, 0)) == ["f0", "f1", "f2", "f3", ""]
    assert names(edits.added(before, 0, 1, 2)) == ["f0", "", "", "f1", "f2", "f3"]
    assert names(edits.duplicated(before, 0, [1, 3])) == ["f0", "f1", "f1", "f2", "f3", "f3"]
    assert names(edits.removed(before, 0, [1, 3])) == ["f0", "f2"]


def test_sorted_by_norm__puts_the_strongest_first() -> None:
    weight = numbers(1, 3, 3, 3) * np.array([1, 3, 2, 3], np.float32)[:, np.newaxis, np.newaxis, np.newaxis]
    before = document(dataclasses.replace(convolution(), weight=weight), convolution(2, 4))
    after = edits.sorted_by_norm(before, 0)
    assert names(after) == ["f1", "f3", "f2", "f0"]
    assert_near(outputs(after)[-1], outputs(before)[-1])
    assert edits.sorted_by_norm(after, 0) is after


def test_with_weights__keeps_the_rest_and_names_filters() -> None:
    stored = numbers(6, 3, 5, 5)
    before = document(Conv2d(out_channels=4, weight=stored, filter_names=("a", "b")))
    running = numbers(4, 3, 3, 3, seed=2)
    layer = conv(edits.with_weights(before, 0, running, {1: "edge", 3: "corner"}))
    assert layer.filter_names == ("a", "edge", "", "corner")
    assert (drawn(layer)[:4, :, 1:4, 1:4] == running).all()
    assert (drawn(layer)[4:] == stored[4:]).all()
    assert (drawn(layer)[:, :, 0] == stored[:, :, 0]).all()
    with pytest.raises(ValueError, match=r"\(4, 3, 3, 3\)"):
        edits.with_weights(before, 0, running[:3])


def test_renamed_filter_and_with_bias__change_one_filter() -> None:
    before = document(Conv2d(out_channels=3, bias=False))
    assert conv(edits.renamed_filter(before, 0, 1, "eye")).filter_names == ("", "eye")
    layer = conv(edits.with_bias(before, 0, 2, 1.5))
    assert layer.bias
    assert layer.bias_values is not None
    assert layer.bias_values.tolist() == [0, 0, 1.5]
    with pytest.raises(ValueError, match="one line"):
        edits.renamed_filter(before, 0, 1, "two\nlines")
    with pytest.raises(ValueError, match="finite"):
        edits.with_bias(before, 0, 0, np.inf)


def test_permutation__keeps_softmax_too() -> None:
    before = document(convolution(), Softmax(), convolution(2, 4))
    after = edits.moved(before, 0, [0], 4)
    assert_near(outputs(after)[-1], outputs(before)[-1])
