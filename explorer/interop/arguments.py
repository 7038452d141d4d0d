"""The arguments of one call in a pasted line: literals only, read from the syntax tree and never evaluated."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from explorer.errors import ExplorerError
from explorer.layers.fields import FieldError
from explorer.layers.layer import Layer

Value = int | float | str | bool | tuple["Value", ...] | None
_MAXIMUM_SHOWN = 40
_Made = TypeVar("_Made", bound=Layer)


class LineError(ExplorerError):
    """A line is no layer that can be made here: one sentence with the word at fault. ``line`` counts from 1."""

    def __init__(self, message: str, node: ast.AST | None = None) -> None:
        # Quoted texts may hold line ends, and halves of a pair of UTF-16 that no window can show.
        super().__init__(" ".join(message.encode(errors="replace").decode().split()))
        self.line: int | None = node.lineno if isinstance(node, ast.expr | ast.stmt) else None


@dataclass(frozen=True)
class Zeros:
    """A layer that only adds zeros: (top, bottom, left, right). It becomes the padding of the next layer."""

    sides: tuple[Value, ...]
    name: str


Step = Layer | Zeros


def source(node: ast.AST) -> str:
    """A piece of the text as it would be written, cut to a few words."""
    try:
        text = ast.unparse(node)
    except (ValueError, RecursionError):
        text = "…"
    text = " ".join(text.split())
    return text if len(text) <= _MAXIMUM_SHOWN else text[: _MAXIMUM_SHOWN - 1] + "…"


def literal(node: ast.expr, place: str) -> Value:
    """A number, text, True, False, None or a tuple of them; ``place`` says in a sentence where it stands."""
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float | str | None):
        return node.value
    if isinstance(node, ast.Tuple | ast.List):
        return tuple(literal(item, place) for item in node.elts)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        value = literal(node.operand, place)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return -value if isinstance(node.op, ast.USub) else value
    kind = "a variable" if isinstance(node, ast.Name | ast.Attribute) else "not a plain number"
    raise LineError(f"{place} is {kind}, “{source(node)}”: write its value, such as 3.", node)


@dataclass(frozen=True)
class Entry:
    """How a call is read. The names are those of its parameters, separated by spaces.

    ``unread`` may be given but change nothing here, ``noted`` likewise but the user is told; they may be anything.
    A function (``takes_input``) has the data it works on before the others.
    """

    positional: str
    read: Callable[[Arguments], tuple[Step, ...]]
    keywords: str = ""
    noted: str = ""
    unread: str = ""
    takes_input: bool = False


@dataclass
class Arguments:
    """What a call was given, by name."""

    call: str
    node: ast.Call | ast.expr
    given: Mapping[str, ast.expr]
    notes: list[str] = field(default_factory=list)

    def has(self, name: str) -> bool:
        """Whether an argument is there and not None."""
        node = self.given.get(name)
        return node is not None and not (isinstance(node, ast.Constant) and node.value is None)

    def get(self, name: str, default: Value = None) -> Any:
        """An argument's value."""
        node = self.given.get(name)
        return default if node is None else literal(node, f"{name} of {self.call}")

    def needed(self, name: str) -> Any:
        """An argument's value, or LineError where it is missing."""
        if name not in self.given:
            raise self.error(f"{self.call} needs {name}: write it too, such as {name}=3")
        return self.get(name)

    def only(self, name: str, allowed: tuple[Value, ...], why: str) -> None:
        """LineError unless an argument is left out or has a value that changes nothing."""
        if name in self.given and self.get(name) not in allowed:
            raise self.error(f"{name}={source(self.given[name])} of {self.call} {why}")

    def note(self, text: str) -> None:
        """Tell the user something, once."""
        if text not in self.notes:
            self.notes.append(text)

    def error(self, message: str) -> LineError:
        """A sentence about this call."""
        return LineError(message.rstrip(".") + ".", self.node)

    def make(self, layer_type: type[_Made], words: Mapping[str, str] | None = None, **values: Any) -> _Made:
        """The layer, or LineError with the limit it breaks. ``words`` are the call's own for the layer's fields."""
        try:
            return layer_type(**values)
        except FieldError as error:
            name = (words or {}).get(error.field, error.field)
            raise self.error(f"{name} of {self.call} {error.message}") from None


def bound(entry: Entry, call: str, node: ast.Call, skip: int, notes: list[str]) -> Arguments:
    """A call's arguments under their names; the first ``skip`` are data and not looked at."""
    names = entry.positional.split()
    known = {*names, *entry.keywords.split(), *entry.noted.split(), *entry.unread.split()}
    given: dict[str, ast.expr] = {}
    arguments = Arguments(call, node, given, notes)
    positional = node.args[skip:]
    for argument in positional:
        if isinstance(argument, ast.Starred):
            raise LineError(f"“{source(argument)}” of {call} is a variable: write its values.", argument)
    if len(positional) > len(names):
        takes = f"at most {len(names)}" if names else "no"
        raise arguments.error(
            f"{call} takes {takes} arguments without a name, not {len(positional)}: leave some out"
        )
    given.update(zip(names, positional, strict=False))
    for keyword in node.keywords:
        if keyword.arg is None:
            raise LineError(f"“**{source(keyword.value)}” of {call} is a variable: write its values.", node)
        if skip == 0 and entry.takes_input and keyword.arg in ("input", "x"):
            continue
        if keyword.arg not in known:
            near = difflib.get_close_matches(keyword.arg, sorted(known), 1)
            hint = f"write {near[0]} instead." if near else "leave it out."
            raise LineError(f"{call} has no argument “{keyword.arg[:_MAXIMUM_SHOWN]}”: {hint}", node)
        if keyword.arg in given:
            raise arguments.error(f"{call} is given {keyword.arg} twice: leave one out")
        given[keyword.arg] = keyword.value
    for name in entry.noted.split():
        if arguments.has(name):
            arguments.note(f"{name} was left out: it changes nothing here.")
    return arguments
