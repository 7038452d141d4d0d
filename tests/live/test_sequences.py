"""Any sequence of edits, undos and redos ends where it began, and the document is always what the last edit made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from explorer.document import edits, filter_edits
from explorer.document.document import Document
from explorer.layers import Conv2d, MaxPool2d, ReLU
from explorer.layers.brush import Stroke, Symmetry
from explorer.live.session import Session, new_gesture
from tests.live.given import picture, small_document

Edit = Callable[[Document, int], Document]


def _painted(document: Document, number: int) -> Document:
    """A stroke in a filter of the first convolution."""
    index = next((i for i, layer in enumerate(document.network.layers) if isinstance(layer, Conv2d)), -1)
    if index < 0:
        return document
    weight = filter_edits.running_weights(document, index).copy()
    filter_index = number % len(weight)
    symmetry = list(Symmetry)[number % len(Symmetry)]
    stroke = Stroke(weight[filter_index, 0], float(number % 5 - 2), symmetry)
    weight[filter_index, 0] = stroke.dab([(0, 0)])
    return filter_edits.with_weights(document, index, weight)


def _filters(document: Document, number: int) -> Document:
    """Filters added, moved, doubled, sorted or taken away."""
    index = next((i for i, layer in enumerate(document.network.layers) if isinstance(layer, Conv2d)), -1)
    if index < 0:
        return document
    layer = document.network.layers[index]
    assert isinstance(layer, Conv2d)
    place = number % layer.out_channels
    if number % 5 == 0:
        return filter_edits.added(document, index)
    if number % 5 == 1:
        return filter_edits.moved(document, index, [place], 0)
    if number % 5 == 2:
        return filter_edits.duplicated(document, index, [place])
    if number % 5 == 3 and layer.out_channels > 1:
        return filter_edits.removed(document, index, [place])
    return filter_edits.sorted_by_norm(document, index)


def _layers(document: Document, number: int) -> Document:
    """A layer added, moved, doubled, switched off, changed or taken away."""
    layers = document.network.layers
    if not layers or number % 6 == 0:
        return edits.insert_layer(
            document, number % (len(layers) + 1), (Conv2d, ReLU, MaxPool2d)[number % 3]()
        )
    index = number % len(layers)
    if number % 6 == 1:
        return edits.remove_layer(document, index)
    if number % 6 == 2:
        return edits.move_layer(document, index, number % len(layers))
    if number % 6 == 3:
        return edits.duplicate_layer(document, index)
    layer = layers[index]
    if number % 6 == 4 and isinstance(layer, Conv2d):
        size = 1 + number % 7
        layer = replace(layer, kernel_size=(size, 1 + number % 3), out_channels=1 + number % 4)
    return edits.replace_layer(document, index, replace(layer, enabled=number % 2 == 0))


def _picture(document: Document, number: int) -> Document:
    """Another picture, or the same as grey or in colour."""
    if number % 2:
        return edits.set_image(document, picture(6 + number % 5, 9, number % 3))
    mode = ("grey", "rgb", "auto")[number % 3]
    return edits.set_preprocess(document, replace(document.preprocess, mode=mode))


EDITS: tuple[Edit, ...] = (_painted, _filters, _layers, _picture)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("edit"), st.integers(0, len(EDITS) - 1), st.integers(0, 1000)),
        st.tuples(st.sampled_from(["undo", "redo", "stroke", "cancelled"]), st.just(0), st.integers(0, 1000)),
        st.tuples(st.just("go"), st.just(0), st.integers(0, 40)),
    ),
    max_size=40,
)


class Model:
    """What a session should do: a list of documents and a place in it."""

    def __init__(self, document: Document) -> None:
        self.documents = [document]
        self.place = 0

    def take(self, document: Document) -> None:
        self.documents = [*self.documents[: self.place + 1], document]
        self.place += 1

    @property
    def document(self) -> Document:
        return self.documents[self.place]


def _try(edit: Edit, document: Document, number: int) -> Document:
    try:
        return edit(document, number)
    except ValueError:  # refused, with a sentence: nothing changes
        return document


@pytest.mark.usefixtures("qapp")
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_any_sequence__follows_the_model_and_ends_where_it_began(steps: list[tuple[str, int, int]]) -> None:
    start = small_document(Conv2d(out_channels=3), ReLU(), Conv2d(out_channels=2))
    session, model = Session(start), Model(start)
    for kind, which, number in steps:
        if kind == "edit":
            after = _try(EDITS[which], session.document, number)
            session.edit(after, "edit")
            model.take(after)
        elif kind in ("stroke", "cancelled"):
            gesture = new_gesture()
            for move in range(3):
                session.edit(_try(_painted, session.document, number + move), "stroke", gesture)
            model.take(session.document)
            if kind == "cancelled":
                session.cancel(gesture)
                model.documents.pop()
                model.place -= 1
            else:
                session.finish_gesture()
        elif kind == "go":
            model.place = min(number, len(model.documents) - 1)
            session.go_to(model.place)
        else:
            getattr(session.undo_stack, kind)()
            step = 1 if kind == "redo" else -1
            model.place = min(max(model.place + step, 0), len(model.documents) - 1)
        assert session.document is model.document
        assert session.undo_stack.index() == model.place
    session.go_to(0)
    assert session.document is start
    session.go_to(len(model.documents) - 1)
    assert session.document is model.documents[-1]


def test_edits__never_change_a_document_that_is_there() -> None:
    start = small_document(Conv2d(out_channels=3), ReLU(), Conv2d(out_channels=2))
    before = filter_edits.running_weights(start, 0).copy()
    document = start
    for number in range(40):
        for edit in EDITS:
            document = _try(edit, document, number)
    np.testing.assert_array_equal(filter_edits.running_weights(start, 0), before)
