"""The status bar: what is under the mouse, how large it is shown, how long it took."""

from __future__ import annotations

import psutil
from PySide6.QtWidgets import QProgressBar, QStatusBar, QWidget

from explorer.jit import Status
from explorer.layers.network import in_words
from explorer.live.compute import Frame
from explorer.ui.controls import second_label


class StatusLine(QStatusBar):
    """Quiet facts."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeGripEnabled(False)
        self._hovered = second_label("")
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
        self.addWidget(self._hovered, 1)
        for label in (self._engine, self._busy, self._zoom, self._time, self._memory):
            self.addPermanentWidget(label)
        self._busy.hide()

    def show_hovered(self, text: str) -> None:
        """Position and value under the mouse."""
        self._hovered.setText(f"  {text}")

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
        """What a pass took."""
        self._time.setText(f"computed in {frame.seconds * 1000:.1f} ms")
        self._time.setToolTip("From the edit's arrival on the compute thread to its maps")
        self._memory.setText(f"{in_words(self._process.memory_info().rss)}  ")
        self._memory.setToolTip("Memory of the program")

    def show_busy(self, busy: bool) -> None:
        """A moving bar while a pass takes long."""
        self._busy.setVisible(busy)
