"""The arithmetic of sliding windows against windows that were counted."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from explorer.engine import windows
from tests import reference


def test_output_size__agrees_with_counting() -> None:
    for size, kernel, stride, dilation in itertools.product(
        range(1, 12), (1, 2, 3, 5), (1, 2, 3, 4), (1, 2, 3)
    ):
        for before, after in ((0, 0), (1, 1), (0, 1), (kernel - 1, kernel - 1)):
            arguments = size, kernel, stride, before, after, dilation
            counted = reference.output_size(*arguments)
            assert max(windows.output_size(*arguments), 0) == counted, arguments


def test_output_size__agrees_with_counting_under_ceil_mode() -> None:
    for size, kernel, stride, dilation in itertools.product(
        range(1, 12), (1, 2, 3, 5), (1, 2, 3, 4), (1, 2, 3)
    ):
        for padding in range((kernel + 1) // 2):
            arguments = size, kernel, stride, padding, padding, dilation, True
            counted = reference.output_size(*arguments)
            assert max(windows.output_size(*arguments), 0) == counted, arguments


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((380, 5, 1, 0, 0), 376),
        ((376, 3, 2, 0, 0), 187),  # 187.5 is rounded down
        ((187, 2, 2, 0, 0), 93),
        ((187, 2, 2, 0, 0, 1, True), 94),
        ((28, 5, 1, 2, 2), 28),
        ((25, 5, 2, 0, 0), 11),
        ((7, 3, 1, 0, 0, 3), 1),
        ((6, 2, 3, 0, 0, 1, True), 2),
        ((4, 1, 2, 0, 0, 1, True), 2),  # a third window would start behind the picture
        ((3, 2, 2, 1, 1, 1, True), 2),  # so would this one, in the padding
    ],
)
def test_output_size__worked_examples(arguments: tuple[Any, ...], expected: int) -> None:
    assert windows.output_size(*arguments) == expected


def test_output_size__is_not_positive_where_nothing_fits() -> None:
    assert windows.output_size(4, 5, 1, 0, 0) <= 0
    assert windows.output_size(4, 3, 1, 0, 0, 2) <= 0
    assert windows.output_size(2, 5, 1, 1, 1) <= 0


def test_same_padding__agrees_with_searching() -> None:
    for size, kernel, stride, dilation in itertools.product(
        range(1, 14), range(1, 6), range(1, 5), (1, 2, 3)
    ):
        arguments = size, kernel, stride, dilation
        assert windows.same_padding(*arguments) == reference.same_padding(*arguments), arguments


def test_same_padding__gives_input_divided_by_stride_rounded_up() -> None:
    for size, kernel, stride, dilation in itertools.product(
        range(1, 14), range(1, 6), range(1, 5), (1, 2, 3)
    ):
        before, after = windows.same_padding(size, kernel, stride, dilation)
        assert windows.output_size(size, kernel, stride, before, after, dilation) == -(-size // stride)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((5, 3, 1), (1, 1)),
        ((5, 2, 1), (0, 1)),
        ((6, 3, 2), (0, 1)),
        ((5, 3, 2), (1, 1)),
        ((9, 3, 1, 2), (2, 2)),
    ],
)
def test_same_padding__puts_the_odd_one_behind(arguments: tuple[int, ...], expected: tuple[int, int]) -> None:
    assert windows.same_padding(*arguments) == expected


@pytest.mark.parametrize(
    ("layers", "size", "jump"),
    [
        ([(5, 1), (2, 2), (3, 2), (2, 2)], 14, 8),
        ([(3, 1), (2, 2), (3, 1), (2, 2)], 10, 4),
        ([(5, 1), (2, 2), (5, 1), (2, 2)], 16, 4),
        ([(3, 1), (3, 1), (2, 2)], 6, 2),
        ([], 1, 1),
    ],
)
def test_grow__receptive_fields_of_the_tutorials(layers: list[tuple[int, int]], size: int, jump: int) -> None:
    field = 1, 1
    for kernel, stride in layers:
        field = windows.grow(*field, kernel, stride)
    assert field == (size, jump)


def test_grow__agrees_with_tracing_back_what_an_output_sees() -> None:
    for stack in itertools.product([(1, 1, 1), (3, 1, 1), (2, 2, 1), (3, 2, 2), (4, 1, 3)], repeat=3):
        field = 1, 1
        for kernel, stride, dilation in stack:
            field = windows.grow(*field, kernel, stride, dilation)
        assert field == reference.receptive_field(stack), stack
