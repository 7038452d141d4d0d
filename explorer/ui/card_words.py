"""The words on a layer's card."""

from __future__ import annotations

import dataclasses

from explorer.layers import AvgPool2d, MaxPool2d, rounding
from explorer.layers.layer import Layer, Shape, ShapeError
from explorer.layers.network import in_words, layer_bytes
from explorer.layers.sliding import SlidingLayer


def shape_and_tip(layer: Layer, before: Shape, after: Shape) -> tuple[str, str]:
    """What a layer gives, in a few words and for a tooltip."""
    if len(after) == 3:
        channels, rows, columns = after
        text = f"{channels} map{'s' if channels != 1 else ''}, {columns} × {rows}"
        tip = f"PyTorch (1, {channels}, {rows}, {columns})\nKeras (None, {rows}, {columns}, {channels})"
    else:
        text = f"{after[0]:,} numbers"
        tip = f"PyTorch (1, {after[0]})\nKeras (None, {after[0]})"
    if isinstance(layer, SlidingLayer) and layer.enabled:
        rounded, alternatives = rounding.short(layer, before), rounding.alternatives(layer, before)
        if rounded:
            text += " (ceil)" if layer.rounds_up else " (floor)"
        tip = "\n".join(line for line in (tip, rounded, alternatives) if line)
    return text, f"{tip}\n{parameters(layer, before)}, {memory(layer, before, after)}"


def parameters(layer: Layer, before: Shape) -> str:
    """How many weights and biases the layer has."""
    count = layer.parameter_count(before) if layer.enabled else 0
    return f"{count:,} params" if count else "no params"


def memory(layer: Layer, before: Shape, after: Shape) -> str:
    """How much memory the layer takes."""
    return in_words(layer_bytes(layer, before, after))


def sentences(layer: Layer, before: Shape) -> list[str]:
    """How the size of the output comes about, line by line."""
    lines = [line.replace(" / ", "/") for line in layer.sentences(before)]  # the rail is narrow
    if isinstance(layer, SlidingLayer):
        lines += [rounding.same_sentence(layer, before), _other_way(layer, before), _unused(layer, before)]
    return [line for line in lines if line]


def _other_way(layer: SlidingLayer, before: Shape) -> str:
    """What a pooling layer would give if it rounded the other way."""
    if not isinstance(layer, MaxPool2d | AvgPool2d) or not rounding.alternatives(layer, before):
        return ""
    try:
        rows, columns = dataclasses.replace(layer, ceil_mode=not layer.ceil_mode).output_size(before)
    except ShapeError:  # there is no window at all then
        return ""
    return f"With {'floor' if layer.ceil_mode else 'ceil'}: {rows} rows, {columns} columns"


def _unused(layer: SlidingLayer, before: Shape) -> str:
    """Which part of the input no window reaches."""
    sides = zip(rounding.unused(layer, before), ("bottom row", "right column"), strict=True)
    unused = [f"{number} {name}{'s' if number > 1 else ''}" for number, name in sides if number]
    return f"Unused: {', '.join(unused)}" if unused else ""
