"""Names that every system accepts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.export.atomic import safe_name, unique_name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("conv2d_1", "conv2d_1"),
        ("Kanten ↗ 45°", "Kanten ↗ 45°"),
        ("a/b\\c:d", "a_b_c_d"),
        ("../../etc/passwd", ".._.._etc_passwd"),
        ("..", "unnamed"),
        ("", "unnamed"),
        ("line\nbreak\0", "line_break_"),
        ("trailing. . ", "trailing"),
        ("CON", "_CON"),
        ("nul.txt", "_nul.txt"),
        ("Com1", "_Com1"),
        ("COM10", "COM10"),
        ("u\u202etxt.exe", "u_txt.exe"),
        ("bad\ud800", "bad_"),
    ],
)
def test_safe_name__examples(text: str, name: str) -> None:
    assert safe_name(text) == name


@given(st.text(max_size=300))
def test_safe_name__is_always_one_harmless_name(text: str) -> None:
    name = safe_name(text)
    assert 0 < len(name.encode()) <= 121
    assert not set(name) & set('<>:"/\\|?*\0\n\r')
    assert name == name.strip().rstrip(".")
    assert safe_name(name) == name


def test_unique_name__numbers_what_is_taken() -> None:
    taken: set[str] = set()
    names = [unique_name(text, taken) for text in ("photo", "photo", "Photo", "photo-2", "a/b", "a_b")]
    assert names == ["photo", "photo-2", "Photo-3", "photo-2-2", "a_b", "a_b-2"]
