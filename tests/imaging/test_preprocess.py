from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from explorer.imaging.image import Image
from explorer.imaging.preprocess import MAX_PIXELS, Preprocess, input_shape, to_input, working_size


def image(values: Any, dtype: Any = np.uint8) -> Image:
    return Image.from_array(np.array(values, dtype), "a.png")


RGB = image(np.random.default_rng(3).integers(0, 256, (12, 20, 3)))
GREY = image(np.arange(256).reshape(16, 16))


# Size


def test_working_size__is_the_pictures_own() -> None:
    assert working_size(RGB, Preprocess()) == (12, 20)


def test_working_size__may_be_chosen_as_height_and_width() -> None:
    assert working_size(RGB, Preprocess(size=(5, 7))) == (5, 7)


@pytest.mark.parametrize("shape", [(3000, 4000), (1415, 1415), (1, 3_000_000), (3_000_000, 1), (7, 700_001)])
def test_working_size__of_a_large_picture_is_reduced_in_proportion(shape: tuple[int, int]) -> None:
    large = image(np.zeros(shape))
    height, width = working_size(large, Preprocess())
    assert 0.9 * MAX_PIXELS * min(1, (height + 1) / (height + 2)) / 2 < height * width <= MAX_PIXELS
    if min(shape) > 1000:
        assert height / width == pytest.approx(shape[0] / shape[1], rel=2e-3)
    assert working_size(large, Preprocess(full_size=True)) == shape


# Channels and values


@pytest.mark.parametrize(
    ("picture", "mode", "channels"),
    [(RGB, "auto", 3), (GREY, "auto", 1), (RGB, "grey", 1), (GREY, "rgb", 3), (RGB, "rgb", 3)],
)
@pytest.mark.parametrize("size", [None, (5, 30), (1, 1)])
def test_to_input__has_the_shape_that_input_shape_promises(
    picture: Image, mode: str, channels: int, size: tuple[int, int] | None
) -> None:
    preprocess = Preprocess(size=size, mode=mode)
    x = to_input(picture, preprocess)
    assert x.shape == input_shape(picture, preprocess)
    assert x.shape[:2] == (1, channels)
    assert x.dtype == np.float32
    assert x.flags.c_contiguous
    assert not x.flags.writeable


def test_to_input__planes_are_red_green_blue_from_0_to_1() -> None:
    expected = RGB.pixels.transpose(2, 0, 1)[np.newaxis] / np.float32(255)
    assert np.array_equal(to_input(RGB, Preprocess()), expected)


def test_to_input__eight_bits_are_exact_in_both_ranges() -> None:
    levels = np.arange(256, dtype=np.float32)
    assert np.array_equal(to_input(GREY, Preprocess()).ravel(), levels / np.float32(255))
    assert np.array_equal(to_input(GREY, Preprocess(range="0..255")).ravel(), levels)


def test_to_input__sixteen_bits_fill_the_same_range() -> None:
    deep = image([[0, 257, 65535]], np.uint16)
    assert to_input(deep, Preprocess()).ravel() == pytest.approx([0, 1 / 255, 1])
    assert to_input(deep, Preprocess(range="0..255")).ravel().tolist() == [0, 1, 255]


def test_to_input__float_values_stay_as_they_are() -> None:
    measured = image([[-3, 0.5, 144]], np.float32)
    for values in ("0..1", "0..255"):
        assert to_input(measured, Preprocess(range=values)).ravel().tolist() == [-3, 0.5, 144]
    shares = image([[0, 0.5, 1]], np.float32)
    assert to_input(shares, Preprocess()).ravel().tolist() == [0, 0.5, 1]
    assert to_input(shares, Preprocess(range="0..255")).ravel().tolist() == [0, 127.5, 255]


def test_to_input__grey_is_weighted_for_the_eye() -> None:
    primaries = image([[[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255]]])
    x = to_input(primaries, Preprocess(mode="grey"))
    assert x.ravel() == pytest.approx([0.299, 0.587, 0.114, 1], abs=1e-6)


def test_to_input__colour_from_grey_is_three_equal_planes() -> None:
    x = to_input(GREY, Preprocess(mode="rgb"))
    assert np.array_equal(x[0, 0], x[0, 1])
    assert np.array_equal(x[0, 0], x[0, 2])


def test_to_input__shrinking_averages() -> None:
    x = to_input(GREY, Preprocess(size=(8, 8), range="0..255"))
    blocks = np.arange(256).reshape(8, 2, 8, 2).mean(axis=(1, 3))
    assert x[0, 0] == pytest.approx(blocks)


