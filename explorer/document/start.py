"""The document the program starts with."""

from __future__ import annotations

from explorer.document.document import Document
from explorer.document.network_file import read_network
from explorer.imaging.preprocess import Preprocess
from explorer.imaging.samples import START_SAMPLE, load_sample
from explorer.resources import resource


def start_document() -> Document:
    """A photograph and a small network with filters that everybody can name."""
    return Document(load_sample(START_SAMPLE), Preprocess(), read_network(resource("networks/start.json")))
