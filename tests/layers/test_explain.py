"""Where a value comes from: the numbers add up to it, and each is where the explanation says."""

from __future__ import annotations

import csv
import dataclasses
import io
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from explorer.layers import (
    ELU,
    GELU,
    LAYER_TYPES,
    AvgPool2d,
    BatchNorm2d,
    Conv2d,
    Flatten,
    GlobalAvgPool2d,
    GlobalMaxPool2d,
    Layer,
    LeakyReLU,
    Linear,
    MaxPool2d,
    ReLU,
    Sigmoid,
    SiLU,
    Softmax,
    Softplus,
    Tanh,
    fields,
)
from explorer.layers.explanation import Explanation, Source, explain, origin
from explorer.layers.fields import Array
from explorer.layers.forward import ForwardPass, forward
from explorer.layers.layer import ElementwiseLayer, Shape, replace_field
from explorer.layers.network import Network
from tests.layers.contract import INPUTS, numbers, other_value, takes

many = settings(max_examples=150, deadline=None, derandomize=True, database=None)
every_input = pytest.mark.parametrize(
    ("layer_type", "shape"), INPUTS, ids=[f"{t.type_name}-{'x'.join(map(str, shape))}" for t, shape in INPUTS]
)


def variants(layer_type: type[Layer], shape: Shape) -> Iterator[Layer]:
    """A layer as it is, switched off, and with each parameter changed, as far as it takes the input."""
    plain = layer_type()
    changes = [plain, dataclasses.replace(plain, enabled=False)]
    for name, kind in fields.kinds(layer_type).items():
        changes.append(replace_field(plain, name, other_value(kind, vars(plain)[name])))
    if isinstance(plain, Conv2d):
        changes.append(Conv2d(groups=2, padding=(1, 1)).with_bias_values(numbers(8)))
    if isinstance(plain, AvgPool2d):
        changes.append(AvgPool2d(kernel_size=(3, 2), padding=(1, 0, 0, 1), ceil_mode=True))
        changes.append(AvgPool2d(kernel_size=(3, 3), padding=(1, 1), count_include_pad=False))
    if isinstance(plain, BatchNorm2d):
        vector = numbers(shape[0])
        changes.append(
            BatchNorm2d(running_mean=vector, running_var=vector**2, weight=-vector, bias_values=vector)
        )
    for layer in changes:
        if not layer.enabled or takes(layer, shape):
            yield layer


def places(y: Array) -> list[tuple[int, int, int]]:
    """Every output, as it is asked for."""
    return list(np.ndindex(*y.shape[1:])) if y.ndim == 4 else [(0, i, 0) for i in range(y.shape[1])]


def total(made: Explanation) -> float:
    """Everything shown, added up."""
    return math.fsum([*(term.product for term in made.terms), made.rest, made.bias])


def assert_adds_up(
    result: ForwardPass, index: int, place: tuple[int, int, int], most: int = 9
) -> Explanation:
    """The explanation, after a look at its sum."""
    made = explain(result, index, *place, most=most)
    y = result.outputs[index]
    assert made.value == (y[(0, *place)] if y.ndim == 4 else y[0, place[1]])
    if made.value != -np.inf:
        assert abs(total(made) - made.value) <= 1e-5 * np.abs(y[np.isfinite(y)]).max(initial=0.0)
    assert made.words
    assert "\n" not in made.words + made.text()
    return made


# The sum


@every_input
def test_explain__adds_up_to_the_output(layer_type: type[Layer], shape: Shape) -> None:
    x = numbers(1, *shape)
    for layer in variants(layer_type, shape):
        result = forward(Network((layer,)), x)
        for place in places(result.outputs[0]):
            made = assert_adds_up(result, 0, place)
            assert len(made.terms) + made.rest_count >= 1
            assert made.rest_count == 0 or len(made.terms) in (9, 10)


@every_input
def test_explain__every_kind_of_layer_is_known(layer_type: type[Layer], shape: Shape) -> None:
    if not takes(layer_type(), shape):
        return
    made = explain(forward(Network((layer_type(),)), numbers(1, *shape)), 0, 0, 0, 0)
    kinds = {
        Conv2d: "sum",
        Linear: "sum",
        MaxPool2d: "maximum",
        GlobalMaxPool2d: "maximum",
        AvgPool2d: "mean",
    }
    kinds |= {GlobalAvgPool2d: "mean", Softmax: "softmax", BatchNorm2d: "normalised", Flatten: "same"}
    assert made.kind == kinds.get(layer_type, "function")


