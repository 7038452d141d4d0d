"""The ways out of the program. To add one: a class with ``label``, ``suffixes`` and ``write``, and its entry below."""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import ClassVar, TypeVar

import numpy as np
from numpy.typing import NDArray

from explorer.errors import ExportError
from explorer.export.atomic import make_folder, write_bytes
from explorer.export.png import encode_png
from explorer.export.request import ExportRequest
from explorer.imaging.opening import LARGE_PIXELS
from explorer.imaging.sheet import contact_sheet
from explorer.imaging.statistics import statistics
from explorer.jit import CancelFlag

_Made = TypeVar("_Made")


@dataclass(frozen=True)
class ExportReport:
    """What became of an export: files that are complete, remarks, and one sentence for each that failed."""

    written: tuple[Path, ...] = ()
    notes: tuple[str, ...] = ()
    failures: tuple[str, ...] = ()


class Exporter:
    """One format.

    ``suffixes`` are those a target may have, the first is the usual one; none means that the target is a folder.
    """

    label: ClassVar[str]
    suffixes: ClassVar[tuple[str, ...]]

    def write(self, request: ExportRequest, target: Path, cancel: CancelFlag | None = None) -> ExportReport:
        """Write the request to ``target``, replacing what is there.

        Expected failures are reported, not raised, and stop nothing but their own file. Every file is complete or
        untouched. The flag is looked at before each file.
        """
        raise NotImplementedError

    def _wrong_suffix(self, target: Path) -> ExportReport | None:
        if target.suffix.lower() in self.suffixes:
            return None
        return ExportReport(failures=(f"{target.name} must end in {' or '.join(self.suffixes)}.",))


class MapPicture(Exporter):
    """The selected map, coloured as the window colours it."""

    label = "This map as a picture"
    suffixes = (".png",)

    def write(self, request: ExportRequest, target: Path, cancel: CancelFlag | None = None) -> ExportReport:
        if (refused := self._wrong_suffix(target) or _vector(request)) is not None:
            return refused
        channel, *others = request.channels
        job = _Job(cancel)
        if others:
            job.notes.append(f"Only map {channel} was written: one picture holds one map.")
        job.add(target, partial(_png, request, channel))
        return job.report()


class SeparatePictures(Exporter):
    """One picture per map in a folder, named by channel."""

    label = "Each map as a picture, in a folder"
    suffixes = ()

    def write(self, request: ExportRequest, target: Path, cancel: CancelFlag | None = None) -> ExportReport:
        if (refused := _vector(request)) is not None:
            return refused
        try:
            make_folder(target)
        except ExportError as error:
            return ExportReport(failures=(str(error),))
        job = _Job(cancel)
        for channel in request.channels:
            if not job.add(target / f"{channel:03d}.png", partial(_png, request, channel)):
                break
        return job.report()


class ContactSheet(Exporter):
    """The maps side by side with name, smallest and largest value; further pages are ``name-2.png`` and so on."""

    label = "All maps on one sheet"
    suffixes = (".png",)

    def write(self, request: ExportRequest, target: Path, cancel: CancelFlag | None = None) -> ExportReport:
        if (refused := self._wrong_suffix(target) or _vector(request)) is not None:
            return refused
        if request.rendering.grey_bits is not None:
            request = replace(request, rendering=replace(request.rendering, grey_bits=8))
        job = _Job(cancel)
        number = 1
        for channels in _parts(request):
            pages = job.attempt(target, partial(_pages, request, channels))
            if pages is None and job.stopped:
                break
            for page in pages or ():
                path = target if number == 1 else target.with_stem(f"{target.stem}-{number}")
                job.add(path, partial(encode_png, page))
                number += 1
        return job.report()


class MapArray(Exporter):
    """The numbers themselves: float32 (C, H, W), or (F,) of a row of numbers."""

    label = "The numbers as a NumPy array"
    suffixes = (".npy",)

    def write(self, request: ExportRequest, target: Path, cancel: CancelFlag | None = None) -> ExportReport:
        if (refused := self._wrong_suffix(target)) is not None:
            return refused
        job = _Job(cancel)
        job.add(target, partial(_npy, request))
        return job.report()


EXPORTERS: tuple[Exporter, ...] = (MapPicture(), SeparatePictures(), ContactSheet(), MapArray())


@dataclass
class _Job:
    """Collects the report while the files are written one after another."""

    cancel: CancelFlag | None
    stopped: bool = False
    written: list[Path] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def attempt(self, path: Path, make: Callable[[], _Made]) -> _Made | None:
        """What is made for a file; None where that failed or nothing more is wanted."""
        if self.cancel is not None and self.cancel.is_set:
            self.stopped = True
            return None
        try:
            return make()
        except ExportError as error:
            sentence = str(error)
        except MemoryError:
            sentence = "There is not enough memory for this picture; export fewer or smaller maps."
        self.failures.append(sentence if path.name in sentence else f"{path.name}: {sentence}")
        return None

    def add(self, path: Path, encode: Callable[[], bytes | memoryview]) -> bool:
        """Write one file; False where nothing more is wanted."""

        def write() -> Path:
            write_bytes(path, encode())
            return path

        if self.attempt(path, write) is not None:
            self.written.append(path)
        return not self.stopped

    def report(self) -> ExportReport:
        if self.stopped:
            count = len(self.written)
            before = "1 file written before is" if count == 1 else f"{count} files written before are"
            self.notes.append(f"Stopped: {before} complete.")
        return ExportReport(tuple(self.written), tuple(self.notes), tuple(self.failures))


def _vector(request: ExportRequest) -> ExportReport | None:
    if not request.is_vector:
        return None
    count = request.output.size
    note = f"{request.layer_name} gives a row of {count:,} numbers, which has no picture: save it as .npy."
    return ExportReport(notes=(note,))


def _parts(request: ExportRequest) -> Iterator[tuple[int, ...]]:
    """The channels in portions whose sheet stays small enough to be opened again, and held in memory."""
    height, width = request.output.shape[1:]
    factor = min(math.ceil(96 / width), max(1, 1_024 // height))  # narrow maps are enlarged on the sheet
    room = max(1, LARGE_PIXELS // ((width * factor + 16) * (height * factor + 48)))
    for start in range(0, len(request.channels), room):
        yield request.channels[start : start + room]


def _pages(request: ExportRequest, channels: tuple[int, ...]) -> list[NDArray[np.uint8]]:
    pictures = []
    for channel in channels:
        pixels = request.picture(channel)
        pictures.append(pixels if pixels.ndim == 3 else np.repeat(pixels[..., np.newaxis], 3, axis=2))
    try:
        return contact_sheet(pictures, [_caption(request, channel) for channel in channels])
    except ValueError as error:  # a map larger than a page
        raise ExportError(str(error)) from error


def _caption(request: ExportRequest, channel: int) -> str:
    figures = statistics(request.output[channel])
    return f"{request.channel_name(channel)}: {figures.minimum:.3g} to {figures.maximum:.3g}"


def _png(request: ExportRequest, channel: int) -> bytes:
    return encode_png(request.picture(channel))


def _npy(request: ExportRequest) -> memoryview:
    file = io.BytesIO()
    np.save(file, request.values(), allow_pickle=False)
    return file.getbuffer()
