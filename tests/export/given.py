"""What the export tests start from: a small settled pass, and a look into a folder."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from explorer.layers import Conv2d, Flatten, Linear, ReLU
from explorer.layers.forward import ForwardPass, forward
from explorer.layers.network import Network


def small_pass(filters: int = 3, size: tuple[int, int] = (7, 9)) -> ForwardPass:
    """Convolution, ReLU, flatten, linear on seeded noise."""
    layers = (
        Conv2d(name="conv", out_channels=filters, filter_names=("", "edges")),
        ReLU(name="relu"),
        Flatten(name="flat"),
        Linear(name="dense", out_features=4),
    )
    x = np.random.default_rng(1).standard_normal((1, 3, size[0] + 2, size[1] + 2)).astype(np.float32)
    return forward(Network(layers), x)


def names_in(folder: Path) -> list[str]:
    """The names of everything in a folder, hidden files too."""
    return sorted(path.name for path in folder.iterdir())
