"""What can go wrong that the user can understand.

ExplorerError                one sentence: what is wrong and what to do about it
├── PictureError             a picture could not be read
├── NetworkFileError         a network file could not be read; carries every problem with its path
├── NetworkError             the stack does not fit its input, or needs too much memory
└── ExportError              a file could not be written

Cancelled is no error: it ends work whose result nobody waits for any more.
"""

from __future__ import annotations


class ExplorerError(Exception):
    """An expected failure. ``str(error)`` is one sentence for the user."""


class PictureError(ExplorerError):
    """A picture could not be read.

    ``readable_part`` is True where the same file can be opened with ``allow_damaged=True``.
    """

    def __init__(self, message: str, *, readable_part: bool = False) -> None:
        super().__init__(message)
        self.readable_part = readable_part


class NetworkFileError(ExplorerError):
    """A network file is not valid. ``problems`` lists every fault, each with its path in the file."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


class NetworkError(ExplorerError):
    """A network cannot run on its input."""


class ExportError(ExplorerError):
    """A file could not be written."""


class Cancelled(Exception):  # noqa: N818 - not an error
    """Raised out of the engine when its cancel flag went up."""
