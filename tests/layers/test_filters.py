"""Named kernels: what holds for all of them, what they do to a picture, and how they are found."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.layers.filters import FILTERS, NamedFilter, found, named
from tests.engine.checks import assert_same_bits, filters, picture
from tests.reference import conv2d

Size = tuple[int, int]

many = settings(max_examples=200, deadline=None, derandomize=True, database=None)
every_filter = pytest.mark.parametrize("named_filter", FILTERS, ids=[f.name for f in FILTERS])

SUM_IS_ZERO = {
    "edge right", "edge left", "edge down", "edge up", "sobel", "scharr", "prewitt", "outline", "laplacian", "empty"
}  # fmt: skip
SUM_IS_ONE = {"sharpen", "unsharp", "blur", "gaussian", "motion blur", "identity", "emboss"}
LINES = {"vertical line", "horizontal line", "line"}
PEAK_IS_ONE = {"corner", "LoG", "DoG", "gabor"}

sizes = st.tuples(st.integers(1, 31), st.integers(1, 31))


def values_of(named_filter: NamedFilter) -> st.SearchStrategy[dict[str, float]]:
    """Any values that a filter allows, its default, limits and eighths of a circle often among them."""
    return st.fixed_dictionaries(
        {
            p.name: st.one_of(
                st.floats(p.minimum, p.maximum),
                st.sampled_from(
                    [p.default, p.maximum, *np.arange(p.minimum, p.maximum, max(p.step, 45)).tolist()]
                ),
            )
            for p in named_filter.parameters
        }
    )


any_filter = st.sampled_from(FILTERS).flatmap(lambda one: st.tuples(st.just(one), values_of(one)))


def answer(kernel: npt.NDArray[np.float32], rows: Sequence[Sequence[float]]) -> float:
    """What a kernel makes of a picture of its own size."""
    return float(conv2d(picture(rows), filters(kernel))[0, 0, 0, 0])


def test_filters__have_names_of_their_own() -> None:
    names = {one.name for one in FILTERS}
    assert len(names) == len(FILTERS)
    assert names == SUM_IS_ZERO | SUM_IS_ONE | LINES | PEAK_IS_ONE
    assert all(one.why for one in FILTERS)


@every_filter
def test_parameters__say_their_unit_and_start_within_their_range(named_filter: NamedFilter) -> None:
    for parameter in named_filter.parameters:
        assert parameter.help.startswith(("In degrees", "In cells", "How many times"))
        assert parameter.step > 0
        for size in ((1, 1), (3, 3), (31, 1), (31, 31)):
            assert parameter.minimum <= parameter.at(size).default <= parameter.maximum
        assert parameter.at((5, 5)) == parameter


@every_filter
def test_filters__without_values_take_the_defaults_of_the_size(named_filter: NamedFilter) -> None:
    for size in ((3, 3), (6, 15), (31, 31)):
        defaults = {parameter.name: parameter.at(size).default for parameter in named_filter.parameters}
        assert_same_bits(named_filter(size), named_filter(size, **defaults))


@many
@given(any_filter, sizes)
def test_filters__are_finite_at_every_size_and_value(
    one: tuple[NamedFilter, dict[str, float]], size: Size
) -> None:
    named_filter, values = one
    kernel = named_filter(size, **values)
    assert kernel.shape == size
    assert kernel.dtype == np.float32
    assert not kernel.flags.writeable
    assert np.isfinite(kernel).all()
    assert np.abs(kernel).max() < 20
    assert kernel.any() or min(size) < 3 or named_filter.name == "empty"


@settings(many, max_examples=300)
@given(any_filter, sizes)
def test_filters__sum_to_what_they_do_to_a_flat_picture(
    one: tuple[NamedFilter, dict[str, float]], size: Size
) -> None:
    named_filter, values = one
    total = math.fsum(named_filter(size, **values).flat)
    if named_filter.name in SUM_IS_ONE:
        assert total == pytest.approx(1, abs=2e-5)
    elif named_filter.name not in LINES or min(size) > 1:
        assert total == pytest.approx(0, abs=2e-5)


@many
@given(any_filter, sizes)
def test_filters__have_no_weights_that_only_rounding_made(
    one: tuple[NamedFilter, dict[str, float]], size: Size
) -> None:
    named_filter, values = one
    kernel = named_filter(size, **values)
    weights = np.abs(kernel[kernel != 0])
    assert not weights.size or weights.min() >= 0.99e-9 * weights.max()
    assert not np.signbit(kernel[kernel == 0]).any()


@pytest.mark.parametrize("name", PEAK_IS_ONE)
def test_detectors__have_a_largest_weight_of_one(name: str) -> None:
    for size in ((2, 2), (3, 3), (4, 7), (31, 31)):
        assert np.abs(named(name)(size)).max() == 1


@pytest.mark.parametrize(
    ("name", "bright", "dark"),
    [
        ("edge right", [[0, 0, 1]] * 3, [[1, 0, 0]] * 3),
        ("edge left", [[1, 0, 0]] * 3, [[0, 0, 1]] * 3),
        ("edge down", [[0, 0, 0], [0, 0, 0], [1, 1, 1]], [[1, 1, 1], [0, 0, 0], [0, 0, 0]]),
        ("edge up", [[1, 1, 1], [0, 0, 0], [0, 0, 0]], [[0, 0, 0], [0, 0, 0], [1, 1, 1]]),
    ],
)
def test_edges__answer_to_their_side(name: str, bright: list[list[float]], dark: list[list[float]]) -> None:
    assert answer(named(name)((3, 3)), bright) == 4
    assert answer(named(name)((3, 3)), dark) == -4


def test_lines__answer_to_their_direction() -> None:
    upright, lying = [[0, 1, 0]] * 3, [[0, 0, 0], [1, 1, 1], [0, 0, 0]]
    vertical, horizontal = named("vertical line")((3, 3)), named("horizontal line")((3, 3))
    assert [answer(vertical, upright), answer(vertical, lying)] == [6, 0]
    assert [answer(horizontal, lying), answer(horizontal, upright)] == [6, 0]


# ---------------------------------------------------------------------------------------- finding, refusing


def test_named__an_unknown_name_is_refused() -> None:
    with pytest.raises(ValueError, match="There is no filter called 'canny'"):
        named("canny")


@pytest.mark.parametrize("value", [0.29, 16.1, math.nan, math.inf, -math.inf])
def test_filters__a_value_outside_its_range_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match=r"^Sigma is .*; choose a number from 0\.3 to 16\.$"):
        named("gaussian")((3, 3), sigma=value)


def test_filters__an_unknown_parameter_is_refused() -> None:
    with pytest.raises(ValueError, match="no parameter called 'angle'"):
        named("gaussian")((3, 3), angle=3)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("gauss", "gaussian"),
        ("difference of gaussians", "DoG"),
        ("MEXICAN", "LoG"),
        ("edge  left", "edge left"),
        ("average", "blur"),
        ("wave stripes", "gabor"),
        ("line", "outline"),
    ],
)
def test_found__every_word_counts_wherever_it_stands(text: str, first: str) -> None:
    assert found(text)[0].name == first


def test_found__nothing_typed_is_everything_in_order() -> None:
    assert found("") == found("  ") == FILTERS


def test_found__names_come_before_sentences() -> None:
    names = [one.name for one in found("blur")]
    assert names[:2] == ["blur", "motion blur"]
    assert {"gaussian", "unsharp", "DoG"} <= set(names)
    assert found("blur zebra") == ()
