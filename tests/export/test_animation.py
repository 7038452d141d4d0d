"""Animations read back frame by frame, and what stops them."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from explorer.export.animation import Pixels, refusal, write_gif, write_pictures
from explorer.jit import CancelFlag
from tests.export.given import names_in


def frame(at: int, height: int = 20, width: int = 30) -> Pixels:
    """A white square that moves over a ramp of greys."""
    pixels = np.repeat(np.linspace(0, 120, width).astype(np.uint8)[None, :, None], height, axis=0)
    pixels = np.repeat(pixels, 3, axis=2)
    pixels[4:8, at : at + 4] = (255, 255, 255)
    return pixels


def frames(count: int) -> Iterator[Pixels]:
    return (frame(at) for at in range(count))


def read(path: Path) -> tuple[list[Pixels], list[int]]:
    pictures, durations = [], []
    with PIL.Image.open(path) as animation:
        for index in range(getattr(animation, "n_frames", 1)):
            animation.seek(index)
            pictures.append(np.asarray(animation.convert("RGB")))
            durations.append(animation.info.get("duration", 0))
    return pictures, durations


def test_write_gif__few_colours_come_back_exactly(tmp_path: Path) -> None:
    target = tmp_path / "window.gif"
    told: list[int] = []
    report = write_gif(target, frames(9), list(frames(9)), count=9, milliseconds=120, progress=told.append)
    assert report.written == (target,)
    assert told == list(range(1, 10))
    pictures, durations = read(target)
    assert durations == [120] * 9
    for at, picture in enumerate(pictures):
        assert np.array_equal(picture, frame(at))
    assert names_in(tmp_path) == ["window.gif"]


def test_write_gif__many_colours_never_flicker(tmp_path: Path) -> None:
    noise = np.random.default_rng(3).integers(0, 255, (40, 60, 3)).astype(np.uint8)
    moving = [noise.copy() for _ in range(5)]
    for at, picture in enumerate(moving):
        picture[5:10, 5 + at : 10 + at] = 255
    write_gif(tmp_path / "a.gif", iter(moving), moving[:2], count=5, milliseconds=50)
    pictures, _ = read(tmp_path / "a.gif")
    still = np.s_[12:, :]
    assert all(np.array_equal(picture[still], pictures[0][still]) for picture in pictures)
    away = np.abs(pictures[0].astype(int) - moving[0])
    assert away.mean() < 16
    assert (pictures[4][5:10, 9:14] > 240).all()


def test_write_gif__equal_frames_become_one_that_stays(tmp_path: Path) -> None:
    shown = [frame(0), frame(0), frame(0), frame(5)]
    write_gif(tmp_path / "a.gif", iter(shown), shown, count=4, milliseconds=100, loop=False)
    pictures, durations = read(tmp_path / "a.gif")
    assert durations == [300, 100]
    assert np.array_equal(pictures[1], frame(5))


@pytest.mark.parametrize("loop", [True, False])
def test_write_gif__loops_or_stops(tmp_path: Path, loop: bool) -> None:
    write_gif(tmp_path / "a.gif", frames(2), [frame(0)], count=2, milliseconds=1, loop=loop)
    with PIL.Image.open(tmp_path / "a.gif") as animation:
        assert ("loop" in animation.info) == loop
        assert animation.info["duration"] == 20


def test_write_gif__stopped_leaves_what_was_there(tmp_path: Path) -> None:
    target, cancel = tmp_path / "a.gif", CancelFlag()
    target.write_bytes(b"old")

    def stopping() -> Iterator[Pixels]:
        yield frame(0)
        cancel.set()
        yield frame(1)

    report = write_gif(target, stopping(), [frame(0)], count=9, milliseconds=50, cancel=cancel)
    assert report.notes == ("Stopped: a.gif was not written.",)
    assert target.read_bytes() == b"old"
    assert names_in(tmp_path) == ["a.gif"]


def test_write_gif__full_disk_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    report = write_gif(tmp_path / "a.gif", frames(2), [frame(0)], count=2, milliseconds=50)
    assert "a.gif was not written because the disk is full" in report.failures[0]
    assert names_in(tmp_path) == []


def test_write_gif__refuses_a_wrong_name(tmp_path: Path) -> None:
    report = write_gif(tmp_path / "a.png", frames(2), [frame(0)], count=2, milliseconds=50)
    assert report.failures == ("a.png must end in .gif.",)


def test_write_pictures__numbers_the_frames(tmp_path: Path) -> None:
    report = write_pictures(tmp_path / "frames", frames(3), name="conv1", count=3)
    assert [path.name for path in report.written] == ["conv1-0001.png", "conv1-0002.png", "conv1-0003.png"]
    with PIL.Image.open(report.written[2]) as picture:
        assert np.array_equal(np.asarray(picture), frame(2))


def test_write_pictures__stopped_keeps_complete_ones(tmp_path: Path) -> None:
    cancel = CancelFlag()

    def stop_after_two(done: int) -> None:
        if done == 2:
            cancel.set()

    report = write_pictures(
        tmp_path,
        frames(9),
        name="a",
        count=9,
        cancel=cancel,
        progress=stop_after_two,
    )
    assert report.notes == ("Stopped: 2 pictures written before are complete.",)
    assert names_in(tmp_path) == ["a-0001.png", "a-0002.png"]


@pytest.mark.parametrize(
    ("count", "size", "words"),
    [
        (2001, (10, 10), "2,001 frames"),
        (5, (10, 4097), "4,097 × 10 pixels"),
        (0, (5, 5), "nothing to animate"),
    ],
)
def test_refusal__says_what_is_too_large(count: int, size: tuple[int, int], words: str) -> None:
    assert words in refusal(count, *size)
    assert refusal(2000, 4096, 4096) == ""


def test_write_gif__refuses_before_it_takes_a_frame(tmp_path: Path) -> None:
    def never() -> Iterator[Pixels]:
        if tmp_path.exists():
            raise AssertionError("A frame was taken.")
        yield frame(0)

    report = write_gif(tmp_path / "a.gif", never(), [frame(0)], count=2001, milliseconds=50)
    assert "2,001 frames are more than the 2,000" in report.failures[0]
    report = write_pictures(tmp_path, frames(1), name="a", count=2001)
    assert "2,001 frames" in report.failures[0]
    assert report.written == ()
