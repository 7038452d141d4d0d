"""Kernels with a name, in the order of a menu: edges, lines, sharp and soft, spots and waves, the rest."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from explorer.layers import kernel_formulas as formulas
from explorer.layers.fields import Array, Size
from explorer.layers.kernel_formulas import Kernel
from explorer.layers.layer import freeze

_FADED = 1e-9  # smaller beside the largest weight is 0: such numbers slow a processor down and show nothing
_USUAL = 5  # up to this many cells a formula starts with its default


@dataclass(frozen=True)
class Parameter:
    """A number that a formula asks for; ``help`` says its unit."""

    name: str
    label: str
    default: float
    minimum: float
    maximum: float
    step: float
    help: str
    grows: bool = False  # the default suits 5×5, a larger kernel starts with more in proportion

    def at(self, size: Size) -> Parameter:
        """The parameter with the default that suits a kernel of that size."""
        if not self.grows:
            return self
        return replace(self, default=min(self.maximum, round(self.default * max(1, max(size) / _USUAL), 2)))


def completed(parameters: tuple[Parameter, ...], size: Size, values: Mapping[str, float]) -> dict[str, float]:
    """Every parameter's value, its default where none is given; ValueError for one that is unknown or outside."""
    known = {parameter.name for parameter in parameters}
    if unknown := sorted(set(values) - known):
        raise ValueError(f"There is no parameter called {unknown[0]!r} here.")
    result = {}
    for parameter in parameters:
        value = values.get(parameter.name, parameter.at(size).default)
        if not (math.isfinite(value) and parameter.minimum <= value <= parameter.maximum):
            raise ValueError(
                f"{parameter.label} is {value:g}; choose a number from {parameter.minimum:g} to "
                f"{parameter.maximum:g}."
            )
        result[parameter.name] = float(value)
    return result


@dataclass(frozen=True)
class NamedFilter:
    """A kernel of a given size, and one line on what it does; ``words`` are others that people search for."""

    name: str
    why: str
    make: Callable[..., Kernel]
    parameters: tuple[Parameter, ...] = ()
    words: str = ""

    def __call__(self, size: Size, **values: float) -> Array:
        """The kernel (rows, columns) in float32, read-only; ValueError for a value outside its range."""
        kernel = self.make(size, **completed(self.parameters, size, values))
        faded = np.abs(kernel) < _FADED * np.abs(kernel).max()
        # + 0.0 makes -0.0 a plain zero
        return freeze(np.where(faded, 0.0, kernel + 0.0).astype(np.float32))


SIGMA = Parameter(
    "sigma", "Sigma", 1, 0.3, 16, 0.1, "In cells: how far from the middle it reaches. Larger is softer.", True
)
THETA = Parameter(
    "theta", "Theta", 0, 0, 180, 5, "In degrees: 0 for upright stripes, 90 for stripes that lie flat."
)
LAMBDA = Parameter(
    "lambda_", "Lambda", 4, 2.5, 62, 0.5, "In cells: from one bright stripe to the next.", True
)
GABOR_SIGMA = Parameter(
    "sigma", "Sigma", 1.5, 0.3, 16, 0.1, "In cells: how many stripes fit in before they fade.", True
)
_PHASE = Parameter(
    "phase", "Phase", 0, -180, 180, 15,
    "In degrees: 0 for a bright stripe in the middle, 180 for a dark one, -90 for an edge with its bright side right.",
)  # fmt: skip
_EDGE_ANGLE = Parameter(
    "angle",
    "Angle",
    0,
    0,
    360,
    15,
    "In degrees: 0 for bright on the right, 90 for bright below, 180 for left.",
)
_LINE_ANGLE = Parameter(
    "angle", "Angle", 45, 0, 180, 15, "In degrees: 0 for a line that lies flat, 90 for an upright one."
)
_CORNER_ANGLE = Parameter(
    "angle", "Angle", 45, 0, 360, 15,
    "In degrees: where the bright part lies. 0 is right, 45 below right, 90 below, 225 above left.",
)  # fmt: skip
_RELIEF_ANGLE = Parameter(
    "angle", "Angle", 45, 0, 360, 15,
    "In degrees: where the light falls to. 45 is lit from the upper left, 90 from above, 225 from the lower right.",
)  # fmt: skip
_MOTION_ANGLE = Parameter(
    "angle",
    "Angle",
    0,
    0,
    180,
    15,
    "In degrees: 0 for sideways, 90 for up and down, 45 for down to the right.",
)
_AMOUNT = Parameter(
    "amount", "Amount", 1, 0, 5, 0.1, "How many times the detail is added: 0 changes nothing."
)
_RATIO = Parameter("ratio", "Ratio", 1.6, 1.1, 5, 0.1, "How many times wider the second blur is.")

