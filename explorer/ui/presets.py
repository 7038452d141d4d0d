"""What the presets popover offers, as one type: a kernel for one filter, or a bank for all of a layer's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from explorer.layers.banks import BANKS, Bank, Shape
from explorer.layers.fields import Array
from explorer.layers.filters import FILTERS, NamedFilter, Parameter, found

__all__ = ["Preset", "Shape", "bank_presets", "kernel_presets", "matching", "strongest"]

Values = Mapping[str, float]

_THUMBNAIL_WEIGHTS = 65_536  # a bank's small picture is not worth the time of a whole large layer


@dataclass(frozen=True, eq=False)
class Preset:
    """A name, one line on what it does, and how to make its weights.

    ``make`` gives (rows, columns), or the whole layer's (out, in / groups, rows, columns); ValueError with one
    sentence where it cannot. ``sample`` gives one or more kernels (n, rows, columns) that stand for it in a list.
    """

    name: str
    why: str
    parameters: tuple[Parameter, ...]
    make: Callable[[Values], Array]
    sample: Callable[[Values], Array]
    filter_names: Callable[[Values], tuple[str, ...]]

    def defaults(self) -> dict[str, float]:
        """The values its parameters start with."""
        return {parameter.name: parameter.default for parameter in self.parameters}


def kernel_presets(shape: Shape) -> tuple[Preset, ...]:
    """Every named filter, for one filter of a layer."""
    return tuple(_kernel(chosen, (shape[2], shape[3])) for chosen in FILTERS)


def bank_presets(shape: Shape) -> tuple[Preset, ...]:
    """Every bank, for all filters of a layer."""
    return tuple(_bank(chosen, shape) for chosen in BANKS)


def matching(presets: tuple[Preset, ...], text: str) -> tuple[Preset, ...]:
    """Those that a search finds: filters by their own words too, banks by their name and sentence."""
    listed = {preset.name: preset for preset in presets}
    filters = tuple(listed[chosen.name] for chosen in found(text) if chosen.name in listed)
    banks = {chosen.name for chosen in BANKS}
    words = text.casefold().split()
    return filters + tuple(
        preset
        for preset in presets
        if preset.name in banks and all(word in f"{preset.name} {preset.why}".casefold() for word in words)
    )


def strongest(weights: Array) -> Array:
    """Of each filter (n, channels, rows, columns) the kernel (n, rows, columns) with the largest magnitudes."""
    channels = np.abs(weights).sum(axis=(2, 3)).argmax(axis=1)
    kernels: Array = weights[np.arange(len(weights)), channels]
    return kernels


def _kernel(chosen: NamedFilter, size: tuple[int, int]) -> Preset:
    return Preset(
        chosen.name,
        chosen.why,
        tuple(parameter.at(size) for parameter in chosen.parameters),
        make=lambda values: chosen(size, **values),
        sample=lambda values: chosen(size, **values)[np.newaxis],
        filter_names=lambda values: (chosen.name,),
    )


def _bank(chosen: Bank, shape: Shape) -> Preset:
    filters, channels, rows, columns = shape
    room = max(1, _THUMBNAIL_WEIGHTS // (rows * columns))
    small = (min(filters, 64), max(1, min(channels, room // min(filters, 64))), rows, columns)
    return Preset(
        chosen.name,
        chosen.why,
        tuple(parameter.at((rows, columns)) for parameter in chosen.parameters),
        make=lambda values: chosen(shape, **values),
        sample=lambda values: strongest(chosen(small, **values)),
        filter_names=lambda values: chosen.filter_names(shape, **values),
    )
