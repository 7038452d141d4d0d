"""The terms of one number, laid out: grids that read patch × kernel = product, or cards with the largest ones."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from explorer.imaging.colormaps import COLORMAPS, NAN_COLOUR, Colormap
from explorer.layers.explanation import Explanation, Term
from explorer.layers.numbers import number
from explorer.ui import overlay, theme
from explorer.ui.probe import PICTURE, Probe
from explorer.ui.probe_table import Block, blocks
from explorer.ui.term_chip import TermChip

_TITLE = 15
_SMALLEST_ROW, _LARGEST_ROW = 16, 26
_CARD_HEIGHT, _LOWEST_CARD, _CARD_GAP = 46, 36, 4
_FADED = 0.8


@dataclass(frozen=True)
class _Cell:
    """A number that is painted, and belongs to a term."""

    place: QRect
    text: str
    colour: QColor
    term: int


@dataclass(frozen=True)
class _Word:
    place: QRect
    text: str
    quiet: bool = True
    large: bool = False


class TermsView(QWidget):
    """Shows the terms; as wide as they need.

    Signals
    -------
    chosen(number), pointed(number)
        A term was clicked; the mouse or the focus is on one (-1 for none).
    """

    chosen = Signal(int)
    pointed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Terms of this number")
        self.chips: list[TermChip] = []
        self._cells: list[_Cell] = []
        self._words: list[_Word] = []
        self._faded = False
        self._pointed = -1
        self._used = 0
        self._width = 0
        self._colormap: Colormap = COLORMAPS[0]
        self._add_chip()

    @property
    def shown_chips(self) -> list[TermChip]:
        """The buttons of the terms, in order."""
        return self.chips[: self._used]

    @property
    def words(self) -> str:
        """What stands between the terms."""
        return " ".join(word.text for word in self._words)

    def sizeHint(self) -> QSize:
        return QSize(self._width, self.height())

    def show_terms(self, probe: Probe, colormap: Colormap, height: int) -> None:
        """Show other terms in a strip of this height."""
        self._cells, self._words, self._used, self._faded = [], [], 0, not probe.live
        self._colormap = colormap
        made = probe.explanation
        if made is None:
            self._width = self._say(0, 4, "It is what the picture has there.", height)
        else:
            grids = blocks(probe.result, probe.step.index, made)
            show = _Arranging(self, probe, made, height)
            self._width = show.tables(grids) if grids else show.cards()
        for chip in self.chips[self._used :]:
            chip.hide()
        self.resize(max(self._width, 1), height)
        self.update()

    def _say(
        self, x: int, y: int, text: str, height: int = 0, *, quiet: bool = True, large: bool = False
    ) -> int:
        """Put words; returns where they end."""
        font = theme.font(self, 1.15 if large else 0.92)
        metrics = QFontMetricsF(font)
        width = math.ceil(metrics.horizontalAdvance(text)) + 4
        self._words.append(_Word(QRect(x, y, width, height or _TITLE), text, quiet, large))
        return x + width

    def _chip(self) -> TermChip:
        if self._used == len(self.chips):
            self._add_chip()
        chip = self.chips[self._used]
        self._used += 1
        chip.faded = self._faded
        chip.show()
        return chip

    def _add_chip(self) -> None:
        chip, at = TermChip(self), len(self.chips)
        chip.clicked.connect(partial(self.chosen.emit, at))
        chip.pointed.connect(partial(self._point, at))
        chip.hide()
        if self.chips:
            QWidget.setTabOrder(self.chips[-1], chip)
        self.chips.append(chip)

    def _point(self, at: int, on: bool) -> None:
        focused = next((i for i, chip in enumerate(self.shown_chips) if chip.hasFocus()), -1)
        self._pointed = at if on else focused
        self.pointed.emit(self._pointed)
        self.update()

    def colour(self, value: float, reach: float) -> QColor:
        """The colour of a value, signed as in the maps."""
        if not math.isfinite(value):
            return QColor(*NAN_COLOUR)
        share = min(max(value / reach, -1.0), 1.0) if reach else 0.0
        at = round(128 + 127 * share) if self._colormap.signed else round(127.5 + 127.5 * share)
        entry = self._colormap.table()[at]
        return QColor(int(entry[0]), int(entry[1]), int(entry[2]))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setOpacity(_FADED if self._faded else 1.0)
        colours = theme.of(self)
        middle = int(Qt.AlignmentFlag.AlignVCenter) | int(Qt.AlignmentFlag.AlignLeft)
        for word in self._words:
            painter.setFont(theme.font(self, 1.15 if word.large else 0.92))
            painter.setPen(QColor(colours.second if word.quiet else colours.text))
            painter.drawText(word.place, middle, word.text)
        painter.setFont(theme.font(self, 0.92))
        for cell in self._cells:
            painter.fillRect(cell.place.adjusted(0, 0, -1, -1), cell.colour)
            painter.setPen(overlay.text_on(cell.colour))
            painter.drawText(cell.place, Qt.AlignmentFlag.AlignCenter, cell.text)
        for cell in self._cells:
            if cell.term == self._pointed:
                overlay.frame(painter, QRectF(cell.place).adjusted(2, 2, -2, -2))


class _Arranging:
    """Puts the terms of one number into a view."""

    def __init__(self, view: TermsView, probe: Probe, made: Explanation, height: int) -> None:
        self._view, self._probe, self._made, self._height = view, probe, made, height
        self._metrics = QFontMetricsF(theme.font(view, 0.92))
        self._reach = _reach(term.product for term in made.terms)

    # grids

    def tables(self, grids: tuple[Block, ...]) -> int:
        """Grids side by side; returns how wide they are."""
        x = 0
        for place, grid in enumerate(grids):
            if place:
                x = self._sign(x, "+", grid)
            x = self._products(x, grid) if self._made.kind == "sum" else self._values(x, grid)
        return self._end(x + 8)

    def _row(self, grid: Block) -> int:
        room = (self._height - _TITLE - 2) // grid.rows
        return min(max(room, _SMALLEST_ROW), _LARGEST_ROW)

    def _column(self, texts: Iterable[str]) -> int:
        """As wide as short numbers, or as all others: so that little moves from one value to the next."""
        longest = max((len(text) for text in texts), default=1)
        usual = "8" * 2 if longest <= 2 else "8" * 3 if longest == 3 else "−0.0888"
        return math.ceil(self._metrics.horizontalAdvance(usual)) + 8

    def _products(self, x: int, grid: Block) -> int:
        terms = [self._made.terms[index] for index, _, _ in grid.cells]
        name = self._channel(grid.channel)
        x = self._numbers(x, grid, f"{name}patch", [term.value for term in terms])
        x = self._numbers(self._sign(x, "×", grid), grid, "kernel", [term.weight or 0.0 for term in terms])
        return self._cells(self._sign(x, "=", grid), grid, "product", lambda term: term.product, self._reach)

    def _values(self, x: int, grid: Block) -> int:
        reach = _reach(term.value for term in self._made.terms)
        return self._cells(x, grid, "window", lambda term: term.value, reach)

    def _numbers(self, x: int, grid: Block, title: str, values: list[float]) -> int:
        texts = [number(value) for value in values]
        width, height, reach = self._column(texts), self._row(grid), _reach(values)
        self._view._say(x, 0, title)
        for (index, row, column), value, text in zip(grid.cells, values, texts, strict=True):
            place = QRect(x + column * width, _TITLE + row * height, width, height)
            self._view._cells.append(_Cell(place, text, self._view.colour(value, reach), index))
        return x + grid.columns * width

    def _cells(self, x: int, grid: Block, title: str, value_of: Callable[[Term], float], reach: float) -> int:
        terms = self._made.terms
        texts = [number(value_of(terms[index])) for index, _, _ in grid.cells]
        width, height = self._column(texts), self._row(grid)
        self._view._say(x, 0, title)
        for (index, row, column), text in zip(grid.cells, texts, strict=True):
            term = terms[index]
            place = QRect(x + column * width, _TITLE + row * height, width, height)
            colour = self._view.colour(value_of(term), reach)
            self._view._chip().show_term(
                place, (text,), colour, self._name(term), is_cell=True, wins=term.wins
            )
        return x + grid.columns * width

    def _sign(self, x: int, text: str, grid: Block) -> int:
        height = min(grid.rows * self._row(grid), self._height - _TITLE)
        return self._view._say(x + 6, _TITLE, text, height, quiet=False, large=True) + 4

    def _channel(self, channel: int) -> str:
        """Which channel a patch is of, where there are several."""
        if len(self._made.subtotals) < 2:
            return ""
        names = ("red ", "green ", "blue ")
        of_picture = self._probe.step.index == 0 and len(self._made.subtotals) == 3
        return names[channel] if of_picture else f"#{channel} "

    # cards

    def cards(self) -> int:
        """One card for each term, in as many rows as there is room for."""
        made, view = self._made, self._view
        count = len(made.terms)
        rows = 2 if count > 3 and self._height >= 2 * _LOWEST_CARD + _CARD_GAP else 1
        high = min((self._height + _CARD_GAP) // rows - _CARD_GAP, _CARD_HEIGHT)
        per_row = max(1, -(-count // rows))
        lines = [self._lines(term) for term in made.terms]
        widest = max((self._metrics.horizontalAdvance(text) for one in lines for text in one), default=0.0)
        width = -(-math.ceil(widest + 26) // 16) * 16  # in steps, so that cards seldom change their width
        used = min(rows, -(-count // per_row))
        above = (self._height - used * (high + _CARD_GAP) + _CARD_GAP) // 2
        for index, term in enumerate(made.terms):
            row, column = divmod(index, per_row)
            x, y = column * (width + _CARD_GAP), above + row * (high + _CARD_GAP)
            place = QRect(x, y, width, high)
            counts = term.weight or 0.0 if made.kind == "softmax" else term.product
            colour = view.colour(counts, 1.0 if made.kind == "softmax" else self._reach)
            view._chip().show_term(
                place, lines[index], colour, self._name(term), is_cell=False, wins=term.wins
            )
        return self._end(min(count, per_row) * (width + _CARD_GAP) + 8)

    def _lines(self, term: Term) -> tuple[str, ...]:
        value, weight = number(term.value), number(term.weight or 0.0)
        where = self._where(term)
        if self._made.kind == "softmax":
            return weight, f"exp of {value}", where
        if self._made.kind in ("sum", "normalised"):
            return number(term.product), f"{value} × {weight}", where
        return value, where

    def _where(self, term: Term) -> str:
        """Where the number was made."""
        if term.source is None:
            return "padding"
        step = self._probe.below(term.source)
        return f"#{step.row}" if step.is_number else f"#{step.channel} ({step.row}, {step.column})"

    def _name(self, term: Term) -> str:
        """What a screen reader says."""
        value = number(term.value)
        weighted = self._made.kind in ("sum", "normalised") and term.weight is not None
        said = f"{value} × {number(term.weight or 0.0)} = {number(term.product)}" if weighted else value
        if term.wins:
            said += ", wins"
        if term.source is None:
            return f"{said}, from the padding"
        step = self._probe.below(term.source)
        name = "the picture" if step.index == PICTURE else self._probe.result.network.names[step.index]
        return f"{said}, from {name} {self._where(term)}"

    # behind the terms

    def _end(self, x: int) -> int:
        """The rest, the bias, the divisor or the formula."""
        made, notes = self._made, []
        if made.rest_count:
            rest = "" if made.kind in ("maximum", "softmax") else f" = {number(made.rest)}"
            notes.append(f"{'and' if made.terms else ''} {made.rest_count:,} more{rest}".strip())
        if made.kind in ("sum", "normalised"):
            notes.append(f"+ bias {number(made.bias)}")
        if made.kind == "function":
            notes.append(made.words)
        if made.kind == "mean":
            notes.append(f"sum / {made.divisor:,.0f}")
        if made.kind == "softmax":
            notes.append(f"sum of exp = {number(made.divisor)}")
        if made.ties:
            notes.append(f"{made.ties + 1} are equally large")
        line = round(self._metrics.height()) + 2
        top = max(0, (self._height - line * len(notes)) // 2)
        ends = [self._view._say(x, top + i * line, note, line, quiet=False) for i, note in enumerate(notes)]
        return max(ends, default=x)


def _reach(values: Iterable[float]) -> float:
    """The value of the strongest colour."""
    return max((abs(value) for value in values if math.isfinite(value)), default=0.0) or 1.0
