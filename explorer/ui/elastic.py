"""A label that gives way: what does not fit ends in an ellipsis, and the whole text is in the tooltip."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from html import unescape

from PySide6.QtCore import QEvent, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QToolTip, QWidget

_BOLD = re.compile(r"<b>(.*?)</b>", re.DOTALL)
_QUOTED = re.compile(r"“.*”", re.DOTALL)
_SHORTEST = 4  # characters of a name that stay before the end of the line is given up


@dataclass(frozen=True)
class _Run:
    """Text in one font. ``gives_way`` is the part that is shortened first."""

    text: str
    bold: bool
    gives_way: bool = False


class ElasticLabel(QLabel):
    """Never widens its panel. A name in quotation marks is shortened first, then a bold one, then the end."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._told = ""
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setMinimumWidth(20)
        self.setText(text)

    def setText(self, text: str) -> None:
        super().setText(text)
        super().setToolTip(self._told or self._whole())

    def setToolTip(self, text: str) -> None:
        """More to say than the text itself, which is told where it is cut."""
        self._told = text
        super().setToolTip(text or self._whole())

    def _whole(self) -> str:
        return "".join(run.text for run in _runs(self.text()))

    @property
    def is_cut(self) -> bool:
        """Whether the text does not fit."""
        return not self.wordWrap() and self._width(_runs(self.text())) > self.contentsRect().width()

    def shown_text(self) -> str:
        """What can be read, in plain text."""
        runs = _runs(self.text())
        return "".join(run.text for run in (self._shortened(runs) if self.is_cut else runs))

    def _font(self, run: _Run) -> QFont:
        font = QFont(self.font())
        font.setBold(run.bold or font.bold())
        return font

    def _width(self, runs: list[_Run]) -> float:
        return sum(QFontMetricsF(self._font(run)).horizontalAdvance(run.text) for run in runs)

    def _shortened(self, runs: list[_Run]) -> list[_Run]:
        room = float(self.contentsRect().width())
        for index, run in enumerate(runs):
            if run.gives_way:
                metrics = QFontMetricsF(self._font(run))
                least = metrics.horizontalAdvance(run.text[:_SHORTEST] + "…")
                left = max(least, room - self._width([*runs[:index], *runs[index + 1 :]]))
                runs[index] = replace(
                    run, text=metrics.elidedText(run.text, Qt.TextElideMode.ElideRight, left)
                )
                break
        shortened: list[_Run] = []
        for run in runs:
            metrics = QFontMetricsF(self._font(run))
            left = room - self._width(shortened)
            if metrics.horizontalAdvance(run.text) > left + 0.5:
                text = metrics.elidedText(run.text, Qt.TextElideMode.ElideRight, max(0.0, left))
                if not text and shortened:  # not even an ellipsis fits behind what stands there
                    run = shortened.pop()
                    text = run.text[:-2] + "…"
                shortened.append(replace(run, text=text))
                break
            shortened.append(run)
        return shortened

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self.is_cut:
            super().paintEvent(event)
            return
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        place = QRectF(self.contentsRect())
        for run in self._shortened(_runs(self.text())):
            font = self._font(run)
            painter.setFont(font)
            painter.drawText(
                place,
                int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextSingleLine),
                run.text,
            )
            place.setLeft(place.left() + QFontMetricsF(font).horizontalAdvance(run.text))

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            parts = [self._whole() if self.is_cut else "", self._told]
            if parts[0] and self._told.startswith(parts[0]):
                parts = [self._told]
            QToolTip.showText(event.globalPos(), "\n".join(part for part in parts if part), self)
            return True
        return super().event(event)


def _runs(html: str) -> list[_Run]:
    """The pieces of ``<b>bold</b> and usual`` text."""
    if "<b>" not in html:
        return _parts(html, bold=False)
    runs: list[_Run] = []
    for index, part in enumerate(_BOLD.split(html)):
        runs += _parts(unescape(part), bold=index % 2 == 1)
    if not any(run.gives_way for run in runs):
        runs = [replace(run, gives_way=run.bold) for run in runs]
    return runs


def _parts(text: str, *, bold: bool) -> list[_Run]:
    match = _QUOTED.search(text)
    if match is None:
        return [_Run(text, bold)] if text else []
    name = _Run(text[match.start() + 1 : match.end() - 1], bold, gives_way=True)
    around = _Run(text[: match.start() + 1], bold), _Run(text[match.end() - 1 :], bold)
    return [around[0], name, around[1]]
