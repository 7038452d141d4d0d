"""The rows and columns of the network summary, as Qt's tables ask for them."""

from __future__ import annotations

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from explorer.layers.layer import Shape
from explorer.layers.network import in_words
from explorer.layers.summary import LayerSummary, NetworkSummary
from explorer.summary import HEADINGS, NUMBERS, duration, error_sentence, size

_TIPS = (
    "The layer, and its type",
    "What one picture becomes: maps × rows × columns",
    "Weights and biases, and how their number comes about",
    "Multiplications of weights in one pass",
    "Pixels of the picture that one number sees: rows × columns",
    "Pixels of the picture from one number to the next: rows × columns",
    "The output, the weights and, for a convolution, a padded copy of its input",
    "What the layer took when it was last computed as a whole",
)
_PARAMETERS, _SHAPE = HEADINGS.index("Parameters"), HEADINGS.index("Output shape")
_SHORT = {HEADINGS.index("Receptive field"): "Field", HEADINGS.index("Multiply-adds"): "Mult-adds"}
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)

_Index = QModelIndex | QPersistentModelIndex


class SummaryModel(QAbstractTableModel):
    """One row per layer that is reached, one that says why the rest is not, and the total."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.summary = NetworkSummary((1, 1, 1), ())
        self._cells: list[tuple[str, ...]] = []
        self._short = False

    def show(self, summary: NetworkSummary) -> bool:
        """Show these figures; True where the rows are no longer of the same layers."""
        cells = [*(_cells(layer) for layer in summary.layers)]
        if summary.error is not None:
            cells.append((summary.error.layer_name, summary.error.message))
        cells.append(_total(summary))
        anew = self._names(summary) != self._names(self.summary) or len(cells) != len(self._cells)
        if anew:
            self.beginResetModel()
        changed = [row for row, (old, new) in enumerate(zip(self._cells, cells, strict=False)) if old != new]
        self.summary, self._cells = summary, cells
        if anew:
            self.endResetModel()
        elif changed:
            self.dataChanged.emit(self.index(changed[0], 0), self.index(changed[-1], len(HEADINGS) - 1))
        return anew

    def set_short(self, short: bool) -> None:
        """Shorter headings, and parameters without their formula: for a narrow page."""
        if short != self._short:
            self._short = short
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(HEADINGS) - 1)
            if self._cells:
                self.dataChanged.emit(self.index(0, 0), self.index(len(self._cells) - 1, len(HEADINGS) - 1))

    @property
    def error_row(self) -> int | None:
        """The row that says why the network goes no further."""
        return len(self.summary.layers) if self.summary.error is not None else None

    def layer_of(self, row: int) -> int | None:
        """The layer that a row is about; None for the total."""
        layers = len(self.summary.layers)
        if row < layers:
            return row if row >= 0 else None
        return self.summary.error.index if row == self.error_row and self.summary.error else None

    def sentence(self, row: int) -> str:
        """What there is to say about a row: the formula, the comparison, the rounding, or what is wrong."""
        if row == self.error_row:
            return error_sentence(self.summary)
        if 0 <= row < len(self.summary.layers):
            return layer_sentence(self.summary.layers[row])
        return ""

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - an invalid index, never changed
        return 0 if parent.isValid() else len(self._cells)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(HEADINGS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.heading(section)
        if role == Qt.ItemDataRole.ToolTipRole:
            return _TIPS[section]
        return _alignment(section) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row, column = index.row(), index.column()
        if not index.isValid() or row >= len(self._cells):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.text(row, column)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _LEFT if row == self.error_row else _alignment(column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tip(row, column)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{HEADINGS[column]}: {self.text(row, column) or 'none'}"
        return None

    def heading(self, column: int) -> str:
        """What stands above a column."""
        return _SHORT.get(column, HEADINGS[column]) if self._short else HEADINGS[column]

    def text(self, row: int, column: int) -> str:
        """What a cell says."""
        if self._short and column == _PARAMETERS and row < len(self.summary.layers):
            return f"{self.summary.layers[row].parameters:,}"
        cells = self._cells[row]
        return cells[column] if column < len(cells) else ""

    def _tip(self, row: int, column: int) -> str:
        if not 0 <= row < len(self.summary.layers):
            return self.sentence(row) or _TIPS[column]
        layer = self.summary.layers[row]
        if column == _SHAPE:
            return shape_tip(layer.output_shape)
        said = [text for text in (layer.formula, *layer.remarks) if text]
        return "\n".join(said) if said and column in (0, _PARAMETERS) else _TIPS[column]

    @staticmethod
    def _names(summary: NetworkSummary) -> list[str]:
        return [layer.name for layer in summary.layers]


def layer_sentence(layer: LayerSummary) -> str:
    """``32·(3·3·3+1) = 896 weights shared over 88,804 positions; …``, and how its size was rounded."""
    shared = layer.formula + layer.comparison.removeprefix(f"{layer.parameters:,}")
    parts = [shared, layer.rounding]
    if not any(parts):
        parts = ["Switched off: what comes in goes on" if not layer.enabled else "No parameters"]
    return " · ".join(part for part in parts if part)


def shape_tip(shape: Shape) -> str:
    """A shape as frameworks write it."""
    channels, *sides = shape
    pytorch = ", ".join(str(number) for number in (1, *shape))
    keras = ", ".join(str(number) for number in (*sides, channels))
    return f"PyTorch ({pytorch}), Keras (None, {keras})"


def _cells(layer: LayerSummary) -> tuple[str, ...]:
    return (
        f"{layer.name}  {layer.type_name if layer.enabled else 'off'}",
        " × ".join(f"{number:,}" for number in layer.output_shape),
        layer.formula or "0",
        f"{layer.multiply_adds:,}",
        size(layer.receptive_field),
        size(layer.jump),
        in_words(layer.memory),
        duration(layer.seconds),
    )


def _total(summary: NetworkSummary) -> tuple[str, ...]:
    name = "Total" if summary.error is None else "Total so far"
    figures = (f"{summary.parameters:,}", f"{summary.multiply_adds:,}")
    return (name, "", *figures, "", "", in_words(summary.memory), duration(summary.seconds))


def _alignment(column: int) -> int:
    return _RIGHT if column in NUMBERS else _LEFT
