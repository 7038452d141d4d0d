"""What the program remembers of its user between starts: a small, validated JSON file in the user's own folder."""

from __future__ import annotations

import json
import logging
import os
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import platformdirs

from explorer.imaging.colormaps import COLORMAPS

logger = logging.getLogger(__name__)

THEMES = ("system", "dark", "light")
HINTS = ("paint", "probe", "drop")


@dataclass(frozen=True)
class Settings:
    """``memory_limit`` is in megabytes, 0 for a quarter of what is free; ``hints_done`` were followed once."""

    theme: str = "system"
    colormap: str = COLORMAPS[0].key
    memory_limit: int = 0
    hints_done: tuple[str, ...] = ()


def path() -> Path:
    """Where the file lies."""
    return Path(platformdirs.user_config_dir("feature-map-explorer")) / "settings.json"


def load() -> Settings:
    """What is remembered. A file that cannot be understood is set aside, and defaults are used."""
    file = path()
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Settings()
    except (OSError, ValueError, RecursionError) as error:
        logger.info("The settings cannot be read, using defaults: %s", error)
        _set_aside(file)
        return Settings()
    if not isinstance(content, dict):
        _set_aside(file)
        return Settings()
    checked = {
        "theme": lambda value: value in THEMES,
        "colormap": lambda value: value in {colormap.key for colormap in COLORMAPS},
        "memory_limit": lambda value: type(value) is int and 0 <= value <= 1 << 20,
        "hints_done": lambda value: isinstance(value, list) and all(hint in HINTS for hint in value),
    }
    good = {
        field.name: content[field.name] for field in fields(Settings) if _valid(content, field.name, checked)
    }
    if "hints_done" in good:
        good["hints_done"] = tuple(good["hints_done"])
    return Settings(**good)


def save(settings: Settings) -> None:
    """Remember. Where nothing can be written, nothing is."""
    file = path()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        temporary = file.with_suffix(f".{os.getpid()}.tmp")
        temporary.write_text(json.dumps(asdict(settings), indent=2) + "\n", encoding="utf-8")
        temporary.replace(file)
    except OSError as error:
        logger.info("The settings cannot be saved: %s", error)


def _valid(content: dict[str, object], name: str, checked: object) -> bool:
    assert isinstance(checked, dict)
    try:
        return name in content and bool(checked[name](content[name]))
    except TypeError:  # an unhashable value
        return False


def _set_aside(file: Path) -> None:
    try:
        file.replace(file.with_suffix(".bak"))
    except OSError as error:
        logger.info("The settings cannot be set aside: %s", error)
