"""A piece of the picture as a kernel: taken with the mouse, one undo step, and found again."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from explorer.imaging.image import Image
from explorer.layers import Conv2d, MaxPool2d
from explorer.layers.explanation import Box
from explorer.ui.framing import Framing
from explorer.ui.main_window import MainWindow
from explorer.ui.picture_view import PictureView
from tests.gui import drag, move, press, release
from tests.live.given import small_document
from tests.ui.driving import settled

CONTROL = Qt.KeyboardModifier.ControlModifier


def point(view: PictureView, row: int, column: int) -> QPointF:
    """The middle of a pixel."""
    return view._place().rect(Box(row, column, 1, 1)).center()


def convolution(window: MainWindow, index: int = 0) -> Conv2d:
    found = window.session.document.network.layers[index]
    assert isinstance(found, Conv2d)
    return found


def scene(rows: int = 60, columns: int = 80, channels: int = 1) -> Image:
    values = np.random.default_rng(3).integers(0, 256, (rows, columns, channels), dtype=np.uint8)
    return Image.from_array(values, "noise")


@pytest.mark.parametrize(("start", "end"), [((4, 3), (8, 9)), ((8, 9), (4, 3)), ((4, 9), (8, 3))])
def test_framing__holds_both_ends(start: tuple[int, int], end: tuple[int, int]) -> None:
    framing = Framing()
    framing.begin(start, (20, 20))
    framing.reach(end)
    assert framing.label == "7 × 5"
    assert framing.end() == Box(4, 3, 5, 7)
    assert not framing.active


def test_framing__of_a_long_drag_follows_the_mouse_and_says_why() -> None:
    framing = Framing()
    framing.begin((50, 5), (60, 80))
    framing.reach((10, -3))
    assert framing.box == Box(10, 0, 31, 6)
    assert "at most 31" in framing.label
    framing.reach((59, 5))
    assert framing.box == Box(40, 5, 20, 1)


def test_framing__a_click_takes_nothing() -> None:
    framing = Framing()
    framing.begin((5, 5), (60, 80))
    assert framing.end() is None


def test_tool__a_drag_becomes_the_kernel_in_one_step(
    qtbot: QtBot, make_window: Callable[..., MainWindow]
) -> None:
    window = make_window(small_document(Conv2d(out_channels=3), image=scene()))
    window.session.select_channel(1)
    settled(qtbot, window)
    before, view = window.session.document, window.stage.input_view
    heard: list[str] = []
    window.stage.message.connect(heard.append)
    kept = convolution(window).fit((1, 60, 80)).weight
    assert kept is not None
    window.stage.input.take.click()
    press(view, point(view, 20, 30))
    move(view, point(view, 24, 34))
    assert view.marks.framed == Box(20, 30, 5, 5)
    move(view, point(view, 30, 46))
    assert view.marks.framed_label == "17 × 11"
    release(view, point(view, 30, 46))
    layer = convolution(window)
    assert layer.kernel_size == (11, 17)
    assert layer.filter_name(1) == "template"
    weight = layer.weight
    assert weight is not None
    assert float(np.linalg.norm(weight[1])) == pytest.approx(1, abs=1e-5)
    assert abs(float(weight[1].mean())) < 1e-6
    np.testing.assert_array_equal(weight[0, :, 4:7, 7:10], kept[0])
    assert window.stage.input_view.marks.framed is None
    assert not window.stage.input.take.isChecked()
    settled(qtbot, window)
    assert "17 × 11 cells" in heard[0]
    window.session.undo_stack.undo()
    assert window.session.document is before


def test_control__takes_without_the_tool_and_a_plain_drag_does_not(
    qtbot: QtBot, make_window: Callable[..., MainWindow]
) -> None:
    window = make_window(small_document(Conv2d(out_channels=1), image=scene()))
    view = window.stage.input_view
    before = window.session.document
    drag(view, [point(view, 10, 10), point(view, 20, 20)])
    assert window.session.document is before
    press(view, point(view, 10, 10), keys=CONTROL)
    move(view, point(view, 14, 14))
    release(view, point(view, 14, 14))
    assert convolution(window).filter_name(0) == "template"
    settled(qtbot, window)


def test_escape__takes_nothing(qtbot: QtBot, make_window: Callable[..., MainWindow]) -> None:
    window = make_window(small_document(Conv2d(out_channels=1), image=scene()))
    view, before = window.stage.input_view, window.session.document
    press(view, point(view, 10, 10), keys=CONTROL)
    move(view, point(view, 14, 14))
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert view.marks.framed is None
    release(view, point(view, 14, 14))
    assert window.session.document is before


def test_peak__lies_where_the_patch_was_taken(qtbot: QtBot, make_window: Callable[..., MainWindow]) -> None:
    values = np.full((28, 28), 40, np.uint8)
    values[20:25, 5:10] = np.random.default_rng(1).integers(0, 256, (5, 5), dtype=np.uint8)
    window = make_window(
        small_document(Conv2d(out_channels=2), image=Image.from_array(values, "patch")),
    )
    window.stage.source.take(Box(20, 5, 5, 5))
    frame = settled(qtbot, window)
    stage = window.stage
    assert [(spot.box, spot.label) for spot in stage.map_view.marks.spots] == [(Box(20, 5, 1, 1), "peak")]
    assert [spot.box for spot in stage.input_view.marks.spots] == [Box(20, 5, 5, 5)]
    assert float(frame.result.outputs[0][0, 0].max()) == frame.result.outputs[0][0, 0, 20, 5]
    stage.shows_peak.click()
    assert stage.map_view.marks.spots == stage.input_view.marks.spots == ()
    stage.shows_peak.click()
    assert stage.map_view.marks.spots


def test_match__is_found_where_another_place_has_more_contrast(
    qtbot: QtBot, make_window: Callable[..., MainWindow]
) -> None:
    values = np.zeros((40, 40), np.uint8)
    values[5:10, 5:10] = np.random.default_rng(1).integers(0, 30, (5, 5), dtype=np.uint8)
    values[25:, 25:] = np.random.default_rng(2).integers(0, 256, (15, 15), dtype=np.uint8)
    window = make_window(small_document(Conv2d(out_channels=1), image=Image.from_array(values, "two")))
    window.stage.source.take(Box(5, 5, 5, 5))
    settled(qtbot, window)
    spots = {spot.label: spot.box for spot in window.stage.input_view.marks.spots}
    assert spots["best match"] == Box(5, 5, 5, 5)
    assert spots["peak"].top > 15
    assert "100% alike" in window.stage.input.legend._note


def test_mark__goes_when_the_kernel_is_painted(qtbot: QtBot, make_window: Callable[..., MainWindow]) -> None:
    window = make_window(small_document(Conv2d(out_channels=1), image=scene()))
    window.stage.source.take(Box(20, 5, 3, 3))
    settled(qtbot, window)
    assert not window.stage.shows_peak.isHidden()
    window.stage.kernel.grid._single((0, 0), 9.0, "Type weight")
    settled(qtbot, window)
    assert window.stage.shows_peak.isHidden()
    assert window.stage.map_view.marks.spots == ()


def test_flat_piece__is_refused_with_a_sentence(qtbot: QtBot, make_window: Callable[..., MainWindow]) -> None:
    image = Image.from_array(np.full((20, 20), 90, np.uint8), "flat")
    window = make_window(small_document(Conv2d(), image=image))
    before, heard = window.session.document, list[str]()
    window.stage.message.connect(heard.append)
    window.stage.source.take(Box(2, 2, 4, 4))
    assert window.session.document is before
    assert len(heard) == 1
    assert "flat" in heard[0]


def test_colour__per_channel_or_grey(qtbot: QtBot, make_window: Callable[..., MainWindow]) -> None:
    window = make_window(small_document(Conv2d(out_channels=1), image=scene(channels=3)))
    side = window.stage.input
    side.take.click()
    assert not side.per_channel.isHidden()
    for choice, same in ((side.per_channel, False), (side.grey, True)):
        choice.click()
        window.stage.source.take(Box(4, 4, 6, 5))
        weight = convolution(window).weight
        assert weight is not None
        assert weight.shape == (1, 3, 6, 5)
        assert bool((weight[0, 0] == weight[0, 1]).all()) is same
    settled(qtbot, window)


def test_layer__without_a_kernel_offers_no_piece(qtbot: QtBot, window: MainWindow) -> None:
    heard: list[str] = []
    window.stage.message.connect(heard.append)
    assert not window.stage.input.take.isHidden()
    window.session.select_layer(2)
    settled(qtbot, window)
    assert isinstance(window.session.document.network.layers[2], MaxPool2d)
    assert window.stage.input.take.isHidden()
    window.stage.source.take(Box(0, 0, 3, 3))
    assert "convolution" in heard[0]


def test_deeper_layer__takes_all_channels_of_its_input(
    qtbot: QtBot, make_window: Callable[..., MainWindow]
) -> None:
    window = make_window(small_document(Conv2d(out_channels=4), Conv2d(out_channels=2), image=scene()))
    window.session.select_layer(1)
    frame = settled(qtbot, window)
    window.stage.source.take(Box(8, 9, 4, 6))
    weight = convolution(window, 1).weight
    assert weight is not None
    patch = frame.result.outputs[0][0, :, 8:12, 9:15]
    patch = patch - patch.mean(axis=(1, 2), keepdims=True)
    np.testing.assert_allclose(weight[0], patch / np.linalg.norm(patch), atol=1e-5)
    settled(qtbot, window)


def test_by_key__the_window_under_the_dot(qtbot: QtBot, make_window: Callable[..., MainWindow]) -> None:
    window = make_window(small_document(Conv2d(out_channels=1, kernel_size=(5, 5)), image=scene()))
    window.stage.source.take_window()
    assert convolution(window).kernel_size == (5, 5)
    assert convolution(window).filter_name(0) == "template"
    settled(qtbot, window)
