"""What is drawn over a picture: the window under the dot, how all windows lie on it, the peak, a piece being taken."""

from __future__ import annotations

from dataclasses import dataclass, field

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from explorer.engine import windows as arithmetic
from explorer.layers import rounding
from explorer.layers.explanation import Box
from explorer.layers.layer import Layer, Shape
from explorer.layers.pooling import MaxPool2d
from explorer.layers.sliding import SlidingLayer
from explorer.ui import overlay, picture_inset
from explorer.ui.picture_inset import Inset

_CLOSE = 4.0  # widget pixels between windows below which not all are drawn
_APART = 12.0  # between those that are drawn then
_LEAST_STRIP = 6.0  # widget pixels, so that one unused row is seen on a large picture
_ROOM_FOR_NUMBERS = 17.0
_DARK, _LIGHT = QColor(0, 0, 0, 200), QColor(255, 255, 255, 235)

Sides = tuple[int, int, int, int]


@dataclass(frozen=True)
class Windows:
    """How a layer's windows lie on its input.

    ``unused`` are the rows at the bottom and the columns at the right that no window sees; ``padding`` is (top,
    bottom, left, right) and ``fill`` what stands in it; ``rows`` and ``columns`` are where windows begin, empty
    unless they are to be shown.
    """

    size: tuple[int, int]
    unused: tuple[int, int] = (0, 0)
    padding: Sides = (0, 0, 0, 0)
    fill: str = "0"
    span: tuple[int, int] = (1, 1)
    rows: tuple[int, ...] = ()
    columns: tuple[int, ...] = ()

    @property
    def unused_sentence(self) -> str:
        """Which rows and columns no window sees; empty where there are none."""
        parts = [
            f"{count} {name}{'s' if count > 1 else ''}"
            for count, name in zip(self.unused, ("row", "column"), strict=True)
            if count
        ]
        return f"{', '.join(parts)} unused" if parts else ""

    @property
    def positions_sentence(self) -> str:
        """How many windows there are, columns × rows; empty unless they are shown."""
        count = len(self.rows) * len(self.columns)
        if not count:
            return ""
        return f"{len(self.columns)} × {len(self.rows)} = {count:,} position{'s' if count > 1 else ''}"

    def sentence_at(self, row: int, column: int) -> str:
        """What there is to say about a pixel: it is padding, or no window sees it."""
        rows, columns = self.size
        top, bottom, left, right = self.padding
        if 0 <= row < rows and 0 <= column < columns:
            unseen = row >= rows - self.unused[0] or column >= columns - self.unused[1]
            return f"{self.unused_sentence}: the last window ends before" if unseen else ""
        padded = -top <= row < rows + bottom and -left <= column < columns + right
        return self.padding_sentence if padded else ""

    @property
    def padding_sentence(self) -> str:
        """What is added around the input."""
        names = ("above", "below", "left", "right")
        parts = [f"{count} {name}" for count, name in zip(self.padding, names, strict=True) if count]
        return f"Padding of {self.fill}: {', '.join(parts)}" if parts else ""


def windows_of(layer: Layer, input_shape: Shape, *, with_positions: bool) -> Windows | None:
    """The windows of a layer on such an input; None where it has none."""
    if not isinstance(layer, SlidingLayer) or not layer.enabled or len(input_shape) != 3:
        return None
    window = layer.sliding_window
    rows, columns = rounding.positions(layer, input_shape) if with_positions else ((), ())
    spans = [arithmetic.span(window.kernel_size[a], window.dilation[a]) for a in (0, 1)]
    return Windows(
        (input_shape[1], input_shape[2]),
        rounding.unused(layer, input_shape),
        layer.resolved_padding(input_shape),
        "−∞" if isinstance(layer, MaxPool2d) else "0",
        (spans[0], spans[1]),
        tuple(rows),
        tuple(columns),
    )


@dataclass(frozen=True)
class Spot:
    """A place worth a word: one pixel, which gets a ring, or a window, which gets a frame."""

    box: Box
    label: str


@dataclass(frozen=True)
class Marks:
    """Everything that may be drawn over one picture. ``pinned``: the dot does not follow the mouse."""

    box: Box | None = None
    dot: tuple[int, int] | None = None
    pinned: bool = False
    pixel: tuple[int, int] | None = None
    inset: Inset | None = None
    windows: Windows | None = None
    spots: tuple[Spot, ...] = ()
    framed: Box | None = None
    framed_label: str = ""


@dataclass(frozen=True)
class Place:
    """Where a picture lies on a widget: its top left corner, and the widget pixels of one of its own."""

    area: QRectF
    zoom: float
    size: tuple[int, int]
    clip: QRectF = field(default_factory=QRectF)

    def rect(self, box: Box) -> QRectF:
        """Where pixels lie."""
        return QRectF(
            self.area.x() + box.left * self.zoom,
            self.area.y() + box.top * self.zoom,
            box.width * self.zoom,
            box.height * self.zoom,
        )

    def holds(self, box: Box) -> bool:
        """Whether all of it lies on the picture."""
        rows, columns = self.size
        return (
            box.top >= 0
            and box.left >= 0
            and box.top + box.height <= rows
            and box.left + box.width <= columns
        )


