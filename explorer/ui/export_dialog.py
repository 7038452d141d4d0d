"""What to export and how: the last step before a file name."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from PySide6.QtWidgets import QComboBox, QDialog, QDialogButtonBox, QFormLayout, QLabel, QVBoxLayout, QWidget

from explorer.export.exporters import EXPORTERS, Exporter, MapArray, MapPicture

_COLOURS = (("As seen", None), ("Grey, 8 bit", 8), ("Grey, 16 bit", 16))


@dataclass(frozen=True)
class ExportChoice:
    """An exporter, the depth of grey (None for colours as seen), and whether only the selected maps are meant."""

    exporter: Exporter
    grey_bits: int | None
    only_selected: bool


class ExportDialog(QDialog):
    """Chooses an exporter for the maps of one layer, and which of them."""

    def __init__(self, layer: str, map_name: str, count: int, selected: int, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Export")
        self._what = QComboBox()
        self._what.setAccessibleName("What to export")
        for exporter in EXPORTERS:
            self._what.addItem(exporter.label)
        self._which = QComboBox()
        self._which.setAccessibleName("Which maps")
        self._which.addItem(f"All {count:,}", False)
        self._several = selected > 1
        self._which.addItem(f"The {selected:,} selected" if self._several else f"Only {map_name}", True)
        self._which.setCurrentIndex(int(self._several))
        self._colours = QComboBox()
        self._colours.setAccessibleName("Colours")
        for text, _ in _COLOURS:
            self._colours.addItem(text)
        self._what.currentIndexChanged.connect(self._follow)
        words = QLabel(f"Layer <b>{escape(layer)}</b>, {count:,} maps; on the stage: {escape(map_name)}")
        form = QFormLayout()
        form.addRow("Export", self._what)
        form.addRow("Maps", self._which)
        form.addRow("Colours", self._colours)
        kinds = QDialogButtonBox.StandardButton
        buttons = QDialogButtonBox(kinds.Save | kinds.Cancel)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(words)
        layout.addLayout(form)
        layout.addWidget(buttons)
        if self._several:  # one picture cannot hold them
            self._what.setCurrentIndex(1)
        self._follow(self._what.currentIndex())

    @property
    def choice(self) -> ExportChoice:
        """What was chosen."""
        bits = _COLOURS[self._colours.currentIndex()][1]
        return ExportChoice(EXPORTERS[self._what.currentIndex()], bits, bool(self._which.currentData()))

    def _follow(self, index: int) -> None:
        self._colours.setEnabled(not isinstance(EXPORTERS[index], MapArray))
        self._which.setEnabled(not isinstance(EXPORTERS[index], MapPicture))
