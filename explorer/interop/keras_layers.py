"""Keras's layers. ``activation`` and ``name``, which many of them take, are read by whoever reads the line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from explorer.interop.arguments import Arguments, Entry, Step, Value, Zeros
from explorer.interop.pytorch_layers import nothing
from explorer.layers import (
    ELU,
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
    Softmax,
    initializers,
)

_Steps = tuple[Step, ...]

ACTIVATIONS: Mapping[str, str] = {
    "relu": "ReLU",
    "leaky_relu": "LeakyReLU",
    "sigmoid": "Sigmoid",
    "tanh": "Tanh",
    "softmax": "Softmax",
    "elu": "ELU",
    "silu": "SiLU",
    "swish": "SiLU",
    "gelu": "GELU",
    "softplus": "Softplus",
    "linear": "",
}


def _padding(arguments: Arguments) -> str:
    word = "border_mode" if "border_mode" in arguments.given else "padding"
    value = arguments.get(word, "valid")
    if not isinstance(value, str) or value.lower() not in ("valid", "same"):
        raise arguments.error(
            f"{word} of {arguments.call} must be 'valid' or 'same' in Keras: numbers need ZeroPadding2D before it"
        )
    return value.lower()


def _field_padding(arguments: Arguments) -> Value:
    """0 where nothing was written, so that the form shows a number."""
    written = {"padding", "border_mode"} & arguments.given.keys()
    return _padding(arguments) if written else 0


def _common(arguments: Arguments) -> None:
    arguments.only("data_format", (None, "channels_last", "channels_first"), "is not known: leave it out")
    if arguments.get("data_format") == "channels_first":
        arguments.note("data_format was left out: it says how data are stored, not what is computed.")
    for name in ("input_shape", "batch_input_shape", "input_dim"):
        if arguments.has(name):
            arguments.note(f"{name} was left out: the picture gives the size.")


def _initializer(arguments: Arguments) -> dict[str, Any]:
    """Keras's initialiser where it is one of ours."""
    word = "init" if "init" in arguments.given else "kernel_initializer"
    if not arguments.has(word):
        return {}
    node = arguments.given[word]
    name = getattr(node, "value", None)
    if isinstance(name, str) and name in initializers.INITIALIZERS:
        return {"initializer": name}
    arguments.note(f"{word} was left out: the weights start from glorot_uniform.")
    return {}


def _conv2d(arguments: Arguments) -> _Steps:
    _common(arguments)
    given = arguments.given
    if "strides" in given and len(getattr(arguments.node, "args", ())) > 2:
        arguments.note(f"The third number of {arguments.call} is strides, as in Keras 2 and 3.")
    if "nb_row" in given:
        kernel: Value = (arguments.get("nb_row"), arguments.needed("nb_col"))
    else:
        kernel = arguments.needed("kernel_size")
    filters = "nb_filter" if "nb_filter" in given else "filters"
    strides = "subsample" if "subsample" in given else "strides"
    bias = "bias" if "bias" in given else "use_bias"
    words = {
        "out_channels": filters,
        "stride": strides,
        "dilation": "dilation_rate",
        "bias": bias,
    }
    layer = arguments.make(
        Conv2d,
        words,
        out_channels=arguments.needed(filters),
        kernel_size=kernel,
        stride=arguments.get(strides, 1),
        padding=_field_padding(arguments),
        dilation=arguments.get("dilation_rate", 1),
        groups=arguments.get("groups", 1),
        bias=arguments.get(bias, True),
        **_initializer(arguments),
    )
    return (layer,)


def _pooling(layer_type: type[MaxPool2d | AvgPool2d]) -> Callable[[Arguments], _Steps]:
    def read(arguments: Arguments) -> _Steps:
        _common(arguments)
        return (
            arguments.make(
                layer_type,
                {"kernel_size": "pool_size", "stride": "strides"},
                kernel_size=arguments.get("pool_size", 2),
                stride=arguments.get("strides"),
                padding=_field_padding(arguments),
            ),
        )

    return read


def _global(layer_type: type[GlobalAvgPool2d | GlobalMaxPool2d]) -> Callable[[Arguments], _Steps]:
    def read(arguments: Arguments) -> _Steps:
        _common(arguments)
        keepdims = arguments.get("keepdims", False)
        if not isinstance(keepdims, bool):
            raise arguments.error(f"keepdims of {arguments.call} must be True or False")
        layer = arguments.make(layer_type)
        return (layer,) if keepdims else (layer, Flatten())

    return read


def _dense(arguments: Arguments) -> _Steps:
    _common(arguments)
    return (
        arguments.make(
            Linear,
            {"out_features": "units", "bias": "use_bias"},
            out_features=arguments.needed("units"),
            bias=arguments.get("use_bias", True),
            **_initializer(arguments),
        ),
    )


def _batch_norm(arguments: Arguments) -> _Steps:
    _common(arguments)
    arguments.only("axis", (-1, 3, 1), "is not the channels: leave it out")
    return (arguments.make(BatchNorm2d, {"eps": "epsilon"}, eps=arguments.get("epsilon", 1e-3)),)


def _flatten(arguments: Arguments) -> _Steps:
    _common(arguments)
    return (Flatten(),)


def _relu(arguments: Arguments) -> _Steps:
    arguments.only("max_value", (None,), "has no equivalent: leave it out")
    arguments.only("threshold", (0,), "has no equivalent: leave it out")
    slope = arguments.get("negative_slope", 0)
    return (arguments.make(LeakyReLU, negative_slope=slope) if slope != 0 else ReLU(),)


