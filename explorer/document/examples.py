"""The examples that ship with the program: networks of well-known tutorials, a picture each, and a place to look at.

One readable file each. Reading reports every problem with its path, as for network files.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from explorer.document.document import Document
from explorer.document.network_file import network_of
from explorer.document.strict_json import decoded, header_problems, shown
from explorer.errors import NetworkFileError
from explorer.imaging.preprocess import Preprocess
from explorer.imaging.samples import SAMPLES, load_sample
from explorer.layers.network import Network
from explorer.resources import resource

FORMAT = "feature-map-explorer/example"
VERSION = 1
TRIES = 3
_FIELDS = ("title", "text", "try", "picture", "look_at", "network")
_PICTURE_FIELDS = ("sample", "size", "mode", "range", "mean", "std")
_PLACE = ("channel", "row", "column")


@dataclass(frozen=True)
class ExampleEntry:
    """An example as a menu lists it: ``key`` is its name in files, ``description`` one line."""

    key: str
    title: str
    description: str


@dataclass(frozen=True, eq=False)
class Example:
    """A document to open, and what to do with it.

    ``layer`` and ``channel`` are to be selected; ``dot`` is the (row, column) of that map to look at. ``text`` says
    what is to be seen, ``tries`` are three things to do.
    """

    key: str
    title: str
    text: str
    tries: tuple[str, ...]
    document: Document
    layer: int
    channel: int
    dot: tuple[int, int]

    @property
    def dot_shares(self) -> tuple[float, float]:
        """The middle of the dot as shares of the map's height and width."""
        shape = self.document.network.plan(self.document.input_shape).output(self.layer)
        rows, columns = (shape[1], shape[2]) if shape is not None and len(shape) == 3 else (1, 1)
        return (self.dot[0] + 0.5) / rows, (self.dot[1] + 0.5) / columns


EXAMPLES: tuple[ExampleEntry, ...] = (
    ExampleEntry("sum-by-hand", "One sum by hand: 444", "Nine pixels times nine weights"),
    ExampleEntry(
        "edge-by-hand", "One edge, two filters", "5 × 6 numbers: 765 for one filter, 0 for the other"
    ),
    ExampleEntry("three-filters", "PyTorch: three filters", "Edges and outline on a photograph, 27 weights"),
    ExampleEntry("three-filters-grid", "PyTorch: three filters by hand", "The same filters on 6 × 6 numbers"),
    ExampleEntry("template", "Keras: find a piece of the picture", "A 5 × 5 piece of a digit as the kernel"),
    ExampleEntry(
        "conv2d-arguments", "Keras: Conv2D(32, (3, 3))", "150 × 150 pixels, 32 filters, 896 parameters"
    ),
    ExampleEntry("conv2d-same", 'Keras: padding="same"', "32 × 32 pixels stay 32 × 32"),
    ExampleEntry("digits", "Keras: a network for digits", "28 × 28 pixels to ten numbers, 12,794 parameters"),
    ExampleEntry("stacked", "Stacked convolutions", "32 maps, then 64: not 96 and not 2,048"),
    ExampleEntry(
        "chainer-ceil", "Chainer hands-on: SimpleCNN", "380 × 512 pixels end as 47 × 63: rounded up"
    ),
    ExampleEntry("chainer-floor", "Chainer hands-on, rounded down", "The same network ends as 46 × 63"),
)


def load_example(key: str) -> Example:
    """The example with this key; NetworkFileError for an unknown one or a file that was damaged."""
    if all(entry.key != key for entry in EXAMPLES):
        raise NetworkFileError([f"There is no example {key!r}; choose one from the list of examples"])
    try:
        data = resource(f"examples/{key}.json").read_bytes()
    except OSError:
        raise NetworkFileError([f"The example {key!r} is missing; install the program again"]) from None
    return parse_example(key, data)


def parse_example(key: str, data: bytes | str) -> Example:
    """The example in a JSON text, or NetworkFileError with every problem."""
    try:
        return _example(key, decoded(data, "example"))
    except RecursionError:
        raise NetworkFileError(["The file is nested too deeply to be an example"]) from None


