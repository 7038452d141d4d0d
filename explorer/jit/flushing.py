"""Numbers too small for full precision count as 0 while kernels run.

Below 1.2e-38 a float32 number loses digits (it is *subnormal*). No map shows a difference to 0, but Intel's processors
multiply such numbers a hundred times more slowly: a sigmoid far on its left made the layer behind it crawl, and so did
lanes that nobody looks at, where they held what memory happened to hold.
"""

from __future__ import annotations

import platform
from typing import Any

from explorer.jit.compiler import ir, machine_code, types

_IS_X86 = platform.machine().lower() in ("x86_64", "amd64")  # others are as quick with them
_FLUSH = (
    0x8040  # two bits of the control register: results that are subnormal become 0, and inputs count as 0
)

_INT, _POINTER = ir.IntType(32), ir.IntType(8).as_pointer()


@machine_code
def flush_subnormals(typingctx: Any) -> Any:
    """Begin with it on this thread; what :func:`restore` needs to end it."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        if not _IS_X86:
            return ir.Constant(ir.IntType(64), 0)
        place = _control(builder)
        _call(builder, "stmxcsr", place)
        before = builder.load(place)
        builder.store(builder.or_(before, ir.Constant(_INT, _FLUSH)), place)
        _call(builder, "ldmxcsr", place)
        return builder.zext(before, ir.IntType(64))

    return types.int64(), generate


@machine_code
def restore(typingctx: Any, before: Any) -> Any:
    """Let this thread go on as it was."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        if _IS_X86:
            place = _control(builder)
            builder.store(builder.trunc(values[0], _INT), place)
            _call(builder, "ldmxcsr", place)
        return context.get_dummy_value()

    return types.void(types.int64), generate


def _control(builder: Any) -> Any:
    with builder.goto_entry_block():
        return builder.alloca(_INT)


def _call(builder: Any, name: str, place: Any) -> None:
    name = f"llvm.x86.sse.{name}"
    kind = ir.FunctionType(ir.VoidType(), [_POINTER])
    function = builder.module.globals.get(name) or ir.Function(builder.module, kind, name)
    builder.call(function, [builder.bitcast(place, _POINTER)])
