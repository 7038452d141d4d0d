"""The one door to numba: how a kernel is declared, compiled, cached and healed.

A kernel is an *operation*: a function ``(item, worker, arguments)`` that does one piece of work. ``worker`` is the
number of the thread that does it, for scratch memory of its own. ``arguments`` is the address
of a block of 64-bit words, written by :mod:`explorer.jit.runner`: integers, float64 numbers, and addresses of arrays.
Every operation therefore has one and the same machine signature, is compiled exactly once, whatever is passed to it,
and can be called by address from the one parallel runner.

Nothing keeps an array alive or checks a bound behind an address, so public functions check everything before they
make one.
"""

from __future__ import annotations

import functools
import logging
import threading
import warnings
from collections.abc import Callable
from typing import Any

from explorer.jit import cache
from explorer.jit.status import JitUnavailableError

try:
    import llvmlite.binding
    import numba
    from llvmlite import ir
    from numba import extending, types
except Exception as error:  # a missing shared library is an OSError, a NumPy that is too new a SystemError
    raise JitUnavailableError(f"Numba cannot be imported: {error}") from error
if numba.config.DISABLE_JIT:
    raise JitUnavailableError("Numba is switched off by NUMBA_DISABLE_JIT.")

__all__ = [
    "FEW_REGISTERS",
    "LOCAL_WORDS",
    "MAXIMUM_THREADS",
    "REGISTERS",
    "VECTOR",
    "Operation",
    "call_at",
    "compile_all",
    "floats",
    "flushing_operation",
    "healed",
    "inline",
    "integer",
    "integers",
    "ir",
    "local_words",
    "machine_code",
    "operation",
    "real",
    "types",
]

logger = logging.getLogger(__name__)

# A multiply and an add may become one instruction; NaN, infinities and the order of sums stay as written.
FAST_MATH = {"contract"}

# One for each processor, or what the environment says.
MAXIMUM_THREADS: int = numba.config.NUMBA_NUM_THREADS


def _lanes() -> tuple[int, int]:
    """How many float32 numbers a vector register holds here, and how many registers there are."""
    features = numba.config.CPU_FEATURES
    if features is None:
        features = llvmlite.binding.get_host_cpu_features().flatten() if numba.config.CPU_NAME is None else ""
    present = set(features.split(","))
    if "+avx512f" in present:
        return 16, 32
    if "+avx" in present:
        return 8, 16
    return 4, 32 if "+neon" in present else 16


VECTOR, REGISTERS = _lanes()
FEW_REGISTERS = REGISTERS < 32  # such processors have smaller caches, too
LOCAL_WORDS = 24

_operations: list[Operation] = []
_compiling = threading.RLock()  # numba's compiler is not re-entrant from two threads


class Operation:
    """A kernel ``(item, worker, arguments)``, compiled when its address is first asked for."""

    def __init__(self, function: Callable[[int, int, int], None], flushes: bool = False) -> None:
        self.function = function
        self.flushes = flushes
        """Whether subnormal numbers count as 0 in it, see :mod:`explorer.jit.flushing`."""
        self.prepared = True
        """Whether it is compiled before it is wanted."""
        self.name = function.__name__
        _operations.append(self)

    @functools.cached_property
    def compiled(self) -> Any:
        """The compiled function."""
        return _cached_or_not(lambda cached: self._compile(cached))

    @functools.cached_property
    def address(self) -> int:
        """The address of the machine code."""
        return int(self.compiled.address)

    @functools.cached_property
    def here(self) -> Callable[[int, int, int], None]:
        """The machine code as a function that runs on the calling thread, without Python's lock."""
        function: Callable[[int, int, int], None] = self.compiled.ctypes
        return function

    def _compile(self, cached: bool) -> Any:
        signature = types.void(types.int64, types.int64, types.int64)
        declare = numba.cfunc(signature, nopython=True, cache=cached, fastmath=FAST_MATH)
        return declare(self.function)


def operation(function: Callable[[int, int, int], None]) -> Operation:
    """Declare a kernel. Nothing is compiled yet."""
    return Operation(function)


def flushing_operation(function: Callable[[int, int, int], None]) -> Operation:
    """Declare a kernel in which subnormal numbers count as 0."""
    return Operation(function, flushes=True)


