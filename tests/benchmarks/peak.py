"""The limit of this machine: multiply-adds on whole vectors that never leave the registers."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from llvmlite import ir
from numba.core import types

from explorer.jit import runner
from explorer.jit.compiler import MAXIMUM_THREADS, VECTOR, integer, machine_code, operation

_CHAINS = 12  # more than latency times units, 8, and few enough for 16 registers
_ROUNDS = 70_000  # about 0.1 ms
_ITEMS = 40

_WORD = ir.IntType(64)
_VECTOR = ir.VectorType(ir.FloatType(), VECTOR)


@machine_code
def _multiply_add(typingctx: Any, memory: Any, rounds: Any) -> Any:
    """Halve each of the numbers at ``memory`` and add 1/2, ``rounds`` times."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        b, (address, count) = builder, values
        places = [
            b.inttoptr(b.add(address, ir.Constant(_WORD, 4 * VECTOR * i)), _VECTOR.as_pointer())
            for i in range(_CHAINS)
        ]
        starts = [b.load(place, align=4) for place in places]
        half = ir.Constant(_VECTOR, [0.5] * VECTOR)
        kind = ir.FunctionType(_VECTOR, [_VECTOR] * 3)
        name = f"llvm.fmuladd.v{VECTOR}f32"
        multiply_add = b.module.globals.get(name) or ir.Function(b.module, kind, name)
        before, loop, done = b.block, b.append_basic_block("loop"), b.append_basic_block("done")
        b.branch(loop)
        b.position_at_end(loop)
        turn = b.phi(_WORD)
        numbers = [b.phi(_VECTOR) for _ in places]
        results = [b.call(multiply_add, [number, half, half]) for number in numbers]
        following = b.add(turn, ir.Constant(_WORD, 1))
        turn.add_incoming(ir.Constant(_WORD, 0), before)
        turn.add_incoming(following, loop)
        for number, start, result in zip(numbers, starts, results, strict=True):
            number.add_incoming(start, before)
            number.add_incoming(result, loop)
        b.cbranch(b.icmp_signed("<", following, count), loop, done)
        b.position_at_end(done)
        for place, result in zip(places, results, strict=True):
            b.store(result, place, align=4)
        return context.get_dummy_value()

    return types.void(types.int64, types.int64), generate


@operation
def _spin(item: int, worker: int, arguments: int) -> None:
    _multiply_add(integer(arguments, 0) + worker * integer(arguments, 1), integer(arguments, 2))


class Peak:
    """A competitor that multiplies and adds without reading memory."""

    flops = 2.0 * _CHAINS * VECTOR * _ROUNDS * _ITEMS  # of one call, of either kind

    def __init__(self) -> None:
        source = np.random.default_rng(0)
        self._memory: npt.NDArray[np.float32] = source.random((MAXIMUM_THREADS, 64 * VECTOR), np.float32)

    def on_all_threads(self) -> None:
        """As many threads as are set."""
        runner.run(_spin, _ITEMS, (self._memory, self._memory.strides[0], _ROUNDS))

    def on_one_thread(self) -> None:
        """The calling one."""
        runner.run_here(_spin, (self._memory, self._memory.strides[0], _ROUNDS * _ITEMS))
