"""Networks as readable JSON.

Reading reports every problem with its path, ``layers[2].stride: must be at least 1, is 0``, and refuses what it does
not know: unknown fields and types, duplicate keys, numbers that are no numbers, other versions.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from explorer.document.strict_json import decoded, header_problems, shown
from explorer.errors import NetworkFileError
from explorer.layers import LAYER_TYPES, fields, initializers, stored
from explorer.layers.convolution import Conv2d
from explorer.layers.fields import Array, FieldError, WeightKind
from explorer.layers.layer import Layer
from explorer.layers.linear import Linear
from explorer.layers.network import Network

FORMAT = "feature-map-explorer/network"
VERSION = 1
MAXIMUM_BYTES = 256 << 20
_MAXIMUM_LAYERS = 1000

_TYPES = {layer_type.type_name: layer_type for layer_type in LAYER_TYPES}
# The place of a field in the file, where it differs from the attribute's name
_FILE_NAMES = {"bias_values": "bias", "initializer": "weight.init", "seed": "weight.seed"}


def read_network(path: Path) -> Network:
    """The network in a file, or NetworkFileError."""
    try:
        if not path.is_file():
            raise NetworkFileError([f"{path.name} is not a file: choose a network saved as .json"])
        if path.stat().st_size > MAXIMUM_BYTES:
            raise NetworkFileError([f"{path.name} is larger than 256 MB, too large for a network"])
        data = path.read_bytes()
    except OSError as error:
        raise NetworkFileError([f"{path.name} cannot be read: {error.strerror or error}"]) from None
    return parse_network(data)


def parse_network(data: bytes | str) -> Network:
    """The network in a JSON text, or NetworkFileError with every problem."""
    try:
        return network_of(decoded(data, "network"))
    except RecursionError:
        raise NetworkFileError(["The file is nested too deeply to be a network"]) from None


def network_of(content: Any) -> Network:
    """The network in JSON that is read already, or NetworkFileError with every problem."""
    if not isinstance(content, dict):
        raise NetworkFileError(["The file must hold a JSON object with a list of layers"])
    problems = header_problems(content, FORMAT, VERSION, ("layers",))
    entries = content.get("layers")
    if not isinstance(entries, list):
        problems.append("layers: must be a list")
        raise NetworkFileError(problems)
    if len(entries) > _MAXIMUM_LAYERS:
        raise NetworkFileError([*problems, f"layers: must be at most {_MAXIMUM_LAYERS}, are {len(entries)}"])
    layers = [_layer(entry, f"layers[{index}]", problems) for index, entry in enumerate(entries)]
    complete = [layer for layer in layers if layer is not None]
    if len(complete) == len(layers):
        _check_channels(complete, problems)
        _check_names(complete, problems)
    if problems:
        raise NetworkFileError(problems)
    return Network(tuple(complete))


def _layer(entry: Any, path: str, problems: list[str]) -> Layer | None:
    if not isinstance(entry, dict):
        problems.append(f"{path}: must be an object")
        return None
    layer_type = _TYPES.get(entry.get("type", "")) if isinstance(entry.get("type"), str) else None
    if layer_type is None:
        problems.append(f"{path}.type: must be one of {', '.join(_TYPES)}, is {shown(entry.get('type'))}")
        return None
    found = len(problems)
    values = _values(layer_type, entry, path, problems)
    checked: dict[str, Any] = {}
    for name, value in values.items():
        try:  # field by field, so that every problem is reported and not the first only
            checked[name] = vars(layer_type(**{name: value}))[name]
        except FieldError as error:
            problems.append(f"{path}.{_FILE_NAMES.get(error.field, error.field)}: {error.message}")
    if len(problems) > found:
        return None
    layer = layer_type(**checked)
    _check_weights(layer, path, problems)
    return layer


def _values(layer_type: type[Layer], entry: dict[str, Any], path: str, problems: list[str]) -> dict[str, Any]:
    """The fields of an entry as constructor arguments."""
    kinds = fields.kinds(layer_type)
    known = {*kinds, "name", "enabled"} | ({"filter_names"} if issubclass(layer_type, Conv2d) else set())
    has_initializer = "initializer" in kinds
    known -= {"bias_values", "initializer", "seed"}
    if "bias_values" in kinds:
        known.add("bias")
    result: dict[str, Any] = {}
    for key, value in entry.items():
        if key == "type":
            continue
        if key not in known:
            problems.append(f"{path}.{key}: unknown field of {layer_type.type_name}")
        elif key == "weight" and has_initializer and isinstance(value, dict):
            result |= _initializer(value, f"{path}.weight", problems)
        elif key == "bias" and "bias_values" in kinds and (isinstance(value, list) or "bias" not in kinds):
            result["bias_values"] = _numbers(value, f"{path}.bias", problems)
        elif isinstance(kinds.get(key), WeightKind):
            result[key] = _numbers(value, f"{path}.{key}", problems)
        else:
            result[key] = value
    return result


def _initializer(value: dict[str, Any], path: str, problems: list[str]) -> dict[str, Any]:
    problems += [f"{path}.{key}: unknown field" for key in value if key not in ("init", "seed")]
    name = value.get("init", "glorot_uniform")
    if name not in initializers.INITIALIZERS:
        problems.append(
            f"{path}.init: must be one of {', '.join(initializers.INITIALIZERS)}, is {shown(name)}"
        )
        name = "glorot_uniform"
    return {"initializer": name, "seed": value.get("seed", 0)}


def _numbers(value: Any, path: str, problems: list[str]) -> Array | None:
    if _holds_only_numbers(value):
        try:
            with np.errstate(over="ignore"):  # infinite then, which a weight must not be
                return np.array(value, np.float64).astype(np.float32)
        except ValueError:
            problems.append(f"{path}: its rows must all be of one length")
            return None
    problems.append(f"{path}: must be nested lists of numbers")
    return None


def _holds_only_numbers(value: Any) -> bool:
    if isinstance(value, list):
        return all(_holds_only_numbers(item) for item in value)
    return isinstance(value, int | float) and not isinstance(value, bool)


def _check_weights(layer: Layer, path: str, problems: list[str]) -> None:
    """Explicit weights must fit the parameters beside them."""
    if isinstance(layer, Conv2d):
        outputs, expected = (
            layer.out_channels,
            f"[{layer.out_channels}, …, {layer.kernel_size[0]}, {layer.kernel_size[1]}]",
        )
        fits = layer.weight is None or (
            layer.weight.shape[0] == outputs and layer.weight.shape[2:] == layer.kernel_size
        )
    elif isinstance(layer, Linear):
        outputs, expected = layer.out_features, f"[{layer.out_features}, …]"
        fits = layer.weight is None or layer.weight.shape[0] == outputs
    else:
        return
    if not fits and layer.weight is not None:
        problems.append(f"{path}.weight: must have the shape {expected}, has {list(layer.weight.shape)}")
    if layer.bias_values is not None and len(layer.bias_values) != outputs:
        problems.append(f"{path}.bias: must have {outputs} numbers, has {len(layer.bias_values)}")


def _check_channels(layers: list[Layer], problems: list[str]) -> None:
    """Explicit weights must fit the channels of the convolution before them, where one fixes them."""
    channels: int | None = None
    for index, layer in enumerate(layers):
        if not isinstance(layer, Conv2d) or not layer.enabled:
            continue
        expected = _channels_per_filter(layer, channels)
        if layer.weight is not None and expected is not None and layer.weight.shape[1] != expected:
            problems.append(
                f"layers[{index}].weight: must have {expected} channels per filter, has {layer.weight.shape[1]}"
            )
        channels = layer.out_channels


def _channels_per_filter(layer: Conv2d, channels: int | None) -> int | None:
    """None where it is not known, or where the groups do not fit anyway, which the window says with a remedy."""
    return None if channels is None or channels % layer.groups else channels // layer.groups


def _check_names(layers: list[Layer], problems: list[str]) -> None:
    names = [layer.name for layer in layers]
    for index, name in enumerate(names):
        if name and name in names[:index]:
            problems.append(f'layers[{index}].name: "{name}" is taken by layers[{names.index(name)}]')


def network_text(network: Network) -> str:
    """The network as JSON, weights row by row."""
    entries = []
    channels: int | None = None
    for layer in network.layers:
        entries.append(_entry(layer, channels))
        if isinstance(layer, Conv2d) and layer.enabled:
            channels = layer.out_channels
    content = {"format": FORMAT, "version": VERSION, "layers": entries}
    return _pretty(content, 0) + "\n"


def _entry(layer: Layer, channels: int | None) -> dict[str, Any]:
    """A layer behind a convolution that makes ``channels`` maps."""
    entry: dict[str, Any] = {"type": layer.type_name, "name": layer.name}
    if not layer.enabled:
        entry["enabled"] = False
    config = layer.config()
    config = {
        key: value
        for key, value in config.items()
        if key not in ("initializer", "seed") and value is not None
    }
    entry |= config
    for name, kind in fields.kinds(type(layer)).items():
        if isinstance(kind, WeightKind):
            values = _running(layer, name, channels)
            if values is not None:
                entry[_FILE_NAMES.get(name, name)] = _plain_numbers(values)
    if isinstance(layer, Conv2d | Linear):
        if not layer.bias:
            entry["bias"] = False
        if layer.weight is None:
            entry["weight"] = {"init": layer.initializer, "seed": layer.seed}
    if isinstance(layer, Conv2d) and any(layer.filter_names):
        entry["filter_names"] = list(layer.filter_names[: layer.out_channels])
    return entry


def _running(layer: Layer, name: str, channels: int | None) -> Array | None:
    """What the layer runs with out of what it stores, so that a file holds one consistent network."""
    values: Array | None = vars(layer)[name]
    if values is None:
        return None
    if isinstance(layer, Conv2d) and name == "weight":
        known = _channels_per_filter(layer, channels) if layer.enabled else None
        shape: tuple[int, ...] = (layer.out_channels, known or values.shape[1], *layer.kernel_size)
        return stored.taken(values, shape, initializers.initial(layer.initializer, layer.seed, shape))
    if isinstance(layer, Linear) and name == "weight":
        shape = (layer.out_features, values.shape[1])
        return stored.taken(values, shape, initializers.initial(layer.initializer, layer.seed, shape))
    if isinstance(layer, Conv2d):
        return stored.taken_vector(values, layer.out_channels, 0.0)
    if isinstance(layer, Linear):
        return stored.taken_vector(values, layer.out_features, 0.0)
    return values


def _plain_numbers(values: Array) -> Any:
    """Nested lists in which each float32 has its shortest text."""
    if values.ndim > 1:
        return [_plain_numbers(part) for part in values]
    return [_short(value) for value in values]


def _short(value: np.float32) -> int | float:
    number = float(str(value))
    whole = number.is_integer() and abs(number) < 1e15 and (number != 0 or not np.signbit(value))
    return int(number) if whole else number


def _pretty(value: Any, depth: int) -> str:
    """JSON with one line per field and per row of numbers."""
    inner, outer = "  " * (depth + 1), "  " * depth
    if isinstance(value, dict) and depth < 3 and value:
        lines = [
            f"{inner}{json.dumps(key, ensure_ascii=False)}: {_pretty(item, depth + 1)}"
            for key, item in value.items()
        ]
        return "{\n" + ",\n".join(lines) + f"\n{outer}}}"
    if isinstance(value, list) and any(isinstance(item, list | dict) for item in value):
        return "[\n" + ",\n".join(inner + _pretty(item, depth + 1) for item in value) + f"\n{outer}]"
    return json.dumps(value, ensure_ascii=False)
