"""Several layers at once: chosen with Ctrl and Shift, dragged, copied from window to window, cut and moved."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from explorer.document.network_file import parse_network
from explorer.layers import Conv2d, Layer, MaxPool2d, ReLU, Sigmoid
from explorer.live.session import Session
from explorer.live.tasks import IoTasks
from explorer.ui.display import Display
from explorer.ui.stack_panel import StackPanel
from tests.gui import click, destroy_deferred, mouse, move, press
from tests.live.given import painted, small_document

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


class Bench:
    """A stack that follows its session."""

    def __init__(self, *layers: Layer, tasks: IoTasks | None = None) -> None:
        self.session = Session(small_document(*layers))
        self.stack = StackPanel(self.session, Display(self.session), QMenu(), QMenu(), tasks=tasks)
        self.session.document_changed.connect(self.stack.show_document)
        self.session.selection_changed.connect(self.stack.show_selection)
        self.said: list[str] = []
        self.stack.message.connect(self.said.append)
        self.stack.resize(276, 900)
        self.stack.show_document()
        self.stack.show()

    @property
    def names(self) -> str:
        return " ".join(self.session.document.network.names)

    def at(self, index: int) -> QPointF:
        """A place on a card where it can be taken."""
        return QPointF(self.stack.cards[index]._name.geometry().center())

    def pick(self, index: int, keys: Qt.KeyboardModifier = CONTROL) -> None:
        """Click a card with a key held."""
        card = self.stack.cards[index]
        press(card, self.at(index), keys=keys)
        mouse(
            card, QEvent.Type.MouseButtonRelease, self.at(index), buttons=Qt.MouseButton.NoButton, keys=keys
        )

    def hold(self, source: int, target: int, *, below: bool) -> QPointF:
        """Drag a card above or below the middle of another, and keep it in the hand."""
        card, other = self.stack.cards[source], self.stack.cards[target]
        place = other.mapTo(self.stack, other.rect().center()).y() + (4 if below else -4)
        end = QPointF(card.mapFrom(self.stack, QPointF(60, place)))
        press(card, self.at(source))
        for step in range(1, 6):
            move(card, self.at(source) + (end - self.at(source)) * (step / 5))
        return end

    def close(self) -> None:
        self.stack.deleteLater()
        self.session.deleteLater()
        destroy_deferred()


@pytest.fixture
def make_bench(qapp: QApplication) -> Iterator[Callable[..., Bench]]:
    """Makes windows of a stack."""
    made: list[Bench] = []

    def make(*layers: Layer, tasks: IoTasks | None = None) -> Bench:
        made.append(Bench(*layers, tasks=tasks))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def bench(qtbot: QtBot, make_bench: Callable[..., Bench]) -> Bench:
    """Four layers, the first of which is selected."""
    result = make_bench(Conv2d(name="a"), ReLU(name="b"), MaxPool2d(name="c"), Sigmoid(name="d"))
    qtbot.waitExposed(result.stack)
    return result


@pytest.fixture
def other(make_bench: Callable[..., Bench]) -> Bench:
    """A second window."""
    return make_bench(Conv2d(name="x"))


def test_ctrl_click__chooses_beside_the_layer_on_the_stage(bench: Bench) -> None:
    bench.pick(2)
    bench.pick(3)
    assert bench.session.layer == 0
    assert bench.stack.selected_layers == (0, 2, 3)
    assert [card.property("state") for card in bench.stack.cards] == ["selected", "", "chosen", "chosen"]
    bench.pick(2)
    assert list(bench.stack.selected_layers) == [0, 3]


def test_shift_click__chooses_all_up_to_it(bench: Bench) -> None:
    bench.session.select_layer(3)
    bench.pick(1, SHIFT)
    assert bench.session.layer == 3
    assert bench.stack.selected_layers == (1, 2, 3)


def test_click__ends_the_choice(bench: Bench) -> None:
    bench.pick(2)
    click(bench.stack.cards[1], bench.at(1))
    assert bench.stack.selected_layers == (1,)
    assert bench.stack.cards[2].property("state") == ""


def test_ctrl_space__chooses_the_card_with_the_focus(bench: Bench) -> None:
    QTest.keyClick(bench.stack.cards[2], Qt.Key.Key_Space, CONTROL)
    assert bench.stack.selected_layers == (0, 2)


def test_delete__takes_all_chosen_in_one_step(bench: Bench) -> None:
    before = bench.session.document
    bench.pick(2)
    bench.stack.cards[2].setFocus()
    QTest.keyClick(bench.stack.cards[2], Qt.Key.Key_Delete)
    assert bench.names == "b d"
    assert bench.session.undo_stack.undoText() == "Delete 2 layers"
    bench.session.undo_stack.undo()
    assert bench.session.document is before


def test_duplicate__goes_behind_the_last_and_is_chosen(bench: Bench) -> None:
    bench.pick(1, SHIFT)
    bench.stack.duplicate_layers()
    assert bench.names == "a b a_1 b_1 c d"
    assert bench.stack.selected_layers == (2, 3)


def test_move__steps_and_stays_chosen(bench: Bench) -> None:
    bench.pick(1, SHIFT)
    bench.stack.move_layers(1)
    assert bench.names == "c a b d"
    assert bench.stack.selected_layers == (1, 2)
    bench.stack.move_layers(-1)
    bench.stack.move_layers(-1)
    assert bench.names == "a b c d"
    assert bench.session.undo_stack.count() == 2


def test_drag__of_one_of_several_moves_all(bench: Bench) -> None:
    bench.pick(2)
    end = bench.hold(0, 3, below=True)
    dimmed = [card.graphicsEffect() is not None for card in bench.stack.cards]
    mouse(bench.stack.cards[0], QEvent.Type.MouseButtonRelease, end, buttons=Qt.MouseButton.NoButton)
    assert dimmed == [True, False, True, False]
    assert bench.names == "b d a c"
    assert bench.stack.selected_layers == (2, 3)
    assert not any(card.graphicsEffect() for card in bench.stack.cards)
    assert bench.session.undo_stack.count() == 1


def test_drag__escape_puts_it_back(bench: Bench) -> None:
    before = bench.session.document
    end = bench.hold(0, 3, below=True)
    assert bench.stack._inner.is_holding
    QTest.keyClick(bench.stack.cards[0], Qt.Key.Key_Escape)
    mouse(bench.stack.cards[0], QEvent.Type.MouseButtonRelease, end, buttons=Qt.MouseButton.NoButton)
    assert bench.session.document is before
    assert not bench.stack._inner.is_holding


def test_copy__is_a_network_file_with_the_weights(bench: Bench) -> None:
    bench.session.edit(painted(bench.session.document, 7.0), "Paint")
    bench.pick(1)
    bench.stack.copy_layers()
    network = parse_network(QGuiApplication.clipboard().text())
    assert network.names == ("a", "b")
    assert vars(network.layers[0])["weight"][0, 0, 0, 0] == 7.0
    assert bench.said == ["Copied 2 layers."]


def test_paste__in_another_window_brings_the_weights_under_free_names(bench: Bench, other: Bench) -> None:
    bench.session.edit(painted(bench.session.document, 7.0), "Paint")
    bench.pick(2)
    bench.stack.copy_layers()
    for _ in range(2):
        assert other.stack.paste_layers()
    assert other.names == "x a c a_1 c_1"
    weights = [vars(layer)["weight"] for layer in other.session.document.network.layers[1::2]]
    np.testing.assert_array_equal(weights[0], vars(bench.session.document.network.layers[0])["weight"])
    np.testing.assert_array_equal(weights[0], weights[1])


def test_paste__layers_that_did_not_stand_together_keep_their_weights(
    make_bench: Callable[..., Bench], other: Bench
) -> None:
    layers = [
        Conv2d(name="a", out_channels=2),
        Conv2d(name="b", out_channels=5),
        Conv2d(name="c", out_channels=3),
    ]
    shape: tuple[int, ...] = (1, 20, 24)
    fitted = []
    for layer in layers:
        fitted.append(layer.fit(shape))
        shape = layer.output_shape(shape)
    first = make_bench(*fitted)
    first.pick(2)
    first.stack.copy_layers()
    assert other.stack.paste_layers()
    assert other.names == "x a c"
    np.testing.assert_array_equal(vars(other.session.document.network.layers[2])["weight"], fitted[2].weight)


def test_paste__in_the_same_window_keeps_what_is_not_running(bench: Bench) -> None:
    large = Conv2d(name="big", out_channels=6).fit((1, 20, 24))
    small = Conv2d(name="big", out_channels=2, weight=large.weight)
    bench.stack._chosen.insert([small], 0, "Add")
    bench.stack.copy_layers()
    bench.stack.paste_layers()
    pasted = bench.session.document.network.layers[1]
    assert vars(pasted)["weight"] is large.weight


def test_cut__and_paste_moves_them(bench: Bench) -> None:
    bench.pick(1)
    bench.stack.cut_layers()
    assert bench.names == "c d"
    assert bench.session.undo_stack.undoText() == "Cut 2 layers"
    bench.session.select_layer(1)
    assert bench.stack.paste_layers()
    assert bench.names == "c d a b"
    assert bench.stack.selected_layers == (2, 3)


def test_paste__takes_a_tutorial_line(bench: Bench) -> None:
    QGuiApplication.clipboard().setText(
        "x = layers.MaxPooling2D((2, 2))(x)" if False else "MaxPooling2D((2, 2))"
    )
    assert bench.stack.paste_layers()
    assert bench.names == "a max_pool2d b c d"


@pytest.mark.parametrize(
    "text", ["Conv1D(32, 3)", "{", '{"format": "feature-map-explorer/network", "version": 9}']
)
def test_paste__what_cannot_be_read_is_one_sentence(bench: Bench, text: str) -> None:
    before = bench.session.document
    QGuiApplication.clipboard().setText(text)
    assert bench.stack.paste_layers(quiet=True)
    assert len(bench.said) == 1
    assert bench.session.document is before


@pytest.mark.parametrize(
    "text", ["1 2\n3 4", "np.array([[1, 2], [3, 4]], dtype=np.float32)", "[[1]]", "just words"]
)
def test_paste__other_text_is_left_to_others(bench: Bench, text: str) -> None:
    QGuiApplication.clipboard().setText(text)
    assert not bench.stack.paste_layers(quiet=True)
    assert bench.said == []
    assert not bench.stack.paste_layers()
    assert len(bench.said) == 1


def test_copy__of_many_weights_is_written_aside_and_can_be_pasted_at_once(
    qtbot: QtBot, make_bench: Callable[..., Bench]
) -> None:
    tasks = IoTasks()
    bench = make_bench(Conv2d(name="a", out_channels=64).fit((64, 20, 24)), tasks=tasks)
    QGuiApplication.clipboard().setText("before")
    bench.stack.copy_layers()
    assert bench.stack.paste_layers()
    assert bench.names == "a a_1"
    qtbot.waitUntil(lambda: QGuiApplication.clipboard().text() != "before")
    assert parse_network(QGuiApplication.clipboard().text()).names == ("a",)
    assert tasks.stop()
    tasks.deleteLater()
