"""Layers as text: network files one after the other, or lines of code from a tutorial."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from explorer.document import network_file
from explorer.errors import ExplorerError, NetworkFileError
from explorer.interop import lines
from explorer.layers.layer import Layer
from explorer.layers.network import Network

LONGEST = 64 << 20  # characters that are read
_CALL = re.compile(r"[A-Za-z_][\w.]*\s*\(")
_NUMBERS = re.compile(r"\s*(\w+\s*=\s*)?([A-Za-z_]\w*\.)?(array|asarray|tensor|matrix)\s*\(", re.IGNORECASE)
_BETWEEN = re.compile(r"(?<=^\}\n)(?=\{)", re.MULTILINE)


class NoLayersError(ExplorerError):
    """A text that was meant to be layers is not; one sentence."""


@dataclass(frozen=True, eq=False)
class Pasted:
    """Layers out of a text, and what was left out of it."""

    layers: tuple[Layer, ...]
    notes: tuple[str, ...] = ()


def text_of(layers: Sequence[Layer], places: Sequence[int]) -> str:
    """The layers as network files with their weights, one file for all that stood side by side.

    Within a file the layers must fit each other, which those with others in between need not.
    """
    runs: list[list[Layer]] = []
    for index, (layer, place) in enumerate(zip(layers, places, strict=True)):
        if index and places[index - 1] == place - 1:
            runs[-1].append(layer)
        else:
            runs.append([layer])
    return "".join(network_file.network_text(Network(tuple(run))) for run in runs)


def is_file(text: str) -> bool:
    """Whether a text looks like a network file."""
    return text.lstrip("\ufeff \n\r\t").startswith("{")


def is_call(text: str) -> bool:
    """Whether a text looks like a line of code that makes a layer."""
    return len(text) <= LONGEST and _CALL.search(text) is not None and _NUMBERS.match(text) is None


def layers_of(text: str) -> Pasted:
    """The layers of a network file, or of lines of code; NoLayersError where it cannot be read."""
    if len(text) > LONGEST:
        raise NoLayersError("This text is too long for layers: open it as a network file.")
    if is_file(text):
        return _from_files(text)
    try:
        parsed = lines.parse_line(text)
    except lines.LineError as error:
        raise NoLayersError(str(error)) from None
    return Pasted(parsed.layers, parsed.notes)


def _from_files(text: str) -> Pasted:
    found: list[Layer] = []
    for part in _BETWEEN.split(text.replace("\r\n", "\n")):
        try:
            found += network_file.parse_network(part).layers
        except NetworkFileError as error:
            raise NoLayersError(f"This text is not a network: {error.problems[0]}") from None
    if not found:
        raise NoLayersError("This network has no layers to add.")
    return Pasted(tuple(found))
