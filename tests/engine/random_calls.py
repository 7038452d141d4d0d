"""Random arguments for convolution and pooling, and what convolution makes of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st

from tests import reference
from tests.engine.checks import Floats
from tests.engine.fences import locked

Doubles = npt.NDArray[np.float64]
Sides = tuple[int, int, int, int]
ODD = [np.nan, np.inf, -np.inf, 1e38]


@dataclass(frozen=True)
class Slide:
    """How a window slides."""

    stride: tuple[int, int] = (1, 1)
    padding: Sides = (0, 0, 0, 0)
    dilation: tuple[int, int] = (1, 1)

    def outputs(self, size: tuple[int, int], kernel: tuple[int, int]) -> tuple[int, int]:
        """Rows and columns."""
        rows, columns = (
            reference.output_size(
                size[a],
                kernel[a],
                self.stride[a],
                self.padding[2 * a],
                self.padding[2 * a + 1],
                self.dilation[a],
            )
            for a in (0, 1)
        )
        return rows, columns


def convolved(x: Floats, weight: Floats, slide: Slide, groups: int = 1) -> Doubles:
    """Convolution in float64, tap by tap: as obvious as the reference, and quick enough for large pictures."""
    top, bottom, left, right = slide.padding
    padded = np.pad(x.astype(np.float64), ((0, 0), (0, 0), (top, bottom), (left, right)))
    filters, per_group, *kernel = weight.shape
    rows, columns = slide.outputs((x.shape[2], x.shape[3]), (kernel[0], kernel[1]))
    y = np.zeros((x.shape[0], filters, rows, columns))
    share = filters // groups
    for ky, kx in np.ndindex(*kernel):
        first_row, first_column = ky * slide.dilation[0], kx * slide.dilation[1]
        down = slice(first_row, first_row + (rows - 1) * slide.stride[0] + 1, slide.stride[0])
        across = slice(first_column, first_column + (columns - 1) * slide.stride[1] + 1, slide.stride[1])
        for g in range(groups):
            own = slice(g * share, (g + 1) * share)
            seen = padded[:, g * per_group : (g + 1) * per_group, down, across]
            y[:, own] += np.einsum("oc,nchw->nohw", weight[own, :, ky, kx].astype(np.float64), seen)
    return y


def draw_size(draw: st.DrawFn, largest: int) -> tuple[int, int]:
    return draw(st.integers(1, largest)), draw(st.integers(1, largest))


def draw_slide(draw: st.DrawFn, kernel: tuple[int, int]) -> Slide:
    if draw(st.booleans()):
        return Slide(padding=draw(st.tuples(*[st.integers(0, 3)] * 4)))
    stride, dilation = draw_size(draw, 5), draw_size(draw, 3)
    most = [dilation[a] * kernel[a] + 2 for a in (0, 0, 1, 1)]
    return Slide(stride, draw(st.tuples(*(st.integers(0, limit) for limit in most))), dilation)


@dataclass(frozen=True)
class Example:
    """Arguments of a convolution."""

    x: Floats
    weight: Floats
    bias: Floats
    slide: Slide
    groups: int

    def __repr__(self) -> str:
        return f"x {self.x.shape}, weight {self.weight.shape}, groups {self.groups}, {self.slide}"

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """Of the output."""
        size, kernel = self.x.shape[2:], self.weight.shape[2:]
        rows, columns = self.slide.outputs((size[0], size[1]), (kernel[0], kernel[1]))
        return self.x.shape[0], self.weight.shape[0], rows, columns

    @property
    def options(self) -> dict[str, Any]:
        """The keyword arguments without ``groups``."""
        return {
            "stride": self.slide.stride,
            "padding": self.slide.padding,
            "dilation": self.slide.dilation,
        }

    def expected(self) -> Doubles:
        """The output in float64."""
        with np.errstate(all="ignore"):
            return (
                convolved(self.x, self.weight, self.slide, self.groups)
                + self.bias.astype(np.float64)[:, np.newaxis, np.newaxis]
            )

    def seen(self) -> npt.NDArray[np.bool_]:
        """Which outputs see a pixel that is not finite or huge."""
        odd = (~(np.abs(self.x) < 1e30)).astype(np.float32)
        return convolved(odd, np.ones_like(self.weight), self.slide, self.groups) > 0


KINDS = [
    "any",
    "any",
    "pointwise",
    "depthwise",
    "few filters",
    "winograd",
    "many channels",
    "large window",
    "short rows",
]


@st.composite
def convolutions(draw: st.DrawFn, kinds: list[str] = KINDS) -> Example:
    kind = draw(st.sampled_from(kinds), label="kind")
    groups, per_group, share = draw(st.integers(1, 3)), draw(st.integers(1, 4)), draw(st.integers(1, 9))
    rows, columns = draw(st.integers(1, 20)), draw(st.integers(1, 70))
    kernel = draw_size(draw, 4)
    slide = draw_slide(draw, kernel)
    if kind == "pointwise":
        kernel, slide = (1, 1), draw(st.sampled_from([Slide(), Slide(), Slide(stride=(2, 3)), slide]))
    elif kind == "depthwise":
        groups, per_group, share = draw(st.integers(2, 9)), 1, draw(st.integers(1, 2))
    elif kind == "few filters":
        groups, share, rows = draw(st.integers(1, 2)), draw(st.integers(1, 3)), draw(st.integers(8, 45))
    elif kind == "winograd":
        groups, per_group, share, kernel = 1, draw(st.integers(8, 20)), draw(st.integers(8, 20)), (3, 3)
        rows, columns = draw(st.integers(6, 24)), draw(st.integers(22, 90))
        slide = Slide(padding=slide.padding)
    elif kind == "many channels":
        groups, per_group = 1, draw(st.integers(30, 300))
    elif kind == "large window":
        kernel = draw_size(draw, 7)
    elif kind == "short rows":
        groups, per_group, share = (
            draw(st.integers(1, 2)),
            draw(st.integers(12, 40)),
            draw(st.integers(4, 20)),
        )
        kernel, columns = (draw(st.integers(2, 4)), draw(st.integers(2, 4))), draw(st.integers(17, 22))
    reach = [slide.dilation[a] * (kernel[a] - 1) + 1 - sum(slide.padding[2 * a : 2 * a + 2]) for a in (0, 1)]
    if kind != "short rows" and draw(
        st.booleans(), label="whole vectors"
    ):  # only such rows are written past the cache
        columns = (draw(st.sampled_from([16, 32, 48, 80])) - 1) * slide.stride[1] + reach[1]
    rows, columns = max(rows, reach[0], 1), max(columns, reach[1], 1)
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    shape = (draw(st.integers(1, 2)), groups * per_group, rows, columns)
    return Example(
        x=random.standard_normal(shape, dtype=np.float32),
        weight=random.standard_normal((groups * share, per_group, *kernel), dtype=np.float32),
        bias=random.standard_normal(groups * share, dtype=np.float32),
        slide=slide,
        groups=groups,
    )


def placed(example: Example, at_the_end: bool) -> Example:
    """The same between fences, not to be written to."""
    x, weight, bias = (locked(array, at_the_end) for array in (example.x, example.weight, example.bias))
    return Example(x, weight, bias, example.slide, example.groups)


@dataclass(frozen=True)
class Pooling:
    """Arguments of a pooling."""

    x: Floats
    kernel: tuple[int, int]
    options: dict[str, Any]

    def __repr__(self) -> str:
        odd = self.x[~(np.abs(self.x) < 1e30)]
        return f"x {self.x.shape} with {odd}, kernel {self.kernel}, {self.options}"


@st.composite
def poolings(draw: st.DrawFn, is_mean: bool) -> Pooling:
    kernel = draw(st.sampled_from([(2, 2), (3, 3)]) | st.tuples(st.integers(1, 7), st.integers(1, 7)))
    stride = draw(st.just(kernel) | st.tuples(st.integers(1, 6), st.integers(1, 6)))
    dilation = (1, 1) if is_mean else draw(st.tuples(st.integers(1, 3), st.integers(1, 3)))
    limits = [st.integers(0, kernel[a] - 1) for a in (0, 0, 1, 1)]
    padding = draw(st.just((0, 0, 0, 0)) | st.tuples(*limits))
    reach = [dilation[a] * (kernel[a] - 1) + 1 - sum(padding[2 * a : 2 * a + 2]) for a in (0, 1)]
    rows = max(draw(st.integers(1, 20)), reach[0], 1)
    columns = max(draw(st.integers(1, 24) | st.integers(1, 140)), reach[1], 1)
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    shape = (draw(st.integers(1, 2)), draw(st.integers(1, 4)), rows, columns)
    x = random.standard_normal(shape, dtype=np.float32)
    for value in draw(st.lists(st.sampled_from(ODD), max_size=3)):
        x[tuple(random.integers(0, shape))] = value
    options: dict[str, Any] = {"stride": stride, "padding": padding, "ceil_mode": draw(st.booleans())}
    if is_mean:
        options["count_include_pad"] = draw(st.booleans())
    else:
        options["dilation"] = dilation
    return Pooling(x, kernel, options)
