"""A map taken apart: partial maps, mute and solo, and sums that are true."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Literal

import numpy as np
import numpy.typing as npt
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from explorer.document import edits
from explorer.imaging.image import Image
from explorer.layers import Conv2d, ReLU
from explorer.live import partial
from explorer.live.compute import Frame
from explorer.ui.ladder_choice import Choice
from explorer.ui.ladder_page import LadderPage
from explorer.ui.main_window import MainWindow
from tests.gui import click
from tests.live.given import painted, small_document
from tests.ui.driving import settled

Wired = tuple[MainWindow, LadderPage]


def test_choice__mute_solo_and_the_first_so_many() -> None:
    choice = Choice.all(4)
    assert choice.is_everything
    assert choice.words() == "sum of all 4 channels"
    muted = choice.toggled_mute(1)
    assert muted.channels == (0, 2, 3)
    assert muted.words() == "sum of 3 of 4 channels"
    assert muted.toggled_mute(1) == choice
    assert muted.toggled_solo(1).toggled_solo(3).channels == (1, 3)
    assert muted.first(2).channels == (0,)
    assert muted.toggled_solo(3).first(9).channels == (0, 2, 3)
    assert Choice.all(1).words() == "the only channel"


@pytest.fixture
def wired(qtbot: QtBot, make_window: Callable[..., MainWindow]) -> Wired:
    """Four channels into a convolution of three filters, which is selected; the page is open."""
    window = make_window(small_document(Conv2d(out_channels=4), ReLU(), Conv2d(out_channels=3, seed=1)))
    page = LadderPage(window.display)
    window.drawer.add_page("partial", "Partial", "", page)
    page.wanted.connect(window.compute.side)
    window.compute.side_done.connect(page.take)
    page.sum_changed.connect(window.stage.show_sum)

    def follow(frame: Frame) -> None:
        page.show_frame(frame, window.stage.index(), window.session.channel)

    window.stage.shown.connect(follow)
    window.drawer.show_page("partial")
    window.session.select_layer(2)
    settled(qtbot, window)
    qtbot.waitUntil(lambda: page.complete)
    return window, page


def whole(window: MainWindow, channel: int = 0) -> npt.NDArray[np.float32]:
    assert window.frame is not None
    pixels: npt.NDArray[np.float32] = window.frame.result.outputs[2][0, channel]
    return pixels


def shows_sum(window: MainWindow) -> bool:
    return "channels</b>" in window.stage.map.title.text()


def test_sum__of_all_is_the_map(wired: Wired) -> None:
    window, page = wired
    np.testing.assert_allclose(page.shown_sum(), whole(window), atol=1e-5)
    assert page.title.text() == "= sum of all 4 channels"
    assert "4 channels in, 3 filters of 4 × 3 × 3 weights, 3 maps out" in page.words.text()
    assert "(not 4 × 3 = 12 maps)" in page.words.text()
    assert not shows_sum(window)
    page.grab()


def test_muted__is_left_out_of_the_sum_and_the_document_stays(wired: Wired) -> None:
    window, page = wired
    before = window.session.document
    assert page._maps is not None
    page.row.mute_requested.emit(1)
    expected = page._maps[[0, 2, 3]].sum(axis=0)
    np.testing.assert_allclose(page.shown_sum(), expected, atol=1e-5)
    assert window.session.document is before
    assert window.stage.map.title.text().startswith("<b>Sum of 3 of 4 channels</b>")
    page.everything.click()
    assert not shows_sum(window)


def test_slider__adds_up_step_by_step(wired: Wired) -> None:
    _, page = wired
    assert page._maps is not None
    page.slider.setValue(0)
    assert not page.shown_sum().any()
    page.slider.setValue(2)
    np.testing.assert_allclose(page.shown_sum(), page._maps[:2].sum(axis=0), atol=1e-5)
    assert page.title.text() == "= sum of 2 of 4 channels"


def test_running_sum__ends_with_the_map(wired: Wired) -> None:
    _, page = wired
    page.running.click()
    rungs = page.row._rungs
    assert rungs is not None
    sums = page.row._running_sums(rungs)
    np.testing.assert_allclose(sums[-1], rungs.maps.sum(axis=0), atol=1e-5)
    assert sum(rungs.shares) == pytest.approx(1)
    page.grab()


def test_keys_and_buttons__mute_and_solo(wired: Wired) -> None:
    window, page = wired
    row = page.row
    QTest.keyClick(row, Qt.Key.Key_Right)
    QTest.keyClick(row, Qt.Key.Key_M)
    assert page.choice.muted == {1}
    assert "left out" in row.accessibleDescription()
    QTest.keyClick(row, Qt.Key.Key_S)
    assert page.choice.channels == (1,)
    page.everything.click()
    click(row.viewport(), QPointF(row.button_of(0, solo=False).center()))
    click(row.viewport(), QPointF(row.button_of(2, solo=True).center()))
    assert page.choice.muted == {0}
    assert page.choice.solo == {2}
    assert row.current == 2
    window.drawer.hide()
    assert not shows_sum(window)


def test_another_filter__keeps_the_choice_and_another_layer_does_not(qtbot: QtBot, wired: Wired) -> None:
    window, page = wired
    page.row.mute_requested.emit(1)
    window.session.select_channel(2)
    settled(qtbot, window)
    qtbot.waitUntil(lambda: page.complete and shows_sum(window))
    assert page._maps is not None
    np.testing.assert_allclose(page._maps.sum(axis=0), whole(window, 2), atol=1e-5)
    window.session.select_layer(1)
    settled(qtbot, window)
    assert page.row.isHidden()
    assert not shows_sum(window)
    window.session.select_layer(0)
    settled(qtbot, window)
    qtbot.waitUntil(lambda: page.complete)
    assert page.choice == Choice.all(1)
    assert page.slider.isHidden()


def test_edit__is_followed_while_the_page_is_seen(qtbot: QtBot, wired: Wired) -> None:
    window, page = wired
    before = page.shown_sum()
    window.session.edit(painted(window.session.document, 3.0, 2), "Paint")
    settled(qtbot, window)
    qtbot.waitUntil(lambda: page.complete and not np.array_equal(page.shown_sum(), before))
    np.testing.assert_allclose(page.shown_sum(), whole(window), atol=1e-4)


def test_hidden__nothing_is_computed(qtbot: QtBot, wired: Wired) -> None:
    window, page = wired
    window.drawer.hide()
    asked: list[str] = []
    page.wanted.connect(lambda kind, work: asked.append(kind))
    window.session.edit(painted(window.session.document, 3.0, 2), "Paint")
    settled(qtbot, window)
    assert not asked
    window.drawer.show_page("partial")
    assert asked == ["ladder"]
    qtbot.waitUntil(lambda: page.complete)


def test_portions__come_one_after_the_other(
    qtbot: QtBot, wired: Wired, monkeypatch: pytest.MonkeyPatch
) -> None:
    window, page = wired
    monkeypatch.setattr(partial, "_MOST_PRODUCTS", 1)
    asked: list[str] = []
    page.wanted.connect(lambda kind, work: asked.append(kind))
    window.session.select_channel(1)
    settled(qtbot, window)
    qtbot.waitUntil(lambda: page.complete)
    assert len(asked) == 4
    np.testing.assert_allclose(page.shown_sum(), whole(window, 1), atol=1e-5)


def test_much_memory__is_said(qtbot: QtBot, wired: Wired, monkeypatch: pytest.MonkeyPatch) -> None:
    window, page = wired
    monkeypatch.setattr(partial, "_MOST_BYTES", 2000)
    window.session.edit(
        edits.replace_layer(window.session.document, 2, Conv2d(out_channels=3, seed=2)), "Seed"
    )
    settled(qtbot, window)
    qtbot.waitUntil(lambda: page.complete)
    assert "to save memory" in page.words.text()
    page.row.mute_requested.emit(0)
    assert not shows_sum(window)


@pytest.mark.parametrize("modes", [("grey", "rgb"), ("rgb", "grey")])
def test_channels__more_or_fewer_of_them_come_in(
    qtbot: QtBot, wired: Wired, modes: tuple[Literal["grey", "rgb"], Literal["grey", "rgb"]]
) -> None:
    window, page = wired
    window.session.select_layer(0)
    for mode in modes:
        preprocess = dataclasses.replace(window.session.document.preprocess, mode=mode)
        window.session.edit(edits.set_preprocess(window.session.document, preprocess), "Colour")
        frame = settled(qtbot, window)
        qtbot.waitUntil(lambda: page.complete)
        np.testing.assert_allclose(page.shown_sum(), frame.result.outputs[0][0, 0], atol=1e-5)


def test_infinities__of_both_signs_are_drawn(qtbot: QtBot, make_window: Callable[..., MainWindow]) -> None:
    values = np.zeros((6, 7, 3), np.float32)
    values[2, 3] = np.inf, -np.inf, np.nan
    document = small_document(Conv2d(out_channels=1), image=Image.from_array(values, "bad"))
    window = make_window(document)
    window.drawer.show_page("ladder")
    page = window.looking.ladder
    qtbot.waitUntil(lambda: page.complete)
    page.running.click()
    for channel in (0, 1, 2):
        page._choose(Choice.all(3).toggled_mute(channel))
        page.grab()
    assert not np.isfinite(page.shown_sum()).all()
