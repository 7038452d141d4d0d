"""A network in figures."""

from __future__ import annotations

from itertools import pairwise

import pytest

from explorer.layers import (
    LAYER_TYPES,
    AvgPool2d,
    BatchNorm2d,
    Conv2d,
    Flatten,
    GlobalAvgPool2d,
    Layer,
    Linear,
    MaxPool2d,
    ReLU,
)
from explorer.layers.layer import Shape
from explorer.layers.network import Network, layer_bytes
from explorer.layers.summary import LayerSummary, in_figures, summarize


def figures(shape: Shape, *layers: Layer) -> tuple[LayerSummary, ...]:
    return summarize(Network(layers), shape).layers


def test_summarize__sides_are_counted_apart() -> None:
    first, second = figures(
        (1, 20, 40),
        Conv2d(kernel_size=(1, 3), stride=(1, 2), dilation=(1, 4)),
        MaxPool2d(kernel_size=(3, 2)),
    )
    assert (first.receptive_field, first.jump) == ((1, 9), (1, 2))
    assert (second.receptive_field, second.jump) == ((3, 11), (3, 4))


def test_summarize__padding_does_not_change_what_is_seen() -> None:
    for padding in ("valid", "same"):
        layers = figures((1, 20, 20), Conv2d(padding=padding), Conv2d(padding=padding))
        assert layers[-1].receptive_field == (5, 5)


def test_summarize__groups_and_bias() -> None:
    (layer,) = figures((3, 5, 6), Conv2d(out_channels=6, groups=3, bias=False))
    assert (layer.parameters, layer.formula) == (6 * 1 * 9, "6·1·3·3 = 54")
    assert layer.multiply_adds == 6 * 9 * 3 * 4
    (layer,) = figures((3, 5, 6), Conv2d(out_channels=6, groups=3))
    assert (layer.parameters, layer.multiply_adds) == (60, 6 * 9 * 3 * 4)
    assert layer.formula == "6·(1·3·3+1) = 60"


def test_summarize__nothing_is_seen_behind_flatten() -> None:
    layers = figures((3, 4, 6), GlobalAvgPool2d(), Flatten(), ReLU(), Linear(out_features=2, bias=False))
    assert [layer.receptive_field for layer in layers] == [(4, 6), None, None, None]
    assert [layer.jump for layer in layers] == [(4, 6), None, None, None]
    assert (layers[-1].parameters, layers[-1].multiply_adds) == (6, 6)


def test_summarize__a_layer_switched_off_has_nothing_of_its_own() -> None:
    (layer,) = figures((3, 4, 6), Conv2d(name="off", enabled=False, kernel_size=(9, 9)))
    assert (layer.output_shape, layer.parameters, layer.multiply_adds) == ((3, 4, 6), 0, 0)
    assert (layer.receptive_field, layer.jump) == ((1, 1), (1, 1))
    assert (layer.memory, layer.formula, layer.comparison, layer.rounding) == (0, "", "", "")


def test_summarize__goes_as_far_as_the_network() -> None:
    summary = summarize(Network((BatchNorm2d(), Linear(name="dense"), ReLU())), (3, 4, 6))
    assert [layer.parameters for layer in summary.layers] == [6]
    assert summary.error is not None
    assert (summary.error.index, summary.error.layer_name) == (1, "dense")
    assert summary.error.message.startswith("Linear takes a row of numbers")


def test_summarize__stops_where_there_is_not_enough_memory() -> None:
    summary = summarize(Network((ReLU(), Conv2d())), (3, 400, 600), memory_limit=10_000_000)
    assert (len(summary.layers), summary.memory) == (1, 2 * 4 * 3 * 400 * 600)
    assert summary.error is not None
    assert "would need" in summary.error.message


def test_summarize__no_layers() -> None:
    summary = summarize(Network(), (3, 4, 6))
    assert (summary.layers, summary.error, summary.parameters, summary.seconds) == ((), None, 0, None)
    assert summary.memory == 4 * 3 * 4 * 6


