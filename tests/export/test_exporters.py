"""Every format, read back; a failing file stops nothing else."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import numpy as np
import pytest

from explorer.errors import ExportError
from explorer.export import exporters
from explorer.export.exporters import EXPORTERS, ContactSheet, MapArray, MapPicture, SeparatePictures
from explorer.export.png import encode_png
from explorer.export.request import ExportRequest, Rendering
from explorer.imaging.reading import read_image
from explorer.imaging.sheet import PAGE_LIMIT
from explorer.jit import CancelFlag
from tests.export.given import names_in, small_pass


def test_map_picture__reads_back_as_it_was(tmp_path: Path) -> None:
    request = ExportRequest(small_pass(), 0, (1,))
    target = tmp_path / "map.png"
    assert MapPicture().write(request, target).written == (target,)
    np.testing.assert_array_equal(read_image(target).pixels, request.picture(1))


def test_map_picture__sixteen_bit_grey(tmp_path: Path) -> None:
    request = ExportRequest(small_pass(), 0, (1,), Rendering(grey_bits=16))
    MapPicture().write(request, tmp_path / "map.png")
    pixels = read_image(tmp_path / "map.png").pixels
    assert pixels.dtype == np.uint16
    np.testing.assert_array_equal(pixels[..., 0], request.picture(1))


def test_separate_pictures__are_named_by_channel(tmp_path: Path) -> None:
    request = ExportRequest(small_pass(), 0, (2, 0))
    report = SeparatePictures().write(request, tmp_path / "deep" / "conv")
    assert [path.name for path in report.written] == ["002.png", "000.png"]
    np.testing.assert_array_equal(read_image(report.written[0]).pixels, request.picture(2))


def test_separate_pictures__a_failing_one_does_not_stop_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace = os.replace

    def full_once(source: Path, target: Path) -> None:
        if Path(target).name == "001.png":
            raise OSError(errno.ENOSPC, "No space left on device")
        replace(source, target)

    monkeypatch.setattr(os, "replace", full_once)
    report = SeparatePictures().write(ExportRequest.whole_layer(small_pass(), 0), tmp_path)
    assert [path.name for path in report.written] == ["000.png", "002.png"]
    assert len(report.failures) == 1
    assert report.failures[0].startswith("001.png was not written because the disk is full")
    assert names_in(tmp_path) == ["000.png", "002.png"]


def test_separate_pictures__cancel_between_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flag = CancelFlag()

    def cancelling(pixels: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> bytes:
        flag.set()
        return encode_png(pixels)

    monkeypatch.setattr(exporters, "encode_png", cancelling)
    report = SeparatePictures().write(ExportRequest.whole_layer(small_pass(), 0), tmp_path, flag)
    assert [path.name for path in report.written] == ["000.png"]
    assert report.notes == ("Stopped: 1 file written before is complete.",)
    assert names_in(tmp_path) == ["000.png"]


def test_contact_sheet__one_page(tmp_path: Path) -> None:
    report = ContactSheet().write(ExportRequest.whole_layer(small_pass(), 0), tmp_path / "sheet.png")
    assert [path.name for path in report.written] == ["sheet.png"]
    assert read_image(report.written[0]).pixels.shape[2] == 3


@pytest.mark.parametrize("bits", [8, 16])
def test_contact_sheet__of_grey_maps_is_grey(tmp_path: Path, bits: int) -> None:
    request = ExportRequest.whole_layer(small_pass(), 0, Rendering(grey_bits=bits))
    assert not ContactSheet().write(request, tmp_path / "sheet.png").failures
    pixels = read_image(tmp_path / "sheet.png").pixels[20:60, 20:60]
    assert (pixels == pixels[..., :1]).all()


def test_contact_sheet__splits_into_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporters, "LARGE_PIXELS", 40_000)
    report = ContactSheet().write(ExportRequest.whole_layer(small_pass(5), 0), tmp_path / "sheet.png")
    assert [path.name for path in report.written] == ["sheet.png", "sheet-2.png", "sheet-3.png"]


def test_map_array__is_the_numbers(tmp_path: Path) -> None:
    forward_pass = small_pass()
    for index in (0, 3):
        target = tmp_path / f"{index}.npy"
        MapArray().write(ExportRequest.whole_layer(forward_pass, index), target)
        array = np.load(target)
        assert array.dtype == np.float32
        np.testing.assert_array_equal(array, forward_pass.outputs[index][0])


@pytest.mark.parametrize("exporter", [MapPicture(), SeparatePictures(), ContactSheet()])
def test_pictures__skip_a_vector_with_a_note(exporter: exporters.Exporter, tmp_path: Path) -> None:
    report = exporter.write(ExportRequest.whole_layer(small_pass(), 3), tmp_path / "dense.png")
    assert report.notes == ("dense gives a row of 4 numbers, which has no picture: save it as .npy.",)
    assert not report.failures
    assert names_in(tmp_path) == []


@pytest.mark.parametrize("exporter", [exporter for exporter in EXPORTERS if exporter.suffixes])
def test_exporters__refuse_another_suffix(exporter: exporters.Exporter, tmp_path: Path) -> None:
    report = exporter.write(ExportRequest.whole_layer(small_pass(), 0), tmp_path / "map.jpg")
    assert report.failures[0].startswith("map.jpg must end in .")
    assert names_in(tmp_path) == []


@pytest.mark.parametrize("exporter", EXPORTERS)
def test_exporters__report_a_target_that_cannot_be(exporter: exporters.Exporter, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    target = tmp_path / "file" / ("map" + "".join(exporter.suffixes[:1]))
    report = exporter.write(ExportRequest(small_pass(), 0, (0,)), target)
    assert len(report.failures) == 1
    assert names_in(tmp_path) == ["file"]


def test_pictures__too_large_to_be_seen(tmp_path: Path) -> None:
    request = ExportRequest(small_pass(1, (1, PAGE_LIMIT + 1)), 0, (0,))
    for exporter in (MapPicture(), ContactSheet()):
        report = exporter.write(request, tmp_path / "map.png")
        assert len(report.failures) == 1
        assert "32,767" in report.failures[0] or "32767" in report.failures[0]
    assert names_in(tmp_path) == []


@pytest.mark.parametrize(
    "pixels",
    [
        np.zeros((2, 2), np.float32),
        np.zeros((2, 2, 3), np.float64),
        np.zeros((2, 2, 2), np.uint8),
        np.zeros((2, 2, 3), np.uint16),
        np.zeros((0, 2), np.uint8),
    ],
)
def test_encode_png__refuses_what_png_cannot_hold(
    pixels: np.ndarray[tuple[int, ...], np.dtype[np.uint8]],
) -> None:
    with pytest.raises(ValueError, match="A PNG picture cannot be made of"):
        encode_png(pixels)


def test_encode_png__checks_the_encoders_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("explorer.export.png.cv2.imencode", lambda *_: (False, None))
    with pytest.raises(ExportError, match="could not be encoded"):
        encode_png(np.zeros((2, 2, 3), np.uint8))
