"""Networks: names, shapes known in advance, and errors whose fix cures them."""

from __future__ import annotations

import dataclasses
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.layers import (
    LAYER_TYPES,
    AvgPool2d,
    BatchNorm2d,
    Conv2d,
    Flatten,
    Layer,
    Linear,
    MaxPool2d,
    ReLU,
    Softmax,
)
from explorer.layers.forward import forward
from explorer.layers.layer import Shape
from explorer.layers.network import LayerError, Network, in_words, layer_bytes
from tests.layers.contract import numbers

some = settings(max_examples=150, deadline=None, derandomize=True, database=None)


def cured(network: Network, error: LayerError) -> Network:
    """The network after a click on the fix."""
    assert error.fix is not None
    layers = network.layers
    return Network((*layers[: error.index], *error.fix.layers, *layers[error.index + 1 :]))


# Names


def test_names__are_given_and_unique() -> None:
    network = Network((Conv2d(), ReLU(), Conv2d(), ReLU(), MaxPool2d(), Conv2d()))
    assert network.names == ("conv2d", "relu", "conv2d_1", "relu_1", "max_pool2d", "conv2d_2")


def test_names__of_the_user_stay() -> None:
    assert Network((Conv2d(name="edges"), Conv2d(name="spots"))).names == ("edges", "spots")


def test_names__that_are_taken_get_a_number() -> None:
    copies = (Conv2d(name="edges"), Conv2d(name="edges"), Conv2d(name="edges_1"), Conv2d(name="edges_1"))
    names = Network(copies).names
    assert names[0] == "edges"
    assert names[2] == "edges_1"
    assert len(set(names)) == 4


def test_names__a_new_layer_makes_room_for_those_that_have_one() -> None:
    old = Network((Conv2d(), ReLU()))
    new = Network((Conv2d(), *old.layers))
    assert new.names == ("conv2d_1", "conv2d", "relu")
    assert new.layers[1:] == old.layers


@pytest.mark.parametrize("name", ["a" * 60, "a" * 58 + "_1", "_1", "7", "縁" * 60])
def test_names__however_long_can_be_copied(name: str) -> None:
    names = Network(tuple(ReLU(name=name) for _ in range(120))).names
    assert names[0] == name
    assert len(set(names)) == 120
    assert max(len(one) for one in names) <= 60


def test_names__do_not_change_when_given_again() -> None:
    network = Network((Conv2d(), Conv2d(), ReLU()))
    assert Network(network.layers).layers == network.layers


# Plans


def test_plan__knows_every_shape() -> None:
    network = Network((Conv2d(out_channels=6), ReLU(), MaxPool2d(), Flatten(), Linear(), Softmax()))
    plan = network.plan((3, 20, 30))
    assert plan.error is None
    assert plan.shapes == ((3, 20, 30), (6, 18, 28), (6, 18, 28), (6, 9, 14), (756,), (10,), (10,))
    assert (plan.input(0), plan.output(0)) == ((3, 20, 30), (6, 18, 28))
    assert plan.output(5) == (10,)
    assert plan.output(6) is None
    assert plan.input(7) is None


def test_plan__of_no_layers_is_the_input() -> None:
    assert Network().plan((1, 2, 3)).shapes == ((1, 2, 3),)


def test_plan__stops_where_a_layer_does_not_fit() -> None:
    network = Network((ReLU(), Conv2d(kernel_size=(7, 7)), ReLU()))
    plan = network.plan((1, 5, 5))
    assert plan.shapes == ((1, 5, 5), (1, 5, 5))
    assert plan.error is not None
    assert (plan.error.index, plan.error.layer_name) == (1, "conv2d")
    assert plan.error.message == (
        "The 7×7 window is larger than its 5×5 input: reduce the kernel size or add padding."
    )


def test_plan__a_bypassed_layer_cannot_be_at_fault() -> None:
    network = Network((Conv2d(kernel_size=(7, 7), enabled=False), ReLU()))
    assert network.plan((1, 5, 5)).shapes == ((1, 5, 5),) * 3


