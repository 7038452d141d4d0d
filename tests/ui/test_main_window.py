"""The window as a whole: maps by themselves, painting, undo, what is never cut, keys, closing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMessageBox, QToolButton
from pytestqt.qtbot import QtBot

from explorer import settings
from explorer.document import edits
from explorer.document.document import Document
from explorer.document.start import start_document
from explorer.imaging.image import Image
from explorer.imaging.preprocess import Preprocess, to_input
from explorer.layers import Conv2d, Flatten, Linear, MaxPool2d, ReLU, Sigmoid, Softmax
from explorer.layers.forward import forward
from explorer.layers.network import Network
from explorer.ui.dialogs import CommandPalette
from explorer.ui.main_window import MainWindow
from tests.gui import click, drag, move, press, release
from tests.live.given import Held, small_document
from tests.ui.driving import action, cell, child, kernel, layer, sentences, settled, shown


def test_start__maps_are_there_without_a_click(window: MainWindow) -> None:
    frame = window.settled_frame
    assert frame is not None
    assert len(frame.result.outputs) == 5
    assert window.stage.map_view.picture_size == (378, 510)
    assert window.maps.sheet.arrangement.count == 8
    assert window.sum_line.label.text()
    assert not sentences(window)


def test_start__every_number_is_that_of_a_pass_from_scratch(window: MainWindow) -> None:
    document, frame = window.session.document, window.settled_frame
    assert frame is not None
    expected = forward(document.network, to_input(document.image, document.preprocess))
    for ours, theirs in zip(frame.result.outputs, expected.outputs, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_brush__redraws_what_a_stroke_changes_and_nothing_else(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = {"input": 0, "map": 0, "cards": 0}

    def count(name: str) -> Callable[..., None]:
        def note(*arguments: object) -> None:
            drawn[name] += 1

        return note

    grid = window.stage.kernel.grid
    press(grid, cell(grid, 0, 0))
    shown(qtbot, window)
    QApplication.processEvents()
    monkeypatch.setattr(window.stage.input_view, "update", count("input"))
    monkeypatch.setattr(window.stage.map_view, "update", count("map"))
    for card in window.stack.cards:
        monkeypatch.setattr(card, "_show", count("cards"))
    move(grid, cell(grid, 0, 2))
    shown(qtbot, window)
    release(grid, cell(grid, 0, 2))
    settled(qtbot, window)
    assert drawn["map"] > 0
    assert drawn["input"] == drawn["cards"] == 0


def test_brush__shows_everywhere_while_the_button_is_down(qtbot: QtBot, window: MainWindow) -> None:
    grid = window.stage.kernel.grid
    before = window.settled_frame
    assert before is not None
    tile = window.maps.sheet._tiles[0].view
    press(grid, cell(grid, 0, 0))
    move(grid, cell(grid, 0, 2))
    frame = shown(qtbot, window)
    assert window.session.gesture is not None  # the stroke goes on
    assert grid.values[0].tolist() == [1, 1, 1]
    assert frame.document is window.session.document
    assert window.maps.sheet._tiles[0].view is not tile
    assert frame.result.changes[0] in (frozenset({0}), None)
    assert window.stage.scene.frame is frame
    assert window.stack.cards[0].picture._thumbnail is frame.thumbnails[0]
    assert frame.thumbnails[0] is not before.thumbnails[0]
    assert window.session.undo_stack.count() == 1
    release(grid, cell(grid, 0, 2))
    np.testing.assert_array_equal(settled(qtbot, window).result.layers[0].weight[0, 0, 0], [1, 1, 1])  # type: ignore[attr-defined]


def test_brush__one_undo_brings_the_kernel_and_its_maps_back(qtbot: QtBot, window: MainWindow) -> None:
    grid = window.stage.kernel.grid
    first = window.settled_frame
    assert first is not None
    document = window.session.document
    drag(grid, [cell(grid, 0, 0), cell(grid, 1, 1), cell(grid, 2, 2)])
    settled(qtbot, window)
    action(window, f"Undo {window.session.undo_stack.undoText()}").trigger()
    assert window.session.document is document
    np.testing.assert_array_equal(grid.values, [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    again = settled(qtbot, window)
    np.testing.assert_array_equal(again.result.outputs[-1], first.result.outputs[-1])


def test_escape__takes_a_stroke_back(qtbot: QtBot, window: MainWindow) -> None:
    grid = window.stage.kernel.grid
    document = window.session.document
    grid.setFocus()
    press(grid, cell(grid, 0, 0))
    move(grid, cell(grid, 0, 1))
    QTest.keyClick(grid, Qt.Key.Key_Escape)
    assert window.session.document is document
    np.testing.assert_array_equal(grid.values, [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    move(grid, cell(grid, 2, 2))
    release(grid, cell(grid, 2, 2))
    assert window.session.document is document
    assert window.session.undo_stack.count() == 0


def test_five_hundred_edits__end_with_the_last(qtbot: QtBot, window: MainWindow) -> None:
    grid = window.stage.kernel.grid
    press(grid, cell(grid, 0, 0))
    rng = np.random.default_rng(0)
    for row, column in rng.integers(0, 3, (500, 2)):
        move(grid, cell(grid, int(row), int(column)))
    release(grid, cell(grid, 2, 2))
    frame = settled(qtbot, window)
    document = window.session.document
    assert frame.document is document
    expected = forward(document.network, to_input(document.image, document.preprocess))
    np.testing.assert_array_equal(frame.result.outputs[-1], expected.outputs[-1])
    assert window.session.undo_stack.count() == 1


def test_scales__are_frozen_during_a_stroke_and_follow_after_it(qtbot: QtBot, window: MainWindow) -> None:
    grid = window.stage.kernel.grid
    window.stage.kernel.set_brush(0.5)
    scale = window.maps.sheet._tiles[0].scale
    press(grid, cell(grid, 0, 0))
    move(grid, cell(grid, 1, 1))
    shown(qtbot, window)
    assert window.maps.sheet._tiles[0].scale is scale
    release(grid, cell(grid, 1, 1))
    settled(qtbot, window)
    qtbot.waitUntil(lambda: window.maps.sheet._tiles[0].scale.magnitude != scale.magnitude)


def test_scales__grow_where_a_stroke_outgrows_them(qtbot: QtBot, window: MainWindow) -> None:
    grid = window.stage.kernel.grid
    window.stage.kernel.set_brush(50.0)
    scale = window.maps.sheet._tiles[0].scale
    press(grid, cell(grid, 0, 0))
    move(grid, cell(grid, 1, 1))
    shown(qtbot, window)
    assert window.maps.sheet._tiles[0].scale.magnitude > 10 * scale.magnitude
    release(grid, cell(grid, 1, 1))


def test_scales__stay_when_they_are_locked(qtbot: QtBot, window: MainWindow) -> None:
    grid = window.stage.kernel.grid
    action(window, "Lock scales").trigger()
    scale = window.maps.sheet._tiles[0].scale
    window.stage.kernel.set_brush(50.0)
    drag(grid, [cell(grid, 0, 0), cell(grid, 1, 1)])
    settled(qtbot, window)
    assert window.maps.sheet._tiles[0].scale is scale
    action(window, "Lock scales").trigger()
    assert window.maps.sheet._tiles[0].scale is not scale


def test_grey_and_rgb__every_weight_comes_back(qtbot: QtBot, window: MainWindow) -> None:
    session = window.session
    original = session.document
    before = settled(qtbot, window)
    card = window.picture_card
    card._choose_rgb()
    colour = settled(qtbot, window)
    assert colour.result.input.shape[1] == 3
    card._choose_grey()
    after = settled(qtbot, window)
    assert session.document.network is original.network
    for ours, theirs in zip(after.result.outputs, before.result.outputs, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_never_cut__painting_in_colour_keeps_what_was_drawn_in_grey(qtbot: QtBot, window: MainWindow) -> None:
    grid = window.stage.kernel.grid
    window.picture_card._choose_rgb()
    window.stage.kernel.set_channel(2)
    drag(grid, [cell(grid, 0, 0), cell(grid, 0, 2)])
    settled(qtbot, window)
    window.picture_card._choose_grey()
    settled(qtbot, window)
    np.testing.assert_array_equal(kernel(window, 0), [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    window.picture_card._choose_rgb()
    assert kernel(window, 0, 2)[0].tolist() == [1, 1, 1]


def test_never_cut__fewer_filters_and_a_smaller_kernel_come_back(qtbot: QtBot, window: MainWindow) -> None:
    document = window.session.document
    convolution = layer(window, 0)
    assert isinstance(convolution, Conv2d)
    small = replace(convolution, out_channels=2, kernel_size=(1, 1))
    window.session.edit(edits.replace_layer(document, 0, small), "Smaller")
    settled(qtbot, window)
    assert window.maps.sheet.arrangement.count == 2
    large = replace(layer(window, 0), out_channels=8, kernel_size=(3, 3))  # type: ignore[call-arg]
    window.session.edit(edits.replace_layer(window.session.document, 0, large), "Larger")
    settled(qtbot, window)
    for index in range(8):
        assert convolution.weight is not None
        np.testing.assert_array_equal(kernel(window, index), convolution.weight[index, 0])


def test_bypass__and_back_gives_the_same_maps(qtbot: QtBot, window: MainWindow) -> None:
    before = settled(qtbot, window)
    bypass = action(window, "Bypass")
    bypass.trigger()
    off = settled(qtbot, window)
    assert off.result.outputs[0].shape[1] == 1
    assert not layer(window).enabled
    bypass.trigger()
    on = settled(qtbot, window)
    np.testing.assert_array_equal(on.result.outputs[-1], before.result.outputs[-1])


def test_move__up_and_down_follow_the_layer(qtbot: QtBot, window: MainWindow) -> None:
    names = window.session.document.network.names
    action(window, "Move down").trigger()
    assert window.session.layer == 1
    assert window.session.document.network.names == (names[1], names[0], *names[2:])
    settled(qtbot, window)
    action(window, "Move up").trigger()
    assert window.session.document.network.names == names
    action(window, "Move up").trigger()
    assert window.session.document.network.names == names


def test_duplicate_and_delete__are_undone(qtbot: QtBot, window: MainWindow) -> None:
    document = window.session.document
    action(window, "Duplicate").trigger()
    assert window.session.document.network.names[:2] == ("conv2d", "conv2d_2")
    assert window.session.layer == 1
    settled(qtbot, window)
    action(window, "Delete").trigger()
    settled(qtbot, window)
    window.session.undo_stack.undo()
    window.session.undo_stack.undo()
    assert window.session.document is document


def test_delete__all_layers_leaves_the_picture(qtbot: QtBot, window: MainWindow) -> None:
    for _ in range(7):
        action(window, "Delete").trigger()
        settled(qtbot, window)
    assert not window.session.document.network.layers
    assert window.stage.input_view.picture_size == (380, 512)
    assert not window.maps.sheet._tiles
    assert window.maps.sheet._message
    for words in ("Bypass", "Rename", "Duplicate", "Move up", "Move down", "Delete", "Copy map", "Enlarge"):
        action(window, words).trigger()
    assert window.session.undo_stack.count() == 5
    window.layer_commands.add(Conv2d)
    settled(qtbot, window)
    assert window.maps.sheet.arrangement.count == layer(window).out_channels  # type: ignore[attr-defined]


def test_kernel_larger_than_the_picture__marks_the_layer_and_keeps_what_is_before_it(
    qtbot: QtBot, make_window: Callable[..., MainWindow]
) -> None:
    document = small_document(ReLU(), Conv2d(kernel_size=(31, 31)), Sigmoid())
    window = make_window(document)
    cards = window.stack.cards
    assert cards[1]._error.isVisibleTo(cards[1])
    assert "31" in cards[1]._error.text()
    assert cards[2]._shape.text() == "waiting for conv2d"
    window.session.select_layer(0)
    settled(qtbot, window)
    assert window.maps.sheet.arrangement.count == 1
    assert window.maps.sheet._tiles
    window.session.select_layer(2)
    settled(qtbot, window)
    assert "conv2d" in window.stage.map_view._message
    assert "conv2d" in window.maps.sheet._message
    assert not sentences(window)


@pytest.mark.parametrize(
    "faulty",
    [
        Conv2d(kernel_size=(3, 3), dilation=(40, 40)),
        Conv2d(kernel_size=(31, 1)),
        MaxPool2d(kernel_size=(2, 2), padding=(2, 2)),
        MaxPool2d(kernel_size=(64, 64)),
        Linear(out_features=3),
    ],
)
def test_misfit__the_fix_button_cures_it(
    qtbot: QtBot, make_window: Callable[..., MainWindow], faulty: Conv2d
) -> None:
    window = make_window(small_document(faulty, ReLU()))
    assert window.frame is not None
    error = window.frame.plan.error
    assert error is not None
    card = window.stack.cards[0]
    assert card._error.text() == error.message
    assert error.fix is not None
    assert card._fix.isVisibleTo(card)
    card._fix.click()
    frame = settled(qtbot, window)
    assert frame.plan.error is None
    assert frame.result.complete
    window.session.undo_stack.undo()
    assert window.session.document.network.layers[0] is faulty or not faulty.name


def test_stride_beyond_the_input__is_one_pixel(qtbot: QtBot, make_window: Callable[..., MainWindow]) -> None:
    window = make_window(small_document(Conv2d(stride=(64, 64)), ReLU()))
    assert window.frame is not None
    assert window.frame.result.outputs[0].shape[2:] == (1, 1)
    assert window.stage.map_view.picture_size == (1, 1)


def test_too_much_memory__is_said_before_it_is_taken(qtbot: QtBot, window: MainWindow) -> None:
    window.preferences.remember(replace(window.preferences.settings, memory_limit=64))
    window.stack.set_memory_limit(window.preferences.memory_limit)
    huge = replace(layer(window, 0), out_channels=4096)  # type: ignore[call-arg]
    window.session.edit(edits.replace_layer(window.session.document, 0, huge), "Huge")
    frame = settled(qtbot, window)
    assert frame.plan.error is not None
    card = window.stack.cards[0]
    assert "64.0 MB" in card._error.text()
    card._fix.click()
    after = settled(qtbot, window).plan.error
    assert after is None or after.index > 0


def test_black_kernel__says_that_the_map_is_constant(qtbot: QtBot, window: MainWindow) -> None:
    grid = window.stage.kernel.grid
    window.stage.kernel.set_brush(0.0)
    drag(grid, [cell(grid, r, c) for r in range(3) for c in (range(3) if r % 2 == 0 else range(2, -1, -1))])
    frame = settled(qtbot, window)
    view = frame.views[0]
    assert view is not None
    assert view.maps[0].badge == "dead"
    window.maps.sheet.grab()


@pytest.mark.parametrize("value", [1e6, -1e6, 1e-30])
def test_extreme_weights__stay_finite_or_are_badged(qtbot: QtBot, window: MainWindow, value: float) -> None:
    document = window.session.document
    for index in (0, 3):
        convolution = layer(window, index)
        assert isinstance(convolution, Conv2d)
        assert convolution.weight is not None
        weight = np.full_like(convolution.weight, value)
        document = edits.replace_layer(document, index, replace(convolution, weight=weight))
    window.session.edit(document, "Extreme")
    for index in range(5):
        window.session.select_layer(index)
        settled(qtbot, window)
        window.grab()


def test_overflow__is_badged_and_painted(qtbot: QtBot, make_window: Callable[..., MainWindow]) -> None:
    pixels = np.full((12, 12, 1), 3e38, np.float32)
    pixels[3, 3] = np.nan
    pixels[5, 5] = np.inf
    pixels.flags.writeable = False
    layers = (Conv2d(weight=np.full((2, 1, 3, 3), 9.0, np.float32), out_channels=2), ReLU(), Softmax())
    window = make_window(Document(Image(pixels, "bright.tif"), Preprocess(), Network(layers)))
    for index in range(3):
        window.session.select_layer(index)
        settled(qtbot, window)
        assert window.frame is not None
        window.grab()
    view = window.frame.views[1] if window.frame else None
    assert view is None or all(np.isfinite(one.scale.magnitude) for one in view.maps)


def test_memory_error__is_one_sentence_and_the_window_works_on(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*arguments: object, **options: object) -> object:
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(Conv2d, "forward", refuse)
        grid = window.stage.kernel.grid
        click(grid, cell(grid, 0, 0))
        qtbot.waitUntil(lambda: bool(sentences(window)))
    assert "memory" in sentences(window)[0]
    assert window.stage.map_view.picture_size == (378, 510)
    window.session.undo_stack.undo()
    settled(qtbot, window)


def test_close__during_a_pass_ends_every_thread(qtbot: QtBot, make_window: Callable[..., MainWindow]) -> None:
    window = make_window()
    held = Held()
    window.session.edit(edits.insert_layer(window.session.document, 0, held), "Hold")
    assert held.reached.wait(10)
    window.session.mark_saved(None)
    assert window.close()
    assert not window.compute.isRunning()


def test_close__asks_about_unsaved_changes(
    window: MainWindow, questions: list[QMessageBox.StandardButton]
) -> None:
    action(window, "Delete").trigger()
    questions.append(QMessageBox.StandardButton.Cancel)
    assert not window.close()
    assert window.isVisible()
    assert window.compute.isRunning()
    questions.append(QMessageBox.StandardButton.Discard)
    assert window.close()


def test_escape__during_a_long_pass_cancels_and_says_so(qtbot: QtBot, window: MainWindow) -> None:
    held = Held()
    window.session.edit(edits.insert_layer(window.session.document, 0, held), "Hold")
    assert held.reached.wait(10)
    window.setFocus()
    QTest.keyClick(window, Qt.Key.Key_Escape)
    assert "cancelled" in sentences(window)[0]
    qtbot.wait(20)
    assert not window.stage.map_view.stale
    window.session.undo_stack.undo()
    settled(qtbot, window)


def test_long_pass__dims_the_maps_after_a_while_only(qtbot: QtBot, window: MainWindow) -> None:
    held = Held()
    window.session.edit(edits.insert_layer(window.session.document, 0, held), "Hold")
    assert not window.stage.map_view.stale
    qtbot.waitUntil(lambda: window.stage.map_view.stale)
    assert window.maps.sheet.stale
    held.go.set()
    settled(qtbot, window)
    assert not window.stage.map_view.stale
    assert not window.maps.sheet.stale


def test_title__shows_the_file_and_whether_it_is_saved(window: MainWindow) -> None:
    assert "Untitled network" in window.windowTitle()
    assert not window.isWindowModified()
    action(window, "Delete").trigger()
    assert window.isWindowModified()
    window.session.undo_stack.undo()
    assert not window.isWindowModified()


def test_selection__shows_other_maps_and_keeps_channels(qtbot: QtBot, window: MainWindow) -> None:
    window.session.select_channel(5)
    window.session.select_layer(3)
    settled(qtbot, window)
    assert window.maps.sheet.arrangement.count == 4
    window.session.select_layer(0)
    settled(qtbot, window)
    assert window.session.channel == 5
    assert window.maps.sheet.current == 5


def test_selection__never_shows_maps_of_another_layer(qtbot: QtBot, window: MainWindow) -> None:
    for index in (3, 1, 4, 0, 2):
        window.session.select_layer(index)
        frame = settled(qtbot, window)
        view = frame.views[index]
        assert view is not None
        assert window.maps.sheet._tiles[0].view is view.maps[0]


def test_click_on_a_tile__selects_the_map(qtbot: QtBot, window: MainWindow) -> None:
    sheet = window.maps.sheet
    click(sheet.viewport(), QPointF(sheet.tile_rect(6).center()))
    assert window.session.channel == 6
    assert "blur" in window.stage.kernel._title.text()
    assert settled(qtbot, window).request.layer == 0


def test_shortcuts__no_two_commands_have_the_same_keys(window: MainWindow) -> None:
    seen: dict[str, str] = {}
    for one in window.commands._commands.all:
        for keys in one.shortcuts():
            text = keys.toString()
            assert text not in seen or seen[text] == one.text(), f"{text}: {seen[text]} and {one.text()}"
            seen[text] = one.text()


_KEYS = """
Ctrl+O Ctrl+Shift+O Ctrl+S Ctrl+Shift+S Ctrl+E Ctrl+, Ctrl+Q Ctrl+N Ctrl+Z Ctrl+Shift+Z Ctrl+Y Ctrl+C Ctrl+Shift+C
Ctrl+V Ctrl+B Ctrl+D Ins Alt+Up Alt+Down X K F1 F2 F6 F11 Ctrl+0 Ctrl+1 Ctrl+Shift+P
"""


@pytest.mark.parametrize("keys", _KEYS.split())
def test_shortcuts__are_there(window: MainWindow, keys: str) -> None:
    wanted = QKeySequence(keys)
    assert any(wanted in one.shortcuts() for one in window.commands._commands.all)


def test_undo_key__works_with_the_focus_in_the_grid(qtbot: QtBot, window: MainWindow) -> None:
    grid = window.stage.kernel.grid
    document = window.session.document
    window.activateWindow()
    click(grid, cell(grid, 0, 0))
    grid.setFocus()
    assert window.session.document is not document
    QTest.keyClick(grid, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert window.session.document is document


def test_stray_letters__change_nothing(qtbot: QtBot, window: MainWindow) -> None:
    document = window.session.document
    for focus in (window, window.maps.sheet, window.stage.map_view, window.stack.cards[0]):
        focus.setFocus()
        for key in (Qt.Key.Key_A, Qt.Key.Key_C, Qt.Key.Key_1, Qt.Key.Key_Minus):
            QTest.keyClick(focus, key)
    assert window.session.document is document


def test_delete_key__outside_the_stack_deletes_no_layer(qtbot: QtBot, window: MainWindow) -> None:
    document = window.session.document
    for focus in (window, window.stage.map_view):
        focus.setFocus()
        QTest.keyClick(focus, Qt.Key.Key_Delete)
    assert window.session.document is document
    window.maps.sheet.setFocus()
    QTest.keyClick(window.maps.sheet, Qt.Key.Key_Delete)  # a filter
    assert window.session.document.network.names == document.network.names


def test_panes__f6_walks_through_all(qtbot: QtBot, window: MainWindow) -> None:
    next_pane = action(window, "Next pane")
    seen = []
    for _ in range(4):
        next_pane.trigger()
        focused = QApplication.focusWidget()
        seen.append(focused)
    assert seen == [
        window.stack.cards[0],
        window.stage.kernel.grid,
        window.stage.map_view,
        window.maps.sheet,
    ]


def test_presentation__enlarges_the_text_and_comes_back(qtbot: QtBot, window: MainWindow) -> None:
    size = QApplication.font().pointSizeF()
    present = action(window, "Presentation")
    present.trigger()
    assert QApplication.font().pointSizeF() == pytest.approx(1.5 * size)
    assert not window.stack.isVisible()
    window.grab()
    present.trigger()
    assert QApplication.font().pointSizeF() == pytest.approx(size)
    assert window.stack.isVisible()


def test_restore_start__is_one_undo_step(qtbot: QtBot, window: MainWindow) -> None:
    action(window, "Delete").trigger()
    changed = window.session.document
    action(window, "Restore start example").trigger()
    assert window.session.document.network.names == start_document().network.names
    settled(qtbot, window)
    window.session.undo_stack.undo()
    assert window.session.document is changed


def test_theme__is_remembered_and_applied_at_once(window: MainWindow) -> None:
    window.preferences.set_theme("light")
    assert settings.load().theme == "light"
    assert window.palette().window().color().lightness() > 128
    window.grab()
    window.preferences.set_theme("dark")


def test_colour_map__is_remembered_and_shown(window: MainWindow) -> None:
    before = window.maps.sheet.grab().toImage()
    window.maps.choose_colour("grey")
    assert settings.load().colormap == "grey"
    assert window.maps.sheet.grab().toImage() != before


def test_hints__go_when_they_were_followed(qtbot: QtBot, window: MainWindow) -> None:
    grid = window.stage.kernel.grid
    assert window.status.hint == "paint"
    drag(grid, [cell(grid, 0, 0), cell(grid, 0, 1)])
    assert window.status.hint == "probe"
    view = window.stage.map_view
    move(view, QPointF(view.rect().center()), Qt.MouseButton.NoButton)
    assert window.status.hint == "drop"
    window.status._dismiss()
    assert window.status.hint == ""
    assert set(window.preferences.settings.hints_done) == {"paint", "probe", "drop"}


def test_enlarged_kernel__shows_and_edits_the_same(qtbot: QtBot, window: MainWindow) -> None:
    action(window, "Enlarge").trigger()
    large = window._enlarged
    assert large.isVisible()
    np.testing.assert_array_equal(large.grid.values, window.stage.kernel.grid.values)
    drag(large.grid, [cell(large.grid, 0, 0), cell(large.grid, 0, 2)])
    assert window.stage.kernel.grid.values[0].tolist() == [1, 1, 1]
    assert window.session.undo_stack.count() == 1
    QTest.keyClick(large.grid, Qt.Key.Key_Escape)
    assert not large.isVisible()


def test_enlarged_kernel__gives_the_focus_back_to_the_kernel(qtbot: QtBot, window: MainWindow) -> None:
    for _ in range(2):
        action(window, "Enlarge").trigger()
    assert window.focusWidget() is window.stage.kernel.grid


def test_enlarged_kernel__closes_when_a_layer_without_one_is_shown(qtbot: QtBot, window: MainWindow) -> None:
    action(window, "Enlarge").trigger()
    window.session.select_layer(1)
    settled(qtbot, window)
    assert not window._enlarged.isVisible()


def test_enlarged_kernel__paints_with_the_brush_of_the_moment(qtbot: QtBot, window: MainWindow) -> None:
    action(window, "Enlarge").trigger()
    window.stage.kernel.set_brush(2.0)
    grid = window._enlarged.grid
    click(grid, cell(grid, 0, 0))
    assert window.stage.kernel.grid.values[0, 0] == 2.0


def test_vectors__are_bars_everywhere(qtbot: QtBot, make_window: Callable[..., MainWindow]) -> None:
    window = make_window(small_document(Flatten(), Linear(out_features=5), Softmax()))
    for index in range(3):
        window.session.select_layer(index)
        settled(qtbot, window)
        assert window.maps.bars.isVisible()
        assert window.stage.map.bars.isVisible()
        window.grab()
    window.session.select_layer(1)
    window.maps.bars._pick(3)
    assert window.session.channel == 3


def test_focus__is_in_the_window_after_start(window: MainWindow) -> None:
    window.activateWindow()
    assert window.focusWidget() is not None


def test_drag_of_the_divider__is_kept(qtbot: QtBot, window: MainWindow) -> None:
    window._body.splitter.setSizes([300, 500])
    window._body._splitter_moved()
    sizes = window._body.splitter.sizes()
    window.picture_card._choose_rgb()
    settled(qtbot, window)
    assert window._body.splitter.sizes() == sizes


def test_mouse_leave__empties_the_status(window: MainWindow) -> None:
    view = window.stage.map_view
    move(view, QPointF(view.rect().center()), Qt.MouseButton.NoButton)
    assert "conv2d" in window.status._hovered.text()
    QApplication.sendEvent(view, QEvent(QEvent.Type.Leave))
    assert not window.status._hovered.text().strip()


def test_corner_buttons__do_what_their_commands_do(qtbot: QtBot, window: MainWindow) -> None:
    button = child(window, QToolButton, "Presentation (F11)")
    for on in (True, False):
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        assert action(window, "Presentation").isChecked() is on
        assert button.isChecked() is on
    action(window, "Delete").trigger()
    changed = window.session.document
    for icon_text, steps in (("Undo (Ctrl+Z)", 0), ("Redo (Ctrl+Shift+Z)", 1)):
        QTest.mouseClick(child(window, QToolButton, icon_text), Qt.MouseButton.LeftButton)
        assert window.session.undo_stack.index() == steps
    assert window.session.document is changed
    settled(qtbot, window)


def test_palette__the_exact_word_comes_first_and_submenus_are_named(window: MainWindow) -> None:
    palette = CommandPalette(window.commands._commands.all, window)
    palette._search.setText("light")
    first = palette._list.item(0)
    assert first is not None
    assert first.text().startswith("Theme: Light")
    palette._search.setText("flip")
    assert palette._list.item(0).text().startswith("Flip")
    palette.close()


def test_field__leaves_the_keys_of_commands_to_the_window(window: MainWindow) -> None:
    box = window.stage.kernel._size
    control = Qt.KeyboardModifier.ControlModifier
    for key in (Qt.Key.Key_U, Qt.Key.Key_K, Qt.Key.Key_Z):
        event = QKeyEvent(QEvent.Type.ShortcutOverride, key, control)
        event.ignore()
        box.event(event)
        assert not event.isAccepted()
    kept = QKeyEvent(QEvent.Type.ShortcutOverride, Qt.Key.Key_V, control)
    box.event(kept)
    assert kept.isAccepted()
