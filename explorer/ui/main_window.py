"""The window: the only place that knows everybody."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import (
    QCloseEvent,
    QFileOpenEvent,
    QKeyEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QApplication, QMenu

from explorer import memory, settings
from explorer.document.document import Document
from explorer.document.examples import Example
from explorer.jit import Status, status
from explorer.live.compute import Frame, LiveCompute, Request
from explorer.live.engine import EnginePreparation
from explorer.live.session import Session
from explorer.settings import Settings
from explorer.ui.body import Body
from explorer.ui.bug_dialog import BugReporter
from explorer.ui.commands import WindowCommands
from explorer.ui.compare import Compare
from explorer.ui.dialogs import PreferencesDialog, SizeDialog
from explorer.ui.display import Display
from explorer.ui.drawer import Drawer
from explorer.ui.drop_window import DropWindow
from explorer.ui.enlarged import EnlargedKernel
from explorer.ui.example_card import ExampleCard
from explorer.ui.files import Files
from explorer.ui.hints import Hints
from explorer.ui.kernel_studio import KernelStudio
from explorer.ui.kernel_text import KernelText
from explorer.ui.layer_commands import LayerCommands
from explorer.ui.looking import Looking
from explorer.ui.map_commands import MapCommands
from explorer.ui.maps_panel import MapsPanel
from explorer.ui.menus import fill_add_menu, fill_examples, fill_samples
from explorer.ui.message_bar import MessageBar
from explorer.ui.pages import Pages
from explorer.ui.picture_card import PictureCard
from explorer.ui.preferences import Preferences
from explorer.ui.stack_panel import StackPanel
from explorer.ui.stage import Stage
from explorer.ui.status_line import StatusLine
from explorer.ui.sum_line import SumLine

_STALE_AFTER = 250  # milliseconds; shorter waits are not shown
_PAINTED = QEvent.Type(QEvent.registerEventType())
_START_DOT = (0.6, 0.562)  # on the tripod of the start picture


class MainWindow(DropWindow):
    """One document in one window."""

    def __init__(self, document: Document, preferences: Settings | None = None) -> None:
        super().__init__()
        self.preferences = Preferences(preferences or settings.load(), self)
        self.session = Session(document, self)
        self.display = Display(self)
        self.display.set_colormap(self.preferences.settings.colormap)
        self.compute = LiveCompute(self)
        self.preparation = EnginePreparation(self)
        self.frame: Frame | None = None
        self._build()
        self._connect()
        self.resize(1440, 900)
        self.setMinimumSize(900, 600)
        self._title()

    def _build(self) -> None:
        self.samples_menu, self.layer_menu = QMenu("Samples", self), QMenu("Layer", self)
        self.examples_menu = QMenu("Examples", self)
        self.add_menu, self.insert_menu = QMenu("Add at the end", self), QMenu("Insert behind selected", self)
        self.messages = MessageBar()
        self.files = Files(self.session, self.messages, self)
        self.bugs = BugReporter(self)
        self.picture_card = PictureCard(self.session, self.samples_menu)
        self.stack = StackPanel(
            self.session, self.display, self.add_menu, self.layer_menu, tasks=self.files.tasks
        )
        self.stage = Stage(self.session, self.display)
        self.maps = MapsPanel(self.session, self.display)
        self.sum_line = SumLine()
        self.status = StatusLine()
        fill_samples(self.samples_menu, self.files.open_sample)
        fill_examples(self.examples_menu, self.files.open_example)
        self.layer_commands = LayerCommands(self.session, self.stack, self.insert_menu)
        self.map_commands = MapCommands(self)
        fill_add_menu(self.add_menu, self.layer_commands.add)
        fill_add_menu(self.insert_menu, self.layer_commands.insert)
        text = KernelText(self.stage.kernel.selected, self.messages, self.files.tasks, self)
        self.studio = KernelStudio(self.stage, self.display, self.compute, text, self)
        self.drawer = Drawer()
        self.looking = Looking(
            self.session,
            self.compute,
            self.display,
            self.stage,
            self.maps,
            self.picture_card,
            self.stack,
            self.drawer,
        )
        self.pages = Pages(
            self.session,
            self.compute,
            self.display,
            self.preferences,
            self.stage,
            self.drawer,
            self.studio.response,
        )
        self.compare = Compare(self.session, self.compute, self.stage, self.maps)
        self.example_card = ExampleCard()
        self._body = Body(
            self.picture_card,
            self.stack,
            self.stage,
            self.compare.bar,
            self.maps,
            self.drawer,
            self.sum_line,
        )
        self._arranged_for: tuple[int, ...] = ()
        self.messages.float_over(self._body.centre, self.drawer, self.sum_line)
        self.example_card.float_over(self.maps)
        self.setCentralWidget(self._body)
        self.setStatusBar(self.status)
        self._enlarged = EnlargedKernel(self.stage.kernel, self)
        self.commands = WindowCommands(self)
        self.hints = Hints(self.preferences, self.status, self.stage)
        self._stale = QTimer(self)
        self._stale.setSingleShot(True)
        self._stale.setInterval(_STALE_AFTER)

    def _connect(self) -> None:
        session = self.session
        session.document_changed.connect(self._document_changed)
        session.selection_changed.connect(self._selection_changed)
        session.gesture_finished.connect(self._gesture_finished)
        session.saved_changed.connect(self._title)
        self.compute.frame_ready.connect(self._show_frame)
        self.compute.failed.connect(self._compute_failed)
        self.compute.bug.connect(self.bugs.report)
        self.compute.bug.connect(self._computed_nothing)
        self.preparation.prepared.connect(self._engine_prepared)
        self.display.changed.connect(self._remember_colormap)
        self.picture_card.open_requested.connect(self.files.open_picture_dialog)
        self.picture_card.size_requested.connect(self.ask_size)
        self.dropped.connect(self.files.drop)
        self.maps.export_requested.connect(self.map_commands.export)
        self.maps.selection_changed.connect(self._filters_selected)
        self.drawer.page_changed.connect(self.studio.show_response)
        self.maps.side_wanted.connect(self.compute.side)
        self.compute.side_done.connect(self.maps.side_done)
        self.files.example_opened.connect(self._show_example)
        pages = self.pages
        speakers = (
            self.maps,
            self.stack,
            self.stage,
            self.looking.probe,
            pages.summary,
            pages.slide.page,
            self.compare.comparing,
        )
        for part in speakers:
            part.message.connect(self.messages.note)
        self.stage.line_changed.connect(self.compare.take_line)
        self.compare.line_changed.connect(self.sum_line.show_text)
        self.stage.hovered.connect(self.status.show_hovered)
        self.stage.map_view.zoomed.connect(self._show_zoom)
        self.stage.kernel.message.connect(self.messages.note)
        self.stage.kernel.enlarge_requested.connect(self._enlarged.toggle)
        self._stale.timeout.connect(partial(self._set_stale, True))
        QApplication.styleHints().colorSchemeChanged.connect(self.preferences.apply_theme)

    def start(self) -> None:
        """Begin to compute. The window is shown first; maps arrive by themselves."""
        self.setFocus()
        self.stack.set_memory_limit(self.preferences.memory_limit)
        self.pages.show_document()
        self._body.fit_rail(self.width())
        self.stage.park_dot(*_START_DOT)
        self.compute.start()
        self._request(settled=True)
        self.preparation.start()
        self.status.show_engine(status.state)

    # the way of one edit

    def _document_changed(self, before: Document, after: Document) -> None:
        self.display.frozen = self.session.gesture is not None
        if not set(before.network.layers) & set(after.network.layers):
            self.display.forget()
        if before.image is not after.image or before.preprocess is not after.preprocess:
            self.picture_card.show_document()
            if before.image is not after.image and after.image.source != before.image.edited_source:
                self.preferences.hint_done("drop")
        self.stack.show_document()
        self.pages.show_document()
        self._body.fit_rail(self.width())
        self.stage.show_document()
        self._request(settled=self.session.gesture is None)

    def _selection_changed(self) -> None:
        self.stack.show_selection()
        self.pages.summary.show_selection(self.session.layer)
        self._body.fit_rail(self.width())
        if self.frame is not None and self._shows(self.frame):
            self.compare.refresh()
            self.studio.show_frame(self.frame, self.session.layer)
            self.pages.show_frame(self.frame)
        self._request(settled=True)

    def _gesture_finished(self) -> None:
        self.display.frozen = False
        self._request(settled=True)

    def _request(self, *, settled: bool) -> None:
        names = self.session.document.network.names
        channels = tuple((name, self.session.channel_of(name)) for name in names)
        request = Request(
            self.session.document,
            self.session.layer,
            channels,
            self.preferences.memory_limit - self.compare.comparing.memory,
            settled,
        )
        self.compute.request(request)
        if not self._stale.isActive():
            self._stale.start()

    def _shows(self, frame: Frame) -> bool:
        """Whether a frame has the maps of the selected layer."""
        index = self.session.layer
        return index < 0 or (index < len(frame.views) and frame.views[index] is not None)

    def _show_frame(self, frame: Frame) -> None:
        if not self._shows(frame) and frame.request.layer != self.session.layer:
            return  # of a layer that is no longer on the stage
        self.frame = frame
        self.picture_card.show_frame(frame)
        self.stack.show_frame(frame)
        self.compare.show_frame(frame)
        self.studio.show_frame(frame, self.session.layer)
        self.pages.show_frame(frame)
        if frame.document is self.session.document:
            self._stale.stop()
            self._set_stale(False)
        self.status.show_frame(frame)
        self._show_zoom()
        QApplication.postEvent(self, QEvent(_PAINTED), Qt.EventPriority.LowEventPriority.value - 1)
        size = frame.picture[0].shape[:2]
        if size != self._arranged_for:
            self._arranged_for = size
            self._body.fit_rail(self.width())
            self._body.arrange()

    def _show_zoom(self) -> None:
        self.status.show_zoom(self.stage.map_view.zoom)

    def _set_stale(self, stale: bool) -> None:
        self.stage.set_stale(stale)
        self.maps.set_stale(stale)
        self.status.show_busy(stale)

    def _compute_failed(self, sentence: str) -> None:
        self._computed_nothing()
        self.messages.error(sentence)

    def _computed_nothing(self) -> None:
        self._stale.stop()
        self._set_stale(False)

    def _engine_prepared(self) -> None:
        self.status.show_engine(status.state)
        if status.state is Status.FAILED:
            self.messages.note(
                "Numba cannot work on this machine, so maps are computed more slowly. Help > Doctor tells why."
            )
        self.compute.forget()
        self._request(settled=True)

    @property
    def settled_frame(self) -> Frame | None:
        """The frame, where it is complete, settled and of the present document."""
        frame = self.frame
        if frame is None or frame.document is not self.session.document:
            return None
        return frame if frame.result.settled and frame.result.complete else None

    def _show_example(self, example: Example) -> None:
        self.session.select_layer(example.layer)
        self.session.select_channel(example.channel)
        self.stage.park_dot(*example.dot_shares)
        self.example_card.show_example(example)

    def _filters_selected(self) -> None:
        self.stage.kernel.selected.also = self.maps.selection

    # picture

    def ask_size(self) -> None:
        """Ask for a working size."""
        dialog = SizeDialog(self.session.document.input_shape[1:], self)  # type: ignore[arg-type]
        if dialog.exec():
            self.picture_card.choose_size(dialog.size_chosen)

    # preferences

    def ask_preferences(self) -> None:
        """Theme and memory limit."""
        dialog = PreferencesDialog(self.preferences.settings, memory.default_limit(), self)
        if dialog.exec():
            self.preferences.remember(dialog.settings)
            self.preferences.apply_theme()
            self.stack.set_memory_limit(self.preferences.memory_limit)
            self._request(settled=True)

    def _remember_colormap(self) -> None:
        self.preferences.set_colormap(self.display.colormap.key)

    def present(self, on: bool) -> None:
        """For a projector: larger text, and the rail folded away."""
        self._body.rail.setVisible(not on)
        self.status.setVisible(not on)
        if on:
            self.showFullScreen()
        else:
            self.showNormal()
        self.preferences.present(on)
        self.stage.kernel.grid.largest_cell = 140 if on else 96
        self.stage.set_wide(on)
        self.stage.refresh()
        self.maps.refresh()
        self._body.arrange()

    # the window itself

    def _title(self) -> None:
        name = self.session.path.name if self.session.path else "Untitled network"
        self.setWindowTitle(f"{name}[*] – Feature-map explorer")
        self.setWindowModified(self.session.modified)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            if self.stage.unpin():
                return
            if self._enlarged.isVisible():
                self._enlarged.hide()
            elif self.isFullScreen():
                self.commands.leave_presentation()
            elif self._stale.isActive() or self.stage.map_view.stale:
                self.compute.cancel()
                self._compute_failed(
                    "The computation was cancelled. Undo (Ctrl+Z) brings the last state back."
                )
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._body.fit_rail(self.width())
        self._enlarged.place()
        self._body.arrange()

    def event(self, event: QEvent) -> bool:
        if event.type() == _PAINTED:  # it stood in line behind what the last frame made Qt repaint
            self.compute.painted()
            return True
        return super().event(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QFileOpenEvent):  # macOS: a file was dropped on the program's icon
            self.files.open(Path(event.file()))
            return True
        return super().eventFilter(watched, event)

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self.files.may_discard():
            event.ignore()
            return
        self.stop()
        event.accept()

    def stop(self) -> None:
        """End every thread."""
        self.pages.stop()
        self.compute.stop()
        self.files.tasks.stop()
        self.preparation.stop()
