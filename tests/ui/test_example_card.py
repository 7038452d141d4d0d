"""The card of an example."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from explorer.document.examples import EXAMPLES, load_example
from explorer.ui import theme
from explorer.ui.example_card import ExampleCard, Try
from tests.gui import click, destroy_deferred
from tests.ui.driving import child, pixels


@pytest.fixture
def area() -> Iterator[QWidget]:
    result = QWidget()
    result.resize(800, 500)
    yield result
    result.close()
    result.deleteLater()
    destroy_deferred()


@pytest.fixture
def card(area: QWidget) -> ExampleCard:
    result = ExampleCard()
    result.float_over(area)
    area.show()
    return result


def labels(card: ExampleCard) -> list[str]:
    return [label.text() for label in card.findChildren(QLabel) if label.isVisibleTo(card)]


def test_card__begins_hidden_and_shows_all_of_an_example(card: ExampleCard) -> None:
    assert not card.isVisible()
    example = load_example("sum-by-hand")
    card.show_example(example)
    assert card.isVisible()
    shown = labels(card)
    assert {f"<b>{example.title}</b>", example.text, *example.tries, "0 of 3"} <= set(shown)
    assert card.accessibleName() == "Example: One sum by hand: 444"


@pytest.mark.parametrize("key", [entry.key for entry in EXAMPLES])
def test_card__no_text_is_cut(card: ExampleCard, area: QWidget, key: str) -> None:
    card.show_example(load_example(key))
    area.grab()
    for label in card.findChildren(QLabel):
        if label.wordWrap():
            assert label.height() >= label.heightForWidth(label.width())
    assert card.width() == 360
    assert card.height() <= 330
    content = card.tries[-1]
    bottom = content.mapTo(card, QPoint(0, content.height())).y()
    assert card.height() - 20 <= bottom <= card.height()  # no empty room, nothing to scroll


def test_card__stays_at_the_bottom_right(card: ExampleCard, area: QWidget) -> None:
    card.show_example(load_example("template"))
    for width, height in ((800, 500), (1200, 700)):
        area.resize(width, height)
        area.grab()
        assert (area.width() - card.geometry().right(), area.height() - card.geometry().bottom()) == (13, 13)


def test_card__scrolls_where_there_is_little_room(card: ExampleCard, area: QWidget) -> None:
    area.resize(300, 200)
    card.show_example(load_example("template"))
    area.grab()
    assert area.rect().contains(card.geometry())
    card.tries[2].box.setFocus()
    assert (card.width(), card.height()) == (276, 176)


def test_try__is_ticked_by_its_box_and_by_its_words(card: ExampleCard, area: QWidget) -> None:
    card.show_example(load_example("stacked"))
    area.grab()
    card.tries[0].box.click()
    assert "1 of 3" in labels(card)
    click(card.tries[1], QPointF(card.tries[1].width() - 20, 5))
    assert [one.box.isChecked() for one in card.tries] == [True, True, False]
    assert "2 of 3" in labels(card)
    QTest.keyClick(card.tries[0].box, Qt.Key.Key_Space)
    assert "1 of 3" in labels(card)


def test_try__is_named_for_screen_readers(card: ExampleCard) -> None:
    example = load_example("stacked")
    card.show_example(example)
    assert tuple(one.box.accessibleName() for one in card.tries) == example.tries


def test_card__another_example_begins_anew(card: ExampleCard) -> None:
    card.show_example(load_example("stacked"))
    card.tries[0].box.click()
    child(card, QToolButton, "Fold the card").click()
    card.show_example(load_example("digits"))
    destroy_deferred()
    assert len(card.findChildren(Try)) == 3
    assert "0 of 3" in labels(card)
    assert load_example("digits").text in labels(card)


def test_card__folds_to_its_title(card: ExampleCard, area: QWidget) -> None:
    card.show_example(load_example("stacked"))
    tall = card.height()
    child(card, QToolButton, "Fold the card").click()
    area.grab()
    assert card.height() < 60 < tall
    assert area.height() - card.geometry().bottom() == 13
    child(card, QToolButton, "Unfold the card").click()
    area.grab()
    assert card.height() == tall


def test_card__is_put_away_by_button_and_escape(card: ExampleCard, qtbot: QtBot) -> None:
    card.show_example(load_example("stacked"))
    with qtbot.waitSignal(card.closed):
        card.close_button.click()
    assert not card.isVisible()
    card.show_example(load_example("stacked"))
    with qtbot.waitSignal(card.closed):
        QTest.keyClick(card.tries[0].box, Qt.Key.Key_Escape)
    assert not card.isVisible()


def test_try__has_a_border_that_is_seen_in_both_themes(
    card: ExampleCard, area: QWidget, qapp: QApplication
) -> None:
    card.show_example(load_example("stacked"))
    area.grab()
    for colours in (theme.DARK, theme.LIGHT):
        theme.apply(qapp, colours)
        area.grab()
        grey = pixels(card.tries[0].box).astype(int).mean(axis=2)
        background = grey[0, 0]
        assert abs(grey - background).max() > 60
    theme.apply(qapp, theme.DARK)
