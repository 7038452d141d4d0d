"""The kinds of fields: normal forms, limits and JSON."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from explorer.layers import fields
from explorer.layers.fields import FieldError

SIZE = fields.SizeKind("Size", "A size", maximum=31)
PADDING = fields.PaddingKind("Padding", "A padding")
WEIGHTS = fields.WeightKind("Weights", "Numbers", dimensions=2)
FRACTION = fields.FloatKind("Slope", "A slope", minimum=0.0, maximum=1.0)


@pytest.mark.parametrize(
    ("given", "normal", "written"),
    [(3, (3, 3), 3), ((3, 5), (3, 5), [3, 5]), ([3, 3], (3, 3), 3), (np.int64(2), (2, 2), 2)],
)
def test_size__is_a_pair(given: Any, normal: Any, written: Any) -> None:
    assert SIZE.check(given) == normal
    assert SIZE.to_json(normal) == written
    assert SIZE.check(json.loads(json.dumps(written))) == normal


def test_size__optional_may_be_absent() -> None:
    optional = fields.SizeKind("Stride", "A stride", absent="window")
    assert optional.check(None) is None
    assert optional.to_json(None) is None


@pytest.mark.parametrize(
    ("given", "normal", "written"),
    [
        (0, (0, 0), 0),
        ("valid", "valid", "valid"),
        ("same", "same", "same"),
        ([1, 2], (1, 2), [1, 2]),
        ((1, 1, 2, 2), (1, 2), [1, 2]),
        ((1, 1, 1, 1), (1, 1), 1),
        ([0, 1, 0, 1], (0, 1, 0, 1), [0, 1, 0, 1]),
        ([1, 2, 1, 2], (1, 2, 1, 2), [1, 2, 1, 2]),
    ],
)
def test_padding__has_one_normal_form(given: Any, normal: Any, written: Any) -> None:
    assert PADDING.check(given) == normal
    assert PADDING.to_json(normal) == written
    assert PADDING.check(json.loads(json.dumps(written))) == normal


@pytest.mark.parametrize(
    ("kind", "value", "message"),
    [
        (SIZE, 0, "must be at least 1, is 0"),
        (SIZE, (3, 32), "must be at most 31, is 32"),
        (SIZE, True, "must be a whole number, is true"),
        (SIZE, 1.5, "must be a whole number, is 1.5"),
        (SIZE, "3", 'must be a whole number, is "3"'),
        (SIZE, [1, 2, 3], "must be one number or [vertical, horizontal], has 3 numbers"),
        (PADDING, -1, "must be at least 0, is -1"),
        (PADDING, "full", 'must be "valid", "same" or whole numbers, is "full"'),
        (
            PADDING,
            [1],
            "must be one number, [vertical, horizontal] or [top, bottom, left, right], is a list of 1",
        ),
        (FRACTION, 1.5, "must be at most 1, is 1.5"),
        (FRACTION, -0.5, "must be at least 0, is -0.5"),
        (FRACTION, float("nan"), "must be finite, is nan"),
        (FRACTION, 10**400, "must be finite, is a number of 401 digits"),
        (FRACTION, False, "must be a number, is false"),
        (WEIGHTS, [1.0], "must be nested 2 deep, is 1 deep"),
        (WEIGHTS, [[1.0], [1.0, 2.0]], "must have rows of one length"),
        (WEIGHTS, [[True]], "must be numbers"),
        (WEIGHTS, [[1e39]], "must be finite numbers"),
        (WEIGHTS, [[]], "must not be empty, its shape is [1, 0]"),
    ],
)
def test_check__says_what_is_wrong(kind: fields.Kind, value: Any, message: str) -> None:
    with pytest.raises(ValueError) as caught:
        kind.check(value)
    assert str(caught.value) == message


def test_check__shortens_what_is_long() -> None:
    with pytest.raises(ValueError) as caught:
        SIZE.check("x" * 1000)
    assert str(caught.value).endswith("…")
    assert len(str(caught.value)) < 80


def test_weights__are_float32_and_read_only() -> None:
    result = WEIGHTS.check([[1, 2], [3, 4]])
    assert result is not None
    assert result.dtype == np.float32
    assert not result.flags.writeable
    assert WEIGHTS.check(result) is result


def test_field_error__names_its_field() -> None:
    error = FieldError("stride", "must be at least 1, is 0")
    assert str(error) == "stride: must be at least 1, is 0"
    assert (error.field, error.message) == ("stride", "must be at least 1, is 0")


def test_check_text__takes_any_script() -> None:
    assert fields.check_text("Kanten → 縁 😀") == "Kanten → 縁 😀"
