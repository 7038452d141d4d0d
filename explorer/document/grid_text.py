"""Kernels and small pictures as text and as small files, both ways.

What is read is checked number by number: a fault is one sentence with its row and column, and nothing is made of the
rest.
"""

from __future__ import annotations

import io
import math
from pathlib import Path

import numpy as np

from explorer.document.grid_rows import GridTextError, split_rows
from explorer.document.npy import parse_npy
from explorer.document.numbers_text import NumberTooLargeError, parse_number
from explorer.layers.fields import Array

__all__ = ["STYLES", "GridTextError", "grid_bytes", "grid_text", "parse_grid", "read_grid"]

STYLES = (
    ("tsv", "Tab-separated, for spreadsheets"),
    ("csv", "CSV"),
    ("numpy", "NumPy array"),
    ("json", "JSON or Python list"),
)
LARGEST_NUMBER = 1e6
_MAXIMUM_BYTES = 1 << 20
_PER_NUMBER = 64  # characters that a number and what stands around it may take


def parse_grid(text: str, largest: int = 31) -> Array:
    """The numbers of a text as (rows, columns) float32, at most ``largest`` a side.

    Raises
    ------
    GridTextError
        With one sentence, and row and column where there is a place to name.
    """
    most = max(10_000, _PER_NUMBER * largest * largest)
    cut = len(text) > most
    cells, factor = split_rows(text[:most], cut=cut)
    if not cells:
        raise GridTextError("There are no numbers in the text: paste rows such as 1 0 -1.")
    values: list[list[float]] = []
    for row, texts in enumerate(cells, 1):
        _check_size(row, texts, len(cells[0]), largest, unfinished=cut and row == len(cells))
        values.append([_number(text, row, column, factor) for column, text in enumerate(texts, 1)])
    if cut:
        raise GridTextError(
            f"The text has {len(text):,} characters, more than {largest} × {largest} numbers need: paste fewer."
        )
    return np.array(values, np.float32)


def _check_size(row: int, texts: list[str], columns: int, largest: int, *, unfinished: bool) -> None:
    if row > largest:
        raise GridTextError(
            f"The text has a row {row}, but at most {largest} × {largest} numbers fit: paste fewer rows.", row
        )
    if len(texts) > largest:
        raise GridTextError(
            f"Row {row} has {len(texts):,} numbers, but at most {largest} × {largest} fit: paste fewer columns.",
            row,
            largest + 1,
        )
    if not texts:
        raise GridTextError(f"Row {row} is empty: give every row a number.", row, 1)
    if len(texts) != columns and not unfinished:
        raise GridTextError(
            f"Row {row} has {len(texts)} number{'s' if len(texts) > 1 else ''}, but row 1 has {columns}: "
            f"give every row as many.",
            row,
            min(len(texts), columns) + 1,
        )


def _number(text: str, row: int, column: int, factor: float) -> float:
    place = f"Row {row}, column {column}"
    word = text.lower().lstrip("+-")
    if not word:
        fault = "has no number: write 0 there" if not text else f"“{text}” is not a number: write one there"
        raise GridTextError(f"{place} {fault}.", row, column)
    if word in ("nan", "np.nan", "none", "null", "n/a"):
        raise GridTextError(f"{place} is {text[:20]}, which is no number: write one there.", row, column)
    if word in ("inf", "infinity", "np.inf", "∞"):
        raise GridTextError(f"{place} is infinite: write a number of at most 1,000,000.", row, column)
    try:
        value = parse_number(text) * factor
    except NumberTooLargeError:
        value = math.inf
    except ValueError as error:
        raise GridTextError(f"{place}: {error}", row, column) from None
    return _checked(value, text, row, column)


def _checked(value: float, shown: str, row: int, column: int) -> float:
    if math.isnan(value):
        raise GridTextError(f"Row {row}, column {column} is NaN: write a number there.", row, column)
    if abs(value) > LARGEST_NUMBER:
        raise GridTextError(
            f"Row {row}, column {column} is {shown[:20]}: write a number between -1,000,000 and 1,000,000.",
            row,
            column,
        )
    return value


def grid_text(values: Array, style: str) -> str:
    """A (rows, columns) grid as text in one of ``STYLES``, each number as short as float32 allows."""
    rows = [[_short(value) for value in row] for row in np.asarray(values, np.float32)]
    if style == "tsv":
        return "\n".join("\t".join(row) for row in rows)
    if style == "csv":
        return "\n".join(",".join(row) for row in rows)
    lists = ["[" + ", ".join(row) + "]" for row in rows]
    if style == "json":
        return "[" + ",\n ".join(lists) + "]"
    if style == "numpy":
        return "np.array([" + (",\n" + " " * 10).join(lists) + "], dtype=np.float32)"
    raise ValueError(f"There is no style {style}: choose one of {', '.join(key for key, _ in STYLES)}.")


def _short(value: np.float32) -> str:
    """The shortest text that reads as the same float32, with all digits where the way through float64 rounds twice."""
    text = str(value)
    if np.float32(float(text)) != value:
        text = repr(float(value))
    whole = text.removesuffix(".0")
    return text if whole == "-0" else whole


def read_grid(path: Path, largest: int = 31) -> Array:
    """The numbers of a ``.npy`` file, or of any other file as text; GridTextError where it holds none."""
    try:
        if not path.is_file():
            raise GridTextError(f"{path.name} is not a file: choose a .csv or .npy file.")
        with path.open("rb") as file:
            data = file.read(_MAXIMUM_BYTES)
    except OSError as error:
        raise GridTextError(f"{path.name} cannot be read: {error.strerror or error}.") from None
    if len(data) == _MAXIMUM_BYTES and path.suffix.lower() != ".npy":
        raise GridTextError(f"{path.name} is larger than 1 MB, too large for {largest} × {largest} numbers.")
    if path.suffix.lower() != ".npy" and not data.startswith(b"\x93NUMPY"):
        return parse_grid(_decoded(data), largest)
    array = parse_npy(data, largest)
    for (row, column), value in np.ndenumerate(array):
        _checked(float(value), f"{value:g}", row + 1, column + 1)
    return np.array(array, np.float32, order="C")


def _decoded(data: bytes) -> str:
    wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))  # what spreadsheets call Unicode text
    try:
        return data.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError:
        raise GridTextError(
            "The file is neither text in UTF-8 nor .npy: choose a .csv or .npy file."
        ) from None


def grid_bytes(values: Array, suffix: str) -> bytes:
    """What a file of the grid holds, for the suffix ``.csv`` or ``.npy``; float32 in the latter."""
    if suffix == ".csv":
        return (grid_text(values, "csv") + "\n").encode()
    if suffix == ".npy":
        file = io.BytesIO()
        np.lib.format.write_array(file, np.ascontiguousarray(values, np.float32), allow_pickle=False)
        return file.getvalue()
    raise ValueError(f"Kernels are saved as .csv or .npy, not as {suffix}.")
