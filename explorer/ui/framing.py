"""Dragging a rectangle over pixels: from the one that was pressed to the one under the mouse.

A drag that goes further than a kernel can be large takes the rectangle along, so that it can be put in its place.
"""

from __future__ import annotations

from explorer.layers.explanation import Box

LARGEST_SIDE = 31  # of a kernel


class Framing:
    """A rectangle of at most 31 pixels a side, within a picture."""

    def __init__(self) -> None:
        self._start: tuple[int, int] | None = None
        self._end = (0, 0)
        self._size = (0, 0)
        self.is_cut = False

    @property
    def active(self) -> bool:
        """Whether a drag goes on."""
        return self._start is not None

    def begin(self, pixel: tuple[int, int], size: tuple[int, int]) -> None:
        """A press on this pixel (row, column) of a picture with ``size`` rows and columns."""
        self._start = self._end = pixel
        self._size = size
        self.is_cut = False

    def reach(self, pixel: tuple[int, int]) -> None:
        """The mouse is over this pixel, which may lie outside the picture."""
        if self._start is None:
            return
        rows, columns = self._size
        self._end = min(max(pixel[0], 0), rows - 1), min(max(pixel[1], 0), columns - 1)
        start = _following(self._start[0], self._end[0]), _following(self._start[1], self._end[1])
        self.is_cut |= start != self._start
        self._start = start

    @property
    def box(self) -> Box | None:
        """The pixels inside."""
        if self._start is None:
            return None
        top, height = _side(self._start[0], self._end[0])
        left, width = _side(self._start[1], self._end[1])
        return Box(top, left, height, width)

    @property
    def label(self) -> str:
        """Columns × rows."""
        box = self.box
        if box is None:
            return ""
        more = f", at most {LARGEST_SIDE}: a smaller working size shows more" if self.is_cut else ""
        return f"{box.width} × {box.height}{more}"

    def end(self) -> Box | None:
        """The pixels inside, of a drag that is over; None for a mere click."""
        box, self._start = self.box, None
        return box if box is not None and box.height * box.width > 1 else None

    def cancel(self) -> None:
        """Forget it."""
        self._start = None


def _following(start: int, end: int) -> int:
    """Where the rectangle begins when it may be no longer than a kernel."""
    return min(max(start, end - LARGEST_SIDE + 1), end + LARGEST_SIDE - 1)


def _side(start: int, end: int) -> tuple[int, int]:
    """First pixel and length."""
    return min(start, end), abs(end - start) + 1
