"""Activation layers hand their parameters to the engine."""

from __future__ import annotations

import math

import numpy as np
import pytest

from explorer.layers import ELU, GELU, LeakyReLU, Softmax
from tests.layers.contract import numbers, run

X = np.array([[[-2.0, -1.0, 0.0, 1.0, 2.0]]], np.float32)


def test_leaky_relu__uses_its_slope() -> None:
    np.testing.assert_allclose(run(LeakyReLU(negative_slope=0.5), X)[0, 0], [-1, -0.5, 0, 1, 2])


def test_elu__uses_its_alpha() -> None:
    assert run(ELU(alpha=3.0), X)[0, 0, 1] == pytest.approx(3 * (math.exp(-1) - 1))


def test_gelu__uses_its_approximation() -> None:
    exact, approximate = run(GELU(), X)[0, 0, 3], run(GELU(approximate="tanh"), X)[0, 0, 3]
    assert exact == pytest.approx(0.841345, abs=1e-6)
    assert approximate == pytest.approx(0.841192, abs=1e-6)


def test_softmax__sums_to_one_over_the_channels() -> None:
    np.testing.assert_allclose(run(Softmax(), numbers(5, 3, 4)).sum(axis=0), 1, atol=1e-6)
    assert run(Softmax(), numbers(7)).sum() == pytest.approx(1, abs=1e-6)
