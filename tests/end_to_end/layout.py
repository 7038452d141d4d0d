"""Opens the program's window, prints where its parts lie as JSON, and closes it.

So tests with a real mouse need not know the layout. Coordinates are [x, y, width, height] inside the window.
"""

from __future__ import annotations

import json
import sys
from unittest.mock import patch

from PySide6.QtCore import QPoint, QRect, QTimer
from PySide6.QtWidgets import QWidget

from explorer import app
from explorer.jit import Status, status
from explorer.ui.main_window import MainWindow


class ReportingWindow(MainWindow):
    """Reports once the compiled engine has made all maps."""

    def start(self) -> None:
        super().start()
        self.compute.frame_ready.connect(self._look)

    def _look(self) -> None:
        if self.settled_frame is not None and status.state is not Status.PREPARING:
            QTimer.singleShot(0, self._report)  # once the layout has followed

    def _report(self) -> None:
        stage, sheet = self.stage, self.maps.sheet
        grid = stage.kernel.grid
        rows, columns = grid.values.shape
        places = {
            "input": self._place(stage.input_view, stage.input_view.rect()),
            "map": self._place(stage.map_view, stage.map_view.rect()),
            "sheet": self._place(sheet.viewport(), sheet.viewport().rect()),
            "card": self._place(self.picture_card, self.picture_card.rect()),
        }
        for row in range(rows):
            for column in range(columns):
                cell = grid.cell_rect(row, column).toRect()
                places[f"weight {row} {column}"] = self._place(grid, cell)
        print(json.dumps(places), flush=True)
        self.close()

    def _place(self, widget: QWidget, part: QRect) -> list[int]:
        corner = widget.mapTo(self, QPoint(part.x(), part.y()))
        return [corner.x(), corner.y(), part.width(), part.height()]


if __name__ == "__main__":
    with patch("explorer.app.MainWindow", ReportingWindow):
        sys.exit(app.run(None))
