"""The compute thread: one running pass, one waiting document, newest wins.

The way of one edit on this side:

1. ``request`` puts the document into the mailbox, in place of one that still waits there. No timer.
2. The compute thread takes it out. The input is made anew only where picture or preprocessing changed.
3. It runs the layers up to the one on the stage, the *head*. Reuse is decided in ``layers.forward``.
4. It looks at the head's maps (scale, range, smaller levels) and sends them off as a :class:`Frame`.
5. The *tail*, all later layers, follows when the window has painted the head, or ``PAINT_SECONDS`` later: on few cores
   it would slow the painting down. It stops between layers where a newer document waits, unless the last
   complete pass is longer ago than ``TAIL_SECONDS``: so cards never starve, and the head is never held up for long.
6. A complete pass is sent off as a second frame, with thumbnails of all layers.
7. A request that is ``settled`` takes over exact numbers only.
8. After a settled pass, while nobody waits, spare buffers are made ready for the next edit.

Side jobs (a preview, a statistic) run between requests, while nobody waits: one of a kind waits at most, the newest.
A kind that has waited for ``SIDE_SECONDS`` has its turn before the next request, or a fast hand would starve it.
"""

from __future__ import annotations

import contextlib
import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, QThread, Signal

from explorer.document.document import Document
from explorer.errors import Cancelled, ExplorerError
from explorer.imaging.preprocess import to_input
from explorer.jit import CancelFlag, Status, status
from explorer.layers.buffers import BufferPool
from explorer.layers.fields import Array
from explorer.layers.forward import ForwardPass, steps
from explorer.layers.network import Plan
from explorer.live.analysis import LayerView, Thumbnail, layer_view, pyramid, thumbnail

TAIL_SECONDS = 0.25
PAINT_SECONDS = 0.02
SIDE_SECONDS = 0.05


@dataclass(frozen=True)
class Request:
    """What to compute: a snapshot, so nothing here can change while it runs."""

    document: Document
    layer: int
    channels: tuple[tuple[str, int], ...]
    memory_limit: int
    settled: bool


@dataclass(frozen=True, eq=False)
class Frame:
    """What the window shows: all of it from one pass.

    ``views`` and ``thumbnails`` have an entry per layer, None where not (yet) known. ``picture`` are the levels of
    the picture as seen, (H, W, 3) uint8, and ``inputs`` the channels of the network's input.
    """

    request: Request
    result: ForwardPass
    plan: Plan
    picture: tuple[npt.NDArray[np.uint8], ...]
    inputs: LayerView
    views: tuple[LayerView | None, ...]
    thumbnails: tuple[Thumbnail | None, ...]
    seconds: float
    plain: bool

    @property
    def document(self) -> Document:
        """The document this frame shows."""
        return self.request.document

    def shows_like(self, other: Frame | None) -> bool:
        """Whether the maps on the stage are those of the other frame: the same pass, only further on."""
        return other is not None and self.request is other.request and self.views == other.views

    def input_view(self, index: int) -> LayerView | None:
        """The maps that layer ``index`` takes in, where they are maps."""
        return self.inputs if index == 0 else self.views[index - 1]


