"""Fixtures of the tests of live: small documents, a session, and a compute thread that is ended."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication

from explorer.document.document import Document
from explorer.live.compute import LiveCompute
from explorer.live.session import Session
from tests.gui import destroy_deferred, gui_rules
from tests.live.given import Frames, small_document

__all__ = ["gui_rules"]


@pytest.fixture
def document() -> Document:
    """A picture of 24 x 20 and a convolution, ReLU, max pooling, convolution."""
    return small_document()


@pytest.fixture
def session(qapp: QApplication, document: Document) -> Iterator[Session]:
    """Holds the document."""
    result = Session(document)
    yield result
    result.deleteLater()
    destroy_deferred()


@pytest.fixture
def compute(qapp: QApplication) -> Iterator[LiveCompute]:
    """A running compute thread."""
    result = LiveCompute()
    result.start()
    yield result
    assert result.stop()
    result.deleteLater()
    destroy_deferred()


@pytest.fixture
def frames(compute: LiveCompute) -> Frames:
    """Everything the compute thread sends."""
    return Frames(compute)
