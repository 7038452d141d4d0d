"""Banks: a kernel for every filter of a layer."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.layers.banks import BANKS, Bank
from explorer.layers.filters import named
from explorer.layers.initializers import initial
from tests.engine.checks import assert_same_bits

BY_NAME = {bank.name: bank for bank in BANKS}
INITIALIZERS = ("glorot_uniform", "he_normal", "lecun_normal")
SHAPE = (8, 3, 5, 5)

every_bank = pytest.mark.parametrize("bank", BANKS, ids=[bank.name for bank in BANKS])
shapes = st.tuples(st.integers(1, 20), st.integers(1, 12), st.integers(1, 9), st.integers(1, 9))


def test_banks__have_names_of_their_own_and_a_reason() -> None:
    assert set(BY_NAME) == {"rotated edges", "Gabor bank", "identity per channel"} | {
        f"random {initializer}" for initializer in INITIALIZERS
    }
    assert len(BY_NAME) == len(BANKS)
    assert all(bank.why for bank in BANKS)


@every_bank
@settings(max_examples=30, deadline=None, derandomize=True, database=None)
@given(shape=shapes)
def test_banks__fill_every_shape(bank: Bank, shape: tuple[int, int, int, int]) -> None:
    weights = bank(shape)
    assert weights.shape == shape
    assert weights.dtype == np.float32
    assert weights.flags.c_contiguous
    assert not weights.flags.writeable
    assert np.isfinite(weights).all()
    assert_same_bits(weights, bank(shape))
    assert len(bank.filter_names(shape)) == shape[0]


@every_bank
def test_banks__no_two_filters_are_alike_where_there_are_enough_directions_or_channels(bank: Bank) -> None:
    weights = bank((8, 8, 5, 5))
    assert len(np.unique(weights.reshape(8, -1), axis=0)) == 8


@pytest.mark.parametrize("name", ["rotated edges", "Gabor bank"])
def test_patterns__see_the_mean_of_the_channels(name: str) -> None:
    grey, colour = BY_NAME[name]((8, 1, 5, 5)), BY_NAME[name](SHAPE)
    for channel in range(3):
        np.testing.assert_allclose(colour[:, channel], grey[:, 0] / 3, rtol=1e-6)


def test_rotated_edges__share_the_circle() -> None:
    weights = BY_NAME["rotated edges"]((8, 1, 3, 3))
    for i in range(8):
        assert_same_bits(weights[i, 0].copy(), named("sobel")((3, 3), angle=45 * i))
    for i, name in ((0, "edge right"), (2, "edge down"), (4, "edge left"), (6, "edge up")):
        assert_same_bits(weights[i, 0].copy(), named(name)((3, 3)))


def test_gabor_bank__shares_the_half_circle() -> None:
    weights = BY_NAME["Gabor bank"]((4, 1, 7, 7), lambda_=5, sigma=2)
    for i in range(4):
        expected = named("gabor")((7, 7), theta=45 * i, lambda_=5, sigma=2)
        assert_same_bits(weights[i, 0].copy(), expected)


def test_gabor_bank__without_values_takes_those_that_suit_the_size() -> None:
    size = (15, 15)
    defaults = {parameter.name: parameter.at(size).default for parameter in BY_NAME["Gabor bank"].parameters}
    assert_same_bits(BY_NAME["Gabor bank"]((2, 1, *size)), BY_NAME["Gabor bank"]((2, 1, *size), **defaults))
    assert defaults["lambda_"] == 12


@pytest.mark.parametrize("initializer", INITIALIZERS)
def test_random__is_what_a_layer_starts_with(initializer: str) -> None:
    bank = BY_NAME[f"random {initializer}"]
    assert_same_bits(bank(SHAPE, seed=7), initial(initializer, 7, SHAPE))
    assert (bank(SHAPE, seed=7) != bank(SHAPE, seed=8)).mean() > 0.99
    assert bank.filter_names(SHAPE) == ("",) * 8


def test_identity_per_channel__passes_the_channels_in_turn() -> None:
    weights = BY_NAME["identity per channel"]((5, 3, 3, 4))
    for i in range(5):
        for channel in range(3):
            kernel = named("identity" if channel == i % 3 else "empty")((3, 4))
            np.testing.assert_array_equal(weights[i, channel], kernel)


@pytest.mark.parametrize(
    ("bank", "shape", "names"),
    [
        ("rotated edges", (4, 3, 3, 3), ("edge 0°", "edge 90°", "edge 180°", "edge 270°")),
        ("rotated edges", (7, 1, 3, 3), tuple(f"edge {d}°" for d in (0, 51.4, 102.9, 154.3, 205.7, 257.1, 308.6))),
        ("Gabor bank", (3, 3, 3, 3), ("gabor 0°", "gabor 60°", "gabor 120°")),
        ("identity per channel", (4, 3, 3, 3), ("channel 0", "channel 1", "channel 2", "channel 0")),
        ("identity per channel", (2, 1, 3, 3), ("identity", "identity")),
    ],
)  # fmt: skip
def test_filter_names__say_what_the_filter_does(
    bank: str, shape: tuple[int, int, int, int], names: tuple[str, ...]
) -> None:
    assert BY_NAME[bank].filter_names(shape) == names


def test_banks__a_value_outside_its_range_is_refused() -> None:
    for values in ({"seed": -1.0}, {"seed": 1e6}):
        with pytest.raises(ValueError, match=r"Seed is .*; choose a number from 0 to 9999"):
            BY_NAME["random he_normal"](SHAPE, **values)
        with pytest.raises(ValueError, match="Seed is"):
            BY_NAME["random he_normal"].filter_names(SHAPE, **values)
