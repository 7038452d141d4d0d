"""The status bar: what is under the mouse, how large it is shown, how long it took."""

from __future__ import annotations

import psutil
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QProgressBar, QStatusBar, QWidget

from explorer.jit import Status
from explorer.layers.network import in_words
from explorer.live.compute import Frame
from explorer.ui.controls import elastic_label, flat_button, second_label

HINTS = {
    "paint": "Paint these nine numbers: drag across the kernel",
    "probe": "Move over the map to see where each value comes from",
    "drop": "Drop a picture of your own anywhere on the window",
}


class StatusLine(QStatusBar):
    """Quiet facts, and what to try next.

    Signals
    -------
    hint_dismissed(key)
        The user has seen enough of a hint.
    """

    hint_dismissed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeGripEnabled(False)
        self._hovered = elastic_label("")  # it may have more to say than there is room for
        self._hovered.setProperty("role", "second")
        self._engine = second_label("")
        self._zoom = second_label("")
        self._time = second_label("")
        self._memory = second_label("")
        self._busy = QProgressBar()
        self._busy.setRange(0, 0)
        self._busy.setFixedSize(72, 6)
        self._busy.setTextVisible(False)
        self._busy.setAccessibleName("Computing")
        self._busy.setToolTip("Computing; Esc cancels")
        self._process = psutil.Process()
        self._hint = QLabel()
        self._hint.setProperty("role", "note")
        self._close = flat_button("x", "Do not show this hint again", self)
        self._close.clicked.connect(self._dismiss)
        self.addWidget(self._hint)
        self.addWidget(self._close)
        self.addWidget(self._hovered, 1)
        self.show_hint("")
        for label in (self._engine, self._busy, self._zoom, self._time, self._memory):
            self.addPermanentWidget(label)
        self._busy.hide()

    def show_hovered(self, text: str) -> None:
        """Position and value under the mouse."""
        self._hovered.setText(f"  {text}")

    def show_hint(self, key: str) -> None:
        """Suggest something to try; an empty key suggests nothing."""
        self.hint = key
        self._hint.setText(f"  {HINTS.get(key, '')}")
        self._hint.setVisible(bool(key))
        self._close.setVisible(bool(key))

    def _dismiss(self) -> None:
        self.hint_dismissed.emit(self.hint)

    def show_engine(self, state: Status) -> None:
        """Whether kernels are compiled."""
        texts = {Status.PREPARING: "Preparing the engine…", Status.FAILED: "slow engine"}
        self._engine.setText(texts.get(state, ""))
        self._engine.setToolTip(
            "Numba compiles the kernels once; until then maps are computed more slowly"
            if state is Status.PREPARING
            else "Numba cannot work here: maps are computed with NumPy. Help > Doctor tells why."
        )

    def show_zoom(self, zoom: float) -> None:
        """How large the selected map is shown."""
        self._zoom.setText(f"map at {zoom:.0%}")
        self._zoom.setToolTip("Size of the selected map on the screen")

    def show_frame(self, frame: Frame) -> None:
        """What a whole pass took."""
        if not frame.result.complete:
            return
        self._time.setText(f"computed in {frame.seconds * 1000:.1f} ms")
        self._time.setToolTip("From the edit's arrival on the compute thread to its maps")
        self._memory.setText(f"{in_words(self._process.memory_info().rss)}  ")
        self._memory.setToolTip("Memory of the program")

    def show_busy(self, busy: bool) -> None:
        """A moving bar while a pass takes long."""
        self._busy.setVisible(busy)
