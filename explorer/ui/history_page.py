"""The history: every undo step in words, and a click goes there."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QAbstractListModel, QEvent, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QPainter, QResizeEvent, QShowEvent, QUndoStack
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLabel,
    QListView,
    QStackedLayout,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from explorer.ui import theme

_EMPTY = "Nothing to undo yet: every edit will be listed here."
_ROW = 8  # pixels of a row around its text
_COLUMN = 18  # widths of the letter M that a column has at least
_BAR = 3

_Index = QModelIndex | QPersistentModelIndex


class _Steps(QAbstractListModel):
    """The start, then one row for each undo step; row i is the state after i steps."""

    def __init__(self, undo_stack: QUndoStack, parent: QWidget) -> None:
        super().__init__(parent)
        self._stack = undo_stack
        self._rows = undo_stack.count() + 1
        self.present = undo_stack.index()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - an invalid index, never changed
        return 0 if parent.isValid() else self._rows

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row = index.row()
        if not index.isValid() or row >= self._rows:
            return None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return self._text(row)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            state = " (present state)" if row == self.present else " (undone)" if row > self.present else ""
            return f"{row}: {self._text(row)}{state}"
        return None

    def _text(self, row: int) -> str:
        if row:
            return self._stack.text(row - 1)
        return (
            "Start" if self._rows <= self._stack.undoLimit() or not self._stack.undoLimit() else "Oldest kept"
        )

    def follow(self) -> None:
        """Be what the undo stack is now."""
        rows, self.present = self._stack.count() + 1, self._stack.index()
        if rows > self._rows:
            self.beginInsertRows(QModelIndex(), self._rows, rows - 1)
            self._rows = rows
            self.endInsertRows()
        elif rows < self._rows:
            self.beginRemoveRows(QModelIndex(), rows, self._rows - 1)
            self._rows = rows
            self.endRemoveRows()
        self.dataChanged.emit(self.index(0), self.index(self._rows - 1))  # at the limit every row moves up


class _StepLook(QStyledItemDelegate):
    """Draws a step: its number, its words, and a bar where it is the present one."""

    def __init__(self, model: _Steps, view: QListView) -> None:
        super().__init__(view)
        self._model = model
        self._view = view

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return self._view.gridSize()

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        colours = theme.of(self._view)
        row, present = index.row(), self._model.present
        area: QRect = option.rect.adjusted(0, 0, -8, -1)
        state: QStyle.StateFlag = option.state
        painter.save()
        if row == present:
            painter.fillRect(area, theme.mixed(colours.accent, colours.panel, 0.16))
            painter.fillRect(QRect(area.left(), area.top(), _BAR, area.height()), QColor(colours.accent))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(area, theme.mixed(colours.accent, colours.panel, 0.08))
        if state & QStyle.StateFlag.State_HasFocus and state & QStyle.StateFlag.State_Selected:
            painter.setPen(QColor(colours.accent))
            painter.drawRect(area.adjusted(0, 0, -1, -1))
        number_width = QFontMetrics(theme.font(self._view)).horizontalAdvance("0000")
        numbers = QRect(area.left() + _BAR, area.top(), number_width, area.height())
        words = area.adjusted(_BAR + number_width + 8, 0, -4, 0)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setFont(theme.font(self._view))
        painter.setPen(QColor(colours.second))
        if row:
            painter.drawText(numbers, int(middle | Qt.AlignmentFlag.AlignRight), str(row))
        painter.setFont(theme.font(self._view, bold=row == present))
        painter.setPen(QColor(colours.second if row > present else colours.text))
        text = painter.fontMetrics().elidedText(str(index.data()), Qt.TextElideMode.ElideRight, words.width())
        painter.drawText(words, int(middle | Qt.AlignmentFlag.AlignLeft), text)
        painter.restore()


class _StepList(QListView):
    """Columns of equal width that fill the page; Return goes to the chosen step."""

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.fit_columns()
        super().resizeEvent(event)

    def fit_columns(self) -> None:
        """As many columns as have room for some words, and rows as high as the text."""
        metrics = QFontMetrics(theme.font(self))
        wanted = _COLUMN * metrics.horizontalAdvance("M")
        width = self.viewport().width() - 1
        size = QSize(width // max(1, width // wanted), metrics.height() + _ROW)
        if size != self.gridSize():
            self.setGridSize(size)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            if self.currentIndex().isValid():
                self.clicked.emit(self.currentIndex())
            return
        super().keyPressEvent(event)


class HistoryPage(QWidget):
    """Lists the undo steps; the present one is marked, undone ones are in the second colour.

    ``go_to`` takes the number of steps that shall be done; by default the undo stack itself goes there.
    """

    def __init__(
        self,
        undo_stack: QUndoStack,
        go_to: Callable[[int], object] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._stack = undo_stack
        self._go_to = go_to or undo_stack.setIndex
        self.model = _Steps(undo_stack, self)
        self.list = self._make_list()
        self._hint = QLabel(_EMPTY)
        self._hint.setProperty("role", "second")
        self._hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._layers = QStackedLayout(self)
        self._layers.addWidget(self.list)
        self._layers.addWidget(self._hint)
        undo_stack.indexChanged.connect(self._follow)
        self._follow()

    def _make_list(self) -> _StepList:
        steps = _StepList(self)
        steps.setAccessibleName("History: undo steps")
        steps.setModel(self.model)
        steps.setItemDelegate(_StepLook(self.model, steps))
        steps.setFlow(QListView.Flow.TopToBottom)
        steps.setWrapping(True)
        steps.setResizeMode(QListView.ResizeMode.Adjust)
        steps.setUniformItemSizes(True)
        steps.setMouseTracking(True)
        steps.viewport().setAutoFillBackground(False)
        steps.setFrameShape(QListView.Shape.NoFrame)
        steps.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        steps.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        steps.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        steps.clicked.connect(self._go)
        return steps

    def _go(self, index: QModelIndex) -> None:
        if index.row() != self._stack.index():
            self._go_to(index.row())

    def _follow(self) -> None:
        if not self.isVisible():
            return
        self.model.follow()
        empty = self._stack.count() == 0
        self._layers.setCurrentWidget(self._hint if empty else self.list)
        present = self.model.index(self.model.present)
        if present != self.list.currentIndex():
            self.list.setCurrentIndex(present)
            self.list.scrollTo(present)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._follow()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self.list.fit_columns()
