"""Both themes: text and borders can be told from what is behind them."""

from __future__ import annotations

import dataclasses

import pytest
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QWidget

from explorer.ui import overlay, theme
from explorer.ui.theme import DARK, LIGHT, Theme
from tests.gui import destroy_deferred

THEMES = pytest.mark.parametrize("colours", [DARK, LIGHT], ids=lambda one: one.name)


def luminance(colour: QColor) -> float:
    """WCAG 2 relative luminance."""
    parts = []
    for part in (colour.redF(), colour.greenF(), colour.blueF()):
        parts.append(part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4)
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(first: QColor | str, second: QColor | str) -> float:
    """WCAG 2 contrast ratio, from 1 to 21."""
    a, b = sorted((luminance(QColor(first)), luminance(QColor(second))), reverse=True)
    return (a + 0.05) / (b + 0.05)


@THEMES
@pytest.mark.parametrize("behind", ["window", "panel", "card", "stage"])
@pytest.mark.parametrize("front", ["text", "second", "note", "error"])
def test_text__is_readable(colours: Theme, front: str, behind: str) -> None:
    values = dataclasses.asdict(colours)
    assert contrast(values[front], values[behind]) >= 4.5


@THEMES
@pytest.mark.parametrize("behind", ["window", "panel", "card"])
@pytest.mark.parametrize("front", ["field_border", "accent", "error"])
def test_borders_and_focus__can_be_seen(colours: Theme, front: str, behind: str) -> None:
    values = dataclasses.asdict(colours)
    assert contrast(values[front], values[behind]) >= 3.0


@THEMES
def test_selected__text_is_readable_on_the_accent(colours: Theme) -> None:
    assert contrast(colours.on_accent, colours.accent) >= 4.5


@THEMES
@pytest.mark.parametrize(
    ("front", "behind"),
    [
        (QPalette.ColorRole.WindowText, QPalette.ColorRole.Window),
        (QPalette.ColorRole.Text, QPalette.ColorRole.Base),
        (QPalette.ColorRole.ButtonText, QPalette.ColorRole.Button),
        (QPalette.ColorRole.ToolTipText, QPalette.ColorRole.ToolTipBase),
        (QPalette.ColorRole.HighlightedText, QPalette.ColorRole.Highlight),
        (QPalette.ColorRole.PlaceholderText, QPalette.ColorRole.Base),
        (QPalette.ColorRole.Link, QPalette.ColorRole.Window),
        (QPalette.ColorRole.Text, QPalette.ColorRole.AlternateBase),
    ],
)
def test_palette__is_readable(
    qapp: QApplication, colours: Theme, front: QPalette.ColorRole, behind: QPalette.ColorRole
) -> None:
    palette = theme.palette(colours)
    assert contrast(palette.color(front), palette.color(behind)) >= 4.5


@THEMES
def test_apply__dresses_widgets_at_once(qapp: QApplication, colours: Theme) -> None:
    widget = QWidget()
    widget.show()
    theme.apply(qapp, colours)
    assert theme.of(widget) is colours
    assert widget.palette().color(QPalette.ColorRole.Window).name() == colours.window
    theme.apply(qapp, DARK)
    widget.deleteLater()
    destroy_deferred()


@pytest.mark.parametrize("grey", range(0, 256, 15))
def test_text_on__is_the_more_readable_of_black_and_white(grey: int) -> None:
    behind = QColor(grey, grey, grey)
    chosen = overlay.text_on(behind)
    other = QColor(0, 0, 0) if chosen.red() else QColor(255, 255, 255)
    assert contrast(chosen, behind) >= contrast(other, behind) - 0.1
    assert contrast(chosen, behind) >= 4.5


def test_chosen__light_and_dark_are_what_they_say(qapp: QApplication) -> None:
    assert theme.chosen("light") is LIGHT
    assert theme.chosen("dark") is DARK
    assert theme.chosen("system") in (LIGHT, DARK)


def test_font__digits_are_of_one_width(qapp: QApplication) -> None:
    widget = QWidget()
    assert theme.font(widget, 2.0).pointSizeF() == pytest.approx(2 * qapp.font().pointSizeF())
    assert theme.font(widget, bold=True).bold()
    widget.deleteLater()
    destroy_deferred()
