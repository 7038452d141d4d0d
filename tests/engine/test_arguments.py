"""Wrong arguments are refused with one sentence that names the number; odd but right ones are accepted."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from tests import reference
from tests.engine.checks import assert_close, assert_refused, normal

X = normal(1, 4, 6, 7)
WEIGHT = normal(2, 4, 3, 3, seed=1)

NOT_A_SIZE = [0, -1, 2.0, 1.5, float("nan"), float("inf"), True, False, np.float32(2), np.True_, "2", None]
NOT_A_SIZE += [2**70, np.array(2), np.ones((2, 2), int), b"\1\1", {1, 2}]
NOT_A_PAIR = [
    (),
    (1,),
    (1, 2, 3),
    (1, 0),
    (-2, 1),
    (1.5, 1),
    (1, float("nan")),
    (True, 1),
    ("1", "2"),
    (None, 1),
]


def conv2d(engine: ModuleType, **options: Any) -> Any:
    return engine.conv2d(X, WEIGHT, **options)


def max_pool2d(engine: ModuleType, **options: Any) -> Any:
    return engine.max_pool2d(X, **{"kernel_size": 2, **options})


def avg_pool2d(engine: ModuleType, **options: Any) -> Any:
    return engine.avg_pool2d(X, **{"kernel_size": 2, **options})


sliding = pytest.mark.parametrize("function", [conv2d, max_pool2d, avg_pool2d])
pooling = pytest.mark.parametrize("function", [max_pool2d, avg_pool2d])

Function = Callable[..., Any]


# Sizes


@pytest.mark.parametrize("value", NOT_A_SIZE + NOT_A_PAIR)
@pytest.mark.parametrize(
    ("function", "name"),
    [
        (conv2d, "stride"),
        (conv2d, "dilation"),
        (max_pool2d, "kernel_size"),
        (max_pool2d, "stride"),
        (max_pool2d, "dilation"),
        (avg_pool2d, "kernel_size"),
        (avg_pool2d, "stride"),
    ],
)
def test_sizes__must_be_whole_and_positive(
    engine: ModuleType, function: Function, name: str, value: Any
) -> None:
    if value is None and name == "stride" and function is not conv2d:
        return  # the window itself
    assert_refused(lambda: function(engine, **{name: value}))


@sliding
@pytest.mark.parametrize("stride", [0, -3])
def test_stride__the_sentence_names_the_number(engine: ModuleType, function: Function, stride: int) -> None:
    assert_refused(lambda: function(engine, stride=stride), "stride", stride)
    assert_refused(lambda: function(engine, stride=(1, stride)), "stride", stride)


@pytest.mark.parametrize("value", [0, -1, 1.0, float("nan"), True, "1", None, (1, 1), 2**70, np.array(1)])
def test_groups__must_be_whole_and_positive(engine: ModuleType, value: Any) -> None:
    assert_refused(lambda: conv2d(engine, groups=value), "groups")


@sliding
def test_sizes__numpy_integers_and_lists_are_as_good(engine: ModuleType, function: Function) -> None:
    expected = function(engine, stride=(2, 3))
    for stride in ([2, 3], np.array([2, 3]), (np.int64(2), np.uint8(3))):
        np.testing.assert_array_equal(function(engine, stride=stride), expected)
    np.testing.assert_array_equal(function(engine, stride=np.int32(2)), function(engine, stride=2))


def test_dilation__of_one_tap_has_no_effect_however_large(engine: ModuleType) -> None:
    weight = normal(2, 4, 1, 1)
    for dilation in (2**31, 2**40):
        np.testing.assert_array_equal(engine.conv2d(X, weight, dilation=dilation), engine.conv2d(X, weight))
        np.testing.assert_array_equal(engine.max_pool2d(X, 1, dilation=dilation), X)


# Padding


@sliding
@pytest.mark.parametrize(
    "padding",
    [
        -1,
        (-1, 0),
        (0, 0, 0, -1),
        (1, 1, 1),
        (1,),
        (),
        (1, 1, 1, 1, 1),
        0.5,
        1.0,
        float("nan"),
        True,
        (True, False),
        (1.0, 1),
        None,
        "SAME",
        "full",
        "",
        "1",
        b"\0\0",
        2**70,
        np.array(1),
        np.zeros((2, 2), int),
    ],
)
def test_padding__must_be_whole_numbers_or_a_known_word(
    engine: ModuleType, function: Function, padding: Any
) -> None:
    assert_refused(lambda: function(engine, padding=padding), "padding")


@sliding
def test_padding__the_sentence_names_the_number_or_the_word(engine: ModuleType, function: Function) -> None:
    assert_refused(lambda: function(engine, padding=(0, 0, -4, 0)), -4)
    assert_refused(lambda: function(engine, padding="reflect"), "reflect")


@sliding
def test_padding__may_be_a_list_or_an_array(engine: ModuleType, function: Function) -> None:
    expected = function(engine, padding=(1, 0))
    for padding in ([1, 0], np.array([1, 0]), [1, 1, 0, 0], np.array([1, 1, 0, 0])):
        np.testing.assert_array_equal(function(engine, padding=padding), expected)


@pooling
@pytest.mark.parametrize(
    ("kernel_size", "padding", "number"),
    [(2, 2, 2), (1, 1, 1), (3, 5, 5), ((2, 4), (1, 4), 4), ((4, 2), (2, 2), 2), (3, (0, 0, 0, 3), 3)],
)
def test_padding__of_a_pooling_as_large_as_its_window_is_refused(
    engine: ModuleType, function: Function, kernel_size: Any, padding: Any, number: int
) -> None:
    assert_refused(lambda: function(engine, kernel_size=kernel_size, padding=padding), "padding", number)


@pooling
def test_padding__of_a_pooling_may_be_one_less_than_its_window(
    engine: ModuleType, function: Function
) -> None:
    assert function(engine, kernel_size=3, padding=2, stride=1).shape == (1, 4, 8, 9)


def test_padding__of_a_convolution_may_be_larger_than_its_window(engine: ModuleType) -> None:
    assert_close(conv2d(engine, padding=4), reference.conv2d(X, WEIGHT, padding=4))


# Shapes


@pytest.mark.parametrize("shape", [(), (7,), (6, 7), (4, 6, 7), (1, 1, 4, 6, 7)])
def test_shapes__pictures_need_four_dimensions(engine: ModuleType, shape: tuple[int, ...]) -> None:
    x = np.zeros(shape, np.float32)
    assert_refused(lambda: engine.conv2d(x, WEIGHT), len(shape))
    assert_refused(lambda: engine.max_pool2d(x, 2), len(shape))
    assert_refused(lambda: engine.avg_pool2d(x, 2), len(shape))
    assert_refused(lambda: engine.global_avg_pool2d(x), len(shape))
    assert_refused(lambda: engine.global_max_pool2d(x), len(shape))


@pytest.mark.parametrize("shape", [(), (3,), (3, 3), (4, 3, 3), (1, 2, 4, 3, 3)])
def test_shapes__weights_need_four_dimensions(engine: ModuleType, shape: tuple[int, ...]) -> None:
    assert_refused(lambda: engine.conv2d(X, np.zeros(shape, np.float32)), "weight", len(shape))


@pytest.mark.parametrize("shape", [(0, 4, 3, 3), (2, 4, 0, 3), (2, 4, 3, 0)])
def test_shapes__weights_without_a_number_are_refused(engine: ModuleType, shape: tuple[int, ...]) -> None:
    assert_refused(lambda: engine.conv2d(X, np.zeros(shape, np.float32)), 0)


def test_shapes__channels_must_match(engine: ModuleType) -> None:
    assert_refused(lambda: engine.conv2d(X, normal(2, 3, 3, 3)), 4, 3)
    assert_refused(lambda: engine.conv2d(X, normal(2, 4, 3, 3), groups=2), 4)
    assert_refused(lambda: engine.conv2d(X, normal(2, 0, 3, 3)), 0)
    assert_refused(lambda: engine.conv2d(normal(1, 0, 6, 7), WEIGHT), 0)


def test_shapes__groups_must_divide_both_channel_counts(engine: ModuleType) -> None:
    assert_refused(lambda: engine.conv2d(X, normal(3, 1, 3, 3), groups=3), 3, 4)
    assert_refused(lambda: engine.conv2d(X, normal(3, 2, 3, 3), groups=2), 3, 2)
    assert_refused(lambda: engine.conv2d(X, normal(8, 1, 3, 3), groups=8), 8, 4)


@pytest.mark.parametrize("shape", [(), (1,), (3,), (2, 1), (1, 2)])
def test_shapes__one_bias_per_filter(engine: ModuleType, shape: tuple[int, ...]) -> None:
    assert_refused(lambda: engine.conv2d(X, WEIGHT, np.zeros(shape, np.float32)), "bias")


@pytest.mark.parametrize(
    ("call", "numbers"),
    [
        (lambda engine: engine.conv2d(normal(1, 4, 2, 7), WEIGHT), (3, 2)),
        (lambda engine: engine.conv2d(normal(1, 4, 7, 2), WEIGHT), (3, 2)),
        (lambda engine: engine.conv2d(X, WEIGHT, dilation=3), (7, 6)),
        (lambda engine: engine.conv2d(X, WEIGHT, dilation=2**40), ()),
        (lambda engine: engine.max_pool2d(X, 8), (8, 6)),
        (lambda engine: engine.max_pool2d(X, 2, dilation=6), (7, 6)),
        (lambda engine: engine.avg_pool2d(X, (1, 9)), (9, 7)),
        (lambda engine: engine.max_pool2d(X, 9, padding=1), (9, 8)),
        (lambda engine: engine.avg_pool2d(X, 2**40), ()),
    ],
)
def test_shapes__an_output_without_a_pixel_is_refused(
    engine: ModuleType, call: Function, numbers: tuple[int, ...]
) -> None:
    assert_refused(lambda: call(engine), *numbers)


@pytest.mark.parametrize("shape", [(1, 4, 0, 7), (1, 4, 6, 0), (1, 4, 0, 0)])
def test_shapes__a_picture_without_a_pixel_is_refused(engine: ModuleType, shape: tuple[int, ...]) -> None:
    x = np.zeros(shape, np.float32)
    for padding in (0, 1, "same"):  # padding alone makes no picture
        assert_refused(lambda p=padding: engine.conv2d(x, WEIGHT, padding=p), "no pixel", shape)  # type: ignore[misc]
        assert_refused(lambda p=padding: engine.max_pool2d(x, 2, padding=p), "no pixel", shape)  # type: ignore[misc]
        assert_refused(lambda p=padding: engine.avg_pool2d(x, 2, padding=p), "no pixel", shape)  # type: ignore[misc]
    assert_refused(lambda: engine.global_avg_pool2d(x), "no pixel", shape)
    assert_refused(lambda: engine.global_max_pool2d(x), "no pixel", shape)


def test_shapes__a_window_that_hangs_over_may_be_all_there_is(engine: ModuleType) -> None:
    x = normal(1, 1, 2, 2)
    assert_close(
        engine.max_pool2d(x, 3, ceil_mode=True), reference.max_pool2d(x, 3, ceil_mode=True), tolerance=0
    )
    assert_close(engine.avg_pool2d(x, 3, ceil_mode=True), reference.avg_pool2d(x, 3, ceil_mode=True))


# Numbers


@pytest.mark.parametrize("kind", [np.complex64, object, "U3", "S3", "M8[s]"])
def test_numbers__that_are_not_real_are_refused(engine: ModuleType, kind: Any) -> None:
    x = np.zeros((1, 4, 6, 7), kind)
    assert_refused(lambda: engine.conv2d(x, WEIGHT))
    assert_refused(lambda: engine.conv2d(X, np.zeros(WEIGHT.shape, kind)), "weight")
    assert_refused(lambda: engine.conv2d(X, WEIGHT, np.zeros(2, kind)), "bias")
    assert_refused(lambda: engine.max_pool2d(x, 2))
    assert_refused(lambda: engine.relu(x))
    assert_refused(lambda: engine.global_avg_pool2d(x))
    assert_refused(lambda: engine.linear(x, normal(3, 7)))


@pytest.mark.parametrize(
    "kind", ["f8", "f2", "g", ">f4", ">f8", "i1", "u1", "i2", "u2", "i4", "i8", "u8", ">i4", "?"]
)
def test_numbers__of_every_real_type_are_converted(engine: ModuleType, kind: str) -> None:
    x = (np.arange(4 * 6 * 7).reshape(1, 4, 6, 7) % 2).astype(kind)
    weight = (np.arange(2 * 4 * 9).reshape(2, 4, 3, 3) % 2).astype(kind)
    bias = np.array([1, 0]).astype(kind)
    assert_close(engine.conv2d(x, weight, bias), reference.conv2d(x, weight, bias), tolerance=0)
    assert_close(engine.max_pool2d(x, 2), reference.max_pool2d(x, 2), tolerance=0)
    assert_close(engine.avg_pool2d(x, 2), reference.avg_pool2d(x, 2))
    assert_close(engine.relu(x), reference.relu(x), tolerance=0)


def test_numbers__too_large_for_float32_become_infinite_in_silence(engine: ModuleType) -> None:
    x = np.full((1, 1, 2, 2), 1e300)
    assert engine.max_pool2d(x, 2).tolist() == [[[[np.inf]]]]
    assert engine.relu(x).tolist() == np.full((1, 1, 2, 2), np.inf).tolist()


def test_numbers__an_unknown_algorithm_is_refused(engine: ModuleType) -> None:
    assert_refused(lambda: conv2d(engine, algorithm="fastest"), "fastest")


@pytest.mark.parametrize("value", [[], {}, "yes", 2, None])
def test_pooling__refuses_what_is_neither_true_nor_false(engine: ModuleType, value: Any) -> None:
    x = normal(1, 1, 4, 4)
    assert_refused(lambda: engine.max_pool2d(x, 2, ceil_mode=value), "ceil_mode")
    assert_refused(lambda: engine.avg_pool2d(x, 2, count_include_pad=value), "count_include_pad")


def test_convolution__refuses_a_list_of_algorithms(engine: ModuleType) -> None:
    x, weight = normal(1, 1, 4, 4), normal(1, 1, 3, 3)
    assert_refused(lambda: engine.conv2d(x, weight, algorithm=np.array(["auto"])), "algorithm")
