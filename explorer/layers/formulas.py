"""The formula of each activation with a number put in, and what it gives."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from explorer.layers.activation import ELU, GELU, LeakyReLU, ReLU, Sigmoid, SiLU, Softplus, Tanh
from explorer.layers.layer import ElementwiseLayer

_LINEAR_ABOVE = 20.0  # where softplus is x itself, as in PyTorch
_TANH_FACTOR, _TANH_CUBE = math.sqrt(2 / math.pi), 0.044715

Show = Callable[[float], str]
"""How a number is written."""


def formula(layer: ElementwiseLayer, x: float, show: Show) -> tuple[str, float | None]:
    """``max(0, -3.4)`` and 0, computed in float64; None for the value of a layer that has no formula here."""
    with np.errstate(all="ignore"):
        return _formula(layer, np.float64(x), show)


def _formula(layer: ElementwiseLayer, x: np.float64, show: Show) -> tuple[str, float | None]:
    text = show(float(x))
    factor = f"({text})" if x < 0 else text  # -3.4 behind an operator
    match layer:
        case ReLU():
            return f"max(0, {text})", float(np.where(x < 0, 0.0, x))
        case LeakyReLU(negative_slope=slope):
            return f"max({text}, {show(slope)} * {factor})", float(np.where(x < 0, slope * x, x))
        case Sigmoid():
            return f"1 / (1 + exp(-{factor}))", float(1 / (1 + np.exp(-x)))
        case Tanh():
            return f"tanh({text})", math.tanh(x)
        case ELU(alpha=alpha):
            negative = f"{show(alpha)} * (exp(min(0, {text})) - 1)"
            return f"max(0, {text}) + {negative}", float(
                np.where(x < 0, alpha * np.expm1(np.minimum(x, 0)), x)
            )
        case SiLU():
            return f"{text} / (1 + exp(-{factor}))", float(x / (1 + np.exp(-x)))
        case GELU(approximate="tanh"):
            inner = f"{show(_TANH_FACTOR)} * ({text} + {show(_TANH_CUBE)} * {factor}^3)"
            return f"0.5 * {factor} * (1 + tanh({inner}))", _gelu_by_tanh(x)
        case GELU():
            share = 0.5 * math.erfc(-x * math.sqrt(0.5))
            return f"{text} * {show(share)} (the share of a normal distribution below {text})", float(
                x * share
            )
        case Softplus():
            if x > _LINEAR_ABOVE:
                return f"{text} as it is, for it is above 20", float(x)
            return f"log(1 + exp({text}))", float(np.log1p(np.exp(x)))
    return f"{layer.type_name}({text})", None


def _gelu_by_tanh(x: np.float64) -> float:
    return float(0.5 * x * (1 + np.tanh(_TANH_FACTOR * (x + _TANH_CUBE * x * x * x))))
