"""Reading numbers in the window's fields. The parser itself stands below the window, where pasted grids need it too."""

from __future__ import annotations

from explorer.document.numbers_text import parse_number

__all__ = ["parse_number"]
