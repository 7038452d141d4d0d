"""Opening, saving and exporting from the window: failures are a sentence, and nothing changes."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from explorer.document.network_file import read_network
from explorer.errors import ExportError
from explorer.export import atomic
from explorer.export.exporters import EXPORTERS
from explorer.export.request import Rendering
from explorer.imaging.opencv import cv2
from explorer.imaging.reading import read_image
from explorer.imaging.samples import SAMPLES
from explorer.layers import Conv2d
from explorer.ui import imagery
from explorer.ui.main_window import MainWindow
from tests.gui import click
from tests.ui.driving import action, cell, said, sentences, settled

Question = QMessageBox.StandardButton


def encoded(suffix: str, pixels: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> bytes:
    """The bytes of a picture file."""
    data: bytes = cv2.imencode(suffix, pixels)[1].tobytes()
    return data


def noise(rows: int = 40, columns: int = 50) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.random.default_rng(0).integers(0, 256, (rows, columns), dtype=np.uint8)


def open_and_wait(qtbot: QtBot, window: MainWindow, path: Path) -> None:
    before = window.session.document
    window.files.open(path)
    qtbot.waitUntil(lambda: window.session.document is not before)
    settled(qtbot, window)


def choose(monkeypatch: pytest.MonkeyPatch, path: Path | None) -> None:
    """Every file dialog answers with this path (None for Cancel)."""
    name = str(path) if path else ""
    for method in ("getOpenFileName", "getSaveFileName"):
        monkeypatch.setattr(QFileDialog, method, lambda *_a, **_k: (name, ""))
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_a, **_k: name)


@pytest.mark.parametrize("sample", [sample.key for sample in SAMPLES])
def test_sample__opens_with_valid_maps(qtbot: QtBot, window: MainWindow, sample: str) -> None:
    before = window.session.document
    window.files.open_sample(sample)
    qtbot.waitUntil(lambda: window.session.document is not before)
    frame = settled(qtbot, window)
    assert window.session.document.image.name == sample
    assert frame.plan.error is not None or frame.result.complete
    window.grab()


@pytest.mark.parametrize(
    "shape", [(1, 1), (1, 400), (400, 1), (2, 2), (3, 3), (300, 2), (1500, 1600)], ids=str
)
def test_picture__of_any_size_is_shown(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, shape: tuple[int, int]
) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(encoded(".png", noise(*shape)))
    open_and_wait(qtbot, window, path)
    for index in (0, 2, 4):
        window.session.select_layer(index)
        settled(qtbot, window)
        window.grab()


def test_dialog__opens_what_was_chosen(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(encoded(".png", noise()))
    choose(monkeypatch, path)
    before = window.session.document
    action(window, "Open picture").trigger()
    qtbot.waitUntil(lambda: window.session.document is not before)
    assert window.session.document.image.source == str(path)


def test_dialog__cancel_changes_nothing(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    choose(monkeypatch, None)
    before = window.session.document
    for words in ("Open picture", "Open network", "Save network", "Save network as"):
        action(window, words).trigger()
    assert window.session.document is before
    assert not sentences(window)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.png", b""),
        ("words.png", b"hello, this is text"),
        ("half.png", encoded(".png", noise())[:300]),
        ("drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("paper.pdf", b"%PDF-1.7 ..."),
        ("empty.json", b""),
        ("broken.json", b"{"),
        ("list.json", b"[]"),
        ("future.json", b'{"format": "feature-map-explorer/network", "version": 99, "layers": []}'),
        (
            "wrong.json",
            b'{"format": "feature-map-explorer/network", "version": 1, "layers": '
            b'[{"type": "Conv2d", "stride": 0}, {"type": "Nothing"}]}',
        ),
        ("deep.json", b"[" * 100_000),
        ("<b>tags.png", b"words"),
    ],
)
def test_bad_file__is_a_sentence_and_nothing_changes(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, name: str, content: bytes
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    before = window.session.document
    window.files.open(path)
    qtbot.waitUntil(lambda: bool(sentences(window)))
    assert len(sentences(window)) == 1
    assert sentences(window)[0].endswith(".")
    assert window.session.document is before
    assert window.session.undo_stack.count() == 0
    assert path.read_bytes() == content


@pytest.mark.parametrize("name", ["missing.png", "missing.json", "."])
def test_missing_file__is_a_sentence(qtbot: QtBot, window: MainWindow, tmp_path: Path, name: str) -> None:
    window.files.open(tmp_path / name)
    qtbot.waitUntil(lambda: bool(sentences(window)))
    assert sentences(window)[0].endswith(".")


def test_wrong_network__names_every_fault_with_its_path(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    path = tmp_path / "wrong.json"
    path.write_text(
        '{"format": "feature-map-explorer/network", "version": 1, "layers": '
        '[{"type": "Conv2d", "stride": 0}, {"type": "Nothing"}]}',
        encoding="utf-8",
    )
    window.files.open(path)
    sentence = said(qtbot, window, "layers[0]")
    assert "layers[1]" in sentence


def test_damaged_jpeg__its_readable_part_can_be_opened(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    data = encoded(".jpg", noise(400, 400))
    path = tmp_path / "half.jpg"
    path.write_bytes(data[: len(data) // 2])
    before = window.session.document
    window.files.open(path)
    qtbot.waitUntil(lambda: bool(sentences(window)))
    assert window.session.document is before
    button = next(
        one for one in window.messages.findChildren(QPushButton) if one.text() == "Open the readable part"
    )
    button.click()
    qtbot.waitUntil(lambda: window.session.document is not before)
    assert window.session.document.image.pixels.shape == (400, 400, 1)
    assert window.session.document.image.notes
    assert window.picture_card._note.isVisible()


def test_two_pictures_at_once__the_later_one_wins(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    paths = [tmp_path / "a.png", tmp_path / "b.png"]
    for path in paths:
        path.write_bytes(encoded(".png", noise()))
        window.files.open(path)
    qtbot.waitUntil(lambda: window.session.document.image.name == "b")
    assert window.session.undo_stack.count() == 1


def test_picture__is_one_undo_step_and_selection_stays(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(encoded(".png", noise()))
    window.session.select_layer(3)
    window.session.select_channel(2)
    before = window.session.document
    open_and_wait(qtbot, window, path)
    assert (window.session.layer, window.session.channel) == (3, 2)
    window.session.undo_stack.undo()
    assert window.session.document is before


def test_save_and_open__give_the_same_network(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    grid = window.stage.kernel.grid
    click(grid, cell(grid, 0, 0))
    painted = settled(qtbot, window)
    path = tmp_path / "netz é.json"
    choose(monkeypatch, path)
    action(window, "Save network as").trigger()
    assert not window.session.modified
    assert "netz é.json" in window.windowTitle()
    read_network(path)
    action(window, "Restore start example").trigger()
    window.session.mark_saved(path)
    open_and_wait(qtbot, window, path)
    again = settled(qtbot, window)
    for ours, theirs in zip(again.result.outputs, painted.result.outputs, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_save__without_a_suffix_is_json(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose(monkeypatch, tmp_path / "network")
    assert window.files.save()
    assert (tmp_path / "network.json").exists()
    assert window.session.path == tmp_path / "network.json"


def full_disk(*arguments: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_save__on_a_full_disk_leaves_the_old_file(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    path = tmp_path / "network.json"
    path.write_text("old", encoding="utf-8")
    window.session.mark_saved(path)
    action(window, "Delete").trigger()
    with monkeypatch.context() as patch:
        patch.setattr(os, step, full_disk)
        assert not window.files.save()
    assert path.read_text(encoding="utf-8") == "old"
    assert window.session.modified
    assert sentences(window)[0].endswith(".")
    assert [one.name for one in tmp_path.iterdir()] == ["network.json"]


def test_save__into_a_folder_that_is_gone_is_a_sentence(window: MainWindow, tmp_path: Path) -> None:
    window.session.mark_saved(tmp_path / "gone" / "network.json")
    assert not window.files.save()
    assert sentences(window)[0].endswith(".")


@pytest.mark.parametrize(
    ("answer", "goes"), [(Question.Cancel, False), (Question.Discard, True), (Question.Save, True)]
)
def test_new_network__asks_about_unsaved_changes(
    window: MainWindow, tmp_path: Path, questions: list[Question], answer: Question, goes: bool
) -> None:
    path = tmp_path / "network.json"
    window.session.mark_saved(path)
    action(window, "Delete").trigger()
    questions.append(answer)
    action(window, "New network").trigger()
    assert not questions
    assert bool(window.session.document.network.layers) is not goes
    assert path.exists() is (answer == Question.Save)


def test_new_network__saving_that_fails_keeps_the_network(
    window: MainWindow, tmp_path: Path, questions: list[Question]
) -> None:
    window.session.mark_saved(tmp_path / "gone" / "network.json")
    action(window, "Delete").trigger()
    questions.append(Question.Save)
    action(window, "New network").trigger()
    assert len(window.session.document.network.layers) == 4


def test_copy_map__is_the_picture_that_is_seen(qtbot: QtBot, window: MainWindow) -> None:
    action(window, "Copy map").trigger()
    image = QGuiApplication.clipboard().image()
    assert (image.height(), image.width()) == (378, 510)
    view = window.settled_frame.views[0] if window.settled_frame else None
    assert view is not None
    shown = imagery.map_image(view.maps[0].levels[0], view.maps[0].scale, window.display.colormap)
    np.testing.assert_array_equal(imagery.array(image)[:, :, :3], imagery.array(shown)[:, :, :3])


def test_copy_values__are_the_numbers(qtbot: QtBot, window: MainWindow) -> None:
    action(window, "Copy values").trigger()
    rows = [
        [float(one) for one in line.split("\t")] for line in QGuiApplication.clipboard().text().split("\n")
    ]
    frame = window.settled_frame
    assert frame is not None
    np.testing.assert_array_equal(np.array(rows, np.float32), frame.result.outputs[0][0, 0])


def test_copy__while_maps_are_computed_says_so(window: MainWindow) -> None:
    grid = window.stage.kernel.grid
    click(grid, cell(grid, 0, 0))
    action(window, "Copy map").trigger()
    action(window, "Export maps").trigger()
    assert "still being computed" in sentences(window)[0]


@pytest.mark.parametrize("exporter", EXPORTERS, ids=lambda one: one.label)
def test_export__writes_what_is_seen(
    qtbot: QtBot,
    window: MainWindow,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    exporter: object,
) -> None:
    target = tmp_path / "maps"
    target.mkdir()
    if exporter.suffixes:  # type: ignore[attr-defined]
        target = target / f"out{exporter.suffixes[0]}"  # type: ignore[attr-defined]
    choose(monkeypatch, target)
    frame = settled(qtbot, window)
    window.files.export(exporter, frame.result, 0, 0, Rendering(window.display.colormap.key))  # type: ignore[arg-type]
    said(qtbot, window, "Exported")
    written = list((tmp_path / "maps").iterdir())
    assert written
    for path in written:
        if path.suffix == ".png":
            assert read_image(path).pixels.size > 0


def test_export__that_fails_is_a_sentence(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose(monkeypatch, tmp_path / "gone" / "map.png")
    frame = settled(qtbot, window)
    window.files.export(EXPORTERS[0], frame.result, 0, 0, Rendering(window.display.colormap.key))
    qtbot.waitUntil(lambda: bool(sentences(window)))
    assert "Exported" not in sentences(window)[0]


def test_unexpected_failure__while_reading_is_reported_not_lost(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    reported: list[BaseException] = []
    monkeypatch.setattr("explorer.ui.files.load_sample", lambda key: 1 / 0)
    with qtbot.captureExceptions() as caught:
        window.files.open_sample("x")
        qtbot.waitUntil(lambda: bool(caught) or bool(reported))
    assert caught[0][0] is ZeroDivisionError


def test_atomic__raises_our_own_error(tmp_path: Path) -> None:
    with pytest.raises(ExportError):
        atomic.write_bytes(tmp_path / "gone" / "a.json", b"")


def test_never_written__the_opened_picture(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(encoded(".png", noise()))
    before = path.read_bytes(), path.stat().st_mtime_ns
    open_and_wait(qtbot, window, path)
    action(window, "Copy map").trigger()
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before


def test_network_for_another_picture__fits(
    qtbot: QtBot, make_window: Callable[..., MainWindow], tmp_path: Path
) -> None:
    window = make_window()
    window.picture_card._choose_rgb()
    path = tmp_path / "rgb.json"
    window.session.mark_saved(path)
    assert window.files.save()
    network = read_network(path)
    assert isinstance(network.layers[0], Conv2d)
