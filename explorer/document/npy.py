"""NumPy's ``.npy`` files, read without pickle and without trusting their header.

The header is checked against limits before anything of the size it claims is made.
"""

from __future__ import annotations

import ast
import re
import struct
import warnings
from typing import Any

import numpy as np

from explorer.document.grid_rows import GridTextError

_MAGIC = b"\x93NUMPY"
_MAXIMUM_HEADER = 10_000
_NUMBERS = re.compile(r"[<>|=]?(?:[fiu][1248])")


def parse_npy(data: bytes, largest: int) -> np.ndarray[Any, np.dtype[Any]]:
    """The 2-D array of numbers in a file's bytes, at most ``largest`` a side; GridTextError otherwise."""
    dtype, fortran, shape, start = _header(data)
    while len(shape) > 2 and shape[0] == 1:
        shape = shape[1:]
    if len(shape) == 1:
        shape = (1, shape[0])
    if len(shape) != 2:
        hint = "save one kernel of it, such as array[0]" if len(shape) > 2 else "save rows and columns"
        raise GridTextError(f"The array in the file has {len(shape)} dimensions, not 2: {hint}.")
    rows, columns = shape
    if min(shape) < 1:
        raise GridTextError("The array in the file is empty: save at least one number.")
    if max(shape) > largest:
        shown = " × ".join(str(size) if size < 10**12 else "more than 10¹²" for size in shape)
        raise GridTextError(f"The array in the file is {shown}: at most {largest} × {largest} numbers fit.")
    if len(data) - start < rows * columns * dtype.itemsize:
        raise GridTextError("The file ends before its last number: save or copy it again.")
    flat = np.frombuffer(data, dtype, rows * columns, start)
    return flat.reshape(shape, order="F" if fortran else "C")


def _header(data: bytes) -> tuple[np.dtype[Any], bool, tuple[int, ...], int]:
    if not data.startswith(_MAGIC) or len(data) < 12:
        raise GridTextError("The file is no .npy file: save it with numpy.save.")
    wide = data[6] > 1
    length, start = (
        (struct.unpack("<I", data[8:12])[0], 12) if wide else (struct.unpack("<H", data[8:10])[0], 10)
    )
    if data[6] not in (1, 2, 3) or length > _MAXIMUM_HEADER or len(data) < start + length:
        raise GridTextError("The .npy file's header is damaged: save it again with numpy.save.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # odd literals in a damaged header
            header = ast.literal_eval(data[start : start + length].decode("latin1"))
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        header = None
    if not isinstance(header, dict) or set(header) != {"descr", "fortran_order", "shape"}:
        raise GridTextError("The .npy file's header is damaged: save it again with numpy.save.")
    shape, order = header["shape"], header["fortran_order"]
    sizes_fit = isinstance(shape, tuple) and all(type(size) is int and size >= 0 for size in shape)
    if not sizes_fit or not isinstance(order, bool):
        raise GridTextError("The .npy file's header is damaged: save it again with numpy.save.")
    return _dtype(header["descr"]), order, shape, start + length


def _dtype(name: object) -> np.dtype[Any]:
    if isinstance(name, str) and _NUMBERS.fullmatch(name):
        try:
            return np.dtype(name)
        except TypeError:
            pass
    kind = "Python objects" if name == "|O" else f"“{str(name)[:20]}”"
    raise GridTextError(
        f"The file holds {kind}, not numbers: save it as numpy.save(file, kernel.astype(numpy.float32))."
    )
