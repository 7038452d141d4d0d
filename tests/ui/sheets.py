"""A sheet of maps of noise, and a record of what is coloured for it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from explorer.imaging.colormaps import Colormap
from explorer.imaging.rendering import Scale
from explorer.layers.fields import Array
from explorer.live.analysis import layer_view
from explorer.ui import imagery
from explorer.ui.maps_sheet import MapsSheet, Tile
from tests.gui import destroy_deferred

__all__ = ["coloured", "sheet", "tiles"]


def tiles(count: int, rows: int = 60, columns: int = 80, seed: int = 0) -> tuple[Tile, ...]:
    """Maps of noise with kernels."""
    rng = np.random.default_rng(seed)
    output = rng.standard_normal((1, count, rows, columns), dtype=np.float32)
    kernel = rng.standard_normal((3, 3), dtype=np.float32)
    return tuple(
        Tile(view, view.scale, f"map {i}", kernel)
        for i, view in enumerate(layer_view(output, None, None).maps)
    )


@pytest.fixture
def coloured(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, ...]]:
    """The shape of everything that is coloured."""
    seen: list[tuple[int, ...]] = []
    original = imagery.map_image

    def count(pixels: Array, scale: Scale, colormap: Colormap) -> QImage:
        seen.append(pixels.shape)
        return original(pixels, scale, colormap)

    monkeypatch.setattr(imagery, "map_image", count)
    return seen


@pytest.fixture
def sheet(qapp: QApplication) -> Iterator[MapsSheet]:
    result = MapsSheet()
    result.resize(1160, 420)
    result.show()
    yield result
    result.deleteLater()
    destroy_deferred()
