"""The sizes of a convolution: everything about it but its numbers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from explorer.engine import windows
from explorer.engine.windows import Padding

_FAR = 1 << 20  # bytes: a second-level cache


@dataclass(frozen=True, eq=False)
class Shape:
    """x (images, in_channels, height, width) -> (images, out_channels, out_height, out_width).

    There is one object for each combination (:func:`convolution_shape`), so what depends on it can be looked up
    by it quickly.
    """

    images: int
    in_channels: int
    height: int
    width: int
    out_channels: int
    out_height: int
    out_width: int
    kernel_size: tuple[int, int]
    stride: tuple[int, int]
    dilation: tuple[int, int]
    padding: Padding
    groups: int

    @property
    def out(self) -> tuple[int, int, int, int]:
        """The output's shape."""
        return self.images, self.out_channels, self.out_height, self.out_width

    @cached_property
    def per_group(self) -> int:
        """Input channels that one filter looks at."""
        return self.in_channels // self.groups

    @cached_property
    def taps(self) -> int:
        """Weights of one filter."""
        return self.per_group * self.kernel_size[0] * self.kernel_size[1]

    @cached_property
    def products(self) -> int:
        """Multiply-adds of the definition, for one filter."""
        return self.images * self.taps * self.out_height * self.out_width

    @cached_property
    def ahead(self) -> int:
        """Bytes from a channel to the next, which is to be called for in time; 0 where x is near anyway.

        x is far if it is so large that it comes from memory, or from a cache that others use too.
        """
        plane = 4 * self.height * self.width
        return plane if self.images * self.in_channels * plane >= _FAR else 0

    @cached_property
    def is_pointwise(self) -> bool:
        """Whether each output looks at one pixel only, its own."""
        return self.kernel_size == self.stride == (1, 1) and not any(self.padding)

    @cached_property
    def as_one_row(self) -> Shape:
        """A pointwise convolution does not know rows."""
        size = self.height * self.width
        return replace(self, height=1, width=size, out_height=1, out_width=size)


@lru_cache(maxsize=512)
def convolution_shape(
    x: tuple[int, ...],
    weight: tuple[int, ...],
    stride: tuple[int, int],
    padding: Padding | str,
    dilation: tuple[int, int],
    groups: int,
) -> Shape:
    """The sizes that follow from those of x (N, Cin, H, W), weight (Cout, Cin / groups, Kh, Kw) and how it slides.

    ``padding`` may be "same" or "valid". The numbers are taken to be in range; that they fit together is checked.
    """
    images, in_channels, height, width = x
    out_channels, per_group, *kernel = weight
    if out_channels < 1 or per_group < 1:
        raise ValueError(f"weight must have at least 1 filter and 1 channel, its shape is {weight}.")
    if in_channels % groups or out_channels % groups:
        raise ValueError(
            f"groups must divide the {in_channels} input channels and the {out_channels} filters, is {groups}."
        )
    if per_group * groups != in_channels:
        raise ValueError(
            f"weight is for {per_group * groups} input channels (shape {weight}, groups {groups}), "
            f"but x has {in_channels}."
        )
    for size in kernel:
        if size < 1:
            raise ValueError(f"kernel_size must be at least 1, is {size}.")
    kernel_size = (kernel[0], kernel[1])
    resolved = padding_of(padding, (height, width), kernel_size, stride, dilation)
    rows, columns = output_shape((height, width), kernel_size, stride, resolved, dilation)
    return Shape(
        images,
        in_channels,
        height,
        width,
        out_channels,
        rows,
        columns,
        kernel_size,
        stride,
        dilation,
        resolved,
        groups,
    )


def padding_of(
    padding: Padding | str,
    size: tuple[int, int],
    kernel_size: tuple[int, int],
    stride: tuple[int, int],
    dilation: tuple[int, int],
) -> Padding:
    """The numbers that "same" stands for; numbers as they are."""
    if not isinstance(padding, str):
        return padding
    vertical = windows.same_padding(size[0], kernel_size[0], stride[0], dilation[0])
    horizontal = windows.same_padding(size[1], kernel_size[1], stride[1], dilation[1])
    return *vertical, *horizontal


def output_shape(
    size: tuple[int, int],
    kernel_size: tuple[int, int],
    stride: tuple[int, int],
    padding: Padding,
    dilation: tuple[int, int],
    ceil_mode: bool = False,
) -> tuple[int, int]:
    """Rows and columns of the output, at least 1 each."""
    sides = (("rows", size[0], 0, padding[:2]), ("columns", size[1], 1, padding[2:]))
    result = []
    for name, length, axis, (before, after) in sides:
        count = windows.output_size(
            length, kernel_size[axis], stride[axis], before, after, dilation[axis], ceil_mode
        )
        if count < 1:
            covered = windows.span(kernel_size[axis], dilation[axis])
            raise ValueError(
                f"The window covers {covered} {name} but its input has {length + before + after}, padding included: "
                f"reduce kernel_size or dilation, or add padding."
            )
        result.append(count)
    return result[0], result[1]
