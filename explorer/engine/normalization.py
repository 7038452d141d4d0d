"""Checks what callers pass to ``batch_norm`` and turns its five numbers per channel into three."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from explorer.engine.arguments import Array, Elementwise, tensor


@dataclass(frozen=True, eq=False)
class Affine:
    """out = (x - mean) * scale + bias, with one number each per channel.

    The mean is subtracted first: x * scale + (bias - mean * scale) would lose the digits of a picture that is far
    from zero.
    """

    mean: Array
    scale: Array
    bias: Array


def affine(
    call: Elementwise,
    running_mean: npt.ArrayLike,
    running_var: npt.ArrayLike,
    weight: npt.ArrayLike | None,
    bias: npt.ArrayLike | None,
    eps: float,
) -> Affine:
    """The checked statistics of ``batch_norm``."""
    if call.x.ndim < 2:
        raise ValueError(f"x must have at least 2 dimensions, it has {call.x.ndim}.")
    count = call.x.shape[1]
    mean, variance = _vector(running_mean, "running_mean", count), _vector(running_var, "running_var", count)
    scale = np.ones(count, np.float32) if weight is None else _vector(weight, "weight", count)
    shift = np.zeros(count, np.float32) if bias is None else _vector(bias, "bias", count)
    if (variance < 0).any():
        channel = int(np.argmax(variance < 0))
        raise ValueError(f"running_var must be at least 0, is {variance[channel]} in channel {channel}.")
    if not eps >= 0:
        raise ValueError(f"eps must be at least 0, is {eps}.")
    with np.errstate(all="ignore"):
        factor = scale / np.sqrt(variance.astype(np.float64) + eps)
        return Affine(mean, factor.astype(np.float32), shift)


def _vector(values: npt.ArrayLike, name: str, count: int) -> Array:
    vector = np.ascontiguousarray(tensor(values, name, 1))
    if vector.shape[0] != count:
        raise ValueError(f"{name} must have one number per channel, {count}, has {vector.shape[0]}.")
    return vector
