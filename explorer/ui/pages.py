"""The pages of the drawer that show the document and its maps as a whole."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject

from explorer.live.compute import Frame, LiveCompute
from explorer.live.session import Session
from explorer.ui.display import Display
from explorer.ui.drawer import Drawer
from explorer.ui.history_page import HistoryPage
from explorer.ui.pass_times import PassTimes
from explorer.ui.preferences import Preferences
from explorer.ui.response_page import ResponsePage
from explorer.ui.shift_page import ShiftPage
from explorer.ui.slide import Slide
from explorer.ui.stage import Stage
from explorer.ui.summary_page import SummaryPage

_SHIFT = "shift"


class Pages(QObject):
    """One page at a time; each computes only while it is looked at."""

    def __init__(
        self,
        session: Session,
        compute: LiveCompute,
        display: Display,
        preferences: Preferences,
        stage: Stage,
        drawer: Drawer,
        response: ResponsePage,
    ) -> None:
        super().__init__(stage)
        self._session = session
        self._preferences = preferences
        self._times = PassTimes()
        self.summary = SummaryPage()
        self.summary.layer_picked.connect(session.select_layer)
        history = HistoryPage(session.undo_stack, session.go_to)
        add = drawer.add_page
        answers = "What the kernel lets through, and its answer to a step, a pixel and a line"
        add("response", "Response", answers, response)
        self.slide = Slide(session, display, stage, drawer)
        self.shift = ShiftPage()
        self.shift.wanted.connect(partial(compute.side, _SHIFT))
        compute.side_done.connect(self._side_done)
        moved = "Nudge the picture by a pixel: which layers change, and which do not?"
        add("shift", "Shift test", moved, self.shift)
        add("summary", "Summary", "Shapes, parameters, memory and what each value sees", self.summary)
        add("history", "History", "Every step in words; click to go there", history)

    def stop(self) -> None:
        """End what runs for a page, before the window closes."""
        self.shift.cancel()
        self.slide.page.stop()

    def show_document(self) -> None:
        """Follow the document at once."""
        self.shift.cancel()
        self.summary.show_document(self._session.document, self._preferences.memory_limit)
        self.summary.show_selection(self._session.layer)

    def _side_done(self, kind: str, result: object) -> None:
        if kind == _SHIFT:
            self.shift.show_result(result)

    def show_frame(self, frame: Frame) -> None:
        """Follow the maps, and the selection among them."""
        self.slide.show_frame(frame)
        self.shift.show_frame(frame)
        self._times.take(frame.result)
        if frame.result.settled and frame.result.complete:
            names = frame.result.network.names
            times = {name: seconds for name in names if (seconds := self._times.of(name)) is not None}
            self.summary.show_times(times)
