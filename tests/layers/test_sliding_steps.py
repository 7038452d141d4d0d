"""The steps of a sliding window: where it stands, what it reads, and that its terms make the stored value."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from explorer.layers import AvgPool2d, Conv2d, MaxPool2d
from explorer.layers.fields import Array
from explorer.layers.sliding_steps import (
    INPUT,
    OUTSIDE,
    PADDING,
    MaximumStep,
    MeanStep,
    Slides,
    SumStep,
    Walk,
    part,
    sentence,
    shown_channel,
    step,
    summary,
)

RANDOM = np.random.default_rng(5)
LAYERS: tuple[Slides, ...] = (
    Conv2d(out_channels=4, kernel_size=(3, 3)),
    Conv2d(out_channels=4, kernel_size=(5, 3), stride=(2, 2), padding=(2, 2)),
    Conv2d(out_channels=4, kernel_size=(3, 3), dilation=(2, 3), padding=(1, 0, 2, 1)),
    Conv2d(
        out_channels=4,
        kernel_size=(2, 2),
        padding="same",
        groups=2,
        bias_values=np.arange(4, dtype=np.float32),
    ),
    MaxPool2d(kernel_size=(2, 2), ceil_mode=True),
    MaxPool2d(kernel_size=(3, 3), stride=(2, 2), padding=(1, 1), dilation=(2, 2), ceil_mode=True),
    AvgPool2d(kernel_size=(3, 3), stride=(2, 2), padding=(1, 1), ceil_mode=True),
    AvgPool2d(kernel_size=(3, 3), stride=(2, 2), padding=(1, 1), count_include_pad=False),
    AvgPool2d(kernel_size=(3, 3), stride=(2, 2), padding="same"),
)


def given(layer: Slides, rows: int = 9, columns: int = 12) -> tuple[Slides, Array, Array]:
    x = RANDOM.normal(size=(1, 4, rows, columns)).astype(np.float32)
    fitted = layer.fit((4, rows, columns))
    return fitted, x, fitted.forward(x)


def made_of(shown: object) -> float:
    if isinstance(shown, SumStep):
        return float(shown.products.sum()) + shown.others + (shown.bias or 0.0)
    if isinstance(shown, MaximumStep):
        return float(shown.patch[shown.winners][0])
    assert isinstance(shown, MeanStep)
    return shown.total / shown.count


@pytest.mark.parametrize("layer", LAYERS)
def test_step__terms_make_every_stored_value(layer: Slides) -> None:
    fitted, x, output = given(layer)
    largest = float(np.abs(output).max())
    for channel in range(4):
        for row in range(output.shape[2]):
            for column in range(output.shape[3]):
                shown = step(fitted, x, output, channel, 2, row, column)
                assert shown.value == output[0, channel, row, column]
                assert made_of(shown) == pytest.approx(shown.value, abs=1e-5 * largest)


def test_step__knows_padding_from_what_lies_beyond() -> None:
    layer = AvgPool2d(kernel_size=(3, 3), stride=(2, 2), padding=(1, 1), ceil_mode=True)
    x = np.ones((1, 1, 6, 6), np.float32)
    shown = step(layer, x, layer.forward(x), 0, 0, 3, 0)
    assert shown.rows == (5, 6, 7)
    assert shown.columns == (-1, 0, 1)
    assert shown.places.tolist() == [[PADDING, INPUT, INPUT], [PADDING] * 3, [OUTSIDE] * 3]
    assert isinstance(shown, MeanStep)
    assert (shown.total, shown.count, shown.padding_counts) == (2.0, 6, True)


def test_step__max_pooling_counts_ties_and_pads_with_minus_infinity() -> None:
    layer = MaxPool2d(kernel_size=(2, 2), padding=(1, 1))
    x = np.full((1, 1, 2, 2), -3.0, np.float32)
    shown = step(layer, x, layer.forward(x), 0, 0, 0, 0)
    assert isinstance(shown, MaximumStep)
    assert shown.patch.tolist() == [[-np.inf, -np.inf], [-np.inf, -3.0]]
    assert shown.winners.tolist() == [[False, False], [False, True]]


def test_step__shows_the_nearest_channel_that_the_filter_reads() -> None:
    fitted, x, output = given(Conv2d(out_channels=4, kernel_size=(1, 1), groups=2))
    shown = step(fitted, x, output, 3, 0, 1, 1)
    assert shown.patch.item() == x[0, 2, 1, 1]
    assert shown_channel(fitted, 3, 0) == 2
    assert shown_channel(MaxPool2d(), 3, 0) == 3


def test_step__of_not_finite_numbers_warns_of_nothing() -> None:
    layer = Conv2d(out_channels=1, kernel_size=(2, 2), weight=np.zeros((1, 1, 2, 2), np.float32))
    x = np.array([[[[np.inf, np.nan], [-np.inf, 1.0]]]], np.float32)
    shown = step(layer, x, np.zeros((1, 1, 1, 1), np.float32), 0, 0, 0, 0)
    assert isinstance(shown, SumStep)
    assert np.isnan(shown.subtotal)


def test_part__of_everything_holds_padding_and_what_no_window_sees() -> None:
    layer = Conv2d(out_channels=1, kernel_size=(3, 3), stride=(2, 2), padding=(1, 1))
    shown = part(layer, (1, 380, 512), (0, 0))
    assert shown.is_whole
    assert (shown.rows, shown.columns) == (range(190), range(256))
    assert (shown.top, shown.bottom, shown.left, shown.right) == (-1, 381, -1, 513)
    overhung = part(MaxPool2d(ceil_mode=True), (1, 5, 4), (0, 0))
    assert (overhung.bottom, overhung.right) == (6, 4)


@pytest.mark.parametrize(
    ("centre", "top", "left"), [((0, 0), 0, 0), ((189, 255), 178, 240), ((377, 509), 356, 480)]
)
def test_part__around_the_dot_stays_within_the_map(centre: tuple[int, int], top: int, left: int) -> None:
    shown = part(Conv2d(out_channels=1, kernel_size=(3, 3)), (1, 380, 512), centre, (24, 32))
    assert not shown.is_whole
    assert (shown.top, shown.left) == (top, left)
    assert (shown.bottom - shown.top, shown.right - shown.left) == (24, 32)
    assert centre[0] in shown.rows
    assert centre[1] in shown.columns


def test_part__of_a_small_picture_is_all_of_it() -> None:
    assert part(Conv2d(out_channels=1), (1, 28, 28), (3, 3), (24, 32)).is_whole


def test_part__of_a_large_kernel_still_has_windows_to_walk() -> None:
    shown = part(Conv2d(out_channels=1, kernel_size=(31, 31)), (1, 380, 512), (100, 100), (24, 32))
    assert (len(shown.rows), len(shown.columns)) == (4, 4)


def test_walk__goes_row_by_row_and_back() -> None:
    walk = Walk(range(3, 6), range(10, 14))
    assert len(walk) == 12
    assert [walk.place(index) for index in (0, 3, 4, 11)] == [(3, 10), (3, 13), (4, 10), (5, 13)]
    assert all(walk.index(*walk.place(index)) == index for index in range(12))
    assert walk.index(0, 99) == 3


@pytest.mark.parametrize("size", [(1, 1), (20, 30), (25, 25), (378, 510), (1, 5000), (2000, 3)])
def test_walk__key_frames_are_few_in_order_and_reach_both_ends(size: tuple[int, int]) -> None:
    walk = Walk(range(size[0]), range(size[1]))
    frames = walk.key_frames()
    assert frames[0] == 0
    assert frames[-1] == len(walk) - 1
    assert (np.diff(frames) > 0).all()
    assert len(frames) <= 800
    assert len(frames) == len(walk) or len(walk) > 800


def test_sentence__names_the_window_and_its_cell() -> None:
    layer, x, output = given(Conv2d(out_channels=1, kernel_size=(5, 5), stride=(2, 2)), 25, 25)
    output = np.full_like(output, 3.2)
    walked = part(layer, (4, 25, 25), (0, 0))
    assert sentence(walked, 65, step(layer, x, output, 0, 0, 5, 10)) == (
        "window 66 of 121: rows 10–14, columns 20–24 → row 5, column 10 = 3.2"
    )


def test_sentence__says_padding_as_negative_and_lists_dilated_taps() -> None:
    layer, x, output = given(
        Conv2d(out_channels=1, kernel_size=(3, 5), dilation=(2, 2), padding=(1, 1)), 40, 40
    )
    shown = replace(step(layer, x, output, 0, 0, 0, 0), value=0.0)
    walked = part(layer, (4, 40, 40), (0, 0), (24, 24))
    assert sentence(walked, 0, shown) == (
        "window 1 of the 320 shown: rows −1, 1, 3, columns −1 to 7, every 2nd → row 0, column 0 = 0"
    )


def test_summary__says_what_is_rounded() -> None:
    layer = Conv2d(out_channels=1, kernel_size=(3, 5), stride=(2, 2), padding=(1, 2))
    assert summary(layer, (1, 380, 512)) == (
        "5 × 3 window, stride 2, padding 1 top, 1 bottom, 2 left, 2 right: 256 × 190 positions; "
        "rows 190.5 → 190 (floor), columns 256.5 → 256 (floor)"
    )
