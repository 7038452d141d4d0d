"""The page that takes one map of a convolution apart: what each input channel adds, and the sum of those not muted.

Only a view: nothing here changes the network.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSlider, QToolButton, QVBoxLayout, QWidget

from explorer.imaging.rendering import Scale, finite_scale
from explorer.layers.convolution import Conv2d
from explorer.layers.fields import Array
from explorer.layers.forward import shape_of
from explorer.layers.ladder import counts
from explorer.live.compute import Frame
from explorer.live.partial import Part, PartialSum
from explorer.ui.controls import elastic_label
from explorer.ui.display import Display
from explorer.ui.ladder_choice import Choice
from explorer.ui.ladder_row import LadderRow, Rungs
from explorer.ui.picture_view import Coloured, PictureView

SIDE_JOB = "ladder"
_SUM_WIDTH = 190
_NO_KERNEL = "Select a convolution: each of its maps is a sum over the channels that come in."


class LadderPage(QWidget):
    """Shows the partial maps of the selected filter. Works only while it is visible.

    Signals
    -------
    wanted(kind, work)
        A job for the compute thread, whose result belongs to :meth:`take`.
    sum_changed(pixels, words)
        The sum of some channels (rows, columns) in place of the map, or None where it is of all.
    channel_picked(channel)
        A partial map was chosen: number of the kernel's channel.
    """

    wanted = Signal(str, object)
    sum_changed = Signal(object, str)
    channel_picked = Signal(int)

    def __init__(self, display: Display, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Channels of this map")
        self._display = display
        self._frame: tuple[Frame, int, int] | None = None
        self._sum: PartialSum | None = None
        self._maps: Array | None = None
        self._small: Array | None = None
        self._amounts: list[float] = []
        self._shares: tuple[float, ...] = ()
        self._known = 0  # maps that are there, if only of an older state
        self.choice = Choice.all(0)
        self.row = LadderRow()
        self.row.mute_requested.connect(self._mute)
        self.row.solo_requested.connect(self._solo)
        self.row.picked.connect(self.channel_picked)
        self.picture = PictureView("Sum of the channels")
        self.picture.setMinimumSize(100, 60)
        self.picture.setMaximumWidth(_SUM_WIDTH)
        self.picture.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.title = QLabel()
        self.words = elastic_label(_NO_KERNEL)
        self.words.setProperty("role", "second")
        self._build()
        display.changed.connect(self._draw)

    def _build(self) -> None:
        self.running = self._button("Running sum", "Show the sum of all channels up to each one", check=True)
        self.running.toggled.connect(self._draw)
        self.everything = self._button("All", "All channels: nothing muted, nothing alone")
        self.everything.clicked.connect(self._choose_all)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName("Channels in the sum")
        self.slider.setToolTip("Add up the first so many channels")
        self.slider.setFixedWidth(120)
        self.slider.valueChanged.connect(self._slid)
        top = QHBoxLayout()
        top.setSpacing(6)
        top.addWidget(self.words, 1)
        for widget in (self.running, self.slider, self.everything):
            top.addWidget(widget)
        right = QVBoxLayout()
        right.setSpacing(2)
        right.addWidget(self.title)
        right.addWidget(self.picture, 1)
        bottom = QHBoxLayout()
        bottom.setSpacing(10)
        bottom.addWidget(self.row, 1)
        bottom.addLayout(right)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3)
        layout.addLayout(top)
        layout.addLayout(bottom, 1)
        layout.addStretch(0)
        self._show_controls()

    @staticmethod
    def _button(text: str, tip: str, *, check: bool = False) -> QToolButton:
        button = QToolButton()
        button.setText(text)
        button.setCheckable(check)
        button.setProperty("role", "field")
        button.setAccessibleName(text)
        button.setToolTip(tip)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return button

    def sizeHint(self) -> QSize:
        return QSize(600, 140)

    # what is shown

    def show_frame(self, frame: Frame, index: int, channel: int) -> None:
        """Follow the maps: layer ``index`` of the frame is selected, and this map of it."""
        self._frame = frame, index, channel
        if self.isVisible():
            self._follow()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._follow()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.sum_changed.emit(None, "")

    def _follow(self) -> None:
        wanted = self._wanted()
        if wanted is None:
            self._forget()
            return
        if wanted.is_like(self._sum):
            return
        before, self._sum = self._sum, wanted
        count = len(wanted.channels)
        of_same = before is not None and before.layer.name == wanted.layer.name
        if not of_same or self.choice.count != count:
            self.choice = Choice.all(count)
        if not of_same or self._maps is None or self._maps.shape != (count, *wanted.reduced_size):
            self._maps = self._small = None
            self._known, self._shares = 0, ()
        if before is None or before.filter_index != wanted.filter_index or not of_same:
            self.sum_changed.emit(None, "")
        self._amounts = []
        self.words.setText(self._sentence(wanted))
        self._show_controls()
        self._ask(wanted, 0)

    def _wanted(self) -> PartialSum | None:
        if self._frame is None:
            return None
        frame, index, channel = self._frame
        layer = frame.result.layers[index] if 0 <= index < len(frame.result.outputs) else None
        if not isinstance(layer, Conv2d) or not layer.enabled or layer.weight is None:
            return None
        return PartialSum(layer, frame.result.input_of(index), min(channel, layer.out_channels - 1))

    def _forget(self) -> None:
        self._sum = self._maps = self._small = None
        self.choice = Choice.all(0)
        self.words.setText(_NO_KERNEL)
        self.row.show_rungs(None, self.choice, self._display.colormap, running=False)
        self.picture.show_content(None)
        self._show_controls()
        self.sum_changed.emit(None, "")

    @staticmethod
    def _sentence(wanted: PartialSum) -> str:
        text = counts(wanted.layer, shape_of(wanted.x))
        if wanted.reduction > 1:
            text += f". Shown at 1/{wanted.reduction} of the size, to save memory"
        return text

    # computing

    def _ask(self, wanted: PartialSum, first: int) -> None:
        work: Callable[[], Part] = partial(wanted.compute, first)
        self.wanted.emit(SIDE_JOB, work)

    def take(self, kind: str, result: object) -> None:
        """What a job gave back; of an older state it is not looked at."""
        if kind != SIDE_JOB or not isinstance(result, Part) or result.of is not self._sum:
            return
        wanted, count = result.of, len(result.of.channels)
        if self._maps is None or self._small is None:
            self._maps = np.zeros((count, *result.maps.shape[1:]), np.float32)
            self._small = np.zeros((count, *result.thumbnails.shape[1:]), np.float32)
        end = result.first + len(result.maps)
        self._maps[result.first : end], self._small[result.first : end] = result.maps, result.thumbnails
        self._amounts[result.first :] = result.amounts
        self._known = max(self._known, end)
        if not self.isVisible():
            self._sum = None  # begun again when it is looked at
        elif end < count:
            self._ask(wanted, end)
        self._draw()

    @property
    def complete(self) -> bool:
        """Whether all partial maps are there."""
        return self._sum is not None and len(self._amounts) == len(self._sum.channels)

    # drawing

    def _draw(self) -> None:
        if self._sum is None or self._small is None or self._maps is None:
            return
        colormap, scale = self._display.colormap, self._scale()
        if self.complete:
            total = sum(self._amounts) or 1.0
            self._shares = tuple(amount / total for amount in self._amounts)
        reach = float(np.abs(self._sum.kernels).max()) or 1.0
        names = self._names(self._sum)
        rungs = Rungs(self._small, self._known, self._sum.kernels, self._shares, names, scale, reach)
        self.row.show_rungs(rungs, self.choice, colormap, running=self.running.isChecked())
        if not self.complete:
            return
        pixels = self.shown_sum()
        self.picture.show_content(Coloured((pixels,), scale, colormap, pixels))
        bias = f" + bias {self._sum.bias:.3g}" if self._sum.bias else ""
        words = self.choice.words() + bias
        self.title.setText(f"= {words}")
        whole = self.choice.is_everything
        self.sum_changed.emit(None if whole else pixels, "" if whole else words)

    @staticmethod
    def _names(wanted: PartialSum) -> tuple[str, ...]:
        return tuple(f"#{channel}" for channel in wanted.channels)

    def _scale(self) -> Scale:
        """One for all, so that what is brighter adds more."""
        assert self._small is not None
        with np.errstate(all="ignore"):  # infinities of both signs
            whole = self._small.sum(axis=0)
        magnitude = max(finite_scale(one).magnitude for one in (*self._small, whole))
        return Scale(-magnitude, magnitude, bool((self._small < 0).any()))

    def shown_sum(self) -> Array:
        """The sum of the channels that are not left out, with the bias (rows, columns)."""
        assert self._maps is not None
        assert self._sum is not None
        chosen = list(self.choice.channels)
        total = np.zeros(self._maps.shape[1:], np.float64)
        with np.errstate(all="ignore"):
            for channel in chosen:
                total += self._maps[channel]
        pixels: Array = (total + self._sum.bias).astype(np.float32)
        return pixels

    # choices

    def _show_controls(self) -> None:
        several = self.choice.count > 1
        for widget in (self.running, self.slider, self.everything):
            widget.setVisible(several)
        self.slider.blockSignals(True)
        self.slider.setRange(0, self.choice.count)
        self.slider.setValue(self.choice.upto)
        self.slider.blockSignals(False)
        for part in (self.title, self.picture, self.row):
            part.setVisible(self.choice.count > 0)

    def _choose(self, choice: Choice) -> None:
        self.choice = choice
        self._show_controls()
        self._draw()

    def _mute(self, channel: int) -> None:
        self._choose(self.choice.toggled_mute(channel))

    def _solo(self, channel: int) -> None:
        self._choose(self.choice.toggled_solo(channel))

    def _slid(self, upto: int) -> None:
        self._choose(self.choice.first(upto))

    def _choose_all(self) -> None:
        self._choose(Choice.all(self.choice.count))
