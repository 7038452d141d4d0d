"""Marks on pictures: a white-and-black double stroke is seen on every colour, and means no value."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QRegion


def outline(painter: QPainter, rect: QRectF, *, dashed: bool = False) -> None:
    """A rectangle in black around white."""
    painter.save()
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    for colour, grown in ((QColor(0, 0, 0, 220), 1.0), (QColor(255, 255, 255), 0.0)):
        pen = QPen(colour, 1)
        if dashed:
            pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.drawRect(rect.adjusted(-grown, -grown, grown, grown))
    painter.restore()


def outline_partly(painter: QPainter, rect: QRectF, area: QRectF) -> None:
    """A rectangle whose part outside an area is dashed."""
    painter.save()
    painter.setClipRect(area.adjusted(-1, -1, 2, 2), Qt.ClipOperation.IntersectClip)
    outline(painter, rect)
    painter.restore()
    painter.save()
    outside = QRegion(painter.viewport()).subtracted(QRegion(area.toAlignedRect().adjusted(-1, -1, 1, 1)))
    painter.setClipRegion(outside, Qt.ClipOperation.IntersectClip)
    outline(painter, rect, dashed=True)
    painter.restore()


def frame(painter: QPainter, rect: QRectF) -> None:
    """A selection around a tile: thicker than an outline."""
    painter.save()
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for colour, grown in ((QColor(0, 0, 0), 2.0), (QColor(255, 255, 255), 1.0), (QColor(255, 255, 255), 0.0)):
        painter.setPen(QPen(colour, 1))
        painter.drawRect(rect.adjusted(-grown, -grown, grown - 1, grown - 1))
    painter.restore()


def cross(painter: QPainter, centre: QPointF, radius: float = 5.0) -> None:
    """A small cross with a free middle."""
    painter.save()
    for colour, width in ((QColor(0, 0, 0, 220), 3.0), (QColor(255, 255, 255), 1.0)):
        painter.setPen(QPen(colour, width))
        for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)):
            painter.drawLine(
                QPointF(centre.x() + 2 * dx, centre.y() + 2 * dy),
                QPointF(centre.x() + radius * dx, centre.y() + radius * dy),
            )
    painter.restore()


def text_on(colour: QColor) -> QColor:
    """Black or white, whichever is read better on a colour (WCAG relative luminance)."""

    def linear(part: float) -> float:
        return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4

    luminance = (
        0.2126 * linear(colour.redF()) + 0.7152 * linear(colour.greenF()) + 0.0722 * linear(colour.blueF())
    )
    return QColor(0, 0, 0) if luminance > 0.179 else QColor(255, 255, 255)


def ring(painter: QPainter, centre: QPointF, radius: float) -> None:
    """A circle in black around white."""
    painter.save()
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for colour, width in ((QColor(0, 0, 0, 200), 3.0), (QColor(255, 255, 255), 1.2)):
        painter.setPen(QPen(colour, width))
        painter.drawEllipse(centre, radius, radius)
    painter.restore()


def shares(painter: QPainter, picture: QRectF, part: QRectF, least: float = 5.0) -> None:
    """An outline around a part of a small picture, given in shares of its sides; never too small to be seen."""
    rect = QRectF(
        picture.x() + part.x() * picture.width(),
        picture.y() + part.y() * picture.height(),
        part.width() * picture.width(),
        part.height() * picture.height(),
    )
    wide, high = max(0.0, least - rect.width()) / 2, max(0.0, least - rect.height()) / 2
    outline(painter, rect.adjusted(-wide, -high, wide, high))
