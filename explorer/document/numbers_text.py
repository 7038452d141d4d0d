"""Numbers as people write weights: ``0.5``, ``1/9``, ``-sqrt(2)``, ``1,5``. Parsed, never evaluated."""

from __future__ import annotations

import math
import re

_TOKEN = re.compile(
    r"(?P<sign>[+-]?)\s*(?P<root>sqrt\s*\(\s*)?(?P<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)"
    r"(?P<close>\s*\))?"
)


class NumberTooLargeError(ValueError):
    """A number lies outside its limits, or outside what a float can hold."""


def parse_number(text: str, largest: float = math.inf) -> float:
    """A number, a fraction, or a square root of them.

    Raises
    ------
    ValueError
        With one sentence, where the text is something else or the number is too large.
    """
    cleaned = text.strip().replace("−", "-")
    if re.fullmatch(r"[+-]?\d+,\d+", cleaned):
        cleaned = cleaned.replace(",", ".")
    parts = cleaned.split("/")
    if not cleaned or len(parts) > 2:
        raise ValueError(_message(text))
    values = [_atom(part.strip(), text) for part in parts]
    if len(values) == 2 and values[1] == 0:
        raise ValueError("A number cannot be divided by 0.")
    value = values[0] / values[1] if len(values) == 2 else values[0]
    if not math.isfinite(value) or abs(value) > largest:
        raise NumberTooLargeError(f"The number must lie between -{largest:g} and {largest:g}.")
    return value


def _atom(part: str, whole: str) -> float:
    match = _TOKEN.fullmatch(part)
    if match is None or bool(match["root"]) != bool(match["close"]):
        raise ValueError(_message(whole))
    value = float(match["number"])
    if match["root"]:
        value = math.sqrt(value)
    return -value if match["sign"] == "-" else value


def _message(text: str) -> str:
    shown = text.strip()[:20]
    return f"“{shown}” is not a number: write it like 0.5, 1/9 or sqrt(2)."
