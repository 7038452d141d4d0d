"""The stack: every type can be added, cards are dragged, renamed, bypassed, and say what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QAction, QTextDocumentFragment
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu
from pytestqt.qtbot import QtBot

from explorer.document import edits
from explorer.layers import LAYER_TYPES, Conv2d, Flatten, Layer, MaxPool2d, ReLU, Sigmoid
from explorer.live.session import Session
from explorer.ui.display import Display
from explorer.ui.layer_card import LayerCard
from explorer.ui.main_window import MainWindow
from explorer.ui.stack_panel import StackPanel
from tests.gui import click, destroy_deferred, mouse, move, press, release
from tests.live.given import small_document
from tests.ui.driving import settled


@pytest.fixture
def session(qapp: QApplication) -> Iterator[Session]:
    result = Session(small_document(Conv2d(), ReLU(), MaxPool2d(), Sigmoid()))
    yield result
    result.deleteLater()


@pytest.fixture
def stack(qtbot: QtBot, session: Session) -> Iterator[StackPanel]:
    """The stack alone, following its session."""
    panel = StackPanel(session, Display(session), QMenu(), QMenu())
    session.document_changed.connect(panel.show_document)
    session.selection_changed.connect(panel.show_selection)
    panel.resize(276, 900)
    panel.show_document()
    panel.show()
    qtbot.waitExposed(panel)
    yield panel
    panel.deleteLater()
    destroy_deferred()


def menu_actions(menu: QMenu) -> dict[str, QAction]:
    """The entries of a menu and its submenus by what they stand for."""
    found: dict[str, QAction] = {}
    for one in menu.actions():
        below = one.menu()
        if isinstance(below, QMenu):
            found.update(menu_actions(below))
        elif one.data():
            found[str(one.data())] = one
    return found


def names(session: Session) -> list[str]:
    return list(session.document.network.names)


def grip(stack: StackPanel, index: int) -> QPointF:
    """A place on a card where it can be taken."""
    return QPointF(stack.cards[index]._name.geometry().center())


def drag_card(stack: StackPanel, source: int, target: int, *, below: bool) -> None:
    """Drag a card above or below the middle of another."""
    card, other = stack.cards[source], stack.cards[target]
    place = other.mapTo(stack, other.rect().center()).y() + (4 if below else -4)
    end = QPointF(card.mapFrom(stack, QPointF(60, place)))
    press(card, grip(stack, source))
    for step in range(1, 6):
        move(card, grip(stack, source) + (end - grip(stack, source)) * (step / 5))
    release(card, end)


@pytest.mark.parametrize("layer_type", LAYER_TYPES)
def test_add_menu__has_every_type(
    qtbot: QtBot, make_window: Callable[..., MainWindow], layer_type: type[Layer]
) -> None:
    window = make_window(small_document(Conv2d()))
    menu_actions(window.add_menu)[layer_type.type_name].trigger()
    layers = window.session.document.network.layers
    assert type(layers[1]) is layer_type
    assert window.session.layer == 1
    assert len(window.stack.cards) == 2
    frame = settled(qtbot, window)
    assert len(frame.result.outputs) == 2 or frame.plan.error is not None
    window.grab()


@pytest.mark.parametrize(
    ("source", "target", "below", "order"),
    [
        (0, 2, True, [1, 2, 0, 3]),
        (3, 0, False, [3, 0, 1, 2]),
        (1, 2, True, [0, 2, 1, 3]),
        (2, 1, False, [0, 2, 1, 3]),
        (0, 3, True, [1, 2, 3, 0]),
        (1, 1, True, [0, 1, 2, 3]),
    ],
)
def test_drag__moves_a_card(
    stack: StackPanel, session: Session, source: int, target: int, below: bool, order: list[int]
) -> None:
    before = names(session)
    drag_card(stack, source, target, below=below)
    assert names(session) == [before[index] for index in order]
    assert [card.layer.name for card in stack.cards] == names(session)
    session.undo_stack.undo()
    assert names(session) == before


def test_drag__shows_a_line_while_it_lasts(stack: StackPanel) -> None:
    card = stack.cards[0]
    still = stack._inner.grab().toImage()
    press(card, grip(stack, 0))
    for distance in (10, 800):  # to the top, to the bottom
        move(card, grip(stack, 0) + QPointF(0, distance))
        assert stack._inner.grab().toImage() != still
    move(card, grip(stack, 0) + QPointF(0, 10))
    release(card, grip(stack, 0) + QPointF(0, 10))
    assert stack._inner.grab().toImage() == still


def test_click__selects(stack: StackPanel, session: Session) -> None:
    click(stack.cards[2], grip(stack, 2))
    assert session.layer == 2
    assert [card._is_open for card in stack.cards] == [False, False, True, False]


def test_click__a_small_tremble_is_no_drag(stack: StackPanel, session: Session) -> None:
    before = names(session)
    press(stack.cards[2], grip(stack, 2))
    move(stack.cards[2], grip(stack, 2) + QPointF(2, 3))
    release(stack.cards[2], grip(stack, 2) + QPointF(2, 3))
    assert names(session) == before
    assert session.layer == 2


def test_arrow_keys__walk_from_card_to_card(stack: StackPanel, session: Session) -> None:
    stack.cards[0].setFocus()
    QTest.keyClick(stack.cards[0], Qt.Key.Key_Down)
    assert session.layer == 1
    QTest.keyClick(stack.cards[1], Qt.Key.Key_Up)
    assert session.layer == 0
    QTest.keyClick(stack.cards[0], Qt.Key.Key_Up)
    assert session.layer == 0


def test_delete_key__on_a_card_is_one_undo_step(stack: StackPanel, session: Session) -> None:
    before = session.document
    click(stack.cards[2], grip(stack, 2))
    stack.cards[2].setFocus()
    QTest.keyClick(stack.cards[2], Qt.Key.Key_Delete)
    assert len(stack.cards) == 3
    session.undo_stack.undo()
    assert session.document is before


def test_ctrl_drag__copies_a_card(stack: StackPanel, session: Session) -> None:
    card, other = stack.cards[1], stack.cards[3]
    control = Qt.KeyboardModifier.ControlModifier
    end = QPointF(card.mapFrom(stack, QPointF(60, other.mapTo(stack, other.rect().center()).y() + 4)))
    press(card, grip(stack, 1), keys=control)
    move(card, end, keys=control)
    mouse(card, QEvent.Type.MouseButtonRelease, end, buttons=Qt.MouseButton.NoButton, keys=control)
    assert [type(card.layer) for card in stack.cards] == [Conv2d, ReLU, MaxPool2d, Sigmoid, ReLU]
    assert session.undo_stack.count() == 1


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Space])
def test_enter_and_space__select_the_card_with_the_focus(
    stack: StackPanel, session: Session, key: Qt.Key
) -> None:
    QTest.keyClick(stack.cards[3], key)
    assert session.layer == 3


def test_eye__bypasses_and_brings_back(stack: StackPanel, session: Session) -> None:
    enabled, names = [], []
    for _ in range(2):
        stack.cards[0]._eye.click()
        enabled.append(session.document.network.layers[0].enabled)
        names.append(stack.cards[0]._eye.accessibleName())
    assert enabled == [False, True]
    assert names == ["Use this layer again", "Bypass this layer"]
    assert session.undo_stack.count() == 2


def type_name(stack: StackPanel, index: int, name: str, key: Qt.Key = Qt.Key.Key_Return) -> None:
    card = stack.cards[index]
    card.rename()
    editor = card._editor
    assert editor is not None
    editor.setText(name)
    QTest.keyClick(editor, key)


def test_rename__is_one_undo_step_and_keeps_the_weights(stack: StackPanel, session: Session) -> None:
    before = session.document
    type_name(stack, 0, "edges")
    assert names(session)[0] == "edges"
    assert session.undo_stack.count() == 1
    assert "edges" in stack.cards[0]._name.text()
    session.undo_stack.undo()
    assert session.document is before


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Escape])
def test_rename__leaves_the_focus_on_the_card(window: MainWindow, key: Qt.Key) -> None:
    type_name(window.stack, 0, "edges", key)
    assert window.focusWidget() is window.stack.cards[0]


def test_added_layer__is_in_sight_as_a_whole(qtbot: QtBot, make_window: Callable[..., MainWindow]) -> None:
    window = make_window(size=(1024, 700))
    window.layer_commands.add(Conv2d)
    settled(qtbot, window)
    QApplication.processEvents()
    card, viewport = window.stack.cards[-1], window.stack._scroll.viewport()
    assert card.height() < viewport.height()
    assert viewport.rect().contains(QRect(card.mapTo(viewport, QPoint()), card.size()))


def test_rename__to_a_name_that_is_taken_makes_it_unique(stack: StackPanel, session: Session) -> None:
    type_name(stack, 1, "conv2d")
    assert len(set(names(session))) == 4


@pytest.mark.parametrize("name", ["", "   ", "conv2d"])
def test_rename__to_nothing_or_the_same_is_no_edit(stack: StackPanel, session: Session, name: str) -> None:
    type_name(stack, 0, name)
    assert session.undo_stack.count() == 0


def test_rename__escape_leaves_the_name(stack: StackPanel, session: Session) -> None:
    type_name(stack, 0, "other", Qt.Key.Key_Escape)
    assert session.undo_stack.count() == 0
    assert stack.cards[0]._editor is None


def test_rename__twice_opens_one_field(stack: StackPanel) -> None:
    stack.cards[1].rename()
    stack.cards[1].rename()
    fields = [one for one in stack.cards[1].findChildren(QLineEdit) if one.isVisibleTo(stack.cards[1])]
    assert [one.accessibleName() for one in fields].count("Layer name") == 1


@pytest.mark.parametrize("name", ["<b>bold", "a & b", "名前 é", "x" * 60])
def test_rename__any_text_is_shown_as_it_is(stack: StackPanel, session: Session, name: str) -> None:
    type_name(stack, 0, name)
    assert names(session)[0] == name
    shown = QTextDocumentFragment.fromHtml(stack.cards[0]._name.text()).toPlainText()
    assert shown == name


def test_error__is_on_its_card_and_the_next_ones_wait(stack: StackPanel, session: Session) -> None:
    session.edit(edits.insert_layer(session.document, 1, Conv2d(kernel_size=(31, 31))), "Add")
    assert stack.cards[1]._error.text() == session.document.network.plan((1, 20, 24)).error.message  # type: ignore[union-attr]
    assert stack.cards[1].property("state") == "error"
    assert [card._shape.text() for card in stack.cards[2:]] == [f"waiting for {names(session)[1]}"] * 3
    assert "map" in stack.cards[0]._shape.text()
    session.undo_stack.undo()
    assert not any(card._error.isVisibleTo(card) for card in stack.cards)


def test_fix__cures_the_layer_in_one_undo_step(stack: StackPanel, session: Session) -> None:
    session.edit(edits.insert_layer(session.document, 1, Flatten()), "Add")
    assert stack.cards[2]._error.isVisibleTo(stack.cards[2]) or stack.cards[3]._error.isVisibleTo(
        stack.cards[3]
    )
    session.edit(edits.remove_layer(session.document, 1), "Delete")
    session.edit(edits.insert_layer(session.document, 1, MaxPool2d(padding=(5, 5))), "Add")
    count = session.undo_stack.count()
    assert stack.cards[1]._fix.isVisibleTo(stack.cards[1])
    stack.cards[1]._fix.click()
    assert session.document.network.plan(session.document.input_shape).error is None
    assert session.undo_stack.count() == count + 1


def test_error_text__stays_red_when_another_card_is_selected(stack: StackPanel, session: Session) -> None:
    session.edit(edits.insert_layer(session.document, 1, Conv2d(kernel_size=(31, 31))), "Add")
    session.select_layer(1)
    session.select_layer(0)
    assert stack.cards[1].property("state") == "error"


@pytest.mark.qt_log_ignore("does not support grabbing the keyboard", extend=True)
def test_layer_menu__acts_on_the_card_it_was_opened_at(window: MainWindow) -> None:
    window.stack.cards[2]._show_menu()
    assert window.session.layer == 2
    assert window.layer_menu.isVisible()
    bypass = next(one for one in window.layer_menu.actions() if "Bypass" in one.text())
    window.layer_menu.hide()
    bypass.trigger()
    assert not window.session.document.network.layers[2].enabled


def test_cards__old_ones_are_destroyed(stack: StackPanel, session: Session) -> None:
    for _ in range(10):
        session.edit(edits.duplicate_layer(session.document, 0), "Duplicate")
        session.edit(edits.remove_layer(session.document, 0), "Delete")
    destroy_deferred()
    assert len(stack.findChildren(LayerCard)) == 4


def test_name__that_is_being_typed_is_given_up_when_the_document_changes(
    qtbot: QtBot, make_window: Callable[..., MainWindow]
) -> None:
    window = make_window(small_document(Conv2d(), ReLU()))
    stack, before = window.session.undo_stack, window.session.document
    window.session.edit(edits.remove_layer(before, 1), "Delete relu1")
    window.session.edit(edits.remove_layer(window.session.document, 0), "Delete conv2d1")
    after = window.session.document
    stack.undo()
    stack.undo()
    for step in (stack.redo, stack.redo, stack.undo, stack.undo):
        if window.session.document.network.layers:
            window.session.select_layer(len(window.session.document.network.layers) - 1)
            window.layer_commands.rename()
            field = window.focusWidget()
            if isinstance(field, QLineEdit):
                field.setText("other")
        step()
    assert window.session.document is before
    assert [stack.text(i) for i in range(stack.count())] == ["Delete relu1", "Delete conv2d1"]
    window.session.go_to(2)
    assert window.session.document is after
    settled(qtbot, window)