PAIRS = st.tuples(st.integers(1, 3), st.integers(1, 3))
ACTIVATIONS = [layer_type for layer_type in LAYER_TYPES if issubclass(layer_type, ElementwiseLayer)]


@st.composite
def layers(draw: st.DrawFn) -> Layer:
    """Any layer of maps."""
    size, stride = draw(PAIRS), draw(PAIRS)
    padding: Any = draw(st.one_of(st.just("same"), st.tuples(*[st.integers(0, 2)] * 4)))
    kind = draw(
        st.sampled_from(["convolution", "convolution", "maximum", "mean", "activation", "other", "off"])
    )
    if kind in ("convolution", "off"):
        filters = draw(st.integers(1, 4))
        layer = Conv2d(
            out_channels=filters,
            kernel_size=size,
            stride=stride,
            padding=padding,
            dilation=draw(PAIRS),
            seed=draw(st.integers(0, 9)),
            bias=draw(st.booleans()),
            enabled=kind != "off",
        )
        return layer.with_bias_values(numbers(filters))
    if kind == "maximum":
        return MaxPool2d(kernel_size=size, stride=stride, padding=padding, ceil_mode=draw(st.booleans()))
    if kind == "mean":
        return AvgPool2d(
            kernel_size=size,
            stride=stride,
            padding=padding,
            ceil_mode=draw(st.booleans()),
            count_include_pad=draw(st.booleans()),
        )
    if kind == "activation":
        return draw(st.sampled_from(ACTIVATIONS))()
    return draw(st.sampled_from([Softmax(), BatchNorm2d(running_mean=numbers(2), weight=numbers(2, seed=1))]))


TAILS: list[tuple[Layer, ...]] = [
    (),
    (GlobalAvgPool2d(), Flatten(), Linear(out_features=3), Softmax()),
    (Flatten(), Linear(out_features=4, seed=2), ReLU(), Linear(out_features=3), Softmax()),
    (GlobalMaxPool2d(), Sigmoid()),
]


@many
@given(
    st.lists(layers(), max_size=3), st.sampled_from(TAILS), st.integers(4, 10), st.integers(4, 10), st.data()
)
def test_explain__adds_up_through_any_network(
    head: list[Layer], tail: tuple[Layer, ...], rows: int, columns: int, data: st.DataObject
) -> None:
    result = forward(Network((*head, *tail)), numbers(1, 3, rows, columns))
    assume(result.outputs)
    for index, y in enumerate(result.outputs):
        place = data.draw(st.sampled_from(places(y)))
        assert_adds_up(result, index, place, most=data.draw(st.integers(1, 12)))


# The places


@every_input
def test_explain__nothing_else_changes_the_output(layer_type: type[Layer], shape: Shape) -> None:
    small = (shape[0], 4, 5) if len(shape) == 3 else shape
    x = numbers(1, *small)
    for layer in variants(layer_type, small):
        result = forward(Network((layer,)), x)
        running = result.layers[0]
        asked = places(result.outputs[0])[::7]
        explanations = [explain(result, 0, *place, most=1000) for place in asked]
        sources = [{term.source: term for term in made.terms} for made in explanations]
        for where in np.ndindex(*small):
            source = Source(*where) if len(small) == 3 else Source(0, where[0], 0)
            changed = np.array(x)
            changed[(0, *where)] += 0.25
            y = running.forward(changed) if running.enabled else changed
            for made, terms in zip(explanations, sources, strict=True):
                place = made.place
                new = y[0, place.channel, place.row, place.column] if y.ndim == 4 else y[0, place.row]
                if source not in terms:
                    assert new == made.value
                    continue
                term = terms[source]
                assert term.value == x[(0, *where)]
                if made.kind in ("sum", "mean", "normalised"):
                    assert term.weight is not None
                    assert new == pytest.approx(made.value + 0.25 * term.weight, abs=1e-4)
                elif made.kind == "maximum":
                    largest = max(t.value for t in made.terms)
                    assert new == max(
                        largest if not (term.wins and made.ties == 0) else -9, term.value + 0.25
                    )
                elif made.kind == "same":
                    assert new == term.value + 0.25


