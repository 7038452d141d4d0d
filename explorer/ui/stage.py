"""The stage: picture * kernel = map.

Left the input of the selected layer, right the selected map, and between them what turns one into the other. The dot
is one output value; the window box is what it looks at.
"""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from explorer.imaging.rendering import Scale, clipped_share
from explorer.layers.convolution import Conv2d
from explorer.layers.fields import Array
from explorer.layers.layer import Layer
from explorer.layers.receptive import Box
from explorer.live.compute import Frame
from explorer.live.session import Session
from explorer.ui import theme
from explorer.ui.bars import Bars
from explorer.ui.display import Display
from explorer.ui.input_side import InputSide
from explorer.ui.kernel_panel import KernelPanel
from explorer.ui.linked_views import LinkedViews
from explorer.ui.maps_sheet import MapsSheet
from explorer.ui.picture_marks import Spot
from explorer.ui.picture_view import PictureView
from explorer.ui.probe import Probe, Step
from explorer.ui.side import Side
from explorer.ui.stage_input import StageInput
from explorer.ui.stage_middle import Middle
from explorer.ui.stage_probe import Probing
from explorer.ui.stage_scene import Scene
from explorer.ui.template_found import Found

_SIGN_WIDTH = 26
_MARGIN = 14  # above and below, together
_WIDE = 1000  # pixels of the stage above which the middle may be wide


