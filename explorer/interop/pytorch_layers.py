"""PyTorch's layers and functions, and this program's own names, which are PyTorch's."""

from __future__ import annotations

from collections.abc import Callable

from explorer.interop.arguments import Arguments, Entry, Step, Value, Zeros
from explorer.layers import (
    ELU,
    GELU,
    AvgPool2d,
    BatchNorm2d,
    Conv2d,
    Flatten,
    GlobalAvgPool2d,
    GlobalMaxPool2d,
    LeakyReLU,
    Linear,
    MaxPool2d,
    ReLU,
    Sigmoid,
    SiLU,
    Softmax,
    Softplus,
    Tanh,
)
from explorer.layers.layer import Layer

_Steps = tuple[Step, ...]


def given_inputs(arguments: Arguments, name: str) -> None:
    """A number of inputs is checked by nobody: the layer takes what comes in."""
    if arguments.has(name):
        arguments.note(f"{name} is not needed: the layer takes what comes in.")


def nothing(why: str) -> Callable[[Arguments], _Steps]:
    """A reader of what makes no layer."""

    def read(arguments: Arguments) -> _Steps:
        arguments.note(f"{arguments.call} was left out: {why}.")
        return ()

    return read


def plain(layer_type: type[Layer]) -> Callable[[Arguments], _Steps]:
    """A reader of a layer without parameters."""
    return lambda arguments: (arguments.make(layer_type),)


def _padding(arguments: Arguments) -> Value:
    value: Value = arguments.get("padding", 0)
    if isinstance(value, tuple) and len(value) not in (1, 2):
        raise arguments.error(f"padding of {arguments.call} must be one number or (vertical, horizontal)")
    return value[0] if isinstance(value, tuple) and len(value) == 1 else value


def _number_padding(arguments: Arguments) -> Value:
    value = _padding(arguments)
    if isinstance(value, str):
        raise arguments.error(f"padding of {arguments.call} must be a number in PyTorch, is '{value[:20]}'")
    return value


def _conv2d(arguments: Arguments) -> _Steps:
    if (
        "kernel_size" not in arguments.given
        and "out_channels" in arguments.given
        and len(arguments.given) == 2
    ):
        raise arguments.error(
            f"{arguments.call} takes in_channels, out_channels, kernel_size: write three numbers, such as (3, 8, 3)"
        )
    given_inputs(arguments, "in_channels")
    arguments.only("padding_mode", ("zeros",), "has no equivalent: only zeros are padded")
    stride, padding = arguments.get("stride", 1), _padding(arguments)
    layer = arguments.make(
        Conv2d,
        out_channels=arguments.needed("out_channels"),
        kernel_size=arguments.needed("kernel_size"),
        stride=stride,
        padding=padding,
        dilation=arguments.get("dilation", 1),
        groups=arguments.get("groups", 1),
        bias=arguments.get("bias", True),
    )
    if layer.padding == "same" and layer.stride != (1, 1):
        raise arguments.error(
            f"padding='same' of {arguments.call} needs stride 1 in PyTorch: write padding in numbers"
        )
    return (layer,)


def _max_pool2d(arguments: Arguments) -> _Steps:
    arguments.only("return_indices", (False,), "has no equivalent: leave it out")
    return (
        arguments.make(
            MaxPool2d,
            kernel_size=arguments.needed("kernel_size"),
            stride=arguments.get("stride"),
            padding=_number_padding(arguments),
            dilation=arguments.get("dilation", 1),
            ceil_mode=arguments.get("ceil_mode", False),
        ),
    )


def _avg_pool2d(arguments: Arguments) -> _Steps:
    arguments.only("divisor_override", (None,), "has no equivalent: leave it out")
    return (
        arguments.make(
            AvgPool2d,
            kernel_size=arguments.needed("kernel_size"),
            stride=arguments.get("stride"),
            padding=_number_padding(arguments),
            ceil_mode=arguments.get("ceil_mode", False),
            count_include_pad=arguments.get("count_include_pad", True),
        ),
    )


def _global(layer_type: type[GlobalAvgPool2d | GlobalMaxPool2d]) -> Callable[[Arguments], _Steps]:
    def read(arguments: Arguments) -> _Steps:
        arguments.needed("output_size")
        arguments.only("output_size", (1, (1, 1)), "has no equivalent: only 1 is known here")
        arguments.only("return_indices", (False,), "has no equivalent: leave it out")
        return (arguments.make(layer_type),)

    return read


def _linear(arguments: Arguments) -> _Steps:
    given_inputs(arguments, "in_features")
    out_features = arguments.needed("out_features")
    return (arguments.make(Linear, out_features=out_features, bias=arguments.get("bias", True)),)


def _batch_norm(arguments: Arguments) -> _Steps:
    given_inputs(arguments, "num_features")
    return (arguments.make(BatchNorm2d, eps=arguments.get("eps", 1e-5)),)


def _flatten(arguments: Arguments) -> _Steps:
    arguments.only("start_dim", (1,), "would flatten other dimensions: write 1")
    arguments.only("end_dim", (-1, 3), "would flatten other dimensions: write -1")
    return (arguments.make(Flatten),)


def _flatten_function(arguments: Arguments) -> _Steps:
    if "start_dim" not in arguments.given:
        raise arguments.error("flatten without start_dim flattens the batch too: write torch.flatten(x, 1)")
    return _flatten(arguments)


def _softmax(arguments: Arguments) -> _Steps:
    word = "axis" if "axis" in arguments.given else "dim"
    arguments.only(word, (None, 1, -1, -3), f"is not over the channels: write {word}=1")
    if arguments.get(word, 1) == -1:
        arguments.note(f"{word}=-1 was read as the channels.")
    return (arguments.make(Softmax),)


