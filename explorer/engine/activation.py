"""Compiled activations. A work item is a stretch of one channel plane.

Formulas: LeakyReLU Maas et al. 2013, ELU Clevert et al. 2016, SiLU Elfwing et al. 2018, GELU Hendrycks and Gimpel
2016. NaN passes through all of them, as in PyTorch.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from explorer.engine.arguments import Elementwise
from explorer.engine.normalization import Affine
from explorer.jit import runner
from explorer.jit.compiler import Operation, floats, inline, integer, integers, operation, real

_CHUNK = 1 << 15


@inline
def _stretch(item: int, arguments: int) -> Any:
    """Where item's stretch starts, how long it is, and its channel."""
    plane = integer(arguments, 2)
    channel_count = integer(arguments, 3)
    wanted = integer(arguments, 5)
    chunks = (plane + _CHUNK - 1) // _CHUNK
    channel = integers(integer(arguments, 4), wanted)[(item // chunks) % wanted]
    start = (item % chunks) * _CHUNK
    image = item // (chunks * wanted)
    return (image * channel_count + channel) * plane + start, min(_CHUNK, plane - start), channel


@operation
def _relu(item: int, worker: int, arguments: int) -> None:
    start, size, _ = _stretch(item, arguments)
    x, y = floats(integer(arguments, 0), start, size), floats(integer(arguments, 1), start, size)
    for i in range(size):
        v = x[i]
        y[i] = np.float32(0.0) if v < np.float32(0.0) else v


@operation
def _leaky_relu(item: int, worker: int, arguments: int) -> None:
    start, size, _ = _stretch(item, arguments)
    x, y = floats(integer(arguments, 0), start, size), floats(integer(arguments, 1), start, size)
    slope = np.float32(real(arguments, 6))
    for i in range(size):
        v = x[i]
        y[i] = v * slope if v < np.float32(0.0) else v


@operation
def _elu(item: int, worker: int, arguments: int) -> None:
    start, size, _ = _stretch(item, arguments)
    x, y = floats(integer(arguments, 0), start, size), floats(integer(arguments, 1), start, size)
    alpha = np.float32(real(arguments, 6))
    for i in range(size):
        v = x[i]
        y[i] = alpha * np.float32(math.expm1(v)) if v < np.float32(0.0) else v


@operation
def _sigmoid(item: int, worker: int, arguments: int) -> None:
    start, size, _ = _stretch(item, arguments)
    x, y = floats(integer(arguments, 0), start, size), floats(integer(arguments, 1), start, size)
    for i in range(size):
        y[i] = np.float32(1.0) / (np.float32(1.0) + np.float32(math.exp(-x[i])))


@operation
def _tanh(item: int, worker: int, arguments: int) -> None:
    start, size, _ = _stretch(item, arguments)
    x, y = floats(integer(arguments, 0), start, size), floats(integer(arguments, 1), start, size)
    for i in range(size):
        y[i] = math.tanh(x[i])


@operation
def _softplus(item: int, worker: int, arguments: int) -> None:
    start, size, _ = _stretch(item, arguments)
    x, y = floats(integer(arguments, 0), start, size), floats(integer(arguments, 1), start, size)
    for i in range(size):
        v = x[i]
        # log(1 + e^v) without overflow; above 20 it is v itself, PyTorch's threshold
        y[i] = v if v > np.float32(20.0) else np.float32(math.log1p(math.exp(v)))


@operation
def _silu(item: int, worker: int, arguments: int) -> None:
    start, size, _ = _stretch(item, arguments)
    x, y = floats(integer(arguments, 0), start, size), floats(integer(arguments, 1), start, size)
    for i in range(size):
        v = x[i]
        y[i] = v / (np.float32(1.0) + np.float32(math.exp(-v)))


@operation
def _gelu(item: int, worker: int, arguments: int) -> None:
    start, size, _ = _stretch(item, arguments)
    x, y = floats(integer(arguments, 0), start, size), floats(integer(arguments, 1), start, size)
    for i in range(size):
        v = np.float64(x[i])
        y[i] = 0.5 * v * (1.0 + math.erf(v * math.sqrt(0.5)))


@operation
def _gelu_tanh(item: int, worker: int, arguments: int) -> None:
    start, size, _ = _stretch(item, arguments)
    x, y = floats(integer(arguments, 0), start, size), floats(integer(arguments, 1), start, size)
    for i in range(size):
        v = np.float64(x[i])
        y[i] = 0.5 * v * (1.0 + math.tanh(math.sqrt(2.0 / math.pi) * (v + 0.044715 * v * v * v)))


@operation
def _affine(item: int, worker: int, arguments: int) -> None:
    start, size, channel = _stretch(item, arguments)
    x, y = floats(integer(arguments, 0), start, size), floats(integer(arguments, 1), start, size)
    mean = floats(integer(arguments, 6), channel, 1)[0]
    scale = floats(integer(arguments, 7), channel, 1)[0]
    bias = floats(integer(arguments, 8), channel, 1)[0]
    for i in range(size):
        y[i] = (x[i] - mean) * scale + bias


@operation
def _softmax(item: int, worker: int, arguments: int) -> None:
    """One line along the axis; subtracting the largest value keeps exp finite."""
    length = integer(arguments, 2)
    inner = integer(arguments, 3)
    start = (item // inner) * length * inner + item % inner
    reach = (length - 1) * inner + 1
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
    _run(_relu, call)


def leaky_relu(call: Elementwise, negative_slope: float) -> None:
    _run(_leaky_relu, call, float(negative_slope))


def elu(call: Elementwise, alpha: float) -> None:
    _run(_elu, call, float(alpha))


def sigmoid(call: Elementwise) -> None:
    _run(_sigmoid, call)


def tanh(call: Elementwise) -> None:
    _run(_tanh, call)


def softplus(call: Elementwise) -> None:
    _run(_softplus, call)


def silu(call: Elementwise) -> None:
    _run(_silu, call)


def gelu(call: Elementwise) -> None:
    _run(_gelu, call)


def gelu_tanh(call: Elementwise) -> None:
    _run(_gelu_tanh, call)


def affine(call: Elementwise, terms: Affine) -> None:
    _run(_affine, call, terms.mean, terms.scale, terms.bias)


def softmax(call: Elementwise, axis: int) -> None:
    length = call.x.shape[axis]
    inner = int(np.prod(call.x.shape[axis + 1 :], dtype=np.int64))
    items = call.x.size // length if length else 0
    runner.run(_softmax, items, (call.x, call.out, length, inner), call.cancel)


def _run(kernel: Operation, call: Elementwise, *extra: runner.Argument) -> None:
    shape = call.x.shape if call.x.ndim > 1 else (1, *call.x.shape)
    plane = int(np.prod(shape[2:], dtype=np.int64))
    if call.channels is None and kernel is not _affine:
        # without a choice of channels the whole array is one plane
        shape, plane = (1, 1), call.x.size
    channels = np.arange(shape[1]) if call.channels is None else call.channels
    items = shape[0] * len(channels) * -(-plane // _CHUNK)
    runner.run(
        kernel, items, (call.x, call.out, plane, shape[1], channels, len(channels), *extra), call.cancel
    )
