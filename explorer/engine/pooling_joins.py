"""How the numbers under a window become one: the largest, or a sum. For :mod:`.pooling_rows`.

Averages are summed in float64, in which the sum of float32 numbers is as good as exact, multiplied by 1 / count, and
rounded once. So a flat picture stays exactly as it is, which sums in float32 achieve for 2x2 only.
"""

from __future__ import annotations

from typing import Protocol

from explorer.jit.compiler import VECTOR
from explorer.jit.vector import BYTES, Emitter, Value

Pack = list[Value]
"""VECTOR numbers on their way: one vector of float32, or two of float64."""


class Join(Protocol):
    """How numbers become one."""

    size: int
    """Bytes of a number in a line, and of a scale."""

    def load(self, address: Value, offset: int) -> Pack:
        """VECTOR numbers of the picture."""

    def load_first(self, address: Value, count: Value) -> Pack:
        """``count`` numbers of the picture, and for the others what changes nothing."""

    def load_line(self, address: Value, offset: int) -> Pack:
        """VECTOR numbers of a line."""

    def load_one(self, address: Value) -> Value:
        """One number of a line."""

    def join(self, a: Value, b: Value) -> Value:
        """Two as one: vectors or single numbers."""

    def every(self, packs: list[Pack], first: int) -> Pack:
        """Of packs that follow one another, the numbers first, first + len(packs), ..."""

    def finish(self, pack: Pack, scales: Value) -> Value:
        """The outputs, as a vector of float32."""

    def finish_one(self, number: Value, scale: Value) -> Value:
        """One output."""


class Largest:
    """The largest number; NaN where one is NaN. The scales have no meaning."""

    size = 4

    def __init__(self, emitter: Emitter) -> None:
        self._e = emitter

    def load(self, address: Value, offset: int) -> Pack:
        return [self._e.load(address, offset)]

    def load_first(self, address: Value, count: Value) -> Pack:
        return [self._e.load_first(address, count, self._e.constant(float("-inf")))]

    def load_line(self, address: Value, offset: int) -> Pack:
        return [self._e.load(address, offset)]

    def load_one(self, address: Value) -> Value:
        return self._e.load_number(address)

    def join(self, a: Value, b: Value) -> Value:
        return self._e.largest(a, b)

    def every(self, packs: list[Pack], first: int) -> Pack:
        return [self._e.every([pack[0] for pack in packs], first, len(packs))]

    def finish(self, pack: Pack, scales: Value) -> Value:
        return pack[0]

    def finish_one(self, number: Value, scale: Value) -> Value:
        return number


class Sum:
    """The sum in float64, and then times its scale."""

    size = 8

    def __init__(self, emitter: Emitter) -> None:
        self._e = emitter

    def load(self, address: Value, offset: int) -> Pack:
        return [self._e.load_half(address, offset), self._e.load_half(address, offset + BYTES // 2)]

    def load_first(self, address: Value, count: Value) -> Pack:
        both = self._e.load_first(address, count, self._e.zero())
        halves = (range(VECTOR // 2), range(VECTOR // 2, VECTOR))
        return [self._e.widen(self._e.pick(both, both, places)) for places in halves]

    def load_line(self, address: Value, offset: int) -> Pack:
        return [self._e.load_doubles(address, offset), self._e.load_doubles(address, offset + BYTES)]

    def load_one(self, address: Value) -> Value:
        return self._e.load_real(address)

    def join(self, a: Value, b: Value) -> Value:
        return self._e.add(a, b)

    def every(self, packs: list[Pack], first: int) -> Pack:
        stride = len(packs)
        halves = [half for pack in packs for half in pack]
        return [self._e.every(part, first, stride) for part in (halves[:stride], halves[stride:])]

    def finish(self, pack: Pack, scales: Value) -> Value:
        low, high = (
            self._e.narrow(self._e.multiply(half, scale))
            for half, scale in zip(pack, self.load_line(scales, 0), strict=True)
        )
        return self._e.pick(low, high, range(VECTOR))

    def finish_one(self, number: Value, scale: Value) -> Value:
        return self._e.narrow(self._e.multiply(number, self._e.load_real(scale)))


class ShortSum(Largest):
    """The sum of at most 2 x 2 numbers, in float32: of equal numbers it is exact, and so is what it is divided by.

    Each number is divided by 4 first, so that the sum of large ones does not overflow. The scales are 4 / count.
    """

    def load(self, address: Value, offset: int) -> Pack:
        return [self._quarter(self._e.load(address, offset))]

    def load_first(self, address: Value, count: Value) -> Pack:
        return [self._quarter(self._e.load_first(address, count, self._e.zero()))]

    def join(self, a: Value, b: Value) -> Value:
        return self._e.add(a, b)

    def finish(self, pack: Pack, scales: Value) -> Value:
        return self._e.multiply(pack[0], self._e.load(scales))

    def _quarter(self, vector: Value) -> Value:
        return self._e.multiply(vector, self._e.constant(0.25))
