"""A pass after an edit: what is taken over, what is computed again, and how it ends early."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

from explorer import engine
from explorer.errors import Cancelled
from explorer.jit import CancelFlag
from explorer.layers import BatchNorm2d, Conv2d, Flatten, Layer, Linear, MaxPool2d, ReLU, Sigmoid, Softmax
from explorer.layers.fields import Array
from explorer.layers.forward import ForwardPass, forward, steps
from explorer.layers.network import Network
from tests.engine.checks import assert_same_bits
from tests.layers.contract import numbers

X = numbers(1, 3, 20, 24)
STACK = Network(
    (Conv2d(out_channels=6), ReLU(), MaxPool2d(), Conv2d(out_channels=4), Flatten(), Linear(), Softmax())
)


class Calls:
    """Which channels each convolution was asked for; None stands for all."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.channels: list[list[int] | None] = []
        real = engine.conv2d

        def counted(*args: Any, **kwargs: Any) -> Array:
            self.channels.append(kwargs["channels"])
            return real(*args, **kwargs)

        patch.setattr(engine, "conv2d", counted)


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Calls:
    """Counts convolutions."""
    return Calls(monkeypatch)


def with_layer(network: Network, index: int, layer: Layer) -> Network:
    """The network with another layer at a place."""
    return Network((*network.layers[:index], layer, *network.layers[index + 1 :]))


def painted(result: ForwardPass, index: int, channel: int) -> Network:
    """The network after a stroke on one filter of a convolution."""
    stored, running = result.network.layers[index], result.layers[index]
    assert isinstance(stored, Conv2d)
    assert isinstance(running, Conv2d)
    assert running.weight is not None
    weight = running.weight.copy()
    weight[channel, 0, 1, 1] += 1
    return with_layer(result.network, index, stored.with_weight(weight))


def assert_same_pass(ours: ForwardPass, theirs: ForwardPass) -> None:
    """Both hold the same numbers, bit by bit."""
    assert len(ours.outputs) == len(theirs.outputs)
    for a, b in zip(ours.outputs, theirs.outputs, strict=True):
        assert_same_bits(a, b)


# A pass


def test_forward__keeps_what_came_out_of_every_layer() -> None:
    result = forward(STACK, X)
    assert result.complete
    assert result.error is None
    assert result.network is STACK
    assert [y.shape[1:] for y in result.outputs] == list(STACK.plan((3, 20, 24)).shapes[1:])
    assert len(result.layers) == len(result.seconds) == len(STACK.layers)
    assert all(not y.flags.writeable for y in result.outputs)
    assert result.input_of(0) is X
    assert result.input_of(3) is result.outputs[2]


def test_forward__of_no_layers_is_complete() -> None:
    result = forward(Network(), X)
    assert result.outputs == ()
    assert result.complete


def test_forward__ends_where_the_error_is() -> None:
    network = Network((ReLU(), Conv2d(kernel_size=(31, 31)), ReLU()))
    result = forward(network, X)
    assert len(result.outputs) == 1
    assert result.complete
    assert result.error is not None
    assert result.error.index == 1


def test_forward__an_error_at_the_first_layer_yields_an_empty_pass() -> None:
    result = forward(Network((Conv2d(kernel_size=(31, 31)),)), X)
    assert result.outputs == ()
    assert result.complete


def test_forward__outputs_before_an_error_are_taken_over() -> None:
    before = forward(STACK, X)
    broken = with_layer(STACK, 3, Conv2d(kernel_size=(31, 31)))
    after = forward(broken, X, before)
    assert len(after.outputs) == 3
    assert all(a is b for a, b in zip(after.outputs, before.outputs, strict=False))
    assert_same_pass(forward(STACK, X, after), before)


def test_steps__yield_the_pass_layer_by_layer() -> None:
    passes = list(steps(STACK, X))
    assert [len(result.outputs) for result in passes] == list(range(1, len(STACK.layers) + 1))
    assert [result.complete for result in passes] == [False] * (len(STACK.layers) - 1) + [True]


# Taking over


def test_reuse__of_the_same_network_on_the_same_input_is_everything(calls: Calls) -> None:
    before = forward(STACK, X)
    calls.channels.clear()
    after = forward(STACK, X, before)
    assert calls.channels == []
    assert all(a is b for a, b in zip(after.outputs, before.outputs, strict=True))
    assert all(a is b for a, b in zip(after.layers, before.layers, strict=True))


def test_reuse__of_one_filter_s_stroke_recomputes_one_map(calls: Calls) -> None:
    before = forward(STACK, X)
    network = painted(before, 0, channel=2)
    calls.channels.clear()
    after = forward(network, X, before)
    assert calls.channels == [[2], None]  # one map, and the next convolution, which sums over all of them
    for index in range(3):
        same = [c for c in range(6) if (after.outputs[index][0, c] == before.outputs[index][0, c]).all()]
        assert same == [0, 1, 3, 4, 5]
    assert_same_pass(after, forward(network, X))


