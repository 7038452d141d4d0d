"""The summary of a network as JSON and as a table for people."""

from __future__ import annotations

import json
from collections.abc import Sequence

from explorer.layers.layer import Shape
from explorer.layers.summary import LayerSummary

_HEADINGS = ("layer", "type", "output", "parameters", "multiply-adds", "receptive field", "jump")
_NUMBERS = (3, 4)  # columns that are flush right


def as_json(input_shape: Shape, layers: Sequence[LayerSummary]) -> str:
    """Shapes without the batch; sizes as [vertical, horizontal], null once the picture is flattened."""
    content = {
        "input": list(input_shape),
        "layers": [
            {
                "name": layer.name,
                "type": layer.type_name,
                "output_shape": list(layer.output_shape),
                "parameters": layer.parameters,
                "multiply_adds": layer.multiply_adds,
                "receptive_field": layer.receptive_field,
                "jump": layer.jump,
            }
            for layer in layers
        ],
        "parameters": sum(layer.parameters for layer in layers),
    }
    return json.dumps(content, indent=2, ensure_ascii=False)


def as_table(input_shape: Shape, layers: Sequence[LayerSummary]) -> str:
    """One line per layer, and the total."""
    rows = [_HEADINGS, ("input", "", _size(input_shape), "", "", "", ""), *(_row(layer) for layer in layers)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADINGS))]
    lines = [_line(row, widths) for row in rows]
    lines.insert(1, "  ".join("-" * width for width in widths))
    total = sum(layer.parameters for layer in layers)
    work = sum(layer.multiply_adds for layer in layers)
    return "\n".join([*lines, "", f"{total:,} parameters, {work:,} multiply-adds"])


def _row(layer: LayerSummary) -> tuple[str, ...]:
    return (
        layer.name if layer.enabled else f"{layer.name} (off)",
        layer.type_name,
        _size(layer.output_shape),
        f"{layer.parameters:,}",
        f"{layer.multiply_adds:,}",
        _size(layer.receptive_field) if layer.receptive_field else "-",
        _size(layer.jump) if layer.jump else "-",
    )


def _size(numbers: Sequence[int]) -> str:
    return "x".join(str(number) for number in numbers)


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = [
        text.rjust(width) if column in _NUMBERS else text.ljust(width)
        for column, (text, width) in enumerate(zip(row, widths, strict=True))
    ]
    return "  ".join(cells).rstrip()
