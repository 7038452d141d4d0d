"""The Add box takes tutorial lines and names, and says in a sentence what it cannot read."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from explorer.layers import AvgPool2d, Conv2d, Flatten, Layer, Linear, MaxPool2d, ReLU
from explorer.ui.add_box import AddBox, found
from explorer.ui.main_window import MainWindow
from tests.gui import destroy_deferred
from tests.live.given import small_document

pytestmark = pytest.mark.qt_log_ignore("does not support grabbing the keyboard", extend=True)

Added = list[tuple[tuple[Layer, ...], bool]]


@pytest.fixture
def box(qtbot: QtBot) -> Iterator[AddBox]:
    result = AddBox()
    result.resize(250, 80)
    result.show()
    qtbot.waitExposed(result)
    result.field.setFocus()
    yield result
    result.deleteLater()
    destroy_deferred()


@pytest.fixture
def added(box: AddBox) -> Added:
    """What the box asked for."""
    result: Added = []
    box.added.connect(lambda layers, behind: result.append((layers, behind)))
    return result


def enter(box: AddBox, text: str, keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """Type a text and press Return."""
    QTest.keyClicks(box.field, text)
    QTest.keyClick(box.field, Qt.Key.Key_Return, keys)


def test_line__adds_its_layer_and_empties_the_field(box: AddBox, added: Added) -> None:
    enter(box, "Conv2D(32, (3, 3), padding='same', activation='relu')")
    ((layers, behind),) = added
    convolution = layers[0]
    assert isinstance(convolution, Conv2d)
    assert (convolution.out_channels, convolution.padding) == (32, "same")
    assert [type(layer) for layer in layers] == [Conv2d, ReLU]
    assert not behind
    assert box.field.text() == ""
    assert box.answer.isHidden()


def test_line__what_was_left_out_is_said(box: AddBox, added: Added) -> None:
    enter(box, "Conv2D(8, 3, input_shape=(28, 28, 1))")
    assert len(added) == 1
    assert "input_shape" in box.answer.text()
    assert box.answer.property("role") == "note"


def test_line__that_cannot_be_expressed_stays_with_a_sentence(box: AddBox, added: Added) -> None:
    enter(box, "Conv1D(32, 3)")
    assert added == []
    assert box.field.text() == "Conv1D(32, 3)"
    assert "Conv1D" in box.answer.text()
    assert box.answer.property("role") == "error"
    QTest.keyClick(box.field, Qt.Key.Key_Backspace)
    assert box.answer.isHidden()


def test_lines__several_are_pasted_at_once(box: AddBox, added: Added) -> None:
    box.field.insert("model.add(Conv2D(8, 3))\nmodel.add(MaxPooling2D((2, 2)))\nmodel.add(Flatten())\n")
    QTest.keyClick(box.field, Qt.Key.Key_Return)
    assert [type(layer) for layer in added[0][0]] == [Conv2d, MaxPool2d, Flatten]


@pytest.mark.parametrize(
    ("words", "layer_type"),
    [("relu", ReLU), ("pool", MaxPool2d), ("average pool", AvgPool2d), ("dense", Linear)],
)
def test_name__adds_the_first_that_is_found(
    box: AddBox, added: Added, words: str, layer_type: type[Layer]
) -> None:
    enter(box, words)
    assert [type(layer) for layer in added[0][0]] == [layer_type]
    assert box.field.text() == ""


def test_name__arrow_keys_choose_another(box: AddBox, added: Added) -> None:
    QTest.keyClicks(box.field, "pool")
    QTest.keyClick(box._list, Qt.Key.Key_Down)
    QTest.keyClick(box._list, Qt.Key.Key_Return)
    assert [type(layer) for layers, _ in added for layer in layers] == [found("pool")[1]]


def test_name__nobody_has_is_a_sentence(box: AddBox, added: Added) -> None:
    enter(box, "transformer")
    assert added == []
    assert "transformer" in box.answer.text()
    assert box.field.text() == "transformer"


def test_nothing__adds_nothing(box: AddBox, added: Added) -> None:
    enter(box, "   ")
    assert added == []
    assert box.answer.isHidden()


def test_escape__empties_the_field(box: AddBox) -> None:
    enter(box, "Conv1D(3)")
    QTest.keyClick(box.field, Qt.Key.Key_Escape)
    assert box.field.text() == ""
    assert box.answer.isHidden()


def test_window__lines_land_at_the_end_and_with_shift_behind_the_selected(
    make_window: Callable[..., MainWindow],
) -> None:
    window = make_window(small_document(Conv2d(), MaxPool2d()))
    field = window.stack.add_box
    enter(field, "nn.ReLU()")
    layers = window.session.document.network.layers
    assert [type(layer) for layer in layers] == [Conv2d, MaxPool2d, ReLU]
    assert window.session.layer == 2
    window.session.select_layer(0)
    enter(field, "nn.Sigmoid()", Qt.KeyboardModifier.ShiftModifier)
    assert [layer.type_name for layer in window.session.document.network.layers][1] == "Sigmoid"
    assert window.session.layer == 1
    assert window.session.undo_stack.count() == 2
