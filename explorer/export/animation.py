"""Moving pictures: frames as one animated GIF, or as numbered PNG pictures in a folder.

Frames come one by one and are forgotten at once, so memory does not grow with their number. A GIF has 255 colours for
all of its frames, chosen before the first one: colours that are chosen anew for each frame flicker. The last index is
transparent: what did not change is not written again.
"""

from __future__ import annotations

import mmap
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import IO

import numpy as np
import PIL.GifImagePlugin
import PIL.Image
from numpy.typing import NDArray

from explorer.errors import ExportError
from explorer.export.atomic import make_folder, write_bytes
from explorer.export.exporters import ExportReport
from explorer.export.png import encode_png
from explorer.jit import CancelFlag

MOST_FRAMES = 2000
LARGEST_SIDE = 4096
SHORTEST = 20  # milliseconds of a frame; browsers show shorter ones five times as long

Pixels = NDArray[np.uint8]
Progress = Callable[[int], None]

_COLOURS = 255
_TRANSPARENT = 255
_KEEP = 1  # the frame stays under the next one
_SAMPLE = 2_000_000  # pixels that the colours are chosen from
_COUNTED = 1 << 20  # of the picture that median cut is shown
_OFTEN = 400  # a colour that is seen more often does not count for more
_AT_ONCE = 4096


def refusal(count: int, height: int, width: int) -> str:
    """Why an animation of so many frames of this size is not written; empty where it can be."""
    if count < 1 or height < 1 or width < 1:
        return "There is nothing to animate: choose a layer with a window that slides."
    if count > MOST_FRAMES:
        return f"{count:,} frames are more than the {MOST_FRAMES:,} that an animation may have: show a smaller part."
    if max(height, width) > LARGEST_SIDE:
        return (
            f"Frames of {width:,} × {height:,} pixels are larger than the {LARGEST_SIDE:,} a side that an animation "
            "may have: make the window smaller."
        )
    return ""


def write_gif(
    target: Path,
    frames: Iterable[Pixels],
    sample: Sequence[Pixels],
    *,
    count: int,
    milliseconds: int,
    loop: bool = True,
    cancel: CancelFlag | None = None,
    progress: Progress | None = None,
) -> ExportReport:
    """Write ``count`` frames (H, W, 3) as an animated GIF, complete or not at all.

    ``sample`` are some of the frames: all colours come from them. A frame is shown for ``milliseconds``, which GIF
    rounds to hundredths of a second. ``progress`` is told how many frames are written. A stopped export leaves the
    target untouched.
    """
    if target.suffix.lower() != ".gif":
        return ExportReport(failures=(f"{target.name} must end in .gif.",))
    height, width = sample[0].shape[:2] if sample else (0, 0)
    refused = refusal(count, height, width)
    if refused:
        return ExportReport(failures=(refused,))
    try:
        with tempfile.TemporaryFile() as file:
            encoder = _GifEncoder(file, _palette(sample), (height, width), max(milliseconds, SHORTEST), loop)
            if not _all(frames, count, encoder.add, cancel, progress):
                return ExportReport(notes=(f"Stopped: {target.name} was not written.",))
            encoder.finish()
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data, memoryview(data) as view:
                write_bytes(target, view)
    except ExportError as error:
        return ExportReport(failures=(str(error),))
    except OSError as error:
        reason = error.strerror or str(error)
        return ExportReport(
            failures=(f"{target.name} was not written: {reason}; free some space on the disk.",)
        )
    return ExportReport(written=(target,))


def write_pictures(
    folder: Path,
    frames: Iterable[Pixels],
    *,
    name: str,
    count: int,
    cancel: CancelFlag | None = None,
    progress: Progress | None = None,
) -> ExportReport:
    """Write ``count`` frames (H, W, 3) as ``name-0001.png`` and so on; each file is complete or not there."""
    written: list[Path] = []
    digits = max(4, len(str(count)))

    def add(frame: Pixels) -> None:
        refused = refusal(count, *frame.shape[:2])
        if refused:
            raise ExportError(refused)
        path = folder / f"{name}-{len(written) + 1:0{digits}d}.png"
        write_bytes(path, encode_png(frame))
        written.append(path)

    try:
        make_folder(folder)
        complete = _all(frames, count, add, cancel, progress)
    except ExportError as error:
        return ExportReport(tuple(written), failures=(str(error),))
    if complete:
        return ExportReport(tuple(written))
    before = (
        "1 picture written before is" if len(written) == 1 else f"{len(written)} pictures written before are"
    )
    return ExportReport(tuple(written), notes=(f"Stopped: {before} complete.",))


def _all(
    frames: Iterable[Pixels],
    count: int,
    add: Callable[[Pixels], None],
    cancel: CancelFlag | None,
    progress: Progress | None,
) -> bool:
    """Take every frame; False where somebody asked to stop or frames ended early."""
    for done, frame in enumerate(frames, 1):
        if cancel is not None and cancel.is_set:
            return False
        add(frame)
        if progress is not None:
            progress(done)
        if done == count:
            return True
    return False


