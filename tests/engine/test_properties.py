"""Random shapes and arguments against slow loops. The same examples are drawn at each run."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests import reference
from tests.engine.checks import assert_close

moderately = settings(
    max_examples=60,
    deadline=None,  # the first example compiles
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)

KINDS = ["f4", "f4", "f8", "i4", "u1", "?", ">f4"]
LAYOUTS = [
    "C",
    "F",
    "every second column",
    "mirrored",
    "upside down",
    "channels last",
    "read-only",
    "one for all",
]


def sizes(largest: int) -> st.SearchStrategy[Any]:
    """A size, or (vertical, horizontal)."""
    number = st.integers(1, largest)
    return number | st.tuples(number, number)


def laid_out(array: npt.NDArray[Any], layout: str) -> npt.NDArray[Any]:
    """The same numbers, differently placed in memory."""
    if layout == "F":
        return np.asfortranarray(array)
    if layout == "every second column":
        return np.repeat(array, 2, axis=-1)[..., ::2]
    if layout == "mirrored":
        return array[..., ::-1].copy()[..., ::-1]
    if layout == "upside down":
        return array[..., ::-1, ::-1].copy()[..., ::-1, ::-1]
    if layout == "channels last":
        return np.moveaxis(np.moveaxis(array, 1, -1).copy(), -1, 1)
    if layout == "read-only":
        array.flags.writeable = False
    if layout == "one for all":
        return np.broadcast_to(array[:1, :1], array.shape)
    return array


@st.composite
def arrays(draw: st.DrawFn, *shape: int) -> npt.NDArray[Any]:
    """Numbers of some type in some layout; float64 numbers are such as float32 can hold."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    kind = np.dtype(draw(st.sampled_from(KINDS)))
    if kind.kind == "f":
        numbers = random.standard_normal(shape, dtype=np.float32).astype(kind)
    else:
        numbers = random.integers(
            -20 if kind.kind == "i" else 0, 2 if kind.kind == "b" else 200, shape
        ).astype(kind)
    return laid_out(numbers, draw(st.sampled_from(LAYOUTS)))


def pictures(channels: int | None = None) -> st.SearchStrategy[npt.NDArray[Any]]:
    """Up to three small pictures, now and then wide ones."""
    side = st.integers(1, 12)
    width = side | side | st.integers(13, 40)
    count = st.integers(1, 5) if channels is None else st.just(channels)
    return st.tuples(st.integers(1, 3), count, side, width).flatmap(lambda shape: arrays(*shape))


def paddings(rows: int, columns: int) -> st.SearchStrategy[Any]:
    """Padding in each of its forms, up to so many rows and columns."""
    vertical, horizontal = st.integers(0, rows), st.integers(0, columns)
    return (
        st.integers(0, min(rows, columns))
        | st.tuples(vertical, horizontal)
        | st.tuples(vertical, vertical, horizontal, horizontal)
        | st.sampled_from(["valid", "same"])
    )