class Stage(QWidget):
    """Shows one layer at work.

    Signals
    -------
    line_changed(text)
        How the value at the dot came to be.
    hovered(text)
        Position and value under the mouse; empty when it leaves.
    probed()
        The mouse went over a map.
    probe_changed(probe)
        Another number is looked at, or none (None).
    field_changed(box)
        What it sees of the network's input; None while nothing is pointed at.
    shown(frame)
        The present frame was shown for the present selection.
    dependents_changed(boxes)
        For each layer the box of outputs (or None) that depend on the pixel under the mouse; empty for no pixel.
    message(sentence)
        Something done on the input cannot be, or did more than was asked for.
    """

    line_changed = Signal(str)
    hovered = Signal(str)
    probed = Signal()
    probe_changed = Signal(object)
    field_changed = Signal(object)
    dependents_changed = Signal(object)
    shown = Signal(object)
    message = Signal(str)

    def __init__(self, session: Session, display: Display, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._display = display
        self._sum: tuple[Array | None, str] = (None, "")
        self._presenting = False
        self.kernel = KernelPanel(session, display)
        self.scene = Scene(session, self.kernel.selected)
        self._found = Found(self.scene, session)
        self.input = InputSide("Input of the selected layer", "Input numbers")
        self.map = Side("Selected feature map", "Output numbers")
        self.input_view, self.map_view = self.input.picture, self.map.picture
        self.source = StageInput(session, display, self.scene, self.input, self)
        self.shows_peak = self.map.add_toggle(
            "crosshair", "Mark where the template fits best and where the map is largest"
        )
        self.shows_peak.setChecked(True)
        self.linked_views = LinkedViews(self.scene, self.input_view, self.map_view, self)
        self.probing = Probing(session, self.scene, self.input, self.map_view, self.kernel, self)
        self._build()
        self._connect()
        self._connect_probing()

    def _build(self) -> None:
        self._middle = Middle(self._session, self._display, self.kernel, self.scene)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, _MARGIN // 2, 12, _MARGIN // 2)
        layout.setSpacing(0)
        layout.addWidget(self.input, 1)
        self._times, self._equals = self._sign(), self._sign()
        layout.addWidget(self._times)
        layout.addWidget(self._middle)
        layout.addWidget(self._equals)
        layout.addWidget(self.map, 1)

    def _sign(self) -> QLabel:
        sign = QLabel()
        sign.setProperty("role", "second")
        sign.setFont(theme.font(self, 1.9))
        sign.setAlignment(Qt.AlignmentFlag.AlignCenter)
        sign.setMinimumWidth(_SIGN_WIDTH)
        return sign

    def _connect(self) -> None:
        self.input.choices_changed.connect(self.refresh)
        self.source.message.connect(self.message)
        self.shows_peak.toggled.connect(self.refresh)
        self.map.bars.picked.connect(self._session.select_channel)
        self._session.selection_changed.connect(self.show_selection)
        self.kernel.channel_changed.connect(self._let_go)
        self.kernel.channel_changed.connect(self.refresh)
        self._display.changed.connect(self.refresh)

    def _connect_probing(self) -> None:
        probing, view = self.probing, self.map_view
        view.hovered.connect(self._hover_map)
        view.clicked.connect(probing.pin)
        view.walked.connect(self._walk)
        view.escaped.connect(probing.unpin)
        view.left.connect(probing.leave)
        self.map.bars.hovered.connect(probing.point_at_number)
        self.map.bars.left.connect(probing.leave)
        for source in (self.input_view, self.input.numbers):
            source.hovered.connect(probing.point_at_input)
            source.left.connect(probing.leave)
        probing.line_changed.connect(self.line_changed)
        probing.said.connect(self.hovered)
        probing.probe_changed.connect(self._probe_changed)
        probing.field_changed.connect(self.field_changed)
        probing.dependents_changed.connect(self.dependents_changed)

    def attach(self, sheet: MapsSheet, bars: Bars) -> None:
        """Let the tiles and bars below be probed like the map, and show the same part of their maps."""
        probing = self.probing
        self.linked_views.attach(sheet)
        sheet.hovered.connect(self._hover_tile)
        sheet.left.connect(probing.leave)
        bars.hovered.connect(probing.point_at_number)
        bars.left.connect(probing.leave)
        probing.crosshair_changed.connect(sheet.set_crosshair)

    def set_wide(self, presenting: bool) -> None:
        """More room for the kernel, for a projector."""
        self._presenting = presenting
        self._fit_middle()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_middle()

    def _fit_middle(self) -> None:
        usual = self.width() // 3 if self._presenting else 264 if self.width() >= _WIDE else 224
        self._middle.setFixedWidth(max(usual, self.kernel.minimumSizeHint().width()))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.refresh()

    def ideal_height(self, width: int) -> int:
        """The height at which the pictures have no empty stripes above and below."""
        rows, columns = self.map_view.picture_size
        if rows == 0:
            rows, columns = 3, 4
        views = (width - self._middle.width() - 2 * _SIGN_WIDTH - 24) / 2
        picture = min(max(views * rows / columns, 226), max(views * 0.75, 226))
        return round(picture) + self.map.chrome + _MARGIN

    # what is shown

    def show_frame(self, frame: Frame) -> None:
        """Show the maps of a pass."""
        before, self.scene.frame = self.scene.frame, frame
        if frame.shows_like(before):
            self.probing.show_later_layers()
        else:
            self.refresh()

    def show_document(self) -> None:
        """Follow an edit at once, before its maps are there: the kernel is the user's hand."""
        self._let_go(self._session.gesture)
        if isinstance(self.scene.layer(), Conv2d):
            self.kernel.show_kernel()
        self.source.show_document()

    def show_selection(self) -> None:
        """Put the selected kernel under the hand at once, before its maps are there."""
        self._let_go()
        if isinstance(self.scene.layer(), Conv2d):
            self.kernel.show_kernel()

    def _let_go(self, but: int | None = None) -> None:
        """A stroke is of what was shown when it began, but for the gesture that goes on."""
        for grid in (*self.kernel.grids, self.input.numbers.grid):
            grid.let_go(but)

    def set_stale(self, stale: bool) -> None:
        """Dim the maps while they show an older state; what is painted stays bright."""
        self.map_view.set_stale(stale)

    def refresh(self) -> None:
        """Show the present frame for the present selection."""
        frame, layer = self.scene.frame, self.scene.layer()
        if frame is None:
            return
        if layer is None:
            self._show_without_layers(frame)
            self.shown.emit(frame)
            return
        if self._is_fixed(layer):
            self._show_middle(frame, layer)
        self.source.show(frame)
        self._show_map(frame, layer)
        self.scene.settle_dot()
        self.linked_views.follow()
        self.probing.refresh()
        self._mark_peak(frame, layer)
        self.shown.emit(frame)

    def _show_without_layers(self, frame: Frame) -> None:
        self.source.show(frame)
        self._middle.show_words(
            "No layers", "Add a layer to see maps", "The Add button at the left, or Insert"
        )
        self.map.show_message("", "Maps appear here", self._display.colormap)
        self.shows_peak.hide()
        self.input.mark_spots(())
        self.probing.refresh()

    def _show_map(self, frame: Frame, layer: Layer) -> None:
        index, colormap = self.scene.index(), self._display.colormap
        view = frame.views[index] if index >= 0 else None
        if index >= 0 and frame.result.outputs[index].ndim == 2:
            values = frame.result.outputs[index][0]
            self.map.title.setToolTip("")
            self.map.show_numbers(f"<b>{escape(layer.name)}</b> {len(values):,} numbers", values, colormap)
            self.map.bars.select(min(self._session.channel, len(values) - 1))
            return
        if view is None:
            if index < 0:
                self.map.title.setToolTip("")
                self.map.show_message(f"<b>{escape(layer.name)}</b>", self._why_empty(frame), colormap)
            return
        channel = min(self._session.channel, len(view.maps) - 1)
        shown = view.maps[channel]
        rows, columns = shown.levels[0].shape
        named = frame.result.network.channel_name(index, channel)
        which = f"“{escape(named)}”" if named else f"#{channel}"
        scale = self._display.scale(layer.name, view, channel)
        share = clipped_share(shown.levels[min(1, len(shown.levels) - 1)], scale)
        clipped = f"{share:.1%} clipped" if share >= 0.0005 else ""
        if self._show_sum(which, (rows, columns), scale):
            return
        title = f"<b>Map</b> {which}, {columns} × {rows}"
        self.map.show_map(title, shown, scale, colormap, shown.badge or clipped)
        count = len(view.maps)
        self.map.title.setToolTip(
            f"PyTorch (1, {count}, {rows}, {columns}), Keras (None, {rows}, {columns}, {count})"
        )

    def show_sum(self, pixels: Array | None, words: str) -> None:
        """Show the sum of some input channels (rows, columns) in place of the map; None shows the map again."""
        before, self._sum = self._sum[0], (pixels, words)
        frame, layer = self.scene.frame, self.scene.layer()
        if pixels is not before and frame is not None and layer is not None:
            self._show_map(frame, layer)

    def _show_sum(self, which: str, size: tuple[int, int], scale: Scale) -> bool:
        pixels, words = self._sum
        if pixels is None or pixels.shape != size:
            return False
        title = f"<b>{words[0].upper()}{words[1:]}</b> of {which}"
        self.map.show_values(title, pixels, scale, self._display.colormap, "not the whole map")
        return True

    def _why_empty(self, frame: Frame) -> str:
        error = frame.plan.error
        if error is None:
            return ""
        if error.index == self._session.layer:
            return error.message
        return f"Waiting for {error.layer_name}, which does not fit its input"

    @staticmethod
    def _is_fixed(layer: Layer) -> bool:
        """Whether the middle looks the same wherever the dot is."""
        return isinstance(layer, Conv2d) or not layer.enabled

    def _show_middle(self, frame: Frame, layer: Layer) -> None:
        is_product = isinstance(layer, Conv2d) and layer.enabled
        self._times.setText("∗" if is_product else "→")
        self._equals.setText("=" if is_product else "→")
        self._middle.show_layer(frame, layer)

    # the dot

    def dot(self) -> tuple[int, int] | None:
        """The marked output (row, column) of the selected layer."""
        return self.scene.dot()

    def index(self) -> int:
        """The selected layer's place in the frame; -1 where the frame does not reach it."""
        return self.scene.index()

    def park_dot(self, row_share: float, column_share: float) -> None:
        """Put the dot at a share of the map's height and width."""
        self.scene.park_dot(row_share, column_share)
        self.refresh()

    def go_to(self, step: Step) -> None:
        """Select a layer and pin the dot on one of its outputs; layer -1 is the picture."""
        self.probing.go_to(step)

    def unpin(self) -> bool:
        """Let the dot follow the mouse again; False where it did."""
        return self.probing.unpin()

    def point_at_picture(self, row: int, column: int) -> None:
        """The mouse is over a pixel of the network's input that is shown elsewhere: show what depends on it."""
        self.probing.point_at_picture(row, column)

    def leave_picture(self) -> None:
        """It is there no longer."""
        self.probing.leave()

    # zoom

    @property
    def linked(self) -> bool:
        """Whether input, map and tiles show the same place."""
        return self.linked_views.linked

    @linked.setter
    def linked(self, linked: bool) -> None:
        self.linked_views.linked = linked

    @property
    def zoom_views(self) -> tuple[PictureView, ...]:
        """The views that a zoom command is for: one moves the other where they are linked."""
        return (
            (self.map_view,)
            if self.linked and self.map_view.isVisible()
            else (self.input_view, self.map_view)
        )

    def fit(self) -> None:
        """All of every map."""
        self.linked_views.fit()

    def _mark_peak(self, frame: Frame, layer: Layer) -> None:
        """Where a template fits best."""
        self.shows_peak.setVisible(self.scene.index() >= 0 and self.scene.shows_template(layer))
        found = self._found.find(frame, layer) if self.shows_peak.isChecked() else None
        if found is None:
            self.map_view.mark_spots(())
            self.input.mark_spots(())
            return
        self.map_view.mark_spots(tuple(Spot(Box(*place, 1, 1), label) for place, label in found.places))
        windows = [(self.scene.window_at(place), label) for place, label in found.places]
        self.input.mark_spots(tuple(Spot(box, label) for box, label in windows if box), found.note)

    def _hover_map(self, row: int, column: int) -> None:
        self.probed.emit()
        self.probing.point(row, column)

    def _walk(self, row: int, column: int) -> None:
        self.probed.emit()
        self.probing.walk(row, column)

    def _hover_tile(self, channel: int, row: int, column: int) -> None:
        self.probing.point(row, column, channel)

    def _probe_changed(self, probe: Probe | None) -> None:
        """What stands between input and map shows the number that is looked at, too."""
        frame, layer = self.scene.frame, self.scene.layer()
        if frame is not None and layer is not None and not self._is_fixed(layer):
            self._show_middle(frame, layer)
        self.probe_changed.emit(probe)