_EDGES = (
    NamedFilter(
        "edge right", "Bright on the right, dark on the left (Sobel)", partial(formulas.sobel, angle=0.0)
    ),
    NamedFilter(
        "edge left", "Bright on the left, dark on the right (Sobel)", partial(formulas.sobel, angle=180.0)
    ),
    NamedFilter("edge down", "Bright below, dark above (Sobel)", partial(formulas.sobel, angle=90.0)),
    NamedFilter("edge up", "Bright above, dark below (Sobel)", partial(formulas.sobel, angle=270.0)),
    NamedFilter(
        "sobel", "Edges in the direction you choose", formulas.sobel, (_EDGE_ANGLE,), "gradient derivative slope"
    ),
    NamedFilter(
        "scharr",
        "Edges in the direction you choose, slanted ones as strong as straight ones",
        formulas.scharr,
        (_EDGE_ANGLE,),
        "gradient derivative slope",
    ),
    NamedFilter(
        "prewitt",
        "Edges in the direction you choose, each row counting the same",
        formulas.prewitt,
        (_EDGE_ANGLE,),
        "gradient derivative slope",
    ),
    NamedFilter(
        "outline",
        "What differs from all its neighbours (Laplacian with 8 neighbours)",
        formulas.outline,
        words="edges contour laplacian 8",
    ),
    NamedFilter(
        "laplacian", "What differs from its 4 neighbours", formulas.laplacian, words="edges outline second derivative"
    ),
)  # fmt: skip

_LINES = (
    NamedFilter("vertical line", "A bright line from top to bottom", formulas.vertical_line, words="upright"),
    NamedFilter(
        "horizontal line", "A bright line from left to right", formulas.horizontal_line, words="flat"
    ),
    NamedFilter(
        "line", "A bright line in the direction you choose", formulas.line, (_LINE_ANGLE,), "diagonal slanted"
    ),
    NamedFilter(
        "corner",
        "The corner of something bright, pointing where you choose",
        formulas.corner,
        (_CORNER_ANGLE,),
        "junction",
    ),
)

_SHARP_AND_SOFT = (
    NamedFilter("sharpen", "The picture with its edges made stronger", formulas.sharpen, words="crisp"),
    NamedFilter(
        "unsharp",
        "Sharper, by as much as you choose: adds what a blur takes away",
        formulas.unsharp,
        (_AMOUNT, SIGMA),
        "unsharp mask sharpen crisp",
    ),
    NamedFilter("blur", "The mean of the window (box)", formulas.box, words="average smooth soft"),
    NamedFilter(
        "gaussian",
        "A soft mean that weighs the middle most",
        formulas.gaussian,
        (SIGMA,),
        "blur smooth average bell",
    ),
    NamedFilter(
        "motion blur",
        "As if the camera had moved in the direction you choose",
        formulas.motion_blur,
        (_MOTION_ANGLE,),
        "smear speed",
    ),
)

_SPOTS_AND_WAVES = (
    NamedFilter(
        "LoG",
        "Bright spots about as large as you choose (Laplacian of Gaussian)",
        formulas.laplacian_of_gaussian,
        (SIGMA,),
        "blob dot mexican hat marr hildreth",
    ),
    NamedFilter(
        "DoG",
        "Bright spots: a narrow blur less a wide one (difference of Gaussians)",
        formulas.difference_of_gaussians,
        (SIGMA, _RATIO),
        "blob dot band-pass",
    ),
    NamedFilter(
        "gabor",
        "Stripes of the width and direction you choose, as cells in the eye's cortex see them",
        formulas.gabor,
        (THETA, LAMBDA, GABOR_SIGMA, _PHASE),
        "texture wave grating",
    ),
)

_REST = (
    NamedFilter("emboss", "A relief, lit from the side you choose", formulas.emboss, (_RELIEF_ANGLE,), "stamp 3d"),
    NamedFilter("identity", "The picture as it is", formulas.identity, words="copy unchanged"),
    NamedFilter("empty", "All weights 0, to draw from scratch", formulas.empty, words="zero clear blank"),
)  # fmt: skip

FILTERS: tuple[NamedFilter, ...] = (*_EDGES, *_LINES, *_SHARP_AND_SOFT, *_SPOTS_AND_WAVES, *_REST)


def named(name: str) -> NamedFilter:
    """The filter of that name, or ValueError."""
    for candidate in FILTERS:
        if candidate.name == name:
            return candidate
    raise ValueError(f"There is no filter called {name!r}.")


def found(text: str) -> tuple[NamedFilter, ...]:
    """The filters in which every word of the text occurs, those that have them all in their name first."""
    words = text.casefold().split()

    def holds(where: str) -> bool:
        return all(word in where.casefold() for word in words)

    hits = [one for one in FILTERS if holds(f"{one.name} {one.why} {one.words}")]
    return tuple(sorted(hits, key=lambda one: not holds(one.name)))
