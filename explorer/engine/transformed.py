"""What ways to convolve share that change kernels before use: how these are remembered, and how to run.

Kernels are transformed once where their array is one that nobody can change.
"""

from __future__ import annotations

import weakref
from array import array
from collections.abc import Callable, Hashable
from dataclasses import dataclass

import numpy as np

from explorer.engine.arguments import Array
from explorer.engine.gathering import LARGEST, Integers, gather_planes
from explorer.engine.microkernel import multiply
from explorer.jit import CancelFlag, runner
from explorer.jit.addresses import address_of
from explorer.jit.compiler import VECTOR, Operation, inline
from explorer.jit.scratch import scratch


def odd_size(floats: int) -> int:
    """At least so many, and an odd number of vectors: multiples of it fall into different sets of the cache."""
    return (-(-floats // VECTOR) | 1) * VECTOR


_known: dict[tuple[int, Hashable], tuple[weakref.ref[Array], Array]] = {}


def is_constant(weight: Array) -> bool:
    """Whether nobody can write to it: neither it nor what its memory belongs to."""
    owner: object = weight
    while isinstance(owner, np.ndarray):
        if owner.flags.writeable:
            return False
        owner = owner.base
    return owner is None  # what is no array may let its memory be changed


def transformed(weight: Array, way: Hashable, transform: Callable[[Array], Array]) -> Array | None:
    """What ``transform`` makes of ``weight``, remembered by ``way``; None where a number of it is too large.

    What is remembered is that of constant arrays. Who unlocks one and locks it again after a change is not noticed.
    """
    key, constant = (id(weight), way), is_constant(weight)
    known = _known.get(key)
    if known is not None and known[0]() is weight:
        if constant:
            return known[1]
        _known.pop(key, None)  # its owner allowed writing again
    if not (weight.max() < LARGEST and weight.min() > -LARGEST):  # also where one is not a number
        return None
    kernels = transform(weight)
    if constant:
        _known[key] = (weakref.ref(weight, lambda _: _known.pop(key, None)), kernels)
    return kernels


@dataclass(frozen=True, eq=False)
class Plan:
    """How many work items, how much scratch memory each thread needs, and what the kernel reads."""

    items: int
    scratch_floats: int
    words: Integers
    kept: tuple[object, ...]  # what the addresses among the words belong to


def run(
    operation: Operation,
    plan: Plan,
    x: Array,
    kernels: Array,
    bias: Array,
    out: Array,
    writing: int,
    cancel: CancelFlag | None,
) -> bool:
    """Fill ``out``; False where the input is not finite or too large, and nothing useful was written.

    ``writing`` is one of the ways of :mod:`explorer.engine.streaming`.
    """
    memory = scratch(plan.scratch_floats, plan.items)
    spoiled = array("q", (0,))
    words = (
        *(address_of(x), address_of(kernels), address_of(bias), address_of(out)),
        *(memory.address, memory.size, address_of(plan.words), spoiled.buffer_info()[0]),
        *(writing, multiply.address, gather_planes.address),
    )
    runner.run(operation, plan.items, array("q", words), cancel, memory.workers)
    return not spoiled[0]


@inline
def sum_of(numbers: Array) -> float:
    """In float64; four sums side by side, for each addition waits for the one before."""
    a, b, c, d = 0.0, 0.0, 0.0, 0.0
    whole = len(numbers) // 4 * 4
    for i in range(0, whole, 4):
        a += numbers[i]
        b += numbers[i + 1]
        c += numbers[i + 2]
        d += numbers[i + 3]
    for i in range(whole, len(numbers)):
        a += numbers[i]
    return (a + b) + (c + d)
