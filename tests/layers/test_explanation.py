"""How one value came to be: the products behind it, the window it looked through, and the sentence."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from explorer.layers import (
    LAYER_TYPES,
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
from explorer.layers.explanation import Box, convolution_terms, one_line, window_box
from explorer.layers.forward import forward
from explorer.layers.network import Network
from explorer.layers.numbers import number
from tests.layers.contract import numbers, takes

many = settings(max_examples=150, deadline=None, derandomize=True, database=None)
PAIR = st.tuples(st.integers(1, 4), st.integers(1, 4))
PADDING = st.sampled_from(["valid", "same"]) | st.tuples(*[st.integers(0, 3)] * 4)


@st.composite
def convolutions(draw: st.DrawFn) -> Conv2d:
    """A convolution of 4 channels with weights and biases."""
    groups = draw(st.sampled_from([1, 2, 4]))
    layer = Conv2d(
        out_channels=groups * draw(st.integers(1, 3)),
        kernel_size=draw(PAIR),
        stride=draw(PAIR),
        padding=draw(PADDING),
        dilation=draw(st.tuples(st.integers(1, 3), st.integers(1, 3))),
        groups=groups,
        bias=draw(st.booleans()),
        seed=draw(st.integers(0, 9)),
    )
    return layer.with_bias_values(numbers(layer.out_channels))


@many
@given(convolutions(), st.integers(1, 8), st.integers(1, 8), st.data())
def test_convolution_terms__sum_to_the_output(
    layer: Conv2d, rows: int, columns: int, data: st.DataObject
) -> None:
    assume(takes(layer, (4, rows, columns)))
    x = numbers(1, 4, rows, columns)
    fitted = layer.fit((4, rows, columns))
    y = fitted.forward(x)
    place = tuple(data.draw(st.integers(0, size - 1)) for size in y.shape[1:])
    terms = convolution_terms(fitted, x, *place)
    assert len(terms) == 4 // layer.groups * layer.kernel_size[0] * layer.kernel_size[1]
    bias = float(fitted.bias_values[place[0]]) if layer.bias and fitted.bias_values is not None else 0.0
    assert sum(term.product for term in terms) + bias == pytest.approx(float(y[0, *place]), abs=1e-5)


def test_convolution_terms__run_channel_by_channel_and_row_by_row() -> None:
    layer = Conv2d(out_channels=1, kernel_size=(2, 2)).with_weight(
        np.arange(8, dtype=np.float32).reshape(1, 2, 2, 2)
    )
    x = np.arange(18, dtype=np.float32).reshape(1, 2, 3, 3)
    terms = convolution_terms(layer, x, 0, 1, 0)
    assert [term.weight for term in terms] == [0, 1, 2, 3, 4, 5, 6, 7]
    assert [term.value for term in terms] == [3, 4, 6, 7, 12, 13, 15, 16]


def test_convolution_terms__padding_is_zero_even_beside_a_nan() -> None:
    layer = Conv2d(out_channels=1, padding=(1, 1)).fit((1, 2, 2))
    x = np.full((1, 1, 2, 2), np.nan, np.float32)
    terms = convolution_terms(layer, x, 0, 0, 0)
    assert [np.isnan(term.value) for term in terms] == [False] * 4 + [True, True, False, True, True]


def test_convolution_terms__of_a_layer_without_weights_are_none() -> None:
    assert convolution_terms(Conv2d(), numbers(1, 3, 5, 5), 0, 0, 0) == []


@many
@given(convolutions(), st.integers(1, 8), st.integers(1, 8), st.data())
def test_window_box__holds_every_pixel_that_matters(
    layer: Conv2d, rows: int, columns: int, data: st.DataObject
) -> None:
    shape = (4, rows, columns)
    assume(takes(layer, shape))
    fitted = dataclasses.replace(layer.fit(shape), weight=np.ones(layer.weight_shape(shape), np.float32))
    row, column = (data.draw(st.integers(0, size - 1)) for size in fitted.output_shape(shape)[1:])
    box = window_box(fitted, shape, row, column)
    assert box is not None
    zero = np.zeros((1, *shape), np.float32)
    before = fitted.forward(zero)
    for y in range(rows):
        for x in range(columns):
            lit = zero.copy()
            lit[:, :, y, x] = 1
            matters = (fitted.forward(lit) != before)[0, :, row, column].any()
            inside = box.top <= y < box.top + box.height and box.left <= x < box.left + box.width
            on_a_tap = (y - box.top) % layer.dilation[0] == 0 and (x - box.left) % layer.dilation[1] == 0
            assert matters == (inside and on_a_tap)


@pytest.mark.parametrize(
    ("layer", "box"),
    [
        (Conv2d(), Box(2, 3, 3, 3)),
        (Conv2d(padding=(1, 1)), Box(1, 2, 3, 3)),
        (Conv2d(padding=(0, 1, 2, 0), stride=(2, 1)), Box(4, 1, 3, 3)),
        (Conv2d(dilation=(2, 3)), Box(2, 3, 5, 7)),
        (Conv2d(kernel_size=(2, 2), padding="same"), Box(2, 3, 2, 2)),
        (MaxPool2d(), Box(4, 6, 2, 2)),
        (MaxPool2d(dilation=(2, 2), stride=(1, 1)), Box(2, 3, 3, 3)),
        (AvgPool2d(kernel_size=(3, 3), padding=(1, 1)), Box(5, 8, 3, 3)),
        (ReLU(), Box(2, 3, 1, 1)),
        (Softmax(), Box(2, 3, 1, 1)),
        (Conv2d(enabled=False), Box(2, 3, 1, 1)),
        (Flatten(), None),
    ],
    ids=str,
)
def test_window_box__of_row_2_column_3(layer: Layer, box: Box | None) -> None:
    assert window_box(layer, (1, 20, 20), 2, 3) == box


def test_window_box__of_a_global_pooling_is_the_whole_map() -> None:
    assert window_box(GlobalAvgPool2d(), (4, 7, 9), 0, 0) == Box(0, 0, 7, 9)
    assert window_box(ReLU(), (784,), 5, 0) is None


# The sentence


def said(layer: Layer, rows: Any, channel: int = 0, row: int = 0, column: int = 0) -> str:
    """What is said of one value of a layer that sees one map."""
    x = np.array(rows, np.float32)[np.newaxis, np.newaxis]
    return one_line(forward(Network((layer,)), x), 0, channel, row, column)


def test_one_line__of_a_convolution_shows_its_products() -> None:
    kernel = np.array([[[[1, 0], [0.5, -2]]]], np.float32)
    layer = Conv2d(
        out_channels=1, kernel_size=(2, 2), weight=kernel, bias_values=np.array([0.25], np.float32)
    )
    assert said(layer, [[3, 4], [5, 6]]) == "This dot: 3×1 + 4×0 + 5×0.5 + 6×−2 + bias 0.25 = −6.25"


def test_one_line__of_a_large_convolution_sums_up_the_rest() -> None:
    weight = np.arange(16, dtype=np.float32).reshape(1, 1, 4, 4)
    layer = Conv2d(out_channels=1, kernel_size=(4, 4), weight=weight)
    line = said(layer, np.ones((4, 4)))
    assert line.startswith("This dot: 1×8 + 1×9 + ")
    assert line.endswith("1×15 + 7 more that sum to 28 = 120")


def test_one_line__of_pooling_lists_its_window() -> None:
    assert said(MaxPool2d(), [[1, 2], [3, -4]]) == "This dot: maximum of 1, 2, 3, −4 = 3"
    assert said(AvgPool2d(), [[1, 2], [3, -4]]) == "This dot: mean of 1, 2, 3, −4 = 0.5"
    dilated = MaxPool2d(dilation=(2, 2), stride=(1, 1))
    assert said(dilated, [[1, 2, 3], [4, 5, 6], [7, 8, 9]]) == "This dot: maximum of 1, 3, 7, 9 = 9"
    ten = AvgPool2d(kernel_size=(4, 4))
    assert said(ten, np.ones((4, 4))) == f"This dot: mean of {'1, ' * 8}1 and 7 more = 1"


def test_one_line__the_mean_shows_the_zeros_that_count() -> None:
    counted = AvgPool2d(padding=(1, 1))
    assert said(counted, [[4, 1], [1, 1]]) == "This dot: mean of 0, 0, 0, 4 = 1"
    bare = dataclasses.replace(counted, count_include_pad=False)
    assert said(bare, [[4, 1], [1, 1]]) == "This dot: mean of 4 = 4"
    same = AvgPool2d(kernel_size=(3, 3), stride=(1, 1), padding="same")
    assert said(same, [[4, 1], [1, 2]]) == "This dot: mean of 4, 1, 1, 2 = 2"
    overhanging = AvgPool2d(ceil_mode=True)
    assert said(overhanging, [[1, 1, 5], [1, 1, 3]], column=1) == "This dot: mean of 5, 3 = 4"


def test_one_line__a_maximum_of_padding_only() -> None:
    layer = MaxPool2d(kernel_size=(2, 2), stride=(1, 1), padding=(1, 1), dilation=(2, 2))
    assert said(layer, [[1.0]]) == "This dot: maximum of padding only = −∞"


@pytest.mark.parametrize("layer_type", LAYER_TYPES, ids=[t.type_name for t in LAYER_TYPES])
def test_one_line__is_there_for_every_layer_and_place(layer_type: type[Layer]) -> None:
    head: tuple[Layer, ...] = (Flatten(),) if layer_type is Linear else ()
    for layer in (layer_type(), layer_type(enabled=False)):
        result = forward(Network((*head, layer)), numbers(1, 2, 4, 5))
        for index, y in enumerate(result.outputs):
            places = np.ndindex(y.shape[1:]) if y.ndim == 4 else ((0, i, 0) for i in range(y.shape[1]))
            for place in places:
                line = one_line(result, index, *place)
                assert line.startswith("This dot: " if y.ndim == 4 else "This number: ")
                value = y[0, *place] if y.ndim == 4 else y[0, place[1]]
                assert line.endswith(f" = {number(float(value))}")


def test_one_line__of_global_pooling_softmax_and_statistics() -> None:
    assert said(GlobalMaxPool2d(), np.ones((30, 50))) == "This dot: maximum of 1,500 values = 1"
    assert said(Softmax(), [[2.0]]) == "This dot: exp(2) / sum of exp over 1 channel = 1"
    assert said(ReLU(), [[-2.0]]) == "This dot: max(0, −2) = 0"
    assert said(ReLU(enabled=False), [[-2.0]]) == "This dot: passed on unchanged = −2"
    mean = BatchNorm2d(running_mean=np.array([1], np.float32), eps=0.0)
    assert said(mean, [[3.0]]) == "This dot: (3 − 1) / √(1 + 0) × 1 + 0 = 2"


def test_one_line__of_what_is_not_computed_yet_is_empty() -> None:
    assert one_line(forward(Network(), numbers(1, 1, 2, 2)), 0, 0, 0, 0) == ""


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"), (-0.0, "0"), (1.0, "1"), (-7.0, "−7"), (0.5, "0.5"), (1 / 3, "0.333"), (-2.345, "−2.35"),
        (0.001, "0.001"), (0.0005, "5.0e−4"), (99.96, "100"), (999.9, "1000"), (1234.5, "1234"), (9999.7, "1.0e4"),
        (9999.0, "9999"), (10000.0, "1.0e4"), (-123456.0, "−1.2e5"), (1e20, "1.0e20"), (1e-20, "1.0e−20"),
        (float("inf"), "∞"), (float("-inf"), "−∞"), (float("nan"), "NaN"),
    ],
)  # fmt: skip
def test_number__is_short(value: float, text: str) -> None:
    assert number(value) == text


def test_one_line__of_many_thousand_inputs_names_the_largest() -> None:
    x = np.zeros((1, 150_000), np.float32)
    x[0, 70_000] = 2
    layer = Linear(out_features=1, weight=np.full((1, 150_000), 0.5, np.float32))
    result = forward(Network((layer,)), x)
    assert one_line(result, 0, 0, 0, 0) == "This number: 2×0.5 = 1"
