"""One layer in the stack: closed a line with a live thumbnail, open its form."""

from __future__ import annotations

import dataclasses
from html import escape

from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QFont, QKeyEvent, QMouseEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QGraphicsOpacityEffect,
    QGridLayout,
    QLabel,
    QMenu,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from explorer.layers import fields
from explorer.layers.fields import FieldError
from explorer.layers.layer import Fix, Layer, Shape, replace_field
from explorer.layers.network import LayerError
from explorer.layers.sliding import SlidingLayer
from explorer.ui import card_words
from explorer.ui.card_details import CardDetails
from explorer.ui.card_picture import CardPicture, TimeBar
from explorer.ui.controls import elastic_label, flat_button, restyle
from explorer.ui.display import Display
from explorer.ui.layer_form import LayerForm
from explorer.ui.name_editor import NameEditor
from explorer.ui.wish_row import WishRow

_DRAG_DISTANCE = 6
_GHOST_HEIGHT = 48
_CONTROL, _SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


class LayerCard(QFrame):
    """A card. It asks for edits by signals and changes nothing itself.

    Signals
    -------
    selected()
        It was clicked.
    picked(range)
        It was clicked with Ctrl, or with Shift for all up to it.
    edited(layer, text, gesture)
        A parameter, the name or the eye changed; gesture is 0 for an edit of its own.
    settled()
        The hand let go of what it changed.
    replaced(layers, text)
        These layers should stand here.
    fix_requested()
        The button of the one-click fix was pressed.
    dragged(y, copy), dropped(y, copy), drag_cancelled()
        It is being moved; y in global coordinates. With Ctrl a copy lands there.
    walked(step), deleted()
        Up or Down, or Delete, was pressed on the card itself.
    menu_opened()
        The menu is about to be shown for it.
    code_toggled(shown), message(sentence)
        Of what the open card shows.
    """

    selected = Signal()
    picked = Signal(bool)
    edited = Signal(object, str, int)
    settled = Signal()
    replaced = Signal(object, str)
    fix_requested = Signal()
    dragged = Signal(float, bool)
    dropped = Signal(float, bool)
    drag_cancelled = Signal()
    walked = Signal(int)
    deleted = Signal()
    menu_opened = Signal()
    code_toggled = Signal(bool)
    message = Signal(str)

    def __init__(self, layer: Layer, display: Display, menu: QMenu, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.layer = layer
        self._menu = menu
        self._form: LayerForm | None = None
        self._wish: WishRow | None = None
        self._details: CardDetails | None = None
        self._before: Shape | None = None
        self._after: Shape | None = None
        self._is_open = self._is_chosen = self._at_fault = self._dragging = False
        self._pressed: QPointF | None = None
        self._editor: NameEditor | None = None
        self._shape_tip = ""
        self._time: tuple[float, float] | None = None
        self._told: tuple[object, ...] = ()
        self._shown: tuple[object, ...] = ()
        self.picture = CardPicture(display)
        self._name, self._shape = elastic_label(), elastic_label()
        self._shape.setProperty("role", "second")
        for label in (self._name, self._shape):  # rich text would keep presses for its links
            label.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
        self._eye = flat_button("eye", "Bypass this layer (Ctrl+B)", self)
        self._eye.clicked.connect(self._toggle)
        more = flat_button("ellipsis-vertical", "Layer menu", self)
        more.clicked.connect(self._show_menu)
        header = QGridLayout()
        header.setHorizontalSpacing(2)
        header.setVerticalSpacing(0)
        header.addWidget(self.picture, 0, 0, 2, 1)
        header.setColumnMinimumWidth(1, 4)
        header.addWidget(self._name, 0, 2)
        header.addWidget(self._eye, 0, 3)
        header.addWidget(more, 0, 4)
        header.addWidget(self._shape, 1, 2, 1, 3)
        header.setColumnStretch(2, 1)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(8, 5, 4, 5)
        self._layout.setSpacing(5)
        self._layout.addLayout(header)
        self._error = QLabel()
        self._error.setWordWrap(True)
        self._error.setProperty("role", "error")
        self._layout.addWidget(self._error)
        self._fix = QPushButton()
        self._fix.setToolTip("Change this layer so that it fits")
        self._fix.clicked.connect(self.fix_requested)
        self._layout.addWidget(self._fix)
        self._bar = TimeBar(self)
        self._bar.hide()
        self.show_layer(layer, None, None, None, "")

    def show_layer(
        self, layer: Layer, before: Shape | None, after: Shape | None, error: LayerError | None, waiting: str
    ) -> bool:
        """Follow the document: the layer, its shapes where they are known, and what is wrong.

        Returns whether anything of it looks different now: weights, for one, are not on the card.
        """
        shown = (layer.name, layer.enabled, layer.config(), before, after, error, waiting)
        self.layer = layer
        if shown == self._shown:
            return False
        self._shown = shown
        self._before, self._after = before, after if error is None and not waiting else None
        self._show(layer, error, waiting)
        return True

    def _show(self, layer: Layer, error: LayerError | None, waiting: str) -> None:
        font = QFont()  # only this of it is set, the rest stays the panel's
        font.setStrikeOut(not layer.enabled)
        self._name.setFont(font)
        self._name.setText(f"<b>{escape(layer.name)}</b>")
        self._name.setToolTip(f"{layer.type_name}: {layer.summary}\n{layer.dialects}\nDouble click to rename")
        self.setAccessibleName(f"Layer {layer.name}, {layer.type_name}")
        self._eye.set_icon("eye" if layer.enabled else "eye-off")
        self._eye.setAccessibleName("Bypass this layer" if layer.enabled else "Use this layer again")
        self._show_shape("does not fit" if error is not None else f"waiting for {waiting}" if waiting else "")
        self._error.setVisible(error is not None)
        self._error.setText(error.message if error else "")
        self._fix.setVisible(error is not None and error.fix is not None)
        self._fix.setText(f"Fix: {error.fix.label}" if error and error.fix else "")
        self._at_fault = error is not None
        self._restyle()
        self.picture.set_dimmed(bool(waiting) or error is not None)
        if self._form is not None:
            self._form.show_layer(layer)
        self._show_open_part()

    def _show_shape(self, trouble: str) -> None:
        before, after, layer = self._before, self._after, self.layer
        self._shape_tip = ""
        if trouble or before is None or after is None:
            self._shape.setText(trouble)
            self._shape.setToolTip("")
            return
        text, self._shape_tip = card_words.shape_and_tip(layer, before, after)
        self._shape.setText(text)
        self._shape.setToolTip(self._shape_tip)

    def show_time(self, seconds: float | None, total: float) -> None:
        """Which share of a pass the layer takes; None where that is not known."""
        told = (self._shown, self._is_open, seconds, total)
        if told == self._told:  # as in every frame of a stroke
            return
        self._told = told
        self._time = None if seconds is None else (seconds, total)
        self._bar.setVisible(seconds is not None and self._after is not None)
        if seconds is None:
            return
        self._bar.show_time(seconds, total)
        self._shape.setToolTip(f"{self._shape_tip}\n{self._bar.toolTip()}" if self._shape_tip else "")
        if self._details is not None and self._is_open:
            self._details.show_time(seconds, total)

    # the open part

    def set_open(self, is_open: bool) -> None:
        """Show or hide the form."""
        if is_open == self._is_open:
            return
        self._is_open = is_open
        if self._form is None:
            self._build_open_part()
        self._show_open_part()
        self._restyle()

    def _build_open_part(self) -> None:
        self._form = LayerForm(self.layer)
        self._form.changed.connect(self._field_changed)
        self._form.settled.connect(self.settled)
        self._layout.insertWidget(1, self._form)
        self._details = CardDetails()
        self._details.more_toggled.connect(self._show_more)
        self._details.code_toggled.connect(self.code_toggled)
        self._details.copied.connect(lambda dialect: self.message.emit(f"Copied the {dialect} line."))
        if isinstance(self.layer, SlidingLayer):
            self._wish = WishRow()
            self._wish.chosen.connect(self._take_wish)
            self._wish.hide()
            self._layout.insertWidget(2, self._wish)
        self._layout.insertWidget(3 if self._wish is not None else 2, self._details)

    def _show_open_part(self) -> None:
        if self._form is None or self._details is None:
            return
        if not self._is_open:
            self._form.let_go()
        self._form.setVisible(self._is_open and bool(self.layer.config()))
        self._details.setVisible(self._is_open)
        if self._is_open:
            self._details.show_layer(self.layer, self._before, self._after)
            if self._time is not None:
                self._details.show_time(*self._time)
        self._details.more.setVisible(self._form.has_more or self._wish is not None)
        self._show_more(self._details.more.isChecked())

    def _show_more(self, shown: bool) -> None:
        if self._form is None or self._details is None:
            return
        self._form.show_more(shown)
        self._details.more.setText("Less" if shown else "More")
        if self._wish is not None and isinstance(self.layer, SlidingLayer):
            self._wish.setVisible(shown and self._is_open)
            if shown and self._is_open:
                self._wish.show_layer(self.layer, self._before, self._after)

    def show_code(self, shown: bool) -> None:
        """Show or hide the lines of code, where the card is open."""
        if self._details is not None:
            self._details.show_code(shown)

    def _take_wish(self, fix: Fix) -> None:
        self.replaced.emit(fix.layers, f"{fix.label[0].upper()}{fix.label[1:]}")

    def _field_changed(self, field: str, value: object, gesture: int) -> None:
        self._shown = ()  # what was typed may not be what becomes of it
        try:
            layer = replace_field(self.layer, field, value)
        except FieldError as error:
            self._error.setText(str(error))
            self._error.setVisible(True)
            return
        label = fields.kinds(type(layer))[field].label.lower()
        self.edited.emit(layer, f"{layer.name}: {label}", gesture)

    def _toggle(self) -> None:
        enabled = not self.layer.enabled
        layer = dataclasses.replace(self.layer, enabled=enabled)
        self._edit(layer, f"Switch {layer.name} {'on' if enabled else 'off'}")

    def _edit(self, layer: Layer, text: str) -> None:
        self.edited.emit(layer, text, 0)

    # looks

    def set_chosen(self, chosen: bool) -> None:
        """Whether it is one of several that are selected together."""
        if chosen != self._is_chosen:
            self._is_chosen = chosen
            self._restyle()

    def set_lifted(self, lifted: bool) -> None:
        """Whether it is in the hand, so that only its shadow is left here."""
        if not lifted:
            self.setGraphicsEffect(None)  # type: ignore[arg-type]
        elif self.graphicsEffect() is None:
            effect = QGraphicsOpacityEffect(self)
            effect.setOpacity(0.35)
            self.setGraphicsEffect(effect)

    def portrait(self) -> QPixmap:
        """What the hand holds while the card is dragged: its upper part."""
        return self.grab(self.rect().adjusted(0, 0, 0, min(0, _GHOST_HEIGHT - self.height())))

    def _restyle(self) -> None:
        state = "selected" if self._is_open else "chosen" if self._is_chosen else ""
        restyle(self, "state", "error" if self._at_fault else state)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._bar.setGeometry(12, self.height() - 5, self.width() - 24, 3)

    # mouse and keys

    def _show_menu(self) -> None:
        self.menu_opened.emit()
        self._menu.popup(self.mapToGlobal(self.rect().topRight()))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu_opened.emit()
        self._menu.popup(event.globalPos())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed = event.globalPosition()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed is None:
            return
        distance = abs(event.globalPosition().y() - self._pressed.y())
        if self._dragging or distance > _DRAG_DISTANCE:
            self._dragging = True
            copy = bool(event.modifiers() & _CONTROL)
            self.setCursor(Qt.CursorShape.DragCopyCursor if copy else Qt.CursorShape.ClosedHandCursor)
            self.dragged.emit(event.globalPosition().y(), copy)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._pressed is None or event.button() != Qt.MouseButton.LeftButton:
            return
        was_dragging = self._dragging
        self._let_go()
        if was_dragging:
            self.dropped.emit(event.globalPosition().y(), bool(event.modifiers() & _CONTROL))
        elif event.modifiers() & (_CONTROL | _SHIFT):
            self.picked.emit(bool(event.modifiers() & _SHIFT))
        else:
            self.selected.emit()

    def _let_go(self) -> None:
        self._pressed = None
        self._dragging = False
        self.unsetCursor()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self._name.geometry().contains(event.position().toPoint()):
            self.rename()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key == Qt.Key.Key_Escape and self._dragging:
            self._let_go()
            self.drag_cancelled.emit()
        elif key == Qt.Key.Key_Space and event.modifiers() & _CONTROL:
            self.picked.emit(False)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.selected.emit()
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down) and self.hasFocus():
            self.walked.emit(-1 if key == Qt.Key.Key_Up else 1)
        elif key == Qt.Key.Key_Delete and self.hasFocus():
            self.deleted.emit()
        else:
            super().keyPressEvent(event)

    # renaming

    def rename(self) -> None:
        """Type another name."""
        self._close_editor("")
        editor = NameEditor(self.layer.name, self)
        editor.setGeometry(self._name.geometry().adjusted(-4, -4, 4, 4))
        editor.closed.connect(self._close_editor)
        editor.show()
        editor.setFocus()
        self._editor = editor

    def _close_editor(self, name: str) -> None:
        editor, self._editor = self._editor, None
        if editor is None:
            return
        if self.window().focusWidget() is editor:  # or it would go to whatever comes next
            self.setFocus()
        editor.hide()
        editor.deleteLater()
        if name and name != self.layer.name:
            self._edit(dataclasses.replace(self.layer, name=name), "Rename layer")
