"""The list of presets: what each kernel looks like, what it makes of the user's picture, and what it is for."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFontMetrics, QImage, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from explorer.imaging.colormaps import Colormap
from explorer.layers.fields import Array
from explorer.ui import theme
from explorer.ui.preset_pictures import kernel_pixmap, layout, map_pixmap, mosaic
from explorer.ui.presets import Preset

Index = QModelIndex | QPersistentModelIndex
_KERNEL = Qt.ItemDataRole.UserRole
_MAP = Qt.ItemDataRole.UserRole + 1
_WHY = Qt.ItemDataRole.UserRole + 2
_KERNEL_SIZE = QSize(40, 40)
_MAP_SIZE = QSize(56, 40)
_BANK_SIZE = QSize(104, 40)  # of kernel, gap and map together
_BANK_KERNELS = 10
_GAP = 8
_SMALL = 0.92


class PresetModel(QAbstractListModel):
    """The presets that a search found, with pictures by name."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.presets: tuple[Preset, ...] = ()
        self.kernels: dict[str, QPixmap] = {}
        self.maps: dict[str, QPixmap] = {}

    def show_presets(self, presets: tuple[Preset, ...]) -> None:
        """List these."""
        self.beginResetModel()
        self.presets = presets
        self.endResetModel()

    def repaint(self) -> None:
        """Pictures changed."""
        if self.presets:
            self.dataChanged.emit(self.index(0), self.index(len(self.presets) - 1))

    def row_of(self, name: str) -> int:
        """The row of a preset, -1 where it is not listed."""
        return next((row for row, preset in enumerate(self.presets) if preset.name == name), -1)

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.presets)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid() or index.row() >= len(self.presets):
            return None
        preset = self.presets[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return preset.name
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"<b>{escape(preset.name)}</b><br>{escape(preset.why)}"
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{preset.name}: {preset.why}"
        if role == _WHY:
            return preset.why
        if role == _KERNEL:
            return self.kernels.get(preset.name)
        return self.maps.get(preset.name) if role == _MAP else None


class PresetList(QListView):
    """Rows of kernel, map, name and sentence.

    Signals
    -------
    picked(name)
        Another preset is the current one, by mouse or keys.
    typed(text)
        Letters were typed here that belong to the search.
    """

    picked = Signal(str)
    typed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.presets = PresetModel(self)
        self.setModel(self.presets)
        self.setProperty("role", "rows")
        self.setItemDelegate(_PresetDelegate(self))
        self.setUniformItemSizes(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)
        self.nothing = ""

    def show_kernels(self, kernels: dict[str, Array], colormap: Colormap) -> None:
        """The kernel (1, rows, columns) of these names, or those of their bank (n, rows, columns)."""
        ratio = self.devicePixelRatioF()
        for name, values in kernels.items():
            self.presets.kernels[name] = (
                kernel_pixmap(values[0], _KERNEL_SIZE, ratio, colormap)
                if len(values) == 1
                else mosaic(values[:_BANK_KERNELS], _BANK_SIZE, ratio, colormap, _bank_grid(len(values)))
            )
        self.presets.repaint()

    def show_maps(self, maps: dict[str, QImage]) -> None:
        """What these kernels make of the picture."""
        ratio = self.devicePixelRatioF()
        for name, image in maps.items():
            self.presets.maps[name] = map_pixmap(image, _MAP_SIZE, ratio)
        self.presets.repaint()

    def select(self, row: int) -> None:
        """Make a row current, and see it; -1 for none."""
        self.setCurrentIndex(self.presets.index(row) if row >= 0 else QModelIndex())
        if row < 0:
            self.clearSelection()

    def walk(self, step: int) -> None:
        """Go some rows down (or up); one row beyond an end is the other end."""
        rows = self.presets.rowCount()
        if rows:
            now = self.currentIndex().row() if self.currentIndex().isValid() else -1 if step > 0 else 0
            self.select((now + step) % rows if abs(step) == 1 else min(max(now + step, 0), rows - 1))

    @property
    def page(self) -> int:
        """How many rows a page is."""
        return max(2, self.viewport().height() // max(1, self.sizeHintForRow(0)))

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        if current.isValid():
            self.picked.emit(self.presets.presets[current.row()].name)

    def keyboardSearch(self, search: str) -> None:
        self.typed.emit(search)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.nothing and not self.presets.rowCount():
            painter = QPainter(self.viewport())
            painter.setFont(theme.font(self))
            painter.setPen(QColor(theme.of(self).second))
            wrap = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
            painter.drawText(self.viewport().rect().adjusted(16, 32, -16, 0), int(wrap), self.nothing)
            painter.end()


class _PresetDelegate(QStyledItemDelegate):
    """Paints a row; what has no picture yet keeps its place."""

    def __init__(self, parent: QListView) -> None:
        super().__init__(parent)
        self._list = parent

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        lines = sum(QFontMetrics(theme.font(self._list, scale)).height() for scale in (1.0, _SMALL))
        return QSize(160, max(_KERNEL_SIZE.height() + 12, lines + 14))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        area: QRect = option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_back(painter, QRectF(area).adjusted(1.5, 1.5, -1.5, -1.5), option)
        x, y = area.x() + 8, area.y() + (area.height() - _KERNEL_SIZE.height()) // 2
        kernel = index.data(_KERNEL)
        if isinstance(kernel, QPixmap):
            painter.drawPixmap(x, y, kernel)
        wide = isinstance(kernel, QPixmap) and kernel.deviceIndependentSize().width() > _KERNEL_SIZE.width()
        if not wide:
            self._paint_map(
                painter, QRect(QPoint(x + _KERNEL_SIZE.width() + _GAP, y), _MAP_SIZE), index.data(_MAP)
            )
        x += _BANK_SIZE.width() + _GAP + 2
        self._paint_words(painter, QRect(x, area.y(), area.right() - x - 8, area.height()), index)
        painter.restore()

    def _paint_back(self, painter: QPainter, area: QRectF, option: QStyleOptionViewItem) -> None:
        state: QStyle.StateFlag = option.state
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        if chosen or state & QStyle.StateFlag.State_MouseOver:
            colours = theme.of(self._list)
            painter.setPen(QPen(QColor(colours.accent), 1) if chosen else Qt.PenStyle.NoPen)
            painter.setBrush(theme.mixed(colours.accent, colours.card, 0.2 if chosen else 0.08))
            painter.drawRoundedRect(area, 6, 6)

    def _paint_map(self, painter: QPainter, area: QRect, picture: object) -> None:
        if isinstance(picture, QPixmap):
            painter.drawPixmap(area.topLeft(), picture)
        else:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.of(self._list).line))
            painter.drawRoundedRect(area, 4, 4)

    def _paint_words(self, painter: QPainter, area: QRect, index: Index) -> None:
        colours = theme.of(self._list)
        lines = (
            (index.data(Qt.ItemDataRole.DisplayRole), theme.font(self._list), colours.text),
            (index.data(_WHY), theme.font(self._list, _SMALL), colours.second),
        )
        heights = [QFontMetrics(font).height() for _, font, _ in lines]
        y = area.y() + (area.height() - sum(heights) - 2) // 2
        for (text, font, colour), height in zip(lines, heights, strict=True):
            painter.setFont(font)
            painter.setPen(QColor(colour))
            shown = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, area.width())
            painter.drawText(QRect(area.x(), y, area.width(), height), Qt.AlignmentFlag.AlignVCenter, shown)
            y += height + 2


def _bank_grid(filters: int) -> tuple[int, int]:
    return layout(min(filters, _BANK_KERNELS), _BANK_SIZE.width(), _BANK_SIZE.height())
