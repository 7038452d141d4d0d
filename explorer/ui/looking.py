"""What is looked at, everywhere: the value under the mouse on stage, sheet, picture card and layer cards."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, QRectF

from explorer.layers.receptive import Box
from explorer.live.compute import Frame, LiveCompute
from explorer.live.session import Session
from explorer.ui.display import Display
from explorer.ui.drawer import Drawer
from explorer.ui.ladder_page import LadderPage
from explorer.ui.maps_panel import MapsPanel
from explorer.ui.picture_card import PictureCard
from explorer.ui.probe_page import ProbePage
from explorer.ui.stack_panel import StackPanel
from explorer.ui.stage import Stage


class Looking(QObject):
    """Connects what shows a value with what explains it."""

    def __init__(
        self,
        session: Session,
        compute: LiveCompute,
        display: Display,
        stage: Stage,
        maps: MapsPanel,
        picture_card: PictureCard,
        stack: StackPanel,
        drawer: Drawer,
    ) -> None:
        super().__init__(stage)
        self._session, self._stage = session, stage
        self._picture_card, self._stack = picture_card, stack
        self._frame: Frame | None = None
        self.probe, self.ladder = ProbePage(display), LadderPage(display)
        drawer.add_page("probe", "Explain", "Where the value under the mouse comes from", self.probe)
        drawer.add_page("ladder", "Channels", "What each input channel adds to the map", self.ladder)
        stage.attach(maps.sheet, maps.bars)
        self._connect_probe()
        self.ladder.wanted.connect(compute.side)
        compute.side_done.connect(self.ladder.take)
        self.ladder.sum_changed.connect(stage.show_sum)
        self.ladder.channel_picked.connect(stage.kernel.set_channel)
        stage.shown.connect(self._shown)

    def _connect_probe(self) -> None:
        stage, probe = self._stage, self.probe
        stage.probe_changed.connect(probe.show_probe)
        probe.go_requested.connect(stage.go_to)
        probe.term_pointed.connect(stage.probing.point_at_term)
        probe.unpin_requested.connect(stage.unpin)
        stage.field_changed.connect(self._picture_card.mark)
        stage.dependents_changed.connect(self._mark_cards)
        self._picture_card.pointed.connect(stage.point_at_picture)
        self._picture_card.pointed_away.connect(stage.leave_picture)

    def _shown(self, frame: Frame) -> None:
        self._frame = frame
        self.ladder.show_frame(frame, self._stage.index(), self._session.channel)

    def _mark_cards(self, boxes: Sequence[Box | None]) -> None:
        """Outline on each card what depends on the pixel."""
        outputs = self._frame.result.outputs if self._frame is not None else ()
        shares: list[QRectF | None] = []
        for box, output in zip(boxes, outputs, strict=False):
            if box is None or output.ndim != 4:
                shares.append(None)
                continue
            rows, columns = output.shape[2:]
            shares.append(QRectF(box.left / columns, box.top / rows, box.width / columns, box.height / rows))
        self._stack.mark_outputs(shares)
