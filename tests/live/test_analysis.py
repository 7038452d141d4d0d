"""What drawing needs to know: ranges, badges, smaller levels, and reuse of maps that did not change."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from explorer.imaging.rendering import finite_scale
from explorer.imaging.statistics import statistics
from explorer.jit import Status, status
from explorer.layers.fields import Array
from explorer.live.analysis import NetworkScale, layer_view, map_view, pyramid, thumbnail


def noise(*shape: int) -> Array:
    return np.random.default_rng(3).standard_normal(shape, dtype=np.float32)


def test_map_view__knows_the_range() -> None:
    pixels = noise(20, 30)
    view = map_view(pixels)
    assert (view.minimum, view.maximum) == (float(pixels.min()), float(pixels.max()))
    assert view.badge == ""
    assert view.levels[0] is pixels


@pytest.mark.parametrize(
    ("values", "badge"),
    [
        ([[0.0, 0.0]], "dead"),
        ([[2.5, 2.5]], "constant 2.5"),
        ([[np.nan, 1.0]], "NaN"),
        ([[np.inf, 1.0]], "overflow"),
        ([[-np.inf, 1.0]], "overflow"),
        ([[np.inf, np.nan]], "NaN"),
        ([[1e38, -1e38]], ""),
        ([[3.0]], ""),
    ],
)
def test_map_view__says_what_is_wrong(values: list[list[float]], badge: str) -> None:
    view = map_view(np.array(values, np.float32))
    assert view.badge == badge
    assert np.isfinite([view.minimum, view.maximum, view.scale.magnitude]).all()
    assert view.scale.magnitude > 0


def test_map_view__range_of_the_finite_values() -> None:
    view = map_view(np.array([[np.nan, -2.0, 5.0, np.inf]], np.float32))
    assert (view.minimum, view.maximum) == (-2.0, 5.0)


def test_map_view__without_a_finite_value_is_zero() -> None:
    view = map_view(np.full((3, 3), np.nan, np.float32))
    assert (view.minimum, view.maximum) == (0.0, 0.0)


@pytest.mark.parametrize("shape", [(380, 512), (1, 4000), (4000, 1), (1, 1), (129, 129), (2, 5000)])
def test_pyramid__halves_until_it_is_small(shape: tuple[int, int]) -> None:
    levels = pyramid(np.ones(shape, np.float32))
    assert levels[0].shape == shape
    for larger, smaller in pairwise(levels):
        assert smaller.shape == (larger.shape[0] // 2, larger.shape[1] // 2)
        np.testing.assert_allclose(smaller, 1.0, rtol=1e-6)
    assert max(levels[-1].shape) <= 128 or min(levels[-1].shape) == 1


def test_pyramid__is_the_mean_of_four() -> None:
    pixels = noise(200, 200)
    expected = pixels.reshape(100, 2, 100, 2).mean(axis=(1, 3))
    np.testing.assert_allclose(pyramid(pixels)[1], expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize("size", [(7, 9), (129, 260), (300, 200), (380, 512)])
def test_layer_view__is_the_same_compiled_and_plain(
    size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    output = noise(1, 5, *size)
    output[0, 1] = 0
    output[0, 2] = 2.5
    output[0, 3, 0, 0] = np.nan
    output[0, 4] = np.maximum(output[0, 4], 1)
    compiled = layer_view(output, None, None)
    assert status.usable
    monkeypatch.setattr(status, "state", Status.FAILED)
    plain = layer_view(output, None, None)
    for one, other in zip(compiled.maps, plain.maps, strict=True):
        assert (one.minimum, one.maximum, one.badge) == (other.minimum, other.maximum, other.badge)
        assert one.scale == other.scale
        for level, wanted in zip(one.levels, other.levels, strict=True):
            np.testing.assert_allclose(level, wanted, rtol=0, atol=2e-6)


def test_layer_view__takes_over_unchanged_maps() -> None:
    first = noise(1, 4, 300, 200)
    before = layer_view(first, None, None)
    second = first.copy()
    second[0, 2] *= 2
    after = layer_view(second, before, frozenset({2}))
    for channel in (0, 1, 3):
        assert after.maps[channel].levels[1] is before.maps[channel].levels[1]
        assert np.shares_memory(after.maps[channel].levels[0], second)
    assert after.maps[2].maximum == float(second[0, 2].max())


def test_layer_view__of_the_same_output_is_the_same() -> None:
    output = noise(1, 2, 5, 5)
    view = layer_view(output, None, None)
    assert layer_view(output, view, frozenset()) is view


def test_layer_view__with_another_number_of_maps_is_made_anew() -> None:
    before = layer_view(noise(1, 2, 5, 5), None, None)
    output = noise(1, 3, 5, 5)
    after = layer_view(output, before, frozenset())
    assert [float(view.maximum) for view in after.maps] == [float(part.max()) for part in output[0]]


def test_layer_scale__is_the_widest() -> None:
    output = noise(1, 3, 8, 8)
    output[0, 1] *= 10
    view = layer_view(output, None, None)
    assert view.layer_scale() is view.maps[1].scale


@pytest.mark.parametrize("shape", [(1, 3, 380, 512), (1, 1, 1, 4000), (1, 2, 5, 5), (1, 7), (1, 100_000)])
def test_thumbnail__is_small(shape: tuple[int, ...]) -> None:
    small = thumbnail(noise(*shape), 99)
    assert small.pixels.ndim == 2
    assert max(small.pixels.shape) <= 192
    assert small.pixels.size > 0


def test_statistics__stay_known_while_the_numbers_are_the_same() -> None:
    first = noise(1, 3, 30, 20)
    before = layer_view(first, None, None)
    assert before.maps[0].content.statistics is None
    assert before.measure(10.0)
    second = first.copy()
    second[0, 1] += 5
    after = layer_view(second, before, frozenset({1}))
    assert after.maps[0].statistics is before.maps[0].statistics
    assert after.maps[1].statistics == statistics(second[0, 1])
    assert not before.maps[1].statistics.mean > 4
    assert after.measured


def test_measure__ends_in_time_and_goes_on_where_it_was() -> None:
    view = layer_view(noise(1, 5, 20, 20), None, None)
    assert not view.measure(-1.0)
    assert view.measure(10.0)


def test_share_near__counts_both_ends() -> None:
    view = map_view(np.array([[0.0, 0.005, 0.5, 0.995, 1.0, np.nan]], np.float32))
    assert view.share_near(0.0, 1.0) == pytest.approx(4 / 6)


def test_network_scale__is_the_widest_of_all_layers() -> None:
    small, large, vector = noise(1, 3, 40, 40), noise(1, 2, 40, 40), noise(1, 10) * 1000
    large[0, 1] *= 20
    found = NetworkScale((small, large, vector))
    assert (found.scale, found.search(-1.0), found.search(10.0)) == (None, False, True)
    assert found.scale == finite_scale(large[0, 1])
    known = NetworkScale((large,), (None, layer_view(large, None, None)))
    assert known.search(-1.0)
    assert known.scale == finite_scale(large[0, 1])
    assert NetworkScale((vector,)).search(0.0)