def _example(key: str, content: Any) -> Example:
    if not isinstance(content, dict):
        raise NetworkFileError(["The file must hold a JSON object with a picture and a network"])
    problems = header_problems(content, FORMAT, VERSION, _FIELDS)
    title, text = (_text(content.get(name), name, problems) for name in ("title", "text"))
    tries = _tries(content.get("try"), problems)
    sample, preprocess = _picture(content.get("picture"), problems)
    network = _network(content.get("network"), problems)
    place = _place(content.get("look_at"), problems)
    if problems or network is None or place is None:
        raise NetworkFileError(problems)
    document = Document(load_sample(sample), preprocess, network)
    layer, channel, row, column = _reached(document, place)
    return Example(key, title, text, tries, document, layer, channel, (row, column))


def _text(value: Any, path: str, problems: list[str]) -> str:
    if isinstance(value, str) and value.strip():
        return value
    problems.append(f"{path}: must be a text, is {shown(value)}")
    return ""


def _tries(value: Any, problems: list[str]) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) != TRIES:
        problems.append(f"try: must be a list of {TRIES} texts")
        return ()
    return tuple(_text(item, f"try[{index}]", problems) for index, item in enumerate(value))


def _picture(value: Any, problems: list[str]) -> tuple[str, Preprocess]:
    sample, nothing = "", Preprocess()
    if not isinstance(value, dict):
        problems.append("picture: must be an object")
        return sample, nothing
    found = len(problems)
    problems += [f"picture.{key}: unknown field" for key in value if key not in _PICTURE_FIELDS]
    sample = value.get("sample", "")
    if sample not in [one.key for one in SAMPLES]:
        problems.append(f"picture.sample: must be the key of a sample, is {shown(sample)}")
    options: dict[str, Any] = {}
    for name in _PICTURE_FIELDS[1:]:
        if name not in value:
            continue
        option = value[name]
        if name in ("mode", "range"):
            options[name] = _text(option, f"picture.{name}", problems)
        elif isinstance(option, list) and all(_is_number(number) for number in option):
            options[name] = tuple(option)
        else:
            problems.append(f"picture.{name}: must be a list of numbers, is {shown(option)}")
    if len(problems) > found:
        return "", nothing
    try:
        return sample, Preprocess(**options)
    except ValueError as error:
        problems.append(f"picture: {error}")
        return "", nothing


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _network(value: Any, problems: list[str]) -> Network | None:
    if not isinstance(value, dict):
        problems.append("network: must be an object")
        return None
    try:
        return network_of(value)
    except NetworkFileError as error:
        problems += [f"network.{problem}" for problem in error.problems]
        return None


def _place(value: Any, problems: list[str]) -> dict[str, Any] | None:
    """The fields of look_at: the layer's name, and whole numbers."""
    if not isinstance(value, dict):
        problems.append("look_at: must be an object")
        return None
    problems += [f"look_at.{key}: unknown field" for key in value if key not in ("layer", *_PLACE)]
    _text(value.get("layer"), "look_at.layer", problems)
    for name in _PLACE:
        number = value.get(name)
        if not isinstance(number, int) or isinstance(number, bool) or number < 0:
            problems.append(f"look_at.{name}: must be a whole number from 0, is {shown(number)}")
    return value


def _reached(document: Document, place: dict[str, Any]) -> tuple[int, int, int, int]:
    """(layer, channel, row, column) of a place that there is; a row of numbers has channels only."""
    names = document.network.names
    if place["layer"] not in names:
        raise NetworkFileError([f"look_at.layer: must be a layer's name, is {shown(place['layer'])}"])
    index = names.index(place["layer"])
    plan = document.network.plan(document.input_shape)
    shape = plan.output(index)
    if shape is None or plan.error is not None:
        reason = plan.error.message if plan.error else "it is not reached"
        raise NetworkFileError([f"network: does not fit its picture: {reason}"])
    numbers = [int(place[name]) for name in _PLACE]
    sizes = shape if len(shape) == 3 else (shape[0], 1, 1)
    problems = [
        f"look_at.{name}: must be below {size}, is {number}"
        for name, number, size in zip(_PLACE, numbers, sizes, strict=True)
        if number >= size
    ]
    if problems:
        raise NetworkFileError(problems)
    return index, numbers[0], numbers[1], numbers[2]
