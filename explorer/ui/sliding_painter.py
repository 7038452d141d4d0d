"""One frame of a sliding window, drawn on anything of any size: input, terms and map side by side, a line below."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPen

from explorer.layers.sliding_steps import Step
from explorer.ui.sliding_pictures import Pictures, Place
from explorer.ui.sliding_scene import SlidingScene
from explorer.ui.sliding_terms import Terms
from explorer.ui.sliding_text import paint_line, scaled
from explorer.ui.theme import Theme

_MARGIN = 12.0
_GAP = 28.0
_MANY_COLUMNS = 4


@dataclass(frozen=True)
class Layout:
    """Where everything lies on a surface."""

    titles: tuple[QRectF, QRectF, QRectF]
    left: QRectF
    middle: QRectF
    right: QRectF
    caption: QRectF


def layout(rect: QRectF, font: QFont, columns: int) -> Layout:
    """Divide a surface; a kernel of many ``columns`` needs a wider middle."""
    line = QFontMetricsF(font).height()
    inner = rect.adjusted(_MARGIN, 6, -_MARGIN, -6)
    caption = QRectF(inner.x(), inner.bottom() - line * 1.25 - 4, inner.width(), line * 1.25 + 4)
    title = line + 6
    height = caption.top() - inner.top() - title - 4
    share = 0.27 if columns < _MANY_COLUMNS else 0.31
    middle = min(max(inner.width() * share, 190.0), 480.0, inner.width() * 0.4)
    side = (inner.width() - middle - 2 * _GAP) / 2
    starts = (inner.x(), inner.x() + side + _GAP, inner.x() + side + 2 * _GAP + middle)
    widths = (side, middle, side)
    titles = [QRectF(x, inner.top(), width, title) for x, width in zip(starts, widths, strict=True)]
    panels = [QRectF(x, inner.top() + title, width, height) for x, width in zip(starts, widths, strict=True)]
    return Layout((titles[0], titles[1], titles[2]), panels[0], panels[1], panels[2], caption)


class FramePainter:
    """Draws any frame of one scene; keeps what all frames have in common."""

    def __init__(self, scene: SlidingScene, colours: Theme, font: QFont) -> None:
        self.scene = scene
        self._colours, self._font = colours, font
        self._pictures = Pictures(scene, colours, font)
        self._terms = Terms(scene, colours, font)

    def _layout(self, rect: QRectF) -> Layout:
        return layout(rect, self._font, self.scene.layer.kernel_size[1])

    def places(self, rect: QRectF) -> tuple[Place, Place]:
        """Where input and map lie on a surface."""
        parts = self._layout(rect)
        left = self._pictures.input_place(parts.left)
        return left, self._pictures.output_place(parts.right, left)

    def index_at(self, rect: QRectF, position: QPointF) -> int | None:
        """The place in the order of what lies under a point: the cell of the map, or the window around a pixel."""
        scene, parts = self.scene, self._layout(rect)
        left, right = self.places(rect)
        if parts.right.contains(position):
            return scene.walk.index(*right.pixel(position))
        if not parts.left.contains(position):
            return None
        row, column = left.pixel(position)
        window, padding = scene.layer.sliding_window, scene.layer.resolved_padding(scene.input_shape)
        spans = [window.dilation[axis] * (window.kernel_size[axis] - 1) for axis in (0, 1)]
        return scene.walk.index(
            round((row + padding[0] - spans[0] / 2) / window.stride[0]),
            round((column + padding[2] - spans[1] / 2) / window.stride[1]),
        )

    def paint(self, painter: QPainter, rect: QRectF, index: int) -> None:
        """Draw the frame of a place in the order."""
        shown = self.scene.step(index)
        parts = self._layout(rect)
        left, right = self.places(rect)
        painter.fillRect(rect, QColor(self._colours.window))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        self._paint_titles(painter, parts)
        for draw, area, place in (
            (self._pictures.paint_input, parts.left, left),
            (self._pictures.paint_output, parts.right, right),
        ):
            painter.save()
            painter.setClipRect(area.adjusted(-4, -3, 4, 3), Qt.ClipOperation.IntersectClip)
            draw(painter, place, shown)
            painter.restore()
        self._terms.paint(painter, parts.middle, shown)
        self._paint_beams(painter, parts, (left, right), shown)
        text = QColor(self._colours.text)
        paint_line(painter, parts.caption, self.scene.sentence(shown), scaled(self._font, 1.15), text)

    def image(self, size: QSize, index: int) -> QImage:
        """A frame as a picture."""
        image = QImage(size, QImage.Format.Format_RGB32)
        painter = QPainter(image)
        self.paint(painter, QRectF(0, 0, size.width(), size.height()), index)
        painter.end()
        return image

    def _paint_titles(self, painter: QPainter, parts: Layout) -> None:
        scene = self.scene
        bold = QFont(self._font)
        bold.setBold(True)
        texts = (scene.input_title, scene.middle_title, scene.output_title)
        for text, place in zip(texts, parts.titles, strict=True):
            paint_line(painter, place, text, bold, QColor(self._colours.text))

    def _paint_beams(
        self, painter: QPainter, parts: Layout, places: tuple[Place, Place], shown: Step
    ) -> None:
        """Thin lines from the window to its terms, and from these to the cell that they make."""
        cells = self._terms.cells_rect(parts.middle)
        window = self._pictures.window_rect(places[0], shown)
        cell = self._pictures.cell_rect(places[1], shown)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        lines = (
            (window.topRight(), cells.topLeft()),
            (window.bottomRight(), cells.bottomLeft()),
            (cells.topRight(), cell.topLeft()),
            (cells.bottomRight(), cell.bottomLeft()),
        )
        beam = QColor(self._colours.note)
        beam.setAlpha(190)
        for colour, width in ((QColor(0, 0, 0, 60), 2.6), (beam, 1.2)):
            painter.setPen(QPen(colour, width))
            for start, end in lines:
                painter.drawLine(start, end)
        painter.restore()
