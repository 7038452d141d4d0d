"""The picture card: what enters the network, and how."""

from __future__ import annotations

from dataclasses import replace
from html import escape

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAction, QColor, QImage, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QMenu,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from explorer.document import edits
from explorer.imaging.preprocess import Preprocess, working_size
from explorer.layers.receptive import Box
from explorer.live.compute import Frame
from explorer.live.session import Session
from explorer.ui import imagery, overlay, theme
from explorer.ui.controls import elastic_label, flat_button, second_label

_SIZES = ((28, 28), (64, 64), (128, 128), (224, 224), (256, 256), (380, 512))


class PictureCard(QFrame):
    """A small version of the picture, its name and size, and the choices of :class:`Preprocess`.

    Signals
    -------
    open_requested()
        The picture or the folder button was clicked.
    size_requested()
        A size of the user's own is wanted.
    pointed(row, column), pointed_away()
        The mouse is over a pixel of the picture, or no longer.
    """

    open_requested = Signal()
    size_requested = Signal()
    pointed = Signal(int, int)
    pointed_away = Signal()

    def __init__(self, session: Session, samples_menu: QMenu, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.setAccessibleName("Picture")
        self._session = session
        self._thumbnail = _Thumbnail()
        self._thumbnail.clicked.connect(self.open_requested)
        self._thumbnail.pointed.connect(self.pointed)
        self._thumbnail.pointed_away.connect(self.pointed_away)
        self._name = elastic_label()
        self._note = elastic_label()
        self._note.setProperty("role", "note")
        self._note.setWordWrap(True)
        open_button = flat_button("folder-open", "Open a picture (Ctrl+O)", self)
        open_button.clicked.connect(self.open_requested)
        samples = flat_button("image", "Samples: photographs, patterns and small grids", self)
        samples.setMenu(samples_menu)
        samples.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        top = QHBoxLayout()
        top.setSpacing(2)
        top.addWidget(self._name, 1)
        top.addWidget(samples)
        top.addWidget(open_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 6, 8, 8)
        layout.setSpacing(4)
        layout.addLayout(top)
        layout.addWidget(self._thumbnail)
        layout.addLayout(self._make_choices())
        layout.addLayout(self._make_sizes())
        layout.addWidget(self._note)
        self.show_document()

    def show_document(self) -> None:
        """Follow the document."""
        document = self._session.document
        image, preprocess = document.image, document.preprocess
        self._name.setText(f"<b>{escape(image.name)}</b>")
        self._name.setToolTip(image.source)
        channels = document.input_shape[0]
        self._rgb.setChecked(channels == 3)
        self._grey.setChecked(channels == 1)
        self._wide.setChecked(preprocess.range == "0..255")
        self._unit.setChecked(preprocess.range == "0..1")
        rows, columns = working_size(image, preprocess)
        own_rows, own_columns = image.pixels.shape[:2]
        self._size.setText(f"{columns}×{rows}")
        reduced = (rows, columns) != (own_rows, own_columns)
        notes = list(image.notes)
        if reduced:
            notes.insert(0, f"Working at {columns}×{rows}; the picture has {own_columns}×{own_rows}")
        self._note.setVisible(bool(notes))
        self._note.setText("; ".join(notes))
        self._note.setToolTip("\n".join(notes))
        self._full.setVisible(reduced)

    def show_frame(self, frame: Frame) -> None:
        """Show the picture as the network sees it."""
        self._thumbnail.show_levels(frame)

    def mark(self, box: Box | None) -> None:
        """Outline what a value sees of the picture."""
        self._thumbnail.mark(box)

    def _make_choices(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(2)
        self._grey = self._choice("Grey", "One channel, by the luminance weights .299 .587 .114")
        self._rgb = self._choice("RGB", "Three channels: red, green, blue")
        self._unit = self._choice("0–1", "Pixel values divided by their maximum, so white is 1")
        self._wide = self._choice("0–255", "Pixel values as in an 8-bit file, so white is 255")
        for pair in ((self._grey, self._rgb), (self._unit, self._wide)):
            if row.count():
                row.addSpacing(6)
            group = QButtonGroup(self)
            for button in pair:
                group.addButton(button)
                row.addWidget(button)
        self._grey.clicked.connect(self._choose_grey)
        self._rgb.clicked.connect(self._choose_rgb)
        self._unit.clicked.connect(self._choose_unit)
        self._wide.clicked.connect(self._choose_wide)
        row.addStretch(1)
        return row

    def _make_sizes(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addWidget(second_label("Working size"), 1)
        self._full = flat_button("scan", "Use the picture's full size", self)
        self._full.clicked.connect(self._choose_full)
        row.addWidget(self._full)
        self._size = QToolButton()
        self._size.setProperty("role", "field")
        self._size.setAccessibleName("Working size")
        self._size.setToolTip("Columns × rows that enter the network")
        self._size.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._size.setMenu(self._make_size_menu())
        row.addWidget(self._size)
        return row

    def _choice(self, text: str, tip: str) -> QToolButton:
        button = QToolButton()
        button.setText(text)
        button.setCheckable(True)
        button.setProperty("role", "field")
        button.setAccessibleName(text)
        button.setToolTip(tip)
        return button

    def _make_size_menu(self) -> QMenu:
        menu = QMenu("Working size", self)
        menu.addAction("Own size, at most 2 megapixels", self._choose_own)
        menu.addAction("Full size", self._choose_full)
        menu.addSeparator()
        for rows, columns in _SIZES:
            action = menu.addAction(f"{columns} × {rows}")
            action.setData((rows, columns))
            action.triggered.connect(self._size_chosen)
        menu.addSeparator()
        menu.addAction("Other…", self.size_requested.emit)
        return menu

    def _size_chosen(self) -> None:
        action = self.sender()
        if isinstance(action, QAction):
            rows, columns = action.data()
            self.choose_size((int(rows), int(columns)))

    def _apply(self, preprocess: Preprocess, text: str) -> None:
        ours, theirs = vars(self._preprocess()), vars(preprocess)
        if any(ours[name] != theirs[name] for name in theirs):
            self._session.edit(edits.set_preprocess(self._session.document, preprocess), text)

    def _preprocess(self) -> Preprocess:
        return self._session.document.preprocess

    def choose_size(self, size: tuple[int, int]) -> None:
        """Work at this size (rows, columns)."""
        self._apply(replace(self._preprocess(), size=size, full_size=False), "Working size")

    def _choose_own(self) -> None:
        self._apply(replace(self._preprocess(), size=None, full_size=False), "Own size")

    def _choose_full(self) -> None:
        self._apply(replace(self._preprocess(), size=None, full_size=True), "Full size")

    def _choose_grey(self) -> None:
        self._apply(replace(self._preprocess(), mode="grey"), "Grey")

    def _choose_rgb(self) -> None:
        self._apply(replace(self._preprocess(), mode="rgb"), "RGB")

    def _choose_unit(self) -> None:
        self._apply(replace(self._preprocess(), range="0..1"), "Values 0 to 1")

    def _choose_wide(self) -> None:
        self._apply(replace(self._preprocess(), range="0..255"), "Values 0 to 255")


class _Thumbnail(QWidget):
    clicked = Signal()
    pointed = Signal(int, int)
    pointed_away = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Open a picture")
        self.setToolTip("Click to open a picture, or drop one anywhere on the window")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._image: QImage | None = None
        self._levels: object = None
        self._rows, self._columns = 1, 1
        self._box: Box | None = None
        self.setMouseTracking(True)

    def sizeHint(self) -> QSize:
        return QSize(200, 118)

    def show_levels(self, frame: Frame) -> None:
        if frame.picture is self._levels:
            return
        self._levels = frame.picture
        self._rows, self._columns = frame.picture[0].shape[:2]
        level = next((part for part in reversed(frame.picture) if part.shape[1] >= 220), frame.picture[0])
        self._image = imagery.rgb_image(level)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.of(self).stage))
        if self._image is None:
            return
        large = self._image.width() < 64
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not large)
        place = self._place(self._image)
        painter.drawImage(place, self._image)
        if self._box is not None:
            box, rows, columns = self._box, self._rows, self._columns
            part = QRectF(box.left / columns, box.top / rows, box.width / columns, box.height / rows)
            painter.setClipRect(place)
            overlay.shares(painter, QRectF(place), part)

    def _place(self, image: QImage) -> QRect:
        """Where the picture lies."""
        size = image.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        x, y = (self.width() - size.width()) // 2, (self.height() - size.height()) // 2
        return self.rect().adjusted(x, y, -x, -y)

    def mark(self, box: Box | None) -> None:
        if box != self._box:
            self._box = box
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        place = self._place(self._image) if self._image is not None else QRect()
        point = event.position().toPoint()
        if place.contains(point):
            row = (point.y() - place.y()) * self._rows // place.height()
            column = (point.x() - place.x()) * self._columns // place.width()
            self.pointed.emit(row, column)
        else:
            self.pointed_away.emit()

    def leaveEvent(self, event: QEvent) -> None:
        self.pointed_away.emit()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.clicked.emit()
