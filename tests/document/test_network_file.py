"""Networks as JSON: what is written is read again bit by bit, and every problem is reported with its path."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from explorer.document.network_file import FORMAT, MAXIMUM_BYTES, network_text, parse_network, read_network
from explorer.errors import NetworkFileError
from explorer.layers import (
    LAYER_TYPES,
    AvgPool2d,
    BatchNorm2d,
    Conv2d,
    Flatten,
    Layer,
    LeakyReLU,
    Linear,
    MaxPool2d,
    ReLU,
    Softmax,
)
from explorer.layers.layer import weights
from explorer.layers.network import Network
from tests.engine.checks import assert_same_bits
from tests.layers.contract import numbers

many = settings(max_examples=100, deadline=None, derandomize=True, database=None)

EXAMPLE = """{"format": "feature-map-explorer/network", "version": 1,
 "layers": [
   {"type": "Conv2d", "name": "edges", "out_channels": 32, "kernel_size": [3, 3], "stride": 1, "padding": "same",
    "weight": {"init": "glorot_uniform", "seed": 0}},
   {"type": "ReLU", "enabled": false},
   {"type": "MaxPool2d", "kernel_size": 2, "stride": 2, "padding": 0, "dilation": 1, "ceil_mode": true},
   {"type": "Conv2d", "out_channels": 1, "kernel_size": 1, "padding": [0, 0, 0, 0], "bias": [0.5],
    "weight": {"init": "he_normal", "seed": 1}},
   {"type": "Flatten"}, {"type": "Linear", "out_features": 10}, {"type": "Softmax"}]}
