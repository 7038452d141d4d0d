"""One side of the stage: a title with its buttons, a map (or a picture, or numbers), and its legend."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from explorer.imaging.colormaps import Colormap
from explorer.imaging.rendering import Scale
from explorer.live.analysis import MapView
from explorer.ui.bars import Bars
from explorer.ui.controls import TITLE_HEIGHT, IconButton
from explorer.ui.elastic import ElasticLabel
from explorer.ui.legend import Legend
from explorer.ui.picture_view import Coloured, PictureView


class Side(QWidget):
    """Shows what goes into a layer, or what comes out."""

    def __init__(self, picture_name: str, numbers_name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = ElasticLabel()
        self.title.setMinimumHeight(TITLE_HEIGHT)
        self.picture = PictureView(picture_name)
        self.bars = Bars(numbers_name)
        self.legend = Legend()
        self._stack = QStackedWidget()
        self._stack.addWidget(self.picture)
        self._stack.addWidget(self.bars)
        self._title_row = QHBoxLayout()
        self._title_row.setSpacing(2)
        self._title_row.addWidget(self.title, 1)
        self._title_row.addStretch(0)  # holds the buttons at the right while there is no title
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(self._title_row)
        layout.addWidget(self._stack, 1)
        layout.addWidget(self.legend)

    def add_toggle(self, icon_name: str, text: str) -> IconButton:
        """A small checkable button behind the title, hidden until it is of use."""
        button = IconButton(icon_name, text, self)
        button.setCheckable(True)
        button.setFixedSize(TITLE_HEIGHT, TITLE_HEIGHT)
        button.hide()
        self._title_row.addWidget(button)
        return button

    @property
    def chrome(self) -> int:
        """The height of everything but the picture."""
        return max(TITLE_HEIGHT, self.title.sizeHint().height()) + self.legend.sizeHint().height() + 8

    def show_picture(
        self,
        title: str,
        levels: tuple[npt.NDArray[np.uint8], ...],
        numbers: npt.NDArray[np.float32],
        colormap: Colormap,
        note: str = "",
    ) -> None:
        """A picture in its own colours, with the numbers (channels, rows, columns) that it stands for."""
        self._begin(title, self.picture)
        self.picture.show_content(levels, numbers=numbers)
        self.legend.show_scale(None, colormap, note)

    def show_map(self, title: str, view: MapView, scale: Scale, colormap: Colormap, note: str = "") -> None:
        """A map in false colours; ``note`` stands beside the legend."""
        self._begin(title, self.picture)
        self.picture.show_content(Coloured(view.levels, scale, colormap, view.content))
        self.legend.show_scale(scale, colormap, note)

    def show_values(
        self, title: str, pixels: npt.NDArray[np.float32], scale: Scale, colormap: Colormap, note: str = ""
    ) -> None:
        """Numbers (rows, columns) that are no layer's map, in false colours."""
        self._begin(title, self.picture)
        self.picture.show_content(Coloured((pixels,), scale, colormap, pixels))
        self.legend.show_scale(scale, colormap, note)

    def show_numbers(self, title: str, values: npt.NDArray[np.float32], colormap: Colormap) -> None:
        """A vector as bars."""
        self._begin(title, self.bars)
        self.bars.show_values(values, colormap)
        self.legend.show_scale(None, colormap)

    def show_message(self, title: str, message: str, colormap: Colormap) -> None:
        """A sentence in place of a picture."""
        self._begin(title, self.picture)
        self.picture.show_content(None, message)
        self.legend.show_scale(None, colormap)

    def _begin(self, title: str, shown: QWidget) -> None:
        if title != self.title.text():
            self.title.setText(title)
        self._stack.setCurrentWidget(shown)
