"""The line above the maps, their statistics, and what is exported of them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from explorer.document import edits, filter_edits
from explorer.imaging.rendering import Scale, finite_scale
from explorer.layers import Conv2d, Flatten, Linear, ReLU, Sigmoid
from explorer.layers.fields import Array
from explorer.layers.network import Network
from explorer.ui.export_dialog import ExportDialog
from explorer.ui.histogram import Histogram, moved
from explorer.ui.main_window import MainWindow
from tests.gui import drag, move, press, release
from tests.live.given import small_document
from tests.ui.driving import layer, sentences, settled

pytestmark = pytest.mark.qt_log_ignore("does not support grabbing the keyboard", extend=True)


@pytest.fixture
def window(window: MainWindow) -> MainWindow:
    window.maps.side_wanted.connect(window.compute.side)
    window.compute.side_done.connect(window.maps.side_done)
    return window


def order(window: MainWindow, label: str) -> None:
    """Choose from the menu of orders."""
    next(action for action in window.maps.header.order_menu.actions() if action.text() == label).trigger()


def title(window: MainWindow) -> str:
    return window.maps.header.title.text()


def state(window: MainWindow) -> str:
    window.maps._show_state()
    return window.maps.header.state.text()


# order and search


def test_order__by_norm_once_the_statistics_are_there(qtbot: QtBot, window: MainWindow) -> None:
    frame = settled(qtbot, window)
    norms = [float(np.linalg.norm(one.astype(np.float64))) for one in frame.result.outputs[0][0]]
    expected = tuple(int(place) for place in np.argsort(norms)[::-1])
    order(window, "By norm of values")
    qtbot.waitUntil(lambda: window.maps.sheet.shown == expected)
    assert "by norm of values" in state(window)
    assert "8 of 8" in title(window)


def test_order__stays_during_a_stroke(qtbot: QtBot, window: MainWindow) -> None:
    settled(qtbot, window)
    order(window, "By norm of weights")
    before = window.maps.sheet.shown
    convolution = layer(window)
    assert isinstance(convolution, Conv2d)
    assert convolution.weight is not None
    weight = convolution.weight * np.arange(1, 9, dtype=np.float32)[:, None, None, None] ** 3
    grid = window.stage.kernel.grid
    press(grid, grid.cell_rect(0, 0).center())
    gesture = window.session.gesture
    window.session.edit(
        filter_edits.with_weights(window.session.document, 0, weight), "Paint kernel", gesture or 1
    )
    QTest.qWait(60)
    assert window.maps.sheet.shown == before
    release(grid, grid.cell_rect(0, 0).center())
    qtbot.waitUntil(lambda: window.maps.sheet.shown != before)


def test_find__shows_fewer_and_says_so(qtbot: QtBot, window: MainWindow) -> None:
    settled(qtbot, window)
    sheet, find = window.maps.sheet, window.maps.header.find_field
    assert not find.isVisible()
    QTest.keyClicks(sheet, "/")
    assert find.isVisible()
    assert find.text() == ""
    QTest.keyClicks(find, "edge")
    assert "4 of 8 shown" in title(window)
    find.setText("blur")
    QTest.keyClick(find, Qt.Key.Key_Return)
    assert window.session.channel == sheet.shown[0]
    assert window.session.channel == 6
    QTest.keyClick(sheet, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(find, Qt.Key.Key_Escape)
    assert not find.isVisible()
    assert "8 of 8" in title(window)


def test_dead_maps__are_badged_and_can_be_hidden(qtbot: QtBot, window: MainWindow) -> None:
    convolution = layer(window)
    assert isinstance(convolution, Conv2d)
    assert convolution.weight is not None
    weight = convolution.weight.copy()
    weight[2] = 0
    window.session.edit(filter_edits.with_weights(window.session.document, 0, weight), "Zero")
    settled(qtbot, window)
    assert window.maps.sheet.tiles[2].badge == "dead"
    window.maps.header.hide_dead.trigger()
    assert window.maps.sheet.shown == (0, 1, 3, 4, 5, 6, 7)
    assert "7 of 8 shown" in title(window)


def test_drag__in_another_order_is_refused_with_a_sentence(qtbot: QtBot, window: MainWindow) -> None:
    settled(qtbot, window)
    window.maps.header.find_field.setText("edge")
    said: list[str] = []
    window.maps.message.connect(said.append)
    document, sheet = window.session.document, window.maps.sheet
    start = QPointF(sheet.tile_rect(0).center())
    drag(sheet.viewport(), [start, start + QPointF(20, 0), start + QPointF(200, 0)])
    assert window.session.document is document
    assert len(said) == 1
    assert "by index" in said[0]


# colours


def test_network_scale__is_found_after_every_edit(qtbot: QtBot, window: MainWindow) -> None:
    frame = settled(qtbot, window)
    window.display.set_scaling("network")

    def widest(outputs: tuple[Array, ...]) -> float:
        return max(finite_scale(one).magnitude for output in outputs for one in output[0])

    def shown() -> float:
        return window.maps.sheet.tiles[0].scale.magnitude

    qtbot.waitUntil(lambda: shown() == pytest.approx(widest(frame.result.outputs)))
    convolution = layer(window)
    assert isinstance(convolution, Conv2d)
    window.session.edit(
        filter_edits.with_bias(window.session.document, 0, 0, 50.0),
        "Bias",
    )
    frame = settled(qtbot, window)
    qtbot.waitUntil(lambda: shown() == pytest.approx(widest(frame.result.outputs)))
    assert "colours" in state(window)


def test_locked_scale__goes_with_its_filter_and_back(qtbot: QtBot, window: MainWindow) -> None:
    settled(qtbot, window)
    window.display.set_locked(True)
    scales = [tile.scale for tile in window.maps.sheet.tiles]
    window.display.set_by_hand("conv2d", 5, Scale(-0.25, 0.25))
    window.session.select_channel(0)
    window.maps.sheet.select_only(0)
    window.maps.filters.move(1)
    for _ in range(2):  # before and after the new maps are there
        now = [tile.scale for tile in window.maps.sheet.tiles]
        assert now[:3] == [scales[1], scales[0], scales[2]]
        assert now[5] == Scale(-0.25, 0.25)
        settled(qtbot, window)
    window.maps.filters.move_to_front()
    window.session.undo_stack.undo()
    window.session.undo_stack.undo()
    settled(qtbot, window)
    assert [tile.scale for tile in window.maps.sheet.tiles][:5] == scales[:5]
    assert "locked" in state(window)
    assert "by hand" in state(window)


def test_state__says_what_is_clipped(qtbot: QtBot, window: MainWindow) -> None:
    settled(qtbot, window)
    assert "own scale each" in state(window)
    window.display.set_scaling("layer")
    assert "colours −" in state(window)
    for channel in range(8):
        window.display.set_by_hand("conv2d", channel, Scale(-1e-3, 1e-3))
    assert "% clipped" in state(window)
    assert all(tile.badge == "saturated" for tile in window.maps.sheet.tiles)


def test_saturated_sigmoid__is_badged(qtbot: QtBot, window: MainWindow) -> None:
    weight = np.full((1, 1, 1, 1), 1e4, np.float32)
    network = Network((Conv2d(out_channels=1, kernel_size=(1, 1), weight=weight), Sigmoid()))
    window.session.edit(edits.set_network(window.session.document, network), "Sigmoid")
    window.session.select_layer(1)
    settled(qtbot, window)
    assert window.maps.sheet.tiles[0].badge == "saturated"


# statistics


def test_statistics__of_map_and_layer(qtbot: QtBot, window: MainWindow) -> None:
    frame = settled(qtbot, window)
    window.maps.show_statistics()
    popover = window.maps.statistics
    output = frame.result.outputs[0][0]
    qtbot.waitUntil(lambda: popover._cells[0][1].text() != "…")
    texts = [[cell.text() for cell in row] for row in popover._cells]
    assert texts[4] == [f"{np.mean(output[0] == 0):.1%}", f"{np.mean(output == 0):.1%}"]
    assert texts[5] == ["0", "0"]
    window.maps.copy_statistics()
    lines = [line.split("\t") for line in QGuiApplication.clipboard().text().split("\n")]
    assert len(lines) == 10
    assert {len(line) for line in lines} == {8}
    assert float(lines[3][4]) == pytest.approx(float(output[2].mean(dtype=np.float64)), rel=1e-5)
    assert float(lines[9][3]) == pytest.approx(float(output.max()), rel=1e-6)
    popover.close()


def test_range__is_dragged_typed_and_reset(qtbot: QtBot, window: MainWindow) -> None:
    settled(qtbot, window)
    window.maps.show_statistics()
    popover = window.maps.statistics
    histogram = popover.histogram
    found = window.maps.sheet.tiles[0].scale
    start = QPointF(histogram._x(found.high), 20)
    drag(histogram, [start, start - QPointF(20, 0), start - QPointF(40, 0)])
    dragged = window.display.by_hand("conv2d", 0)
    assert dragged is not None
    assert dragged.high < found.high
    assert dragged.low == -dragged.high
    assert window.maps.sheet.tiles[0].scale == dragged
    popover.high.entered.emit(1.5)
    assert window.display.by_hand("conv2d", 0) == Scale(-1.5, 1.5)
    QTest.keyClick(histogram, Qt.Key.Key_Right)
    keyed = window.display.by_hand("conv2d", 0)
    assert keyed is not None
    assert keyed.high > 1.5
    popover.reset.click()
    assert window.display.by_hand("conv2d", 0) is None
    assert window.maps.sheet.tiles[0].scale == found
    assert not popover.reset.isEnabled()
    QTest.keyClick(popover, Qt.Key.Key_Escape)
    assert not popover.isVisible()


@pytest.mark.parametrize(
    ("handle", "value", "signed", "expected"),
    [
        (1, 3.0, True, (-3.0, 3.0)),
        (-1, -3.0, True, (-3.0, 3.0)),
        (1, 3.0, False, (-2.0, 3.0)),
        (-1, 1.0, False, (1.0, 2.0)),
    ],
)
def test_moved__keeps_zero_in_the_middle_of_signed_colours(
    handle: int, value: float, signed: bool, expected: tuple[float, float]
) -> None:
    scale = moved(Scale(-2.0, 2.0), handle, value, (-5.0, 5.0), signed=signed)
    assert (scale.low, scale.high) == expected


@pytest.mark.parametrize("signed", [True, False])
@pytest.mark.parametrize("handle", [-1, 1])
@pytest.mark.parametrize("value", [-9.0, 0.0, 9.0])
def test_moved__ends_never_meet(handle: int, value: float, signed: bool) -> None:
    scale = moved(Scale(-2.0, 2.0), handle, value, (-5.0, 5.0), signed=signed)
    assert scale.low < scale.high


def test_histogram__has_a_cursor_over_its_handles(window: MainWindow, qtbot: QtBot) -> None:
    settled(qtbot, window)
    histogram = Histogram()
    histogram.resize(300, 120)
    tile = window.maps.sheet.tiles[0]
    histogram.show_values(tile.view.levels[0], -3.0, 3.0, tile.scale, window.display.colormap)
    move(histogram, QPointF(histogram._x(tile.scale.high), 30), Qt.MouseButton.NoButton)
    assert histogram.cursor().shape() == Qt.CursorShape.SizeHorCursor
    move(histogram, QPointF(histogram._x(0.0), 30), Qt.MouseButton.NoButton)
    assert histogram.cursor().shape() == Qt.CursorShape.ArrowCursor
    histogram.grab()
    histogram.deleteLater()


# export


def test_export__of_the_selected_maps(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    settled(qtbot, window)
    window.maps.sheet.select_several((1, 4, 6), 4)
    window.session.select_channel(4)
    chosen: list[tuple[object, ...]] = []
    monkeypatch.setattr(ExportDialog, "exec", lambda self: 1)
    monkeypatch.setattr(window.files, "export", lambda *given: chosen.append(given))
    window.map_commands.export()
    assert chosen[0][3] == 4
    assert chosen[0][5] == (1, 4, 6)
    window.maps.sheet.select_only(4)
    window.map_commands.export()
    assert chosen[1][5] == ()


def test_export__has_the_scales_that_are_seen(qtbot: QtBot, window: MainWindow) -> None:
    settled(qtbot, window)
    window.display.set_by_hand("conv2d", 3, Scale(-0.125, 0.125))
    locked = window.map_commands._rendering().locked
    assert locked is not None
    assert locked == tuple(tile.scale for tile in window.maps.sheet.tiles)
    assert locked[3] == Scale(-0.125, 0.125)


def test_choice__of_one_map_or_all(window: MainWindow) -> None:
    dialog = ExportDialog("conv2d", "edge <right>", 8, 1, window)
    assert not dialog._which.isEnabled()
    dialog._what.setCurrentIndex(2)
    assert dialog._which.isEnabled()
    found = []
    for place in (0, 1):
        dialog._which.setCurrentIndex(place)
        found.append(dialog.choice.only_selected)
    assert found == [False, True]
    assert dialog.choice.grey_bits is None
    dialog.deleteLater()


def test_numbers__are_counted_while_layers_in_front_are_not_computed_yet(
    qtbot: QtBot, make_window: Callable[..., MainWindow]
) -> None:
    window = make_window(small_document(Conv2d(out_channels=2), Flatten(), Linear(out_features=7)))
    window.session.select_layer(2)
    settled(qtbot, window)
    document = window.session.document
    for index in range(3):
        document = edits.insert_layer(document, 0, ReLU(name=f"front{index}"))
    window.session.edit(document, "Insert")
    window.maps.refresh()
    assert "7 of 7" in title(window)
    settled(qtbot, window)
    assert "7 of 7" in title(window)


def test_copied_statistics__are_counted_elsewhere_first(qtbot: QtBot, window: MainWindow) -> None:
    frame = settled(qtbot, window)
    view = frame.views[0]
    assert view is not None
    before = view.measured
    QGuiApplication.clipboard().clear()
    window.maps.copy_statistics()
    assert not QGuiApplication.clipboard().text()
    qtbot.waitUntil(lambda: bool(QGuiApplication.clipboard().text()))
    assert (before, view.measured) == (False, True)
    assert len(QGuiApplication.clipboard().text().split("\n")) == 10
    assert "Copied the figures of 8 maps." in sentences(window)


def test_copied_statistics__of_numbers_are_refused(
    qtbot: QtBot, make_window: Callable[..., MainWindow]
) -> None:
    window = make_window(small_document(Conv2d(), Flatten()))
    window.session.select_layer(1)
    settled(qtbot, window)
    QGuiApplication.clipboard().clear()
    window.maps.copy_statistics()
    assert not QGuiApplication.clipboard().text()
    assert any("select a layer" in sentence for sentence in sentences(window))
