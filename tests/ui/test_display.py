"""Which scale a map has: its own, its layer's, the network's, a locked one, or one set by hand."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from explorer.imaging.rendering import Scale
from explorer.live.analysis import LayerView, layer_view
from explorer.ui.display import SCALINGS, Display
from explorer.ui.main_window import MainWindow
from tests.ui.driving import settled


@pytest.fixture
def display(qapp: QApplication) -> Display:
    return Display()


def maps(*reaches: float) -> LayerView:
    """A layer of 4 x 4 maps that reach so far."""
    output = np.stack([np.full((4, 4), reach, np.float32) for reach in reaches])[None]
    output[..., 0, 0] *= -1
    return layer_view(output, None, None)


def reaches(display: Display, view: LayerView, layer: str = "conv") -> list[float]:
    return [display.scale(layer, view, channel).magnitude for channel in range(len(view.maps))]


def test_scaling__of_each_kind(display: Display) -> None:
    view = maps(1, 2, 5)
    assert reaches(display, view) == [1, 2, 5]
    display.set_scaling("layer")
    assert reaches(display, view) == [5, 5, 5]
    display.set_scaling("network")
    assert reaches(display, view) == [5, 5, 5]  # until the others are known
    display.set_network_scale(Scale(-8, 8))
    assert reaches(display, view) == [8, 8, 8]
    assert reaches(display, view, "") == [5, 5, 5]  # the input is no layer
    assert {scaling.key for scaling in SCALINGS} == {"map", "layer", "network"}


def test_lock__keeps_scales(display: Display) -> None:
    assert reaches(display, maps(1, 2)) == [1, 2]
    display.set_locked(True)
    assert reaches(display, maps(7, 8, 9)) == [1, 2, 9]
    display.set_locked(False)
    assert reaches(display, maps(7, 8, 9)) == [7, 8, 9]


def test_lock__goes_with_the_filters(display: Display) -> None:
    view = maps(1, 2, 3)
    reaches(display, view)
    display.set_locked(True)
    display.rearrange("conv", (2, 0, 1, None, 0))
    assert reaches(display, maps(9, 9, 9, 9, 9)) == [3, 1, 2, 9, 1]
    display.rearrange("other", (1, 0))
    assert reaches(display, maps(9, 9, 9)) == [3, 1, 2]


def test_maps_of_an_older_order__are_asked_for_by_where_their_filters_are_now(display: Display) -> None:
    view = maps(1, 2)
    reaches(display, view)
    display.set_locked(True)
    display.rearrange("conv", (1, 0))
    assert display.scale("conv", view, 0, 1).magnitude == 1
    assert display.scale("conv", view, 1, 0).magnitude == 2


def test_by_hand__overrules_everything_until_it_is_given_up(display: Display) -> None:
    view = maps(1, 2)
    display.set_by_hand("conv", 1, Scale(-0.5, 0.5))
    for key in ("map", "layer", "network"):
        display.set_scaling(key)
        assert reaches(display, view)[1] == 0.5
    display.set_locked(True)
    display.rearrange("conv", (1, 0))
    assert display.by_hand("conv", 0) == Scale(-0.5, 0.5)
    assert display.any_by_hand("conv")
    display.set_by_hand("conv", 0, None)
    assert not display.any_by_hand("conv")
    assert reaches(display, view)[0] == 2  # as of the layer, not as it was locked


def test_changed__is_told_once_per_change(display: Display) -> None:
    told: list[int] = []
    display.changed.connect(lambda: told.append(1))
    display.set_network_scale(Scale(-1, 1))
    assert not told
    display.set_scaling("network")
    display.set_network_scale(Scale(-1, 1))
    display.set_network_scale(Scale(-2, 2))
    assert len(told) == 2


def test_another_network__begins_with_scales_of_its_own(
    qtbot: QtBot, make_window: Callable[..., MainWindow]
) -> None:
    window = make_window()
    window.display.set_by_hand("conv2d", 0, Scale(-0.01, 0.01))
    window.files.open_example("sum-by-hand")
    qtbot.waitUntil(lambda: window.session.document.image.name == "nine-pixels")
    settled(qtbot, window)
    assert not window.display.any_by_hand("conv2d")
