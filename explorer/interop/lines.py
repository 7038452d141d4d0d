"""The lines that people read in tutorials, as layers and back: Keras, PyTorch and Chainer."""

from __future__ import annotations

import ast
import re
import textwrap
import warnings
from typing import Any, NamedTuple

from explorer.interop import vocabulary
from explorer.interop.arguments import LineError, Step, Zeros
from explorer.interop.keras_code import keras_line
from explorer.interop.pytorch_code import pytorch_line
from explorer.interop.reading import Reader
from explorer.layers.convolution import Conv2d
from explorer.layers.fields import FieldError
from explorer.layers.layer import Layer, replace_field
from explorer.layers.pooling import AvgPool2d

__all__ = ["LineError", "Parsed", "keras_line", "parse_line", "pytorch_line"]

MAXIMUM_CHARACTERS = 20_000
_MAXIMUM_DEPTH = 60
_PROMPT = re.compile(r"^[ \t]*(?:>>>|\.\.\.)[ ]?", re.MULTILINE)
_PRINTED = re.compile(r"[ \t]*\((\w+)\): (\w+\(.*\))[ \t]*")
_EXAMPLE = "write it like Conv2D(32, (3, 3)) or nn.Conv2d(3, 16, 5)"


class Parsed(NamedTuple):
    """Layers in order, and what was left out, in sentences for the user."""

    layers: tuple[Layer, ...]
    notes: tuple[str, ...]


def parse_line(text: str) -> Parsed:
    """The layers that lines of Keras, PyTorch or Chainer make. Parsed, never run.

    Raises
    ------
    LineError
        With one sentence that names the word at fault.
    """
    try:
        return _parsed(text)
    except LineError as error:
        if error.line is None or len(text.strip().splitlines()) < 2:
            raise
        located = LineError(f"Line {error.line}: {error}")
        located.line = error.line
        raise located from None
    except RecursionError:
        raise LineError(f"The text is nested too deeply to be layers: {_EXAMPLE}.") from None


def _parsed(text: str) -> Parsed:
    if len(text) > MAXIMUM_CHARACTERS:
        raise LineError(
            f"The text has {len(text):,} characters, too many for layers: paste the lines with layers only."
        )
    tree = _tree(text)
    reader = Reader(vocabulary.dialect_of_text(tree))
    reader.statements(tree.body)
    layers = _with_padding(reader.steps())
    if not layers and not reader.notes:
        raise LineError(f"There is no layer in the text: {_EXAMPLE}.")
    return Parsed(tuple(layers), tuple(reader.notes))


def _tree(text: str) -> ast.Module:
    text = _PROMPT.sub("", text.replace("\u00a0", " ").replace("\ufeff", ""))
    printed = [match for line in text.splitlines() if (match := _PRINTED.fullmatch(line))]
    if printed:  # what print(model) shows
        text = "\n".join(_as_assignment(match[1], match[2]) for match in printed)
    _check_depth(text)
    attempts = [textwrap.dedent(text), "\n".join(line.strip() for line in text.splitlines())]
    fault: SyntaxError | None = None
    for attempt in attempts:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # odd escapes in texts nobody runs
                return ast.parse(attempt)
        except SyntaxError as error:
            fault = fault or error
        except (ValueError, MemoryError, OverflowError):
            break
    line = fault.lineno if fault is not None else None
    incomplete = LineError(f"This is no complete line of Python: {_EXAMPLE}.")
    incomplete.line = line
    raise incomplete


def _as_assignment(name: str, call: str) -> str:
    return call if name.isdigit() else f"{name} = {call}"


def _check_depth(text: str) -> None:
    """Refuse what would exhaust the parser's stack."""
    text = re.sub(r"#.*", "", text)
    depth = 0
    for character in text:
        depth += (character in "([{") - (character in ")]}")
        if depth > _MAXIMUM_DEPTH:
            raise LineError(f"The text is nested too deeply to be layers: {_EXAMPLE}.")
    if re.search(r"(?:[-+~]\s*){60}|(?:not\s+){60}", text):
        raise LineError(f"The text is nested too deeply to be layers: {_EXAMPLE}.")


def _with_padding(steps: list[Step]) -> list[Layer]:
    """Layers of zeros become the padding of what follows them."""
    layers: list[Layer] = []
    waiting: Zeros | None = None
    for step in steps:
        if isinstance(step, Zeros):
            if waiting is not None:
                raise LineError(f"Two {step.name} follow each other: write one with the sum of both.")
            waiting = step
        else:
            layers.append(step if waiting is None else _padded(step, waiting))
            waiting = None
    if waiting is not None:
        raise LineError(f"{waiting.name} needs a convolution behind it: write its padding there.")
    return layers


def _padded(layer: Layer, zeros: Zeros) -> Layer:
    averages = isinstance(layer, AvgPool2d) and layer.count_include_pad and not layer.ceil_mode
    if not isinstance(layer, Conv2d | AvgPool2d) or not (averages or isinstance(layer, Conv2d)):
        raise LineError(
            f"{zeros.name} before {layer.type_name} has no equivalent: only a convolution is padded with 0."
        )
    value: Any = zeros.sides
    if layer.padding not in ("valid", (0, 0)):
        raise LineError(
            f"{zeros.name} stands before a layer with padding of its own: write one padding with the sum."
        )
    try:
        return replace_field(layer, "padding", value)
    except FieldError as error:
        raise LineError(f"padding of {zeros.name} {error.message}.") from None
