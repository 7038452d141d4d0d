"""Opening picture files: the one way in, from a file dialog, a drop, the clipboard or the command line."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.errors import PictureError
from explorer.imaging.decoding import decode, heif_module
from explorer.imaging.files import read_bytes
from explorer.imaging.image import Image
from explorer.imaging.opening import Decoded, Opening
from explorer.imaging.sniffing import SUFFIXES, FileKind, misnamed, sniff


def read_image(path: Path | str, *, allow_damaged: bool = False, allow_large: bool = False) -> Image:
    """The picture in a file, upright, RGB or grey, in the file's own depth; the file is not changed.

    ``allow_damaged`` opens what can be read of a JPEG that was cut off, ``allow_large`` opens more than
    100 megapixels. PictureError, with a sentence for the user, where the file cannot be opened.
    """
    data = read_bytes(Path(path), _label(str(path)))
    return decode_image(data, str(path), allow_damaged=allow_damaged, allow_large=allow_large)


def decode_image(
    data: bytes, source: str, *, allow_damaged: bool = False, allow_large: bool = False
) -> Image:
    """As ``read_image``, from the bytes of a file; ``source`` is its path or ``"clipboard"``."""
    opening = Opening(_label(source), allow_damaged, allow_large)
    if not data:
        raise PictureError(f"{opening.label} is empty; choose another file.")
    kind = sniff(data, opening.label)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            decoded = decode(data, kind, opening)
        return Image.from_array(_upright(decoded), source, (*_name_notes(source, kind), *decoded.notes))
    except PictureError:
        raise
    except MemoryError:
        raise PictureError(f"There is not enough memory for {opening.label}; save it smaller.") from None
    except Exception as error:  # on damaged data the libraries raise almost anything
        raise opening.damaged() from error


def picture_suffixes() -> tuple[str, ...]:
    """The suffixes of the files that can be opened, such as ``".png"``, for file dialogs."""
    readable = (kind for kind in FileKind if kind is not FileKind.HEIC or heif_module() is not None)
    return tuple(suffix for kind in readable for suffix in SUFFIXES[kind])


def _label(source: str) -> str:
    """What to call the file in a sentence."""
    if source == "clipboard":
        return "The clipboard's picture"
    name = Path(source).name or source
    return "".join(character if character.isprintable() else " " for character in name)


def _name_notes(source: str, kind: FileKind) -> tuple[str, ...]:
    promised = misnamed(source, kind)
    return (f"a {kind.value} file in spite of its name",) if promised else ()


def _upright(decoded: Decoded) -> NDArray[Any]:
    """The pixels turned and mirrored as the EXIF orientation (1 to 8) says."""
    pixels = decoded.pixels
    if decoded.orientation in (5, 6, 7, 8):
        pixels = pixels.swapaxes(0, 1)
    if decoded.orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    if decoded.orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    return np.ascontiguousarray(pixels)
