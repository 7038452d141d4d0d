"""Parameters of a preset: for each a slider to feel it and a field to say it exactly."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QVBoxLayout, QWidget

from explorer.layers.filters import Parameter
from explorer.ui import theme
from explorer.ui.controls import second_label
from explorer.ui.count_slider import CountSlider
from explorer.ui.number_field import NumberField

_RETURN = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_FINEST = 10_000  # steps of a slider

_HELP_LINES = 3


class ParameterSlider(CountSlider):
    """A slider that goes back to its default, and that the wheel moves only once it was clicked.

    Signals
    -------
    reset()
        It was double clicked.
    """

    reset = Signal()

    def __init__(self, name: str, steps: int, parent: QWidget | None = None) -> None:
        super().__init__(0, steps, parent)
        self.setAccessibleName(name)
        self.setMinimumWidth(60)
        self.setPageStep(max(1, steps // 10))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.setSliderDown(False)
        self.reset.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class ParameterFields(QWidget):
    """A row of label, slider and number for each parameter of whatever is shown.

    Signals
    -------
    changed(values)
        The user set a parameter: the values of all of them by name.
    """

    changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(1, 1)
        self._grid.setColumnMinimumWidth(0, 48)
        self._help = second_label("")
        self._help.setWordWrap(True)
        self._help.setTextFormat(Qt.TextFormat.PlainText)
        self._help.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self._help.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(self._grid)
        column.addWidget(self._help)
        self._parameters: tuple[Parameter, ...] = ()
        self._rows: dict[str, _Row] = {}
        self._values: dict[str, float] = {}

    @property
    def values(self) -> dict[str, float]:
        """The value of each parameter by name."""
        return dict(self._values)

    @property
    def controls(self) -> list[QWidget]:
        """Sliders and fields, as they stand."""
        return [control for row in self._rows.values() for control in (row.slider, row.field)]

    def show_parameters(self, parameters: tuple[Parameter, ...], values: dict[str, float]) -> None:
        """Show these parameters with these values; the fields of others go."""
        if parameters != self._parameters:
            self._parameters = parameters
            for row in self._rows.values():
                row.remove(self._grid)
            self._rows = {}
            for parameter in parameters:
                row = _Row(parameter, self)
                row.changed.connect(self._set)
                row.touched.connect(self._explain)
                row.place(self._grid, len(self._rows))
                self._rows[parameter.name] = row
            self._explain(parameters[0].help if parameters else "")
        self._values = dict(values)
        for name, row in self._rows.items():
            row.show_value(values[name])

    def _explain(self, sentence: str) -> None:
        self._help.setFont(theme.font(self, 0.92))
        self._help.setMinimumHeight(_HELP_LINES * self._help.fontMetrics().lineSpacing())  # or all would move
        self._help.setText(sentence)

    def _set(self, name: str, value: float) -> None:
        if value != self._values[name]:
            self._values[name] = value
            self.changed.emit(self.values)


class _Row(QObject):
    """One parameter's controls, which show the same value."""

    changed = Signal(str, float)
    touched = Signal(str)

    def __init__(self, parameter: Parameter, parent: QWidget) -> None:
        super().__init__(parent)
        self._parameter = parameter
        low, high = parameter.minimum, parameter.maximum
        tip = (
            f"{parameter.help}\nFrom {low:g} to {high:g}; double click the slider for {parameter.default:g}."
        )
        self._step = max(parameter.step, (high - low) / _FINEST)
        self._value = parameter.default
        self.label = second_label(parameter.label)
        self.slider = ParameterSlider(
            f"{parameter.label} slider", max(1, round((high - low) / self._step)), parent
        )
        self.field = NumberField(parameter.label, tip, max(abs(low), abs(high)))
        self.field.setFixedWidth(56)
        self.label.setBuddy(self.field)
        for widget in (self.label, self.slider):
            widget.setToolTip(tip)
        self.slider.setAccessibleDescription(parameter.help)
        self.field.setAccessibleDescription(parameter.help)
        self.slider.moved.connect(self._slid)
        self.slider.reset.connect(self._reset)
        self.field.entered.connect(self._take)
        for part in (self.label, self.slider, self.field):
            part.installEventFilter(self)

    def place(self, grid: QGridLayout, row: int) -> None:
        """Stand in this row."""
        for column, widget in enumerate((self.label, self.slider, self.field)):
            grid.addWidget(widget, row, column)
            widget.show()

    def remove(self, grid: QGridLayout) -> None:
        """Go."""
        for widget in (self.label, self.slider, self.field):
            grid.removeWidget(widget)
            widget.hide()
            widget.deleteLater()
        self.deleteLater()

    def show_value(self, value: float) -> None:
        """Show a value in all controls; nothing is emitted."""
        self._value = value
        self.slider.show_value(round((value - self._parameter.minimum) / self._step))
        self.field.show_value(value)

    def _take(self, value: float) -> None:
        parameter = self._parameter
        value = min(max(value, parameter.minimum), parameter.maximum)
        self.show_value(value)
        self.changed.emit(parameter.name, value)

    def _slid(self, position: int) -> None:
        self._take(float(f"{self._parameter.minimum + position * self._step:.6g}"))

    def _reset(self) -> None:
        self._take(self._parameter.default)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Enter, QEvent.Type.FocusIn):
            self.touched.emit(self._parameter.help)
        if watched is self.field and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            step = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}.get(Qt.Key(event.key()))
            if step is not None:
                self._take(float(f"{self._value + step * self._step:.6g}"))
                return True
            if event.key() in _RETURN and self.field.isModified():
                self.field.editingFinished.emit()  # takes the number; a second Return applies
                return True
        return super().eventFilter(watched, event)
