"""How alike windows and a template are, against cosines computed one by one."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from explorer.layers import Conv2d
from explorer.layers.matching import likeness
from explorer.layers.template import template


@pytest.mark.parametrize(
    "config", [{}, {"stride": (2, 3)}, {"padding": (1, 2)}, {"padding": "same"}, {"groups": 3}]
)
@pytest.mark.parametrize("grey", [False, True])
def test_likeness__is_the_cosine_of_what_is_left_without_the_means(
    config: dict[str, object], grey: bool
) -> None:
    x = np.random.default_rng(0).random((1, 3, 14, 17), dtype=np.float32)
    layer = dataclasses.replace(Conv2d(out_channels=3, kernel_size=(4, 5)), **config).fit((3, 14, 17))  # type: ignore[arg-type]
    assert layer.weight is not None
    seen = slice(1, 2) if layer.groups == 3 else slice(0, 3)
    weight, bias = layer.weight.copy(), np.full(3, 0.7, np.float32)
    weight[1] = template(x[0, seen, 3:7, 6:11], grey=grey)
    layer = dataclasses.replace(layer, weight=weight, bias_values=bias)
    output = layer.forward(x)
    found = likeness(layer, x, output, 1)
    top, bottom, left, right = layer.resolved_padding((3, 14, 17))
    padded = np.pad(x[0, seen].astype(np.float64), ((0, 0), (top, bottom), (left, right)))
    for row in range(found.shape[0]):
        for column in range(found.shape[1]):
            down, across = row * layer.stride[0], column * layer.stride[1]
            window = padded[:, down : down + 4, across : across + 5]
            if grey:
                window = np.repeat(window.mean(axis=0, keepdims=True), len(window), axis=0)
            window = window - window.mean(axis=(1, 2), keepdims=True)
            expected = float((weight[1] * window).sum() / np.linalg.norm(window))
            assert found[row, column] == pytest.approx(expected, abs=1e-4)


def test_likeness__is_1_where_the_piece_was_taken_whatever_is_brighter() -> None:
    x = np.random.default_rng(1).random((1, 1, 20, 20), dtype=np.float32)
    x[0, 0, 10:, 10:] *= 50
    weight = template(x[0, :, 2:7, 3:8])[np.newaxis]
    layer = Conv2d(out_channels=1, kernel_size=(5, 5), weight=weight).fit((1, 20, 20))
    found = likeness(layer, x, layer.forward(x), 0)
    assert divmod(int(found.argmax()), found.shape[1]) == (2, 3)
    assert found.max() == pytest.approx(1, abs=1e-5)


def test_likeness__of_flat_windows_is_not_a_match() -> None:
    x = np.zeros((1, 1, 12, 12), np.float32)
    x[0, 0, 2:4, 2:4] = [[1, 2], [3, 5]]
    weight = template(x[0, :, 2:4, 2:4])[np.newaxis]
    layer = Conv2d(out_channels=1, kernel_size=(2, 2), weight=weight).fit((1, 12, 12))
    found = likeness(layer, x, layer.forward(x), 0)
    assert found[8, 8] == -1
    assert found[2, 2] == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_likeness__numbers_that_are_not_finite_are_no_match_and_spoil_no_other_window(bad: float) -> None:
    x = np.random.default_rng(2).random((1, 1, 16, 16), dtype=np.float32)
    weight = template(x[0, :, 8:11, 8:11])[np.newaxis]
    layer = Conv2d(out_channels=1, kernel_size=(3, 3), weight=weight).fit((1, 16, 16))
    clean = likeness(layer, x, layer.forward(x), 0)
    x[0, 0, 1, 2] = bad
    found = likeness(layer, x, layer.forward(x), 0)
    assert (found[:2, :3] == -1).all()
    np.testing.assert_allclose(found[8:, 8:], clean[8:, 8:], atol=1e-6)
