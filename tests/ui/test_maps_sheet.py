"""The sheet of maps: only what is in sight is coloured, and nothing twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from explorer.imaging.colormaps import COLORMAPS, Colormap
from explorer.imaging.rendering import Scale
from explorer.layers.fields import Array
from explorer.live.analysis import layer_view
from explorer.ui import imagery
from explorer.ui.maps_sheet import MapsSheet, Tile
from tests.gui import click, destroy_deferred


def tiles(count: int, rows: int = 60, columns: int = 80, seed: int = 0) -> tuple[Tile, ...]:
    """Maps of noise with kernels."""
    rng = np.random.default_rng(seed)
    output = rng.standard_normal((1, count, rows, columns), dtype=np.float32)
    kernel = rng.standard_normal((3, 3), dtype=np.float32)
    return tuple(
        Tile(view, view.scale, f"map {i}", kernel)
        for i, view in enumerate(layer_view(output, None, None).maps)
    )


@pytest.fixture
def coloured(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, ...]]:
    """The shape of everything that is coloured."""
    seen: list[tuple[int, ...]] = []
    original = imagery.map_image

    def count(pixels: Array, scale: Scale, colormap: Colormap) -> QImage:
        seen.append(pixels.shape)
        return original(pixels, scale, colormap)

    monkeypatch.setattr(imagery, "map_image", count)
    return seen


@pytest.fixture
def sheet(qapp: QApplication) -> Iterator[MapsSheet]:
    result = MapsSheet()
    result.resize(1160, 420)
    result.show()
    yield result
    result.deleteLater()
    destroy_deferred()


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

    def note(painter: QPainter, index: int) -> None:
        drawn.append(index)
        draw(painter, index)

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
    assert len(sheet._images) <= 10 * in_sight


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
            x = rect.x() + round((column + 0.5) * rect.width() / 4)
            y = rect.y() + round((row + 0.5) * rect.height() / 4)
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
