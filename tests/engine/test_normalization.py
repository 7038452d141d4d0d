"""Batch normalisation with stored statistics, as a trained network runs it."""

from __future__ import annotations

from types import ModuleType

import numpy as np

from tests import reference
from tests.engine.checks import Floats, assert_close, assert_refused, normal


def statistics(channels: int) -> tuple[Floats, Floats, Floats, Floats]:
    """Mean, variance, weight and bias per channel."""
    mean, variance, weight, bias = (normal(channels, seed=seed) for seed in range(4))
    return mean, variance**2 + np.float32(0.1), weight, bias


def test_batch_norm__agrees_with_slow_loops(engine: ModuleType) -> None:
    for shape in ((1, 1, 1, 1), (2, 3, 5, 7), (3, 5, 40, 41)):
        x = normal(*shape)
        assert_close(
            engine.batch_norm(x, *statistics(shape[1])), reference.batch_norm(x, *statistics(shape[1]))
        )
        assert_close(
            engine.batch_norm(x, *statistics(shape[1]), eps=0.5),
            reference.batch_norm(x, *statistics(shape[1]), eps=0.5),
        )


def test_batch_norm__a_worked_example(engine: ModuleType) -> None:
    x = np.array([[[[1, 3]], [[10, 30]]]], np.float32)
    y = engine.batch_norm(x, [2, 20], [1, 100], [1, 2], [0, 5], eps=0)
    np.testing.assert_allclose(y, [[[[-1, 1]], [[3, 7]]]], rtol=1e-6)


def test_batch_norm__eps_keeps_a_constant_channel_finite(engine: ModuleType) -> None:
    one, zero = np.ones(1, np.float32), np.zeros(1, np.float32)
    y = engine.batch_norm(np.full((1, 1, 2, 2), 3, np.float32), 3 * one, zero, one, 7 * one)
    assert_close(y, np.full((1, 1, 2, 2), 7.0))


def test_batch_norm__a_mean_far_from_zero_costs_no_accuracy(engine: ModuleType) -> None:
    one = np.ones(1, np.float32)
    for mean in (1000 * one, 1e6 * one):
        x = mean + normal(1, 1, 8, 8)
        y = engine.batch_norm(x, mean, one, one, 0 * one)
        assert_close(y, reference.batch_norm(x, mean, one, one, 0 * one))
        assert not engine.batch_norm(np.full((1, 1, 2, 2), mean), mean, one / 3, one, 0 * one).any()


def test_batch_norm__a_negative_variance_is_refused(engine: ModuleType) -> None:
    one = np.ones(3, np.float32)
    assert_refused(
        lambda: engine.batch_norm(normal(1, 3, 2, 2), one, [1, -0.5, -2]), "running_var", -0.5, "channel 1"
    )


def test_batch_norm__an_unknown_variance_spoils_only_its_own_channel(engine: ModuleType) -> None:
    y = engine.batch_norm(normal(1, 3, 2, 2), np.zeros(3), [1, np.nan, 1])
    np.testing.assert_array_equal(np.isnan(y).any(axis=(0, 2, 3)), [False, True, False])


def test_batch_norm__statistics_of_another_length_are_refused(engine: ModuleType) -> None:
    x, right, wrong = normal(2, 3, 4, 4), np.ones(3, np.float32), np.ones(2, np.float32)
    for position in range(4):
        arrays = [right] * 4
        arrays[position] = wrong
        assert_refused(lambda arrays=arrays: engine.batch_norm(x, *arrays), 3, 2)  # type: ignore[misc]


def test_batch_norm__is_the_same_as_scaling_each_channel(engine: ModuleType) -> None:
    mean, variance, weight, bias = statistics(4)
    x = normal(2, 4, 6, 5)
    scale = weight / np.sqrt(variance + 1e-5)
    expected = engine.conv2d(x, np.diag(scale)[:, :, np.newaxis, np.newaxis], bias - mean * scale)
    assert_close(engine.batch_norm(x, mean, variance, weight, bias), expected)
