"""All kernels of one filter in a row: one for each input channel, small enough for hundreds of them."""

from __future__ import annotations

from collections.abc import Hashable

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolButton, QWidget

from explorer.imaging.colormaps import Colormap
from explorer.layers.fields import Array
from explorer.ui import theme
from explorer.ui.channel_row import ChannelRow

_BUTTON = 0.88
_SORTED_FROM = 6  # channels: fewer are seen at a glance


class ChannelStrip(QWidget):
    """The kernels of a filter, by index or with the largest first.

    Signals
    -------
    picked(channel)
        A thumbnail was clicked or walked to.
    """

    picked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.row = ChannelRow(self)
        self.row.picked.connect(self.picked)
        self.sort = QToolButton()
        self.sort.setText("norm")
        self.sort.setCheckable(True)
        self.sort.setProperty("role", "field")
        self.sort.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.sort.setAccessibleName("Sort channels by norm")
        self.sort.setToolTip(
            "Largest kernels first (by the root of the sum of squares); off: in the order of the channels"
        )
        self._fit_sort()
        self.sort.toggled.connect(self.row.set_by_norm)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.row, 1)
        layout.addWidget(self.sort, 0, Qt.AlignmentFlag.AlignVCenter)
        self.sort.hide()

    def show_kernels(
        self,
        weights: Array,
        selected: int,
        colormap: Colormap,
        reach: float,
        *,
        labels: tuple[str, ...] = (),
        subject: Hashable = None,
    ) -> None:
        """Show the kernels (channels, rows, columns); ``reach`` is the value of the strongest colour.

        The order by norm is made again for another ``subject`` (a layer and a filter), never while the weights of
        one are being painted. Without labels the channels are counted from 0.
        """
        self.sort.setVisible(len(weights) >= _SORTED_FROM)
        self.row.show_kernels(weights, selected, colormap, reach, labels, subject)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._fit_sort()

    def _fit_sort(self) -> None:
        self.sort.setFont(theme.font(self, _BUTTON))
        self.sort.setFixedWidth(QFontMetrics(self.sort.font()).horizontalAdvance(self.sort.text()) + 14)

    def sizeHint(self) -> QSize:
        return QSize(240, self.row.sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(100, self.row.sizeHint().height())
