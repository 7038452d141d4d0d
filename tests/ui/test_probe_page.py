"""The page that explains one number: its terms, the way down to the picture, and what can be copied."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from explorer.document import edits
from explorer.layers import (
    AvgPool2d,
    BatchNorm2d,
    Conv2d,
    Flatten,
    Layer,
    Linear,
    MaxPool2d,
    ReLU,
    Softmax,
)
from explorer.layers.explanation import Term
from explorer.ui.display import Display
from explorer.ui.main_window import MainWindow
from explorer.ui.probe import PICTURE, Probe, Step
from explorer.ui.probe_page import ProbePage
from explorer.ui.probe_trail import Trail
from tests.live.given import from_scratch, picture, small_document
from tests.ui.driving import settled


@pytest.fixture
def page(qtbot: QtBot) -> ProbePage:
    result = ProbePage(Display())
    qtbot.addWidget(result)
    result.resize(1100, 150)
    result.show()
    return result


def probe(step: Step, *layers: Layer, live: bool = True) -> Probe:
    return Probe(from_scratch(small_document(*layers)), step, live)


def focus() -> QWidget:
    found = QApplication.focusWidget()
    assert found is not None
    return found


def probed(page: ProbePage) -> Probe:
    assert page._probe is not None
    return page._probe


def names(page: ProbePage) -> list[str]:
    return [chip.accessibleName() for chip in page.terms.shown_chips]


def test_few_terms__are_a_table(page: ProbePage) -> None:
    given = probe(Step(0, 1, 4, 5), Conv2d(out_channels=2))
    page.show_probe(given)
    made = given.explanation
    assert made is not None
    assert len(page.terms.shown_chips) == 9
    assert all(chip.is_cell for chip in page.terms.shown_chips)
    for word in ("patch", "kernel", "product", "×", "=", "+ bias"):
        assert word in page.terms.words
    assert "from the picture #0 (4, 5)" in names(page)[0]
    assert page.words.text() == made.words
    assert page.value.text().endswith("=")
    assert page.subtotals.isHidden()


def test_many_terms__are_cards_with_the_rest_and_subtotals(page: ProbePage) -> None:
    page.show_probe(probe(Step(1, 0, 4, 5), Conv2d(out_channels=8), Conv2d(out_channels=2)))
    assert len(page.terms.shown_chips) == 9
    assert not any(chip.is_cell for chip in page.terms.shown_chips)
    assert "and 63 more = " in page.terms.words
    assert not page.subtotals.isHidden()
    assert len(page.subtotals.subtotals) == 8
    assert "from conv2d #" in names(page)[0]
    page.grab()


def test_maximum__frames_the_winner(page: ProbePage) -> None:
    given = probe(Step(0, 0, 2, 3), MaxPool2d())
    page.show_probe(given)
    assert [chip.wins for chip in page.terms.shown_chips].count(True) == 1
    winner = next(chip for chip in page.terms.shown_chips if chip.wins)
    assert "wins" in winner.accessibleName()


@pytest.mark.parametrize(
    ("layers", "step", "words"),
    [
        ((AvgPool2d(),), Step(0, 0, 2, 3), "sum / 4"),
        ((ReLU(),), Step(0, 0, 2, 3), "max(0, "),
        ((BatchNorm2d(),), Step(0, 0, 2, 3), "+ bias"),
        ((Flatten(), Linear(out_features=3)), Step(1, 0, 2, 0, is_number=True), "471 more"),
        ((Flatten(), Linear(out_features=3), Softmax()), Step(2, 0, 2, 0, is_number=True), "sum of exp"),
        ((Flatten(),), Step(0, 0, 7, 0, is_number=True), ""),
    ],
)
def test_every_kind__says_what_is_done(
    page: ProbePage, layers: tuple[Layer, ...], step: Step, words: str
) -> None:
    page.show_probe(probe(step, *layers))
    assert words in page.terms.words
    assert page.terms.shown_chips
    assert all(names(page))
    page.grab()


def test_hidden__nothing_is_worked_out(page: ProbePage) -> None:
    page.hide()
    given = probe(Step(0, 0, 4, 5), Conv2d())
    page.show_probe(given)
    assert "explanation" not in vars(given)
    page.show()
    assert "explanation" in vars(given)


def test_nothing__says_what_to_do(page: ProbePage) -> None:
    page.show_probe(probe(Step(0, 0, 4, 5), Conv2d()))
    page.show_probe(None)
    assert "Move over a map" in page.words.text()
    assert page.copy_text.isHidden()


def test_left__stays_and_is_greyed(page: ProbePage) -> None:
    page.show_probe(probe(Step(0, 0, 4, 5), Conv2d(), live=False))
    assert all(chip.faded for chip in page.terms.shown_chips)
    assert not page.value.isEnabled()
    page.grab()


def test_copies__the_equation_and_the_table(page: ProbePage) -> None:
    given = probe(Step(0, 0, 4, 5), Conv2d())
    page.show_probe(given)
    said: list[str] = []
    page.message.connect(said.append)
    made = given.explanation
    assert made is not None
    page.copy_text.click()
    assert QGuiApplication.clipboard().text() == made.text()
    page.copy_csv.click()
    assert QGuiApplication.clipboard().text() == made.csv()
    assert len(said) == 2


def test_chip__points_with_mouse_and_focus(page: ProbePage) -> None:
    given = probe(Step(0, 0, 4, 5), Conv2d())
    page.show_probe(given)
    pointed: list[Term | None] = []
    page.term_pointed.connect(pointed.append)
    chip = page.terms.shown_chips[4]
    made = given.explanation
    assert made is not None
    chip.pointed.emit(True)
    assert pointed[-1] is made.terms[4]
    QApplication.sendEvent(chip, QEvent(QEvent.Type.Leave))
    assert pointed[-1] is None


def test_trail__of_places() -> None:
    trail = Trail()

    def steps() -> tuple[Step, ...]:
        return trail.steps

    first, second, third = Step(2, 0, 1, 1), Step(1, 0, 2, 2), Step(0, 0, 3, 3)
    trail.show(first, ("a", "b"))
    trail.go_down(second)
    trail.go_down(third)
    trail.show(third, ("a", "b"))
    assert steps() == (first, second, third)
    assert trail.go_up(1) == second
    assert steps() == (first, second)
    trail.show(second, ("a", "c"))
    assert steps() == (second,)
    trail.show(third, ("a", "c"))
    assert steps() == (third,)


@pytest.fixture
def explained(make_window: Callable[..., MainWindow]) -> tuple[MainWindow, ProbePage]:
    """A window whose page is wired, with a network from picture to shares."""
    layers = (
        Conv2d(out_channels=2),
        ReLU(),
        MaxPool2d(),
        Flatten(),
        Linear(out_features=4),
        Softmax(),
    )
    window = make_window(small_document(*layers, image=picture(20, 24)))
    page = ProbePage(window.display)
    window.drawer.add_page("explained", "Explained", "", page)
    window.stage.probe_changed.connect(page.show_probe)
    page.go_requested.connect(window.stage.go_to)
    page.term_pointed.connect(window.stage.probing.point_at_term)
    page.unpin_requested.connect(window.stage.unpin)
    window.drawer.show_page("explained")
    return window, page


def test_way__down_to_the_picture_and_back_up(qtbot: QtBot, explained: tuple[MainWindow, ProbePage]) -> None:
    window, page = explained
    window.session.select_layer(5)
    settled(qtbot, window)
    window.session.select_channel(2)
    settled(qtbot, window)
    for _ in range(5):
        made = page._probe.explanation if page._probe else None
        assert made is not None
        best = max(range(len(made.terms)), key=lambda i: abs(made.terms[i].product))
        before = made.terms[best].value
        page.go_down(best)
        settled(qtbot, window)
        assert page._probe is not None
        assert page._probe.value == pytest.approx(before)
    assert [step.index for step in page.trail.steps] == [5, 4, 2, 1, 0, PICTURE]
    shown = [crumb.text() for crumb in page.breadcrumb.crumbs]
    assert shown[0] == "softmax #2"
    assert shown[-1].startswith("picture (")
    assert "seen by" in page.words.text()
    page.breadcrumb.crumbs[1].click()
    settled(qtbot, window)
    assert window.session.layer == 4
    assert window.session.channel == 2
    assert len(page.trail.steps) == 2
    QTest.keyClick(page, Qt.Key.Key_Backspace)
    settled(qtbot, window)
    assert window.session.layer == 5


def test_keys__tab_through_the_terms_and_return_goes_down(
    qtbot: QtBot, explained: tuple[MainWindow, ProbePage]
) -> None:
    window, page = explained
    window.session.select_layer(2)
    settled(qtbot, window)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    page.copy_csv.setFocus()
    for chip in page.terms.shown_chips:
        QTest.keyClick(focus(), Qt.Key.Key_Tab)
        assert focus() is chip
    QTest.keyClick(focus(), Qt.Key.Key_Return)
    settled(qtbot, window)
    assert window.session.layer == 1
    assert focus() is page.terms.shown_chips[0]
    QTest.keyClick(focus(), Qt.Key.Key_Return)
    settled(qtbot, window)
    assert window.session.layer == 0
    assert probed(page).pinned
    QTest.keyClick(focus(), Qt.Key.Key_Escape)
    assert not probed(page).pinned
    assert window.drawer.page == "explained"


def test_term__is_marked_on_the_input_and_the_kernel(
    qtbot: QtBot, explained: tuple[MainWindow, ProbePage]
) -> None:
    window, page = explained
    window.stage.go_to(Step(0, 0, 3, 4))
    page.terms.pointed.emit(5)
    assert window.stage.input_view.marks.pixel == (4, 6)
    assert window.stage.kernel.grid.marked == frozenset({(1, 2)})
    page.terms.pointed.emit(-1)
    assert window.stage.input_view.marks.pixel is None


def test_edit__is_followed_while_pinned(qtbot: QtBot, explained: tuple[MainWindow, ProbePage]) -> None:
    window, page = explained
    window.stage.go_to(Step(0, 0, 3, 4))
    before = page.value.text()
    weight = np.ones((2, 1, 3, 3), np.float32)
    layer = window.session.document.network.layers[0]
    assert isinstance(layer, Conv2d)
    window.session.edit(edits.replace_layer(window.session.document, 0, layer.with_weight(weight)), "Ones")
    settled(qtbot, window)
    assert page.value.text() != before
    assert page._probe is not None
    assert page._probe.step == Step(0, 0, 3, 4)
