"""What the brush paints: its value, where else it lands, how soft it is."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QMenu, QSizePolicy, QToolButton, QWidget

from explorer.layers.brush import Symmetry
from explorer.ui.controls import add_heading, flat_button
from explorer.ui.kernel_grid import RADII, SOFT_FROM
from explorer.ui.number_field import NumberField

_SWATCHES = (-2.0, -1.0, 0.0, 1.0, 2.0)


class BrushBar(QWidget):
    """One line of controls, and the menu of symmetry and softness.

    Signals
    -------
    value_chosen(value), symmetry_chosen(symmetry), radius_chosen(radius)
        Paint with this from now on.
    picking_changed(on)
        The next press picks up a value.
    refused(sentence)
        What was typed is no number.
    typed()
        Return was pressed in the field.
    """

    value_chosen = Signal(float)
    symmetry_chosen = Signal(object)
    radius_chosen = Signal(float)
    picking_changed = Signal(bool)
    refused = Signal(str)
    typed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        self._swatches: dict[QToolButton, float] = {}
        group = QButtonGroup(self)
        group.setExclusive(False)
        for value in _SWATCHES:
            button = QToolButton()
            button.setText(f"{value:+g}".replace("-", "−") if value else "0")
            button.setCheckable(True)
            button.setProperty("role", "field")
            button.setAccessibleName(f"Brush value {value:g}")
            button.setToolTip(f"Paint with {value:g}; X flips the sign")
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            group.addButton(button)
            self._swatches[button] = value
            row.addWidget(button)
        group.buttonClicked.connect(self._swatch_clicked)
        self._value = NumberField("Brush value", "The value that the brush paints: 0.5, 1/9, sqrt(2)")
        self._value.setMaximumWidth(54)
        self._value.entered.connect(self.value_chosen)
        self._value.refused.connect(self.refused)
        self._value.returnPressed.connect(self.typed)
        row.addWidget(self._value)
        self._pick = flat_button("pipette", "Pick up a value from the kernel (or press with Alt)", self)
        self._pick.setCheckable(True)
        self._pick.toggled.connect(self.picking_changed)
        row.addWidget(self._pick)
        self.menu = self._make_menu()
        self._brush = flat_button("flip-horizontal-2", "Symmetry and softness of the brush", self)
        self._brush.setCheckable(True)  # it looks pressed while symmetry is on
        self._brush.setMenu(self.menu)
        self._brush.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        row.addWidget(self._brush)

    def show_brush(self, value: float, symmetry: Symmetry, radius: float, largest_side: int) -> None:
        """Show the brush of the grid, on a kernel of so many rows or columns."""
        self._value.show_value(value)
        for button, swatch in self._swatches.items():
            button.setChecked(swatch == value)
        for action in self._symmetries.actions():
            action.setChecked(action.data() is symmetry)
        for action in self._radii.actions():
            action.setChecked(action.data() == radius)
        self._radii.setEnabled(largest_side >= SOFT_FROM)
        plain = symmetry is Symmetry.NONE
        self._brush.setChecked(not plain)
        soft = f", soft to {radius:g} cells" if radius and largest_side >= SOFT_FROM else ""
        words = "Symmetry and softness of the brush" if plain else f"Symmetry: {symmetry.value}"
        self._brush.setToolTip(f"{words}{soft}")

    def stop_picking(self) -> None:
        """A value was picked up."""
        self._pick.setChecked(False)

    def _swatch_clicked(self, button: QToolButton) -> None:
        self.value_chosen.emit(self._swatches[button])

    def _make_menu(self) -> QMenu:
        menu = QMenu("Brush", self)
        menu.setToolTipsVisible(True)
        add_heading(menu, "Symmetry")
        self._symmetries, self._radii = QActionGroup(menu), QActionGroup(menu)
        for symmetry in Symmetry:
            action = menu.addAction(symmetry.value, partial(self.symmetry_chosen.emit, symmetry))
            action.setToolTip(symmetry.why)
            action.setCheckable(True)
            action.setData(symmetry)
            self._symmetries.addAction(action)
        add_heading(menu, f"Softness, from {SOFT_FROM}×{SOFT_FROM}")
        for radius in RADII:
            text = f"{radius:g} cells" if radius else "Hard"
            action = menu.addAction(text, partial(self.radius_chosen.emit, radius))
            action.setToolTip("The keys [ and ] change it while the kernel has the focus")
            action.setCheckable(True)
            action.setData(radius)
            self._radii.addAction(action)
        return menu
