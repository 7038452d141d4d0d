"""The frequency response and the answers to simple pictures, against their definitions."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.layers.fields import Array
from explorer.layers.response import answers, frequency_response
from tests import reference
from tests.layers.contract import numbers

BOX = np.full((3, 3), 1 / 9, np.float32)
SOBEL = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], np.float32)


def test_frequency_response__is_the_dft_with_frequency_0_in_the_middle() -> None:
    kernel = numbers(4, 5)
    result = frequency_response(kernel)
    assert result.shape == (64, 64)
    v, u = np.indices(kernel.shape)
    for row, column in ((32, 32), (0, 0), (40, 7), (33, 63)):
        phase = np.exp(-2j * np.pi * ((row - 32) * v + (column - 32) * u) / 64)
        assert result[row, column] == pytest.approx(abs((kernel * phase).sum()), abs=1e-6)


def test_frequency_response__of_known_kernels() -> None:
    identity = np.zeros((3, 3), np.float32)
    identity[1, 1] = 1
    assert frequency_response(identity) == pytest.approx(np.ones((64, 64)))
    assert frequency_response(BOX).argmax() == 32 * 64 + 32
    assert frequency_response(BOX)[32, 32] == pytest.approx(1)
    assert not frequency_response(SOBEL)[:, 32].any()


def test_frequency_response__does_not_care_which_way_round_the_kernel_is() -> None:
    kernel = numbers(3, 6)
    assert frequency_response(kernel[::-1, ::-1]) == pytest.approx(frequency_response(kernel), abs=1e-6)


def test_frequency_response__refuses_what_it_would_cut() -> None:
    with pytest.raises(ValueError, match="64×64"):
        frequency_response(numbers(3, 65))


@pytest.mark.parametrize("size", [(1, 1), (3, 3), (2, 4), (5, 1), (7, 8), (31, 31)])
def test_answers__are_cross_correlations(size: tuple[int, int]) -> None:
    kernel = numbers(*size)
    for answer in answers(kernel):
        assert answer.before.shape == answer.after.shape
        expected = correlated(answer.before, kernel)
        assert answer.after == pytest.approx(expected, abs=1e-5)


def correlated(before: Array, kernel: Array) -> Array:
    """Cross-correlation of a picture that goes on beyond its edges, the anchor as with padding "same"."""
    total = [side - 1 for side in kernel.shape]
    sides = [(amount // 2, amount - amount // 2) for amount in total]
    padded = np.pad(before, sides, mode="edge")
    result: Array = reference.conv2d(padded[np.newaxis, np.newaxis], kernel[np.newaxis, np.newaxis], None)[
        0, 0
    ]
    return result


def test_answers__have_words() -> None:
    titles = [answer.title for answer in answers(BOX)]
    assert titles == ["Step", "Impulse", "Line"]
    assert all(answer.why for answer in answers(BOX))


def test_answers__the_impulse_comes_out_as_the_turned_kernel() -> None:
    kernel = numbers(5, 3)
    _, impulse, _ = answers(kernel)
    middle = len(impulse.after) // 2
    seen = impulse.after[middle - 2 : middle + 3, middle - 1 : middle + 2]
    assert seen == pytest.approx(kernel[::-1, ::-1])
    assert np.count_nonzero(impulse.after) == 15


def test_answers__a_vertical_edge_filter_sees_what_runs_down_only() -> None:
    step, _, line = answers(SOBEL)
    assert step.after[-1].max() == 4
    assert not step.after[:, -1].any()
    assert line.after[0].tolist() == line.after[-1].tolist()
    assert line.after[0].max() == 4
    assert not line.after[:, 0].any()


def test_answers__zero_is_exactly_zero() -> None:
    step, _, _ = answers(np.array([[0.1, 0.2, -0.3]], np.float32) * np.float32(1 / 3))
    assert not step.after[0].any()
