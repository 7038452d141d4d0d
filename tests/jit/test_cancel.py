"""The flag that ends kernels early."""

from __future__ import annotations

import ctypes

from explorer.jit import CancelFlag


def test_flag__goes_up_and_stays_up() -> None:
    flag = CancelFlag()
    assert not flag.is_set
    flag.set()
    flag.set()
    assert flag.is_set


def test_flag__kernels_see_it_at_its_address() -> None:
    flag = CancelFlag()
    word = ctypes.c_int64.from_address(flag.address)
    assert word.value == 0
    flag.set()
    assert word.value == 1


def test_flag__each_has_a_word_of_its_own() -> None:
    first, second = CancelFlag(), CancelFlag()
    first.set()
    assert not second.is_set
