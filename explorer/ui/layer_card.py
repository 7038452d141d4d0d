"""One layer in the stack: closed a line with a live thumbnail, open its form."""

from __future__ import annotations

import dataclasses
from html import escape

from PySide6.QtCore import QEvent, QObject, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QContextMenuEvent, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QLineEdit, QMenu, QPushButton, QVBoxLayout, QWidget

from explorer.layers.fields import FieldError
from explorer.layers.layer import Layer, Shape, replace_field
from explorer.layers.network import LayerError
from explorer.live.analysis import Thumbnail
from explorer.ui import imagery, theme
from explorer.ui.controls import elastic_label, flat_button, restyle
from explorer.ui.display import Display
from explorer.ui.layer_form import LayerForm

_DRAG_DISTANCE = 6


class LayerCard(QFrame):
    """A card. It asks for edits by signals and changes nothing itself.

    Signals
    -------
    selected()
        It was clicked.
    edited(layer, text, gesture)
        A parameter, the name or the eye changed; gesture is 0 for an edit of its own.
    fix_requested()
        The button of the one-click fix was pressed.
    dragged(y), dropped(y, copy)
        It is being moved; y in global coordinates. With Ctrl a copy lands there.
    walked(step), deleted()
        Up or Down, or Delete, was pressed on the card itself.
    """

    selected = Signal()
    edited = Signal(object, str, int)
    fix_requested = Signal()
    dragged = Signal(float)
    dropped = Signal(float, bool)
    walked = Signal(int)
    deleted = Signal()

    def __init__(self, layer: Layer, display: Display, menu: QMenu, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.layer = layer
        self._menu = menu
        self._form: LayerForm | None = None
        self._is_open = False
        self._pressed: QPointF | None = None
        self._dragging = False
        self._editor: QLineEdit | None = None
        self._count = ""
        self._shown: tuple[object, ...] = ()
        self.picture = _Picture(display)
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
        self._sentence = QLabel()
        self._sentence.setWordWrap(True)
        self._sentence.setProperty("role", "second")
        self._sentence.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._layout.addWidget(self._sentence)
        self._error = QLabel()
        self._error.setWordWrap(True)
        self._error.setProperty("role", "error")
        self._layout.addWidget(self._error)
        self._fix = QPushButton()
        self._fix.setToolTip("Change this layer so that it fits")
        self._fix.clicked.connect(self.fix_requested)
        self._layout.addWidget(self._fix)
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
        self._show(layer, before, after, error, waiting)
        return True

    def _show(
        self, layer: Layer, before: Shape | None, after: Shape | None, error: LayerError | None, waiting: str
    ) -> None:
        struck = ("", "") if layer.enabled else ("<s>", "</s>")
        self._name.setText(f"<b>{struck[0]}{escape(layer.name)}{struck[1]}</b>")
        self._name.setToolTip(f"{layer.type_name}: {layer.summary}\n{layer.dialects}\nDouble click to rename")
        self.setAccessibleName(f"Layer {layer.name}, {layer.type_name}")
        self._eye.set_icon("eye" if layer.enabled else "eye-off")
        self._eye.setAccessibleName("Bypass this layer" if layer.enabled else "Use this layer again")
        if error is not None:
            self._shape.setText("does not fit")
        elif waiting:
            self._shape.setText(f"waiting for {waiting}")
        elif after is not None and before is not None:
            self._show_shape(layer, before, after)
        shown = before is not None and error is None and layer.enabled
        lines = [*layer.sentences(before), self._count] if shown and before is not None else []
        self._sentence.setText("\n".join(line for line in lines if line))
        self._sentence.setVisible(self._is_open and bool(self._sentence.text()))
        self._error.setVisible(error is not None)
        self._error.setText(error.message if error else "")
        self._fix.setVisible(error is not None and error.fix is not None)
        self._fix.setText(f"Fix: {error.fix.label}" if error and error.fix else "")
        restyle(self, "state", "error" if error else "selected" if self._is_open else "")
        self.picture.set_dimmed(bool(waiting) or error is not None)
        if self._form is not None:
            self._form.show_layer(layer)

    def _show_shape(self, layer: Layer, before: Shape, after: Shape) -> None:
        if len(after) == 3:
            channels, rows, columns = after
            self._shape.setText(f"{channels} map{'s' if channels != 1 else ''}, {columns} × {rows}")
            dialects = (
                f"PyTorch (1, {channels}, {rows}, {columns})\nKeras (None, {rows}, {columns}, {channels})"
            )
        else:
            self._shape.setText(f"{after[0]:,} numbers")
            dialects = f"PyTorch (1, {after[0]})\nKeras (None, {after[0]})"
        count = layer.parameter_count(before) if layer.enabled else 0
        self._shape.setToolTip(dialects + (f"\n{count:,} parameters" if count else "\nno parameters"))
        self._count = f"{count:,} parameters" if count else ""

    def set_open(self, is_open: bool) -> None:
        """Show or hide the form."""
        self._is_open = is_open
        if is_open and self._form is None:
            self._form = LayerForm(self.layer)
            self._form.changed.connect(self._field_changed)
            self._layout.insertWidget(1, self._form)
        if self._form is not None:
            self._form.setVisible(is_open and bool(self.layer.config()))
        self._sentence.setVisible(is_open and bool(self._sentence.text()))
        state = self.property("state")
        if state != "error":
            restyle(self, "state", "selected" if is_open else "")

    def _field_changed(self, field: str, value: object, gesture: int) -> None:
        self._shown = ()  # what was typed may not be what becomes of it
        try:
            layer = replace_field(self.layer, field, value)
        except FieldError as error:
            self._error.setText(str(error))
            self._error.setVisible(True)
            return
        self.edited.emit(layer, f"Change {field}", gesture)

    def _toggle(self) -> None:
        enabled = not self.layer.enabled
        layer = dataclasses.replace(self.layer, enabled=enabled)
        self.edited.emit(layer, f"Switch {layer.name} {'on' if enabled else 'off'}", 0)

    def _show_menu(self) -> None:
        self.selected.emit()
        self._menu.popup(self.mapToGlobal(self.rect().topRight()))

    # mouse and keys

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.selected.emit()
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
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
            self.dragged.emit(event.globalPosition().y())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._pressed is None:
            return
        self._pressed = None
        self.unsetCursor()
        if self._dragging:
            self._dragging = False
            copy = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
            self.dropped.emit(event.globalPosition().y(), copy)
        else:
            self.selected.emit()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self._name.geometry().contains(event.position().toPoint()):
            self.rename()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.selected.emit()
        elif event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down) and self.hasFocus():
            self.walked.emit(-1 if event.key() == Qt.Key.Key_Up else 1)
        elif event.key() == Qt.Key.Key_Delete and self.hasFocus():
            self.deleted.emit()
        else:
            super().keyPressEvent(event)

    # renaming

    def rename(self) -> None:
        """Type another name."""
        editor = QLineEdit(self.layer.name, self)
        editor.setAccessibleName("Layer name")
        editor.setMaxLength(60)
        editor.setGeometry(self._name.geometry().adjusted(-4, -4, 4, 4))
        editor.selectAll()
        editor.installEventFilter(self)
        editor.show()
        editor.setFocus()
        self._editor = editor

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._editor and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() == Qt.Key.Key_Escape:
                self._close_editor(commit=False)
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._close_editor(commit=True)
                return True
        elif watched is self._editor and event.type() == QEvent.Type.FocusOut:
            self._close_editor(commit=True)
        return super().eventFilter(watched, event)

    def _close_editor(self, *, commit: bool) -> None:
        editor, self._editor = self._editor, None
        if editor is None:
            return
        name = editor.text().strip()
        editor.removeEventFilter(self)
        if self.window().focusWidget() is editor:  # or it would go to whatever comes next
            self.setFocus()
        editor.hide()
        editor.deleteLater()
        if commit and name and name != self.layer.name:
            self.edited.emit(dataclasses.replace(self.layer, name=name), "Rename layer", 0)


