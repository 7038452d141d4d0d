"""The left side of the stage: the input with its windows, a piece of it as a kernel, small pictures as numbers."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QToolButton, QWidget

from explorer.imaging.colormaps import Colormap
from explorer.layers.receptive import Box
from explorer.ui.picture_marks import Spot, Windows
from explorer.ui.picture_numbers import PictureNumbers
from explorer.ui.side import Side

_WIDE_ENOUGH = 340  # for the title beside the choice of channels
LARGEST_NUMBERS = 32  # rows and columns of a picture that is shown as a grid of numbers


class InputSide(Side):
    """Shows what goes into a layer.

    Signals
    -------
    taken(box)
        A rectangle of pixels was dragged to become a kernel.
    choices_changed()
        Another way to show the input was chosen.
    """

    taken = Signal(object)
    choices_changed = Signal()

    def __init__(self, picture_name: str, numbers_name: str, parent: QWidget | None = None) -> None:
        super().__init__(picture_name, numbers_name, parent)
        self.numbers = PictureNumbers()
        self._stack.addWidget(self.numbers)
        self.per_channel = self._choice("per channel", "Each channel of the piece becomes its own kernel")
        self.grey = self._choice("grey", "One kernel for all channels: the piece in grey")
        self.per_channel.setChecked(True)
        group = QButtonGroup(self)
        for button in (self.per_channel, self.grey):
            group.addButton(button)
            self._title_row.addWidget(button)
        self.as_numbers = self.add_toggle("hash", "Show the picture as numbers that can be painted")
        self.as_numbers.setChecked(True)
        self.take = self.add_toggle(
            "crop", "Take a piece of the picture as the kernel (or drag with Ctrl held)"
        )
        self.show_positions = self.add_toggle("grid-3x3", "Show every window position")
        self._three_channels = False
        self._spots_note = ""
        self.take.toggled.connect(self._set_taking)
        self.as_numbers.toggled.connect(self.choices_changed)
        self.show_positions.toggled.connect(self.choices_changed)
        self.picture.taken.connect(self.taken)
        self.numbers.taken.connect(self.taken)

    def _choice(self, text: str, tip: str) -> QToolButton:
        button = QToolButton(self)
        button.setText(text)
        button.setCheckable(True)
        button.setAccessibleName(text)
        button.setToolTip(tip)
        button.hide()
        return button

    def show_pixels(
        self, title: str, values: npt.NDArray[np.float32], white: float | None, name: str, colormap: Colormap
    ) -> None:
        """A small picture as numbers (rows, columns); ``name`` tells it from the next picture."""
        self._begin(title, self.numbers)
        self.numbers.show_pixels(values, white, name, colormap)
        self.legend.show_scale(None, colormap, self._note(self.picture.marks.windows))

    def offer(self, *, taking: bool, positions: bool, numbers: bool, channels: int) -> None:
        """Show the buttons that are of use for the present layer and input."""
        self.take.setVisible(taking)
        self.show_positions.setVisible(positions)
        self.as_numbers.setVisible(numbers)
        self.picture.may_take = self.numbers.may_take = taking
        self._three_channels = channels == 3
        if not taking:
            self.take.setChecked(False)
        self._show_choice()

    def _set_taking(self, takes: bool) -> None:
        self.picture.set_taking(takes)
        self.numbers.set_taking(takes)
        self._show_choice()

    def _show_choice(self) -> None:
        choosing = self.take.isChecked() and self._three_channels
        for button in (self.per_channel, self.grey):
            button.setVisible(choosing)
        self.title.setVisible(not choosing or self.width() >= _WIDE_ENOUGH)

    @property
    def wants_grey(self) -> bool:
        """Whether a piece of a picture in colour becomes one kernel for all channels."""
        return self._three_channels and self.grey.isChecked()

    # marks, the same on the picture and on its numbers

    def mark(self, box: Box | None) -> None:
        """Outline the window under the dot."""
        self.picture.mark(box, None)
        self.numbers.show_marks(self.picture.marks)

    def mark_pixel(self, pixel: tuple[int, int] | None) -> None:
        """Ring one pixel."""
        self.picture.mark_pixel(pixel)
        self.numbers.show_marks(self.picture.marks)

    def mark_spots(self, spots: tuple[Spot, ...], note: str = "") -> None:
        """Frame the windows whose answers are worth a word; ``note`` stands below."""
        self._spots_note = note
        self.picture.mark_spots(spots)
        self.numbers.show_marks(self.picture.marks)
        self.legend.set_note(self._note(self.picture.marks.windows))

    def show_windows(self, windows: Windows | None) -> None:
        """Show how the layer's windows lie on this input."""
        self.picture.show_windows(windows)
        self.numbers.show_marks(self.picture.marks)
        self.legend.set_note(self._note(windows))

    def _note(self, windows: Windows | None) -> str:
        parts = (windows.positions_sentence, windows.unused_sentence) if windows is not None else ()
        return " · ".join(part for part in (*parts, self._spots_note) if part)
