"""Memory of outputs comes back when nobody looks, and never before."""

from __future__ import annotations

import dataclasses

import numpy as np

from explorer.layers import Conv2d, MaxPool2d, ReLU
from explorer.layers.buffers import BufferPool, Token
from explorer.layers.forward import ForwardPass, steps
from explorer.layers.network import Network


def address(array: np.ndarray) -> int:
    return int(array.ctypes.data)


def test_lease__comes_back_when_its_last_view_is_gone() -> None:
    pool = BufferPool()
    lease = pool.lease((1, 2, 3, 4))
    place = address(lease.array)
    view = lease.array[0, 1]
    del lease
    other = pool.lease((1, 2, 3, 4))
    assert address(other.array) != place
    assert address(view) == place + view.nbytes
    del view
    assert address(pool.lease((1, 2, 3, 4)).array) == place


def test_lease__prefers_what_holds_the_wanted_channels() -> None:
    pool = BufferPool()
    tokens = [tuple(Token() for _ in range(3)) for _ in range(2)]
    leases = [pool.lease((1, 3, 2, 2)) for _ in tokens]
    places = [address(lease.array) for lease in leases]
    for lease, content in zip(leases, tokens, strict=True):
        lease.filled(content)
    del lease
    leases.clear()
    again = pool.lease((1, 3, 2, 2), like=tokens[0])
    assert address(again.array) == places[0]
    assert again.held == tokens[0]


def test_lease__half_written_holds_nothing() -> None:
    pool = BufferPool()
    lease = pool.lease((1, 1, 2, 2))
    lease.filled((Token(),))
    del lease
    pool.lease((1, 1, 2, 2))  # taken, and dropped before it was filled
    assert pool.lease((1, 1, 2, 2)).held == ()


def never() -> bool:
    return False


def filled(pool: BufferPool, value: float, channels: int = 3) -> tuple[np.ndarray, tuple[Token, ...]]:
    """An output of the pool with its tokens."""
    lease = pool.lease((1, channels, 40, 50))
    lease.array[:] = np.arange(channels, dtype=np.float32)[:, None, None] + value
    content = tuple(Token() for _ in range(channels))
    lease.filled(content)
    return lease.array, content


def test_spares__two_wait_and_hold_what_the_output_holds() -> None:
    pool = BufferPool()
    outputs = [filled(pool, 0.0), filled(pool, 10.0)]
    pool.make_spares(outputs, never)
    for array, content in outputs:
        spares = [pool.lease(array.shape, like=content) for _ in range(2)]
        for spare in spares:
            assert all(held is token for held, token in zip(spare.held, content, strict=True))
            np.testing.assert_array_equal(spare.array, array)


def test_spares__only_what_differs_is_copied_again() -> None:
    pool = BufferPool()
    array, content = filled(pool, 0.0)
    pool.make_spares([(array, content)], never)
    lease = pool.lease(array.shape, like=content)
    lease.array[:, 1] = 99
    changed = (content[0], Token(), content[2])
    lease.filled(changed)
    pool.make_spares([(lease.array, changed)], never)
    places = {address(pool.lease(array.shape, like=changed).array) for _ in range(2)}
    assert len(places) == 2
    again = pool.lease(array.shape, like=changed)
    np.testing.assert_array_equal(again.array, lease.array)


def test_spares__what_has_another_shape_waits_no_longer() -> None:
    pool = BufferPool()
    before, known = filled(pool, 0.0, channels=4)
    del before
    assert pool.lease((1, 4, 40, 50), like=known).held == known
    pool.make_spares([filled(pool, 0.0)], never)
    assert pool.lease((1, 4, 40, 50), like=known).held == ()


def test_spares__keep_within_the_bytes_that_may_wait() -> None:
    pool = BufferPool()
    array, content = filled(pool, 0.0)
    pool.free_bytes = array.nbytes + 1
    pool.make_spares([(array, content)], never)
    assert pool.lease(array.shape, like=content).held == content
    assert pool.lease(array.shape, like=content).held == ()


