"""The picture in a corner of a deeper layer's input: how much of it one value sees."""

from __future__ import annotations

from dataclasses import dataclass, field

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter

from explorer.layers.receptive import Box
from explorer.ui import overlay

_SHARE = 0.3  # of the widget
_SMALLEST, _LARGEST = 72.0, 150.0  # pixels of the longer side
_MARGIN = 6.0


@dataclass(frozen=True)
class Inset:
    """A small picture of ``size`` (rows, columns), and the pixels of it that are seen; ``key`` tells images apart."""

    image: QImage = field(compare=False)
    key: int
    size: tuple[int, int]
    box: Box | None

    @property
    def words(self) -> str:
        """How much is seen, columns × rows."""
        return f"sees {self.box.width:,} × {self.box.height:,}" if self.box else "sees padding only"


def paint(painter: QPainter, inset: Inset, room: QRectF, avoid: QRectF, font: QFont) -> None:
    """Draw it in the corner at the bottom right, or left where the first would hide what is to be seen."""
    place = _place(inset, room, font, left=False)
    if place.intersects(avoid):
        other = _place(inset, room, font, left=True)
        place = place if other.intersects(avoid) else other
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, inset.image.width() > 64)
    painter.drawImage(place, inset.image)
    painter.setPen(Qt.PenStyle.NoPen)
    if inset.box is not None:
        _paint_box(painter, inset, place, inset.box)
    overlay.outline(painter, place.adjusted(0, 0, -1, -1))
    _paint_words(painter, inset.words, place, font)
    painter.restore()


def _place(inset: Inset, room: QRectF, font: QFont, *, left: bool) -> QRectF:
    rows, columns = inset.size
    longest = min(max(room.width() * _SHARE, _SMALLEST), _LARGEST)
    scale = min(longest / max(rows, columns), room.height() * 0.4 / rows)
    width, height = max(columns * scale, 8.0), max(rows * scale, 8.0)
    x = room.left() + _MARGIN if left else room.right() - _MARGIN - width
    return QRectF(round(x), round(room.bottom() - _MARGIN - height), round(width), round(height))


def _paint_box(painter: QPainter, inset: Inset, place: QRectF, box: Box) -> None:
    """Outside the field is dimmed; what lies beyond the picture is dashed around it."""
    rows, columns = inset.size
    x, y = place.width() / columns, place.height() / rows
    rect = QRectF(place.x() + box.left * x, place.y() + box.top * y, box.width * x, box.height * y)
    if min(rect.width(), rect.height()) < 5:
        rect = QRectF(rect.center().x() - 2.5, rect.center().y() - 2.5, 5, 5)
    inside = rect.intersected(place)
    painter.setBrush(QColor(0, 0, 0, 110))
    for dim in (
        QRectF(place.left(), place.top(), place.width(), inside.top() - place.top()),
        QRectF(place.left(), inside.bottom(), place.width(), place.bottom() - inside.bottom()),
        QRectF(place.left(), inside.top(), inside.left() - place.left(), inside.height()),
        QRectF(inside.right(), inside.top(), place.right() - inside.right(), inside.height()),
    ):
        painter.drawRect(dim)
    overlay.outline_partly(painter, rect, place)


def _paint_words(painter: QPainter, words: str, place: QRectF, font: QFont) -> None:
    metrics = QFontMetricsF(font)
    width, height = metrics.horizontalAdvance(words) + 8, metrics.height() + 1
    x = min(place.left(), place.right() - width) if width > place.width() else place.left()
    label = QRectF(max(x, 0.0), place.top() - height - 2, width, height)
    painter.setFont(font)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(0, 0, 0, 190))
    painter.drawRoundedRect(label, 3, 3)
    painter.setPen(QColor(255, 255, 255))
    painter.drawText(label, Qt.AlignmentFlag.AlignCenter, words)
