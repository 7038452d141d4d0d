"""How much memory a network may use."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from explorer import memory


def test_limit__is_a_quarter_of_what_is_free_and_looked_at_once_a_second(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    free, asked, now = [8_000], [], [100.0]

    def virtual_memory() -> SimpleNamespace:
        asked.append(free[0])
        return SimpleNamespace(available=free[0])

    monkeypatch.setattr("explorer.memory.psutil", SimpleNamespace(virtual_memory=virtual_memory))
    monkeypatch.setattr("explorer.memory.time", SimpleNamespace(monotonic=lambda: now[0]))
    memory._available.cache_clear()
    assert memory.default_limit() == 2_000
    free[0], now[0] = 4_000, 100.9
    assert memory.default_limit() == 2_000
    now[0] = 101.0
    assert memory.default_limit() == 1_000
    assert asked == [8_000, 4_000]
    memory._available.cache_clear()