def _leaky_relu(arguments: Arguments) -> _Steps:
    word = "slope" if "slope" in arguments.given else "negative_slope"
    if word not in arguments.given and arguments.call == "leaky_relu":
        arguments.note("The slope below 0 is 0.01, as in PyTorch.")
    return (arguments.make(LeakyReLU, {"negative_slope": word}, negative_slope=arguments.get(word, 0.01)),)


def _elu(arguments: Arguments) -> _Steps:
    return (arguments.make(ELU, alpha=arguments.get("alpha", 1.0)),)


def _gelu(arguments: Arguments) -> _Steps:
    return (arguments.make(GELU, approximate=arguments.get("approximate", "none")),)


def _softplus(arguments: Arguments) -> _Steps:
    arguments.only("beta", (1,), "has no equivalent: only 1 is known here")
    return (arguments.make(Softplus),)


def _zero_pad(arguments: Arguments) -> _Steps:
    value = arguments.needed("padding")
    if not isinstance(value, tuple):
        value = (value,) * 4
    if len(value) != 4:
        raise arguments.error(f"padding of {arguments.call} must be one number or (left, right, top, bottom)")
    left, right, top, bottom = value
    return (Zeros((top, bottom, left, right), arguments.call),)


_CONVOLUTION = "out_channels kernel_size stride padding dilation groups bias padding_mode"
_MAXIMUM = Entry("kernel_size stride padding dilation return_indices ceil_mode", _max_pool2d)
_MAXIMUM_FUNCTION = Entry(
    "kernel_size stride padding dilation ceil_mode return_indices", _max_pool2d, takes_input=True
)
_MEAN = "kernel_size stride padding ceil_mode count_include_pad divisor_override"
_NORM = "eps momentum affine track_running_stats"
_DEVICE = "device dtype"
_TRAINING = "it does nothing when a network is used"
_SAME = "it changes nothing"

LAYERS: dict[str, Entry] = {
    "Conv2d": Entry(f"in_channels {_CONVOLUTION}", _conv2d, unread=_DEVICE),
    "LazyConv2d": Entry(_CONVOLUTION, _conv2d, unread=_DEVICE),
    "MaxPool2d": _MAXIMUM,
    "AvgPool2d": Entry(_MEAN, _avg_pool2d),
    "AdaptiveAvgPool2d": Entry("output_size", _global(GlobalAvgPool2d)),
    "AdaptiveMaxPool2d": Entry("output_size return_indices", _global(GlobalMaxPool2d)),
    "GlobalAvgPool2d": Entry("", plain(GlobalAvgPool2d)),
    "GlobalMaxPool2d": Entry("", plain(GlobalMaxPool2d)),
    "Linear": Entry("in_features out_features bias", _linear, unread=_DEVICE),
    "LazyLinear": Entry("out_features bias", _linear, unread=_DEVICE),
    **dict.fromkeys(
        ("BatchNorm2d", "BatchNorm1d"),
        Entry(f"num_features {_NORM}", _batch_norm, unread=f"{_NORM} {_DEVICE}"),
    ),
    **dict.fromkeys(
        ("LazyBatchNorm2d", "LazyBatchNorm1d"), Entry(_NORM, _batch_norm, unread=f"{_NORM} {_DEVICE}")
    ),
    "Flatten": Entry("start_dim end_dim", _flatten),
    "Softmax": Entry("dim", _softmax),
    "Softmax2d": Entry("", plain(Softmax)),
    "ReLU": Entry("inplace", plain(ReLU)),
    "LeakyReLU": Entry("negative_slope inplace", _leaky_relu),
    "Sigmoid": Entry("", plain(Sigmoid)),
    "Tanh": Entry("", plain(Tanh)),
    "ELU": Entry("alpha inplace", _elu),
    "SiLU": Entry("inplace", plain(SiLU)),
    "GELU": Entry("approximate", _gelu),
    "Softplus": Entry("beta threshold", _softplus),
    "ZeroPad2d": Entry("padding", _zero_pad),
    "Identity": Entry("", nothing(_SAME)),
    **dict.fromkeys(("Dropout", "Dropout2d", "AlphaDropout"), Entry("p inplace", nothing(_TRAINING))),
}

FUNCTIONS: dict[str, Entry] = {
    "relu": Entry("inplace", plain(ReLU), takes_input=True),
    "relu_": Entry("", plain(ReLU), takes_input=True),
    "leaky_relu": Entry("negative_slope inplace", _leaky_relu, keywords="slope", takes_input=True),
    "sigmoid": Entry("", plain(Sigmoid), takes_input=True),
    "tanh": Entry("", plain(Tanh), takes_input=True),
    "elu": Entry("alpha inplace", _elu, takes_input=True),
    "silu": Entry("inplace", plain(SiLU), takes_input=True),
    "gelu": Entry("", _gelu, keywords="approximate", takes_input=True),
    "softplus": Entry("beta threshold", _softplus, takes_input=True),
    "softmax": Entry("dim", _softmax, "axis", unread=f"{_DEVICE} _stacklevel", takes_input=True),
    "max_pool2d": _MAXIMUM_FUNCTION,
    "avg_pool2d": Entry(_MEAN, _avg_pool2d, takes_input=True),
    "adaptive_avg_pool2d": Entry("output_size", _global(GlobalAvgPool2d), takes_input=True),
    "adaptive_max_pool2d": Entry("output_size return_indices", _global(GlobalMaxPool2d), takes_input=True),
    "flatten": Entry("start_dim end_dim", _flatten_function, takes_input=True),
    **dict.fromkeys(
        ("dropout", "dropout2d"),
        Entry("p training inplace", nothing(_TRAINING), keywords="ratio", takes_input=True),
    ),
}
