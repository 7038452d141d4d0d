"""The small graphics of the response page, each with a title above and a sentence below."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QImage, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.imaging.colormaps import Colormap, colormap
from explorer.imaging.rendering import Scale
from explorer.layers.numbers import number
from explorer.ui import imagery, theme

_SMALL = 0.85
_UNIT = "waves per pixel"
_MIDDLE = int(Qt.AlignmentFlag.AlignCenter)

_Numbers = npt.NDArray[np.float64]


class Graphic(QWidget):
    """A title, something drawn, and a sentence; nothing of it moves when the numbers change."""

    def __init__(self, title: str, what: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = title
        self.sentence = ""
        self.narrow = False  # then a sentence needs a third line
        self._what = what
        self.setAccessibleName(title)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def minimumSizeHint(self) -> QSize:
        return QSize(150, 110)

    def sizeHint(self) -> QSize:
        return QSize(280, 148)

    def say(self, sentence: str) -> None:
        """Show another sentence."""
        if sentence != self.sentence:
            self.sentence = sentence
            self.setToolTip(f"{sentence}.\n{self._what}" if sentence else self._what)
            self.setAccessibleDescription(f"{sentence}. {self._what}")

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        colours = theme.of(self)
        painter.setFont(theme.font(self, bold=True))
        line = painter.fontMetrics().height()
        painter.setPen(QColor(colours.text))
        left = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        title = painter.fontMetrics().elidedText(self.title, Qt.TextElideMode.ElideRight, self.width() - 8)
        painter.drawText(QRect(4, 0, self.width() - 8, line + 2), left, title)
        painter.setFont(theme.font(self, 0.92))
        below = (3 if self.narrow else 2) * painter.fontMetrics().height()
        painter.setPen(QColor(colours.second))
        wrapped = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop) | int(Qt.TextFlag.TextWordWrap)
        painter.drawText(QRect(4, self.height() - below, self.width() - 8, below), wrapped, self.sentence)
        area = QRect(4, line + 5, self.width() - 8, self.height() - below - line - 9)
        if area.height() > 20 and area.width() > 60:
            painter.setFont(theme.font(self, _SMALL))
            self.draw(painter, area)
        if self.hasFocus():
            painter.setPen(QPen(QColor(colours.accent), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)

    def draw(self, painter: QPainter, area: QRect) -> None:
        """Draw what is between title and sentence."""
        raise NotImplementedError

    def picture(self, painter: QPainter, place: QRect, image: QImage, *, smooth: bool = False) -> None:
        """Draw a picture with a hairline around it."""
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
        painter.drawImage(place, image)
        painter.setPen(QColor(theme.of(self).field_border))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(place.adjusted(-1, -1, 0, 0))


class FrequencyGraphic(Graphic):
    """The magnitude of a kernel's frequency response, from -½ to ½ cycles per pixel."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            "Frequency response",
            "How strongly waves pass: flat areas are the centre, the finest detail (half a wave per pixel) is the "
            "rim. To the right: upright stripes; up and down: level ones.",
            parent,
        )
        self._image: QImage | None = None
        self._maximum = 0.0
        self._colormap = colormap("viridis")

    def show_response(self, response: _Numbers, sentence: str) -> None:
        """Show other magnitudes (rows, columns)."""
        values = np.nan_to_num(np.asarray(response, np.float32), nan=0.0, posinf=0.0, neginf=0.0)
        self._maximum = float(values.max())
        self._image = imagery.map_image(values, Scale(0.0, _positive(self._maximum)), self._colormap)
        self.say(sentence)
        self.update()

    def draw(self, painter: QPainter, area: QRect) -> None:
        if self._image is None:
            return
        metrics = painter.fontMetrics()
        text, wide = metrics.height(), metrics.horizontalAdvance("−½")
        side = min(area.height() - text, area.width() - wide - 60)
        place = QRect(area.left() + wide + 5, area.top() + 1, side, side)
        self.picture(painter, place, self._image, smooth=True)
        painter.setPen(QColor(theme.of(self).second))
        for share, label in ((0.0, "½"), (0.5, "0"), (1.0, "−½")):
            y = place.top() + round(share * side)
            right = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            middle = min(max(y - text // 2, area.top() - 2), place.bottom() - text + 3)
            painter.drawText(QRect(area.left(), middle, wide, text), right, label)
        for share, label in ((0.0, "−½"), (0.5, "0"), (1.0, "½")):
            x = place.left() + round(share * side)
            left = min(max(x - wide, place.left() - wide // 2), place.right() - wide * 3 // 2)
            painter.drawText(QRect(left, place.bottom() + 2, 2 * wide, text), _MIDDLE, label)
        unit = QRect(place.right() + wide, place.bottom() + 2, area.right() - place.right() - wide, text)
        if metrics.horizontalAdvance(_UNIT) < unit.width():
            painter.drawText(unit, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), _UNIT)
        self._draw_legend(painter, QRect(place.right() + 10, place.top(), 8, side))

    def _draw_legend(self, painter: QPainter, bar: QRect) -> None:
        ramp = np.linspace(1, 0, max(2, bar.height()), dtype=np.float32)[:, None]
        self.picture(painter, bar, imagery.map_image(ramp, Scale(0.0, 1.0), self._colormap))
        text = painter.fontMetrics().height()
        painter.setPen(QColor(theme.of(self).text))
        left = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        high = number(float(f"{self._maximum:.3g}"))
        painter.drawText(QRect(bar.right() + 5, bar.top() - 2, 60, text), left, high)
        painter.drawText(QRect(bar.right() + 5, bar.bottom() - text + 3, 60, text), left, "0")


class AnswerGraphic(Graphic):
    """A small picture, what the kernel makes of it, and a cut through both."""

    def __init__(self, title: str, what: str, parent: QWidget | None = None) -> None:
        super().__init__(
            title,
            f"{what} Left the picture, then its map; the curves are a cut between the marks: the picture "
            "thin, the map thick.",
            parent,
        )
        self._images: tuple[QImage, QImage] | None = None
        self._cut = Cut(np.zeros((2, 2)), np.zeros((2, 2)), 0, across=True)

    def show_answer(
        self, before: _Numbers, after: _Numbers, cut: Cut, colours: Colormap, sentence: str
    ) -> None:
        """Show another picture and its map."""
        reach = _positive(float(np.abs(after).max()))
        self._images = (
            _grey(before),
            imagery.map_image(after.astype(np.float32), Scale(-reach, reach), colours),
        )
        self._cut = cut
        self.say(sentence)
        self.update()

    def draw(self, painter: QPainter, area: QRect) -> None:
        if self._images is None:
            return
        gap = 18
        share = 0.34 if self.narrow else 0.3
        side = min(area.height() - 2, round((area.width() - gap) * share))
        top = area.top() + 1
        first = QRect(area.left() + 4, top, side, side)
        second = first.translated(side + gap, 0)
        for place, image, behind in zip((first, second), self._images, (False, True), strict=True):
            shape = image.size().scaled(place.size(), Qt.AspectRatioMode.KeepAspectRatio)
            fitted = QRect(0, 0, shape.width(), shape.height())
            fitted.moveCenter(place.center())
            shrunk = image.width() > place.width() or image.height() > place.height()
            self.picture(painter, fitted, image, smooth=shrunk)
            self._mark_cut(painter, fitted, behind)
        self._draw_arrow(painter, QPointF((first.right() + second.left()) / 2, first.center().y()))
        plot = QRect(second.right() + 14, top, area.right() - second.right() - 14, side)
        self._draw_profiles(painter, plot)

    def _draw_arrow(self, painter: QPainter, centre: QPointF) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(theme.of(self).second), 1.5))
        tip = centre + QPointF(4, 0)
        painter.drawLine(centre - QPointF(4, 0), tip)
        painter.drawPolyline(QPolygonF([tip + QPointF(-3, -3), tip, tip + QPointF(-3, 3)]))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _mark_cut(self, painter: QPainter, place: QRect, behind: bool) -> None:
        """Where the curves are taken from: a tick before the first picture and one behind the second."""
        painter.setPen(QPen(QColor(theme.of(self).note), 2))
        share = (self._cut.at + 0.5) / len(self._cut.before)
        if self._cut.across:
            y = place.top() + round(share * place.height())
            x = place.right() + 4 if behind else place.left() - 3
            painter.drawLine(x - 1, y, x + 1, y)
        else:
            x = place.left() + round(share * place.width())
            y = place.bottom() + 4 if behind else place.top() - 3
            painter.drawLine(x, y - 1, x, y + 1)

    def _draw_profiles(self, painter: QPainter, area: QRect) -> None:
        colours, metrics = theme.of(self), painter.fontMetrics()
        before, after = self._cut.before, self._cut.after
        low = min(0.0, float(before.min()), float(after.min()))
        high = max(0.0, float(before.max()), float(after.max()))
        high = high if high > low else 1.0
        labels = area.width() >= 70
        room = metrics.horizontalAdvance("−0.444") + 4 if labels else 0
        plot = QRectF(area).adjusted(0, 3, -room, -3)
        zero = plot.bottom() + low / (high - low) * plot.height()
        painter.setPen(QColor(colours.field_border))
        painter.drawLine(QPointF(plot.left(), zero), QPointF(plot.right(), zero))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        x = plot.left() + np.linspace(0, 1, len(after)) * plot.width()
        curves = [
            [QPointF(float(a), float(b)) for a, b in zip(x, y, strict=True)]
            for y in (
                plot.bottom() - (values - low) / (high - low) * plot.height() for values in (before, after)
            )
        ]
        shade = QColor(colours.note)
        shade.setAlpha(48)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(shade)
        ends = QPointF(plot.right(), zero), QPointF(plot.left(), zero)
        painter.drawPolygon(QPolygonF([*curves[1], *ends]))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for points, pen in zip(
            curves, (QPen(QColor(colours.second), 1), QPen(QColor(colours.note), 2)), strict=True
        ):
            painter.setPen(pen)
            painter.drawPolyline(QPolygonF(points))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        if labels:
            self._draw_limits(painter, plot, (low, high), zero, metrics)

    def _draw_limits(
        self, painter: QPainter, plot: QRectF, limits: tuple[float, float], zero: float, metrics: QFontMetrics
    ) -> None:
        low, high = limits
        text = metrics.height()
        painter.setPen(QColor(theme.of(self).second))
        places = [(plot.top() if high > 0 else zero, high)]
        if (zero - plot.top() > text and plot.bottom() - zero > text) or low == 0:
            places.append((zero, 0.0))
        if low < 0:
            places.append((plot.bottom(), low))
        left = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for y, value in places:
            place = QRectF(plot.right() + 4, y - text / 2, 60, text)
            painter.drawText(place, left, number(float(f"{value:.3g}")))


class Cut:
    """The curves along one row (``across``) or one column of a picture and of its map."""

    def __init__(self, before: _Numbers, after: _Numbers, at: int, *, across: bool) -> None:
        self.across, self.at = across, at
        self.before = before[at] if across else before[:, at]
        self.after = after[at] if across else after[:, at]

    @property
    def change(self) -> float:
        """How far the map's curve is from the picture's, made larger or smaller as a whole."""
        gain = self.after[-1] if self.before[-1] else 0.0
        return float(np.abs(self.after - gain * self.before).max())


def _positive(value: float) -> float:
    return value if value > 1e-30 else 1.0


def _grey(values: _Numbers) -> QImage:
    """A picture from black (its smallest value, at most 0) to white (its largest, at least 1)."""
    low, high = min(0.0, float(values.min())), max(1.0, float(values.max()))
    grey = np.round((values - low) / (high - low) * 255).astype(np.uint8)
    return imagery.rgb_image(np.repeat(grey[..., None], 3, axis=2))
