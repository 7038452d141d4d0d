"""The structure of a PNG file, checked before it is decoded.

Decoders differ in what they do with a damaged file; none is asked before the checksums are known to be right.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from explorer.imaging.opening import Opening

GREY, PALETTE, GREY_ALPHA = 0, 3, 4  # colour types


@dataclass(frozen=True)
class PngHeader:
    """What the chunks of a PNG file say. ``exif`` and ``transparency`` are the bytes of their chunks."""

    width: int
    height: int
    bit_depth: int
    colour_type: int
    frames: int = 1
    exif: bytes = b""
    transparency: bytes = b""


def read_png_header(data: bytes, opening: Opening) -> PngHeader:
    """The header of a complete PNG file; PictureError if it is too large, cut off or changed."""
    if len(data) < 33 or data[12:16] != b"IHDR":
        raise opening.damaged()
    width, height = int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")
    opening.check_size(width, height)
    frames, exif, transparency = 1, b"", b""
    view = memoryview(data)
    position, complete = 8, False
    while not complete:
        if position + 12 > len(data):
            raise opening.damaged()
        end = position + 8 + int.from_bytes(view[position : position + 4], "big")
        name = bytes(view[position + 4 : position + 8])
        critical = not name[0] & 0x20
        if critical and zlib.crc32(view[position + 4 : end]) != int.from_bytes(view[end : end + 4], "big"):
            raise opening.damaged()
        content = view[position + 8 : end]
        if name == b"acTL":
            frames = int.from_bytes(content[:4], "big")
        elif name == b"eXIf":
            exif = bytes(content)
        elif name == b"tRNS":
            transparency = bytes(content)
        complete = name == b"IEND"
        position = end + 4
    return PngHeader(width, height, data[24], data[25], frames, exif, transparency)
