"""Numbers written into the pixels of a picture: hundreds at once, sixty times a second."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QStaticText, QTransform

from explorer.layers.numbers import number
from explorer.ui import imagery
from explorer.ui.picture_marks import Place

_AROUND = 2  # pixels of a cell that stay free
_STEP = 2  # pixels by which the room has to change before texts are laid out again
_MOST = 4096  # texts that are kept laid out
_BLACK, _WHITE = QColor(0, 0, 0), QColor(255, 255, 255)
_BRIGHT = 0.179  # relative luminance above which black is read better than white
_WEIGHTS = np.array([0.2126, 0.7152, 0.0722], np.float32)


class CellNumbers:
    """Writes in the font of the painter, and remembers how texts are laid out in it."""

    def __init__(self) -> None:
        self._laid_out_for: tuple[QFont, int] | None = None
        self._texts: dict[float, tuple[QStaticText, float, float]] = {}

    def write(
        self,
        painter: QPainter,
        place: Place,
        part: tuple[int, int, int, int],
        values: npt.NDArray[np.generic],
        colours: QImage,
        within: QRectF | None = None,
    ) -> None:
        """Write the values (rows, columns) of a part into its pixels, or (channels, rows, columns) below each other.

        ``part`` is (top, bottom, left, right) in the picture, and ``colours`` has a pixel for each of it. Only
        cells that touch ``within`` are written.
        """
        top, bottom, left, right = part
        area, zoom = place.area, place.zoom
        if within is not None:
            first_row = max(top, int((within.top() - area.y()) // zoom))
            last_row = min(bottom, int((within.bottom() - area.y()) // zoom) + 1)
            first_column = max(left, int((within.left() - area.x()) // zoom))
            last_column = min(right, int((within.right() - area.x()) // zoom) + 1)
        else:
            first_row, last_row, first_column, last_column = top, bottom, left, right
        on_bright = _is_bright(colours)
        for bright, pen in ((True, _BLACK), (False, _WHITE)):
            painter.setPen(pen)
            for row in range(first_row, last_row):
                y = min(row - top, len(on_bright) - 1)
                for column in range(first_column, last_column):
                    if on_bright[y][min(column - left, len(on_bright[y]) - 1)] == bright:
                        cell = QRectF(area.x() + column * zoom, area.y() + row * zoom, zoom, zoom)
                        self._write_one(painter, cell, values[..., row - top, column - left].tolist())

    def _write_one(self, painter: QPainter, cell: QRectF, values: float | list[float]) -> None:
        if isinstance(values, list):
            lines = "\n".join(number(value) for value in values)
            painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, lines)
            return
        text, width, height = self._laid_out(
            painter.font(), values, int(cell.width()) // _STEP * _STEP - _AROUND
        )
        x, y = cell.x() + (cell.width() - width) / 2, cell.y() + (cell.height() - height) / 2
        painter.drawStaticText(QPointF(round(x), round(y)), text)

    def _laid_out(self, font: QFont, value: float, room: int) -> tuple[QStaticText, float, float]:
        if (font, room) != self._laid_out_for or len(self._texts) > _MOST:
            self._laid_out_for = QFont(font), room
            self._texts.clear()
        known = self._texts.get(value)
        if known is None:
            metrics = QFontMetricsF(font)
            words = shortenings(value)
            fitting = next((word for word in words if metrics.horizontalAdvance(word) <= room), words[-1])
            text = QStaticText(fitting)
            text.setTextFormat(Qt.TextFormat.PlainText)
            text.prepare(QTransform(), font)
            known = self._texts[value] = text, text.size().width(), text.size().height()
        return known


def shortenings(value: float) -> list[str]:
    """A number in three significant digits, and in fewer characters where there is less room."""
    words = [number(value)]
    if math.isfinite(value):
        words += [number(float(f"{value:.{digits}g}")) for digits in (2, 1)]
    short = [word.replace("0.", ".", 1) if word.lstrip("−").startswith("0.") else word for word in words]
    return [one for pair in zip(words, short, strict=True) for one in pair]


def _is_bright(colours: QImage) -> list[list[bool]]:
    """Where black is read better than white."""
    pixels = imagery.array(colours)[..., :3] / np.float32(255)
    linear = np.where(pixels <= 0.04045, pixels / 12.92, ((pixels + 0.055) / 1.055) ** 2.4)
    bright: list[list[bool]] = (linear @ _WEIGHTS > _BRIGHT).tolist()
    return bright
