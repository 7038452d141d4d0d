"""What sees what, against pixels that are changed one by one."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from explorer.layers import (
    AvgPool2d,
    BatchNorm2d,
    Conv2d,
    Flatten,
    GlobalAvgPool2d,
    GlobalMaxPool2d,
    Layer,
    Linear,
    MaxPool2d,
    ReLU,
    Softmax,
)
from explorer.layers.fields import Padding
from explorer.layers.forward import ForwardPass, forward
from explorer.layers.layer import Shape
from explorer.layers.network import Network
from explorer.layers.receptive import Box, dependents, fields_below, map_point, receptive_field, window_box
from explorer.layers.sliding import SlidingLayer
from tests.layers.contract import numbers

many = settings(max_examples=120, deadline=None, derandomize=True, database=None)
PAIRS = st.tuples(st.integers(1, 3), st.integers(1, 3))
PADDINGS: st.SearchStrategy[Padding] = st.one_of(
    st.just("same"), st.just((0, 0)), st.tuples(*[st.integers(0, 3)] * 4)
)
SIZES = st.tuples(st.integers(4, 11), st.integers(4, 11))


@st.composite
def sliding(draw: st.DrawFn) -> Layer:
    """A convolution that adds up what it sees, or a pooling: positive where anything positive is seen."""
    size, padding, stride = draw(PAIRS), draw(PADDINGS), draw(PAIRS)
    dilation = draw(st.sampled_from([(1, 1), (1, 1), (2, 1), (2, 3)]))
    kind = draw(st.sampled_from(["convolution", "convolution", "maximum", "mean", "off"]))
    if kind == "convolution":
        ones = np.ones((1, 1, *size), np.float32)
        return Conv2d(
            out_channels=1, kernel_size=size, stride=stride, padding=padding, dilation=dilation, weight=ones
        )
    if kind == "off":
        return Conv2d(enabled=False)
    own, ceil = draw(st.sampled_from([None, stride])), draw(st.booleans())
    if kind == "maximum":
        return MaxPool2d(kernel_size=size, stride=own, padding=padding, ceil_mode=ceil, dilation=dilation)
    return AvgPool2d(kernel_size=size, stride=own, padding=padding, ceil_mode=ceil)


TAILS: list[tuple[Layer, ...]] = [
    (),
    (),
    (ReLU(),),
    (GlobalMaxPool2d(),),
    (GlobalAvgPool2d(), Flatten()),
    (Flatten(),),
    (Flatten(), ReLU(), Linear(out_features=3)),
]


@st.composite
def networks(draw: st.DrawFn) -> Network:
    """Up to three sliding windows and something behind them; positive weights only."""
    layers = draw(st.lists(sliding(), min_size=1, max_size=3))
    return Network((*layers, *draw(st.sampled_from(TAILS))))


def positive(network: Network, size: tuple[int, int]) -> ForwardPass:
    """The pass on a black picture, with weights that hide nothing."""
    result = forward(network, np.zeros((1, 1, *size), np.float32))
    assume(result.error is None)
    if any(isinstance(layer, Linear) for layer in result.layers):
        layers = [
            dataclasses.replace(layer, weight=np.ones_like(layer.weight))
            if isinstance(layer, Linear)
            else layer
            for layer in result.layers
        ]
        return forward(Network(tuple(layers)), result.input)
    return result


def influence(result: ForwardPass) -> list[np.ndarray]:
    """For each layer, which outputs any pixel changes: (rows, columns of the input, rows, columns of the output)."""
    size = result.input.shape[2:]
    found = [np.zeros((*size, *grid(y).shape[1:]), bool) for y in result.outputs]
    for row, column in np.ndindex(*size):
        lit = np.zeros_like(result.input)
        lit[..., row, column] = 1
        changed = forward(result.network, lit)
        for index, (new, old) in enumerate(zip(changed.outputs, result.outputs, strict=True)):
            found[index][row, column] = (grid(new) != grid(old)).any(axis=0)
    return found


def grid(y: np.ndarray) -> np.ndarray:
    """An output as (channels, rows, columns)."""
    channels: np.ndarray = y[0] if y.ndim == 4 else y[0][np.newaxis, :, np.newaxis]
    return channels


def assert_tight(box: Box | None, seen: np.ndarray) -> None:
    """Nothing outside the box is seen, and what lies at its edges is, unless an edge is in the padding."""
    rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    if box is None:
        assert not seen.any()
        return
    for start, length, size, places in (
        (box.top, box.height, seen.shape[0], rows),
        (box.left, box.width, seen.shape[1], columns),
    ):
        end = start + length
        if places.size:
            assert start <= places[0]
            assert places[-1] < end
            assert start < 0 or start == places[0]
            assert end > size or end == places[-1] + 1


@many
@given(networks(), SIZES)
def test_fields__hold_what_changes_an_output_and_no_more(network: Network, size: tuple[int, int]) -> None:
    result = positive(network, size)
    for index, seen in enumerate(influence(result)):
        for row, column in np.ndindex(*seen.shape[2:]):
            assert_tight(receptive_field(result, index, row, column), seen[:, :, row, column])


@many
@given(networks(), SIZES)
def test_dependents__are_the_outputs_that_a_pixel_changes(network: Network, size: tuple[int, int]) -> None:
    result = positive(network, size)
    found = influence(result)
    for row, column in np.ndindex(*size):
        boxes = dependents(result, row, column)
        for box, changed in zip(boxes, found, strict=True):
            rows, columns = (np.flatnonzero(changed[row, column].any(axis=axis)) for axis in (1, 0))
            if box is None:
                assert not rows.size
            else:
                assert (box.top, box.top + box.height - 1) == (rows[0], rows[-1])
                assert (box.left, box.left + box.width - 1) == (columns[0], columns[-1])


@many
@given(networks(), SIZES, st.data())
def test_fields_below__end_at_the_input_and_begin_at_the_window(
    network: Network, size: tuple[int, int], data: st.DataObject
) -> None:
    result = positive(network, size)
    index = data.draw(st.integers(0, len(result.outputs) - 1))
    row, column = (
        data.draw(st.integers(0, n - 1), label="place") for n in grid(result.outputs[index]).shape[1:]
    )
    boxes = fields_below(result, index, row, column)
    assert len(boxes) == index + 1
    assert boxes[0] == receptive_field(result, index, row, column)
    shape: Shape = result.input_of(index).shape[1:]
    window = window_box(result.layers[index], shape, row, column)
    assert window is None or boxes[index] == window


@many
@given(st.lists(sliding(), min_size=1, max_size=3), SIZES, st.data())
def test_map_point__is_the_middle_of_the_field_and_back(
    layers: list[Layer], size: tuple[int, int], data: st.DataObject
) -> None:
    result = positive(Network(tuple(layers)), size)
    index = len(layers) - 1
    row, column = (data.draw(st.integers(0, n - 1)) for n in result.outputs[index].shape[2:])
    point = map_point(result, index, -1, row, column)
    assert map_point(result, -1, index, *point) == pytest.approx((row, column))
    first, second = (map_point(result, index, -1, row + more, column) for more in (0, 1))
    assert second[0] - first[0] == jump(result)


def jump(result: ForwardPass) -> int:
    """Rows of the input from one output to the next: the product of the strides."""
    windows = [
        layer.sliding_window for layer in result.layers if isinstance(layer, SlidingLayer) and layer.enabled
    ]
    return math.prod(window.stride[0] for window in windows)


def test_map_point__of_an_output_far_from_the_border_is_the_middle_of_its_box() -> None:
    result = tutorial(5, 2, (3, 2), 2)
    for row, column in ((3, 4), (5, 2)):
        box = receptive_field(result, 3, row, column)
        assert box is not None
        assert map_point(result, 3, -1, row, column) == (
            box.top + (box.height - 1) / 2,
            box.left + (box.width - 1) / 2,
        )


def tutorial(*windows: Any, size: int = 60) -> ForwardPass:
    """Convolutions of odd size and poolings of even size, with a stride where a pair is given."""
    layers: list[Layer] = []
    for window in windows:
        kernel, stride = window if isinstance(window, tuple) else (window, 1)
        if kernel % 2:
            layers.append(Conv2d(out_channels=1, kernel_size=(kernel, kernel), stride=(stride, stride)))
        else:
            layers.append(MaxPool2d(kernel_size=(kernel, kernel)))
    return forward(Network(tuple(layers)), numbers(1, 1, size, size))


@pytest.mark.parametrize(
    ("windows", "field"),
    [((5, 2, (3, 2), 2), 14), ((3, 2, 3, 2), 10), ((5, 2, 5, 2), 16), ((3, 3, 2), 6)],
)
def test_receptive_field__of_the_tutorials(windows: tuple[Any, ...], field: int) -> None:
    result = tutorial(*windows)
    box = receptive_field(result, len(windows) - 1, 2, 3)
    assert box is not None
    assert (box.height, box.width) == (field, field)
    following = receptive_field(result, len(windows) - 1, 3, 3)
    assert following is not None
    assert following.top - box.top == jump(result)


def test_receptive_field__begins_in_the_padding() -> None:
    result = forward(Network((Conv2d(padding=(1, 1)), Conv2d(padding=(1, 1)))), numbers(1, 1, 8, 8))
    assert receptive_field(result, 1, 0, 0) == Box(-2, -2, 5, 5)
    assert receptive_field(result, 1, 7, 3) == Box(5, 1, 5, 5)
    assert receptive_field(result, -1, 7, 3) == Box(7, 3, 1, 1)


def test_receptive_field__of_padding_only_is_nothing() -> None:
    inner = Conv2d(kernel_size=(1, 1), padding=(1, 1))
    result = forward(Network((Conv2d(), inner)), numbers(1, 1, 8, 8))
    assert receptive_field(result, 0, 0, 0) == Box(0, 0, 3, 3)
    assert receptive_field(result, 1, 0, 0) is None
    assert fields_below(result, 1, 0, 0) == (None, Box(-1, -1, 1, 1))


def test_receptive_field__behind_flatten() -> None:
    layers = (Conv2d(out_channels=2), Flatten(), ReLU(), Linear(out_features=3), Softmax())
    result = forward(Network(layers), numbers(1, 1, 6, 7))
    number = 1 * 4 * 5 + 2 * 5 + 3  # map 1, row 2, column 3
    for index in (1, 2):
        assert receptive_field(result, index, number, 0) == Box(2, 3, 3, 3)
    assert fields_below(result, 4, 0, 0) == (
        Box(0, 0, 6, 7),
        Box(0, 0, 4, 5),
        Box(0, 0, 40, 1),
        Box(0, 0, 40, 1),
        Box(0, 0, 3, 1),
    )


def test_receptive_field__of_normalisation_and_softmax_is_one_place() -> None:
    result = forward(Network((BatchNorm2d(), Softmax(), GlobalAvgPool2d())), numbers(1, 3, 6, 7))
    assert receptive_field(result, 1, 4, 5) == Box(4, 5, 1, 1)
    assert receptive_field(result, 2, 0, 0) == Box(0, 0, 6, 7)


def test_fields__of_what_is_not_computed_raise() -> None:
    result = forward(Network((Conv2d(), Linear())), numbers(1, 1, 8, 8))
    with pytest.raises(IndexError):
        fields_below(result, 1, 0, 0)
    assert len(dependents(result, 0, 0)) == 1


def test_dependents__of_a_pixel_left_over_are_none() -> None:
    layers = (MaxPool2d(), Conv2d(padding=(1, 1)), Flatten(), Linear(out_features=2))
    result = forward(Network(layers), numbers(1, 1, 7, 8))
    assert dependents(result, 6, 0) == (None, None, None, None)
    boxes = dependents(result, 5, 0)
    assert boxes[:2] == (Box(2, 0, 1, 1), Box(1, 0, 2, 2))
    assert boxes[3] == Box(0, 0, 2, 1)


def test_map_point__behind_flatten_and_global_pooling() -> None:
    layers = (Conv2d(out_channels=2), Flatten(), Linear(out_features=3))
    result = forward(Network(layers), numbers(1, 1, 6, 7))
    assert map_point(result, 1, -1, 20 + 2 * 5 + 3, 0) == (3, 4)
    assert map_point(result, 0, 1, 2.0, 3.0) == (13, 0)
    assert map_point(result, 2, -1, 1, 0) == (2.5, 3)
    assert map_point(result, -1, 2, 3, 4) == (1, 0)
    pooled = forward(Network((GlobalMaxPool2d(),)), numbers(1, 1, 5, 9))
    assert map_point(pooled, 0, -1, 0, 0) == (2, 4)
    assert map_point(pooled, -1, 0, 2, 4) == (0, 0)