def test_plan__copes_with_many_layers() -> None:
    assert Network(tuple(ReLU() for _ in range(1000))).plan((1, 2, 2)).shapes[-1] == (1, 2, 2)


# Errors and their fixes


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (Conv2d(kernel_size=(7, 7)), (1, 5, 5)),
        (Conv2d(kernel_size=(31, 31)), (3, 2, 40)),
        (Conv2d(kernel_size=(1, 31), dilation=(1, 9)), (3, 40, 40)),
        (Conv2d(kernel_size=(5, 5), dilation=(10, 10)), (3, 4, 4)),
        (Conv2d(kernel_size=(3, 3), dilation=(64, 1)), (3, 4, 4)),
        (Conv2d(groups=3, out_channels=8), (3, 9, 9)),
        (Conv2d(groups=2, out_channels=8, kernel_size=(9, 9)), (3, 3, 3)),
        (MaxPool2d(), (8, 1, 1)),
        (MaxPool2d(padding=(2, 2)), (8, 1, 1)),
        (MaxPool2d(dilation=(8, 8), kernel_size=(4, 4)), (8, 9, 9)),
        (MaxPool2d(dilation=(64, 1)), (8, 9, 9)),
        (AvgPool2d(kernel_size=(40, 2)), (8, 9, 9)),
        (AvgPool2d(padding=(0, 5)), (8, 9, 9)),
        (Linear(), (8, 9, 9)),
    ],
    ids=str,
)
def test_fix__cures(layer: Layer, shape: Shape) -> None:
    network = Network((ReLU(), layer, ReLU()))
    error = network.plan(shape).error
    assert error is not None
    assert error.index == 1
    for _ in range(2):  # two faults take two clicks
        network = cured(network, error)
        error = network.plan(shape).error
        if error is None:
            break
    assert error is None
    assert len(forward(network, numbers(1, *shape)).outputs) == len(network.layers)


def test_fix__keeps_name_and_weights() -> None:
    painted = Conv2d(name="edges", kernel_size=(7, 7)).fit((1, 9, 9))
    network = Network((painted,))
    error = network.plan((1, 5, 5)).error
    assert error is not None
    layer = cured(network, error).layers[0]
    assert layer.name == "edges"
    assert isinstance(layer, Conv2d)
    assert layer.weight is painted.weight


PAIR = st.tuples(st.integers(1, 6), st.integers(1, 6))


@some
@given(
    st.lists(
        st.builds(
            Conv2d,
            out_channels=st.integers(1, 6),
            kernel_size=PAIR,
            stride=PAIR,
            dilation=PAIR,
            groups=st.integers(1, 4),
        )
        | st.builds(MaxPool2d, kernel_size=PAIR, padding=PAIR, dilation=PAIR, ceil_mode=st.booleans())
        | st.builds(AvgPool2d, kernel_size=PAIR, stride=PAIR, padding=PAIR, ceil_mode=st.booleans())
        | st.sampled_from([layer_type() for layer_type in LAYER_TYPES]),
        max_size=6,
    ),
    st.tuples(st.integers(1, 4), st.integers(1, 9), st.integers(1, 9)),
)
def test_plan__agrees_with_what_is_computed(layers: list[Layer], shape: Shape) -> None:
    network = Network(tuple(layers))
    plan = network.plan(shape)
    result = forward(network, numbers(1, *shape))
    assert [y.shape[1:] for y in result.outputs] == list(plan.shapes[1:])
    assert (plan.error is None) == (len(result.outputs) == len(layers))
    if plan.error is not None and plan.error.fix is not None:
        again = cured(network, plan.error).plan(shape)
        assert (
            again.error is None
            or again.error.index > plan.error.index
            or again.error.message != plan.error.message
        )


# Memory


