"""Which part of a picture is shown: arithmetic."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF, QRectF, QSizeF

from explorer.ui.viewport import Viewport


@pytest.fixture
def port() -> Viewport:
    """A picture of 60 rows and 80 columns in 400 x 300 pixels."""
    result = Viewport()
    result.room, result.size = QSizeF(400, 300), (60, 80)
    return result


def test_window__is_none_while_fitted(port: Viewport) -> None:
    assert port.window() is None
    assert port.zoom == 5


def test_window__is_what_the_widget_shows(port: Viewport) -> None:
    port.set_zoom(20)
    assert port.window() == QRectF(30, 22.5, 20, 15)
    port.pan(QPointF(-100, 40))
    assert port.window() == QRectF(35, 20.5, 20, 15)


def test_show_window__shows_exactly_that(port: Viewport) -> None:
    port.show_window(QRectF(10, 5, 40, 30))
    assert port.zoom == 10
    assert port.point_at(QPointF(0, 0)) == QPointF(10, 5)
    assert port.window() == QRectF(10, 5, 40, 30)


def test_show_window__of_another_shape_shows_at_least_that(port: Viewport) -> None:
    port.show_window(QRectF(10, 5, 10, 30))
    window = port.window()
    assert window is not None
    assert window.contains(QRectF(10, 5, 10, 30))
    assert window.center() == QRectF(10, 5, 10, 30).center()


def test_show_window__of_nothing_fits(port: Viewport) -> None:
    port.show_window(QRectF(10, 5, 10, 30))
    port.show_window(None)
    assert port.window() is None


def test_padding__has_room_only_where_it_is_seen(port: Viewport) -> None:
    port.padding = (1, 1, 1, 1)
    assert port.zoom < 5
    assert port.area().left() > 0
    port.room = QSizeF(80, 60)
    assert port.zoom == 1


def test_nothing_shown__has_no_window(port: Viewport) -> None:
    port.size = (0, 0)
    port.show_window(QRectF(0, 0, 4, 4))
    assert port.window() is None
    assert port.zoom == 1
