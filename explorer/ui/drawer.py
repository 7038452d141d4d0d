"""The drawer at the foot of the window: pages that are looked at now and then, one at a time."""

from __future__ import annotations

from functools import partial
from itertools import pairwise

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QSizePolicy,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from explorer.ui import theme
from explorer.ui.controls import elastic_label, flat_button

PAGE_HEIGHT = 148  # pixels that every page has, so that nothing moves from one page to the next
_LINES = 9  # of text that a page has room for, where the text is large
_CHROME = 9  # margins, spacing and the line at the top


class Drawer(QFrame):
    """Shows one page below a line of buttons. It begins closed, and is equally high for every page.

    A page is visible only while it is looked at: it asks ``isVisible()`` before it computes, and catches up in
    its ``showEvent`` or when it is painted.

    Signals
    -------
    page_changed(key)
        Another page is shown; empty where the drawer was closed.
    """

    page_changed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._announced = ""
        self._buttons: dict[str, QToolButton] = {}
        self._pages: dict[str, QWidget] = {}
        self._tips: dict[str, str] = {}
        self.setProperty("role", "bar")
        self.setAccessibleName("Drawer")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._stack = QStackedWidget()
        self._tip = elastic_label()
        self._tip.setProperty("role", "second")
        self._title = QHBoxLayout()
        self._title.setContentsMargins(0, 0, 0, 0)
        self._title.setSpacing(4)
        self._title.addSpacing(4)
        self._title.addWidget(self._tip, 1)
        self.close_button = flat_button("x", "Close the drawer (Esc)", self)
        self.close_button.clicked.connect(self.hide)
        self._title.addWidget(self.close_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 3, 8, 2)
        layout.setSpacing(3)
        layout.addLayout(self._title)
        layout.addWidget(self._stack, 1)
        self.hide()

    def add_page(self, key: str, title: str, tip: str, widget: QWidget) -> None:
        """Add a page; ``tip`` says in one line what it is for."""
        button = QToolButton()
        button.setText(title)
        button.setCheckable(True)
        button.setProperty("role", "field")
        button.setAccessibleName(title)
        button.setToolTip(tip)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(partial(self.show_page, key))
        self._title.insertWidget(len(self._buttons), button)
        self._buttons[key], self._pages[key], self._tips[key] = button, widget, tip
        self._stack.addWidget(widget)
        row = [*self._buttons.values(), self.close_button]
        for before, after in pairwise(row):  # Tab goes along the line of buttons, then into the page
            QWidget.setTabOrder(before, after)
        self._mark()

    def focusable(self) -> list[QWidget]:
        """The first part of the shown page that takes keys, if there is one."""
        page = self._pages.get(self.page)
        if page is None:
            return []
        parts = [page, *page.findChildren(QWidget)]
        keys = Qt.FocusPolicy.TabFocus
        return [one for one in parts if one.isVisible() and one.isEnabled() and one.focusPolicy() & keys][:1]

    def tip(self, key: str) -> str:
        """What a page is for."""
        return self._tips[key]

    @property
    def page(self) -> str:
        """The key of the page that is shown; empty where the drawer is closed."""
        return "" if self.isHidden() else self._current()

    @property
    def keys(self) -> tuple[str, ...]:
        """The pages there are."""
        return tuple(self._pages)

    def show_page(self, key: str) -> None:
        """Open the drawer at a page."""
        self._stack.setCurrentWidget(self._pages[key])
        self._mark()
        self.show()
        self._announce()

    def toggle(self, key: str) -> None:
        """Open the drawer at a page; close it where it shows this page already."""
        if self.page == key:
            self.hide()
        else:
            self.show_page(key)

    def setVisible(self, visible: bool) -> None:
        super().setVisible(visible)
        self._announce()

    def sizeHint(self) -> QSize:
        title = max(self._title.sizeHint().height(), self.close_button.minimumHeight())
        page = max(PAGE_HEIGHT, _LINES * QFontMetrics(theme.font(self)).height())
        return QSize(600, title + page + _CHROME)

    def minimumSizeHint(self) -> QSize:
        return QSize(200, self.sizeHint().height())

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self.updateGeometry()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
        else:
            super().keyPressEvent(event)

    def _current(self) -> str:
        shown = self._stack.currentWidget()
        return next((key for key, widget in self._pages.items() if widget is shown), "")

    def _mark(self) -> None:
        current = self._current()
        for key, button in self._buttons.items():
            button.setChecked(key == current)
        tip = self._tips.get(current, "")
        self._tip.setText(tip)
        self._tip.setToolTip(tip)

    def _announce(self) -> None:
        if self.page != self._announced:
            self._announced = self.page
            self.page_changed.emit(self._announced)
