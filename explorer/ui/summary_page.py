"""The network in figures, as Keras and torchinfo print it: a page of the drawer."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QGuiApplication,
    QKeyEvent,
    QPainter,
    QPalette,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from explorer.document.document import Document
from explorer.layers.summary import NetworkSummary, summarize
from explorer.summary import HEADINGS, as_markdown, as_text
from explorer.ui import theme
from explorer.ui.controls import elastic_label, second_label
from explorer.ui.summary_model import SummaryModel

_ROW = 2  # pixels of a row around its text
_CELL = 18  # pixels of a column beside its text
_SHORT_CELL = 12  # where there is little room
_LEAST_NAME = 80
_LEFT_OUT = " to the same output"  # of the sentence, where there is little room
_MOST_AIR = 36  # more pixels that a column takes where there is room
_NARROW = 1000  # pixels of the page

_HEADER = """
QHeaderView { background: transparent; border: none; }
QHeaderView::section { background: transparent; border: none; border-bottom: 1px solid palette(mid); padding: 0 3px; }
"""

_Index = QModelIndex | QPersistentModelIndex


class _Look(QStyledItemDelegate):
    """The chosen row in a quiet accent, the total bold, what is wrong in the colour of errors."""

    def __init__(self, view: QTableView, model: SummaryModel) -> None:
        super().__init__(view)
        self._view, self._model = view, model

    def initStyleOption(self, option: QStyleOptionViewItem, index: _Index) -> None:
        super().initStyleOption(option, index)
        colours = theme.of(self._view)
        palette: QPalette = option.palette
        text = colours.error if index.row() == self._model.error_row else colours.text
        share = 0.34 if self._view.hasFocus() else 0.18
        palette.setColor(QPalette.ColorRole.Text, QColor(text))
        palette.setColor(QPalette.ColorRole.HighlightedText, QColor(text))
        palette.setColor(QPalette.ColorRole.Highlight, theme.mixed(colours.accent, colours.panel, share))
        option.palette = palette
        state: QStyle.StateFlag = option.state
        option.state = state & ~QStyle.StateFlag.State_HasFocus
        option.font = theme.font(self._view, bold=self._is_total(index))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        super().paint(painter, option, index)
        if self._is_total(index):
            painter.setPen(QColor(theme.of(self._view).line))
            painter.drawLine(option.rect.topLeft(), option.rect.topRight())

    def _is_total(self, index: _Index) -> bool:
        return index.row() == self._model.rowCount() - 1


class _Table(QTableView):
    """Return picks the row that the keyboard is on, which stays in sight."""

    resized = Signal()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.resized.emit()
        if self.currentIndex().isValid():
            self.scrollTo(self.currentIndex())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            if self.currentIndex().isValid():
                self.clicked.emit(self.currentIndex())
            return
        super().keyPressEvent(event)


class SummaryPage(QWidget):
    """A table of the layers. While it is hidden it only remembers what it would show.

    Signals
    -------
    layer_picked(index)
        The user clicked a layer's row, or pressed Return on it.
    message(sentence)
        What was copied.
    """

    layer_picked = Signal(int)
    message = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Summary of the network")
        self._document: Document | None = None
        self._memory_limit: int | None = None
        self._seconds: Mapping[str, float] = {}
        self._selected = -1
        self._due = False
        self.model = SummaryModel(self)
        self.table = self._make_table()
        self.line = elastic_label()
        self.line.setAccessibleName("About the chosen layer")
        self._totals = second_label("")
        self.copy_text = self._button("Copy as text", "Copy the table as plain text", self._copy_text)
        self.copy_markdown = self._button(
            "Copy as Markdown", "Copy the table as Markdown, for a README or a notebook", self._copy_markdown
        )
        foot = QHBoxLayout()
        foot.setContentsMargins(3, 0, 0, 0)
        foot.setSpacing(8)
        foot.addWidget(self.line, 1)
        for widget in (self._totals, self.copy_text, self.copy_markdown):
            foot.addWidget(widget)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 2)
        layout.setSpacing(2)
        layout.addWidget(self.table, 1)
        layout.addLayout(foot)

    def show_document(self, document: Document, memory_limit: int | None) -> None:
        """Follow the document; ``memory_limit`` is in bytes."""
        same = (
            self._document is not None
            and document.network is self._document.network
            and document.input_shape == self._document.input_shape
        )
        if same and memory_limit == self._memory_limit:
            return
        self._document, self._memory_limit = document, memory_limit
        self._refresh()

    def show_times(self, seconds: Mapping[str, float]) -> None:
        """What layers take, by their names."""
        if dict(seconds) != self._seconds:
            self._seconds = dict(seconds)
            self._refresh()

    def show_selection(self, index: int) -> None:
        """Mark the layer that is on the stage; -1 where there is none."""
        self._selected = index
        if self.isVisible():
            self._mark()

    @property
    def summary(self) -> NetworkSummary:
        """The figures that are shown."""
        return self.model.summary

    def _refresh(self) -> None:
        self._due = True
        if not self.isVisible() or self._document is None:
            return
        self._due = False
        document = self._document
        summary = summarize(
            document.network,
            document.input_shape,
            memory_limit=self._memory_limit,
            seconds=self._seconds,
        )
        if summary == self.model.summary:
            return  # painting changes weights sixty times a second, and no figure
        anew = self.model.show(summary)
        self._totals.setText(f"{summary.parameters:,} parameters")
        self._fit_columns()
        if anew:
            self.table.clearSpans()
            row = self.model.error_row
            if row is not None:
                self.table.setSpan(row, 1, 1, len(HEADINGS) - 1)
            self._mark()
        else:
            self._say()

    def _mark(self) -> None:
        """Choose the row of the selected layer."""
        rows = range(self.model.rowCount())
        row = next((row for row in rows if self.model.layer_of(row) == self._selected), -1)
        if row < 0:
            self.table.clearSelection()
            self.table.setCurrentIndex(QModelIndex())
        elif row != self.table.currentIndex().row():
            self.table.setCurrentIndex(self.model.index(row, 0))
        if row >= 0:
            self.table.scrollTo(self.model.index(row, 0))
        self._say()

    def _say(self) -> None:
        row = self.table.currentIndex().row()
        sentence = self.model.sentence(row)
        layer = self.model.layer_of(row)
        named = layer is not None and row != self.model.error_row
        name = f"<b>{escape(self.model.summary.layers[row].name)}</b>: " if named else ""
        shown = sentence.replace(_LEFT_OUT, "") if self.width() < _NARROW else sentence
        self.line.setText(name + escape(shown, quote=False) if name else shown)
        self.line.setToolTip(sentence)

    def _go(self, index: QModelIndex) -> None:
        layer = self.model.layer_of(index.row())
        if layer is not None:
            self.layer_picked.emit(layer)

    def _copy_text(self) -> None:
        self._copy(as_text(self.summary), "text")

    def _copy_markdown(self) -> None:
        self._copy(as_markdown(self.summary), "Markdown")

    def _copy(self, text: str, form: str) -> None:
        QGuiApplication.clipboard().setText(text)
        self.message.emit(f"Copied the summary of the network as {form}.")

    def _fit_columns(self) -> None:
        """Each column as wide as its widest text, and shorter texts where that is too much."""
        metrics = QFontMetrics(theme.font(self, bold=True))  # of the total
        height = metrics.height() + 2 * _ROW
        self.table.verticalHeader().setDefaultSectionSize(height)
        self.table.horizontalHeader().setFixedHeight(height)
        bar = self.table.verticalScrollBar().sizeHint().width()  # there or not, so that nothing moves
        room = self.table.width() - bar
        self.model.set_short(False)
        widths = self._widths(metrics, _CELL)
        if sum(widths) > room:
            self.model.set_short(True)
            widths = self._widths(metrics, _SHORT_CELL)
            widths[0] = max(_LEAST_NAME, widths[0] - max(0, sum(widths) - room))
        air = min(_MOST_AIR, max(0, room - sum(widths)) // len(widths))
        for column, width in enumerate(widths):
            self.table.setColumnWidth(column, width + air)

    def _widths(self, metrics: QFontMetrics, beside: int) -> list[int]:
        rows = [row for row in range(self.model.rowCount()) if row != self.model.error_row]
        return [
            beside
            + max(
                metrics.horizontalAdvance(text)
                for text in (self.model.heading(column), *(self.model.text(row, column) for row in rows))
            )
            for column in range(len(HEADINGS))
        ]

    def _make_table(self) -> _Table:
        table = _Table(self)
        table.setAccessibleName("Summary of the network: layers")
        table.setModel(self.model)
        table.setItemDelegate(_Look(table, self.model))
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        table.setTabKeyNavigation(False)
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.viewport().setAutoFillBackground(False)
        header = table.horizontalHeader()
        header.setStyleSheet(_HEADER)
        header.setHighlightSections(False)
        header.setSectionsClickable(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        table.verticalHeader().hide()
        table.verticalHeader().setMinimumSectionSize(8)
        table.resized.connect(self._fit_columns)
        table.clicked.connect(self._go)
        table.selectionModel().currentRowChanged.connect(self._say)
        return table

    def _button(self, text: str, tip: str, run: object) -> QToolButton:
        button = QToolButton(self)
        button.setText(text)
        button.setToolTip(tip)
        button.setAccessibleName(text)
        button.setProperty("role", "field")
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(run)
        return button

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._due:
            self._refresh()
        self._mark()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = event.size().width() < _NARROW
        self._totals.setVisible(not narrow)
        self.copy_text.setText("Text" if narrow else "Copy as text")
        self.copy_markdown.setText("Markdown" if narrow else "Copy as Markdown")
        self._say()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._fit_columns()