def test_explain__a_number_behind_flatten_leads_to_its_pixel() -> None:
    layers = (Conv2d(out_channels=2), ReLU(), Conv2d(enabled=False), Flatten(), Linear(out_features=3))
    result = forward(Network(layers), numbers(1, 1, 5, 6))
    made = explain(result, 4, 0, 1, 0, most=24)
    assert len(made.terms) == 24
    for term in made.terms:
        assert term.source is not None
        index, place = origin(result, 4, term.source)
        assert index == 1
        assert result.outputs[1][0, place.channel, place.row, place.column] == term.value
        flat = explain(result, 3, 0, term.source.row, 0)
        assert flat.terms[0].source == place
    assert [channel for channel, _ in made.subtotals] == [0, 1]
    assert sum(total for _, total in made.subtotals) == pytest.approx(made.value, abs=1e-5)
    first = forward(Network((Flatten(),)), numbers(1, 1, 5, 6))
    assert origin(first, 1, Source(0, 7, 0)) == (-1, Source(0, 1, 1))


def test_explain__kernel_places_are_those_of_the_filter() -> None:
    layer = Conv2d(out_channels=4, groups=2, kernel_size=(2, 3), padding=(1, 1))
    result = forward(Network((layer,)), numbers(1, 4, 5, 6))
    running = result.layers[0]
    assert isinstance(running, Conv2d)
    assert running.weight is not None
    made = explain(result, 0, 3, 0, 0)
    for term in made.terms:
        assert term.kernel is not None
        assert term.weight == running.weight[(3, *term.kernel)]
    assert [term.source for term in made.terms[:5]] == [None, None, None, None, Source(2, 0, 0)]
    assert [channel for channel, _ in made.subtotals] == [2, 3]
    assert "8 of them zeros of the padding" in made.words


def test_explain__of_many_terms_shows_the_largest_first() -> None:
    layer = Linear(out_features=1, weight=np.arange(-50, 50, dtype=np.float32).reshape(1, 100))
    result = forward(Network((layer,)), np.ones((1, 100), np.float32))
    made = explain(result, 0, 0, 0, 0, most=3)
    assert [term.product for term in made.terms] == [-50, -49, 49]
    assert (made.rest_count, made.rest, made.value) == (97, 0, -50)
    assert made.text() == "1*(-50) + 1*(-49) + 1*49 + 0 (97 more) = -50"


def test_explain__finds_the_largest_of_a_million() -> None:
    x, weight = numbers(1, 1_000_000), numbers(1, 1_000_000, seed=1)
    result = forward(Network((Linear(out_features=1, weight=weight),)), x)
    made = assert_adds_up(result, 0, (0, 0, 0))
    products = np.abs(x[0].astype(np.float64) * weight[0])
    assert [abs(term.product) for term in made.terms] == np.sort(products)[:-10:-1].tolist()


def test_explain__of_what_is_not_there_raises() -> None:
    result = forward(Network((Conv2d(out_channels=2),)), numbers(1, 1, 5, 5))
    for place in ((0, 3, 0), (0, 0, 3), (2, 0, 0), (-1, 0, 0), (0, -1, 0)):
        with pytest.raises(IndexError):
            explain(result, 0, *place)
    for index in (1, -1):
        with pytest.raises(IndexError):
            explain(result, index, 0, 0, 0)


# Each kind


def made_of(layer: Layer, rows: Any, row: int = 0, column: int = 0) -> Explanation:
    """One value of a layer that sees one map."""
    x = np.array(rows, np.float32)[np.newaxis, np.newaxis]
    return explain(forward(Network((layer,)), x), 0, 0, row, column)


def kernel(rows: Any) -> Conv2d:
    """A convolution of one kernel."""
    weight = np.array([[rows]], np.float32)
    return Conv2d(out_channels=1, kernel_size=(weight.shape[2], weight.shape[3]), weight=weight)


def test_explain__the_grid_of_the_tutorial_is_444() -> None:
    made = made_of(
        kernel([[1, 0, 1], [1, 1, 0], [0, 0, 0]]), [[88, 126, 145], [86, 125, 142], [85, 124, 141]]
    )
    assert made.value == 444
    assert made.text() == "88*1 + 126*0 + 145*1 + 86*1 + 125*1 + 142*0 + 85*0 + 124*0 + 141*0 = 444"
    assert made.words == "Filter 0 adds up 9 products, 1 channel of 3×3."
    assert made.subtotals == ((0, 444.0),)


def test_explain__the_cross_of_the_tutorial_sums_to_1() -> None:
    made = made_of(kernel([[1, 1, 1], [-1, -1, -1], [1, 1, 1]]), [[-1, 1, 1], [1, -1, 1], [1, 1, -1]])
    assert [term.product for term in made.terms] == [-1, 1, 1, -1, 1, -1, 1, 1, -1]
    assert made.text().endswith(" = 1")
    assert made.text().startswith("(-1)*1 + 1*1 + 1*1 + 1*(-1) + (-1)*(-1) + ")


