"""Who gets how much room: the rail at the left, stage above maps, the drawer and the line of arithmetic below."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from explorer.ui.compare_bar import CompareBar
from explorer.ui.controls import rail
from explorer.ui.drawer import Drawer
from explorer.ui.maps_panel import MapsPanel
from explorer.ui.picture_card import PictureCard
from explorer.ui.stack_panel import StackPanel
from explorer.ui.stage import Stage
from explorer.ui.sum_line import SumLine

_WIDE = 1200  # pixels of the window from which the rail is wide
_RAIL, _NARROW_RAIL = 276, 236


class Body(QWidget):
    """The one layout of the window, the same at every size."""

    def __init__(
        self,
        picture_card: PictureCard,
        stack: StackPanel,
        stage: Stage,
        compare_bar: CompareBar,
        maps: MapsPanel,
        drawer: Drawer,
        sum_line: SumLine,
    ) -> None:
        super().__init__()
        self._picture_card, self._stack, self._stage = picture_card, stack, stage
        self._arranged_by_hand = False
        self.rail = rail()
        column = QVBoxLayout(self.rail)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(8)
        column.addWidget(picture_card)
        column.addWidget(stack, 1)
        self.splitter = QSplitter(Qt.Orientation.Vertical)
        self.splitter.addWidget(stage)
        below = QWidget()
        column = QVBoxLayout(below)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(compare_bar)
        column.addWidget(maps, 1)
        self.splitter.addWidget(below)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.splitterMoved.connect(self._splitter_moved)
        self.centre = QFrame()
        right = QVBoxLayout(self.centre)
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(0)
        drawer.page_changed.connect(self._drawer_changed)
        right.addWidget(self.splitter, 1)
        right.addWidget(drawer)
        right.addWidget(sum_line)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.rail)
        row.addWidget(self.centre, 1)

    def fit_rail(self, window_width: int) -> None:
        """Wide enough for the cards also where the system's font is large."""
        usual = _RAIL if window_width >= _WIDE else _NARROW_RAIL
        self.rail.setFixedWidth(
            max(usual, self._stack.needed_width + 18, self._picture_card.minimumSizeHint().width() + 17)
        )

    def arrange(self) -> None:
        """Give the stage the height its pictures need, until the user divides the window otherwise."""
        total = self.splitter.height()
        if self._arranged_by_hand or total < 100:
            return
        stage = min(self._stage.ideal_height(self.splitter.width()), round(total * 0.6))
        self.splitter.setSizes([stage, total - stage])

    def _drawer_changed(self) -> None:
        QTimer.singleShot(0, self, self.arrange)  # when the splitter has its new height

    def _splitter_moved(self) -> None:
        self._arranged_by_hand = True
