"""Two-way receptive fields in words: which outputs of which layers depend on one number."""

from __future__ import annotations

import dataclasses

from explorer.layers.forward import ForwardPass
from explorer.layers.layer import ElementwiseLayer
from explorer.layers.linear import Flatten
from explorer.layers.normalization import BatchNorm2d
from explorer.layers.receptive import Box, dependents

Boxes = tuple[Box | None, ...]


def dependents_of(result: ForwardPass, index: int, row: int, column: int) -> Boxes:
    """For each layer, the box of outputs that depend on (row, column) of the input of layer ``index``."""
    if index <= 0:
        return dependents(result, row, column)
    later = dataclasses.replace(
        result,
        input=result.input_of(index),
        layers=result.layers[index:],
        outputs=result.outputs[index:],
    )
    return (None,) * index + dependents(later, row, column)


def seen_by(result: ForwardPass, boxes: Boxes, index: int = 0) -> str:
    """``seen by 3×3 values of conv2d, 2×2 of max_pool2d``; layers that keep every place are left out."""
    parts: list[str] = []
    for position in range(max(index, 0), len(boxes)):
        layer, box = result.layers[position], boxes[position]
        passes_on = not layer.enabled or isinstance(layer, ElementwiseLayer | BatchNorm2d | Flatten)
        if passes_on and position != index:
            continue
        name = result.network.names[position]
        if box is None:
            parts.append(f"none of {name}")
            break
        y = result.outputs[position]
        whole = y.ndim == 2 and box.height == y.shape[1]
        size = f"all {box.height:,}" if whole else f"{box.width:,}×{box.height:,}"
        if y.ndim == 2 and not whole:
            size = f"{box.height:,}"
        parts.append(f"{size} of {name}" if parts else f"{size} values of {name}")
    return f"seen by {', '.join(parts)}" if parts else ""
