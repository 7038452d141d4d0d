"""What each input channel adds to a sum, as small bars: hundreds of them in the width of a hand."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from explorer.imaging.colormaps import COLORMAPS, Colormap
from explorer.layers.numbers import number
from explorer.ui import theme

_TITLE = 15
_WIDTH = 190
_WIDEST_BAR = 22.0
_NUMBERED_FROM = 14.0  # pixels of a bar below which there is room for a channel's number
_FADED = 0.8


class SubtotalBars(QWidget):
    """Bars around a common zero, one for each channel; of too many for the width, the largest of each few."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.subtotals: tuple[tuple[int, float], ...] = ()
        self._colormap: Colormap = COLORMAPS[0]
        self._faded = False

    def sizeHint(self) -> QSize:
        return QSize(_WIDTH, 90)

    def show_subtotals(
        self, subtotals: tuple[tuple[int, float], ...], colormap: Colormap, *, faded: bool = False
    ) -> None:
        """Show other sums, as (channel, sum)."""
        self.subtotals, self._colormap, self._faded = subtotals, colormap, faded
        self.setVisible(len(subtotals) > 1)
        largest = sorted(subtotals, key=lambda one: -abs(one[1]))[:3]
        words = ", ".join(f"channel {channel}: {number(value)}" for channel, value in largest)
        self.setAccessibleName(f"Sums per input channel, the largest: {words}")
        self.update()

    def _groups(self) -> list[tuple[int, float]]:
        """One (channel, sum) for each bar that there is room for."""
        most = max(1, (self.width() - 2) // 3)
        size = -(-len(self.subtotals) // most)
        return [
            max(self.subtotals[start : start + size], key=lambda one: abs(one[1]))
            for start in range(0, len(self.subtotals), size)
        ]

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setOpacity(_FADED if self._faded else 1.0)
        colours = theme.of(self)
        painter.setFont(theme.font(self, 0.92))
        painter.setPen(QColor(colours.second))
        groups = self._groups()
        if not groups:
            return
        top = max(self.subtotals, key=lambda one: abs(one[1]))
        title = f"each channel adds, #{top[0]}: {number(top[1])}"
        painter.drawText(QRectF(0, 0, self.width(), _TITLE), int(Qt.AlignmentFlag.AlignLeft), title)
        reach = max((abs(value) for _, value in groups if math.isfinite(value)), default=0.0) or 1.0
        pitch = min(self.width() / len(groups), _WIDEST_BAR)
        numbers = _TITLE if pitch >= _NUMBERED_FROM else 0
        room = QRectF(0, _TITLE + 2, self.width(), self.height() - _TITLE - 4 - numbers)
        above = max((value for _, value in groups if math.isfinite(value)), default=0.0) > 0
        below = min((value for _, value in groups if math.isfinite(value)), default=0.0) < 0
        zero = room.center().y() if above and below else room.top() if below else room.bottom()
        span = room.height() / 2 if above and below else room.height()
        table = self._colormap.table()
        for place, (channel, value) in enumerate(groups):
            if numbers:
                at = QRectF(place * pitch, room.bottom(), pitch - 1, numbers)
                painter.drawText(at, Qt.AlignmentFlag.AlignCenter, str(channel))
            share = min(max(value / reach, -1.0), 1.0) if math.isfinite(value) else 0.0
            length = max(abs(share) * span, 1.0)
            bar = QRectF(place * pitch, zero - length if share > 0 else zero, max(pitch - 1, 1.0), length)
            entry = table[round(127.5 + 127.5 * (0.75 if share > 0 else -0.75))]
            painter.fillRect(bar, QColor(int(entry[0]), int(entry[1]), int(entry[2])))
        painter.setPen(QColor(colours.field_border))
        painter.drawLine(QPointF(0, zero), QPointF(pitch * len(groups), zero))

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            groups = self._groups()
            pitch = min(self.width() / max(1, len(groups)), _WIDEST_BAR)
            at = int(event.pos().x() / pitch)
            if 0 <= at < len(groups):
                channel, value = groups[at]
                QToolTip.showText(event.globalPos(), f"channel {channel} adds {number(value)}", self)
            return True
        return super().event(event)
