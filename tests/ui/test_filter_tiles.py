"""Filters handled on the tiles of the sheet: with the mouse, by keyboard, and back by undo."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from explorer.document import edits, filter_edits
from explorer.layers import Conv2d
from explorer.ui import filter_order
from explorer.ui.main_window import MainWindow
from explorer.ui.tile_editor import BiasPopup, NameEditor
from tests.gui import RIGHT, click, double_click, mouse, move, press, release
from tests.ui.driving import layer, settled

pytestmark = pytest.mark.qt_log_ignore("does not support grabbing the keyboard", extend=True)

CTRL, SHIFT, ALT = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
)
START = ("edge right", "edge left", "edge down", "edge up", "outline", "sharpen", "blur", "identity")


def names(window: MainWindow) -> tuple[str, ...]:
    """What the filters of the selected convolution are called."""
    convolution = layer(window)
    assert isinstance(convolution, Conv2d)
    return tuple(convolution.filter_name(index) for index in range(convolution.out_channels))


def selected(window: MainWindow) -> tuple[int, ...]:
    """The selected tiles."""
    return window.maps.selection


def middle(window: MainWindow, index: int) -> QPointF:
    """Of a tile."""
    return QPointF(window.maps.sheet.tile_rect(index).center())


def caption(window: MainWindow, index: int) -> QPointF:
    """A point in the line below a tile."""
    rect = window.maps.sheet.tile_rect(index)
    return QPointF(rect.center().x(), rect.bottom() + 12)


def pick(window: MainWindow, *indices: int) -> None:
    """Select tiles with the mouse."""
    sheet = window.maps.sheet
    click(sheet.viewport(), middle(window, indices[0]))
    for index in indices[1:]:
        press(sheet.viewport(), middle(window, index), keys=CTRL)
        mouse(sheet.viewport(), QEvent.Type.MouseButtonRelease, middle(window, index), keys=CTRL)


def drag_to(
    window: MainWindow,
    index: int,
    target: QPointF,
    keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> None:
    """Drag a tile and let it go."""
    viewport = window.maps.sheet.viewport()
    start = middle(window, index)
    press(viewport, start, keys=keys)
    move(viewport, start + QPointF(9, 0), keys=keys)
    move(viewport, target, keys=keys)
    mouse(viewport, QEvent.Type.MouseButtonRelease, target, keys=keys)


def left_of(window: MainWindow, index: int) -> QPointF:
    """A point in the left part of a tile: before it."""
    rect = window.maps.sheet.tile_rect(index)
    return QPointF(rect.left() + 10, rect.center().y())


def test_clicks__select_several(window: MainWindow) -> None:
    sheet = window.maps.sheet
    pick(window, 2, 5, 0)
    assert (selected(window), window.session.channel) == ((0, 2, 5), 0)
    assert "3 selected" in window.maps.header.title.text()
    pick(window, 6)
    click(sheet.viewport(), middle(window, 3), keys=SHIFT)
    assert (selected(window), window.session.channel) == ((3, 4, 5, 6), 3)
    click(sheet.viewport(), middle(window, 4))
    assert selected(window) == (4,)
    assert "selected" not in window.maps.header.title.text()


def test_current_one__can_be_taken_out_but_not_the_last(window: MainWindow) -> None:
    pick(window, 2, 5)
    pick_again = window.maps.sheet.viewport()
    for _ in range(2):
        press(pick_again, middle(window, 5), keys=CTRL)
        mouse(pick_again, QEvent.Type.MouseButtonRelease, middle(window, 5), keys=CTRL)
    assert selected(window) == (2, 5)
    QTest.keyClick(window.maps.sheet, Qt.Key.Key_Space, CTRL)
    QTest.keyClick(window.maps.sheet, Qt.Key.Key_Space, CTRL)
    assert selected(window) == (2,)
    assert window.session.channel == 2


def test_keys__select_several(window: MainWindow) -> None:
    sheet = window.maps.sheet
    pick(window, 1)
    QTest.keyClick(sheet, Qt.Key.Key_Right, SHIFT)
    QTest.keyClick(sheet, Qt.Key.Key_Right, SHIFT)
    assert (selected(window), window.session.channel) == ((1, 2, 3), 3)
    QTest.keyClick(sheet, Qt.Key.Key_Left, SHIFT)
    assert selected(window) == (1, 2)
    QTest.keyClick(sheet, Qt.Key.Key_A, CTRL)
    assert selected(window) == tuple(range(8))
    assert window.session.channel == 2
    QTest.keyClick(sheet, Qt.Key.Key_Escape)
    assert selected(window) == (2,)


def test_selection__of_several_ends_with_the_layer(qtbot: QtBot, window: MainWindow) -> None:
    window.maps.select_all()
    window.session.select_layer(1)
    settled(qtbot, window)
    assert selected(window) == (0,)


def test_drag__reorders_and_the_same_filter_stays_selected(qtbot: QtBot, window: MainWindow) -> None:
    steps = window.session.undo_stack.count()
    drag_to(window, 0, left_of(window, 3))
    expected = ("edge left", "edge down", "edge right", *START[3:])
    assert names(window) == expected
    assert window.session.channel == 2
    assert selected(window) == (2,)
    assert window.session.undo_stack.count() == steps + 1
    frame = settled(qtbot, window)
    assert [tile.name for tile in window.maps.sheet._tiles] == list(expected)
    assert frame.views[0] is not None
    window.session.undo_stack.undo()
    assert names(window) == START
    assert window.session.channel == 0
    settled(qtbot, window)
    window.session.undo_stack.redo()
    assert (names(window), window.session.channel) == (expected, 2)


def test_drag__tiles_stand_in_the_new_order_before_they_are_computed(window: MainWindow) -> None:
    before = [tile.view.content for tile in window.maps.sheet._tiles]
    drag_to(window, 0, left_of(window, 3))
    after = [tile.view.content for tile in window.maps.sheet._tiles]
    assert after == [before[1], before[2], before[0], *before[3:]]
    QTest.keyClick(window.maps.sheet, Qt.Key.Key_Right, ALT)
    again = [tile.view.content for tile in window.maps.sheet._tiles]
    assert again == [before[1], before[2], before[3], before[0], *before[4:]]
    window.session.undo_stack.undo()
    window.session.undo_stack.undo()
    assert [tile.view.content for tile in window.maps.sheet._tiles] == before


def test_drag__takes_all_that_are_selected(qtbot: QtBot, window: MainWindow) -> None:
    pick(window, 0, 2, 5)
    drag_to(window, 2, left_of(window, 7))
    assert names(window) == (
        "edge left",
        "edge up",
        "outline",
        "blur",
        "edge right",
        "edge down",
        "sharpen",
        "identity",
    )
    assert selected(window) == (4, 5, 6)
    settled(qtbot, window)
    assert selected(window) == (4, 5, 6)


def test_drag_with_ctrl__copies_only_what_was_dragged(qtbot: QtBot, window: MainWindow) -> None:
    pick(window, 0)
    drag_to(window, 6, left_of(window, 1), CTRL)
    assert names(window) == ("edge right", "blur", *START[1:])
    settled(qtbot, window)
    assert selected(window) == (1,)
    assert window.maps.sheet.arrangement.count == 9


def test_drag__escape_and_short_ways_do_nothing(window: MainWindow) -> None:
    document, viewport = window.session.document, window.maps.sheet.viewport()
    press(viewport, middle(window, 0))
    move(viewport, middle(window, 4))
    QTest.keyClick(window.maps.sheet, Qt.Key.Key_Escape)
    release(viewport, middle(window, 4))
    press(viewport, middle(window, 1))
    move(viewport, middle(window, 1) + QPointF(3, 2))
    release(viewport, middle(window, 1) + QPointF(3, 2))
    drag_to(window, 1, middle(window, 1) + QPointF(12, 0))
    assert window.session.document is document
    assert window.session.channel == 1


def test_drag__outside_a_convolution_does_nothing(qtbot: QtBot, window: MainWindow) -> None:
    window.session.select_layer(1)
    settled(qtbot, window)
    document = window.session.document
    drag_to(window, 0, left_of(window, 3))
    assert window.session.document is document


def test_drag__draws_no_other_map_again(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    viewport = window.maps.sheet.viewport()
    press(viewport, middle(window, 0))
    move(viewport, middle(window, 0) + QPointF(9, 0))
    QApplication.processEvents()
    drawn: list[int] = []
    monkeypatch.setattr(window.maps.sheet, "_paint_tile", lambda painter, index, _: drawn.append(index))
    for step in range(20):
        move(viewport, middle(window, 0) + QPointF(10 + step, 0))
        QApplication.processEvents()
    assert set(drawn) <= {0, 1, 4, 5}
    QTest.keyClick(window.maps.sheet, Qt.Key.Key_Escape)


def test_what_follows__reads_the_same(qtbot: QtBot, window: MainWindow) -> None:
    before = settled(qtbot, window).result.outputs[-1].copy()
    drag_to(window, 1, left_of(window, 6))
    QTest.keyClick(window.maps.sheet, Qt.Key.Key_D, CTRL | SHIFT)
    window.maps.add_filter()
    after = settled(qtbot, window).result.outputs[-1]
    np.testing.assert_allclose(after, before, atol=1e-4 * float(np.abs(before).max()))


def test_alt_arrows__move_by_one_and_stop_at_the_ends(window: MainWindow) -> None:
    sheet = window.maps.sheet
    pick(window, 6, 7)
    QTest.keyClick(sheet, Qt.Key.Key_Right, ALT)
    assert names(window) == START
    QTest.keyClick(sheet, Qt.Key.Key_Left, ALT)
    QTest.keyClick(sheet, Qt.Key.Key_Left, ALT)
    assert names(window) == (*START[:4], "blur", "identity", "outline", "sharpen")
    assert selected(window) == (4, 5)


def test_delete__removes_the_selected_and_undo_brings_them_back(qtbot: QtBot, window: MainWindow) -> None:
    pick(window, 1, 2, 6)
    QTest.keyClick(window.maps.sheet, Qt.Key.Key_Delete)
    assert names(window) == ("edge right", "edge up", "outline", "sharpen", "identity")
    assert window.session.undo_stack.undoText() == "Delete 3 filters"
    settled(qtbot, window)
    assert selected(window) == (4,)
    window.session.undo_stack.undo()
    assert names(window) == START
    settled(qtbot, window)
    assert selected(window) == (1, 2, 6)


def test_delete__one_filter_stays(window: MainWindow) -> None:
    said: list[str] = []
    window.maps.message.connect(said.append)
    document = window.session.document
    window.maps.select_all()
    QTest.keyClick(window.maps.sheet, Qt.Key.Key_Delete)
    assert window.session.document is document
    assert "at least one filter" in said[0]


def test_duplicate__selects_the_copies(qtbot: QtBot, window: MainWindow) -> None:
    pick(window, 0, 2)
    QTest.keyClick(window.maps.sheet, Qt.Key.Key_D, CTRL | SHIFT)
    assert names(window) == ("edge right", "edge right", "edge left", "edge down", "edge down", *START[3:])
    assert selected(window) == (1, 4)
    settled(qtbot, window)
    assert selected(window) == (1, 4)


def test_add__puts_a_new_one_at_the_end(qtbot: QtBot, window: MainWindow) -> None:
    click(window.maps.header.add, QPointF(8, 8))
    assert names(window) == (*START, "")
    settled(qtbot, window)
    assert selected(window) == (8,)
    assert window.maps.sheet._tiles[8].kernel is not None


def test_sort__by_norm_keeps_the_selection(qtbot: QtBot, window: MainWindow) -> None:
    pick(window, 0, 7)
    window.maps.sort_filters()
    weight = filter_edits.running_weights(window.session.document, 0)
    norms = np.linalg.norm(weight.reshape(8, -1), axis=1)
    assert (np.diff(norms) <= 0).all()
    assert {names(window)[index] for index in selected(window)} == {"edge right", "identity"}
    assert names(window)[window.session.channel] == "identity"


def test_f2__renames_the_filter_inline(qtbot: QtBot, window: MainWindow) -> None:
    window.activateWindow()
    window.maps.sheet.setFocus()
    pick(window, 3)
    key = QKeyEvent(QEvent.Type.ShortcutOverride, Qt.Key.Key_F2, Qt.KeyboardModifier.NoModifier)
    key.ignore()
    QApplication.sendEvent(window.maps.sheet, key)
    assert key.isAccepted()
    QTest.keyClick(window.maps.sheet, Qt.Key.Key_F2)
    editor = window.maps.sheet.findChild(NameEditor)
    assert editor is not None
    assert editor.text() == "edge up"
    QTest.keyClicks(editor, "roofs")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    assert names(window)[3] == "roofs"
    assert window.maps.sheet.hasFocus()
    assert window.session.undo_stack.undoText() == "Rename filter"
    settled(qtbot, window)
    assert window.maps.sheet._tiles[3].name == "roofs"


def test_double_click_on_a_caption__renames_and_escape_keeps_the_name(window: MainWindow) -> None:
    document = window.session.document
    double_click(window.maps.sheet.viewport(), caption(window, 5))
    editor = window.maps.sheet.findChild(QLineEdit)
    assert editor is not None
    QTest.keyClicks(editor, "x" * 100)
    assert len(editor.text()) == 60
    QTest.keyClick(editor, Qt.Key.Key_Escape)
    assert window.session.document is document
    double_click(window.maps.sheet.viewport(), middle(window, 5))
    assert window.maps.sheet._editor is None


def test_bias__is_one_step_for_all_selected(qtbot: QtBot, window: MainWindow) -> None:
    steps = window.session.undo_stack.count()
    pick(window, 1, 4)
    window.maps.edit_bias()
    popup = window.maps.sheet.findChild(BiasPopup)
    assert popup is not None
    for _ in range(5):
        QTest.keyClick(popup.field, Qt.Key.Key_Up)
    popup.close()
    convolution = layer(window)
    assert isinstance(convolution, Conv2d)
    assert convolution.bias_values is not None
    np.testing.assert_allclose(convolution.bias_values, [0, 0.5, 0, 0, 0.5, 0, 0, 0])
    assert window.session.undo_stack.count() == steps + 1
    settled(qtbot, window)
    assert selected(window) == (1, 4)


def test_menu__says_why_other_layers_have_no_filters(qtbot: QtBot, window: MainWindow) -> None:
    window.session.select_layer(1)
    settled(qtbot, window)
    sheet, menu = window.maps.sheet, window.maps.filters.menu
    place = middle(window, 2)
    press(sheet.viewport(), place, RIGHT)
    event = QContextMenuEvent(
        QContextMenuEvent.Reason.Mouse, place.toPoint(), sheet.viewport().mapToGlobal(place.toPoint())
    )
    QApplication.sendEvent(sheet.viewport(), event)
    assert menu.isVisible()
    assert window.session.channel == 2
    refused = [action for action in menu.actions() if not action.isEnabled() and action.text()]
    assert len(refused) == 6
    assert all("no filters" in action.toolTip() for action in refused)
    menu.close()
    assert not window.maps.header.add.isEnabled()
    said: list[str] = []
    window.maps.message.connect(said.append)
    QTest.keyClick(sheet, Qt.Key.Key_Delete)
    assert "no filters" in said[0]


def test_menu__by_keyboard_is_at_the_tile(window: MainWindow) -> None:
    sheet, menu = window.maps.sheet, window.maps.filters.menu
    QApplication.sendEvent(
        sheet, QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(0, 0), QPoint(0, 0))
    )
    assert menu.isVisible()
    assert [action for action in menu.actions() if not action.isEnabled() and action.text()] == []
    menu.close()


def test_switched_off__filters_cannot_be_changed(window: MainWindow) -> None:
    window.session.select_layer(3)
    off = replace(layer(window), enabled=False)
    window.session.edit(edits.replace_layer(window.session.document, 3, off), "Switch off")
    assert "switched off" in window.maps.filters.why_not()
    assert not window.maps.sheet.draggable


def test_any_series_of_edits__ends_where_it_began(qtbot: QtBot, window: MainWindow) -> None:
    """Whatever was done, undoing it all selects and shows what was there."""
    rng = np.random.default_rng(5)
    maps, document = window.maps, window.session.document
    pick(window, 2, 4)
    filters = maps.filters
    actions = (
        maps.add_filter,
        maps.duplicate_filters,
        maps.delete_filters,
        maps.sort_filters,
        filters.move_to_front,
        lambda: filters.move(1),
        lambda: filters.move(-1),
    )
    for number in rng.integers(0, len(actions), 40):
        actions[number]()
        chosen = selected(window)
        assert chosen == tuple(sorted(set(chosen)))
        assert window.session.channel in chosen
        assert chosen[-1] < len(names(window))
    settled(qtbot, window)
    assert maps.sheet.arrangement.count == len(names(window))
    while window.session.undo_stack.canUndo():
        window.session.undo_stack.undo()
    assert window.session.document is document
    assert selected(window) == (2, 4)
    settled(qtbot, window)
    assert selected(window) == (2, 4)


@pytest.mark.parametrize("seed", range(20))
def test_orders__hold_every_filter_once(seed: int) -> None:
    rng = np.random.default_rng(seed)
    count = int(rng.integers(1, 12))
    chosen = tuple(sorted(rng.choice(count, int(rng.integers(1, count + 1)), replace=False).tolist()))
    current, slot = chosen[len(chosen) // 2], int(rng.integers(0, count + 1))
    for plan in (
        filter_order.moved(count, chosen, slot, current),
        filter_order.nudged(count, chosen, -1, current),
        filter_order.nudged(count, chosen, 1, current),
    ):
        assert sorted(source for source in plan.sources if source is not None) == list(range(count))
        assert [plan.sources[place] for place in plan.chosen] == list(chosen)
        assert plan.sources[plan.current] == current
        back = plan.undone(count, chosen, current)
        assert back.after(plan).sources == tuple(range(count))
    copies = filter_order.duplicated(count, chosen, current, slot)
    assert tuple(copies.sources[place] for place in copies.chosen) == chosen
    behind = filter_order.duplicated(count, chosen, current)
    assert all(behind.sources[place] == behind.sources[place - 1] for place in behind.chosen)
    left = filter_order.removed(count, chosen, current)
    assert set(left.sources).isdisjoint(chosen)


def test_order__is_changed_after_the_number_of_filters_was_changed_elsewhere(
    qtbot: QtBot, window: MainWindow
) -> None:
    window.maps.filters.move(1)  # its maps are not there yet
    convolution = layer(window)
    assert isinstance(convolution, Conv2d)
    more = replace(convolution, out_channels=convolution.out_channels + 4)
    window.session.edit(edits.replace_layer(window.session.document, 0, more), "Filters")
    window.session.select_channel(convolution.out_channels + 2)
    window.maps.filters.move(1)
    window.maps.refresh()
    settled(qtbot, window)
    assert window.maps.sheet.count == convolution.out_channels + 4
    assert selected(window) == (convolution.out_channels + 3,)