@pytest.mark.parametrize(
    ("layer", "shape", "formula"),
    [
        (Conv2d(out_channels=32), (3, 150, 150), "32·(3·3·3+1) = 896"),
        (Conv2d(out_channels=64), (32, 149, 149), "64·(32·3·3+1) = 18,496"),
        (Conv2d(out_channels=3, kernel_size=(5, 5)), (3, 380, 512), "3·(3·5·5+1) = 228"),
        (Conv2d(out_channels=3, bias=False), (1, 20, 20), "3·1·3·3 = 27"),
        (Linear(), (784,), "10·(784+1) = 7,850"),
        (Linear(out_features=2000, bias=False), (784,), "2,000·784 = 1,568,000"),
        (BatchNorm2d(), (16, 7, 7), "2·16 = 32"),
        (ReLU(), (16, 7, 7), ""),
    ],
)
def test_formula__has_the_numbers_put_in(layer: Layer, shape: Shape, formula: str) -> None:
    (result,) = figures(shape, layer)
    assert result.formula == formula


@pytest.mark.parametrize("layer_type", LAYER_TYPES)
def test_formula__is_there_for_every_layer_with_parameters_and_gives_their_number(
    layer_type: type[Layer],
) -> None:
    shape = (6,) if layer_type is Linear else (6, 9, 9)
    (result,) = figures(shape, layer_type())
    assert bool(result.formula) == bool(result.parameters)
    if result.formula:
        product, count = result.formula.replace(",", "").replace("·", "*").split(" = ")
        assert eval(product) == int(count) == result.parameters


def test_comparison__of_the_stacked_convolutions() -> None:
    first, _, _, second, _ = figures(
        (3, 300, 300), Conv2d(out_channels=32), ReLU(), MaxPool2d(), Conv2d(out_channels=64), ReLU()
    )
    assert first.comparison == (
        "896 weights shared over 88,804 positions; a linear layer to the same output would need 7.7e11"
    )
    assert (3 * 300 * 300 + 1) * 32 * 298 * 298 == 767_269_401_728
    assert second.comparison.startswith("18,496 weights shared over 21,609 positions; ")
    assert second.counts.startswith("32 channels in, 64 filters of 32 × 3 × 3 weights, 64 maps out: ")
    assert second.counts.endswith("(not 32 × 64 = 2,048 maps)")
    assert second.remarks == (second.comparison, second.counts)


def test_comparison__of_a_single_position_and_of_small_numbers() -> None:
    (layer,) = figures((1, 3, 3), Conv2d(out_channels=1, bias=False))
    assert layer.comparison == (
        "9 weights for a single position; a linear layer to the same output would need 9"
    )
    assert [in_figures(number) for number in (0, 46_272, 999_999_999, 10**9, 767_269_401_728)] == [
        "0", "46,272", "999,999,999", "1.0e9", "7.7e11",
    ]  # fmt: skip


def test_rounding__of_pooling_has_floor_and_ceil_side_by_side() -> None:
    for ceil_mode, way in ((True, "ceil"), (False, "floor")):
        (layer,) = figures((5, 93, 126), MaxPool2d(ceil_mode=ceil_mode))
        assert layer.rounding == f"46 rows with floor, 47 with ceil; here {way}"
    (layer,) = figures((5, 93, 127), AvgPool2d())
    assert layer.rounding == (
        "46 rows with floor, 47 with ceil; 63 columns with floor, 64 with ceil; here floor"
    )
    (layer,) = figures((5, 94, 126), MaxPool2d())
    assert layer.rounding == ""


def test_rounding__of_a_convolution_is_floored() -> None:
    (layer,) = figures((3, 376, 508), Conv2d(out_channels=5, stride=(2, 2)))
    assert layer.output_shape == (5, 187, 253)
    assert layer.rounding == "rows 187.5 → 187 (floor), columns 253.5 → 253 (floor)"


def test_memory__is_that_of_the_plan() -> None:
    layers = (Conv2d(out_channels=32), MaxPool2d(), Flatten(), Linear())
    summary = summarize(Network(layers), (3, 30, 30))
    shapes = [(3, 30, 30), *(layer.output_shape for layer in summary.layers)]
    needed = [layer_bytes(layer, *pair) for layer, pair in zip(layers, pairwise(shapes), strict=True)]
    assert [layer.memory for layer in summary.layers] == needed
    assert summary.memory == 4 * 3 * 30 * 30 + sum(needed)
    assert summarize(Network(layers), (3, 30, 30), memory_limit=summary.memory).error is None
    assert summarize(Network(layers), (3, 30, 30), memory_limit=summary.memory - 1).error is not None


def test_seconds__by_name_where_they_are_known() -> None:
    summary = summarize(Network((Conv2d(), ReLU())), (1, 9, 9), seconds={"relu": 0.25, "gone": 1.0})
    assert [layer.seconds for layer in summary.layers] == [None, 0.25]
    assert summary.seconds == 0.25
