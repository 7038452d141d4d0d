"""How the default colour map of feature maps is made: zero near-black, positive ember, negative ice.

Both sides climb through CIELAB at the same lightness, so equal magnitudes look equally bright whatever
their sign, and stop short of white, so that the two ends stay apart for colour-blind eyes too. The chroma
and hue follow one Bézier curve a side. The table in ``resources/colormaps/signed.csv`` is this definition's
output; a test compares the two.
"""

from __future__ import annotations

from math import comb

import numpy as np
from numpy.typing import NDArray

ROWS = 256
ZERO_ROW = 128  # rows 1..255 are -127..127 steps from zero, so plus and minus mirror exactly

# (chroma, hue in degrees) of the control points; zero itself is #0e1013.
_ZERO = (1.9, 267.9)
_WARM = (_ZERO, (46.0, 28.0), (90.0, 38.0), (80.0, 66.0), (44.0, 86.0))
_COOL = (_ZERO, (52.0, 296.0), (70.0, 284.0), (56.0, 256.0), (23.0, 220.0))
_DARKEST, _LIGHTEST = 4.6, 88.5
_LIFT = 0.75  # below 1 brightens weak values: most of a filtered photograph is close to zero

_RGB_FROM_XYZ = np.array(
    [
        [3.2404542, -1.5371385, -0.4985314],
        [-0.9692660, 1.8760108, 0.0415560],
        [0.0556434, -0.2040259, 1.0572252],
    ]
)
_D65 = np.array([0.95047, 1.0, 1.08883])


def signed_table() -> NDArray[np.uint8]:
    """The (256, 3) sRGB table: row 128 is zero, row 255 full positive, row 1 (and 0) full negative."""
    warm, cool = _srgb(_side(_WARM)), _srgb(_side(_COOL))
    below_zero = cool[:0:-1]
    return np.concatenate([below_zero[:1], below_zero, warm])


def _side(points: tuple[tuple[float, float], ...]) -> NDArray[np.float64]:
    """CIELAB (128, 3) from zero to full magnitude."""
    t = (np.arange(ROWS - ZERO_ROW) / (ROWS - ZERO_ROW - 1)) ** _LIFT
    chroma, hue = np.array(points).T
    plane = np.column_stack([chroma * np.cos(np.radians(hue)), chroma * np.sin(np.radians(hue))])
    degree = len(points) - 1
    bernstein = [comb(degree, k) * (1 - t) ** (degree - k) * t**k for k in range(degree + 1)]
    return np.column_stack([_DARKEST + (_LIGHTEST - _DARKEST) * t, np.column_stack(bernstein) @ plane])


def _srgb(lab: NDArray[np.float64]) -> NDArray[np.uint8]:
    """8-bit sRGB of CIELAB (D65) colours (n, 3)."""
    fy = (lab[:, 0] + 16) / 116
    f = np.column_stack([fy + lab[:, 1] / 500, fy, fy - lab[:, 2] / 200])
    xyz = _D65 * np.where(f > 6 / 29, f**3, 3 * (6 / 29) ** 2 * (f - 4 / 29))
    light = np.clip(xyz @ _RGB_FROM_XYZ.T, 0.0, 1.0)
    encoded = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.asarray(np.rint(encoded * 255), np.uint8)