class LiveCompute(QThread):
    """Owns every forward pass.

    Signals
    -------
    frame_ready(frame)
        New maps: the head's, or all.
    failed(message)
        One sentence; the last frame stays.
    bug(exception)
        Something that should not happen.
    busy_changed(busy)
        The thread began or ended work.
    side_done(kind, result)
        What a side job gave back.
    """

    frame_ready = Signal(object)
    failed = Signal(str)
    bug = Signal(object)
    busy_changed = Signal(bool)
    side_done = Signal(str, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._mailbox = threading.Condition()
        self._waiting: Request | None = None
        self._side: dict[str, tuple[float, Callable[[], object]]] = {}
        self._stopping = False
        self._cancel = CancelFlag()
        self._painting = False
        self._state = _State()

    def request(self, request: Request) -> None:
        """Compute this next; what waited before it is forgotten. Called on the GUI thread."""
        with self._mailbox:
            running = self._state.document
            if running is not None and running.image is not request.document.image:
                self._cancel.set()  # nobody will look at maps of the old picture
            self._waiting = request
            self._mailbox.notify()

    def side(self, kind: str, work: Callable[[], object]) -> None:
        """Do ``work`` on the compute thread when no request waits, in place of a job of its kind that still waits."""
        with self._mailbox:
            since, _ = self._side.get(kind, (time.perf_counter(), work))
            self._side[kind] = since, work
            self._mailbox.notify()

    def cancel(self) -> None:
        """End what is running."""
        with self._mailbox:
            self._cancel.set()
            self._mailbox.notify()

    def painted(self) -> None:
        """The last frame is on the screen: the processors are free again. Called on the GUI thread."""
        with self._mailbox:
            self._painting = False
            self._mailbox.notify()

    def forget(self) -> None:
        """Compute everything afresh next time, for the engine has changed."""
        with self._mailbox:
            self._state = _State()

    def stop(self) -> bool:
        """End the thread; False where it did not within 3 seconds."""
        with self._mailbox:
            self._stopping = True
            self._waiting = None
            self._cancel.set()
            self._mailbox.notify()
        return self.wait(3000)

    def run(self) -> None:
        while (taken := self._take()) is not None:
            if not isinstance(taken, _Work):
                self._do(*taken)
                continue
            request, cancel, state = taken.request, taken.cancel, taken.state
            self.busy_changed.emit(True)
            try:
                self._compute(request, cancel, state)
            except Cancelled:
                pass
            except MemoryError:
                self.forget()
                self.failed.emit(
                    "There is not enough memory for these maps: use a smaller picture or fewer filters."
                )
            except ExplorerError as error:
                self.failed.emit(str(error))
            except Exception as error:
                self.bug.emit(error)
            finally:
                self.busy_changed.emit(False)
            self._prepare_next(state)

    def _do(self, kind: str, work: Callable[[], object]) -> None:
        """A side job; one that fails leaves what is shown as it is."""
        try:
            self.side_done.emit(kind, work())
        except (ExplorerError, MemoryError, ValueError) as error:
            self.failed.emit(str(error) or "There is not enough memory for this.")
        except Exception as error:
            self.bug.emit(error)

    def _prepare_next(self, state: _State) -> None:
        try:
            if state is self._state:
                state.make_spares(lambda: self._somebody_waits() or bool(self._side))
        except Exception as error:
            self.bug.emit(error)

    def _take(self) -> _Work | tuple[str, Callable[[], object]] | None:
        with self._mailbox:
            self._mailbox.wait_for(lambda: self._stopping or self._waiting is not None or bool(self._side))
            if self._stopping:
                return None
            if self._waiting is None or self._side_is_due():
                kind = next(iter(self._side))
                return kind, self._side.pop(kind)[1]
            request, self._waiting = self._waiting, None
            self._cancel = CancelFlag()
            self._state.document = request.document
            return _Work(request, self._cancel, self._state)

    def _side_is_due(self) -> bool:
        """Whether the side job at the head of the queue has waited long enough."""
        since = next(iter(self._side.values()), (math.inf,))[0]
        return time.perf_counter() - since > SIDE_SECONDS

    def _somebody_waits(self) -> bool:
        return self._waiting is not None or self._stopping

    def _let_paint(self, cancel: CancelFlag) -> None:
        with self._mailbox:
            self._mailbox.wait_for(
                lambda: not self._painting or self._somebody_waits() or cancel.is_set, PAINT_SECONDS
            )

    def _compute(self, request: Request, cancel: CancelFlag, state: _State) -> None:
        started = time.perf_counter()
        preparing = status.state is Status.PREPARING
        settled = request.settled and not preparing
        document = request.document
        state.take_input(document, cancel)
        limit = state.pool.free_bytes = request.memory_limit
        plan = document.network.plan(document.input_shape, limit)
        previous = state.last
        head = min(request.layer, len(plan.shapes) - 2)
        frame = _FrameMaker(request, plan, state, preparing or status.state is Status.FAILED, started)
        run = steps(
            document.network,
            state.input,
            previous,
            settled=settled,
            memory_limit=limit,
            cancel=cancel,
            pool=state.pool,
        )
        for result in run:
            index = len(result.outputs) - 1
            frame.add(result, previous, index in (head, head - 1))
            if index == head or not result.outputs:
                self._painting = not result.complete
                self.frame_ready.emit(frame.make())
                self._let_paint(cancel)
            if index >= head and self._somebody_waits() and not state.tail_is_due():
                state.keep(frame.result)
                return
        state.keep(frame.result)
        state.completed = time.perf_counter()
        if len(frame.result.outputs) - 1 != head:
            self.frame_ready.emit(frame.make())


@dataclass(frozen=True, eq=False)
class _Work:
    """A request taken out of the mailbox."""

    request: Request
    cancel: CancelFlag
    state: _State


class _State:
    """What one pass leaves to the next. Only the compute thread changes it."""

    def __init__(self) -> None:
        self.document: Document | None = None
        self.last: ForwardPass | None = None
        self.views: dict[int, LayerView] = {}
        self.pool = BufferPool()
        self.completed = 0.0
        self._made_from: tuple[object, object] = (None, None)

    def take_input(self, document: Document, cancel: CancelFlag) -> None:
        """Make the network's input, unless picture and preprocessing are the same objects as before."""
        if self._made_from == (document.image, document.preprocess):
            return
        self.last = None  # free the old maps before the new ones are made
        self.views = {}
        self.pool.clear()
        self._made_from = (None, None)  # until all of it is made
        preprocess = document.preprocess
        self.input: Array = to_input(document.image, preprocess)
        _go_on(cancel)
        plain = replace(preprocess, range="0..1", mean=(), std=())
        as_it_is = (preprocess.range, preprocess.mean, preprocess.std) == (plain.range, (), ())
        seen = self.input if as_it_is else to_input(document.image, plain)
        _go_on(cancel)
        self.picture = pyramid(_as_seen(seen[0]))
        _go_on(cancel)
        self.inputs = layer_view(self.input, None, None)
        self._made_from = (document.image, document.preprocess)

    def keep(self, result: ForwardPass) -> None:
        """Remember a pass, and of the views those that show it: others would keep old maps in memory."""
        self.last = result
        outputs = dict(enumerate(result.outputs))
        self.views = {i: view for i, view in self.views.items() if view.source is outputs.get(i)}

    def tail_is_due(self) -> bool:
        return time.perf_counter() - self.completed > TAIL_SECONDS

    def make_spares(self, interrupted: Callable[[], bool]) -> None:
        """Have memory ready for the next edit, unless it comes before."""
        if self.last is None or not (self.last.settled and self.last.complete):  # a stroke goes on
            self.pool.touch(interrupted)
        else:
            outputs = zip(self.last.outputs, self.last.contents, self.last.layers, strict=True)
            leased = [(output, held) for output, held, layer in outputs if layer.enabled and layer.takes_out]
            with contextlib.suppress(MemoryError):  # then there are none
                self.pool.make_spares([pair for pair in leased if pair[0].ndim == 4], interrupted)


class _FrameMaker:
    """Collects what a frame needs while the pass goes on."""

    def __init__(self, request: Request, plan: Plan, state: _State, plain: bool, started: float) -> None:
        self._request = request
        self._plan = plan
        self._state = state
        self._plain = plain
        self._started = started
        self._channels = dict(request.channels)
        count = len(request.document.network.layers)
        self._views: list[LayerView | None] = [None] * count
        self._thumbnails: list[Thumbnail | None] = [None] * count

    def add(self, result: ForwardPass, previous: ForwardPass | None, on_stage: bool) -> None:
        self.result = result
        index = len(result.outputs) - 1
        if index < 0:
            return
        output = result.outputs[index]
        if on_stage and output.ndim == 4:
            old = self._state.views.get(index)
            known = previous is not None and index < len(previous.outputs) and old is not None
            same_base = (
                known and previous is not None and old is not None and old.source is previous.outputs[index]
            )
            view = layer_view(output, old, result.changes[index] if same_base else None)
            self._state.views[index] = self._views[index] = view
        name = result.network.names[index]
        self._thumbnails[index] = thumbnail(output, self._channels.get(name, 0))

    def make(self) -> Frame:
        return Frame(
            self._request,
            self.result,
            self._plan,
            self._state.picture,
            self._state.inputs,
            tuple(self._views),
            tuple(self._thumbnails),
            time.perf_counter() - self._started,
            self._plain,
        )


def _go_on(cancel: CancelFlag) -> None:
    if cancel.is_set:
        raise Cancelled


def _as_seen(channels: Array) -> npt.NDArray[np.uint8]:
    """The input as a picture (H, W, 3): 0..1 as it is, anything wider stretched to its range."""
    low, high = float(channels.min()), float(channels.max())
    if not (math.isfinite(low) and math.isfinite(high)):
        channels = np.nan_to_num(channels, nan=0.0, posinf=0.0, neginf=0.0)
        low, high = float(channels.min()), float(channels.max())
    seen = np.empty((*channels.shape[1:], 3), np.uint8)
    for index, channel in enumerate(channels):  # one at a time: no large memory in between
        pixels = channel
        if low < 0 or high > 1:
            pixels = (channel - low) / (high - low) if high > low else np.zeros_like(channel)
        seen[..., index] = pixels * 255 + 0.5
    if len(channels) == 1:
        seen[..., 1:] = seen[..., :1]
    return seen
