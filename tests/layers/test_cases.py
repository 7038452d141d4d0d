"""The shapes of well-known tutorials, as networks."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from explorer.layers import Conv2d, Flatten, Layer, Linear, MaxPool2d, ReLU, Softmax
from explorer.layers.forward import forward
from explorer.layers.layer import Shape
from explorer.layers.network import Network
from tests.layers.contract import numbers


def conv(filters: int, size: int, **parameters: Any) -> Conv2d:
    """A convolution with square kernels."""
    return Conv2d(out_channels=filters, kernel_size=(size, size), **parameters)


def pool(size: int = 2, **parameters: Any) -> MaxPool2d:
    """Max pooling with square windows."""
    return MaxPool2d(kernel_size=(size, size), **parameters)


def simple_cnn(ceil_mode: bool) -> tuple[Layer, ...]:
    """Two convolutions, each with ReLU and pooling."""
    return (
        conv(3, 5), ReLU(), pool(ceil_mode=ceil_mode),
        conv(5, 3, stride=(2, 2)), ReLU(), pool(ceil_mode=ceil_mode),
    )  # fmt: skip


CASES: dict[str, tuple[Shape, tuple[Layer, ...], list[Shape]]] = {
    "first convolution": ((3, 380, 512), (conv(3, 5),), [(3, 376, 508)]),
    "grey": ((1, 380, 512), (conv(1, 3),), [(1, 378, 510)]),
    "187.5 is floored": ((3, 376, 508), (conv(5, 3, stride=(2, 2)),), [(5, 187, 253)]),
    "pooling": ((3, 380, 512), (pool(),), [(3, 190, 256)]),
    "simple network": (
        (3, 380, 512),
        simple_cnn(ceil_mode=True),
        [(3, 376, 508), (3, 376, 508), (3, 188, 254), (5, 93, 126), (5, 93, 126), (5, 47, 63)],
    ),
    "simple network, floor": (
        (3, 380, 512),
        simple_cnn(ceil_mode=False),
        [(3, 376, 508), (3, 376, 508), (3, 188, 254), (5, 93, 126), (5, 93, 126), (5, 46, 63)],
    ),
    "two convolutions of 3": (
        (3, 380, 512),
        (conv(5, 3), ReLU(), pool(ceil_mode=True), conv(5, 3), ReLU(), pool(ceil_mode=True)),
        [(5, 378, 510), (5, 378, 510), (5, 189, 255), (5, 187, 253), (5, 187, 253), (5, 94, 127)],
    ),
    "three filters without bias": (
        (1, 33, 44),
        (conv(3, 3, bias=False), ReLU(), pool()),
        [(3, 31, 42), (3, 31, 42), (3, 15, 21)],
    ),
    "digit, valid": ((1, 28, 28), (conv(1, 5, padding="valid"),), [(1, 24, 24)]),
    "digit, same": ((1, 28, 28), (conv(1, 5, padding="same"),), [(1, 28, 28)]),
    "digits, classified": (
        (1, 28, 28),
        (
            conv(32, 3, padding="same"), pool(), conv(16, 3, padding="same"), pool(),
            Flatten(), Linear(out_features=10), Softmax(),
        ),
        [(32, 28, 28), (32, 14, 14), (16, 14, 14), (16, 7, 7), (784,), (10,), (10,)],
    ),
    "stacked": (
        (3, 300, 300),
        (conv(32, 3), ReLU(), pool(), conv(64, 3), ReLU(), pool()),
        [(32, 298, 298), (32, 298, 298), (32, 149, 149), (64, 147, 147), (64, 147, 147), (64, 73, 73)],
    ),
    "stride left out": ((1, 4, 4), (pool(2),), [(1, 2, 2)]),
    "same keeps the size": ((3, 32, 32), (conv(32, 3, padding="same"),), [(32, 32, 32)]),
    "arguments": ((3, 150, 150), (conv(32, 3), ReLU()), [(32, 148, 148), (32, 148, 148)]),
    "strided": ((1, 25, 25), (conv(1, 5, stride=(2, 2)),), [(1, 11, 11)]),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_shapes__of_the_tutorial(case: str) -> None:
    shape, layers, expected = CASES[case]
    plan = Network(layers).plan(shape)
    assert plan.error is None
    assert plan.shapes == (shape, *expected)


@pytest.mark.parametrize("case", CASES)
def test_maps__have_these_shapes(case: str) -> None:
    shape, layers, expected = CASES[case]
    result = forward(Network(layers), numbers(1, *shape))
    assert [y.shape for y in result.outputs] == [(1, *after) for after in expected]


def parameters(case: str) -> list[int]:
    """The parameters of each layer that has some."""
    shape, layers, expected = CASES[case]
    inputs = [shape, *expected]
    counts = [
        layer.parameter_count(before) for layer, (before, _) in zip(layers, pairwise(inputs), strict=True)
    ]
    return [count for count in counts if count]


@pytest.mark.parametrize(
    ("case", "counts"),
    [
        ("first convolution", [228]),
        ("three filters without bias", [27]),
        ("digits, classified", [320, 4624, 7850]),
        ("stacked", [896, 18_496]),
        ("same keeps the size", [896]),
        ("arguments", [896]),
    ],
)
def test_parameters__of_the_tutorial(case: str, counts: list[int]) -> None:
    assert parameters(case) == counts


def test_defaults__of_a_new_convolution() -> None:
    config = Conv2d().config()
    assert config == {
        "out_channels": 8,
        "kernel_size": 3,
        "stride": 1,
        "padding": 0,
        "dilation": 1,
        "groups": 1,
        "bias": True,
        "initializer": "glorot_uniform",
        "seed": 0,
    }
