"""What the user made is never cut.

A layer *stores* every weight that was ever drawn; what it *runs with* is taken from there. Channels and filters are
taken from the front, kernel rows and columns from the centre. Where the store is too small, new rows and columns are
0 and new filters and channels come from the initialiser. An edit of the running weights is written back into the
store at the same place, so nothing outside it is lost.

A filter that was drawn for one channel is the exception: on several each gets the same kernel, so that an edge filter
for a grey picture is an edge filter for a colour picture, and not an edge in red with noise in green and blue.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from explorer.layers.fields import Array
from explorer.layers.layer import freeze


def taken(stored: Array, shape: tuple[int, ...], fresh: Array) -> Array:
    """Weights of ``shape`` out of the store; what the store lacks comes from ``fresh`` (of ``shape``)."""
    if stored.shape == shape:
        return stored
    result = fresh.copy()
    filters, channels = min(stored.shape[0], shape[0]), min(stored.shape[1], shape[1])
    result[:filters, :channels] = 0
    source, target = _overlap(stored.shape[2:], shape[2:])
    result[(slice(filters), slice(channels), *target)] = stored[(slice(filters), slice(channels), *source)]
    return freeze(result)


def repeated(stored: Array, channels: int) -> Array:
    """Filters for one channel as filters with that kernel in every channel."""
    return freeze(np.repeat(stored, channels, axis=1))


def written(
    stored: Array | None, running: Array, initial: Callable[[tuple[int, ...]], Array] | None = None
) -> Array:
    """The store after the running weights were edited.

    ``initial`` makes the weights of a shape: where neither has a filter's channel, it stays as it would start.
    """
    if stored is None or all(have <= need for have, need in zip(stored.shape, running.shape, strict=True)):
        return _own(running)
    shape = tuple(max(pair) for pair in zip(stored.shape, running.shape, strict=True))
    result = np.zeros(shape, np.float32) if initial is None else initial(shape).copy()
    parts = (stored, running)
    for part in parts:
        result[: part.shape[0], : part.shape[1]] = 0
    for part in parts:
        _, target = _overlap(part.shape[2:], shape[2:])
        result[(slice(part.shape[0]), slice(part.shape[1]), *target)] = part
    return freeze(result)


def spread(store: Array, before: Array, running: Array) -> Array:
    """The store with what changed in the one running channel in every channel that is stored.

    ``before`` and ``running`` are (filters, 1, rows, columns).
    """
    result = store.copy()
    _, target = _overlap(running.shape[2:], store.shape[2:])
    place = result[(slice(running.shape[0]), slice(1, None), *target)]
    np.copyto(place, running, where=before != running)
    return freeze(result)


def taken_vector(stored: Array | None, size: int, default: float) -> Array:
    """The first ``size`` numbers of a store, continued with ``default``."""
    if stored is not None and len(stored) == size:
        return stored
    result = np.full(size, default, np.float32)
    if stored is not None:
        result[: len(stored)] = stored[:size]
    return freeze(result)


def written_vector(stored: Array | None, running: Array) -> Array:
    """The store after the running numbers were edited."""
    if stored is None or len(stored) <= len(running):
        return _own(running)
    return freeze(np.concatenate([running, stored[len(running) :]]))


def _own(running: Array) -> Array:
    """A copy where the caller could still write into it."""
    return freeze(running.copy() if running.flags.writeable else running)


def _overlap(have: tuple[int, ...], need: tuple[int, ...]) -> tuple[tuple[slice, ...], tuple[slice, ...]]:
    source, target = [], []
    for old, new in zip(have, need, strict=True):
        shared = min(old, new)
        source.append(slice((old - shared) // 2, (old - shared) // 2 + shared))
        target.append(slice((new - shared) // 2, (new - shared) // 2 + shared))
    return tuple(source), tuple(target)
