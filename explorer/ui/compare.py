"""A and B in the window: the pinned state beside the one that is edited, on the stage and on the sheet."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from explorer.live.comparing import Comparing
from explorer.live.comparison import Mode
from explorer.live.compute import Frame, LiveCompute
from explorer.live.session import Session
from explorer.ui.compare_bar import CompareBar
from explorer.ui.divider import Divider
from explorer.ui.maps_panel import MapsPanel
from explorer.ui.stage import Stage

_BOTH = (Mode.HALVES, Mode.DIFFERENCE)


class Compare(QObject):
    """Passes each frame on to stage and sheet, as it is or compared with what is pinned.

    Signals
    -------
    line_changed(text)
        What the line of arithmetic says.
    """

    line_changed = Signal(str)

    def __init__(self, session: Session, compute: LiveCompute, stage: Stage, maps: MapsPanel) -> None:
        super().__init__(stage)
        self._session = session
        self._stage = stage
        self._maps = maps
        self._frame: Frame | None = None
        self.comparing = Comparing(session, compute, self)
        self.bar = CompareBar(self.comparing)
        self.bar.go_to.connect(self._go_to)
        self._divider = Divider(stage.map_view)
        self._divider.share_changed.connect(self.comparing.set_share)
        self.comparing.changed.connect(self._show)
        self.comparing.state_changed.connect(self._state_changed)

    def show_frame(self, frame: Frame) -> None:
        """New maps of B."""
        self._frame = frame
        self._show()

    def take_line(self, text: str) -> None:
        """The line of arithmetic: where two states are shown at once, the value in both instead."""
        comparing, frame, dot = self.comparing, self._frame, self._stage.dot()
        if frame is not None and dot is not None and comparing.active and comparing.mode in _BOTH:
            index = self._stage.scene.index_in(frame)
            text = comparing.describe(frame, index, self._session.channel, *dot) or text
        self.line_changed.emit(text)

    def refresh(self) -> None:
        """Another layer or map is selected."""
        self._show()
        self._stage.refresh()
        self._maps.refresh()

    def _show(self) -> None:
        if self._frame is not None:
            shown = self.comparing.frame_for(self._frame, self._session.layer)
            self._stage.show_frame(shown)
            self._maps.show_frame(shown)

    def _state_changed(self) -> None:
        comparing = self.comparing
        halves = comparing.active and comparing.mode is Mode.HALVES
        self._divider.show_share(comparing.share if halves else None)

    def _go_to(self, layer: str, channel: int, row: int, column: int) -> None:
        names = self._session.document.network.names
        if layer in names:
            self._session.select_layer(names.index(layer))
            self._session.select_channel(channel)
            self._stage.scene.put_dot(row, column)
            self._stage.refresh()
