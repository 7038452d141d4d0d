"""A picture as the program holds it: RGB or grey, in the depth of its file, never changed in place."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from explorer.errors import PictureError

SAMPLE_PREFIX = "sample:"
EDITED_PREFIX = "edited:"
_DTYPES = (np.dtype(np.uint8), np.dtype(np.uint16), np.dtype(np.float32))


@dataclass(frozen=True, eq=False)
class Image:
    """A picture.

    ``pixels`` is (H, W, C), C-contiguous and read-only: C is 1 (grey) or 3 (RGB), dtype uint8, uint16 or
    float32. ``source`` is a path, ``"sample:<key>"``, ``"edited:<name>"`` or ``"clipboard"``. ``notes`` say what was
    done to the file's values and what is unusual about them.

    ``white`` is the value of a float32 picture that counts as white; None goes by the values: 1 where they lie
    within 0..1, otherwise they mean only themselves. ``raw`` says the latter whatever they are.
    """

    pixels: NDArray[Any]
    source: str
    notes: tuple[str, ...] = ()
    white: float | None = None
    raw: bool = False

    def __post_init__(self) -> None:
        pixels = self.pixels
        if pixels.ndim != 3 or pixels.shape[2] not in (1, 3) or pixels.size == 0:
            raise ValueError(f"pixels must be (H, W, 1) or (H, W, 3) and not empty, not {pixels.shape}.")
        if pixels.dtype not in _DTYPES:
            raise ValueError(f"pixels must be uint8, uint16 or float32, not {pixels.dtype}.")
        if not pixels.flags.c_contiguous or pixels.flags.writeable:
            raise ValueError("pixels must be C-contiguous and read-only; use Image.from_array.")
        if self.white is not None and (self.raw or not (math.isfinite(self.white) and self.white > 0)):
            raise ValueError(f"white must be a positive number, and not of raw values, not {self.white}.")

    @classmethod
    def from_array(
        cls, array: ArrayLike, source: str, notes: tuple[str, ...] = (), *, raw: bool = False
    ) -> Image:
        """An image of its own copy of (H, W), (H, W, 1), (H, W, 3) or (H, W, 4) values.

        The fourth channel is transparency and is shown on black. Booleans become 0 and 255; real numbers
        other than uint8 and uint16 become float32. PictureError for anything else.
        """
        values = np.asarray(array)
        if values.ndim == 2:
            values = values[:, :, np.newaxis]
        _check(values)
        own, converted = _convert(values)
        if own.shape[2] == 4:
            own, faded = over_black(own[:, :, :3], own[:, :, 3:])
            converted += ("transparent parts are shown on black",) if faded else ()
        pixels = np.array(own, order="C")
        pixels.flags.writeable = False
        image = cls(pixels, source, raw=raw)
        return cls(pixels, source, (*notes, *converted, *_value_notes(image)), raw=raw)

    @property
    def name(self) -> str:
        """What to call the picture: a file without its suffix, a sample's key, or ``"clipboard"``."""
        if self.source.startswith(SAMPLE_PREFIX):
            return self.source.removeprefix(SAMPLE_PREFIX)
        if self.source.startswith(EDITED_PREFIX):
            return f"{self.source.removeprefix(EDITED_PREFIX)} (edited)"
        return Path(self.source).stem

    @property
    def is_grey(self) -> bool:
        """Whether there is one channel only."""
        return bool(self.pixels.shape[2] == 1)

    @property
    def edited_source(self) -> str:
        """The source of a picture that was painted by hand from this one."""
        return self.source if self.source.startswith(EDITED_PREFIX) else EDITED_PREFIX + self.name

    @cached_property
    def white_value(self) -> float | None:
        """The value that counts as white; None where the numbers mean only themselves, in every range."""
        if self.pixels.dtype != np.float32:
            return float(np.iinfo(self.pixels.dtype).max)
        if self.raw or self.white is not None:
            return self.white
        low, high = self.value_range
        return 1.0 if low >= 0 and high <= 1 else None

    @cached_property
    def value_range(self) -> tuple[float, float]:
        """The smallest and the largest finite value; (0, 0) where no value is finite."""
        values = self.pixels
        if self.non_finite:
            values = values[np.isfinite(values)]
        if values.size == 0:
            return 0.0, 0.0
        return float(values.min()), float(values.max())

    @cached_property
    def non_finite(self) -> int:
        """How many pixels have a NaN or an infinity in any channel."""
        if self.pixels.dtype != np.float32:
            return 0
        return int(np.count_nonzero(~np.isfinite(self.pixels).all(axis=2)))


def over_black(colour: NDArray[Any], alpha: NDArray[Any]) -> tuple[NDArray[Any], bool]:
    """``colour`` (H, W, C) faded to black by ``alpha`` (H, W, 1), and whether that changed anything.

    Black is zero, which is also what zero padding adds around a picture.
    """
    if colour.dtype == np.float32:
        return colour * alpha, bool((alpha != 1).any())
    opaque = np.iinfo(colour.dtype).max
    if (alpha == opaque).all():
        return colour, False
    wide = colour.astype(np.uint32)
    wide *= alpha
    wide += opaque // 2
    wide //= opaque
    return wide.astype(colour.dtype), True


def _check(values: NDArray[Any]) -> None:
    if values.ndim != 3:
        raise PictureError(f"A picture has rows and columns; this one has {values.ndim} dimensions.")
    if 0 in values.shape:
        raise PictureError(
            f"The picture has no pixels: it is {values.shape[1]} wide and {values.shape[0]} high."
        )
    if values.shape[2] not in (1, 3, 4):
        raise PictureError(f"The picture has {values.shape[2]} channels; use one with 1, 3 or 4.")
    if values.dtype.kind not in "buif":
        raise PictureError(f"The pixels are of type {values.dtype}; use whole numbers or real numbers.")


def _convert(values: NDArray[Any]) -> tuple[NDArray[Any], tuple[str, ...]]:
    if values.dtype == np.bool_:
        return values.astype(np.uint8) * np.uint8(255), ()
    native = values.dtype.newbyteorder("=")
    if native in _DTYPES:
        return values.astype(native, copy=False), ()
    with np.errstate(over="ignore"):
        converted = values.astype(np.float32)
    exact = np.can_cast(native, np.float32)
    return converted, () if exact else (f"{native} values are kept as float32",)


def _value_notes(image: Image) -> tuple[str, ...]:
    if image.pixels.dtype != np.float32:
        return ()
    notes: tuple[str, ...] = ()
    low, high = image.value_range
    if image.white_value is None:
        notes += (f"values from {low:g} to {high:g} are used as they are",)
    if image.non_finite:
        notes += (f"{image.non_finite} non-finite pixel{'s' if image.non_finite > 1 else ''}",)
    return notes
