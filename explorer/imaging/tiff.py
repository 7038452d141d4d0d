"""TIFF: the format of measured data, with every number type, and of scanners, with every colour space.

tifffile gives the samples as they are stored; Pillow and OpenCV unpack the compressions that it cannot.
"""

from __future__ import annotations

from enum import IntEnum
from io import BytesIO
from typing import Any

import numpy as np
import tifffile
from numpy.typing import NDArray
from tifffile import COMPRESSION, EXTRASAMPLE, PHOTOMETRIC

from explorer.errors import PictureError
from explorer.imaging import pillow
from explorer.imaging.image import over_black
from explorer.imaging.opencv import cv2
from explorer.imaging.opening import Decoded, Opening

_PLAIN = (PHOTOMETRIC.MINISBLACK, PHOTOMETRIC.MINISWHITE, PHOTOMETRIC.RGB)
_COLOUR_SPACES = (PHOTOMETRIC.PALETTE, PHOTOMETRIC.SEPARATED, PHOTOMETRIC.YCBCR, PHOTOMETRIC.CIELAB)
_UNPACKED_BY_TIFFFILE = (COMPRESSION.NONE, COMPRESSION.ADOBE_DEFLATE, COMPRESSION.DEFLATE)
_ORIENTATION = 274


def decode_tiff(data: bytes, opening: Opening) -> Decoded:
    """The first page of a TIFF file; raises PictureError or what the libraries raise on damage."""
    with tifffile.TiffFile(BytesIO(data)) as file:
        page = file.pages.first
        opening.check_size(page.imagewidth, page.imagelength)
        pages = len(file.pages)
        notes = (f"first of {pages} pages",) if pages > 1 else ()
        if page.photometric in _COLOUR_SPACES or (page.photometric in _PLAIN and _is_packed_bytes(page)):
            # Pillow turns the picture upright by itself
            pixels, conversions = pillow.decode(pillow.open_header(data, "TIFF"))
            return Decoded(pixels, notes=(*notes, *conversions))
        if page.photometric not in _PLAIN or page.samplesperpixel > 4:
            raise PictureError(f"{opening.label} holds {_content(page)}; save it as a grey or RGB picture.")
        samples = _samples(data, page)
        if samples is None:
            method = _enum_name(page.compression)
            raise PictureError(
                f"{opening.label} cannot be unpacked ({method}, {page.dtype}); save it without."
            )
        pixels, conversions = _colours(samples, page)
        return Decoded(pixels, int(page.tags.valueof(_ORIENTATION, 1)), (*notes, *conversions))


def _is_packed_bytes(page: tifffile.TiffPage) -> bool:
    return page.compression not in _UNPACKED_BY_TIFFFILE and page.bitspersample <= 8


def _content(page: tifffile.TiffPage) -> str:
    if page.photometric in _PLAIN:
        return f"{page.samplesperpixel} channels"
    return f"{_enum_name(page.photometric)} data"


def _enum_name(value: int) -> str:
    return value.name if isinstance(value, IntEnum) else f"unknown ({value})"


def _samples(data: bytes, page: tifffile.TiffPage) -> NDArray[Any] | None:
    """(H, W) or (H, W, S) as stored, in RGB order; None where nothing can unpack it."""
    if page.compression in _UNPACKED_BY_TIFFFILE:
        stored = page.asarray(maxworkers=1)
        if page.axes == "SYX":
            return np.moveaxis(stored, 0, 2)
        return stored if page.axes in ("YX", "YXS") else None
    unpacked = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if unpacked is None or unpacked.size != page.imagewidth * page.imagelength * page.samplesperpixel:
        return None
    if unpacked.ndim == 2:
        return np.asarray(unpacked)
    return np.asarray(unpacked)[:, :, [2, 1, 0, 3][: page.samplesperpixel]]


def _colours(samples: NDArray[Any], page: tifffile.TiffPage) -> tuple[NDArray[Any], tuple[str, ...]]:
    """Grey or RGB on black, and what was done for it."""
    if page.photometric == PHOTOMETRIC.MINISWHITE:
        samples = _inverted(samples)
    if samples.ndim == 2:
        return samples, ("converted from 1 bit",) if samples.dtype == np.bool_ else ()
    colours = 3 if samples.shape[2] >= 3 else 1
    base, extra = samples[:, :, :colours], samples[:, :, colours:]
    if extra.shape[2] == 0:
        return base, ()
    meaning = page.extrasamples[0] if page.extrasamples else EXTRASAMPLE.UNSPECIFIED
    if meaning == EXTRASAMPLE.ASSOCALPHA:
        return base, (pillow.SHOWN_ON_BLACK,)  # its colours are stored as they look on black
    if meaning == EXTRASAMPLE.UNASSALPHA:
        base, faded = over_black(base, extra)
        return base, (pillow.SHOWN_ON_BLACK,) if faded else ()
    return base, ("a channel that is no colour is left out",)


def _inverted(samples: NDArray[Any]) -> NDArray[Any]:
    if samples.dtype == np.bool_:
        return ~samples
    return np.iinfo(samples.dtype).max - samples if samples.dtype.kind == "u" else samples
