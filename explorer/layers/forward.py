"""Running a network, and running it again after an edit with as little work as possible.

What is the same object as in the previous pass is not computed again; of a layer that differs in some filters only,
those maps alone are. There are no dirty flags: everything is decided by comparing the two passes.
"""

from __future__ import annotations

import dataclasses
import operator
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import compress

import numpy as np

from explorer.errors import Cancelled
from explorer.jit import CancelFlag
from explorer.layers.buffers import BufferPool, Content, Lease, Token
from explorer.layers.fields import Array
from explorer.layers.layer import Channels, Layer, Shape, weights
from explorer.layers.network import LayerError, Network


@dataclass(frozen=True, eq=False)
class ForwardPass:
    """What came out of every layer. Arrays are read-only, (1, C, H, W) or (1, F).

    ``outputs`` may end before ``network.layers`` does: at an error, or while the tail is still running. ``layers``
    are the fitted layers that made them, ``seconds`` how long each took when it was computed. ``changes`` says which
    channels differ from the pass before (None for all), ``contents`` what each channel holds, as tokens of
    :mod:`explorer.layers.buffers`.
    ``settled`` says that every number is on the path whose bits never vary.
    """

    input: Array
    network: Network
    layers: tuple[Layer, ...] = ()
    outputs: tuple[Array, ...] = ()
    seconds: tuple[float, ...] = ()
    changes: tuple[Channels, ...] = ()
    contents: tuple[Content, ...] = ()
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
    pool: BufferPool | None = None,
) -> Iterator[ForwardPass]:
    """The same layer by layer: yields the pass as far as it is, at least once.

    ``previous`` is any earlier pass; a settled pass takes over only those of its channels that are exact. Outputs lie
    in buffers of the ``pool``, or in memory of their own.

    Raises
    ------
    Cancelled
        If the flag went up.
    MemoryError
        If a layer's output cannot be allocated.
    """
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
        run = _Run(layer, before, cancel, settled, pool)
        output, changed, content = _output(run, previous, index, changed)
        output.flags.writeable = False
        taken_over = (
            previous is not None and index < len(previous.outputs) and output is previous.outputs[index]
        )
        seconds = previous.seconds[index] if taken_over and previous else time.perf_counter() - started
        result = ForwardPass(
            x,
            network,
            (*result.layers, layer),
            (*result.outputs, output),
            (*result.seconds, seconds),
            (*result.changes, changed),
            (*result.contents, content),
            settled,
            plan.error,
        )
        yield result
    if end == 0:
        yield result


def shape_of(x: Array) -> Shape:
    """An array's shape without the batch."""
    return tuple(map(int, x.shape[1:]))


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


@dataclass(frozen=True, eq=False)
class _Run:
    """One layer on its input."""

    layer: Layer
    x: Array
    cancel: CancelFlag | None
    exact: bool
    pool: BufferPool | None

    def _is_cancelled(self) -> bool:
        return self.cancel is not None and self.cancel.is_set

    def whole(self) -> tuple[Array, Channels, Content]:
        """All channels."""
        if self.pool is None or not self.layer.takes_out:
            output = self.layer.forward(self.x, cancel=self.cancel, exact=self.exact)
            return output, None, (Token(self.exact),) * output.shape[1]
        shape = self.layer.output_shape(shape_of(self.x))
        lease = self.pool.lease((self.x.shape[0], *shape), interrupted=self._is_cancelled)
        self.layer.forward(self.x, out=lease.array, cancel=self.cancel, exact=self.exact)
        content = (Token(self.exact),) * shape[0]
        lease.filled(content)
        return lease.array, None, content

    def partly(
        self, changed: frozenset[int], old: Array, old_content: Content
    ) -> tuple[Array, Channels, Content]:
        """Some channels; the others are as they were."""
        tokens, new = list(old_content), Token(self.exact)
        for channel in changed:
            tokens[channel] = new
        content = tuple(tokens)
        if self.pool is None:
            out, held = np.array(old), old_content
        else:
            lease = self.pool.lease(old.shape, old_content, self._is_cancelled)
            out, held = lease.array, lease.held
        same = set(compress(range(len(held)), map(operator.is_, held, content)))
        for channel in set(range(len(content))) - same - changed:
            out[:, channel] = old[:, channel]
        self.layer.forward(self.x, out=out, channels=changed, cancel=self.cancel, exact=self.exact)
        if self.pool is not None:
            lease.filled(content)
        return out, changed, content

    def updated(
        self, before: Array, changed_inputs: frozenset[int], old: Array
    ) -> tuple[Array, Channels, Content] | None:
        """All channels from what they were before; None where that is not faster."""
        leases: list[Lease] = []

        def new() -> Array:
            if self.pool is None:
                return np.empty_like(old)
            leases.append(self.pool.lease(old.shape, interrupted=self._is_cancelled))
            return leases[0].array

        out = self.layer.update(self.x, before, changed_inputs, old, new, self.cancel)
        if out is None:
            return None
        content = (Token(exact=False),) * old.shape[1]
        for lease in leases:
            lease.filled(content)
        return out, None, content


def _output(
    run: _Run, previous: ForwardPass | None, index: int, changed_inputs: Channels
) -> tuple[Array, Channels, Content]:
    """The layer's output, which of its channels differ from the previous pass (None for all), and their contents."""
    layer, x = run.layer, run.x
    known = previous is not None and index < len(previous.outputs)
    if not layer.enabled:
        same = known and previous is not None and not previous.layers[index].enabled
        return x, changed_inputs if same else None, ()
    if previous is None or not known:
        return run.whole()
    old_layer, old, old_content = previous.layers[index], previous.outputs[index], previous.contents[index]
    if not old_layer.enabled or shape_of(previous.input_of(index)) != shape_of(x):
        return run.whole()
    alike = layer.computes_like(old_layer)
    same = alike and changed_inputs == frozenset()
    changed = frozenset[int]() if same else layer.changed_channels(old_layer, changed_inputs)
    if changed is not None and run.exact:
        changed |= {channel for channel, token in enumerate(old_content) if not token.exact}
    if changed is None or len(changed) == old.shape[1]:
        updated = None
        if alike and changed_inputs and layer.takes_out and not run.exact:
            updated = run.updated(previous.input_of(index), changed_inputs, old)
        return updated or run.whole()
    if not changed:
        return old, changed, old_content
    return run.partly(changed, old, old_content)
