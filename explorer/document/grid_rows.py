"""How a pasted grid is laid out: which characters end a number, which end a row.

Tables from spreadsheets, CSV, lists of Python, NumPy and JSON, and MATLAB's matrices. Nothing is evaluated, and the
work is bounded by the length of the text.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from typing import NamedTuple

from explorer.document.numbers_text import parse_number
from explorer.errors import ExplorerError

_PLAIN = str.maketrans(
    {"\u2212": "-", "\u2013": "-", "\ufeff": None, "\x00": " "}
)  # minus, dash, byte order mark
_MAXIMUM_DEPTH = 8
_MAXIMUM_WRAPPING = 100  # characters before and behind the list itself
_ARRAY_MAKERS = ("array", "asarray", "matrix", "list", "tuple", "float16", "float32", "float64")
_TENSOR_MAKERS = ("tensor", "as_tensor", "Tensor", "FloatTensor", "DoubleTensor", "constant")
_MAKERS = frozenset((*_ARRAY_MAKERS, *_TENSOR_MAKERS))
_PAIRS = {"[": "]", "(": ")", "{": "}"}
_TOKEN = re.compile(
    r"(?P<open>[\[({])|(?P<close>[\])}])|(?P<comma>[,;])|\s+"
    r"|(?P<cell>(?:sqrt\([^()\[\]{},;]{0,40}\)|[^\s,;\[\](){}])+)"
)
_BEFORE = re.compile(
    r"\s*(?:[\w.]+\s*=\s*)?(?:\(?(?P<factor>[\d.eE+/-]{1,20})\)?\s*\*\s*)?(?P<maker>[A-Za-z_][\w.]*)?\s*\(?\s*"
)
_BEHIND = re.compile(
    r"(?:\s*,\s*(?:\w+\s*=\s*)?[\w.'\"]+)*\s*,?\s*\)?\s*(?:\.astype\([\w.'\"]*\)\s*)?"
    r"(?:(?P<sign>[*/])\s*(?P<factor>[^\s;]{1,20})\s*)?;?\s*"
)


class GridTextError(ExplorerError, ValueError):
    """A text or file is no grid of numbers. ``row`` and ``column`` count from 1; None where no place is meant."""

    def __init__(self, message: str, row: int | None = None, column: int | None = None) -> None:
        # Quoted texts may hold line ends, and halves of a pair of UTF-16 that no window can show.
        super().__init__(" ".join(message.encode(errors="replace").decode().split()))
        self.row = row
        self.column = column


class Rows(NamedTuple):
    """The texts of the numbers, row by row, and what all of them are multiplied with."""

    cells: list[list[str]]
    factor: float = 1.0


def split_rows(text: str, *, cut: bool = False) -> Rows:
    """Find the numbers' texts. ``cut`` says that the text goes on, so that an open bracket is no fault."""
    text = text.translate(_PLAIN)
    text = re.sub(r"sqrt[ \t]{0,4}\([ \t]{0,4}([^()\s]{0,40})[ \t]{0,4}\)", r"sqrt(\1)", text)
    text = re.sub(r"[ \t]{0,4}/[ \t]{0,4}", "/", text)
    bracket = re.search(r"[\[{]", text) or re.search(r"(?<!sqrt)\(", text)
    return Rows(_table(text)) if bracket is None else _bracketed(text, bracket.start(), cut)


def _table(text: str) -> list[list[str]]:
    lines = [line.strip() for line in text.splitlines()]
    pieces = [piece.strip() for line in lines for piece in line.split(";")]
    spaced_commas = any(re.search(r",\s", piece) for piece in pieces)
    if any(";" in line for line in lines) and (
        spaced_commas or any(piece.count(",") > 1 or len(piece.split()) > 1 for piece in pieces)
    ):
        lines = pieces  # a semicolon ends a row, as in MATLAB
    lines = [line for line in lines if line]
    separator = _separator(lines, spaced_commas)
    return [_cells(line, separator) for line in lines]


def _separator(lines: list[str], spaced_commas: bool) -> str:
    """What stands between two numbers; empty for any space."""
    if any("\t" in line for line in lines) and not spaced_commas:
        cells = [cell.strip() for line in lines for cell in line.split("\t")]
        return "\t" if all(len(cell.split()) < 2 for cell in cells) else ""
    if any(";" in line for line in lines):
        return ";"
    return "," if any("," in line for line in lines) else ""


