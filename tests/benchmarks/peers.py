"""The libraries that the engine is compared with: each is imported only here, and left out where it is missing.

A peer turns a shape into an :class:`Entry`, a call that is ready to be timed, or None where it has no such function.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from tests.benchmarks.shapes import Activation, Convolution, Pooling

Array = npt.NDArray[np.float32]
Shape = Convolution | Pooling | Activation

_OPSET, _IR_VERSION = 20, 10  # the first with Gelu


@dataclass(frozen=True, eq=False)
class Data:
    """The numbers of one row; weight and bias are there for convolutions."""

    x: Array
    weight: Array
    bias: Array


@dataclass(frozen=True, eq=False)
class Entry:
    """``call`` computes, ``array`` turns what it returned into NumPy's (N, C, H, W)."""

    call: Callable[[], Any]
    array: Callable[[Any], Array] = np.asarray


class Peer(Protocol):
    """A library in one memory layout."""

    name: str
    nchw: bool  # planes of whole channels, as ours

    def entry(self, shape: Shape, data: Data, reuse: bool) -> Entry | None:
        """A call for this shape; with ``reuse`` it writes to the same memory each time, where the library can."""


def make_data(shape: Shape) -> Data:
    """Normally distributed input; filters that keep its scale. The filters are read-only, as in the application."""
    source = np.random.default_rng(0)
    weight_shape = shape.weight_shape if isinstance(shape, Convolution) else (1, 1, 1, 1)
    weight = source.standard_normal(weight_shape, np.float32)
    weight /= np.float32(np.sqrt(weight[0].size))
    bias = source.standard_normal(weight_shape[0], np.float32)
    weight.flags.writeable = bias.flags.writeable = False
    return Data(source.standard_normal(shape.x_shape, np.float32), weight, bias)


def empty(shape: tuple[int, ...]) -> Array:
    """Memory that begins on a cache line, and that the system has really handed out."""
    size = int(np.prod(shape))
    raw = np.zeros(size + 16, np.float32)
    raw.fill(1.0)
    start = -raw.ctypes.data % 64 // 4
    return raw[start : start + size].reshape(shape)


class Torch:
    """PyTorch; it has no usable ``out=``, its fresh outputs are as fast as malloc is."""

    def __init__(self, threads: int, channels_last: bool) -> None:
        self._torch = importlib.import_module("torch")
        self._torch.set_num_threads(threads)
        self._torch.set_grad_enabled(False)
        self.name = "ch.last" if channels_last else "torch"
        self.nchw = not channels_last

    def entry(self, shape: Shape, data: Data, reuse: bool) -> Entry | None:
        x = self._tensor(data.x)
        return Entry(self._call(shape, data, x, self._tensor), lambda y: np.asarray(y.contiguous()))

    def exact(self, shape: Shape, data: Data) -> npt.NDArray[np.float64]:
        """The result in float64."""
        call = self._call(shape, data, self._double(data.x), self._double)
        return np.asarray(call())

    def _call(
        self, shape: Shape, data: Data, x: Any, tensor: Callable[[npt.NDArray[Any]], Any]
    ) -> Callable[[], Any]:
        functional = self._torch.nn.functional
        if isinstance(shape, Convolution):
            weight, bias = tensor(data.weight), tensor(data.bias)
            numbers = shape.stride, shape.padding, shape.dilation, shape.groups
            return lambda: functional.conv2d(x, weight, bias, *numbers)
        if isinstance(shape, Pooling):
            window = shape.kernel, shape.stride, shape.padding
            if shape.average:
                return lambda: functional.avg_pool2d(x, *window, ceil_mode=shape.ceil_mode)
            return lambda: functional.max_pool2d(x, *window, ceil_mode=shape.ceil_mode)
        function = shape.torch(self._torch)
        return lambda: function(x)

    def _tensor(self, array: npt.NDArray[Any]) -> Any:
        tensor = self._torch.tensor(array)
        if array.ndim < 4 or self.nchw:
            return tensor
        return tensor.contiguous(memory_format=self._torch.channels_last)

    def _double(self, array: npt.NDArray[Any]) -> Any:
        return self._torch.tensor(array, dtype=self._torch.float64)