class _Picture(QWidget):
    """The live thumbnail."""

    def __init__(self, display: Display) -> None:
        super().__init__()
        self.setFixedSize(QSize(48, 36))
        self._display = display
        self._thumbnail: Thumbnail | None = None
        self._image: QImage | None = None
        self._dimmed = False

    def show_thumbnail(self, thumbnail: Thumbnail) -> None:
        if thumbnail is not self._thumbnail:
            self._thumbnail = thumbnail
            self.redraw()

    def redraw(self) -> None:
        if self._thumbnail is not None:
            self._image = imagery.map_image(
                self._thumbnail.pixels, self._thumbnail.scale, self._display.colormap
            )
        self.update()

    def set_dimmed(self, dimmed: bool) -> None:
        if dimmed != self._dimmed:
            self._dimmed = dimmed
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.of(self).stage))
        if self._image is None:
            return
        painter.setOpacity(0.25 if self._dimmed else 1.0)
        small = self._image.width() < self.width() // 2
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not small)
        if self._image.height() == 1 < self._image.width():  # a vector
            painter.drawImage(self.rect().adjusted(0, 14, 0, -14), self._image)
            return
        size = self._image.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        x, y = (self.width() - size.width()) // 2, (self.height() - size.height()) // 2
        painter.drawImage(self.rect().adjusted(x, y, -x, -y), self._image)