def _cells(line: str, separator: str) -> list[str]:
    if not separator:
        return line.split()
    line = line.removesuffix(separator)
    try:
        cells = next(csv.reader([line], delimiter=separator, skipinitialspace=True), [""])
    except csv.Error:
        raise GridTextError("The text holds no table of numbers: paste rows such as 1 0 -1.") from None
    return [cell.strip() for cell in cells]


def _bracketed(text: str, start: int, cut: bool) -> Rows:
    before, factor = text[:start].strip(), 1.0
    opening = _BEFORE.fullmatch(before) if len(before) <= _MAXIMUM_WRAPPING else None
    if opening is None:
        raise GridTextError(
            f"“{before[:20]}” before the bracket is no number: paste the list only, such as [[1, 0], [0, 1]]."
        )
    maker = opening["maker"]
    if maker and maker.rpartition(".")[2] not in _MAKERS:
        raise GridTextError(
            f"“{maker[:20]}” is not looked up: paste the numbers themselves, [[1, 0], [0, 1]]."
        )
    tree, end = _tree(text, start, cut)
    behind = text[end:].strip()
    closing = _BEHIND.fullmatch(behind) if len(behind) <= _MAXIMUM_WRAPPING else None
    if closing is None and not cut:
        raise GridTextError(
            f"“{behind[:20]}” behind the last bracket belongs to no list: paste one list only."
        )
    if opening["factor"]:
        factor *= _factor(opening["factor"])
    if closing is not None and closing["factor"]:
        number = _factor(closing["factor"])
        if closing["sign"] == "/" and number == 0:
            raise GridTextError("The list is divided by 0: write another number behind it.")
        factor = factor * number if closing["sign"] == "*" else factor / number
    return Rows(_flat_rows(tree), factor)


def _factor(text: str) -> float:
    try:
        return parse_number(text)
    except ValueError as error:
        raise GridTextError(f"The factor of the list cannot be read. {error}") from None


@dataclass(frozen=True)
class _Break:
    """A semicolon between two rows of one bracket."""


_Tree = list["str | _Break | _Tree"]


def _tree(text: str, start: int, cut: bool) -> tuple[_Tree, int]:
    """The nested lists that open at ``start``, and where the text behind them begins."""
    root: _Tree = []
    stack: list[tuple[_Tree, str]] = []
    empty_before = False  # whether a comma here would leave a place empty
    for token in _TOKEN.finditer(text, start):
        current = stack[-1][0] if stack else root
        if token["open"]:
            if len(stack) == _MAXIMUM_DEPTH:
                raise GridTextError(
                    "The brackets are nested too deeply: paste rows such as [[1, 0], [0, 1]]."
                )
            inner: _Tree = []
            current.append(inner)
            stack.append((inner, _PAIRS[token["open"]]))
            empty_before = True
        elif token["close"]:
            if token["close"] != stack.pop()[1]:
                raise GridTextError("A bracket is closed by another kind of bracket: copy the whole list.")
            if not stack:
                return root, token.end()
            empty_before = False
        elif token["comma"]:
            if token["comma"] == ";":
                current.append(_Break())
            elif empty_before:
                current.append("")
            empty_before = True
        elif token["cell"]:
            current.append(token["cell"])
            empty_before = False
    if not cut:
        raise GridTextError("The list's bracket is never closed: copy the whole list.")
    return root, len(text)


def _flat_rows(tree: _Tree) -> list[list[str]]:
    """Rows of texts out of nested lists; outer brackets around a single list are taken off."""
    items = tree
    while len(items) == 1 and isinstance(items[0], list):
        items = items[0]
    lists = [item for item in items if isinstance(item, list)]
    if not lists:
        rows: list[list[str]] = [[]]
        for item in items:
            if isinstance(item, _Break):
                rows.append([])
            elif isinstance(item, str):
                rows[-1].append(item)
        return [row for row in rows if row]
    rows = []
    for item in items:
        if isinstance(item, _Break):
            continue
        if not isinstance(item, list):
            raise GridTextError(
                f"Row {len(rows) + 1} is the single “{item[:20]}” beside lists: put every number into a row.",
                len(rows) + 1,
                1,
            )
        if any(isinstance(part, list) for part in item):
            raise GridTextError(
                "The numbers are nested 3 deep or more: paste one kernel only, such as [[1, 0], [0, 1]]."
            )
        rows.append([part for part in item if isinstance(part, str)])
    return rows