@given(data=st.data())
@moderately
def test_conv2d__agrees_with_slow_loops(engine: ModuleType, data: st.DataObject) -> None:
    groups = data.draw(st.integers(1, 3), label="groups")
    in_channels = groups * data.draw(st.integers(1, 3))
    filter_count = groups * data.draw(st.integers(1, 4))
    x = data.draw(pictures(in_channels), label="x")
    rows, columns = data.draw(st.tuples(st.integers(1, 5), st.integers(1, 5)), label="kernel")
    weight = data.draw(arrays(filter_count, in_channels // groups, rows, columns), label="weight")
    bias = data.draw(st.none() | arrays(1, filter_count, 1).map(lambda b: b[0, :, 0]), label="bias")
    options = {
        "stride": data.draw(sizes(4), label="stride"),
        "padding": data.draw(paddings(6, 6), label="padding"),
        "dilation": data.draw(sizes(3), label="dilation"),
        "groups": groups,
    }
    expected = reference.conv2d(x, weight, bias, **options)
    assume(expected.size)
    algorithm = data.draw(st.sampled_from(["auto", "direct"]), label="algorithm")
    assert_close(engine.conv2d(x, weight, bias, algorithm=algorithm, **options), expected)


@given(data=st.data())
@moderately
def test_conv2d__of_whole_numbers_is_exact(engine: ModuleType, data: st.DataObject) -> None:
    random = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    channels, filter_count = data.draw(st.integers(1, 10)), data.draw(st.integers(1, 10))
    shape = data.draw(st.tuples(st.integers(1, 2), st.just(channels), st.integers(5, 30), st.integers(5, 30)))
    x = random.integers(0, 256, shape).astype(np.float32)
    weight = random.integers(-8, 9, (filter_count, channels, 3, 3)).astype(np.float32)
    options = {"stride": data.draw(sizes(2)), "padding": data.draw(paddings(2, 2))}
    y = engine.conv2d(x, weight, algorithm="direct", **options)
    np.testing.assert_array_equal(y, reference.conv2d(x, weight, **options))


@given(data=st.data())
@moderately
def test_max_pool2d__agrees_with_slow_loops(engine: ModuleType, data: st.DataObject) -> None:
    x = data.draw(pictures(), label="x")
    kernel_size = data.draw(sizes(5), label="kernel_size")
    rows, columns = reference.pair(kernel_size)
    options = {
        "stride": data.draw(st.none() | sizes(4), label="stride"),
        "padding": data.draw(paddings(rows - 1, columns - 1), label="padding"),
        "dilation": data.draw(sizes(3), label="dilation"),
        "ceil_mode": data.draw(st.booleans(), label="ceil_mode"),
    }
    expected = reference.max_pool2d(x, kernel_size, **options)
    assume(expected.size)
    assert_close(engine.max_pool2d(x, kernel_size, **options), expected, tolerance=0)


@given(data=st.data())
@moderately
def test_avg_pool2d__agrees_with_slow_loops(engine: ModuleType, data: st.DataObject) -> None:
    x = data.draw(pictures(), label="x")
    kernel_size = data.draw(sizes(5), label="kernel_size")
    rows, columns = reference.pair(kernel_size)
    options = {
        "stride": data.draw(st.none() | sizes(4), label="stride"),
        "padding": data.draw(paddings(rows - 1, columns - 1), label="padding"),
        "ceil_mode": data.draw(st.booleans(), label="ceil_mode"),
        "count_include_pad": data.draw(st.booleans(), label="count_include_pad"),
    }
    expected = reference.avg_pool2d(x, kernel_size, **options)
    assume(expected.size)
    assert_close(engine.avg_pool2d(x, kernel_size, **options), expected)


@given(x=pictures())
@moderately
def test_functions_of_one_picture__agree_with_slow_loops(engine: ModuleType, x: npt.NDArray[Any]) -> None:
    assert_close(engine.relu(x), reference.relu(x), tolerance=0)
    assert_close(engine.leaky_relu(x, 0.2), reference.leaky_relu(x, 0.2))
    assert_close(engine.elu(x, 0.7), reference.elu(x, 0.7))
    assert_close(engine.sigmoid(x), reference.sigmoid(x))
    assert_close(engine.tanh(x), reference.tanh(x))
    assert_close(engine.softplus(x), reference.softplus(x))
    assert_close(engine.silu(x), reference.silu(x))
    assert_close(engine.gelu(x), reference.gelu(x))
    assert_close(engine.gelu(x, "tanh"), reference.gelu(x, "tanh"))
    assert_close(engine.softmax(x), reference.softmax(x))
    assert_close(engine.global_avg_pool2d(x), reference.global_avg_pool2d(x))
    assert_close(engine.global_max_pool2d(x), reference.global_max_pool2d(x), tolerance=0)


@given(data=st.data())
@moderately
def test_linear_and_batch_norm__agree_with_slow_loops(engine: ModuleType, data: st.DataObject) -> None:
    x = data.draw(pictures(), label="x")
    weight = data.draw(arrays(1, data.draw(st.integers(1, 6)), x.shape[3]), label="weight")[0]
    assert_close(engine.linear(x, weight), reference.linear(x, weight))
    vectors = data.draw(arrays(4, 1, x.shape[1]), label="vectors")[:, 0]
    mean, variance, scale, shift = vectors
    variance = np.abs(variance.astype(np.float32))
    assert_close(
        engine.batch_norm(x, mean, variance, scale, shift, eps=0.1),
        reference.batch_norm(x, mean, variance, scale, shift, eps=0.1),
    )


@given(data=st.data())
@moderately
def test_channels__asked_for_alone_have_the_same_bits(engine: ModuleType, data: st.DataObject) -> None:
    x = data.draw(pictures(3), label="x")
    weight = data.draw(arrays(6, 3, 3, 2), label="weight")
    options = {"padding": data.draw(paddings(4, 4)), "stride": data.draw(sizes(2)), "algorithm": "direct"}
    assume(reference.Windows(x.shape, (3, 2), options["stride"], options["padding"]).rows)
    assume(reference.Windows(x.shape, (3, 2), options["stride"], options["padding"]).columns)
    whole = engine.conv2d(x, weight, **options)
    channels = data.draw(st.lists(st.integers(0, 5), max_size=6), label="channels")
    out = np.full_like(whole, np.nan)
    engine.conv2d(x, weight, channels=channels, out=out, **options)
    chosen = np.isin(np.arange(6), channels)
    np.testing.assert_array_equal(out[:, chosen].view(np.uint32), whole[:, chosen].view(np.uint32))
    assert np.isnan(out[:, ~chosen]).all()
