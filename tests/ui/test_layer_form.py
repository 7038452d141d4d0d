"""Forms: every field of every type edits the document, shows what undo brings back, and refuses nonsense."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QMenu, QSpinBox, QWidget
from pytestqt.qtbot import QtBot

from explorer.layers import LAYER_TYPES, Conv2d, Layer, LeakyReLU, MaxPool2d, fields
from explorer.layers.fields import BoolKind, ChoiceKind, FloatKind, IntKind, Kind, PaddingKind, SizeKind
from explorer.live.session import Session
from explorer.ui.display import Display
from explorer.ui.layer_form import LayerForm
from explorer.ui.number_field import NumberField
from explorer.ui.stack_panel import StackPanel
from tests.gui import destroy_deferred, wheel
from tests.live.given import small_document

FIELDS = [
    (layer_type, name)
    for layer_type in LAYER_TYPES
    for name, kind in fields.kinds(layer_type).items()
    if not isinstance(kind, fields.WeightKind)
]


class Bench:
    """A stack with one layer whose form is open."""

    def __init__(self, layer: Layer) -> None:
        self.session = Session(small_document(layer))
        self.stack = StackPanel(self.session, Display(self.session), QMenu(), QMenu())
        self.session.document_changed.connect(self.stack.show_document)
        self.stack.resize(276, 900)
        self.stack.show_document()
        self.stack.show()
        self.stack.activateWindow()

    @property
    def layer(self) -> Layer:
        return self.session.document.network.layers[0]

    @property
    def form(self) -> LayerForm:
        form = self.stack.cards[0]._form
        assert form is not None
        return form

    def widgets(self, name: str) -> list[QWidget]:
        """The controls of a parameter."""
        top = self.form._rows[name].widget
        kinds = (QSpinBox, QComboBox, QCheckBox, NumberField)
        return [one for one in (top, *top.findChildren(QWidget)) if isinstance(one, kinds)]

    def close(self) -> None:
        self.stack.deleteLater()
        self.session.deleteLater()
        destroy_deferred()


@pytest.fixture
def bench(request: pytest.FixtureRequest, qapp: QApplication) -> Iterator[Bench]:
    result = Bench(request.param)
    yield result
    result.close()


def change(widgets: list[QWidget], kind: Kind, value: Any) -> None:
    """Set another value with the control, as a user would."""
    first = widgets[0]
    if isinstance(first, QSpinBox):
        assert isinstance(kind, IntKind | SizeKind)
        first.setValue(first.value() + 1)
    elif isinstance(first, NumberField):
        assert isinstance(kind, FloatKind)
        first.setFocus()
        first.selectAll()
        QTest.keyClicks(first, str((kind.minimum + value) / 2 if kind.minimum > -1e30 else value + 0.5))
        QTest.keyClick(first, Qt.Key.Key_Return)
    elif isinstance(first, QCheckBox):
        assert isinstance(kind, BoolKind)
        first.click()
    else:
        assert isinstance(first, QComboBox)
        assert isinstance(kind, ChoiceKind | PaddingKind)
        pick(first, "same" if isinstance(kind, PaddingKind) else kind.options[kind.options.index(value) - 1])


def pick(box: QComboBox, text: str) -> None:
    """Choose an entry, as a user does."""
    box.setCurrentText(text)
    box.textActivated.emit(text)


@pytest.mark.parametrize(
    ("bench", "name"),
    [pytest.param(layer_type(), name, id=f"{layer_type.type_name}-{name}") for layer_type, name in FIELDS],
    indirect=["bench"],
)
def test_field__edits_the_document_and_follows_undo(bench: Bench, name: str) -> None:
    kind = fields.kinds(type(bench.layer))[name]
    before = bench.session.document
    old = vars(bench.layer)[name]
    change(bench.widgets(name), kind, old)
    new = vars(bench.layer)[name]
    assert new != old
    assert bench.session.undo_stack.count() == 1
    bench.session.undo_stack.undo()
    assert bench.session.document is before
    bench.session.undo_stack.redo()
    assert vars(bench.layer)[name] == new


@pytest.mark.parametrize("bench", [Conv2d()], indirect=True)
def test_field__shows_what_undo_brings_back(bench: Bench) -> None:
    box = bench.widgets("out_channels")[0]
    assert isinstance(box, QSpinBox)
    old = box.value()
    box.setValue(old + 3)
    bench.session.undo_stack.undo()
    assert box.value() == old


@pytest.mark.parametrize("bench", [Conv2d()], indirect=True)
def test_field__many_steps_with_one_focus_are_one_undo_step(bench: Bench) -> None:
    box = bench.widgets("out_channels")[0]
    assert isinstance(box, QSpinBox)
    for value in range(2, 20):
        box.setValue(value)
    assert bench.session.undo_stack.count() == 1
    bench.widgets("kernel_size")[0].setFocus()
    box.setFocus()
    box.setValue(40)
    assert bench.session.undo_stack.count() == 2


@pytest.mark.parametrize("bench", [Conv2d()], indirect=True)
def test_size__columns_follow_rows_until_they_are_made_to_differ(bench: Bench) -> None:
    rows, columns = bench.widgets("kernel_size")
    assert isinstance(rows, QSpinBox)
    assert isinstance(columns, QSpinBox)
    rows.setValue(5)
    assert vars(bench.layer)["kernel_size"] == (5, 5)
    columns.setValue(7)
    assert vars(bench.layer)["kernel_size"] == (5, 7)
    rows.setValue(4)
    assert vars(bench.layer)["kernel_size"] == (4, 7)


@pytest.mark.parametrize("bench", [MaxPool2d()], indirect=True)
def test_optional_size__zero_means_the_window(bench: Bench) -> None:
    rows, columns = bench.widgets("stride")
    assert isinstance(rows, QSpinBox)
    assert isinstance(columns, QSpinBox)
    assert vars(bench.layer)["stride"] is None
    assert rows.text() == "auto"
    rows.setValue(3)
    assert vars(bench.layer)["stride"] == (3, 3)
    rows.setValue(0)
    assert vars(bench.layer)["stride"] is None


def boxes(bench: Bench) -> tuple[QComboBox, list[QSpinBox]]:
    mode, *numbers = bench.widgets("padding")
    assert isinstance(mode, QComboBox)
    return mode, [one for one in numbers if isinstance(one, QSpinBox)]


def visible(bench: Bench, widgets: list[QSpinBox]) -> int:
    return sum(one.isVisibleTo(bench.form) for one in widgets)


@pytest.mark.parametrize("bench", [Conv2d(), MaxPool2d(kernel_size=(5, 5))], indirect=True)
def test_padding__every_mode_can_be_reached_and_left(bench: Bench) -> None:
    mode, (number, *sides) = boxes(bench)
    for index, box in enumerate(sides):
        assert box.accessibleName().endswith(("top", "bottom", "left", "right")), index
    pick(mode, "same")
    assert vars(bench.layer)["padding"] == "same"
    pick(mode, "number")
    assert vars(bench.layer)["padding"] == (1, 1)
    assert number.isVisibleTo(bench.form)
    assert visible(bench, sides) == 0
    number.setValue(2)
    assert vars(bench.layer)["padding"] == (2, 2)
    pick(mode, "sides")
    assert visible(bench, sides) == 4
    sides[3].setValue(1)
    assert vars(bench.layer)["padding"] == (2, 2, 2, 1)
    assert mode.isVisibleTo(bench.form)
    pick(mode, "valid")
    assert vars(bench.layer)["padding"] in ("valid", (0, 0))
    assert visible(bench, sides) == 0


@pytest.mark.parametrize("bench", [Conv2d(padding=(0, 0))], indirect=True)
def test_padding__sides_can_be_chosen_from_nothing(bench: Bench) -> None:
    mode, (_, *sides) = boxes(bench)
    pick(mode, "sides")
    assert visible(bench, sides) == 4
    sides[1].setValue(2)
    assert vars(bench.layer)["padding"] == (0, 2, 0, 0)


@pytest.mark.parametrize("bench", [Conv2d(padding=(1, 2, 0, 3))], indirect=True)
def test_padding__shows_what_a_file_brought(bench: Bench) -> None:
    _, (_, *sides) = boxes(bench)
    assert [one.value() for one in sides] == [1, 2, 0, 3]
    assert visible(bench, sides) == 4


@pytest.mark.parametrize("bench", [LeakyReLU()], indirect=True)
@pytest.mark.parametrize("words", ["nan", "inf", "", "-", "words", "1e999", "1/0"])
def test_number__what_is_no_number_is_marked_and_changes_nothing(bench: Bench, words: str) -> None:
    field = bench.widgets("negative_slope")[0]
    assert isinstance(field, NumberField)
    tip = field.toolTip()
    field.setFocus()
    field.selectAll()
    QTest.keyClick(field, Qt.Key.Key_Backspace)
    QTest.keyClicks(field, words)
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert bench.session.undo_stack.count() == 0
    assert field.hasFocus()
    assert "border" in field.styleSheet()
    assert field.toolTip() != tip
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert field.text() == "0.01"
    assert not field.styleSheet()
    assert field.toolTip() == tip


@pytest.mark.parametrize("bench", [LeakyReLU()], indirect=True)
def test_number__beyond_its_limits_ends_at_them_and_shows_it(bench: Bench) -> None:
    field = bench.widgets("negative_slope")[0]
    assert isinstance(field, NumberField)
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "5")
    QTest.keyClick(field, Qt.Key.Key_Return)
    limit = fields.kinds(LeakyReLU)["negative_slope"].maximum  # type: ignore[attr-defined]
    assert vars(bench.layer)["negative_slope"] == limit
    assert float(field.text()) == limit


@pytest.mark.parametrize("bench", [LeakyReLU()], indirect=True)
def test_number__arrow_keys_stay_within_its_limits(bench: Bench) -> None:
    field = bench.widgets("negative_slope")[0]
    assert isinstance(field, NumberField)
    field.setFocus()
    for _ in range(30):
        QTest.keyClick(field, Qt.Key.Key_Down)
    minimum = fields.kinds(LeakyReLU)["negative_slope"].minimum  # type: ignore[attr-defined]
    assert vars(bench.layer)["negative_slope"] >= minimum
    assert field.value == vars(bench.layer)["negative_slope"]


@pytest.mark.parametrize("bench", [Conv2d()], indirect=True)
def test_wheel__passes_by_without_the_focus(bench: Bench) -> None:
    bench.stack.cards[0].setFocus()
    document = bench.session.document
    for name in ("out_channels", "kernel_size", "padding", "initializer"):
        for widget in bench.widgets(name):
            widget.clearFocus()
            wheel(widget, widget.rect().center().toPointF())
    assert bench.session.document is document


@pytest.mark.parametrize("bench", [Conv2d()], indirect=True)
def test_more__shows_the_rarer_fields(bench: Bench) -> None:
    hidden = bench.form._more_rows
    assert hidden
    assert not any(bench.form._rows[name].widget.isVisibleTo(bench.form) for name in hidden)
    details = bench.stack.cards[0]._details
    assert details is not None
    details.more.click()
    assert all(bench.form._rows[name].widget.isVisibleTo(bench.form) for name in hidden)


@pytest.mark.parametrize("bench", [layer_type() for layer_type in LAYER_TYPES], indirect=True, ids=str)
def test_controls__have_a_name_and_a_tooltip(qtbot: QtBot, bench: Bench) -> None:
    for name in bench.form._rows:
        for widget in bench.widgets(name):
            assert widget.accessibleName().strip(), name
            assert widget.toolTip().strip(), name
