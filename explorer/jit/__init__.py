"""The compile policy and the one parallel runner.

This package is light: numba itself is imported by :mod:`explorer.jit.compiler`, which is loaded when the first
kernel is needed. Until then, and for ever where numba cannot work, the engine's plain NumPy path serves.

The cache folder has to be chosen before numba is imported, so it is chosen here.
"""

from __future__ import annotations

from explorer.jit import cache
from explorer.jit.cancel import CancelFlag
from explorer.jit.status import JitUnavailableError, Status, status
from explorer.jit.threads import set_threads

cache.choose_folder()

__all__ = ["CancelFlag", "JitUnavailableError", "Status", "set_threads", "status"]
