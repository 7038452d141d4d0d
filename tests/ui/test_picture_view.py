"""One large picture: coordinates, zoom at the cursor, panning, marks."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from explorer.imaging.colormaps import COLORMAPS
from explorer.layers import Conv2d, ReLU
from explorer.layers.explanation import Box
from explorer.live.analysis import map_view
from explorer.ui.picture_marks import Spot, Windows, thinning, windows_of
from explorer.ui.picture_view import Coloured, PictureView
from tests.gui import NO_BUTTON, click, destroy_deferred, double_click, drag, move, wheel
from tests.ui.driving import pixels


def content(rows: int = 60, columns: int = 80) -> Coloured:
    view = map_view(np.random.default_rng(0).standard_normal((rows, columns), dtype=np.float32))
    return Coloured(view.levels, view.scale, COLORMAPS[0])


@pytest.fixture
def view(qapp: QApplication) -> Iterator[PictureView]:
    """A map of 80 x 60 at 5 pixels each."""
    result = PictureView("Map")
    result.resize(400, 300)
    result.show_content(content())
    result.show()
    yield result
    result.deleteLater()
    destroy_deferred()


def test_fit__shows_the_whole_picture(view: PictureView) -> None:
    assert view.zoom == 5
    assert view.pixel_at(QPointF(0, 0)) == (0, 0)
    assert view.pixel_at(QPointF(399, 299)) == (59, 79)
    assert view.pixel_at(QPointF(12, 7)) == (1, 2)
    assert view.pixel_at(QPointF(-1, 5)) is None


def test_resize__tells_that_the_picture_is_shown_larger(view: PictureView, qtbot: QtBot) -> None:
    with qtbot.waitSignal(view.zoomed):
        view.resize(800, 600)
    assert view.zoom == 10


@pytest.mark.parametrize("place", [QPointF(7, 7), QPointF(201, 152), QPointF(392, 22)])
def test_wheel__keeps_the_pixel_under_the_cursor(view: PictureView, place: QPointF) -> None:
    pixel = view.pixel_at(place)
    for _ in range(6):
        wheel(view, place)
        assert view.pixel_at(place) == pixel
    for _ in range(10):
        wheel(view, place, -120)
    assert view.zoom == 5


@pytest.mark.parametrize("delta", [120, -120, 30])
def test_wheel__stays_between_fit_and_the_largest(view: PictureView, delta: int) -> None:
    for _ in range(100):
        wheel(view, QPointF(200, 150), delta)
        view.grab()
    assert 5 <= view.zoom <= 128


def test_drag__pans(view: PictureView) -> None:
    view.set_zoom(20)
    before = view.pixel_at(QPointF(200, 150))
    drag(view, [QPointF(200, 150), QPointF(240, 150), QPointF(260, 170)])
    assert view.pixel_at(QPointF(260, 170)) == before


def test_drag__never_loses_the_picture(view: PictureView) -> None:
    view.set_zoom(20)
    for _ in range(10):
        drag(view, [QPointF(200, 150), QPointF(2000, 1500)])
    view.grab()
    area = view._area()
    assert area.intersects(view.rect().toRectF())


def test_double_click__fits_again(view: PictureView) -> None:
    view.set_zoom(20)
    double_click(view, QPointF(100, 100))
    assert view.zoom == 5


def test_click__picks_and_a_drag_does_not(view: PictureView) -> None:
    picked: list[tuple[int, int]] = []
    view.picked.connect(lambda row, column: picked.append((row, column)))
    click(view, QPointF(12, 7))
    assert picked == [(1, 2)]
    drag(view, [QPointF(12, 7), QPointF(60, 60)])
    assert picked == [(1, 2)]


def test_hover__tells_the_pixel_and_when_it_ends(view: PictureView) -> None:
    seen: list[tuple[int, int]] = []
    left: list[bool] = []
    view.hovered.connect(lambda row, column: seen.append((row, column)))
    view.left.connect(lambda: left.append(True))
    move(view, QPointF(12, 7), NO_BUTTON)
    assert seen == [(1, 2)]
    QApplication.sendEvent(view, QEvent(QEvent.Type.Leave))
    assert left == [True]


def test_keys__walk_the_dot(view: PictureView) -> None:
    picked: list[tuple[int, int]] = []
    view.picked.connect(lambda row, column: picked.append((row, column)))
    view.mark(None, (0, 5))
    QTest.keyClick(view, Qt.Key.Key_Up)
    QTest.keyClick(view, Qt.Key.Key_Right)
    QTest.keyClick(view, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert picked == [(0, 5), (0, 6), (10, 5)]


@pytest.mark.parametrize("shape", [(1, 1), (1, 4000), (4000, 1), (2, 3), (5, 5), (700, 900)])
@pytest.mark.parametrize("zoom", [0.0, 0.01, 1.0, 9.0, 33.0, 128.0])
def test_any_picture__is_painted_at_any_zoom(view: PictureView, shape: tuple[int, int], zoom: float) -> None:
    view.show_content(content(*shape))
    if zoom:
        view.set_zoom(zoom)
    view.mark(Box(-1, -1, 3, 3), (0, 0))
    view.grab()
    view.mark(Box(shape[0] - 1, shape[1] - 1, 3, 3), (shape[0] - 1, shape[1] - 1))
    view.grab()


def test_marks__are_painted_and_go(view: PictureView) -> None:
    plain = view.grab().toImage()
    view.mark(Box(10, 10, 3, 3), None)
    boxed = view.grab().toImage()
    assert boxed != plain
    view.mark(None, (20, 20))
    assert view.grab().toImage() not in (plain, boxed)
    view.mark(None, None)
    assert view.grab().toImage() == plain


def test_stale__dims_and_comes_back(view: PictureView) -> None:
    plain = view.grab().toImage()
    view.set_stale(True)
    assert view.grab().toImage() != plain
    view.set_stale(False)
    assert view.grab().toImage() == plain


def test_nothing__shows_a_sentence_and_takes_no_clicks(view: PictureView) -> None:
    view.show_content(None, "Waiting for conv2d")
    view.grab()
    assert view.pixel_at(QPointF(5, 5)) is None
    click(view, QPointF(5, 5))
    wheel(view, QPointF(5, 5))
    QTest.keyClick(view, Qt.Key.Key_Down)


def test_zoom__stays_when_the_picture_is_another(view: PictureView) -> None:
    view.set_zoom(20)
    view.show_content(content(60, 80))
    assert view.zoom == 20


def test_zoom_by__after_fit_follows_the_window_again(view: PictureView) -> None:
    view.zoom_by(2)
    view.fit()
    view.resize(800, 600)
    assert view.zoom == 10


def windows(size: tuple[int, int], **config: object) -> Windows:
    """How a convolution's windows lie on a picture, with every position."""
    layer = dataclasses.replace(Conv2d(), **config)  # type: ignore[arg-type]
    result = windows_of(layer, (1, *size), with_positions=True)
    assert result is not None
    return result