def paint(painter: QPainter, place: Place, marks: Marks, font: QFont) -> None:
    """Draw all marks, the most important last."""
    painter.save()
    painter.setFont(font)
    if marks.windows is not None:
        _paint_unused(painter, place, marks.windows)
        _paint_padding(painter, place, marks.windows)
        _paint_positions(painter, place, marks.windows)
    if marks.box is not None:
        _paint_box(painter, place, marks.box)
    for spot in marks.spots:
        _paint_spot(painter, place, spot)
    if marks.pixel is not None:
        _paint_pixel(painter, place, marks.pixel)
    if marks.dot is not None:
        _paint_dot(painter, place, marks.dot, marks.pinned)
    if marks.inset is not None:
        hidden = place.rect(marks.box) if marks.box else QRectF()
        picture_inset.paint(painter, marks.inset, place.clip, hidden, font)
    if marks.framed is not None:
        rect = place.rect(marks.framed)
        overlay.outline(painter, rect)
        _tag(painter, place, rect, marks.framed_label)
    painter.restore()


def _paint_box(painter: QPainter, place: Place, box: Box) -> None:
    rect = place.rect(box)
    if min(rect.width(), rect.height()) < 7:  # a box of three pixels must still be seen
        centre = rect.center()
        rect = QRectF(centre.x() - 4, centre.y() - 4, 8, 8)
    if place.holds(box):
        overlay.outline(painter, rect)
    else:
        overlay.outline_partly(painter, rect, place.area)


def _paint_pixel(painter: QPainter, place: Place, pixel: tuple[int, int]) -> None:
    cell = place.rect(Box(*pixel, 1, 1))
    radius = max(5.0, place.zoom * 0.6)
    overlay.ring(painter, cell.center(), radius)


def _paint_dot(painter: QPainter, place: Place, dot: tuple[int, int], pinned: bool) -> None:
    cell = place.rect(Box(*dot, 1, 1))
    if pinned:
        overlay.ring(painter, cell.center(), max(10.0, place.zoom * 0.8))
    if place.zoom >= 7:
        overlay.outline(painter, cell)
    else:
        overlay.cross(painter, cell.center(), 7)


def _paint_spot(painter: QPainter, place: Place, spot: Spot) -> None:
    rect = place.rect(spot.box)
    if spot.box.height * spot.box.width == 1:
        radius = max(8.0, place.zoom * 0.75)
        overlay.ring(painter, rect.center(), radius)
        rect = QRectF(rect.center().x() - radius, rect.center().y() - radius, 2 * radius, 2 * radius)
    else:
        if min(rect.width(), rect.height()) < 9:
            rect = QRectF(rect.center().x() - 5, rect.center().y() - 5, 10, 10)
        overlay.outline(painter, rect)
        overlay.outline(painter, rect.adjusted(-2, -2, 2, 2))
    _tag(painter, place, rect, spot.label)


def _tag(painter: QPainter, place: Place, rect: QRectF, text: str) -> None:
    """A word below a rectangle, or above it where there is no room."""
    if not text:
        return
    metrics = QFontMetricsF(painter.font())
    width, height = metrics.horizontalAdvance(text) + 8, metrics.height() + 2
    clip = place.clip if not place.clip.isEmpty() else place.area
    x = min(max(rect.center().x() - width / 2, clip.left() + 1), clip.right() - width - 1)
    y = rect.bottom() + 4
    if y + height > clip.bottom():
        y = rect.top() - height - 4
    if y < clip.top():
        y = clip.top() + 1
    label = QRectF(x, y, width, height)
    painter.save()
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(0, 0, 0, 190))
    painter.drawRoundedRect(label, 3, 3)
    painter.setPen(QColor(255, 255, 255))
    painter.drawText(label, Qt.AlignmentFlag.AlignCenter, text)
    painter.restore()


def _paint_unused(painter: QPainter, place: Place, windows: Windows) -> None:
    rows, columns = windows.size
    below, right = windows.unused
    strips = []
    if below:
        strips.append(place.rect(Box(rows - below, 0, below, columns)))
        strips[-1].setTop(min(strips[-1].top(), strips[-1].bottom() - _LEAST_STRIP))
    if right:
        strips.append(place.rect(Box(0, columns - right, rows - below, right)))
        strips[-1].setLeft(min(strips[-1].left(), strips[-1].right() - _LEAST_STRIP))
    for strip in strips:
        _hatch(painter, strip)


def _hatch(painter: QPainter, rect: QRectF) -> None:
    """Diagonal lines in black and white over a veil, so that they are seen on every colour."""
    painter.save()
    painter.setClipRect(rect, Qt.ClipOperation.IntersectClip)
    painter.fillRect(rect, QColor(128, 128, 128, 150))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    visible = rect.intersected(QRectF(painter.viewport()))
    step, height = 7.0, visible.height()
    start = visible.left() - height - (visible.left() - height) % step
    lines = [
        (QPointF(start + i * step, visible.bottom()), QPointF(start + i * step + height, visible.top()))
        for i in range(int((visible.width() + height) / step) + 2)
    ]
    for colour, offset in ((_DARK, 1.5), (_LIGHT, 0.0)):
        painter.setPen(QPen(colour, 1.5))
        for first, second in lines:
            painter.drawLine(first + QPointF(offset, 0), second + QPointF(offset, 0))
    painter.restore()


