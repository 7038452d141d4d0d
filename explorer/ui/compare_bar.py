"""The row above the maps while a state is pinned: what A is, which of A and B is shown, and what changed most."""

from __future__ import annotations

from functools import partial
from html import escape

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QSizePolicy,
    QSlider,
    QToolButton,
    QWidget,
)

from explorer.layers.network import in_words
from explorer.live.comparing import Comparing
from explorer.live.comparison import Mode
from explorer.ui import theme
from explorer.ui.controls import elastic_label, flat_button

_STEPS = 100  # of the divider
_NARROW = 900  # pixels of the row
_MODES = (
    (Mode.PINNED, "Show A, the pinned state", "Show A"),
    (Mode.NOW, "Show B, the present state", "Show B"),
    (Mode.HALVES, "Show A at the left and B at the right, on one scale", "Show A beside B"),
    (
        Mode.DIFFERENCE,
        "Show what was added: B less A, on a scale of its own",
        "Show the difference, B less A",
    ),
)


class CompareBar(QFrame):
    """Follows a :class:`Comparing`; hidden while nothing is pinned.

    Keys 1 to 4 choose what is shown while the row has the focus.

    Signals
    -------
    mode_changed(mode), share_changed(share), unpinned()
        What the user chose. The comparison has been told already.
    go_to(layer_name, channel, row, column)
        The place of the largest change was clicked.
    """

    mode_changed = Signal(str)
    share_changed = Signal(float)
    unpinned = Signal()
    go_to = Signal(str, int, int, int)

    def __init__(self, comparing: Comparing, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._comparing = comparing
        self.setProperty("role", "bar")
        self.setAccessibleName("Compare")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.title = elastic_label()
        self.title.setMaximumWidth(260)
        self.buttons: dict[Mode, QToolButton] = {}
        self.slider = self._make_slider()
        self.note = elastic_label()
        self.note.setProperty("role", "note")
        self.sentence = SentenceButton()
        self.sentence.setAccessibleName("Largest change")
        self.sentence.setToolTip("Where A and B differ most; press to go there")
        self.sentence.clicked.connect(self._go)
        self.close_button = flat_button("x", "Unpin A: end comparing", self)
        self.close_button.clicked.connect(self._unpin)
        self._build()
        comparing.state_changed.connect(self._follow)
        self._follow()

    def _build(self) -> None:
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 3, 8, 3)
        layout.setSpacing(8)
        layout.addWidget(self.title, 2)
        segments = QHBoxLayout()
        segments.setSpacing(2)
        group = QButtonGroup(self)
        for number, (mode, tip, name) in enumerate(_MODES, 1):
            button = QToolButton()
            button.setText(str(mode))
            button.setCheckable(True)
            button.setProperty("role", "field")
            button.setAccessibleName(name)
            button.setToolTip(f"{tip} ({number})")
            button.setMinimumSize(QSize(30, 24))
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            button.clicked.connect(partial(self._choose, mode))
            group.addButton(button)
            segments.addWidget(button)
            self.buttons[mode] = button
        layout.addLayout(segments)
        layout.addWidget(self.slider)
        layout.addWidget(self.note, 5)
        layout.addWidget(self.sentence, 4)
        layout.addWidget(self.close_button)

    def _make_slider(self) -> QSlider:
        slider = QSlider(Qt.Orientation.Horizontal)
        slider.setRange(0, _STEPS)
        slider.setPageStep(_STEPS // 10)
        slider.setFixedWidth(110)
        slider.setAccessibleName("Where A ends and B begins")
        slider.setToolTip("Where A ends and B begins")
        slider.valueChanged.connect(self._slide)
        return slider

    # what the user does

    def _choose(self, mode: Mode) -> None:
        self._comparing.set_mode(mode)
        self._follow()
        self.mode_changed.emit(str(mode))

    def _slide(self, value: int) -> None:
        self._comparing.set_share(value / _STEPS)
        self.share_changed.emit(value / _STEPS)

    def _unpin(self) -> None:
        self._comparing.unpin()
        self.unpinned.emit()

    def _go(self) -> None:
        changes = self._comparing.changes
        if changes is not None and changes.largest is not None:
            change = changes.largest
            self.go_to.emit(change.layer, change.channel, change.row, change.column)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        place = event.key() - Qt.Key.Key_1
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if plain and 0 <= place < len(_MODES):
            self._choose(_MODES[place][0])
        else:
            super().keyPressEvent(event)

    # what is shown

    def _follow(self) -> None:
        comparing = self._comparing
        self.setVisible(comparing.active)
        if not comparing.active:
            return
        self.title.setText(f"<b>A</b>: {escape(comparing.name, quote=False)}")
        self.title.setToolTip(
            f"A: {comparing.name}\nIts maps keep {in_words(comparing.memory)} of memory until it is unpinned."
        )
        self.buttons[comparing.mode].setChecked(True)
        self.slider.setVisible(comparing.mode is Mode.HALVES)
        if not self.slider.isSliderDown():
            self.slider.blockSignals(True)
            self.slider.setValue(round(comparing.share * _STEPS))
            self.slider.blockSignals(False)
        self.note.setVisible(bool(comparing.note))
        self.note.setText(comparing.note)
        self._show_changes()

    def _show_changes(self) -> None:
        changes = self._comparing.changes
        largest = changes.largest if changes is not None else None
        text = changes.sentence if changes is not None else "comparing…"
        if largest is not None and self.width() < _NARROW:  # the end is cut: what changed comes first
            text = f"{largest.values}: {largest.place}"
        told = [changes.sentence if changes is not None else text]
        if largest is not None:
            told.append("Click to go there.")
        if changes is not None and changes.unmatched:
            told.append("Not compared: " + "; ".join(changes.unmatched))
        self.sentence.setText(text)
        self.sentence.setToolTip("\n".join(told))
        self.sentence.setEnabled(largest is not None)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_changes()


class SentenceButton(QToolButton):
    """A sentence that can be clicked. What does not fit ends in an ellipsis."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setMinimumWidth(40)

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(theme.font(self))
        return QSize(metrics.horizontalAdvance(self.text()) + 12, max(24, metrics.height() + 6))

    def minimumSizeHint(self) -> QSize:
        return QSize(40, self.sizeHint().height())

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.EnabledChange:
            shape = Qt.CursorShape.PointingHandCursor if self.isEnabled() else Qt.CursorShape.ArrowCursor
            self.setCursor(shape)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        colours = theme.of(self)
        place: QRect = self.rect().adjusted(6, 0, -6, 0)
        painter.setFont(theme.font(self))
        if self.isEnabled() and self.underMouse():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.mixed(colours.accent, colours.panel, 0.14))
            painter.drawRoundedRect(self.rect(), 6, 6)
        if self.hasFocus():
            painter.setPen(QColor(colours.accent))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), 6, 6)
        painter.setPen(QColor(colours.text if self.isEnabled() else colours.second))
        text = painter.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, place.width())
        painter.drawText(place, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight), text)
