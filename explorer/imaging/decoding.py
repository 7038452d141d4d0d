"""Which library decodes which format. Colours leave this module in the order red, green, blue."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from io import BytesIO
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.errors import PictureError
from explorer.imaging import pillow, png
from explorer.imaging.image import over_black
from explorer.imaging.opencv import cv2
from explorer.imaging.opening import Decoded, Opening
from explorer.imaging.sniffing import FileKind
from explorer.imaging.tiff import decode_tiff

_JPEG_END, _JPEG_SCAN = b"\xff\xd9", b"\xff\xda"


def decode(data: bytes, kind: FileKind, opening: Opening) -> Decoded:
    """The pixels of a file of this kind; raises PictureError or what the libraries raise on damage."""
    return _DECODERS[kind](data, opening)


def heif_module() -> ModuleType | None:
    """pillow_heif where it is installed: HEIC is an extra, for its licence and its size."""
    try:
        return importlib.import_module("pillow_heif")
    except ImportError:
        return None


def _with_pillow(*formats: str) -> Callable[[bytes, Opening], Decoded]:
    def decode_first_frame(data: bytes, opening: Opening) -> Decoded:
        picture = pillow.open_header(data, *formats)
        opening.check_size(*picture.size)
        count = pillow.frames(picture)
        notes = (f"first of {count} frames",) if count > 1 else ()
        turn = pillow.orientation(picture.getexif())
        pixels, conversions = pillow.decode(picture)
        return Decoded(pixels, turn, (*notes, *conversions))

    return decode_first_frame


def _decode_png(data: bytes, opening: Opening) -> Decoded:
    header = png.read_png_header(data, opening)
    turn = pillow.orientation(pillow.exif_from_bytes(header.exif)) if header.exif else 1
    small_key = header.transparency and header.colour_type == png.GREY and header.bit_depth <= 8
    if header.frames > 1 or header.colour_type == png.PALETTE or small_key or header.bit_depth == 1:
        decoded = _with_pillow("PNG")(data, opening)
        return Decoded(decoded.pixels, turn, decoded.notes)
    pixels = _decode_with_opencv(data)
    if pixels is None:
        raise opening.damaged()
    if header.colour_type == png.GREY_ALPHA:
        alpha = pixels[:, :, 3:]
        grey, faded = over_black(pixels[:, :, :1], alpha)
        return Decoded(grey, turn, (pillow.SHOWN_ON_BLACK,) if faded else ())
    if header.transparency and header.colour_type == png.GREY:
        # OpenCV leaves out the one transparent value of 16-bit grey
        transparent = pixels == int.from_bytes(header.transparency, "big")
        return Decoded(np.where(transparent, pixels.dtype.type(0), pixels), turn, (pillow.SHOWN_ON_BLACK,))
    return Decoded(pixels, turn)


def _decode_jpeg(data: bytes, opening: Opening) -> Decoded:
    picture = pillow.open_header(data, "JPEG", "MPO")
    opening.check_size(*picture.size)
    turn = pillow.orientation(picture.getexif())
    complete = data.rfind(_JPEG_END) > data.rfind(_JPEG_SCAN)
    if complete and picture.mode != "CMYK":
        pixels = _decode_with_opencv(data)
        if pixels is not None:
            return Decoded(pixels, turn)
    try:
        pixels, notes = pillow.decode(picture)
    except (OSError, SyntaxError, ValueError):
        pixels, notes = _readable_part(data, opening)
    return Decoded(pixels, turn, notes)


def _readable_part(data: bytes, opening: Opening) -> tuple[NDArray[Any], tuple[str, ...]]:
    """What is there of a JPEG that was cut off: with an end mark the decoder fills the rest with grey."""
    pixels, notes = pillow.decode(pillow.open_header(data + _JPEG_END, "JPEG", "MPO"))
    if not opening.allow_damaged:
        raise opening.damaged(readable_part=True)
    return pixels, (*notes, "damaged file: what could not be read is grey")


def _decode_jpeg2000(data: bytes, opening: Opening) -> Decoded:
    opening.check_size(*pillow.open_header(data, "JPEG2000").size)
    pixels = _decode_with_opencv(data)
    return _with_pillow("JPEG2000")(data, opening) if pixels is None else Decoded(pixels)


def _decode_pnm(data: bytes, opening: Opening) -> Decoded:
    picture = pillow.open_header(data, "PPM")
    opening.check_size(*picture.size)
    deep, notes = pillow.decode(picture)
    if deep.dtype == np.int32:
        return Decoded(deep.astype(np.uint16), notes=notes)  # Pillow scales deep grey to 65535
    if deep.ndim == 3:
        pixels = _decode_with_opencv(data)
        if pixels is not None and pixels.dtype == np.uint16:
            return Decoded(pixels, notes=notes)  # Pillow reduces deep colours to 8 bits
    return Decoded(deep, notes=notes)


def _decode_heic(data: bytes, opening: Opening) -> Decoded:
    module = heif_module()
    if module is None:
        raise PictureError(
            f"{opening.label} is a HEIC picture; install feature-map-explorer[heic] to read it, "
            "or save it as PNG or JPEG."
        )
    file = module.open_heif(BytesIO(data), convert_hdr_to_8bit=True)
    opening.check_size(*file.size)
    pixels, notes = pillow.decode(file.to_pillow())  # already upright
    return Decoded(pixels, notes=notes)


def _decode_with_opencv(data: bytes) -> NDArray[Any] | None:
    """Pixels in RGB(A) order as stored; None where OpenCV cannot read them."""
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if pixels is None:
        return None
    if pixels.ndim == 2:
        return np.asarray(pixels)
    code = cv2.COLOR_BGRA2RGBA if pixels.shape[2] == 4 else cv2.COLOR_BGR2RGB
    return np.asarray(cv2.cvtColor(pixels, code))


_DECODERS: dict[FileKind, Callable[[bytes, Opening], Decoded]] = {
    FileKind.PNG: _decode_png,
    FileKind.JPEG: _decode_jpeg,
    FileKind.TIFF: decode_tiff,
    FileKind.WEBP: _with_pillow("WEBP"),
    FileKind.BMP: _with_pillow("BMP", "DIB"),
    FileKind.GIF: _with_pillow("GIF"),
    FileKind.AVIF: _with_pillow("AVIF"),
    FileKind.JPEG2000: _decode_jpeg2000,
    FileKind.PNM: _decode_pnm,
    FileKind.HEIC: _decode_heic,
}
