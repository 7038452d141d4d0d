"""Scales and colours: the same number always has the same meaning on the screen."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from explorer.imaging.colormaps import COLORMAPS, NAN_COLOUR, Colormap, colormap
from explorer.imaging.rendering import (
    Scale,
    clipped,
    clipped_share,
    finite_scale,
    layer_scale,
    to_bgra,
    to_grey,
    to_rgb,
)
from explorer.jit import Status, status

SIGNED, VIRIDIS = colormap("signed"), colormap("viridis")
LARGEST = float(np.finfo(np.float32).max)
Floats = NDArray[np.float32]


@pytest.fixture(params=[Status.LAZY, Status.FAILED], ids=["compiled", "plain"])
def path(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Status]:
    """Both ways of colouring."""
    monkeypatch.setattr(status, "state", request.param)
    yield request.param
    assert status.state is request.param  # the compiled way did not silently give up


def row(*values: float) -> Floats:
    return np.array([values], np.float32)


def noise(height: int = 380, width: int = 512) -> Floats:
    return np.random.default_rng(0).standard_normal((height, width)).astype(np.float32)


@pytest.mark.parametrize(
    ("low", "high"), [(1.0, 1.0), (2.0, -2.0), (np.nan, 1.0), (0.0, np.inf), (0.0, 1e-300), (-1e39, 1e39)]
)
def test_scale__refuses_what_is_no_interval(low: float, high: float) -> None:
    with pytest.raises(ValueError, match="must rise between two numbers"):
        Scale(low, high)


def test_finite_scale__is_the_percentile_of_the_magnitudes_and_symmetric() -> None:
    values = noise()
    scale = finite_scale(values)
    assert scale.low == -scale.high
    assert scale.high == pytest.approx(np.percentile(np.abs(values), 99.5), rel=0.03)
    assert clipped_share(values, scale) == pytest.approx(0.005, abs=0.002)
    assert finite_scale(values) == scale


def test_finite_scale__zeros_do_not_count() -> None:
    edge = np.zeros((380, 512), np.float32)
    edge[:, 250:252] = 4.0
    assert finite_scale(edge) == Scale(-4.0, 4.0, negatives=False)
    speck = np.zeros((380, 512), np.float32)
    speck[17, 33] = -0.25
    assert finite_scale(speck) == Scale(-0.25, 0.25)


def test_finite_scale__a_small_map_is_not_clipped() -> None:
    values = np.arange(-12, 13, dtype=np.float32).reshape(5, 5)
    assert finite_scale(values) == Scale(-12.0, 12.0)
    assert clipped_share(values, finite_scale(values)) == 0.0


@pytest.mark.parametrize(
    "values",
    [
        np.zeros((3, 3)),
        np.full((3, 3), np.nan),
        np.full((3, 3), np.inf),
        np.full((3, 3), 1e-42),
        np.empty((0, 4)),
    ],
    ids=["zero", "nan", "inf", "denormal", "empty"],
)
def test_finite_scale__is_one_where_nothing_can_be_measured(values: Floats) -> None:
    assert finite_scale(values) == Scale(-1.0, 1.0, negatives=False)
    assert layer_scale([values]) == Scale(-1.0, 1.0, negatives=False)


def test_finite_scale__leaves_non_finite_values_out() -> None:
    assert finite_scale(row(np.nan, np.inf, -np.inf, -2.0, 1.0)).high == 2.0
    assert finite_scale(row(LARGEST, -1.0)).high == LARGEST


def test_finite_scale__a_pattern_in_step_with_the_sampling_is_seen() -> None:
    values = np.full((400, 600), 0.1, np.float32)
    values[:, 1::2] = 5.0  # only odd columns are large
    assert finite_scale(values).high == 5.0


def test_finite_scale__negatives_are_known_without_sampling() -> None:
    values = np.abs(noise())
    assert not finite_scale(values).negatives
    values[3, 5] = -1e-6
    assert finite_scale(values).negatives


def test_layer_scale__takes_the_widest_and_ignores_dead_maps() -> None:
    dead, small, large = np.zeros((4, 4)), np.full((4, 4), 0.25), np.full((4, 4), -0.5)
    assert layer_scale([dead, small]) == Scale(-0.25, 0.25, negatives=False)
    assert layer_scale([dead, small, large]) == Scale(-0.5, 0.5)
    assert layer_scale([]) == Scale(-1.0, 1.0, negatives=False)


def test_clipped_share__counts_infinities_but_not_nan_or_the_ends() -> None:
    assert clipped_share(row(-1.0, 1.0, np.nan, np.inf, -3.0), Scale(-1.0, 1.0)) == pytest.approx(0.4)
    assert clipped_share(np.empty((0, 3), np.float32), Scale(-1.0, 1.0)) == 0.0


@pytest.mark.usefixtures("path")
def test_to_rgb__signed_map_mirrors_around_zero() -> None:
    table = SIGNED.table()
    picture = to_rgb(row(-9.0, -2.0, -1.0, 0.0, 1.0, 2.0, 9.0), Scale(-2.0, 2.0), SIGNED)
    np.testing.assert_array_equal(picture[0], table[[1, 1, 64, 128, 192, 255, 255]])


@pytest.mark.usefixtures("path")
def test_to_rgb__zero_is_the_middle_of_a_signed_map_under_any_scale() -> None:
    for scale in (Scale(0.0, 5.0), Scale(-1.0, 7.0), Scale(-1e-30, 1e-30), Scale(-LARGEST, LARGEST)):
        assert tuple(to_rgb(row(0.0), scale, SIGNED)[0, 0]) == tuple(SIGNED.table()[128])


@pytest.mark.usefixtures("path")
def test_to_rgb__relu_removes_the_cool_and_keeps_the_warm() -> None:
    values = noise(20, 30)
    scale = finite_scale(values)
    before, after = to_rgb(values, scale, SIGNED), to_rgb(np.maximum(values, 0), scale, SIGNED)
    np.testing.assert_array_equal(before[values >= 0], after[values >= 0])
    assert (after[values < 0] == SIGNED.table()[128]).all()


@pytest.mark.usefixtures("path")
def test_to_rgb__unsigned_map_starts_at_zero_where_there_are_no_negatives() -> None:
    table = VIRIDIS.table()
    positive = row(0.0, 1.0, 2.0)
    np.testing.assert_array_equal(to_rgb(positive, finite_scale(positive), VIRIDIS)[0], table[[0, 128, 255]])
    mixed = row(-2.0, 0.0, 2.0)
    np.testing.assert_array_equal(to_rgb(mixed, finite_scale(mixed), VIRIDIS)[0], table[[0, 128, 255]])


@pytest.mark.usefixtures("path")
@pytest.mark.parametrize("chosen", COLORMAPS, ids=lambda chosen: chosen.key)
def test_to_rgb__what_is_not_finite_is_magenta_and_the_largest_numbers_are_the_ends(chosen: Colormap) -> None:
    picture = to_rgb(row(np.nan, np.inf, -np.inf, LARGEST, -LARGEST), Scale(-1e-3, 1e-3), chosen)[0]
    assert {tuple(pixel) for pixel in picture[:3].tolist()} == {NAN_COLOUR}
    np.testing.assert_array_equal(picture[3:], chosen.table()[[255, 1 if chosen.signed else 0]])


@pytest.mark.parametrize("chosen", [SIGNED, VIRIDIS], ids=lambda chosen: chosen.key)
def test_clipped__are_those_beyond_the_end_colours(chosen: Colormap) -> None:
    values = row(-np.inf, -2.5, -2.0, 0.0, 2.0, 2.5, np.nan, np.inf)
    below, above = clipped(values, Scale(-2.0, 2.0), chosen)
    assert np.flatnonzero(below).tolist() == [1]
    assert np.flatnonzero(above).tolist() == [5]


def test_clipped__of_a_map_without_negatives_under_an_unsigned_map() -> None:
    below, above = clipped(row(-0.5, 0.0, 1.0), Scale(-2.0, 2.0, negatives=False), VIRIDIS)
    assert below.tolist() == [[True, False, False]]
    assert not above.any()


@pytest.mark.usefixtures("path")
@pytest.mark.parametrize(
    "values", [np.zeros((0, 5)), np.zeros((5, 0)), np.zeros((1, 1)), np.full((2, 3), 1e-45)]
)
def test_to_rgb__takes_maps_of_any_size(values: Floats) -> None:
    assert to_rgb(values, finite_scale(values), SIGNED).shape == (*values.shape, 3)


@pytest.mark.usefixtures("path")
def test_to_rgb__takes_strided_read_only_and_other_numbers() -> None:
    values = noise(12, 10)
    scale = finite_scale(values)
    expected = to_rgb(values, scale, SIGNED)
    frozen = values.copy()
    frozen.flags.writeable = False
    np.testing.assert_array_equal(to_rgb(frozen, scale, SIGNED), expected)
    np.testing.assert_array_equal(to_rgb(frozen.astype(np.float64), scale, SIGNED), expected)
    np.testing.assert_array_equal(to_rgb(values.T, scale, SIGNED), expected.transpose(1, 0, 2))
    np.testing.assert_array_equal(to_rgb(values[::-1, 1::3], scale, SIGNED), expected[::-1, 1::3])
    np.testing.assert_array_equal(
        to_rgb(np.array([[0, 200]], np.uint8), Scale(-200, 200), SIGNED)[0, 1], SIGNED.table()[255]
    )


def test_to_rgb__compiled_and_plain_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.linspace(-1.2, 1.2, 40_000, dtype=np.float32).reshape(200, 200)
    ramp = Colormap("grey", "Grey", "", signed=True)
    pictures = []
    for state in (Status.LAZY, Status.FAILED):
        monkeypatch.setattr(status, "state", state)
        pictures.append(to_rgb(values, Scale(-1.0, 1.0), ramp).astype(np.int16))
    difference = np.abs(pictures[0] - pictures[1])
    assert difference.max() <= 1  # one fused rounding at the border of two colours
    assert np.count_nonzero(difference) <= 30


@pytest.mark.usefixtures("path")
def test_to_bgra__writes_into_a_region_of_a_larger_picture() -> None:
    page = np.zeros((8, 9, 4), np.uint8)
    values = noise(3, 4)
    scale = finite_scale(values)
    region = page[2:5, 3:7]
    assert to_bgra(values, scale, SIGNED, out=region) is region
    np.testing.assert_array_equal(region[..., 2::-1], to_rgb(values, scale, SIGNED))
    assert (region[..., 3] == 255).all()
    region[...] = 0
    assert not page.any()


@pytest.mark.parametrize(
    "out",
    [
        np.zeros((3, 5, 4), np.uint8),
        np.zeros((3, 4, 4), np.float32),
        np.zeros((3, 8, 4), np.uint8)[:, ::2],
        np.broadcast_to(np.zeros(4, np.uint8), (3, 4, 4)),
    ],
    ids=["shape", "dtype", "gaps", "read-only"],
)
def test_to_bgra__refuses_an_output_it_cannot_fill(out: NDArray[np.uint8]) -> None:
    with pytest.raises(ValueError, match="out"):
        to_bgra(np.zeros((3, 4), np.float32), Scale(-1.0, 1.0), SIGNED, out=out)


def test_colouring__asks_for_two_dimensions() -> None:
    with pytest.raises(ValueError, match="rows and columns, this array has 3 dimensions"):
        to_rgb(np.zeros((1, 2, 2)), Scale(-1.0, 1.0), SIGNED)


@pytest.mark.parametrize(
    ("bits", "expected"), [(8, [0, 0, 128, 255, 255]), (16, [0, 0, 32768, 65535, 65535])]
)
def test_to_grey__low_is_black_zero_is_mid_grey_high_is_white(bits: int, expected: list[int]) -> None:
    picture = to_grey(row(-np.inf, -2.0, 0.0, 2.0, 5.0), Scale(-2.0, 2.0), bits)
    assert picture.dtype == (np.uint8 if bits == 8 else np.uint16)
    assert picture[0].tolist() == expected


def test_to_grey__keeps_16_bit_numbers_apart() -> None:
    values = np.arange(65536, dtype=np.float32).reshape(256, 256)
    np.testing.assert_array_equal(to_grey(values, Scale(0.0, 65535.0), 16), values.astype(np.uint16))


def test_to_grey__nan_is_black_and_other_depths_are_refused() -> None:
    assert to_grey(row(np.nan), Scale(-1.0, 1.0))[0, 0] == 0
    with pytest.raises(ValueError, match="8 or 16 bits, 12 were asked for"):
        to_grey(row(0.0), Scale(-1.0, 1.0), 12)
