"""Looking closer at all maps together: one window, one cross, and which maps are shown in which order."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from explorer.imaging.colormaps import COLORMAPS
from explorer.imaging.opencv import cv2
from explorer.imaging.rendering import Scale
from explorer.layers.fields import Array
from explorer.live.analysis import map_view
from explorer.ui import imagery
from explorer.ui.maps_sheet import MapsSheet
from explorer.ui.tile_order import Listing
from tests.gui import click, move, press, release, wheel
from tests.ui.sheets import coloured, sheet, tiles

__all__ = ["coloured", "sheet"]


def test_window__shows_the_same_part_of_every_map(sheet: MapsSheet) -> None:
    shown = tiles(4, 380, 512)
    sheet.show_tiles(shown, COLORMAPS[0])
    layout = sheet.arrangement
    sheet.set_window(QRectF(100, 50, layout.width / 4, layout.height / 4))
    sheet.grab()
    for index, tile in enumerate(shown):
        rect = sheet.tile_rect(index)
        painted = imagery.array(sheet._painter.image(index, tile, rect))
        expected = imagery.array(imagery.map_image(tile.view.levels[0], tile.scale, COLORMAPS[0]))
        for x, y in ((0, 0), (rect.width() - 1, rect.height() - 1), (101, 63)):
            row, column = 50 + int((y + 0.5) / 4), 100 + int((x + 0.5) / 4)
            assert painted[y, x, :3].tolist() == expected[row, column, :3].tolist()


@pytest.mark.parametrize("zoom", [0.3, 0.9, 1.0, 7.9, 8.1, 33.0, 120.0])
@pytest.mark.parametrize("shape", [(380, 512), (1, 1), (3, 900), (900, 3)])
def test_window__of_any_zoom_and_place_is_drawn(
    sheet: MapsSheet, zoom: float, shape: tuple[int, int]
) -> None:
    sheet.show_tiles(tiles(3, *shape), COLORMAPS[0])
    layout = sheet.arrangement
    for x, y in ((-200.0, -100.0), (0.0, 0.0), (shape[1] - 0.5, shape[0] - 0.5), (1e4, 1e4)):
        sheet.set_window(QRectF(x, y, layout.width / zoom, layout.height / zoom))
        sheet.set_crosshair((shape[0] // 2, shape[1] // 2))
        sheet.grab()
    sheet.set_window(None)


def test_window__smaller_than_life_is_as_the_whole_map(sheet: MapsSheet) -> None:
    shown = tiles(1, 1000, 1000)
    smooth = cv2.GaussianBlur(shown[0].view.levels[0], (0, 0), 20)
    view = map_view(np.asarray(smooth, np.float32))
    shown = (replace(shown[0], view=view, scale=view.scale),)
    sheet.show_tiles(shown, COLORMAPS[0])
    rect = sheet.tile_rect(0)
    whole = imagery.array(sheet._painter.image(0, shown[0], rect)).astype(int)
    sheet.set_window(QRectF(0.001, 0, 1000, 1000))
    part = imagery.array(sheet._painter.image(0, shown[0], rect)).astype(int)
    difference = np.abs(whole - part)[2:-2, 2:-2, :3]
    assert difference.max() <= 16
    assert difference.mean() < 1


def test_cell__under_the_mouse(sheet: MapsSheet) -> None:
    sheet.show_tiles(tiles(6, 380, 512), COLORMAPS[0])
    found: list[tuple[int, ...]] = []
    sheet.hovered.connect(lambda *cell: found.append(cell))
    sheet.left.connect(lambda: found.append(()))
    rect = sheet.tile_rect(4)
    sheet.set_window(QRectF(100, 50, rect.width() / 10, rect.height() / 10))
    for x, y in ((0, 0), (4, 9), (25, 31), (25, 32)):
        move(sheet.viewport(), QPointF(rect.x() + x + 0.5, rect.y() + y + 0.5), Qt.MouseButton.NoButton)
    assert found == [(4, 50, 100), (4, 53, 102)]
    move(sheet.viewport(), QPointF(rect.x() + 20, rect.bottom() + 10), Qt.MouseButton.NoButton)
    assert found[-1] == ()


def test_wheel__zooms_with_ctrl_or_where_nothing_scrolls(sheet: MapsSheet) -> None:
    asked: list[tuple[float, QPointF]] = []
    sheet.zoom_requested.connect(lambda factor, point: asked.append((factor, point)))
    sheet.show_tiles(tiles(2, 380, 512), COLORMAPS[0])
    rect = sheet.tile_rect(1)
    assert wheel(sheet.viewport(), QPointF(rect.center()))
    assert asked[0][0] > 1
    assert abs(asked[0][1].x() - 256) < 2
    sheet.show_tiles(tiles(200, 30, 40), COLORMAPS[0])
    wheel(sheet.viewport(), QPointF(sheet.tile_rect(1).center()), -120)
    assert len(asked) == 1
    assert sheet.verticalScrollBar().value() > 0


@pytest.mark.parametrize("held", [Qt.MouseButton.MiddleButton, Qt.MouseButton.LeftButton])
def test_hand__moves_what_is_seen(sheet: MapsSheet, held: Qt.MouseButton) -> None:
    moved: list[QPointF] = []
    picked: list[int] = []
    sheet.pan_requested.connect(moved.append)
    sheet.picked.connect(picked.append)
    sheet.show_tiles(tiles(4, 380, 512), COLORMAPS[0])
    rect = sheet.tile_rect(2)
    sheet.set_window(QRectF(100, 50, rect.width() / 4, rect.height() / 4))
    if held == Qt.MouseButton.LeftButton:
        QTest.keyPress(sheet, Qt.Key.Key_Space)
    start = QPointF(rect.center())
    press(sheet.viewport(), start, held)
    move(sheet.viewport(), start + QPointF(8, -4), held)
    release(sheet.viewport(), start + QPointF(8, -4), held)
    QTest.keyRelease(sheet, Qt.Key.Key_Space)
    assert [(point.x(), point.y()) for point in moved] == [(-2.0, 1.0)]
    assert picked == []


def test_cross__is_drawn_within_what_is_repainted(qtbot: QtBot, sheet: MapsSheet) -> None:
    sheet.show_tiles(tiles(8, 380, 512), COLORMAPS[0])
    qtbot.waitExposed(sheet)
    for window in (None, QRectF(90, 90, 20, 15), QRectF(99, 99, 3, 2)):
        sheet.set_window(window)
        for cell in ((100, 100), (101, 103), (379, 511), (0, 0), None):
            sheet.set_crosshair(cell)
            QApplication.processEvents()
            partly = sheet.screen().grabWindow(sheet.winId()).toImage()
            sheet.viewport().update()
            QApplication.processEvents()
            assert sheet.screen().grabWindow(sheet.winId()).toImage() == partly


def test_cross__colours_nothing(sheet: MapsSheet, coloured: list[tuple[int, ...]]) -> None:
    sheet.show_tiles(tiles(8, 380, 512), COLORMAPS[0])
    sheet.grab()
    coloured.clear()
    sheet.set_crosshair((20, 30))
    sheet.grab()
    assert not coloured


def test_small_maps__show_their_numbers(sheet: MapsSheet, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[Array] = []
    monkeypatch.setattr(sheet._painter._numbers, "write", lambda *given: written.append(given[3]))
    shown = tiles(2, 5, 5)
    sheet.show_tiles(shown, COLORMAPS[0])
    sheet.grab()
    assert [values.tolist() for values in written] == [tile.view.levels[0].tolist() for tile in shown]


def test_clipped_values__are_striped(sheet: MapsSheet) -> None:
    shown = tuple(replace(tile, scale=Scale(-0.5, 0.5)) for tile in tiles(2, 300, 400))
    sheet.show_tiles(shown, COLORMAPS[0])
    before = sheet.grab().toImage()
    sheet.set_striped(True)
    assert sheet.grab().toImage() != before
    sheet.set_window(QRectF(10, 10, 40, 30))
    striped = sheet.grab().toImage()
    sheet.set_striped(False)
    assert sheet.grab().toImage() != striped


def test_listing__keyboard_and_ranges_go_in_shown_order(sheet: MapsSheet) -> None:
    shown = tuple(replace(tile, norm=norm) for tile, norm in zip(tiles(6), (3, 6, 1, 5, 2, 4), strict=True))
    sheet.show_tiles(shown, COLORMAPS[0])
    sheet.set_listing(Listing("weights"))
    assert tuple(sheet.shown) == (1, 3, 5, 0, 4, 2)
    QTest.keyClick(sheet, Qt.Key.Key_Home)
    assert sheet.current == 1
    QTest.keyClick(sheet, Qt.Key.Key_Right)
    assert sheet.current == 3
    click(sheet.viewport(), QPointF(sheet.tile_rect(0).center()), keys=Qt.KeyboardModifier.ShiftModifier)
    assert sheet.selection == (0, 3, 5)
    sheet.set_listing(Listing("weights", text="0-2"))
    assert tuple(sheet.shown) == (1, 0, 2)
    assert sheet.tile_rect(5).isEmpty()
    QTest.keyClick(sheet, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert sheet.selection == (0, 1, 2)


def test_listing__stays_while_frozen(sheet: MapsSheet) -> None:
    shown = tuple(replace(tile, norm=norm) for tile, norm in zip(tiles(3), (3, 6, 1), strict=True))
    sheet.show_tiles(shown, COLORMAPS[0])
    sheet.set_listing(Listing("weights"))
    sheet.frozen = True
    sheet.show_tiles(tuple(replace(tile, norm=-tile.norm) for tile in shown), COLORMAPS[0])
    assert tuple(sheet.shown) == (1, 0, 2)
    sheet.frozen = False
    sheet.show_tiles(tuple(replace(tile, norm=-tile.norm) for tile in shown), COLORMAPS[0])
    assert tuple(sheet.shown) == (2, 0, 1)


def test_listing__waits_for_statistics(sheet: MapsSheet) -> None:
    shown = tiles(3)
    sheet.show_tiles(shown, COLORMAPS[0])
    sheet.set_listing(Listing("norm"))
    assert tuple(sheet.shown) == (0, 1, 2)
    norms = [tile.view.statistics.norm for tile in shown]
    sheet.set_listing(Listing("norm"))
    assert [norms[index] for index in sheet.shown] == sorted(norms, reverse=True)


def test_nothing_found__is_said(sheet: MapsSheet) -> None:
    sheet.show_tiles(tiles(3), COLORMAPS[0])
    sheet.set_listing(Listing(text="nowhere"))
    assert tuple(sheet.shown) == ()
    sheet.grab()
    for key in (Qt.Key.Key_Right, Qt.Key.Key_End):
        QTest.keyClick(sheet, key)
    QTest.keyClick(sheet, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    click(sheet.viewport(), QPointF(50, 50))
    sheet.set_crosshair((1, 1))
    sheet.set_window(QRectF(0, 0, 5, 5))
    assert sheet.current == 0
