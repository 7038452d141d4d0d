"""One place in the picture, shown by every view: exact to the pixel."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QObject, QPointF, QRectF, Signal
from pytestqt.qtbot import QtBot

from explorer.layers import AvgPool2d, Conv2d, Flatten, GlobalAvgPool2d, Layer, Linear, MaxPool2d, ReLU
from explorer.layers.receptive import fields_below
from explorer.ui.linked_views import Placement, placement
from explorer.ui.main_window import MainWindow
from explorer.ui.picture_view import PictureView
from tests.gui import drag, wheel
from tests.live.given import from_scratch, picture, small_document
from tests.ui.driving import settled


class Tiles(QObject):
    """Stands in for the sheet."""

    zoom_requested = Signal(float, QPointF)
    pan_requested = Signal(QPointF)

    def __init__(self) -> None:
        super().__init__()
        self.window: QRectF | None = None

    def shown(self) -> QRectF | None:
        return self.window

    def set_window(self, window: QRectF | None) -> None:
        self.window = window


def placed(*layers: Layer, index: int = 0, size: tuple[int, int] = (20, 24)) -> Placement | None:
    return placement(from_scratch(small_document(*layers, image=picture(*size))), index)


@pytest.mark.parametrize(
    ("layer", "step", "offset"),
    [
        (Conv2d(kernel_size=(3, 3)), (1, 1), (1, 1)),
        (Conv2d(kernel_size=(3, 3), padding="same"), (1, 1), (0, 0)),
        (Conv2d(kernel_size=(5, 3), padding=(2, 1)), (1, 1), (0, 0)),
        (Conv2d(kernel_size=(3, 3), stride=(2, 2)), (2, 2), (0.5, 0.5)),
        (Conv2d(kernel_size=(3, 3), stride=(2, 2), padding=(1, 1)), (2, 2), (-0.5, -0.5)),
        (Conv2d(kernel_size=(3, 3), dilation=(2, 3)), (1, 1), (2, 3)),
        (Conv2d(kernel_size=(3, 3), padding=(3, 0, 1, 0)), (1, 1), (-2, 0)),
        (MaxPool2d(kernel_size=(2, 2)), (2, 2), (0, 0)),
        (AvgPool2d(kernel_size=(3, 2), stride=(3, 1)), (3, 1), (0, 0.5)),
        (ReLU(), (1, 1), (0, 0)),
    ],
)
def test_placement__of_one_layer(
    layer: Layer, step: tuple[float, float], offset: tuple[float, float]
) -> None:
    found = placed(layer)
    assert found is not None
    assert found.step == step
    assert found.offset == offset


def test_placement__the_middle_of_every_pixel_is_the_middle_of_what_it_sees() -> None:
    layers = (
        Conv2d(out_channels=2, kernel_size=(3, 3), padding=(1, 1)),
        MaxPool2d(),
        Conv2d(out_channels=1, kernel_size=(3, 5), stride=(2, 1), dilation=(1, 2)),
        AvgPool2d(kernel_size=(2, 2), stride=(1, 2)),
    )
    result = from_scratch(small_document(*layers, image=picture(40, 60)))
    for index in range(4):
        found = placement(result, index)
        assert found is not None
        rows, columns = result.outputs[index].shape[2:]
        for row, column in ((1, 1), (rows // 2, columns // 3), (rows - 2, columns - 2)):
            box = fields_below(result, index, row, column)[0]
            assert box is not None
            middle = found.to_input(QRectF(column, row, 1, 1)).center()
            assert middle == QPointF(box.left + box.width / 2, box.top + box.height / 2)


def test_placement__and_back() -> None:
    found = placed(Conv2d(kernel_size=(3, 3), stride=(2, 2)), MaxPool2d(), index=1)
    assert found is not None
    rect = QRectF(1, 2, 3, 1)
    assert found.from_input(found.to_input(rect)) == rect


def test_placement__of_what_is_no_map_is_none() -> None:
    layers = (Conv2d(), GlobalAvgPool2d(), Flatten(), Linear())
    assert placed(*layers, index=0) is not None
    assert placed(*layers, index=1) == Placement((18, 22), (1, 1))
    assert all(placed(*layers, index=index) is None for index in (2, 3))
    assert placed(*layers, index=9) is None
    assert placed(*layers, index=-1) == Placement((1, 1), (0, 0))


def region(window: MainWindow) -> QRectF | None:
    return window.stage.linked_views.region


def shown(view: PictureView) -> QRectF | None:
    return view.window_shown


@pytest.fixture
def pooled(qtbot: QtBot, make_window: Callable[..., MainWindow]) -> MainWindow:
    """A stride, a padding and a pooling; the convolution is selected."""
    layers = (
        Conv2d(out_channels=2, kernel_size=(3, 3), stride=(2, 2), padding=(1, 1)),
        MaxPool2d(),
        Conv2d(out_channels=2, kernel_size=(3, 3)),
    )
    return make_window(small_document(*layers, image=picture(240, 320)))


def corner(window: MainWindow) -> tuple[tuple[float, float], tuple[float, float]]:
    """Where the stage's views begin, each in its own pixels."""
    found = []
    for view in (window.stage.input_view, window.stage.map_view):
        shown = view.window_shown
        assert shown is not None
        found.append((shown.x(), shown.y()))
    return found[0], found[1]