def test_reuse__of_a_stroke_far_down_leaves_what_is_above(calls: Calls) -> None:
    before = forward(STACK, X)
    network = painted(before, 3, channel=0)
    calls.channels.clear()
    after = forward(network, X, before)
    assert calls.channels == [[0]]
    assert all(after.outputs[i] is before.outputs[i] for i in range(3))
    assert_same_pass(after, forward(network, X))


def test_reuse__does_not_write_into_the_previous_pass() -> None:
    before = forward(STACK, X)
    copies = [y.copy() for y in before.outputs]
    forward(painted(before, 0, channel=1), X, before)
    for y, copy in zip(before.outputs, copies, strict=True):
        assert_same_bits(y, copy)


def test_reuse__of_one_bias_recomputes_one_map(calls: Calls) -> None:
    before = forward(STACK, X)
    first = before.network.layers[0]
    assert isinstance(first, Conv2d)
    network = with_layer(STACK, 0, first.with_bias_values(np.array([0, 0, 0, 0, 0, 7], np.float32)))
    calls.channels.clear()
    after = forward(network, X, before)
    assert calls.channels == [[5], None]
    assert_same_pass(after, forward(network, X))


def test_reuse__of_a_rename_is_everything_and_the_new_names_arrive(calls: Calls) -> None:
    before = forward(STACK, X)
    first = STACK.layers[0]
    assert isinstance(first, Conv2d)
    renamed = dataclasses.replace(first, name="edges", filter_names=("left", "right"))
    calls.channels.clear()
    after = forward(with_layer(STACK, 0, renamed), X, before)
    assert calls.channels == []
    assert all(a is b for a, b in zip(after.outputs, before.outputs, strict=True))
    fitted = after.layers[0]
    assert isinstance(fitted, Conv2d)
    assert (fitted.name, fitted.filter_name(1)) == ("edges", "right")
    assert fitted.weight is not None


def test_reuse__another_input_computes_everything_again(calls: Calls) -> None:
    before = forward(STACK, X)
    calls.channels.clear()
    other = X.copy()
    after = forward(STACK, other, before)
    assert calls.channels == [None, None]
    assert_same_pass(after, before)
    assert all(a is b for a, b in zip(after.layers, before.layers, strict=True))  # fitted once


def test_reuse__a_smaller_input_fits_again() -> None:
    before = forward(STACK, X)
    small = numbers(1, 1, 12, 14)
    assert_same_pass(forward(STACK, small, before), forward(STACK, small))


def test_reuse__statistics_that_change_are_computed_again() -> None:
    network = Network((BatchNorm2d(),))
    before = forward(network, X)
    moved = with_layer(network, 0, BatchNorm2d(running_mean=np.ones(3, np.float32)))
    assert_same_pass(forward(moved, X, before), forward(moved, X))


def test_reuse__parameters_that_change_are_computed_again() -> None:
    before = forward(STACK, X)
    for index, layer in (
        (2, MaxPool2d(ceil_mode=True)),
        (2, Sigmoid()),
        (0, Conv2d(out_channels=6, stride=(2, 2))),
        (0, Conv2d(out_channels=5)),
        (3, Conv2d(out_channels=4, seed=1)),
    ):
        network = with_layer(STACK, index, layer)
        assert_same_pass(forward(network, X, before), forward(network, X))


def test_reuse__from_a_pass_that_was_not_finished() -> None:
    before = forward(STACK, X)
    part = next(iter(steps(STACK, X)))
    after = forward(STACK, X, part)
    assert after.outputs[0] is part.outputs[0]
    assert_same_pass(after, before)


# Bypass


def test_bypass__hands_on_its_input() -> None:
    before = forward(STACK, X)
    off = with_layer(STACK, 1, dataclasses.replace(STACK.layers[1], enabled=False))
    after = forward(off, X, before)
    assert after.outputs[0] is before.outputs[0]
    assert after.outputs[1] is after.outputs[0]
    assert_same_pass(after, forward(off, X))
    assert_same_pass(forward(STACK, X, after), before)


def test_bypass__of_a_convolution_and_back_restores_every_bit() -> None:
    before = forward(STACK, X)
    off = with_layer(STACK, 0, dataclasses.replace(STACK.layers[0], enabled=False))
    between = forward(off, X, before)
    assert_same_pass(between, forward(off, X))
    assert_same_pass(forward(STACK, X, between), before)


def test_bypass__a_stroke_above_goes_through_it(calls: Calls) -> None:
    off = with_layer(STACK, 1, dataclasses.replace(STACK.layers[1], enabled=False))
    before = forward(off, X)
    network = painted(before, 0, channel=3)
    calls.channels.clear()
    after = forward(network, X, before)
    assert calls.channels == [[3], None]
    assert_same_pass(after, forward(network, X))


