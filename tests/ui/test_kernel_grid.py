"""Painting: what the mouse and the keys do to a kernel."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QPaintEvent, QRegion
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from explorer.imaging.colormaps import COLORMAPS
from explorer.layers import Conv2d
from explorer.layers.brush import Symmetry
from explorer.layers.fields import Array
from explorer.ui import imagery
from explorer.ui.kernel_grid import KernelGrid
from explorer.ui.main_window import MainWindow
from tests.gui import (
    RIGHT,
    click,
    destroy_deferred,
    double_click,
    drag,
    drifts,
    mouse,
    move,
    press,
    release,
    wheel,
)
from tests.live.given import small_document
from tests.ui.driving import cell, settled

ALT, SHIFT = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ShiftModifier


class Log:
    """What a grid says."""

    def __init__(self, grid: KernelGrid) -> None:
        self.edits: list[tuple[Array, str, int]] = []
        self.finished = 0
        self.cancelled: list[int] = []
        self.picked: list[float] = []
        self.refused: list[str] = []
        grid.edited.connect(self._edited)
        grid.finished.connect(self._finished)
        grid.cancelled.connect(self.cancelled.append)
        grid.picked.connect(self.picked.append)
        grid.refused.connect(self.refused.append)

    def _edited(self, values: Array, text: str, gesture: int) -> None:
        self.edits.append((values, text, gesture))

    def _finished(self) -> None:
        self.finished += 1

    @property
    def gestures(self) -> set[int]:
        return {gesture for _, _, gesture in self.edits}


@pytest.fixture
def grid(qapp: QApplication) -> Iterator[KernelGrid]:
    """Seven by seven zeros, cells of 40 pixels."""
    result = KernelGrid()
    result.resize(284, 284)
    result.show_values(np.zeros((7, 7), np.float32), COLORMAPS[0], 1.0)
    result.show()
    result.activateWindow()
    result.setFocus()
    yield result
    result.deleteLater()
    destroy_deferred()


@pytest.fixture
def log(grid: KernelGrid) -> Log:
    return Log(grid)


def holds(grid: KernelGrid, *cells: tuple[int, int], value: float = 1.0) -> None:
    """Exactly these cells hold the value, the others 0."""
    expected = np.zeros_like(grid.values)
    for place in cells:
        expected[place] = value
    np.testing.assert_array_equal(grid.values, expected)


def test_press__paints_at_once(grid: KernelGrid, log: Log) -> None:
    before = grid.grab().toImage()
    press(grid, cell(grid, 2, 3))
    holds(grid, (2, 3))
    assert len(log.edits) == 1
    assert grid.grab().toImage() != before
    assert log.finished == 0
    release(grid, cell(grid, 2, 3))
    assert log.finished == 1


def test_press__edits_carry_their_own_array(grid: KernelGrid, log: Log) -> None:
    original = grid.values
    press(grid, cell(grid, 0, 0))
    first = log.edits[0][0]
    move(grid, cell(grid, 0, 1))
    assert original.sum() == 0
    assert first.sum() == 1
    release(grid, cell(grid, 0, 1))


def test_drag__has_no_holes_however_fast(grid: KernelGrid, log: Log) -> None:
    drag(grid, [cell(grid, 3, 0), cell(grid, 3, 6)])
    holds(grid, *[(3, column) for column in range(7)])
    assert len(log.gestures) == 1


def test_drag__diagonally_touches_every_cell_on_the_way(grid: KernelGrid) -> None:
    drag(grid, [cell(grid, 0, 0), cell(grid, 6, 6)])
    for index in range(7):
        assert grid.values[index, index] == 1


def test_drag__outside_and_back_goes_on(grid: KernelGrid, log: Log) -> None:
    press(grid, cell(grid, 0, 0))
    move(grid, QPointF(-50, -50))
    move(grid, QPointF(-50, 500))
    move(grid, cell(grid, 6, 6))
    release(grid, cell(grid, 6, 6))
    assert grid.values[6, 6] == 1
    assert len(log.gestures) == 1
    assert log.finished == 1


def test_press__outside_the_cells_does_nothing(grid: KernelGrid, log: Log) -> None:
    click(grid, QPointF(0, 0))
    assert not log.edits
    assert log.finished == 0


def test_press__on_the_same_value_erases_for_the_whole_stroke(grid: KernelGrid) -> None:
    drag(grid, [cell(grid, 1, 0), cell(grid, 1, 6)])
    drag(grid, [cell(grid, 1, 2), cell(grid, 1, 4)])
    holds(grid, (1, 0), (1, 1), (1, 5), (1, 6))


def test_right_button__erases(grid: KernelGrid) -> None:
    drag(grid, [cell(grid, 1, 0), cell(grid, 1, 6)])
    drag(grid, [cell(grid, 1, 0), cell(grid, 1, 3)], RIGHT)
    holds(grid, (1, 4), (1, 5), (1, 6))


def test_second_button__does_not_start_another_stroke(grid: KernelGrid, log: Log) -> None:
    press(grid, cell(grid, 0, 0))
    press(grid, cell(grid, 0, 0), RIGHT)
    holds(grid, (0, 0))
    release(grid, cell(grid, 0, 0))
    assert len(log.gestures) == 1


def test_shift_and_drag__changes_one_weight_continuously(grid: KernelGrid, log: Log) -> None:
    start = cell(grid, 3, 3)
    press(grid, start, keys=SHIFT)
    assert not log.edits
    move(grid, start - QPointF(0, 50))
    up = float(grid.values[3, 3])
    move(grid, start - QPointF(0, 25))
    assert 0 < float(grid.values[3, 3]) < up
    move(grid, start + QPointF(60, 50))
    assert float(grid.values[3, 3]) == pytest.approx(-up)
    release(grid, start)
    assert np.count_nonzero(grid.values) == 1
    assert len(log.gestures) == 1
    assert log.finished == 1


def test_escape__during_a_stroke_cancels_it(grid: KernelGrid, log: Log) -> None:
    press(grid, cell(grid, 0, 0))
    QTest.keyClick(grid, Qt.Key.Key_Escape)
    assert log.cancelled == [log.edits[0][2]]
    count = len(log.edits)
    move(grid, cell(grid, 4, 4))
    release(grid, cell(grid, 4, 4))
    assert len(log.edits) == count
    assert log.finished == 0


@pytest.mark.parametrize("way", ["alt", "pipette"])
def test_pick__takes_the_value_and_changes_nothing(grid: KernelGrid, log: Log, way: str) -> None:
    grid.values = np.arange(49, dtype=np.float32).reshape(7, 7)
    grid.picking = way == "pipette"
    click(grid, cell(grid, 2, 3), keys=ALT if way == "alt" else Qt.KeyboardModifier.NoModifier)
    assert log.picked == [17.0]
    assert not log.edits


def test_pick__twice_does_not_take_the_last_stroke_back(grid: KernelGrid, log: Log) -> None:
    click(grid, cell(grid, 0, 0))
    press(grid, cell(grid, 5, 5), keys=ALT)
    release(grid, cell(grid, 5, 5))
    mouse(grid, QEvent.Type.MouseButtonDblClick, cell(grid, 5, 5), keys=ALT)
    assert not log.cancelled


def test_double_click__types_a_number_and_takes_the_click_back(grid: KernelGrid, log: Log) -> None:
    double_click(grid, cell(grid, 1, 1))
    assert log.cancelled == [log.edits[0][2]]
    editor = editor_of(grid)
    QTest.keyClicks(editor, "1/4")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    assert grid.values[1, 1] == 0.25
    assert grid._editor is None
    assert grid._cursor == (1, 2)


def editor_of(grid: KernelGrid) -> QLineEdit:
    editor = grid._editor
    assert editor is not None
    assert editor.isVisible()
    return editor


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Tab])
def test_typing__goes_on_to_the_next_cell(grid: KernelGrid, log: Log, key: Qt.Key) -> None:
    QTest.keyClick(grid, Qt.Key.Key_3)
    QTest.keyClicks(editor_of(grid), ".5")
    QTest.keyClick(editor_of(grid), key)
    assert grid.values[0, 0] == 3.5
    assert grid._cursor == (0, 1)
    assert grid._editor is None
    assert log.finished == 1


def test_typing__escape_leaves_the_value(grid: KernelGrid, log: Log) -> None:
    QTest.keyClick(grid, Qt.Key.Key_9)
    QTest.keyClick(editor_of(grid), Qt.Key.Key_Escape)
    assert grid._editor is None
    assert not log.edits


@pytest.mark.parametrize(
    "words", ["nan", "inf", "-inf", "", "-", "1e999", "1e7", "words", "1/0", "1,5;2", "sqrt(-1)"]
)
def test_typing__what_is_no_number_is_refused_and_stays_in_the_field(
    grid: KernelGrid, log: Log, words: str
) -> None:
    QTest.keyClick(grid, Qt.Key.Key_Return)
    editor = editor_of(grid)
    editor.setText(words)
    QTest.keyClick(editor, Qt.Key.Key_Return)
    assert grid._editor is editor
    assert editor.isVisible()
    assert len(log.refused) == 1
    assert log.refused[0].endswith(".")
    assert not log.edits
    QTest.keyClick(editor, Qt.Key.Key_Escape)
    assert grid._editor is None


@pytest.mark.parametrize(
    ("words", "value"),
    [("1e5", 1e5), ("-2", -2), ("1/9", 1 / 9), ("sqrt(2)", 2**0.5), ("1,5", 1.5), ("−3", -3), (".5", 0.5)],
)
def test_typing__numbers_as_people_write_them(grid: KernelGrid, words: str, value: float) -> None:
    QTest.keyClick(grid, Qt.Key.Key_Return)
    editor_of(grid).setText(words)
    QTest.keyClick(editor_of(grid), Qt.Key.Key_Return)
    assert float(grid.values[0, 0]) == pytest.approx(value, rel=1e-5)


def test_typing__leaving_the_field_takes_a_good_number_and_drops_a_bad_one(
    grid: KernelGrid, log: Log
) -> None:
    QTest.keyClick(grid, Qt.Key.Key_4)
    click(grid, cell(grid, 6, 6))
    assert grid.values[0, 0] == 4
    assert grid.values[6, 6] == 1
    QTest.keyClick(grid, Qt.Key.Key_Return)
    editor = editor_of(grid)
    editor.setText("words")
    QApplication.sendEvent(editor, QEvent(QEvent.Type.FocusOut))
    assert grid._editor is None


def test_keys__walk_nudge_negate_clear_and_paint(grid: KernelGrid, log: Log) -> None:
    QTest.keyClick(grid, Qt.Key.Key_Down)
    QTest.keyClick(grid, Qt.Key.Key_Right)
    QTest.keyClick(grid, Qt.Key.Key_Space)
    holds(grid, (1, 1))
    QTest.keyClicks(grid, "+")
    assert float(grid.values[1, 1]) == pytest.approx(1.1)
    QTest.keyClicks(grid, "*")
    assert float(grid.values[1, 1]) == pytest.approx(-1.1)
    QTest.keyClicks(grid, "-")
    assert float(grid.values[1, 1]) == pytest.approx(-1.2)
    QTest.keyClick(grid, Qt.Key.Key_Delete)
    holds(grid)
    assert len(log.gestures) == 5
    assert log.finished == 5


def test_keys__the_cursor_stays_inside(grid: KernelGrid) -> None:
    for key in (Qt.Key.Key_Up, Qt.Key.Key_Left):
        QTest.keyClick(grid, key)
    assert grid._cursor == (0, 0)
    for _ in range(20):
        QTest.keyClick(grid, Qt.Key.Key_Down)
        QTest.keyClick(grid, Qt.Key.Key_Right)
    assert grid._cursor == (6, 6)
    grid.show_values(np.zeros((1, 2), np.float32), COLORMAPS[0])
    grid.grab()
    QTest.keyClick(grid, Qt.Key.Key_Space)
    assert grid.values.tolist() == [[0, 1]]


def test_values__end_at_a_million(grid: KernelGrid) -> None:
    grid.values = np.full((7, 7), 1e6, np.float32)
    QTest.keyClicks(grid, "+")
    assert grid.values[0, 0] == 1e6
    press(grid, cell(grid, 3, 3), keys=SHIFT)
    move(grid, cell(grid, 3, 3) - QPointF(0, 10_000))
    release(grid, cell(grid, 3, 3))
    assert grid.values[3, 3] == 1e6


def test_wheel__only_with_the_focus(grid: KernelGrid, log: Log) -> None:
    grid.clearFocus()
    assert not wheel(grid, cell(grid, 0, 0))
    assert not log.edits
    grid.setFocus()
    assert wheel(grid, cell(grid, 0, 0))
    assert float(grid.values[0, 0]) == pytest.approx(0.1)


def test_wheel__small_steps_add_up_and_are_one_gesture(qtbot: QtBot, grid: KernelGrid, log: Log) -> None:
    for _ in range(8):
        wheel(grid, cell(grid, 0, 0), 30)
    assert float(grid.values[0, 0]) == pytest.approx(0.2)
    assert len(log.gestures) == 1
    qtbot.waitUntil(lambda: log.finished == 1)


def test_wheel__does_not_delay_the_brush(grid: KernelGrid, log: Log) -> None:
    wheel(grid, cell(grid, 0, 0))
    press(grid, cell(grid, 5, 5))
    assert grid.values[5, 5] == 1
    release(grid, cell(grid, 5, 5))
    assert len(log.gestures) == 2


def test_hover__frames_a_cell_and_leaves(grid: KernelGrid) -> None:
    before = grid.grab().toImage()
    move(grid, cell(grid, 1, 1), Qt.MouseButton.NoButton)
    assert grid.grab().toImage() != before
    QApplication.sendEvent(grid, QEvent(QEvent.Type.Leave))
    assert grid.grab().toImage() == before


def test_painting__does_not_drift_the_counts_of_none_and_true(grid: KernelGrid) -> None:
    def stroke() -> None:
        drag(grid, [cell(grid, 0, 0), cell(grid, 0, 1)])

    drift = drifts(stroke)
    assert min(drift.values()) > -100, drift


# in the window


def test_stroke__is_one_undo_step(window: MainWindow) -> None:
    grid = window.stage.kernel.grid
    for row in range(3):
        drag(grid, [cell(grid, row, 0), cell(grid, row, 1), cell(grid, row, 2)])
    assert window.session.undo_stack.count() == 3


def test_double_click__in_the_window_leaves_only_what_was_typed(window: MainWindow) -> None:
    grid = window.stage.kernel.grid
    double_click(grid, cell(grid, 0, 0))
    assert grid.values[0, 0] == -1
    QTest.keyClicks(editor_of(grid), "7")
    QTest.keyClick(editor_of(grid), Qt.Key.Key_Return)
    assert grid.values[0, 0] == 7
    assert window.session.undo_stack.count() == 1
    window.session.undo_stack.undo()
    np.testing.assert_array_equal(grid.values, [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])


def test_x__flips_the_brush(window: MainWindow) -> None:
    window.activateWindow()
    grid = window.stage.kernel.grid
    grid.setFocus()
    brushes = []
    for _ in range(2):
        QTest.keyClick(grid, Qt.Key.Key_X)
        brushes.append(grid.brush)
    assert brushes == [-1, 1]
    window.stage.kernel.set_brush(0.0)
    QTest.keyClick(grid, Qt.Key.Key_X)
    assert str(grid.brush) == "0.0"


def test_pipette__in_the_window_picks_once(window: MainWindow) -> None:
    panel, grid = window.stage.kernel, window.stage.kernel.grid
    panel.bar._pick.click()
    states = [grid.picking]
    click(grid, cell(grid, 1, 0))
    states.append(grid.picking)
    assert states == [True, False]
    assert grid.brush == -2
    assert not panel.bar._pick.isChecked()
    click(grid, cell(grid, 0, 1))
    assert grid.values[0, 1] == -2


def test_swatches__set_the_brush_and_show_it(window: MainWindow) -> None:
    panel = window.stage.kernel
    for button, value in panel.bar._swatches.items():
        button.click()
        assert panel.grid.brush == value
        assert [one.isChecked() for one in panel.bar._swatches].count(True) == 1
        assert button.isChecked()


def test_all_channels__are_painted_at_once(qtbot: QtBot, make_window: Callable[..., MainWindow]) -> None:
    window = make_window()
    window.picture_card._choose_rgb()
    panel = window.stage.kernel
    panel._all.setChecked(True)
    click(panel.grid, cell(panel.grid, 0, 0))
    fitted = panel.selected.fitted()
    assert fitted is not None
    assert fitted.weight is not None
    assert fitted.weight[0, :, 0, 0].tolist() == [1, 1, 1]


def test_colours__only_grow_during_a_stroke(window: MainWindow) -> None:
    panel, grid = window.stage.kernel, window.stage.kernel.grid
    panel.set_brush(40.0)
    press(grid, cell(grid, 0, 0))
    reach = grid.reach
    assert reach >= 40
    move(grid, cell(grid, 0, 1))
    assert grid.reach >= reach
    release(grid, cell(grid, 0, 1))
    assert grid.reach == 50


def test_kernel_size__keeps_what_was_drawn_in_the_middle(window: MainWindow) -> None:
    panel = window.stage.kernel
    panel._size.setValue(5)
    np.testing.assert_array_equal(panel.grid.values[1:4, 1:4], [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    assert panel.grid.values[0].tolist() == [0] * 5
    panel._size.setValue(1)
    assert panel.grid.values.tolist() == [[0]]
    panel._size.setValue(3)
    np.testing.assert_array_equal(panel.grid.values, [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])


def test_bias__is_typed(window: MainWindow) -> None:
    panel = window.stage.kernel
    panel._bias.setFocus()
    panel._bias.selectAll()
    QTest.keyClicks(panel._bias, "0.5")
    QTest.keyClick(panel._bias, Qt.Key.Key_Return)
    layer = panel.selected.fitted()
    assert layer is not None
    assert layer.bias_values is not None
    assert layer.bias_values[0] == 0.5
    assert window.session.undo_stack.count() == 1


def test_groups__show_the_kernels_own_input(qtbot: QtBot, make_window: Callable[..., MainWindow]) -> None:
    window = make_window(small_document(Conv2d(out_channels=4), Conv2d(out_channels=4, groups=2)))
    window.session.select_layer(1)
    window.session.select_channel(3)
    qtbot.waitUntil(lambda: "#2 of 4" in window.stage.input.title.text())
    window.stage.kernel.set_channel(1)
    assert "#3 of 4" in window.stage.input.title.text()


def test_stroke__ends_where_an_undo_changes_the_kernel_under_it(window: MainWindow) -> None:
    grid, before = window.stage.kernel.grid, window.session.document
    window.stage.kernel._size.setValue(5)
    press(grid, cell(grid, 0, 0))
    window.session.undo_stack.undo()
    window.session.undo_stack.undo()
    assert window.session.document is before
    move(grid, cell(grid, 2, 2))
    release(grid, cell(grid, 2, 2))
    assert window.session.document is before
    assert window.session.gesture is None
    assert grid.values.shape == (3, 3)


def test_stroke__ends_where_another_input_channel_is_shown(make_window: Callable[..., MainWindow]) -> None:
    window = make_window(small_document(Conv2d(out_channels=3), Conv2d(out_channels=2)))
    window.session.select_layer(1)
    grid, panel = window.stage.kernel.grid, window.stage.kernel
    press(grid, cell(grid, 0, 0))
    panel.set_channel(1)
    painted, shown = window.session.document, grid.values.copy()
    move(grid, cell(grid, 2, 2))
    release(grid, cell(grid, 2, 2))
    assert window.session.document is painted
    np.testing.assert_array_equal(grid.values, shown)


def test_typing__into_a_cell_that_is_gone_changes_nothing(window: MainWindow) -> None:
    panel = window.stage.kernel
    panel._size.setValue(5)
    double_click(panel.grid, cell(panel.grid, 4, 4))
    before = window.session.document
    assert panel.grid.findChildren(QLineEdit)
    panel.selected.set_size((3, 3))
    assert panel.grid._editor is None
    window.session.undo_stack.undo()
    assert window.session.document is before


def test_selection__is_under_the_brush_before_its_maps_are_there(
    qtbot: QtBot, make_window: Callable[..., MainWindow]
) -> None:
    window = make_window(small_document(Conv2d(), Conv2d(), Conv2d(kernel_size=(5, 4), out_channels=2)))
    before = window.session.document
    window.session.select_layer(2)
    grid = window.stage.kernel.grid
    assert grid.values.shape == (5, 4)
    click(grid, cell(grid, 4, 3))
    edited = window.session.document
    assert edited is not before
    assert edited.network.layers[:2] == before.network.layers[:2]
    settled(qtbot, window)


class PaintLog(QObject):
    """The parts of a widget that were painted."""

    def __init__(self, watched: QWidget) -> None:
        super().__init__(watched)
        self.region = QRegion()
        watched.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QPaintEvent):
            self.region = self.region.united(event.region())
        return False


@pytest.mark.parametrize(
    ("size", "cells", "radius", "symmetry"),
    [
        (284, 7, 0.0, Symmetry.NONE),
        (284, 7, 1.5, Symmetry.NONE),
        (284, 13, 0.0, Symmetry.FOUR_FOLD),
        (284, 13, 2.0, Symmetry.NONE),
        (284, 31, 0.0, Symmetry.NONE),
        (720, 31, 3.0, Symmetry.NONE),
        (720, 31, 0.0, Symmetry.FOUR_FOLD),
    ],
    ids=str,
)
def test_painting__again_covers_every_pixel_that_looks_different(
    grid: KernelGrid, size: int, cells: int, radius: float, symmetry: Symmetry
) -> None:
    grid.resize(size, size)
    grid.show_values(np.full((cells, cells), 0.25, np.float32), COLORMAPS[0], 2.0)
    grid.radius, grid.symmetry = radius, symmetry
    QApplication.processEvents()
    before, log = imagery.array(grid.grab().toImage()), PaintLog(grid)
    ratio = grid.devicePixelRatio()

    def check() -> QRegion:
        nonlocal before
        QApplication.processEvents()
        painted, after = log.region, imagery.array(grid.grab().toImage())
        log.region = QRegion()
        different = np.argwhere((after != before).any(axis=2))
        assert all(painted.contains(QPoint(int(x / ratio), int(y / ratio))) for y, x in different)
        before = after
        assert len(different)
        return painted

    press(grid, cell(grid, 1, 1))
    check()
    whole = grid.rect().width() * grid.rect().height()
    for row, column in ((1, 2), (2, 3), (4, 3), (cells - 1, cells - 2)):
        move(grid, cell(grid, row, column))
        painted = check().boundingRect()
        if radius == 0 and symmetry is Symmetry.NONE and row < 3 and cells > 7:
            assert painted.width() * painted.height() < whole / 4
    release(grid, cell(grid, cells - 1, cells - 2))
    QApplication.sendEvent(grid, QEvent(QEvent.Type.Leave))
    check()


def test_painting__large_kernels_have_the_colours_of_small_ones(grid: KernelGrid) -> None:
    values = np.linspace(-1.5, 1.5, 31 * 31, dtype=np.float32).reshape(31, 31)
    values[3, 4] = np.nan
    for colormap in COLORMAPS:
        grid.show_values(values, colormap, 1.5)
        picture = imagery.array(grid.grab().toImage())
        ratio = grid.devicePixelRatio()
        for row, column in ((0, 0), (3, 4), (15, 15), (20, 7), (30, 30)):
            middle = grid.cell_rect(row, column).center()
            shown = QColor(*picture[int(middle.y() * ratio), int(middle.x() * ratio)].tolist())
            assert shown == grid.colour(float(values[row, column]))
