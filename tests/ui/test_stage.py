"""The stage: every layer type shows what it does, and every state says why it is empty."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QStackedWidget, QWidget
from pytestqt.qtbot import QtBot

from explorer.document import edits
from explorer.imaging.colormaps import COLORMAPS
from explorer.layers import (
    LAYER_TYPES,
    AvgPool2d,
    Conv2d,
    Flatten,
    Layer,
    Linear,
    MaxPool2d,
    ReLU,
    Softmax,
)
from explorer.layers.explanation import Box
from explorer.layers.layer import ElementwiseLayer
from explorer.ui import theme
from explorer.ui.main_window import MainWindow
from explorer.ui.middle import CurvePanel, PoolingPanel, WeightsPanel, WordsPanel
from tests.gui import NO_BUTTON, move
from tests.live.given import picture, small_document
from tests.ui.driving import action, settled


def middle(window: MainWindow) -> QWidget | None:
    stack = window.stage._middle
    assert isinstance(stack, QStackedWidget)
    return stack.currentWidget()


@pytest.mark.parametrize("layer_type", LAYER_TYPES)
@pytest.mark.parametrize(
    "before", [(), (Conv2d(out_channels=3),), (Flatten(),)], ids=["picture", "maps", "numbers"]
)
def test_every_type__shows_something(
    qtbot: QtBot,
    make_window: Callable[..., MainWindow],
    layer_type: type[Layer],
    before: tuple[Layer, ...],
) -> None:
    window = make_window(small_document(*before, layer_type()))
    window.session.select_layer(len(before))
    frame = settled(qtbot, window)
    window.grab()
    if frame.plan.error is not None:
        assert window.stage.map_view._message == frame.plan.error.message
        assert window.maps.sheet._message == frame.plan.error.message
        return
    shown = middle(window)
    if layer_type is Conv2d:
        assert shown is window.stage.kernel
    elif issubclass(layer_type, ElementwiseLayer):
        assert isinstance(shown, CurvePanel)
    elif layer_type in (MaxPool2d,):
        assert isinstance(shown, PoolingPanel)
    elif layer_type is Linear:
        assert isinstance(shown, WeightsPanel)
    if isinstance(shown, WordsPanel):
        assert shown.words.text()
    assert window.sum_line.label.text()


def test_walking_up__shows_a_layer_whose_input_has_not_been_looked_at(
    qtbot: QtBot, make_window: Callable[..., MainWindow]
) -> None:
    window = make_window(small_document(Conv2d(out_channels=3), ReLU(), ReLU()))
    window.session.select_layer(2)
    frame = settled(qtbot, window)
    assert frame.views[1] is not None
    assert frame.views[0] is None
    window.session.select_layer(1)
    assert isinstance(middle(window), CurvePanel)
    settled(qtbot, window)


def test_bypass__says_so(qtbot: QtBot, window: MainWindow) -> None:
    action(window, "Bypass").trigger()
    settled(qtbot, window)
    shown = middle(window)
    assert isinstance(shown, WordsPanel)
    assert "Bypassed" in shown.words.text()


def test_error__the_middle_and_the_map_say_why(qtbot: QtBot, make_window: Callable[..., MainWindow]) -> None:
    window = make_window(small_document(ReLU(), MaxPool2d(kernel_size=(31, 31)), ReLU()))
    window.session.select_layer(1)
    frame = settled(qtbot, window)
    assert frame.plan.error is not None
    assert window.stage.map_view._message == frame.plan.error.message
    window.session.select_layer(2)
    settled(qtbot, window)
    assert "maxpool2d" in window.stage.map_view._message.lower().replace("_", "")
    assert window.stage.input_view._message


def test_error_in_a_convolution__shows_no_kernel_of_another_layer(
    qtbot: QtBot, make_window: Callable[..., MainWindow]
) -> None:
    window = make_window(small_document(Flatten(), Conv2d()))
    window.session.select_layer(1)
    settled(qtbot, window)
    window.grab()
    assert window.stage.kernel.selected.fitted() is None
    before = window.session.document
    window.stage.kernel.grid._single((0, 0), 5.0, "Paint")
    window.stage.kernel.selected.randomize()
    window.stage.kernel.set_channel(1)
    assert window.session.document is before


def test_hover__moves_the_dot_the_box_and_the_sum(qtbot: QtBot, window: MainWindow) -> None:
    view = window.stage.map_view
    line = window.sum_line._text
    place = QPointF(view.width() * 0.25, view.height() * 0.25)
    pixel = view.pixel_at(place)
    assert pixel is not None
    move(view, place, NO_BUTTON)
    assert window.sum_line._text != line
    assert view.marks.dot == pixel
    box = window.stage.input_view.marks.box
    assert box is not None
    assert (box.top, box.left, box.height, box.width) == (*pixel, 3, 3)
    assert f"x {pixel[1]}" in window.status._hovered.text()


def test_hover__the_number_follows_an_edit(qtbot: QtBot, window: MainWindow) -> None:
    said: list[str] = []
    window.stage.hovered.connect(said.append)
    for view in (window.stage.map_view, window.stage.input_view):
        move(view, QPointF(view.rect().center()), NO_BUTTON)
        before = said[-1]
        assert before
        action(window, "Random weights").trigger()
        settled(qtbot, window)
        assert (said[-1] == before) is (view is window.stage.input_view)
        assert said[-1]
        view.left.emit()
        window.stage.refresh()
        assert said[-1] == ""


def test_pooling__shows_the_window_under_the_dot(qtbot: QtBot, window: MainWindow) -> None:
    window.session.select_layer(2)
    frame = settled(qtbot, window)
    panel = middle(window)
    assert isinstance(panel, PoolingPanel)
    row, column = window.stage.dot() or (0, 0)
    x = frame.result.input_of(2)
    np.testing.assert_array_equal(
        panel.grid.values, x[0, 0, 2 * row : 2 * row + 2, 2 * column : 2 * column + 2]
    )
    assert all(panel.grid.values[cell] == panel.grid.values.max() for cell in panel.grid.marked)


def test_pooling__a_mean_of_the_same_numbers_is_drawn_without_a_winner(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel = PoolingPanel()
    qtbot.addWidget(panel)
    updates: list[str] = []
    pixels = np.arange(4, dtype=np.float32).reshape(2, 2)
    for layer in (MaxPool2d(), AvgPool2d()):
        panel.show_window(layer, pixels, Box(0, 0, 2, 2), 3.0, COLORMAPS[0])
        monkeypatch.setattr(panel.grid, "update", lambda: updates.append("grid"))
    assert panel.grid.marked == frozenset()
    assert updates == ["grid"]


def test_curve__has_the_same_range_when_it_is_shown_again(qtbot: QtBot, window: MainWindow) -> None:
    window.session.select_layer(1)
    settled(qtbot, window)
    curve = window.stage._middle.curve
    ranges = []
    for _ in range(2):
        QApplication.processEvents()
        ranges.append(curve._plot.viewRange())
        window.stage.refresh()
    assert ranges[0] == ranges[1]


@pytest.mark.parametrize("colours", [theme.DARK, theme.LIGHT], ids=lambda one: one.name)
def test_curve__its_histogram_stands_out_from_the_background(
    qtbot: QtBot, window: MainWindow, colours: theme.Theme
) -> None:
    window.preferences.set_theme(colours.name)
    window.session.select_layer(1)
    settled(qtbot, window)
    bars = window.stage._middle.curve._histogram.opts["brush"].color()
    assert abs(bars.lightness() - QColor(colours.stage).lightness()) > 32


def test_softmax__and_vectors_are_bars(qtbot: QtBot, make_window: Callable[..., MainWindow]) -> None:
    window = make_window(small_document(Flatten(), Linear(out_features=6), Softmax()))
    window.session.select_layer(2)
    frame = settled(qtbot, window)
    assert len(window.stage.map.bars._values) == 6
    assert float(frame.result.outputs[2].sum()) == pytest.approx(1, abs=1e-5)
    window.stage.map.bars._pick(4)
    assert window.session.channel == 4


def test_titles__say_which_map_and_how_large(window: MainWindow) -> None:
    assert "512 × 380" in window.stage.input.title.text()
    assert "510 × 378" in window.stage.map.title.text()
    assert "(1, 8, 378, 510)" in window.stage.map.title.toolTip()
    assert "(None, 378, 510, 8)" in window.stage.map.title.toolTip()


def test_legend__has_the_scale_of_the_map(window: MainWindow) -> None:
    view = window.frame.views[0] if window.frame else None
    assert view is not None
    assert window.stage.map.legend._scale is view.maps[0].scale


def test_rounding__is_shaded_on_the_input_and_said_below_it(
    qtbot: QtBot, make_window: Callable[..., MainWindow]
) -> None:
    image = picture(376, 508)
    window = make_window(small_document(Conv2d(out_channels=2, stride=(2, 2)), image=image))
    marks = window.stage.input_view.marks
    assert marks.windows is not None
    assert marks.windows.unused == (1, 1)
    assert window.stage.input.legend._note == "1 row, 1 column unused"
    window.stage.input.show_positions.click()
    assert window.stage.input.legend._note == "253 × 187 = 47,311 positions · 1 row, 1 column unused"
    window.session.select_layer(0)
    layer = window.session.document.network.layers[0]
    same = edits.replace_layer(window.session.document, 0, dataclasses.replace(layer, padding="same"))  # type: ignore[call-arg]
    window.session.edit(same, "Same")
    settled(qtbot, window)
    assert window.stage.input_view.marks.windows is not None
    assert window.stage.input_view.marks.windows.unused == (0, 0)


def test_positions__are_offered_where_a_window_slides(qtbot: QtBot, window: MainWindow) -> None:
    for index, slides in ((0, True), (1, False), (2, True)):
        window.session.select_layer(index)
        settled(qtbot, window)
        assert window.stage.input.show_positions.isHidden() is not slides


def test_long_name__gives_way_before_the_size_does(
    qtbot: QtBot, make_window: Callable[..., MainWindow]
) -> None:
    window = make_window(size=(1024, 700))
    layer = window.session.document.network.layers[0]
    assert isinstance(layer, Conv2d)
    renamed = layer.with_filter_name(0, "a name that is longer than the side of the stage")
    window.session.edit(edits.replace_layer(window.session.document, 0, renamed), "Rename")
    settled(qtbot, window)
    title = window.stage.map.title
    assert title.is_cut
    assert title.shown_text().startswith("Map “a na")
    assert title.shown_text().endswith("…”, 510 × 378")


def test_layers_in_front__the_older_maps_are_shown_until_the_new_ones_are_there(
    qtbot: QtBot, make_window: Callable[..., MainWindow]
) -> None:
    window = make_window(small_document(Conv2d(out_channels=2), Conv2d(out_channels=4, groups=2)))
    window.session.select_layer(1)
    settled(qtbot, window)
    document = window.session.document
    for index in range(3):
        document = edits.insert_layer(document, index, ReLU(name=f"front{index}"))
    window.session.edit(document, "Insert")
    window.stage.refresh()  # as a mouse that moves does
    window.stage.kernel.set_channel(0)
    settled(qtbot, window)


def test_template__that_was_bypassed_is_looked_for_once_its_maps_are_there(
    qtbot: QtBot, make_window: Callable[..., MainWindow]
) -> None:
    window = make_window(small_document(Conv2d(out_channels=1)))
    window.stage.source.take(Box(4, 5, 3, 3))
    settled(qtbot, window)
    assert window.stage.map_view.marks.spots
    bypass = action(window, "Bypass")
    bypass.trigger()
    settled(qtbot, window)
    bypass.trigger()
    window.stage.refresh()  # the maps are still those without it
    settled(qtbot, window)
    assert window.stage.map_view.marks.spots
