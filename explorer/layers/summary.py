"""A network in figures: what each layer gives, how much it holds, how much it computes, how far it sees."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from explorer.engine import windows
from explorer.layers import ladder, rounding
from explorer.layers.convolution import Conv2d
from explorer.layers.layer import Layer, Shape, Window, count
from explorer.layers.network import LayerError, Network, layer_bytes
from explorer.layers.pooling import AvgPool2d, MaxPool2d
from explorer.layers.sliding import SlidingLayer

_FLOAT = 4  # bytes
_WRITTEN_OUT = 1_000_000_000  # from here on only the order of magnitude says something


@dataclass(frozen=True)
class LayerSummary:
    """Figures of one layer on one input.

    ``output_shape`` is without the batch. ``formula`` says how ``parameters`` come about, ``32·(3·3·3+1) = 896``.
    ``multiply_adds`` leaves out the bias. ``receptive_field`` and ``jump`` are (vertical, horizontal) in pixels of
    the network's input, and None once the picture is flattened. ``memory`` is in bytes: the output, the weights, and
    a convolution's padded copy of its input. ``comparison``, ``counts`` and ``rounding`` are phrases, empty where
    there is nothing to say: what sharing its weights saves a convolution, how many maps it makes, how a size that
    does not divide was rounded. ``seconds`` is None where nobody measured. A layer that is switched off passes its
    input on: it has a shape and a receptive field, but nothing of its own.
    """

    name: str
    type_name: str
    enabled: bool
    output_shape: Shape
    parameters: int
    multiply_adds: int
    receptive_field: tuple[int, int] | None
    jump: tuple[int, int] | None
    formula: str = ""
    memory: int = 0
    comparison: str = ""
    counts: str = ""
    rounding: str = ""
    seconds: float | None = None

    @property
    def remarks(self) -> tuple[str, ...]:
        """Every phrase there is."""
        return tuple(text for text in (self.comparison, self.counts, self.rounding) if text)


@dataclass(frozen=True)
class NetworkSummary:
    """Figures of a network, as far as it goes; ``error`` says why no further."""

    input_shape: Shape
    layers: tuple[LayerSummary, ...]
    error: LayerError | None = None

    @property
    def parameters(self) -> int:
        """Weights and biases of all layers."""
        return sum(layer.parameters for layer in self.layers)

    @property
    def multiply_adds(self) -> int:
        """Multiplications of weights in one pass."""
        return sum(layer.multiply_adds for layer in self.layers)

    @property
    def memory(self) -> int:
        """Bytes of all layers and of the input."""
        return count(self.input_shape) * _FLOAT + sum(layer.memory for layer in self.layers)

    @property
    def seconds(self) -> float | None:
        """What the layers that were measured take together; None where none was."""
        known = [layer.seconds for layer in self.layers if layer.seconds is not None]
        return sum(known) if known else None


@dataclass(frozen=True)
class _View:
    """What one output value sees of the input, (vertical, horizontal)."""

    field: tuple[int, int]
    jump: tuple[int, int]

    def through(self, window: Window) -> _View:
        """The view behind one more sliding window."""
        rows, columns = (
            windows.grow(
                self.field[axis],
                self.jump[axis],
                window.kernel_size[axis],
                window.stride[axis],
                window.dilation[axis],
            )
            for axis in (0, 1)
        )
        return _View((rows[0], columns[0]), (rows[1], columns[1]))


def summarize(
    network: Network,
    input_shape: Shape,
    *,
    memory_limit: int | None = None,
    seconds: Mapping[str, float] | None = None,
) -> NetworkSummary:
    """Figures of every layer that is reached, for an input (channels, rows, columns).

    ``memory_limit`` is in bytes; ``seconds`` says by name what a layer takes.
    """
    plan = network.plan(input_shape, memory_limit)
    measured = seconds or {}
    view: _View | None = _View((1, 1), (1, 1))
    result = []
    for layer, before, after in zip(network.layers, plan.shapes, plan.shapes[1:], strict=False):
        if layer.enabled and view is not None:
            window = layer.window(before)
            view = view.through(window) if window is not None else None
        result.append(_figures(layer, before, after, view, measured.get(layer.name)))
    return NetworkSummary(input_shape, tuple(result), plan.error)


def _figures(
    layer: Layer, before: Shape, after: Shape, view: _View | None, seconds: float | None
) -> LayerSummary:
    field, jump = (view.field, view.jump) if view else (None, None)
    if not layer.enabled:
        return LayerSummary(layer.name, layer.type_name, False, after, 0, 0, field, jump, seconds=seconds)
    parameters, formula = layer.parameter_count(before), layer.parameter_formula(before)
    return LayerSummary(
        layer.name,
        layer.type_name,
        True,
        after,
        parameters,
        layer.multiply_adds(before),
        field,
        jump,
        formula=f"{formula} = {parameters:,}" if formula else "",
        memory=layer_bytes(layer, before, after),
        comparison=_comparison(layer, before, after),
        counts=ladder.counts(layer, before) if isinstance(layer, Conv2d) else "",
        rounding=_rounding(layer, before),
        seconds=seconds,
    )


def _rounding(layer: Layer, before: Shape) -> str:
    """``46 rows with floor, 47 with ceil; here ceil`` for pooling, ``rows 187.5 → 187 (floor)`` for a convolution."""
    if isinstance(layer, MaxPool2d | AvgPool2d):
        both = rounding.alternatives(layer, before)
        return f"{both}; here {'ceil' if layer.rounds_up else 'floor'}" if both else ""
    return rounding.short(layer, before) if isinstance(layer, SlidingLayer) else ""


def _comparison(layer: Layer, before: Shape, after: Shape) -> str:
    """What sharing its weights saves a convolution."""
    if not isinstance(layer, Conv2d):
        return ""
    positions = after[1] * after[2]
    dense = count(after) * (count(before) + layer.bias)
    shared = f"shared over {positions:,} positions" if positions > 1 else "for a single position"
    return (
        f"{layer.parameter_count(before):,} weights {shared}; "
        f"a linear layer to the same output would need {in_figures(dense)}"
    )


def in_figures(number: int) -> str:
    """A count written out, or ``7.7e11`` where it is too long to read."""
    if number < _WRITTEN_OUT:
        return f"{number:,}"
    digits, power = f"{number:.1e}".split("e")
    return f"{digits}e{int(power)}"