def _leaky_relu(arguments: Arguments) -> _Steps:
    word = "alpha" if "alpha" in arguments.given else "negative_slope"
    return (arguments.make(LeakyReLU, {"negative_slope": word}, negative_slope=arguments.get(word, 0.3)),)


def _elu(arguments: Arguments) -> _Steps:
    return (arguments.make(ELU, alpha=arguments.get("alpha", 1.0)),)


def _softmax(arguments: Arguments) -> _Steps:
    arguments.only("axis", (-1, 3), "is not over the channels: leave it out")
    return (Softmax(),)


def _activation(arguments: Arguments) -> _Steps:
    if "activation" not in arguments.given:
        raise arguments.error(f"{arguments.call} needs a name: write it too, such as Activation('relu')")
    return ()


def _zeros(arguments: Arguments) -> _Steps:
    _common(arguments)
    value = arguments.get("padding", 1)
    pair = value if isinstance(value, tuple) else (value, value)
    if len(pair) != 2:
        raise arguments.error("padding of ZeroPadding2D must be 1, (1, 1) or ((1, 1), (1, 1))")
    sides = [side if isinstance(side, tuple) else (side, side) for side in pair]
    if any(len(side) != 2 for side in sides):
        raise arguments.error("padding of ZeroPadding2D must be 1, (1, 1) or ((1, 1), (1, 1))")
    return (Zeros((*sides[0], *sides[1]), arguments.call),)


_UNREAD = "trainable dtype dynamic weights batch_size autocast"
_SHAPES = "input_shape batch_input_shape input_dim data_format name"
_NOTED = "kernel_regularizer bias_regularizer activity_regularizer kernel_constraint bias_constraint bias_initializer"
_TRAINING = "it does nothing when a network is used"
_WEIGHTS = f"activation use_bias kernel_initializer init {_SHAPES}"

_CONVOLUTION = Entry(
    "filters kernel_size strides padding data_format dilation_rate groups activation use_bias kernel_initializer",
    _conv2d,
    f"{_WEIGHTS} nb_filter border_mode subsample bias",
    _NOTED,
    _UNREAD,
)
OLD_CONVOLUTION = Entry(
    "nb_filter nb_row nb_col", _conv2d, f"border_mode subsample bias {_WEIGHTS}", _NOTED, _UNREAD
)
"""Convolution2D(32, 3, 3) as Keras 1 wrote it."""

_POOLING = "pool_size strides padding data_format"
_BATCH_NOTED = "beta_initializer gamma_initializer moving_mean_initializer moving_variance_initializer"
_BATCH_UNREAD = (
    "momentum center scale synchronized beta_regularizer gamma_regularizer beta_constraint gamma_constraint"
)

LAYERS: dict[str, Entry] = {
    "Conv2D": _CONVOLUTION,
    "Convolution2D": _CONVOLUTION,
    **dict.fromkeys(
        ("MaxPooling2D", "MaxPool2D"),
        Entry(_POOLING, _pooling(MaxPool2d), f"border_mode {_SHAPES}", "", _UNREAD),
    ),
    **dict.fromkeys(
        ("AveragePooling2D", "AvgPool2D"),
        Entry(_POOLING, _pooling(AvgPool2d), f"border_mode {_SHAPES}", "", _UNREAD),
    ),
    **dict.fromkeys(
        ("GlobalAveragePooling2D", "GlobalAvgPool2D"),
        Entry("data_format keepdims", _global(GlobalAvgPool2d), _SHAPES, "", _UNREAD),
    ),
    **dict.fromkeys(
        ("GlobalMaxPooling2D", "GlobalMaxPool2D"),
        Entry("data_format keepdims", _global(GlobalMaxPool2d), _SHAPES, "", _UNREAD),
    ),
    "Dense": Entry("units activation use_bias kernel_initializer", _dense, _WEIGHTS, _NOTED, _UNREAD),
    "BatchNormalization": Entry(
        "axis", _batch_norm, f"epsilon {_SHAPES}", _BATCH_NOTED, f"{_BATCH_UNREAD} {_UNREAD}"
    ),
    "Flatten": Entry("data_format", _flatten, _SHAPES, "", _UNREAD),
    "ReLU": Entry("max_value negative_slope threshold", _relu, _SHAPES, "", _UNREAD),
    "LeakyReLU": Entry("negative_slope", _leaky_relu, f"alpha {_SHAPES}", "", _UNREAD),
    "ELU": Entry("alpha", _elu, _SHAPES, "", _UNREAD),
    "Softmax": Entry("axis", _softmax, _SHAPES, "", _UNREAD),
    "Activation": Entry("activation", _activation, _SHAPES, "", _UNREAD),
    "ZeroPadding2D": Entry("padding data_format", _zeros, _SHAPES, "", _UNREAD),
    **dict.fromkeys(
        ("Dropout", "SpatialDropout2D", "GaussianNoise", "GaussianDropout", "AlphaDropout"),
        Entry(
            "rate noise_shape seed",
            nothing(_TRAINING),
            "stddev data_format",
            "",
            f"name input_shape {_UNREAD}",
        ),
    ),
    **dict.fromkeys(
        ("Input", "InputLayer"),
        Entry(
            "shape batch_size dtype sparse batch_shape name",
            nothing("the picture gives the size"),
            unread="tensor optional input_shape batch_input_shape ragged sparse",
        ),
    ),
    "Rescaling": Entry(
        "scale offset", nothing("choose the range on the picture card"), unread=f"name input_shape {_UNREAD}"
    ),
}
