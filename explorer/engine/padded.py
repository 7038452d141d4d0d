"""A picture with its padding around it, for kernels that read straight on."""

from __future__ import annotations

import numpy as np

from explorer.engine.arguments import Array
from explorer.engine.windows import Padding


def padded(x: Array, padding: Padding, value: float) -> Array:
    """x (N, C, H, W), C-contiguous, with rows and columns of ``value`` around it."""
    top, bottom, left, right = padding
    if not any(padding):
        return np.ascontiguousarray(x)
    images, channels, height, width = x.shape
    result = np.empty((images, channels, top + height + bottom, left + width + right), np.float32)
    result[:, :, :top] = value
    result[:, :, top + height :] = value
    result[:, :, top : top + height, :left] = value
    result[:, :, top : top + height, left + width :] = value
    result[:, :, top : top + height, left : left + width] = x
    return result


def needed_padding(
    size: tuple[int, int],
    outputs: tuple[int, int],
    kernel_size: tuple[int, int],
    stride: tuple[int, int],
    padding: Padding,
    dilation: tuple[int, int],
) -> Padding:
    """Padding enlarged at the bottom and right as far as the last window reaches (``ceil_mode``)."""
    reach = [(outputs[a] - 1) * stride[a] + dilation[a] * (kernel_size[a] - 1) + 1 for a in (0, 1)]
    top, bottom, left, right = padding
    return top, max(bottom, reach[0] - size[0] - top), left, max(right, reach[1] - size[1] - left)
