"""Instructions that put the numbers of vectors into another order, known when the code is written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from explorer.jit.compiler import VECTOR, ir

Value = Any
"""What an instruction results in; llvmlite has no types for mypy."""

_INT = ir.IntType(32)


class Order:
    """Writes these instructions; a part of the emitter."""

    _b: Any

    def pick(self, a: Value, b: Value, places: Sequence[int]) -> Value:
        """The numbers at ``places`` of a followed by b."""
        lanes = ir.VectorType(_INT, len(places))
        return self._b.shuffle_vector(a, b, ir.Constant(lanes, list(places)))

    def pair(self, a: Value, b: Value) -> Value:
        """Two vectors as one of twice the length."""
        return self.pick(a, b, range(2 * a.type.count))

    def every(self, vectors: Sequence[Value], first: int, step: int) -> Value:
        """Of vectors that follow one another, the numbers first, first + step, ... as one vector."""
        result, filled, lanes = vectors[0], 0, vectors[0].type.count
        for index, vector in enumerate(vectors):
            wanted = [first + lane * step - index * lanes for lane in range(lanes)]
            here = [lane for lane, place in enumerate(wanted) if 0 <= place < lanes]
            if not here:
                continue
            if filled == 0:
                places = [max(0, min(place, lanes - 1)) for place in wanted]
                result = self.pick(vector, vector, places)
            else:
                places = [lanes + wanted[lane] if lane in here else lane for lane in range(lanes)]
                result = self.pick(result, vector, places)
            filled += len(here)
        return result

    def sorted_by_phase(self, vectors: Sequence[Value]) -> list[Value]:
        """Of n vectors that follow one another, every n-th number from the first on, from the second on, ..."""
        count = len(vectors)
        if count % 2 or count == 2:
            return [self.every(vectors, phase, count) for phase in range(count)]
        pairs = [vectors[i : i + 2] for i in range(0, count, 2)]
        halves = [self.sorted_by_phase([self.every(pair, phase, 2) for pair in pairs]) for phase in (0, 1)]
        return [vector for both in zip(*halves, strict=True) for vector in both]

    def woven(self, vectors: Sequence[Value]) -> list[Value]:
        """Four vectors taken in turn: the first of each, then the second of each, ..."""
        a, b, c, d = vectors
        half = VECTOR // 2
        pairs = [[VECTOR * (i % 2) + start + i // 2 for i in range(VECTOR)] for start in (0, half)]
        fours = [
            [VECTOR * (i // 2 % 2) + start + i // 4 * 2 + i % 2 for i in range(VECTOR)] for start in (0, half)
        ]
        return [
            self.pick(self.pick(a, b, pair), self.pick(c, d, pair), four) for pair in pairs for four in fours
        ]

    def transposed(self, vectors: Sequence[Value]) -> list[Value]:
        """The first number of each of ``VECTOR`` vectors, the second of each, ...

        First within fours of numbers, which any processor does in one instruction, then fours as a whole.
        """
        columns: list[list[Value]] = [[], [], [], []]
        for i in range(0, VECTOR, 4):
            a, b, c, d = vectors[i : i + 4]
            for half in (0, 2):
                first, second = self._woven_fours(a, b, half), self._woven_fours(c, d, half)
                for side in (0, 2):
                    places = [
                        4 * (i // 4) + (i % 4 % 2) + side + VECTOR * (i % 4 // 2) for i in range(VECTOR)
                    ]
                    columns[half + side // 2].append(self.pick(first, second, places))
        rows = [self._transposed_fours(column) for column in columns]
        return [rows[index % 4][index // 4] for index in range(VECTOR)]

    def _woven_fours(self, a: Value, b: Value, half: int) -> Value:
        """Of each four of numbers the two from ``half`` on, of a and b in turn."""
        places = [4 * (i // 4) + half + i % 4 // 2 + VECTOR * (i % 2) for i in range(VECTOR)]
        return self.pick(a, b, places)

    def _transposed_fours(self, vectors: list[Value]) -> list[Value]:
        """The first four numbers of each of ``VECTOR`` / 4 vectors, the second four of each, ..."""
        if len(vectors) == 1:
            return vectors
        halves = []
        for phase in (0, 1):
            places = [(2 * (i // 4) + phase) * 4 + i % 4 for i in range(VECTOR)]
            pairs = [self.pick(vectors[k], vectors[k + 1], places) for k in range(0, len(vectors), 2)]
            halves.append(self._transposed_fours(pairs))
        return [vector for both in zip(*halves, strict=True) for vector in both]