def test_memory__a_layer_over_the_limit_is_an_error() -> None:
    network = Network((Conv2d(out_channels=1024), ReLU()))
    plan = network.plan((3, 2160, 3840), memory_limit=1 << 30)
    assert plan.shapes == ((3, 2160, 3840),)
    assert plan.error is not None
    assert plan.error.message == (
        "This layer would need 31.7 GB, but 929.1 MB of the limit of 1.0 GB are left: reduce the filters or the "
        "picture, or raise the limit."
    )


def test_memory__is_checked_before_anything_is_computed() -> None:
    network = Network((Conv2d(out_channels=4096, kernel_size=(31, 31)),))
    x = np.zeros((1, 3, 600, 800), np.float32)
    tracemalloc.start()
    result = forward(network, x, memory_limit=64 << 20)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert result.outputs == ()
    assert result.error is not None
    assert peak < 1 << 20


def test_memory__adds_up_over_the_layers() -> None:
    network = Network((ReLU(), ReLU(), ReLU()))
    plan = network.plan((1, 100, 100), memory_limit=120_000)
    assert plan.error is not None
    assert plan.error.index == 2
    assert plan.error.fix is None
    assert network.plan((1, 100, 100), memory_limit=160_000).error is None


def test_memory__what_is_bypassed_needs_none() -> None:
    network = Network((dataclasses.replace(Conv2d(out_channels=4096), enabled=False),))
    assert network.plan((3, 1000, 1000), memory_limit=13_000_000).error is None


@some
@given(st.integers(2, 4096), st.integers(1, 64), st.integers(1, 300), st.integers(1, 7), st.integers(0, 3000))
def test_memory__the_fix_leaves_as_many_filters_as_there_is_room_for(
    filters: int, channels: int, size: int, kernel: int, spare: int
) -> None:
    shape = (channels, size + kernel, size + kernel)
    network = Network((Conv2d(out_channels=filters, kernel_size=(kernel, kernel)),))
    limit = 4 * channels * (size + kernel) ** 2 + spare * 10_000
    error = network.plan(shape, limit).error
    if error is not None and error.fix is not None:
        fewer = cured(network, error)
        assert isinstance(fewer.layers[0], Conv2d)
        assert 1 <= fewer.layers[0].out_channels < filters
        assert fewer.plan(shape, limit).error is None
        assert error.fix.label == f"{fewer.layers[0].out_channels} filters"


def test_memory__fewer_outputs_of_a_linear_layer() -> None:
    network = Network((Flatten(), Linear(out_features=60_000)))
    error = network.plan((3, 64, 64), 100 << 20).error
    assert error is not None
    assert cured(network, error).plan((3, 64, 64), 100 << 20).error is None


def test_layer_bytes__counts_output_weights_and_a_padded_copy() -> None:
    assert layer_bytes(ReLU(), (2, 3, 4), (2, 3, 4)) == 96
    assert layer_bytes(BatchNorm2d(), (2, 3, 4), (2, 3, 4)) == 96 + 16
    assert layer_bytes(Conv2d(out_channels=5), (2, 4, 4), (5, 2, 2)) == 4 * (20 + 5 * 18 + 5 + 32)
    assert layer_bytes(ReLU(enabled=False), (2, 3, 4), (2, 3, 4)) == 0


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 bytes"), (1023, "1023 bytes"), (1536, "1.5 KB"), (5 << 20, "5.0 MB"), (3 << 30, "3.0 GB")],
)
def test_in_words__reads_like_a_person(size: int, text: str) -> None:
    assert in_words(size) == text


def test_plan__is_remembered_for_each_input_and_limit() -> None:
    network = Network((Conv2d(out_channels=4), ReLU()))
    assert network.plan((1, 8, 8)) is network.plan((1, 8, 8))
    assert network.plan((1, 9, 9)).shapes[-1] == (4, 7, 7)
    assert network.plan((1, 8, 8), 16).error is not None
    assert network.plan((1, 8, 8)).error is None