def test_explain__three_planes_and_a_bias() -> None:
    layer = Conv2d(
        out_channels=1, weight=np.ones((1, 3, 3, 3), np.float32), bias_values=np.array([0.5], np.float32)
    )
    x = np.ones((1, 3, 4, 4), np.float32) * np.array([1, 2, 3], np.float32)[:, None, None]
    made = explain(forward(Network((layer,)), x), 0, 0, 1, 1)
    assert made.subtotals == ((0, 9.0), (1, 18.0), (2, 27.0))
    assert (made.bias, made.value, len(made.terms)) == (0.5, 54.5, 27)
    assert made.text().endswith(" + 3*1 + 0.5 (bias) = 54.5")
    assert made.words == "Filter 0 adds up 27 products, 3 channels of 3×3, and its bias 0.5."


def test_explain__a_maximum_marks_its_winners() -> None:
    made = made_of(MaxPool2d(), [[1, 4], [4, -4]])
    assert [term.wins for term in made.terms] == [False, True, True, False]
    assert [term.product for term in made.terms] == [0, 4, 0, 0]
    assert made.ties == 1
    assert made.text() == "max(1, 4, 4, -4) = 4"
    assert made.words == "The largest of 4 values is 4, in row 0, column 1; 1 other is as large."
    large = made_of(GlobalMaxPool2d(), np.arange(100).reshape(10, 10))
    assert large.terms[0].source == Source(0, 9, 9)
    assert large.rest_count == 91
    assert large.text() == "max(99, 98, 97, 96, 95, 94, 93, 92, 91, 91 more) = 99"


def test_explain__padding_never_wins() -> None:
    made = made_of(MaxPool2d(ceil_mode=True), -np.ones((3, 3)), 1, 1)
    assert (made.value, len(made.terms), made.ties) == (-1, 1, 0)
    assert made.words.endswith("3 places outside the input cannot win.")
    nothing = made_of(MaxPool2d(stride=(1, 1), padding=(1, 1), dilation=(2, 2)), [[1.0]])
    assert (nothing.terms, nothing.value, total(nothing)) == ((), -np.inf, -np.inf)
    assert nothing.text() == "max(padding only) = -inf"


@pytest.mark.parametrize(
    ("parameters", "place", "text"),
    [
        ({"padding": (1, 1)}, (0, 0), "(0 + 0 + 0 + 1) / 4 = 0.25"),
        ({"padding": (1, 1)}, (1, 0), "(0 + 1 + 0 + 1) / 4 = 0.5"),
        ({"padding": (1, 1), "count_include_pad": False}, (0, 0), "(1) / 1 = 1"),
        ({"padding": "same"}, (1, 1), "(1) / 1 = 1"),
        ({"ceil_mode": True}, (0, 1), "(1 + 1) / 2 = 1"),
    ],
)
def test_explain__a_mean_has_the_right_divisor(
    parameters: dict[str, Any], place: tuple[int, int], text: str
) -> None:
    assert made_of(AvgPool2d(**parameters), np.ones((3, 3)), *place).text() == text


def test_explain__a_mean_of_a_whole_map() -> None:
    made = made_of(GlobalAvgPool2d(), np.arange(100).reshape(10, 10))
    assert made.divisor == 100
    assert made.terms[0].weight == 0.01
    assert made.text().endswith(" + 91 + 4095 (91 more)) / 100 = 49.5")


@pytest.mark.parametrize(
    ("layer", "value", "text"),
    [
        (ReLU(), -3.5, "max(0, -3.5) = 0"),
        (ReLU(), 2, "max(0, 2) = 2"),
        (LeakyReLU(negative_slope=0.5), -3, "max(-3, 0.5 * (-3)) = -1.5"),
        (Sigmoid(), 0, "1 / (1 + exp(-0)) = 0.5"),
        (Sigmoid(), -2, "1 / (1 + exp(-(-2))) = 0.1192029"),
        (Tanh(), 0.5, "tanh(0.5) = 0.4621172"),
        (ELU(), -1, "max(0, -1) + 1 * (exp(min(0, -1)) - 1) = -0.6321206"),
        (SiLU(), 1, "1 / (1 + exp(-1)) = 0.7310586"),
        (Softplus(), 0, "log(1 + exp(0)) = 0.6931472"),
        (Softplus(), 21, "21 as it is, for it is above 20 = 21"),
        (GELU(), 0, "0 * 0.5 (the share of a normal distribution below 0) = 0"),
        (GELU(approximate="tanh"), 0, "0.5 * 0 * (1 + tanh(0.7978846 * (0 + 0.044715 * 0^3))) = 0"),
        (ReLU(enabled=False), -2, "-2 = -2"),
    ],
    ids=str,
)
def test_explain__a_function_with_its_number(layer: Layer, value: float, text: str) -> None:
    formula, _, value_text = made_of(layer, [[value]]).text().rpartition(" = ")
    wanted, _, wanted_value = text.rpartition(" = ")
    assert formula == wanted
    assert float(value_text) == pytest.approx(float(wanted_value), abs=1e-6)


