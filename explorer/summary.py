"""The summary of a network as JSON, and as a table for people: plain text or Markdown."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence

from explorer.layers.layer import Shape, count
from explorer.layers.network import in_words
from explorer.layers.summary import LayerSummary, NetworkSummary

HEADINGS = (
    "Layer",
    "Output shape",
    "Parameters",
    "Multiply-adds",
    "Receptive field",
    "Jump",
    "Memory",
    "Time",
)
NUMBERS = frozenset(range(2, len(HEADINGS)))  # columns that are flush right
_READ_BY_MARKDOWN = re.compile(r"[\\`*\[\]<>|~]|(?<!\w)_|_(?!\w)")


def as_json(summary: NetworkSummary) -> str:
    """Shapes without the batch; sizes as [vertical, horizontal], null once the picture is flattened; bytes."""
    content: dict[str, object] = {
        "input": list(summary.input_shape),
        "layers": [_object(layer) for layer in summary.layers],
        "parameters": summary.parameters,
    }
    if summary.error is not None:
        content["error"] = error_sentence(summary)
    return json.dumps(content, indent=2, ensure_ascii=False)


def as_text(summary: NetworkSummary) -> str:
    """One line per layer, the totals, and what there is to say about single layers."""
    rows = _rows(summary)
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [_line(row, widths) for row in rows]
    rule = "=" * (sum(widths) + 2 * (len(widths) - 1))
    parts = [lines[0], rule, *lines[1:], rule, *_totals(summary)]
    remarks = list(_remarks(summary))
    return "\n".join([*parts, *(["", *remarks] if remarks else [])])


def as_markdown(summary: NetworkSummary) -> str:
    """The same as a table and a list."""
    rows = _rows(summary)
    cells = [[_escaped(cell) for cell in row] for row in rows]
    dashes = ["---:" if column in NUMBERS else "---" for column in range(len(rows[0]))]
    lines = [f"| {' | '.join(row)} |" for row in (cells[0], dashes, *cells[1:])]
    remarks = [f"- {_escaped(text)}" for text in _remarks(summary)]
    totals = [f"- {line}" for line in _totals(summary)]
    return "\n".join([*lines, "", *totals, *remarks])


def error_sentence(summary: NetworkSummary) -> str:
    """Why a network goes no further, beginning with the layer's name; empty where it does."""
    error = summary.error
    if error is None:
        return ""
    named = error.message.startswith(f"{error.layer_name} ")
    return error.message if named else f"{error.layer_name}: {error.message}"


def cells(layer: LayerSummary) -> tuple[str, ...]:
    """What stands below each of HEADINGS; the formula is in place of the count of parameters."""
    return (
        f"{layer.name} ({layer.type_name if layer.enabled else 'off'})",
        f"({', '.join(str(size) for size in (1, *layer.output_shape))})",
        layer.formula or "0",
        f"{layer.multiply_adds:,}",
        size(layer.receptive_field),
        size(layer.jump),
        in_words(layer.memory),
        duration(layer.seconds),
    )


def size(sides: tuple[int, int] | None) -> str:
    """``14×14``; a dash where the picture is flattened."""
    return f"{sides[0]}×{sides[1]}" if sides else "–"


def duration(seconds: float | None) -> str:
    """A time in milliseconds, empty where it is not known."""
    return "" if seconds is None else f"{seconds * 1000:.1f} ms"


def _object(layer: LayerSummary) -> dict[str, object]:
    return {
        "name": layer.name,
        "type": layer.type_name,
        "output_shape": list(layer.output_shape),
        "parameters": layer.parameters,
        "multiply_adds": layer.multiply_adds,
        "receptive_field": layer.receptive_field,
        "jump": layer.jump,
        "formula": layer.formula,
        "memory": layer.memory,
    }


def _rows(summary: NetworkSummary) -> list[tuple[str, ...]]:
    """The table, without the column of times where nobody measured."""
    shown = len(HEADINGS) if summary.seconds is not None else len(HEADINGS) - 1
    body = (_input(summary.input_shape), *(cells(layer) for layer in summary.layers))
    return [row[:shown] for row in (HEADINGS, *body)]


def _input(shape: Shape) -> tuple[str, ...]:
    sizes = f"({', '.join(str(size) for size in (1, *shape))})"
    return ("input", sizes, "", "", "1×1", "1×1", in_words(4 * count(shape)), "")


def _totals(summary: NetworkSummary) -> list[str]:
    reached = "" if summary.error is None else ", as far as the network goes"
    lines = [
        f"Total parameters: {summary.parameters:,}{reached}",
        f"Total multiply-adds: {summary.multiply_adds:,}",
        f"Total memory: {in_words(summary.memory)}",
    ]
    return lines if summary.seconds is None else [*lines, f"Total time: {duration(summary.seconds)}"]


def _remarks(summary: NetworkSummary) -> Iterator[str]:
    for layer in summary.layers:
        yield from (f"{layer.name}: {text}" for text in layer.remarks)
    if summary.error is not None:
        yield error_sentence(summary)


def _escaped(text: str) -> str:
    return _READ_BY_MARKDOWN.sub(r"\\\g<0>", text)


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    texts = [
        text.rjust(width) if column in NUMBERS else text.ljust(width)
        for column, (text, width) in enumerate(zip(row, widths, strict=True))
    ]
    return "  ".join(texts).rstrip()
