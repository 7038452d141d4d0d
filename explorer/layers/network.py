"""A network: layers in order, with the shapes between them."""

from __future__ import annotations

import dataclasses
import itertools
from dataclasses import dataclass
from functools import cached_property

from explorer.layers.convolution import Conv2d
from explorer.layers.fields import MAXIMUM_TEXT
from explorer.layers.layer import ChannelwiseLayer, Fix, Layer, Shape, ShapeError, count
from explorer.layers.linear import Linear

_FLOAT = 4  # bytes
_PLANS = 8  # that a network remembers


@dataclass(frozen=True, eq=False)
class LayerError:
    """Why a network stops at a layer: one sentence with the numbers, and an edit that would cure it."""

    index: int
    layer_name: str
    message: str
    fix: Fix | None = None


@dataclass(frozen=True, eq=False)
class Plan:
    """The shapes of a network on an input, as far as they go, known before anything is computed.

    ``shapes[i]`` is the input of layer i; the last one is what comes out at the end, or at the faulty layer's door.
    """

    shapes: tuple[Shape, ...]
    error: LayerError | None = None

    def output(self, index: int) -> Shape | None:
        """The shape behind layer ``index``, if it is reached."""
        return self.shapes[index + 1] if index + 1 < len(self.shapes) else None

    def input(self, index: int) -> Shape | None:
        """The shape before layer ``index``, if it is reached."""
        return self.shapes[index] if index < len(self.shapes) else None


@dataclass(frozen=True, eq=False)
class Network:
    """Layers with unique names."""

    layers: tuple[Layer, ...] = ()

    def __post_init__(self) -> None:
        given = {layer.name for layer in self.layers}
        taken: set[str] = set()
        unique = []
        for layer in self.layers:
            # A layer without a name makes room for those that have one, wherever they stand.
            wanted, avoid = (layer.name, taken) if layer.name else (layer.base_name, taken | given)
            name = wanted if wanted not in avoid else _free_name(wanted, taken | given)
            taken.add(name)
            unique.append(layer if name == layer.name else dataclasses.replace(layer, name=name))
        object.__setattr__(self, "layers", tuple(unique))

    def free_name(self, wanted: str) -> str:
        """``wanted`` with a number behind it that makes it new among these layers."""
        return _free_name(wanted, set(self.names))

    def plan(self, input_shape: Shape, memory_limit: int | None = None) -> Plan:
        """Shapes behind every layer; stops at the first that does not fit or needs too much memory (in bytes).

        A network never changes, and many parts of the window ask at every move of the brush: plans are remembered.
        """
        key = (input_shape, memory_limit)
        known = self._plans.get(key)
        if known is None:
            if len(self._plans) >= _PLANS:  # limits follow the free memory
                self._plans.clear()
            known = self._plans[key] = self._plan(input_shape, memory_limit)
        return known

    def _plan(self, input_shape: Shape, memory_limit: int | None) -> Plan:
        shapes = [input_shape]
        used = count(input_shape) * _FLOAT
        for index, layer in enumerate(self.layers):
            shape = shapes[-1]
            try:
                after = layer.output_shape(shape) if layer.enabled else shape
            except ShapeError as error:
                return Plan(tuple(shapes), LayerError(index, layer.name, str(error), error.fix))
            needed = layer_bytes(layer, shape, after)
            if memory_limit is not None and used + needed > memory_limit:
                error_text = _memory_message(needed, memory_limit - used, memory_limit)
                fix = _smaller(layer, shape, needed, memory_limit - used)
                return Plan(tuple(shapes), LayerError(index, layer.name, error_text, fix))
            used += needed
            shapes.append(after)
        return Plan(tuple(shapes))

    def channel_name(self, index: int, channel: int) -> str:
        """What the user calls a channel of layer ``index``: the filter's name, also behind layers that keep channels.

        Empty where it has none.
        """
        for layer in reversed(self.layers[: index + 1]):
            if isinstance(layer, Conv2d) and layer.enabled:
                return layer.filter_name(channel)
            if layer.enabled and not isinstance(layer, ChannelwiseLayer):
                return ""
        return ""

    @cached_property
    def _plans(self) -> dict[tuple[Shape, int | None], Plan]:
        return {}

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The layers' names, in order."""
        return tuple(layer.name for layer in self.layers)


def layer_bytes(layer: Layer, before: Shape, after: Shape) -> int:
    """Memory that a layer takes: its output, its weights, and a padded copy of its input."""
    if not layer.enabled:
        return 0
    return _FLOAT * (count(after) + layer.parameter_count(before)) + _working_bytes(layer, before)


def _working_bytes(layer: Layer, before: Shape) -> int:
    return _FLOAT * count(before) if isinstance(layer, Conv2d) else 0


def _memory_message(needed: int, left: int, limit: int) -> str:
    return (
        f"This layer would need {in_words(needed)}, but {in_words(max(left, 0))} of the limit of {in_words(limit)} "
        f"are left: reduce the filters or the picture, or raise the limit."
    )


def _smaller(layer: Layer, before: Shape, needed: int, left: int) -> Fix | None:
    """The same layer with as many filters as there is room for, and a tenth of the room for what follows."""
    working = _working_bytes(layer, before)  # however many filters there are
    share = (0.9 * left - working) / (needed - working)
    if isinstance(layer, Conv2d) and layer.groups == 1 and (fewer := int(layer.out_channels * share)) >= 1:
        return Fix(f"{fewer} filters", (dataclasses.replace(layer, out_channels=fewer),))
    if isinstance(layer, Linear) and (fewer := int(layer.out_features * share)) >= 1:
        return Fix(f"{fewer} outputs", (dataclasses.replace(layer, out_features=fewer),))
    return None


def in_words(size: int) -> str:
    """A number of bytes as a person reads it."""
    for unit, scale in (("GB", 1 << 30), ("MB", 1 << 20), ("KB", 1 << 10)):
        if size >= scale:
            return f"{size / scale:.1f} {unit}"
    return f"{size} bytes"


def _free_name(wanted: str, taken: set[str]) -> str:
    """``wanted`` with the smallest number behind it that makes it a new name."""
    stem, _, number = wanted.rpartition("_")
    base = stem if stem and number.isdigit() else wanted
    for suffix in itertools.count(1):
        ending = f"_{suffix}"
        name = base[: MAXIMUM_TEXT - len(ending)] + ending
        if name not in taken:
            return name
    raise AssertionError("unreachable")
