"""The one door to the files that ship with the program."""

from __future__ import annotations

from pathlib import Path

_PACKAGED = Path(__file__).parent / "_resources"  # in an installed wheel
_CHECKOUT = Path(__file__).parent.parent / "resources"


def resource(name: str) -> Path:
    """The path of a bundled file or folder, such as ``"icons/plus.svg"``."""
    return (_PACKAGED if _PACKAGED.is_dir() else _CHECKOUT) / name
