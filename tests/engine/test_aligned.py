"""Memory of large outputs is used again, but only once nobody looks at it."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import numpy as np
import pytest

from explorer.engine import aligned

LARGE = (300, 1024)


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    """Each test begins and ends with an empty pool."""
    aligned.forget()
    yield
    aligned.forget()


@pytest.mark.parametrize("shape", [(1,), (3, 5), LARGE, (7, 300, 333)], ids=str)
def test_empty__begins_on_a_cache_line(shape: tuple[int, ...]) -> None:
    array = aligned.empty(shape)
    assert array.shape == shape
    assert array.dtype == np.float32
    assert array.flags.c_contiguous
    assert array.flags.writeable
    assert array.ctypes.data % 64 == 0


def test_memory__comes_back_when_the_last_view_is_gone() -> None:
    array = aligned.empty(LARGE)
    array[...] = 5
    address, view = array.ctypes.data, array[7, 3:9]
    del array
    other = aligned.empty(LARGE)
    assert other.ctypes.data != address
    assert (view == 5).all()
    del view
    assert aligned.empty(LARGE).ctypes.data == address


def test_memory__that_is_much_too_large_is_not_taken() -> None:
    large = aligned.empty((4 * LARGE[0], LARGE[1]))
    address = large.ctypes.data
    del large
    assert aligned.empty(LARGE).ctypes.data != address


def test_memory__is_kept_up_to_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aligned, "_KEPT", 5 * 300 * 1024 * 4)
    arrays = [aligned.empty(LARGE) for _ in range(20)]
    arrays.clear()
    assert 0 < aligned.kept_bytes() <= 5 * 300 * 1024 * 4
    aligned.forget()
    assert aligned.kept_bytes() == 0


def test_memory__that_is_larger_than_the_limit_does_not_push_out_the_rest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(aligned, "_KEPT", 5 * 300 * 1024 * 4)
    array, large = aligned.empty(LARGE), aligned.empty((6 * LARGE[0], LARGE[1]))
    address = array.ctypes.data
    del array, large
    assert aligned.empty(LARGE).ctypes.data == address


def test_memory__is_never_given_to_two() -> None:
    wrong = []

    def work(number: int) -> None:
        for _ in range(200):
            array = aligned.empty(LARGE)
            array[:, :3] = number
            wrong.extend([number] if (array[:, :3] != number).any() else [])

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
