"""A slider for a small count: it goes where it is pressed, and says when the hand lets go."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QSlider, QStyle, QStyleOptionSlider, QWidget

from explorer.ui.controls import is_for_the_window


class CountSlider(QSlider):
    """Horizontal. A press on the groove moves the handle there and keeps hold of it.

    Signals
    -------
    moved(value)
        The hand moved it, with the mouse or with keys.
    """

    moved = Signal(int)

    def __init__(self, minimum: int, maximum: int, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setRange(minimum, maximum)
        self.setPageStep(8)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumWidth(40)
        self._offset = 0.0  # from the middle of the handle to where it was taken
        self.valueChanged.connect(self.moved)

    def show_value(self, value: int) -> None:
        """Show a count that comes from elsewhere; more than fits is shown as the most."""
        if not self.isSliderDown():
            self.blockSignals(True)
            self.setValue(value)
            self.blockSignals(False)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
            return
        handle = self._handle()
        taken = handle.contains(event.position().toPoint())
        self._offset = event.position().x() - handle.center().x() if taken else 0.0
        self.setSliderDown(True)
        if not taken:
            self._follow(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.isSliderDown():
            self._follow(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self.isSliderDown() and event.button() == Qt.MouseButton.LeftButton:
            self.setSliderDown(False)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and is_for_the_window(event):
            event.ignore()
            return False
        return super().event(event)

    def _option(self) -> QStyleOptionSlider:
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        return option

    def _handle(self) -> QRect:
        part = QStyle.SubControl.SC_SliderHandle
        return self.style().subControlRect(QStyle.ComplexControl.CC_Slider, self._option(), part, self)

    def _follow(self, event: QMouseEvent) -> None:
        width = self._handle().width()
        place = round(event.position().x() - self._offset - width / 2)
        mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        self.setValue(
            QStyle.sliderValueFromPosition(
                self.minimum(), self.maximum(), place, self.width() - width, mirrored
            )
        )
