"""Random convolutions and poolings, cut into tiles in every way, between pages that may not be touched.

The thresholds by which the engine chooses its ways are lowered in half of the examples, so that small pictures go
through all of them: many tiles, chunks of channels, blocks of rows, Winograd's way, writing past the cache. Inputs may
not be written to, outputs and scratch memory are full of poison at first.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from explorer import engine, jit
from tests import reference
from tests.engine.checks import Floats, assert_close, assert_same_bits

if sys.platform == "win32":
    pytest.skip("pages are protected with mprotect", allow_module_level=True)

from explorer.engine import (
    aligned,
    convolution,
    pixels,
    pooling,
    streaming,
    tiles,
    transformed,
    winograd,
    winograd_rows_plan,
)
from explorer.jit.scratch import Scratch, scratch
from tests.engine.fences import Fence, fenced, locked
from tests.engine.random_calls import (
    ODD,
    Example,
    Pooling,
    Slide,
    convolutions,
    convolved,
    placed,
    poolings,
)

pytestmark = pytest.mark.usefixtures("all_threads_afterwards")

EXAMPLES = int(os.environ.get("FUZZING_EXAMPLES", "80"))
SEEDED = "FUZZING_AT_RANDOM" not in os.environ

thoroughly = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=SEEDED,
    database=None,
    suppress_health_check=list(HealthCheck),
)


def own_scratch(size: int, items: int) -> Scratch:
    """Scratch memory that ends at a forbidden page, full of NaN."""
    workers = scratch(0, items).workers
    memory = Fence((workers, size), at_the_end=True).array
    return Scratch(workers, size, memory.ctypes.data, memory)


@contextmanager
def thresholds(small: bool, point_cycles: float = 4) -> Iterator[None]:
    """Scratch memory between fences; and if ``small``, small pictures are treated like large ones.

    What the products of a point seem to cost decides whether those of all points are made at once.
    """
    with pytest.MonkeyPatch.context() as patch:
        for module in (convolution, pixels, pooling, transformed):
            patch.setattr(module, "scratch", own_scratch)
        # transformed kernels lie between fences, too
        patch.setattr(aligned, "empty", lambda shape: Fence(shape, at_the_end=True).array)
        patch.setattr(winograd_rows_plan, "_POINT_CYCLES", point_cycles)
        for module in (winograd, winograd_rows_plan):
            patch.setattr(module, "_LEAST_PRODUCTS", 0)
            patch.setattr(module, "_LEAST_KERNELS", 0)
        if small:
            for module in (streaming, tiles):
                patch.setattr(module, "LARGE", 0)
                patch.setattr(module, "STREAMED", 0)
            patch.setattr(pooling, "_STREAMED", 0)
            patch.setattr(streaming, "_LEAST_ROW", 1)
            patch.setattr(streaming, "_CAN_SHIFT", True)
            # filter by filter or not, by the size of the tile
            for name, value in {
                "FEW_REGISTERS": False,
                "_FASTEST": 4_000,
                "_WRITING_TAPS": 4,
                "_SHIFTED_TAPS": 0,
            }.items():
                patch.setattr(tiles, name, value)
            for name, value in {"_LEAST_FILTERS": 4, "_LEAST_TAPS": 0, "_LEAST_GAIN": 0}.items():
                patch.setattr(winograd_rows_plan, name, value)
            patch.setattr(winograd_rows_plan, "_INPUT_FLOATS", 20_000)
            patch.setattr(winograd_rows_plan, "_LARGEST", 20_000)
            for name, value in {
                "_SERIAL": 0,
                "_LARGEST": 20_000,
                "_SCRATCH": 3_000,
                "_WIDE": 16,
                "_IN_PLACE_BYTES": 2_000,
                "_READ_IN_PLACE": 3,
            }.items():
                patch.setattr(tiles, name, value)
            patch.setattr(winograd, "_INPUT_FLOATS", 20_000)
            for name, value in {"_SORT": 1_000_000, "_PART": 16_000, "_LARGEST": 200_000}.items():
                patch.setattr(pixels, name, value)
            for name in ("_LEAST_ROWS", "_LEAST_OUTPUTS"):
                patch.setattr(pixels, name, 0)
            for name, value in {"_LEAST": 64, "_ITEM": 128, "_CACHE": 4096}.items():
                patch.setattr(pooling, name, value)
        _forget_plans()
        yield
    _forget_plans()


def _forget_plans() -> None:
    for plan in (
        *(convolution._way, tiles.plan_tiles, winograd._plan, pooling._plan),
        *(winograd_rows_plan.suits, winograd_rows_plan.plan, pixels.suits, pixels._plan),
    ):
        plan.cache_clear()


Call = Callable[[Floats], object]


def on_any_threads(call: Call, shape: tuple[int, ...], at_the_end: bool) -> Floats:
    """What the call writes into its output: the same bits on 1, 2 and 3 threads, and nothing beside it."""
    results: list[Fence] = []
    for threads in (1, 2, 3):
        jit.set_threads(threads)
        results.append(Fence(shape, at_the_end))
        call(results[-1].array)
        assert results[-1].is_intact
        assert_same_bits(one_nan(results[-1].array), one_nan(results[0].array))
    return results[0].array


def one_nan(array: Floats) -> Floats:
    """Which of the many NaN is nobody's business."""
    return np.where(np.isnan(array), np.float32(np.nan), array)


