"""Numbers and lines of text that fit the places an animation has for them."""

from __future__ import annotations

import math

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter

from explorer.layers.numbers import number

_MOST_DECIMALS = 4
_SMALLEST = 0.8  # of the usual letters


def short(value: float) -> str:
    """A number for a small cell: two digits that count."""
    return number(float(f"{value:.2g}")) if abs(value) < 100 else number(value)


def fixed(value: float, magnitude: float, digits: int) -> str:
    """A number with as many decimals as its neighbours, of which the largest is ``magnitude``; digits keep still."""
    if not math.isfinite(value) or value == int(value) or max(abs(value), magnitude) >= 10_000:
        return number(value)
    power = math.floor(math.log10(magnitude)) if magnitude > 0 else 0
    decimals = digits - power if power >= 0 else digits - power - 1
    return f"{value:.{max(0, decimals)}f}".replace("-", "−") if decimals <= _MOST_DECIMALS else number(value)


def cell_text(value: float, magnitude: float) -> str:
    """A number in a pixel: ``.04``."""
    text = fixed(value, magnitude, 2)
    return text.replace("0.", ".", 1) if text.startswith(("0.", "−0.")) else text


def scaled(font: QFont, scale: float) -> QFont:
    """The font in another size."""
    result = QFont(font)
    if font.pixelSize() > 0:
        result.setPixelSize(max(1, round(font.pixelSize() * scale)))
    else:
        result.setPointSizeF(font.pointSizeF() * scale)
    return result


def paint_line(painter: QPainter, place: QRectF, text: str, font: QFont, ink: QColor) -> None:
    """One line in the middle of its place, in smaller letters where it would not fit."""
    share, chosen = 1.0, font
    while share > _SMALLEST and QFontMetricsF(chosen).horizontalAdvance(text) > place.width():
        share -= 0.05
        chosen = scaled(font, share)
    painter.setFont(chosen)
    painter.setPen(ink)
    shown = QFontMetricsF(chosen).elidedText(text, Qt.TextElideMode.ElideRight, place.width())
    painter.drawText(place, Qt.AlignmentFlag.AlignCenter, shown)
