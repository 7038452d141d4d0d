"""Vector instructions, written down where the compiler would not find them by itself.

A function decorated with :func:`vector_code` is given an :class:`Emitter` and the values of its arguments, all int64:
addresses, distances in bytes, and counts. It does not compute anything, it writes the instructions that will, in
LLVM's language; operations then call it like any function, and it becomes part of them. Python's ``for`` writes the
same lines again and again (an unrolled loop); ``emitter.loop`` writes a loop.

A vector holds ``VECTOR`` float32 numbers, as many as a register of the processor, or half as many float64 numbers.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from explorer.jit.bits import Bits
from explorer.jit.compiler import VECTOR, ir, machine_code, types
from explorer.jit.order import Order

Value = Any
"""What an instruction results in; llvmlite has no types for mypy."""

BYTES = 4 * VECTOR
"""Of a vector in memory."""

_WORD, _INT, _BIT = ir.IntType(64), ir.IntType(32), ir.IntType(1)
_FLOAT, _DOUBLE = ir.FloatType(), ir.DoubleType()


class Variable:
    """A number or a vector that changes while the code runs. It lives in a register, memory is only its notation."""

    def __init__(self, builder: Any, value: Value) -> None:
        self._builder = builder
        with builder.goto_entry_block():
            self._place = builder.alloca(value.type)
        self.set(value)

    def get(self) -> Value:
        """Its value now."""
        return self._builder.load(self._place)

    def set(self, value: Value) -> None:
        """Give it a value."""
        self._builder.store(value, self._place)


class Emitter(Bits, Order):
    """Writes instructions. Addresses and counts are int64, ``offset`` is in bytes and may be a Python number."""

    # whole numbers

    def word(self, value: int) -> Value:
        """A constant."""
        return ir.Constant(_WORD, value)

    def plus(self, a: Value, b: Value | int) -> Value:
        """a + b"""
        return a if isinstance(b, int) and b == 0 else self._b.add(a, self._whole(b))

    def minus(self, a: Value, b: Value | int) -> Value:
        """a - b"""
        return self._b.sub(a, self._whole(b))

    def times(self, a: Value, b: Value | int) -> Value:
        """a * b"""
        return self._b.mul(a, self._whole(b))

    def quotient(self, a: Value, b: int) -> Value:
        """a / b, rounded down; neither is negative."""
        return self._b.udiv(a, self._whole(b))

    def below(self, a: Value | int, b: Value | int) -> Value:
        """Whether a < b."""
        return self._b.icmp_signed("<", self._whole(a), self._whole(b))

    def bit(self, a: Value, index: int) -> Value:
        """0 or 1."""
        return self._b.and_(self._b.lshr(a, self.word(index)), self.word(1))

    def equal(self, a: Value, b: Value | int) -> Value:
        """Whether a == b."""
        return self._b.icmp_signed("==", a, self._whole(b))

    def smaller(self, a: Value, b: Value | int) -> Value:
        """The smaller of two."""
        return self._b.select(self.below(a, b), a, self._whole(b))

    def larger(self, a: Value, b: Value | int) -> Value:
        """The larger of two."""
        return self._b.select(self.below(a, b), self._whole(b), a)

    def both(self, a: Value, b: Value) -> Value:
        """Whether a and b hold."""
        return self._b.and_(a, b)

    def select(self, condition: Value, a: Value, b: Value) -> Value:
        """a where the condition holds, else b."""
        return self._b.select(condition, a, b)

    # control

    def variable(self, value: Value) -> Variable:
        """Something that changes, with what it is at first."""
        return Variable(self._b, value)

    @contextmanager
    def loop(self, start: Value | int, stop: Value | int, step: int = 1) -> Iterator[Value]:
        """Repeat what is written inside, with its index from ``start`` to below ``stop``."""
        index = self.variable(self._whole(start))
        test, body, done = (self._b.append_basic_block(name) for name in ("test", "body", "done"))
        self._b.branch(test)
        self._b.position_at_end(test)
        now = index.get()
        self._b.cbranch(self.below(now, stop), body, done)
        self._b.position_at_end(body)
        yield now
        index.set(self.plus(now, step))
        self._b.branch(test)
        self._b.position_at_end(done)

    def either(self, condition: Value, then: Callable[[], None], otherwise: Callable[[], None]) -> None:
        """One or the other."""
        with self._b.if_else(condition) as (yes, no):
            with yes:
                then()
            with no:
                otherwise()

    @contextmanager
    def when(self, condition: Value) -> Iterator[None]:
        """Do what is written inside where the condition holds."""
        with self._b.if_then(condition):
            yield

    def choose(self, value: Value, cases: Sequence[tuple[int, Callable[[], None]]]) -> None:
        """What stands beside the number that ``value`` is; nothing where none is."""
        done = self._b.append_basic_block("chosen")
        switch = self._b.switch(value, done)
        for number, write in cases:
            case = self._b.append_basic_block(f"case_{number}")
            switch.add_case(self.word(number), case)
            self._b.position_at_end(case)
            write()
            self._b.branch(done)
        self._b.position_at_end(done)

    def keep_small(self) -> None:
        """Let the compiler not unroll loops by itself; it then takes half as long."""
        self._b.function.attributes.add("optsize")

    # memory

    def load(self, address: Value, offset: Value | int = 0) -> Value:
        """A vector."""
        return self._b.load(self._place(address, offset, ir.VectorType(_FLOAT, VECTOR)), align=4)

    def prefetch(self, address: Value) -> None:
        """Have the cache line at an address, which may be any, brought into the second-level cache."""
        byte = ir.IntType(8).as_pointer()
        kinds = [byte, ir.IntType(32), ir.IntType(32), ir.IntType(32)]
        function = self._function("llvm.prefetch.p0", ir.VoidType(), kinds)
        hints = [ir.Constant(ir.IntType(32), hint) for hint in (0, 2, 1)]  # to read, second level, data
        self._b.call(function, [self._b.inttoptr(address, byte), *hints])

    def load_several(self, address: Value, vectors: int) -> Value:
        """Vectors as one long one; each instruction that is written for it becomes several, side by side."""
        return self.load_numbers(address, vectors * VECTOR)

    def load_numbers(self, address: Value, count: int) -> Value:
        """So many float32 numbers, as a vector of another length."""
        return self._b.load(self._place(address, 0, ir.VectorType(_FLOAT, count)), align=4)

    def load_number(self, address: Value, offset: Value | int = 0) -> Value:
        """One float32 number."""
        return self._b.load(self._place(address, offset, _FLOAT), align=4)

    def load_lane_by_lane(self, addresses: Sequence[Value], offset: int) -> Value:
        """A vector of float32 numbers from as many places."""
        vector = ir.Constant(ir.VectorType(_FLOAT, VECTOR), ir.Undefined)
        for lane, address in enumerate(addresses):
            number = self.load_number(address, offset)
            vector = self._b.insert_element(vector, number, ir.Constant(_INT, lane))
        return vector

    def load_offset(self, address: Value, offset: Value | int = 0) -> Value:
        """One int32 number, as int64."""
        return self._b.sext(self._b.load(self._place(address, offset, _INT), align=4), _WORD)

    def load_word(self, address: Value, offset: Value | int = 0) -> Value:
        """One int64 number."""
        return self._b.load(self._place(address, offset, _WORD), align=8)

    def load_real(self, address: Value, offset: Value | int = 0) -> Value:
        """One float64 number."""
        return self._b.load(self._place(address, offset, _DOUBLE), align=8)

    def load_doubles(self, address: Value, offset: Value | int = 0) -> Value:
        """A vector of float64 numbers, half as many."""
        return self._b.load(self._place(address, offset, ir.VectorType(_DOUBLE, VECTOR // 2)), align=8)

    def load_half(self, address: Value, offset: Value | int = 0) -> Value:
        """Half a vector of float32 numbers, widened to a vector of float64."""
        half = self._b.load(self._place(address, offset, ir.VectorType(_FLOAT, VECTOR // 2)), align=4)
        return self.widen(half)

    def store(self, value: Value, address: Value, offset: Value | int = 0) -> None:
        """A vector, of whatever length."""
        self._b.store(value, self._place(address, offset, value.type), align=4)

    def lanes(self, first: Value, end: Value) -> Value:
        """For each number of a vector whether its index is one from ``first`` to below ``end``."""
        return self._b.and_(self._mask(end), self._b.not_(self._mask(first)))

    def load_lanes(self, address: Value, lanes: Value, fill: Value) -> Value:
        """A vector whose numbers come from memory where ``lanes`` hold, and nowhere else; the others from fill."""
        kind = fill.type
        load = self._function(
            f"llvm.masked.load.v{VECTOR}f32.p0", kind, [kind.as_pointer(), _INT, lanes.type, kind]
        )
        return self._b.call(load, [self._place(address, 0, kind), ir.Constant(_INT, 4), lanes, fill])

    def store_lanes(self, value: Value, address: Value, lanes: Value) -> None:
        """The numbers of a vector where ``lanes`` hold; nothing else is touched."""
        kind = value.type
        store = self._function(
            f"llvm.masked.store.v{VECTOR}f32.p0",
            ir.VoidType(),
            [kind, kind.as_pointer(), _INT, lanes.type],
        )
        self._b.call(store, [value, self._place(address, 0, kind), ir.Constant(_INT, 4), lanes])

    def stream(self, value: Value, address: Value) -> None:
        """Store a vector past the cache; the address must be a multiple of its length."""
        store = self._b.store(value, self._place(address, 0, value.type), align=BYTES)
        store.set_metadata("nontemporal", self._b.module.add_metadata([ir.Constant(_INT, 1)]))

    def load_first(self, address: Value, count: Value, fill: Value) -> Value:
        """A vector whose first ``count`` numbers come from memory, none beyond is touched; the others from fill."""
        return self.load_lanes(address, self._mask(count), fill)

    def zeros_in_memory(self, count: int) -> Value:
        """The address of so many float32 zeros."""
        kind = ir.ArrayType(_FLOAT, count)
        name = f"zeros.{count}"
        zeros = self._b.module.globals.get(name)
        if zeros is None:
            zeros = ir.GlobalVariable(self._b.module, kind, name)
            zeros.initializer, zeros.global_constant, zeros.linkage = (
                ir.Constant(kind, None),
                True,
                "internal",
            )
        return self._b.ptrtoint(zeros, _WORD)

    def store_word(self, value: Value, address: Value) -> None:
        """One int64 number."""
        self._b.store(value, self._place(address, 0, _WORD), align=8)

    def store_first(self, value: Value, address: Value, count: Value) -> None:
        """The first ``count`` numbers of a vector, or all of them; nothing beyond is touched."""

        def cut() -> None:
            self.store_lanes(value, address, self._mask(count))

        if VECTOR == 16:
            cut()
        else:  # there a store under a mask may take as long as ten others
            self.either(self.below(count, VECTOR), cut, lambda: self.store(value, address))

    # arithmetic

    def zero(self, doubles: bool = False) -> Value:
        """A vector of zeros."""
        kind = ir.VectorType(_DOUBLE, VECTOR // 2) if doubles else ir.VectorType(_FLOAT, VECTOR)
        return ir.Constant(kind, [0.0] * kind.count)

    def constant(self, number: float, lanes: int = VECTOR) -> Value:
        """A vector of one number."""
        return ir.Constant(ir.VectorType(_FLOAT, lanes), [number] * lanes)

    def splat(self, number: Value) -> Value:
        """A vector of one number, in float64 half as long."""
        lanes = VECTOR // 2 if number.type == _DOUBLE else VECTOR
        nothing = ir.Constant(ir.VectorType(number.type, lanes), ir.Undefined)
        single = self._b.insert_element(nothing, number, ir.Constant(_INT, 0))
        return self._b.shuffle_vector(single, nothing, ir.Constant(ir.VectorType(_INT, lanes), [0] * lanes))

    def widen(self, value: Value) -> Value:
        """float32 as float64."""
        kind = ir.VectorType(_DOUBLE, value.type.count) if isinstance(value.type, ir.VectorType) else _DOUBLE
        return self._b.fpext(value, kind)

    def narrow(self, value: Value) -> Value:
        """float64 as float32, rounded."""
        kind = ir.VectorType(_FLOAT, value.type.count) if isinstance(value.type, ir.VectorType) else _FLOAT
        return self._b.fptrunc(value, kind)

    def fma(self, a: Value, b: Value, c: Value) -> Value:
        """a * b + c, rounded once where the processor can."""
        kind = a.type
        name = f"v{kind.count}f{64 if kind.element == _DOUBLE else 32}"
        return self._b.call(self._function(f"llvm.fmuladd.{name}", kind, [kind] * 3), [a, b, c])

    def add(self, a: Value, b: Value) -> Value:
        """a + b"""
        return self._b.fadd(a, b)

    def subtract(self, a: Value, b: Value) -> Value:
        """a - b"""
        return self._b.fsub(a, b)

    def multiply(self, a: Value, b: Value) -> Value:
        """a * b"""
        return self._b.fmul(a, b)

    def divide(self, a: Value, b: Value) -> Value:
        """a / b"""
        return self._b.fdiv(a, b)

    # order

    def shifted(self, a: Value, b: Value, count: Value) -> Value:
        """The last ``count`` numbers of a and the first of b; quick for vectors of 16 numbers only."""
        if VECTOR != 16:  # through memory
            with self._b.goto_entry_block():
                place = self._b.ptrtoint(self._b.alloca(a.type, 2), _WORD)
            self.store(a, place)
            self.store(b, place, BYTES)
            return self.load(place, self.times(self.minus(self.word(VECTOR), count), 4))
        lanes = ir.VectorType(_INT, VECTOR)
        first = self._spread(self._b.sub(ir.Constant(_INT, VECTOR), self._b.trunc(count, _INT)))
        places = self._b.add(ir.Constant(lanes, list(range(VECTOR))), first)
        kind = a.type
        permute = self._function("llvm.x86.avx512.vpermi2var.ps.512", kind, [kind, lanes, kind])
        return self._b.call(permute, [a, places, b])

    # the rest

    def _whole(self, value: Value | int) -> Value:
        return self.word(value) if isinstance(value, int) else value

    def _place(self, address: Value, offset: Value | int, kind: Any) -> Value:
        return self._b.inttoptr(self.plus(address, offset), kind.as_pointer())

    def _mask(self, count: Value) -> Value:
        lanes = ir.VectorType(_INT, VECTOR)
        every = self._spread(self._b.trunc(count, _INT))
        return self._b.icmp_signed("<", ir.Constant(lanes, list(range(VECTOR))), every)

    def _spread(self, number: Value) -> Value:
        """A vector of one int32 number."""
        lanes = ir.VectorType(_INT, VECTOR)
        nothing = ir.Constant(lanes, ir.Undefined)
        single = self._b.insert_element(nothing, number, ir.Constant(_INT, 0))
        return self._b.shuffle_vector(single, nothing, ir.Constant(lanes, [0] * VECTOR))


def vector_code(write: Callable[..., None]) -> Callable[..., Any]:
    """Declare ``write(emitter, *values)``; operations call it with the values only, all int64."""
    signature = inspect.signature(write)
    count = len(signature.parameters) - 1

    def definition(typingctx: Any, *arguments: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
            write(Emitter(builder), *values)
            return context.get_dummy_value()

        return types.void(*[types.int64] * count), generate

    functools.update_wrapper(definition, write)
    definition.__signature__ = signature  # type: ignore[attr-defined]  # numba counts its parameters
    return machine_code(definition)
