"""The colours with their numbers: what blue means."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.imaging.colormaps import Colormap
from explorer.imaging.rendering import Scale
from explorer.layers.numbers import number
from explorer.ui import imagery, theme

_LEAST_BAR = 36


class Legend(QWidget):
    """A bar from the lowest to the highest colour, with the numbers at its ends and at zero."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Colour legend")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._scale: Scale | None = None
        self._colormap: Colormap | None = None
        self._note = ""

    def sizeHint(self) -> QSize:
        return QSize(160, QFontMetrics(theme.font(self, 0.92)).height() + 6)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def show_scale(self, scale: Scale | None, colormap: Colormap, note: str = "") -> None:
        """Show another scale; ``note`` says what the colours leave out."""
        same = (scale, colormap, note) == (self._scale, self._colormap, self._note)
        self._scale, self._colormap, self._note = scale, colormap, note
        if same:
            return
        words = "negative is cool, zero is dark, positive is warm" if colormap.signed else "from low to high"
        if colormap.key == "cet-d1":
            words = "negative is blue, zero is white, positive is red"
        elif colormap.key == "grey":
            words = "negative is darker, zero is mid-grey, positive is lighter"
        told = f"{words[0].upper()}{words[1:]}; magenta is no finite number. {note}".strip()
        self.setToolTip(told if scale is not None else note)
        self.update()

    def set_note(self, note: str) -> None:
        """Say something else beside the same scale."""
        if self._colormap is not None:
            self.show_scale(self._scale, self._colormap, note)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        colours = theme.of(self)
        painter.setFont(theme.font(self, 0.92))
        metrics = painter.fontMetrics()
        middle = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        if self._scale is None or self._colormap is None:  # a picture in its own colours
            painter.setPen(QColor(colours.second))
            note = metrics.elidedText(self._note, Qt.TextElideMode.ElideRight, self.width())
            painter.drawText(self.rect(), middle, note)
            return
        low, high = self._scale.limits(self._colormap.signed)
        if not self._scale.negatives and self._colormap.signed:
            low = 0.0
        texts = number(float(f"{low:.2g}")), number(float(f"{high:.2g}"))
        left = metrics.horizontalAdvance(texts[0]) + 6
        after = metrics.horizontalAdvance(texts[1]) + 6
        room = (
            self.width() - left - after - _LEAST_BAR - 10
        )  # the bar gives way to the note, down to a sample
        note = metrics.elidedText(self._note, Qt.TextElideMode.ElideRight, max(0, room))
        after += metrics.horizontalAdvance(note) + 10 if note else 0
        bar = QRect(left, (self.height() - 8) // 2, max(20, self.width() - left - after), 8)
        ramp = np.linspace(low, high, max(2, bar.width()), dtype=np.float32)[None, :]
        painter.drawImage(bar, imagery.map_image(ramp, self._scale, self._colormap))
        painter.setPen(QColor(colours.field_border))
        painter.drawRect(bar.adjusted(-1, -1, 0, 0))
        painter.setPen(QColor(colours.text))
        painter.drawText(QRect(0, 0, left, self.height()), middle, texts[0])
        painter.drawText(QRect(bar.right() + 6, 0, after, self.height()), middle, texts[1])
        if low < 0 < high:
            zero = bar.left() + round(bar.width() * -low / (high - low))
            painter.setPen(QColor(colours.second))
            painter.drawLine(zero, bar.top() - 3, zero, bar.top() - 1)
            painter.drawLine(zero, bar.bottom() + 2, zero, bar.bottom() + 4)
        if note:
            painter.setPen(QColor(colours.second))
            painter.drawText(
                self.rect(), int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight), note
            )
