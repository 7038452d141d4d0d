"""How fast the engine is beside PyTorch, onnxruntime and OpenCV: ``python -m tests.benchmarks.engine``.

All competitors run in turn in one process, on two threads each; the figures are medians. A ratio is the best peer's
time divided by ours: above 1 we win. "NCHW" leaves out PyTorch's channels_last, which needs its input rearranged.

Everything is measured twice: with fresh outputs, as a user calls it, and with reused ones. In the second part
PyTorch, which takes no output array, runs on memory that malloc has kept, so that it is spared the page faults too.

The error is the largest difference to PyTorch in float64, relative to the largest output.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import platform
import statistics
import time
from collections.abc import Callable, Sequence
from typing import Any
from unittest import mock

import numpy as np
import numpy.typing as npt

from explorer import engine
from explorer.jit import CancelFlag, runner, set_threads
from explorer.jit.compiler import MAXIMUM_THREADS, REGISTERS, VECTOR, Operation
from tests.benchmarks import shapes, table
from tests.benchmarks.peak import Peak
from tests.benchmarks.peers import Data, Entry, Peer, Shape, Torch, available_peers, empty, make_data
from tests.benchmarks.shapes import Activation, Convolution, Pooling
from tests.benchmarks.timing import interleaved, keep_freed_memory

Middle = Callable[[list[float]], float]

_THREADS = 2
_PACKAGES = ("numba", "numpy", "torch", "onnxruntime", "opencv-python")
_WRONG = 1e-3  # a peer this far from float64 computes something else
_DIRECT_BLOCK = "convolution"  # the module whose kernel works on any shape


def _ours(shape: Shape, data: Data, reuse: bool) -> dict[str, Entry]:
    """Our competitors by the names of their columns."""
    out = empty(shape.out_shape) if reuse else None
    if isinstance(shape, Convolution):
        return {name: _convolution(shape, data, name, out) for name in table.OURS}
    if isinstance(shape, Pooling):
        pool: Callable[..., Any] = engine.avg_pool2d if shape.average else engine.max_pool2d
        window = {"stride": shape.stride, "padding": shape.padding, "ceil_mode": shape.ceil_mode}
        return {"auto": Entry(lambda: pool(data.x, shape.kernel, out=out, **window))}
    return {"auto": Entry(lambda: shape.ours(data.x, out=out))}


def _convolution(shape: Convolution, data: Data, algorithm: str, out: Any) -> Entry:
    def call() -> Any:
        return engine.conv2d(
            data.x,
            data.weight,
            data.bias,
            stride=shape.stride,
            padding=shape.padding,
            dilation=shape.dilation,
            groups=shape.groups,
            algorithm=algorithm,
            out=out,
        )

    return Entry(call)


def _method(call: Callable[[], object]) -> str:
    """The modules whose kernels a call really launches, such as "winograd"."""
    seen: list[str] = []
    run, run_here = runner.run, runner.run_here

    def note(operation: Operation) -> None:
        module = operation.function.__module__.rpartition(".")[2].removesuffix("_kernels")
        name = "block" if module == _DIRECT_BLOCK else module
        if name not in seen:
            seen.append(name)

    def watched(
        operation: Operation,
        items: int,
        arguments: Sequence[runner.Argument],
        cancel: CancelFlag | None = None,
        workers: int = MAXIMUM_THREADS,
    ) -> None:
        note(operation)
        run(operation, items, arguments, cancel, workers)

    def watched_here(operation: Operation, arguments: Sequence[runner.Argument]) -> None:
        note(operation)
        run_here(operation, arguments)

    with mock.patch.object(runner, "run", watched), mock.patch.object(runner, "run_here", watched_here):
        call()
    return "+".join(seen) or "plain"


class Benchmark:
    """Measures one shape after the other and prints each at once."""

    def __init__(self, peers: Sequence[Peer], repeats: int, middle: Middle) -> None:
        self._peers = peers
        self._repeats = repeats
        self._middle = middle
        self._peak = Peak()
        self._reference = next((peer for peer in peers if isinstance(peer, Torch) and peer.nchw), None)
        self._errors: dict[Shape, dict[str, float]] = {}

    def peaks(self) -> tuple[float, float]:
        """Flops per second that one thread and all threads reach."""
        calls = (self._peak.on_one_thread, self._peak.on_all_threads)
        one, all_ = interleaved(calls, max(self._repeats, 9), self._middle)
        return Peak.flops / one, Peak.flops / all_

    def group(self, name: str, rows: Sequence[Shape], reuse: bool) -> list[table.Row]:
        """Measure and print these shapes."""
        print(f"\n{name}")
        table.print_head("GF/s" if isinstance(rows[0], Convolution) else "GB/s")
        measured = []
        for shape in rows:
            measured.append(self._row(shape, reuse))
            table.print_row(measured[-1])
        return measured

    def _row(self, shape: Shape, reuse: bool) -> table.Row:
        data = make_data(shape)
        is_convolution = isinstance(shape, Convolution)
        row = table.Row(shape.label, shape.flops if isinstance(shape, Convolution) else 0.0, shape.bytes)
        row.is_large = isinstance(shape, Convolution) and shape.is_large
        entries = _ours(shape, data, reuse)
        row.methods = {name: _method(entry.call) for name, entry in entries.items()}
        for peer in self._peers:
            entry = peer.entry(shape, data, reuse)
            if entry is not None:
                entries[peer.name] = entry
        if shape not in self._errors:
            self._errors[shape] = self._compare(shape, data, entries)
        row.errors = {name: error for name, error in self._errors[shape].items() if name in table.OURS}
        for name, error in self._errors[shape].items():
            if name not in table.OURS and not error < _WRONG:
                print(f"{name} is left out, its result differs by {error:.1e}:")
                entries.pop(name, None)
        calls = [entry.call for entry in entries.values()]
        if is_convolution:
            calls.append(self._peak.on_all_threads)
        times = interleaved(calls, self._repeats, self._middle)
        if is_convolution:
            row.peak = Peak.flops / times.pop()
        row.times = dict(zip(entries, times, strict=True))
        return row

    def _compare(self, shape: Shape, data: Data, entries: dict[str, Entry]) -> dict[str, float]:
        """The error of each competitor; nothing without a reference."""
        if self._reference is None:
            return {}
        exact = self._reference.exact(shape, data)
        return {name: _error(entry.array(entry.call()), exact) for name, entry in entries.items()}


def _error(result: npt.NDArray[np.float32], exact: npt.NDArray[np.float64]) -> float:
    if result.shape != exact.shape:
        return float("inf")
    return float(np.abs(result - exact).max() / np.abs(exact).max())


def _print_machine(seed: int, peaks: tuple[float, float]) -> None:
    versions = []
    for package in _PACKAGES:
        try:
            versions.append(f"{package} {importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:
            versions.append(f"{package} missing")
    print(f"Python {platform.python_version()}, {', '.join(versions)}; {_THREADS} threads; seed {seed}")
    print(
        f"multiply-add peak: {peaks[0] / 1e9:.0f} GF/s on 1 thread, {peaks[1] / 1e9:.0f} on {_THREADS} "
        f"(vectors of {VECTOR}, {REGISTERS} registers)"
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.engine", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--rows", type=int, default=100, help="how many random shapes")
    parser.add_argument("--seed", type=int, default=1, help="of the random shapes")
    parser.add_argument("--repeats", type=int, default=15, help="rounds of each row")
    parser.add_argument("--only", choices=("conv", "pool", "activation", "random"), help="one group of rows")
    parser.add_argument("--outputs", choices=("fresh", "reused"), help="one of the two parts")
    parser.add_argument("--minima", action="store_true", help="least times, not medians: for a busy machine")
    return parser.parse_args()


def main() -> None:
    """Measure, print, sum up."""
    options = _options()
    set_threads(_THREADS)
    middle: Middle = min if options.minima else statistics.median
    benchmark = Benchmark(available_peers(_THREADS), options.repeats, middle)
    first_peaks = benchmark.peaks()
    _print_machine(options.seed, first_peaks)
    groups: dict[str, Sequence[Convolution] | Sequence[Pooling] | Sequence[Activation]] = {
        "conv": shapes.CONVOLUTIONS,
        "pool": shapes.POOLINGS,
        "activation": shapes.ACTIVATIONS,
        "random": shapes.random_convolutions(options.seed, options.rows),
    }
    start = time.perf_counter()
    results: dict[str, list[table.Row]] = {}
    for outputs in ("fresh", "reused"):
        if options.outputs not in (None, outputs):
            continue
        if outputs == "reused" and not keep_freed_memory():
            print("This system's malloc has no switch to keep memory: PyTorch's outputs stay fresh.")
        for name, rows in groups.items():
            if rows and options.only in (None, name):
                title = f"{name}, {outputs}"
                results[title] = benchmark.group(title, rows, reuse=outputs == "reused")
    last_peaks = benchmark.peaks()
    measure = "minima" if options.minima else "medians"
    print(f"\nSummary ({time.perf_counter() - start:.0f} s, {measure} of {options.repeats} rounds)")
    print(f"multiply-add peak on {_THREADS} threads: {_peak_spread(results, first_peaks[1], last_peaks[1])}")
    for title, measured in results.items():
        table.print_summary(title, measured)


def _peak_spread(results: dict[str, list[table.Row]], first: float, last: float) -> str:
    """How much of the machine was ours: the peak beside each row."""
    peaks = [row.peak for measured in results.values() for row in measured if row.peak] + [first, last]
    low, middle, high = (value / 1e9 for value in (min(peaks), statistics.median(peaks), max(peaks)))
    return f"{low:.0f} to {high:.0f} GF/s in the course of the run, median {middle:.0f}"


if __name__ == "__main__":
    main()