"""


def text(*layers: Any, **more: Any) -> str:
    """A file of these layers; ``more`` replaces or adds fields."""
    return json.dumps({"format": FORMAT, "version": 1, "layers": list(layers)} | more)


def problems(content: str | bytes) -> list[str]:
    """Everything that is wrong with a file."""
    with pytest.raises(NetworkFileError) as caught:
        parse_network(content)
    assert all(caught.value.problems)
    assert str(caught.value) == "; ".join(caught.value.problems)
    return caught.value.problems


def problem(content: str | bytes) -> str:
    """The one thing that is wrong with a file."""
    (only,) = problems(content)
    return only


def read_or_refused(content: str | bytes) -> Network | list[str]:
    """The network, or what is wrong with the file."""
    try:
        return parse_network(content)
    except NetworkFileError as error:
        return error.problems


def again(network: Network) -> Network:
    """The network written and read."""
    return parse_network(network_text(network))


def assert_equal(ours: Network, theirs: Network) -> None:
    """Both hold the same layers, bit by bit."""
    assert ours.names == theirs.names
    for a, b in zip(ours.layers, theirs.layers, strict=True):
        assert type(a) is type(b)
        assert a.enabled == b.enabled
        for name, array in weights(a).items():
            other = weights(b)[name]
            assert (array is None) == (other is None)
            if array is not None:
                assert_same_bits(array, other)
        # of weights that were drawn, a file does not hold where they started
        drawn = weights(a).get("weight") is not None
        hidden = ("initializer", "seed") if drawn else ()
        assert {k: v for k, v in a.config().items() if k not in hidden} == {
            k: v for k, v in b.config().items() if k not in hidden
        }


# What a file says


def test_read__the_example() -> None:
    network = parse_network(EXAMPLE)
    edges, relu, pool, mix, flatten, scores, shares = network.layers
    assert network.names == ("edges", "relu", "max_pool2d", "conv2d", "flatten", "linear", "softmax")
    assert isinstance(edges, Conv2d)
    assert (edges.out_channels, edges.kernel_size, edges.padding) == (32, (3, 3), "same")
    assert (edges.initializer, edges.seed, edges.weight, edges.bias) == ("glorot_uniform", 0, None, True)
    assert isinstance(relu, ReLU)
    assert not relu.enabled
    assert isinstance(pool, MaxPool2d)
    assert (pool.kernel_size, pool.stride, pool.ceil_mode) == ((2, 2), (2, 2), True)
    assert isinstance(mix, Conv2d)
    assert (mix.kernel_size, mix.padding, mix.initializer, mix.seed) == ((1, 1), (0, 0), "he_normal", 1)
    assert mix.bias_values is not None
    assert mix.bias_values.tolist() == [0.5]
    assert isinstance(flatten, Flatten)
    assert isinstance(scores, Linear)
    assert scores.out_features == 10
    assert isinstance(shares, Softmax)
    assert network.plan((1, 28, 28)).error is None


def test_read__omitted_fields_have_their_defaults() -> None:
    network = parse_network(text({"type": "Conv2d"}, {"type": "MaxPool2d", "kernel_size": [2, 3]}))
    conv, pool = network.layers
    assert conv.same_parameters(Conv2d())
    assert conv.enabled
    assert isinstance(pool, MaxPool2d)
    assert pool.stride is None
    assert pool.sliding_window.stride == (2, 3)


@pytest.mark.parametrize("layer_type", LAYER_TYPES, ids=[t.type_name for t in LAYER_TYPES])
def test_read__a_type_alone_is_a_layer(layer_type: type[Layer]) -> None:
    assert type(parse_network(text({"type": layer_type.type_name})).layers[0]) is layer_type


def test_read__bias_is_true_false_or_numbers() -> None:
    values = [{"type": "Linear", "out_features": 2, "bias": bias} for bias in (True, False, [1, 2.5])]
    on, off, given_ = parse_network(text(*values)).layers
    assert isinstance(on, Linear)
    assert isinstance(off, Linear)
    assert isinstance(given_, Linear)
    assert (on.bias, off.bias, given_.bias) == (True, False, True)
    assert on.bias_values is None
    assert given_.bias_values is not None
    assert given_.bias_values.tolist() == [1, 2.5]


def test_read__statistics_of_a_normalization() -> None:
    entry = {
        "type": "BatchNorm2d",
        "running_mean": [1, 2],
        "running_var": [3, 4],
        "weight": [5, 6],
        "bias": [7, 8],
    }
    layer = parse_network(text(entry)).layers[0]
    assert isinstance(layer, BatchNorm2d)
    assert layer.bias_values is not None
    assert layer.bias_values.tolist() == [7, 8]
    assert_equal(again(Network((layer,))), Network((layer,)))


def test_read__a_byte_order_mark_is_no_problem() -> None:
    assert parse_network(b"\xef\xbb\xbf" + EXAMPLE.encode()).names[0] == "edges"
    assert parse_network("\ufeff" + EXAMPLE).names[0] == "edges"


def test_read__an_empty_network() -> None:
    assert parse_network(text()).layers == ()


def test_read__a_layer_that_does_not_fit_its_input_is_no_fault_of_the_file() -> None:
    network = parse_network(text({"type": "Conv2d", "out_channels": 8, "groups": 3}, {"type": "Linear"}))
    assert network.plan((1, 9, 9)).error is not None


# What a file must not say


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ({"type": "Conv2d", "stride": 0}, "layers[0].stride: must be at least 1, is 0"),
        ({"type": "Conv2d", "stride": True}, "layers[0].stride: must be a whole number, is true"),
        ({"type": "Conv2d", "stride": -2}, "layers[0].stride: must be at least 1, is -2"),
        ({"type": "Conv2d", "stride": 1.5}, "layers[0].stride: must be a whole number, is 1.5"),
        ({"type": "Conv2d", "stride": [1, -1]}, "layers[0].stride: must be at least 1, is -1"),
        ({"type": "Conv2d", "out_channels": -1}, "layers[0].out_channels: must be at least 1, is -1"),
        (
            {"type": "Conv2d", "kernel_size": [3]},
            "layers[0].kernel_size: must be one number or [vertical, horizontal]",
        ),
        (
            {"type": "Conv2d", "padding": "full"},
            'layers[0].padding: must be "valid", "same" or whole numbers',
        ),
        ({"type": "Conv2d", "padding": -1}, "layers[0].padding: must be at least 0, is -1"),
        ({"type": "Conv2d", "name": 3}, "layers[0].name: must be a text of at most 60 characters"),
        ({"type": "Conv2d", "name": "\ud800"}, "layers[0].name: must be one line of text"),
        ({"type": "Conv2d", "enabled": 1}, "layers[0].enabled: must be true or false"),
        ({"type": "Conv2d", "filter_names": "edge"}, "layers[0].filter_names: must be a list of texts"),
        ({"type": "Conv2d", "filter_names": [1]}, "layers[0].filter_names: each must be a text"),
        ({"type": "Conv2d", "bias": 1}, "layers[0].bias: must be true or false, is 1"),
        ({"type": "Conv2d", "bias": None}, "layers[0].bias: must be true or false"),
        ({"type": "Conv2d", "bias": [[0] * 8]}, "layers[0].bias: must be nested 1 deep, is 2 deep"),
        ({"type": "Conv2d", "bias": [0.5]}, "layers[0].bias: must have 8 numbers, has 1"),
        ({"type": "Conv2d", "bias_values": [0.5]}, "layers[0].bias_values: unknown field of Conv2d"),
        ({"type": "Conv2d", "seed": 1}, "layers[0].seed: unknown field of Conv2d"),
        (
            {"type": "Conv2d", "weight": {"init": "xavier"}},
            "layers[0].weight.init: must be one of glorot_uniform, ",
        ),
        (
            {"type": "Conv2d", "weight": {"init": ["zeros"]}},
            "layers[0].weight.init: must be one of glorot_uniform, ",
        ),
        ({"type": "Conv2d", "weight": {"seed": -1}}, "layers[0].weight.seed: must be at least 0, is -1"),
        (
            {"type": "Conv2d", "weight": {"seed": True}},
            "layers[0].weight.seed: must be a whole number, is true",
        ),
        ({"type": "Conv2d", "weight": {"gain": 2}}, "layers[0].weight.gain: unknown field"),
        ({"type": "Conv2d", "weight": None}, "layers[0].weight: must be nested lists of numbers"),
        ({"type": "Conv2d", "weight": [1, 2]}, "layers[0].weight: must be nested 4 deep, is 1 deep"),
        ({"type": "Conv2d", "weight": [[1, 2], [3]]}, "layers[0].weight: its rows must all be of one length"),
        ({"type": "Conv2d", "weight": [[1], 3]}, "layers[0].weight: its rows must all be of one length"),
        ({"type": "Conv2d", "weight": [[[["1"]]]]}, "layers[0].weight: must be nested lists of numbers"),
        ({"type": "Conv2d", "weight": [[[[True]]]]}, "layers[0].weight: must be nested lists of numbers"),
        ({"type": "Conv2d", "weight": [[[[]]]]}, "layers[0].weight: must not be empty"),
        (
            {"type": "Conv2d", "out_channels": 1, "kernel_size": 1, "weight": [[[[1e39]]]]},
            "layers[0].weight: must be finite numbers",
        ),
        (
            {"type": "Conv2d", "out_channels": 2, "weight": [[[[1]]]]},
            "layers[0].weight: must have the shape [2, …, 3, 3], has [1, 1, 1, 1]",
        ),
        ({"type": "Linear", "weight": [[1, 2]]}, "layers[0].weight: must have the shape [10, …], has [1, 2]"),
        ({"type": "Linear", "out_features": 0}, "layers[0].out_features: must be at least 1, is 0"),
        ({"type": "LeakyReLU", "negative_slope": 2}, "layers[0].negative_slope: must be at most 1, is 2"),
        ({"type": "LeakyReLU", "negative_slope": "1"}, 'layers[0].negative_slope: must be a number, is "1"'),
        (
            {"type": "LeakyReLU", "negative_slope": True},
            "layers[0].negative_slope: must be a number, is true",
        ),
        (
            {"type": "LeakyReLU", "negative_slope": 10**299},
            "layers[0].negative_slope: must be at most 1, is 1e+299",
        ),
        ({"type": "GELU", "approximate": "erf"}, "layers[0].approximate: must be one of none, tanh"),
        ({"type": "BatchNorm2d", "bias": True}, "layers[0].bias: must be nested lists of numbers"),
        ({"type": "BatchNorm2d", "running_var": [-1]}, "layers[0].running_var: must be at least 0, has -1"),
        (
            {"type": "BatchNorm2d", "weight": {"init": "zeros"}},
            "layers[0].weight: must be nested lists of numbers",
        ),
        ({"type": "ReLU", "stride": 1}, "layers[0].stride: unknown field of ReLU"),
        ({"type": "ReLU", "layers": []}, "layers[0].layers: unknown field of ReLU"),
        ({"type": "Dropout"}, "layers[0].type: must be one of Conv2d, MaxPool2d, "),
        ({"type": "conv2d"}, "layers[0].type: must be one of Conv2d, MaxPool2d, "),
        ({"type": ["Conv2d"]}, "layers[0].type: must be one of Conv2d, MaxPool2d, "),
        ({"type": ""}, "layers[0].type: must be one of Conv2d, MaxPool2d, "),
        ({"name": "edges"}, "layers[0].type: must be one of Conv2d, MaxPool2d, "),
        ("Conv2d", "layers[0]: must be an object"),
        (None, "layers[0]: must be an object"),
    ],
    ids=str,
)
def test_problem__of_one_layer_has_its_path(entry: Any, expected: str) -> None:
    assert problem(text(entry)).startswith(expected)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (text(version=2), "version: must be 1, is 2: the file comes from a newer version of the program"),
        (text(version=0), "version: must be 1, is 0"),
        (text(version=True), "version: must be 1, is true"),
        (text(version="1"), 'version: must be 1, is "1"'),
        (text(version=None), "version: must be 1, is null"),
        (text(format="onnx"), f'format: must be "{FORMAT}", is "onnx"'),
        (text(comment="hello"), "comment: unknown field"),
        (text(layers={}), "layers: must be a list"),
        (text(layers=None), "layers: must be a list"),
        (text(*[{"type": "ReLU"}] * 1001), "layers: must be at most 1000, are 1001"),
        ("[]", "The file must hold a JSON object with a list of layers"),
        ("3", "The file must hold a JSON object with a list of layers"),
        ("null", "The file must hold a JSON object with a list of layers"),
        ("", "The file is not valid JSON: Expecting value in line 1, column 1"),
        (
            "{",
            "The file is not valid JSON: Expecting property name enclosed in double quotes in line 1, column 2",
        ),
        (EXAMPLE[:200], "The file is not valid JSON: "),
        (EXAMPLE + "x", "The file is not valid JSON: Extra data"),
        (b"\xff\xfe" + EXAMPLE.encode("utf-16-le"), "The file is not a text in UTF-8, so it is no network"),
        (b"\x89PNG\r\n\x1a\n", "The file is not a text in UTF-8, so it is no network"),
        (EXAMPLE.replace('"seed": 1', '"seed": NaN'), "NaN is not a number that a network can hold"),
        (EXAMPLE.replace("[0.5]", "[-Infinity]"), "-Infinity is not a number that a network can hold"),
        (EXAMPLE.replace("[0.5]", "[1e999]"), "layers[3].bias: must be finite numbers"),
        (
            EXAMPLE.replace("[0.5]", f"[{'9' * 5000}]"),
            "The number 99999999999999999999… is longer than 300 digits",
        ),
        (EXAMPLE.replace("[0.5]", f"[{'9' * 300}]"), "layers[3].bias: must be finite numbers"),
        (
            EXAMPLE.replace('"seed": 1', '"seed": 1, "seed": 2'),
            'The field "seed" appears twice in one object',
        ),
        ('{"layers": [], "layers": []}', 'The field "layers" appears twice in one object'),
    ],
    ids=lambda value: str(value)[:40],
)
def test_problem__of_the_whole_file(content: str | bytes, expected: str) -> None:
    assert problem(content).startswith(expected)


@pytest.mark.parametrize("depth", [70, 300, 600, 900, 5000, 100_000])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            '{"format": "feature-map-explorer/network", "version": 1, "layers": [{"type": "Conv2d", "weight": ',
            "}]}",
        ),
        ('{"format": ', ', "version": 1, "layers": []}'),
        (
            '{"format": "feature-map-explorer/network", "version": 1, "layers": [{"type": "Conv2d", "stride": ',
            "}]}",
        ),
        ("", ""),
    ],
    ids=["weight", "format", "stride", "alone"],
)
def test_problem__of_deep_nesting(before: str, after: str, depth: int) -> None:
    assert len(problems(before + "[" * depth + "1" + "]" * depth + after)) == 1


def test_problems__are_all_reported() -> None:
    content = text(
        {"type": "Conv2d", "stride": 0, "padding": -1, "colour": "red"},
        {"type": "Pool"},
        {"type": "Linear", "weight": {"init": "best", "seed": -1}},
        7,
        version=9,
        author="me",
    )
    paths = [one.split(":")[0] for one in problems(content)]
    assert paths == [
        "version",
        "author",
        "layers[0].colour",
        "layers[0].stride",
        "layers[0].padding",
        "layers[1].type",
        "layers[2].weight.init",
        "layers[2].weight.seed",
        "layers[3]",
    ]


def test_problems__values_are_shortened() -> None:
    assert all(
        len(one) < 250 for one in problems(text({"type": "x" * 10_000}, {"type": "ReLU", "name": "x" * 9999}))
    )


def test_problems__names_that_are_used_twice() -> None:
    content = text({"type": "ReLU", "name": "a"}, {"type": "ReLU"}, {"type": "ReLU", "name": "a"})
    assert problem(content) == 'layers[2].name: "a" is taken by layers[0]'


def test_problems__weights_for_other_channels_than_come() -> None:
    first = {"type": "Conv2d", "out_channels": 4}
    second = {"type": "Conv2d", "out_channels": 1, "kernel_size": 1, "weight": [[[[1]], [[2]]]]}
    assert problem(text(first, {"type": "ReLU"}, second)) == (
        "layers[2].weight: must have 4 channels per filter, has 2"
    )
    assert parse_network(text(first | {"enabled": False}, second)).layers
    assert parse_network(text(first | {"out_channels": 2}, second)).layers
    assert parse_network(
        text(first, second | {"groups": 2, "out_channels": 2, "weight": [[[[1]], [[2]]]] * 2})
    ).layers


# Round trips


def painted(filters: int, channels: int, size: int, **parameters: Any) -> Conv2d:
    """A convolution whose every weight was drawn."""
    weight = numbers(filters, channels, size, size)
    return Conv2d(out_channels=filters, kernel_size=(size, size), weight=weight, **parameters)


def test_write__is_read_again() -> None:
    network = Network(
        (
            painted(
                4,
                3,
                5,
                stride=(2, 1),
                padding=(0, 1, 2, 3),
                bias_values=numbers(4),
                filter_names=("a", "", "ß"),
            ),
            LeakyReLU(negative_slope=0.1, enabled=False, name="leaky → bent"),
            AvgPool2d(kernel_size=(3, 2), stride=(1, 2), padding="same", count_include_pad=False),
            Conv2d(out_channels=6, groups=2, bias=False, initializer="he_normal", seed=77, dilation=(1, 2)),
            BatchNorm2d(
                running_mean=numbers(6),
                running_var=np.abs(numbers(6)),
                weight=numbers(6),
                bias_values=numbers(6),
            ),
            Flatten(),
            Linear(out_features=3, weight=numbers(3, 12), bias_values=numbers(3)),
            Softmax(),
        )
    )
    assert_equal(again(network), network)
    first, read = network.layers[0], again(network).layers[0]
    assert isinstance(first, Conv2d)
    assert isinstance(read, Conv2d)
    assert read.filter_names == first.filter_names
    assert network_text(again(network)) == network_text(network)


def test_write__an_initializer_only_while_the_weights_come_from_it() -> None:
    entry = json.loads(network_text(Network((Conv2d(seed=5),))))["layers"][0]
    assert entry["weight"] == {"init": "glorot_uniform", "seed": 5}
    assert "bias" in entry
    drawn = json.loads(network_text(Network((painted(2, 1, 3),))))["layers"][0]
    np.testing.assert_array_equal(np.float32(drawn["weight"]), numbers(2, 1, 3, 3))


def test_write__is_readable() -> None:
    lines = network_text(Network((painted(2, 1, 3, name="edges"), ReLU()))).splitlines()
    assert '  "format": "feature-map-explorer/network",' in lines
    assert (
        sum(line.count("[") == 1 and line.count(",") >= 2 for line in lines) == 6
    )  # one line for a kernel's row
    assert max(map(len, lines)) < 100


def test_write__only_the_weights_that_run() -> None:
    layer = dataclasses.replace(painted(6, 3, 5), out_channels=2, kernel_size=(3, 3))
    read = again(Network((layer,))).layers[0]
    assert isinstance(read, Conv2d)
    assert read.weight is not None
    assert_same_bits(read.weight, numbers(6, 3, 5, 5)[:2, :, 1:4, 1:4].copy())


@pytest.mark.parametrize("channels", [2, 4, 9])
@pytest.mark.parametrize("groups", [1, 2, 3])
def test_write__painted_weights_behind_a_layer_that_was_changed_can_be_read(
    channels: int, groups: int
) -> None:
    network = Network(
        (
            Conv2d(out_channels=channels),
            ReLU(),
            painted(6, 4, 3, groups=groups),
            painted(6, 4, 3, enabled=False),
        )
    )
    read = again(network)
    if network.plan((3, 20, 20)).error is None:
        for ours, theirs in zip(read.layers, network.layers, strict=True):
            fitted, expected = ours.fit((channels, 20, 20)), theirs.fit((channels, 20, 20))
            assert_same_bits(
                weights(fitted).get("weight", numbers(1)), weights(expected).get("weight", numbers(1))
            )
    else:
        assert read.plan((3, 20, 20)).error is not None


@many
@given(arrays(np.float32, (2, 1, 2, 3), elements=st.floats(width=32, allow_nan=False, allow_infinity=False)))
def test_round_trip__keeps_every_bit_of_every_float32(weight: Any) -> None:
    network = Network((Conv2d(out_channels=2, kernel_size=(2, 3), weight=weight),))
    read = again(network).layers[0]
    assert isinstance(read, Conv2d)
    assert read.weight is not None
    assert_same_bits(read.weight, weight)


@pytest.mark.parametrize(
    "bits", [0x80000000, 0x00000001, 0x807FFFFF, 0x7F7FFFFF, 0x00800000, 0x3DCCCCCD, 0x5A000000]
)
def test_round_trip__keeps_the_bits_of_edge_cases(bits: int) -> None:
    value = np.array([bits], np.uint32).view(np.float32)
    read = again(Network((BatchNorm2d(weight=value),))).layers[0]
    assert isinstance(read, BatchNorm2d)
    assert read.weight is not None
    assert_same_bits(read.weight, value)


SIZE = st.tuples(st.integers(1, 5), st.integers(1, 5))
PADDING = st.sampled_from(["valid", "same"]) | SIZE | st.tuples(*[st.integers(0, 4)] * 4)
COMMON = {
    "name": st.text(st.characters(min_codepoint=32, exclude_categories=["Cs"]), max_size=9),
    "enabled": st.booleans(),
}
LAYERS = st.one_of(
    st.builds(
        Conv2d,
        **COMMON,
        out_channels=st.integers(1, 9),
        kernel_size=SIZE,
        stride=SIZE,
        padding=PADDING,
        dilation=SIZE,
        groups=st.integers(1, 3),
        bias=st.booleans(),
        initializer=st.sampled_from(["glorot_uniform", "zeros"]),
        seed=st.integers(0, 2**31 - 1),
    ),
    st.builds(
        MaxPool2d,
        **COMMON,
        kernel_size=SIZE,
        stride=st.none() | SIZE,
        padding=PADDING,
        ceil_mode=st.booleans(),
    ),
    st.builds(LeakyReLU, **COMMON, negative_slope=st.floats(0, 1)),
    st.builds(Linear, **COMMON, out_features=st.integers(1, 99), bias=st.booleans()),
    st.sampled_from([layer_type() for layer_type in LAYER_TYPES]),
)


@many
@given(st.lists(LAYERS, max_size=6))
def test_round_trip__of_any_network(layers: list[Layer]) -> None:
    network = Network(tuple(layers))
    assert_equal(again(network), network)
    assert_equal(parse_network(network_text(network).encode("utf-8")), network)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=8,
)
FIELDS = [
    "type",
    "name",
    "enabled",
    "weight",
    "bias",
    "stride",
    "padding",
    "kernel_size",
    "filter_names",
    "running_var",
]
ENTRIES = st.fixed_dictionaries(
    {"type": st.sampled_from([t.type_name for t in LAYER_TYPES]) | JSON},
    optional=dict.fromkeys(FIELDS[1:], JSON),
)


@settings(many, max_examples=400)
@given(st.lists(ENTRIES, max_size=3))
def test_any_json__is_read_or_refused_with_reasons(entries: list[Any]) -> None:
    result = read_or_refused(text(*entries))
    if isinstance(result, Network):
        assert_equal(again(result), result)
    else:
        assert all(one.startswith("layers[") for one in result)


@settings(many, max_examples=200)
@given(st.binary(max_size=60), st.integers(0, len(EXAMPLE)), st.integers(0, 20))
def test_any_bytes__are_read_or_refused_with_reasons(inserted: bytes, place: int, cut: int) -> None:
    data = EXAMPLE.encode()
    assert read_or_refused(data[:place] + inserted + data[place + cut :])


# Files


def test_read_network__from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "edges – 縁.json"
    path.write_text(EXAMPLE, encoding="utf-8")
    assert read_network(path).names[0] == "edges"


def test_read_network__what_is_no_file(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing.json"):
        with pytest.raises(NetworkFileError, match=r"is not a file: choose a network saved as \.json"):
            read_network(path)


def test_read_network__a_huge_file_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "huge.json"
    with path.open("wb") as file:
        file.truncate(MAXIMUM_BYTES + 1)  # sparse
    with pytest.raises(NetworkFileError, match=r"huge.json is larger than 256 MB"):
        read_network(path)


def test_read_network__what_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "locked.json"
    path.write_text(EXAMPLE)

    def locked(self: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", locked)
    with pytest.raises(NetworkFileError, match=r"locked.json cannot be read: Permission denied"):
        read_network(path)
