"""Small dialogs: working size, preferences, shortcuts, the command palette."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QSpinBox,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from explorer.settings import THEMES, Settings

KEYS = (
    ("Brush: flip the sign", "X"),
    ("Brush: softer, harder (from 7×7)", "]   ["),
    ("Kernel: walk the cells", "Arrow keys"),
    ("Kernel: nudge a weight", "+  −"),
    ("Kernel: negate, clear a weight", "*   Delete"),
    ("Kernel: paint the cell, type a number", "Space   digits or Enter"),
    ("Kernel: change one weight continuously", "Shift + drag up or down"),
    ("Kernel: take back a stroke", "Esc while painting"),
    ("Kernel: pick up a value", "Alt + press, or the pipette"),
    ("Input: a piece of it as the kernel", "Ctrl + drag"),
    ("Maps and layers: walk", "Arrow keys"),
    ("Maps and layers: choose several", "Ctrl or Shift + click"),
    ("Maps: move filters, copy them", "Drag, Ctrl + drag, Alt+Left, Alt+Right"),
    ("Maps: zoom all of them", "Ctrl + wheel"),
    ("Explain: one layer down, back up", "Enter on a term, Backspace"),
    ("Map: walk the dot by ten", "Shift + arrow keys"),
    ("Picture: zoom, pan, fit", "Wheel, drag, double click"),
    ("Layer: rename", "F2 or double click"),
)


class SizeDialog(QDialog):
    """Asks for a working size."""

    def __init__(self, size: tuple[int, int], parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Working size")
        self._columns, self._rows = _number(1, 20_000, size[1]), _number(1, 20_000, size[0])
        self._columns.setAccessibleName("Columns")
        self._rows.setAccessibleName("Rows")
        form = QFormLayout()
        form.addRow("Columns", self._columns)
        form.addRow("Rows", self._rows)
        layout = QVBoxLayout(self)
        layout.addLayout(form)
        layout.addWidget(_buttons(self))

    @property
    def size_chosen(self) -> tuple[int, int]:
        """(rows, columns)"""
        return self._rows.value(), self._columns.value()


class PreferencesDialog(QDialog):
    """Theme and memory limit."""

    def __init__(self, settings: Settings, automatic_limit: int, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Preferences")
        self._settings = settings
        self._theme = QComboBox()
        self._theme.setAccessibleName("Theme")
        self._theme.addItems([name.capitalize() for name in THEMES])
        self._theme.setCurrentIndex(THEMES.index(settings.theme))
        self._limit = _number(0, 1 << 20, settings.memory_limit)
        self._limit.setAccessibleName("Memory limit in megabytes")
        self._limit.setSuffix(" MB")
        self._limit.setSpecialValueText(f"a quarter of what is free ({automatic_limit >> 20} MB)")
        self._limit.setSingleStep(256)
        self._limit.setToolTip("A layer that would need more is not computed; 0 is a quarter of what is free")
        form = QFormLayout()
        form.addRow("Theme", self._theme)
        form.addRow("Memory for maps", self._limit)
        layout = QVBoxLayout(self)
        layout.addLayout(form)
        layout.addWidget(_buttons(self))

    @property
    def settings(self) -> Settings:
        """The settings as chosen."""
        theme = THEMES[self._theme.currentIndex()]
        return replace(self._settings, theme=theme, memory_limit=self._limit.value())


class ShortcutsDialog(QDialog):
    """Every key of the program."""

    def __init__(self, actions: list[QAction], parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keyboard shortcuts")
        self.resize(460, 560)
        rows = [
            (plain(action), action.shortcut().toString())
            for action in actions
            if not action.shortcut().isEmpty()
        ]
        rows += KEYS
        table = QTableWidget(len(rows), 2)
        table.setAccessibleName("Keyboard shortcuts")
        table.setHorizontalHeaderLabels(["Action", "Keys"])
        table.verticalHeader().hide()
        table.horizontalHeader().setStretchLastSection(True)
        table.setShowGrid(False)
        table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        for row, texts in enumerate(rows):
            for column, text in enumerate(texts):
                table.setItem(row, column, QTableWidgetItem(text))
        table.resizeColumnToContents(0)
        layout = QVBoxLayout(self)
        layout.addWidget(table)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout.addWidget(buttons)


class CommandPalette(QDialog):
    """Finds any command by some of its letters and runs it."""

    def __init__(self, actions: list[QAction], parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.resize(460, 380)
        self._actions = [action for action in actions if action.isEnabled() and plain(action)]
        self._search = QLineEdit()
        self._search.setPlaceholderText("Type a command")
        self._search.setAccessibleName("Command")
        self._search.setClearButtonEnabled(True)
        self._list = QListWidget()
        self._list.setAccessibleName("Commands")
        self._empty = QLabel("No command has these letters")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.addWidget(self._search)
        layout.addWidget(self._list)
        layout.addWidget(self._empty)
        self._search.textChanged.connect(self._filter)
        self._search.returnPressed.connect(self._run)
        self._search.installEventFilter(self)
        self._list.itemActivated.connect(self._run)
        self._list.itemClicked.connect(self._run)
        self._filter("")
        self._search.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
            if step is not None and self._list.count():
                self._list.setCurrentRow((self._list.currentRow() + step) % self._list.count())
                return True
        return super().eventFilter(watched, event)

    def _filter(self, text: str) -> None:
        self._list.clear()
        found = [action for action in self._actions if _matches(text.lower(), words(action).lower())]
        for action in sorted(found, key=lambda action: _distance(text.lower(), words(action).lower())):
            keys = action.shortcut().toString()
            item = QListWidgetItem(f"{words(action)}    {keys}" if keys else words(action))
            item.setData(Qt.ItemDataRole.UserRole, action)
            self._list.addItem(item)
        self._list.setCurrentRow(0)
        self._empty.setVisible(self._list.count() == 0)

    def _run(self) -> None:
        item = self._list.currentItem()
        self.close()
        if item is not None:
            action: QAction = item.data(Qt.ItemDataRole.UserRole)
            action.trigger()


def plain(action: QAction) -> str:
    """An action's words without its mnemonic."""
    return action.text().replace("&", "").rstrip("…")


def words(action: QAction) -> str:
    """An action's words, with those of the submenu that it stands in: ``Theme: Light``."""
    for owner in action.associatedObjects():
        if isinstance(owner, QMenu) and isinstance(owner.parent(), QMenu):
            return f"{owner.title().replace('&', '')}: {plain(action)}"
    return plain(action)


def _distance(text: str, command: str) -> int:
    """How far a command is from what was typed: the same, a beginning, a whole word, a part, only its letters."""
    own = command.rpartition(": ")[2]
    if text in (command, own):
        return 0
    if own.startswith(text) or command.startswith(text):
        return 1
    return 2 if text in command.split() else 3 if text in command else 4


def _matches(letters: str, text: str) -> bool:
    """Whether the letters appear in this order."""
    rest = iter(text)
    return all(letter in rest for letter in letters if letter != " ")


def _number(minimum: int, maximum: int, value: int) -> QSpinBox:
    box = QSpinBox()
    box.setRange(minimum, maximum)
    box.setValue(value)
    return box


def _buttons(dialog: QDialog) -> QDialogButtonBox:
    kinds = QDialogButtonBox.StandardButton
    buttons = QDialogButtonBox(kinds.Ok | kinds.Cancel)
    buttons.accepted.connect(dialog.accept)
    buttons.rejected.connect(dialog.reject)
    return buttons
