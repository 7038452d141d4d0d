"""The same numbers through PyTorch, where it is installed: the slow loops and the engine must both agree with it."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from tests import reference
from tests.engine.checks import assert_close, normal

torch = pytest.importorskip("torch")


def by_torch(function: Callable[..., Any], *arrays: Any, **options: Any) -> Any:
    """The function on float64 tensors, back as an array."""
    tensors = [None if array is None else torch.from_numpy(array.astype(np.float64)) for array in arrays]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it announces that "same" copies the picture
        return function(*tensors, **options).numpy()


def agree(fast: Any, slow: Any, expected: Any) -> None:
    """The engine within its tolerance, the slow loops nearly exactly."""
    assert_close(fast, expected)
    np.testing.assert_allclose(slow, expected, rtol=1e-9, atol=1e-9)


def pooling_windows() -> Iterator[dict[str, Any]]:
    """Every window that torch accepts: its padding is at most half the window."""
    windows: Any = itertools.product((1, 2, 3, (2, 5)), (1, 2, 3, (3, 1)), (False, True))
    for kernel_size, stride, ceil_mode in windows:
        for padding in range(min(reference.pair(kernel_size)) // 2 + 1):
            yield {"kernel_size": kernel_size, "stride": stride, "padding": padding, "ceil_mode": ceil_mode}


def engine_options(options: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """kernel_size and the rest."""
    return options["kernel_size"], {name: value for name, value in options.items() if name != "kernel_size"}


@pytest.mark.parametrize("shape", [(2, 2, 9, 12), (1, 3, 7, 5)])
@pytest.mark.parametrize("dilation", [1, 2, (1, 2)])
def test_max_pool2d__agrees_with_torch(engine: ModuleType, shape: tuple[int, ...], dilation: Any) -> None:
    x = normal(*shape)
    compared = 0
    for options in pooling_windows():
        options["dilation"] = dilation
        kernel_size, rest = engine_options(options)
        try:
            expected = by_torch(torch.nn.functional.max_pool2d, x, **options)
        except RuntimeError:  # an output without a pixel
            with pytest.raises(ValueError):
                engine.max_pool2d(x, kernel_size, **rest)
            continue
        agree(
            engine.max_pool2d(x, kernel_size, **rest), reference.max_pool2d(x, kernel_size, **rest), expected
        )
        compared += 1
    assert compared > 40


@pytest.mark.parametrize("shape", [(2, 2, 9, 12), (1, 3, 7, 5)])
@pytest.mark.parametrize("count_include_pad", [False, True])
def test_avg_pool2d__agrees_with_torch(
    engine: ModuleType, shape: tuple[int, ...], count_include_pad: bool
) -> None:
    x = normal(*shape)
    for options in pooling_windows():
        options["count_include_pad"] = count_include_pad
        kernel_size, rest = engine_options(options)
        expected = by_torch(torch.nn.functional.avg_pool2d, x, **options)
        agree(
            engine.avg_pool2d(x, kernel_size, **rest), reference.avg_pool2d(x, kernel_size, **rest), expected
        )


@pytest.mark.parametrize("groups", [1, 2, 4])
@pytest.mark.parametrize("kernel", [(1, 1), (3, 3), (2, 5), (4, 2)])
def test_conv2d__agrees_with_torch(engine: ModuleType, groups: int, kernel: tuple[int, int]) -> None:
    x, bias = normal(2, 4, 11, 14), normal(8, seed=2)
    weight = normal(8, 4 // groups, *kernel, seed=1)
    for stride, padding, dilation in itertools.product((1, 2, (3, 1)), (0, 2, (1, 3)), (1, 2, (2, 1))):
        options: dict[str, Any] = {
            "stride": stride,
            "padding": padding,
            "dilation": dilation,
            "groups": groups,
        }
        expected = by_torch(torch.nn.functional.conv2d, x, weight, bias, **options)
        agree(
            engine.conv2d(x, weight, bias, **options), reference.conv2d(x, weight, bias, **options), expected
        )


@pytest.mark.parametrize("kernel", [(1, 1), (3, 3), (2, 2), (4, 5)])
@pytest.mark.parametrize("dilation", [1, 2, 3])
def test_conv2d__same_padding_agrees_with_torch(
    engine: ModuleType, kernel: tuple[int, int], dilation: int
) -> None:
    x, weight = normal(2, 4, 11, 14), normal(3, 4, *kernel, seed=1)
    options: dict[str, Any] = {"padding": "same", "dilation": dilation}
    expected = by_torch(torch.nn.functional.conv2d, x, weight, None, **options)
    agree(engine.conv2d(x, weight, **options), reference.conv2d(x, weight, **options), expected)


def test_conv2d__winograd_shapes_agree_with_torch(engine: ModuleType) -> None:
    for channels, filter_count, rows, columns in ((8, 8, 24, 24), (16, 20, 31, 57), (32, 64, 48, 64)):
        x, weight = normal(1, channels, rows, columns), normal(filter_count, channels, 3, 3, seed=1)
        expected = by_torch(torch.nn.functional.conv2d, x, weight, padding=1)
        assert_close(engine.conv2d(x, weight, padding=1), expected)
        assert_close(engine.conv2d(x, weight, padding=1, algorithm="direct"), expected)


def test_activations__agree_with_torch(engine: ModuleType) -> None:
    x = np.concatenate([normal(500) * 4, np.linspace(-15, 15, 301, dtype=np.float32)])
    torch_functions = torch.nn.functional
    for fast, slow, theirs in (
        (engine.relu, reference.relu, torch_functions.relu),
        (engine.leaky_relu, reference.leaky_relu, torch_functions.leaky_relu),
        (engine.elu, reference.elu, torch_functions.elu),
        (engine.sigmoid, reference.sigmoid, torch.sigmoid),
        (engine.tanh, reference.tanh, torch.tanh),
        (engine.softplus, reference.softplus, torch_functions.softplus),
        (engine.silu, reference.silu, torch_functions.silu),
        (engine.gelu, reference.gelu, torch_functions.gelu),
    ):
        agree(fast(x), slow(x), by_torch(theirs, x))
    for slope in (0.0, 0.3, 1.0):
        agree(
            engine.leaky_relu(x, slope),
            reference.leaky_relu(x, slope),
            by_torch(torch_functions.leaky_relu, x, negative_slope=slope),
        )
        agree(engine.elu(x, slope), reference.elu(x, slope), by_torch(torch_functions.elu, x, alpha=slope))
    agree(
        engine.gelu(x, "tanh"),
        reference.gelu(x, "tanh"),
        by_torch(torch_functions.gelu, x, approximate="tanh"),
    )


def test_activations__treat_nan_and_infinity_as_torch_does(engine: ModuleType) -> None:
    x = np.array([np.nan, np.inf, -np.inf, 1e4, -1e4, 0.0], np.float32)
    torch_functions = torch.nn.functional
    for fast, theirs in (
        (engine.relu, torch_functions.relu),
        (engine.leaky_relu, torch_functions.leaky_relu),
        (engine.elu, torch_functions.elu),
        (engine.sigmoid, torch.sigmoid),
        (engine.tanh, torch.tanh),
        (engine.softplus, torch_functions.softplus),
        (engine.silu, torch_functions.silu),
        (engine.gelu, torch_functions.gelu),
    ):
        assert_close(fast(x), by_torch(theirs, x))


def test_softmax_linear_batch_norm_and_global_pools__agree_with_torch(engine: ModuleType) -> None:
    x = normal(2, 3, 4, 5) * 3
    torch_functions = torch.nn.functional
    for axis in (0, 1, 2, -1):
        agree(
            engine.softmax(x, axis),
            reference.softmax(x, axis),
            by_torch(torch_functions.softmax, x, dim=axis),
        )
    weight, bias = normal(6, 5, seed=1), normal(6, seed=2)
    expected = by_torch(torch_functions.linear, x, weight, bias)
    agree(engine.linear(x, weight, bias), reference.linear(x, weight, bias), expected)
    vectors: Any = [np.abs(normal(3, seed=seed)) for seed in range(4)]
    expected = by_torch(torch_functions.batch_norm, x, *vectors)
    agree(engine.batch_norm(x, *vectors), reference.batch_norm(x, *vectors), expected)
    expected = by_torch(torch_functions.adaptive_avg_pool2d, x, output_size=1)
    agree(engine.global_avg_pool2d(x), reference.global_avg_pool2d(x), expected)
    expected = by_torch(torch_functions.adaptive_max_pool2d, x, output_size=1)
    agree(engine.global_max_pool2d(x), reference.global_max_pool2d(x), expected)
