"""The number that is looked at: where it stands, and what it is made of."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from explorer.layers.explanation import Explanation, Source, explain, origin
from explorer.layers.forward import ForwardPass

PICTURE = -1


@dataclass(frozen=True)
class Step:
    """A place in the output of a layer, by its number; -1 is the network's input.

    ``is_number``: the layer gives a row of numbers, of which this is number ``row``.
    """

    index: int
    channel: int
    row: int
    column: int
    is_number: bool = False


@dataclass(frozen=True, eq=False)
class Probe:
    """One number of a pass. ``live``: it is pointed at or pinned, and not only the last one that was."""

    result: ForwardPass
    step: Step
    live: bool = True
    pinned: bool = False

    @cached_property
    def explanation(self) -> Explanation | None:
        """What it is made of, worked out once; None for a number of the picture."""
        step = self.step
        if step.index == PICTURE or step.index >= len(self.result.outputs):
            return None
        return explain(self.result, step.index, step.channel, step.row, step.column)

    @property
    def value(self) -> float:
        """The number itself."""
        step = self.step
        y = self.result.input if step.index == PICTURE else self.result.outputs[step.index]
        where = (step.channel, step.row, step.column) if y.ndim == 4 else (step.row,)
        return float(y[(0, *where)])

    @property
    def layer_name(self) -> str:
        """The layer that gave it; "picture" for the network's input."""
        return "picture" if self.step.index == PICTURE else self.result.network.names[self.step.index]

    @property
    def place_words(self) -> str:
        """``conv2d (2, 7, 9)``, ``softmax #3``, ``picture (14, 20)``: channel, row, column."""
        return step_words(self.result, self.step)

    @property
    def channel_words(self) -> str:
        """The name of the map, or its number."""
        step = self.step
        if step.index == PICTURE:
            names = ("red", "green", "blue") if self.result.input.shape[1] == 3 else ("grey",)
            return names[step.channel] if step.channel < len(names) else f"channel {step.channel}"
        if step.is_number:
            return f"#{step.row}"
        named = self.result.network.channel_name(step.index, step.channel)
        return f"“{named}”" if named else f"#{step.channel}"

    def below(self, source: Source) -> Step:
        """Where a number that it takes in was made: past Flatten and layers that are off."""
        index, place = origin(self.result, self.step.index, source)
        return step_at(self.result, index, place)


def step_at(result: ForwardPass, index: int, place: Source) -> Step:
    """A place in the output of layer ``index``."""
    is_number = index != PICTURE and result.outputs[index].ndim == 2
    return Step(index, place.channel, place.row, place.column, is_number)


def step_words(result: ForwardPass, step: Step) -> str:
    """A place in few characters."""
    if step.index == PICTURE:
        channel = f"{step.channel}, " if result.input.shape[1] > 1 else ""
        return f"picture ({channel}{step.row}, {step.column})"
    name = result.network.names[step.index]
    if step.is_number:
        return f"{name} #{step.row}"
    return f"{name} ({step.channel}, {step.row}, {step.column})"
