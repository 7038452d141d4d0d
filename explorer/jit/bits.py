"""Instructions that choose between float32 numbers, or take them apart into sign, exponent and digits.

They work on vectors of any length.
"""

from __future__ import annotations

import struct
from typing import Any

from explorer.jit.compiler import VECTOR, ir

Value = Any
"""What an instruction results in; llvmlite has no types for mypy."""

_INT, _FLOAT = ir.IntType(32), ir.FloatType()


class Bits:
    """Writes these instructions; a part of the emitter."""

    def __init__(self, builder: Any) -> None:
        self._b = builder

    def where_below(self, a: Value, b: Value, then: Value, otherwise: Value) -> Value:
        """``then`` where a < b; ``otherwise`` elsewhere, and where one of them is NaN."""
        return self._b.select(self._b.fcmp_ordered("<", a, b), then, otherwise)

    def magnitude(self, a: Value) -> Value:
        """a without its sign."""
        return self._b.call(self._function(f"llvm.fabs.v{a.type.count}f32", a.type, [a.type]), [a])

    def with_sign(self, a: Value, b: Value) -> Value:
        """a with the sign of b, -0 and NaN included."""
        copy = self._function(f"llvm.copysign.v{a.type.count}f32", a.type, [a.type] * 2)
        return self._b.call(copy, [a, b])

    def nearest(self, a: Value) -> tuple[Value, Value]:
        """The nearest whole number (below 2**21 in size), as float32 and as int32.

        1.5 * 2**23 + n is a float32 number whose last bits are n: adding it rounds to a whole number, and shows it.
        """
        bits = ir.VectorType(_INT, a.type.count)
        shift = ir.Constant(a.type, [1.5 * 2**23] * a.type.count)
        shifted = self._b.fadd(a, shift)
        whole = self._b.sub(self._b.bitcast(shifted, bits), self._b.bitcast(shift, bits))
        return self._b.fsub(shifted, shift), whole

    def power_of_two(self, exponent: Value) -> Value:
        """2 to whole numbers (int32) from -126 to 127: the exponent bits of a float32 number."""
        kind, lanes = exponent.type, exponent.type.count
        biased = self._b.add(exponent, ir.Constant(kind, [127] * lanes))
        bits = self._b.shl(biased, ir.Constant(kind, [23] * lanes))
        return self._b.bitcast(bits, ir.VectorType(_FLOAT, lanes))

    def halves(self, exponent: Value) -> tuple[Value, Value]:
        """Two whole numbers (int32) that are nearly the same and whose sum is this."""
        half = self._b.ashr(exponent, ir.Constant(exponent.type, [1] * exponent.type.count))
        return half, self._b.sub(exponent, half)

    def nothing_large(self) -> Value:
        """Of no number yet, what :meth:`larger_size` keeps."""
        kind = ir.VectorType(_INT, VECTOR)
        return ir.Constant(kind, [0] * VECTOR)

    def larger_size(self, a: Value, b: Value) -> Value:
        """Keep in a how large numbers are at most, those of b included; NaN is larger than infinity.

        Without their signs, float32 numbers are in the order of their bits.
        """
        kind = a.type
        size = self._b.shl(self._b.bitcast(b, kind), ir.Constant(kind, [1] * kind.count))
        return self._b.select(self._b.icmp_unsigned(">", size, a), size, a)

    def any_exceeds(self, a: Value, limit: float) -> Value:
        """Whether one of the sizes that were kept is above a number."""
        kind = a.type
        bits = int.from_bytes(struct.pack("<f", limit), "little") << 1
        above = self._b.icmp_unsigned(">", a, ir.Constant(kind, [bits] * kind.count))
        truths = self._b.bitcast(above, ir.IntType(kind.count))
        return self._b.icmp_unsigned("!=", truths, ir.Constant(truths.type, 0))

    def largest(self, a: Value, b: Value) -> Value:
        """The larger of two numbers, NaN where one is NaN as in torch, in the fewest instructions.

        Processors have an instruction for ``a if a > b else b``, which forgets a NaN in a and keeps one in b. Taken
        both ways round, the two results are the same number, or one of them is NaN and stays so with bits added.
        """
        kind = ir.VectorType(_INT, a.type.count) if isinstance(a.type, ir.VectorType) else _INT
        one = self._b.select(self._b.fcmp_ordered(">", a, b), a, b)
        other = self._b.select(self._b.fcmp_ordered(">", b, a), b, a)
        bits = self._b.or_(self._b.bitcast(one, kind), self._b.bitcast(other, kind))
        return self._b.bitcast(bits, a.type)

    def _function(self, name: str, result: Any, arguments: list[Any]) -> Any:
        module = self._b.module
        return module.globals.get(name) or ir.Function(module, ir.FunctionType(result, arguments), name)
