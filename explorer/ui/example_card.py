"""What an example shows and three things to try, on a card that floats over the maps and is in nobody's way."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPalette
from PySide6.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from explorer.document.examples import Example
from explorer.ui import theme
from explorer.ui.controls import elastic_label, flat_button, restyle, second_label

_WIDTH = 360  # pixels, for text of 17 pixels a line
_LINE_HEIGHT = 17
_DARKER = 140  # per cent, by which Fusion darkens the window's colour for the border of a box
_MARGIN = 12  # from the edges of what it floats over


class ExampleCard(QFrame):
    """Title, text and a list that the user can tick off. It begins hidden and is shown with its first example.

    Signals
    -------
    closed()
        The user put the card away.
    """

    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.setAccessibleName("Example")
        self.example: Example | None = None
        self.tries: list[Try] = []
        self._title = elastic_label()
        self._done = second_label("")
        self._fold = flat_button("chevron-down", "Fold the card", self)
        self._fold.clicked.connect(self._toggle)
        self.close_button = flat_button("x", "Close the example's card (Esc)", self)
        self.close_button.clicked.connect(self.put_away)
        self._text = _wrapping("")
        self._content = QWidget()
        self._content.setAutoFillBackground(False)
        self._list = QVBoxLayout(self._content)
        self._list.setContentsMargins(0, 0, 4, 0)
        self._list.setSpacing(8)
        self._list.addWidget(self._text)
        self._list.addWidget(second_label("Three things to try"))
        self._scroll = QScrollArea()
        self._scroll.setAccessibleName("What the example shows, and three things to try")
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setWidget(self._content)
        self._scroll.viewport().setAutoFillBackground(False)
        self._content.setAutoFillBackground(False)
        self._head = QHBoxLayout()
        self._head.setSpacing(4)
        self._head.addWidget(self._title, 1)
        for widget in (self._done, self._fold, self.close_button):
            self._head.addWidget(widget)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 6, 6, 10)
        layout.setSpacing(4)
        layout.addLayout(self._head)
        layout.addWidget(self._scroll, 1)
        self.hide()

    def show_example(self, example: Example) -> None:
        """Show an example from its beginning."""
        self.example = example
        self._title.setText(f"<b>{escape(example.title)}</b>")
        self.setAccessibleName(f"Example: {example.title}")
        self._text.setText(example.text)
        for old in self.tries:
            self._list.removeWidget(old)
            old.hide()
            old.deleteLater()
        self.tries = [Try(sentence) for sentence in example.tries]
        for one in self.tries:
            one.ticked.connect(self._count)
            self._list.addWidget(one)
        self._count()
        self._set_folded(False)
        self.show()
        self.place()
        QTimer.singleShot(0, self, self.place)  # when the sentences know how tall they are

    def put_away(self) -> None:
        """Hide the card; the example stays open."""
        self.hide()
        self.closed.emit()

    def float_over(self, area: QWidget) -> None:
        """Lie over the bottom right corner of ``area``, and stay there."""
        self.setParent(area)
        area.installEventFilter(self)
        self.hide()

    def place(self) -> None:
        """Take the room the text needs, and no more than there is."""
        area = self.parentWidget()
        if area is None or self.isHidden():
            return
        scale = max(1.0, self.fontMetrics().height() / _LINE_HEIGHT)
        width = min(round(_WIDTH * scale), area.width() - 2 * _MARGIN)
        height = min(self.heightForWidth(width), area.height() - 2 * _MARGIN)
        self.setGeometry(area.width() - width - _MARGIN, area.height() - height - _MARGIN, width, height)
        self.raise_()

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        """How tall the whole card is at a width."""
        layout = self.layout()
        margins = layout.contentsMargins() if layout is not None else self.contentsMargins()
        around = margins.top() + margins.bottom() + 2 * self.frameWidth() + self._head.sizeHint().height()
        if not self._scroll.isVisibleTo(self):
            return around
        inner = width - margins.left() - margins.right() - 2 * self.frameWidth()
        return around + 4 + self._list.totalHeightForWidth(inner) + 2

    def sizeHint(self) -> QSize:
        return QSize(_WIDTH, self.heightForWidth(_WIDTH))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self.place()
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.put_away()
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.place()

    def _count(self) -> None:
        done = sum(one.box.isChecked() for one in self.tries)
        self._done.setText(f"{done} of {len(self.tries)}")
        self._done.setAccessibleName(f"{done} of {len(self.tries)} tried")
        self._done.setToolTip(f"{done} of {len(self.tries)} tried")

    def _toggle(self) -> None:
        self._set_folded(self._scroll.isVisibleTo(self))

    def _set_folded(self, folded: bool) -> None:
        self._scroll.setVisible(not folded)
        self._fold.set_icon("chevron-up" if folded else "chevron-down")
        text = "Unfold the card" if folded else "Fold the card"
        self._fold.setAccessibleName(text)
        self._fold.setToolTip(text)
        self.place()


class Try(QWidget):
    """One thing to try: a box to tick, and words that wrap and can be clicked as well.

    Signals
    -------
    ticked(on)
        The user ticked it or took the tick away.
    """

    ticked = Signal(bool)

    def __init__(self, sentence: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.box = QCheckBox()
        self.box.setAccessibleName(sentence)
        self.box.setToolTip("Tick it when you have tried it")
        self.box.toggled.connect(self._toggled)
        self._words = _wrapping(sentence)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.box, 0, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self._words, 1)
        self._outline()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.box.toggle()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()  # or the release would go to what lies below

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._outline()

    def _outline(self) -> None:
        """A border that can be seen: Qt's is the window's colour made darker, which on dark is none."""
        palette = QPalette(self.palette())
        border = QColor(theme.of(self).field_border)
        palette.setColor(QPalette.ColorRole.Window, border.lighter(_DARKER))
        self.box.setPalette(palette)

    def _toggled(self, on: bool) -> None:
        restyle(self._words, "role", "second" if on else "")
        self.ticked.emit(on)


def _wrapping(text: str) -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
    return label
