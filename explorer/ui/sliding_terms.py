"""The middle of a sliding window: its terms, one cell for each, and what they add up to."""

from __future__ import annotations

import math

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QPainter, QPen

from explorer.imaging.colormaps import NAN_COLOUR
from explorer.layers.numbers import counted, number
from explorer.layers.sliding_steps import INPUT, OUTSIDE, PADDING, MaximumStep, MeanStep, Step, SumStep
from explorer.ui import overlay
from explorer.ui.sliding_scene import Look, SlidingScene
from explorer.ui.sliding_text import cell_text, fixed, paint_line, scaled, short
from explorer.ui.theme import Theme

_LARGEST_CELL = 84.0
_FACTORS_FROM = 56.0  # units of a cell that is wide enough for both factors above their product
_FACTORS_HEIGHT = 36.0
_PRODUCT_FROM = 24.0
_WIDE = 60.0  # units of a cell with room for three decimals
_WIDEST = 1.6  # of a cell's height
_MIDDLE = int(Qt.AlignmentFlag.AlignCenter)


def words(shown: Step) -> tuple[str, str]:
    """What the terms add up to, and what comes on top of it."""
    if isinstance(shown, SumStep):
        first = f"{counted(shown.products.size, 'product')} add up to {number(shown.subtotal)}"
        more = []
        if shown.other_channels:
            more.append(f"{counted(shown.other_channels, 'other channel')} {number(shown.others)}")
        if shown.bias:
            more.append(f"bias {number(shown.bias)}")
        return first, " ".join(f"+ {text}" for text in more)
    if isinstance(shown, MaximumStep):
        read = counted(int((shown.places == INPUT).sum()), "value")
        ties = int(shown.winners.sum())
        padded = int((shown.places == PADDING).sum())
        note = f"{ties} are equally large" if ties > 1 else f"{padded} of padding, −∞" if padded else ""
        return f"the largest of {read}", _outside(shown) or note
    assert isinstance(shown, MeanStep)
    note = "zeros of the padding count" if shown.padding_counts else ""
    if not note and (shown.places == PADDING).any():
        note = "padding does not count"
    return f"{number(shown.total)} ÷ {shown.count}", _outside(shown) or note


def _outside(shown: Step) -> str:
    """How many taps of a window that overhangs do not count."""
    beyond = int((shown.places == OUTSIDE).sum())
    return f"{beyond} outside: ceil_mode overhangs" if beyond else ""


