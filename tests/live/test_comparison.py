"""Two states beside each other: what is shown, what it costs, what changed most, and the controller."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from explorer.document import edits
from explorer.document.document import Document
from explorer.layers import Conv2d, Flatten, Linear, MaxPool2d, ReLU
from explorer.layers.forward import forward
from explorer.live.analysis import LayerView, MapView, layer_view, map_view
from explorer.live.comparing import Comparing
from explorer.live.comparison import (
    UNCHANGED,
    Comparer,
    Mode,
    Pin,
    PinError,
    Wish,
    bytes_of,
    compared,
    difference,
    halves,
    joint,
    pinned,
)
from explorer.live.compute import Frame, LiveCompute
from explorer.live.largest_change import ChangeSearch, largest_change
from explorer.live.session import Session
from tests.live.given import Frames, input_of, painted, picture, renamed, request, small_document


def frame_of(document: Document, before: Frame | None = None, *, settled: bool = True) -> Frame:
    """A complete frame with the views of every layer, made after another."""
    x = before.result.input if before and before.document.image is document.image else input_of(document)
    last = before.result if before else None
    result = forward(document.network, x, last, settled=settled)
    plan = document.network.plan(document.input_shape)
    views: list[LayerView | None] = []
    for index, output in enumerate(result.outputs):
        known = before.views[index] if before and index < len(before.views) else None
        same = known is not None and last is not None and known.source is last.outputs[index]
        is_map, changed = output.ndim == 4, result.changes[index] if same else None
        views.append(layer_view(output, known, changed) if is_map else None)
    inputs = LayerView(x, tuple(map_view(channel) for channel in x[0]))
    views += [None] * (len(document.network.layers) - len(views))
    thumbnails = (None,) * len(views)
    return Frame(request(document), result, plan, (), inputs, tuple(views), thumbnails, 0.0, False)


@pytest.fixture
def before(document: Document) -> Frame:
    """The state that is pinned."""
    return frame_of(document)


def edited(before: Frame, value: float = 5.0) -> Frame:
    """After one weight of filter 1 was painted."""
    return frame_of(painted(before.document, value, filter_index=1), before)


def test_pin__keeps_complete_settled_maps_and_says_what_they_cost(before: Frame) -> None:
    pin = pinned(before, 1 << 20)
    sizes = [before.result.input, *before.result.outputs]
    assert pin.memory == bytes_of(before.result) == sum(array.nbytes for array in sizes)
    with pytest.raises(PinError, match="still being computed"):
        pinned(replace(before, result=replace(before.result, settled=False)))
    with pytest.raises(PinError, match=r"above the limit of .* raise the limit"):
        pinned(before, 2 * pin.memory - 1)


def test_pin__counts_what_is_only_passed_on_once() -> None:
    frame = frame_of(small_document(ReLU(enabled=False), Flatten()))
    assert bytes_of(frame.result) == frame.result.input.nbytes


def test_difference__is_b_less_a_and_zero_where_nothing_was_painted(before: Frame) -> None:
    now = edited(before)
    view = compared(now, pinned(before), Mode.DIFFERENCE, 0)
    for channel, one in enumerate(view.maps):
        wanted = now.result.outputs[0][0, channel] - before.result.outputs[0][0, channel]
        np.testing.assert_array_equal(one.levels[0], wanted)
        assert (one.badge == UNCHANGED) == (channel != 1)
        assert one.scale == replace(view.maps[1].scale, negatives=one.scale.negatives)


def test_difference__of_equal_states_takes_the_scale_of_the_maps(before: Frame) -> None:
    view = compared(before, pinned(before), Mode.DIFFERENCE, 0)
    assert before.views[0] is not None
    for one, own in zip(view.maps, before.views[0].maps, strict=True):
        assert one.badge == UNCHANGED
        assert one.scale.magnitude == own.scale.magnitude


def test_difference__of_infinities() -> None:
    inf, nan = np.inf, np.nan
    old = map_view(np.array([[inf, 1, -inf, nan]], np.float32))
    new = map_view(np.array([[inf, inf, inf, 1]], np.float32))
    shown = difference(old, new)
    np.testing.assert_array_equal(shown.levels[0], np.array([[0, inf, inf, nan]], np.float32))
    assert shown.badge == "NaN"


def test_halves__left_is_a_right_is_b_on_one_scale(before: Frame) -> None:
    now = edited(before)
    view = compared(now, pinned(before), Mode.HALVES, 0, 0.25)
    a, b = before.result.outputs[0][0], now.result.outputs[0][0]
    edge = round(0.25 * a.shape[2])
    for channel, one in enumerate(view.maps):
        np.testing.assert_array_equal(one.levels[0][:, :edge], a[channel][:, :edge])
        np.testing.assert_array_equal(one.levels[0][:, edge:], b[channel][:, edge:])
        assert one.scale == joint(map_view(a[channel]), map_view(b[channel]))


def test_halves__of_maps_that_are_not_finite() -> None:
    bad = map_view(np.array([[np.nan, 1.0]], np.float32))
    good = map_view(np.array([[2.0, 3.0]], np.float32))
    assert halves(bad, good, 0.5).badge == "NaN"
    assert halves(bad, good, 0.0).badge == ""


def test_a_and_b__are_on_one_scale(before: Frame) -> None:
    now, pin = edited(before), pinned(before)
    a, b = (compared(now, pin, mode, 0) for mode in (Mode.PINNED, Mode.NOW))
    assert [one.scale for one in a.maps] == [one.scale for one in b.maps]
    np.testing.assert_array_equal(a.maps[1].levels[0], before.result.outputs[0][0, 1])
    np.testing.assert_array_equal(b.maps[1].levels[0], now.result.outputs[0][0, 1])


def test_joint__a_map_of_zeros_has_no_say() -> None:
    zeros, small = map_view(np.zeros((2, 2), np.float32)), map_view(np.full((2, 2), 0.01, np.float32))
    assert joint(zeros, small) == joint(small, zeros) == small.scale


def test_comparer__works_out_only_maps_that_changed(before: Frame, monkeypatch: pytest.MonkeyPatch) -> None:
    made = []

    def counted(old: MapView, new: MapView) -> MapView:
        made.append(new)
        return difference(old, new)

    monkeypatch.setattr("explorer.live.comparison.difference", counted)
    comparer = Comparer(pinned(before))
    first = edited(before)
    second = frame_of(painted(first.document, 2.0, filter_index=2), first)
    for frame, count in ((before, 0), (first, 1), (first, 1), (second, 2)):
        comparer.show(Wish(frame, Mode.DIFFERENCE, 0))
        assert len(made) == count


def test_comparer__goes_on_where_its_time_was_up(before: Frame) -> None:
    comparer, wish = Comparer(pinned(before)), Wish(edited(before), Mode.DIFFERENCE, 3)
    assert comparer.show(wish, -1.0) is None
    assert comparer.show(wish) is not None


def test_comparer__a_shows_all_of_a(before: Frame) -> None:
    now = edited(before)
    shown = Comparer(pinned(before)).show(Wish(now, Mode.PINNED, 1))
    assert shown is not None
    assert shown.frame.result is before.result
    assert shown.frame.document is before.document
    assert shown.frame.views[0] is not None  # the input of the layer
    assert not shown.frame.shows_like(before)


def comparison(a: Document, b: Document, index: int, mode: Mode = Mode.DIFFERENCE) -> tuple[str, Frame]:
    """The note, and the frame that is shown."""
    now = frame_of(b)
    shown = Comparer(pinned(frame_of(a))).show(Wish(now, mode, index))
    assert shown is not None
    return shown.note, shown.frame


def test_notes__say_why_layers_cannot_be_compared() -> None:
    conv, pool = Conv2d(out_channels=2), MaxPool2d()
    plain = small_document(conv, pool)
    added = small_document(conv, ReLU(), pool)
    strided = small_document(replace(conv, stride=(2, 2)), pool)
    assert comparison(plain, added, 1)[0] == "relu is not in A"
    assert comparison(plain, strided, 0)[0] == "shapes differ: 22 × 18 in A against 11 × 9 in B"
    assert comparison(plain, added, 2)[0] == ""
    assert comparison(plain, added, 2, Mode.PINNED)[0] == "max_pool2d stands elsewhere in A"
    note, frame = comparison(plain, strided, 0, Mode.PINNED)
    assert note == ""  # another size may well be looked at
    assert frame.result.outputs[0].shape == (1, 2, 18, 22)
    broken = small_document(conv, MaxPool2d(kernel_size=(50, 50)), ReLU())
    assert comparison(broken, small_document(conv, pool, ReLU()), 2)[0] == "A does not get as far as relu"


def test_notes__more_maps_than_in_a() -> None:
    note, frame = comparison(
        small_document(Conv2d(out_channels=2)), small_document(Conv2d(out_channels=3)), 0
    )
    assert note == "2 maps in A, 3 in B"
    view = frame.views[0]
    assert view is not None
    assert [one.badge for one in view.maps][2] == "not in A"


def test_numbers__their_difference() -> None:
    a = small_document(Flatten(), Linear(out_features=3))
    b = small_document(Flatten(), Linear(out_features=3, seed=1))
    note, frame = comparison(a, b, 1)
    assert note == ""
    wanted = frame_of(b).result.outputs[1] - frame_of(a).result.outputs[1]
    np.testing.assert_array_equal(frame.result.outputs[1], wanted)
    assert comparison(a, b, 1, Mode.HALVES)[0] == "numbers have no halves"
    np.testing.assert_array_equal(
        comparison(a, b, 1, Mode.PINNED)[1].result.outputs[1], frame_of(a).result.outputs[1]
    )


# the largest change


def test_largest_change__names_layer_map_place_and_both_values(before: Frame) -> None:
    now = edited(before)
    change = largest_change(now, pinned(before)).largest
    assert change is not None
    pairs = zip(before.result.outputs, now.result.outputs, strict=True)
    assert change.size == pytest.approx(max(float(np.abs(new - old).max()) for old, new in pairs))
    index = now.result.network.names.index(change.layer)
    place = (0, change.channel, change.row, change.column)
    assert change.before == before.result.outputs[index][place]
    assert change.after == now.result.outputs[index][place]


def test_largest_change__as_a_sentence(before: Frame) -> None:
    pin = pinned(before)
    assert largest_change(before, pin).sentence == "nothing differs"
    conv = before.document.network.layers[0]
    assert isinstance(conv, Conv2d)
    named = frame_of(edits.replace_layer(before.document, 0, replace(conv, filter_names=("a", "edge"))))
    sentence = largest_change(edited(named), pinned(named)).sentence
    assert sentence.startswith("largest change: conv2d")
    assert " → " in sentence
    other = frame_of(small_document(Conv2d(name="other")))
    unmatched = largest_change(other, pin)
    assert unmatched.sentence == "no map that both have differs"
    assert "other is not in A" in unmatched.unmatched
    assert "relu is not in B" in unmatched.unmatched


def test_largest_change__a_value_that_became_no_number_is_the_largest(before: Frame) -> None:
    outputs = [np.array(output) for output in before.result.outputs]
    outputs[1][0, 2, 3, 4] = np.nan
    result = replace(before.result, outputs=tuple(outputs), contents=((),) * len(outputs))
    change = largest_change(replace(before, result=result), pinned(before)).largest
    assert change is not None
    assert (change.layer, change.channel, change.row, change.column) == ("relu", 2, 3, 4)
    assert math.isinf(change.size)
    assert change.values.endswith("→ NaN")


def test_largest_change__in_a_vector() -> None:
    a = frame_of(small_document(Flatten(), Linear(out_features=3)))
    linear = a.result.layers[1]
    assert isinstance(linear, Linear)
    weight = np.array(linear.weight)
    weight[2] += 1
    layer = replace(linear, weight=weight)
    change = largest_change(frame_of(edits.replace_layer(a.document, 1, layer), a), pinned(a)).largest
    assert change is not None
    assert change.place == "linear number 2"


def test_search__goes_on_where_its_time_was_up(before: Frame) -> None:
    search, now = ChangeSearch(pinned(before)), edited(before)
    assert search.find(now, -1.0) is None
    assert search.find(now) == largest_change(now, Pin(before))
    assert search.find(now, -1.0) is not None  # all is known


# the controller


@pytest.fixture
def shown(qtbot: QtBot, session: Session, compute: LiveCompute, frames: Frames) -> Callable[[], Frame]:
    """Computes the session's document and gives its frame."""

    def run() -> Frame:
        compute.request(request(session.document))
        qtbot.waitUntil(lambda: frames.complete(session.document) is not None)
        frame = frames.complete(session.document)
        assert frame is not None
        return frame

    return run


