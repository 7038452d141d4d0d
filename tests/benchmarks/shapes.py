"""What the engine is measured on: layers of well-known networks, odd shapes, and shapes drawn at random."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import astuple, dataclass
from types import ModuleType
from typing import Any

from explorer import engine
from explorer.engine.windows import output_size, span


@dataclass(frozen=True)
class Convolution:
    """One picture (1, in_channels, height, width) under square filters, with a bias."""

    in_channels: int
    height: int
    width: int
    out_channels: int
    kernel: int
    stride: int
    padding: int
    dilation: int
    groups: int

    @property
    def label(self) -> str:
        """The numbers in the order of the fields."""
        return ",".join(str(number) for number in astuple(self))

    @property
    def x_shape(self) -> tuple[int, int, int, int]:
        """(1, Cin, H, W)"""
        return 1, self.in_channels, self.height, self.width

    @property
    def weight_shape(self) -> tuple[int, int, int, int]:
        """(Cout, Cin / groups, K, K)"""
        return self.out_channels, self.in_channels // self.groups, self.kernel, self.kernel

    @property
    def out_shape(self) -> tuple[int, int, int, int]:
        """(1, Cout, Ho, Wo); a size is 0 or less where no window fits."""
        rows, columns = (
            output_size(size, self.kernel, self.stride, self.padding, self.padding, self.dilation)
            for size in (self.height, self.width)
        )
        return 1, self.out_channels, rows, columns

    @property
    def flops(self) -> float:
        """Multiplications and additions of the definition, whatever a method needs."""
        return 2.0 * math.prod(self.out_shape) * math.prod(self.weight_shape[1:])

    @property
    def bytes(self) -> float:
        """Input and output, once each."""
        return 4.0 * (math.prod(self.x_shape) + math.prod(self.out_shape))

    @property
    def is_large(self) -> bool:
        """Whether arithmetic, not memory and not starting threads, decides how long it takes."""
        return self.flops >= 4e8 and self.flops / self.bytes >= 50

    @property
    def keeps_size(self) -> bool:
        """Whether each output pixel lies on its input pixel."""
        return self.stride == 1 and 2 * self.padding == span(self.kernel, self.dilation) - 1


@dataclass(frozen=True)
class Pooling:
    """One picture (1, channels, height, width) under a square window."""

    average: bool
    channels: int
    height: int
    width: int
    kernel: int
    stride: int
    padding: int = 0
    ceil_mode: bool = False

    @property
    def label(self) -> str:
        """Such as "max 3x3 s2 p1, 32,190,256"."""
        window = f"{'avg' if self.average else 'max'} {self.kernel}x{self.kernel} s{self.stride}"
        extra = (f" p{self.padding}" if self.padding else "") + (" ceil" if self.ceil_mode else "")
        return f"{window}{extra}, {self.channels},{self.height},{self.width}"

    @property
    def x_shape(self) -> tuple[int, int, int, int]:
        """(1, C, H, W)"""
        return 1, self.channels, self.height, self.width

    @property
    def out_shape(self) -> tuple[int, int, int, int]:
        """(1, C, Ho, Wo)"""
        rows, columns = (
            output_size(size, self.kernel, self.stride, self.padding, self.padding, 1, self.ceil_mode)
            for size in (self.height, self.width)
        )
        return 1, self.channels, rows, columns

    @property
    def bytes(self) -> float:
        """Input and output, once each."""
        return 4.0 * (math.prod(self.x_shape) + math.prod(self.out_shape))


@dataclass(frozen=True)
class Activation:
    """A function of each number, as it is called here, in torch and in ONNX."""

    label: str
    ours: Callable[..., Any]
    torch: Callable[[ModuleType], Callable[[Any], Any]]
    onnx: str
    x_shape: tuple[int, int, int, int] = (1, 32, 190, 256)

    @property
    def out_shape(self) -> tuple[int, int, int, int]:
        """That of x."""
        return self.x_shape

    @property
    def bytes(self) -> float:
        """Input and output, once each."""
        return 8.0 * math.prod(self.x_shape)


CONVOLUTIONS = tuple(
    Convolution(*numbers)
    for numbers in (
        (1, 380, 512, 3, 3, 1, 1, 1, 1),
        (3, 380, 512, 32, 3, 1, 1, 1, 1),
        (3, 380, 512, 32, 5, 1, 2, 1, 1),
        (3, 128, 128, 32, 8, 2, 0, 1, 1),
        (32, 190, 256, 64, 3, 1, 1, 1, 1),
        (32, 150, 150, 64, 3, 1, 1, 1, 1),
        (64, 95, 128, 64, 3, 1, 1, 1, 1),
        (64, 95, 128, 128, 3, 2, 1, 1, 1),
        (16, 380, 512, 16, 1, 1, 0, 1, 1),
        (3, 227, 227, 16, 11, 4, 0, 1, 1),
        (32, 380, 512, 32, 3, 1, 1, 1, 32),
        (16, 190, 256, 16, 3, 1, 2, 2, 1),
        (3, 1080, 1920, 32, 3, 1, 1, 1, 1),
        (1, 2160, 3840, 1, 5, 1, 2, 1, 1),
        (32, 190, 256, 32, 3, 1, 1, 1, 4),
        (8, 28, 28, 16, 3, 1, 1, 1, 1),
        (32, 95, 128, 32, 7, 1, 3, 1, 1),
        (32, 95, 128, 64, 1, 1, 0, 1, 1),
    )
)

POOLINGS = (
    Pooling(False, 8, 380, 512, 2, 2),
    Pooling(False, 8, 1080, 1920, 2, 2),
    Pooling(False, 32, 190, 256, 3, 2, 1),
    Pooling(False, 8, 380, 512, 3, 2, 1),
    Pooling(False, 64, 95, 128, 3, 1, 1),
    Pooling(False, 64, 95, 128, 2, 2, ceil_mode=True),
    Pooling(True, 32, 190, 256, 2, 2),
    Pooling(True, 8, 1080, 1920, 2, 2),
    Pooling(True, 8, 380, 512, 3, 2, 1),
    Pooling(True, 64, 95, 128, 3, 1, 1),
    Pooling(True, 32, 190, 256, 3, 1, 1),
    Pooling(True, 64, 95, 128, 2, 2, ceil_mode=True),
)

ACTIVATIONS = (
    Activation("relu", engine.relu, lambda torch: torch.relu, "Relu"),
    Activation("sigmoid", engine.sigmoid, lambda torch: torch.sigmoid, "Sigmoid"),
    Activation("tanh", engine.tanh, lambda torch: torch.tanh, "Tanh"),
    Activation("gelu", engine.gelu, lambda torch: torch.nn.functional.gelu, "Gelu"),
    Activation("softplus", engine.softplus, lambda torch: torch.nn.functional.softplus, "Softplus"),
)

_CHANNELS = (1, 3, 4, 5, 8, 10, 16, 20, 24, 32, 48, 64, 96, 128)
_FEWEST_FLOPS, _MOST_FLOPS = 1e7, 3e9  # about 0.05 ms at the arithmetic limit, and 20 ms well below it
_MOST_BYTES = 64e6


def random_convolutions(seed: int, count: int) -> list[Convolution]:
    """Shapes that one call takes 0.05 to 20 ms for, the same ones for the same seed."""
    source = random.Random(seed)
    chosen: list[Convolution] = []
    while len(chosen) < count:
        shape = _draw(source)
        wanted = math.exp(source.uniform(math.log(_FEWEST_FLOPS), math.log(_MOST_FLOPS)))
        if min(shape.out_shape) > 0 and wanted / 2 < shape.flops < wanted * 2 and shape.bytes < _MOST_BYTES:
            chosen.append(shape)
    return chosen


def _draw(source: random.Random) -> Convolution:
    """Any shape; half of them with groups or dilation, a third of the groups depthwise."""
    in_channels, out_channels, groups = source.choice(_CHANNELS), source.choice(_CHANNELS), 1
    if source.random() < 0.25:
        groups = source.choice([g for g in (1, 2, 3, 4, 8, 16, 32) if in_channels % g == 0])
        if source.random() < 0.33:
            groups = in_channels
        out_channels = groups * source.choice((1, 1, 2, 4))
    kernel = source.randint(1, 11)
    dilation = source.choice((1, 1, 1, 2, 3)) if kernel > 1 else 1
    reach = span(kernel, dilation) - 1
    return Convolution(
        in_channels,
        height=source.randint(7, 640),
        width=source.randint(7, 640),
        out_channels=out_channels,
        kernel=kernel,
        stride=source.choice((1, 1, 1, 2, 2, 3, 4)),
        padding=source.choice((0, reach // 2, reach // 2)),
        dilation=dilation,
        groups=groups,
    )
