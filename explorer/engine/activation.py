"""Compiled activations. A work item is a stretch of one channel plane.

Formulas: LeakyReLU Maas et al. 2013, ELU Clevert et al. 2016, SiLU Elfwing et al. 2018, GELU Hendrycks and Gimpel
2016. NaN passes through all of them, as in PyTorch. How each is computed is in :mod:`.elementary`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from enum import IntEnum, auto

import numpy as np

from explorer.engine.arguments import Elementwise
from explorer.engine.elementary import Elementary
from explorer.engine.normalization import Affine
from explorer.engine.streaming import STRAIGHT, way_to_write
from explorer.jit import runner
from explorer.jit.addresses import address_of
from explorer.jit.compiler import VECTOR, floats, integer, integers, operation
from explorer.jit.vector import Emitter, Value, vector_code

_CHUNK = 1 << 15
_LINES = 1 << 12  # numbers of an item of softmax, about
_STREAMED = 16 << 20  # bytes of output from which on it is written past the cache


class _Kind(IntEnum):
    RELU = auto()
    LEAKY_RELU = auto()
    ELU = auto()
    SIGMOID = auto()
    TANH = auto()
    SOFTPLUS = auto()
    SILU = auto()
    GELU = auto()
    GELU_TANH = auto()
    AFFINE = auto()


Function = Callable[[Elementary, Value], Value]


@vector_code
def _apply(
    e: Emitter,
    kind: Value,
    x: Value,
    y: Value,
    size: Value,
    streamed: Value,
    number: Value,
    mean: Value,
    scale: Value,
    bias: Value,
) -> None:
    """y = f(x) for ``size`` numbers. ``number`` is the address of a float64 parameter, the others of float32 ones.

    ``streamed`` writes past the cache; y must then be whole vectors that begin on lines.
    """

    def plain(function: Function) -> Callable[[], None]:
        return lambda: _loops(e, function, x, y, size, streamed)

    def with_number(function: Callable[[Elementary, Value, Value], Value]) -> Callable[[], None]:
        def write() -> None:
            value = e.splat(e.narrow(e.load_real(number)))
            _loops(e, lambda of, vector: function(of, vector, of.repeated(value)), x, y, size, streamed)

        return write

    def affine() -> None:
        terms = [e.splat(e.load_number(address)) for address in (mean, scale, bias)]
        _loops(e, lambda of, vector: of.affine(vector, *map(of.repeated, terms)), x, y, size, streamed)

    e.keep_small()
    e.choose(
        kind,
        [
            (_Kind.RELU, plain(Elementary.relu)),
            (_Kind.LEAKY_RELU, with_number(Elementary.leaky_relu)),
            (_Kind.ELU, with_number(Elementary.elu)),
            (_Kind.SIGMOID, plain(Elementary.sigmoid)),
            (_Kind.TANH, plain(Elementary.tanh)),
            (_Kind.SOFTPLUS, plain(Elementary.softplus)),
            (_Kind.SILU, plain(Elementary.silu)),
            (_Kind.GELU, plain(Elementary.gelu)),
            (_Kind.GELU_TANH, plain(Elementary.gelu_tanh)),
            (_Kind.AFFINE, affine),
        ],
    )


def _loops(e: Emitter, function: Function, x: Value, y: Value, size: Value, streamed: Value) -> None:
    """Past the cache vector by vector. Else several at a time, whose chains of instructions go side by side."""

    def stream() -> None:
        with e.loop(0, size, VECTOR) as i:
            offset = e.times(i, 4)
            e.stream(function(Elementary(e, VECTOR), e.load(e.plus(x, offset))), e.plus(y, offset))

    def keep() -> None:
        several = 3
        full = e.times(e.quotient(size, several * VECTOR), several * VECTOR)
        with e.loop(0, full, several * VECTOR) as i:
            offset = e.times(i, 4)
            vectors = e.load_several(e.plus(x, offset), several)
            e.store(function(Elementary(e, several * VECTOR), vectors), e.plus(y, offset))
        with e.loop(full, size, VECTOR) as i:
            offset, left = e.times(i, 4), e.minus(size, i)
            vector = e.load_first(e.plus(x, offset), left, e.zero())
            e.store_first(function(Elementary(e, VECTOR), vector), e.plus(y, offset), left)

    e.either(e.equal(streamed, 1), stream, keep)


@operation
def _elementwise(item: int, worker: int, arguments: int) -> None:
    kind, plane = integer(arguments, 2), integer(arguments, 3)
    channel_count, channels, wanted = integer(arguments, 4), integer(arguments, 5), integer(arguments, 6)
    chunks = (plane + _CHUNK - 1) // _CHUNK
    channel, start = (item // chunks) % wanted, (item % chunks) * _CHUNK
    if channels != 0:
        channel = integers(channels, wanted)[channel]
    offset = 4 * ((item // (chunks * wanted) * channel_count + channel) * plane + start)
    _apply(
        kind,
        integer(arguments, 0) + offset,
        integer(arguments, 1) + offset,
        min(_CHUNK, plane - start),
        integer(arguments, 11),
        arguments + 8 * 7,
        integer(arguments, 8) + 4 * channel,
        integer(arguments, 9) + 4 * channel,
        integer(arguments, 10) + 4 * channel,
    )


@operation
def _softmax(item: int, worker: int, arguments: int) -> None:
    """Some lines along the axis; subtracting the largest value keeps exp finite."""
    length, inner = integer(arguments, 2), integer(arguments, 3)
    lines, together = integer(arguments, 4), integer(arguments, 5)
    reach = (length - 1) * inner + 1
    for line in range(item * together, min(lines, (item + 1) * together)):
        start = (line // inner) * length * inner + line % inner
        x, y = floats(integer(arguments, 0), start, reach), floats(integer(arguments, 1), start, reach)
        largest = x[0]
        for i in range(1, length):
            if x[i * inner] > largest:
                largest = x[i * inner]
        total = 0.0
        for i in range(length):
            total += math.exp(np.float64(x[i * inner]) - largest)
        for i in range(length):
            y[i * inner] = math.exp(np.float64(x[i * inner]) - largest) / total


def relu(call: Elementwise) -> None:
    _run(_Kind.RELU, call)


def leaky_relu(call: Elementwise, negative_slope: float) -> None:
    _run(_Kind.LEAKY_RELU, call, float(negative_slope))


def elu(call: Elementwise, alpha: float) -> None:
    _run(_Kind.ELU, call, float(alpha))


def sigmoid(call: Elementwise) -> None:
    _run(_Kind.SIGMOID, call)


def tanh(call: Elementwise) -> None:
    _run(_Kind.TANH, call)


def softplus(call: Elementwise) -> None:
    _run(_Kind.SOFTPLUS, call)


def silu(call: Elementwise) -> None:
    _run(_Kind.SILU, call)


def gelu(call: Elementwise) -> None:
    _run(_Kind.GELU, call)


def gelu_tanh(call: Elementwise) -> None:
    _run(_Kind.GELU_TANH, call)


def affine(call: Elementwise, terms: Affine) -> None:
    _run(_Kind.AFFINE, call, terms=terms)


def softmax(call: Elementwise, axis: int) -> None:
    length = call.x.shape[axis]
    inner = int(np.prod(call.x.shape[axis + 1 :], dtype=np.int64))
    lines = call.x.size // length if length else 0
    together = max(1, _LINES // max(1, length))
    arguments = (call.x, call.out, length, inner, lines, together)
    runner.run(_softmax, -(-lines // together), arguments, call.cancel)


def _run(kind: _Kind, call: Elementwise, number: float = 0.0, terms: Affine | None = None) -> None:
    shape = call.x.shape
    if call.channels is None and terms is None:  # the whole array is one plane
        images, channel_count, plane, wanted = 1, 1, call.x.size, 1
    else:
        images, channel_count = shape[0], shape[1] if len(shape) > 1 else 1
        plane = math.prod(shape[2:])
        wanted = channel_count if call.channels is None else len(call.channels)
    items = images * wanted * -(-plane // _CHUNK)
    arrays = (None, None, None) if terms is None else (terms.mean, terms.scale, terms.bias)
    # what is written over x is in the cache already
    is_over = address_of(call.x) == address_of(call.out)
    is_streamed = not is_over and way_to_write(call.out, plane, _STREAMED) == STRAIGHT
    arguments = (
        *(call.x, call.out, int(kind), plane, channel_count, call.channels, wanted, number),
        *(*arrays, int(is_streamed)),
    )
    runner.run(_elementwise, items, arguments, call.cancel)