def test_to_input__growing_is_linear_and_stays_in_range() -> None:
    x = to_input(image([[0, 100]]), Preprocess(size=(1, 4), range="0..255"))
    assert x.ravel().tolist() == [0, 25, 75, 100]


def test_to_input__may_shrink_one_way_and_grow_the_other() -> None:
    x = to_input(image([[0, 100], [20, 120]]), Preprocess(size=(1, 4), range="0..255"))
    assert x.ravel().tolist() == [10, 35, 85, 110]


def test_to_input__subtracts_the_mean_and_divides_by_std() -> None:
    one = to_input(image([[0, 255]]), Preprocess(mean=(0.5,), std=(0.25,)))
    assert one.ravel().tolist() == [-2, 2]
    three = Preprocess(mode="rgb", mean=(0.5, 0, 1), std=(1, 2, 4), range="0..255")
    assert to_input(image([[8]]), three).ravel().tolist() == [7.5, 4, 1.75]
    assert to_input(image([[8]]), Preprocess(mean=(1,), range="0..255")).item() == 7


def test_to_input__values_that_are_no_numbers_pass_through() -> None:
    values = np.zeros((4, 6, 3), np.float32)
    values[1, 2, 0] = np.nan
    values[3, 5] = np.inf
    measured = image(values, np.float32)
    x = to_input(measured, Preprocess(mean=(0.5,), std=(2,), range="0..255"))
    assert np.isnan(x[0, 0, 1, 2])
    assert np.isposinf(x[0, :, 3, 5]).all()
    assert np.isfinite(x).sum() == 4 * 6 * 3 - 4
    assert np.isnan(to_input(measured, Preprocess(mode="grey"))[0, 0, 1, 2])
    assert np.isnan(to_input(measured, Preprocess(size=(2, 3)))[0, 0, 0, 1])


# What cannot be chosen


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"size": (0, 5)}, "at least 1 x 1"),
        ({"size": (5, -1)}, "at least 1 x 1"),
        ({"size": (20_000, 20_000)}, "100 megapixels"),
        ({"size": (1.5, 2)}, "whole numbers"),
        ({"size": (True, 2)}, "whole numbers"),
        ({"size": (1, 2, 3)}, "two whole numbers"),
        ({"mode": "bgr"}, "mode must be one of auto, rgb, grey"),
        ({"range": "-1..1"}, "range must be one of"),
        ({"mean": (0.5, 0.5)}, "mean has 2 numbers"),
        ({"mean": (0.4, 0.5, 0.6)}, "rgb"),
        ({"mode": "grey", "std": (1, 1, 1)}, "std has 3 numbers"),
        ({"mean": (float("nan"),)}, "mean must be a finite number"),
        ({"std": (float("inf"),)}, "std must be a finite number"),
        ({"std": (0.0,)}, "larger than 0"),
        ({"std": (-1.0,)}, "larger than 0"),
    ],
)
def test_preprocess__refuses_with_one_sentence(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        Preprocess(**fields)
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize(
    ("white", "unit", "wide"), [(1.0, 0.5, 127.5), (255.0, 0.5 / 255, 0.5), (2.0, 0.25, 63.75)]
)
def test_white__is_what_the_image_says(white: float, unit: float, wide: float) -> None:
    pixels = np.full((1, 1, 1), 0.5, np.float32)
    pixels.flags.writeable = False
    image = Image(pixels, "numbers", white=white)
    assert to_input(image, Preprocess(range="0..1")).item() == pytest.approx(unit)
    assert to_input(image, Preprocess(range="0..255")).item() == pytest.approx(wide)


def test_raw__numbers_stay_in_every_range() -> None:
    image = Image.from_array(np.full((1, 1), 0.5), "numbers", raw=True)
    for range_ in ("0..1", "0..255"):
        assert to_input(image, Preprocess(range=range_)).item() == 0.5
    assert image.white_value is None
    assert any("as they are" in note for note in image.notes)


@pytest.mark.parametrize("white", [0.0, -1.0, float("nan"), float("inf")])
def test_white__must_be_a_positive_number(white: float) -> None:
    pixels = np.zeros((1, 1, 1), np.float32)
    pixels.flags.writeable = False
    with pytest.raises(ValueError, match="white"):
        Image(pixels, "numbers", white=white)
