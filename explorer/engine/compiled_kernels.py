"""Every compiled kernel. Importing this module imports numba, so only a first call does."""

from __future__ import annotations

from explorer.engine.activation import (
    affine,
    elu,
    gelu,
    gelu_tanh,
    leaky_relu,
    relu,
    sigmoid,
    silu,
    softmax,
    softplus,
    tanh,
)
from explorer.engine.convolution import conv2d
from explorer.engine.pooling import avg_pool2d, max_pool2d

__all__ = [
    "affine",
    "avg_pool2d",
    "conv2d",
    "elu",
    "gelu",
    "gelu_tanh",
    "leaky_relu",
    "max_pool2d",
    "relu",
    "sigmoid",
    "silu",
    "softmax",
    "softplus",
    "tanh",
]
