"""Numbers as people write weights."""

from __future__ import annotations

import math

import pytest

from explorer.ui.numbers import parse_number


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0.0),
        ("-0.5", -0.5),
        ("+2", 2.0),
        (" 1 / 9 ", 1 / 9),
        ("-1/9", -1 / 9),
        ("1/-4", -0.25),
        ("sqrt(2)", math.sqrt(2)),
        ("-sqrt( 2 )", -math.sqrt(2)),
        ("1/sqrt(2)", 1 / math.sqrt(2)),
        ("1e5", 1e5),
        ("1E-3", 1e-3),
        (".5", 0.5),
        ("5.", 5.0),
        ("1,5", 1.5),
        ("−2", -2.0),
    ],
)
def test_number__is_read(text: str, value: float) -> None:
    assert parse_number(text) == pytest.approx(value)


_NONSENSE = "- + . nan inf -inf 1e999 1/0 1/2/3 sqrt(2 2) (2) 1,5,2 1;2 0x10 1_000 ½ 1e --1 1/ /2 sqrt(-1)"


@pytest.mark.parametrize("text", ["", " ", "1 2", "sqrt 2)", *_NONSENSE.split()])
def test_nonsense__is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        parse_number(text)


def test_largest__is_a_limit_on_both_sides() -> None:
    assert parse_number("1e6", 1e6) == 1e6
    for text in ("1000001", "-1000001"):
        with pytest.raises(ValueError, match="between"):
            parse_number(text, 1e6)


def test_long_text__is_cut_in_the_sentence() -> None:
    with pytest.raises(ValueError) as caught:
        parse_number("x" * 100_000)
    assert len(str(caught.value)) < 120
