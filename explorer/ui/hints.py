"""Three things to try, one after the other, each until it was done once."""

from __future__ import annotations

from PySide6.QtCore import QObject

from explorer.ui.preferences import Preferences
from explorer.ui.stage import Stage
from explorer.ui.status_line import StatusLine


class Hints(QObject):
    """Shows the next hint and sees when it was followed."""

    def __init__(self, preferences: Preferences, status: StatusLine, stage: Stage) -> None:
        super().__init__(stage)
        self._preferences, self._status, self._grid = preferences, status, stage.kernel.grid
        status.hint_dismissed.connect(preferences.hint_done)
        preferences.hint_changed.connect(self._show)
        stage.kernel.painted.connect(self._painted)
        stage.probed.connect(self._probed)
        self._show(preferences.hint)

    def _show(self, hint: str) -> None:
        self._status.show_hint(hint)
        self._grid.hint = hint == "paint"
        self._grid.update()

    def _painted(self) -> None:
        self._preferences.hint_done("paint")

    def _probed(self) -> None:
        if self._status.hint == "probe":
            self._preferences.hint_done("probe")
