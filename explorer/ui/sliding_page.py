"""The drawer's page that lets a window slide over the input while the stage shows it."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from explorer.layers.fields import Array
from explorer.layers.layer import Layer
from explorer.ui import motion, theme
from explorer.ui.controls import elastic_label, flat_button, second_label
from explorer.ui.count_slider import CountSlider
from explorer.ui.sliding_export_row import SlidingExportRow
from explorer.ui.sliding_locator import Locator
from explorer.ui.sliding_scene import Given, Look, SlidingScene, scene_of
from explorer.ui.sliding_size import SizeChoice
from explorer.ui.sliding_view import STEPS, SlidingView

SPEEDS = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
_PERIOD = 250.0  # milliseconds of a window at speed 1
_PAUSE = 1000  # milliseconds at the end before it begins again
_FAR = 10  # windows that Shift and an arrow go


class SlidingPage(QWidget):
    """Plays, steps and scrubs through the windows of a layer. ``view`` shows them; its owner lays it over the stage.

    It only reads the arrays it is given. While it is hidden nothing moves, and it only remembers the newest ones.

    Signals
    -------
    moved(row, column)
        The window was moved by hand, or stopped: the output that it makes.
    message(sentence)
        What became of an export.
    close_wanted()
        Escape was pressed on the view.
    """

    moved = Signal(int, int)
    message = Signal(str)
    close_wanted = Signal()

    def __init__(
        self, view: SlidingView, *, reduced_motion: bool | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName("Sliding window controls")
        self.view = view
        self.reduced_motion = motion.reduced() if reduced_motion is None else reduced_motion
        self._given: Given | None = None
        self._words = "Select a convolution or a pooling layer to see its window slide."
        self._scene: SlidingScene | None = None
        self._centre: tuple[int, int] | None = None
        self._starts = False  # to play as soon as there is something to play
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._make_controls()
        self._arrange()
        self._connect()
        self._show_scene("")

    # the controls

    def _make_controls(self) -> None:
        self.back = flat_button("step-back", "One window back (Left)")
        self.play_button = flat_button("play", "Play (Space)")
        self.forward = flat_button("step-forward", "One window on (Right)")
        self.slider = CountSlider(0, 0)
        self.slider.setAccessibleName("Window")
        self.place = QLabel()
        self.place.setFont(theme.font(self))
        self.speed = QComboBox()
        self.speed.setAccessibleName("Speed")
        for speed in SPEEDS:
            self.speed.addItem(f"{speed:g}×", speed)
        self.speed.setCurrentIndex(SPEEDS.index(1.0))
        self.speed.setToolTip("1× is four windows a second")
        self.loop = flat_button("repeat", "Begin again at the end")
        self.loop.setCheckable(True)
        self.loop.setChecked(True)
        self.sizes = SizeChoice()
        self.exporting = SlidingExportRow(self.view)
        self.sentence = elastic_label()
        self.summary = elastic_label()
        self.summary.setProperty("role", "second")
        self.locator = Locator()

    def _arrange(self) -> None:
        first, second, last = QHBoxLayout(), QHBoxLayout(), QHBoxLayout()
        for row in (first, second, last):
            row.setSpacing(6)
        for widget in (self.back, self.play_button, self.forward):
            first.addWidget(widget)
        first.addWidget(self.slider, 1)
        first.addWidget(self.place)
        second.addWidget(second_label("Speed"))
        second.addWidget(self.speed)
        second.addWidget(self.loop)
        second.addSpacing(12)
        second.addWidget(self.sizes)
        second.addStretch(1)
        last.addWidget(self.summary, 1)
        last.addWidget(self.exporting)
        rows = QVBoxLayout()
        rows.setSpacing(6)
        rows.addLayout(first)
        rows.addLayout(second)
        rows.addWidget(self.sentence)
        rows.addLayout(last)
        rows.addStretch(1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addLayout(rows, 1)
        layout.addWidget(self.locator)

    def _connect(self) -> None:
        self.play_button.clicked.connect(self.toggle)
        self.back.clicked.connect(partial(self.step, -1))
        self.forward.clicked.connect(partial(self.step, 1))
        self.slider.moved.connect(self.go)
        self.speed.currentIndexChanged.connect(self._pace)
        self.sizes.changed.connect(self._resize)
        self.locator.moved.connect(self._recentre)
        self.view.picked.connect(self.go)
        self.view.key_pressed.connect(self._view_key)
        self.loop.toggled.connect(self._pace)
        self.exporting.message.connect(self.message)

    # what is shown

    def show_layer(
        self,
        layer: Layer,
        x: Array,
        output: Array,
        channel: int,
        input_channel: int,
        dot: tuple[int, int] | None,
        looks: tuple[Look, Look],
    ) -> None:
        """Show a fitted layer at work on x (1, C, H, W), which gave output (1, C', H', W').

        ``dot`` is the output around which the windows are shown; ``looks`` are of the input and of the output.
        """
        if not self._is_seen(layer, output, dot):
            self._centre = dot
        self._given, self._words = Given(layer, x, output, channel, input_channel, looks), ""
        if self.isVisible():
            self._build()

    def _is_seen(self, layer: Layer, output: Array, dot: tuple[int, int] | None) -> bool:
        """Whether the dot lies in the part that is shown, which then stays where it is."""
        scene = self._scene
        if scene is None or scene.layer.name != layer.name or scene.output.shape[2:] != output.shape[2:]:
            return False
        return dot is None or (dot[0] in scene.part.rows and dot[1] in scene.part.columns)

    def show_nothing(self, words: str) -> None:
        """Say why there is nothing to show, and let the arrays go."""
        self._given, self._words = None, words
        if self.isVisible():
            self._build()

    @property
    def scene(self) -> SlidingScene | None:
        """What is shown now; None where no window slides."""
        return self._scene

    @property
    def index(self) -> int:
        """The place of the window in its order."""
        return self.view.index

    def _build(self) -> None:
        """Make the scene of what was given."""
        given, before = self._given, self._scene
        made: SlidingScene | str = self._words
        if given is not None:
            made = scene_of(given, self._centre, self.sizes.size_shown)
        if isinstance(made, str):
            self._scene = None
            self._show_scene(made)
            return
        self._scene = made
        keeps = before is not None and before.part == made.part
        self._show_scene("", self.index if keeps else 0)
        if self._starts:
            self._starts = False
            self.play()

    def _show_scene(self, words: str, index: int = 0) -> None:
        scene = self._scene
        for widget in (
            self.back,
            self.play_button,
            self.forward,
            self.slider,
            self.speed,
            self.loop,
            self.sizes,
        ):
            widget.setEnabled(scene is not None)
        self.exporting.set_possible(scene is not None)
        self.locator.setVisible(scene is not None and not scene.part.is_whole)
        if scene is None:
            self.pause()
            self.place.clear()
            self.sentence.setText(words)
            self.summary.clear()
            self.view.show_words(words)
            return
        count = len(scene.walk)
        self.slider.blockSignals(True)
        self.slider.setRange(0, count - 1)
        self.slider.setPageStep(len(scene.walk.columns))
        self.slider.blockSignals(False)
        self.place.setMinimumWidth(self.place.fontMetrics().horizontalAdvance(f"{count:,} of {count:,}"))
        self.place.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.summary.setText(scene.summary)
        self.locator.show_scene(scene)
        self.view.show_scene(scene, index)
        self._say()

    def _say(self) -> None:
        scene = self._scene
        if scene is None:
            return
        self.slider.show_value(self.index)
        self.place.setText(f"{self.index + 1:,} of {len(scene.walk):,}")
        sentence = scene.sentence(scene.step(self.index))
        self.sentence.setText(sentence)
        if not self.playing:  # somebody who listens is told where it stops
            self.slider.setAccessibleDescription(sentence)
            self.view.setAccessibleDescription(sentence)

    def _resize(self) -> None:
        """Show more or less of the picture, with the window where it is."""
        place = self._scene.walk.place(self.index) if self._scene is not None else None
        self._build()
        if place is not None and self._scene is not None:
            self._show_index(self._scene.walk.index(*place))

    def _recentre(self, row: int, column: int) -> None:
        self._centre = (row, column)
        self._build()

    # moving

    @property
    def playing(self) -> bool:
        """Whether the window moves by itself."""
        return self._timer.isActive()

    def toggle(self) -> None:
        """Play or pause."""
        if self.playing:
            self.pause()
        else:
            self.play()

    def play(self) -> None:
        """Let the window move, from the beginning where it stood at the end."""
        if self._scene is None or not self.isVisible():
            return
        if self.index == len(self._scene.walk) - 1:
            self._show_index(0)
        self._timer.start(self._interval())
        self._show_playing()

    def pause(self) -> None:
        """Stop where it is."""
        was_playing = self.playing
        self._timer.stop()
        self._show_playing()
        if was_playing and self._scene is not None:
            self._say()
            self.moved.emit(*self._scene.walk.place(self.index))

    def step(self, count: int) -> None:
        """So many windows on, or back."""
        self.go(self.index + count)

    def go(self, index: int) -> None:
        """Stop at a place of the order."""
        if self._scene is None:
            return
        self._timer.stop()
        self._show_playing()
        self._show_index(min(max(index, 0), len(self._scene.walk) - 1))
        self.moved.emit(*self._scene.walk.place(self.index))

    def _show_index(self, index: int) -> None:
        self.view.show_index(index)
        self._say()

    def _tick(self) -> None:
        scene = self._scene
        if scene is None or not self.isVisible():
            self.pause()
            return
        last = len(scene.walk) - 1
        if self.index < last:
            self._show_index(scene.after(self.index))
            at_end = self.index == last
            self._timer.setInterval(max(_PAUSE, self._interval()) if at_end else self._interval())
        elif self.loop.isChecked():
            self._show_index(0)
            self._timer.setInterval(self._interval())
        else:
            self.pause()

    def _interval(self) -> int:
        return round(_PERIOD / SPEEDS[self.speed.currentIndex()])

    def _pace(self) -> None:
        self.exporting.milliseconds, self.exporting.loop = self._interval(), self.loop.isChecked()
        if self.playing:
            self._timer.setInterval(self._interval())

    def _show_playing(self) -> None:
        text = "Pause (Space)" if self.playing else "Play (Space)"
        self.play_button.set_icon("pause" if self.playing else "play")
        self.play_button.setToolTip(text)
        self.play_button.setAccessibleName(text)

    # events

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._starts = not self.reduced_motion
        self._build()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._starts = False
        self.pause()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.place.setFont(theme.font(self))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self._key(event):
            super().keyPressEvent(event)

    def _view_key(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close_wanted.emit()
            event.accept()
        elif self._key(event):
            event.accept()

    def _key(self, event: QKeyEvent) -> bool:
        """Move the window; False for a key that does not."""
        scene, key = self._scene, Qt.Key(event.key())
        if scene is None or event.modifiers() & ~(
            Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier
        ):
            return False
        far = _FAR if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
        if key == Qt.Key.Key_Space:
            self.toggle()
        elif key in STEPS:
            down, right = STEPS[key]
            self.step(far * (down * len(scene.walk.columns) + right))
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self.go(0 if key == Qt.Key.Key_Home else len(scene.walk) - 1)
        else:
            return False
        return True

    def stop(self) -> bool:
        """Stop playing and writing, before the window closes."""
        self.pause()
        return self.exporting.export.stop()