class Terms:
    """Draws what the window does to what it reads."""

    def __init__(self, scene: SlidingScene, colours: Theme, font: QFont) -> None:
        self._scene, self._colours, self._font = scene, colours, font
        first = scene.step(0)
        more = not isinstance(first, SumStep) or first.other_channels or first.bias
        self._lines = 2 if more else 1  # of words, the same for all places

    def cells_rect(self, area: QRectF) -> QRectF:
        """Where the cells lie."""
        rows, columns = self._scene.layer.kernel_size
        below = self._below()
        height = min((area.height() - below) / rows, _LARGEST_CELL)
        width = min(area.width() / columns, _LARGEST_CELL)
        height, width = min(height, width), min(width, height * _WIDEST)
        if not self._scene.writes_terms or width < _FACTORS_FROM or height < _FACTORS_HEIGHT:
            width = height
        if height >= 2:
            width, height = math.floor(width), math.floor(height)
        top = area.top() + max(0.0, (area.height() - below - rows * height) / 2)
        size = max(2.0, columns * width), max(2.0, rows * height)
        return QRectF(round(area.center().x() - columns * width / 2), round(top), *size)

    def _below(self) -> float:
        return (self._lines + 1) * (QFontMetricsF(self._font).height() + 3) + 18

    def paint(self, painter: QPainter, area: QRectF, shown: Step) -> None:
        """The cells and the sentence below them."""
        cells = self.cells_rect(area)
        rows, columns = self._scene.layer.kernel_size
        width, height = cells.width() / columns, cells.height() / rows
        font = self._number_font(width, height)
        for i in range(rows):
            for j in range(columns):
                rect = QRectF(cells.x() + j * width, cells.y() + i * height, width, height)
                self._paint_cell(painter, rect, shown, (i, j), font)
                if isinstance(shown, MaximumStep) and shown.winners[i, j] and height >= 8:
                    overlay.frame(painter, rect.adjusted(3, 3, -3, -3))
        if height < 12:
            painter.setPen(QPen(QColor(self._colours.field_border), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(cells.adjusted(-0.5, -0.5, 0.5, 0.5))
        self._paint_result(painter, QRectF(area.x(), cells.bottom() + 6, area.width(), self._below()), shown)

    def _paint_cell(
        self, painter: QPainter, rect: QRectF, shown: Step, at: tuple[int, int], font: QFont
    ) -> None:
        is_input = shown.places[at] == INPUT
        value = float(shown.products[at]) if isinstance(shown, SumStep) else float(shown.patch[at])
        gap = 1.0 if rect.height() >= 12 else 0.0
        cell = rect.adjusted(gap, gap, -gap, -gap)
        colour = self._term_colour(value)
        if not is_input and not isinstance(shown, SumStep):
            colour = QColor(self._colours.card)
        painter.fillRect(cell, colour)
        if not is_input:
            hatch = QColor(self._colours.second)
            hatch.setAlpha(95)
            painter.fillRect(cell, QBrush(hatch, Qt.BrushStyle.BDiagPattern))
        if rect.height() < _PRODUCT_FROM or not self._scene.writes_terms:
            return
        ink = overlay.text_on(colour)
        painter.setPen(ink)
        painter.setFont(font)
        if isinstance(shown, SumStep):
            self._paint_product(painter, cell, value, float(shown.patch[at]), float(shown.weights[at]))
            return
        counts = is_input or shown.places[at] == PADDING
        if isinstance(shown, MeanStep) and not is_input:
            counts = shown.places[at] == PADDING and shown.padding_counts
        painter.drawText(cell, _MIDDLE, self._text(value, rect.width()) if counts else "–")

    def _paint_product(
        self, painter: QPainter, cell: QRectF, product: float, value: float, weight: float
    ) -> None:
        text = self._text(product, cell.width())
        if cell.width() < _FACTORS_FROM - 2 or cell.height() < _FACTORS_HEIGHT - 2:
            painter.drawText(cell, _MIDDLE, text)
            return
        painter.drawText(cell.adjusted(0, cell.height() * 0.36, 0, -2), _MIDDLE, text)
        self._paint_factors(painter, cell.adjusted(0, 2, 0, -cell.height() * 0.54), value, weight)

    def _paint_factors(self, painter: QPainter, rect: QRectF, value: float, weight: float) -> None:
        text = f"{short(value)} × {short(weight)}"
        usual = "8 × −8" if self._scene.is_whole_numbers else "0.88 × −0.8"
        font = self._fitting(max((text, usual), key=len), rect.width() - 2, 14)
        painter.setFont(font)
        painter.drawText(rect, _MIDDLE, text)

    def _fitting(self, text: str, width: float, largest: int) -> QFont:
        font = QFont(self._font)
        for size in range(largest, 7, -1):
            font.setPixelSize(size)
            if QFontMetricsF(font).horizontalAdvance(text) <= width:
                break
        return font

    def _paint_result(self, painter: QPainter, area: QRectF, shown: Step) -> None:
        line = QFontMetricsF(self._font).height() + 3
        inks = self._colours.text, self._colours.second
        for index, (text, ink) in enumerate(zip(words(shown), inks, strict=True)):
            place = QRectF(area.x(), area.y() + index * line, area.width(), line)
            paint_line(painter, place, text, self._font, QColor(ink))
        self._paint_value(painter, area.center().x(), area.y() + self._lines * line + 5, shown.value)

    def _paint_value(self, painter: QPainter, middle: float, top: float, value: float) -> None:
        """The result on the colour that it has in the map."""
        font = scaled(self._font, 1.3)
        font.setBold(True)
        text = f"= {number(value)}"
        metrics = QFontMetricsF(font)
        width = max(metrics.horizontalAdvance(text), metrics.horizontalAdvance("= −0.0444")) + 18
        chip = QRectF(round(middle - width / 2), round(top), width, metrics.height() + 4)
        colour = look_colour(self._scene.output_look, value)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(self._colours.field_border), 1))
        painter.setBrush(colour)
        painter.drawRoundedRect(chip, 5, 5)
        painter.setPen(overlay.text_on(colour))
        painter.setFont(font)
        painter.drawText(chip, _MIDDLE, text)
        painter.restore()

    def _term_colour(self, value: float) -> QColor:
        """The colour of a value among the terms: always around zero, for a product has a sign."""
        share = value / self._scene.reach if value == value else value
        return _table_colour(self._scene.output_look, share)

    def _text(self, value: float, width: float) -> str:
        if width < _WIDE:
            return cell_text(value, self._scene.reach)
        return fixed(value, self._scene.reach, 3)

    def _number_font(self, width: float, height: float) -> QFont:
        """As large as the longest usual number allows, so that digits keep their size from one place to the next."""
        decimals = "−0.888" if width >= _WIDE else "−.88" if self._scene.reach < 1 else "−8.88"
        longest = "−88" if self._scene.is_whole_numbers else decimals
        font = self._fitting(longest, width - 8, int(min(max(height * 0.34, 8.0), 24.0)))
        font.setBold(True)
        while font.pixelSize() > 8 and QFontMetricsF(font).horizontalAdvance(longest) > width - 6:
            font.setPixelSize(font.pixelSize() - 1)
        return font


def look_colour(look: Look, value: float) -> QColor:
    """The colour that a value has on one side."""
    low, high = look.scale.limits(look.colormap.signed)
    if value != value:
        return QColor(*NAN_COLOUR)
    share = 2 * (value - low) / (high - low) - 1 if math.isfinite(value) else math.copysign(1.0, value)
    return _table_colour(look, share)


def _table_colour(look: Look, share: float) -> QColor:
    """The colour at a share −1..1 of a colour map."""
    if share != share:
        return QColor(*NAN_COLOUR)
    held = min(max(share, -1.0), 1.0)
    entry = look.colormap.table()[
        round(128 + 127 * held) if look.colormap.signed else round(127.5 + 127.5 * held)
    ]
    return QColor(int(entry[0]), int(entry[1]), int(entry[2]))