# Settled


def test_settled__takes_over_nothing_from_a_quick_pass(calls: Calls) -> None:
    quick = forward(STACK, X, settled=False)
    assert not quick.settled
    calls.channels.clear()
    after = forward(STACK, X, quick)
    assert after.settled
    assert calls.channels == [None, None]
    assert not any(a is b for a, b in zip(after.outputs, quick.outputs, strict=True))


def test_settled__after_a_quick_stroke_recomputes_what_the_stroke_changed(calls: Calls) -> None:
    exact = forward(STACK, X)
    network = painted(exact, 0, channel=2)
    quick = forward(network, X, exact, settled=False)
    calls.channels.clear()
    after = forward(network, X, quick)
    assert calls.channels == [[2], None]
    assert after.changes[:3] == (frozenset({2}),) * 3
    assert_same_pass(after, forward(network, X))
    calls.channels.clear()
    again = forward(network, X, after)
    assert calls.channels == []
    assert all(a is b for a, b in zip(again.outputs, after.outputs, strict=True))


def test_settled__serves_a_pass_that_is_not(calls: Calls) -> None:
    exact = forward(STACK, X)
    calls.channels.clear()
    quick = forward(STACK, X, exact, settled=False)
    assert calls.channels == []
    assert not quick.settled


def test_settled__asks_for_the_exact_path(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    real = engine.conv2d

    def noted(*args: Any, **kwargs: Any) -> Array:
        asked.append(kwargs["algorithm"])
        return real(*args, **kwargs)

    monkeypatch.setattr(engine, "conv2d", noted)
    forward(STACK, X)
    forward(STACK, X, settled=False)
    assert asked == ["direct", "direct", "auto", "auto"]


# Ending early


def test_cancel__before_the_start_computes_nothing(calls: Calls) -> None:
    flag = CancelFlag()
    flag.set()
    with pytest.raises(Cancelled):
        forward(STACK, X, cancel=flag)
    assert calls.channels == []


def test_cancel__between_layers_keeps_what_was_finished() -> None:
    flag = CancelFlag()
    running = steps(STACK, X, cancel=flag)
    first = next(running)
    flag.set()
    with pytest.raises(Cancelled):
        next(running)
    assert_same_pass(forward(STACK, X, first), forward(STACK, X))


def test_memory_error__reaches_the_caller(monkeypatch: pytest.MonkeyPatch) -> None:
    before = forward(STACK, X)

    def full(*args: Any, **kwargs: Any) -> Array:
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(engine, "max_pool2d", full)
        with pytest.raises(MemoryError):
            forward(STACK, X)
    assert_same_pass(forward(STACK, X), before)


def test_memory_error__of_numpy_is_no_fault_of_the_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: Any, **kwargs: Any) -> Array:
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(np, "empty", full)
        with pytest.raises(MemoryError):
            forward(Network((ReLU(),)), X)
    assert forward(Network((ReLU(),)), X).complete


def test_a_stroke_on_the_first_layer__updates_the_next_by_the_difference(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    network = Network((Conv2d(out_channels=16), ReLU(), Conv2d(out_channels=5, stride=(2, 1)), MaxPool2d()))
    first = forward(network, X, settled=False)
    added: list[tuple[int, ...]] = []
    real = engine.add_conv2d

    def counted(x: Array, *args: Any, **kwargs: Any) -> Array:
        added.append(x.shape)
        return real(x, *args, **kwargs)

    monkeypatch.setattr(engine, "add_conv2d", counted)
    edited = painted(first, 0, 3)
    live = forward(edited, X, first, settled=False)
    assert added == [(1, 1, 18, 22)]
    scratch = forward(edited, X)
    for ours, theirs in zip(live.outputs, scratch.outputs, strict=True):
        assert np.abs(ours - theirs).max() <= 1e-5 * np.abs(theirs).max()
    settled = forward(edited, X, live)
    assert len(added) == 1
    for ours, theirs in zip(settled.outputs, scratch.outputs, strict=True):
        assert_same_bits(ours, theirs)


def test_a_change_that_is_not_finite_or_hides_the_rest__is_computed_anew(calls: Calls) -> None:
    network = Network((Conv2d(out_channels=16), Conv2d(out_channels=5)))
    first = forward(network, X, settled=False)
    running = first.layers[0]
    assert isinstance(running, Conv2d)
    assert running.weight is not None
    weight = running.weight.copy()
    weight[3] *= 1e6
    huge = forward(with_layer(network, 0, running.with_weight(weight)), X, first, settled=False)
    weight = weight.copy()
    weight[3] = 0
    calls.channels.clear()
    small = forward(with_layer(network, 0, running.with_weight(weight)), X, huge, settled=False)
    assert calls.channels == [[3], None]
    assert_same_bits(small.outputs[1], forward(small.network, X, settled=False).outputs[1])
