"""Which outputs depend on a number, in boxes and in words."""

from __future__ import annotations

from explorer.layers import Conv2d, Flatten, Layer, Linear, MaxPool2d, ReLU
from explorer.layers.receptive import Box
from explorer.ui.seen_by import dependents_of, seen_by
from tests.live.given import from_scratch, small_document


def words(row: int, column: int, *layers: Layer, index: int = 0) -> str:
    result = from_scratch(small_document(*layers))
    return seen_by(result, dependents_of(result, index, row, column), index)


def test_words__count_columns_times_rows_and_leave_out_what_keeps_places() -> None:
    layers = (Conv2d(kernel_size=(3, 5)), ReLU(), MaxPool2d())
    assert words(10, 10, *layers) == "seen by 5×3 values of conv2d, 3×2 of max_pool2d"


def test_words__at_the_corner() -> None:
    assert words(0, 0, Conv2d(), MaxPool2d()) == "seen by 1×1 values of conv2d, 1×1 of max_pool2d"


def test_words__of_what_no_window_sees() -> None:
    assert words(19, 3, Conv2d(kernel_size=(3, 3), stride=(4, 4)), ReLU()) == "seen by none of conv2d"


def test_words__of_a_linear_layer() -> None:
    text = words(3, 3, Conv2d(), Flatten(), Linear(out_features=10))
    assert text == "seen by 3×3 values of conv2d, all 10 of linear"


def test_words__of_an_activation_that_is_looked_at_name_it() -> None:
    assert words(3, 3, ReLU(), MaxPool2d()) == "seen by 1×1 values of relu, 1×1 of max_pool2d"


def test_deeper__begins_at_the_layer_whose_input_it_is() -> None:
    result = from_scratch(small_document(Conv2d(), MaxPool2d(), Conv2d()))
    boxes = dependents_of(result, 2, 4, 4)
    assert boxes == (None, None, Box(2, 2, 3, 3))
    assert seen_by(result, boxes, 2) == "seen by 3×3 values of conv2d_1"


def test_without_layers__there_is_nothing_to_say() -> None:
    result = from_scratch(small_document(ReLU()))
    assert seen_by(result, ()) == ""