class OnnxRuntime:
    """onnxruntime with a model of one node, whose filters it may rearrange beforehand."""

    name, nchw = "ort", True

    def __init__(self, threads: int) -> None:
        self._onnx = importlib.import_module("onnx")
        self._runtime = importlib.import_module("onnxruntime")
        self._threads = threads

    def entry(self, shape: Shape, data: Data, reuse: bool) -> Entry | None:
        node, constants = self._node(shape, data)
        session = self._session(shape, node, constants)
        if not reuse:
            feed = {"x": data.x}
            return Entry(lambda: session.run(None, feed)[0])
        y = empty(shape.out_shape)
        binding = session.io_binding()
        binding.bind_cpu_input("x", data.x)
        binding.bind_output("y", "cpu", 0, np.float32, list(shape.out_shape), y.ctypes.data)

        def call() -> Array:
            session.run_with_iobinding(binding)
            return y

        return Entry(call)

    def _node(self, shape: Shape, data: Data) -> tuple[Any, dict[str, Array]]:
        make = self._onnx.helper.make_node
        if isinstance(shape, Activation):
            return make(shape.onnx, ["x"], ["y"]), {}
        window = {
            "kernel_shape": [shape.kernel] * 2,
            "strides": [shape.stride] * 2,
            "pads": [shape.padding] * 4,
        }
        if isinstance(shape, Convolution):
            node = make(
                "Conv", ["x", "w", "b"], ["y"], **window, dilations=[shape.dilation] * 2, group=shape.groups
            )
            return node, {"w": data.weight, "b": data.bias}
        if shape.average:
            return make(
                "AveragePool", ["x"], ["y"], **window, ceil_mode=int(shape.ceil_mode), count_include_pad=1
            ), {}
        return make("MaxPool", ["x"], ["y"], **window, ceil_mode=int(shape.ceil_mode)), {}

    def _session(self, shape: Shape, node: Any, constants: dict[str, Array]) -> Any:
        helper = self._onnx.helper
        kind = self._onnx.TensorProto.FLOAT
        graph = helper.make_graph(
            [node],
            "one_node",
            [helper.make_tensor_value_info("x", kind, shape.x_shape)],
            [helper.make_tensor_value_info("y", kind, shape.out_shape)],
            [self._onnx.numpy_helper.from_array(array, name) for name, array in constants.items()],
        )
        model = helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=_IR_VERSION
        )
        options = self._runtime.SessionOptions()
        options.intra_op_num_threads = self._threads
        options.log_severity_level = 3
        return self._runtime.InferenceSession(
            model.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )


class OpenCV:
    """filter2D: one plane in, one plane out, and as large."""

    name, nchw = "cv2", True

    def __init__(self, threads: int) -> None:
        self._cv2 = importlib.import_module("cv2")
        self._cv2.setNumThreads(threads)

    def entry(self, shape: Shape, data: Data, reuse: bool) -> Entry | None:
        if not isinstance(shape, Convolution) or shape.weight_shape[1] != 1:
            return None
        if not shape.keeps_size or shape.dilation != 1:
            return None
        filter2d, border = self._cv2.filter2D, self._cv2.BORDER_CONSTANT
        per_plane = shape.out_channels // shape.in_channels
        kept = empty(shape.out_shape) if reuse else None
        shifts = data.bias.tolist()

        def call() -> Array:
            y = np.empty(shape.out_shape, np.float32) if kept is None else kept
            for o in range(shape.out_channels):
                source = data.x[0, o // per_plane]
                filter2d(source, -1, data.weight[o, 0], dst=y[0, o], delta=shifts[o], borderType=border)
            return y

        return Entry(call)


def available_peers(threads: int) -> list[Peer]:
    """The peers that are installed, limited to so many threads each."""
    makers: tuple[Callable[[], Peer], ...] = (
        lambda: Torch(threads, channels_last=False),
        lambda: Torch(threads, channels_last=True),
        lambda: OnnxRuntime(threads),
        lambda: OpenCV(threads),
    )
    found = []
    for make in makers:
        try:
            found.append(make())
        except ImportError as error:
            print(f"A peer is left out: {error}.")
    return found
