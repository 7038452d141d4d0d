"""The shift test's page: nudging, the bars, the words, and what it leaves alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from explorer.document.document import Document
from explorer.layers import AvgPool2d, Conv2d, Flatten, Layer, Linear, MaxPool2d, ReLU
from explorer.layers.shift import LayerShift
from explorer.ui.main_window import MainWindow
from explorer.ui.shift_page import ShiftPage
from explorer.ui.shift_words import ShiftFound, along_words, nudge_words, percent, sentence
from tests.live.given import small_document
from tests.live.test_comparison import frame_of

Work = Callable[[], object]


@pytest.fixture
def page(qtbot: QtBot) -> ShiftPage:
    """As wide as in the window; it computes at once."""
    made = ShiftPage()
    qtbot.addWidget(made)
    made.resize(1100, 148)
    made.wanted.connect(lambda work: made.show_result(work()))
    made.show()
    return made


def texts(page: ShiftPage) -> list[str]:
    """The rows as they are read out."""
    return [str(page.model.index(row).data()) for row in range(page.model.rowCount())]


def document(*layers: Layer) -> Document:
    """A small picture with these layers."""
    return small_document(*layers)


def test_page__nudges_by_buttons_keys_and_back(page: ShiftPage) -> None:
    page.show_frame(frame_of(document()))
    assert page.place.text() == "0 right, 0 down"
    assert "0 %" in texts(page)[0]
    page.pad.buttons[0, 1].click()
    assert page.shift == (0, 1)
    for key in (Qt.Key.Key_Up, Qt.Key.Key_Up, Qt.Key.Key_Left, Qt.Key.Key_Left):
        QTest.keyClick(page.pad, key)
    assert page.shift == (-2, -1)
    assert page.place.text() == "1 left, 2 up"
    assert page.reset_button.isEnabled()
    QTest.keyClick(page.pad, Qt.Key.Key_Home)
    assert page.shift == (0, 0)
    assert not page.reset_button.isEnabled()
    page.nudge(0, 999)
    assert page.shift == (0, 32)


def test_page__a_row_per_layer_with_pooling_marked(page: ShiftPage) -> None:
    frame = frame_of(document())
    page.show_frame(frame)
    page.nudge(0, 1)
    rows = texts(page)
    assert [row.split()[0] for row in rows] == ["conv2d:", "relu:", "max_pool2d", "conv2d_1:"]
    assert rows[0].endswith("only moves along")
    assert rows[2].startswith("max_pool2d (pooling): changes by ")
    assert "than relu" in page.sentence.text()
    assert not page.grab().isNull()


def test_page__the_network_and_its_maps_stay_as_they_are(page: ShiftPage) -> None:
    frame = frame_of(document())
    copies = [output.copy() for output in frame.result.outputs]
    page.show_frame(frame)
    page.nudge(1, 1)
    for output, copy in zip(frame.result.outputs, copies, strict=True):
        assert (output == copy).all()


def test_page__vectors_and_errors(page: ShiftPage) -> None:
    page.show_frame(frame_of(document(Conv2d(out_channels=2), Flatten(), Linear(out_features=3))))
    page.nudge(1, 0)
    assert texts(page)[2].startswith("linear: changes by ")
    broken = document(Conv2d(out_channels=2), MaxPool2d(kernel_size=(50, 50)))
    page.show_frame(frame_of(broken))
    assert page.sentence.text().endswith("max_pool2d does not fit its input, so the test ends before it.")
    assert page.model.rowCount() == 1
    page.show_frame(frame_of(document(MaxPool2d(kernel_size=(50, 50)))))
    assert page.model.rowCount() == 0
    assert "does not fit" in page.sentence.text()


def test_page__computes_nothing_while_hidden_or_unmoved(page: ShiftPage) -> None:
    asked: list[Work] = []
    page.wanted.disconnect()
    page.wanted.connect(asked.append)
    page.show_frame(frame_of(document()))
    assert not asked
    page.hide()
    page.nudge(0, 1)
    assert not asked
    page.show()
    assert len(asked) == 1


def test_page__a_newer_nudge_cancels_the_older(page: ShiftPage) -> None:
    asked: list[Work] = []
    page.wanted.disconnect()
    page.wanted.connect(asked.append)
    page.show_frame(frame_of(document()))
    page.nudge(0, 1)
    page.nudge(0, 1)
    assert asked[0]() is None
    page.show_result(ShiftFound(0, 1, ()))  # of an older nudge
    assert page.model.rowCount() == 4
    page.show_result(asked[1]())
    assert "max_pool2d" in page.sentence.text()


def test_page__all_rows_of_a_deep_network_are_in_sight(page: ShiftPage) -> None:
    layers: list[Layer] = []
    for seed in range(6):
        layers += [Conv2d(out_channels=2, padding="same", seed=seed), ReLU()]
    page.show_frame(frame_of(document(*layers, AvgPool2d())))
    area = page.rows.viewport().rect()
    for row in range(page.model.rowCount()):
        assert area.contains(page.rows.visualRect(page.model.index(row)))


def found(*shifts: LayerShift, nudge: tuple[int, int] = (0, 1)) -> ShiftFound:
    """What a test found."""
    return ShiftFound(*nudge, shifts)


def test_words__pooling_against_the_layer_before_it() -> None:
    before = LayerShift("conv2d", 0.5, 0.0, (1, 1))
    pool = LayerShift("max_pool2d", 0.345, None, (2, 2), is_pooling=True)
    assert sentence(found(before, pool)) == (
        "max_pool2d changes 31 % less than conv2d: small shifts get lost in its window."
    )
    more = LayerShift("max_pool2d", 0.6, None, (2, 2), is_pooling=True)
    assert "20 % more than conv2d" in sentence(found(before, more))
    same = LayerShift("max_pool2d", 0.5, None, (2, 2), is_pooling=True)
    assert sentence(found(before, same)) == "max_pool2d changes as much as conv2d."
    along = LayerShift("max_pool2d", 0.6, 0.0, (2, 2), is_pooling=True)
    assert "whole number of its strides" in sentence(found(before, along, nudge=(2, 2)))


def test_words__numbers() -> None:
    assert nudge_words(0, 1) == "1 right, 0 down"
    assert nudge_words(-3, -2) == "2 left, 3 up"
    assert [percent(share) for share in (0.0, 0.0001, 0.0514, 0.31, 1.414, float("inf"))] == [
        "0 %",
        "< 0.1 %",
        "5.1 %",
        "31 %",
        "141 %",
        "∞",
    ]
    assert along_words(LayerShift("a", 0.2, 0.03, (1, 1))) == "moved back: 3.0 %"
    assert along_words(LayerShift("a", 0.2, None, (2, 2))) == ""


def test_window__ends_a_running_test_before_it_closes(window: MainWindow) -> None:
    window.drawer.show_page("shift")
    window.pages.shift.nudge(1, 0)
    running = window.pages.shift._cancel
    before = running.is_set
    window.stop()
    assert (before, running.is_set) == (False, True)
    assert not window.compute.isRunning()
