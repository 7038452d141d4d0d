"""Whether the user asked the system for less motion. Qt 6.11 does not tell, so the systems are asked themselves."""

from __future__ import annotations

import configparser
import ctypes
import os
import plistlib
import sys
from pathlib import Path

_CLIENT_AREA_ANIMATION = 0x1042  # of Windows' SystemParametersInfo


def reduced() -> bool:
    """Whether nothing should move by itself; False where the system does not say."""
    if sys.platform == "win32":
        animates = ctypes.c_int(1)
        known = ctypes.windll.user32.SystemParametersInfoW(
            _CLIENT_AREA_ANIMATION, 0, ctypes.byref(animates), 0
        )
        return bool(known) and not animates.value
    if sys.platform == "darwin":
        return reduced_in_plist(Path.home() / "Library/Preferences/com.apple.universalaccess.plist")
    folder = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    return reduced_in_ini(folder / "kdeglobals", "KDE", "AnimationDurationFactor") or reduced_in_ini(
        folder / "gtk-3.0" / "settings.ini", "Settings", "gtk-enable-animations"
    )


def reduced_in_ini(path: Path, section: str, key: str) -> bool:
    """Whether a desktop's settings file turns animations off."""
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    try:
        parser.read(path, encoding="utf-8")
        value = parser.get(section, key, fallback="1").strip().lower()
    except (OSError, UnicodeError, configparser.Error):
        return False
    return value in ("0", "0.0", "false", "no")


def reduced_in_plist(path: Path) -> bool:
    """Whether macOS's settings of universal access ask for less motion."""
    try:
        content = plistlib.loads(path.read_bytes())
    except (OSError, ValueError, plistlib.InvalidFileException):
        return False
    return isinstance(content, dict) and bool(content.get("reduceMotion", False))
