"""Correlation or convolution? The kernel as it is slid, the kernel turned, and what either gives."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QCheckBox, QFrame, QGridLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from explorer.imaging.colormaps import Colormap
from explorer.layers import kernel_arithmetic
from explorer.layers.fields import Array
from explorer.layers.numbers import number
from explorer.ui.cell_grid import CellGrid
from explorer.ui.controls import second_label
from explorer.ui.selected_kernel import SelectedKernel

_WHY = (
    "Mathematicians turn the kernel by 180° before they slide it. Deep learning does not: its weights are learned, "
    "and learning finds the turned ones just as easily."
)
_WIDTH, _GRID = 380, 150


class FlipPopover(QFrame):
    """Shows both kernels; the box lets all layers show what true convolution would give."""

    def __init__(self, kernel: SelectedKernel, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setProperty("role", "card")
        self.setAccessibleName("Correlation or convolution")
        self.setFixedWidth(_WIDTH)
        self._kernel = kernel
        self._turned: Array | None = None
        self._here, self._there = CellGrid("Kernel as it is"), CellGrid("Kernel turned by 180°")
        self._values = (second_label(""), second_label(""))
        why = QLabel(_WHY)
        why.setWordWrap(True)
        why.setProperty("role", "second")
        self._show = QCheckBox("Show what convolution would give")
        self._show.toggled.connect(self._preview)
        self._show.setAccessibleName("Show what convolution would give")
        self._show.setToolTip("All layers follow as long as this is on; closing takes it back")
        self._keep = QPushButton("Keep it turned")
        self._keep.setAccessibleName("Keep the kernel turned")
        self._keep.setToolTip("Let the turned kernel be the filter's kernel")
        self._keep.clicked.connect(self._accept)
        grids = QGridLayout()
        grids.setHorizontalSpacing(12)
        grids.setVerticalSpacing(8)
        titles = ("<b>Correlation</b>, as here", "<b>Convolution</b>, turned")
        for column, (title, grid) in enumerate(zip(titles, (self._here, self._there), strict=True)):
            grid.setFixedHeight(_GRID)
            grids.addWidget(QLabel(title), 0, column, Qt.AlignmentFlag.AlignHCenter)
            grids.addWidget(grid, 1, column)
            grids.addWidget(self._values[column], 2, column, Qt.AlignmentFlag.AlignHCenter)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 12)
        layout.setSpacing(8)
        layout.addLayout(grids)
        layout.addWidget(why)
        layout.addWidget(self._show)
        layout.addWidget(self._keep)

    def open_at(
        self, place: QPoint, colormap: Colormap, reach: float, at_dot: tuple[float, float] | None
    ) -> None:
        """Open for the kernel under the brush. ``at_dot`` are the values at the dot, as it is and turned."""
        values = self._kernel.values()
        if values is None:
            return
        self._turned = kernel_arithmetic.turned(values)
        self._here.show_values(values, colormap, reach)
        self._there.show_values(self._turned, colormap, reach)
        for label, value in zip(self._values, at_dot or (None, None), strict=True):
            label.setText("" if value is None else f"at the dot: {number(value)}")
        self._show.setChecked(False)
        self._keep.setEnabled(False)
        self.adjustSize()
        screen = self.screen().availableGeometry()
        x = min(max(place.x(), screen.left()), screen.right() - self.width())
        y = min(max(place.y() - self.height(), screen.top()), screen.bottom() - self.height())
        self.move(x, y)
        self.show()
        self._show.setFocus()

    def _preview(self, on: bool) -> None:
        self._keep.setEnabled(on)
        if on and self._turned is not None:
            self._kernel.preview(self._turned, {}, "Turn kernel by 180°")
        else:
            self._kernel.end_preview(keep=False)

    def _accept(self) -> None:
        self._kernel.end_preview(keep=True)
        self.close()

    def hideEvent(self, event: QHideEvent) -> None:
        self._kernel.end_preview(keep=False)
        super().hideEvent(event)
