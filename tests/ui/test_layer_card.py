"""What a card says: rounding, what the layer costs, its lines of code, and how to get a size that is wished for."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QMenu, QSpinBox
from pytestqt.qtbot import QtBot

from explorer.document import edits
from explorer.interop import lines
from explorer.layers import Conv2d, Layer, Linear, MaxPool2d, ReLU
from explorer.layers.forward import forward
from explorer.layers.network import Network
from explorer.live.session import Session
from explorer.ui import card_words
from explorer.ui.count_slider import CountSlider
from explorer.ui.display import Display
from explorer.ui.layer_card import LayerCard
from explorer.ui.main_window import MainWindow
from explorer.ui.pass_times import PassTimes
from explorer.ui.stack_panel import StackPanel
from tests.gui import destroy_deferred, move, press, release
from tests.live.given import input_of, picture, small_document
from tests.ui.driving import settled, shown


@pytest.fixture
def make_card(qapp: QApplication) -> Iterator[Callable[..., LayerCard]]:
    """Makes a stack of one layer on a picture, and gives its open card."""
    made: list[tuple[Session, StackPanel]] = []

    def make(layer: Layer, rows: int = 20, columns: int = 24) -> LayerCard:
        session = Session(small_document(layer, image=picture(rows, columns)))
        stack = StackPanel(session, Display(session), QMenu(), QMenu())
        session.document_changed.connect(stack.show_document)
        made.append((session, stack))
        stack.resize(276, 900)
        stack.show_document()
        stack.show()
        return stack.cards[0]

    yield make
    for session, stack in made:
        stack.deleteLater()
        session.deleteLater()
    destroy_deferred()


def session_of(card: LayerCard) -> Session:
    stack = card.parentWidget()
    while not isinstance(stack, StackPanel):
        assert stack is not None
        stack = stack.parentWidget()
    return stack._session


def sentence(card: LayerCard) -> str:
    assert card._details is not None
    return card._details.sentence.text()


def test_rounding__is_on_the_card(make_card: Callable[..., LayerCard]) -> None:
    card = make_card(MaxPool2d(), 93, 93)
    assert card._shape.text() == "1 map, 46 × 46 (floor)"
    assert "rows 46.5 → 46 (floor)" in card._shape.toolTip()
    assert "46.5 → 46 (floor)" in sentence(card)
    assert "With ceil: 47 rows, 47 columns" in sentence(card)
    assert "Unused: 1 bottom row, 1 right column" in sentence(card)


def test_rounding__up_says_so(make_card: Callable[..., LayerCard]) -> None:
    card = make_card(MaxPool2d(ceil_mode=True), 93, 93)
    assert card._shape.text() == "1 map, 47 × 47 (ceil)"
    assert "With floor: 46 rows, 46 columns" in sentence(card)
    assert "Unused" not in sentence(card)


def test_rounding__where_there_is_none_nothing_is_said(make_card: Callable[..., LayerCard]) -> None:
    card = make_card(MaxPool2d())
    assert card._shape.text() == "1 map, 12 × 10"
    assert "Unused" not in sentence(card)


def test_same__says_which_sides_are_padded(make_card: Callable[..., LayerCard]) -> None:
    assert "same: 1 row above, 2 below" in sentence(make_card(Conv2d(padding="same", kernel_size=(4, 3))))


def test_figures__parameters_memory_and_time(make_card: Callable[..., LayerCard]) -> None:
    card = make_card(Conv2d())
    assert card._details is not None
    assert card._details.figures.text().startswith("80 params · ")
    card.show_time(0.0021, 0.0084)
    assert card._details.figures.text().endswith(" · 2.1 ms")
    assert card._bar.toolTip() == "2.1 ms of 8.4 ms"
    assert "2.1 ms of 8.4 ms" in card._shape.toolTip()


def test_time_bar__makes_no_card_higher(make_card: Callable[..., LayerCard]) -> None:
    card = make_card(Conv2d())
    card.set_open(False)
    before = card.sizeHint()
    card.show_time(0.001, 0.002)
    assert card.sizeHint() == before


def test_times__are_those_of_the_last_whole_computation() -> None:
    document = small_document()
    whole = forward(document.network, input_of(document))
    times = PassTimes()
    times.take(whole)
    known = {name: times.of(name) for name in document.network.names}
    first = document.network.layers[0]
    assert isinstance(first, Conv2d)
    fitted = first.fit(document.input_shape)
    weight = np.array(fitted.weight)
    weight[0] += 1
    network = Network((fitted.with_weight(weight), *document.network.layers[1:]))
    part = forward(
        network, whole.input, forward(Network((fitted, *document.network.layers[1:])), whole.input, whole)
    )
    times.take(part)
    assert times.of("conv2d") == known["conv2d"]
    assert times.total == sum(filter(None, (times.of(name) for name in network.names)))
    times.take(forward(Network(network.layers[:1]), whole.input))
    assert times.of("relu") is None


def test_code__shows_both_lines_and_copies_them(make_card: Callable[..., LayerCard]) -> None:
    card = make_card(Conv2d(out_channels=5, padding="same"))
    details = card._details
    assert details is not None
    assert not details._lines.isVisibleTo(details)
    said: list[str] = []
    card.message.connect(said.append)
    details.code.click()
    texts = [label.text() for label in details._lines.labels]
    assert texts == [lines.pytorch_line(card.layer, (1, 20, 24)), lines.keras_line(card.layer, (1, 20, 24))]
    details._lines._copy(1)
    assert QGuiApplication.clipboard().text() == texts[1]
    assert said == ["Copied the Keras line."]


def test_code__follows_the_layer_and_stays_open_on_the_next_card(window: MainWindow) -> None:
    cards = window.stack.cards
    assert cards[0]._details is not None
    cards[0]._details.code.click()
    window.session.select_layer(1)
    assert cards[1]._details is not None
    assert cards[1]._details.code.isChecked()
    assert "ReLU" in cards[1]._details._lines.labels[0].text()


def wish(card: LayerCard, rows: int) -> list[str]:
    """Open More, wish for a square, and give what is offered."""
    assert card._details is not None
    assert card._wish is not None
    if not card._details.more.isChecked():
        card._details.more.click()
    card._wish.rows.setValue(rows)
    return [button.text() for button in card._wish.buttons]


def test_wish__offers_what_gives_the_size_and_takes_it_in_one_step(
    make_card: Callable[..., LayerCard],
) -> None:
    card = make_card(Conv2d(), 28, 28)
    offered = wish(card, 28)
    assert "Padding 1" in offered
    assert card._wish is not None
    session = session_of(card)
    card._wish.buttons[offered.index("Padding 1")].click()
    assert session.document.network.plan(session.document.input_shape).shapes[1][1:] == (28, 28)
    assert session.undo_stack.count() == 1
    assert card._wish.buttons == []


def test_wish__every_offer_gives_the_size(make_card: Callable[..., LayerCard]) -> None:
    for index in range(len(wish(make_card(Conv2d(), 28, 28), 14))):
        card = make_card(Conv2d(), 28, 28)
        wish(card, 14)
        assert card._wish is not None
        card._wish.buttons[index].click()
        assert (card._wish.rows.value(), card._wish.columns.value()) == (14, 14)
        document = session_of(card).document
        assert document.network.plan(document.input_shape).shapes[1][1:] == (14, 14)


def test_wish__that_nothing_gives_is_said(make_card: Callable[..., LayerCard]) -> None:
    card = make_card(MaxPool2d(), 28, 28)
    assert wish(card, 9999) == []
    assert card._wish is not None
    assert "9999 rows" in card._wish.answer.text()
    assert not card._wish.answer.isHidden()


def test_wish__layers_that_do_not_slide_have_none(make_card: Callable[..., LayerCard]) -> None:
    assert make_card(ReLU())._wish is None


def slider(card: LayerCard) -> CountSlider:
    return card.findChildren(CountSlider)[0]


def at(one: CountSlider, share: float) -> QPointF:
    return QPointF(one.width() * share, one.height() / 2)


def test_filters__a_drag_of_the_slider_is_one_gesture_and_one_step(
    make_card: Callable[..., LayerCard],
) -> None:
    card = make_card(Conv2d())
    session = session_of(card)
    gestures: list[int | None] = []
    session.document_changed.connect(lambda: gestures.append(session.gesture))
    finished: list[bool] = []
    session.gesture_finished.connect(lambda: finished.append(True))
    one = slider(card)
    press(one, at(one, 0.2))
    for share in (0.3, 0.5, 0.9, 1.5):
        move(one, at(one, share))
    assert finished == []
    assert len(set(gestures)) == 1
    assert gestures[0] is not None
    release(one, at(one, 1.5))
    assert finished == [True]
    assert vars(card.layer)["out_channels"] == 128
    assert session.undo_stack.count() == 1
    session.undo_stack.undo()
    assert vars(card.layer)["out_channels"] == 8
    assert one.value() == 8


def test_filters__slider_and_field_show_the_same(make_card: Callable[..., LayerCard]) -> None:
    card = make_card(Conv2d())
    box = next(one for one in card.findChildren(QSpinBox) if one.accessibleName() == "Filters")
    box.setValue(50)
    assert slider(card).value() == 50
    box.setValue(500)
    assert slider(card).value() == 128
    assert vars(card.layer)["out_channels"] == 500


def test_slider__is_taken_by_its_handle_without_a_jump(make_card: Callable[..., LayerCard]) -> None:
    card = make_card(Conv2d(out_channels=60))
    one = slider(card)
    handle = one._handle()
    place = QPointF(handle.left() + 2, handle.center().y())
    press(one, place)
    assert one.value() == 60
    release(one, place)
    assert vars(card.layer)["out_channels"] == 60


def test_outputs__of_linear_have_a_slider_too(make_card: Callable[..., LayerCard]) -> None:
    assert slider(make_card(Linear())).value() == 10


def test_filters__shrunk_and_grown_again_are_what_was_drawn(qtbot: QtBot, window: MainWindow) -> None:
    before = window.session.document.network.layers[0]
    maps = [np.array(output) for output in settled(qtbot, window).result.outputs]
    card = window.stack.cards[0]
    one = slider(card)
    press(one, at(one, 0.5))
    assert len(shown(qtbot, window).document.network.layers) == 5
    for share in (0.0, 0.3):
        move(one, at(one, share))
    release(one, at(one, 0.3))
    assert vars(card.layer)["weight"] is vars(before)["weight"]
    one.setFocus()
    box = next(found for found in card.findChildren(QSpinBox) if found.accessibleName() == "Filters")
    box.setValue(8)
    for ours, theirs in zip(settled(qtbot, window).result.outputs, maps, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_rebuild__cards_that_stay_keep_what_is_open(make_card: Callable[..., LayerCard]) -> None:
    card = make_card(Conv2d())
    assert card._details is not None
    card._details.more.click()
    session = session_of(card)
    session.edit(edits.insert_layer(session.document, 0, ReLU()), "Add")
    assert card._details.more.isChecked()
    assert card.isVisible()


def test_sentences__of_a_window_that_only_ceil_lets_in() -> None:
    lines = card_words.sentences(MaxPool2d(ceil_mode=True), (1, 1, 14))
    assert any("ceil" in line for line in lines)
    assert not any("With floor" in line for line in lines)
