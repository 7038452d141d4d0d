""" "I want 28 × 28": a size of the output, and the edits of a layer that give it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QPushButton, QSizePolicy, QWidget

from explorer.layers import rounding
from explorer.layers.layer import Fix, Shape
from explorer.layers.sliding import SlidingLayer
from explorer.ui.controls import CountBox, second_label

_LARGEST = 16384
_TIP = "The output you want: edits of stride, padding or kernel that give it are offered below"


class WishRow(QWidget):
    """Rows and columns to wish for, and a button per edit that gives them.

    Signals
    -------
    chosen(fix)
        The user took an edit.
    """

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._layer: SlidingLayer | None = None
        self._before: Shape | None = None
        self._asked = False
        self._linked = False
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(4)
        label = second_label("I want")
        label.setToolTip(_TIP)
        grid.addWidget(label, 0, 0)
        self.rows, self.columns = CountBox(1, _LARGEST), CountBox(1, _LARGEST)
        for column, (box, name, arrow) in enumerate(
            ((self.rows, "rows", "↕ "), (self.columns, "columns", "↔ ")), 1
        ):
            box.setPrefix(arrow)
            box.setAccessibleName(f"Wanted {name}")
            box.setToolTip(f"{_TIP} ({name})")
            grid.addWidget(box, 0, column)
            grid.setColumnStretch(column, 1)
        self.rows.valueChanged.connect(self._rows_changed)
        self.columns.valueChanged.connect(self._columns_changed)
        self.buttons: list[QPushButton] = []
        self.answer = QLabel()
        self.answer.setWordWrap(True)
        self.answer.setProperty("role", "second")
        grid.addWidget(self.answer, 1, 0, 1, 3)
        self._grid = grid
        self._show_fixes(())

    def show_layer(self, layer: SlidingLayer, before: Shape | None, after: Shape | None) -> None:
        """Follow the document: the wish stays until it is fulfilled."""
        self._layer, self._before = layer, before
        size = (after[1], after[2]) if after is not None and len(after) == 3 else None
        if size is not None and (not self._asked or size == self._wanted):
            self._asked = False
            self._linked = size[0] == size[1]
            self.rows.show_value(size[0])
            self.columns.show_value(size[1])
        self._answer()

    @property
    def _wanted(self) -> tuple[int, int]:
        return self.rows.value(), self.columns.value()

    def _rows_changed(self, value: int) -> None:
        if self._linked or not self._asked:  # squares are wished for most, until the columns are typed
            self.columns.show_value(value)
            self._linked = True
        self._ask()

    def _columns_changed(self, value: int) -> None:
        self._linked = value == self.rows.value()
        self._ask()

    def _ask(self) -> None:
        self._asked = True
        self._answer()

    def _answer(self) -> None:
        if not self._asked or self._layer is None or self._before is None or len(self._before) != 3:
            self._show_fixes(())
            self.answer.hide()
            return
        fixes = rounding.wishes(self._layer, self._before, self._wanted)
        rows, columns = self._wanted
        self._show_fixes(fixes)
        self.answer.setText(f"No stride, padding or kernel gives {rows} rows and {columns} columns here.")
        self.answer.setVisible(not fixes)

    def _show_fixes(self, fixes: tuple[Fix, ...]) -> None:
        for button in self.buttons:
            button.hide()
            button.deleteLater()
        self.buttons = []
        for row, fix in enumerate(fixes, 2):
            button = QPushButton(fix.label)
            button.setAccessibleName(fix.label)
            button.setToolTip(f"{fix.label}: change the layer so")
            button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            button.clicked.connect(lambda _=False, fix=fix: self.chosen.emit(fix))
            self._grid.addWidget(button, row, 0, 1, 3)
            self.buttons.append(button)
