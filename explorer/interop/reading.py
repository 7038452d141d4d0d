"""The layers of pasted Python, in the order in which data pass through them.

The text is parsed and walked, never run. A name that is given a layer, ``self.conv1 = nn.Conv2d(3, 8, 3)``, stands
for it where it is called; where nothing is called, layers follow in the order in which they are written.
"""

from __future__ import annotations

import ast
import dataclasses
from dataclasses import dataclass, field

from explorer.interop import vocabulary
from explorer.interop.arguments import Arguments, Entry, LineError, Step, bound, literal, source
from explorer.interop.keras_layers import ACTIVATIONS
from explorer.interop.vocabulary import Dialect
from explorer.layers.convolution import Conv2d
from explorer.layers.fields import FieldError
from explorer.layers.layer import Layer
from explorer.layers.linear import Linear

MAXIMUM_LAYERS = 500
_CONTAINERS = ("Sequential", "OrderedDict", "ModuleList")
_MODELS = ("Model", "ModuleDict")
_RUNNING = (
    "compile",
    "fit",
    "summary",
    "build",
    "eval",
    "train",
    "to",
    "cuda",
    "evaluate",
    "predict",
    "print",
)
_RESHAPING = ("view", "reshape")

Steps = list[Step]


@dataclass
class _Definition:
    name: str
    steps: Steps
    used: bool = False


