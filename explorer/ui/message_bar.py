"""The one voice to the user: sentences in a bar, never a dialog in the way. Identical ones collapse."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from explorer.ui.controls import flat_button

_SHOWN = 3
_NOTE_MILLISECONDS = 6000
_ERROR_MILLISECONDS = 30_000


class MessageBar(QWidget):
    """Up to three messages, newest below, floating over the window so that nothing jumps. All go by themselves."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(12, 0, 12, 0)
        self._layout.setSpacing(4)
        self.messages: list[Message] = []
        self._above: tuple[QWidget, ...] = ()
        self.hide()

    def note(self, sentence: str) -> None:
        """Something worth knowing."""
        self._show(sentence, is_error=False)

    def error(self, sentence: str, action: str = "", run: Callable[[], None] | None = None) -> None:
        """Something that did not work, perhaps with a button that does something about it."""
        self._show(sentence, is_error=True, action=action, run=run)

    def clear(self) -> None:
        """Close everything."""
        for message in list(self.messages):
            self.remove(message)

    def _show(
        self, sentence: str, *, is_error: bool, action: str = "", run: Callable[[], None] | None = None
    ) -> None:
        for message in self.messages:
            if message.sentence == sentence and message.is_error == is_error:
                message.repeat()
                return
        message = Message(sentence, is_error, action, run, self)
        message.close_button.clicked.connect(message.expire)
        self.messages.append(message)
        self._layout.addWidget(message)
        while len(self.messages) > _SHOWN:
            self.remove(self.messages[0])
        self.show()
        self._place()
        milliseconds = _ERROR_MILLISECONDS if is_error else _NOTE_MILLISECONDS
        QTimer.singleShot(milliseconds, message, message.expire)

    def float_over(self, area: QWidget, *above: QWidget) -> None:
        """Lie over the bottom of ``area``, right above the first of these that is shown."""
        self.setParent(area)
        self._above = above
        area.installEventFilter(self)
        self.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            self._place()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        area = self.parentWidget()
        if area is not None and self.isVisibleTo(area):
            height = self.layout_height(area.width())
            bottom = min((part.y() for part in self._above if part.isVisibleTo(area)), default=area.height())
            self.setGeometry(0, bottom - height - 6, area.width(), height)
            self.raise_()

    def layout_height(self, width: int) -> int:
        """How tall the messages are at a width."""
        layout = self._layout  # whose size hint would have room for narrow, tall labels
        return layout.heightForWidth(width) if layout.hasHeightForWidth() else layout.sizeHint().height()

    def remove(self, message: Message) -> None:
        """Close one message."""
        if message in self.messages:
            self.messages.remove(message)
            self._layout.removeWidget(message)
            message.hide()
            message.deleteLater()
        self.setVisible(bool(self.messages))
        self._place()


class Message(QFrame):
    """One sentence."""

    def __init__(
        self, sentence: str, is_error: bool, action: str, run: Callable[[], None] | None, bar: MessageBar
    ) -> None:
        super().__init__(bar)
        self.sentence = sentence
        self.is_error = is_error
        self._count = 1
        self._bar = bar
        self._run = run
        self.setProperty("role", "message")
        self.setProperty("state", "error" if is_error else "note")
        self.label = QLabel(sentence)
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.label.setWordWrap(True)
        self.label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setAccessibleName(sentence)
        self.close_button = flat_button("x", "Close this message", self)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(10, 4, 4, 4)
        layout.addWidget(self.label, 1)
        if action:
            button = QPushButton(action)
            button.setAccessibleName(action)
            button.setToolTip(action)
            button.clicked.connect(self._act)
            layout.addWidget(button)
        layout.addWidget(self.close_button)

    def repeat(self) -> None:
        """It happened again."""
        self._count += 1
        self.label.setText(f"{self.sentence} (×{self._count})")

    def expire(self) -> None:
        """Go away."""
        self._bar.remove(self)

    def _act(self) -> None:
        self.expire()
        if self._run is not None:
            self._run()
