"""The stack: a card per layer, reordered by dragging, and the Add button."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QFrame,
    QMenu,
    QPushButton,
    QScrollArea,
    QStyle,
    QVBoxLayout,
    QWidget,
)

from explorer.document import edits
from explorer.layers.layer import Layer
from explorer.layers.network import Plan
from explorer.live.compute import Frame
from explorer.live.session import Session
from explorer.ui import theme
from explorer.ui.display import Display
from explorer.ui.layer_card import LayerCard


class StackPanel(QWidget):
    """Shows the network's layers and lets the user edit them."""

    def __init__(
        self,
        session: Session,
        display: Display,
        add_menu: QMenu,
        layer_menu: QMenu,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._display = display
        self._layer_menu = layer_menu
        self._memory_limit: int | None = None
        self.cards: list[LayerCard] = []
        self._names: list[tuple[str, str]] = []
        self._plan: Plan | None = None
        self._selected = -1
        self._inner = _DropArea()
        self._column = QVBoxLayout(self._inner)
        self._column.setContentsMargins(0, 4, 0, 4)  # where the line of a drag to the top or bottom is seen
        self._column.setSpacing(6)
        self.add_button = QPushButton("+ Add layer")
        self.add_button.setAccessibleName("Add layer")
        self.add_button.setToolTip("Add a layer at the end; Insert puts one behind the selected")
        self.add_button.setMenu(add_menu)
        self._column.addWidget(self.add_button)
        self._column.addStretch(1)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(self._inner)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        # a card gets its full height only when it is shown for the first time
        self._scroll.verticalScrollBar().rangeChanged.connect(self._bring_into_sight)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._scroll)
        self.setAccessibleName("Layers")
        display.changed.connect(self._redraw_pictures)

    def set_memory_limit(self, limit: int) -> None:
        """Mark layers that would go beyond this many bytes."""
        self._memory_limit = limit
        self.show_document()

    def show_document(self) -> None:
        """Follow the document at once, before its maps are there."""
        document = self._session.document
        layers = document.network.layers
        names = [(layer.name, layer.type_name) for layer in layers]
        differs = names != self._names or self._session.layer != self._selected
        if names != self._names:
            self._rebuild(layers)
            self._names = names
        self._plan = plan = document.network.plan(document.input_shape, self._memory_limit)
        for index, (card, layer) in enumerate(zip(self.cards, layers, strict=True)):
            at_fault = plan.error is not None and plan.error.index == index
            waiting = plan.error.layer_name if plan.error is not None and index > plan.error.index else ""
            error = plan.error if at_fault else None
            differs |= card.show_layer(layer, plan.input(index), plan.output(index), error, waiting)
        if differs:
            self.show_selection()

    @property
    def needed_width(self) -> int:
        """How wide it has to be for the cards not to be cut, scroll bar included."""
        bar = self.style().pixelMetric(QStyle.PixelMetric.PM_ScrollBarExtent)
        return self._inner.minimumSizeHint().width() + bar

    def show_selection(self) -> None:
        """Open the selected card and close the others."""
        self._selected = selected = self._session.layer
        for index, card in enumerate(self.cards):
            card.set_open(index == selected)
        if 0 <= selected < len(self.cards):
            QTimer.singleShot(0, self, self._bring_into_sight)  # when its height is known

    def _bring_into_sight(self) -> None:
        selected = self._session.layer
        if 0 <= selected < len(self.cards):
            self._inner.layout_now()
            self._scroll.ensureWidgetVisible(self.cards[selected], 0, 8)

    def show_frame(self, frame: Frame) -> None:
        """Show the thumbnails of a pass."""
        names = frame.result.network.names
        for card in self.cards:
            if card.layer.name in names:
                thumbnail = frame.thumbnails[names.index(card.layer.name)]
                if thumbnail is not None:
                    card.picture.show_thumbnail(thumbnail)

    def _redraw_pictures(self) -> None:
        for card in self.cards:
            card.picture.redraw()

    def _rebuild(self, layers: tuple[Layer, ...]) -> None:
        focused = self.window().focusWidget()
        had_focus = focused is not None and any(card.isAncestorOf(focused) for card in self.cards)
        for card in self.cards:
            self._column.removeWidget(card)
            card.hide()
            card.deleteLater()
        self.cards = []
        for index, layer in enumerate(layers):
            card = LayerCard(layer, self._display, self._layer_menu)
            card.selected.connect(self._select)
            card.edited.connect(self._edit)
            card.fix_requested.connect(self._apply_fix)
            card.dragged.connect(self._drag)
            card.dropped.connect(self._drop)
            card.walked.connect(self._walk)
            card.deleted.connect(self._delete)
            self._column.insertWidget(index, card)
            self.cards.append(card)
        before: QWidget = self
        for card in self.cards:
            QWidget.setTabOrder(before, card)
            before = card
        if had_focus and self.cards:  # or it would jump to whatever comes next
            card = self.cards[min(max(self._session.layer, 0), len(self.cards) - 1)]
            card.show()  # the layout would only later, and what is hidden takes no focus
            card.setFocus()

    def _sender_index(self) -> int:
        sender: QObject = self.sender()
        return self.cards.index(sender) if isinstance(sender, LayerCard) and sender in self.cards else -1

    def _select(self) -> None:
        index = self._sender_index()
        if index >= 0:
            self._session.select_layer(index)

    def _edit(self, layer: Layer, text: str, gesture: int) -> None:
        index = self._sender_index()
        if index >= 0:
            self._session.edit(
                edits.replace_layer(self._session.document, index, layer), text, gesture or None
            )
            if gesture:
                self._session.finish_gesture()

    def _apply_fix(self) -> None:
        index = self._sender_index()
        error = self._plan.error if self._plan else None
        if error is not None and error.index == index and error.fix is not None:
            text = f"Fix: {error.fix.label}"
            self._session.edit(edits.replace_by(self._session.document, index, error.fix.layers), text)

    # reordering

    def _drag(self, y: float) -> None:
        target = self._target(y)
        line = (
            self.cards[target].y() - 4 if target < len(self.cards) else self.cards[-1].geometry().bottom() + 3
        )
        self._inner.show_line(line)

    def _drop(self, y: float, copy: bool) -> None:
        self._inner.show_line(-1)
        source, target = self._sender_index(), self._target(y)
        if source < 0:
            return
        document = self._session.document
        if copy:
            self._session.edit(edits.duplicate_layer(document, source, target), "Duplicate layer")
            return
        place = target - 1 if target > source else target
        if place != source:
            self._session.edit(edits.move_layer(document, source, place), "Move layer")

    def _walk(self, step: int) -> None:
        index = self._session.layer + step
        if 0 <= index < len(self.cards):
            self._session.select_layer(index)
            self.cards[index].setFocus()

    def _delete(self) -> None:
        index = self._sender_index()
        if index >= 0:
            self._session.edit(edits.remove_layer(self._session.document, index), "Delete layer")

    def _target(self, y: float) -> int:
        """Before which card a card dropped at global ``y`` would stand."""
        for index, card in enumerate(self.cards):
            middle = card.mapToGlobal(card.rect().center()).y()
            if y < middle:
                return index
        return len(self.cards)


class _DropArea(QWidget):
    """The column of cards, with a line where a dragged one would land."""

    _line = -1

    def show_line(self, y: int) -> None:
        self._line = y
        self.update()

    def layout_now(self) -> None:
        layout = self.layout()
        if layout is not None:
            layout.activate()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._line >= 0:
            painter = QPainter(self)
            painter.fillRect(0, max(0, self._line), self.width(), 3, QColor(theme.of(self).accent))
