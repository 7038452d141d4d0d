"""What the lines of all dialects share: calls as text, comments, and padding in numbers."""

from __future__ import annotations

import dataclasses
from typing import Any

from explorer.layers.layer import Shape
from explorer.layers.sliding import SlidingLayer

Sides = tuple[int, int, int, int]
"""Padding as (top, bottom, left, right)."""

ANY = (1, 64, 64)
"""An input for what does not depend on one."""


def call(name: str, *positional: object, **keywords: object) -> str:
    """A call in Python; keywords that are None are left out."""
    named = [f"{key}={value!r}" for key, value in keywords.items() if value is not None]
    return f"{name}({', '.join([*map(str, positional), *named])})"


def commented(line: str, *comments: str) -> str:
    """A line with what it cannot say behind it."""
    told = [comment for comment in comments if comment]
    return f"{line}  # {'; '.join(told)}" if told else line


def short(size: tuple[int, int]) -> object:
    """One number where both are the same."""
    return size[0] if size[0] == size[1] else size


def unless(value: Any, default: Any) -> Any:
    """None, which is left out of a call, where the value is the default anyway."""
    return None if value == default else value


def side_padding(layer: SlidingLayer, input_shape: Shape | None) -> Sides | None:
    """Padding in numbers; None for "same" where it depends on an input that is not known."""
    if layer.padding == "same" and layer.sliding_window.stride != (1, 1):
        if input_shape is None or len(input_shape) != 3:
            return None
        return layer.resolved_padding(input_shape)
    return layer.resolved_padding(ANY)


def is_same(layer: SlidingLayer) -> bool:
    """Whether the padding is what "same" would be on any input."""
    if layer.padding == "same":
        return True
    if layer.sliding_window.stride != (1, 1):
        return False
    sides = layer.resolved_padding(ANY)
    changes: dict[str, Any] = {"padding": "same"}
    return any(sides) and sides == dataclasses.replace(layer, **changes).resolved_padding(ANY)


def symmetric(sides: Sides) -> bool:
    """Whether opposite sides are padded alike."""
    return sides[0] == sides[1] and sides[2] == sides[3]
