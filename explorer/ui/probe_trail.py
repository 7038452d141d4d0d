"""The way from one number down to the picture: where the user came from, each place a button to go back to."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from explorer.layers.forward import ForwardPass
from explorer.ui.controls import second_label
from explorer.ui.probe import Step, step_words


class Trail:
    """The places that led to the present one, the first first."""

    def __init__(self) -> None:
        self.steps: tuple[Step, ...] = ()
        self._names: tuple[str, ...] = ()

    def show(self, step: Step, names: tuple[str, ...]) -> None:
        """This place is looked at now; one that is not on the way, or among other layers, begins a new one."""
        if not self.steps or self.steps[-1] != step or names != self._names:
            self.steps, self._names = (step,), names

    def go_down(self, step: Step) -> None:
        """One layer further down."""
        self.steps = (*self.steps, step)

    def go_up(self, place: int) -> Step:
        """Back to one of the places."""
        self.steps = self.steps[: place + 1]
        return self.steps[-1]


class Breadcrumb(QWidget):
    """``softmax #3 ← linear #3 ← max_pool2d (2, 7, 9)``; what does not fit goes from the middle.

    Signals
    -------
    picked(place)
        One of the places was clicked.
    """

    picked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("The way to this number")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(2)
        self._row.addStretch(1)
        self.crumbs: list[QToolButton] = []
        self._arrows: list[QLabel] = []
        self._count = 0
        self._add()
        self.crumbs[0].hide()
        self._arrows[0].hide()

    def show_steps(self, result: ForwardPass, steps: tuple[Step, ...]) -> None:
        """Show another way."""
        while len(self.crumbs) < len(steps):
            self._add()
        self._count = len(steps)
        for place, crumb in enumerate(self.crumbs):
            if place < len(steps):
                words = step_words(result, steps[place])
                last = place == len(steps) - 1
                if crumb.text() != words:
                    crumb.setText(words)
                crumb.setAccessibleName(words if last else f"Back to {words}")
                crumb.setToolTip(
                    "The number that is looked at" if last else f"Back to {words} (Backspace goes one step)"
                )
                crumb.setFocusPolicy(Qt.FocusPolicy.NoFocus if last else Qt.FocusPolicy.TabFocus)
        self._fit()

    def _add(self) -> None:
        arrow, crumb = second_label("←"), QToolButton()
        crumb.clicked.connect(partial(self.picked.emit, len(self.crumbs)))
        at = self._row.count() - 1
        self._row.insertWidget(at, arrow)
        self._row.insertWidget(at + 1, crumb)
        if self.crumbs:
            QWidget.setTabOrder(self.crumbs[-1], crumb)
        self.crumbs.append(crumb)
        self._arrows.append(arrow)

    def _fit(self) -> None:
        """The first and the last ones that fit."""
        widths = [crumb.sizeHint().width() for crumb in self.crumbs[: self._count]]
        metrics = self.fontMetrics()
        arrow = metrics.horizontalAdvance("←") + 2 * self._row.spacing() + 2
        fits = set(range(self._count))
        if sum(widths) + arrow * (self._count - 1) > self.width():
            room = self.width() - (widths[0] if widths else 0) - metrics.horizontalAdvance("← … ←")
            fits = {0, self._count - 1}
            for place in range(self._count - 1, 0, -1):
                room -= widths[place] + arrow
                if room < 0:
                    break
                fits.add(place)
        for place, crumb in enumerate(self.crumbs):
            crumb.setVisible(place in fits)
            self._arrows[place].setVisible(place in fits and place > 0)
            self._arrows[place].setText("←" if place - 1 in fits else "← … ←")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()
