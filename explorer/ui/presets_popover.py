"""Named kernels and banks: found by a word, tried on the picture, set by their parameters, then kept or not."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QHideEvent, QImage, QKeyEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from explorer.imaging.colormaps import COLORMAPS, Colormap
from explorer.layers.fields import Array
from explorer.ui import theme
from explorer.ui.controls import second_label
from explorer.ui.icons import icon
from explorer.ui.popover import Popover
from explorer.ui.preset_details import MOST_TILES, PresetDetails
from explorer.ui.preset_list import PresetList
from explorer.ui.presets import Preset, Shape, bank_presets, kernel_presets, matching

_WIDTH, _HEIGHT, _LEAST_HEIGHT = 640, 440, 360
_SETTLED = 200  # milliseconds without a change until a map in the list is worth computing again
_MANY_WEIGHTS = 500_000  # a bank of so many is made once a slider rests, so that the slider follows the hand
_RESTING = 100  # milliseconds
_RETURN = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_HINTS = (
    "Choose a kernel: all maps show it at once. Esc takes it back.",
    "Choose a bank: all filters of the layer show it at once. Esc takes it back.",
)

_TRY = ("Try edge, blur, line or sharp.", "Try edges, Gabor or random.")


class PresetsPopover(Popover):
    """Chooses a kernel for one filter, or a bank for all filters of a layer.

    Signals
    -------
    previewed(values)
        What would be applied now: (rows, columns), a bank's (out, in / groups, rows, columns), or None where
        nothing is chosen any more.
    chosen(text, values, names)
        It is to be kept. The text is for the undo step; there is a name for each filter it fills.
    cancelled()
        It was closed without a choice; what was previewed is to go.
    maps_wanted(pairs)
        (name, kernel) of the kernels whose maps the list would show; they may come late, through show_maps.
    """

    previewed = Signal(object)
    chosen = Signal(str, object, object)
    cancelled = Signal()
    maps_wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Kernel presets")
        self._shape: Shape = (1, 1, 3, 3)
        self._colormap: Colormap = COLORMAPS[0]
        self._presets: tuple[tuple[Preset, ...], ...] = ((), ())
        self._listed: tuple[Preset, ...] = ()
        self._settings: dict[str, dict[str, float]] = {}  # parameters stay as they were last set
        self._current: Preset | None = None
        self._weights: Array | None = None
        self._kernels: dict[str, Array] = {}
        self._unmapped: dict[str, Array] = {}
        self._undecided = False
        self._effect = ""
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(_SETTLED)
        self._settle.timeout.connect(self._want_maps)
        self._late = QTimer(self)
        self._late.setSingleShot(True)
        self._late.setInterval(_RESTING)
        self._late.timeout.connect(self._remake)
        self._build()

    # from outside

    def open_for(
        self, anchor: QWidget, shape: Shape, colormap: Colormap, present: str = "", *, banks: bool = False
    ) -> None:
        """Open beside a widget for a layer with weights of this shape (out, in / groups, rows, columns).

        ``present`` is the name of the filter's kernel now: it is shown where it has one.
        """
        if shape[2:] != self._shape[2:] or colormap is not self._colormap:
            self.list.presets.maps.clear()
        self._shape, self._colormap = shape, colormap
        self._presets = (kernel_presets(shape), bank_presets(shape))
        self._current = self._weights = None
        self._size.setText(f"{shape[2]} × {shape[3]},  {_count(shape[0])}")
        self._make_samples()
        self._tabs[banks].setChecked(True)
        self.search.blockSignals(True)
        self.search.clear()
        self.search.blockSignals(False)
        self._undecided = True
        self._show_tab(present)
        self._glass.setIcon(icon("search", theme.of(self).second))
        self.place(anchor, QSize(_WIDTH, _HEIGHT), _LEAST_HEIGHT)
        self.show()
        self.search.setFocus(Qt.FocusReason.PopupFocusReason)
        self._unmapped = dict(self._kernels)
        self._want_maps()

    def show_maps(self, images: dict[str, QImage]) -> None:
        """Pictures of maps by the name of their kernel, as far as they are there."""
        self.list.show_maps(images)
        if not self._settle.isActive():
            for name in images:
                self._unmapped.pop(name, None)

    # what is listed

    @property
    def _banks(self) -> bool:
        return self._tabs[1].isChecked()

    def _name_tab(self) -> None:
        what = "banks" if self._banks else "kernels"
        self.search.setPlaceholderText(f"Search {what}")
        self.search.setAccessibleName(f"Search {what}")
        self.search.setToolTip(f"Words of the name or of what the {what} do")
        self.list.setAccessibleName(f"{what.capitalize()} list")

    def _show_tab(self, select: str = "") -> None:
        self._name_tab()
        self._search("", quiet=True)
        self._forget()
        row = self.list.presets.row_of(select)
        if row >= 0:
            self.list.blockSignals(True)
            self.list.select(row)
            self.list.blockSignals(False)
            self._show(self.list.presets.presets[row])

    def _tab_clicked(self) -> None:
        if self._listed is self._presets[self._banks]:
            return
        self.search.blockSignals(True)
        self.search.clear()
        self.search.blockSignals(False)
        had = self._weights is not None
        self._show_tab()
        if had:
            self.previewed.emit(None)
        self.search.setFocus()

    def _search(self, text: str, *, quiet: bool = False) -> None:
        self._listed = self._presets[self._banks]
        found = matching(self._listed, text)
        self.list.nothing = f"Nothing is called “{text.strip()}”.\n{_TRY[self._banks]}" if text else ""
        self.list.presets.show_presets(found)
        if quiet:
            return
        names = [preset.name for preset in found]
        if self._current is not None and self._current.name in names:
            self.list.select(names.index(self._current.name))
        elif found and text:
            self.list.select(0)
        else:
            had = self._weights is not None
            self._forget()
            if had:
                self.previewed.emit(None)

    def _forget(self) -> None:
        self._late.stop()
        self._current = self._weights = None
        self.list.select(-1)
        self.details.show_hint(_HINTS[self._banks])

    def _make_samples(self) -> None:
        samples = {preset.name: _sample(preset, self._values(preset)) for preset in sum(self._presets, ())}
        known = {name: sample for name, sample in samples.items() if sample is not None}
        self._kernels = {
            preset.name: known[preset.name][0] for preset in self._presets[0] if preset.name in known
        }
        self.list.presets.kernels.clear()
        self.list.show_kernels(known, self._colormap)

    def _want_maps(self) -> None:
        if self._unmapped:
            self.maps_wanted.emit(tuple(self._unmapped.items()))

    # what is chosen

    def _values(self, preset: Preset) -> dict[str, float]:
        return {**preset.defaults(), **self._settings.get(preset.name, {})}

    def _picked(self, name: str) -> None:
        preset = next(one for one in self._presets[self._banks] if one.name == name)
        if preset is not self._current:
            self._show(preset)
            self.previewed.emit(self._weights)

    def _show(self, preset: Preset) -> None:
        self._late.stop()
        self._current = preset
        self._effect = _bank_effect(self._shape[0]) if self._banks else ""
        self.details.show_preset(preset, self._values(preset), self._effect)
        self._make()

    def _make(self) -> None:
        assert self._current is not None
        try:
            self._weights = self._current.make(self._values(self._current))
        except ValueError as error:
            self._weights = None
            self.details.show_problem(str(error))
        else:
            self.details.show_weights(self._weights, self._colormap)

    def _parameters_changed(self, values: dict[str, float]) -> None:
        preset = self._current
        if preset is None:
            return
        self._settings[preset.name] = values
        if self._banks and math.prod(self._shape) > _MANY_WEIGHTS:
            self._late.start()
        else:
            self._remake()

    def _remake(self) -> None:
        preset = self._current
        if preset is None:
            return
        self._late.stop()
        self.details.show_effect(self._effect)
        self._make()
        self.previewed.emit(self._weights)
        sample = _sample(preset, self._values(preset))
        if sample is not None:
            self.list.show_kernels({preset.name: sample}, self._colormap)
            if not self._banks:
                self._unmapped[preset.name] = self._kernels[preset.name] = sample[0]
                self._settle.start()

    def _apply(self) -> None:
        if self._late.isActive():
            self._remake()
        preset, weights = self._current, self._weights
        if preset is None or weights is None:
            return
        names = preset.filter_names(self._values(preset))
        self._undecided = False
        self.close()
        self.chosen.emit(f"{'Bank' if weights.ndim == 4 else 'Kernel'} “{preset.name}”", weights, names)

    # keys and mouse

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.search and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            page = self.list.page
            steps = {
                Qt.Key.Key_Up: -1,
                Qt.Key.Key_Down: 1,
                Qt.Key.Key_PageUp: -page,
                Qt.Key.Key_PageDown: page,
            }
            step = steps.get(Qt.Key(event.key()))
            if step is not None and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
                self.list.walk(step)
                return True
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        elif event.key() in _RETURN:
            self._apply()
        elif control and event.key() in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            self._tabs[0 if self._banks else 1].click()
        elif event.text().isprintable() and event.text() and not control:
            self._type(event.text())
        else:
            super().keyPressEvent(event)

    def _type(self, text: str) -> None:
        if text.strip():
            self.search.setFocus()
            self.search.insert(text)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._settle.stop()
        self._late.stop()
        if self._undecided and not event.spontaneous():
            self._undecided = False
            self.cancelled.emit()

    # building

    def _build(self) -> None:
        self.search = QLineEdit()
        self.search.setProperty("role", "search")
        self.search.setClearButtonEnabled(True)
        self._glass = QAction(self)
        self.search.addAction(self._glass, QLineEdit.ActionPosition.LeadingPosition)
        self.search.textChanged.connect(self._search)
        self.search.installEventFilter(self)
        self.list = PresetList()
        self.list.picked.connect(self._picked)
        self.list.typed.connect(self._type)
        self.list.doubleClicked.connect(self._apply)
        self.details = PresetDetails()
        self.details.changed.connect(self._parameters_changed)
        self.details.applied.connect(self._apply)
        self.details.cancelled.connect(self.close)
        left = QVBoxLayout()
        left.setSpacing(8)
        left.addLayout(self._make_tabs())
        self._name_tab()
        left.addWidget(self.search)
        left.addWidget(self.list, 1)
        line = QFrame()
        line.setFixedWidth(1)
        line.setAutoFillBackground(True)
        line.setBackgroundRole(self.palette().ColorRole.Mid)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 12, 12, 12)
        row.setSpacing(12)
        row.setSizeConstraint(QHBoxLayout.SizeConstraint.SetNoConstraint)
        row.addLayout(left, 10)
        row.addWidget(line)
        row.addWidget(self.details, 7)

    def _make_tabs(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(4)
        group = QButtonGroup(self)
        self._tabs: list[QToolButton] = []
        for text, tip in (
            ("Kernels", "One kernel for this filter"),
            ("Banks", "All filters of the layer at once"),
        ):
            button = QToolButton()
            button.setText(text)
            button.setCheckable(True)
            button.setProperty("role", "field")
            button.setAccessibleName(text)
            button.setToolTip(f"{tip} (Ctrl+Page Down)")
            button.clicked.connect(self._tab_clicked)
            group.addButton(button)
            self._tabs.append(button)
            row.addWidget(button)
        row.addStretch(1)
        self._size = second_label("")
        row.addWidget(self._size)
        return row


def _sample(preset: Preset, values: dict[str, float]) -> Array | None:
    """Kernels that stand for it; None where these values make none."""
    try:
        return preset.sample(values)
    except ValueError:
        return None


def _count(filters: int) -> str:
    return "1 filter" if filters == 1 else f"{filters} filters"


def _bank_effect(filters: int) -> str:
    if filters == 1:
        return "Fills the layer's one filter."
    shown = f", of which the first {MOST_TILES} are shown" if filters > MOST_TILES else ""
    return f"Fills all {filters} filters{shown}."
