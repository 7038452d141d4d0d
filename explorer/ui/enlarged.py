"""The kernel large, over the stage: for 9x9 and more, and for a projector."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from explorer.ui.brush_bar import BrushBar
from explorer.ui.controls import flat_button, second_label
from explorer.ui.kernel_grid import KernelGrid
from explorer.ui.kernel_panel import KernelPanel

_SIDE = 560
_BARS = 56  # pixels of the lines above and below the grid
_MARGIN = 130


class EnlargedKernel(QFrame):
    """The same kernel as on the stage, in a grid of its own. Both always show the same."""

    def __init__(self, panel: KernelPanel, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.setAutoFillBackground(True)
        self._panel = panel
        self.grid = KernelGrid("Kernel, enlarged")
        self.grid.largest_cell = 160
        bar = BrushBar()
        panel.adopt(self.grid, bar)
        panel.shown.connect(self._follow)
        panel.installEventFilter(self)
        close = flat_button("x", "Close (K or Esc)", self)
        close.clicked.connect(self._close)
        top = QHBoxLayout()
        top.addWidget(QLabel("<b>Kernel</b>"))
        top.addWidget(second_label("K or Esc closes"), 1)
        top.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 8, 12, 12)
        layout.addLayout(top)
        layout.addWidget(self.grid, 1)
        layout.addWidget(bar)
        self.hide()

    def toggle(self) -> None:
        """Show or hide."""
        if self.isVisible():
            self._close()
            return
        self._follow()
        self.place()
        self.show()
        self.raise_()
        self.grid.setFocus()

    def place(self) -> None:
        """In the middle of the window, as large as fits."""
        parent = self.parentWidget()
        if parent is not None:
            side = min(_SIDE, parent.width() - 40, parent.height() - _MARGIN)
            left = max(20, parent.width() // 2 - side)  # the map at the right stays in sight
            self.setGeometry(left, (parent.height() - side - _BARS) // 2, side, side + _BARS)

    def _follow(self) -> None:
        source = self._panel.grid
        if source.colormap is not None:
            self.grid.brush, self.grid.symmetry = source.brush, source.symmetry
            self.grid.radius = source.radius
            self.grid.show_values(source.values, source.colormap, source.reach)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._panel and event.type() == QEvent.Type.HideToParent:
            self.hide()  # a layer without a kernel took its place on the stage
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._close()
        else:
            super().keyPressEvent(event)

    def _close(self) -> None:
        self._panel.grid.setFocus()  # or the focus would go to whatever comes next
        self.hide()
