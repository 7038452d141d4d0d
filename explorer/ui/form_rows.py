"""The controls of a layer's form: one kind of row for each kind of parameter."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QGridLayout, QHBoxLayout, QWidget

from explorer.layers.fields import (
    BoolKind,
    ChoiceKind,
    FloatKind,
    IntKind,
    Kind,
    PaddingKind,
    SizeKind,
)
from explorer.ui.controls import CountBox
from explorer.ui.count_slider import CountSlider
from explorer.ui.number_field import NumberField

_SLIDER_LARGEST = 128


class Row(QObject):
    """A widget for one parameter.

    Signals
    -------
    value_changed(value)
        The user set it.
    released()
        The hand let go of what it held down.
    """

    value_changed = Signal(object)
    released = Signal()

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.widget = widget

    @property
    def held(self) -> bool:
        """Whether the hand still holds it, so that more values follow."""
        return False

    def let_go(self) -> None:
        """Let it no longer be held: what is hidden gets no release."""

    def show(self, value: Any) -> None:
        """Show a value of the document."""
        raise NotImplementedError


class IntRow(Row):
    def __init__(self, kind: IntKind) -> None:
        box = CountBox(kind.minimum, kind.maximum)
        super().__init__(box)
        self._box = box
        box.valueChanged.connect(self.value_changed.emit)

    def show(self, value: int) -> None:
        self._box.show_value(value)


class SliderRow(Row):
    """A count that people play with: a slider for the usual ones, and a field for all."""

    def __init__(self, kind: IntKind) -> None:
        holder = QWidget()
        super().__init__(holder)
        layout = QHBoxLayout(holder)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        self._slider = CountSlider(kind.minimum, min(kind.maximum, _SLIDER_LARGEST))
        self._slider.setAccessibleName("slider")
        self._box = CountBox(kind.minimum, kind.maximum)
        layout.addWidget(self._slider, 1)
        layout.addWidget(self._box)
        self._slider.moved.connect(self._slid)
        self._slider.sliderReleased.connect(self.released)
        self._box.valueChanged.connect(self._typed)

    @property
    def held(self) -> bool:
        return self._slider.isSliderDown()

    def let_go(self) -> None:
        self._slider.setSliderDown(False)

    def _slid(self, value: int) -> None:
        self._box.show_value(value)
        self.value_changed.emit(value)

    def _typed(self, value: int) -> None:
        self._slider.show_value(value)
        self.value_changed.emit(value)

    def show(self, value: int) -> None:
        self._slider.show_value(value)
        self._box.show_value(value)


class FloatRow(Row):
    def __init__(self, kind: FloatKind) -> None:
        self._field = NumberField("", kind.help)
        super().__init__(self._field)
        self._kind = kind
        self._field.entered.connect(self._entered)

    def _entered(self, value: float) -> None:
        self.value_changed.emit(min(max(value, self._kind.minimum), self._kind.maximum))

    def show(self, value: float) -> None:
        self._field.show_value(value)


class BoolRow(Row):
    def __init__(self, kind: BoolKind) -> None:
        self._box = QCheckBox()
        super().__init__(self._box)
        self._box.toggled.connect(self.value_changed.emit)

    def show(self, value: bool) -> None:
        self._box.blockSignals(True)
        self._box.setChecked(value)
        self._box.blockSignals(False)


class ChoiceRow(Row):
    def __init__(self, kind: ChoiceKind) -> None:
        self._box = QComboBox()
        super().__init__(self._box)
        self._box.addItems(kind.options)
        self._box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self._box.setMinimumContentsLength(6)
        self._box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._box.textActivated.connect(self.value_changed.emit)

    def show(self, value: str) -> None:
        self._box.setCurrentText(value)


class SizeRow(Row):
    """Two numbers, vertical and horizontal; the second follows the first until they are made to differ."""

    def __init__(self, kind: SizeKind) -> None:
        holder = QWidget()
        super().__init__(holder)
        layout = QHBoxLayout(holder)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        minimum = 0 if kind.absent else kind.minimum
        self._kind = kind
        self._vertical, self._horizontal = CountBox(minimum, kind.maximum), CountBox(minimum, kind.maximum)
        for box, name in ((self._vertical, "rows"), (self._horizontal, "columns")):
            box.setAccessibleName(name)
            if kind.absent:
                box.setSpecialValueText(kind.absent)
            layout.addWidget(box, 1)
        self._linked = True
        self._vertical.valueChanged.connect(self._vertical_changed)
        self._horizontal.valueChanged.connect(self._horizontal_changed)

    def _vertical_changed(self, value: int) -> None:
        if self._linked:
            self._horizontal.show_value(value)
        self._emit()

    def _horizontal_changed(self, value: int) -> None:
        self._linked = value == self._vertical.value()
        self._emit()

    def _emit(self) -> None:
        value = (self._vertical.value(), self._horizontal.value())
        if self._kind.absent and 0 in value:
            self.value_changed.emit(None)
        else:
            self.value_changed.emit(value)

    def show(self, value: tuple[int, int] | None) -> None:
        vertical, horizontal = value or (0, 0)
        self._linked = vertical == horizontal
        self._vertical.show_value(vertical)
        self._horizontal.show_value(horizontal)


_SIDES = {"top": "↑", "bottom": "↓", "left": "←", "right": "→"}  # words would not fit beside the numbers


class PaddingRow(Row):
    """ "valid", "same", one number, or a number per side. The way it is written stays as the user chose it."""

    def __init__(self, kind: PaddingKind) -> None:
        holder = QWidget()
        super().__init__(holder)
        layout = QGridLayout(holder)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        self._mode = QComboBox()
        self._mode.addItems(["valid", "same", "number", "sides"])
        self._mode.setAccessibleName("kind")
        self._mode.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._mode.setMinimumContentsLength(5)
        self._number = CountBox(0, kind.maximum)
        self._number.setAccessibleName("number")
        layout.addWidget(self._mode, 0, 0)
        layout.addWidget(self._number, 0, 1)
        layout.setColumnStretch(0, 1)
        layout.setColumnStretch(1, 1)
        self._sides = [CountBox(0, kind.maximum) for _ in _SIDES]
        for index, (box, (side, arrow)) in enumerate(zip(self._sides, _SIDES.items(), strict=True)):
            box.setAccessibleName(side)
            box.setPrefix(f"{arrow} ")
            layout.addWidget(box, 1 + index // 2, index % 2)
            box.valueChanged.connect(self._emit)
        self._number.valueChanged.connect(self._emit)
        self._mode.textActivated.connect(self._mode_chosen)
        self._arrange()

    def _mode_chosen(self, mode: str) -> None:
        if mode == "number" and self._number.value() == 0:
            self._number.show_value(1)
        self._arrange()
        self._emit()

    def _arrange(self) -> None:
        mode = self._mode.currentText()
        self._number.setVisible(mode == "number")
        for box in self._sides:
            box.setVisible(mode == "sides")

    def _value(self) -> Any:
        mode = self._mode.currentText()
        if mode == "number":
            return self._number.value()
        return tuple(box.value() for box in self._sides) if mode == "sides" else mode

    def _emit(self) -> None:
        self.value_changed.emit(self._value())

    def show(self, value: Any) -> None:
        sides = _as_sides(value)
        if sides is not None:
            self._number.show_value(sides[0])
            for box, side in zip(self._sides, sides, strict=True):
                box.show_value(side)
        if _as_sides(self._value()) != sides or (sides is None and self._mode.currentText() != value):
            self._mode.setCurrentText(_mode_of(value, sides))
        self._arrange()


def _as_sides(value: Any) -> tuple[int, ...] | None:
    """Padding as four numbers; None for a word."""
    if isinstance(value, str):
        return (0, 0, 0, 0) if value == "valid" else None
    if isinstance(value, int):
        return (value,) * 4
    return tuple(value) if len(value) == 4 else (value[0], value[0], value[1], value[1])


def _mode_of(value: Any, sides: tuple[int, ...] | None) -> str:
    if isinstance(value, str):
        return value
    if sides == (0, 0, 0, 0):
        return "valid"
    return "number" if sides is not None and len(set(sides)) == 1 else "sides"


def _int_row(kind: IntKind) -> Row:
    return IntRow(kind) if kind.more else SliderRow(kind)


def row(kind: Kind) -> Row:
    """The controls for a parameter."""
    made: tuple[tuple[type[Kind], Callable[[Any], Row]], ...] = (
        (IntKind, _int_row),
        (FloatKind, FloatRow),
        (BoolKind, BoolRow),
        (ChoiceKind, ChoiceRow),
        (SizeKind, SizeRow),
        (PaddingKind, PaddingRow),
    )
    for kind_type, make in made:
        if isinstance(kind, kind_type):
            return make(kind)
    raise TypeError(f"There is no field for {type(kind).__name__}.")
