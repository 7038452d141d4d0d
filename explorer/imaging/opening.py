"""What every decoder is told about the file it opens, and what it gives back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from explorer.errors import PictureError

LARGE_PIXELS = 100_000_000
MAX_PIXELS = 2**30


@dataclass(frozen=True)
class Opening:
    """One attempt to open a file: what to call it in sentences, and what the user allowed."""

    label: str
    allow_damaged: bool = False
    allow_large: bool = False

    def check_size(self, width: int, height: int) -> None:
        """PictureError for a size that is not to be decoded. To be called before any pixel is."""
        if width < 1 or height < 1:
            raise PictureError(f"{self.label} has no pixels: its size is {width} x {height}.")
        size = f"{self.label} has {width:,} x {height:,} pixels"
        if width * height > MAX_PIXELS:
            raise PictureError(f"{size}; at most {MAX_PIXELS // 10**6:,} megapixels can be opened.")
        if width * height > LARGE_PIXELS and not self.allow_large:
            limit = LARGE_PIXELS // 10**6
            raise PictureError(
                f"{size}, over the limit of {limit} megapixels; save it smaller and open that."
            )

    def damaged(self, *, readable_part: bool = False) -> PictureError:
        """The error for a file whose content is cut off or changed."""
        remedy = "open its readable part or get a fresh copy" if readable_part else "get a fresh copy of it"
        return PictureError(f"{self.label} is damaged; {remedy}.", readable_part=readable_part)


@dataclass(frozen=True, eq=False)
class Decoded:
    """Pixels (H, W), (H, W, 3) RGB or (H, W, 4) RGBA as they are stored, and how to turn them upright."""

    pixels: NDArray[Any]
    orientation: int = 1
    notes: tuple[str, ...] = ()
