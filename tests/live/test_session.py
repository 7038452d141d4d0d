"""The session: one gesture is one undo step, undo brings back the same objects, selection follows its layer."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from explorer.document import edits
from explorer.document.document import Document
from explorer.document.start import start_document
from explorer.layers import Conv2d, ReLU
from explorer.layers.network import Network
from explorer.live import session as session_module
from explorer.live.session import Session, new_gesture
from tests.live.given import painted, picture, renamed


class Listener:
    """Counts what a session says."""

    def __init__(self, session: Session) -> None:
        self.changes: list[tuple[Document, Document]] = []
        self.selections = 0
        self.finished = 0
        session.document_changed.connect(self._changed)
        session.selection_changed.connect(self._selected)
        session.gesture_finished.connect(self._finished)

    def _changed(self, before: Document, after: Document) -> None:
        self.changes.append((before, after))

    def _selected(self) -> None:
        self.selections += 1

    def _finished(self) -> None:
        self.finished += 1


def test_gestures__have_numbers_of_their_own() -> None:
    numbers = [new_gesture() for _ in range(10)]
    assert len(set(numbers)) == 10
    assert 0 not in numbers


def test_edit__sets_the_document_and_says_so_once(session: Session, document: Document) -> None:
    listener = Listener(session)
    changed = painted(document, 5.0)
    session.edit(changed, "Paint")
    assert session.document is changed
    assert listener.changes == [(document, changed)]


def test_gesture__many_edits_are_one_undo_step(session: Session, document: Document) -> None:
    gesture = new_gesture()
    for value in range(50):
        session.edit(painted(session.document, float(value)), "Paint kernel", gesture)
    last = session.document
    assert session.undo_stack.count() == 1
    session.undo_stack.undo()
    assert session.document is document
    session.undo_stack.redo()
    assert session.document is last


def test_gesture__another_one_is_another_step(session: Session, document: Document) -> None:
    for _ in range(3):
        session.edit(painted(session.document, 1.0), "Paint kernel", new_gesture())
    assert session.undo_stack.count() == 3


def test_edit__without_a_gesture_never_merges(session: Session) -> None:
    session.edit(painted(session.document, 1.0), "Kernel")
    session.edit(painted(session.document, 2.0), "Kernel")
    assert session.undo_stack.count() == 2


def test_gesture__does_not_merge_over_an_edit_in_between(session: Session) -> None:
    gesture = new_gesture()
    session.edit(painted(session.document, 1.0), "Paint", gesture)
    session.edit(painted(session.document, 2.0), "Kernel")
    session.edit(painted(session.document, 3.0), "Paint", gesture)
    assert session.undo_stack.count() == 3


def test_undo__restores_the_same_objects_all_the_way(session: Session, document: Document) -> None:
    history = [document]
    for value in range(20):
        session.edit(painted(session.document, float(value)), "Paint")
        history.append(session.document)
    for expected in reversed(history[:-1]):
        session.undo_stack.undo()
        assert session.document is expected
    for expected in history[1:]:
        session.undo_stack.redo()
        assert session.document is expected


def test_undo__then_an_edit_forgets_what_was_undone(session: Session) -> None:
    session.edit(painted(session.document, 1.0), "A")
    session.undo_stack.undo()
    session.edit(painted(session.document, 2.0), "B")
    assert not session.undo_stack.canRedo()


def test_cancel__takes_a_gesture_back_and_leaves_no_step(session: Session, document: Document) -> None:
    listener = Listener(session)
    gesture = new_gesture()
    for value in range(5):
        session.edit(painted(session.document, float(value)), "Paint", gesture)
    session.cancel(gesture)
    assert session.document is document
    assert session.undo_stack.count() == 0
    assert not session.undo_stack.canRedo()
    assert listener.finished == 1
    assert session.gesture is None


def test_cancel__of_another_gesture_changes_nothing(session: Session) -> None:
    session.edit(painted(session.document, 1.0), "Paint", new_gesture())
    kept = session.document
    session.cancel(new_gesture())
    assert session.document is kept
    assert session.undo_stack.count() == 1


def test_cancel__on_an_empty_stack_changes_nothing(session: Session, document: Document) -> None:
    session.cancel(new_gesture())
    assert session.document is document


def test_cancel__after_a_step_keeps_that_step(session: Session) -> None:
    session.edit(painted(session.document, 1.0), "Kept")
    kept = session.document
    gesture = new_gesture()
    session.edit(painted(session.document, 2.0), "Paint", gesture)
    session.cancel(gesture)
    assert session.document is kept
    assert session.undo_stack.count() == 1
    assert session.undo_stack.undoText() == "Kept"


def test_gesture__is_known_from_the_edit_until_it_is_finished(session: Session) -> None:
    gesture = new_gesture()
    session.edit(painted(session.document, 1.0), "Paint", gesture)
    assert session.gesture == gesture
    session.finish_gesture()
    assert session.gesture is None


def test_undo__is_no_gesture(session: Session) -> None:
    gesture = new_gesture()
    session.edit(painted(session.document, 1.0), "Paint", gesture)
    session.finish_gesture()
    session.undo_stack.undo()
    assert session.gesture is None


def test_undo_and_redo__end_the_gesture_that_goes_on(session: Session) -> None:
    session.edit(painted(session.document, 1.0), "Paint", new_gesture())
    session.undo_stack.undo()
    assert session.gesture is None
    session.gesture = new_gesture()
    session.undo_stack.redo()
    assert session.gesture is None


def test_stack__is_bounded_by_bytes(
    session: Session, document: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture_bytes = document.image.pixels.nbytes
    monkeypatch.setattr(session_module, "_MAXIMUM_BYTES", 5 * picture_bytes)
    for seed in range(1, 30):
        session.edit(edits.set_image(session.document, picture(seed=seed)), f"Open {seed}")
    assert 1 <= session.undo_stack.count() <= 5
    last = session.document
    steps = session.undo_stack.count()
    for _ in range(steps):
        session.undo_stack.undo()
    assert session.document.image.source == f"noise {29 - steps}"
    for _ in range(steps):
        session.undo_stack.redo()
    assert session.document is last


def test_stack__forgetting_changes_no_document_and_says_nothing(
    session: Session, document: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_module, "_MAXIMUM_BYTES", 2 * document.image.pixels.nbytes)
    listener = Listener(session)
    for seed in range(1, 10):
        session.edit(edits.set_image(session.document, picture(seed=seed)), f"Open {seed}")
    assert len(listener.changes) == 9
    assert session.document.image.source == "noise 9"


def test_stack__a_gesture_goes_on_after_the_oldest_was_forgotten(
    session: Session, document: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_module, "_MAXIMUM_BYTES", 3 * document.image.pixels.nbytes)
    for seed in range(1, 6):
        session.edit(edits.set_image(session.document, picture(seed=seed)), f"Open {seed}")
    before, steps = session.document, session.undo_stack.count()
    gesture = new_gesture()
    for value in range(10):
        session.edit(painted(session.document, float(value)), "Paint", gesture)
    assert session.undo_stack.count() <= steps + 1
    session.undo_stack.undo()
    assert session.document is before


def test_stack__counts_shared_arrays_once(
    session: Session, document: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_module, "_MAXIMUM_BYTES", 2 * document.image.pixels.nbytes)
    for index in range(40):
        session.edit(renamed(session.document, 0, f"edges{index}"), "Rename")
    assert session.undo_stack.count() == 40


def test_stack__one_edit_that_is_too_large_can_still_be_undone(
    session: Session, document: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_module, "_MAXIMUM_BYTES", 10)
    session.edit(edits.set_image(document, picture(100, 100, 1)), "Open")
    session.undo_stack.undo()
    assert session.document is document


def test_modified__undoing_to_the_saved_network_is_saved(session: Session) -> None:
    states = [session.modified]
    session.edit(painted(session.document, 1.0), "Paint")
    states.append(session.modified)
    session.mark_saved(Path("network.json"))
    states.append(session.modified)
    session.edit(painted(session.document, 2.0), "Paint")
    states.append(session.modified)
    session.undo_stack.undo()
    states.append(session.modified)
    assert states == [False, True, False, True, False]
    assert session.path == Path("network.json")


def test_modified__another_picture_is_no_change_of_the_network(session: Session) -> None:
    session.edit(edits.set_image(session.document, picture(seed=1)), "Open")
    assert not session.modified


def test_selection__follows_its_layer_through_moves_and_undo(session: Session) -> None:
    session.select_layer(1)
    session.edit(edits.move_layer(session.document, 1, 3), "Move layer")
    assert session.layer == 3
    session.undo_stack.undo()
    assert session.layer == 1


def test_selection__follows_its_layer_when_one_comes_before_it(session: Session) -> None:
    session.select_layer(2)
    session.edit(edits.insert_layer(session.document, 0, ReLU()), "Add")
    assert session.layer == 3
    session.edit(edits.remove_layer(session.document, 0), "Delete")
    assert session.layer == 2


def test_selection__stays_on_a_layer_that_is_renamed(session: Session) -> None:
    session.select_layer(2)
    session.select_channel(3)
    session.edit(renamed(session.document, 2, "smaller"), "Rename layer")
    assert session.layer == 2
    assert session.channel == 3


def test_selection__stays_inside_when_the_last_layer_goes(session: Session) -> None:
    session.select_layer(3)
    session.edit(edits.remove_layer(session.document, 3), "Delete")
    assert session.layer == 2
    session.edit(edits.set_network(session.document, Network()), "New")
    assert session.layer == -1
    session.undo_stack.undo()
    assert 0 <= session.layer <= 2


def test_selection__each_layer_remembers_its_channel(session: Session) -> None:
    session.select_channel(2)
    session.select_layer(3)
    session.select_channel(1)
    session.select_layer(0)
    assert session.channel == 2
    session.select_layer(3)
    assert session.channel == 1


def test_selection__says_so_only_when_it_changes(session: Session) -> None:
    listener = Listener(session)
    session.select_layer(0)
    session.select_channel(0)
    session.select_channel(-1)
    assert listener.selections == 0
    session.select_layer(99)
    assert session.layer == 3
    assert listener.selections == 1


def test_session__keeps_nothing_alive_that_was_forgotten(session: Session, document: Document) -> None:
    layer = document.network.layers[0]
    assert isinstance(layer, Conv2d)
    session.edit(
        edits.replace_layer(document, 0, replace(layer, weight=np.ones((4, 1, 3, 3), np.float32))), "A"
    )
    session.undo_stack.undo()
    session.edit(painted(document, 3.0), "B")
    assert session.undo_stack.count() == 1


def test_selection__returns_to_a_layer_that_undo_brings_back() -> None:
    session = Session(start_document())
    session.select_layer(3)
    session.edit(edits.remove_layer(session.document, 3), "Delete layer")
    session.undo_stack.undo()
    assert session.layer == 3


def test_go_to__says_so_once_however_far_it_goes(session: Session, document: Document) -> None:
    for value in (2.0, 3.0, 4.0):
        session.edit(painted(document, value), "Paint")
    last = session.document
    listener = Listener(session)
    session.go_to(0)
    session.go_to(0)
    session.go_to(3)
    assert listener.changes == [(last, document), (document, last)]


def test_channel__goes_along_behind_layers_that_keep_maps_apart(session: Session) -> None:
    session.select_channel(3)
    session.select_layer(2)  # behind ReLU and pooling
    assert session.channel == 3
    session.select_channel(1)
    session.select_layer(0)
    assert session.channel == 1
    session.select_layer(3)  # a convolution mixes them
    assert session.channel == 0


@pytest.mark.parametrize("again", ["undo", "redo", "go_to", "edit"])
def test_edit__while_another_document_is_shown_is_left_out(
    session: Session, document: Document, again: str
) -> None:
    first, second = painted(document, 1.0), painted(document, 2.0)
    session.edit(first, "First")
    session.edit(second, "Second")
    if again == "redo":
        session.undo_stack.undo()
    late: list[object] = []

    def push(before: Document, after: Document) -> None:
        late.append(after)
        session.edit(painted(before, 3.0), "Too late")
        session.cancel(new_gesture())

    session.document_changed.connect(push)
    if again == "undo":
        session.undo_stack.undo()
    elif again == "redo":
        session.undo_stack.redo()
    elif again == "go_to":
        session.go_to(0)
    else:
        session.edit(painted(second, 4.0), "Third")
    assert late == [session.document]
    session.document_changed.disconnect(push)
    texts = [session.undo_stack.text(i) for i in range(session.undo_stack.count())]
    assert "Too late" not in texts
    session.go_to(0)
    assert session.document is document