def inline(function: Callable[..., Any]) -> Any:
    """Declare a helper that operations call; it becomes part of them."""
    return numba.njit(nogil=True, fastmath=FAST_MATH, no_cpython_wrapper=True, no_cfunc_wrapper=True)(
        function
    )


def healed(compile_it: Callable[[], Any]) -> Any:
    """Run a first call; where it fails, throw the cache away and try once more.

    Raises
    ------
    JitUnavailableError
        If it fails again.
    """
    with _compiling, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # numba warns about caches and multiprocess locks it does without
        try:
            return compile_it()
        except Exception as error:
            logger.info("The cache of compiled kernels is thrown away: %s", error)
            cache.clear()
        try:
            return compile_it()
        except Exception as error:
            raise JitUnavailableError(f"Numba cannot compile here: {error}") from error


def _cached_or_not(compile_it: Callable[[bool], Any]) -> Any:
    """Compile through the cache, or without it where the disk is full or the folder has gone."""
    if cache.folder() is not None:
        try:
            return healed(lambda: compile_it(True))
        except JitUnavailableError as error:
            logger.info("Kernels are compiled without a cache: %s", error)
    return healed(lambda: compile_it(False))


def compile_all(is_wanted: Callable[[str], bool]) -> None:
    """Compile every operation declared so far whose name is wanted, but those that this processor does not need."""
    for declared in _operations:
        if declared.prepared and is_wanted(f"{declared.function.__module__}.{declared.name}"):
            declared.compiled  # noqa: B018 - the property compiles


def machine_code(function: Callable[..., Any]) -> Callable[..., Any]:
    """numba.extending.intrinsic, with a type; callers leave out the typing context."""
    declared: Callable[..., Any] = extending.intrinsic(function)
    return declared


@machine_code
def integer(typingctx: Any, arguments: Any, index: Any) -> Any:
    """Word ``index`` of the argument block as int64; an array's address is one too."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        return builder.load(_word(builder, values, ir.IntType(64)))

    return types.int64(types.int64, types.int64), generate


@machine_code
def local_words(typingctx: Any) -> Any:
    """The address of memory for ``LOCAL_WORDS`` words, alive until the function that asks for it returns."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        with builder.goto_entry_block():
            place = builder.alloca(ir.IntType(64), LOCAL_WORDS)
        return builder.ptrtoint(place, ir.IntType(64))

    return types.int64(), generate


@machine_code
def real(typingctx: Any, arguments: Any, index: Any) -> Any:
    """Word ``index`` of the argument block as float64."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        return builder.load(_word(builder, values, ir.DoubleType()))

    return types.float64(types.int64, types.int64), generate


def _word(builder: Any, values: Any, kind: Any) -> Any:
    address, index = values
    offset = builder.mul(index, ir.Constant(ir.IntType(64), 8))
    return builder.inttoptr(builder.add(address, offset), kind.as_pointer())


@machine_code
def _float_pointer(typingctx: Any, address: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        return builder.inttoptr(values[0], context.get_value_type(signature.return_type))

    return types.CPointer(types.float32)(types.int64), generate


@machine_code
def _integer_pointer(typingctx: Any, address: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        return builder.inttoptr(values[0], context.get_value_type(signature.return_type))

    return types.CPointer(types.int64)(types.int64), generate


@inline
def floats(address: int, offset: int, size: int) -> Any:
    """``size`` float32 numbers that start ``offset`` numbers behind ``address``."""
    return numba.carray(_float_pointer(address + 4 * offset), (size,))


@inline
def integers(address: int, size: int) -> Any:
    """``size`` int64 numbers at ``address``."""
    return numba.carray(_integer_pointer(address), (size,))


@machine_code
def call_at(typingctx: Any, function: Any, item: Any, worker: Any, arguments: Any) -> Any:
    """Call the operation at address ``function``."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        word = ir.IntType(64)
        kind = ir.FunctionType(ir.VoidType(), [word, word, word])
        builder.call(builder.inttoptr(values[0], kind.as_pointer()), values[1:])
        return context.get_dummy_value()

    return types.void(types.int64, types.int64, types.int64, types.int64), generate
