"""What may be dropped, pasted, and refused: always with a sentence."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import (
    QColor,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QGuiApplication,
    QImage,
)
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from explorer.document.document import Document
from explorer.imaging.opencv import cv2
from explorer.ui.drop import Dropped, Refused, understand
from explorer.ui.main_window import MainWindow
from tests.ui.driving import action, said, sentences, settled

COPY, LEFT = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
NO_KEYS = Qt.KeyboardModifier.NoModifier


def picture(path: Path, value: int = 200) -> Path:
    """A grey PNG of 9 x 7."""
    encoded = cv2.imencode(".png", np.full((7, 9), value, np.uint8))[1]
    path.write_bytes(encoded.tobytes())
    return path


def urls(*paths: Path | str) -> QMimeData:
    """Dragged files."""
    data = QMimeData()
    data.setUrls([QUrl(path) if isinstance(path, str) else QUrl.fromLocalFile(str(path)) for path in paths])
    return data


def text(words: str) -> QMimeData:
    data = QMimeData()
    data.setText(words)
    return data


def image_data() -> QMimeData:
    image = QImage(9, 7, QImage.Format.Format_RGB32)
    image.fill(QColor(255, 0, 0))
    data = QMimeData()
    data.setImageData(image)
    return data


def enter(window: MainWindow, data: QMimeData) -> QDragEnterEvent:
    event = QDragEnterEvent(QPoint(300, 300), COPY, data, LEFT, NO_KEYS)
    event.ignore()
    QApplication.sendEvent(window, event)
    return event


def drop(window: MainWindow, data: QMimeData) -> None:
    """Drag over the window and let go, as Qt sends it."""
    enter(window, data)
    over = QDragMoveEvent(QPoint(310, 310), COPY, data, LEFT, NO_KEYS)
    QApplication.sendEvent(window, over)
    QApplication.sendEvent(window, QDropEvent(QPointF(310, 310), COPY, data, LEFT, NO_KEYS))


def opened(qtbot: QtBot, window: MainWindow, before: Document) -> Document:
    qtbot.waitUntil(lambda: window.session.document is not before)
    settled(qtbot, window)
    return window.session.document


@pytest.mark.parametrize(
    "name", ["plain.png", "日本語 é.png", "with spaces & #%.png", "-leading.png", "UPPER.PNG"]
)
def test_file__is_opened(qtbot: QtBot, window: MainWindow, tmp_path: Path, name: str) -> None:
    document = window.session.document
    drop(window, urls(picture(tmp_path / name)))
    after = opened(qtbot, window, document)
    assert after.image.pixels.shape == (7, 9, 1)
    assert after.network is document.network
    assert window.session.undo_stack.count() == 1
    assert not window._drop_frame.isVisible()


def test_several_files__the_first_is_opened_and_the_rest_counted(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    document = window.session.document
    paths = [picture(tmp_path / f"{index:03}.png", index) for index in range(200)]
    drop(window, urls(*paths))
    assert opened(qtbot, window, document).image.source == str(paths[0])
    assert "199 more files" in said(qtbot, window, "199")


def test_folder__its_first_picture_is_opened(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    document = window.session.document
    (tmp_path / "a notes.txt").write_text("no picture")
    picture(tmp_path / "c.png")
    first = picture(tmp_path / "b.png")
    drop(window, urls(tmp_path))
    assert opened(qtbot, window, document).image.source == str(first)
    said(qtbot, window, "1 more file was")


def test_folder__without_pictures_is_refused(window: MainWindow, tmp_path: Path) -> None:
    document = window.session.document
    drop(window, urls(tmp_path))
    assert tmp_path.name in sentences(window)[0]
    assert window.session.document is document


def test_folder__of_ten_thousand_files_is_capped(tmp_path: Path) -> None:
    for index in range(10_000):
        (tmp_path / f"{index:05}.png").touch()
    understood = understand(urls(tmp_path))
    assert isinstance(understood, Dropped)
    assert understood.more <= 500


def test_folder__that_was_capped_says_so(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    document = window.session.document
    for index in range(600):
        picture(tmp_path / f"{index:05}.png")
    drop(window, urls(tmp_path))
    opened(qtbot, window, document)
    assert "more than" in said(qtbot, window, "left aside") or "at least" in said(qtbot, window, "left aside")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (lambda: urls("https://example.org/a.png"), "not downloaded"),
        (lambda: urls("data:image/png;base64,AAAA"), "not downloaded"),
        (lambda: text("hello"), "text"),
        (lambda: text(""), "no picture"),
        (lambda: text("/no/such/file.png"), "text"),
        (lambda: text("x" * 10_000), "text"),
        (lambda: text("\0"), "text"),
        (lambda: QMimeData(), "no picture"),
        (lambda: urls(), "no picture"),
    ],
)
def test_refused__with_one_sentence(window: MainWindow, data: object, words: str) -> None:
    document = window.session.document
    assert callable(data)
    payload: QMimeData = data()
    enter(window, payload)
    assert window._drop_frame.isVisible()
    over = QDragMoveEvent(QPoint(310, 310), COPY, payload, LEFT, NO_KEYS)
    QApplication.sendEvent(window, over)
    assert not over.isAccepted()
    understood = understand(payload)
    assert isinstance(understood, Refused)
    assert words in understood.reason
    assert understood.reason.endswith(".")
    QApplication.sendEvent(window, QDragLeaveEvent())
    assert not window._drop_frame.isVisible()
    window.files.drop(payload)
    assert words in sentences(window)[0]
    assert window.session.document is document


def test_network_share__is_taken_as_a_path() -> None:
    understood = understand(urls("file://server/share/a.png"))
    assert isinstance(understood, Dropped)
    assert str(understood.path).startswith("//server/share")


def test_path_as_text__is_opened(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    document = window.session.document
    drop(window, text(f"{picture(tmp_path / 'a.png')}\n"))
    assert opened(qtbot, window, document).image.name == "a"


def test_pixels__are_opened(qtbot: QtBot, window: MainWindow) -> None:
    document = window.session.document
    drop(window, image_data())
    image = opened(qtbot, window, document).image
    assert image.pixels.shape == (7, 9, 3)
    assert image.pixels[0, 0].tolist() == [255, 0, 0]


def test_file_and_pixels__the_file_wins(tmp_path: Path) -> None:
    data = image_data()
    data.setUrls([QUrl.fromLocalFile(str(picture(tmp_path / "a.png")))])
    understood = understand(data)
    assert isinstance(understood, Dropped)
    assert understood.path == tmp_path / "a.png"


def test_pixels_and_address__the_pixels_win() -> None:
    data = image_data()
    data.setUrls([QUrl("https://example.org/a.png")])
    understood = understand(data)
    assert isinstance(understood, Dropped)
    assert understood.image is not None


def test_mixed_addresses__the_local_one_is_opened(tmp_path: Path) -> None:
    understood = understand(urls("https://example.org/a.png", picture(tmp_path / "b.png")))
    assert isinstance(understood, Dropped)
    assert understood.path == tmp_path / "b.png"


def test_network_file__replaces_the_network(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    document = window.session.document
    path = tmp_path / "small.json"
    path.write_text(
        '{"format": "feature-map-explorer/network", "version": 1, "layers": [{"type": "ReLU"}]}',
        encoding="utf-8",
    )
    drop(window, urls(path))
    after = opened(qtbot, window, document)
    assert after.network.names == ("relu",)
    assert after.image is document.image
    assert not window.session.modified


def test_file_that_is_no_picture__is_refused_after_the_drop(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    document = window.session.document
    path = tmp_path / "a.png"
    path.write_text("words")
    drop(window, urls(path))
    assert said(qtbot, window, "a.png").endswith(".")
    assert window.session.document is document


def test_accepted__the_frame_says_what_happens(window: MainWindow, tmp_path: Path) -> None:
    event = enter(window, urls(picture(tmp_path / "a.png")))
    assert event.isAccepted()
    assert window._drop_frame.isVisible()
    assert window._drop_frame._text == "Drop to open"
    assert window._drop_frame.size() == window.size()
    window.grab()
    QApplication.sendEvent(window, QDragLeaveEvent())
    assert not window._drop_frame.isVisible()


def test_paste__an_empty_clipboard_or_text_is_a_sentence(window: MainWindow) -> None:
    clipboard = QGuiApplication.clipboard()
    clipboard.clear()
    action(window, "Paste picture").trigger()
    clipboard.setText("hello")
    action(window, "Paste picture").trigger()
    assert len(sentences(window)) == 2


def test_paste__a_picture(qtbot: QtBot, window: MainWindow) -> None:
    document = window.session.document
    image = QImage(5, 3, QImage.Format.Format_ARGB32)
    image.fill(QColor(0, 255, 0, 255))
    QGuiApplication.clipboard().setImage(image)
    action(window, "Paste picture").trigger()
    after = opened(qtbot, window, document)
    assert after.image.pixels.shape == (3, 5, 3)
    assert after.image.pixels[0, 0].tolist() == [0, 255, 0]
    assert after.image.source == "clipboard"
