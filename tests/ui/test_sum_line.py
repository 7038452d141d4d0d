"""The line of arithmetic: what does not fit leaves out whole terms of its middle."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from explorer.ui.sum_line import SumLine

TEXT = "This dot: " + " + ".join(f"{number}×0.{number}" for number in range(100, 130)) + " = 12.3"


def test_sum_line__is_whole_where_there_is_room(qtbot: QtBot) -> None:
    line = SumLine()
    qtbot.addWidget(line)
    line.resize(4000, 30)
    line.show()
    line.show_text(TEXT)
    assert line.label.text() == TEXT


def test_sum_line__leaves_out_whole_terms_and_keeps_the_result(qtbot: QtBot) -> None:
    line = SumLine()
    qtbot.addWidget(line)
    line.resize(600, 30)
    line.show()
    line.show_text(TEXT)
    shown = line.label.text()
    assert shown.startswith("This dot: 100×0.100 + ")
    assert shown.endswith("129×0.129 = 12.3")
    terms = shown.split(" + ")
    assert "…" in terms
    assert set(terms) - {"…"} <= set(TEXT.split(" + "))
    assert line.label.toolTip() == TEXT
