"""What the user prefers, as the window uses it: theme, text size, memory, hints."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication

from explorer import memory, settings
from explorer.settings import HINTS, Settings
from explorer.ui import theme

_PRESENTATION_FONT = 1.5


class Preferences(QObject):
    """Holds the settings, remembers changes, and dresses the application.

    Signals
    -------
    hint_changed(key)
        Another hint is due, or none ("").
    """

    hint_changed = Signal(str)

    def __init__(self, current: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.settings = current
        self._presenting = False
        self._font_size = QApplication.font().pointSizeF()

    def remember(self, changed: Settings) -> None:
        """Use other settings from now on and at the next start."""
        if changed != self.settings:
            self.settings = changed
            settings.save(changed)

    @property
    def memory_limit(self) -> int:
        """Bytes that maps may take."""
        return self.settings.memory_limit << 20 if self.settings.memory_limit else memory.default_limit()

    def set_theme(self, name: str) -> None:
        """Light, dark, or the system's."""
        self.remember(replace(self.settings, theme=name))
        self.apply_theme()

    def set_colormap(self, key: str) -> None:
        """Start with this colour map next time."""
        self.remember(replace(self.settings, colormap=key))

    def present(self, on: bool) -> None:
        """Text for a projector."""
        self._presenting = on
        font = QApplication.font()
        font.setPointSizeF(self._font_size * (_PRESENTATION_FONT if on else 1.0))
        QApplication.setFont(font)
        self.apply_theme()  # widgets under a style sheet take a new font only when they are dressed again

    def apply_theme(self) -> None:
        """Dress the application as the settings say."""
        app = QApplication.instance()
        if isinstance(app, QApplication):
            theme.apply(app, theme.chosen(self.settings.theme))

    @property
    def hint(self) -> str:
        """The first hint that was not followed yet; empty where all were."""
        return next((key for key in HINTS if key not in self.settings.hints_done), "")

    def hint_done(self, key: str) -> None:
        """The user did what a hint suggests, or closed it."""
        if key not in self.settings.hints_done:
            self.remember(replace(self.settings, hints_done=(*self.settings.hints_done, key)))
            self.hint_changed.emit(self.hint)
