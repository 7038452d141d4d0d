"""A network in figures."""

from __future__ import annotations

import pytest

from explorer.errors import NetworkError
from explorer.layers import BatchNorm2d, Conv2d, Flatten, GlobalAvgPool2d, Linear, MaxPool2d, ReLU
from explorer.layers.network import Network
from explorer.layers.summary import summarize


def test_summarize__sides_are_counted_apart() -> None:
    first, second = summarize(
        Network((Conv2d(kernel_size=(1, 3), stride=(1, 2), dilation=(1, 4)), MaxPool2d(kernel_size=(3, 2)))),
        (1, 20, 40),
    )
    assert (first.receptive_field, first.jump) == ((1, 9), (1, 2))
    assert (second.receptive_field, second.jump) == ((3, 11), (3, 4))


def test_summarize__padding_does_not_change_what_is_seen() -> None:
    for padding in ("valid", "same"):
        layers = summarize(Network((Conv2d(padding=padding), Conv2d(padding=padding))), (1, 20, 20))
        assert layers[-1].receptive_field == (5, 5)


def test_summarize__groups_and_bias() -> None:
    (layer,) = summarize(Network((Conv2d(out_channels=6, groups=3, bias=False),)), (3, 5, 6))
    assert layer.parameters == 6 * 1 * 9
    assert layer.multiply_adds == 6 * 9 * 3 * 4
    (layer,) = summarize(Network((Conv2d(out_channels=6, groups=3),)), (3, 5, 6))
    assert (layer.parameters, layer.multiply_adds) == (60, 6 * 9 * 3 * 4)


def test_summarize__nothing_is_seen_behind_flatten() -> None:
    layers = summarize(
        Network((GlobalAvgPool2d(), Flatten(), ReLU(), Linear(out_features=2, bias=False))), (3, 4, 6)
    )
    assert [layer.receptive_field for layer in layers] == [(4, 6), None, None, None]
    assert [layer.jump for layer in layers] == [(4, 6), None, None, None]
    assert (layers[-1].parameters, layers[-1].multiply_adds) == (6, 6)


def test_summarize__a_layer_switched_off_has_nothing_of_its_own() -> None:
    (layer,) = summarize(Network((Conv2d(name="off", enabled=False, kernel_size=(9, 9)),)), (3, 4, 6))
    assert (layer.output_shape, layer.parameters, layer.multiply_adds) == ((3, 4, 6), 0, 0)
    assert (layer.receptive_field, layer.jump) == ((1, 1), (1, 1))


def test_summarize__names_the_layer_that_does_not_fit() -> None:
    with pytest.raises(NetworkError, match="dense: Linear takes a row of numbers"):
        summarize(Network((BatchNorm2d(), Linear(name="dense"))), (3, 4, 6))


def test_summarize__no_layers() -> None:
    assert summarize(Network(), (3, 4, 6)) == ()
