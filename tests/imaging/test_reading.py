from __future__ import annotations

import contextlib
import os
import stat
import struct
import sys
import zlib
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import PIL.Image
import PIL.ImageOps
import pytest
import tifffile
from numpy.typing import NDArray

from explorer.errors import PictureError
from explorer.imaging import files
from explorer.imaging.reading import decode_image, picture_suffixes, read_image

Bytes = NDArray[np.uint8]
LOSSLESS: dict[str, dict[str, Any]] = {"PNG": {}, "WEBP": {"lossless": True}, "TIFF": {}, "BMP": {}}


def colours(height: int = 40, width: int = 60) -> Bytes:
    """A smooth RGB picture in which no two corners, and no two channels, are alike."""
    rows, columns = np.mgrid[0:height, 0:width]
    planes = [200 * rows // height + 20, 180 * columns // width + 40, 220 - 100 * rows // height]
    return np.stack(planes, axis=2).astype(np.uint8)


def encoded(picture: PIL.Image.Image, file_format: str, **options: Any) -> bytes:
    buffer = BytesIO()
    picture.save(buffer, file_format, **options)
    return buffer.getvalue()


def png(width: int, height: int, depth: int, colour_type: int, rows: bytes, *extra: bytes) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, depth, colour_type, 0, 0, 0)
    parts = [chunk(b"IHDR", header), *extra, chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def tiff(array: NDArray[Any], **options: Any) -> bytes:
    buffer = BytesIO()
    tifffile.imwrite(buffer, array, **options)
    return buffer.getvalue()


def refusal(data: bytes, source: str = "photo.png", **allowed: bool) -> PictureError:
    with pytest.raises(PictureError) as caught:
        decode_image(data, source, **allowed)
    message = str(caught.value)
    assert message.endswith(".")
    assert "\n" not in message
    return caught.value


# Files that are no pictures


def test_read_image__a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(PictureError, match=r"gone\.png does not exist"):
        read_image(tmp_path / "gone.png")


def test_read_image__refuses_a_folder(tmp_path: Path) -> None:
    with pytest.raises(PictureError, match="is a folder"):
        read_image(tmp_path)


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such files on Windows")
def test_read_image__refuses_pipes_and_devices_without_waiting(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.png"
    os.mkfifo(pipe)
    for path in (pipe, Path("/dev/zero")):
        with pytest.raises(PictureError, match="device or a pipe"):
            read_image(path)


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such files on Windows")
def test_read_image__a_file_replaced_by_a_pipe_does_not_block(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipe, ordinary = tmp_path / "pipe.png", tmp_path / "file.png"
    os.mkfifo(pipe)
    ordinary.write_bytes(b"x")
    before = ordinary.stat()
    monkeypatch.setattr(Path, "stat", lambda *_, **__: before)
    with pytest.raises(PictureError, match="device or a pipe"):
        read_image(pipe)


def test_read_image__says_that_permission_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mine.png").write_bytes(b"x")

    def denied(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(files, "_open_without_waiting", denied)
    with pytest.raises(PictureError, match=r"mine\.png may not be read"):
        read_image(tmp_path / "mine.png")


def test_read_image__a_disk_error_and_an_impossible_name_become_sentences(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(PictureError, match="cannot be opened"):
        read_image("a\0b.png")
    (tmp_path / "a.png").write_bytes(b"x")

    def failing(*_: object) -> int:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(files, "_open_without_waiting", failing)
    with pytest.raises(PictureError, match=r"a\.png cannot be opened: Input/output error\."):
        read_image(tmp_path / "a.png")


def test_read_image__refuses_a_huge_file_without_reading_it(tmp_path: Path) -> None:
    path = tmp_path / "huge.png"
    with path.open("wb") as file:
        file.truncate(files.MAX_BYTES + 1)
    with pytest.raises(PictureError, match="larger than 512 MB"):
        read_image(path)


def test_read_image__an_empty_file_is_called_empty(tmp_path: Path) -> None:
    (tmp_path / "empty.png").touch()
    with pytest.raises(PictureError, match=r"empty\.png is empty"):
        read_image(tmp_path / "empty.png")
    assert "is empty" in str(refusal(b""))


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"Dear diary,\n", "looks like text"),
        ("Größe".encode(), "looks like text"),
        (b"BMW is a car maker, and this is text", "looks like text"),
        (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "an SVG drawing"),
        (b"%PDF-1.7 ...", "a PDF document"),
        (b"\0\0\0\x18ftypmp42\0\0\0\0isommp42", "a video"),
        (b"\x1a\x45\xdf\xa3\x01\x00", "a video"),
        (b"RIFF\x10\0\0\0AVI LIST", "a video"),
        (b"PK\3\4\x14\0", "a ZIP archive"),
        (bytes(range(1, 200)), "not a picture"),
    ],
)
def test_decode_image__says_what_a_file_is_and_which_formats_are_read(data: bytes, what: str) -> None:
    message = str(refusal(data))
    assert what in message
    assert "pictures are read from PNG, JPEG, TIFF" in message


# Damaged files


def test_decode_image__refuses_a_png_that_is_cut_off_or_changed() -> None:
    data = encoded(PIL.Image.fromarray(colours()), "PNG")
    changed = bytearray(data)
    changed[data.index(b"IDAT") + 20] ^= 0xFF
    for broken in (data[: len(data) // 2], data[:20], data[:-8], bytes(changed)):
        error = refusal(broken, allow_damaged=True)
        assert "damaged" in str(error)
        assert not error.readable_part


def test_decode_image__a_wrong_checksum_of_a_comment_does_not_matter() -> None:
    comment = bytearray(chunk(b"tEXt", b"Comment\0hello"))
    comment[-1] ^= 0xFF
    assert decode_image(png(1, 1, 8, 0, b"\0\x07", bytes(comment)), "a.png").pixels.item() == 7


@pytest.mark.parametrize("progressive", [False, True])
def test_decode_image__half_a_jpeg_opens_only_on_request(progressive: bool) -> None:
    picture = colours(400, 400)
    data = encoded(PIL.Image.fromarray(picture), "JPEG", quality=95, progressive=progressive)
    half = data[: len(data) // 2]
    assert refusal(half, "a.jpg").readable_part
    image = decode_image(half, "a.jpg", allow_damaged=True)
    assert any("damaged" in note for note in image.notes)
    assert image.pixels.shape == picture.shape
    assert np.abs(image.pixels[:40].astype(int) - picture[:40]).max() < 40


def test_decode_image__a_jpeg_without_picture_data_has_no_readable_part() -> None:
    data = encoded(PIL.Image.fromarray(colours()), "JPEG")
    assert not refusal(data[:100], "a.jpg", allow_damaged=True).readable_part


@pytest.mark.parametrize("file_format", ["GIF", "WEBP", "BMP", "TIFF", "AVIF", "JPEG2000", "PPM"])
def test_decode_image__half_a_file_of_any_other_format_is_damaged(file_format: str) -> None:
    data = encoded(PIL.Image.fromarray(colours(200, 200)), file_format)
    assert "damaged" in str(refusal(data[: len(data) // 2], "a.bin"))


@pytest.mark.parametrize("compression", ["tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg"])
def test_decode_image__half_a_compressed_tiff_is_damaged(compression: str) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (200, 200, 3)).astype(np.uint8)
    data = encoded(PIL.Image.fromarray(noise), "TIFF", compression=compression)
    assert np.abs(decode_image(data, "a.tif").pixels.astype(int) - noise).mean() < 60
    assert "damaged" in str(refusal(data[: len(data) // 2], "a.tif"))


@pytest.mark.parametrize("file_format", ["PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF"])
def test_decode_image__random_damage_never_ends_in_anything_but_a_sentence(file_format: str) -> None:
    random = np.random.default_rng(7)
    data = np.frombuffer(encoded(PIL.Image.fromarray(colours()), file_format), np.uint8)
    for _ in range(40):
        broken = data.copy()
        broken[random.integers(4, data.size, 3)] = random.integers(0, 256, 3)
        with contextlib.suppress(PictureError):
            assert decode_image(broken.tobytes(), "a.bin").pixels.size


# Sizes


@pytest.mark.skipif(sys.platform == "win32", reason="resource is not on Windows")
@pytest.mark.parametrize("side", [20_000, 60_000])
def test_decode_image__refuses_a_bomb_by_its_header(side: int) -> None:
    import resource

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    message = str(refusal(png(side, side, 8, 0, b"")))
    assert f"{side:,} x {side:,} pixels" in message
    assert "megapixels" in message
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000


def test_decode_image__refuses_bombs_in_other_formats() -> None:
    small = PIL.Image.new("L", (1, 1))
    bmp = bytearray(encoded(small, "BMP"))
    bmp[18:26] = struct.pack("<ii", 30_000, 30_000)
    gif = bytearray(encoded(small, "GIF"))
    gif[6:10] = struct.pack("<HH", 60_000, 60_000)
    jpeg = bytearray(encoded(small, "JPEG"))
    start = jpeg.index(b"\xff\xc0") + 5
    jpeg[start : start + 4] = struct.pack(">HH", 60_000, 60_000)
    for data in (bytes(bmp), bytes(gif), bytes(jpeg), b"P5 50000 50000 255\n"):
        assert "megapixels" in str(refusal(data))


def test_decode_image__allow_large_lifts_the_limit_but_not_the_ceiling() -> None:
    large = png(10_001, 10_000, 1, 0, (b"\0" + bytes(1251)) * 10_000)
    assert "100 megapixels" in str(refusal(large))
    assert decode_image(large, "a.png", allow_large=True).pixels.shape == (10_000, 10_001, 1)
    assert "at most" in str(refusal(png(60_000, 60_000, 1, 0, b""), allow_large=True))


@pytest.mark.parametrize(("width", "height"), [(0, 5), (5, 0)])
def test_decode_image__refuses_a_picture_without_pixels(width: int, height: int) -> None:
    assert f"{width} x {height}" in str(refusal(png(width, height, 8, 0, b"")))


@pytest.mark.parametrize("shape", [(1, 1), (1, 4000), (40_000, 1)])
@pytest.mark.parametrize("file_format", ["PNG", "TIFF", "BMP"])
def test_decode_image__reads_extreme_shapes(shape: tuple[int, int], file_format: str) -> None:
    values = (np.arange(shape[0] * shape[1]) % 251).reshape(shape).astype(np.uint8)
    image = decode_image(encoded(PIL.Image.fromarray(values), file_format), "strip")
    assert np.array_equal(image.pixels[:, :, 0], values)


# Names


@pytest.mark.parametrize("name", ["with space.png", "日本語 é.png", "-v.png", "a" * 240 + ".png"])
def test_read_image__any_name_will_do(name: str, tmp_path: Path) -> None:
    PIL.Image.fromarray(colours()).save(tmp_path / name)
    image = read_image(tmp_path / name)
    assert np.array_equal(image.pixels, colours())
    assert image.name == name.removesuffix(".png")


@pytest.mark.skipif(sys.platform == "win32", reason="no such names on Windows")
def test_read_image__a_newline_in_the_name_stays_out_of_the_sentence(tmp_path: Path) -> None:
    path = tmp_path / "two\nlines.png"
    path.touch()
    with pytest.raises(PictureError, match=r"^two lines\.png is empty"):
        read_image(str(path))


def test_read_image__leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    PIL.Image.fromarray(colours()).save(path)
    path.chmod(stat.S_IRUSR)
    before, times = path.read_bytes(), path.stat().st_mtime_ns
    read_image(path)
    assert path.read_bytes() == before
    assert path.stat().st_mtime_ns == times


def test_decode_image__content_decides_and_a_wrong_name_is_noted() -> None:
    data = encoded(PIL.Image.fromarray(colours()), "JPEG")
    image = decode_image(data, "photo.png")
    assert image.notes == ("a JPEG file in spite of its name",)
    assert np.array_equal(image.pixels, decode_image(data, "photo.jpg").pixels)
    assert decode_image(data, "photo.jpg").notes == decode_image(data, "clipboard").notes == ()


# Orientation, colours, transparency


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_decode_image__turns_pictures_upright(file_format: str, orientation: int) -> None:
    exif = PIL.Image.Exif()
    exif[0x0112] = orientation
    data = encoded(PIL.Image.fromarray(colours()), file_format, exif=exif, **LOSSLESS.get(file_format, {}))
    with PIL.Image.open(BytesIO(data)) as opened:
        upright = np.asarray(PIL.ImageOps.exif_transpose(opened))
    assert np.array_equal(decode_image(data, "a.bin").pixels, upright)


@pytest.mark.parametrize("orientation", [2, 6])
def test_decode_image__turns_deep_tiff_upright(orientation: int) -> None:
    values = colours()[:, :, 0].astype(np.uint16) * 257
    data = tiff(values, extratags=[(274, 3, 1, orientation, True)])
    expected = values[:, ::-1] if orientation == 2 else np.rot90(values, -1)
    assert np.array_equal(decode_image(data, "a.tif").pixels[:, :, 0], expected)


@pytest.mark.parametrize("file_format", ["PNG", "WEBP", "TIFF", "BMP", "PPM", "JPEG2000"])
def test_decode_image__channels_are_red_green_blue(file_format: str) -> None:
    data = encoded(PIL.Image.fromarray(colours()), file_format, **LOSSLESS.get(file_format, {}))
    image = decode_image(data, "a.bin")
    assert np.array_equal(image.pixels, colours())
    assert not image.pixels.flags.writeable


@pytest.mark.parametrize("file_format", ["JPEG", "AVIF"])
def test_decode_image__lossy_formats_are_close(file_format: str) -> None:
    data = encoded(PIL.Image.fromarray(colours()), file_format, quality=95)
    assert np.abs(decode_image(data, "a.bin").pixels.astype(int) - colours()).max() <= 8


def test_decode_image__transparency_is_shown_on_black() -> None:
    rgba = np.array([[[200, 100, 50, 255], [200, 100, 50, 0], [200, 100, 50, 51]]], np.uint8)
    expected = [[200, 100, 50], [0, 0, 0], [40, 20, 10]]
    for file_format in ("PNG", "TIFF"):
        image = decode_image(encoded(PIL.Image.fromarray(rgba), file_format), "a.bin")
        assert image.pixels[0].tolist() == expected
        assert image.notes == ("transparent parts are shown on black",)


def test_decode_image__a_fully_opaque_picture_has_no_note() -> None:
    opaque = PIL.Image.fromarray(colours()).convert("RGBA")
    image = decode_image(encoded(opaque, "PNG"), "a.png")
    assert image.notes == ()
    assert np.array_equal(image.pixels, colours())


def test_decode_image__grey_with_transparency_stays_grey() -> None:
    la = np.array([[[200, 255], [200, 0], [200, 51]]], np.uint8)
    for data in (
        encoded(_grey_alpha(la), "PNG"),
        tiff(la, photometric="minisblack", extrasamples=["unassalpha"], planarconfig="contig"),
    ):
        image = decode_image(data, "a.bin")
        assert image.pixels[0, :, 0].tolist() == [200, 0, 40]
        assert image.is_grey


def _grey_alpha(values: Bytes) -> PIL.Image.Image:
    grey, alpha = (PIL.Image.fromarray(np.ascontiguousarray(values[:, :, i])) for i in (0, 1))
    return PIL.Image.merge("LA", (grey, alpha))


def test_decode_image__a_palette_entry_may_be_transparent() -> None:
    picture = PIL.Image.fromarray(np.array([[0, 1, 2]], np.uint8))
    picture.putpalette([10, 20, 30, 40, 50, 60, 70, 80, 90])
    plain = decode_image(encoded(picture, "PNG"), "a.png")
    assert plain.pixels[0].tolist() == [[10, 20, 30], [40, 50, 60], [70, 80, 90]]
    seen_through = decode_image(encoded(picture, "PNG", transparency=1), "a.png")
    assert seen_through.pixels[0].tolist() == [[10, 20, 30], [0, 0, 0], [70, 80, 90]]
    assert seen_through.notes == ("transparent parts are shown on black",)


@pytest.mark.parametrize(
    ("depth", "colour_type", "rows", "key", "expected"),
    [
        (8, 0, bytes([10, 20]), bytes([0, 20]), [[10], [0]]),
        (8, 2, bytes([1, 2, 3, 4, 5, 6]), bytes([0, 1, 0, 2, 0, 3]), [[0, 0, 0], [4, 5, 6]]),
        (16, 0, bytes([1, 2, 3, 4]), bytes([1, 2]), [[0], [0x304]]),
    ],
)
def test_decode_image__one_colour_of_a_png_may_be_transparent(
    depth: int, colour_type: int, rows: bytes, key: bytes, expected: list[list[int]]
) -> None:
    data = png(2, 1, depth, colour_type, b"\0" + rows, chunk(b"tRNS", key))
    assert decode_image(data, "a.png").pixels[0].tolist() == expected


def test_decode_image__inks_and_lab_become_rgb() -> None:
    soft = PIL.Image.fromarray((colours() // 4 + 96).astype(np.uint8))
    cmyk = soft.convert("CMYK")
    for data in (encoded(cmyk, "TIFF"), encoded(cmyk, "JPEG", quality=95)):
        image = decode_image(data, "a.bin")
        assert image.notes == ("converted from CMYK",)
        assert np.abs(image.pixels.astype(int) - np.asarray(soft)).max() <= 20


def test_decode_image__lab_becomes_rgb() -> None:
    lab = np.zeros((1, 3, 3), np.uint8)
    lab[0, :, 0] = (0, 136, 255)  # black, middle grey, white
    data = tiff(lab, photometric="cielab")
    image = decode_image(data, "a.tif")
    assert image.notes == ("converted from Lab",)
    assert np.abs(image.pixels[0].astype(int) - [[0] * 3, [127] * 3, [255] * 3]).max() <= 3


@pytest.mark.parametrize("file_format", ["PNG", "TIFF"])
def test_decode_image__one_bit_becomes_black_and_white(file_format: str) -> None:
    bits = np.array([[True, False, True]])
    image = decode_image(encoded(PIL.Image.fromarray(bits), file_format), "a.bin")
    assert image.pixels[0, :, 0].tolist() == [255, 0, 255]
    assert image.notes == ("converted from 1 bit",)


# Depth


def test_decode_image__sixteen_bits_are_kept() -> None:
    deep = np.arange(600, dtype=np.uint16).reshape(10, 20, 3) * 100
    big_endian = deep.astype(">u2")
    rows = b"".join(b"\0" + row.tobytes() for row in big_endian)
    colour = {
        "a.png": png(20, 10, 16, 2, rows),
        "a.tif": tiff(deep, photometric="rgb"),
        "b.tif": tiff(np.moveaxis(deep, 2, 0), photometric="rgb", planarconfig="separate"),
        "a.ppm": b"P6 20 10 65535\n" + big_endian.tobytes(),
    }
    for source, data in colour.items():
        image = decode_image(data, source)
        assert image.pixels.dtype == np.uint16
        assert np.array_equal(image.pixels, deep)
    grey = deep[:, :, 0]
    lzw = encoded(PIL.Image.fromarray(grey), "TIFF", compression="tiff_lzw")
    pgm = b"P5 20 10 65535\n" + grey.astype(">u2").tobytes()
    for data in (encoded(PIL.Image.fromarray(grey), "PNG"), tiff(grey), lzw, pgm):
        assert np.array_equal(decode_image(data, "clipboard").pixels[:, :, 0], grey)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.int32, np.int16, np.int8])
def test_decode_image__measured_values_are_kept(dtype: type[np.generic]) -> None:
    values = np.array([[-5, -2.5, 0], [1, 7, 100]]).astype(dtype)
    for options in ({}, {"compression": "zlib"}):
        image = decode_image(tiff(values, **options), "a.tif")
        assert image.pixels.dtype == np.float32
        assert np.array_equal(image.pixels[:, :, 0], values)
        assert image.value_range == (-5.0, 100.0)
        assert "values from -5 to 100 are used as they are" in image.notes


def test_decode_image__white_may_be_zero_in_a_tiff() -> None:
    for dtype in (np.uint8, np.uint16):
        top = np.iinfo(dtype).max
        data = tiff(np.array([[0, 5, top]], dtype), photometric="miniswhite")
        assert decode_image(data, "a.tif").pixels[0, :, 0].tolist() == [top, top - 5, 0]


def test_decode_image__premultiplied_transparency_is_already_on_black() -> None:
    rgba = np.array([[[100, 50, 25, 128]]], np.uint8)
    image = decode_image(tiff(rgba, photometric="rgb", extrasamples=["assocalpha"]), "a.tif")
    assert image.pixels[0, 0].tolist() == [100, 50, 25]
    assert image.notes == ("transparent parts are shown on black",)


def test_decode_image__a_tiff_with_many_channels_or_sensor_data_is_refused() -> None:
    five = tiff(np.zeros((4, 4, 5), np.uint8), photometric="minisblack", planarconfig="contig")
    assert "5 channels" in str(refusal(five, "a.tif"))
    sensor = tiff(np.zeros((4, 4), np.uint16), photometric="cfa")
    assert "CFA data" in str(refusal(sensor, "a.tif"))
    assert "complex64" in str(refusal(tiff(np.zeros((4, 4), np.complex64)), "a.tif"))


def test_decode_image__values_that_are_no_numbers_are_kept_and_counted() -> None:
    values = np.array([[0, np.nan, 0.5], [np.inf, 1, 0.25]], np.float32)
    image = decode_image(tiff(values), "a.tif")
    assert np.array_equal(image.pixels[:, :, 0], values, equal_nan=True)
    assert image.notes == ("2 non-finite pixels",)
    assert image.value_range == (0.0, 1.0)


# Animations, HEIC, file dialogs


@pytest.mark.parametrize(
    ("file_format", "unit"),
    [("GIF", "frames"), ("PNG", "frames"), ("WEBP", "frames"), ("AVIF", "frames"), ("TIFF", "pages")],
)
def test_decode_image__shows_the_first_frame_and_says_how_many_there_are(file_format: str, unit: str) -> None:
    first, *rest = (PIL.Image.fromarray(np.full((9, 7, 3), 40 * i + 20, np.uint8)) for i in range(5))
    image = decode_image(encoded(first, file_format, save_all=True, append_images=rest), "a.bin")
    assert np.abs(image.pixels.astype(int) - 20).max() <= 2
    assert image.pixels.shape[:2] == (9, 7)
    assert image.notes == (f"first of 5 {unit}",)


HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"


def test_decode_image__heic_without_its_extra_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    assert "feature-map-explorer[heic]" in str(refusal(HEIC, "IMG_1.heic"))
    assert ".heic" not in picture_suffixes()


def test_decode_image__heic_with_its_extra_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def open_heif(_: BytesIO, *, convert_hdr_to_8bit: bool) -> SimpleNamespace:
        assert convert_hdr_to_8bit
        return SimpleNamespace(size=(60, 40), to_pillow=lambda: PIL.Image.fromarray(colours()))

    monkeypatch.setitem(sys.modules, "pillow_heif", SimpleNamespace(open_heif=open_heif))
    assert np.array_equal(decode_image(HEIC, "IMG_1.heic").pixels, colours())
    assert ".heic" in picture_suffixes()


def test_picture_suffixes__name_the_usual_formats() -> None:
    assert {".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".gif", ".bmp"} <= set(picture_suffixes())
    assert all(suffix == suffix.lower() and suffix.startswith(".") for suffix in picture_suffixes())
