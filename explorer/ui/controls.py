"""Small controls that many panels use."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QLabel, QMenu, QSpinBox, QToolButton, QWidget

from explorer.ui import theme
from explorer.ui.elastic import ElasticLabel
from explorer.ui.icons import icon

TITLE_HEIGHT = 24  # of the line above each part of the stage, so that what is below begins at one height


class IconButton(QToolButton):
    """A flat button whose icon follows the theme."""

    def __init__(self, icon_name: str, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon_name = icon_name
        self.setAccessibleName(text)
        self.setToolTip(text)
        self.setIconSize(QSize(16, 16))
        self.setMinimumSize(QSize(24, 24))
        self.setMaximumHeight(28)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._draw()

    def set_icon(self, icon_name: str) -> None:
        """Another icon."""
        if icon_name != self._icon_name:  # setting one lays the window out again
            self._icon_name = icon_name
            self._draw()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._draw()

    def _draw(self) -> None:
        self.setIcon(icon(self._icon_name, theme.of(self).text))


_EDITING = (Qt.Key.Key_A, Qt.Key.Key_C, Qt.Key.Key_V, Qt.Key.Key_X)


def is_for_the_window(event: QEvent) -> bool:
    """Whether a key with Ctrl asks for a command, which a field would otherwise keep for its own text.

    On Linux a field takes Ctrl+Z, but also Ctrl+U and Ctrl+K, and is empty then.
    """
    if not isinstance(event, QKeyEvent) or not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
        return False
    return Qt.Key.Key_A <= event.key() <= Qt.Key.Key_Z and event.key() not in _EDITING


class CountBox(QSpinBox):
    """A spin box that acts when a number is complete and leaves Ctrl+Z to the document."""

    def __init__(self, minimum: int, maximum: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setRange(minimum, maximum)
        self.setKeyboardTracking(False)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccelerated(True)
        self.setMinimumWidth(44)

    def show_value(self, value: int) -> None:
        """Show a number that comes from the document."""
        if value != self.value():
            self.blockSignals(True)
            self.setValue(value)
            self.blockSignals(False)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and is_for_the_window(event):
            event.ignore()
            return False
        return super().event(event)


def flat_button(icon_name: str, text: str, parent: QWidget | None = None) -> IconButton:
    """A flat button with an icon; the text is its tooltip and its name for screen readers."""
    return IconButton(icon_name, text, parent)


def second_label(text: str, parent: QWidget | None = None) -> QLabel:
    """A quiet label."""
    label = QLabel(text, parent)
    label.setProperty("role", "second")
    return label


def elastic_label(text: str = "", parent: QWidget | None = None) -> ElasticLabel:
    """A label that never widens its panel; what does not fit ends in an ellipsis and is in its tooltip."""
    return ElasticLabel(text, parent)


def restyle(widget: QWidget, name: str, value: str) -> None:
    """Set a property that the style sheet looks at, and apply it."""
    if widget.property(name) != value:
        widget.setProperty(name, value)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


def add_heading(menu: QMenu, text: str) -> None:
    """A line of a menu that says what follows. Qt's own sections have no text in a style sheet."""
    if menu.actions():
        menu.addSeparator()
    menu.addAction(text).setEnabled(False)


def rail(parent: QWidget | None = None) -> QFrame:
    """The frame of a side panel."""
    frame = QFrame(parent)
    frame.setProperty("role", "rail")
    return frame