def test_comparing__gives_the_frame_as_it_is_until_something_is_pinned(
    session: Session, compute: LiveCompute, shown: Callable[[], Frame]
) -> None:
    comparing = Comparing(session, compute)
    frame = shown()
    assert not comparing.active
    assert comparing.frame_for(frame, 0) is frame
    assert comparing.describe(frame, 0, 0, 0, 0) == ""
    assert not comparing.pin(None)
    comparing.unpin()


def test_comparing__from_pin_to_difference_and_back(
    qtbot: QtBot, session: Session, compute: LiveCompute, shown: Callable[[], Frame]
) -> None:
    comparing = Comparing(session, compute)
    first = shown()
    assert comparing.pin(first)
    assert comparing.active
    assert comparing.memory == bytes_of(first.result)
    session.edit(painted(session.document, 5.0), "Paint kernel")
    qtbot.waitUntil(lambda: comparing.name == "before “Paint kernel”")
    second = shown()
    comparing.set_mode(Mode.DIFFERENCE)
    with qtbot.waitSignal(comparing.changed):
        comparing.frame_for(second, 0)
    view = comparing.frame_for(second, 0).views[0]
    assert view is not None
    wanted = second.result.outputs[0] - first.result.outputs[0]
    np.testing.assert_array_equal(view.maps[0].levels[0], wanted[0, 0])
    qtbot.waitUntil(lambda: comparing.changes is not None and comparing.changes.largest is not None)
    words = comparing.describe(second, 0, 0, 2, 3)
    assert words.startswith("x 3  y 2   A ")
    assert "B − A" in words
    comparing.unpin()
    assert comparing.frame_for(second, 0) is second
    assert comparing.memory == 0
    assert comparing.changes is None


