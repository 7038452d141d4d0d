"""Numbers from well-known tutorials: shapes, values and edges that readers of them will check."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
import pytest

from explorer.engine import windows
from tests.engine.checks import filters, normal, picture, ramp

SOBEL_ROWS = [[-1, -2, -1], [0, 0, 0], [1, 2, 1]]
LAPLACIAN = [[0, -1, 0], [-1, 4, -1], [0, -1, 0]]
SOBEL_COLUMNS = [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]


def convolve(engine: ModuleType, x: Any, filter_count: int, kernel: int, **options: Any) -> Any:
    """A convolution with some weights, where only the shape matters."""
    weight = normal(filter_count, x.shape[1], kernel, kernel)
    return engine.conv2d(x, weight, np.zeros(filter_count, np.float32), **options)


# Shapes


@pytest.mark.parametrize(
    ("input_shape", "filter_count", "kernel", "options", "expected"),
    [
        ((1, 3, 380, 512), 3, 5, {}, (1, 3, 376, 508)),
        ((1, 1, 380, 512), 1, 3, {}, (1, 1, 378, 510)),
        ((1, 3, 376, 508), 5, 3, {"stride": 2}, (1, 5, 187, 253)),
        ((1, 1, 28, 28), 1, 5, {"padding": "valid"}, (1, 1, 24, 24)),
        ((1, 1, 28, 28), 1, 5, {"padding": "same"}, (1, 1, 28, 28)),
        ((1, 3, 32, 32), 32, 3, {"padding": "same"}, (1, 32, 32, 32)),
        ((1, 3, 150, 150), 32, 3, {}, (1, 32, 148, 148)),
        ((1, 1, 25, 25), 1, 5, {"stride": 2}, (1, 1, 11, 11)),
    ],
)
def test_shapes__of_one_convolution(
    engine: ModuleType,
    input_shape: tuple[int, ...],
    filter_count: int,
    kernel: int,
    options: dict[str, Any],
    expected: tuple[int, ...],
) -> None:
    assert convolve(engine, normal(*input_shape), filter_count, kernel, **options).shape == expected


def test_shapes__of_one_pooling(engine: ModuleType) -> None:
    assert engine.max_pool2d(normal(1, 3, 380, 512), 2).shape == (1, 3, 190, 256)
    assert engine.max_pool2d(normal(1, 1, 4, 4), 2).shape == (1, 1, 2, 2)


@pytest.mark.parametrize(("ceil_mode", "last_rows"), [(True, 47), (False, 46)])
def test_shapes__of_the_simple_network_with_five_maps(
    engine: ModuleType, ceil_mode: bool, last_rows: int
) -> None:
    x = engine.relu(convolve(engine, normal(1, 3, 380, 512), 3, 5))
    assert x.shape == (1, 3, 376, 508)
    x = engine.max_pool2d(x, 2, ceil_mode=ceil_mode)
    assert x.shape == (1, 3, 188, 254)
    x = engine.relu(convolve(engine, x, 5, 3, stride=2))
    assert x.shape == (1, 5, 93, 126)
    assert engine.max_pool2d(x, 2, ceil_mode=ceil_mode).shape == (1, 5, last_rows, 63)


def test_shapes__of_the_same_network_with_small_kernels(engine: ModuleType) -> None:
    shapes = []
    x = normal(1, 3, 380, 512)
    for _ in range(2):
        x = engine.relu(convolve(engine, x, 5, 3))
        shapes.append(x.shape)
        x = engine.max_pool2d(x, 2, ceil_mode=True)
        shapes.append(x.shape)
    assert shapes == [(1, 5, 378, 510), (1, 5, 189, 255), (1, 5, 187, 253), (1, 5, 94, 127)]


@pytest.mark.parametrize(("rows", "columns"), [(100, 80), (101, 77)])
def test_shapes__of_three_filters_on_a_grey_picture(engine: ModuleType, rows: int, columns: int) -> None:
    weight = filters(SOBEL_ROWS, LAPLACIAN, SOBEL_COLUMNS)
    assert weight.size == 27
    maps = engine.relu(engine.conv2d(np.random.default_rng(0).random((1, 1, rows, columns)), weight))
    assert maps.shape == (1, 3, rows - 2, columns - 2)
    assert engine.max_pool2d(maps, 2).shape == (1, 3, (rows - 2) // 2, (columns - 2) // 2)


def test_shapes__of_a_digit_classifier(engine: ModuleType) -> None:
    x = engine.max_pool2d(convolve(engine, normal(1, 1, 28, 28), 32, 3, padding="same"), 2)
    assert x.shape == (1, 32, 14, 14)
    x = engine.max_pool2d(convolve(engine, x, 16, 3, padding="same"), 2)
    assert x.shape == (1, 16, 7, 7)
    flat = x.reshape(1, -1)
    assert flat.shape == (1, 784)
    y = engine.softmax(engine.linear(flat, normal(10, 784)))
    assert y.shape == (1, 10)
    np.testing.assert_allclose(y.sum(), 1, rtol=1e-5)


def test_shapes__stacked_convolutions_do_not_multiply_maps(engine: ModuleType) -> None:
    shapes = []
    x = normal(1, 3, 300, 300)
    for filter_count in (32, 64):
        x = engine.relu(convolve(engine, x, filter_count, 3))
        shapes.append(x.shape)
        x = engine.max_pool2d(x, 2)
        shapes.append(x.shape)
    assert shapes == [(1, 32, 298, 298), (1, 32, 149, 149), (1, 64, 147, 147), (1, 64, 73, 73)]


# Values


def test_values__a_window_is_not_flipped(engine: ModuleType) -> None:
    x = picture([[88, 126, 145], [86, 125, 142], [85, 124, 141]])
    kernel = [[1, 0, 1], [1, 1, 0], [0, 0, 0]]
    assert engine.conv2d(x, filters(kernel)).tolist() == [[[[444]]]]
    assert engine.conv2d(x, filters(np.flip(kernel))).tolist() == [[[[493]]]]


def test_values__products_of_one_window(engine: ModuleType) -> None:
    x = picture([[-1, 1, 1], [1, -1, 1], [1, 1, -1]])
    assert engine.conv2d(x, filters([[1, 1, 1], [-1, -1, -1], [1, 1, 1]])).tolist() == [[[[1]]]]


def test_values__a_patch_answers_with_its_sum_of_squares(engine: ModuleType) -> None:
    x = picture(np.random.default_rng(3).integers(0, 2, (28, 28)))
    patch = x[:, :, 20:25, 5:10]
    y = engine.conv2d(x, patch)
    assert y[0, 0, 20, 5] == (patch * patch).sum()
    assert y[0, 0, 20, 5] == y.max()


def test_values__a_vertical_edge_and_its_mirror_image(engine: ModuleType) -> None:
    x = picture([[0, 0, 0, 255, 255, 255]] * 5)
    vertical, horizontal = [[-1, 0, 1]] * 3, [[-1, -1, -1], [0, 0, 0], [1, 1, 1]]
    y = engine.conv2d(x, filters(vertical, horizontal))
    assert y[0, 0].tolist() == [[0, 765, 765, 0]] * 3
    assert not y[0, 1].any()
    mirrored = engine.conv2d(x[..., ::-1], filters(vertical))
    assert mirrored[0, 0].tolist() == [[0, -765, -765, 0]] * 3


def test_values__three_filters_on_a_step(engine: ModuleType) -> None:
    x = picture([[0, 0, 0, 1, 1, 1]] * 6)
    y = engine.conv2d(x, filters(SOBEL_ROWS, LAPLACIAN, SOBEL_COLUMNS))
    assert not y[0, 0].any()
    assert y[0, 1].tolist() == [[0, -1, 1, 0]] * 4
    assert y[0, 2].tolist() == [[0, 4, 4, 0]] * 4


def test_values__three_planes_are_summed_into_one_map(engine: ModuleType) -> None:
    x = np.ones((1, 3, 4, 4), np.float32) * np.array([1, 2, 3], np.float32)[:, np.newaxis, np.newaxis]
    y = engine.conv2d(x, np.ones((1, 3, 3, 3), np.float32), np.array([0.5], np.float32))
    assert y.tolist() == [[[[54.5, 54.5], [54.5, 54.5]]]]


# Edges


def test_edges__max_pooling_pads_with_minus_infinity(engine: ModuleType) -> None:
    y = engine.max_pool2d(-np.ones((1, 1, 3, 3), np.float32), 2, stride=2, ceil_mode=True)
    assert y.tolist() == [[[[-1, -1], [-1, -1]]]]


def test_edges__ceil_mode_makes_no_empty_window(engine: ModuleType) -> None:
    assert windows.output_size(6, 2, 3, 0, 0, ceil_mode=True) == 2
    assert windows.output_size(4, 1, 2, 0, 0, ceil_mode=True) == 2
    assert engine.max_pool2d(ramp(1, 1, 6, 6), 2, stride=3, ceil_mode=True).tolist() == [
        [[[7, 10], [25, 28]]]
    ]
    assert engine.max_pool2d(ramp(1, 1, 4, 4), 1, stride=2, ceil_mode=True).tolist() == [[[[0, 2], [8, 10]]]]


def test_edges__max_pooling_with_same_padding(engine: ModuleType) -> None:
    y = engine.max_pool2d(ramp(1, 1, 3, 4), 2, stride=1, padding="same")
    assert y[0, 0].tolist() == [[5, 6, 7, 7], [9, 10, 11, 11], [9, 10, 11, 11]]


def test_edges__same_padding_of_an_even_kernel_lies_below_and_right(engine: ModuleType) -> None:
    y = engine.conv2d(np.ones((1, 1, 3, 3)), np.ones((1, 1, 2, 2)), padding="same")
    assert y[0, 0].tolist() == [[4, 4, 2], [4, 4, 2], [2, 2, 1]]


def test_edges__same_padding_with_a_stride(engine: ModuleType) -> None:
    ones = np.ones((1, 1, 3, 3))
    odd = engine.conv2d(np.ones((1, 1, 5, 5)), ones, stride=2, padding="same")
    even = engine.conv2d(np.ones((1, 1, 6, 6)), ones, stride=2, padding="same")
    assert odd[0, 0].tolist() == [[4, 6, 4], [6, 9, 6], [4, 6, 4]]
    assert even[0, 0].tolist() == [[9, 9, 6], [9, 9, 6], [6, 6, 4]]


def test_edges__average_pooling_counts_padding_or_not(engine: ModuleType) -> None:
    x = np.ones((1, 1, 3, 3))
    assert engine.avg_pool2d(x, 2, stride=2, padding=1)[0, 0].tolist() == [[0.25, 0.5], [0.5, 1]]
    not_counting = engine.avg_pool2d(x, 2, stride=2, padding=1, count_include_pad=False)
    assert not_counting[0, 0].tolist() == [[1, 1], [1, 1]]
    assert engine.avg_pool2d(x, 2, stride=2, padding="same")[0, 0].tolist() == [[1, 1], [1, 1]]


def test_edges__an_impulse_shows_the_kernel_turned_round(engine: ModuleType) -> None:
    impulse = np.zeros((1, 1, 5, 5))
    impulse[0, 0, 2, 2] = 1
    y = engine.conv2d(impulse, filters(np.arange(1, 10).reshape(3, 3)), padding=1)
    assert y[0, 0, 1:4, 1:4].tolist() == [[9, 8, 7], [6, 5, 4], [3, 2, 1]]
    assert y.sum() == 45
