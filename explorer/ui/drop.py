"""What may be dropped or pasted, and the frame that shows it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from explorer.imaging.reading import picture_suffixes
from explorer.ui import theme

MOST_FILES = 500
_LONGEST_TEXT = 4096


@dataclass(frozen=True, eq=False)
class Dropped:
    """Something that can be opened: a file (and how many more there were, at least), or pixels."""

    path: Path | None = None
    more: int = 0
    image: QImage | None = None


@dataclass(frozen=True)
class Refused:
    """One sentence why not."""

    reason: str


def understand(data: QMimeData) -> Dropped | Refused:
    """Local files first, then pixels, then text that is the path of a file."""
    urls = data.urls()
    local = [url.toLocalFile() for url in urls if url.isLocalFile() and url.toLocalFile()]
    if local:
        return _files([Path(path) for path in local])
    if data.hasImage():
        image = QImage(data.imageData())
        if not image.isNull():
            return Dropped(image=image)
    if urls:
        return Refused("Pictures are not downloaded: save it to a file first, then drop the file.")
    text = data.text().strip()
    if text:
        if len(text) < _LONGEST_TEXT and "\n" not in text and Path(text).is_absolute() and _exists(text):
            return _files([Path(text)])
        return Refused("This is text, not a picture: drop or paste a picture or a network file.")
    return Refused("There is no picture in this: drop or paste a picture or a network file.")


def _exists(text: str) -> bool:
    try:
        return Path(text).exists()
    except (OSError, ValueError):
        return False


def _files(paths: list[Path]) -> Dropped | Refused:
    first = paths[0]
    if first.is_dir():
        pictures = _pictures_in(first)
        if not pictures:
            return Refused(f"There is no picture in the folder {first.name}.")
        return Dropped(pictures[0], len(pictures) - 1)
    known = {*picture_suffixes(), ".json"}
    readable = next((path for path in paths if path.suffix.lower() in known), first)
    return Dropped(readable, len(paths) - 1)


def _pictures_in(folder: Path) -> list[Path]:
    """The pictures in a folder, by name; of a very large folder the first few hundred that are found."""
    suffixes = set(picture_suffixes())
    found: list[Path] = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if Path(entry.name).suffix.lower() in suffixes and entry.is_file():
                    found.append(Path(entry.path))
                    if len(found) == MOST_FILES:
                        break
    except OSError:
        return []
    return sorted(found)


class DropFrame(QWidget):
    """Covers the window while something is dragged over it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._text = ""
        self._refused = False
        self.hide()

    def appear(self, text: str, *, refused: bool = False) -> None:
        """Show what a drop would do."""
        self._text, self._refused = text, refused
        parent = self.parentWidget()
        if parent is not None:
            self.setGeometry(parent.rect())
        self.raise_()
        self.show()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.of(self)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        veil = QColor(colours.window)
        veil.setAlpha(190)
        painter.fillRect(self.rect(), veil)
        painter.setPen(QPen(QColor(colours.error if self._refused else colours.accent), 2))
        painter.drawRoundedRect(self.rect().adjusted(8, 8, -8, -8), 8, 8)
        painter.setPen(QColor(colours.text))
        font = QFont(theme.font(self, 1.5))
        painter.setFont(font)
        painter.drawText(
            self.rect().adjusted(40, 40, -40, -40),
            int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap),
            self._text,
        )
