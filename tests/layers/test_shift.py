"""What a nudge of the picture does: maps that move along, maps that change, and the sentence."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.errors import Cancelled
from explorer.jit import CancelFlag
from explorer.layers import (
    AvgPool2d,
    BatchNorm2d,
    Conv2d,
    Flatten,
    GlobalMaxPool2d,
    Layer,
    Linear,
    MaxPool2d,
    ReLU,
    Softmax,
)
from explorer.layers import shift as shifting
from explorer.layers.forward import forward
from explorer.layers.network import Network
from explorer.layers.shift import LayerShift, in_words, nudged, shift_test
from tests.layers.contract import numbers

many = settings(max_examples=60, deadline=None, derandomize=True, database=None)


def test_nudged__moves_down_and_right_and_repeats_the_border() -> None:
    x = np.arange(9, dtype=np.float32).reshape(1, 1, 3, 3)
    assert nudged(x, 1, 0)[0, 0].tolist() == [[0, 1, 2], [0, 1, 2], [3, 4, 5]]
    assert nudged(x, 0, 1)[0, 0].tolist() == [[0, 0, 1], [3, 3, 4], [6, 6, 7]]
    assert nudged(x, -1, -2)[0, 0].tolist() == [[5, 5, 5], [8, 8, 8], [8, 8, 8]]
    assert nudged(x, 99, 0)[0, 0].tolist() == [[0, 1, 2]] * 3
    assert not nudged(x, 1, 0).flags.writeable


@many
@given(
    st.lists(
        st.sampled_from(
            [
                Conv2d(out_channels=2),
                Conv2d(out_channels=3, padding="same", dilation=(2, 1)),
                Conv2d(out_channels=2, stride=(2, 1)),
                Conv2d(enabled=False),
                MaxPool2d(),
                MaxPool2d(stride=(1, 1), padding="same"),
                AvgPool2d(kernel_size=(3, 3), stride=(2, 2), padding=(1, 1), ceil_mode=True),
                ReLU(),
                BatchNorm2d(),
                Softmax(),
            ]
        ),
        min_size=1,
        max_size=3,
    ),
    st.integers(-4, 4),
    st.integers(-4, 4),
)
def test_shift_test__maps_move_by_whole_cells(layers: list[Layer], dy: int, dx: int) -> None:
    x = numbers(1, 2, 40, 41)
    for shift in shift_test(Network(tuple(layers)), x, dy, dx):
        assert shift.jump is not None
        divides = dy % shift.jump[0] == 0 and dx % shift.jump[1] == 0
        assert (shift.moved is not None) == divides
        assert shift.moved is None or shift.moved < 1e-6
        assert (shift.change > 0) == bool(dy or dx)


def test_shift_test__pooling_keeps_part_of_a_step_that_is_not_whole() -> None:
    x = numbers(1, 1, 32, 32)
    layers = (Conv2d(out_channels=2), MaxPool2d(), Flatten(), Linear(out_features=3))
    shifts = shift_test(Network(layers), x, 0, 1)
    assert [shift.name for shift in shifts] == ["conv2d", "max_pool2d", "flatten", "linear"]
    assert [shift.moved is None for shift in shifts] == [False, True, True, True]
    assert [shift.jump for shift in shifts] == [(1, 1), (2, 2), None, None]
    assert [shift.is_pooling for shift in shifts] == [False, True, False, False]
    assert shift_test(Network(layers), x, 0, 2)[1].moved == pytest.approx(0, abs=1e-6)


def test_shift_test__the_change_is_relative() -> None:
    x = np.zeros((1, 1, 4, 4), np.float32)
    x[0, 0, 1, 1] = 3
    (shift,) = shift_test(Network((ReLU(),)), x, 0, 1)
    assert shift.change == pytest.approx(math.sqrt(2))
    assert shift.moved == 0
    (pooled,) = shift_test(Network((GlobalMaxPool2d(),)), x, 0, 1)
    assert (pooled.change, pooled.moved) == (0, None)


def test_shift_test__from_nothing_to_something_is_endless() -> None:
    x = np.zeros((1, 1, 3, 5), np.float32)
    x[0, 0, 1, 4] = 1
    (shift,) = shift_test(Network((MaxPool2d(kernel_size=(3, 4)),)), x, 0, -1)
    assert shift.change == math.inf
    (flat,) = shift_test(Network((Conv2d(out_channels=1),)), np.zeros((1, 1, 5, 5), np.float32), 1, 1)
    assert (flat.change, flat.moved) == (0, 0)


def test_shift_test__a_field_as_large_as_the_picture_has_nothing_to_compare() -> None:
    (shift,) = shift_test(Network((Conv2d(kernel_size=(5, 5), padding="same"),)), numbers(1, 1, 5, 5), 1, 0)
    assert shift.jump == (1, 1)
    assert shift.moved is None
    assert shift.change > 0


def test_shift_test__takes_over_a_pass_and_stops_where_the_network_does() -> None:
    x = numbers(1, 3, 12, 12)
    network = Network((Conv2d(), Linear()))
    shifts = shift_test(network, x, 1, 0, previous=forward(network, x))
    assert [shift.name for shift in shifts] == ["conv2d"]
    assert shift_test(Network(), x, 1, 0) == ()
    flag = CancelFlag()
    flag.set()
    with pytest.raises(Cancelled):
        shift_test(network, x, 1, 0, cancel=flag)


def test_in_words__says_what_moved_and_what_pooling_kept() -> None:
    shifts = (
        LayerShift("conv1", 0.451, 0.0, (1, 1)),
        LayerShift("pool1", 0.2, None, (2, 2), is_pooling=True),
        LayerShift("dense", 0.0123, None, None),
    )
    assert in_words(shifts, 0, 1) == (
        "Nudged by 1 pixel right: the maps as far as conv1 only move along (45 % where they stand), "
        "pool1 turns a change of 45 % into 20 %, dense at the end changes by 1.2 %."
    )
    assert in_words(shifts[2:], -2, 3) == (
        "Nudged by 2 pixels up and 3 pixels right: dense at the end changes by 1.2 %."
    )
    assert in_words(shifts, 0, 0) == in_words((), 1, 0) == "Nothing was nudged."


def test_shift_test__vectors_are_compared_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    network, x = Network((Conv2d(out_channels=3), Flatten())), numbers(1, 1, 9, 11)
    whole = shift_test(network, x, 1, 0)
    assert whole[1].change == pytest.approx(whole[0].change)
    monkeypatch.setattr(shifting, "_PIECE", 10)
    pieces = shift_test(network, x, 1, 0)
    assert pieces[1].change == pytest.approx(whole[1].change)


def test_shift_test__a_comparison_is_cancelled_too() -> None:
    cancel = CancelFlag()
    cancel.set()
    maps = numbers(1, 4, 5, 5)
    with pytest.raises(Cancelled):
        shifting._relative(maps, maps, cancel)
