"""What a file really is, told from its first bytes: names lie, and some formats are refused by name."""

from __future__ import annotations

from enum import Enum
from pathlib import PurePath

from explorer.errors import PictureError


class FileKind(Enum):
    """A picture format that is read; the value is its name in sentences."""

    PNG = "PNG"
    JPEG = "JPEG"
    TIFF = "TIFF"
    WEBP = "WebP"
    BMP = "BMP"
    GIF = "GIF"
    AVIF = "AVIF"
    JPEG2000 = "JPEG 2000"
    PNM = "PNM"
    HEIC = "HEIC"


SUFFIXES: dict[FileKind, tuple[str, ...]] = {
    FileKind.PNG: (".png", ".apng"),
    FileKind.JPEG: (".jpg", ".jpeg", ".jpe", ".jfif", ".mpo"),
    FileKind.TIFF: (".tif", ".tiff"),
    FileKind.WEBP: (".webp",),
    FileKind.BMP: (".bmp", ".dib"),
    FileKind.GIF: (".gif",),
    FileKind.AVIF: (".avif", ".avifs"),
    FileKind.JPEG2000: (".jp2", ".j2k"),
    FileKind.PNM: (".pbm", ".pgm", ".ppm", ".pnm", ".pfm"),
    FileKind.HEIC: (".heic", ".heif"),
}
READ_FORMATS = "PNG, JPEG, TIFF, WebP, BMP, GIF, AVIF, JPEG 2000, PNM and HEIC"

_PICTURES = (
    (b"\x89PNG\r\n\x1a\n", FileKind.PNG),
    (b"\xff\xd8\xff", FileKind.JPEG),
    (b"II*\0", FileKind.TIFF),
    (b"MM\0*", FileKind.TIFF),
    (b"II+\0", FileKind.TIFF),
    (b"MM\0+", FileKind.TIFF),
    (b"GIF8", FileKind.GIF),
    (b"\0\0\0\x0cjP  \r\n\x87\n", FileKind.JPEG2000),
    (b"\xff\x4f\xff\x51", FileKind.JPEG2000),
)
_OTHERS = (
    (b"%PDF", "a PDF document"),
    (b"8BPS", "a Photoshop document"),
    (b"v/1\x01", "an OpenEXR picture"),
    (b"#?RADIANCE", "a Radiance HDR picture"),
    (b"\0\0\1\0", "an icon"),
    (b"\x1a\x45\xdf\xa3", "a video"),
    (b"\0\0\1\xba", "a video"),
    (b"\0\0\1\xb3", "a video"),
    (b"OggS", "a video"),
    (b"FLV", "a video"),
    (b"PK\3\4", "a ZIP archive"),
    (b"\x1f\x8b", "a compressed file"),
    (b"\x93NUMPY", "a NumPy array"),
)
_BMP_HEADER_SIZES = (12, 16, 40, 52, 56, 64, 108, 124)
_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}


def sniff(data: bytes, label: str) -> FileKind:
    """The format of a picture file; PictureError, starting with ``label``, if it is none that is read."""
    for signature, kind in _PICTURES:
        if data.startswith(signature):
            return kind
    if data[:1] == b"P" and data[1:2] in b"123456f" and data[2:3] in b" \t\r\n#":
        return FileKind.PNM
    if data[:2] == b"BM" and int.from_bytes(data[14:18], "little") in _BMP_HEADER_SIZES:
        return FileKind.BMP
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return FileKind.WEBP
    if data[4:8] == b"ftyp":
        brands = _brands(data)
        if brands & {b"avif", b"avis"}:
            return FileKind.AVIF
        if brands & _HEIC_BRANDS:
            return FileKind.HEIC
    raise PictureError(f"{label} is {_other(data)}; pictures are read from {READ_FORMATS} files.")


def misnamed(source: str, kind: FileKind) -> str | None:
    """The format that the file's name promises where its content is of another ``kind``."""
    suffix = PurePath(source).suffix.lower()
    for promised, suffixes in SUFFIXES.items():
        if suffix in suffixes and promised is not kind:
            return promised.value
    return None


def _brands(data: bytes) -> set[bytes]:
    """The major and the compatible brands of an ISO media file."""
    end = min(int.from_bytes(data[:4], "big"), 256)
    return {data[8:12], *(data[start : start + 4] for start in range(16, end, 4))}


def _other(data: bytes) -> str:
    if data[4:8] == b"ftyp" or (data[:4] == b"RIFF" and data[8:12] == b"AVI "):
        return "a video"
    for signature, name in _OTHERS:
        if data.startswith(signature):
            return name
    beginning = data[:4096].decode("utf-8", errors="ignore").removeprefix("\ufeff")
    if "<svg" in beginning.lower():
        return "an SVG drawing"
    if all(character.isprintable() or character.isspace() for character in beginning):
        return "not a picture (it looks like text)"
    return "not a picture that can be read"