def test_explain__a_function_in_words_has_few_digits() -> None:
    assert made_of(ReLU(), [[-3.4]]).words == "max(0, −3.4) = 0"
    assert made_of(LeakyReLU(), [[-3.4]]).words == "max(−3.4, 0.01 × (−3.4)) = −0.034"


def test_explain__batch_normalisation_with_its_numbers() -> None:
    one, two = np.array([1], np.float32), np.array([2], np.float32)
    layer = BatchNorm2d(running_mean=-one, running_var=two * two, weight=two, bias_values=-one, eps=0.0)
    made = made_of(layer, [[3.0]])
    assert made.text() == "(3 - (-1)) / sqrt(4 + 0) * 2 + (-1) = 3"
    assert (made.terms[0].product, made.bias) == (4, -1)
    assert made.words == "(3 − (−1)) / √(4 + 0) × 2 + (−1) = 3"


def test_explain__softmax_shows_its_shares() -> None:
    x = np.array([[1, 3, 2]], np.float32)
    made = explain(forward(Network((Softmax(),)), x), 0, 0, 0, 0)
    assert made.text() == "exp(1 - 3) / (exp(1 - 3) + exp(3 - 3) + exp(2 - 3)) = 0.09003057"
    assert [term.weight for term in made.terms] == pytest.approx([math.exp(-2), 1, math.exp(-1)])
    assert made.divisor == pytest.approx(1 + math.exp(-1) + math.exp(-2))
    large = np.array([[1000, -1000]], np.float32)
    assert explain(forward(Network((Softmax(),)), large), 0, 0, 0, 0).value == 1


def test_explain__softmax_of_many_channels_shows_its_own() -> None:
    x = np.linspace(0, 9.9, 100, dtype=np.float32).reshape(1, 100, 1, 1)
    made = explain(forward(Network((Softmax(),)), x), 0, 5, 0, 0)
    assert made.terms[-1].source == Source(5, 0, 0)
    assert (len(made.terms), made.rest_count) == (10, 90)
    assert " (90 more)) = " in made.text()


def test_explain__numbers_that_are_none_or_endless() -> None:
    bad = [[np.nan, 1, np.inf], [2, 3, -np.inf], [1, 1, 1]]
    for layer_type in LAYER_TYPES:
        if layer_type is Linear:
            continue
        layer = layer_type(enabled=True)
        if isinstance(layer, Conv2d):
            layer = Conv2d(padding=(1, 1))
        x: Array = np.array([[bad]], np.float32)
        result = forward(Network((layer,)), x)
        for place in places(result.outputs[0]):
            made = explain(result, 0, *place)
            assert made.words
            assert made.text()
            assert made.csv()
            np.testing.assert_allclose(total_of_any(made), made.value, rtol=1e-5, atol=1e-6)


def total_of_any(made: Explanation) -> float:
    """Everything added up, NaN and infinities as well."""
    with np.errstate(all="ignore"):
        return float(np.sum([*(term.product for term in made.terms), made.rest, made.bias]))


def test_csv__lists_the_terms_with_their_places() -> None:
    layer = dataclasses.replace(
        kernel([[1, 2], [3, 4]]), padding=(1, 1), bias_values=np.array([5], np.float32)
    )
    made = made_of(layer, [[0.1, 7], [8, 9]])
    table = list(csv.reader(io.StringIO(made.csv())))
    assert table[0][:4] == ["term", "channel", "row", "column"]
    assert table[1] == ["0 (padding)", "", "", "", "0", "0", "0", "0.0", "1.0", "0.0"]
    value = float(np.float32(0.1))
    assert table[4] == ["3", "0", "0", "0", "0", "1", "1", str(value), "4.0", str(4 * value)]
    assert table[5] == ["bias", *[""] * 8, "5.0"]
    assert table[6] == ["value", *[""] * 8, str(made.value)]
    large = made_of(GlobalAvgPool2d(), np.ones((10, 10))).csv().splitlines()
    assert large[-2].startswith("91 more,")
    assert float(large[-2].rpartition(",")[2]) == pytest.approx(0.91)
