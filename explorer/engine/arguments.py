"""Checks what callers pass, once, before any address is made of it.

Each function turns the arguments of a public engine function into a *call*: arrays of the right kind, sizes as pairs,
padding as four numbers. Compiled and plain kernels take calls and check nothing.

Everything that is wrong raises ValueError with one sentence that names the number.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from explorer.engine import aligned, shape
from explorer.engine.shape import Shape
from explorer.engine.windows import Padding
from explorer.jit import CancelFlag

Array = npt.NDArray[np.float32]
Size = int | tuple[int, int] | Sequence[int]
PaddingArgument = int | str | tuple[int, ...] | Sequence[int]
Channels = Sequence[int] | npt.NDArray[np.int64] | None

_LARGEST = 2**48


@dataclass(frozen=True, eq=False)
class Elementwise:
    """x and out have one shape; ``channels`` are indices along axis 1, None for all."""

    x: Array
    out: Array
    channels: npt.NDArray[np.int64] | None
    cancel: CancelFlag | None


@dataclass(frozen=True, eq=False)
class Window:
    """x (N, C, H, W) -> out (N, channels, Ho, Wo) by windows that slide."""

    x: Array
    kernel_size: tuple[int, int]
    stride: tuple[int, int]
    padding: Padding
    dilation: tuple[int, int]
    out: Array
    channels: npt.NDArray[np.int64]
    cancel: CancelFlag | None


class Convolution(NamedTuple):
    """x under weight (Cout, Cin / groups, Kh, Kw) and bias (Cout,); ``channels`` as in Elementwise.

    A tuple, for it is made in half the time of a frozen dataclass, and small pictures take but a few microseconds.
    """

    x: Array
    weight: Array
    bias: Array
    shape: Shape
    exact: bool
    out: Array
    channels: npt.NDArray[np.int64] | None
    cancel: CancelFlag | None
    base: Array | None = None  # what the sums are added to instead of the bias


@dataclass(frozen=True, eq=False)
class Average(Window):
    """A window whose sum is divided by how many pixels it counts, row count times column count."""

    row_counts: npt.NDArray[np.int64]
    column_counts: npt.NDArray[np.int64]


def tensor(x: npt.ArrayLike, name: str = "x", dimensions: int | None = None) -> Array:
    """Anything real as float32, with the number of dimensions checked (at least 1)."""
    if type(x) is np.ndarray and x.dtype == np.float32 and x.ndim == (dimensions or x.ndim or None):
        return x
    array = np.asarray(x)
    if array.dtype.kind not in "fiub":
        raise ValueError(f"{name} must hold real numbers, its type is {array.dtype}.")
    if dimensions is None and array.ndim == 0:
        raise ValueError(f"{name} must have at least 1 dimension, it has 0.")
    if dimensions is not None and array.ndim != dimensions:
        raise ValueError(
            f"{name} must have {dimensions} dimensions, it has {array.ndim}: shape {array.shape}."
        )
    with np.errstate(over="ignore", under="ignore"):  # too large for float32 becomes infinite, as everywhere
        return array.astype(np.float32, copy=False)


def picture(x: npt.ArrayLike) -> Array:
    """x as (N, C, H, W) with at least one row and one column."""
    pixels = tensor(x, dimensions=4)
    if pixels.shape[2] == 0 or pixels.shape[3] == 0:
        raise ValueError(f"x has no pixel, its shape is {pixels.shape}.")
    return pixels


def integer(value: object, name: str) -> int:
    """A whole number, and not a truth value or an array that holds one."""
    if isinstance(value, np.ndarray):
        raise ValueError(f"{name} must be a whole number, is an array of shape {value.shape}.")
    if isinstance(value, bool | np.bool_):
        raise ValueError(f"{name} must be a whole number, is {value}.")
    try:
        return operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        raise ValueError(f"{name} must be a whole number, is {value!r}.") from None


def whole(value: object, name: str, minimum: int) -> int:
    """A whole number of at least ``minimum`` that leaves room for arithmetic in 64 bits."""
    number = integer(value, name)
    if number < minimum:
        raise ValueError(f"{name} must be at least {minimum}, is {number}.")
    if number > _LARGEST:
        raise ValueError(f"{name} must be at most {_LARGEST}, is {number}.")
    return number


def truth(value: object, name: str) -> bool:
    """True or False, also as 1 or 0."""
    if isinstance(value, bool | np.bool_) or (type(value) is int and value in (0, 1)):
        return bool(value)
    raise ValueError(f"{name} must be True or False, is {value!r}.")


def several(value: object) -> Sequence[object] | npt.NDArray[np.generic] | None:
    """A list of numbers, or None for anything else."""
    if isinstance(value, np.ndarray):
        return value if value.ndim == 1 else None
    return value if isinstance(value, Sequence) and not isinstance(value, str | bytes) else None


def pair(value: object, name: str, minimum: int = 1) -> tuple[int, int]:
    """A size as (vertical, horizontal)."""
    if type(value) is int and minimum <= value <= _LARGEST:
        return value, value
    numbers = several(value)
    if numbers is None:
        number = whole(value, name, minimum)
        return number, number
    if len(numbers) != 2:
        raise ValueError(f"{name} must be one number or (vertical, horizontal), has {len(numbers)} numbers.")
    return whole(numbers[0], name, minimum), whole(numbers[1], name, minimum)


def padding_argument(padding: PaddingArgument) -> Padding | str:
    """Padding in any of its forms as "same" or as (top, bottom, left, right)."""
    if type(padding) is int and 0 <= padding <= _LARGEST:
        return padding, padding, padding, padding
    if isinstance(padding, str):
        if padding == "valid":
            return 0, 0, 0, 0
        if padding == "same":
            return padding
        raise ValueError(f'padding must be "valid", "same" or whole numbers, is "{padding}".')
    numbers = several(padding)
    if numbers is not None and len(numbers) == 4:
        top, bottom, left, right = (whole(number, "padding", 0) for number in numbers)
        return top, bottom, left, right
    if numbers is not None and len(numbers) != 2:
        raise ValueError(f"padding must have 1, 2 or 4 numbers, has {len(numbers)}.")
    vertical, horizontal = pair(padding, "padding", 0)
    return vertical, vertical, horizontal, horizontal


def resolve_padding(
    padding: PaddingArgument,
    size: tuple[int, int],
    kernel_size: tuple[int, int],
    stride: tuple[int, int],
    dilation: tuple[int, int],
) -> Padding:
    """Padding in any of its forms as (top, bottom, left, right)."""
    return shape.padding_of(padding_argument(padding), size, kernel_size, stride, dilation)


def is_same(padding: PaddingArgument) -> bool:
    """Whether padding is the word "same"; an array compared with a word would answer for each of its numbers."""
    return isinstance(padding, str) and padding == "same"


def convolution(
    x: npt.ArrayLike,
    weight: npt.ArrayLike,
    bias: npt.ArrayLike | None,
    *,
    stride: Size,
    padding: PaddingArgument,
    dilation: Size,
    groups: int,
    algorithm: str,
    out: Array | None,
    channels: Channels,
    cancel: CancelFlag | None,
) -> Convolution:
    """The checked arguments of ``conv2d``."""
    x = picture(x)
    weight = tensor(weight, "weight", 4)
    if not isinstance(algorithm, str) or algorithm not in ("auto", "direct"):
        raise ValueError(f'algorithm must be "auto" or "direct", is {algorithm!r}.')
    numbers = stride, padding, dilation, groups
    are_plain = all(map(_is_plain, numbers))
    sizes = (_known_sizes if are_plain else _sizes)(x.shape, weight.shape, *numbers)
    out_channels = sizes.out_channels
    bias = np.zeros(out_channels, np.float32) if bias is None else tensor(bias, "bias", 1)
    if bias.shape != (out_channels,):
        raise ValueError(f"bias must have one number per filter, {out_channels}, has {bias.shape[0]}.")
    target, wanted = output(sizes.out, out, channels)
    if out is not None:
        for name, array in (("x", x), ("weight", weight), ("bias", bias)):
            refuse_overlap(target, array, name)
    return Convolution(
        x,
        weight if weight.flags.c_contiguous else np.ascontiguousarray(weight),
        bias if bias.flags.c_contiguous else np.ascontiguousarray(bias),
        sizes,
        algorithm == "direct",
        target,
        wanted,
        cancel,
    )


def _is_plain(value: object) -> bool:
    """Whether it can be looked up: True equals 1 there, but is no number here."""
    kind = type(value)
    return kind is int or kind is str or (kind is tuple and all(type(number) is int for number in value))  # type: ignore[attr-defined]


def _sizes(
    x: tuple[int, ...],
    weight: tuple[int, ...],
    stride: Size,
    padding: PaddingArgument,
    dilation: Size,
    groups: int,
) -> Shape:
    return shape.convolution_shape(
        x,
        weight,
        pair(stride, "stride"),
        padding_argument(padding),
        pair(dilation, "dilation"),
        whole(groups, "groups", 1),
    )


_known_sizes = lru_cache(maxsize=512)(_sizes)


def addition(
    x: npt.ArrayLike,
    weight: npt.ArrayLike,
    base: npt.ArrayLike,
    *,
    stride: Size,
    padding: PaddingArgument,
    dilation: Size,
    out: Array | None,
    cancel: CancelFlag | None,
) -> Convolution:
    """The checked arguments of ``add_conv2d``."""
    call = convolution(
        x,
        weight,
        None,
        stride=stride,
        padding=padding,
        dilation=dilation,
        groups=1,
        algorithm="auto",
        out=out,
        channels=None,
        cancel=cancel,
    )
    old = np.ascontiguousarray(tensor(base, "base", 4))
    if old.shape != call.out.shape:
        raise ValueError(f"base must have the shape {call.out.shape}, has {old.shape}.")
    refuse_overlap(call.out, old, "base")
    return call._replace(base=old)


def elementwise(
    x: npt.ArrayLike, out: Array | None, channels: Channels, cancel: CancelFlag | None
) -> Elementwise:
    """The checked arguments of an activation; ``out`` may be x itself."""
    x = tensor(x)
    target, wanted = output(x.shape, out, channels)
    if x is not target and np.may_share_memory(target, x):
        in_place = x.flags.c_contiguous and x.ctypes.data == target.ctypes.data
        if not in_place:
            refuse_overlap(target, x, "x in part")
    return Elementwise(x if x.flags.c_contiguous else np.ascontiguousarray(x), target, wanted, cancel)


def output(
    wanted: tuple[int, ...], out: Array | None, channels: Channels
) -> tuple[Array, npt.NDArray[np.int64] | None]:
    """The array to write to, and the channels to compute (None for all)."""
    if out is None:
        if channels is not None:
            raise ValueError("channels needs out, the array that holds the other channels.")
        return aligned.empty(wanted), None
    if not isinstance(out, np.ndarray) or out.dtype != np.float32:
        raise ValueError("out must be a float32 array.")
    if out.shape != wanted:
        raise ValueError(f"out must have the shape {wanted}, has {out.shape}.")
    if not (out.flags.c_contiguous and out.flags.writeable and out.flags.aligned):
        raise ValueError("out must be C-contiguous and writable.")
    if channels is None:
        return out, None
    if len(wanted) < 2:
        raise ValueError("channels needs an x of at least 2 dimensions.")
    try:
        given = list(channels)
    except TypeError:
        raise ValueError(f"channels must be a list of whole numbers, is {channels!r}.") from None
    indices = sorted({whole(index, "channels", 0) for index in given})
    if indices and indices[-1] >= wanted[1]:
        raise ValueError(f"channels must be below {wanted[1]}, has {indices[-1]}.")
    return out, np.array(indices, np.int64)


def refuse_overlap(out: Array, array: Array, name: str) -> None:
    """ValueError where writing to out would change array."""
    if np.may_share_memory(out, array):
        raise ValueError(f"out must not share memory with {name}.")


def axis_index(axis: int, dimensions: int) -> int:
    """An axis counted from the front."""
    index = integer(axis, "axis")
    if not -dimensions <= index < dimensions:
        raise ValueError(f"axis must lie between {-dimensions} and {dimensions - 1}, is {axis}.")
    return index % dimensions


def is_tanh(approximate: str) -> bool:
    """Whether gelu's ``approximate`` says "tanh"."""
    if approximate not in ("none", "tanh"):
        raise ValueError(f'approximate must be "none" or "tanh", is {approximate!r}.')
    return approximate == "tanh"
