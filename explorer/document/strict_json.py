"""JSON as our files hold it: what is not plain and unambiguous is refused with a sentence."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from explorer.errors import NetworkFileError

_MAXIMUM_DIGITS = 300  # a longer whole number fits no float


def decoded(data: bytes | str, thing: str) -> Any:
    """The content of a JSON text; NetworkFileError that names the ``thing`` it was meant to be.

    RecursionError where it is nested too deeply.
    """
    try:
        text = data.decode("utf-8-sig") if isinstance(data, bytes) else data
        return json.loads(
            text.removeprefix("\ufeff"),
            object_pairs_hook=_without_duplicates,
            parse_constant=_no_constant,
            parse_int=_whole_number,
        )
    except UnicodeDecodeError:
        raise NetworkFileError([f"The file is not a text in UTF-8, so it is no {thing}"]) from None
    except json.JSONDecodeError as error:
        raise NetworkFileError(
            [f"The file is not valid JSON: {error.msg} in line {error.lineno}, column {error.colno}"]
        ) from None
    except ValueError as error:
        raise NetworkFileError([str(error)]) from None


def header_problems(
    content: dict[str, Any], file_format: str, version: int, known: Collection[str]
) -> list[str]:
    """What is wrong with the format, the version and the names of the other fields."""
    problems = []
    if content.get("format") != file_format:
        problems.append(f'format: must be "{file_format}", is {shown(content.get("format"))}')
    given = content.get("version")
    if given != version or isinstance(given, bool):
        newer = isinstance(given, int) and given > version
        hint = ": the file comes from a newer version of the program" if newer else ""
        problems.append(f"version: must be {version}, is {shown(given)}{hint}")
    return problems + [f"{key}: unknown field" for key in content if key not in ("format", "version", *known)]


def shown(value: Any) -> str:
    """A value as it stands in a file, shortened."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 40 else text[:39] + "…"


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f'The field "{twice}" appears twice in one object')
    return result


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a number that a network can hold")


def _whole_number(digits: str) -> int:
    if len(digits) > _MAXIMUM_DIGITS:
        raise ValueError(f"The number {digits[:20]}… is longer than {_MAXIMUM_DIGITS} digits")
    return int(digits)
