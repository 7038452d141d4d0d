"""A label that gives way to its neighbours."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from explorer.ui.elastic import ElasticLabel
from tests.ui.driving import pixels


def label(qtbot: QtBot, text: str, width: int) -> ElasticLabel:
    result = ElasticLabel(text)
    qtbot.addWidget(result)
    result.resize(width, 24)
    return result


def test_short_text__is_shown_whole(qtbot: QtBot) -> None:
    shown = label(qtbot, "<b>Map</b> “edge”, 3 × 3", 400)
    assert not shown.is_cut
    assert shown.shown_text() == "Map “edge”, 3 × 3"


@pytest.mark.parametrize(
    ("text", "begins", "ends"),
    [
        ("<b>Map</b> “edge right (edited)”, 510 × 378", "Map “edge", "”, 510 × 378"),
        ("<b>my_very_long_layer_name_that_never_ends</b> 510 × 378", "my_ve", " 510 × 378"),
        ("plain words that are too long for their place", "plain", "…"),
    ],
)
def test_long_text__loses_its_name_first(qtbot: QtBot, text: str, begins: str, ends: str) -> None:
    shown = label(qtbot, text, 200)
    assert shown.is_cut
    assert shown.shown_text().startswith(begins)
    assert shown.shown_text().endswith(ends)
    assert "…" in shown.shown_text()
    assert (pixels(shown) != pixels(label(qtbot, "", 200))).any()


def test_names__are_taken_literally(qtbot: QtBot) -> None:
    assert label(qtbot, "<b>a &amp; b</b> 3", 400).shown_text() == "a & b 3"


@pytest.mark.parametrize("width", [20, 40, 60, 80])
def test_no_room__is_no_failure(qtbot: QtBot, width: int) -> None:
    shown = label(qtbot, "<b>Map</b> “edge right (edited)”, 510 × 378", width)
    shown.grab()
    assert "…" in shown.shown_text()


def test_tooltip__has_the_whole_text_unless_there_is_more_to_say(qtbot: QtBot) -> None:
    shown = label(qtbot, "<b>Map</b> “edge”, 3 × 3", 60)
    assert shown.toolTip() == "Map “edge”, 3 × 3"
    shown.setToolTip("PyTorch (1, 1, 3, 3)")
    assert shown.toolTip() == "PyTorch (1, 1, 3, 3)"
    shown.setText("<b>Map</b>")
    assert shown.toolTip() == "PyTorch (1, 1, 3, 3)"
    shown.setToolTip("")
    assert shown.toolTip() == "Map"
