"""Chainer's links and functions, where they are not called as in PyTorch."""

from __future__ import annotations

from explorer.interop.arguments import Arguments, Entry, Step
from explorer.interop.pytorch_layers import given_inputs
from explorer.layers import AvgPool2d, BatchNorm2d, Conv2d, Linear, MaxPool2d

_Steps = tuple[Step, ...]
_LECUN = "lecun_normal"  # where Chainer's weights start


def _convolution(arguments: Arguments) -> _Steps:
    words = {"kernel_size": "ksize", "padding": "pad", "dilation": "dilate", "bias": "nobias"}
    if arguments.has("ksize"):
        given_inputs(arguments, "in_channels")
        outputs, ksize = arguments.needed("out_channels"), arguments.get("ksize")
    elif len(arguments.given) >= 2 and {"in_channels", "out_channels"} <= arguments.given.keys():
        # Chainer allows Convolution2D(out_channels, ksize)
        outputs, ksize = arguments.get("in_channels"), arguments.get("out_channels")
    else:
        raise arguments.error(
            f"{arguments.call} takes in_channels, out_channels, ksize: write them all, such as (None, 5, 3)"
        )
    layer = arguments.make(
        Conv2d,
        words,
        out_channels=outputs,
        kernel_size=ksize,
        stride=arguments.get("stride", 1),
        padding=_pad(arguments),
        dilation=arguments.get("dilate", 1),
        groups=arguments.get("groups", 1),
        bias=not _flag(arguments, "nobias", False),
        initializer=_LECUN,
    )
    return (layer,)


def _pad(arguments: Arguments) -> object:
    pad = arguments.get("pad", 0)
    if isinstance(pad, str) or (isinstance(pad, tuple) and len(pad) != 2):
        raise arguments.error(f"pad of {arguments.call} must be one number or (vertical, horizontal)")
    return pad


def _flag(arguments: Arguments, name: str, default: bool) -> bool:
    value = arguments.get(name, default)
    if not isinstance(value, bool):
        raise arguments.error(f"{name} of {arguments.call} must be True or False")
    return value


def _max_pooling(arguments: Arguments) -> _Steps:
    arguments.only("return_indices", (False,), "has no equivalent: leave it out")
    layer = arguments.make(
        MaxPool2d,
        {"kernel_size": "ksize", "padding": "pad"},
        kernel_size=arguments.needed("ksize"),
        stride=arguments.get("stride"),
        padding=_pad(arguments),
        ceil_mode=_flag(arguments, "cover_all", True),
    )
    if "cover_all" not in arguments.given:
        arguments.note("Chainer's max_pooling_2d rounds up (cover_all), so ceil_mode is on.")
    return (layer,)


def _average_pooling(arguments: Arguments) -> _Steps:
    layer = arguments.make(
        AvgPool2d,
        {"kernel_size": "ksize", "padding": "pad"},
        kernel_size=arguments.needed("ksize"),
        stride=arguments.get("stride"),
        padding=_pad(arguments),
    )
    return (layer,)


def _linear(arguments: Arguments) -> _Steps:
    sizes = [name for name in ("in_size", "out_size") if arguments.has(name)]
    if not sizes:
        raise arguments.error(f"{arguments.call} needs out_size: write it too, such as (None, 10)")
    if sizes == ["in_size", "out_size"]:
        given_inputs(arguments, "in_size")
    out_features = arguments.get(sizes[-1])
    arguments.note("Chainer's Linear takes maps too: where maps come in here, put Flatten before it.")
    return (
        arguments.make(
            Linear,
            {"out_features": sizes[-1]},
            out_features=out_features,
            bias=not _flag(arguments, "nobias", False),
            initializer=_LECUN,
        ),
    )


def _batch_norm(arguments: Arguments) -> _Steps:
    given_inputs(arguments, "size")
    return (arguments.make(BatchNorm2d, eps=arguments.get("eps", 2e-5)),)


_WEIGHTS = "initialW initial_bias"

LINKS: dict[str, Entry] = {
    "Convolution2D": Entry(
        "in_channels out_channels ksize stride pad nobias", _convolution, "dilate groups", _WEIGHTS
    ),
    "DilatedConvolution2D": Entry(
        "in_channels out_channels ksize stride pad dilate nobias", _convolution, noted=_WEIGHTS
    ),
    "Linear": Entry("in_size out_size nobias", _linear, noted=_WEIGHTS),
    "BatchNormalization": Entry(
        "size decay eps", _batch_norm, unread="decay dtype use_gamma use_beta initial_gamma initial_beta axis"
    ),
}
FUNCTIONS: dict[str, Entry] = {
    "max_pooling_2d": Entry("ksize stride pad cover_all return_indices", _max_pooling, takes_input=True),
    "average_pooling_2d": Entry("ksize stride pad", _average_pooling, takes_input=True),
}
