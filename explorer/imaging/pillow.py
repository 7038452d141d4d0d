"""What Pillow decodes: palettes, inks, animations and everything with 8 bits that OpenCV reads wrongly."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import numpy as np
import PIL.Image
import PIL.ImageCms
from numpy.typing import NDArray

from explorer.imaging.image import over_black

PIL.Image.MAX_IMAGE_PIXELS = None  # sizes are checked by Opening, with a sentence of our own

SHOWN_ON_BLACK = "transparent parts are shown on black"
_CONVERTED = {"1": "1 bit", "CMYK": "CMYK", "LAB": "Lab", "YCbCr": "YCbCr", "HSV": "HSV"}


def open_header(data: bytes, *formats: str) -> PIL.Image.Image:
    """The picture with its header read and no pixel decoded; raises what Pillow raises."""
    return PIL.Image.open(BytesIO(data), formats=formats)


def orientation(exif: PIL.Image.Exif) -> int:
    """The EXIF orientation, 1 to 8; 1 where there is none or it makes no sense."""
    value = exif.get(0x0112, 1)
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def exif_from_bytes(data: bytes) -> PIL.Image.Exif:
    """EXIF data without the file around it."""
    exif = PIL.Image.Exif()
    exif.load(data)
    return exif


def frames(picture: PIL.Image.Image) -> int:
    """How many frames an animation has; 1 for a still picture."""
    return int(getattr(picture, "n_frames", 1))


def decode(picture: PIL.Image.Image) -> tuple[NDArray[Any], tuple[str, ...]]:
    """The first frame as (H, W), (H, W, 3) or (H, W, 4), and notes; raises what Pillow raises."""
    picture.load()
    mode = picture.mode
    notes = (f"converted from {_CONVERTED[mode]}",) if mode in _CONVERTED else ()
    if mode == "LAB":
        return np.asarray(_from_lab(picture)), notes
    if mode == "F" or mode.startswith("I"):
        return np.asarray(picture), notes
    if mode in ("1", "L", "LA", "La"):
        if not picture.has_transparency_data:
            return np.asarray(picture.convert("L")), notes
        both = np.asarray(picture.convert("LA"))
        grey, faded = over_black(both[:, :, :1], both[:, :, 1:])
        return grey, (*notes, SHOWN_ON_BLACK) if faded else notes
    return np.asarray(picture.convert("RGBA" if picture.has_transparency_data else "RGB")), notes


def _from_lab(picture: PIL.Image.Image) -> PIL.Image.Image:
    lab, srgb = PIL.ImageCms.createProfile("LAB"), PIL.ImageCms.createProfile("sRGB")
    converted = PIL.ImageCms.applyTransform(picture, PIL.ImageCms.buildTransform(lab, srgb, "LAB", "RGB"))
    return picture if converted is None else converted
