"""Keeps the pinned state, and has the compute thread work out what is shown of it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from PySide6.QtCore import QObject, Qt, Signal

from explorer.layers.fields import Array
from explorer.layers.numbers import number
from explorer.live.analysis import MapView
from explorer.live.comparison import Comparer, Mode, Pin, PinError, Shown, Wish, beside, pinned
from explorer.live.compute import Frame, LiveCompute
from explorer.live.largest_change import Changes, ChangeSearch
from explorer.live.session import EditCommand, Session

_VIEWS, _CHANGES = "comparison", "largest change"
_TURN = 0.03  # seconds after which others may have the thread


class Comparing(QObject):
    """A, B, and which of them is shown.

    Stage and sheet show :meth:`frame_for` of every new frame, and again after ``changed``.

    Signals
    -------
    changed()
        ``frame_for`` gives another frame now.
    state_changed()
        Something that is said about A and B is another: the pin, its name, the mode, the note, the largest change.
    message(sentence)
        Why a state was not pinned.
    """

    changed = Signal()
    state_changed = Signal()
    message = Signal(str)

    def __init__(self, session: Session, compute: LiveCompute, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._compute = session, compute
        self._pin: Pin | None = None
        self._comparer: Comparer | None = None
        self._search: ChangeSearch | None = None
        self._asked: Wish | None = None
        self._shown: Shown | None = None
        self._searched: Frame | None = None
        self._before: dict[str, tuple[MapView, ...]] = {}  # A's maps, as far as they were looked at
        self.mode = Mode.NOW
        self.share = 0.5
        self.name = ""
        self.note = ""
        self.changes: Changes | None = None
        compute.side_done.connect(self._take)
        # queued: the step is on the stack only after the document has changed
        session.document_changed.connect(self._follow_steps, Qt.ConnectionType.QueuedConnection)

    @property
    def active(self) -> bool:
        """Whether a state is pinned."""
        return self._pin is not None

    @property
    def memory(self) -> int:
        """The bytes that the pinned state keeps, which B cannot have."""
        return self._pin.memory if self._pin is not None else 0

    def pin(self, frame: Frame | None, memory_limit: int | None = None) -> bool:
        """Keep a settled, complete frame as A, in place of another; False (and a message) where that cannot be."""
        if frame is None:
            self.message.emit("The maps are still being computed: pin them when they are there.")
            return False
        try:
            pin = pinned(frame, frame.request.memory_limit if memory_limit is None else memory_limit)
        except PinError as error:
            self.message.emit(str(error))
            return False
        self._begin(pin)
        return True

    def unpin(self) -> None:
        """Forget A; its maps go back to the system."""
        if self._pin is not None:
            self._begin(None)

    def _begin(self, pin: Pin | None) -> None:
        self._pin = pin
        self._comparer = Comparer(pin) if pin is not None else None
        self._search = ChangeSearch(pin) if pin is not None else None
        self._asked = self._shown = self._searched = None
        self._before = {}
        self.mode, self.share, self.note, self.changes = Mode.NOW, 0.5, "", None
        self.name = ""
        self._follow_steps()
        self.state_changed.emit()
        self.changed.emit()

    def set_mode(self, mode: str) -> None:
        """Show A, B, both, or their difference."""
        if self._pin is not None and mode != self.mode:
            self.mode = Mode(mode)
            self.state_changed.emit()
            self.changed.emit()

    def set_share(self, share: float) -> None:
        """How much of the width is A's, where both are shown."""
        share = min(max(share, 0.0), 1.0)
        if share != self.share:
            self.share = share
            self.state_changed.emit()
            if self.mode is Mode.HALVES:
                self.changed.emit()

    # what is shown

    def frame_for(self, frame: Frame, index: int) -> Frame:
        """What stage and sheet show of a frame of B; until that is worked out, what they showed before."""
        if self._pin is None:
            return frame
        self._look_for_changes(frame)
        if not 0 <= index < len(frame.result.outputs):
            return self._as_it_is(frame)
        view, wish = frame.views[index], Wish(frame, self.mode, index, self.share)
        if view is None and frame.result.outputs[index].ndim == 4:
            return self._as_it_is(frame)
        last = self._shown
        if last is not None and wish.is_for(last.wish):
            return last.frame
        if self.mode is Mode.NOW and view is not None and wish.layer in self._before:
            views = (*frame.views[:index], beside(view, self._before[wish.layer]), *frame.views[index + 1 :])
            shown = replace(frame, request=replace(frame.request), views=views)
            self._shown = Shown(wish, shown)
            self._say("")
            return shown
        self._want(wish)
        return frame if last is None or last.wish.layer != wish.layer else last.frame

    def describe(self, frame: Frame, index: int, channel: int, row: int, column: int) -> str:
        """A value in both states: ``x 120  y 88   A 0.41   B −2.3   B − A −2.71``. For a vector, ``row`` is ignored."""
        if self._pin is None or not 0 <= index < len(frame.result.outputs):
            return ""
        own = self._pin.index(frame.result.network.names[index])
        outputs = self._pin.result.outputs
        before = _value(outputs[own], channel, row, column) if 0 <= own < len(outputs) else None
        now = _value(frame.result.outputs[index], channel, row, column)
        place = f"x {column}  y {row}   " if frame.result.outputs[index].ndim == 4 else ""
        words = [
            f"{name} {number(value)}" for name, value in (("A", before), ("B", now)) if value is not None
        ]
        if before is not None and now is not None:
            words.append(f"B − A {number(now - before)}")
        return place + "   ".join(words)

    def _as_it_is(self, frame: Frame) -> Frame:
        self._say("")
        return frame

    def _want(self, wish: Wish) -> None:
        if not wish.is_for(self._asked) and self._comparer is not None:
            self._asked = wish
            self._compute.side(_VIEWS, partial(_show, self._comparer, wish))

    def _look_for_changes(self, frame: Frame) -> None:
        if frame.result.complete and frame is not self._searched and self._search is not None:
            self._searched = frame
            self._compute.side(_CHANGES, partial(_find, self._search, frame))

    def _take(self, kind: str, answer: object) -> None:
        if kind == _VIEWS and isinstance(answer, tuple):
            self._take_view(*answer)
        elif kind == _CHANGES and isinstance(answer, tuple):
            self._take_changes(*answer)

    def _take_view(self, comparer: Comparer, shown: Shown | None) -> None:
        if comparer is not self._comparer:
            return
        if shown is None:  # its time was up, and nobody else wanted the thread
            if self._asked is not None:
                self._compute.side(_VIEWS, partial(_show, comparer, self._asked))
            return
        if shown.wish.is_for(self._asked):
            self._asked = None
        self._shown = shown
        if shown.before:
            self._before[shown.wish.layer] = shown.before
        self._say(shown.note)
        self.changed.emit()

    def _take_changes(self, search: ChangeSearch, changes: Changes | None) -> None:
        if search is not self._search:
            return
        if changes is None:
            if self._searched is not None:
                self._compute.side(_CHANGES, partial(_find, search, self._searched))
        elif changes != self.changes:
            self.changes = changes
            self.state_changed.emit()

    def _say(self, note: str) -> None:
        if note != self.note:
            self.note = note
            self.state_changed.emit()

    # the name of A

    def _follow_steps(self) -> None:
        if self._pin is None:
            return
        name = self._name()
        if name != self.name:
            self.name = name
            self.state_changed.emit()

    def _name(self) -> str:
        """By the step that led away from A, else by the one that led to it."""
        assert self._pin is not None
        document, stack, after = self._pin.frame.document, self._session.undo_stack, ""
        for place in reversed(range(stack.count())):
            step = stack.command(place)
            if isinstance(step, EditCommand) and step.before is document and place < stack.index():
                return f"before “{step.text()}”"
            if isinstance(step, EditCommand) and step.after is document:
                after = f"after “{step.text()}”"
        return after or self.name or "as pinned"


def _show(comparer: Comparer, wish: Wish) -> tuple[Comparer, Shown | None]:
    return comparer, comparer.show(wish, _TURN)


def _find(search: ChangeSearch, frame: Frame) -> tuple[ChangeSearch, Changes | None]:
    return search, search.find(frame, _TURN)


def _value(output: Array, channel: int, row: int, column: int) -> float | None:
    """One number of an output, where it has that place."""
    place = (0, channel, row, column) if output.ndim == 4 else (0, channel)
    inside = all(0 <= at < size for at, size in zip(place, output.shape, strict=True))
    return float(output[place]) if inside else None
