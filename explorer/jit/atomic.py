"""Words in memory that several threads read and write, and calls that a thread waits in.

Every access is sequentially consistent: all threads see all of them in one order.
"""

from __future__ import annotations

from typing import Any

from explorer.jit.compiler import ir, machine_code, types

_WORD, _INT = ir.IntType(64), ir.IntType(32)
_ORDER = "seq_cst"


def _pointer(builder: Any, address: Any) -> Any:
    return builder.inttoptr(address, _WORD.as_pointer())


@machine_code
def read(typingctx: Any, address: Any) -> Any:
    """The int64 at an address."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        return builder.load_atomic(_pointer(builder, values[0]), _ORDER, 8)

    return types.int64(types.int64), generate


@machine_code
def write(typingctx: Any, address: Any, value: Any) -> Any:
    """Make the int64 at an address ``value``."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        builder.store_atomic(values[1], _pointer(builder, values[0]), _ORDER, 8)
        return context.get_dummy_value()

    return types.void(types.int64, types.int64), generate


@machine_code
def add(typingctx: Any, address: Any, value: Any) -> Any:
    """Add to the int64 at an address and return what it was."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        return builder.atomic_rmw("add", _pointer(builder, values[0]), values[1], _ORDER)

    return types.int64(types.int64, types.int64), generate


@machine_code
def change(typingctx: Any, address: Any, old: Any, new: Any) -> Any:
    """Make the int64 at an address ``new`` if it is ``old``, and return whether it was."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        address, old, new = values
        result = builder.cmpxchg(_pointer(builder, address), old, new, _ORDER, _ORDER)
        return builder.extract_value(result, 1)

    return types.boolean(types.int64, types.int64, types.int64), generate


@machine_code
def call_c(typingctx: Any, function: Any, first: Any, second: Any, third: Any) -> Any:
    """Call a C function at an address; it returns an int. One with fewer arguments does not see the others."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        function, *arguments = values
        kind = ir.FunctionType(_INT, [_WORD] * 3)
        result = builder.call(builder.inttoptr(function, kind.as_pointer()), arguments)
        return builder.sext(result, _WORD)

    return types.int64(types.int64, types.int64, types.int64, types.int64), generate
