"""How much of the picture an animation shows: a few pixels with their numbers, a neighbourhood, or all."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QToolButton, QWidget

from explorer.ui.controls import second_label

_SIZES: tuple[tuple[str, tuple[int, int] | None], ...] = (
    ("14 × 10", (10, 14)),
    ("32 × 24", (24, 32)),
    ("Whole picture", None),
)
_USUAL = 1


class SizeChoice(QWidget):
    """One of three sizes, in pixels of the input.

    Signals
    -------
    changed()
        Another one was chosen.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.group = QButtonGroup(self)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(second_label("Show"))
        for index, (text, size) in enumerate(_SIZES):
            words = "Show the whole picture" if size is None else f"Show about {text} pixels around the dot"
            button = QToolButton()
            button.setText(text)
            button.setCheckable(True)
            button.setProperty("role", "field")
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.setAccessibleName(words)
            button.setToolTip(words)
            self.group.addButton(button, index)
            layout.addWidget(button)
        self.group.button(_USUAL).setChecked(True)
        self.group.idClicked.connect(self._clicked)

    @property
    def size_shown(self) -> tuple[int, int] | None:
        """Rows and columns; None for the whole picture."""
        return _SIZES[self.group.checkedId()][1]

    def choose_whole(self, whole: bool) -> None:
        """Show the whole picture, or a neighbourhood."""
        self.group.button(len(_SIZES) - 1 if whole else _USUAL).setChecked(True)
        self.changed.emit()

    def _clicked(self, _: int) -> None:
        self.changed.emit()
