"""Everything that can be done to a kernel besides painting it, as menus."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QInputDialog, QMenu, QWidget

from explorer.layers import kernel_arithmetic as arithmetic
from explorer.layers.fields import Array
from explorer.ui.numbers import parse_number
from explorer.ui.selected_kernel import SelectedKernel

_LARGEST_FACTOR = 1e6


class KernelMenu(QMenu):
    """Arithmetic on the kernel under the brush. Other parts add their own entries."""

    def __init__(self, kernel: SelectedKernel, parent: QWidget) -> None:
        super().__init__("Change", parent)
        self._kernel = kernel
        self.setToolTipsVisible(True)
        normalise = self.addMenu("Normalise")
        normalise.setToolTipsVisible(True)
        for how in arithmetic.NORMALISATIONS:
            action = normalise.addAction(how.label, partial(self._normalise, how.key, how.label))
            action.setToolTip(how.why)
        scale = self.addMenu("Scale")
        for text, factor in (("× 2", 2.0), ("× ½", 0.5), ("× 10", 10.0), ("× ⅒", 0.1)):
            scale.addAction(text, partial(self._scale, factor))
        scale.addAction("Other…", self._ask_factor)
        self.addSeparator()
        self._changes("Flip left – right", arithmetic.mirrored, "The columns in the opposite order")
        self._changes("Flip up – down", arithmetic.flipped, "The rows in the opposite order")
        self._changes("Rotate by 90°", arithmetic.rotated, "A quarter turn clockwise")
        self._changes("Transpose", arithmetic.transposed, "Rows become columns")
        self._changes("Clear", np.zeros_like, "All weights 0, to draw from scratch")
        self._changes("Negate", arithmetic.negated, "Every weight with the other sign")
        self.addSeparator()
        copy = self.addAction("Same kernel in all channels", partial(kernel.copy_to_all_channels, grey=False))
        copy.setToolTip("The shown kernel in every input channel of the filter")
        grey = self.addAction("Same kernel, as for grey", partial(kernel.copy_to_all_channels, grey=True))
        grey.setToolTip(
            "The shown kernel divided by the number of channels, in each of them: it sees their mean"
        )
        self.addSeparator()

    def leaves(self) -> list[QAction]:
        """Every entry that does something, those of submenus included."""
        return list(_leaves(self))

    def _changes(self, text: str, change: Callable[[Array], Array], tip: str) -> None:
        self.addAction(text, partial(self._kernel.change, change, text)).setToolTip(tip)

    def _normalise(self, key: str, label: str) -> None:
        self._kernel.change(partial(arithmetic.normalised, key=key), f"Normalise: {label}")

    def _scale(self, factor: float) -> None:
        self._kernel.change(partial(arithmetic.scaled, factor=factor), f"Scale kernel by {factor:g}")

    def _ask_factor(self) -> None:
        text, accepted = QInputDialog.getText(self, "Scale kernel", "Factor (such as 1/9):", text="1/2")
        if not accepted:
            return
        try:
            self._scale(parse_number(text, _LARGEST_FACTOR))
        except ValueError as error:
            self._kernel.message.emit(str(error))


def _leaves(menu: QMenu) -> list[QAction]:
    found: list[QAction] = []
    for action in menu.actions():
        inner = action.menu()
        if isinstance(inner, QMenu):
            found += _leaves(inner)
        elif not action.isSeparator():
            found.append(action)
    return found
