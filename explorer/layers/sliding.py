"""What convolution and pooling share: shape rule, sentence and one-click fix of a window that slides."""

from __future__ import annotations

import dataclasses
from typing import Any

from explorer.engine import arguments, windows
from explorer.layers import sentences
from explorer.layers.fields import Padding, Size
from explorer.layers.layer import Fix, Layer, Shape, ShapeError, Window, spatial


class SlidingLayer(Layer):
    """A layer with kernel_size, stride, padding and dilation. Subclasses declare those fields."""

    kernel_size: Size
    padding: Padding

    @property
    def sliding_window(self) -> Window:
        """Kernel size, stride and dilation as they run."""
        raise NotImplementedError

    @property
    def rounds_up(self) -> bool:
        """Whether a last window may overhang the picture."""
        return False

    def resolved_padding(self, input_shape: Shape) -> windows.Padding:
        """Padding as (top, bottom, left, right) for this input."""
        window = self.sliding_window
        size = (input_shape[1], input_shape[2])
        return arguments.resolve_padding(
            self.padding, size, window.kernel_size, window.stride, window.dilation
        )

    def output_size(self, input_shape: Shape) -> tuple[int, int]:
        """Rows and columns of the output, or ShapeError with a fix."""
        _, height, width = spatial(input_shape, self.name or self.type_name)
        window, padding = self.sliding_window, self.resolved_padding(input_shape)
        sides = []
        for axis, size in enumerate((height, width)):
            before, after = padding[2 * axis : 2 * axis + 2]
            sides.append(
                windows.output_size(
                    size,
                    window.kernel_size[axis],
                    window.stride[axis],
                    before,
                    after,
                    window.dilation[axis],
                    self.rounds_up,
                )
            )
        if min(sides) < 1:
            raise self._too_large(height, width, padding)
        return sides[0], sides[1]

    def _too_large(self, height: int, width: int, padding: windows.Padding) -> ShapeError:
        window = self.sliding_window
        spans = [windows.span(window.kernel_size[a], window.dilation[a]) for a in (0, 1)]
        have = (height + padding[0] + padding[1], width + padding[2] + padding[3])
        padded = " with its padding" if any(padding) else ""
        return ShapeError(
            f"The {spans[0]}×{spans[1]} window is larger than its {have[0]}×{have[1]} input{padded}: "
            f"reduce the kernel size or add padding.",
            self._fix(height, width, spans),
        )

    def _fix(self, height: int, width: int, spans: list[int]) -> Fix:
        needed = max(0, -((height - spans[0]) // 2), -((width - spans[1]) // 2))
        if needed < min(self.kernel_size):
            return Fix(f"Pad {needed}", (dataclasses.replace(self, padding=needed),))  # type: ignore[call-arg]
        smaller = (min(self.kernel_size[0], height), min(self.kernel_size[1], width))
        changes: dict[str, Any] = {"kernel_size": smaller, "padding": 0}
        label = f"Kernel {smaller[0]}×{smaller[1]}"
        if self.sliding_window.dilation != (1, 1):  # even the smaller kernel would span more than the input
            changes["dilation"] = 1
            label = "Dilation 1" if smaller == self.kernel_size else f"{label}, dilation 1"
        return Fix(label, (dataclasses.replace(self, **changes),))

    def window(self, input_shape: Shape) -> Window | None:
        return self.sliding_window

    def sentences(self, input_shape: Shape) -> tuple[str, ...]:
        window = self.sliding_window
        return sentences.rows_and_columns(
            (input_shape[1], input_shape[2]),
            window.kernel_size,
            window.stride,
            self.resolved_padding(input_shape),
            window.dilation,
            self.rounds_up,
        )
