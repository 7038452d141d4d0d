"""The sheet of all maps of a layer, under mouse and keyboard: selecting, dragging and naming tiles."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QEvent, QKeyCombination, QPoint, QPointF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QWheelEvent,
)
from PySide6.QtWidgets import QToolTip, QWidget

from explorer.imaging.colormaps import Colormap
from explorer.ui import tile_selection
from explorer.ui.tile import Tile
from explorer.ui.tile_drag import TileDrag
from explorer.ui.tile_editor import NameEditor
from explorer.ui.tile_selection import TileSelection, by_key
from explorer.ui.tile_sheet import TileSheet
from explorer.ui.tiling import Tiling

__all__ = ["MapsSheet", "Tile"]

_WHEEL_STEP = 1.25
_CTRL, _SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


class MapsSheet(TileSheet):
    """All maps of the selected layer.

    ``draggable``: tiles may be dragged. ``keys``: what further keys do, by QKeyCombination.toCombined(), before any
    command of the window has them.

    Signals
    -------
    picked(index)
        A tile was clicked or walked to: it is the current one.
    dropped(slot, copy)
        The selected tiles were dragged before tile ``slot``.
    renamed(index, name)
        A name was typed on a tile.
    rename_requested()
        The current tile's caption was double clicked.
    menu_requested(place)
        The context menu of the selected tiles is wanted, at a point of the screen.
    find_requested()
        The user wants to search.
    drag_refused()
        Tiles were dragged that may not be, for they stand in another order or some are hidden.
    hovered(index, row, column), left()
        The map pixel under the mouse.
    zoom_requested(factor, point)
        All maps are to be shown so much larger around a point of the map.
    pan_requested(delta)
        What is seen is to move by so many map pixels.
    """

    picked = Signal(int)
    dropped = Signal(int, bool)
    renamed = Signal(int, str)
    rename_requested = Signal()
    menu_requested = Signal(QPoint)
    find_requested = Signal()
    drag_refused = Signal()
    hovered = Signal(int, int, int)
    left = Signal()
    zoom_requested = Signal(float, QPointF)
    pan_requested = Signal(QPointF)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.draggable = False
        self.keys: Mapping[int, Callable[[], None]] = {}
        self._drag = TileDrag(self, self._get_arrangement)
        self._drag.dropped.connect(self.dropped)
        self._on_release: TileSelection | None = None
        self._hovered: tuple[int, int, int] | None = None
        self._panned: QPointF | None = None
        self._space = False
        self.viewport().setMouseTracking(True)
        self._editor: NameEditor | None = None
        self._edited = 0

    def show_tiles(self, tiles: tuple[Tile, ...], colormap: Colormap, message: str = "") -> None:
        if len(tiles) != len(self._tiles):
            self._drag.cancel()
        super().show_tiles(tiles, colormap, message)

    def _get_arrangement(self) -> Tiling:
        return self._layout

    def _arrange(self) -> None:
        before = self._layout
        super()._arrange()
        if self._layout != before:
            self._finish_name()

    def _lifted(self) -> tuple[int, ...]:
        return self._drag.tiles

    def _paint_over(self, painter: QPainter) -> None:
        self._drag.paint(painter)

    # what is selected

    def _in_places(self, change: Callable[[TileSelection], TileSelection | None]) -> TileSelection | None:
        """A change of the selection that goes by where tiles stand."""
        if not self._shown:
            return None
        before = tile_selection.placed(self._selection, self._places, self._nearest_shown())
        after = change(before)
        return None if after is None else tile_selection.known(after, self._shown)

    def _choose(self, selection: TileSelection) -> None:
        """As the user wants it."""
        self._set_selection(selection)
        self._bring_into_sight(selection.current)
        self.picked.emit(selection.current)

    # mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._drag.active:  # another button
            self._drag.cancel()
            return
        if event.button() == Qt.MouseButton.MiddleButton or (
            self._space and event.button() == Qt.MouseButton.LeftButton
        ):
            self._panned = event.position()
            self._show_hand()
            return
        index = self._index_at(event.position())
        if index is None or event.button() not in (Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton):
            return
        keys, selection = event.modifiers(), self._selection
        if event.button() == Qt.MouseButton.RightButton:
            self._choose(selection.at(index))
            return
        self._drag.press(event.position())
        self._on_release = None
        if keys & _SHIFT:
            place, keep = self._places[index], bool(keys & _CTRL)
            extended = self._in_places(lambda placed: placed.extended(place, keep=keep))
            self._choose(extended or selection)
        elif keys & _CTRL:
            self._on_release = selection.toggled(index)
        else:
            self._choose(selection.at(index))
            if len(self.selection) > 1:  # for a drag takes all that are selected
                self._on_release = selection.alone(index)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._panned is not None:
            self._pan(event.position())
            return
        copy = bool(event.modifiers() & _CTRL)
        if self.draggable and self._tiles and self._drag.begins(event.position()):
            if self._shown == tuple(range(len(self._tiles))):
                self._begin_drag()
            else:
                self._drag.cancel()
                self.drag_refused.emit()
        self._drag.move(event.position(), copy=copy)
        if event.buttons() == Qt.MouseButton.NoButton:
            self._hover(self.cell_at(event.position()))

    def _hover(self, cell: tuple[int, int, int] | None) -> None:
        if cell != self._hovered:
            self._hovered = cell
            if cell is None:
                self.left.emit()
            else:
                self.hovered.emit(*cell)

    def _pan(self, position: QPointF) -> None:
        """What is seen follows the hand."""
        index = self._in_sight()
        if self._panned is None or self._painter.window is None or not index:
            return
        place = self._painter.place(self._tiles[index[0]], self.tile_rect(index[0]))
        moved, self._panned = self._panned - position, position
        self.pan_requested.emit(QPointF(moved.x() / place.zoom_x, moved.y() / place.zoom_y))

    def _show_hand(self) -> None:
        if self._panned is not None:
            self.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)
        elif self._space:
            self.viewport().setCursor(Qt.CursorShape.OpenHandCursor)
        else:
            self.viewport().unsetCursor()

    def wheelEvent(self, event: QWheelEvent) -> None:
        controlled = bool(event.modifiers() & _CTRL)
        if not controlled and self.verticalScrollBar().maximum() > 0:
            super().wheelEvent(event)
            return
        index = self._index_at(event.position())
        steps = event.angleDelta().y() / 120
        if index is not None and steps:
            self.zoom_requested.emit(_WHEEL_STEP**steps, self._map_point(index, event.position()))
        event.accept()

    def _begin_drag(self) -> None:
        index = self._index_at(self._drag.start)
        if index is None:
            return
        self._on_release = None
        self._choose(self._selection.at(index))
        picture = self._painter.image(index, self._tiles[index], self.tile_rect(index))
        self._drag.begin(self.selection, picture)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._panned is not None:
            self._panned = None
            self._show_hand()
            return
        if event.button() != Qt.MouseButton.LeftButton:
            return
        selection, self._on_release = self._on_release, None
        if not self._drag.release(copy=bool(event.modifiers() & _CTRL)) and selection is not None:
            self._choose(selection)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        index = self._index_at(event.position())
        y = event.position().y() + self.verticalScrollBar().value()
        if index == self.current and self._layout.in_caption(self._places[index], y):
            self.rename_requested.emit()
        else:
            self.mousePressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if not self._tiles:
            return
        if event.reason() == QContextMenuEvent.Reason.Mouse:
            if self._index_at(QPointF(event.pos())) is not None:
                self.menu_requested.emit(event.globalPos())
            return
        self._bring_into_sight(self.current)
        self.menu_requested.emit(self.viewport().mapToGlobal(self.tile_rect(self.current).center()))

    # keys

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            ours = _combined(event) in self.keys or _finds(event) or event.key() == Qt.Key.Key_Space
            if ours or (event.key() == Qt.Key.Key_Escape and self._drag.active):
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        run = self.keys.get(_combined(event))
        if self._drag.active:
            if key == Qt.Key.Key_Escape:
                self._drag.cancel()
            elif key == Qt.Key.Key_Control:
                self._drag.set_copy(True)
        elif run is not None:
            run()
        elif _finds(event):
            self.find_requested.emit()
        elif key == Qt.Key.Key_Space and not event.modifiers():
            self._space = True
            self._show_hand()
        elif not (self._tiles and self._walk(event)):
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Control:
            self._drag.set_copy(False)
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._let_go()
        super().keyReleaseEvent(event)

    def _walk(self, event: QKeyEvent) -> bool:
        """Select with the keyboard; returns whether the key does so."""
        count, columns = len(self._shown), self._layout.columns
        chosen = self._in_places(lambda placed: by_key(placed, event.keyCombination(), count, columns))
        if chosen is None:
            return False
        self._choose(chosen)
        return True

    # names and tips

    def edit_name(self, index: int, name: str) -> None:
        """Let the user type a name over the caption of a tile."""
        self._bring_into_sight(index)
        if index not in self._places:
            return
        place = self._painter.name_rect(self._tiles[index], self.tile_rect(index))
        editor = NameEditor(name, self._tiles[index].name, place, self.viewport())
        editor.renamed.connect(self._renamed)
        editor.closed.connect(self._editor_closed)
        self._editor, self._edited = editor, index

    def _renamed(self, name: str) -> None:
        self.renamed.emit(self._edited, name)

    def _editor_closed(self) -> None:
        self._editor = None

    def _finish_name(self) -> None:
        if self._editor is not None:
            self._editor.finish(commit=True)

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            index = self._index_at(QPointF(event.pos()))
            if index is None or self._drag.active:
                QToolTip.hideText()
            else:
                QToolTip.showText(event.globalPos(), self._tiles[index].describe(index), self)
            return True
        if event.type() == QEvent.Type.Leave:
            self._hover(None)
        return super().viewportEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._let_go()
        super().focusOutEvent(event)

    def _let_go(self) -> None:
        if self._space:
            self._space = False
            self._show_hand()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        self._finish_name()
        super().scrollContentsBy(dx, dy)


def _finds(event: QKeyEvent) -> bool:
    """Whether a key asks for a search."""
    return event.text() == "/" or event.matches(QKeySequence.StandardKey.Find)


def _combined(event: QKeyEvent) -> int:
    """Key and modifiers as one number, wherever on the keyboard the key lies."""
    modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    return QKeyCombination(modifiers, Qt.Key(event.key())).toCombined()
