"""Partial maps in portions and in little memory."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from explorer.layers import Conv2d
from explorer.layers.fields import Array
from explorer.live import partial
from explorer.live.partial import Part, PartialSum


def given(
    channels: int = 5, size: tuple[int, int] = (40, 52), **parameters: object
) -> tuple[PartialSum, Array]:
    """A filter with a bias, and its map."""
    x: Array = np.random.default_rng(0).standard_normal((1, channels, *size), np.float32)
    layer = dataclasses.replace(Conv2d(out_channels=2), **parameters)  # type: ignore[arg-type]
    layer = layer.fit(x.shape[1:]).with_bias_values(np.array([0.5, -2.0], np.float32))
    return PartialSum(layer, x, 1), layer.forward(x)[0, 1]


def every(wanted: PartialSum) -> list[Part]:
    parts, first = [], 0
    while first < len(wanted.channels):
        parts.append(wanted.compute(first))
        first += len(parts[-1].maps)
    return parts


def test_parts__add_up_to_the_map(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted, whole = given()
    monkeypatch.setattr(partial, "_MOST_PRODUCTS", 2 * 38 * 50 * 9)
    parts = every(wanted)
    assert [len(part.maps) for part in parts] == [2, 2, 1]
    total = np.concatenate([part.maps for part in parts]).sum(axis=0, dtype=np.float64) + wanted.bias
    np.testing.assert_allclose(total, whole, atol=1e-5 * np.abs(whole).max())


def test_groups__only_the_channels_of_the_group() -> None:
    wanted, whole = given(channels=6, groups=2)
    assert wanted.channels == range(3, 6)
    (part,) = every(wanted)
    np.testing.assert_allclose(part.maps.sum(axis=0) + wanted.bias, whole, atol=1e-4)


def test_much_memory__is_avoided_by_smaller_maps_that_still_add_up(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted, whole = given()
    monkeypatch.setattr(partial, "_MOST_BYTES", 5 * 38 * 50)
    assert wanted.reduction == 2
    (part,) = every(wanted)
    assert part.maps.shape == (5, 19, 25)
    small = whole.reshape(19, 2, 25, 2).mean(axis=(1, 3))
    np.testing.assert_allclose(part.maps.sum(axis=0) + wanted.bias, small, atol=1e-4)


def test_is_like__where_nothing_that_matters_differs() -> None:
    wanted, _ = given()
    weight = wanted.kernels.copy()
    again = PartialSum(dataclasses.replace(wanted.layer, name="other"), wanted.x, 1)
    assert wanted.is_like(again)
    both = np.stack([weight * 2, weight])
    assert wanted.is_like(PartialSum(wanted.layer.with_weight(both), wanted.x, 1))
    assert not wanted.is_like(PartialSum(wanted.layer.with_weight(both[::-1]), wanted.x, 1))
    assert not wanted.is_like(PartialSum(wanted.layer, wanted.x.copy(), 1))
    assert not wanted.is_like(None)


def test_amounts__are_mean_magnitudes() -> None:
    wanted, _ = given()
    (part,) = every(wanted)
    np.testing.assert_allclose(part.amounts, np.abs(part.maps).mean(axis=(1, 2)), rtol=1e-5)
