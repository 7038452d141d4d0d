"""Pooling layers."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import ClassVar

from explorer import engine
from explorer.jit import CancelFlag
from explorer.layers.fields import (
    Array,
    Padding,
    Size,
    bool_field,
    optional_size_field,
    padding_field,
    size_field,
)
from explorer.layers.layer import (
    Channels,
    ChannelwiseLayer,
    Fix,
    Layer,
    Shape,
    ShapeError,
    Window,
    chosen,
    spatial,
)
from explorer.layers.sliding import SlidingLayer

_WINDOW_HELP = "kernel_size: rows and columns of each window (Keras: pool_size, Chainer: ksize)"
_STRIDE_HELP = "stride: pixels from one window to the next; auto is the window itself (Keras: strides)"
_CEIL_HELP = (
    "ceil_mode: keep a last window that overhangs the picture (Chainer: cover_all; Keras never does). "
    "93 rows become 47, not 46."
)
_PADDING_HELP = (
    "padding: rows and columns around the input (Chainer: pad). 'valid' is 0; 'same' gives ceil(input / stride), as in "
    "Keras."
)


class _PoolingLayer(SlidingLayer, ChannelwiseLayer):
    """A window per channel. ``stride`` None is the window itself, as in PyTorch and Keras."""

    stride: Size | None
    ceil_mode: bool

    @property
    def sliding_window(self) -> Window:
        return Window(self.kernel_size, self.stride or self.kernel_size)

    @property
    def rounds_up(self) -> bool:
        return self.ceil_mode and self.padding != "same"

    def output_shape(self, input_shape: Shape) -> Shape:
        channels, _, _ = spatial(input_shape, self.name or self.type_name)
        padding = self.resolved_padding(input_shape)
        kernel = self.kernel_size
        too_wide = max(padding[:2]) >= kernel[0] or max(padding[2:]) >= kernel[1]
        if self.padding != "same" and too_wide:
            amount = max(n for n, side in zip(padding, (0, 0, 1, 1), strict=True) if n >= kernel[side])
            raise ShapeError(
                f"Padding {amount} is as large as the {kernel[0]}×{kernel[1]} window: some windows would see "
                f"padding only.",
                self._without_padding(input_shape),
            )
        return (channels, *self.output_size(input_shape))

    def _without_padding(self, input_shape: Shape) -> Fix | None:
        fixed = dataclasses.replace(self, padding=0)  # type: ignore[call-arg]
        try:
            fixed.output_size(input_shape)
        except ShapeError as error:
            return error.fix
        return Fix("Padding 0", (fixed,))


@dataclass(frozen=True, eq=False, kw_only=True)
class MaxPool2d(_PoolingLayer):
    """The largest value of each window."""

    type_name: ClassVar[str] = "MaxPool2d"
    base_name: ClassVar[str] = "max_pool2d"
    group: ClassVar[str] = "Pooling"
    summary: ClassVar[str] = "Keeps the largest value of each window"
    dialects: ClassVar[str] = "PyTorch nn.MaxPool2d, Keras MaxPooling2D, Chainer F.max_pooling_2d"

    kernel_size: Size = size_field((2, 2), "Window", _WINDOW_HELP)
    stride: Size | None = optional_size_field("Stride", _STRIDE_HELP, absent="auto")
    padding: Padding = padding_field(
        "Padding", f"{_PADDING_HELP} What is added is minus infinity, so it never wins."
    )
    ceil_mode: bool = bool_field(False, "Round up", _CEIL_HELP)
    dilation: Size = size_field(
        (1, 1),
        "Dilation",
        "dilation: pixels from one tap to the next (Keras has none)",
        maximum=64,
        more=True,
    )

    @property
    def sliding_window(self) -> Window:
        return Window(self.kernel_size, self.stride or self.kernel_size, self.dilation)

    def forward(
        self,
        x: Array,
        *,
        out: Array | None = None,
        channels: Channels = None,
        cancel: CancelFlag | None = None,
        exact: bool = True,
    ) -> Array:
        return engine.max_pool2d(
            x,
            self.kernel_size,
            stride=self.stride,
            padding=self.padding,
            dilation=self.dilation,
            ceil_mode=self.ceil_mode,
            out=out,
            channels=chosen(channels),
            cancel=cancel,
        )


@dataclass(frozen=True, eq=False, kw_only=True)
class AvgPool2d(_PoolingLayer):
    """The mean of each window."""

    type_name: ClassVar[str] = "AvgPool2d"
    base_name: ClassVar[str] = "avg_pool2d"
    group: ClassVar[str] = "Pooling"
    summary: ClassVar[str] = "The mean of each window"
    dialects: ClassVar[str] = "PyTorch nn.AvgPool2d, Keras AveragePooling2D, Chainer F.average_pooling_2d"

    kernel_size: Size = size_field((2, 2), "Window", _WINDOW_HELP)
    stride: Size | None = optional_size_field("Stride", _STRIDE_HELP, absent="auto")
    padding: Padding = padding_field("Padding", f"{_PADDING_HELP} What is added is zeros.")
    ceil_mode: bool = bool_field(False, "Round up", _CEIL_HELP)
    count_include_pad: bool = bool_field(
        True,
        "Count padding",
        "count_include_pad: the zeros of the padding count in the mean, as in PyTorch; Keras never counts them",
    )

    def forward(
        self,
        x: Array,
        *,
        out: Array | None = None,
        channels: Channels = None,
        cancel: CancelFlag | None = None,
        exact: bool = True,
    ) -> Array:
        return engine.avg_pool2d(
            x,
            self.kernel_size,
            stride=self.stride,
            padding=self.padding,
            ceil_mode=self.ceil_mode,
            count_include_pad=self.count_include_pad,
            out=out,
            channels=chosen(channels),
            cancel=cancel,
        )


class _GlobalPoolingLayer(Layer):
    """One number per map."""

    takes_out: ClassVar[bool] = False

    def output_shape(self, input_shape: Shape) -> Shape:
        channels, _, _ = spatial(input_shape, self.name or self.type_name)
        return channels, 1, 1

    def window(self, input_shape: Shape) -> Window | None:
        size = (input_shape[1], input_shape[2])
        return Window(size, size)


@dataclass(frozen=True, eq=False, kw_only=True)
class GlobalAvgPool2d(_GlobalPoolingLayer):
    """The mean of each whole map."""

    type_name: ClassVar[str] = "GlobalAvgPool2d"
    base_name: ClassVar[str] = "global_avg_pool2d"
    group: ClassVar[str] = "Pooling"
    summary: ClassVar[str] = "The mean of each whole map: one number per map"
    dialects: ClassVar[str] = "PyTorch nn.AdaptiveAvgPool2d(1), Keras GlobalAveragePooling2D"

    def forward(
        self,
        x: Array,
        *,
        out: Array | None = None,
        channels: Channels = None,
        cancel: CancelFlag | None = None,
        exact: bool = True,
    ) -> Array:
        return engine.global_avg_pool2d(x)


@dataclass(frozen=True, eq=False, kw_only=True)
class GlobalMaxPool2d(_GlobalPoolingLayer):
    """The largest value of each whole map."""

    type_name: ClassVar[str] = "GlobalMaxPool2d"
    base_name: ClassVar[str] = "global_max_pool2d"
    group: ClassVar[str] = "Pooling"
    summary: ClassVar[str] = "The largest value of each whole map: one number per map"
    dialects: ClassVar[str] = "PyTorch nn.AdaptiveMaxPool2d(1), Keras GlobalMaxPooling2D"

    def forward(
        self,
        x: Array,
        *,
        out: Array | None = None,
        channels: Channels = None,
        cancel: CancelFlag | None = None,
        exact: bool = True,
    ) -> Array:
        return engine.global_max_pool2d(x)
