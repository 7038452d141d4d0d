"""A channel of nearly one value everywhere has that value taken out, and put back as a bias.

Where neighbouring numbers are nearly alike, 1000.1 and 1000.2, a kernel that sums to zero leaves little but what was
rounded on the way. So the *level* of such a channel, one of its numbers, is subtracted from it, the padding included.
Convolution is linear: what is then missing is level times sum of weights, summed over the channels::

    sum of weight * x  =  sum of weight * (x - level)  +  level * sum of weight

A number between half and one and a half times the level loses nothing in the subtraction: the difference of two such
floating-point numbers can be represented (Sterbenz 1974). Every other channel has the level 0.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from explorer.engine import windows
from explorer.engine.arguments import Array
from explorer.engine.gathering import Integers
from explorer.engine.shape import Shape
from explorer.jit.compiler import floats, inline, integer

_SAMPLES = 16
_SCATTER = 7  # sixteenths of the width from sample to sample: all over the picture, not along its diagonal


@lru_cache(maxsize=512)
def samples_of(shape: Shape) -> Integers:
    """How many samples of a channel to look at, numbers of a channel, and where the samples lie in it.

    They are what different taps see of the picture: no output depends on other numbers, so those may be anything.
    There are none where every window sees padding, which would be no longer zero.
    """
    rows = [_seen(shape, 0, i) for i in range(_SAMPLES)]
    columns = [_seen(shape, 1, i * _SCATTER % _SAMPLES) for i in range(_SAMPLES)]
    places = [
        row * shape.width + column
        for row, column in zip(rows, columns, strict=True)
        if row is not None and column is not None
    ]
    return np.array([len(places), shape.height * shape.width, *places], np.int64)


def _seen(shape: Shape, axis: int, sample: int) -> int | None:
    """One of so many rows, or columns, that a tap sees from a window within the picture."""
    size, outputs = (shape.height, shape.width)[axis], (shape.out_height, shape.out_width)[axis]
    stride, dilation, kernel = shape.stride[axis], shape.dilation[axis], shape.kernel_size[axis]
    before = shape.padding[2 * axis]
    first = -(-before // stride)
    end = min(outputs, (size + before - windows.span(kernel, dilation)) // stride + 1)
    if end <= first:
        return None
    output = first + sample * (end - first) // _SAMPLES
    return output * stride - before + sample % kernel * dilation


@inline
def take_levels(
    samples: int,
    picture: int,
    channel: int,
    channels: int,
    weight_sums: int,
    bias: int,
    filters: int,
    levels: int,
    biases: int,
) -> None:
    """Write the levels of ``channels`` channels from ``channel`` on, and the biases that make up for them.

    All but counts are addresses: ``samples`` of :func:`samples_of`, ``weight_sums`` of one row of ``filters`` sums for
    each channel, ``bias`` of what the filters have anyway. Only the samples are looked at.
    """
    count, plane = integer(samples, 0), integer(samples, 1)
    own, total = floats(bias, 0, filters), floats(biases, 0, filters)
    for o in range(filters):
        total[o] = own[o]
    for c in range(channels):
        numbers = floats(picture, (channel + c) * plane, plane)
        level = numbers[np.uint64(integer(samples, 2))] if count > 0 else np.float32(0)
        for i in range(1, count):
            if not 2 * abs(numbers[np.uint64(integer(samples, 2 + i))] - level) <= abs(level):
                level = np.float32(0)
                break
        floats(levels, c, 1)[0] = level
        if level != 0:
            sums = floats(weight_sums, c * filters, filters)
            for o in range(filters):
                total[o] += level * sums[o]


def levels_and_biases(shape: Shape, x: Array, weight: Array, bias: Array) -> tuple[Array, Array] | None:
    """Levels (images, channels) and biases (images, filters); None where no channel has a level, or biases overflow.

    Every number of a channel is looked at, where the samples leave it in question.
    """
    count, _, *places = samples_of(shape).tolist()
    if not count:
        return None
    samples = x.reshape(*x.shape[:2], -1)[:, :, places]
    level = samples[:, :, 0]
    with np.errstate(invalid="ignore", over="ignore"):
        near = 2 * abs(samples - level[:, :, np.newaxis]) <= abs(level[:, :, np.newaxis])
    levels = np.where(near.all(axis=2), level, np.float32(0))
    for image, channel in np.argwhere(levels):
        value, numbers = level[image, channel], x[image, channel]
        with np.errstate(invalid="ignore", over="ignore"):
            if not all(2 * abs(end - value) <= abs(value) for end in (numbers.min(), numbers.max())):
                levels[image, channel] = 0
    if not levels.any():
        return None
    per_group, filters = shape.per_group, shape.out_channels // shape.groups
    with np.errstate(invalid="ignore"):
        sums = weight.sum(axis=(2, 3), dtype=np.float64)
    total = np.tile(bias.astype(np.float64), (shape.images, 1))
    for image, channel in np.argwhere(levels):
        own = slice(channel // per_group * filters, (channel // per_group + 1) * filters)
        total[image, own] += np.float64(levels[image, channel]) * sums[own, channel % per_group]
    with np.errstate(over="ignore"):
        biases = total.astype(np.float32)
    return (levels, biases) if np.isfinite(biases).all() else None