algorithms = st.sampled_from(["auto", "direct"])
all_point_cycles = st.sampled_from([4, 1e6, -1e6])


# Convolution


@given(
    example=convolutions(),
    algorithm=algorithms,
    small=st.booleans(),
    point_cycles=all_point_cycles,
    at_the_end=st.booleans(),
)
@thoroughly
def test_conv2d__is_right_and_stays_within_its_arrays(
    example: Example, algorithm: str, small: bool, point_cycles: float, at_the_end: bool
) -> None:
    fence = placed(example, at_the_end)

    def call(out: Floats) -> None:
        given = {"groups": fence.groups, "algorithm": algorithm, **fence.options}
        engine.conv2d(fence.x, fence.weight, fence.bias, out=out, **given)

    with thresholds(small, point_cycles):
        y = on_any_threads(call, example.shape, at_the_end)
    assert_close(y, example.expected())


@given(data=st.data(), example=convolutions(), algorithm=algorithms, small=st.booleans())
@thoroughly
def test_channels__asked_for_alone_are_the_only_ones_written(
    data: st.DataObject, example: Example, algorithm: str, small: bool
) -> None:
    channels = data.draw(st.lists(st.integers(0, example.shape[1] - 1), unique=True), label="channels")
    fence, out = placed(example, True), Fence(example.shape, at_the_end=True)
    options: dict[str, Any] = {"groups": fence.groups, "algorithm": algorithm, **fence.options}
    with thresholds(small):
        engine.conv2d(fence.x, fence.weight, fence.bias, out=out.array, channels=channels, **options)
        assert out.is_intact
        others = np.setdiff1d(np.arange(example.shape[1]), channels)
        assert out.untouched[:, others].all()
        if algorithm == "direct":
            whole = engine.conv2d(fence.x, fence.weight, fence.bias, **options)
            assert_same_bits(out.array[:, channels], whole[:, channels])
    assert_close(out.array[:, channels], example.expected()[:, channels])


@given(example=convolutions(), small=st.booleans(), at_the_end=st.booleans())
@thoroughly
def test_add_conv2d__is_right_and_stays_within_its_arrays(
    example: Example, small: bool, at_the_end: bool
) -> None:
    assume(example.groups == 1)
    fence = placed(example, at_the_end)
    old = np.random.default_rng(7).standard_normal(example.shape, dtype=np.float32)
    base = locked(old, at_the_end)
    with thresholds(small):
        y = on_any_threads(
            lambda out: engine.add_conv2d(fence.x, fence.weight, base, out=out, **fence.options),
            example.shape,
            at_the_end,
        )
    assert_close(y, old + convolved(example.x, example.weight, example.slide))


@given(
    data=st.data(),
    example=convolutions(),
    algorithm=algorithms,
    value=st.sampled_from(ODD),
    small=st.booleans(),
    point_cycles=all_point_cycles,
)
@thoroughly
def test_conv2d__odd_pixels_touch_only_windows_that_see_them(
    data: st.DataObject,
    example: Example,
    algorithm: str,
    value: float,
    small: bool,
    point_cycles: float,
) -> None:
    x = example.x.copy()
    for _ in range(data.draw(st.integers(1, 3))):
        x[tuple(data.draw(st.integers(0, size - 1)) for size in x.shape)] = value
    odd = Example(x, example.weight, example.bias, example.slide, example.groups)
    fence, out = placed(odd, True), Fence(example.shape, at_the_end=True)
    with thresholds(small, point_cycles), np.errstate(all="ignore"):
        engine.conv2d(
            *(fence.x, fence.weight, fence.bias),
            groups=fence.groups,
            algorithm=algorithm,
            out=out.array,
            **fence.options,
        )
    seen, expected = odd.seen(), odd.expected()
    assert out.is_intact
    assert not out.untouched.any()
    assert_close(out.array[~seen], expected[~seen])
    if value != 1e38:
        np.testing.assert_array_equal(out.array[seen], expected[seen].astype(np.float32))


# Exactly nothing


FLAT = [0.1, 1 / 3, 255.0, 1e-3]


@given(
    data=st.data(),
    example=convolutions(),
    value=st.sampled_from(FLAT),
    small=st.booleans(),
)
@thoroughly
def test_direct__a_flat_picture_under_zero_sum_kernels_is_exactly_nothing(
    data: st.DataObject, example: Example, value: float, small: bool
) -> None:
    weight = np.rint(8 * example.weight)
    share = weight.reshape(len(weight), -1)
    share[:, data.draw(st.integers(0, share.shape[1] - 1))] -= share.sum(axis=1)
    x = np.full_like(example.x, value)
    top, bottom, left, right = example.slide.padding
    rim = ((0, 0), (0, 0), (top, bottom), (left, right))
    x = np.pad(x, rim, constant_values=np.float32(value))
    slide = Slide(example.slide.stride, dilation=example.slide.dilation)
    flat = Example(x, weight, np.zeros_like(example.bias), slide, example.groups)
    fence, bare = placed(flat, True), flat.shape

    def call(out: Floats) -> None:
        given = {"groups": fence.groups, "algorithm": "direct", **fence.options}
        engine.conv2d(fence.x, fence.weight, out=out, **given)

    with thresholds(small):
        assert not on_any_threads(call, bare, at_the_end=True).any()


