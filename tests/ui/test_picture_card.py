"""The picture card: how the picture enters the network, one undo step each."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QFileDialog, QMenu, QToolButton
from pytestqt.qtbot import QtBot

from explorer.document.document import Document
from explorer.imaging.image import Image
from explorer.imaging.preprocess import Preprocess
from explorer.layers import ReLU
from explorer.layers.network import Network
from explorer.ui.main_window import MainWindow
from tests.gui import click
from tests.ui.driving import child, settled


def menu_of(window: MainWindow) -> QMenu:
    return child(window.picture_card, QToolButton, "Working size").menu()


@pytest.mark.parametrize(
    ("name", "field", "value"),
    [("RGB", "mode", "rgb"), ("0–255", "range", "0..255")],
)
def test_choice__is_one_undo_step_and_is_shown(
    qtbot: QtBot, window: MainWindow, name: str, field: str, value: str
) -> None:
    before = window.session.document
    button = child(window.picture_card, QToolButton, name)
    assert not button.isChecked()
    button.click()
    assert vars(window.session.document.preprocess)[field] == value
    assert button.isChecked()
    settled(qtbot, window)
    window.session.undo_stack.undo()
    assert window.session.document is before
    assert not button.isChecked()


def test_same_choice__again_is_no_undo_step(qtbot: QtBot, window: MainWindow) -> None:
    child(window.picture_card, QToolButton, "0–1").click()
    assert window.session.undo_stack.count() == 0


def test_range__multiplies_the_input(qtbot: QtBot, window: MainWindow) -> None:
    unit = settled(qtbot, window).result.input
    child(window.picture_card, QToolButton, "0–255").click()
    wide = settled(qtbot, window).result.input
    np.testing.assert_allclose(wide, unit * 255, rtol=1e-6)
    np.testing.assert_array_equal(window.frame.picture[0], settled(qtbot, window).picture[0])  # type: ignore[union-attr]


@pytest.mark.parametrize("index", range(6))
def test_size__is_what_enters_the_network(qtbot: QtBot, window: MainWindow, index: int) -> None:
    sizes = [one for one in menu_of(window).actions() if one.data()]
    chosen = sizes[index]
    chosen.trigger()
    frame = settled(qtbot, window)
    assert tuple(frame.result.input.shape[2:]) == tuple(chosen.data())
    assert window.picture_card._size.text() == f"{chosen.data()[1]}×{chosen.data()[0]}"


def test_large_picture__is_reduced_with_a_note_and_one_click_to_full_size(
    qtbot: QtBot, make_window: Callable[..., MainWindow]
) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (1600, 2000, 1), dtype=np.uint8)
    document = Document(Image.from_array(pixels, "large"), Preprocess(), Network((ReLU(),)))
    window = make_window(document)
    card = window.picture_card
    assert card._note.isVisible()
    assert "2000×1600" in card._note.text()
    rows, columns = document.input_shape[1:]
    assert rows * columns <= 2_000_000
    card._full.click()
    frame = settled(qtbot, window)
    assert frame.result.input.shape[2:] == (1600, 2000)
    assert not card._full.isVisible()


def test_click_on_the_picture__asks_for_another(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bool] = []

    def ask(*arguments: object) -> tuple[str, str]:
        asked.append(True)
        return "", ""

    monkeypatch.setattr(QFileDialog, "getOpenFileName", ask)
    thumbnail = window.picture_card._thumbnail
    click(thumbnail, QPointF(thumbnail.rect().center()))
    assert asked == [True]


def test_samples__menu_lists_and_opens(qtbot: QtBot, window: MainWindow) -> None:
    before = window.session.document
    entries = [one for one in window.samples_menu.actions() if one.data()]
    assert len(entries) == 20
    next(one for one in entries if one.data() == "digit").trigger()
    qtbot.waitUntil(lambda: window.session.document is not before)
    assert window.session.document.image.name == "digit"
