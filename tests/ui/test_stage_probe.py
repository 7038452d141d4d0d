"""What is pointed at: hovering, pinning, walking, and what follows on both sides of the stage."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from explorer.document.document import Document
from explorer.layers import Conv2d, Flatten, GlobalAvgPool2d, Linear, MaxPool2d, ReLU, Softmax
from explorer.layers.explanation import Box
from explorer.layers.network import Network
from explorer.layers.receptive import dependents, receptive_field
from explorer.ui.main_window import MainWindow
from explorer.ui.picture_view import PictureView
from explorer.ui.probe import PICTURE, Probe, Step
from tests.gui import NO_BUTTON, click, move
from tests.live.given import picture, small_document
from tests.ui.driving import settled


def centre(view: PictureView, row: int, column: int) -> QPointF:
    return view._place().rect(Box(row, column, 1, 1)).center()


def hover(qtbot: QtBot, view: PictureView, row: int, column: int) -> None:
    """Move there, and wait until the next move is not too early."""
    move(view, centre(view, row, column), NO_BUTTON)
    qtbot.wait(20)


def probed(window: MainWindow) -> Probe:
    found = window.stage.probing.probe
    assert found is not None
    return found


def is_pinned(view: PictureView) -> bool:
    return view.marks.pinned


def chain() -> Document:
    return small_document(
        Conv2d(out_channels=3),
        ReLU(),
        MaxPool2d(),
        Flatten(),
        Linear(out_features=5),
        Softmax(),
        image=picture(24, 30),
    )


def test_hover__follows_the_mouse_and_is_live_until_it_leaves(qtbot: QtBot, window: MainWindow) -> None:
    view = window.stage.map_view
    hover(qtbot, view, 40, 50)
    assert probed(window).step == Step(0, 0, 40, 50)
    assert probed(window).live
    view.left.emit()
    assert probed(window).step == Step(0, 0, 40, 50)
    assert not probed(window).live


def test_hover__marks_the_field_on_the_picture(qtbot: QtBot, window: MainWindow) -> None:
    fields: list[Box | None] = []
    window.stage.field_changed.connect(fields.append)
    window.session.select_layer(3)
    frame = settled(qtbot, window)
    hover(qtbot, window.stage.map_view, 10, 12)
    expected = receptive_field(frame.result, 3, 10, 12)
    assert fields[-1] == expected
    inset = window.stage.input_view.marks.inset
    assert inset is not None
    assert inset.box == expected
    assert inset.words == "sees 8 × 8"
    window.stage.map_view.left.emit()
    assert fields[-1] is None
    assert window.stage.input_view.marks.inset is None


def test_hover__lights_the_largest_cells_of_the_kernel_shown(qtbot: QtBot, window: MainWindow) -> None:
    grid = window.stage.kernel.grid
    hover(qtbot, window.stage.map_view, 200, 300)
    assert 0 < len(grid.marked) <= 3
    assert all(grid.values[cell] for cell in grid.marked)
    window.stage._hover_tile(4, 200, 301)
    qtbot.wait(20)
    assert probed(window).step.channel == 4
    assert not grid.marked
    window.stage.map_view.left.emit()
    assert not grid.marked


def test_click__pins_until_esc_or_the_same_place(qtbot: QtBot, window: MainWindow) -> None:
    view = window.stage.map_view
    hover(qtbot, view, 40, 50)
    click(view, centre(view, 40, 50))
    assert is_pinned(view)
    hover(qtbot, view, 90, 99)
    assert view.marks.dot == (40, 50)
    assert probed(window).pinned
    assert "x 99" in window.status._hovered.text()
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert not is_pinned(view)
    hover(qtbot, view, 91, 99)
    assert view.marks.dot == (91, 99)
    click(view, centre(view, 91, 99))
    click(view, centre(view, 91, 99))
    assert not is_pinned(view)
    assert not window.stage.unpin()


def test_keys__walk_and_pin(qtbot: QtBot, window: MainWindow) -> None:
    view = window.stage.map_view
    hover(qtbot, view, 40, 50)
    QTest.keyClick(view, Qt.Key.Key_Right)
    QTest.keyClick(view, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert probed(window).step == Step(0, 0, 50, 51)
    assert probed(window).live
    assert window.stage.unpin()


def test_tile__is_probed_without_being_selected(qtbot: QtBot, window: MainWindow) -> None:
    crosses: list[tuple[int, int] | None] = []
    window.stage.probing.crosshair_changed.connect(crosses.append)
    window.stage._hover_tile(5, 30, 40)
    assert probed(window).step == Step(0, 5, 30, 40)
    assert window.session.channel == 0
    assert window.stage.map_view.marks.dot == (30, 40)
    assert crosses[-1] == (30, 40)
    window.stage.probing.leave()
    assert crosses[-1] is None


def test_bar__is_probed(qtbot: QtBot, make_window: Callable[..., MainWindow]) -> None:
    window = make_window(chain())
    window.session.select_layer(5)
    settled(qtbot, window)
    window.stage.map.bars.hovered.emit(4)
    assert probed(window).step == Step(5, 0, 4, 0, is_number=True)
    assert "exp" in window.sum_line._text
    assert window.stage.input_view.marks.inset is not None


def test_input__marks_all_outputs_that_see_the_pixel(qtbot: QtBot, window: MainWindow) -> None:
    boxes: list[tuple[Box | None, ...]] = []
    window.stage.dependents_changed.connect(boxes.append)
    hover(qtbot, window.stage.input_view, 100, 120)
    assert window.frame is not None
    assert boxes[-1] == dependents(window.frame.result, 100, 120)
    assert window.stage.map_view.marks.box == Box(98, 118, 3, 3)
    assert window.stage.input_view.marks.pixel == (100, 120)
    assert "seen by 3×3 values of conv2d, 2×2 of max_pool2d" in window.status._hovered.text()
    window.stage.input_view.left.emit()
    assert boxes[-1] == ()
    assert window.stage.map_view.marks.box is None


def test_picture_card__points_from_any_layer(qtbot: QtBot, window: MainWindow) -> None:
    window.session.select_layer(2)
    frame = settled(qtbot, window)
    window.stage.point_at_picture(100, 120)
    assert window.stage.map_view.marks.box == dependents(frame.result, 100, 120)[2]
    assert window.stage.input_view.marks.pixel is None
    window.stage.leave_picture()
    assert window.stage.map_view.marks.box is None


def test_input_of_a_deeper_layer__shows_both_ways(qtbot: QtBot, window: MainWindow) -> None:
    fields: list[Box | None] = []
    window.stage.field_changed.connect(fields.append)
    window.session.select_layer(3)
    frame = settled(qtbot, window)
    hover(qtbot, window.stage.input_view, 50, 60)
    assert window.stage.map_view.marks.box == Box(48, 58, 3, 3)
    assert fields[-1] == receptive_field(frame.result, 2, 50, 60)


def test_another_layer__keeps_the_place_in_the_picture(qtbot: QtBot, window: MainWindow) -> None:
    window.session.select_layer(3)
    settled(qtbot, window)
    window.stage.go_to(Step(3, 0, 60, 70))
    for index in (0, 1, 2):
        window.session.select_layer(index)
        frame = settled(qtbot, window)
        dot = window.stage.dot()
        assert dot is not None
        field, here = receptive_field(frame.result, 3, 60, 70), receptive_field(frame.result, index, *dot)
        assert field is not None
        assert here is not None
        assert abs(here.top + here.height / 2 - field.top - field.height / 2) <= 1
        assert abs(here.left + here.width / 2 - field.left - field.width / 2) <= 1
    window.session.select_layer(3)
    settled(qtbot, window)
    assert window.stage.dot() == (60, 70)


def test_a_map_of_one_value__does_not_lose_the_place(
    qtbot: QtBot, make_window: Callable[..., MainWindow]
) -> None:
    window = make_window(small_document(Conv2d(), GlobalAvgPool2d()))
    window.stage.go_to(Step(0, 0, 3, 4))
    window.session.select_layer(1)
    settled(qtbot, window)
    window.stage.probing.walk(0, 0)
    window.session.select_layer(0)
    settled(qtbot, window)
    assert window.stage.dot() == (3, 4)


@pytest.mark.parametrize("step", [Step(0, 2, 4, 5), Step(2, 1, 3, 3), Step(4, 0, 3, 0, is_number=True)])
def test_go_to__selects_and_pins(qtbot: QtBot, make_window: Callable[..., MainWindow], step: Step) -> None:
    window = make_window(chain())
    window.stage.go_to(step)
    settled(qtbot, window)
    assert probed(window).step == step
    assert probed(window).pinned
    assert window.session.layer == step.index


def test_go_to__the_picture(qtbot: QtBot, make_window: Callable[..., MainWindow]) -> None:
    window = make_window(chain())
    window.session.select_layer(2)
    settled(qtbot, window)
    window.stage.go_to(Step(PICTURE, 0, 7, 8))
    frame = settled(qtbot, window)
    assert window.session.layer == 0
    assert probed(window).explanation is None
    assert probed(window).value == frame.result.input[0, 0, 7, 8]
    assert probed(window).place_words == "picture (7, 8)"
    assert window.stage.input_view.marks.pixel == (7, 8)
    assert window.stage.map_view.marks.box == Box(5, 6, 3, 3)
    click(window.stage.map_view, centre(window.stage.map_view, 3, 3))
    assert probed(window).step == Step(0, 0, 3, 3)


def test_no_layers__nothing_is_probed(make_window: Callable[..., MainWindow]) -> None:
    document = small_document()
    empty = Document(document.image, document.preprocess, Network())
    window = make_window(empty)
    assert window.stage.probing.probe is None
    window.stage.point_at_picture(1, 1)
    window.stage.leave_picture()
