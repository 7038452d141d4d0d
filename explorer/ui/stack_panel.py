"""The stack: a card per layer, reordered by dragging, and below it what adds layers."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, QPoint, QRectF, Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QMenu, QPushButton, QScrollArea, QStyle, QVBoxLayout, QWidget

from explorer.document import edits
from explorer.layers.layer import Layer
from explorer.layers.network import Plan
from explorer.live.compute import Frame
from explorer.live.session import Session
from explorer.live.tasks import IoTasks
from explorer.ui.add_box import AddBox
from explorer.ui.card_column import CardColumn
from explorer.ui.chosen_layers import ChosenLayers
from explorer.ui.display import Display
from explorer.ui.layer_card import LayerCard
from explorer.ui.pass_times import PassTimes

_SCROLL_ZONE, _SCROLL_STEP = 28, 12  # pixels at the ends of the stack where a held card scrolls it


class StackPanel(QWidget):
    """Shows the network's layers and lets the user edit them.

    One layer is selected in the session and shown on the stage. More can be *chosen* beside it, with Ctrl or Shift,
    to be copied, moved or deleted together.

    Signals
    -------
    message(sentence)
        Something to tell the user.
    """

    message = Signal(str)

    def __init__(
        self,
        session: Session,
        display: Display,
        add_menu: QMenu,
        layer_menu: QMenu,
        parent: QWidget | None = None,
        tasks: IoTasks | None = None,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._display = display
        self._layer_menu = layer_menu
        self._memory_limit: int | None = None
        self.cards: list[LayerCard] = []
        self._names: list[tuple[str, str]] = []
        self._code = False
        self._times = PassTimes()
        self._chosen = ChosenLayers(session, tasks, self)
        self._chosen.message.connect(self.message)
        self._chosen.chosen_changed.connect(self._show_chosen)
        self._plan: Plan | None = None
        self._selected = -1
        self._inner = CardColumn()
        self._column = QVBoxLayout(self._inner)
        self._column.setContentsMargins(0, 4, 0, 4)  # where the line of a drag to the top or bottom is seen
        self._column.setSpacing(6)
        self.add_button = QPushButton("+ Add layer")
        self.add_button.setAccessibleName("Add layer")
        self.add_button.setToolTip("Add a layer at the end; Insert puts one behind the selected")
        self.add_button.setMenu(add_menu)
        self._column.addWidget(self.add_button)
        self.add_box = AddBox()
        self.add_box.added.connect(self._add)
        self._column.addWidget(self.add_box)
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

    # following

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
        if self._session.layer != self._selected:
            self._chosen.choose(set())
        self._selected = selected = self._session.layer
        for index, card in enumerate(self.cards):
            card.set_open(index == selected)
            card.show_code(self._code)
        self._show_chosen()
        if 0 <= selected < len(self.cards):
            QTimer.singleShot(0, self, self._bring_into_sight)  # when its height is known

    def _show_chosen(self) -> None:
        for card in self.cards:
            card.set_chosen(self._chosen.is_chosen(card.layer.name))

    def _bring_into_sight(self) -> None:
        selected = self._session.layer
        if 0 <= selected < len(self.cards) and not self._inner.is_holding:
            self._inner.layout_now()
            self._scroll.ensureWidgetVisible(self.cards[selected], 0, 8)
            if self.add_box.field.hasFocus():  # the next line is typed there
                self._scroll.ensureWidgetVisible(self.add_box, 0, 4)

    def show_frame(self, frame: Frame) -> None:
        """Show the thumbnails of a pass, and how long it took."""
        names = frame.result.network.names
        if self._session.gesture is None:  # figures that flicker under the hand say nothing
            self._times.take(frame.result)
        total = self._times.total
        for card in self.cards:
            if card.layer.name in names:
                thumbnail = frame.thumbnails[names.index(card.layer.name)]
                if thumbnail is not None:
                    card.picture.show_thumbnail(thumbnail)
            card.show_time(self._times.of(card.layer.name), total)

    def mark_outputs(self, shares: Sequence[QRectF | None]) -> None:
        """Outline a part of each card's map, in shares of its sides; cards without one have no outline."""
        for index, card in enumerate(self.cards):
            card.picture.mark(shares[index] if index < len(shares) else None)

    def _redraw_pictures(self) -> None:
        for card in self.cards:
            card.picture.redraw()

    # cards

    def _rebuild(self, layers: tuple[Layer, ...]) -> None:
        """Cards for these layers, the old ones where they fit: what is open in them stays open."""
        had_focus = self.has_focus()
        old = {(card.layer.name, card.layer.type_name): card for card in self.cards}
        new = [old.pop((layer.name, layer.type_name), None) for layer in layers]
        if len(new) == len(self.cards):  # one may have been renamed
            for index, (layer, card) in enumerate(zip(layers, self.cards, strict=True)):
                key = (card.layer.name, card.layer.type_name)
                if new[index] is None and key in old and key[1] == layer.type_name:
                    new[index] = old.pop(key)
        for card in old.values():
            self._column.removeWidget(card)
            card.hide()
            card.deleteLater()
        self.cards = [card or self._new_card(layer) for card, layer in zip(new, layers, strict=True)]
        before: QWidget = self
        for index, card in enumerate(self.cards):
            if self._column.indexOf(card) != index:
                self._column.removeWidget(card)
                self._column.insertWidget(index, card)
            QWidget.setTabOrder(before, card)
            before = card
        if had_focus and self.cards and not self.has_focus():
            card = self.cards[min(max(self._session.layer, 0), len(self.cards) - 1)]
            card.show()  # the layout would only later, and what is hidden takes no focus
            card.setFocus()

    def _new_card(self, layer: Layer) -> LayerCard:
        card = LayerCard(layer, self._display, self._layer_menu)
        card.selected.connect(self._select)
        card.picked.connect(self._pick)
        card.menu_opened.connect(self._select_for_menu)
        card.edited.connect(self._edit)
        card.settled.connect(self._settle)
        card.replaced.connect(self._replace)
        card.fix_requested.connect(self._apply_fix)
        card.dragged.connect(self._drag)
        card.dropped.connect(self._drop)
        card.drag_cancelled.connect(self._end_drag)
        card.walked.connect(self._walk)
        card.deleted.connect(self._delete)
        card.code_toggled.connect(self._show_code)
        card.message.connect(self.message)
        return card

    def _sender_index(self) -> int:
        sender: QObject = self.sender()
        return self.cards.index(sender) if isinstance(sender, LayerCard) and sender in self.cards else -1

    def _select(self) -> None:
        index = self._sender_index()
        if index >= 0:
            self._chosen.choose(set())
            self._session.select_layer(index)

    def _select_for_menu(self) -> None:
        if self._sender_index() not in self.selected_layers:
            self._select()

    def _pick(self, up_to: bool) -> None:
        index = self._sender_index()
        if index >= 0:
            (self._chosen.choose_up_to if up_to else self._chosen.toggle)(index)

    def _edit(self, layer: Layer, text: str, gesture: int) -> None:
        index = self._sender_index()
        if index >= 0:
            document = edits.replace_layer(self._session.document, index, layer)
            self._session.edit(document, text, gesture or None)

    def _settle(self) -> None:
        if self._session.gesture is not None:
            self._session.finish_gesture()

    def _replace(self, layers: tuple[Layer, ...], text: str) -> None:
        index = self._sender_index()
        if index >= 0:
            self._session.edit(edits.replace_by(self._session.document, index, layers), text)

    def _apply_fix(self) -> None:
        index = self._sender_index()
        error = self._plan.error if self._plan else None
        if error is not None and error.index == index and error.fix is not None:
            text = f"Fix: {error.fix.label}"
            self._session.edit(edits.replace_by(self._session.document, index, error.fix.layers), text)

    def _show_code(self, shown: bool) -> None:
        self._code = shown
        for card in self.cards:
            card.show_code(shown)

    def _walk(self, step: int) -> None:
        index = self._session.layer + step
        if 0 <= index < len(self.cards):
            self._session.select_layer(index)
            self.cards[index].setFocus()

    # several layers

    def has_focus(self) -> bool:
        """Whether the focus is on a card, or in it."""
        focused = self.window().focusWidget()
        return focused is not None and any(
            card is focused or card.isAncestorOf(focused) for card in self.cards
        )

    @property
    def selected_layers(self) -> tuple[int, ...]:
        """The selected layer and those that are chosen beside it, in order."""
        return self._chosen.indices

    def copy_layers(self) -> None:
        """Put the selected layers on the clipboard, with their weights."""
        self._chosen.copy()

    def cut_layers(self) -> None:
        """Put the selected layers on the clipboard and take them out."""
        self._chosen.cut()

    def paste_layers(self, *, quiet: bool = False) -> bool:
        """Put the layers of the clipboard behind the selected.

        False where it holds nothing like layers, which is said unless it is to be ``quiet``.
        """
        pasted = self._chosen.paste()
        if not pasted and not quiet:
            self.message.emit(
                "There are no layers on the clipboard: copy some, or a line such as Conv2D(8, 3)."
            )
        return pasted

    def duplicate_layers(self) -> None:
        """Copies of the selected layers behind the last of them."""
        self._chosen.duplicate()

    def delete_layers(self) -> None:
        """Take the selected layers out; undo brings them back."""
        self._chosen.remove(self.selected_layers)

    def move_layers(self, step: int) -> None:
        """The selected layers one place up (-1) or down (1)."""
        self._chosen.shift(step)

    def _add(self, layers: Sequence[Layer], behind_selected: bool) -> None:
        end = len(self._session.document.network.layers)
        self._chosen.insert(layers, self._session.layer + 1 if behind_selected else end, "Add")

    def _delete(self) -> None:
        index = self._sender_index()
        if index >= 0:
            self._chosen.remove(self.selected_layers if index in self.selected_layers else (index,))

    # dragging

    def _dragged_layers(self) -> tuple[int, ...]:
        index, selected = self._sender_index(), self.selected_layers
        return selected if index in selected and len(selected) > 1 else (index,)

    def _drag(self, y: float, copy: bool) -> None:
        index = self._sender_index()
        if index < 0:
            return
        indices, target = self._dragged_layers(), self._target(y)
        if not self._inner.is_holding:
            words = f"{len(indices)} layers" if len(indices) > 1 else ""
            self._inner.lift(self.cards[index].portrait(), words)
        for place, card in enumerate(self.cards):
            card.set_lifted(place in indices and not copy)
        self._scroll_along(y)
        moves = copy or self._moves(indices, target)
        place = self._inner.mapFromGlobal(QPoint(0, round(y))).y()
        self._inner.hold_at(place, self._line(target) if moves else -1)

    def _moves(self, indices: Sequence[int], target: int) -> bool:
        """Whether dropping these layers before ``target`` changes anything."""
        together = indices[-1] - indices[0] == len(indices) - 1
        return not (together and indices[0] <= target <= indices[-1] + 1)

    def _line(self, target: int) -> int:
        if target < len(self.cards):
            return self.cards[target].y() - 5
        return self.cards[-1].geometry().bottom() + 2

    def _scroll_along(self, y: float) -> None:
        viewport, bar = self._scroll.viewport(), self._scroll.verticalScrollBar()
        place = y - viewport.mapToGlobal(viewport.rect().topLeft()).y()
        if place < _SCROLL_ZONE:
            bar.setValue(bar.value() - _SCROLL_STEP)
        elif place > viewport.height() - _SCROLL_ZONE:
            bar.setValue(bar.value() + _SCROLL_STEP)

    def _drop(self, y: float, copy: bool) -> None:
        target, indices = self._target(y), self._dragged_layers()
        self._end_drag()
        if indices[0] < 0:
            return
        if copy:
            self._chosen.insert_copies(indices, target)
        elif self._moves(indices, target):
            self._chosen.gather(indices, target)

    def _end_drag(self) -> None:
        self._inner.let_go()
        for card in self.cards:
            card.set_lifted(False)

    def _target(self, y: float) -> int:
        """Before which card a card dropped at global ``y`` would stand."""
        for index, card in enumerate(self.cards):
            middle = card.mapToGlobal(card.rect().center()).y()
            if y < middle:
                return index
        return len(self.cards)
