"""What to export and how: the last step before a file name."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtWidgets import QComboBox, QDialog, QDialogButtonBox, QFormLayout, QLabel, QVBoxLayout, QWidget

from explorer.export.exporters import EXPORTERS, Exporter, MapArray

_COLOURS = (("As seen", None), ("Grey, 8 bit", 8), ("Grey, 16 bit", 16))


@dataclass(frozen=True)
class ExportChoice:
    """An exporter and the depth of grey, None for colours as seen."""

    exporter: Exporter
    grey_bits: int | None


class ExportDialog(QDialog):
    """Chooses an exporter for the maps of one layer."""

    def __init__(self, layer: str, map_name: str, count: int, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Export")
        self._what = QComboBox()
        self._what.setAccessibleName("What to export")
        for exporter in EXPORTERS:
            self._what.addItem(exporter.label)
        self._colours = QComboBox()
        self._colours.setAccessibleName("Colours")
        for text, _ in _COLOURS:
            self._colours.addItem(text)
        self._what.currentIndexChanged.connect(self._follow)
        words = QLabel(f"Layer <b>{layer}</b>, {count} maps; selected: {map_name}")
        form = QFormLayout()
        form.addRow("Export", self._what)
        form.addRow("Colours", self._colours)
        kinds = QDialogButtonBox.StandardButton
        buttons = QDialogButtonBox(kinds.Save | kinds.Cancel)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(words)
        layout.addLayout(form)
        layout.addWidget(buttons)

    @property
    def choice(self) -> ExportChoice:
        """What was chosen."""
        return ExportChoice(EXPORTERS[self._what.currentIndex()], _COLOURS[self._colours.currentIndex()][1])

    def _follow(self, index: int) -> None:
        self._colours.setEnabled(not isinstance(EXPORTERS[index], MapArray))
