"""A layer's form, made from the description of its parameters."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QSpinBox,
    QToolButton,
    QWidget,
)

from explorer.layers import fields
from explorer.layers.fields import (
    BoolKind,
    ChoiceKind,
    FloatKind,
    IntKind,
    Kind,
    PaddingKind,
    SizeKind,
    WeightKind,
)
from explorer.layers.layer import Layer
from explorer.live.session import new_gesture
from explorer.ui.controls import CountBox
from explorer.ui.number_field import NumberField

_SLIDER_LARGEST = 128


class LayerForm(QWidget):
    """Fields for every parameter of a layer; those that matter less are behind "More".

    Signals
    -------
    changed(field, value, gesture)
        The user set a parameter. The gesture is one number from focus to leaving it.
    """

    changed = Signal(str, object, int)

    def __init__(self, layer: Layer, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._form = QFormLayout(self)
        self._form.setContentsMargins(0, 0, 0, 0)
        self._form.setHorizontalSpacing(8)
        self._form.setVerticalSpacing(4)
        self._form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self._rows: dict[str, _Row] = {}
        self._more_rows: list[str] = []
        self._gesture = new_gesture()
        kinds = {
            name: kind for name, kind in fields.kinds(type(layer)).items() if not isinstance(kind, WeightKind)
        }
        for name, kind in kinds.items():
            if not kind.more:
                self._add(name, kind)
        hidden = {name: kind for name, kind in kinds.items() if kind.more}
        if hidden:
            self._more = QToolButton()
            self._more.setText("More")
            self._more.setCheckable(True)
            self._more.setProperty("role", "field")
            self._more.setAccessibleName("More parameters")
            self._more.setToolTip("Show the parameters that are needed less often")
            self._more.toggled.connect(self._show_more)
            for name, kind in hidden.items():
                self._add(name, kind)
                self._more_rows.append(name)
            self._form.addRow(self._more)
            self._show_more(False)
        self.show_layer(layer)

    def show_layer(self, layer: Layer) -> None:
        """Show the values of a layer of the same type."""
        values = vars(layer)
        for name, row in self._rows.items():
            row.show(values[name])

    def _add(self, name: str, kind: Kind) -> None:
        row = _row(kind)
        self._rows[name] = row
        label = QLabel(kind.label)
        label.setToolTip(kind.help)
        label.setProperty("role", "second")
        label.setBuddy(row.widget)
        for widget in (row.widget, *row.widget.findChildren(QWidget)):
            if isinstance(widget, QSpinBox | QComboBox | QCheckBox | NumberField):
                widget.setAccessibleName(f"{kind.label} {widget.accessibleName()}".strip())
                widget.setToolTip(kind.help)
                widget.installEventFilter(self)
        row.connect_to(lambda value: self.changed.emit(name, value, self._gesture))
        self._form.addRow(label, row.widget)

    def _show_more(self, shown: bool) -> None:
        for name in self._more_rows:
            self._form.setRowVisible(self._rows[name].widget, shown)
        self._more.setText("Less" if shown else "More")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.MouseButtonPress):
            self._gesture = new_gesture()
        if (
            isinstance(event, QWheelEvent)
            and isinstance(watched, QSpinBox | QComboBox)
            and not watched.hasFocus()
        ):
            event.ignore()  # scrolling past must not change a number
            return True
        return super().eventFilter(watched, event)


class _Row(QObject):
    """A widget for one parameter."""

    value_changed = Signal(object)

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.widget = widget

    def connect_to(self, slot: Any) -> None:
        self.value_changed.connect(slot)

    def show(self, value: Any) -> None:
        raise NotImplementedError


class _IntRow(_Row):
    def __init__(self, kind: IntKind) -> None:
        box = CountBox(kind.minimum, kind.maximum)
        super().__init__(box)
        self._box = box
        box.valueChanged.connect(self.value_changed.emit)

    def show(self, value: int) -> None:
        self._box.show_value(value)


class _FloatRow(_Row):
    def __init__(self, kind: FloatKind) -> None:
        self._field = NumberField("", kind.help)
        super().__init__(self._field)
        self._kind = kind
        self._field.entered.connect(self._entered)

    def _entered(self, value: float) -> None:
        self.value_changed.emit(min(max(value, self._kind.minimum), self._kind.maximum))

    def show(self, value: float) -> None:
        self._field.show_value(value)


class _BoolRow(_Row):
    def __init__(self, kind: BoolKind) -> None:
        self._box = QCheckBox()
        super().__init__(self._box)
        self._box.toggled.connect(self.value_changed.emit)

    def show(self, value: bool) -> None:
        self._box.blockSignals(True)
        self._box.setChecked(value)
        self._box.blockSignals(False)


class _ChoiceRow(_Row):
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


class _SizeRow(_Row):
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


class _PaddingRow(_Row):
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


def _row(kind: Kind) -> _Row:
    for kind_type, row_type in (
        (IntKind, _IntRow),
        (FloatKind, _FloatRow),
        (BoolKind, _BoolRow),
        (ChoiceKind, _ChoiceRow),
        (SizeKind, _SizeRow),
        (PaddingKind, _PaddingRow),
    ):
        if isinstance(kind, kind_type):
            return row_type(kind)  # type: ignore[arg-type]
    raise TypeError(f"There is no field for {type(kind).__name__}.")
