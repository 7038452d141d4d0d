"""What a network is made of. ``LAYER_TYPES`` is the only list of layer types: menus, forms, files follow from it."""

from __future__ import annotations

from explorer.layers.activation import ELU, GELU, LeakyReLU, ReLU, Sigmoid, SiLU, Softmax, Softplus, Tanh
from explorer.layers.convolution import Conv2d
from explorer.layers.layer import Layer
from explorer.layers.linear import Flatten, Linear
from explorer.layers.normalization import BatchNorm2d
from explorer.layers.pooling import AvgPool2d, GlobalAvgPool2d, GlobalMaxPool2d, MaxPool2d

LAYER_TYPES: tuple[type[Layer], ...] = (
    Conv2d,
    MaxPool2d,
    AvgPool2d,
    GlobalAvgPool2d,
    GlobalMaxPool2d,
    ReLU,
    LeakyReLU,
    Sigmoid,
    Tanh,
    Softmax,
    ELU,
    SiLU,
    GELU,
    Softplus,
    BatchNorm2d,
    Flatten,
    Linear,
)

__all__ = [
    "ELU",
    "GELU",
    "LAYER_TYPES",
    "AvgPool2d",
    "BatchNorm2d",
    "Conv2d",
    "Flatten",
    "GlobalAvgPool2d",
    "GlobalMaxPool2d",
    "Layer",
    "LeakyReLU",
    "Linear",
    "MaxPool2d",
    "ReLU",
    "SiLU",
    "Sigmoid",
    "Softmax",
    "Softplus",
    "Tanh",
]