def test_windows__every_position_is_counted() -> None:
    found = windows((25, 25), kernel_size=(5, 5), stride=(2, 2))
    assert found.positions_sentence == "11 × 11 = 121 positions"
    assert found.unused_sentence == ""
    assert found.rows[-1] + 5 == 25


@pytest.mark.parametrize(
    ("size", "stride", "unused", "sentence"),
    [
        ((376, 508), 2, (1, 1), "1 row, 1 column unused"),
        ((376, 509), 2, (1, 0), "1 row unused"),
        ((25, 29), 5, (2, 1), "2 rows, 1 column unused"),
        ((25, 25), 1, (0, 0), ""),
    ],
)
def test_windows__what_no_window_reaches_is_said(
    size: tuple[int, int], stride: int, unused: tuple[int, int], sentence: str
) -> None:
    found = windows(size, stride=(stride, stride))
    assert found.unused == unused
    assert found.unused_sentence == sentence
    last = found.sentence_at(size[0] - 1, 0)
    assert last.startswith(sentence) if unused[0] else last == ""


def test_windows__layers_without_windows_have_none() -> None:
    assert windows_of(ReLU(), (1, 8, 8), with_positions=True) is None
    assert windows_of(dataclasses.replace(Conv2d(), enabled=False), (1, 8, 8), with_positions=True) is None


@pytest.mark.parametrize("side", ["bottom", "right"])
@pytest.mark.parametrize("colour", [0, 128, 255])
def test_unused__is_hatched_in_two_colours_on_any(view: PictureView, side: str, colour: int) -> None:
    view.show_content((np.full((60, 80, 3), colour, np.uint8),))
    plain = pixels(view)
    view.show_windows(Windows((60, 80), (1, 0) if side == "bottom" else (0, 1)))
    hatched = pixels(view)
    strip = np.s_[-4:, 10:-10] if side == "bottom" else np.s_[10:-10, -4:]
    rest = np.s_[:-8, :-8]
    levels = hatched[strip].mean(axis=2)
    assert levels.max() - levels.min() > 100
    np.testing.assert_array_equal(hatched[rest], plain[rest])


def test_padding__has_room_where_it_can_be_seen(view: PictureView) -> None:
    view.show_content(content(5, 5))
    assert view.zoom == 60
    view.show_windows(windows((5, 5), padding=(1, 2, 3, 4)))
    area = view._area()
    zoom = view.zoom
    assert zoom == pytest.approx(min(396 / 12, 296 / 8))
    assert area.left() - 3 * zoom >= 0
    assert area.right() + 4 * zoom <= 400
    assert view.pixel_at(QPointF(area.left() - 1, area.center().y())) is None
    assert "1 above, 2 below, 3 left, 4 right" in view.marks.windows.padding_sentence  # type: ignore[union-attr]
    view.show_content(content(300, 400))
    view.show_windows(windows((300, 400), padding=(1, 1)))
    assert view.zoom == 1


@pytest.mark.parametrize(
    ("zoom", "stride", "every"), [(5, 1, 1), (1, 1, 12), (0.5, 2, 12), (1, 5, 1), (0.8, 1, 15)]
)
def test_positions__too_close_ones_are_thinned_out(zoom: float, stride: int, every: int) -> None:
    assert thinning(windows((60, 80), stride=(stride, stride)), zoom) == every


@pytest.mark.parametrize("size", [(1, 1), (3, 3), (60, 80), (700, 900)])
@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("zoom", [0.0, 1.0, 40.0])
def test_windows__are_painted_on_any_picture(
    view: PictureView, size: tuple[int, int], padding: str, zoom: float
) -> None:
    view.show_content(content(*size))
    if zoom:
        view.set_zoom(zoom)
    view.show_windows(windows(size, padding=padding, stride=(2, 2)))
    view.mark_spots((Spot(Box(0, 0, 1, 1), "peak"), Spot(Box(-1, -1, 3, 3), "peak")))
    view.grab()
