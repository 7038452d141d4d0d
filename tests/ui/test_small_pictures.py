"""Pictures up to 32 x 32: numbers under the brush, the same marks, and pasted numbers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from explorer.document import edits
from explorer.imaging.image import Image
from explorer.imaging.preprocess import Preprocess
from explorer.imaging.samples import load_sample
from explorer.layers import Conv2d, ReLU
from explorer.layers.explanation import Box
from explorer.ui.main_window import MainWindow
from explorer.ui.pasted_numbers import is_numbers
from explorer.ui.picture_numbers import PictureNumbers
from tests.gui import NO_BUTTON, drag, move, press, release
from tests.live.given import small_document
from tests.ui.driving import cell, pixels, said, settled

NINE = np.array([[88, 126, 145], [86, 125, 142], [85, 124, 141]], np.float32)


def numbers(window: MainWindow) -> PictureNumbers:
    """The grid of the picture, which must be on the stage."""
    shown = window.stage.input._stack.currentWidget()
    assert isinstance(shown, PictureNumbers)
    return shown


def picture(window: MainWindow) -> np.ndarray:
    """What is stored, (H, W, C)."""
    stored: np.ndarray = window.session.document.image.pixels
    return stored


@pytest.mark.parametrize(
    ("key", "shape"),
    [("x", (5, 5)), ("plus", (5, 5)), ("minus", (5, 5)), ("nine-pixels", (3, 3)), ("digit", (28, 28))],
)
def test_samples__open_as_numbers(
    qtbot: QtBot, make_window: Callable[..., MainWindow], key: str, shape: tuple[int, int]
) -> None:
    window = make_window(small_document(Conv2d(out_channels=2), image=load_sample(key)))
    assert numbers(window).grid.values.shape == shape
    frame = settled(qtbot, window)
    np.testing.assert_array_equal(numbers(window).grid.values, frame.result.input[0, 0])
    window.grab()


@pytest.mark.parametrize("range_", ["0..1", "0..255"])
def test_nine_pixels__give_444(qtbot: QtBot, make_window: Callable[..., MainWindow], range_: str) -> None:
    kernel = np.array([[[[1, 0, 1], [1, 1, 0], [0, 0, 0]]]], np.float32)
    document = small_document(Conv2d(out_channels=1, weight=kernel), image=load_sample("nine-pixels"))
    window = make_window(edits.set_preprocess(document, Preprocess(range=range_)))
    frame = settled(qtbot, window)
    np.testing.assert_array_equal(numbers(window).grid.values, NINE)
    assert frame.result.outputs[0].item() == 444


def test_large_pictures__and_resized_ones_are_pictures(
    qtbot: QtBot, make_window: Callable[..., MainWindow]
) -> None:
    window = make_window(small_document(Conv2d(), image=load_sample("nine-pixels")))
    document = window.session.document
    window.session.edit(edits.set_preprocess(document, Preprocess(size=(6, 6))), "Size")
    settled(qtbot, window)
    assert window.stage.input._stack.currentWidget() is window.stage.input_view
    assert window.stage.input.as_numbers.isHidden()


def test_toggle__shows_the_picture_and_deeper_layers_show_theirs(
    qtbot: QtBot, make_window: Callable[..., MainWindow]
) -> None:
    window = make_window(small_document(Conv2d(), ReLU(), image=load_sample("digit")))
    side = window.stage.input
    side.as_numbers.click()
    assert side._stack.currentWidget() is side.picture
    side.as_numbers.click()
    assert side._stack.currentWidget() is side.numbers
    window.session.select_layer(1)
    settled(qtbot, window)
    assert side._stack.currentWidget() is side.picture
    assert side.as_numbers.isHidden()


def test_stroke__paints_the_picture_in_one_step_and_the_map_follows(
    qtbot: QtBot, make_window: Callable[..., MainWindow]
) -> None:
    window = make_window(small_document(Conv2d(out_channels=1), image=load_sample("half-one")))
    before, grid = window.session.document, numbers(window).grid
    drag(grid, [cell(grid, 2, 0), cell(grid, 2, 1), cell(grid, 2, 2)])
    assert window.session.document is not before
    np.testing.assert_array_equal(picture(window)[2, :, 0], [1, 1, 1, 1, 1, 1])
    frame = settled(qtbot, window)
    np.testing.assert_array_equal(frame.result.input[0, 0], grid.values)
    assert window.session.undo_stack.count() == 1
    assert window.session.undo_stack.undoText() == "Paint picture"
    window.session.undo_stack.undo()
    assert window.session.document is before
    settled(qtbot, window)
    np.testing.assert_array_equal(grid.values[2], [0, 0, 0, 1, 1, 1])


@pytest.mark.parametrize(
    ("dtype", "range_", "brushes"),
    [
        (np.uint8, "0..1", (0, 0.5, 1)),
        (np.uint8, "0..255", (0, 128, 255)),
        (np.uint16, "0..255", (0, 128, 255)),
    ],
)
def test_brushes__suit_the_range_and_white_stays_white(
    qtbot: QtBot,
    make_window: Callable[..., MainWindow],
    dtype: type[np.generic],
    range_: str,
    brushes: tuple[float, ...],
) -> None:
    image = Image.from_array(np.zeros((4, 4), dtype), "black")
    window = make_window(
        edits.set_preprocess(small_document(Conv2d(), image=image), Preprocess(range=range_))
    )
    shown = numbers(window)
    assert tuple(shown._swatches.values()) == brushes
    shown.grid._single((1, 2), brushes[2], "Paint kernel")
    shown.grid._single((0, 0), -brushes[1], "Paint kernel")
    for other, white in (("0..1", 1.0), ("0..255", 255.0)):
        window.session.edit(edits.set_preprocess(window.session.document, Preprocess(range=other)), "Range")
        frame = settled(qtbot, window)
        assert float(frame.result.input[0, 0, 1, 2]) == white
        assert float(frame.result.input[0, 0, 0, 0]) == pytest.approx(-brushes[1] / brushes[2] * white)
        assert float(shown.grid.values[1, 2]) == white


def test_brushes__of_a_signed_picture_have_both_signs(make_window: Callable[..., MainWindow]) -> None:
    window = make_window(small_document(Conv2d(), image=load_sample("x")))
    shown = numbers(window)
    assert tuple(shown._swatches.values()) == (-1, 0, 1)
    next(iter(shown._swatches)).click()
    assert shown.grid.brush == -1


def test_colour__the_channel_of_the_kernel_is_edited(
    qtbot: QtBot, make_window: Callable[..., MainWindow]
) -> None:
    values = np.zeros((4, 4, 3), np.uint8)
    values[..., 2] = 255
    window = make_window(small_document(Conv2d(), image=Image.from_array(values, "blue")))
    assert "red" in window.stage.input.title.text()
    window.stage.kernel.selected.set_channel(2)
    assert "blue" in window.stage.input.title.text()
    shown = numbers(window)
    assert float(shown.grid.values.min()) == 1
    shown.grid._single((0, 0), 0.0, "Erase kernel")
    np.testing.assert_array_equal(picture(window)[0, 0], [0, 0, 0])
    np.testing.assert_array_equal(picture(window)[0, 1], [0, 0, 1])
    settled(qtbot, window)


def test_hover__on_the_map_marks_the_window_in_the_numbers(
    qtbot: QtBot, make_window: Callable[..., MainWindow]
) -> None:
    window = make_window(small_document(Conv2d(out_channels=1, padding=(1, 1)), image=load_sample("x")))
    shown, view = numbers(window), window.stage.map_view
    move(view, QPointF(view.width() / 2, view.height() / 2), NO_BUTTON)
    before = pixels(shown.grid)
    assert shown._overlay.marks.box == Box(1, 1, 3, 3)
    move(view, view._place().rect(Box(0, 0, 1, 1)).center(), NO_BUTTON)
    qtbot.waitUntil(lambda: shown._overlay.marks.box == Box(-1, -1, 3, 3))
    assert (pixels(shown.grid) != before).any()
    said_: list[str] = []
    window.stage.hovered.connect(said_.append)
    move(shown.grid, cell(shown.grid, 0, 1), NO_BUTTON)
    qtbot.waitUntil(lambda: bool(said_) and "x 1  y 0" in said_[-1])


def test_padding__has_room_around_the_numbers(make_window: Callable[..., MainWindow]) -> None:
    window = make_window(small_document(Conv2d(padding=(2, 2)), image=load_sample("x")))
    grid = numbers(window).grid
    area = grid.grid_rect()
    assert area.top() - 2 * grid.cell >= 0
    assert area.bottom() + 2 * grid.cell <= grid.height()


def test_no_layers__the_picture_can_still_be_painted(
    qtbot: QtBot, make_window: Callable[..., MainWindow]
) -> None:
    window = make_window(small_document(Conv2d(), image=load_sample("x")))
    window.session.edit(edits.remove_layer(window.session.document, 0), "Delete")
    settled(qtbot, window)
    numbers(window).grid._single((0, 1), 5.0, "Type weight")
    assert float(picture(window)[0, 1, 0]) == 5
    settled(qtbot, window)


def test_edited_picture__says_so() -> None:
    document = small_document(Conv2d(), image=load_sample("x"))
    for _ in range(2):
        document = edits.set_pixels(document, np.ones((1, 5, 5), np.float32))
        assert document.image.name == "x (edited)"


@pytest.mark.parametrize(
    "text", ["1 2\n3 4", "[[1, 2], [3, 4]]", "np.array([[1, 2], [3, 4]])", "1\t2\n3\t4", "1;2\n3;4"]
)
def test_paste__numbers_become_a_picture(qtbot: QtBot, window: MainWindow, text: str) -> None:
    QGuiApplication.clipboard().setText(text)
    window.files.paste()
    qtbot.waitUntil(lambda: window.session.document.image.name == "clipboard", timeout=10_000)
    np.testing.assert_array_equal(picture(window)[:, :, 0], [[1, 2], [3, 4]])
    settled(qtbot, window)
    QGuiApplication.clipboard().clear()


def test_paste__numbers_mean_themselves_in_every_range(
    qtbot: QtBot, make_window: Callable[..., MainWindow]
) -> None:
    document = small_document(Conv2d(kernel_size=(1, 1)))
    window = make_window(edits.set_preprocess(document, Preprocess(range="0..255")))
    QGuiApplication.clipboard().setText("0 1\n1 0")
    window.files.paste()
    qtbot.waitUntil(lambda: window.session.document.image.name == "clipboard", timeout=10_000)
    frame = settled(qtbot, window)
    np.testing.assert_array_equal(frame.result.input[0, 0], [[0, 1], [1, 0]])
    QGuiApplication.clipboard().clear()


def test_paste__a_mistake_is_named_by_row_and_column(qtbot: QtBot, window: MainWindow) -> None:
    before = window.session.document
    QGuiApplication.clipboard().setText("1 2\n3 four")
    window.files.paste()
    sentence = said(qtbot, window, "row 2")
    assert "four" in sentence
    assert window.session.document is before
    QGuiApplication.clipboard().clear()


@pytest.mark.parametrize(
    ("text", "numbers_"),
    [("1 2", True), ("[[−1]]", True), ("-.5, 2", True), ("A picture", False), ("", False), ("{}", False)],
)
def test_is_numbers__goes_by_the_beginning(text: str, numbers_: bool) -> None:
    assert is_numbers(text) is numbers_


def test_stroke__ends_with_the_picture_that_it_was_on(
    qtbot: QtBot, make_window: Callable[..., MainWindow]
) -> None:
    window = make_window(small_document(Conv2d(out_channels=1), image=load_sample("x")))
    grid = numbers(window).grid
    press(grid, cell(grid, 2, 0))
    window.session.edit(edits.set_image(window.session.document, load_sample("plus")), "Open")
    plus = window.session.document
    move(grid, cell(grid, 2, 3))
    release(grid, cell(grid, 2, 3))
    assert window.session.document is plus
    settled(qtbot, window)


def test_painting__numbers_that_are_about_to_go_changes_nothing(
    qtbot: QtBot, make_window: Callable[..., MainWindow]
) -> None:
    window = make_window(small_document(Conv2d(out_channels=1), image=load_sample("x")))
    grid = numbers(window).grid
    window.session.edit(edits.set_preprocess(window.session.document, Preprocess(size=(9, 9))), "Size")
    resized = window.session.document
    grid._single((0, 0), 7.0, "Type weight")
    assert window.session.document is resized
    settled(qtbot, window)


def test_painting__leaves_infinite_pixels_as_they_are_and_covers_them(
    qtbot: QtBot, make_window: Callable[..., MainWindow]
) -> None:
    values = np.zeros((4, 4), np.float32)
    values[0, :3] = np.inf, -np.inf, np.nan
    image = Image.from_array(values, "bad")
    window = make_window(small_document(Conv2d(out_channels=1, kernel_size=(1, 1)), image=image))
    grid = numbers(window).grid
    drag(grid, [cell(grid, 3, 0), cell(grid, 3, 3)])
    np.testing.assert_array_equal(picture(window)[0, :, 0], values[0])
    assert (picture(window)[3, :, 0] == grid.brush).all()
    drag(grid, [cell(grid, 0, 0), cell(grid, 0, 3)])
    assert (picture(window)[0, :, 0] == grid.brush).all()
    settled(qtbot, window)
