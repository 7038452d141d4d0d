"""The compute thread: newest wins, the head comes first, nothing is mixed, and trouble ends in one sentence."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QThread
from pytestqt.qtbot import QtBot

from explorer import engine
from explorer.document import edits
from explorer.document.document import Document
from explorer.errors import ExplorerError
from explorer.imaging.image import Image
from explorer.jit import Status, status
from explorer.layers import Conv2d, Flatten, Linear, MaxPool2d, ReLU
from explorer.layers.buffers import BufferPool
from explorer.layers.fields import Array
from explorer.layers.forward import steps
from explorer.layers.network import Network
from explorer.live import compute as compute_module
from explorer.live.compute import Frame, LiveCompute
from tests.gui import drifts
from tests.live.given import (
    Failing,
    Frames,
    Held,
    from_scratch,
    input_of,
    painted,
    picture,
    request,
    small_document,
)


def wait_for(qtbot: QtBot, frames: Frames, document: Document) -> Frame:
    """The complete frame of a document."""
    qtbot.waitUntil(lambda: frames.complete(document) is not None, timeout=20_000)
    frame = frames.complete(document)
    assert frame is not None
    return frame


def assert_same(frame: Frame) -> None:
    """Every number is, to the bit, that of a pass from scratch."""
    expected = from_scratch(frame.document)
    for ours, theirs in zip(frame.result.outputs, expected.outputs, strict=False):
        np.testing.assert_array_equal(ours.view(np.int32), theirs.view(np.int32))


def test_request__brings_the_whole_network(
    qtbot: QtBot, compute: LiveCompute, frames: Frames, document: Document
) -> None:
    compute.request(request(document))
    frame = wait_for(qtbot, frames, document)
    assert frame.result.settled
    assert len(frame.result.outputs) == 4
    assert all(thumbnail is not None for thumbnail in frame.thumbnails)
    assert_same(frame)


def test_head__comes_first_and_the_tail_after_it(qtbot: QtBot, compute: LiveCompute, frames: Frames) -> None:
    held = Held()
    document = small_document(Conv2d(out_channels=2), held, ReLU())
    compute.request(request(document, 0))
    qtbot.waitUntil(lambda: len(frames.all) == 1)
    head = frames.all[0]
    assert len(head.result.outputs) == 1
    assert head.views[0] is not None
    assert not head.result.complete
    held.go.set()
    tail = wait_for(qtbot, frames, document)
    assert len(frames.all) == 2
    assert tail.result.outputs[0] is head.result.outputs[0]


def test_head__at_the_last_layer_is_one_frame(
    qtbot: QtBot, compute: LiveCompute, frames: Frames, document: Document
) -> None:
    compute.request(request(document, 3))
    frame = wait_for(qtbot, frames, document)
    compute.stop()
    assert frames.all == [frame]
    assert frame.views[3] is not None
    assert frame.views[2] is not None  # the input of the layer on the stage
    assert frame.views[0] is None


def test_burst__newest_wins_with_few_passes(qtbot: QtBot, compute: LiveCompute, frames: Frames) -> None:
    held = Held()
    first = small_document(Conv2d(out_channels=4), held)
    compute.request(request(first, 1, settled=False))
    assert held.reached.wait(10)
    document = first
    for value in range(500):
        document = painted(document, float(value))
        compute.request(request(document, 1, settled=False))
    held.go.set()
    wait_for(qtbot, frames, document)
    assert [shown is document for shown in frames.documents()] == [False, True]
    assert frames.documents()[0] is first


def test_burst__ends_at_the_last_document(
    qtbot: QtBot, compute: LiveCompute, frames: Frames, document: Document
) -> None:
    for value in range(500):
        document = painted(document, float(value), filter_index=value % 4)
        compute.request(request(document, settled=False))
    compute.request(request(document))
    qtbot.waitUntil(
        lambda: (
            frames.all[-1].document is document and frames.all[-1].result.settled if frames.all else False
        ),
        timeout=20_000,
    )
    wait_for(qtbot, frames, document)
    assert_same(frames.all[-1])


def test_frames__never_mix_passes(
    qtbot: QtBot, compute: LiveCompute, frames: Frames, document: Document
) -> None:
    for value in range(60):
        document = painted(document, value / 7, filter_index=value % 4)
        compute.request(request(document, value % 4, settled=value % 5 == 0))
        if value % 6 == 0:
            qtbot.wait(2)
    wait_for(qtbot, frames, document)
    for frame in frames.all:
        assert frame.result.network is frame.document.network
        expected = from_scratch(frame.document)
        for index, output in enumerate(frame.result.outputs):
            np.testing.assert_allclose(output, expected.outputs[index], rtol=0, atol=2e-4)
            view = frame.views[index]
            if view is not None:
                assert view.source is output
                for channel, shown in enumerate(view.maps):
                    np.testing.assert_array_equal(shown.levels[0], output[0, channel])
                    assert shown.minimum == output[0, channel].min()
                    assert shown.maximum == output[0, channel].max()


def test_settled__equals_a_pass_from_scratch_to_the_bit(
    qtbot: QtBot, compute: LiveCompute, frames: Frames, document: Document
) -> None:
    for value in range(12):
        document = painted(document, value * 0.37, filter_index=value % 4)
        compute.request(request(document, settled=False))
        wait_for(qtbot, frames, document)
    settled = replace(document)
    compute.request(request(settled))
    frame = wait_for(qtbot, frames, settled)
    assert frame.result.settled
    assert_same(frame)


def test_partial_edit__recomputes_one_map_and_takes_over_the_others(
    qtbot: QtBot, compute: LiveCompute, frames: Frames, document: Document
) -> None:
    compute.request(request(document))
    before = wait_for(qtbot, frames, document)
    changed = painted(document, 9.0, filter_index=2)
    compute.request(request(changed))
    after = wait_for(qtbot, frames, changed)
    assert after.result.changes[:3] == (frozenset({2}),) * 3
    old, new = before.views[0], after.views[0]
    assert old is not None
    assert new is not None
    assert [old.maps[i].scale is new.maps[i].scale for i in range(4)] == [True, True, False, True]
    assert_same(after)


def test_stroke__takes_no_new_memory(
    qtbot: QtBot, compute: LiveCompute, frames: Frames, document: Document
) -> None:
    places = set()
    for value in range(30):
        document = painted(document, float(value))
        compute.request(request(document, settled=value % 10 == 0))
        wait_for(qtbot, frames, document)
        places.add(frames.all[-1].result.outputs[0].ctypes.data)
        frames.all.clear()
    assert len(places) <= 4


def test_spares__are_made_after_a_settled_pass(
    qtbot: QtBot, compute: LiveCompute, frames: Frames, document: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[int] = []

    def note(pool: BufferPool, outputs: list[object], interrupted: object) -> None:
        made.append(len(outputs))

    monkeypatch.setattr(BufferPool, "make_spares", note)
    compute.request(request(document, settled=False))
    wait_for(qtbot, frames, document)
    again = replace(document)
    compute.request(request(again))
    wait_for(qtbot, frames, again)
    qtbot.waitUntil(lambda: made == [4])


def test_spares__are_not_made_of_a_pass_that_stopped_early(
    compute: LiveCompute, document: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[object] = []
    monkeypatch.setattr(BufferPool, "make_spares", lambda *arguments: made.append(arguments))
    state = compute._state
    for result in steps(document.network, input_of(document)):
        state.keep(result)
        state.make_spares(lambda: False)
        assert bool(made) is result.complete


def test_spares__without_memory_for_them_do_without(
    qtbot: QtBot, compute: LiveCompute, frames: Frames, document: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*arguments: object) -> None:
        raise MemoryError

    monkeypatch.setattr(BufferPool, "make_spares", refuse)
    for value in range(3):
        document = painted(document, float(value))
        compute.request(request(document))
        assert_same(wait_for(qtbot, frames, document))
    assert not frames.bugs


def test_old_maps__are_not_kept_for_a_layer_that_is_no_longer_on_the_stage(
    qtbot: QtBot, compute: LiveCompute, frames: Frames
) -> None:
    document = small_document()
    for wanted, index in ((document, 3), (painted(document, 0.5), 0)):
        compute.request(request(wanted, index))
        frame = wait_for(qtbot, frames, wanted)
    compute.stop()
    outputs = frame.result.outputs
    assert all(view.source is outputs[i] for i, view in compute._state.views.items())


def test_rename__computes_nothing(
    qtbot: QtBot, compute: LiveCompute, frames: Frames, document: Document
) -> None:
    compute.request(request(document))
    before = wait_for(qtbot, frames, document)
    layer = replace(document.network.layers[0], name="edges")
    renamed = edits.replace_layer(document, 0, layer)
    compute.request(request(renamed))
    after = wait_for(qtbot, frames, renamed)
    assert all(new is old for new, old in zip(after.result.outputs, before.result.outputs, strict=True))


def test_tail__stops_for_a_waiting_document(
    qtbot: QtBot, compute: LiveCompute, frames: Frames, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compute_module, "TAIL_SECONDS", 1e9)
    held = Held()
    first = small_document(Conv2d(), held, ReLU(), ReLU())
    compute.request(request(first))
    assert held.reached.wait(10)
    second = edits.remove_layer(painted(first, 2.0), 1)
    compute.request(request(second))
    held.go.set()
    wait_for(qtbot, frames, second)
    assert frames.complete(first) is None


def test_tail__is_completed_when_it_is_due(
    qtbot: QtBot, compute: LiveCompute, frames: Frames, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compute_module, "TAIL_SECONDS", -1.0)
    held = Held()
    first = small_document(Conv2d(), held, ReLU(), ReLU())
    compute.request(request(first))
    assert held.reached.wait(10)
    second = edits.remove_layer(painted(first, 2.0), 1)
    compute.request(request(second))
    held.go.set()
    wait_for(qtbot, frames, second)
    assert frames.complete(first) is not None


def test_tail__begins_when_the_window_has_painted(
    qtbot: QtBot, compute: LiveCompute, frames: Frames, document: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compute_module, "PAINT_SECONDS", 1e6)
    compute.request(request(document))
    qtbot.waitUntil(lambda: len(frames.all) == 1)
    assert frames.complete(document) is None
    compute.painted()
    wait_for(qtbot, frames, document)


def test_tail__a_newer_document_does_not_wait_for_the_painting(
    qtbot: QtBot, compute: LiveCompute, frames: Frames, document: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compute_module, "PAINT_SECONDS", 1e6)
    compute.request(request(document, 0))
    qtbot.waitUntil(lambda: len(frames.all) == 1)
    second = painted(document, 2.0)
    compute.request(request(second, 3))
    wait_for(qtbot, frames, second)


def test_cancel__while_the_window_paints(
    qtbot: QtBot, compute: LiveCompute, frames: Frames, document: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compute_module, "PAINT_SECONDS", 1e6)
    states: list[bool] = []
    compute.busy_changed.connect(states.append)
    compute.request(request(document))
    qtbot.waitUntil(lambda: len(frames.all) == 1)
    compute.cancel()
    qtbot.waitUntil(lambda: states == [True, False])
    assert frames.complete(document) is None


def test_frames__of_one_pass_show_alike(
    qtbot: QtBot, compute: LiveCompute, frames: Frames, document: Document
) -> None:
    compute.request(request(document))
    wait_for(qtbot, frames, document)
    head, whole = frames.all
    assert not head.shows_like(None)
    assert whole.shows_like(head)
    other = painted(document, 5.0)
    compute.request(request(other))
    assert not wait_for(qtbot, frames, other).shows_like(whole)


@pytest.mark.parametrize("values", [(0.0, 1.0), (-2.0, 2.0), (0.25, np.nan)])
def test_picture__is_seen_as_it_is_or_stretched(
    qtbot: QtBot, compute: LiveCompute, frames: Frames, values: tuple[float, float]
) -> None:
    pixels = np.full((20, 24, 3), values[0], np.float32)
    pixels[:10, :, 1] = values[1]
    document = small_document(ReLU(), image=Image.from_array(pixels, "float"))
    compute.request(request(document))
    seen = wait_for(qtbot, frames, document).picture[0]
    low, high = {0.0: (0, 255), -2.0: (0, 255), 0.25: (64, 0)}[values[0]]
    assert seen[0, 0].tolist() == [low, high, low]
    assert seen[-1, 0].tolist() == [low] * 3


def test_new_picture__ends_what_is_running(qtbot: QtBot, compute: LiveCompute, frames: Frames) -> None:
    held = Held()
    first = small_document(Conv2d(), held)
    compute.request(request(first, 1))
    assert held.reached.wait(10)
    second = edits.set_network(edits.set_image(first, picture(seed=1)), Network((ReLU(),)))
    compute.request(request(second))
    frame = wait_for(qtbot, frames, second)
    assert frames.documents() == [second]
    assert frame.picture[0].shape == (20, 24, 3)
    assert_same(frame)


def test_same_picture__lets_the_head_finish(qtbot: QtBot, compute: LiveCompute, frames: Frames) -> None:
    held = Held()
    first = small_document(Conv2d(), held)
    compute.request(request(first, 1))
    assert held.reached.wait(10)
    second = painted(first, 2.0)
    compute.request(request(second, 1))
    held.go.set()
    wait_for(qtbot, frames, second)
    assert frames.complete(first) is not None


def test_cancel__ends_the_pass_and_the_next_request_works(
    qtbot: QtBot, compute: LiveCompute, frames: Frames, document: Document
) -> None:
    held = Held()
    compute.request(request(small_document(held)))
    assert held.reached.wait(10)
    compute.cancel()
    compute.request(request(document))
    wait_for(qtbot, frames, document)
    assert frames.documents() == [document]
    assert not frames.failures


def test_cancel__while_nothing_runs_does_not_end_the_next_pass(
    qtbot: QtBot, compute: LiveCompute, frames: Frames, document: Document
) -> None:
    compute.cancel()
    compute.request(request(document))
    wait_for(qtbot, frames, document)


def test_memory_error__is_a_sentence_and_the_next_request_works(
    qtbot: QtBot, compute: LiveCompute, frames: Frames, document: Document
) -> None:
    compute.request(request(small_document(Conv2d(), Failing())))
    qtbot.waitUntil(lambda: bool(frames.failures))
    assert "memory" in frames.failures[0]
    assert frames.failures[0].endswith(".")
    compute.request(request(document))
    assert_same(wait_for(qtbot, frames, document))
    assert not frames.bugs


def test_memory_error__in_the_engine_is_a_sentence(
    qtbot: QtBot,
    compute: LiveCompute,
    frames: Frames,
    document: Document,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*arguments: object, **options: object) -> Array:
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(engine, "conv2d", refuse)
        compute.request(request(document))
        qtbot.waitUntil(lambda: bool(frames.failures))
    compute.request(request(document))
    assert_same(wait_for(qtbot, frames, document))


def test_expected_failure__is_its_own_sentence(qtbot: QtBot, compute: LiveCompute, frames: Frames) -> None:
    compute.request(request(small_document(Failing(error=ExplorerError("This does not work.")))))
    qtbot.waitUntil(lambda: bool(frames.failures))
    assert frames.failures == ["This does not work."]


def test_exception__is_reported_as_a_bug_and_the_next_request_works(
    qtbot: QtBot, compute: LiveCompute, frames: Frames, document: Document
) -> None:
    error = RuntimeError("broken")
    compute.request(request(small_document(Failing(error=error))))
    qtbot.waitUntil(lambda: bool(frames.bugs))
    assert frames.bugs == [error]
    compute.request(request(document))
    assert_same(wait_for(qtbot, frames, document))


def test_exception__while_a_picture_is_prepared_leaves_no_mixture(
    qtbot: QtBot,
    compute: LiveCompute,
    frames: Frames,
    document: Document,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    compute.request(request(document))
    wait_for(qtbot, frames, document)
    other = edits.set_image(document, picture(seed=5))

    def broken(*arguments: object) -> None:
        raise RuntimeError("broken")

    with monkeypatch.context() as patch:
        patch.setattr(compute_module, "pyramid", broken)
        compute.request(request(other))
        qtbot.waitUntil(lambda: bool(frames.bugs))
    again = replace(document)
    compute.request(request(again))
    assert_same(wait_for(qtbot, frames, again))


def test_stop__during_a_held_pass_ends_the_thread(
    compute: LiveCompute, frames: Frames, document: Document
) -> None:
    held = Held()
    compute.request(request(small_document(held)))
    assert held.reached.wait(10)
    compute.request(request(document))
    assert compute.stop()
    assert not compute.isRunning()


def test_stop__during_a_long_convolution_ends_the_thread(compute: LiveCompute) -> None:
    held = Held()
    held.go.set()
    long = Conv2d(out_channels=64, kernel_size=(31, 31))
    compute.request(request(small_document(held, long, image=picture(1400, 1400)), 1))
    assert held.reached.wait(10)
    assert compute.stop()


def test_stop__twice_is_harmless(compute: LiveCompute) -> None:
    assert compute.stop()
    assert compute.stop()


def test_error__frames_reach_up_to_the_faulty_layer(
    qtbot: QtBot, compute: LiveCompute, frames: Frames
) -> None:
    document = small_document(Conv2d(), MaxPool2d(kernel_size=(64, 64)), ReLU())
    compute.request(request(document, 2))
    frame = wait_for(qtbot, frames, document)
    assert frame.plan.error is not None
    assert frame.plan.error.index == 1
    assert len(frame.result.outputs) == 1
    assert frame.views[1:] == (None, None)


def test_error__at_the_first_layer_still_shows_the_picture(
    qtbot: QtBot, compute: LiveCompute, frames: Frames
) -> None:
    document = small_document(Conv2d(kernel_size=(31, 31)), ReLU())
    compute.request(request(document, 0))
    frame = wait_for(qtbot, frames, document)
    assert frame.result.outputs == ()
    assert len(frame.inputs.maps) == 1
    assert len(frames.all) == 1


def test_empty_network__shows_the_picture(qtbot: QtBot, compute: LiveCompute, frames: Frames) -> None:
    document = edits.set_network(small_document(), Network())
    compute.request(request(document, -1))
    frame = wait_for(qtbot, frames, document)
    assert frame.picture[0].shape == (20, 24, 3)
    assert len(frames.all) == 1


def test_memory_limit__stops_before_the_layer(qtbot: QtBot, compute: LiveCompute, frames: Frames) -> None:
    document = small_document(ReLU(), Conv2d(out_channels=1024))
    compute.request(request(document, 1, memory_limit=100_000))
    frame = wait_for(qtbot, frames, document)
    assert frame.plan.error is not None
    assert "limit" in frame.plan.error.message
    assert len(frame.result.outputs) == 1


def test_vector__has_a_thumbnail_but_no_maps(qtbot: QtBot, compute: LiveCompute, frames: Frames) -> None:
    document = small_document(Flatten(), Linear(out_features=7))
    compute.request(request(document, 1))
    frame = wait_for(qtbot, frames, document)
    assert frame.result.outputs[1].shape == (1, 7)
    assert frame.views == (None, None)
    assert frame.thumbnails[1] is not None


def test_preparing__serves_plain_maps_that_are_not_settled(
    qtbot: QtBot,
    compute: LiveCompute,
    frames: Frames,
    document: Document,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(status, "state", Status.PREPARING)
    compute.request(request(document))
    plain = wait_for(qtbot, frames, document)
    assert plain.plain
    assert not plain.result.settled
    monkeypatch.setattr(status, "state", Status.READY)
    compute.forget()
    again = replace(document)
    compute.request(request(again))
    frame = wait_for(qtbot, frames, again)
    assert frame.result.settled
    assert not frame.plain
    assert_same(frame)
    for ours, theirs in zip(plain.result.outputs, frame.result.outputs, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-5 * float(np.abs(theirs).max()))


def test_forget__takes_over_nothing(
    qtbot: QtBot, compute: LiveCompute, frames: Frames, document: Document
) -> None:
    compute.request(request(document))
    before = wait_for(qtbot, frames, document)
    compute.forget()
    again = replace(document)
    compute.request(request(again))
    after = wait_for(qtbot, frames, again)
    assert after.result.outputs[0] is not before.result.outputs[0]


def test_grey_to_rgb_and_back__is_the_same_pass(
    qtbot: QtBot, compute: LiveCompute, frames: Frames, document: Document
) -> None:
    rgb = edits.set_preprocess(document, replace(document.preprocess, mode="rgb"))
    compute.request(request(rgb))
    frame = wait_for(qtbot, frames, rgb)
    assert len(frame.inputs.maps) == 3
    assert_same(frame)
    compute.request(request(document))
    assert_same(wait_for(qtbot, frames, document))


def test_busy__ends_with_false(
    qtbot: QtBot, compute: LiveCompute, frames: Frames, document: Document
) -> None:
    states: list[bool] = []
    compute.busy_changed.connect(states.append)
    compute.request(request(document))
    wait_for(qtbot, frames, document)
    qtbot.waitUntil(lambda: states == [True, False])


def test_signals__do_not_drift_the_counts_of_none_and_true(
    qtbot: QtBot, compute: LiveCompute, frames: Frames, document: Document
) -> None:
    compute.request(request(document))
    wait_for(qtbot, frames, document)

    def emit() -> None:
        compute.busy_changed.emit(True)
        compute.failed.emit("")

    drift = drifts(emit, 600)
    assert min(drift.values()) > -100, drift


def test_side__runs_on_the_compute_thread_and_the_newest_of_a_kind_wins(
    qtbot: QtBot, compute: LiveCompute, frames: Frames, document: Document
) -> None:
    done: list[tuple[str, object]] = []
    threads: set[bool] = set()
    compute.side_done.connect(lambda kind, result: done.append((kind, result)))

    def work(result: int) -> int:
        threads.add(QThread.currentThread() is compute)
        return result

    compute.side("waiting", lambda: work(0))  # more of them come in than can be done at once
    for number in range(100):
        compute.side("many", lambda number=number: work(number))  # type: ignore[misc]
    compute.request(request(document))
    wait_for(qtbot, frames, document)
    qtbot.waitUntil(lambda: ("many", 99) in done, timeout=5_000)
    assert done[-1] == ("many", 99)
    assert threads == {True}


def test_side__that_fails_is_one_sentence(qtbot: QtBot, compute: LiveCompute, frames: Frames) -> None:
    def refuse() -> None:
        raise ValueError("This cannot be done.")

    compute.side("one", refuse)
    qtbot.waitUntil(lambda: frames.failures == ["This cannot be done."], timeout=5_000)
