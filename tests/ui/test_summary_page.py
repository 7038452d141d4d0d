"""The summary of the network in the drawer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QGuiApplication
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QToolButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from explorer.document.edits import set_network
from explorer.document.examples import load_example
from explorer.layers import Conv2d, Linear, MaxPool2d, ReLU
from explorer.layers.layer import Shape
from explorer.layers.network import Network, Plan
from explorer.summary import HEADINGS, as_markdown, as_text
from explorer.ui import theme
from explorer.ui.summary_page import SummaryPage
from tests.gui import click, destroy_deferred
from tests.ui.driving import child, pixels

STACKED = load_example("stacked").document
CHAINER = load_example("chainer-ceil").document


class Scene(QWidget):
    """The page as high as in the drawer."""

    def __init__(self, width: int = 1160) -> None:
        super().__init__()
        self.page = SummaryPage()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.page)
        self.resize(width, 148)


@pytest.fixture
def scene() -> Iterator[Scene]:
    result = Scene()
    yield result
    result.close()
    result.deleteLater()
    destroy_deferred()


@pytest.fixture
def page(scene: Scene) -> SummaryPage:
    scene.page.show_document(STACKED, None)
    scene.show()
    scene.grab()
    return scene.page


def row(page: SummaryPage, number: int) -> list[str]:
    return [page.model.text(number, column) for column in range(len(HEADINGS))]


def tip(page: SummaryPage, number: int, heading: str) -> str:
    index = page.model.index(number, HEADINGS.index(heading))
    return str(page.model.data(index, Qt.ItemDataRole.ToolTipRole))


def centre(page: SummaryPage, number: int) -> QPointF:
    return QPointF(page.table.visualRect(page.model.index(number, 1)).center())


def test_table__has_the_figures_of_the_tutorial(page: SummaryPage) -> None:
    assert row(page, 0)[:6] == [
        "conv1  Conv2d", "32 × 298 × 298", "32·(3·3·3+1) = 896", "76,726,656", "3×3", "1×1",
    ]  # fmt: skip
    assert row(page, 3)[2] == "64·(32·3·3+1) = 18,496"
    assert row(page, 6)[:4] == ["Total", "", "19,392", "475,023,744"]
    assert page.model.rowCount() == 7


def test_table__follows_the_rules_of_item_models(page: SummaryPage) -> None:
    tester = QAbstractItemModelTester(page.model, QAbstractItemModelTester.FailureReportingMode.Warning, page)
    page.show_document(CHAINER, None)
    page.show_times({"conv1": 0.001})
    page.show_document(replace(CHAINER, network=Network((Linear(),))), None)
    assert tester.model() is page.model


def test_table__numbers_are_flush_right(page: SummaryPage) -> None:
    for column, heading in enumerate(HEADINGS):
        value = page.model.data(page.model.index(0, column), Qt.ItemDataRole.TextAlignmentRole)
        right = bool(int(str(value)) & int(Qt.AlignmentFlag.AlignRight))
        assert right == (heading not in ("Layer", "Output shape"))


def test_tips__say_how_the_numbers_come_about(page: SummaryPage) -> None:
    tips = tip(page, 0, "Parameters").splitlines()
    assert tips[:2] == [
        "32·(3·3·3+1) = 896",
        "896 weights shared over 88,804 positions; a linear layer to the same output would need 7.7e11",
    ]
    assert "(not 32 × 64 = 2,048 maps)" in tip(page, 3, "Parameters")
    assert tip(page, 0, "Output shape") == "PyTorch (1, 32, 298, 298), Keras (None, 298, 298, 32)"
    assert tip(page, 0, "Jump").startswith("Pixels of the picture from one number to the next")


def test_line__tells_about_the_chosen_row(page: SummaryPage) -> None:
    page.show_selection(0)
    assert page.line.toolTip() == (
        "32·(3·3·3+1) = 896 weights shared over 88,804 positions; a linear layer to the same output would need 7.7e11"
    )
    page.show_selection(1)
    assert page.line.shown_text().endswith("No parameters")
    page.show_document(CHAINER, None)
    page.show_selection(5)
    assert page.line.toolTip() == "46 rows with floor, 47 with ceil; here ceil"
    page.show_selection(-1)
    assert page.line.text() == ""


def test_line__names_are_no_markup(page: SummaryPage) -> None:
    page.show_document(set_network(STACKED, Network((Conv2d(name="<i>a & b</i>"),))), None)
    page.show_selection(0)
    assert "&lt;i&gt;a &amp; b&lt;/i&gt;" in page.line.text()


def test_line__follows_the_arrow_keys(page: SummaryPage) -> None:
    page.show_selection(0)
    picked: list[int] = []
    page.layer_picked.connect(picked.append)
    QTest.keyClick(page.table, Qt.Key.Key_Down)
    assert page.line.toolTip() == "No parameters"
    assert not picked


def test_row__is_picked_by_click_and_return(page: SummaryPage, qtbot: QtBot) -> None:
    with qtbot.waitSignal(page.layer_picked) as clicked:
        click(page.table.viewport(), centre(page, 2))
    assert clicked.args == [2]
    QTest.keyClick(page.table, Qt.Key.Key_Down)
    with qtbot.waitSignal(page.layer_picked) as returned:
        QTest.keyClick(page.table, Qt.Key.Key_Return)
    assert returned.args == [3]


def test_row__of_the_total_is_no_layer(page: SummaryPage) -> None:
    picked: list[int] = []
    page.layer_picked.connect(picked.append)
    page.table.scrollToBottom()
    click(page.table.viewport(), centre(page, 6))
    assert not picked


def test_row__that_is_chosen_is_in_sight(page: SummaryPage) -> None:
    page.show_selection(5)
    assert page.table.viewport().rect().contains(centre(page, 5).toPoint())


def test_error__is_a_sentence_in_the_table(page: SummaryPage) -> None:
    layers = (ReLU(), Conv2d(name="wide", kernel_size=(9, 9)), MaxPool2d())
    small = replace(STACKED, preprocess=replace(STACKED.preprocess, size=(5, 5)), network=Network(layers))
    page.show_document(small, None)
    assert page.model.rowCount() == 3
    assert row(page, 1)[0] == "wide"
    assert row(page, 1)[1].startswith("The 9×9 window is larger than its 5×5 input")
    assert page.table.columnSpan(1, 1) == len(HEADINGS) - 1
    assert row(page, 2)[0] == "Total so far"
    page.show_selection(1)
    assert page.line.toolTip().startswith("wide: The 9×9 window")
    page.show_document(STACKED, None)
    assert page.table.columnSpan(1, 1) == 1


def test_error__of_memory_follows_the_limit(page: SummaryPage) -> None:
    page.show_document(STACKED, 10_000_000)
    assert page.summary.error is not None
    page.show_document(STACKED, None)
    assert page.summary.error is None


def test_times__are_shown_by_name(page: SummaryPage) -> None:
    page.show_times({"conv1": 0.0123, "pool2": 0.25, "gone": 1})
    assert [row(page, number)[-1] for number in (0, 1, 5, 6)] == ["12.3 ms", "", "250.0 ms", "262.3 ms"]


def test_times__leave_the_chosen_row_and_the_place(page: SummaryPage) -> None:
    page.show_selection(0)
    page.table.scrollToBottom()
    place = page.table.verticalScrollBar().value()
    assert place > 0
    page.show_times({"conv1": 0.5})
    assert (page.table.currentIndex().row(), page.table.verticalScrollBar().value()) == (0, place)


def test_hidden__computes_nothing_and_catches_up(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Network] = []
    plan = Network.plan

    def counting(network: Network, shape: Shape, memory_limit: int | None = None) -> Plan:
        asked.append(network)
        return plan(network, shape, memory_limit)

    monkeypatch.setattr(Network, "plan", counting)
    for _ in range(3):
        scene.page.show_document(CHAINER, None)
        scene.page.show_document(STACKED, None)
        scene.page.show_times({"conv1": 0.5})
    scene.page.show_selection(3)
    assert not asked
    scene.show()
    assert len(asked) == 1
    assert scene.page.table.currentIndex().row() == 3
    scene.page.show_document(STACKED, None)
    assert len(asked) == 1


@pytest.mark.parametrize(("name", "form"), [("Copy as text", as_text), ("Copy as Markdown", as_markdown)])
def test_copy__is_what_the_command_line_prints(
    page: SummaryPage, qtbot: QtBot, name: str, form: Callable[..., str]
) -> None:
    page.show_times({"conv1": 0.5})
    with qtbot.waitSignal(page.message) as said:
        child(page, QToolButton, name).click()
    assert QGuiApplication.clipboard().text() == form(page.summary)
    assert said.args is not None
    assert said.args[0].startswith("Copied the summary")


@pytest.mark.parametrize("width", [1160, 780])
def test_columns__all_fit(width: int) -> None:
    scene = Scene(width)
    for document in (STACKED, CHAINER, load_example("digits").document):
        scene.page.show_document(document, None)
        scene.page.show_times(dict.fromkeys(document.network.names, 0.1234))
        scene.show()
        scene.grab()
        table, header = scene.page.table, scene.page.table.horizontalHeader()
        assert header.length() <= table.viewport().width()
        assert not table.horizontalScrollBar().isVisible()
        for column in range(len(HEADINGS)):
            widest = max(
                table.fontMetrics().horizontalAdvance(scene.page.model.text(line, column))
                for line in range(scene.page.model.rowCount())
            )
            assert header.sectionSize(column) > widest
    assert (scene.page.model.heading(4) == "Field") == (width < 1000)
    scene.close()
    scene.deleteLater()


def test_line__fits_a_narrow_page() -> None:
    scene = Scene(780)
    scene.page.show_document(STACKED, None)
    scene.show()
    scene.page.show_selection(0)
    destroy_deferred()  # which lays out what was asked for
    assert scene.page.line.shown_text() == (
        "conv1: 32·(3·3·3+1) = 896 weights shared over 88,804 positions; a linear layer would need 7.7e11"
    )
    scene.close()
    scene.deleteLater()


def test_rows__five_are_seen(page: SummaryPage) -> None:
    assert page.table.viewport().height() >= 5 * page.table.rowHeight(0)


def test_error__has_the_colour_of_errors(page: SummaryPage) -> None:
    page.show_document(set_network(STACKED, Network((Linear(name="dense"),))), None)
    shown = {QColor(*(int(part) for part in colour)).name() for colour in pixels(page.table).reshape(-1, 3)}
    assert theme.DARK.error in shown
