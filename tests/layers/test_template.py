"""A patch of a picture as a filter: it finds the place it was cut from."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.layers import Conv2d
from explorer.layers.fields import Array
from explorer.layers.template import peak, template
from tests.layers.contract import numbers


def textured(channels: int = 3, size: int = 28) -> Array:
    """A picture within 0..1, nowhere like itself."""
    return np.random.default_rng(5).random((channels, size, size), dtype=np.float32)


@pytest.mark.parametrize("grey", [False, True])
@pytest.mark.parametrize("channels", [1, 3])
def test_template__peaks_where_the_patch_was(grey: bool, channels: int) -> None:
    x = textured(channels)
    weight = template(x[:, 20:25, 5:10], grey=grey)[np.newaxis]
    y = Conv2d(out_channels=1, kernel_size=(5, 5), weight=weight).fit(x.shape).forward(x[np.newaxis])
    assert peak(y[0, 0]) == (20, 5)


def test_template__has_mean_0_in_each_channel_and_norm_1() -> None:
    result = template(textured()[:, :4, :7])
    assert result.shape == (3, 4, 7)
    assert result.dtype == np.float32
    assert result.mean(axis=(1, 2)) == pytest.approx(np.zeros(3), abs=1e-7)
    assert np.linalg.norm(result) == pytest.approx(1)


def test_template__grey_is_one_kernel_in_every_channel() -> None:
    patch = textured()[:, :5, :5]
    result = template(patch, grey=True)
    assert (result[0] == result[1]).all()
    assert (result[0] == result[2]).all()
    assert np.linalg.norm(result) == pytest.approx(1)
    one = template(patch.mean(axis=0, keepdims=True))
    assert result[0] == pytest.approx(one[0] / np.sqrt(3), abs=1e-6)


def test_template__brightness_and_contrast_do_not_matter() -> None:
    patch = textured()[:, :5, :5]
    assert template(patch * np.float32(3) + np.float32(7)) == pytest.approx(template(patch), abs=1e-5)


def test_template__a_flat_channel_gets_no_weight() -> None:
    patch = textured()[:, :5, :5]
    patch[1] = 0.3
    assert not template(patch)[1].any()


@pytest.mark.parametrize("value", [0.0, 0.1, -3.0, 1e-30, 1e30])
def test_template__a_flat_patch_is_refused(value: float) -> None:
    for grey in (False, True):
        with pytest.raises(ValueError, match="flat"):
            template(np.full((3, 5, 5), value, np.float32), grey=grey)


def test_template__one_pixel_is_flat() -> None:
    with pytest.raises(ValueError, match="flat"):
        template(textured()[:, :1, :1])


def test_template__colour_without_grey_contrast_is_flat_in_grey_only() -> None:
    patch = np.zeros((2, 3, 3), np.float32)
    patch[0, 0, 0] = patch[1].flat[1:] = 1
    patch[0].flat[1:] = 0
    patch = np.stack([patch[0], 1 - patch[0]])
    assert template(patch).any()
    with pytest.raises(ValueError, match="flat"):
        template(patch, grey=True)


def test_template__refuses_what_is_not_finite() -> None:
    patch = textured()[:, :3, :3]
    patch[0, 0, 0] = np.nan
    with pytest.raises(ValueError, match="finite"):
        template(patch)


def test_peak__is_the_first_largest_finite_value() -> None:
    values = np.array([[0, np.inf, 2], [np.nan, 2, -np.inf]], np.float32)
    assert peak(values) == (0, 2)
    assert peak(np.full((2, 3), -7, np.float32)) == (0, 0)
    assert peak(np.full((2, 3), np.nan, np.float32)) is None
    assert peak(numbers(1, 0)) is None
