"""The strip of kernels of a filter: only what is in sight is coloured, and nothing moves under the hand."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from explorer.imaging.colormaps import COLORMAPS, Colormap
from explorer.imaging.rendering import Scale
from explorer.layers.fields import Array
from explorer.ui import imagery
from explorer.ui.channel_strip import ChannelStrip
from tests.gui import click, destroy_deferred, wheel
from tests.ui.driving import pixels


@pytest.fixture
def coloured(monkeypatch: pytest.MonkeyPatch) -> list[Array]:
    """Every kernel that is coloured."""
    seen: list[Array] = []
    original = imagery.map_image

    def count(pixels: Array, scale: Scale, colormap: Colormap) -> QImage:
        seen.append(pixels)
        return original(pixels, scale, colormap)

    monkeypatch.setattr(imagery, "map_image", count)
    return seen


@pytest.fixture
def strip(qtbot: QtBot) -> Iterator[ChannelStrip]:
    result = ChannelStrip()
    result.resize(264, result.sizeHint().height())
    result.show()
    yield result
    result.close()
    result.deleteLater()
    destroy_deferred()


def weights(channels: int, side: int = 3) -> Array:
    """Kernels whose norm grows with the channel."""
    signs = np.random.default_rng(0).choice([-1.0, 1.0], (channels, side, side))
    return (signs * np.arange(1, channels + 1)[:, None, None] / channels).astype(np.float32)


def show(strip: ChannelStrip, values: Array, selected: int = 0, subject: object = 0) -> None:
    strip.show_kernels(values, selected, COLORMAPS[0], 1.0, subject=str(subject))


def middle(strip: ChannelStrip, channel: int) -> QPointF:
    return QPointF(strip.row.place_of(channel).center())


def test_strip__is_as_low_as_a_thumbnail_and_its_number(strip: ChannelStrip) -> None:
    assert 40 <= strip.sizeHint().height() <= 48


def test_512_channels__only_those_in_sight_are_coloured_and_once(
    strip: ChannelStrip, coloured: list[Array]
) -> None:
    show(strip, weights(512, 31))
    strip.grab()
    assert 0 < len(coloured) <= 9
    coloured.clear()
    show(strip, weights(512, 31))
    strip.grab()
    assert not coloured


def test_painting_one_channel__colours_this_one_only(strip: ChannelStrip, coloured: list[Array]) -> None:
    values = weights(64)
    show(strip, values)
    strip.grab()
    coloured.clear()
    painted = values.copy()
    painted[2, 1, 1] = 0.5
    show(strip, painted)
    strip.grab()
    assert [kernel.tolist() for kernel in coloured] == [painted[2].tolist()]


def test_click__picks_a_channel(strip: ChannelStrip, qtbot: QtBot) -> None:
    show(strip, weights(8))
    with qtbot.waitSignal(strip.picked) as picked:
        click(strip.row.viewport(), middle(strip, 2))
    assert picked.args == [2]
    with qtbot.assertNotEmitted(strip.picked):
        click(strip.row.viewport(), middle(strip, 2))


def test_keys__walk_in_the_order_shown(strip: ChannelStrip) -> None:
    show(strip, weights(64), selected=5)
    picked: list[int] = []
    strip.picked.connect(picked.append)
    for key in (Qt.Key.Key_Right, Qt.Key.Key_End, Qt.Key.Key_Right, Qt.Key.Key_Left, Qt.Key.Key_Home):
        QTest.keyClick(strip.row, key)
    assert picked == [6, 63, 62, 0]
    strip.sort.setChecked(True)
    picked.clear()
    QTest.keyClick(strip.row, Qt.Key.Key_Home)
    QTest.keyClick(strip.row, Qt.Key.Key_Right)
    assert picked == [63, 62]


def test_wheel__scrolls_sideways_and_picks_nothing(strip: ChannelStrip, qtbot: QtBot) -> None:
    show(strip, weights(512))
    with qtbot.assertNotEmitted(strip.picked):
        assert wheel(strip.row.viewport(), QPointF(50, 20), -120)
    assert strip.row.horizontalScrollBar().value() > 0
    show(strip, weights(3), subject=1)
    assert not wheel(strip.row.viewport(), QPointF(50, 20), -120)


def test_selection__is_brought_into_sight(strip: ChannelStrip) -> None:
    show(strip, weights(512), selected=400)
    assert strip.row.viewport().rect().contains(strip.row.place_of(400))
    assert "Channel 400 of 512" in strip.row.accessibleDescription()


def test_scrolled_away__the_same_filter_stays_where_it_was_scrolled_to(strip: ChannelStrip) -> None:
    values = weights(512)
    show(strip, values, selected=3)
    bar = strip.row.horizontalScrollBar()
    bar.setValue(5000)
    painted = values.copy()
    painted[3] = 0
    show(strip, painted, selected=3)
    assert bar.value() == 5000


def test_sort__by_norm_and_not_under_the_hand(strip: ChannelStrip) -> None:
    values = weights(8)
    show(strip, values)
    assert strip.row.order == tuple(range(8))
    strip.sort.setChecked(True)
    assert strip.row.order == tuple(reversed(range(8)))
    painted = values.copy()
    painted[0] = 9
    show(strip, painted)
    assert strip.row.order == tuple(reversed(range(8)))
    show(strip, painted, subject=1)
    assert strip.row.order == (0, 7, 6, 5, 4, 3, 2, 1)


def test_sort__is_offered_for_many_channels_only(strip: ChannelStrip) -> None:
    show(strip, weights(3))
    assert not strip.sort.isVisible()
    show(strip, weights(64), subject=1)
    assert strip.sort.isVisible()


def test_few_kernels_after_many__are_shown_from_the_start(strip: ChannelStrip) -> None:
    show(strip, weights(512), selected=511)
    show(strip, weights(3), selected=2, subject=1)
    assert strip.row.place_of(0).left() >= 0
    assert len(np.unique(pixels(strip).reshape(-1, 3), axis=0)) > 5


@pytest.mark.parametrize("shape", [(1, 1), (1, 31), (31, 1), (2, 3)])
def test_every_shape_of_kernel_is_drawn(strip: ChannelStrip, shape: tuple[int, int]) -> None:
    show(strip, np.ones((4, *shape), np.float32))
    strip.grab()
