"""What the register block is told: words in memory, in the order of the fields of :class:`Call`."""

from __future__ import annotations

from dataclasses import dataclass, fields

from explorer.jit.vector import Value


@dataclass(frozen=True)
class Call:
    """bias + sum of weight * x over the taps, or if ``added`` what lies ``old`` bytes off + that; ``turns`` times.

    Addresses, distances in bytes, counts. ``offsets`` are int32, in bytes. ``x_row``, ``y_row``, ``weight_filter`` and
    ``y_filter`` lead from one output row, or filter, to the next; ``x_turn``, ``weight_turn``, ``bias_turn`` and
    ``y_turn`` to the next turn. Of the last vector of each row ``last`` numbers are written, but all of them are read.
    ``streamed`` writes past the cache; rows must then begin at whole vectors and be whole. ``number`` is that of a
    block.
    """

    x: Value
    weight: Value
    bias: Value
    y: Value
    number: Value
    last: Value
    streamed: Value
    offsets: Value
    taps: Value
    x_row: Value
    y_row: Value
    weight_filter: Value
    y_filter: Value
    added: Value
    old: Value
    turns: Value
    x_turn: Value
    weight_turn: Value
    bias_turn: Value
    y_turn: Value


_names = [field.name for field in fields(Call)]

# Places of the words; a kernel reads them as constants.
X, WEIGHT, BIAS, Y = map(_names.index, ("x", "weight", "bias", "y"))
NUMBER, LAST, STREAMED = map(_names.index, ("number", "last", "streamed"))
OFFSETS, TAPS, ADDED, OLD = map(_names.index, ("offsets", "taps", "added", "old"))
X_ROW, Y_ROW, WEIGHT_FILTER, Y_FILTER = map(_names.index, ("x_row", "y_row", "weight_filter", "y_filter"))
TURNS, X_TURN, WEIGHT_TURN = map(_names.index, ("turns", "x_turn", "weight_turn"))
BIAS_TURN, Y_TURN = map(_names.index, ("bias_turn", "y_turn"))
