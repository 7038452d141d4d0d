from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from explorer.errors import PictureError
from explorer.imaging.image import Image


@pytest.mark.parametrize(
    ("shape", "expected"),
    [((4, 5), (4, 5, 1)), ((4, 5, 1), (4, 5, 1)), ((4, 5, 3), (4, 5, 3)), ((4, 5, 4), (4, 5, 3))],
)
def test_from_array__pixels_have_rows_columns_and_one_or_three_channels(
    shape: tuple[int, ...], expected: tuple[int, ...]
) -> None:
    image = Image.from_array(np.zeros(shape, np.uint8), "a.png")
    assert image.pixels.shape == expected
    assert image.is_grey == (expected[2] == 1)


@pytest.mark.parametrize(
    ("dtype", "expected"),
    [
        (np.uint8, np.uint8),
        (np.uint16, np.uint16),
        (">u2", np.uint16),
        (np.float16, np.float32),
        (np.float32, np.float32),
        (">f4", np.float32),
        (np.float64, np.float32),
        (np.int8, np.float32),
        (np.int16, np.float32),
        (np.int32, np.float32),
        (np.uint32, np.float32),
        (np.int64, np.float32),
    ],
)
def test_from_array__keeps_the_values_of_every_real_type(dtype: Any, expected: type[np.generic]) -> None:
    values = np.array([[0, 1], [100, 7]], dtype)
    image = Image.from_array(values, "a.tif")
    assert image.pixels.dtype == expected
    assert image.pixels.dtype.isnative
    assert np.array_equal(image.pixels[:, :, 0], values)


def test_from_array__booleans_become_black_and_white() -> None:
    image = Image.from_array([[True, False]], "a.png")
    assert image.pixels.dtype == np.uint8
    assert image.pixels[0, :, 0].tolist() == [255, 0]


def test_from_array__says_when_numbers_may_be_rounded() -> None:
    assert Image.from_array([[0.5]], "a.tif").notes == ("float64 values are kept as float32",)
    assert Image.from_array(np.array([[1]], np.int16), "a.tif").notes == ()


def test_from_array__owns_contiguous_read_only_pixels() -> None:
    values = np.zeros((6, 8, 3), np.uint8)
    image = Image.from_array(values[::2, ::-1], "a.png")
    values[:] = 9
    assert image.pixels.max() == 0
    assert image.pixels.flags.c_contiguous
    with pytest.raises(ValueError, match="read-only"):
        image.pixels[0, 0, 0] = 1


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_from_array__transparency_fades_to_black(dtype: type[np.unsignedinteger[Any]]) -> None:
    top = np.iinfo(dtype).max
    rgba = np.array([[[top, top // 5, 0, top], [top, top, top, 0], [top, top, top, top // 5]]], dtype)
    image = Image.from_array(rgba, "a.png", ("first",))
    assert image.pixels[0].tolist() == [[top, top // 5, 0], [0, 0, 0], [top // 5] * 3]
    assert image.notes == ("first", "transparent parts are shown on black")


def test_from_array__float_transparency_goes_from_0_to_1() -> None:
    rgba = np.array([[[1, 0.5, 0.25, 0.5]]], np.float32)
    assert Image.from_array(rgba, "a.tif").pixels[0, 0].tolist() == [0.5, 0.25, 0.125]


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros(5), "1 dimensions"),
        (np.zeros((2, 2, 2)), "2 channels"),
        (np.zeros((2, 2, 5)), "5 channels"),
        (np.zeros((0, 3)), "3 wide and 0 high"),
        (np.zeros((3, 0, 3)), "0 wide and 3 high"),
        (np.zeros((2, 2), np.complex64), "complex64"),
        (np.array([["a"]]), "type <U1"),
    ],
)
def test_from_array__refuses_what_is_no_picture(array: NDArray[Any], message: str) -> None:
    with pytest.raises(PictureError, match=message):
        Image.from_array(array, "a.png")


@pytest.mark.parametrize(
    "pixels",
    [
        np.zeros((2, 2), np.uint8),
        np.zeros((2, 2, 4), np.uint8),
        np.zeros((2, 2, 3)),
        np.zeros((2, 2, 3), np.uint8),
        np.zeros((0, 2, 3), np.uint8),
    ],
)
def test_image__the_constructor_holds_its_promises(pixels: NDArray[Any]) -> None:
    with pytest.raises(ValueError, match="pixels must be"):
        Image(pixels, "a.png")


def test_image__is_compared_by_identity_and_cannot_be_changed() -> None:
    image = Image.from_array([[1, 2]], "a.png")
    assert image != Image.from_array([[1, 2]], "a.png")
    with pytest.raises(dataclasses.FrozenInstanceError):
        image.source = "b.png"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("source", "name"),
    [("/home/me/my photo.tar.png", "my photo.tar"), ("sample:zone-plate", "zone-plate"), ("clipboard",) * 2],
)
def test_name__is_short_enough_to_show(source: str, name: str) -> None:
    assert Image.from_array([[1]], source).name == name


def test_value_range__covers_the_finite_values() -> None:
    values = np.array([[np.nan, -2], [np.inf, 3]], np.float32)
    image = Image.from_array(values, "a.tif")
    assert image.value_range == (-2.0, 3.0)
    assert image.non_finite == 2
    assert image.notes == ("values from -2 to 3 are used as they are", "2 non-finite pixels")


def test_value_range__of_nothing_finite_is_zero() -> None:
    image = Image.from_array(np.full((2, 2), np.nan, np.float32), "a.tif")
    assert image.value_range == (0.0, 0.0)
    assert image.non_finite == 4


def test_non_finite__counts_pixels_not_channels() -> None:
    values = np.zeros((2, 2, 3), np.float32)
    values[0, 0] = np.nan
    image = Image.from_array(values, "a.tif")
    assert image.non_finite == 1
    assert image.notes == ("1 non-finite pixel",)


def test_from_array__a_number_too_large_for_float32_becomes_infinite_and_is_noted() -> None:
    image = Image.from_array([[1e300, 0.0]], "a.tif")
    assert np.isinf(image.pixels[0, 0, 0])
    assert "1 non-finite pixel" in image.notes
