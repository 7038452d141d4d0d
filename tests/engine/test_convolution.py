"""conv2d against slow loops and numbers worked out by hand."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
import pytest

from tests import reference
from tests.engine.checks import assert_close, filters, normal, picture, ramp

ALGORITHMS = ["auto", "direct"]


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize(
    ("in_channels", "filter_count", "kernel", "options"),
    [
        (1, 1, (1, 1), {}),
        (1, 3, (3, 3), {}),
        (3, 5, (5, 5), {}),
        (3, 10, (3, 2), {"padding": 1}),
        (2, 4, (3, 3), {"stride": 2}),
        (2, 4, (3, 3), {"stride": (1, 3), "padding": (2, 0)}),
        (2, 4, (3, 3), {"dilation": 2, "padding": 2}),
        (2, 4, (2, 3), {"dilation": (3, 1), "stride": (2, 1)}),
        (2, 3, (3, 3), {"padding": (0, 1, 2, 3)}),
        (2, 3, (3, 3), {"padding": (5, 5, 5, 5)}),
        (4, 6, (3, 3), {"groups": 2, "padding": 1}),
        (6, 6, (3, 3), {"groups": 6, "padding": "same"}),
        (3, 6, (3, 3), {"groups": 3, "stride": 2}),
        (4, 4, (2, 2), {"groups": 4, "padding": "same", "dilation": 3}),
        (2, 3, (4, 4), {"padding": "same"}),
        (2, 3, (2, 5), {"padding": "same", "stride": (3, 2)}),
        (2, 3, (11, 13), {"padding": 4, "stride": 4}),
        (5, 7, (1, 1), {"stride": 2}),
        (2, 2, (1, 7), {"padding": "valid"}),
    ],
)
def test_conv2d__agrees_with_slow_loops(
    engine: ModuleType,
    algorithm: str,
    in_channels: int,
    filter_count: int,
    kernel: tuple[int, int],
    options: dict[str, Any],
) -> None:
    x = normal(2, in_channels, 14, 19)
    weight = normal(filter_count, in_channels // options.get("groups", 1), *kernel, seed=1)
    bias = normal(filter_count, seed=2)
    y = engine.conv2d(x, weight, bias, algorithm=algorithm, **options)
    assert_close(y, reference.conv2d(x, weight, bias, **options))


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize(("rows", "columns"), [(24, 24), (25, 41), (30, 64), (9, 100)])
def test_conv2d__many_channels_on_wide_maps(
    engine: ModuleType, algorithm: str, rows: int, columns: int
) -> None:
    x, weight, bias = normal(1, 9, rows, columns), normal(11, 9, 3, 3, seed=1), normal(11, seed=2)
    y = engine.conv2d(x, weight, bias, padding=1, algorithm=algorithm)
    assert_close(y, reference.conv2d(x, weight, bias, padding=1))


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_conv2d__a_picture_just_as_large_as_the_window_gives_one_number(
    engine: ModuleType, algorithm: str
) -> None:
    x, weight = normal(1, 8, 5, 7), normal(8, 8, 5, 7, seed=1)
    y = engine.conv2d(x, weight, algorithm=algorithm)
    assert_close(y, np.einsum("chw,mchw->m", x[0], weight, dtype=np.float64).reshape(1, 8, 1, 1))


@pytest.mark.parametrize("width", range(1, 36))
def test_conv2d__every_width_of_a_row(engine: ModuleType, width: int) -> None:
    x, weight = ramp(1, 1, 3, width), filters([[1, 2, 3], [4, 5, 6], [7, 8, 9]])
    np.testing.assert_array_equal(
        engine.conv2d(x, weight, padding=1, algorithm="direct"), reference.conv2d(x, weight, padding=1)
    )


@pytest.mark.parametrize("filter_count", range(1, 20))
def test_conv2d__every_number_of_filters(engine: ModuleType, filter_count: int) -> None:
    x, weight = ramp(1, 2, 4, 6) % 7, ramp(filter_count, 2, 3, 3) % 5
    np.testing.assert_array_equal(engine.conv2d(x, weight, algorithm="direct"), reference.conv2d(x, weight))


def test_conv2d__a_one_by_one_window_mixes_channels(engine: ModuleType) -> None:
    red, green, blue = ramp(3, 4, 5)
    mixed = engine.conv2d(np.stack([red, green, blue])[np.newaxis], ramp(1, 3, 1, 1))
    np.testing.assert_array_equal(mixed[0, 0], green + 2 * blue)


def test_conv2d__an_impulse_shows_the_kernel_turned_round(engine: ModuleType) -> None:
    impulse = np.zeros((1, 1, 5, 5), np.float32)
    impulse[0, 0, 2, 2] = 1
    y = engine.conv2d(impulse, filters([[1, 2, 3], [4, 5, 6], [7, 8, 9]]), padding=1)
    np.testing.assert_array_equal(y[0, 0, 1:4, 1:4], [[9, 8, 7], [6, 5, 4], [3, 2, 1]])


def test_conv2d__each_filter_spans_all_channels(engine: ModuleType) -> None:
    x = np.stack([np.full((4, 4), value, np.float32) for value in (1, 2, 3)])[np.newaxis]
    y = engine.conv2d(x, np.ones((1, 3, 3, 3), np.float32), np.array([0.5], np.float32))
    np.testing.assert_array_equal(y, np.full((1, 1, 2, 2), 54.5))


def test_conv2d__groups_keep_channels_apart(engine: ModuleType) -> None:
    x = np.stack([np.full((3, 3), value, np.float32) for value in (1, 10)])[np.newaxis]
    y = engine.conv2d(x, np.ones((4, 1, 3, 3), np.float32), groups=2)
    np.testing.assert_array_equal(y.ravel(), [9, 9, 90, 90])


def test_conv2d__pictures_of_a_batch_do_not_mix(engine: ModuleType) -> None:
    x, weight = normal(3, 2, 6, 7), normal(4, 2, 3, 3, seed=1)
    together = engine.conv2d(x, weight, padding=1, algorithm="direct")
    for n in range(3):
        alone = engine.conv2d(x[n : n + 1], weight, padding=1, algorithm="direct")
        assert_close(together[n : n + 1], alone)


def test_conv2d__the_four_forms_of_padding_agree(engine: ModuleType) -> None:
    x, weight = normal(1, 2, 6, 7), normal(3, 2, 3, 3, seed=1)
    expected = engine.conv2d(x, weight, padding=(1, 1, 1, 1))
    for padding in (1, (1, 1), [1, 1], "same"):
        np.testing.assert_array_equal(engine.conv2d(x, weight, padding=padding), expected)
    np.testing.assert_array_equal(
        engine.conv2d(x, weight, padding="valid"), engine.conv2d(x, weight, padding=0)
    )


def test_conv2d__padding_is_vertical_then_horizontal_and_top_bottom_left_right(engine: ModuleType) -> None:
    x, one = np.ones((1, 1, 2, 2), np.float32), np.ones((1, 1, 1, 1), np.float32)
    y = engine.conv2d(x, one, padding=(1, 0, 0, 2))
    np.testing.assert_array_equal(y[0, 0], [[0, 0, 0, 0], [1, 1, 0, 0], [1, 1, 0, 0]])
    assert engine.conv2d(x, one, padding=(1, 2)).shape == (1, 1, 4, 6)


def test_conv2d__defaults_are_stride_1_no_padding_no_dilation_no_bias(engine: ModuleType) -> None:
    x, weight = normal(1, 2, 6, 7), normal(3, 2, 3, 3, seed=1)
    spelled_out = engine.conv2d(
        x, weight, None, stride=1, padding=0, dilation=1, groups=1, algorithm="auto", out=None
    )
    np.testing.assert_array_equal(engine.conv2d(x, weight), spelled_out)


def test_conv2d__a_stride_beyond_the_picture_leaves_the_first_window(engine: ModuleType) -> None:
    x, weight = ramp(1, 1, 5, 5), np.ones((1, 1, 3, 3), np.float32)
    for stride in (5, 1000, 2**31, 2**40):
        np.testing.assert_array_equal(engine.conv2d(x, weight, stride=stride), [[[[54]]]])


def test_conv2d__windows_that_see_only_padding_give_the_bias(engine: ModuleType) -> None:
    x, weight = np.ones((1, 1, 2, 2), np.float32), np.ones((1, 1, 2, 2), np.float32)
    y = engine.conv2d(x, weight, np.array([7], np.float32), padding=9)
    assert y.shape == (1, 1, 19, 19)
    assert y[0, 0, 0, 0] == 7
    assert y.sum() == 19 * 19 * 7 + 16


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_conv2d__the_picture_and_the_weights_are_not_changed(engine: ModuleType, algorithm: str) -> None:
    x, weight, bias = normal(1, 8, 30, 30), normal(8, 8, 3, 3, seed=1), normal(8, seed=2)
    before = x.copy(), weight.copy(), bias.copy()
    engine.conv2d(x, weight, bias, padding=1, algorithm=algorithm)
    for array, copy in zip((x, weight, bias), before, strict=True):
        np.testing.assert_array_equal(array, copy)


def test_conv2d__changed_weights_are_noticed(engine: ModuleType) -> None:
    x, weight = normal(1, 9, 30, 30), normal(9, 9, 3, 3, seed=1)
    engine.conv2d(x, weight)
    weight *= 2
    assert_close(engine.conv2d(x, weight), reference.conv2d(x, weight))


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_conv2d__a_picture_of_0_to_255_is_as_exact(engine: ModuleType, algorithm: str) -> None:
    x = np.random.default_rng(0).integers(0, 256, (1, 9, 26, 31)).astype(np.uint8)
    weight = normal(8, 9, 3, 3)
    assert_close(engine.conv2d(x, weight, algorithm=algorithm), reference.conv2d(x, weight))


def test_conv2d__thousands_of_products_stay_accurate(engine: ModuleType) -> None:
    x, weight = normal(1, 128, 12, 12) + 1, normal(2, 128, 9, 9, seed=1) + 1
    assert_close(engine.conv2d(x, weight), reference.conv2d(x, weight))


def test_conv2d__a_patch_cut_from_the_picture_answers_most_where_it_was(engine: ModuleType) -> None:
    x = picture(np.random.default_rng(0).random((28, 28)))
    patch = x[:, :, 20:25, 5:10].copy()
    y = engine.conv2d(x - x.mean(), patch - x.mean())
    assert divmod(int(y[0, 0].argmax()), 24) == (20, 5)
