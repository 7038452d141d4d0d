"""The heart of convolution: a block of outputs kept in registers while all taps are added.

A processor can start two multiply-adds on whole vectors in every cycle, but a load for each of them is too much. So a
block of ``MR`` output channels times ``NV`` vectors of one output row is held in registers, and each tap costs only
``NV`` loads of input and ``MR`` of weights for ``MR * NV`` multiply-adds::

                     NV vectors of one output row
                   +--------+--------+--------+
      channel 0    | acc00  | acc01  | acc02  |      for every tap t (channel, kernel row, kernel column):
      channel 1    | acc10  | acc11  | acc12  |          xv  = NV vectors of input at x + offsets[t]
         ...       |        |        |        |          wm  = weight[m][t], spread over a vector
      channel MR-1 |        |        |        |          acc[m][v] += wm * xv[v]
                   +--------+--------+--------+

Everything that makes one convolution differ from another, kernel size, dilation, channels, is in the table of
offsets. LLVM does not find this form by itself: it keeps one row, not a block, in registers. So the block is written
down as vector code here, one function for each (MR, NV), and LLVM only assigns the registers.

Rounding errors grow with the number of products in one chain, so after ``CHAIN`` taps the block is added to the output
in memory and a new chain begins.

Sources: Van Zee and van de Geijn, "BLIS" (2015) for the block in registers; Georganas et al., "Anatomy of
High-Performance Deep Learning Convolutions on SIMD Architectures" (2018) for direct convolution by offsets.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from explorer.jit.compiler import REGISTERS, VECTOR, ir, machine_code, types

CHAIN = 512
MOST_ROWS, MOST_VECTORS = 8, 4
_KINDS = 8

_FLOAT, _INT, _WORD = ir.FloatType(), ir.IntType(32), ir.IntType(64)
_VECTOR = ir.VectorType(_FLOAT, VECTOR)
_BYTES = 4 * VECTOR


def fits(rows: int, vectors: int) -> bool:
    """Whether such a block leaves registers for its inputs and one weight."""
    return rows * vectors + vectors + 1 <= REGISTERS


@machine_code
def multiply_block(
    typingctx: Any,
    x: Any,
    offsets: Any,
    taps: Any,
    weight: Any,
    weight_stride: Any,
    bias: Any,
    y: Any,
    y_stride: Any,
    rows: Any,
    vectors: Any,
) -> Any:
    """Compute one block of ``rows`` channels times ``vectors`` vectors of one output row.

    All arguments are int64: addresses, strides in bytes, and counts. ``offsets`` are int32, in bytes. A block that does
    not fit the registers is not computed.
    """

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        end = builder.append_basic_block("block_done")
        kind = builder.add(builder.mul(values[8], _word(_KINDS)), values[9])
        choice = builder.switch(kind, end)
        for m in range(1, MOST_ROWS + 1):
            for v in range(1, MOST_VECTORS + 1):
                if fits(m, v):
                    case = builder.append_basic_block(f"block_{m}_{v}")
                    choice.add_case(_word(m * _KINDS + v), case)
                    builder.position_at_end(case)
                    _Block(builder, m, v, values).emit()
                    builder.branch(end)
        builder.position_at_end(end)
        return context.get_dummy_value()

    return types.void(*[types.int64] * 10), generate


class _Block:
    """Writes the instructions of one block."""

    def __init__(self, builder: Any, rows: int, vectors: int, values: Any) -> None:
        self._b = builder
        self._rows, self._vectors = rows, vectors
        self._x, self._offsets, self._taps, self._weight = values[:4]
        self._weight_stride, self._bias, self._y, self._y_stride = values[4:8]
        self._fma = _declare(
            builder.module, f"llvm.fmuladd.v{VECTOR}f32", ir.FunctionType(_VECTOR, [_VECTOR] * 3)
        )

    def emit(self) -> None:
        """All chains: the first starts from the bias and is stored, later ones start from 0 and are added."""
        b = self._b
        start = [self._splat(self._load(self._bias, 4 * m, _FLOAT)) for m in range(self._rows)]
        zero = ir.Constant(_VECTOR, [0.0] * VECTOR)
        before = b.block
        chain, added, stored, next_, end = (
            b.append_basic_block(name) for name in ("chain", "added", "stored", "next", "end")
        )
        b.branch(chain)
        b.position_at_end(chain)
        first = b.phi(_WORD)
        first.add_incoming(_word(0), before)
        is_first = b.icmp_signed("==", first, _word(0))
        begin = [b.select(is_first, start[m], zero) for m in range(self._rows)]
        far = b.add(first, _word(CHAIN))
        last = b.select(b.icmp_signed("<", far, self._taps), far, self._taps)
        acc = self._taps_loop(first, last, begin)
        b.cbranch(is_first, stored, added)
        b.position_at_end(stored)
        self._each(lambda m, v, place: b.store(acc[m][v], place, align=4))
        b.branch(next_)
        b.position_at_end(added)
        self._each(lambda m, v, place: b.store(b.fadd(b.load(place, align=4), acc[m][v]), place, align=4))
        b.branch(next_)
        b.position_at_end(next_)
        first.add_incoming(last, next_)
        b.cbranch(b.icmp_signed("<", last, self._taps), chain, end)
        b.position_at_end(end)

    def _taps_loop(self, first: Any, last: Any, begin: list[Any]) -> list[list[Any]]:
        b = self._b
        before = b.block
        loop, done = b.append_basic_block("taps"), b.append_basic_block("taps_done")
        b.branch(loop)
        b.position_at_end(loop)
        t = b.phi(_WORD)
        t.add_incoming(first, before)
        acc = [[b.phi(_VECTOR) for _ in range(self._vectors)] for _ in range(self._rows)]
        t4 = b.mul(t, _word(4))
        source = b.add(self._x, b.sext(self._load(b.add(self._offsets, t4), 0, _INT), _WORD))
        inputs = [self._load(source, v * _BYTES, _VECTOR) for v in range(self._vectors)]
        weights = b.add(self._weight, t4)
        results = []
        for m in range(self._rows):
            w = self._splat(self._load(b.add(weights, b.mul(self._weight_stride, _word(m))), 0, _FLOAT))
            results.append([b.call(self._fma, [w, inputs[v], acc[m][v]]) for v in range(self._vectors)])
            for v in range(self._vectors):
                acc[m][v].add_incoming(begin[m], before)
                acc[m][v].add_incoming(results[m][v], loop)
        following = b.add(t, _word(1))
        t.add_incoming(following, loop)
        b.cbranch(b.icmp_signed("<", following, last), loop, done)
        b.position_at_end(done)
        return results

    def _each(self, write: Callable[[int, int, Any], Any]) -> None:
        """Call ``write`` with the place of every vector of the output block."""
        b = self._b
        for m in range(self._rows):
            row = b.add(self._y, b.mul(self._y_stride, _word(m)))
            for v in range(self._vectors):
                write(m, v, b.inttoptr(b.add(row, _word(v * _BYTES)), _VECTOR.as_pointer()))

    def _load(self, address: Any, offset: int, kind: Any) -> Any:
        place = self._b.add(address, _word(offset)) if offset else address
        return self._b.load(self._b.inttoptr(place, kind.as_pointer()), align=4)

    def _splat(self, value: Any) -> Any:
        b = self._b
        single = b.insert_element(ir.Constant(_VECTOR, ir.Undefined), value, ir.Constant(_INT, 0))
        return b.shuffle_vector(
            single, ir.Constant(_VECTOR, ir.Undefined), ir.Constant(ir.VectorType(_INT, VECTOR), [0] * VECTOR)
        )


def _word(value: int) -> Any:
    return ir.Constant(_WORD, value)


def _declare(module: Any, name: str, kind: Any) -> Any:
    return module.globals.get(name) or ir.Function(module, kind, name)
