"""Pooling against slow loops and numbers worked out by hand."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
import pytest

from tests import reference
from tests.engine.checks import assert_close, normal, picture, ramp

OPTIONS: list[tuple[Any, dict[str, Any]]] = [
    (1, {}),
    (2, {}),
    (3, {}),
    ((2, 3), {}),
    ((1, 5), {"stride": 1}),
    (2, {"stride": 1}),
    (3, {"stride": 2}),
    (3, {"stride": (1, 2), "padding": 1}),
    (3, {"stride": 2, "padding": (1, 0)}),
    (3, {"stride": 2, "padding": (2, 1, 0, 2)}),
    (4, {"stride": 3, "padding": 2}),
    (2, {"stride": 3}),
    (5, {"stride": 5, "padding": "valid"}),
    (2, {"padding": "same"}),
    (3, {"stride": 1, "padding": "same"}),
    ((2, 5), {"stride": (3, 2), "padding": "same"}),
    (9, {"stride": 4, "padding": 3}),
]


@pytest.mark.parametrize("ceil_mode", [False, True])
@pytest.mark.parametrize(("kernel_size", "options"), OPTIONS)
def test_max_pool2d__agrees_with_slow_loops(
    engine: ModuleType, kernel_size: Any, options: dict[str, Any], ceil_mode: bool
) -> None:
    x = normal(2, 3, 11, 14)
    y = engine.max_pool2d(x, kernel_size, ceil_mode=ceil_mode, **options)
    assert_close(y, reference.max_pool2d(x, kernel_size, ceil_mode=ceil_mode, **options), tolerance=0)


@pytest.mark.parametrize("dilation", [2, 3, (1, 4)])
@pytest.mark.parametrize(("kernel_size", "options"), OPTIONS[1:6] + OPTIONS[12:15])
def test_max_pool2d__dilated_windows(
    engine: ModuleType, kernel_size: Any, options: dict[str, Any], dilation: Any
) -> None:
    x = normal(2, 3, 18, 23)
    y = engine.max_pool2d(x, kernel_size, dilation=dilation, **options)
    assert_close(y, reference.max_pool2d(x, kernel_size, dilation=dilation, **options), tolerance=0)


@pytest.mark.parametrize("count_include_pad", [False, True])
@pytest.mark.parametrize("ceil_mode", [False, True])
@pytest.mark.parametrize(("kernel_size", "options"), OPTIONS)
def test_avg_pool2d__agrees_with_slow_loops(
    engine: ModuleType, kernel_size: Any, options: dict[str, Any], ceil_mode: bool, count_include_pad: bool
) -> None:
    x = normal(2, 3, 11, 14)
    rules = {"ceil_mode": ceil_mode, "count_include_pad": count_include_pad}
    y = engine.avg_pool2d(x, kernel_size, **rules, **options)
    assert_close(y, reference.avg_pool2d(x, kernel_size, **rules, **options))


@pytest.mark.parametrize("width", range(1, 40))
@pytest.mark.parametrize(("kernel_size", "stride"), [(2, 2), (3, 2), (3, 1)])
def test_pooling__every_width_of_a_row(engine: ModuleType, width: int, kernel_size: int, stride: int) -> None:
    x = (ramp(1, 2, 4, width) * 7) % 31
    options: dict[str, Any] = {"stride": stride, "padding": 1, "ceil_mode": True}
    assert_close(
        engine.max_pool2d(x, kernel_size, **options),
        reference.max_pool2d(x, kernel_size, **options),
        tolerance=0,
    )
    assert_close(
        engine.avg_pool2d(x, kernel_size, **options), reference.avg_pool2d(x, kernel_size, **options)
    )


WIDE: list[tuple[Any, dict[str, Any]]] = [
    (2, {}),
    ((3, 2), {"stride": (1, 2)}),
    (3, {"stride": 1, "padding": 1}),
    ((5, 1), {"stride": 1, "padding": (2, 0)}),
    (3, {"stride": 2, "padding": 1}),
    (3, {}),
    (4, {"padding": (0, 1, 2, 3)}),
    (6, {"stride": (2, 5), "padding": 2}),
]


@pytest.mark.parametrize(("kernel_size", "options"), WIDE)
def test_pooling__rows_of_many_vectors(engine: ModuleType, kernel_size: Any, options: dict[str, Any]) -> None:
    x = normal(2, 2, 21, 275)
    x[0, 1, 5, 70] = np.nan
    x[1, 0, 9, 200] = np.inf
    options = {**options, "ceil_mode": True}
    y = engine.max_pool2d(x, kernel_size, **options)
    assert_close(y, reference.max_pool2d(x, kernel_size, **options), tolerance=0)
    assert_close(
        engine.avg_pool2d(x, kernel_size, **options), reference.avg_pool2d(x, kernel_size, **options)
    )


@pytest.mark.parametrize(("kernel_size", "stride"), [(2, 2), (3, 1), (3, 2)])
def test_pooling__some_channels_of_several_pictures(
    engine: ModuleType, kernel_size: int, stride: int
) -> None:
    x = normal(3, 5, 30, 41)
    for pool in (engine.max_pool2d, engine.avg_pool2d):
        whole = pool(x, kernel_size, stride=stride)
        out = np.full_like(whole, np.nan)
        pool(x, kernel_size, stride=stride, out=out, channels=[1, 4])
        np.testing.assert_array_equal(out[:, [1, 4]], whole[:, [1, 4]])
        assert np.isnan(out[:, [0, 2, 3]]).all()


@pytest.mark.parametrize("kernel_size", [2, 3])
def test_avg_pool2d__the_largest_numbers_do_not_overflow(engine: ModuleType, kernel_size: int) -> None:
    x = np.full((1, 1, 12, 50), 3e38, np.float32)
    np.testing.assert_array_equal(engine.avg_pool2d(x, kernel_size), np.float32(3e38))


def test_max_pool2d__rows_wholly_in_padding_are_minus_infinity(engine: ModuleType) -> None:
    x = normal(1, 2, 3, 40)
    for stride in (1, 2):
        options: dict[str, Any] = {"stride": (1, stride), "padding": (1, 0), "dilation": (4, 1)}
        y = engine.max_pool2d(x, 2, **options)
        assert_close(y, reference.max_pool2d(x, 2, **options), tolerance=0)


def test_pooling__stride_left_out_is_the_window(engine: ModuleType) -> None:
    assert engine.max_pool2d(ramp(1, 1, 4, 4), 2).tolist() == [[[[5, 7], [13, 15]]]]
    assert engine.avg_pool2d(ramp(1, 1, 4, 6), (2, 3)).tolist() == [[[[4, 7], [16, 19]]]]


def test_pooling__ceil_mode_changes_nothing_under_same(engine: ModuleType) -> None:
    x = normal(1, 2, 7, 9)
    for pool in (engine.max_pool2d, engine.avg_pool2d):
        np.testing.assert_array_equal(
            pool(x, 3, stride=2, padding="same", ceil_mode=True), pool(x, 3, stride=2, padding="same")
        )


def test_max_pool2d__padding_never_wins(engine: ModuleType) -> None:
    y = engine.max_pool2d(np.full((1, 1, 3, 3), -1e30, np.float32), 3, stride=1, padding=2)
    np.testing.assert_array_equal(y, np.full((1, 1, 5, 5), np.float32(-1e30)))


def test_max_pool2d__a_dilated_window_wholly_in_padding_is_minus_infinity(engine: ModuleType) -> None:
    x = np.ones((1, 1, 1, 1), np.float32)
    y = engine.max_pool2d(x, 2, stride=1, padding=1, dilation=2)
    np.testing.assert_array_equal(y, [[[[-np.inf]]]])


def test_max_pool2d__minus_infinity_in_the_picture_stays(engine: ModuleType) -> None:
    x = np.full((1, 1, 4, 4), -np.inf, np.float32)
    np.testing.assert_array_equal(engine.max_pool2d(x, 2), np.full((1, 1, 2, 2), -np.inf))


def test_max_pool2d__nan_wins_in_each_corner_of_the_window(engine: ModuleType) -> None:
    for row in range(3):
        for column in range(3):
            x = np.ones((1, 1, 3, 3), np.float32)
            x[0, 0, row, column] = np.nan
            assert np.isnan(engine.max_pool2d(x, 3)).all()


def test_max_pool2d__nan_touches_only_its_own_windows(engine: ModuleType) -> None:
    x = normal(1, 2, 17, 40)
    x[0, 1, 8, 21] = np.nan
    x[0, 0, 3, 5] = np.inf
    x[0, 0, 4, 9] = -np.inf
    for stride in (1, 2, 3):
        assert_close(
            engine.max_pool2d(x, 3, stride=stride, padding=1),
            reference.max_pool2d(x, 3, stride=stride, padding=1),
            tolerance=0,
        )


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_avg_pool2d__a_non_finite_pixel_touches_only_its_own_windows(
    engine: ModuleType, value: float
) -> None:
    x = normal(1, 2, 17, 40)
    x[0, 1, 8, 21] = value
    for stride in (1, 2, 3):
        y = engine.avg_pool2d(x, 3, stride=stride, padding=1)
        assert_close(y, reference.avg_pool2d(x, 3, stride=stride, padding=1))


def test_avg_pool2d__what_hangs_over_the_padded_picture_is_not_counted(engine: ModuleType) -> None:
    x = np.ones((1, 1, 5, 5), np.float32)
    np.testing.assert_array_equal(engine.avg_pool2d(x, 2, ceil_mode=True), np.ones((1, 1, 3, 3)))
    x = np.ones((1, 1, 6, 6), np.float32)
    counting = engine.avg_pool2d(x, 4, stride=3, padding=1, ceil_mode=True)
    share = [3 / 4, 1, 1 / 2]  # the last window counts one cell of the picture and one of the padding
    np.testing.assert_array_equal(counting[0, 0], np.outer(share, share))


def test_avg_pool2d__small_differences_on_a_bright_picture_survive(engine: ModuleType) -> None:
    x = np.full((1, 1, 64, 64), 255, np.float32)
    x[0, 0, ::2] = 254
    np.testing.assert_array_equal(engine.avg_pool2d(x, 64), [[[[254.5]]]])


def test_avg_pool2d__a_flat_picture_stays_exactly_as_it_is(engine: ModuleType) -> None:
    for value in np.arange(256, dtype=np.float32) / 255:
        x = np.full((1, 1, 6, 9), value, np.float32)
        for kernel_size in (2, 3, (5, 7)):
            assert (engine.avg_pool2d(x, kernel_size, stride=1) == value).all()


def test_pooling__a_stride_beyond_the_picture_leaves_the_first_window(engine: ModuleType) -> None:
    for stride in (5, 1000, 2**31, 2**40):
        assert engine.max_pool2d(ramp(1, 1, 5, 5), 2, stride=stride).tolist() == [[[[6]]]]
        assert engine.avg_pool2d(ramp(1, 1, 5, 5), 2, stride=stride).tolist() == [[[[3]]]]


def test_global_pools__agree_with_slow_loops(engine: ModuleType) -> None:
    for shape in ((1, 1, 1, 1), (2, 3, 5, 7), (1, 5, 40, 33)):
        x = normal(*shape)
        assert_close(engine.global_avg_pool2d(x), reference.global_avg_pool2d(x))
        assert_close(engine.global_max_pool2d(x), reference.global_max_pool2d(x), tolerance=0)


def test_global_pools__carry_nan_and_infinity(engine: ModuleType) -> None:
    x = normal(1, 4, 9, 20)
    x[0, 0, 3, 3], x[0, 1, 4, 4], x[0, 2, 5, 5] = np.nan, np.inf, -np.inf
    assert_close(engine.global_avg_pool2d(x), reference.global_avg_pool2d(x))
    assert_close(engine.global_max_pool2d(x), reference.global_max_pool2d(x), tolerance=0)
    np.testing.assert_array_equal(engine.global_max_pool2d(np.full((1, 1, 2, 2), -np.inf)), [[[[-np.inf]]]])


def test_global_avg_pool2d__a_large_map_keeps_its_accuracy(engine: ModuleType) -> None:
    y = engine.global_avg_pool2d(np.full((1, 1, 1000, 1200), 0.1, np.float32))
    np.testing.assert_allclose(y, 0.1, rtol=1e-6)


def test_max_pool2d__the_picture_is_not_changed(engine: ModuleType) -> None:
    x = picture([[1, 2, 3], [4, 5, 6], [7, 8, 9]])
    copy = x.copy()
    engine.max_pool2d(x, 2, stride=1, padding=1)
    np.testing.assert_array_equal(x, copy)
