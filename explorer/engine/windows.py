"""Sliding-window arithmetic in whole numbers: output sizes, padding, receptive fields.

The one place that knows how many windows fit. Sources: PyTorch's ``Conv2d`` and ``MaxPool2d`` for the sizes and
``ceil_mode``; TensorFlow's "SAME" rule; Araujo, Norris and Sim, "Computing Receptive Fields of Convolutional Neural
Networks" (2019) for receptive field and jump.
"""

from __future__ import annotations

Padding = tuple[int, int, int, int]
"""Rows added on top and at the bottom, columns added at the left and at the right."""


def span(kernel: int, dilation: int = 1) -> int:
    """Pixels that a window covers from its first to its last tap."""
    return dilation * (kernel - 1) + 1


def output_size(
    size: int,
    kernel: int,
    stride: int,
    before: int,
    after: int,
    dilation: int = 1,
    ceil_mode: bool = False,
) -> int:
    """How many windows fit along one side; 0 or less where none does.

    ``floor((size + before + after - span) / stride) + 1``. With ``ceil_mode`` the division rounds up, but a last
    window that would start behind the picture, in the padding, is dropped, as in PyTorch.
    """
    room = size + before + after - span(kernel, dilation)
    if not ceil_mode:
        return room // stride + 1
    windows = -(-room // stride) + 1
    if (windows - 1) * stride >= size + before:
        windows -= 1
    return windows


def same_padding(size: int, kernel: int, stride: int, dilation: int = 1) -> tuple[int, int]:
    """Padding (before, after) for ``ceil(size / stride)`` windows; the odd one goes behind, as in Keras."""
    windows = -(-size // stride)
    total = max((windows - 1) * stride + span(kernel, dilation) - size, 0)
    return total // 2, total - total // 2


def grow(size: int, jump: int, kernel: int, stride: int, dilation: int = 1) -> tuple[int, int]:
    """Receptive field and jump, in input pixels, behind one more sliding window."""
    return size + (span(kernel, dilation) - 1) * jump, jump * stride
