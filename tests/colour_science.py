"""Colour measures for the tests: CIELAB, CIEDE2000, and sRGB as seen with a colour vision deficiency.

Written from the published formulas so that the colour maps are judged by something other than the code
that built them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Machado, Oliveira and Fernandes 2009, severity 1.0, applied to linear RGB.
VISION: dict[str, Floats] = {
    "normal": np.eye(3),
    "protan": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deutan": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritan": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}

_XYZ_FROM_RGB = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
_WHITE = _XYZ_FROM_RGB.sum(axis=1)


def linear_rgb(rgb: NDArray[np.uint8]) -> Floats:
    """8-bit sRGB of any shape ``(..., 3)`` as linear light 0..1."""
    v = rgb.astype(np.float64) / 255.0
    return np.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4)


def seen_by(vision: str, rgb: NDArray[np.uint8]) -> Floats:
    """CIELAB (D65) of 8-bit sRGB as a person with this vision sees it."""
    light = np.clip(linear_rgb(rgb) @ VISION[vision].T, 0.0, 1.0)
    ratio = light @ _XYZ_FROM_RGB.T / _WHITE
    f = np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio * (29 / 6) ** 2 / 3 + 4 / 29)
    x, y, z = f[..., 0], f[..., 1], f[..., 2]
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def lab(rgb: NDArray[np.uint8]) -> Floats:
    """CIELAB (D65) of 8-bit sRGB."""
    return seen_by("normal", rgb)


def _hue(a: Floats, b: Floats) -> Floats:
    return np.asarray(np.degrees(np.arctan2(b, a)) % 360.0)


def ciede2000(first: Floats, second: Floats) -> Floats:
    """CIEDE2000 difference of two CIELAB colours ``(..., 3)`` with all weights 1 (Sharma, Wu, Dalal 2005)."""
    L1, a1, b1 = np.moveaxis(np.asarray(first, dtype=np.float64), -1, 0)
    L2, a2, b2 = np.moveaxis(np.asarray(second, dtype=np.float64), -1, 0)
    mean_c7 = ((np.hypot(a1, b1) + np.hypot(a2, b2)) / 2) ** 7
    stretch = 1.5 - 0.5 * np.sqrt(mean_c7 / (mean_c7 + 25.0**7))
    a1, a2 = a1 * stretch, a2 * stretch
    C1, C2 = np.hypot(a1, b1), np.hypot(a2, b2)
    h1, h2 = _hue(a1, b1), _hue(a2, b2)
    grey = C1 * C2 == 0
    turn = np.where(grey, 0.0, (h2 - h1 + 180.0) % 360.0 - 180.0)
    turn = np.where((turn == -180.0) & (h2 > h1), 180.0, turn)
    dH = 2 * np.sqrt(C1 * C2) * np.sin(np.radians(turn) / 2)
    L, C = (L1 + L2) / 2, (C1 + C2) / 2
    wraps = np.abs(h1 - h2) > 180.0
    h = np.where(wraps, (h1 + h2 + np.where(h1 + h2 < 360.0, 360.0, -360.0)) / 2, (h1 + h2) / 2)
    h = np.radians(np.where(grey, h1 + h2, h))
    T = (
        1
        - 0.17 * np.cos(h - np.radians(30))
        + 0.24 * np.cos(2 * h)
        + 0.32 * np.cos(3 * h + np.radians(6))
        - 0.20 * np.cos(4 * h - np.radians(63))
    )
    S_L = 1 + 0.015 * (L - 50) ** 2 / np.sqrt(20 + (L - 50) ** 2)
    S_C, S_H = 1 + 0.045 * C, 1 + 0.015 * C * T
    R_C = 2 * np.sqrt(C**7 / (C**7 + 25.0**7))
    R_T = -np.sin(2 * np.radians(30) * np.exp(-(((np.degrees(h) - 275) / 25) ** 2))) * R_C
    l, c, hue = (L2 - L1) / S_L, (C2 - C1) / S_C, dH / S_H  # noqa: E741
    return np.asarray(np.sqrt(l**2 + c**2 + hue**2 + R_T * c * hue))
