"""One term of a sum as a button: click or Return goes to where its number comes from."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QEnterEvent, QFocusEvent, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QWidget

from explorer.ui import overlay, theme

_FADED = 0.8
_SWATCH = 5


class TermChip(QAbstractButton):
    """A cell of a grid with its number, or a small card with three lines.

    Signals
    -------
    pointed(on)
        The mouse or the focus came, or went.
    """

    pointed = Signal(bool)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.lines: tuple[str, ...] = ()
        self.colour = QColor()
        self.wins = False
        self.is_cell = False
        self.faded = False

    def sizeHint(self) -> QSize:
        return self.size()

    def show_term(
        self, place: QRect, lines: tuple[str, ...], colour: QColor, name: str, *, is_cell: bool, wins: bool
    ) -> None:
        """Show another term; ``name`` says it to screen readers and in the tooltip."""
        self.lines, self.colour, self.is_cell, self.wins = lines, colour, is_cell, wins
        if self.geometry() != place:
            self.setGeometry(place)
        if self.accessibleName() != name:
            self.setAccessibleName(name)
            self.setToolTip(name)
        self.update()

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self.pointed.emit(True)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.pointed.emit(False)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.pointed.emit(True)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.pointed.emit(False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setOpacity(_FADED if self.faded else 1.0)
        if self.is_cell:
            self._paint_cell(painter)
        else:
            self._paint_card(painter)
        if self.hasFocus():
            painter.setOpacity(1.0)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(theme.of(self).accent), 2))
            painter.drawRect(self.rect().adjusted(1, 1, -1, -1))

    def _paint_cell(self, painter: QPainter) -> None:
        rect = self.rect().adjusted(0, 0, -1, -1)
        painter.fillRect(rect, self.colour)
        painter.setPen(overlay.text_on(self.colour))
        painter.setFont(theme.font(self, 0.92, bold=self.wins))
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, self.lines[0] if self.lines else "")
        if self.wins or self.underMouse():
            overlay.frame(painter, QRectF(rect).adjusted(2, 2, -1, -1))

    def _paint_card(self, painter: QPainter) -> None:
        colours = theme.of(self)
        rect = self.rect().adjusted(0, 0, -1, -1)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        edge = colours.text if self.wins else colours.accent if self.underMouse() else colours.field_border
        painter.setPen(QPen(QColor(edge), 2 if self.wins else 1))
        painter.setBrush(QColor(colours.card))
        painter.drawRoundedRect(QRectF(rect).adjusted(0.5, 0.5, 0, 0), 4, 4)
        painter.fillRect(rect.adjusted(3, 4, _SWATCH + 3 - rect.width(), -3), self.colour)
        height = (rect.height() - 4) / max(1, len(self.lines))
        for number, line in enumerate(self.lines):
            place = QRectF(_SWATCH + 8, 2 + number * height, rect.width() - _SWATCH - 11, height)
            painter.setFont(theme.font(self, 0.95 if number == 0 else 0.85, bold=number == 0))
            painter.setPen(QColor(colours.text if number < 2 else colours.second))
            painter.drawText(
                place, int(Qt.AlignmentFlag.AlignVCenter) | int(Qt.AlignmentFlag.AlignLeft), line
            )
