"""A network in figures: what each layer gives, how much it holds, how much it computes, how far it sees."""

from __future__ import annotations

from dataclasses import dataclass

from explorer.engine import windows
from explorer.errors import NetworkError
from explorer.layers.layer import Shape, Window
from explorer.layers.network import Network


@dataclass(frozen=True)
class LayerSummary:
    """Figures of one layer on one input.

    ``output_shape`` is without the batch. ``multiply_adds`` leaves out the bias. ``receptive_field`` and ``jump``
    are (vertical, horizontal) in pixels of the network's input, and None once the picture is flattened. A layer
    that is switched off passes its input on: it has a shape and a receptive field, but nothing of its own.
    """

    name: str
    type_name: str
    enabled: bool
    output_shape: Shape
    parameters: int
    multiply_adds: int
    receptive_field: tuple[int, int] | None
    jump: tuple[int, int] | None


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


def summarize(network: Network, input_shape: Shape) -> tuple[LayerSummary, ...]:
    """Figures of every layer for an input (channels, rows, columns).

    Raises
    ------
    NetworkError
        If a layer does not fit what comes in.
    """
    plan = network.plan(input_shape)
    if plan.error is not None:
        raise NetworkError(f"{plan.error.layer_name}: {plan.error.message}")
    view: _View | None = _View((1, 1), (1, 1))
    result = []
    for layer, before, after in zip(network.layers, plan.shapes, plan.shapes[1:], strict=False):
        if layer.enabled and view is not None:
            window = layer.window(before)
            view = view.through(window) if window is not None else None
        result.append(
            LayerSummary(
                layer.name,
                layer.type_name,
                layer.enabled,
                after,
                layer.parameter_count(before) if layer.enabled else 0,
                layer.multiply_adds(before) if layer.enabled else 0,
                view.field if view else None,
                view.jump if view else None,
            )
        )
    return tuple(result)
