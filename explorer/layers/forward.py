"""Running a network, and running it again after an edit with as little work as possible.

What is the same object as in the previous pass is not computed again; of a layer that differs in some filters only,
those maps alone are. There are no dirty flags: everything is decided by comparing the two passes.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from explorer.errors import Cancelled
from explorer.jit import CancelFlag
from explorer.layers.fields import Array
from explorer.layers.layer import Channels, Layer, Shape, weights
from explorer.layers.network import LayerError, Network


@dataclass(frozen=True, eq=False)
class ForwardPass:
    """What came out of every layer. Arrays are read-only, (1, C, H, W) or (1, F).

    ``outputs`` may end before ``network.layers`` does: at an error, or while the tail is still running. ``layers``
    are the fitted layers that made them. ``changes`` says which channels differ from the pass before (None for all).
    ``settled`` says that every number is on the path whose bits never vary.
    """

    input: Array
    network: Network
    layers: tuple[Layer, ...] = ()
    outputs: tuple[Array, ...] = ()
    seconds: tuple[float, ...] = ()
    changes: tuple[Channels, ...] = ()
    settled: bool = False
    error: LayerError | None = None

    @property
    def complete(self) -> bool:
        """Whether everything that can be computed has been."""
        end = self.error.index if self.error else len(self.network.layers)
        return len(self.outputs) >= end

    def input_of(self, index: int) -> Array:
        """What layer ``index`` was given."""
        return self.outputs[index - 1] if index else self.input


def forward(
    network: Network,
    x: Array,
    previous: ForwardPass | None = None,
    *,
    settled: bool = True,
    memory_limit: int | None = None,
    cancel: CancelFlag | None = None,
) -> ForwardPass:
    """Run a network on an input (1, C, H, W)."""
    *_, last = steps(network, x, previous, settled=settled, memory_limit=memory_limit, cancel=cancel)
    return last


def steps(
    network: Network,
    x: Array,
    previous: ForwardPass | None = None,
    *,
    settled: bool = True,
    memory_limit: int | None = None,
    cancel: CancelFlag | None = None,
) -> Iterator[ForwardPass]:
    """The same layer by layer: yields the pass as far as it is, at least once.

    ``previous`` is any earlier pass; a settled pass takes over numbers from settled passes only.

    Raises
    ------
    Cancelled
        If the flag went up.
    MemoryError
        If a layer's output cannot be allocated.
    """
    if settled and previous is not None and not previous.settled:
        previous = None
    plan = network.plan(shape_of(x), memory_limit)
    end = plan.error.index if plan.error else len(network.layers)
    result = ForwardPass(x, network, settled=settled, error=plan.error)
    changed: Channels = frozenset() if previous is not None and previous.input is x else None
    for index in range(end):
        if cancel is not None and cancel.is_set:
            raise Cancelled
        started = time.perf_counter()
        layer = _fitted(network.layers[index], plan.shapes[index], previous, index)
        before = result.outputs[-1] if index else x
        output, changed = _output(layer, before, previous, index, changed, cancel, settled)
        output.flags.writeable = False
        result = ForwardPass(
            x,
            network,
            (*result.layers, layer),
            (*result.outputs, output),
            (*result.seconds, time.perf_counter() - started),
            (*result.changes, changed),
            settled,
            plan.error,
        )
        yield result
    if end == 0:
        yield result


def shape_of(x: Array) -> Shape:
    """An array's shape without the batch."""
    return tuple(int(size) for size in x.shape[1:])


def _fitted(layer: Layer, shape: Shape, previous: ForwardPass | None, index: int) -> Layer:
    if not layer.enabled:
        return layer
    if previous is not None and index < len(previous.outputs):
        same_input = shape_of(previous.input_of(index)) == shape
        known = previous.network.layers[index]
        if same_input and layer is known:
            return previous.layers[index]
        if same_input and layer.computes_like(known):  # renamed: its names, but the weights that are there
            return dataclasses.replace(layer, **weights(previous.layers[index]))
    return layer.fit(shape)


def _output(
    layer: Layer,
    x: Array,
    previous: ForwardPass | None,
    index: int,
    changed_inputs: Channels,
    cancel: CancelFlag | None,
    exact: bool,
) -> tuple[Array, Channels]:
    """The layer's output, and which of its channels differ from the previous pass (None for all)."""
    known = previous is not None and index < len(previous.outputs)
    if not layer.enabled:
        same = known and previous is not None and not previous.layers[index].enabled
        return x, changed_inputs if same else None
    if previous is None or not known:
        return layer.forward(x, cancel=cancel, exact=exact), None
    old_layer, old = previous.layers[index], previous.outputs[index]
    if not old_layer.enabled or shape_of(previous.input_of(index)) != shape_of(x):
        return layer.forward(x, cancel=cancel, exact=exact), None
    if layer.computes_like(old_layer) and changed_inputs == frozenset():
        return old, frozenset()
    changed = layer.changed_channels(old_layer, changed_inputs)
    if changed is None or len(changed) == old.shape[1]:
        return layer.forward(x, cancel=cancel, exact=exact), None
    if not changed:
        return old, changed
    out = np.array(old)
    layer.forward(x, out=out, channels=changed, cancel=cancel, exact=exact)
    return out, changed