# Pooling


@given(example=poolings(is_mean=False), small=st.booleans(), at_the_end=st.booleans())
@thoroughly
def test_max_pool2d__is_right_and_stays_within_its_arrays(
    example: Pooling, small: bool, at_the_end: bool
) -> None:
    x, kernel, options = example.x, example.kernel, example.options
    expected = reference.max_pool2d(x, kernel, **options)
    fence = locked(x, at_the_end)
    with thresholds(small):
        y = on_any_threads(
            lambda out: engine.max_pool2d(fence, kernel, out=out, **options), expected.shape, at_the_end
        )
    np.testing.assert_array_equal(y, expected.astype(np.float32))


@given(example=poolings(is_mean=True), small=st.booleans(), at_the_end=st.booleans())
@thoroughly
def test_avg_pool2d__is_right_and_stays_within_its_arrays(
    example: Pooling, small: bool, at_the_end: bool
) -> None:
    x, kernel, options = example.x, example.kernel, example.options
    with np.errstate(all="ignore"):
        expected = reference.avg_pool2d(x, kernel, **options)
    fence = locked(x, at_the_end)
    with thresholds(small):
        y = on_any_threads(
            lambda out: engine.avg_pool2d(fence, kernel, out=out, **options), expected.shape, at_the_end
        )
    huge = np.abs(expected) > 1e30
    np.testing.assert_allclose(y[huge], expected[huge].astype(np.float32), rtol=1e-6)
    assert_close(y[~huge], expected[~huge])


@given(data=st.data(), example=poolings(is_mean=False))
@thoroughly
def test_pooling__only_the_channels_asked_for_are_written(data: st.DataObject, example: Pooling) -> None:
    x, kernel, options = example.x, example.kernel, example.options
    channels = data.draw(st.lists(st.integers(0, x.shape[1] - 1), unique=True))
    others = np.setdiff1d(np.arange(x.shape[1]), channels)
    for function, given_options in (
        (engine.max_pool2d, options),
        (engine.avg_pool2d, {name: options[name] for name in ("stride", "padding", "ceil_mode")}),
    ):
        try:
            whole = function(x, kernel, **given_options)
        except ValueError:
            continue  # a window that only fits undilated, or the other way round
        out = Fence(whole.shape, at_the_end=True)
        with thresholds(small=True):
            function(fenced(x, True), kernel, out=out.array, channels=channels, **given_options)
        assert out.is_intact
        assert out.untouched[:, others].all()
        assert_same_bits(one_nan(out.array[:, channels]), one_nan(whole[:, channels]))


# Outputs that are too large for the cache


@pytest.mark.parametrize("algorithm", ["auto", "direct"])
@pytest.mark.parametrize(
    ("x", "weight", "options"),
    [
        ((1, 1, 802, 1026), (3, 1, 3, 3), {}),
        ((1, 3, 800, 1024), (3, 3, 1, 1), {}),
        ((1, 9, 400, 1024), (8, 9, 3, 3), {"padding": (1, 1, 1, 1)}),
        ((1, 60, 130, 1026), (20, 60, 3, 3), {}),
        ((1, 6, 802, 1026), (6, 1, 3, 3), {"groups": 6}),
        ((2, 2, 801, 1023), (8, 2, 3, 3), {"stride": (2, 2), "padding": (1, 1, 1, 1)}),
    ],
    ids=["few filters", "pointwise", "padded", "many taps", "depthwise", "stride"],
)
def test_large_outputs__are_as_right_as_small_ones(
    x: tuple[int, ...], weight: tuple[int, ...], options: dict[str, Any], algorithm: str
) -> None:
    random = np.random.default_rng(3)
    groups = options.get("groups", 1)
    slide = Slide(options.get("stride", (1, 1)), options.get("padding", (0, 0, 0, 0)))
    pixels, weights, biases = (
        random.standard_normal(shape, dtype=np.float32) for shape in (x, weight, weight[:1])
    )
    example = placed(Example(pixels, weights, biases, slide, groups), at_the_end=True)
    assert int(np.prod(example.shape)) * 4 >= streaming.LARGE
    call = {"groups": groups, "algorithm": algorithm, **example.options}
    out = Fence(example.shape, at_the_end=False)
    engine.conv2d(example.x, example.weight, example.bias, out=out.array, **call)
    assert out.is_intact
    expected = example.expected()
    assert_close(out.array, expected)
    if groups == 1 and algorithm == "auto":
        base = locked(random.standard_normal(example.shape, dtype=np.float32), at_the_end=True)
        engine.add_conv2d(example.x, example.weight, base, out=out.array, **example.options)
        assert out.is_intact
        assert_close(out.array, expected - example.bias[:, np.newaxis, np.newaxis] + base)
