"""What holds for every layer type. A new type is tested by being in ``LAYER_TYPES``."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

from explorer.document.network_file import network_text, parse_network
from explorer.layers import LAYER_TYPES, Conv2d, Flatten, Layer, Linear, fields
from explorer.layers.fields import FieldError, WeightKind
from explorer.layers.forward import forward
from explorer.layers.layer import ChannelwiseLayer, Shape, replace_field, weights
from explorer.layers.network import Network
from tests.engine.checks import assert_same_bits
from tests.layers.contract import INPUTS, MAPS, VECTOR, numbers, other_value, run, takes, wrong_values

every_type = pytest.mark.parametrize("layer_type", LAYER_TYPES, ids=[t.type_name for t in LAYER_TYPES])
every_input = pytest.mark.parametrize(
    ("layer_type", "shape"), INPUTS, ids=[f"{t.type_name}-{'x'.join(map(str, shape))}" for t, shape in INPUTS]
)
FIELDS = [(t, name, kind) for t in LAYER_TYPES for name, kind in fields.kinds(t).items()]
every_field = pytest.mark.parametrize(
    ("layer_type", "name", "kind"), FIELDS, ids=[f"{t.type_name}-{name}" for t, name, _ in FIELDS]
)
REFUSE_VECTORS = {"Conv2d", "MaxPool2d", "AvgPool2d", "GlobalAvgPool2d", "GlobalMaxPool2d"}


def changed(layer_type: type[Layer], name: str, kind: fields.Kind) -> Layer:
    """A default layer with one field changed."""
    return replace_field(layer_type(), name, other_value(kind, vars(layer_type())[name]))


def through_a_file(layer: Layer) -> Layer:
    """The layer written and read again."""
    return parse_network(network_text(Network((layer,)))).layers[0]


# Description


def test_layer_types__have_names_of_their_own() -> None:
    assert len({layer_type.type_name for layer_type in LAYER_TYPES}) == len(LAYER_TYPES)
    assert len({layer_type.base_name for layer_type in LAYER_TYPES}) == len(LAYER_TYPES)


@every_type
def test_description__is_complete(layer_type: type[Layer]) -> None:
    assert layer_type.type_name == layer_type.__name__
    assert layer_type.base_name
    assert layer_type.group
    assert layer_type.summary
    assert layer_type.dialects
    assert layer_type.__doc__


@every_field
def test_description__every_field_has_label_and_help(
    layer_type: type[Layer], name: str, kind: fields.Kind
) -> None:
    assert kind.label
    assert kind.help
    assert isinstance(kind.more, bool)


@every_type
def test_description__every_field_is_described(layer_type: type[Layer]) -> None:
    undescribed = {field.name for field in dataclasses.fields(layer_type)} - fields.kinds(layer_type).keys()
    assert undescribed <= {"name", "enabled", "filter_names"}


# Construction


@every_type
def test_construction__with_defaults(layer_type: type[Layer]) -> None:
    layer = layer_type()
    assert layer.enabled
    assert layer.name == ""
    for name, kind in fields.kinds(layer_type).items():
        value = vars(layer)[name]
        np.testing.assert_equal(kind.check(value), value)


@every_type
def test_construction__is_final(layer_type: type[Layer]) -> None:
    layer = layer_type()
    for field in dataclasses.fields(layer):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(layer, field.name, None)


@every_field
def test_construction__refuses_wrong_values_by_name(
    layer_type: type[Layer], name: str, kind: fields.Kind
) -> None:
    for wrong in wrong_values(kind):
        with pytest.raises(FieldError) as caught:
            replace_field(layer_type(), name, wrong)
        assert caught.value.field == name
        assert caught.value.message.startswith("must ")
        assert "\n" not in caught.value.message
        assert len(caught.value.message) < 200


@every_type
@pytest.mark.parametrize("name", ["a" * 61, "two\nlines", "\x00", "\ud800", 3, None])
def test_construction__refuses_names_that_no_file_holds(layer_type: type[Layer], name: Any) -> None:
    with pytest.raises(FieldError, match="name") as caught:
        layer_type(name=name)
    assert caught.value.field == "name"


@every_type
def test_construction__enabled_is_true_or_false(layer_type: type[Layer]) -> None:
    for wrong in (0, 1, "true", None):
        with pytest.raises(FieldError) as caught:
            replace_field(layer_type(), "enabled", wrong)
        assert caught.value.field == "enabled"


# Shapes and numbers


@every_input
def test_output_shape__is_what_forward_gives(layer_type: type[Layer], shape: Shape) -> None:
    layer = layer_type()
    if layer_type.type_name in REFUSE_VECTORS and shape == VECTOR:
        assert not takes(layer, shape)
    else:
        y = run(layer, numbers(*shape))
        assert y.shape == layer.output_shape(shape)
        assert y.dtype == np.float32
        assert np.isfinite(y).all()


@every_type
def test_output_shape__holds_for_all_other_parameters(layer_type: type[Layer]) -> None:
    shape = VECTOR if layer_type is Linear else (4, 40, 41)
    for name, kind in fields.kinds(layer_type).items():
        layer = changed(layer_type, name, kind)
        if takes(layer, shape):
            assert run(layer, numbers(*shape)).shape == layer.output_shape(shape)


def test_output_shape__linear_takes_no_maps() -> None:
    assert not takes(Linear(), MAPS)


@every_input
def test_forward__does_not_change_its_input(layer_type: type[Layer], shape: Shape) -> None:
    if takes(layer_type(), shape):
        x = numbers(*shape)
        run(layer_type(), x)
        assert_same_bits(x, numbers(*shape))


@every_input
def test_forward__exact_and_fast_agree(layer_type: type[Layer], shape: Shape) -> None:
    if takes(layer_type(), shape):
        layer, x = layer_type().fit(shape), numbers(1, *shape)
        exact = layer.forward(x)
        np.testing.assert_allclose(layer.forward(x, exact=False), exact, atol=1e-5 * np.abs(exact).max())


@every_input
def test_counts__are_whole_numbers(layer_type: type[Layer], shape: Shape) -> None:
    if takes(layer_type(), shape):
        layer = layer_type()
        assert layer.parameter_count(shape) >= 0
        assert layer.multiply_adds(shape) >= 0
        assert all(isinstance(line, str) and line for line in layer.sentences(shape))


@every_input
def test_parameter_count__is_what_the_fitted_layer_holds(layer_type: type[Layer], shape: Shape) -> None:
    if takes(layer_type(), shape):
        fitted = layer_type().fit(shape)
        held = {name: array for name, array in weights(fitted).items() if array is not None}
        counted = sum(array.size for name, array in held.items() if not name.startswith("running"))
        assert fitted.parameter_count(shape) == counted


# Fitting


@every_input
def test_fit__a_second_time_returns_the_same_object(layer_type: type[Layer], shape: Shape) -> None:
    if takes(layer_type(), shape):
        fitted = layer_type().fit(shape)
        assert fitted.fit(shape) is fitted


@every_input
def test_fit__depends_on_nothing_but_layer_and_shape(layer_type: type[Layer], shape: Shape) -> None:
    if takes(layer_type(), shape):
        first, second = weights(layer_type().fit(shape)), weights(layer_type().fit(shape))
        for name, array in first.items():
            assert_same_bits(array, second[name])


@every_input
def test_fit__changes_no_parameter(layer_type: type[Layer], shape: Shape) -> None:
    if takes(layer_type(), shape):
        layer = layer_type(name="mine")
        assert layer.fit(shape).same_parameters(layer)
        assert layer.fit(shape).name == "mine"


@every_input
def test_weights__are_read_only(layer_type: type[Layer], shape: Shape) -> None:
    if takes(layer_type(), shape):
        for array in weights(layer_type().fit(shape)).values():
            assert not array.flags.writeable
            assert array.flags.c_contiguous
            assert array.dtype == np.float32


@every_field
def test_weights__are_copied_from_who_may_still_write(
    layer_type: type[Layer], name: str, kind: fields.Kind
) -> None:
    if isinstance(kind, WeightKind):
        mine = np.abs(numbers(*[3] * kind.dimensions))
        layer = replace_field(layer_type(), name, mine)
        before = mine.copy()
        mine += 1
        assert_same_bits(vars(layer)[name], before)


# Files


@every_type
def test_file__holds_the_defaults(layer_type: type[Layer]) -> None:
    again = through_a_file(layer_type(name="mine", enabled=False))
    assert type(again) is layer_type
    assert again.name == "mine"
    assert not again.enabled
    assert again.same_parameters(layer_type())


@every_field
def test_file__holds_every_parameter(layer_type: type[Layer], name: str, kind: fields.Kind) -> None:
    if not isinstance(kind, WeightKind):
        layer = changed(layer_type, name, kind)
        assert through_a_file(layer).config() == layer.config()
        assert through_a_file(layer).config() != layer_type().config()


@every_input
def test_file__holds_every_bit_of_the_weights(layer_type: type[Layer], shape: Shape) -> None:
    if takes(layer_type(), shape):
        fitted = layer_type().fit(shape)
        again = through_a_file(fitted)
        for name, array in weights(fitted).items():
            assert_same_bits(weights(again)[name], array)


# Comparison


@every_type
def test_computes_like__ignores_the_name(layer_type: type[Layer]) -> None:
    layer = layer_type()
    assert layer.computes_like(dataclasses.replace(layer, name="another"))


@every_type
def test_computes_like__sees_the_bypass(layer_type: type[Layer]) -> None:
    layer = layer_type()
    assert not layer.computes_like(dataclasses.replace(layer, enabled=False))


@every_field
def test_computes_like__sees_every_field(layer_type: type[Layer], name: str, kind: fields.Kind) -> None:
    assert not layer_type().computes_like(changed(layer_type, name, kind))


@every_type
def test_computes_like__tells_types_apart(layer_type: type[Layer]) -> None:
    layer = layer_type()
    others = [other() for other in LAYER_TYPES if other is not layer_type]
    assert not any(layer.computes_like(other) or layer.same_parameters(other) for other in others)


@every_type
def test_layers__are_compared_by_identity(layer_type: type[Layer]) -> None:
    assert layer_type() != layer_type()


# What changes


def differing(before: np.ndarray, after: np.ndarray) -> set[int]:
    """The channels in which two outputs differ."""
    return {c for c in range(len(before)) if before[c].tobytes() != after[c].tobytes()}


@every_input
def test_changed_channels__covers_every_channel_that_changes(layer_type: type[Layer], shape: Shape) -> None:
    if not takes(layer_type(), shape):
        return
    layer = layer_type().fit(shape)
    x = numbers(*shape)
    touched = x.copy()
    touched[2] += 1
    actual = differing(run(layer, x), run(layer, touched))
    stated = layer.changed_channels(layer, frozenset({2}))
    assert stated is None or actual <= stated
    if isinstance(layer, ChannelwiseLayer):
        assert stated == frozenset({2})


@every_field
def test_changed_channels__covers_every_edit(layer_type: type[Layer], name: str, kind: fields.Kind) -> None:
    shape = VECTOR if layer_type is Linear else (4, 40, 41)
    before, after = layer_type(), changed(layer_type, name, kind)
    if not takes(after, shape) or after.output_shape(shape) != before.output_shape(shape):
        return
    before, after = before.fit(shape), after.fit(shape)
    x = numbers(*shape)
    stated = after.changed_channels(before, frozenset())
    assert stated is None or differing(run(before, x), run(after, x)) <= stated


@every_type
def test_partial__recomputation_has_the_bits_of_a_full_one(layer_type: type[Layer]) -> None:
    painted = Conv2d(name="painted", out_channels=5).fit((4, 9, 11))
    assert painted.weight is not None
    weight = painted.weight.copy()
    weight[3, 1, 0] += 1
    tail: tuple[Layer, ...] = (Flatten(), Linear()) if layer_type is Linear else (layer_type(),)
    x = numbers(1, 4, 9, 11)
    before = forward(Network((painted, *tail)), x)
    edited = Network((painted.with_weight(weight), *before.network.layers[1:]))
    partial, full = forward(edited, x, before), forward(edited, x)
    assert len(partial.outputs) == len(edited.layers)
    for ours, theirs in zip(partial.outputs, full.outputs, strict=True):
        assert_same_bits(ours, theirs)
        assert not ours.flags.writeable


@every_type
def test_partial__a_rename_recomputes_nothing(layer_type: type[Layer]) -> None:
    head: tuple[Layer, ...] = (Flatten(),) if layer_type is Linear else ()
    x = numbers(1, 4, 9, 11)
    before = forward(Network((*head, layer_type())), x)
    layers = before.network.layers
    renamed = Network((*layers[:-1], dataclasses.replace(layers[-1], name="renamed")))
    after = forward(renamed, x, before)
    assert all(a is b for a, b in zip(after.outputs, before.outputs, strict=True))
    assert after.layers[-1].name == "renamed"
