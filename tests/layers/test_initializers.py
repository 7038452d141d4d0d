"""Starting weights: how far they reach, how they vary, and what stays when a layer grows."""

from __future__ import annotations

import math

import numpy as np
import pytest

from explorer.layers.initializers import HELP, INITIALIZERS, initial
from tests.engine.checks import assert_same_bits

SHAPE = (64, 16, 5, 5)
FAN_IN, FAN_OUT = 16 * 25, 64 * 25
DEVIATION = {
    "glorot": math.sqrt(2 / (FAN_IN + FAN_OUT)),
    "he": math.sqrt(2 / FAN_IN),
    "lecun": math.sqrt(1 / FAN_IN),
}
random = pytest.mark.parametrize("name", [name for name in INITIALIZERS if name != "zeros"])


@random
def test_initial__has_the_deviation_of_its_paper(name: str) -> None:
    weights = initial(name, 0, SHAPE).astype(np.float64)
    deviation = DEVIATION[name.partition("_")[0]]
    assert weights.std() == pytest.approx(deviation, rel=0.02)
    assert abs(weights.mean()) < 0.02 * deviation


@random
def test_initial__stays_within_its_bounds(name: str) -> None:
    family, _, distribution = name.partition("_")
    reach = math.sqrt(3) if distribution == "uniform" else 2 / 0.87962566103423978
    largest = np.abs(initial(name, 0, SHAPE)).max() / DEVIATION[family]
    assert 0.98 * reach < largest <= reach * (1 + 1e-6)


@pytest.mark.parametrize("name", INITIALIZERS)
def test_initial__is_float32_and_read_only(name: str) -> None:
    for shape in (SHAPE, (1, 1, 1, 1), (10, 784)):
        weights = initial(name, 0, shape)
        assert weights.shape == shape
        assert weights.dtype == np.float32
        assert not weights.flags.writeable
        assert weights.flags.c_contiguous


@pytest.mark.parametrize("name", INITIALIZERS)
def test_initial__the_same_seed_gives_the_same_bits(name: str) -> None:
    assert_same_bits(initial(name, 7, SHAPE), initial(name, 7, SHAPE))


@random
def test_initial__another_seed_gives_other_numbers(name: str) -> None:
    assert (initial(name, 0, SHAPE) != initial(name, 1, SHAPE)).mean() > 0.99


@random
def test_initial__no_two_filters_are_alike(name: str) -> None:
    filters = initial(name, 0, SHAPE).reshape(64, -1)
    assert len(np.unique(filters, axis=0)) == 64


@random
def test_initial__filters_keep_their_pattern_when_their_number_grows(name: str) -> None:
    few, many = initial(name, 3, (4, 16, 5, 5)), initial(name, 3, SHAPE)
    scale = many[:4] / few
    np.testing.assert_allclose(scale, scale.flat[0], rtol=1e-5)
    if not name.startswith("glorot"):  # which alone counts the filters
        assert_same_bits(many[:4].copy(), few)


def test_initial__zeros_are_zero() -> None:
    assert not initial("zeros", 5, SHAPE).any()


def test_initial__the_largest_seed_works() -> None:
    assert np.isfinite(initial("he_normal", 2**31 - 1, (2, 3))).all()


def test_help__tells_the_names_of_other_libraries() -> None:
    for word in ("Keras", "PyTorch", "Chainer"):
        assert word in HELP
