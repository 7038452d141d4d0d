"""Seeded starting weights: Glorot and Bengio 2010, He et al. 2015, LeCun et al. 1998.

Filter number o draws from its own generator, (seed, o), so filters that are there keep their pattern when their
number grows.
"""

from __future__ import annotations

import math

import numpy as np

from explorer.layers.fields import Array
from explorer.layers.layer import freeze

INITIALIZERS = (
    "glorot_uniform",
    "glorot_normal",
    "he_uniform",
    "he_normal",
    "lecun_uniform",
    "lecun_normal",
    "zeros",
)

HELP = (
    "Where weights start before anybody draws: glorot_uniform is Keras's default (Xavier in PyTorch), he_normal "
    "suits ReLU, lecun_normal is Chainer's default."
)


def initial(name: str, seed: int, shape: tuple[int, ...]) -> Array:
    """Weights (out, in, ...) in float32, read-only.

    With fan_in = in * cells and fan_out = out * cells the standard deviation is sqrt(2 / (fan_in + fan_out)) for
    Glorot, sqrt(2 / fan_in) for He and sqrt(1 / fan_in) for LeCun; a uniform one reaches sqrt(3) times as far, a
    normal one is cut at two standard deviations and widened so that its deviation stays, as in Keras.
    """
    if name == "zeros":
        return freeze(np.zeros(shape, np.float32))
    cells = math.prod(shape[2:])
    fan_in, fan_out = shape[1] * cells, shape[0] * cells
    family, _, distribution = name.partition("_")
    variance = {"glorot": 2 / (fan_in + fan_out), "he": 2 / fan_in, "lecun": 1 / fan_in}[family]
    deviation = math.sqrt(variance)
    result = np.empty(shape, np.float32)
    for o in range(shape[0]):
        generator = np.random.default_rng((seed, o))
        if distribution == "uniform":
            result[o] = generator.uniform(-1, 1, shape[1:]) * (deviation * math.sqrt(3))
        else:
            result[o] = _truncated_normal(generator, shape[1:]) * (deviation / 0.87962566103423978)
    return freeze(result)


def _truncated_normal(generator: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    numbers = generator.standard_normal(shape)
    while (outside := np.abs(numbers) > 2).any():
        numbers[outside] = generator.standard_normal(int(outside.sum()))
    return numbers
