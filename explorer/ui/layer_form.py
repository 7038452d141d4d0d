"""A layer's form, made from the description of its parameters."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QFormLayout, QLabel, QSlider, QSpinBox, QWidget

from explorer.layers import fields
from explorer.layers.fields import Kind, WeightKind
from explorer.layers.layer import Layer
from explorer.live.session import new_gesture
from explorer.ui import form_rows
from explorer.ui.number_field import NumberField

_CONTROLS = (QSpinBox, QSlider, QComboBox, QCheckBox, NumberField)


class LayerForm(QWidget):
    """Fields for every parameter of a layer; those that matter less are hidden at first.

    Signals
    -------
    changed(field, value, gesture)
        The user set a parameter. The gesture is one number from press or focus to leaving it.
    settled()
        No more values follow soon: sent after every change, but while a slider is held only when it is let go.
    """

    changed = Signal(str, object, int)
    settled = Signal()

    def __init__(self, layer: Layer, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._form = QFormLayout(self)
        self._form.setContentsMargins(0, 0, 0, 0)
        self._form.setHorizontalSpacing(8)
        self._form.setVerticalSpacing(4)
        self._form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self._rows: dict[str, form_rows.Row] = {}
        self._gesture = new_gesture()
        kinds = {
            name: kind for name, kind in fields.kinds(type(layer)).items() if not isinstance(kind, WeightKind)
        }
        self._more_rows = [name for name, kind in kinds.items() if kind.more]
        for name, kind in sorted(kinds.items(), key=lambda item: item[1].more):
            self._add(name, kind)
        self.show_more(False)
        self.show_layer(layer)

    @property
    def has_more(self) -> bool:
        """Whether some parameters are hidden at first."""
        return bool(self._more_rows)

    def show_more(self, shown: bool) -> None:
        """Show or hide the parameters that are needed less often."""
        for name in self._more_rows:
            self._form.setRowVisible(self._rows[name].widget, shown)

    def let_go(self) -> None:
        """Let nothing be held any longer."""
        for row in self._rows.values():
            row.let_go()

    def show_layer(self, layer: Layer) -> None:
        """Show the values of a layer of the same type."""
        values = vars(layer)
        for name, row in self._rows.items():
            row.show(values[name])

    def _add(self, name: str, kind: Kind) -> None:
        row = form_rows.row(kind)
        self._rows[name] = row
        label = QLabel(kind.label)
        label.setToolTip(kind.help)
        label.setProperty("role", "second")
        label.setBuddy(row.widget)
        for widget in (row.widget, *row.widget.findChildren(QWidget)):
            if isinstance(widget, _CONTROLS):
                widget.setAccessibleName(f"{kind.label} {widget.accessibleName()}".strip())
                widget.setToolTip(kind.help)
                widget.installEventFilter(self)
        row.value_changed.connect(partial(self._changed, name))
        row.released.connect(self.settled)
        self._form.addRow(label, row.widget)

    def _changed(self, name: str, value: object) -> None:
        self.changed.emit(name, value, self._gesture)
        if not self._rows[name].held:
            self.settled.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.MouseButtonPress):
            self._gesture = new_gesture()
        if (
            isinstance(event, QWheelEvent)
            and isinstance(watched, QSpinBox | QSlider | QComboBox)
            and not watched.hasFocus()
        ):
            event.ignore()  # scrolling past must not change a number
            return True
        return super().eventFilter(watched, event)
