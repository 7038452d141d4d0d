"""The formulas of the named kernels, written here a second time, cell by cell."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.layers.filters import named

Doubles = npt.NDArray[np.float64]
Size = tuple[int, int]

PATTERNS = {
    "edge right": [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]],
    "edge left": [[1, 0, -1], [2, 0, -2], [1, 0, -1]],
    "edge down": [[-1, -2, -1], [0, 0, 0], [1, 2, 1]],
    "edge up": [[1, 2, 1], [0, 0, 0], [-1, -2, -1]],
    "sobel": [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]],
    "scharr": [[-3, 0, 3], [-10, 0, 10], [-3, 0, 3]],
    "prewitt": [[-1, 0, 1], [-1, 0, 1], [-1, 0, 1]],
    "outline": [[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]],
    "laplacian": [[0, -1, 0], [-1, 4, -1], [0, -1, 0]],
    "vertical line": [[-1, 2, -1], [-1, 2, -1], [-1, 2, -1]],
    "horizontal line": [[-1, -1, -1], [2, 2, 2], [-1, -1, -1]],
    "sharpen": [[0, -1, 0], [-1, 5, -1], [0, -1, 0]],
    "emboss": [[-2, -1, 0], [-1, 1, 1], [0, 1, 2]],
    "identity": [[0, 0, 0], [0, 1, 0], [0, 0, 0]],
    "empty": [[0, 0, 0], [0, 0, 0], [0, 0, 0]],
}
"""Those that stay 3×3 in a kernel of any size."""
SIZES = [(3, 3), (4, 4), (5, 5), (3, 7), (6, 5), (7, 9), (31, 31), (31, 30)]

many = settings(max_examples=100, deadline=None, derandomize=True, database=None)
every_size = pytest.mark.parametrize("size", SIZES, ids=str)
gradient = pytest.mark.parametrize("name", ["sobel", "scharr", "prewitt"])


def sampled(size: Size, formula: Callable[[float, float], float]) -> Doubles:
    """The formula of x to the right and y down from the middle, cell by cell."""
    rows, columns = size
    return np.array(
        [[formula(j - (columns - 1) / 2, i - (rows - 1) / 2) for j in range(columns)] for i in range(rows)]
    )


def bell(size: Size, sigma: float) -> Doubles:
    return sampled(size, lambda x, y: math.exp(-(x * x + y * y) / (2 * sigma * sigma)))


def summing_to_one(kernel: Doubles) -> Doubles:
    result: Doubles = kernel / math.fsum(kernel.flat)
    return result


def balanced(kernel: Doubles, envelope: Doubles) -> Doubles:
    """Sum 0 by taking off a multiple of the envelope, largest weight 1."""
    level = kernel - envelope * math.fsum(kernel.flat) / math.fsum(envelope.flat)
    result: Doubles = level / np.abs(level).max()
    return result


def assert_is(kernel: npt.NDArray[np.float32], expected: Doubles) -> None:
    np.testing.assert_allclose(kernel, expected, rtol=0, atol=2e-7 * max(1, np.abs(expected).max()))


@pytest.mark.parametrize("name", PATTERNS)
def test_patterns__sit_in_the_middle_of_every_larger_kernel(name: str) -> None:
    for rows, columns in SIZES:
        top, left = (rows - 3) // 2, (columns - 3) // 2
        expected = np.zeros((rows, columns))
        expected[top : top + 3, left : left + 3] = PATTERNS[name]
        np.testing.assert_array_equal(named(name)((rows, columns)), expected)


@pytest.mark.parametrize(
    ("name", "size", "expected"),
    [
        ("edge right", (1, 3), [[-2, 0, 2]]),
        ("edge right", (3, 2), [[-1, 1], [-2, 2], [-1, 1]]),
        ("edge right", (3, 1), [[0], [0], [0]]),
        ("edge down", (3, 1), [[-2], [0], [2]]),
        ("laplacian", (1, 3), [[-1, 2, -1]]),
        ("outline", (2, 2), [[-1, -1], [-1, 3]]),
        ("sharpen", (2, 2), [[0, -1], [-1, 3]]),
        ("sharpen", (1, 1), [[1]]),
        ("vertical line", (1, 2), [[-1, 1]]),
        ("vertical line", (3, 1), [[2], [2], [2]]),
        ("emboss", (1, 1), [[1]]),
    ],
)
def test_patterns__that_are_cut_keep_their_sense(name: str, size: Size, expected: list[list[float]]) -> None:
    np.testing.assert_array_equal(named(name)(size), expected)


@gradient
@many
@given(angle=st.floats(0, 360))
def test_gradients__are_turned_by_cosine_and_sine(name: str, angle: float) -> None:
    across = np.array(PATTERNS[name], np.float64)
    expected = math.cos(math.radians(angle)) * across + math.sin(math.radians(angle)) * across.T
    assert_is(named(name)((3, 3), angle=angle), expected)


@gradient
def test_gradients__a_quarter_turn_is_exact(name: str) -> None:
    kernels = [named(name)((5, 5), angle=angle) for angle in (0, 90, 180, 270, 360)]
    for before, after in pairwise(kernels):
        np.testing.assert_array_equal(after, np.rot90(before, -1))


@many
@given(angle=st.floats(0, 360))
def test_emboss__is_the_picture_plus_its_slope(angle: float) -> None:
    cosine, sine = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    slope = sampled((3, 3), lambda x, y: (x * cosine + y * sine) / max(abs(cosine), abs(sine)))
    assert_is(named("emboss")((3, 3), angle=angle), slope + np.array(PATTERNS["identity"]))


@every_size
def test_blur__is_the_mean(size: Size) -> None:
    assert_is(named("blur")(size), np.full(size, 1 / (size[0] * size[1])))


@every_size
@pytest.mark.parametrize("sigma", [0.3, 1, 2.5, 16])
def test_gaussian__is_a_bell_whose_sum_is_one(size: Size, sigma: float) -> None:
    kernel = named("gaussian")(size, sigma=sigma)
    assert_is(kernel, summing_to_one(bell(size, sigma)))
    np.testing.assert_array_equal(kernel, kernel[::-1, ::-1])
    np.testing.assert_array_equal(kernel, kernel[:, ::-1])
    np.testing.assert_array_equal(kernel.T, named("gaussian")(size[::-1], sigma=sigma))


@pytest.mark.parametrize("size", [(3, 3), (5, 9), (31, 31)], ids=str)
@pytest.mark.parametrize(("amount", "sigma"), [(0, 1), (1, 1), (5, 0.3), (2.5, 6)])
def test_unsharp__adds_what_a_blur_takes_away(size: Size, amount: float, sigma: float) -> None:
    whole = sampled(size, lambda x, y: float(x == y == 0))
    expected = whole + amount * (whole - summing_to_one(bell(size, sigma)))
    assert_is(named("unsharp")(size, amount=amount, sigma=sigma), expected)


def test_unsharp__is_symmetric_about_one_cell_of_an_even_kernel() -> None:
    kernel = named("unsharp")((4, 6), sigma=1)
    assert kernel.argmax() == named("identity")((4, 6)).argmax() == 1 * 6 + 2
    np.testing.assert_array_equal(kernel[:3, :5], kernel[:3, :5][::-1, ::-1])


@every_size
@pytest.mark.parametrize("sigma", [0.5, 1, 2.5, 16])
def test_log__is_the_hat_of_marr_and_hildreth(size: Size, sigma: float) -> None:
    variance = sigma * sigma
    hat = sampled(size, lambda x, y: 1 - (x * x + y * y) / (2 * variance)) * bell(size, sigma)
    kernel = named("LoG")(size, sigma=sigma)
    assert_is(kernel, balanced(hat, bell(size, sigma)))
    np.testing.assert_array_equal(kernel, kernel[::-1, ::-1])


@every_size
@pytest.mark.parametrize(("sigma", "ratio"), [(0.5, 1.6), (1, 1.1), (3, 5)])
def test_dog__is_one_blur_less_another(size: Size, sigma: float, ratio: float) -> None:
    difference = summing_to_one(bell(size, sigma)) - summing_to_one(bell(size, ratio * sigma))
    assert_is(named("DoG")(size, sigma=sigma, ratio=ratio), difference / np.abs(difference).max())


def test_dog__at_its_default_is_close_to_log() -> None:
    pair = [named("DoG")((31, 31), sigma=2.2), named("LoG")((31, 31), sigma=2.2 * 1.25)]
    assert np.corrcoef(pair[0].ravel(), pair[1].ravel())[0, 1] > 0.98


@every_size
@pytest.mark.parametrize(
    ("theta", "lambda_", "sigma", "phase"),
    [(0, 4, 2, 0), (30, 3, 1, 0), (90, 10, 3, -90), (135, 2.5, 16, 40), (0, 5, 2, 180)],
)
def test_gabor__is_a_wave_under_a_bell(
    size: Size, theta: float, lambda_: float, sigma: float, phase: float
) -> None:
    turn, shift = math.radians(theta), math.radians(phase)
    wave = sampled(
        size, lambda x, y: math.cos(2 * math.pi * (x * math.cos(turn) + y * math.sin(turn)) / lambda_ + shift)
    )
    expected = balanced(wave * bell(size, sigma), bell(size, sigma))
    kernel = named("gabor")(size, theta=theta, lambda_=lambda_, sigma=sigma, phase=phase)
    np.testing.assert_allclose(kernel, expected, rtol=0, atol=1e-6)


def test_gabor__minus_90_degrees_is_an_edge_with_its_bright_side_right() -> None:
    kernel = named("gabor")((7, 7), lambda_=8, phase=-90)
    np.testing.assert_allclose(kernel, -kernel[:, ::-1], atol=1e-6)
    assert (kernel[:, 4:] > 0).all()


@every_size
@pytest.mark.parametrize("angle", [0, 30, 45, 90, 135, 180])
def test_motion_blur__is_the_mean_along_a_line(size: Size, angle: float) -> None:
    turn = math.radians(angle)
    covered = sampled(size, lambda x, y: max(0, 1 - abs(y * math.cos(turn) - x * math.sin(turn))))
    assert_is(named("motion blur")(size, angle=angle), summing_to_one(covered))


@pytest.mark.parametrize("size", [(3, 3), (5, 5), (7, 5), (31, 31)], ids=str)
@pytest.mark.parametrize("angle", [0, 30, 45, 90, 135])
def test_line__is_bright_along_and_dark_beside(size: Size, angle: float) -> None:
    turn = math.radians(angle)
    distance = sampled(size, lambda x, y: abs(y * math.cos(turn) - x * math.sin(turn)))
    profile = np.where(distance <= 1, 2 - 3 * distance, np.where(distance < 2, distance - 2, 0))
    near = np.clip(2 - distance, 0, 1)
    expected = profile - near * profile.sum() / near.sum()
    np.testing.assert_allclose(named("line")(size, angle=angle), expected, rtol=0, atol=1e-6)


def test_line__lying_and_upright_are_the_named_lines() -> None:
    for angle, name in ((0, "horizontal line"), (90, "vertical line")):
        np.testing.assert_allclose(named("line")((3, 3), angle=angle), named(name)((3, 3)), atol=1e-6)


def test_corner__is_the_template_of_textbooks() -> None:
    template = np.array([[-4, -4, -4], [-4, 5, 5], [-4, 5, 5]])
    for turns, angle in enumerate((45, 135, 225, 315)):
        assert_is(named("corner")((3, 3), angle=angle), np.rot90(template, -turns) / 5)


def test_corner__is_a_quarter_of_an_even_kernel() -> None:
    bright = named("corner")((6, 8), angle=45) > 0
    np.testing.assert_array_equal(bright, sampled((6, 8), lambda x, y: float(x > 0 and y > 0)) > 0)


@pytest.mark.parametrize("name", ["LoG", "DoG", "corner", "gabor"])
def test_detectors__two_by_two_still_tell_a_spot_from_a_flat_picture(name: str) -> None:
    kernel = named(name)((2, 2))
    assert kernel.max() == 1
    assert kernel.sum() == pytest.approx(0, abs=1e-6)
