"""The page that explains one number: every term that it is made of, each a way one layer down."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFontMetrics, QGuiApplication, QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QToolButton, QVBoxLayout, QWidget

from explorer.imaging.colormaps import COLORMAPS, Colormap
from explorer.layers.explanation import Term
from explorer.layers.numbers import number
from explorer.ui import theme
from explorer.ui.controls import elastic_label
from explorer.ui.display import Display
from explorer.ui.probe import PICTURE, Probe, Step
from explorer.ui.probe_terms import TermsView
from explorer.ui.probe_trail import Breadcrumb, Trail
from explorer.ui.seen_by import dependents_of, seen_by
from explorer.ui.subtotal_bars import SubtotalBars

_HINT = "Move over a map to see where a value comes from; a click keeps it."
_GO_DOWN = "click a term to go one layer down"


class ProbePage(QWidget):
    """Shows what the number under the mouse is made of. Works only while it is visible.

    Signals
    -------
    go_requested(step)
        The user wants to look at another number: one layer down, or back up.
    term_pointed(term)
        The mouse or the focus is on a term; None for none.
    unpin_requested()
        Esc was pressed while the number is pinned.
    message(sentence)
        Something was copied.
    """

    go_requested = Signal(object)
    term_pointed = Signal(object)
    unpin_requested = Signal()
    message = Signal(str)

    def __init__(self, display: Display, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Where this value comes from")
        self._display = display
        self._probe: Probe | None = None
        self._due = False
        self._going: Step | None = None
        self.trail = Trail()
        self.breadcrumb = Breadcrumb()
        self.breadcrumb.picked.connect(self.go_up)
        self.terms = TermsView()
        self.terms.chosen.connect(self.go_down)
        self.terms.pointed.connect(self._pointed)
        self.subtotals = SubtotalBars()
        self.value = QLabel()
        self.value.setAccessibleName("Value")
        self.value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.words = elastic_label(_HINT)
        self.words.setProperty("role", "second")
        self._note = QLabel()
        self._note.setProperty("role", "second")
        self.copy_text = self._button("Copy text", "Copy the equation, as 88*1 + 126*0 = 88")
        self.copy_csv = self._button("Copy CSV", "Copy the terms with their places as a table")
        self.copy_text.clicked.connect(self._copy_text)
        self.copy_csv.clicked.connect(self._copy_csv)
        display.changed.connect(self._show_again)
        self._build()
        self._show_nothing()

    @staticmethod
    def _button(text: str, tip: str) -> QToolButton:
        button = QToolButton()
        button.setText(text)
        button.setProperty("role", "field")
        button.setAccessibleName(text)
        button.setToolTip(tip)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return button

    def _build(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(6)
        top.addWidget(self.breadcrumb, 1)
        top.addWidget(self._note)
        top.addWidget(self.copy_text)
        top.addWidget(self.copy_csv)
        self._scroll = QScrollArea()
        self._scroll.setAccessibleName("Terms")
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(self.terms)
        for widget in (self._scroll, self._scroll.viewport(), self.terms):
            widget.setAutoFillBackground(False)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.value)
        row.addWidget(self._scroll, 1)
        row.addWidget(self.subtotals)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addLayout(top)
        layout.addLayout(row, 1)
        layout.addWidget(self.words)
        QWidget.setTabOrder(self.copy_csv, self.terms.chips[0])

    # what is shown

    def show_probe(self, probe: Probe | None) -> None:
        """Another number is looked at; None where there is none."""
        if self._going is not None and (probe is None or probe.step != self._going):
            return  # on the way there
        self._probe, self._due = probe, True
        if self.isVisible():
            self._show()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_again()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.PaletteChange, QEvent.Type.StyleChange):
            self._show_again()

    def _show_again(self) -> None:
        self._due = True
        if self.isVisible():
            self._show()

    @property
    def _colormap(self) -> Colormap:
        return self._display.colormap or COLORMAPS[0]

    def _show(self) -> None:
        if not self._due:
            return
        self._due = False
        probe = self._probe
        if probe is None:
            self._show_nothing()
            return
        made = probe.explanation
        self.trail.show(probe.step, probe.result.network.names)
        self.breadcrumb.show_steps(probe.result, self.trail.steps)
        self._show_value(probe)
        self._show_terms(probe)
        subtotals = made.subtotals if made is not None else ()
        self.subtotals.show_subtotals(subtotals, self._colormap, faded=not probe.live)
        self.words.setText(made.words if made is not None else self._picture_words(probe))
        self._note.setText(self._hint(probe))
        for button in (self.copy_text, self.copy_csv):
            button.setVisible(made is not None)
        self._scroll.show()

    def _show_terms(self, probe: Probe) -> None:
        height, bar = max(self._scroll.height(), 60), self._scroll.horizontalScrollBar()
        self.terms.show_terms(probe, self._colormap, height)
        if self.terms.width() > self._scroll.viewport().width():
            self.terms.show_terms(probe, self._colormap, height - bar.sizeHint().height())

    def _hint(self, probe: Probe) -> str:
        if probe.pinned:
            return "pinned, Esc frees it"
        return "" if probe.step.index == PICTURE or not probe.live else _GO_DOWN

    @staticmethod
    def _picture_words(probe: Probe) -> str:
        step = probe.step
        seen = seen_by(probe.result, dependents_of(probe.result, 0, step.row, step.column))
        return f"A number of the picture ({probe.channel_words})" + (f", {seen}." if seen else ".")

    def _show_value(self, probe: Probe) -> None:
        self.value.setFont(theme.font(self, 1.5, bold=True))
        sign = "=" if probe.explanation is not None else ""
        usual = QFontMetrics(self.value.font()).horizontalAdvance("−0.0888 =")
        self.value.setMinimumWidth(usual)  # so that nothing moves from one value to the next
        self.value.setText(f"{number(probe.value)} {sign}")
        self.value.setEnabled(probe.live)
        self.value.setToolTip(repr(probe.value))

    def _show_nothing(self) -> None:
        for widget in (self.copy_text, self.copy_csv, self._scroll, self.subtotals):
            widget.hide()
        self.value.setText("")
        self._note.setText("")
        self.words.setText(_HINT)
        self.trail.steps = ()
        for crumb in self.breadcrumb.crumbs:
            crumb.hide()

    # ways

    def _term(self, index: int) -> Term | None:
        made = self._probe.explanation if self._probe is not None else None
        return made.terms[index] if made is not None and 0 <= index < len(made.terms) else None

    def _pointed(self, index: int) -> None:
        self.term_pointed.emit(self._term(index))

    def go_down(self, index: int) -> None:
        """To where the number of a term was made, one layer down."""
        term, probe = self._term(index), self._probe
        if probe is None or term is None or term.source is None:
            return
        step = probe.below(term.source)
        self.trail.go_down(step)
        focused = any(chip.hasFocus() for chip in self.terms.shown_chips)
        self._go(step)
        chips = self.terms.shown_chips
        if focused and chips:
            chips[0].setFocus()
        elif focused:
            self.setFocus()

    def go_up(self, place: int) -> None:
        """Back to one of the numbers on the way."""
        if place < len(self.trail.steps) - 1:
            self._go(self.trail.go_up(place))

    def _go(self, step: Step) -> None:
        self._going = step
        self.go_requested.emit(step)
        self._going = None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Backspace and len(self.trail.steps) > 1:
            self.go_up(len(self.trail.steps) - 2)
        elif event.key() == Qt.Key.Key_Escape and self._probe is not None and self._probe.pinned:
            self.unpin_requested.emit()
        else:
            super().keyPressEvent(event)

    # copying

    def _copy_text(self) -> None:
        if self._probe is not None and self._probe.explanation is not None:
            self._copy(self._probe.explanation.text(), "equation")

    def _copy_csv(self) -> None:
        if self._probe is not None and self._probe.explanation is not None:
            self._copy(self._probe.explanation.csv(), "terms as CSV")

    def _copy(self, text: str, what: str) -> None:
        QGuiApplication.clipboard().setText(text)
        self.message.emit(f"Copied the {what} of {self._probe.place_words if self._probe else ''}.")
