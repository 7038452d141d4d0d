"""Pixels to the bytes of a PNG file. Nothing is converted: what PNG cannot hold is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.errors import ExportError
from explorer.imaging.opencv import cv2
from explorer.imaging.sheet import PAGE_LIMIT


def encode_png(pixels: NDArray[Any]) -> bytes:
    """RGB (H, W, 3) of 8 bits, or grey (H, W) of 8 or 16 bits, as a PNG file.

    Raises
    ------
    ValueError
        For any other array: written as they are, real numbers would become black.
    ExportError
        If the picture is larger than viewers can show, or cannot be encoded.
    """
    is_rgb = pixels.ndim == 3 and pixels.shape[2] == 3 and pixels.dtype == np.uint8
    is_grey = pixels.ndim == 2 and pixels.dtype in (np.uint8, np.uint16)
    if pixels.size == 0 or not (is_rgb or is_grey):
        raise ValueError(f"A PNG picture cannot be made of {pixels.dtype} numbers of shape {pixels.shape}.")
    height, width = pixels.shape[:2]
    if max(height, width) > PAGE_LIMIT:
        raise ExportError(
            f"A picture of {width:,}×{height:,} pixels is larger than viewers can show, {PAGE_LIMIT:,} a side: "
            f"save the numbers as .npy."
        )
    try:
        ordered = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR) if is_rgb else pixels
        done, encoded = cv2.imencode(".png", ordered)
    except cv2.error as error:
        raise ExportError(f"The picture could not be encoded as PNG: {error.err}.") from error
    if not done:
        raise ExportError("The picture could not be encoded as PNG: save the numbers as .npy.")
    return encoded.tobytes()