def test_comparing__keeps_what_it_showed_until_the_next_is_there(
    qtbot: QtBot, session: Session, compute: LiveCompute, shown: Callable[[], Frame]
) -> None:
    comparing = Comparing(session, compute)
    first = shown()
    comparing.pin(first)
    comparing.set_mode(Mode.DIFFERENCE)
    with qtbot.waitSignal(comparing.changed):
        comparing.frame_for(first, 0)
    known = comparing.frame_for(first, 0)
    session.edit(painted(session.document, 5.0), "Paint kernel")
    second = shown()
    with qtbot.waitSignal(comparing.changed):
        assert comparing.frame_for(second, 0) is known
    assert comparing.frame_for(second, 0) is not known


def test_comparing__the_pinned_maps_stay_as_they_were(
    session: Session, compute: LiveCompute, shown: Callable[[], Frame]
) -> None:
    comparing = Comparing(session, compute)
    first = shown()
    copies = [np.array(output) for output in first.result.outputs]
    comparing.pin(first)
    for value in range(20):
        session.edit(painted(session.document, float(value), filter_index=value % 4), "Paint kernel")
        shown()
    for output, copy in zip(first.result.outputs, copies, strict=True):
        np.testing.assert_array_equal(output, copy)


def test_comparing__names_a_by_the_steps_around_it(
    qtbot: QtBot, session: Session, compute: LiveCompute, shown: Callable[[], Frame]
) -> None:
    comparing = Comparing(session, compute)
    comparing.pin(shown())
    assert comparing.name == "as pinned"
    session.edit(painted(session.document, 1.0), "Paint kernel")
    comparing.pin(shown())
    assert comparing.name == "after “Paint kernel”"
    session.edit(renamed(session.document, 1, "other"), "Rename layer")
    qtbot.waitUntil(lambda: comparing.name == "before “Rename layer”")
    session.undo_stack.undo()
    qtbot.waitUntil(lambda: comparing.name == "after “Paint kernel”")


