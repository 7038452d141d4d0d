"""Whether compiled kernels may be used yet.

LAZY        command line and tests: a kernel is compiled when it is first called
PREPARING   the window has just started: the plain path serves while another thread compiles
READY       everything is compiled
FAILED      numba cannot work here: the plain path serves for good, and the window says so
"""

from __future__ import annotations

import enum
import logging

logger = logging.getLogger(__name__)


class JitUnavailableError(Exception):
    """Numba cannot be imported, or cannot compile a kernel, on this machine."""


class Status(enum.Enum):
    LAZY = "lazy"
    PREPARING = "preparing"
    READY = "ready"
    FAILED = "failed"


class StatusHolder:
    """The process-wide state of the compiler: kernels are compiled or they are not."""

    def __init__(self) -> None:
        self.state = Status.LAZY
        self.reason = ""

    @property
    def usable(self) -> bool:
        """Whether a public engine function may call a compiled kernel now."""
        return self.state in (Status.LAZY, Status.READY)

    def fail(self, error: BaseException) -> None:
        """From now on the plain path serves."""
        self.state = Status.FAILED
        self.reason = str(error).strip().partition("\n")[0] or type(error).__name__
        logger.info("Compiled kernels are not available, using NumPy instead: %s", self.reason)


status = StatusHolder()
