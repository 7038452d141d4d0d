"""Small documents, a layer that can be held, and a listener."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from typing import ClassVar

from PySide6.QtCore import QObject, Slot

from explorer.document import edits
from explorer.document.document import Document
from explorer.errors import Cancelled
from explorer.imaging.preprocess import to_input
from explorer.jit import CancelFlag
from explorer.layers import Conv2d, ReLU
from explorer.layers.fields import Array
from explorer.layers.forward import ForwardPass, forward
from explorer.layers.layer import Channels
from explorer.live.compute import Frame, LiveCompute, Request
from tests.document.given import picture, small_document

__all__ = ["picture", "small_document"]

PLENTY = 1 << 30


def input_of(document: Document) -> Array:
    """What enters the network."""
    result: Array = to_input(document.image, document.preprocess)
    return result


def from_scratch(document: Document) -> ForwardPass:
    """The exact pass, with nothing taken over."""
    return forward(document.network, input_of(document))


def painted(document: Document, value: float, index: int = 0, filter_index: int = 0) -> Document:
    """The document with one weight of a convolution changed."""
    layer = document.network.layers[index]
    assert isinstance(layer, Conv2d)
    shape = document.network.plan(document.input_shape).shapes[index]
    fitted = layer.fit(shape)
    assert fitted.weight is not None
    weight = fitted.weight.copy()
    weight[filter_index, 0, 0, 0] = value
    return edits.replace_layer(document, index, layer.with_weight(weight))


def renamed(document: Document, index: int, name: str) -> Document:
    """The document with a layer renamed."""
    layer = document.network.layers[index]
    return edits.replace_layer(document, index, replace(layer, name=name))


def request(
    document: Document, layer: int = 0, *, settled: bool = True, memory_limit: int = PLENTY
) -> Request:
    """A request for a document."""
    return Request(document, layer, (), memory_limit, settled)


@dataclass(frozen=True, eq=False, kw_only=True)
class Held(ReLU):
    """A ReLU that waits until it is let go, unless it is cancelled."""

    type_name: ClassVar[str] = "Held"
    base_name: ClassVar[str] = "held"
    reached: threading.Event = field(default_factory=threading.Event)
    go: threading.Event = field(default_factory=threading.Event)

    def forward(
        self,
        x: Array,
        *,
        out: Array | None = None,
        channels: Channels = None,
        cancel: CancelFlag | None = None,
        exact: bool = True,
    ) -> Array:
        self.reached.set()
        while not self.go.wait(0.002):
            if cancel is not None and cancel.is_set:
                raise Cancelled
        return super().forward(x, out=out, channels=channels, cancel=cancel, exact=exact)


@dataclass(frozen=True, eq=False, kw_only=True)
class Failing(ReLU):
    """A ReLU that raises."""

    type_name: ClassVar[str] = "Failing"
    base_name: ClassVar[str] = "failing"
    error: BaseException = field(default_factory=MemoryError)

    def forward(
        self,
        x: Array,
        *,
        out: Array | None = None,
        channels: Channels = None,
        cancel: CancelFlag | None = None,
        exact: bool = True,
    ) -> Array:
        raise self.error


class Frames(QObject):
    """Collects what a compute thread sends, on the GUI thread."""

    def __init__(self, compute: LiveCompute) -> None:
        super().__init__(compute)
        self.all: list[Frame] = []
        self.failures: list[str] = []
        self.bugs: list[Exception] = []
        compute.frame_ready.connect(self._take)
        compute.failed.connect(self._fail)
        compute.bug.connect(self._bug)

    @Slot(object)
    def _take(self, frame: Frame) -> None:
        self.all.append(frame)

    @Slot(str)
    def _fail(self, sentence: str) -> None:
        self.failures.append(sentence)

    @Slot(object)
    def _bug(self, error: Exception) -> None:
        self.bugs.append(error)

    def complete(self, document: Document) -> Frame | None:
        """The complete frame of a document, if it has come."""
        for frame in self.all:
            if frame.document is document and frame.result.complete:
                return frame
        return None

    def documents(self) -> list[Document]:
        """The documents of all frames, each once, in order."""
        seen: dict[int, Document] = {id(frame.document): frame.document for frame in self.all}
        return list(seen.values())
