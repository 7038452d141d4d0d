"""How a picture becomes the network's input: its size, its channels and its range of values."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite, isqrt, prod

import numpy as np
from numpy.typing import NDArray

from explorer.imaging.image import Image
from explorer.imaging.opencv import cv2

MAX_PIXELS = 2_000_000  # a larger picture is reduced to this unless its full size is asked for
LARGEST_SIZE = 100_000_000
MODES = ("auto", "rgb", "grey")
RANGES = ("0..1", "0..255")


@dataclass(frozen=True, eq=False)
class Preprocess:
    """What is done to a picture before the first layer.

    ``size`` is (height, width); None is the picture's own size, reduced above MAX_PIXELS unless
    ``full_size``. ``mode`` is "auto" (channels as in the file), "rgb" or "grey". ``mean`` and ``std`` hold one
    number, or three in mode "rgb", in units of ``range``: the input is (x - mean) / std.
    """

    size: tuple[int, int] | None = None
    full_size: bool = False
    mode: str = "auto"
    range: str = "0..1"
    mean: tuple[float, ...] = ()
    std: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if self.size is not None:
            _check_size(self.size)
        if self.mode not in MODES:
            raise ValueError(f"The mode must be one of {', '.join(MODES)}, not {self.mode!r}.")
        if self.range not in RANGES:
            raise ValueError(f"The range must be one of {', '.join(RANGES)}, not {self.range!r}.")
        self._check_numbers("mean", self.mean)
        self._check_numbers("std", self.std)
        if any(number <= 0 for number in self.std):
            raise ValueError("Every std must be larger than 0.")

    def _check_numbers(self, label: str, numbers: tuple[float, ...]) -> None:
        allowed = (0, 1, 3) if self.mode == "rgb" else (0, 1)
        if len(numbers) not in allowed:
            remedy = (
                "give one or three" if self.mode == "rgb" else 'give one, or choose the mode "rgb" for three'
            )
            raise ValueError(f"The {label} has {len(numbers)} numbers; {remedy}.")
        if not all(isfinite(number) for number in numbers):
            raise ValueError(f"Every {label} must be a finite number.")


def working_size(image: Image, preprocess: Preprocess) -> tuple[int, int]:
    """The (height, width) the network sees."""
    if preprocess.size is not None:
        return preprocess.size
    height, width = image.pixels.shape[:2]
    if preprocess.full_size or height * width <= MAX_PIXELS:
        return height, width
    reduced_height = max(1, isqrt(MAX_PIXELS * height // width))
    reduced_width = max(1, min(MAX_PIXELS // reduced_height, round(width * reduced_height / height)))
    return min(reduced_height, MAX_PIXELS // reduced_width), reduced_width


def input_shape(image: Image, preprocess: Preprocess) -> tuple[int, int, int, int]:
    """The shape (1, C, H, W) of the network's input, without computing it."""
    height, width = working_size(image, preprocess)
    return 1, _channels(image, preprocess), height, width


def to_input(image: Image, preprocess: Preprocess) -> NDArray[np.float32]:
    """The network's input: float32 (1, C, H, W), RGB order, C-contiguous and read-only.

    uint8 and uint16 values are divided by 255 and 65535; float values stay as they are. "0..255" is 255 times
    that, but not for a picture whose numbers mean only themselves: one of floats that reaches beyond 0..1. NaN and
    infinities pass through.
    """
    values = _scaled(image, preprocess)
    values = _resized(_with_channels(values, _channels(image, preprocess)), working_size(image, preprocess))
    with np.errstate(over="ignore", invalid="ignore"):
        if preprocess.mean:
            values -= np.array(preprocess.mean, np.float32)
        if preprocess.std:
            values /= np.array(preprocess.std, np.float32)
    planes = np.array(values.transpose(2, 0, 1)[np.newaxis], dtype=np.float32, order="C")
    planes.flags.writeable = False
    return planes


def _check_size(size: tuple[int, int]) -> None:
    if len(size) != 2 or any(isinstance(side, bool) or not isinstance(side, int) for side in size):
        raise ValueError("The size must be two whole numbers: height and width.")
    if min(size) < 1:
        raise ValueError(f"The size must be at least 1 x 1 pixels, not {size[1]} x {size[0]}.")
    if prod(size) > LARGEST_SIZE:
        raise ValueError(f"The size must be at most {LARGEST_SIZE // 1_000_000} megapixels.")


def _channels(image: Image, preprocess: Preprocess) -> int:
    if preprocess.mode == "auto":
        return 1 if image.is_grey else 3
    return 3 if preprocess.mode == "rgb" else 1


def white_of(image: Image, preprocess: Preprocess) -> float | None:
    """The number that white becomes; None where a picture's numbers mean only themselves, and stay as they are."""
    if image.white_value is None:
        return None
    return 1.0 if preprocess.range == "0..1" else 255.0


def _scaled(image: Image, preprocess: Preprocess) -> NDArray[np.float32]:
    values = image.pixels.astype(np.float32)
    own, white = image.white_value, white_of(image, preprocess)
    if own is None or white is None:
        return values
    if own >= white:
        values /= np.float32(own / white)  # one rounding only: k / 255 is the nearest float32
    else:
        values *= np.float32(white / own)
    return values


def _with_channels(values: NDArray[np.float32], channels: int) -> NDArray[np.float32]:
    if values.shape[2] == channels:
        return values
    if channels == 3:
        return np.repeat(values, 3, axis=2)
    return np.asarray(cv2.cvtColor(values, cv2.COLOR_RGB2GRAY), np.float32)[:, :, np.newaxis]


def _resized(values: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.float32]:
    """Shrinks by averaging, then grows linearly, each axis as it needs."""
    height, width, channels = values.shape
    smaller = min(height, size[0]), min(width, size[1])
    if smaller != (height, width):
        values = np.asarray(cv2.resize(values, smaller[::-1], interpolation=cv2.INTER_AREA), np.float32)
    if smaller != size:
        values = np.asarray(cv2.resize(values, size[::-1], interpolation=cv2.INTER_LINEAR), np.float32)
    return values.reshape(*size, channels)