def test_comparing__refuses_what_is_too_large(
    qtbot: QtBot, session: Session, compute: LiveCompute, shown: Callable[[], Frame]
) -> None:
    comparing = Comparing(session, compute)
    with qtbot.waitSignal(comparing.message) as told:
        assert not comparing.pin(shown(), 1000)
    assert told.args is not None
    assert "above the limit" in told.args[0]
    assert not comparing.active


def test_comparing__another_picture_is_compared_where_it_has_the_same_size(
    qtbot: QtBot, session: Session, compute: LiveCompute, shown: Callable[[], Frame]
) -> None:
    comparing = Comparing(session, compute)
    comparing.pin(shown())
    comparing.set_mode(Mode.DIFFERENCE)
    session.edit(edits.set_image(session.document, picture(seed=1)), "Open picture")
    frame = shown()
    with qtbot.waitSignal(comparing.changed):
        comparing.frame_for(frame, 0)
    assert comparing.note == ""
    session.edit(edits.set_image(session.document, picture(30, 30)), "Open picture")
    frame = shown()
    with qtbot.waitSignal(comparing.changed):
        comparing.frame_for(frame, 0)
    assert comparing.note == "shapes differ: 22 × 18 in A against 28 × 28 in B"
    assert comparing.frame_for(frame, 0) is frame


def test_comparing__has_its_turn_while_a_fast_hand_paints(
    qtbot: QtBot, session: Session, compute: LiveCompute, shown: Callable[[], Frame]
) -> None:
    comparing = Comparing(session, compute)
    first = shown()
    comparing.pin(first)
    comparing.set_mode(Mode.DIFFERENCE)
    arrived: list[bool] = []
    comparing.changed.connect(lambda: arrived.append(True))
    compute.frame_ready.connect(lambda frame: compute.request(request(session.document)))
    shown()  # from now on somebody always waits
    comparing.frame_for(first, 0)
    qtbot.waitUntil(lambda: bool(arrived))
    compute.frame_ready.disconnect()
