"""Where a template that was taken from a picture is found again: the map's peak, and the window most like it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from explorer.layers import matching, template
from explorer.layers.convolution import Conv2d
from explorer.layers.layer import Layer
from explorer.live.compute import Frame
from explorer.live.session import Session
from explorer.ui.stage_scene import Scene

_MOST_VALUES = 2_000_000  # of the input, beyond which only the peak is looked for: somebody waits
_NEAR = 1  # rows and columns between two places that are the same to the eye


@dataclass(frozen=True)
class Finding:
    """Outputs (row, column), each with a word, and a sentence about them."""

    places: tuple[tuple[tuple[int, int], str], ...]
    note: str


class Found:
    """Looks once per settled map, and keeps what it found while the next is computed."""

    def __init__(self, scene: Scene, session: Session) -> None:
        self._scene, self._session = scene, session
        self._content: object = None
        self._finding: Finding | None = None

    def find(self, frame: Frame, layer: Layer) -> Finding | None:
        """Where the selected filter, if it is a template, is found in its input; None where there is nothing."""
        index, channel = self._scene.index(), self._session.channel
        view = frame.views[index] if index >= 0 else None
        fitted = frame.result.layers[index] if index >= 0 else None
        if not self._scene.shows_template(layer) or view is None or channel >= len(view.maps):
            return None
        shown = view.maps[channel]
        is_new = frame.result.settled and shown.content is not self._content
        if is_new and isinstance(fitted, Conv2d) and fitted.enabled:
            self._content = shown.content
            self._finding = _find(fitted, frame, index, channel)
        return self._finding


def _find(layer: Conv2d, frame: Frame, index: int, channel: int) -> Finding | None:
    x, output = frame.result.input_of(index), frame.result.outputs[index]
    peak = template.peak(output[0, channel])
    if peak is None:
        return None
    if x.size > _MOST_VALUES or layer.dilation != (1, 1):
        return Finding(((peak, "peak"),), "")
    alike = matching.likeness(layer, x, output, channel)
    row, column = divmod(int(alike.argmax()), alike.shape[1])
    note = f"best match {np.floor(alike[row, column] * 100 + 0.05):.0f}% alike"
    if max(abs(row - peak[0]), abs(column - peak[1])) <= _NEAR:
        return Finding(((peak, "peak"),), note)
    return Finding(((peak, "peak"), ((row, column), "best match")), f"{note}; the peak has more contrast")
