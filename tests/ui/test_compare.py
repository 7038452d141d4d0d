"""The compare bar, and the line between A and B on the map."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from explorer.live.comparing import Comparing
from explorer.live.comparison import Mode
from explorer.live.compute import Frame
from explorer.ui.compare_bar import CompareBar
from explorer.ui.divider import Divider
from explorer.ui.main_window import MainWindow
from explorer.ui.picture_view import Coloured, PictureView
from tests.gui import drag
from tests.live.given import painted
from tests.ui.driving import settled


@pytest.fixture
def comparing(window: MainWindow) -> Comparing:
    """Of the start example."""
    return Comparing(window.session, window.compute, window)


@pytest.fixture
def bar(comparing: Comparing, qtbot: QtBot) -> CompareBar:
    """As wide as in a large window."""
    made = CompareBar(comparing)
    qtbot.addWidget(made)
    made.resize(1100, 32)
    return made


def edited(qtbot: QtBot, window: MainWindow, comparing: Comparing) -> Frame:
    """The start example is pinned, then a kernel is painted."""
    assert comparing.pin(settled(qtbot, window))
    window.session.edit(painted(window.session.document, 1.5), "Paint kernel")
    frame = settled(qtbot, window)
    comparing.frame_for(frame, 0)
    qtbot.waitUntil(lambda: comparing.changes is not None and comparing.changes.largest is not None)
    return frame


def test_bar__is_there_while_something_is_pinned(
    qtbot: QtBot, window: MainWindow, comparing: Comparing, bar: CompareBar
) -> None:
    assert bar.isHidden()
    edited(qtbot, window, comparing)
    assert bar.isVisible()
    qtbot.waitUntil(lambda: bar.title.shown_text() == "A: before “Paint kernel”")
    assert "memory" in bar.title.toolTip()
    with qtbot.waitSignal(bar.unpinned):
        bar.close_button.click()
    assert bar.isHidden()
    assert not comparing.active


def test_bar__buttons_and_keys_choose_what_is_shown(
    qtbot: QtBot, window: MainWindow, comparing: Comparing, bar: CompareBar
) -> None:
    comparing.pin(settled(qtbot, window))
    assert bar.buttons[Mode.NOW].isChecked()
    with qtbot.waitSignal(bar.mode_changed) as told:
        bar.buttons[Mode.HALVES].click()
    assert told.args == ["A | B"]
    assert bar.slider.isVisible()
    for key, mode in zip((Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_3, Qt.Key.Key_4), Mode, strict=True):
        QTest.keyClick(bar.close_button, key)
        assert comparing.mode is mode
        assert bar.buttons[mode].isChecked()
    assert not bar.slider.isVisible()
    QTest.keyClick(bar.close_button, Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    assert comparing.mode is Mode.DIFFERENCE


def test_bar__the_slider_moves_the_line(
    qtbot: QtBot, window: MainWindow, comparing: Comparing, bar: CompareBar
) -> None:
    comparing.pin(settled(qtbot, window))
    comparing.set_mode(Mode.HALVES)
    with qtbot.waitSignal(bar.share_changed):
        bar.slider.setValue(20)
    assert comparing.share == pytest.approx(0.2)
    comparing.set_share(0.7)
    assert bar.slider.value() == 70


def test_bar__the_sentence_goes_to_the_largest_change(
    qtbot: QtBot, window: MainWindow, comparing: Comparing, bar: CompareBar
) -> None:
    comparing.pin(settled(qtbot, window))
    assert not bar.sentence.isEnabled()
    edited(qtbot, window, comparing)
    assert comparing.changes is not None
    largest = comparing.changes.largest
    assert largest is not None
    assert bar.sentence.text() == comparing.changes.sentence
    assert bar.sentence.text().startswith("largest change: ")
    with qtbot.waitSignal(bar.go_to) as told:
        QTest.keyClick(bar.sentence, Qt.Key.Key_Space)
    assert told.args == [largest.layer, largest.channel, largest.row, largest.column]
    bar.resize(700, 32)
    assert bar.sentence.text().startswith(largest.values)
    assert comparing.changes.sentence in bar.sentence.toolTip()


def test_bar__says_why_a_layer_is_not_compared(
    qtbot: QtBot, window: MainWindow, comparing: Comparing, bar: CompareBar
) -> None:
    comparing.pin(settled(qtbot, window))
    assert bar.note.isHidden()
    comparing.note = "conv2d_2 is not in A"
    comparing.state_changed.emit()
    assert bar.note.isVisible()
    assert bar.note.text() == "conv2d_2 is not in A"


def test_bar__every_control_has_a_name(
    qtbot: QtBot, window: MainWindow, comparing: Comparing, bar: CompareBar
) -> None:
    comparing.pin(settled(qtbot, window))
    for button in (*bar.buttons.values(), bar.slider, bar.close_button):
        assert button.accessibleName()
        assert button.toolTip()


def test_window__stage_and_sheet_show_derived_frames(
    qtbot: QtBot, window: MainWindow, comparing: Comparing
) -> None:
    frame = edited(qtbot, window, comparing)
    for mode in (Mode.PINNED, Mode.HALVES, Mode.DIFFERENCE, Mode.NOW):
        comparing.set_mode(mode)

        def arrived() -> bool:
            derived = comparing.frame_for(frame, 0)
            view = derived.views[0]
            return derived is not frame and view is not None and comparing.mode is mode  # noqa: B023

        qtbot.waitUntil(arrived)
        derived = comparing.frame_for(frame, 0)
        window.stage.show_frame(derived)
        window.maps.show_frame(derived)
        assert not window.stage.grab().isNull()
        assert not window.maps.grab().isNull()
    window.stage.show_frame(frame)


# the line


@pytest.fixture
def view(qtbot: QtBot, window: MainWindow) -> PictureView:
    """A map of 510 x 378 in a picture view of 400 x 400."""
    made = PictureView("Map")
    qtbot.addWidget(made)
    made.resize(400, 400)
    frame = settled(qtbot, window)
    shown = frame.views[0]
    assert shown is not None
    one = shown.maps[0]
    made.show_content(Coloured(one.levels, one.scale, window.display.colormap, one.content))
    made.show()
    return made


def test_divider__lies_on_the_picture_and_follows_its_zoom(view: PictureView) -> None:
    divider = Divider(view)
    assert divider.isHidden()
    divider.show_share(0.25)
    area = divider.picture_rect()
    assert (area.width(), area.height()) == (400, round(378 * 400 / 510))
    assert divider.geometry().center().x() == pytest.approx(100, abs=1)
    assert divider.y() == area.y()
    view.set_zoom(2.0)
    assert divider.picture_rect().width() == 1020
    assert divider.geometry().center().x() == pytest.approx(200 - 510 + 255, abs=2)
    divider.show_share(None)
    assert divider.isHidden()


def test_divider__is_dragged_and_walked(view: PictureView) -> None:
    divider = Divider(view)
    divider.show_share(0.5)
    shares: list[float] = []
    divider.share_changed.connect(shares.append)
    middle = QPointF(divider.width() / 2, 50)
    drag(divider, [middle, middle + QPointF(60, 0)])
    assert shares[-1] == pytest.approx(0.65, abs=0.01)
    drag(divider, [middle, middle + QPointF(600, 0)])
    assert shares[-1] == 1.0
    QTest.keyClick(divider, Qt.Key.Key_Left)
    assert shares[-1] == pytest.approx(0.99, abs=0.005)
    QTest.keyClick(divider, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert shares[-1] == pytest.approx(0.89, abs=0.005)
    assert not divider.grab().isNull()