@dataclass
class Reader:
    """Walks the statements of one text."""

    text: Dialect
    notes: list[str] = field(default_factory=list)
    definitions: dict[str, _Definition] = field(default_factory=dict)
    written: list[_Definition | Steps] = field(default_factory=list)
    copied: int = 0

    def steps(self) -> Steps:
        """Everything that was read, in the order of use, else of writing."""
        names = [item for item in self.written if isinstance(item, _Definition)]
        if not any(item.used for item in names):
            return _limited([step for item in self.written for step in _steps_of(item)])
        for item in names:
            if not item.used and item.steps:
                self.note(f"{item.name[:40]} was left out: it is defined but not used.")
        return _limited([step for item in self.written if isinstance(item, list) for step in item])

    def note(self, text: str) -> None:
        """Tell the user something, once."""
        if text not in self.notes:
            self.notes.append(text)

    def statements(self, nodes: list[ast.stmt]) -> None:
        """Read statements in order; the constructor of a class before what uses its layers."""
        for node in nodes:
            self._statement(node)

    def _statement(self, node: ast.stmt) -> None:
        if isinstance(node, ast.Expr):
            if not isinstance(node.value, ast.Constant):
                self.written.append(self._layers_or_data(node.value))
        elif isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
            self._assignment(node)
        elif isinstance(node, ast.Return):
            if node.value is not None:
                self.written.append(self._data(node.value))
        elif isinstance(node, ast.ClassDef):
            makes_layers = [part for part in node.body if _is_constructor(part)]
            self.statements(makes_layers + [part for part in node.body if part not in makes_layers])
        elif isinstance(node, ast.FunctionDef | ast.With):
            self.statements(node.body)
        elif not isinstance(node, ast.Import | ast.ImportFrom | ast.Pass):
            raise LineError(f"“{source(node)}” is no layer: paste the lines with layers only.", node)

    def _assignment(self, node: ast.Assign | ast.AnnAssign | ast.AugAssign) -> None:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if isinstance(node, ast.AugAssign):
            raise LineError(
                f"“{source(node)}” joins branches: only one layer after another is known here.", node
            )
        if node.value is None:
            return
        path = _path(targets[0])
        if path is None or not self._makes_layers(node.value):
            if not isinstance(node.value, ast.Constant):
                self.written.append(self._data(node.value))
            return
        steps = self._layers(node.value, None)
        if len(path) <= 2 and not self._is_container(node.value):
            steps = _named(steps, path[-1])
        definition = _Definition(".".join(path), steps)
        self.definitions[definition.name] = definition
        self.written.append(definition)

    def _makes_layers(self, node: ast.expr) -> bool:
        """Whether a value is a layer, and not what comes out of one."""
        if not isinstance(node, ast.Call):
            return False
        path = _path(node.func)
        if path is None or ".".join(path) in self.definitions:
            return False
        entry = self._entry(path, None, node)
        return path[-1] in _CONTAINERS or (entry is not None and not entry.takes_input)

    def _is_container(self, node: ast.expr) -> bool:
        path = _path(node.func) if isinstance(node, ast.Call) else None
        return path is not None and path[-1] in _CONTAINERS

    def _entry(self, path: tuple[str, ...], around: Dialect | None, node: ast.expr) -> Entry | None:
        return vocabulary.entry(path, vocabulary.dialect_of(path, around), self.text, node)

    def _layers_or_data(self, node: ast.expr) -> Steps:
        if isinstance(node, ast.Tuple | ast.List):
            return [step for item in node.elts for step in self._layers(item, None)]
        return self._data(node)

    def _layers(self, node: ast.expr, around: Dialect | None) -> Steps:
        """The layers that an element of a list is."""
        if isinstance(node, ast.Tuple | ast.List):
            named = len(node.elts) == 2 and isinstance(node.elts[0], ast.Constant)
            if named and isinstance(name := literal(node.elts[0], "The name"), str):
                return _named(self._layers(node.elts[1], around), name)
            return _limited([step for item in node.elts for step in self._layers(item, around)])
        path = _path(node)
        if path is not None:
            return self._named_layers(node, path, around)
        if isinstance(node, ast.Call):
            return self._call(node, around)
        raise LineError(f"“{source(node)}” is no layer: write one such as Conv2d(3, 8, 3).", node)

    def _named_layers(self, node: ast.expr, path: tuple[str, ...], around: Dialect | None) -> Steps:
        """The layers that a name stands for: one that was given layers, or a function without parameters."""
        key = ".".join(path)
        if key in self.definitions:
            return self._used(self.definitions[key])
        entry = self._entry(path, around, node)
        if entry is None or not entry.takes_input:
            raise LineError(
                f"“{key[:40]}” is a variable: write the layer itself, such as Conv2d(3, 8, 3).", node
            )
        return list(entry.read(Arguments(path[-1], node, {}, self.notes)))

    def _used(self, definition: _Definition) -> Steps:
        weights = any(isinstance(step, Conv2d | Linear) for step in definition.steps)
        if definition.used and weights:
            self.note(f"{definition.name[:40]} is used twice: each has its own weights here.")
        definition.used = True
        self.copied += len(definition.steps)
        if self.copied > MAXIMUM_LAYERS:
            raise LineError(f"The text makes more than {MAXIMUM_LAYERS} layers: paste fewer.")
        return [dataclasses.replace(step) for step in definition.steps]

    def _data(self, node: ast.expr) -> Steps:
        """The layers through which a value has passed."""
        if isinstance(node, ast.Call):
            return self._call(node, None)
        if isinstance(node, ast.Name | ast.Attribute | ast.Constant | ast.Subscript):
            return []
        if isinstance(node, ast.Tuple | ast.List):
            parts = [self._data(item) for item in node.elts]
            passed = [part for part in parts if part]
            if len(passed) < 2:
                return passed[0] if passed else []
        raise LineError(
            f"“{source(node)}” is a rule of its own: only one layer after another is known here.",
            node,
        )

    def _call(self, node: ast.Call, around: Dialect | None) -> Steps:
        path = _path(node.func)
        if path is None:
            return self._call_of_value(node, around)
        name, key = path[-1], ".".join(path)
        if key in self.definitions:
            return self._input(node) + self._used(self.definitions[key])
        if name == "add" and len(path) > 1 and len(node.args) == 1:
            return self._layers(node.args[0], Dialect.KERAS)
        if name in ("append", "add_module") and len(path) > 1 and node.args:
            return self._layers(node.args[-1], around)
        if name in _CONTAINERS:
            return self._container(node, path, around)
        if name in _MODELS:
            return []
        entry = self._entry(path, around, node)
        if entry is not None and not (entry.takes_input and _is_method(node, path)):
            return self._read(entry, name, node, around)
        return self._method(node, path, entry)

    def _read(self, entry: Entry, name: str, node: ast.Call, around: Dialect | None) -> Steps:
        before: Steps = []
        skip = 0
        if entry.takes_input:
            before, skip = self._input(node), min(1, len(node.args))
        arguments = bound(entry, name, node, skip, self.notes)
        steps = before + list(entry.read(arguments))
        if arguments.has("activation"):
            steps += self._activation(arguments.given["activation"])
        if "name" in arguments.given and steps:
            given = arguments.given["name"]
            steps = _named(steps, given.value) if isinstance(given, ast.Constant) else steps
        return _limited(steps)

    def _input(self, node: ast.Call) -> Steps:
        """The layers before a call, which its first argument has passed through."""
        given = [*node.args, *(keyword.value for keyword in node.keywords if keyword.arg in ("input", "x"))]
        if not given:
            raise LineError(f"“{source(node)}” has no input: write it like relu(x).", node)
        return self._data(given[0])

    def _activation(self, node: ast.expr) -> Steps:
        """What Keras's activation argument adds: a name, a function or a layer."""
        if isinstance(node, ast.Call):
            return self._layers(node, Dialect.KERAS)
        path = _path(node)
        name = path[-1] if path is not None else literal(node, "activation")
        if not isinstance(name, str) or name not in ACTIVATIONS:
            known = ", ".join(ACTIVATIONS)
            raise LineError(f"activation “{str(name)[:20]}” is not known here: it may be {known}.", node)
        if not ACTIVATIONS[name]:
            return []
        entry = vocabulary.entry((ACTIVATIONS[name],), Dialect.PYTORCH, Dialect.PYTORCH, node)
        assert entry is not None
        given = {"negative_slope": ast.Constant(0.2)} if name == "leaky_relu" else {}  # Keras's own default
        return list(entry.read(Arguments(name, node, given, self.notes)))

    def _container(self, node: ast.Call, path: tuple[str, ...], around: Dialect | None) -> Steps:
        around = vocabulary.dialect_of(path, around)
        if around is None and node.args and isinstance(node.args[0], ast.List):
            around = Dialect.KERAS
        items = [*node.args, *(keyword.value for keyword in node.keywords if keyword.arg == "layers")]
        return _limited([step for item in items for step in self._layers(item, around)])

    def _call_of_value(self, node: ast.Call, around: Dialect | None) -> Steps:
        """``Conv2D(8, 3)(x)``, ``relu(x).view(-1, 10)`` and ``super().__init__()``."""
        if isinstance(node.func, ast.Call):
            return _limited(self._input(node) + self._call(node.func, around))
        if isinstance(node.func, ast.Attribute):
            value = node.func.value
            if isinstance(value, ast.Call) and _path(value.func) == ("super",):
                return self._old_links(node)
            return _limited(self._data(value) + self._method(node, ("x", node.func.attr), None))
        raise LineError(f"“{source(node)}” is no layer: write one such as Conv2d(3, 8, 3).", node)

    def _old_links(self, node: ast.Call) -> Steps:
        """``super().__init__(conv1=L.Convolution2D(None, 5, 3))`` names layers, as Chainer once did."""
        for keyword in node.keywords:
            if keyword.arg is not None and self._makes_layers(keyword.value):
                steps = _named(self._layers(keyword.value, Dialect.CHAINER), keyword.arg)
                definition = _Definition(f"self.{keyword.arg}", steps)
                self.definitions[definition.name] = definition
                self.written.append(definition)
        return []

    def _method(self, node: ast.Call, path: tuple[str, ...], entry: Entry | None) -> Steps:
        """A method of the data, or what is run and not made."""
        name = path[-1]
        if name in _RESHAPING and len(path) > 1:
            shape = (
                node.args[0].elts
                if len(node.args) == 1 and isinstance(node.args[0], ast.Tuple)
                else node.args
            )
            flat = len(shape) == 2 and any(source(size) == "-1" for size in shape)
            if not flat:
                raise LineError(
                    f"“{source(node)}” is known as Flatten only: write it like x.view(-1, 10).", node
                )
            name, entry = "Flatten", self._entry(("nn", "Flatten"), None, node)
            return [] if entry is None else list(entry.read(Arguments(name, node, {}, self.notes)))
        runs = name == "print" or (name in _RUNNING and len(path) > 1)
        if entry is None and not runs:
            entry = self._entry(path, None, node)
        if entry is not None and entry.takes_input:  # x.relu() has its input before the dot
            return list(entry.read(bound(entry, name, node, 0, self.notes)))
        if runs:
            self.note(f"{name}(…) was left out: it makes no layer.")
            return []
        if path[0] == "self" and len(path) == 2 and len(node.args) == 1:
            self.note(f"{'.'.join(path)[:40]} was left out: the text does not say which layer it is.")
            return self._data(node.args[0])
        raise vocabulary.unknown(name, node)


