"""How long each layer takes, remembered from the last pass that computed all of it."""

from __future__ import annotations

from explorer.layers.forward import ForwardPass


class PassTimes:
    """Seconds by layer name.

    A pass takes over what did not change, and then a layer takes no time at all: what it took when it was last
    computed as a whole says more about it.
    """

    def __init__(self) -> None:
        self._seconds: dict[str, float] = {}

    def take(self, result: ForwardPass) -> None:
        """Learn from a pass."""
        names = result.network.names
        known = {name: seconds for name, seconds in self._seconds.items() if name in names}
        done = zip(names, result.layers, result.seconds, result.changes, strict=False)
        for name, layer, seconds, changes in done:
            if not layer.enabled:
                known[name] = 0.0
            elif changes is None or name not in known:
                known[name] = seconds
        self._seconds = known

    @property
    def total(self) -> float:
        """What all layers take together."""
        return sum(self._seconds.values())

    def of(self, name: str) -> float | None:
        """What a layer takes; None where it was not computed yet."""
        return self._seconds.get(name)