class _GifEncoder:
    """Writes frames as they come; of each only the rectangle that differs from the one before."""

    def __init__(
        self, file: IO[bytes], palette: Pixels, size: tuple[int, int], milliseconds: int, loop: bool
    ) -> None:
        self._file, self._size, self._nearest = file, size, _Nearest(palette)
        self._hundredths = round(milliseconds / 10)
        self._before: Pixels | None = None
        self._waiting: tuple[Pixels, tuple[int, int]] | None = None
        self._shown = 0  # hundredths of a second that the waiting frame is seen
        height, width = size
        file.write(b"GIF89a" + width.to_bytes(2, "little") + height.to_bytes(2, "little") + b"\xf7\x00\x00")
        file.write(palette.tobytes().ljust(3 * 256, b"\x00"))
        if loop:
            file.write(b"!\xff\x0bNETSCAPE2.0\x03\x01\x00\x00\x00")

    def add(self, frame: Pixels) -> None:
        """Append a frame (H, W, 3)."""
        if frame.shape != (*self._size, 3):
            raise ValueError(f"Every frame must be (H, W, 3) {(*self._size, 3)}, one is {frame.shape}.")
        indexed = self._nearest(_packed(frame))
        changed = _changed(self._before, indexed)
        if changed is not None:
            self._write_waiting()
            rows, columns = changed
            pixels = indexed[rows, columns]
            if self._before is not None:
                same = pixels == self._before[rows, columns]
                pixels = np.where(same, np.uint8(_TRANSPARENT), pixels)
            self._waiting = pixels, (columns.start, rows.start)
            self._before = indexed
        self._shown += self._hundredths

    def finish(self) -> None:
        """Write what waits, and the end."""
        self._write_waiting()
        self._file.write(b";")
        self._file.flush()

    def _write_waiting(self) -> None:
        """A frame is written when it is known for how long it stays."""
        if self._waiting is None:
            return
        pixels, offset = self._waiting
        picture = PIL.Image.fromarray(np.ascontiguousarray(pixels))
        duration = min(self._shown, 65_535) * 10
        for block in PIL.GifImagePlugin.getdata(
            picture, offset, duration=duration, transparency=_TRANSPARENT, disposal=_KEEP
        ):
            self._file.write(block)
        self._waiting, self._shown = None, 0


def _changed(before: Pixels | None, now: Pixels) -> tuple[slice, slice] | None:
    """The rows and columns within which two frames differ; None where they are equal."""
    if before is None:
        return slice(0, now.shape[0]), slice(0, now.shape[1])
    differs = before != now
    rows, columns = np.flatnonzero(differs.any(axis=1)), np.flatnonzero(differs.any(axis=0))
    if not len(rows):
        return None
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)


class _Nearest:
    """Which colour of a palette (n, 3) is the nearest; each is looked for once, so that a colour never flickers."""

    def __init__(self, palette: Pixels) -> None:
        self._palette = palette.astype(np.int32)
        self._index = np.zeros(1 << 24, np.uint8)
        self._known = np.zeros(1 << 24, np.bool_)

    def __call__(self, packed: NDArray[np.int32]) -> Pixels:
        """The indices of packed colours."""
        unknown = np.unique(packed[~self._known[packed]])
        for start in range(0, len(unknown), _AT_ONCE):
            some = unknown[start : start + _AT_ONCE]
            away = _unpacked(some)[:, None, :].astype(np.int32) - self._palette
            self._index[some] = (away * away).sum(axis=2).argmin(axis=1)
            self._known[some] = True
        found: Pixels = self._index[packed]
        return found


def _palette(sample: Sequence[Pixels]) -> Pixels:
    """At most 255 colours (n, 3) that stand for all colours of the sample; where those are few, they themselves.

    Colours of few pixels, such as a frame or a digit, must not be lost to a large area of many similar ones: so beyond
    some frequency a colour does not count for more.
    """
    every = max(1, sum(frame.shape[0] * frame.shape[1] for frame in sample) // _SAMPLE)
    pixels = np.concatenate([_packed(frame).reshape(-1)[::every] for frame in sample])
    colours, counts = np.unique(pixels, return_counts=True)
    if len(colours) <= _COLOURS:
        return _unpacked(colours)
    times = np.minimum(counts, _OFTEN)
    times = np.maximum(1, times * min(1.0, _COUNTED / times.sum())).astype(np.int64)
    counted = PIL.Image.fromarray(_unpacked(np.repeat(colours, times))[None])
    chosen = counted.quantize(
        _COLOURS, method=PIL.Image.Quantize.MEDIANCUT, kmeans=1, dither=PIL.Image.Dither.NONE
    )
    return np.array(chosen.getpalette(), np.uint8).reshape(-1, 3)


def _packed(frame: Pixels) -> NDArray[np.int32]:
    """The pixels (H, W, 3) as whole numbers (H, W)."""
    red, green, blue = (frame[..., channel].astype(np.int32) for channel in range(3))
    return red << 16 | green << 8 | blue


def _unpacked(packed: NDArray[np.int32]) -> Pixels:
    return np.stack([packed >> 16, packed >> 8 & 255, packed & 255], axis=-1).astype(np.uint8)
