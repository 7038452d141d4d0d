"""The sheet of maps: only what is in sight is coloured, and nothing twice."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtGui import QFontMetricsF, QImage, QPainter, QRegion
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from explorer.imaging.colormaps import COLORMAPS
from explorer.imaging.rendering import Scale
from explorer.layers.fields import Array
from explorer.ui import imagery
from explorer.ui.maps_sheet import MapsSheet
from explorer.ui.tile_painter import TilePainter
from tests.gui import click, move, press, release
from tests.ui.sheets import coloured, sheet, tiles

__all__ = ["coloured", "sheet"]


def test_512_maps__only_those_in_sight_are_coloured(
    sheet: MapsSheet, coloured: list[tuple[int, ...]]
) -> None:
    sheet.show_tiles(tiles(512), COLORMAPS[0])
    sheet.grab()
    maps = [shape for shape in coloured if shape != (3, 3)]
    layout = sheet.arrangement
    assert 0 < len(maps) <= layout.columns * (sheet.viewport().height() // layout.pitch_y + 2)
    assert set(maps) == {(layout.height, layout.width)}


def test_painting_again__colours_nothing(sheet: MapsSheet, coloured: list[tuple[int, ...]]) -> None:
    sheet.show_tiles(tiles(8), COLORMAPS[0])
    sheet.grab()
    coloured.clear()
    sheet.grab()
    sheet.set_stale(True)
    sheet.grab()
    sheet.select(3)
    sheet.grab()
    assert not coloured


def test_one_changed_map__colours_one(sheet: MapsSheet, coloured: list[tuple[int, ...]]) -> None:
    first = tiles(8)
    sheet.show_tiles(first, COLORMAPS[0])
    sheet.grab()
    coloured.clear()
    other = tiles(8, seed=1)
    sheet.show_tiles((*first[:3], other[3], *first[4:]), COLORMAPS[0])
    sheet.grab()
    assert len([shape for shape in coloured if shape != (3, 3)]) == 1


def test_one_changed_map__draws_one_tile(
    qtbot: QtBot, sheet: MapsSheet, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = tiles(8)
    sheet.show_tiles(first, COLORMAPS[0])
    qtbot.waitExposed(sheet)
    sheet.grab()
    QApplication.processEvents()
    drawn: list[int] = []
    draw = sheet._paint_tile

    def note(painter: QPainter, index: int, region: QRegion) -> None:
        drawn.append(index)
        draw(painter, index, region)

    monkeypatch.setattr(sheet, "_paint_tile", note)
    other = tiles(8, seed=1)
    changed = (*first[:3], replace(other[3], kernel=first[3].kernel), *first[4:])
    sheet.show_tiles(changed, COLORMAPS[0])
    qtbot.waitUntil(lambda: drawn == [3])
    sheet.show_tiles(changed, COLORMAPS[0])
    QApplication.processEvents()
    assert drawn == [3]
    sheet.show_tiles((*changed[:7], replace(changed[7], name="renamed")), COLORMAPS[0])
    qtbot.waitUntil(lambda: drawn == [3, 7])


def test_partly_drawn__looks_as_drawn_whole(qtbot: QtBot, sheet: MapsSheet) -> None:
    sheet.show_tiles(tiles(8), COLORMAPS[0])
    qtbot.waitExposed(sheet)
    sheet.select(5)
    for index in (5, 0, 7):
        changed = list(sheet._tiles)
        changed[index] = tiles(8, seed=index + 1)[index]
        sheet.show_tiles(tuple(changed), COLORMAPS[0])
        QApplication.processEvents()
    partly = sheet.screen().grabWindow(sheet.winId()).toImage()
    sheet.viewport().update()
    QApplication.processEvents()
    assert sheet.screen().grabWindow(sheet.winId()).toImage() == partly


def test_small_maps__a_change_is_seen_even_where_there_is_one_level(
    sheet: MapsSheet, coloured: list[tuple[int, ...]]
) -> None:
    sheet.show_tiles(tiles(2, 5, 5), COLORMAPS[0])
    before = sheet.grab().toImage()
    sheet.show_tiles(tiles(2, 5, 5, seed=1), COLORMAPS[0])
    assert sheet.grab().toImage() != before


def test_another_colour_map__colours_all_again(sheet: MapsSheet) -> None:
    shown = tiles(4)
    sheet.show_tiles(shown, COLORMAPS[0])
    before = sheet.grab().toImage()
    sheet.show_tiles(shown, COLORMAPS[-1])
    assert sheet.grab().toImage() != before


def test_scrolling__keeps_few_pictures(sheet: MapsSheet) -> None:
    sheet.show_tiles(tiles(512, 30, 40), COLORMAPS[0])
    bar = sheet.verticalScrollBar()
    for value in range(0, bar.maximum(), bar.pageStep()):
        bar.setValue(value)
        sheet.grab()
    in_sight = len(sheet.arrangement.visible(bar.value(), sheet.viewport().height()))
    assert len(sheet._painter.images) <= 10 * in_sight


def test_click__picks_the_tile_under_the_mouse(sheet: MapsSheet) -> None:
    picked: list[int] = []
    sheet.picked.connect(picked.append)
    sheet.show_tiles(tiles(100), COLORMAPS[0])
    sheet.verticalScrollBar().setValue(sheet.arrangement.pitch_y)
    index = sheet.arrangement.columns + 2
    click(sheet.viewport(), QPointF(sheet.tile_rect(index).center()))
    assert picked == [index]
    click(sheet.viewport(), QPointF(1, 1))
    assert picked == [index]


def test_keys__walk_and_stay_inside(sheet: MapsSheet) -> None:
    picked: list[int] = []
    sheet.picked.connect(picked.append)
    sheet.show_tiles(tiles(20), COLORMAPS[0])
    columns = sheet.arrangement.columns
    keys = (
        Qt.Key.Key_Left,
        Qt.Key.Key_Right,
        Qt.Key.Key_Down,
        Qt.Key.Key_Up,
        Qt.Key.Key_End,
        Qt.Key.Key_Right,
    )
    for key in (*keys, Qt.Key.Key_Home):
        QTest.keyClick(sheet, key)
    assert picked == [0, 1, 1 + columns, 1, 19, 19, 0]


def test_keys__bring_the_tile_into_sight(sheet: MapsSheet) -> None:
    sheet.show_tiles(tiles(512, 30, 40), COLORMAPS[0])
    QTest.keyClick(sheet, Qt.Key.Key_End)
    assert sheet.viewport().rect().contains(sheet.tile_rect(511))
    QTest.keyClick(sheet, Qt.Key.Key_Home)
    assert sheet.viewport().rect().contains(sheet.tile_rect(0))


def test_no_maps__the_sentence_is_shown(sheet: MapsSheet) -> None:
    sheet.show_tiles((), COLORMAPS[0], "No layers yet.")
    sheet.grab()
    click(sheet.viewport(), QPointF(50, 50))
    QTest.keyClick(sheet, Qt.Key.Key_Right)


@pytest.mark.parametrize("shape", [(1, 1), (1, 4000), (4000, 1), (2, 2)])
def test_any_shape__is_painted(sheet: MapsSheet, shape: tuple[int, int]) -> None:
    sheet.show_tiles(tiles(3, *shape), COLORMAPS[0])
    sheet.grab()
    sheet.resize(130, 130)
    sheet.grab()


def test_colours__are_those_of_the_map(sheet: MapsSheet) -> None:
    shown = tiles(1, 4, 4)
    sheet.show_tiles(shown, COLORMAPS[0])
    rect = sheet.tile_rect(0)
    painted = imagery.array(sheet.viewport().grab().toImage())
    expected = imagery.array(imagery.map_image(shown[0].view.levels[0], shown[0].scale, COLORMAPS[0]))
    for row in range(4):
        for column in range(4):
            x = rect.x() + round((column + 0.1) * rect.width() / 4)  # beside its number
            y = rect.y() + round((row + 0.1) * rect.height() / 4)
            assert painted[y, x, :3].tolist() == expected[row, column, :3].tolist()


@pytest.mark.parametrize("ratio", [1.0, 1.25, 1.5, 2.0])
def test_picture__has_the_same_pixels_whatever_is_repainted(qapp: QApplication, ratio: float) -> None:
    noise = np.random.default_rng(0).standard_normal((round(60 * ratio), round(81 * ratio)), dtype=np.float32)
    image = imagery.map_image(noise, Scale(-2.0, 2.0), COLORMAPS[0])

    def drawn(part: QRect) -> Array:
        target = QImage(200, 150, QImage.Format.Format_RGB32)
        target.setDevicePixelRatio(ratio)
        target.fill(0)
        painter = QPainter(target)
        painter.setClipRect(part)
        imagery.draw_exactly(painter, 9, 5, image, ratio)
        painter.end()
        return imagery.array(target)[:, :, :3].astype(np.float32)

    whole, part = drawn(QRect(0, 0, 200, 150)), drawn(QRect(24, 12, 40, 40))
    repainted = part.any(axis=2)
    assert repainted.any()
    np.testing.assert_array_equal(part[repainted], whole[repainted])
    top, left = round(5 * ratio), round(9 * ratio)
    seen = whole[top : top + image.height(), left : left + image.width()]
    np.testing.assert_array_equal(seen, imagery.array(image)[: len(seen), : seen.shape[1], :3])


@pytest.mark.parametrize("width", [20, 40, 80, 112, 160, 230, 420])
@pytest.mark.parametrize(
    "name", ["#3", "vertical lines", "W" * 60, "ein sehr langer Name für einen Filter", ""]
)
@pytest.mark.parametrize("badge", ["", "NaN", "constant -1.23e+05"])
def test_caption__fits_and_what_is_cut_ends_in_dots(
    sheet: MapsSheet, width: int, name: str, badge: str
) -> None:
    tile = replace(tiles(1)[0], name=name)
    tile = replace(tile, view=replace(tile.view, badge=badge, minimum=-123456.0, maximum=7.5e6))
    painter = TilePainter(sheet)
    metrics = QFontMetricsF(painter.font)
    for usual in (True, False):
        painter.measure((tile,), 1000 if usual else 10)
        shown, limits = painter.caption(tile, width)
        assert shown == name or shown.endswith("…") or (shown == "" and width <= 40)
        gap = 8 if shown and limits else 0
        assert metrics.horizontalAdvance(shown) + gap + metrics.horizontalAdvance(limits) <= width


def test_one_long_name__does_not_take_the_ranges_of_all(sheet: MapsSheet) -> None:
    shown = tiles(8)
    painter = TilePainter(sheet)
    short = painter.measure(tuple(replace(tile, name="vertical lines") for tile in shown), 230)
    assert painter.measure((replace(shown[0], name="W" * 60), *shown[1:]), 230) == short


def test_marks__are_drawn_within_what_is_repainted(qtbot: QtBot, sheet: MapsSheet) -> None:
    sheet.show_tiles(tiles(8), COLORMAPS[0])
    qtbot.waitExposed(sheet)
    sheet.setFocus()
    for chosen, current in (((1, 2, 5), 2), ((1, 5), 5), ((0,), 0), (tuple(range(8)), 7), ((3,), 3)):
        sheet.select_several(chosen, current)
        QApplication.processEvents()
        partly = sheet.screen().grabWindow(sheet.winId()).toImage()
        sheet.viewport().update()
        QApplication.processEvents()
        assert sheet.screen().grabWindow(sheet.winId()).toImage() == partly


def test_selection__of_tiles_that_are_gone_ends(sheet: MapsSheet) -> None:
    sheet.show_tiles(tiles(8), COLORMAPS[0])
    sheet.select_several((1, 5, 7), 7)
    sheet.show_tiles(tiles(6), COLORMAPS[0])
    assert (sheet.selection, sheet.current) == ((1, 5), 5)
    sheet.show_tiles(tiles(1), COLORMAPS[0])
    assert (sheet.selection, sheet.current) == ((0,), 0)


def test_drag__scrolls_near_the_edges(qtbot: QtBot, sheet: MapsSheet) -> None:
    sheet.show_tiles(tiles(200, 30, 40), COLORMAPS[0])
    sheet.draggable = True
    dropped: list[tuple[int, bool]] = []
    sheet.dropped.connect(lambda slot, copy: dropped.append((slot, copy)))
    viewport, bar = sheet.viewport(), sheet.verticalScrollBar()
    press(viewport, QPointF(sheet.tile_rect(0).center()))
    move(viewport, QPointF(300, viewport.height() - 4))
    qtbot.waitUntil(lambda: bar.value() == bar.maximum())
    move(viewport, QPointF(300, viewport.height() // 2))
    release(viewport, QPointF(300, viewport.height() // 2))
    assert dropped[0][0] > 100
    assert not sheet._drag._scroll.isActive()
