"""A piece of a picture as a kernel: its map peaks where the picture looks like the piece."""

from __future__ import annotations

import numpy as np

from explorer.layers.fields import Array

_FLAT = 1e-6  # contrast beside the brightness, below which there is only rounding


def template(patch: Array, *, grey: bool = False) -> Array:
    """A filter (C, rows, columns) that answers to what looks like ``patch``, of the same shape.

    Each channel's mean is subtracted, so that brightness does not matter, and the whole is scaled to L2 norm 1.
    ``grey`` matches the mean of the channels with one and the same kernel in each. ValueError where there is no
    contrast to match.
    """
    values = patch.astype(np.float64)
    if not np.isfinite(values).all():
        raise ValueError("This piece of the picture holds numbers that are not finite: choose another.")
    if grey:
        values = np.repeat(values.mean(axis=0, keepdims=True), len(values), axis=0)
    brightness = np.abs(values).max(initial=0.0)
    values -= values.mean(axis=(1, 2), keepdims=True)
    values[np.abs(values).max(axis=(1, 2)) <= _FLAT * brightness] = 0
    norm = float(np.linalg.norm(values))
    if norm == 0:
        raise ValueError("This piece of the picture is flat: choose one with something in it.")
    return (values / norm).astype(np.float32)


def peak(values: Array) -> tuple[int, int] | None:
    """(row, column) of the largest finite value of a map (rows, columns), the first one; None where there is none."""
    finite = np.isfinite(values)
    if not finite.any():
        return None
    row, column = divmod(int(np.where(finite, values, -np.inf).argmax()), values.shape[1])
    return row, column
