"""The grids that terms are shown in."""

from __future__ import annotations

import numpy as np

from explorer.layers import AvgPool2d, Conv2d, Flatten, GlobalAvgPool2d, Layer, Linear, MaxPool2d, ReLU
from explorer.layers.explanation import explain
from explorer.layers.fields import Array
from explorer.layers.forward import forward
from explorer.layers.network import Network
from explorer.ui.probe_table import Block, blocks


def grids(layer: Layer, channels: int, place: tuple[int, int, int], size: int = 8) -> tuple[Block, ...]:
    x: Array = np.random.default_rng(0).standard_normal((1, channels, size, size), np.float32)
    result = forward(Network((layer,)), x)
    return blocks(result, 0, explain(result, 0, *place))


def test_convolution__has_a_grid_for_each_channel() -> None:
    found = grids(Conv2d(out_channels=2, kernel_size=(2, 4)), 3, (1, 2, 2))
    assert [(block.channel, block.rows, block.columns) for block in found] == [
        (0, 2, 4),
        (1, 2, 4),
        (2, 2, 4),
    ]
    assert [index for block in found for index, _, _ in block.cells] == list(range(24))
    assert found[1].cells[5] == (13, 1, 1)


def test_groups__are_named_after_the_channels_they_read() -> None:
    found = grids(Conv2d(out_channels=2, kernel_size=(2, 2), groups=2), 4, (1, 2, 2))
    assert [block.channel for block in found] == [2, 3]


def test_many_terms__have_no_grid() -> None:
    assert grids(Conv2d(out_channels=1, kernel_size=(3, 3)), 4, (0, 0, 0)) == ()


def test_maximum__at_the_padding_lacks_what_lies_outside() -> None:
    (block,) = grids(MaxPool2d(kernel_size=(3, 3), stride=(2, 2), padding=(1, 1)), 1, (0, 0, 0))
    assert [(row, column) for _, row, column in block.cells] == [(1, 1), (1, 2), (2, 1), (2, 2)]


def test_mean__shows_the_zeros_of_the_padding_where_they_count() -> None:
    (block,) = grids(AvgPool2d(kernel_size=(3, 3), stride=(2, 2), padding=(1, 1)), 1, (0, 0, 0))
    assert len(block.cells) == 9
    assert [index for index, _, _ in block.cells] == list(range(9))


def test_global_mean__of_a_small_map_is_the_map() -> None:
    (block,) = grids(GlobalAvgPool2d(), 2, (1, 0, 0), size=4)
    assert (block.channel, block.rows, block.columns, len(block.cells)) == (1, 4, 4, 16)


def test_functions_and_vectors__have_none() -> None:
    assert grids(ReLU(), 1, (0, 0, 0)) == ()
    x: Array = np.ones((1, 1, 2, 2), np.float32)
    result = forward(Network((Flatten(), Linear(out_features=2))), x)
    assert blocks(result, 1, explain(result, 1, 0, 1, 0)) == ()
