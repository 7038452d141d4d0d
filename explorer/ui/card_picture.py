"""What is painted on a layer's card: its live thumbnail, and how much of the time the layer takes."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from explorer.live.analysis import Thumbnail
from explorer.ui import imagery, overlay, theme
from explorer.ui.display import Display


class CardPicture(QWidget):
    """The live thumbnail."""

    def __init__(self, display: Display) -> None:
        super().__init__()
        self.setFixedSize(QSize(48, 36))
        self.setToolTip("Drag the card to move the layer, with Ctrl to copy it")
        self._display = display
        self._thumbnail: Thumbnail | None = None
        self._image: QImage | None = None
        self._dimmed = False
        self._marked: QRectF | None = None

    def show_thumbnail(self, thumbnail: Thumbnail) -> None:
        """Show the map of another pass."""
        if thumbnail is not self._thumbnail:
            self._thumbnail = thumbnail
            self.redraw()

    def redraw(self) -> None:
        """Colour it anew."""
        if self._thumbnail is not None:
            self._image = imagery.map_image(
                self._thumbnail.pixels, self._thumbnail.scale, self._display.colormap
            )
        self.update()

    def mark(self, share: QRectF | None) -> None:
        """Outline a part of the map, given in shares of its width and height."""
        if share != self._marked:
            self._marked = share
            self.update()

    def set_dimmed(self, dimmed: bool) -> None:
        """Whether what is shown no longer holds."""
        if dimmed != self._dimmed:
            self._dimmed = dimmed
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.of(self).stage))
        if self._image is None:
            return
        painter.setOpacity(0.25 if self._dimmed else 1.0)
        small = self._image.width() < self.width() // 2
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not small)
        if self._image.height() == 1 < self._image.width():  # a vector
            painter.drawImage(self.rect().adjusted(0, 14, 0, -14), self._image)
            return
        size = self._image.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        x, y = (self.width() - size.width()) // 2, (self.height() - size.height()) // 2
        painter.drawImage(self.rect().adjusted(x, y, -x, -y), self._image)
        if self._marked is not None:
            overlay.shares(painter, QRectF(x, y, size.width(), size.height()), self._marked)


class TimeBar(QWidget):
    """A thin line: which share of the pass this layer took."""

    _share = 0.0

    def show_time(self, seconds: float, total: float) -> None:
        """Show ``seconds`` of the ``total``."""
        share = min(1.0, seconds / total) if total > 0 else 0.0
        self.setToolTip(f"{milliseconds(seconds)} of {milliseconds(total)}")
        if round(share * self.width()) != round(self._share * self.width()):
            self.update()
        self._share = share

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        colours = theme.of(self)
        whole = QRectF(self.rect()).adjusted(0, 0, 0, -1)
        painter.setBrush(QColor(colours.line))
        painter.drawRoundedRect(whole, 1, 1)
        length = whole.width() * self._share
        if length >= 1:
            left = whole.right() - length if self.isRightToLeft() else whole.left()
            painter.setBrush(QColor(colours.second))
            painter.drawRoundedRect(QRectF(left, whole.top(), length, whole.height()), 1, 1)


def milliseconds(seconds: float) -> str:
    """A time as a person reads it."""
    value = seconds * 1000
    if value >= 1000:
        return f"{seconds:.1f} s"
    return f"{value:.0f} ms" if value >= 9.95 else f"{value:.1f} ms" if value >= 0.05 else "0 ms"