def test_zoom__of_the_input_moves_the_map_by_stride_and_padding(pooled: MainWindow) -> None:
    views = pooled.stage.linked_views
    views.show_region(QRectF(39.5, 59.5, 64, 48))
    (x, y), (map_x, map_y) = corner(pooled)
    assert (x, y) == pytest.approx((2 * map_x - 0.5, 2 * map_y - 0.5), abs=0.6)
    wheel(pooled.stage.input_view, QPointF(pooled.stage.input_view.rect().center()))
    region = views.region
    assert region is not None
    shown = pooled.stage.map_view.window_shown
    assert shown is not None
    assert shown.center().x() == pytest.approx((region.center().x() + 0.5) / 2)
    assert shown.center().y() == pytest.approx((region.center().y() + 0.5) / 2)
    assert shown.width() >= region.width() / 2 - 1e-6


def test_drag__of_the_map_moves_the_input(pooled: MainWindow) -> None:
    stage = pooled.stage
    stage.linked_views.show_region(QRectF(100, 80, 64, 48))
    before = stage.input_view.window_shown
    middle = QPointF(stage.map_view.rect().center())
    drag(stage.map_view, [middle, middle + QPointF(-20, -10), middle + QPointF(-40, -20)])
    after, shown = stage.input_view.window_shown, stage.map_view.window_shown
    assert before is not None
    assert after is not None
    assert shown is not None
    assert after.center().x() > before.center().x()
    assert after.center().x() == pytest.approx(2 * shown.center().x() - 0.5)


def test_another_layer__shows_the_same_place(qtbot: QtBot, pooled: MainWindow) -> None:
    pooled.stage.linked_views.show_region(QRectF(100, 80, 64, 48))
    for index in (1, 2, 0):
        pooled.session.select_layer(index)
        frame = settled(qtbot, pooled)
        found = placement(frame.result, index)
        shown = pooled.stage.map_view.window_shown
        assert found is not None
        assert shown is not None
        middle = found.to_input(shown).center()
        assert (middle.x(), middle.y()) == pytest.approx((132, 104))


def test_fit__of_one_view_fits_all(pooled: MainWindow) -> None:
    stage, tiles = pooled.stage, Tiles()
    stage.linked_views.attach(tiles)
    stage.linked_views.show_region(QRectF(100, 80, 64, 48))
    assert tiles.shown() is not None
    stage.map_view.fit()
    assert shown(stage.input_view) is None
    assert region(pooled) is None
    assert tiles.shown() is None
    stage.linked_views.show_region(QRectF(100, 80, 64, 48))
    stage.fit()
    assert shown(stage.map_view) is None
    assert tiles.shown() is None


def test_tiles__show_the_region_in_their_own_pixels_and_lead(pooled: MainWindow) -> None:
    stage, tiles = pooled.stage, Tiles()
    stage.linked_views.attach(tiles)
    stage.linked_views.show_region(QRectF(99.5, 79.5, 64, 48))
    assert tiles.shown() == QRectF(50, 40, 32, 24)
    tiles.pan_requested.emit(QPointF(3, -2))
    assert tiles.shown() == QRectF(53, 38, 32, 24)
    assert region(pooled) == QRectF(105.5, 75.5, 64, 48)
    tiles.zoom_requested.emit(2.0, QPointF(53, 38))
    assert tiles.shown() == QRectF(53, 38, 16, 12)
    tiles.pan_requested.emit(QPointF(-1000, 0))
    assert tiles.shown() == QRectF(0, 38, 16, 12)
    tiles.zoom_requested.emit(0.01, QPointF(0, 0))
    assert tiles.shown() is None
    assert shown(stage.input_view) is None


def test_unlinked__each_moves_alone(pooled: MainWindow) -> None:
    stage, tiles = pooled.stage, Tiles()
    stage.linked_views.attach(tiles)
    stage.linked = False
    wheel(stage.map_view, QPointF(stage.map_view.rect().center()))
    assert shown(stage.map_view) is not None
    assert shown(stage.input_view) is None
    assert tiles.shown() is None
    tiles.zoom_requested.emit(2.0, QPointF(0, 0))
    assert tiles.shown() is not None
    assert shown(stage.input_view) is None
    assert stage.zoom_views == (stage.input_view, stage.map_view)
    stage.linked = True
    assert shown(stage.input_view) is not None


def test_another_picture__is_shown_whole(qtbot: QtBot, pooled: MainWindow) -> None:
    pooled.stage.linked_views.show_region(QRectF(100, 80, 64, 48))
    pooled.session.edit(small_document(image=picture(100, 90)), "Open")
    settled(qtbot, pooled)
    assert region(pooled) is None
    assert shown(pooled.stage.map_view) is None