def test_spares__that_are_interrupted_claim_nothing_they_do_not_hold() -> None:
    pool = BufferPool()
    array, content = filled(pool, 0.0)
    asked: list[None] = []

    def soon() -> bool:
        asked.append(None)
        return len(asked) > 5

    pool.make_spares([(array, content)], soon)
    for _ in range(2):
        spare = pool.lease(array.shape, like=content)
        for channel, held in enumerate(spare.held):
            if held is content[channel]:
                np.testing.assert_array_equal(spare.array[:, channel], array[:, channel])
    pool.make_spares([(array, content)], never)
    assert pool.lease(array.shape, like=content).held == content


def test_spares__that_were_not_touched_as_a_whole_hold_nothing() -> None:
    pool = BufferPool()
    array, content = filled(pool, 5.0)
    answers = iter([True] * 2)  # while touching, but not any more while copying
    pool.make_spares([(array, content)], lambda: next(answers, False))
    pool.touch(never)
    for _ in range(2):
        spare = pool.lease(array.shape, like=content)
        for channel, held in enumerate(spare.held):
            if held is content[channel]:
                np.testing.assert_array_equal(spare.array[:, channel], array[:, channel])


def test_spares__do_not_disturb_the_passes() -> None:
    x = np.random.default_rng(0).standard_normal((1, 2, 12, 13)).astype(np.float32)
    pool = BufferPool()
    layer = Conv2d(out_channels=5).fit((2, 12, 13))
    previous = None
    for stroke in range(8):
        assert layer.weight is not None
        weight = layer.weight.copy()
        weight[stroke % 3] += stroke
        layer = dataclasses.replace(layer, weight=weight)
        network = Network((layer, ReLU(), MaxPool2d()))
        previous = run(network, x, previous, pool)
        copies = [output.copy() for output in previous.outputs]
        pool.make_spares(list(zip(previous.outputs, previous.contents, strict=True)), never)
        fresh = run(network, x, None, None)
        for ours, copy, theirs in zip(previous.outputs, copies, fresh.outputs, strict=True):
            np.testing.assert_array_equal(ours, copy)
            np.testing.assert_array_equal(ours, theirs)


def run(
    network: Network, x: np.ndarray, previous: ForwardPass | None, pool: BufferPool | None
) -> ForwardPass:
    *_, last = steps(network, x, previous, pool=pool)
    return last


def test_passes__with_a_pool_have_the_same_bits_and_old_ones_stay() -> None:
    rng = np.random.default_rng(0)
    x = rng.standard_normal((1, 2, 12, 13)).astype(np.float32)
    pool = BufferPool()
    layer = Conv2d(out_channels=5).fit((2, 12, 13))
    kept: list[tuple[ForwardPass, list[np.ndarray]]] = []
    previous = None
    for stroke in range(12):
        assert layer.weight is not None
        weight = layer.weight.copy()
        weight[stroke % 3] += stroke
        layer = dataclasses.replace(layer, weight=weight)
        network = Network((layer, ReLU(), MaxPool2d()))
        previous = run(network, x, previous, pool)
        for ours, fresh in zip(previous.outputs, run(network, x, None, None).outputs, strict=True):
            np.testing.assert_array_equal(ours, fresh)
        kept = [*kept[-1:], (previous, [output.copy() for output in previous.outputs])]
        for older, copies in kept:
            for output, copy in zip(older.outputs, copies, strict=True):
                np.testing.assert_array_equal(output, copy)


def test_passes__of_one_stroke_take_no_new_memory() -> None:
    x = np.ones((1, 1, 40, 50), np.float32)
    pool = BufferPool()
    layer = Conv2d(out_channels=3).fit((1, 40, 50))
    previous, places = None, set()
    for stroke in range(20):
        assert layer.weight is not None
        weight = layer.weight.copy()
        weight[1] = stroke
        layer = dataclasses.replace(layer, weight=weight)
        previous = run(Network((layer,)), x, previous, pool)
        places.add(address(previous.outputs[0]))
    assert len(places) <= 3
