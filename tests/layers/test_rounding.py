"""Where windows lie, what no window sees, and the edits that give a wished size."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from explorer.layers import AvgPool2d, Conv2d, MaxPool2d, rounding
from explorer.layers.fields import Padding, Size
from explorer.layers.layer import Shape, ShapeError, replace_field
from explorer.layers.sliding import SlidingLayer
from tests.layers.contract import takes

many = settings(max_examples=150, deadline=None, derandomize=True, database=None)
PAIRS = st.tuples(st.integers(1, 4), st.integers(1, 4))
PADDINGS: st.SearchStrategy[Padding] = st.one_of(
    st.just("same"),
    st.tuples(st.integers(0, 3), st.integers(0, 3)),
    st.tuples(*[st.integers(0, 3)] * 4),
)


@st.composite
def layers(draw: st.DrawFn) -> SlidingLayer:
    """Any convolution or pooling; a convolution that adds up what it sees."""
    size, padding = draw(PAIRS), draw(PADDINGS)
    stride, dilation = draw(PAIRS), draw(st.sampled_from([(1, 1), (2, 1), (2, 3)]))
    kind = draw(st.sampled_from(["conv", "max", "average"]))
    if kind == "conv":
        ones = np.ones((1, 1, *size), np.float32)
        return Conv2d(
            out_channels=1, kernel_size=size, stride=stride, padding=padding, dilation=dilation, weight=ones
        )
    own = draw(st.sampled_from([None, stride]))
    ceil = draw(st.booleans())
    if kind == "max":
        return MaxPool2d(kernel_size=size, stride=own, padding=padding, ceil_mode=ceil, dilation=dilation)
    return AvgPool2d(kernel_size=size, stride=own, padding=padding, ceil_mode=ceil)


def seen(layer: SlidingLayer, size: Size) -> np.ndarray:
    """Which pixels change the output, found by perturbing one after the other."""
    running = layer.fit((1, *size))
    base = running.forward(np.zeros((1, 1, *size), np.float32))
    result = np.zeros(size, bool)
    for row in range(size[0]):
        for column in range(size[1]):
            x = np.zeros((1, 1, *size), np.float32)
            x[0, 0, row, column] = 1
            result[row, column] = not np.array_equal(running.forward(x), base)
    return result


@many
@given(layers(), st.tuples(st.integers(1, 11), st.integers(1, 11)))
def test_unused_and_positions__against_a_perturbed_pixel(layer: SlidingLayer, size: Size) -> None:
    shape = (1, *size)
    assume(takes(layer, shape))
    rows, columns = rounding.positions(layer, shape)
    assert (len(rows), len(columns)) == layer.output_size(shape)
    window = layer.sliding_window
    inside = [np.zeros(side, bool) for side in size]
    for axis, starts in enumerate((rows, columns)):
        for start in starts:
            for tap in range(window.kernel_size[axis]):
                pixel = start + tap * window.dilation[axis]
                if 0 <= pixel < size[axis]:
                    inside[axis][pixel] = True
    assert (seen(layer, size) == np.outer(*inside)).all()
    for axis, unused in enumerate(rounding.unused(layer, shape)):
        last = np.flatnonzero(inside[axis])
        assert unused == size[axis] - 1 - (last[-1] if len(last) else -1)


@many
@given(layers(), st.tuples(st.integers(1, 30), st.integers(1, 30)))
def test_axes__add_up(layer: SlidingLayer, size: Size) -> None:
    shape = (1, *size)
    assume(takes(layer, shape))
    for axis in rounding.axes(layer, shape):
        covered = (axis.outputs - 1) * axis.stride + axis.span
        assert axis.size + axis.before + axis.after == covered + axis.left_over - axis.overhang
        assert axis.left_over == 0 or axis.overhang == 0
        assert axis.rounds_up or axis.outputs == math.floor(axis.exact)
        assert axis.rounds_up or axis.overhang == 0
    rounded = any(axis.exact != axis.outputs for axis in rounding.axes(layer, shape))
    assert bool(rounding.short(layer, shape)) == rounded


def test_short__a_stride_that_does_not_divide() -> None:
    layer = Conv2d(kernel_size=(3, 3), stride=(2, 2))
    assert rounding.short(layer, (3, 376, 508)) == "rows 187.5 → 187 (floor), columns 253.5 → 253 (floor)"
    assert rounding.unused(layer, (3, 376, 508)) == (1, 1)
    assert rounding.short(layer, (3, 377, 508)) == "columns 253.5 → 253 (floor)"
    assert rounding.short(layer, (3, 377, 509)) == ""


def test_short__pooling_up_and_down() -> None:
    shape: Shape = (5, 93, 126)
    assert rounding.short(MaxPool2d(), shape) == "rows 46.5 → 46 (floor)"
    assert rounding.short(MaxPool2d(ceil_mode=True), shape) == "rows 46.5 → 47 (ceil)"
    assert rounding.unused(MaxPool2d(), shape) == (1, 0)
    assert rounding.unused(MaxPool2d(ceil_mode=True), shape) == (0, 0)
    rows, columns = rounding.axes(MaxPool2d(ceil_mode=True), shape)
    assert (rows.overhang, columns.overhang) == (1, 0)
    for layer in (MaxPool2d(), MaxPool2d(ceil_mode=True), AvgPool2d()):
        assert rounding.alternatives(layer, shape) == "46 rows with floor, 47 with ceil"
    assert rounding.alternatives(MaxPool2d(), (5, 93, 127)) == (
        "46 rows with floor, 47 with ceil; 63 columns with floor, 64 with ceil"
    )
    assert rounding.alternatives(MaxPool2d(), (5, 92, 126)) == ""
    assert rounding.alternatives(MaxPool2d(padding="same"), shape) == ""
    assert rounding.alternatives(Conv2d(stride=(2, 2)), shape) == ""


def test_short__says_where_the_last_window_is_dropped() -> None:
    layer = MaxPool2d(stride=(3, 3), ceil_mode=True)
    assert rounding.short(layer, (1, 6, 5)) == ("rows 2.333 → 2 (ceil, less a window outside the picture)")
    assert rounding.unused(layer, (1, 6, 5)) == (1, 0)
    assert rounding.alternatives(layer, (1, 6, 5)) == ""


def test_short__padding_that_is_left_over_is_no_part_of_the_picture() -> None:
    layer = Conv2d(kernel_size=(3, 3), stride=(2, 2), padding=(1, 1))
    assert rounding.short(layer, (1, 380, 381)) == "rows 190.5 → 190 (floor)"
    assert rounding.unused(layer, (1, 380, 381)) == (0, 0)


def test_short__dilation_counts_what_the_taps_span() -> None:
    layer = Conv2d(kernel_size=(3, 3), stride=(2, 2), dilation=(2, 2))
    rows, columns = rounding.axes(layer, (1, 10, 11))
    assert (rows.span, rows.outputs, rows.left_over) == (5, 3, 1)
    assert (columns.outputs, columns.left_over) == (4, 0)
    assert rounding.short(layer, (1, 10, 11)) == "rows 3.5 → 3 (floor)"


def test_positions__25_by_25_under_5_by_5_with_stride_2() -> None:
    layer = Conv2d(kernel_size=(5, 5), stride=(2, 2))
    assert rounding.positions(layer, (1, 25, 25)) == (tuple(range(0, 21, 2)),) * 2
    assert rounding.unused(layer, (1, 25, 25)) == (0, 0)


def test_positions__start_in_the_padding() -> None:
    layer = Conv2d(padding=(2, 0, 1, 1))
    assert rounding.positions(layer, (1, 4, 3)) == ((-2, -1, 0, 1), (-1, 0, 1))


def test_same_sentence__says_what_is_added_where() -> None:
    def sentence(rows: int, columns: int, stride: int = 1, size: int = 9) -> str:
        layer = Conv2d(kernel_size=(rows, columns), stride=(stride, stride), padding="same")
        return rounding.same_sentence(layer, (1, size, size))

    assert sentence(3, 3) == "same: 1 row above, 1 below, 1 column left, 1 right"
    assert sentence(2, 2) == "same: 0 rows above, 1 below, 0 columns left, 1 right"
    assert sentence(4, 5) == "same: 1 row above, 2 below, 2 columns left, 2 right"
    assert sentence(3, 3, stride=2, size=6) == "same: 0 rows above, 1 below, 0 columns left, 1 right"
    assert sentence(1, 1) == "same: no padding needed here"
    assert rounding.same_sentence(Conv2d(padding=(1, 1)), (1, 9, 9)) == ""


@pytest.mark.parametrize("shape", [(1, 2, 9), (12,)])
def test_rounding__is_silent_where_the_layer_does_not_fit(shape: Shape) -> None:
    layer = Conv2d(kernel_size=(5, 5))
    with pytest.raises(ShapeError):
        rounding.axes(layer, shape)
    assert rounding.short(layer, shape) == ""
    assert rounding.alternatives(MaxPool2d(kernel_size=(5, 5)), shape) == ""
    assert rounding.same_sentence(Conv2d(padding="same"), (12,)) == ""
    assert rounding.unused(layer, shape) == (0, 0)
    assert rounding.positions(layer, shape) == ((), ())


def labels(layer: SlidingLayer, size: Size, wanted: Size) -> list[str]:
    """What is offered, after a look at every offer."""
    fixes = rounding.wishes(layer, (1, *size), wanted)
    for fix in fixes:
        (changed,) = fix.layers
        assert changed.output_shape((1, *size))[1:] == wanted
        assert type(changed) is type(layer)
    assert len(fixes) <= 4
    return [fix.label for fix in fixes]


def test_wishes__padding_comes_first() -> None:
    assert labels(Conv2d(kernel_size=(5, 5)), (28, 28), (28, 28))[:2] == ["Padding 2", "same"]
    assert labels(Conv2d(kernel_size=(3, 5)), (28, 28), (28, 28))[0] == "Padding 1×2"


def test_wishes__an_odd_row_goes_to_one_side() -> None:
    assert labels(Conv2d(kernel_size=(4, 4)), (28, 28), (28, 28))[:2] == ["same", "Padding (1, 2, 1, 2)"]


def test_wishes__a_stride_and_the_padding_it_needs() -> None:
    assert labels(Conv2d(), (56, 56), (28, 28))[:2] == ["Stride 2, padding 1", "Stride 2, same"]
    assert labels(Conv2d(stride=(2, 2)), (28, 28), (28, 28))[0] == "Stride 1, padding 1"
    assert labels(Conv2d(padding="same"), (28, 28), (14, 14))[0] == "Stride 2"
    assert labels(MaxPool2d(), (224, 224), (28, 28)) == ["Stride 8", "Stride 8, same", "Window 8"]


def test_wishes__pooling_rounds_up() -> None:
    assert labels(MaxPool2d(), (93, 126), (47, 63))[0] == "Round up"
    assert labels(AvgPool2d(ceil_mode=True), (93, 126), (46, 63))[0] == "Round down"


def test_wishes__rows_and_columns_may_need_different_numbers() -> None:
    assert labels(Conv2d(), (380, 512), (28, 28))[0] == "Stride 14×19, padding 2"
    assert labels(AvgPool2d(kernel_size=(3, 3), stride=(2, 2)), (30, 40), (28, 28)) == [
        "Window 3×13, stride 1, padding 0"
    ]


def test_wishes__padding_wider_than_the_window_only_where_nothing_else_helps() -> None:
    assert labels(Conv2d(), (10, 10), (28, 28))[0] == "Padding 10"
    assert "Padding 15" not in labels(Conv2d(stride=(2, 2)), (28, 28), (28, 28))


def test_wishes__nothing_where_it_is_so_already_or_cannot_be() -> None:
    assert labels(Conv2d(), (30, 30), (28, 28)) == []
    assert labels(MaxPool2d(), (4, 4), (28, 28)) == []
    assert labels(Conv2d(), (30, 30), (0, 28)) == []
    assert rounding.wishes(Conv2d(), (12,), (28, 28)) == ()


def test_wishes__help_a_layer_that_does_not_fit() -> None:
    assert labels(Conv2d(kernel_size=(7, 7)), (5, 5), (5, 5))[:2] == ["Padding 3", "same"]


def test_wishes__keep_what_was_drawn() -> None:
    weight = np.ones((8, 1, 3, 3), np.float32)
    weight.flags.writeable = False
    (changed,) = rounding.wishes(Conv2d(weight=weight, name="edges"), (1, 28, 28), (28, 28))[0].layers
    assert isinstance(changed, Conv2d)
    assert changed.weight is weight
    assert changed.name == "edges"


@many
@given(layers(), st.tuples(st.integers(1, 40), st.integers(1, 40)), PADDINGS)
def test_wishes__a_size_that_padding_gives_is_found(
    layer: SlidingLayer, size: Size, padding: Padding
) -> None:
    target = replace_field(layer, "padding", padding)
    assert isinstance(target, SlidingLayer)
    assume(takes(target, (1, *size)))
    wanted = target.output_size((1, *size))
    assume(not takes(layer, (1, *size)) or layer.output_size((1, *size)) != wanted)
    assert labels(layer, size, wanted)
