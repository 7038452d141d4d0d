"""Numbers and counts as people read them."""

from __future__ import annotations


def number(value: float) -> str:
    """A number in as few characters as say it: three significant digits, minus as −."""
    if value != value:
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "∞" if value > 0 else "−∞"
    if value == int(value) and abs(value) < 10_000:
        text = str(int(value))
    elif abs(value) >= 9999.5 or abs(value) < 0.001:
        text = f"{value:.1e}".replace("e+0", "e").replace("e-0", "e-").replace("e+", "e")
    elif abs(value) >= 999.5:  # .3g would write 1.23e+03
        text = f"{value:.0f}"
    else:
        text = f"{value:.3g}"
    return text.replace("-", "−")


def counted(count: int, one: str, several: str = "") -> str:
    """``1 product``, ``2 products``."""
    return f"{count:,} {one if count == 1 else several or one + 's'}"
