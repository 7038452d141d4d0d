"""Which channels are in a shown sum: the first so many, without the muted ones, or the soloed ones alone."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Choice:
    """Of ``count`` channels. Where any are soloed, only they sound."""

    count: int
    upto: int
    muted: frozenset[int] = frozenset()
    solo: frozenset[int] = frozenset()

    @classmethod
    def all(cls, count: int) -> Choice:
        """Every channel."""
        return cls(count, count)

    def has(self, channel: int) -> bool:
        """Whether a channel is in the sum."""
        if self.solo:
            return channel in self.solo
        return channel < self.upto and channel not in self.muted

    @property
    def channels(self) -> tuple[int, ...]:
        """All that are in the sum."""
        return tuple(channel for channel in range(self.count) if self.has(channel))

    @property
    def is_everything(self) -> bool:
        """Whether the sum is the map."""
        return len(self.channels) == self.count

    def toggled_mute(self, channel: int) -> Choice:
        """Leave a channel out, or take it in again."""
        return replace(self, muted=self.muted ^ {channel})

    def toggled_solo(self, channel: int) -> Choice:
        """This channel alone with other soloed ones, or no longer."""
        return replace(self, solo=self.solo ^ {channel})

    def first(self, upto: int) -> Choice:
        """Only the first so many; nothing is soloed then."""
        return replace(self, upto=max(0, min(upto, self.count)), solo=frozenset())

    def words(self) -> str:
        """``sum of 3 of 32 channels``."""
        if self.is_everything:
            return f"sum of all {self.count} channels" if self.count > 1 else "the only channel"
        return f"sum of {len(self.channels)} of {self.count} channels"