def _steps_of(item: _Definition | Steps) -> Steps:
    return item.steps if isinstance(item, _Definition) else item


def _limited(steps: Steps) -> Steps:
    if len(steps) > MAXIMUM_LAYERS:
        raise LineError(f"The text makes more than {MAXIMUM_LAYERS} layers: paste fewer.")
    return steps


def _named(steps: Steps, name: object) -> Steps:
    """The first layer under a name, where it is one."""
    if steps and isinstance(steps[0], Layer) and isinstance(name, str) and not steps[0].name:
        try:
            return [dataclasses.replace(steps[0], name=name), *steps[1:]]
        except FieldError:
            return steps
    return steps


def _is_constructor(node: ast.stmt) -> bool:
    return isinstance(node, ast.FunctionDef) and node.name == "__init__"


def _is_method(node: ast.Call, path: tuple[str, ...]) -> bool:
    """Whether ``x.relu()`` has its input before the dot: a variable stands there, and no module."""
    no_input = not node.args and not any(keyword.arg in ("input", "x") for keyword in node.keywords)
    return len(path) == 2 and (no_input or path[0] in ("x", "h", "y", "z", "out", "output"))


def _path(node: ast.expr) -> tuple[str, ...] | None:
    """A dotted name in its parts."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return (*reversed([*parts, node.id]),) if isinstance(node, ast.Name) else None
