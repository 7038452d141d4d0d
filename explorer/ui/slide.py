"""The sliding window over the stage: which layer, which maps, and in what colours."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject

from explorer.live.compute import Frame
from explorer.live.session import Session
from explorer.ui.display import Display
from explorer.ui.drawer import Drawer
from explorer.ui.sliding_page import SlidingPage
from explorer.ui.sliding_scene import Look
from explorer.ui.sliding_view import SlidingView
from explorer.ui.stage import Stage

KEY = "slide"


class Slide(QObject):
    """Lays the animation over the stage while its page is open, and keeps it at what is selected."""

    def __init__(self, session: Session, display: Display, stage: Stage, drawer: Drawer) -> None:
        super().__init__(stage)
        self._session = session
        self._display = display
        self._stage = stage
        self._drawer = drawer
        self._frame: Frame | None = None
        self._view = SlidingView(stage)
        self._view.hide()
        self.page = SlidingPage(self._view)
        drawer.add_page(
            KEY, "Sliding window", "How the window moves over the input and fills the map", self.page
        )
        drawer.page_changed.connect(self._page_changed)
        self.page.close_wanted.connect(drawer.hide)
        self.page.moved.connect(self._moved)
        display.changed.connect(self._show)
        stage.installEventFilter(self)

    def show_frame(self, frame: Frame) -> None:
        """Follow the maps and the selection."""
        self._frame = frame
        if self._drawer.page == KEY:
            self._show()

    def _page_changed(self, key: str) -> None:
        self._view.setVisible(key == KEY)
        if key == KEY:
            self._view.setGeometry(self._stage.rect())
            self._view.raise_()
            self._show()
        else:
            self.page.show_nothing("")  # the arrays go

    def _moved(self, row: int, column: int) -> None:
        self._stage.scene.put_dot(row, column)
        self._stage.refresh()

    def _show(self) -> None:
        frame, stage = self._frame, self._stage
        if frame is None or self._drawer.page != KEY:
            return
        index = stage.scene.index_in(frame)
        if index < 0:
            self.page.show_nothing("This layer has no maps yet: see the message on its card.")
            return
        looks = self._looks(frame, index)
        if looks is None:
            self.page.show_nothing("A window slides over maps; this layer works on a row of numbers.")
            return
        result = frame.result
        channel = min(self._session.channel, result.outputs[index].shape[1] - 1)
        inputs = result.input_of(index)
        self.page.show_layer(
            result.layers[index],
            inputs,
            result.outputs[index],
            channel,
            min(stage.scene.input_channel(), inputs.shape[1] - 1),
            stage.dot() or (0, 0),
            looks,
        )

    def _looks(self, frame: Frame, index: int) -> tuple[Look, Look] | None:
        """The colours of input and output, as the stage shows them; None where they are no maps."""
        before, after = frame.input_view(index), frame.views[index]
        if before is None or after is None:
            return None
        names, display = frame.result.network.names, self._display
        channel = min(self._session.channel, len(after.maps) - 1)
        source = min(self._stage.scene.input_channel(), len(before.maps) - 1)
        came_from = names[index - 1] if index else ""
        first = Look(
            display.scale(came_from, before, source),
            display.colormap,
            picture=None if index else frame.picture[0],
            name=came_from or "Picture",
        )
        return first, Look(display.scale(names[index], after, channel), display.colormap, name=names[index])

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._stage and event.type() == QEvent.Type.Resize:
            self._view.setGeometry(self._stage.rect())
        return super().eventFilter(watched, event)
