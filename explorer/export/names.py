"""File names that every system accepts, made out of what the user called a layer, a filter or a picture."""

from __future__ import annotations

import re
import unicodedata

_MAXIMUM_BYTES = 120  # leaves room for a number and a suffix in the 255 bytes of a name
_FORBIDDEN = re.compile(r'[<>:"/\\|?*]')
_RESERVED = re.compile(r"(CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(COM|LPT)[0-9¹²³])\s*(\..*)?", re.IGNORECASE)
_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def safe_name(text: str, fallback: str = "unnamed") -> str:
    """The text as a file name without suffix, at most 120 bytes; ``fallback`` where nothing of it is left."""
    readable = "".join(
        "_" if unicodedata.category(letter) in _INVISIBLE else letter
        for letter in unicodedata.normalize("NFC", text)
    )
    name = _trimmed(_FORBIDDEN.sub("_", readable))
    if _RESERVED.fullmatch(name):
        name = "_" + name
    cut = name.encode()[:_MAXIMUM_BYTES].decode(errors="ignore")
    return _trimmed(cut) or fallback


def unique_name(text: str, taken: set[str], fallback: str = "unnamed") -> str:
    """A safe name that is not taken yet, with ``-2`` and so on behind it; it is taken from then on.

    Names that differ in case only count as the same, as they do on Windows and macOS.
    """
    base = safe_name(text, fallback)
    name, number = base, 1
    while name.casefold() in taken:
        number += 1
        name = f"{base}-{number}"
    taken.add(name.casefold())
    return name


def _trimmed(name: str) -> str:
    return name.strip().rstrip(". ")
