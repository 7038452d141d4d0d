"""The kernel studio in the window: symmetry, arithmetic, presets, text, correlation or convolution."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from explorer.document import edits
from explorer.imaging.samples import load_sample
from explorer.layers import Conv2d
from explorer.layers.brush import Symmetry
from explorer.layers.filters import named
from explorer.ui.main_window import MainWindow
from tests.gui import click, drag
from tests.ui.driving import action, cell, kernel, layer, sentences, settled


@pytest.fixture
def window(make_window: Callable[..., MainWindow]) -> MainWindow:
    return make_window()


def chosen(window: MainWindow) -> Conv2d:
    """The selected convolution with its running weights."""
    fitted = window.stage.kernel.selected.fitted()
    assert fitted is not None
    return fitted


def test_symmetry__is_chosen_in_the_menu_and_holds_for_strokes(window: MainWindow) -> None:
    grid = window.stage.kernel.grid
    window.stage.kernel.set_symmetry(Symmetry.ANTI)
    drag(grid, [cell(grid, row, 0) for row in range(3)])
    np.testing.assert_array_equal(kernel(window), [[1, 0, -1]] * 3)
    assert window.session.undo_stack.count() == 1
    window.session.undo_stack.undo()
    np.testing.assert_array_equal(kernel(window), named("edge right")((3, 3)))


def test_symmetry__holds_for_keys(window: MainWindow) -> None:
    grid = window.stage.kernel.grid
    window.stage.kernel.set_symmetry(Symmetry.UP_DOWN)
    grid.setFocus()
    QTest.keyClick(grid, Qt.Key.Key_Space)
    assert kernel(window)[0, 0] == kernel(window)[2, 0] == 1


def test_soft_brush__needs_a_kernel_of_seven(window: MainWindow) -> None:
    panel = window.stage.kernel
    panel.set_radius(2.0)
    assert panel.grid.soft_radius == 0
    panel.selected.set_size((7, 7))
    assert panel.grid.soft_radius == 2
    panel.set_brush(5.0)
    click(panel.grid, cell(panel.grid, 0, 0))
    assert kernel(window)[0, 0] == 5
    assert 0 < kernel(window)[0, 1] < 5


def test_bracket_keys__make_the_brush_softer_and_harder(window: MainWindow) -> None:
    grid = window.stage.kernel.grid
    grid.setFocus()
    QTest.keyClicks(grid, "]]")
    softer = grid.radius
    QTest.keyClicks(grid, "[[")
    assert softer > 0
    assert grid.radius == 0


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("Flip left – right", [[1, 0, -1], [2, 0, -2], [1, 0, -1]]),
        ("Rotate by 90°", [[-1, -2, -1], [0, 0, 0], [1, 2, 1]]),
        ("Negate", [[1, 0, -1], [2, 0, -2], [1, 0, -1]]),
        ("Transpose", [[-1, -2, -1], [0, 0, 0], [1, 2, 1]]),
    ],
)
def test_arithmetic__is_one_undo_step_and_marks_the_name(
    window: MainWindow, words: str, expected: list[list[int]]
) -> None:
    action(window, words).trigger()
    np.testing.assert_array_equal(kernel(window), expected)
    assert chosen(window).filter_name(0) == "edge right (edited)"
    assert window.session.undo_stack.count() == 1


def test_normalise__a_sum_of_zero_is_said_and_changes_nothing(window: MainWindow) -> None:
    before = window.session.document
    action(window, "Sum 1").trigger()
    assert window.session.document is before
    assert len(sentences(window)) == 1


def test_arithmetic__applies_to_all_filters_selected_on_the_sheet(window: MainWindow) -> None:
    before = chosen(window).weight
    window.stage.kernel.selected.also = (0, 2, 3)
    action(window, "Negate").trigger()
    after = chosen(window).weight
    assert before is not None
    assert after is not None
    np.testing.assert_array_equal(after[[0, 2, 3]], -before[[0, 2, 3]])
    np.testing.assert_array_equal(after[1], before[1])


def test_rotate__of_a_kernel_that_is_not_square_turns_the_layer(window: MainWindow) -> None:
    window.stage.kernel.selected.set_size((1, 3))
    action(window, "Rotate by 90°").trigger()
    assert chosen(window).kernel_size == (3, 1)
    np.testing.assert_array_equal(kernel(window), [[-2], [0], [2]])


def test_same_kernel_in_all_channels__with_and_without_grey(window: MainWindow) -> None:
    window.picture_card._choose_rgb()
    window.stage.kernel.set_channel(1)
    window.stage.kernel.selected.paint(np.full((3, 3), 3, np.float32), "Paint", None)
    action(window, "Same kernel, as for grey").trigger()
    weight = chosen(window).weight
    assert weight is not None
    assert (weight[0] == 1).all()


def test_text__copies_and_pastes_a_kernel(window: MainWindow) -> None:
    grid = window.stage.kernel.grid
    grid.setFocus()
    QTest.keyClick(grid, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    copied = QGuiApplication.clipboard().text()
    assert copied.splitlines()[1].split("\t") == ["-2", "0", "2"]
    QGuiApplication.clipboard().setText("1 2\n3 4\n5 6")
    QTest.keyClick(grid, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    np.testing.assert_array_equal(kernel(window), [[1, 2], [3, 4], [5, 6]])
    window.session.undo_stack.undo()
    np.testing.assert_array_equal(kernel(window), named("edge right")((3, 3)))


def test_text__that_is_no_kernel_names_row_and_column(window: MainWindow) -> None:
    before = window.session.document
    QGuiApplication.clipboard().setText("1 2\n3 four")
    window.stage.kernel.paste_requested.emit()
    assert window.session.document is before
    assert "row 2" in sentences(window)[0].lower()
    assert "column 2" in sentences(window)[0].lower()


def test_presets__preview_is_taken_back_and_kept(qtbot: QtBot, window: MainWindow) -> None:
    selected, before = window.stage.kernel.selected, window.session.document
    window.studio._preview(named("blur")((3, 3)))
    assert kernel(window)[0, 0] == pytest.approx(1 / 9)
    selected.end_preview(keep=False)
    assert window.session.document is before
    assert window.session.undo_stack.count() == 0
    window.studio._preview(named("outline")((3, 3)))
    window.studio._chosen("Kernel “blur”", named("blur")((3, 3)), ("blur",))
    assert chosen(window).filter_name(0) == "blur"
    assert window.session.undo_stack.count() == 1
    settled(qtbot, window)


def test_presets__open_with_maps_of_the_own_picture(qtbot: QtBot, window: MainWindow) -> None:
    settled(qtbot, window)
    with qtbot.waitSignal(window.compute.side_done, timeout=10_000) as done:
        window.studio.open_presets()
    assert done.args is not None
    kind, maps = done.args
    assert kind == "presets"
    assert len(maps) > 10
    assert all(np.isfinite(one).all() for one in maps.values())
    window.studio.presets.close()
    assert window.session.undo_stack.count() == 0


def test_flip__shows_what_convolution_would_give_and_takes_it_back(qtbot: QtBot, window: MainWindow) -> None:
    settled(qtbot, window)
    window.studio.open_flip()
    flip = window.studio.flip
    flip._show.setChecked(True)
    np.testing.assert_array_equal(kernel(window), -named("edge right")((3, 3)))
    flip.close()
    np.testing.assert_array_equal(kernel(window), named("edge right")((3, 3)))
    assert window.session.undo_stack.count() == 0


def test_facts__say_sums_and_the_range_of_the_map(window: MainWindow) -> None:
    assert "Σ 0" in window.stage.kernel._facts.text()
    assert "Σ|w| 8" in window.stage.kernel._facts.text()
    assert "map ±4" in window.stage.kernel._facts.text()


def test_size__goes_to_31_and_back_without_loss(window: MainWindow) -> None:
    panel = window.stage.kernel
    panel._size.setValue(31)
    assert chosen(window).kernel_size == (31, 31)
    panel._size.setValue(2)
    panel._size.setValue(3)
    np.testing.assert_array_equal(kernel(window), named("edge right")((3, 3)))
    assert isinstance(layer(window), Conv2d)


def test_normalise__looks_at_the_chosen_filter_and_not_at_the_first(window: MainWindow) -> None:
    window.session.select_channel(6)  # blur, whose sum is 1
    window.stage.kernel.selected.change(lambda kernel: kernel * 16, "Scale")
    action(window, "Sum 1").trigger()
    np.testing.assert_allclose(kernel(window), 1 / 9, rtol=1e-6)
    count = window.session.undo_stack.count()
    action(window, "Sum 1").trigger()  # it is that already
    assert window.session.undo_stack.count() == count
    assert not sentences(window)


def test_kernel_size__return_gives_the_keys_back_to_the_kernel(qtbot: QtBot, window: MainWindow) -> None:
    panel = window.stage.kernel
    window.activateWindow()
    panel._size.setFocus()
    panel._size.selectAll()
    QTest.keyClicks(panel._size, "5")
    QTest.keyClick(panel._size, Qt.Key.Key_Return)
    assert chosen(window).kernel_size == (5, 5)
    qtbot.waitUntil(panel.grid.hasFocus)


def test_grey__a_kernel_that_is_exchanged_is_exchanged_for_colour_too(
    qtbot: QtBot, window: MainWindow
) -> None:
    window.picture_card._choose_rgb()
    window.stage.kernel.set_channel(1)
    click(window.stage.kernel.grid, cell(window.stage.kernel.grid, 1, 1))  # green differs from red now
    window.picture_card._choose_grey()
    window.stage.kernel.selected.set_kernel(np.full((3, 3), 2, np.float32), "two", "Paste")
    window.picture_card._choose_rgb()
    weight = chosen(window).weight
    assert weight is not None
    assert (weight[0] == 2).all()
    np.testing.assert_array_equal(weight[1], np.repeat(named("edge left")((3, 3))[None], 3, axis=0))


def test_presets__close_where_something_else_changes_the_document(qtbot: QtBot, window: MainWindow) -> None:
    window.studio.open_presets()
    presets = window.studio.presets
    row = presets.list.presets.row_of("blur")
    presets.list.select(row if row >= 0 else 0)
    assert window.session.undo_stack.count() == 1
    assert presets.isVisible()
    previewed = window.session.document
    window.session.edit(edits.set_image(previewed, load_sample("astronaut")), "Open")
    opened = window.session.document
    assert not presets.isVisible()
    assert window.session.document is opened
    window.session.undo_stack.undo()
    assert window.session.document is previewed
    settled(qtbot, window)
