"""The bars of the shift test: one per layer, as a list that screen readers can read."""

from __future__ import annotations

import math

from PySide6.QtCore import QAbstractListModel, QEvent, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from explorer.layers.shift import LayerShift
from explorer.ui import theme
from explorer.ui.shift_words import along_words, moves_along, percent

_COLUMN = 280  # pixels that a column of rows has at least
_ROW, _HIGHEST_ROW = 2, 9  # pixels of a row around its text
_GAP = 16  # between columns

_Index = QModelIndex | QPersistentModelIndex


class ShiftModel(QAbstractListModel):
    """One row for each layer."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.shifts: tuple[LayerShift, ...] = ()

    def show(self, shifts: tuple[LayerShift, ...]) -> None:
        """Show other layers, or other numbers of the same."""
        same = [shift.name for shift in shifts] == [shift.name for shift in self.shifts]
        if not same:
            self.beginResetModel()
        self.shifts = shifts
        if not same:
            self.endResetModel()
        elif shifts:
            self.dataChanged.emit(self.index(0), self.index(len(shifts) - 1))

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - an invalid index, never changed
        return 0 if parent.isValid() else len(self.shifts)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid() or index.row() >= len(self.shifts):
            return None
        shift = self.shifts[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            words = (
                f"{shift.name}{' (pooling)' if shift.is_pooling else ''}: changes by {percent(shift.change)}"
            )
            along = along_words(shift)
            return f"{words}, {along}" if along else words
        if role == Qt.ItemDataRole.ToolTipRole:
            return _tip(shift)
        return None


def _tip(shift: LayerShift) -> str:
    lines = [f"{shift.name}: the output changes by {percent(shift.change)} of its own size."]
    if moves_along(shift):
        lines.append("Moved back by as much as the picture was, it is the same.")
    elif shift.moved is not None:
        lines.append(f"Moved back by as much as the picture was, {percent(shift.moved)} remain.")
    elif shift.jump is not None:
        lines.append(
            f"One output is {shift.jump[1]} pixels across and {shift.jump[0]} down: "
            "the nudge is no whole number of them, so no move undoes it."
        )
    return "\n".join(lines)


class _Look(QStyledItemDelegate):
    """Name, bar, number, and whether the maps only moved."""

    def __init__(self, model: ShiftModel, view: ShiftList) -> None:
        super().__init__(view)
        self._model, self._view = model, view

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return self._view.gridSize()

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        if index.row() >= len(self._model.shifts):
            return
        shift, colours = self._model.shifts[index.row()], theme.of(self._view)
        area: QRect = option.rect.adjusted(0, 1, -_GAP, -1)
        painter.save()
        if shift.is_pooling:
            painter.fillRect(area, theme.mixed(colours.accent, colours.panel, 0.16))
        state: QStyle.StateFlag = option.state
        if state & QStyle.StateFlag.State_HasFocus and state & QStyle.StateFlag.State_Selected:
            painter.setPen(QColor(colours.accent))
            painter.drawRect(area.adjusted(0, 0, -1, -1))
        name, bar, amount, along = self._view.columns(area)
        middle = int(Qt.AlignmentFlag.AlignVCenter)
        painter.setFont(theme.font(self._view, bold=shift.is_pooling))
        painter.setPen(QColor(colours.text))
        elide = Qt.TextElideMode.ElideRight
        painter.drawText(name, middle, painter.fontMetrics().elidedText(shift.name, elide, name.width()))
        self._paint_bar(painter, bar, shift)
        painter.setPen(QColor(colours.text))
        painter.drawText(amount, middle | int(Qt.AlignmentFlag.AlignRight), percent(shift.change))
        painter.setFont(theme.font(self._view))
        painter.setPen(QColor(colours.second))
        words = painter.fontMetrics().elidedText(along_words(shift), elide, along.width())
        painter.drawText(along, middle, words)
        painter.restore()

    def _paint_bar(self, painter: QPainter, bar: QRect, shift: LayerShift) -> None:
        colours = theme.of(self._view)
        share = min(shift.change, 1.0) if math.isfinite(shift.change) else 1.0
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.mixed(colours.field_border, colours.panel, 0.32))
        painter.drawRoundedRect(bar, 3, 3)
        filled = QRect(bar)
        filled.setWidth(round(bar.width() * share))
        painter.setBrush(QColor(colours.accent if shift.is_pooling else colours.field_border))
        if filled.width():
            painter.drawRoundedRect(filled, 3, 3)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


class ShiftList(QListView):
    """Rows in columns that fill the page."""

    def __init__(self, model: ShiftModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.setAccessibleName("Shift test: how much each layer changes")
        self.setModel(model)
        self.setItemDelegate(_Look(model, self))
        self.setFlow(QListView.Flow.TopToBottom)
        self.setWrapping(True)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.viewport().setAutoFillBackground(False)
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        model.modelReset.connect(self.fit_columns)

    def columns(self, area: QRect) -> tuple[QRect, QRect, QRect, QRect]:
        """Where name, bar, number and words of a row are."""
        metrics = QFontMetrics(theme.font(self, bold=True))
        names = [metrics.horizontalAdvance(shift.name) + 4 for shift in self._model.shifts]
        name = min(max(names, default=60), area.width() // 3)
        amount = metrics.horizontalAdvance("< 0.1 %") + 4
        words = QFontMetrics(theme.font(self)).horizontalAdvance("moved back: 100 %") + 4
        bar = area.width() - name - amount - words - 32
        if bar < 60:  # the words are in the tooltip, too
            words, bar = 0, area.width() - name - amount - 24
        x, height = area.x() + 6, area.height()
        places = [QRect(x, area.y(), name, height)]
        places.append(QRect(x + name + 6, area.center().y() - 4, bar, 9))
        places.append(QRect(places[-1].right() + 5, area.y(), amount, height))
        places.append(QRect(places[-1].right() + 9, area.y(), words, height))
        return places[0], places[1], places[2], places[3]

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.fit_columns()
        super().resizeEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self.fit_columns()

    def fit_columns(self) -> None:
        """As few columns as hold all rows, each as wide as there is room for."""
        text, count = QFontMetrics(theme.font(self)).height(), max(1, len(self._model.shifts))
        width, room = self.width() - 1, self.height() - 2  # a row that just fits is put into the next column
        rows = max(1, room // (text + _ROW))
        columns = math.ceil(count / rows)
        fits = columns <= max(1, width // _COLUMN)
        off, needed = Qt.ScrollBarPolicy.ScrollBarAlwaysOff, Qt.ScrollBarPolicy.ScrollBarAsNeeded
        self.setHorizontalScrollBarPolicy(off if fits else needed)
        if fits:
            height = min(room // math.ceil(count / columns), text + _HIGHEST_ROW)
        else:
            columns, height = max(1, width // _COLUMN), text + _ROW
        size = QSize(width // columns, height)
        if size != self.gridSize():
            self.setGridSize(size)
