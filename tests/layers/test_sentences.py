"""How an output size comes about, in words."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.engine import windows
from explorer.layers import AvgPool2d, Conv2d, Layer, MaxPool2d, ReLU
from explorer.layers.layer import Shape
from explorer.layers.sentences import one_side, rows_and_columns


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((380, 5, 1, (0, 0), 1, False), "(380 + 2*0 - 5) / 1 + 1 = 376"),
        ((376, 3, 2, (0, 0), 1, False), "(376 + 2*0 - 3) / 2 + 1 = 187.5 → 187 (floor)"),
        ((93, 2, 2, (0, 0), 1, False), "(93 + 2*0 - 2) / 2 + 1 = 46.5 → 46 (floor)"),
        ((93, 2, 2, (0, 0), 1, True), "(93 + 2*0 - 2) / 2 + 1 = 46.5 → 47 (ceil)"),
        ((28, 5, 1, (2, 2), 1, False), "(28 + 2*2 - 5) / 1 + 1 = 28"),
        ((6, 3, 2, (0, 1), 1, False), "(6 + 0 + 1 - 3) / 2 + 1 = 3"),
        ((32, 3, 1, (0, 0), 2, False), "(32 + 2*0 - (2*(3 - 1) + 1)) / 1 + 1 = 28"),
        ((10, 2, 3, (0, 0), 1, False), "(10 + 2*0 - 2) / 3 + 1 = 3.667 → 3 (floor)"),
        ((64001, 2, 64, (0, 0), 1, False), "(64001 + 2*0 - 2) / 64 + 1 = 1000.984 → 1000 (floor)"),
        (
            (4, 1, 2, (0, 0), 1, True),
            "(4 + 2*0 - 1) / 2 + 1 = 2.5 → 2 (ceil, less a last window that would start in the padding)",
        ),
    ],
)
def test_one_side__puts_in_the_numbers(
    arguments: tuple[int, int, int, tuple[int, int], int, bool], sentence: str
) -> None:
    assert one_side(*arguments) == sentence


def test_rows_and_columns__say_which_is_which() -> None:
    assert rows_and_columns((380, 512), (5, 5), (1, 1), (0, 0, 0, 0)) == (
        "Rows: (380 + 2*0 - 5) / 1 + 1 = 376",
        "Columns: (512 + 2*0 - 5) / 1 + 1 = 508",
    )


@pytest.mark.parametrize(
    ("layer", "shape", "rows"),
    [
        (Conv2d(kernel_size=(3, 3), stride=(2, 2)), (3, 376, 508), "187.5 → 187 (floor)"),
        (MaxPool2d(ceil_mode=True), (5, 93, 126), "46.5 → 47 (ceil)"),
        (MaxPool2d(), (5, 93, 126), "46.5 → 46 (floor)"),
        (Conv2d(kernel_size=(2, 2), padding="same"), (1, 3, 3), "(3 + 0 + 1 - 2) / 1 + 1 = 3"),
        (AvgPool2d(padding="same", ceil_mode=True), (1, 7, 7), "(7 + 0 + 1 - 2) / 2 + 1 = 4"),
    ],
    ids=str,
)
def test_sentences__of_a_layer(layer: Layer, shape: Shape, rows: str) -> None:
    first, second = layer.sentences(shape)
    assert first.startswith("Rows: ")
    assert first.endswith(rows)
    assert second.startswith("Columns: ")


def test_sentences__where_nothing_slides_there_are_none() -> None:
    assert ReLU().sentences((3, 5, 5)) == ()


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(
    st.integers(1, 300),
    st.integers(1, 9),
    st.integers(1, 9),
    st.integers(0, 8),
    st.integers(0, 8),
    st.booleans(),
)
def test_one_side__says_the_true_size_and_its_own_arithmetic(
    size: int, kernel: int, stride: int, before: int, after: int, ceil_mode: bool
) -> None:
    before, after = min(before, kernel - 1), min(after, kernel - 1)
    outputs = windows.output_size(size, kernel, stride, before, after, 1, ceil_mode)
    sentence = one_side(size, kernel, stride, (before, after), 1, ceil_mode)
    formula, _, result = sentence.partition(" = ")
    exact = result.split(" → ")[0]
    assert eval(formula) == pytest.approx(float(exact), abs=6e-4)
    said = result.partition(" → ")[2].split(" (")[0] or exact
    assert int(said) == outputs