def _paint_padding(painter: QPainter, place: Place, windows: Windows) -> None:
    top, bottom, left, right = windows.padding
    rows, columns = windows.size
    if not any(windows.padding) or max(windows.padding) * place.zoom < 3:
        return
    outer = place.rect(Box(-top, -left, rows + top + bottom, columns + left + right))
    overlay.outline(painter, outer, dashed=True)
    if place.zoom < _ROOM_FOR_NUMBERS:
        return
    painter.setPen(QColor(150, 150, 150))
    visible = QRectF(painter.viewport())
    for row in range(-top, rows + bottom):
        for column in range(-left, columns + right):
            if 0 <= row < rows and 0 <= column < columns:
                continue
            cell = place.rect(Box(row, column, 1, 1))
            if visible.intersects(cell):
                painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, windows.fill)


def thinning(windows: Windows, zoom: float) -> int:
    """Every how many-th window is drawn, so that those drawn can be told apart."""
    gaps = [starts[1] - starts[0] for starts in (windows.rows, windows.columns) if len(starts) > 1]
    apart = min(gaps, default=1) * zoom
    return 1 if apart >= _CLOSE or not gaps else max(1, round(_APART / apart))


def _paint_positions(painter: QPainter, place: Place, windows: Windows) -> None:
    if not windows.rows or not windows.columns:
        return
    every = thinning(windows, place.zoom)
    gaps = [starts[1] - starts[0] for starts in (windows.rows, windows.columns) if len(starts) > 1]
    apart = min(gaps, default=min(windows.span)) * place.zoom * every
    painter.save()
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if every == 1:
        _outline_positions(painter, place, windows)
    else:
        _corner_positions(painter, place, windows, every)
    painter.restore()
    if every == 1 and apart >= _ROOM_FOR_NUMBERS:
        _number_positions(painter, place, windows)


def _outline_positions(painter: QPainter, place: Place, windows: Windows) -> None:
    """Every window. Where they overlap, the corner in which each begins is what can be counted."""
    visible = QRectF(painter.viewport())
    height, width = windows.span
    rects = [
        place.rect(Box(row, column, height, width)) for row in windows.rows for column in windows.columns
    ]
    ends = [rects[0], rects[-1]]
    rects = [rect for rect in rects if visible.intersects(rect)]
    strides = [starts[1] - starts[0] for starts in (windows.rows, windows.columns) if len(starts) > 1]
    overlapping = any(stride < span for stride, span in zip(strides, (height, width), strict=False))
    faint = 60 if overlapping else 200
    for colour, thick in ((QColor(0, 0, 0, faint), 2.0), (QColor(255, 255, 255, faint), 1.0)):
        painter.setPen(QPen(colour, thick))
        painter.drawRects([rect.adjusted(1, 1, -1, -1) for rect in rects])
    if not overlapping:
        return
    arm = min(max(min(strides) * place.zoom * 0.45, 2.0), 14.0)
    for colour, thick in ((_DARK, 3.5), (_LIGHT, 1.6)):
        painter.setPen(QPen(colour, thick, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
        for rect in rects:
            corner = rect.topLeft() + QPointF(1, 1)
            painter.drawPolyline([corner + QPointF(0, arm), corner, corner + QPointF(arm, 0)])
    for rect in ends:
        overlay.outline(painter, rect)


def _corner_positions(painter: QPainter, place: Place, windows: Windows, every: int) -> None:
    """The first corners of some."""
    visible = QRectF(painter.viewport())
    corners = [
        place.rect(Box(row, column, 1, 1)).topLeft()
        for row in windows.rows[::every]
        for column in windows.columns[::every]
    ]
    for colour, thick in ((QColor(0, 0, 0, 130), 2.5), (QColor(255, 255, 255, 200), 1.0)):
        painter.setPen(QPen(colour, thick, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
        for corner in corners:
            if visible.contains(corner):
                painter.drawPolyline([corner + QPointF(0, 3), corner, corner + QPointF(3, 0)])


def _number_positions(painter: QPainter, place: Place, windows: Windows) -> None:
    """1, 2, 3, ... along the first row and the first column of windows."""
    along = [(windows.rows[0], column, i) for i, column in enumerate(windows.columns)]
    along += [(row, windows.columns[0], i) for i, row in enumerate(windows.rows) if i]
    metrics = QFontMetricsF(painter.font())
    for row, column, index in along:
        corner = place.rect(Box(row, column, 1, 1)).topLeft() + QPointF(4, 3)
        text = str(index + 1)
        label = QRectF(corner.x(), corner.y(), metrics.horizontalAdvance(text) + 4, metrics.height() - 1)
        painter.fillRect(label, QColor(0, 0, 0, 150))
        painter.setPen(QColor(255, 255, 255))
        painter.drawText(label, Qt.AlignmentFlag.AlignCenter, text)
