"""One large picture: coordinates, zoom at the cursor, panning, marks."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from explorer.imaging.colormaps import COLORMAPS
from explorer.layers.explanation import Box
from explorer.live.analysis import map_view
from explorer.ui.picture_view import Coloured, PictureView
from tests.gui import NO_BUTTON, click, destroy_deferred, double_click, drag, move, wheel


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
