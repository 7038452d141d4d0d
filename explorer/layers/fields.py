"""Kinds of layer parameters. One description serves form, limits, tooltip, file format and contract tests."""

from __future__ import annotations

import dataclasses
import math
import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeGuard

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]
Size = tuple[int, int]
Padding = str | tuple[int, int] | tuple[int, int, int, int]

MAXIMUM_TEXT = 60
_KEY = "kind"


class FieldError(ValueError):
    """A parameter has a value it cannot have. ``field`` names the parameter."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field
        self.message = message


@dataclass(frozen=True)
class Kind:
    """What a parameter may be, and how it is called.

    ``label`` stands in the form, ``help`` in the tooltip; ``more`` puts it behind "More".
    """

    label: str
    help: str
    more: bool = False

    def check(self, value: object) -> Any:
        """The value in its normal form, or ValueError with the rest of a sentence that begins with its name."""
        raise NotImplementedError

    def to_json(self, value: Any) -> Any:
        """The value as JSON."""
        return value


@dataclass(frozen=True)
class IntKind(Kind):
    minimum: int = 0
    maximum: int = 1_000_000

    def check(self, value: object) -> int:
        return _whole(value, self.minimum, self.maximum)


@dataclass(frozen=True)
class FloatKind(Kind):
    minimum: float = -math.inf
    maximum: float = math.inf

    def check(self, value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float | np.floating):
            raise ValueError(f"must be a number, is {_shown(value)}")
        try:
            number = float(value)
        except OverflowError:  # a whole number that no float can hold
            number = math.inf
        if not math.isfinite(number):
            raise ValueError(f"must be finite, is {_shown(value)}")
        if not self.minimum <= number <= self.maximum:
            bound = f"at least {self.minimum:g}" if number < self.minimum else f"at most {self.maximum:g}"
            raise ValueError(f"must be {bound}, is {number:g}")
        return number


@dataclass(frozen=True)
class BoolKind(Kind):
    def check(self, value: object) -> bool:
        if not isinstance(value, bool):
            raise ValueError(f"must be true or false, is {_shown(value)}")
        return value


@dataclass(frozen=True)
class ChoiceKind(Kind):
    options: tuple[str, ...] = ()

    def check(self, value: object) -> str:
        if not isinstance(value, str) or value not in self.options:
            raise ValueError(f"must be one of {', '.join(self.options)}, is {_shown(value)}")
        return value


@dataclass(frozen=True)
class SizeKind(Kind):
    """One number, or (vertical, horizontal). Where it is optional, None stands for ``absent``."""

    minimum: int = 1
    maximum: int = 512
    absent: str = ""

    def check(self, value: object) -> Size | None:
        if value is None and self.absent:
            return None
        if _is_list(value):
            if len(value) != 2:
                raise ValueError(f"must be one number or [vertical, horizontal], has {len(value)} numbers")
            return _whole(value[0], self.minimum, self.maximum), _whole(value[1], self.minimum, self.maximum)
        number = _whole(value, self.minimum, self.maximum)
        return number, number

    def to_json(self, value: Size | None) -> int | list[int] | None:
        if value is None:
            return None
        return value[0] if value[0] == value[1] else list(value)


@dataclass(frozen=True)
class PaddingKind(Kind):
    """ "valid", "same", one number, (vertical, horizontal) or (top, bottom, left, right)."""

    maximum: int = 1024

    def check(self, value: object) -> Padding:
        if isinstance(value, str):
            if value not in ("valid", "same"):
                raise ValueError(f'must be "valid", "same" or whole numbers, is {_shown(value)}')
            return value
        if _is_list(value):
            numbers = [_whole(number, 0, self.maximum) for number in value]
            if len(numbers) == 2:
                return numbers[0], numbers[1]
            if len(numbers) == 4:
                top, bottom, left, right = numbers
                return (top, left) if (top, left) == (bottom, right) else (top, bottom, left, right)
            raise ValueError(
                f"must be one number, [vertical, horizontal] or [top, bottom, left, right], is a list of {len(numbers)}"
            )
        number = _whole(value, 0, self.maximum)
        return number, number

    def to_json(self, value: Padding) -> Any:
        if isinstance(value, str):
            return value
        return value[0] if value == (value[0], value[0]) else list(value)


@dataclass(frozen=True)
class WeightKind(Kind):
    """Numbers the user drew or loaded; None where the initialiser still rules."""

    dimensions: int = 1

    def check(self, value: object) -> Array | None:
        if value is None:
            return None
        try:
            array = np.asarray(value)
        except ValueError:
            raise ValueError("must have rows of one length") from None
        if array.dtype.kind not in "fiu":
            raise ValueError("must be numbers")
        if array.ndim != self.dimensions:
            raise ValueError(f"must be nested {self.dimensions} deep, is {array.ndim} deep")
        if array.size == 0:
            raise ValueError(f"must not be empty, its shape is {list(array.shape)}")
        with np.errstate(over="ignore"):
            result = np.ascontiguousarray(array, np.float32)
        if not np.isfinite(result).all():
            raise ValueError("must be finite numbers")
        if result is not value or result.flags.writeable:
            result = result.copy()
            result.flags.writeable = False
        return result


def int_field(
    default: int, label: str, help: str, *, minimum: int = 0, maximum: int = 1_000_000, more: bool = False
) -> Any:
    return _field(default, IntKind(label, help, more, minimum, maximum))


def float_field(
    default: float,
    label: str,
    help: str,
    *,
    minimum: float = -math.inf,
    maximum: float = math.inf,
    more: bool = False,
) -> Any:
    return _field(default, FloatKind(label, help, more, minimum, maximum))


def bool_field(default: bool, label: str, help: str, *, more: bool = False) -> Any:
    return _field(default, BoolKind(label, help, more))


def choice_field(default: str, label: str, help: str, *, options: Sequence[str], more: bool = False) -> Any:
    return _field(default, ChoiceKind(label, help, more, tuple(options)))


def size_field(
    default: Size, label: str, help: str, *, minimum: int = 1, maximum: int = 512, more: bool = False
) -> Any:
    return _field(default, SizeKind(label, help, more, minimum, maximum))


def optional_size_field(label: str, help: str, *, absent: str) -> Any:
    return _field(None, SizeKind(label, help, absent=absent))


def padding_field(label: str, help: str) -> Any:
    return _field((0, 0), PaddingKind(label, help))


def weight_field(label: str, help: str, *, dimensions: int) -> Any:
    return _field(None, WeightKind(label, help, True, dimensions))


_kinds: dict[type[Any], Mapping[str, Kind]] = {}


def kinds(layer_type: type[Any]) -> Mapping[str, Kind]:
    """Every described parameter of a layer type, in order; remembered, for every pass asks."""
    if layer_type not in _kinds:
        described = (field for field in dataclasses.fields(layer_type) if _KEY in field.metadata)
        _kinds[layer_type] = MappingProxyType({field.name: field.metadata[_KEY] for field in described})
    return _kinds[layer_type]


def _field(default: object, kind: Kind) -> Any:
    return dataclasses.field(default=default, metadata={_KEY: kind})


def _whole(value: object, minimum: int, maximum: int) -> int:
    if isinstance(value, bool):
        raise ValueError(f"must be a whole number, is {_shown(value)}")
    try:
        number = operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        raise ValueError(f"must be a whole number, is {_shown(value)}") from None
    if number < minimum:
        raise ValueError(f"must be at least {minimum}, is {_shown(number)}")
    if number > maximum:
        raise ValueError(f"must be at most {maximum}, is {_shown(number)}")
    return number


def check_text(value: object) -> str:
    """A name the user may give: one line of at most 60 characters, which a file can hold."""
    if not isinstance(value, str) or len(value) > MAXIMUM_TEXT:
        raise ValueError(f"must be a text of at most {MAXIMUM_TEXT} characters")
    if any(ord(letter) < 32 or 0xD800 <= ord(letter) <= 0xDFFF for letter in value):  # half a pair of UTF-16
        raise ValueError("must be one line of text")
    return value


def _is_list(value: object) -> TypeGuard[list[object] | tuple[object, ...]]:
    return isinstance(value, list | tuple)


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int) and value.bit_length() > 128:  # Python refuses to write out very long ones
        return f"a number of {int(value.bit_length() * math.log10(2)) + 1} digits"
    text = f'"{value}"' if isinstance(value, str) else repr(value)
    return text if len(text) <= 40 else text[:39] + "…"
